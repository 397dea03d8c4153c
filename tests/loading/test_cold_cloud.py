"""A cloud that falls, is guided, caught and cooled: closed forms, limits, conservation."""

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const
from scipy.integrate import solve_ivp

from atomcavity.errors import InputError
from atomcavity.loading.cloud import FATES, ColdCloud, fill_sites
from atomcavity.loading.lattice import Lattice
from atomcavity.loading.sideband_cooling import SidebandCooling
from atomcavity.results import load
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import HarmonicWell
from atomcavity.traps.site import sites_along

MASS = 132.905451961 * const.atomic_mass
ALPHA = 5e-38
DEPTH = 4.68e6 * const.h
SPACING = 467.5e-9
NOTHING = HarmonicWell(MASS, (0.0, 0.0, 0.0))
CLOUD = ColdCloud(MASS, 8000.0, 20e-6, 100e-6, (5e-6, 5e-6, 50e-6))
COOLING = SidebandCooling(1e3, 10e-3, 20e-6, 852.35e-9, math.radians(4.75), heating=0.03)
STRONG = replace(COOLING, rate=1e12, heating=0.0)


def belt(phase=0.0, ratio=0.7, waists=(2e-6, 10e-6)):
    peak = math.sqrt(4 * DEPTH / ALPHA)
    top = GaussianBeam(peak, 2 * SPACING, waists[0], upwards=False)
    return ConveyorBelt(top, GaussianBeam(ratio * peak, 2 * SPACING, waists[1]), ALPHA, phase=phase)


@pytest.fixture(scope="module")
def filling():
    return fill_sites(CLOUD, belt(), 5e-3, COOLING, count=6000)


def test_a_free_cloud_falls_and_spreads_by_newtons_law():
    high, time = replace(CLOUD, height=1e-2), 5e-3
    found = high.fall(NOTHING, time, count=20_000)
    z, x = found.position[:, -1, 2], found.position[:, -1, 0]
    speed = math.sqrt(const.k * CLOUD.temperature / MASS)
    tall, wide = (math.hypot(high.size[k], speed * time) for k in (2, 0))
    assert z.mean() - (high.height - const.g * time**2 / 2) == pytest.approx(
        0, abs=4 * tall / math.sqrt(len(z))
    )
    assert z.std() == pytest.approx(tall, rel=0.02)
    assert x.std() == pytest.approx(wide, rel=0.02)


def test_atoms_below_the_chip_are_lost():
    found = CLOUD.fall(NOTHING, 5e-3, count=2000)
    assert np.all(found.position[found.ending == 0, -1, 2] > 0)
    free = CLOUD.atoms(2000)
    start = free.position[:, 2]
    end = start + free.velocity[:, 2] * 5e-3 - const.g * 25e-6 / 2
    assert np.array_equal(found.ending == 1, np.minimum(start, end) < 0)


def test_the_bottom_beam_guides_and_keeps_the_energy():
    guide = replace(belt(), power=0.0)
    found = replace(CLOUD, height=300e-6).fall(guide, 2e-3, count=300, samples=21)
    kept = found.energy[found.ending == 0]
    assert np.abs(kept - kept[:, :1]).max() < 1e-4 * 0.49 * DEPTH
    guided = np.hypot(*found.position[:, -1, :2].T) < 20e-6
    assert guided.mean() > 0.3


def test_the_guides_radial_motion_is_harmonic_near_the_axis():
    waist, depth = 10e-6, 0.49 * DEPTH
    cold = ColdCloud(MASS, 1.0, 1e-12, 1e-6, (0.2e-6, 0.2e-6, 0.1e-6))
    omega = math.sqrt(4 * depth / (MASS * waist**2))
    start = cold.atoms(500).position[:, 0].std()
    for part, factor in ((0.25, 0.0), (0.5, -1.0)):
        found = cold.fall(replace(belt(), power=0.0), part * 2 * math.pi / omega, count=500)
        inside = found.ending == 0
        slope = np.polyfit(found.position[inside, 0, 0], found.position[inside, -1, 0], 1)[0]
        assert slope == pytest.approx(factor, abs=0.01)
    assert start == pytest.approx(0.2e-6, rel=0.1)


def test_sites_are_those_of_the_potential():
    lattice = Lattice.above_chip(belt(phase=1.0), 12)
    known = sites_along(belt(phase=1.0), MASS, (0, 0, 0.05e-6), (0, 0, lattice.height[-1] + 0.1e-6))
    assert lattice.height == pytest.approx([site.position[2] for site in known], abs=3e-9)
    assert lattice.bottom == pytest.approx([site.energy for site in known], rel=1e-3)
    assert np.array_equal(lattice.site_of(lattice.height + 0.2e-6), np.arange(12))
    assert np.array_equal(lattice.site_of(np.array([-1e-6, 1.0])), [-1, -1])


def test_plane_waves_make_equal_sites():
    lattice = Lattice.above_chip(belt(waists=(math.inf, math.inf)), 20)
    assert np.diff(lattice.height) == pytest.approx(SPACING, rel=1e-9)
    assert lattice.depth == pytest.approx(4 * 0.7 * DEPTH, rel=1e-9)
    equal = Lattice.above_chip(belt(ratio=1.0, waists=(math.inf, math.inf)), 2)
    assert equal.rim == pytest.approx(0.0, abs=1e-9 * DEPTH)


def test_the_lowest_pass_leads_around_the_tweezer():
    """Beside the axis only the wide bottom beam is left: there an atom goes from site to site."""
    lattice = Lattice.above_chip(belt(), 5)
    on_axis = -((1 - 0.7) ** 2) * DEPTH
    assert np.all(lattice.rim < 2 * on_axis)
    assert np.all(lattice.rim > -0.49 * DEPTH)


@pytest.mark.parametrize(("degrees", "sites"), [(5.0, 10.46), (4.75, 11.01)])
def test_notch_period_is_that_of_the_standing_wave(degrees, sites):
    cooling = replace(COOLING, grazing_angle=math.radians(degrees))
    assert cooling.notch_period / SPACING == pytest.approx(sites, abs=0.005)
    nodes = cooling.notch_period * np.arange(5)
    assert cooling.local_rate(nodes) == pytest.approx(0.0, abs=1e-9)
    assert cooling.local_rate(nodes + cooling.notch_period / 2) == pytest.approx(cooling.rate)


@settings(max_examples=25, deadline=None)
@given(
    energy=st.floats(1.0, 600.0),
    final=st.floats(0.0, 100.0),
    rate=st.floats(0.0, 5e3),
    heating=st.floats(0.0, 0.1),
    height=st.floats(0.0, 30e-6),
)
def test_cooled_energy_solves_its_equation(energy, final, rate, heating, height):
    cooling = replace(COOLING, rate=rate, heating=heating, waist=40e-6)
    local = float(cooling.local_rate(height))
    exact = solve_ivp(
        lambda t, e: -local * (e - final) + heating * 1e6,
        (0, cooling.duration),
        [energy],
        rtol=1e-9,
        atol=1e-9,
    ).y[0, -1]
    micro = const.k * 1e-6
    assert cooling.cooled(energy * micro, height, final * micro) / micro == pytest.approx(
        exact, rel=1e-6, abs=1e-6
    )


def test_without_rate_nothing_is_cooled(filling):
    none = fill_sites(CLOUD, belt(), 5e-3, replace(COOLING, rate=0.0, heating=0.0), count=2000)
    bare = fill_sites(CLOUD, belt(), 5e-3, count=2000)
    assert np.array_equal(none.number, bare.number)
    assert np.array_equal(bare.number, bare.caught)
    assert none.temperature == pytest.approx(bare.temperature, nan_ok=True)
    assert math.isnan(bare.notch_period)
    assert filling.notch_period == pytest.approx(11.01, abs=0.01)


def test_infinitely_fast_cooling_leads_to_the_final_temperature():
    cold = replace(STRONG, temperature=5e-6)
    found = fill_sites(CLOUD, belt(), 5e-3, cold, count=6000)
    assert found.number == pytest.approx(found.caught)
    weight = np.where(found.number > 0, found.number, 0.0)
    mean = np.nansum(weight * found.temperature) / weight.sum()
    held = weight.sum() / (CLOUD.number / (6000 * 16))
    assert mean == pytest.approx(5e-6, rel=5 / math.sqrt(3 * held))


def test_every_atom_has_one_fate(filling):
    assert filling.fates.sum() == pytest.approx(CLOUD.number)
    assert filling.number.sum() == pytest.approx(filling.fates[0])
    assert filling.caught.sum() == pytest.approx(filling.fates[0] + filling.fates[FATES.index("heated")])
    assert sum(filling.share(name) for name in FATES) == pytest.approx(1.0)
    assert np.all(filling.number <= filling.caught)


def test_sites_in_the_nodes_of_the_cooling_light_are_empty(filling):
    turn = filling.height / COOLING.notch_period
    dark, bright = (np.abs(turn + shift - np.round(turn + shift)) < 0.05 for shift in (0.0, 0.5))
    deep = (filling.height > 5e-6) & (filling.height < 40e-6)
    assert filling.number[dark & deep].sum() < 0.2 * filling.caught[dark & deep].sum()
    assert filling.number[bright & deep].sum() > 0.95 * filling.caught[bright & deep].sum()
    assert np.nanmean(filling.temperature[bright & deep]) < 40e-6


def test_the_same_seed_gives_the_same_filling(filling):
    again = fill_sites(CLOUD, belt(), 5e-3, COOLING, count=6000)
    other = fill_sites(CLOUD, belt(), 5e-3, COOLING, count=6000, seed=1)
    assert np.array_equal(again.number, filling.number)
    assert not np.array_equal(other.number, filling.number)
    scatter = (other.number.sum() - filling.number.sum()) / math.hypot(
        *(f.error.max() for f in (other, filling))
    )
    assert abs(scatter) < 4 * math.sqrt(120 * 16)


def test_draws_follow_poisson(filling):
    drawn = filling.draw(4000, seed=3)
    full = filling.number > 0.2
    assert drawn.mean(axis=0)[full] == pytest.approx(filling.number[full], rel=0.2)
    assert (drawn.var(axis=0) / drawn.mean(axis=0).clip(1e-9))[full] == pytest.approx(1.0, abs=0.15)
    assert np.array_equal(drawn, filling.draw(4000, seed=3))


def test_a_filling_is_kept_printed_and_drawn(filling, tmp_path):
    back = load(filling.save(tmp_path / "filling.nc"))
    assert np.array_equal(back.number, filling.number)
    assert back.record.parameters["cooling"]["rate"] == COOLING.rate
    assert "a notch every 11.01 sites" in str(filling)
    assert filling.plot().get_xlabel() == "height of the site (µm)"
    assert filling.occupied(0.0) == 120


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: replace(CLOUD, temperature=0.0), "temperature must be positive"),
        (lambda: replace(CLOUD, size=(1e-6, 1e-6)), "three positive lengths"),
        (lambda: replace(COOLING, rate=-1.0), "rate must not be negative"),
        (lambda: replace(COOLING, grazing_angle=0.0), "between 0 and pi/2"),
        (lambda: CLOUD.atoms(0), "at least 1"),
        (lambda: Lattice.above_chip(belt(), 0), "at least 1"),
    ],
)
def test_wrong_input_is_refused(make, words):
    with pytest.raises(InputError, match=words):
        make()


def test_beams_must_share_the_axis(filling):
    shifted = replace(belt(), top=replace(belt().top, focus=(1e-6, 0.0, 0.0)))
    with pytest.raises(InputError, match="on the axis"):
        fill_sites(CLOUD, shifted, 5e-3)
    with pytest.raises(InputError, match="are known"):
        filling.share("drowned")
