import math
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import CasimirPolder, EvanescentField, Gravity, HarmonicWell, retarded_c4
from atomcavity.traps.site import find_site, sites_along, sites_in
from atomcavity.traps.time_law import TimeLaw

CESIUM = 132.905451961 * const.atomic_mass
ALPHA = 5e-38
WAVE = 935e-9
MHZ = 1e6 * const.h


def gaussian_belt(**options):
    top = GaussianBeam(1e5, WAVE, 2e-6, False, (0, 0, 0.2e-6))
    bottom = GaussianBeam(4e4 + 2e4j, WAVE, 10e-6, True)
    return ConveyorBelt(top, bottom, polarizability=ALPHA, **options)


def tabulated(belt, y, z):
    grid = np.stack(np.broadcast_arrays(0.0, y[:, None], z[None]), axis=-1)
    maps = [
        SimpleNamespace(y=y, z=z, E=np.moveaxis(beam.field(grid), -1, 0), wavelength=WAVE)
        for beam in (belt.top, belt.bottom)
    ]
    return ConveyorBelt(
        *maps, polarizability=ALPHA, phase=belt.phase, power=belt.power, bottom_power=belt.bottom_power
    )


ALL = [
    gaussian_belt(phase=TimeLaw.constant(50e3).phase(0.3), power=2.0),
    EvanescentField(1e-26, 88e-9, 540e-9, 930e-9),
    CasimirPolder(1e-55, 852e-9, 3.7e-9, 950e-9),
    CasimirPolder.unretarded(1e-48),
    Gravity(CESIUM, up=(0.1, 0.2, 1.0)),
    HarmonicWell(CESIUM, (1e5, 2e5, 3e5), (1e-7, 0.0, 1e-6)),
]


@pytest.mark.parametrize("potential", ALL, ids=lambda p: type(p).__name__)
def test_force_is_minus_the_gradient(potential):
    r = np.random.default_rng(1).uniform(-1, 1, (30, 3)) * 0.5e-6 + [0, 0, 0.8e-6]
    step, t = 1e-10, 1.3e-5
    slopes = [
        (potential.energy(r - step * e, t) - potential.energy(r + step * e, t)) / (2 * step)
        for e in np.eye(3)
    ]
    force = potential.force(r, t)
    assert np.abs(force - np.stack(slopes, -1)).max() < 3e-6 * np.abs(force).max()


def test_the_belts_energy_is_that_of_the_interfering_fields():
    r = np.random.default_rng(2).uniform(-1e-6, 1e-6, (30, 3))
    phase = TimeLaw.constant(50e3).ramp_to(6e3, start=5e-6, duration=20e-6, shape="smooth").phase(0.7)
    power = TimeLaw.constant(1.0).ramp_to(4.0, start=10e-6, duration=20e-6)
    belt = gaussian_belt(phase=phase, power=power)
    for t in (0.0, 12e-6, 40e-6):
        both = math.sqrt(power(t)) * belt.top.field(r) + np.exp(1j * phase(t)) * belt.bottom.field(r)
        expected = -ALPHA / 4 * np.sum(np.abs(both) ** 2, axis=-1)
        assert belt.energy(r, t) == pytest.approx(expected, rel=1e-12, abs=0)


def test_crossed_polarizations_do_not_interfere():
    beam = {"amplitude": 1e5, "wavelength": WAVE}
    belt = ConveyorBelt(
        GaussianBeam(**beam, upwards=False),
        GaussianBeam(**beam, polarization=(0, 1, 0)),
        polarizability=ALPHA,
    )
    u = belt.energy(np.linspace([0, 0, 0], [0, 0, 1e-6], 20))
    assert u == pytest.approx(np.full(20, -ALPHA / 2 * 1e10), rel=1e-12, abs=0)


def test_tables_agree_with_the_beams_they_were_made_of():
    belt = gaussian_belt(phase=TimeLaw.constant(50e3).phase(0.3), power=2.0)
    errors = []
    for points in (91, 181):
        table = tabulated(belt, np.linspace(-1e-6, 1e-6, 51), np.linspace(0.2e-6, 2e-6, points))
        r = np.random.default_rng(3).uniform(-1, 1, (200, 3)) * [0, 1e-6, 0.9e-6] + [0, 0, 1.1e-6]
        scale = np.abs(belt.force(r, 1e-5)).max()
        errors.append(np.abs(table.force(r, 1e-5) - belt.force(r, 1e-5)).max() / scale)
    assert errors[1] < 3e-6
    assert errors[0] / errors[1] > 16  # the slope of a quintic spline: fifth order, at the ends as well


def test_sites_of_the_belt_move_down_half_a_wavelength_a_cycle():
    nu = 50e3
    belt = ConveyorBelt(
        GaussianBeam(1e5, WAVE, upwards=False), GaussianBeam(1e5, WAVE), polarizability=ALPHA,
        phase=TimeLaw.constant(nu).phase(),
    )  # fmt: skip
    t = 3e-6
    z = np.linspace(-0.3e-6, 0.2e-6, 200001)
    lowest = z[np.argmin(belt.energy(np.stack([0 * z, 0 * z, z], -1), t))]
    assert lowest == pytest.approx(-nu * t * WAVE / 2, abs=1e-11)
    assert belt.velocity() == pytest.approx(-23.375e-3, rel=1e-6)


def test_site_of_a_lattice_has_the_textbook_frequency():
    depth = 13.10 * MHZ
    field = math.sqrt(depth / ALPHA)
    waist = 20e-6
    beam = {"amplitude": field, "wavelength": WAVE, "waist": waist}
    belt = ConveyorBelt(GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), polarizability=ALPHA)
    site = find_site(belt, CESIUM, near=(0.3e-6, -0.2e-6, 40e-9))
    assert site.position == pytest.approx(np.zeros(3), abs=1e-12)
    assert site.frequencies[2] / (2 * math.pi) == pytest.approx(300e3, rel=1e-3)
    assert site.frequencies[2] == pytest.approx(2 * math.pi * math.sqrt(2 * depth / CESIUM) / WAVE, rel=2e-3)
    assert site.frequencies[:2] == pytest.approx(np.full(2, math.sqrt(4 * depth / CESIUM) / waist), rel=2e-4)
    assert site.barriers[2] == pytest.approx([depth, depth], rel=1e-3, abs=0)
    assert site.depth == pytest.approx(depth, rel=1e-3, abs=0)
    line = sites_along(belt, CESIUM, (0, 0, -1e-6), (0, 0, 1e-6))
    assert np.diff([s.position[2] for s in line]) == pytest.approx(np.full(4, WAVE / 2), rel=1e-3)


def test_two_lobes_beside_the_waveguide():
    blue = EvanescentField(40 * MHZ, 88e-9, 540e-9, 930e-9)
    well = HarmonicWell(CESIUM, (0.0, 1e5, 2e6), (0.0, 0.0, 100e-9))
    sites = sites_in(blue + well, CESIUM, (-1e-6, 1e-6), (50e-9, 600e-9))
    assert len(sites) == 2
    assert sites[0].position[1] == pytest.approx(-sites[1].position[1], rel=1e-6)
    assert (
        np.abs((blue + well).force(sites[0].position)).max() < 1e-9 * abs(blue.force(sites[0].position)).max()
    )


def test_evanescent_form_and_casimir_polder_numbers():
    blue = EvanescentField(277 * MHZ, 88e-9, 540e-9, 930e-9)
    profile = math.exp(-170 / 88) * math.cos(245 / 540) * math.exp(-((245 / 930) ** 2))
    assert blue.energy((0, 245e-9, 170e-9)) == pytest.approx(277 * MHZ * profile**2, rel=1e-12, abs=0)
    surface = CasimirPolder(165.36e-6 * MHZ * 1e-24, 852e-9, 3.7e-9)
    for z, published in ((100e-9, -0.798), (170e-9, -0.119), (200e-9, -0.066)):
        assert surface.energy((0, 0, z)) / MHZ == pytest.approx(published, abs=6e-4)
    wide = CasimirPolder(165.36e-6 * MHZ * 1e-24, 852e-9, 3.7e-9, width=950e-9)
    assert wide.energy((0, 475e-9, 1e-7)) == pytest.approx(surface.energy((0, 0, 1e-7)) / 2, rel=1e-9, abs=0)


@given(st.floats(1.0, 100.0))
@settings(max_examples=30, deadline=None)
def test_retarded_coefficient_lies_below_that_of_a_mirror(epsilon):
    mirror = 3 * const.hbar * const.c * ALPHA / (32 * math.pi**2 * const.epsilon_0)
    assert 0 <= retarded_c4(ALPHA, epsilon) <= mirror
    thin = retarded_c4(ALPHA, 1 + 1e-6) / 1e-6  # first order in eps - 1: 23/60 of the mirror's
    assert thin == pytest.approx(mirror * 23 / 60, rel=1e-4, abs=0)


def test_retarded_coefficient_of_a_mirror():
    mirror = 3 * const.hbar * const.c * ALPHA / (32 * math.pi**2 * const.epsilon_0)
    assert retarded_c4(ALPHA, 1e10) == pytest.approx(mirror, rel=1e-4, abs=0)


def test_potentials_add_and_share_their_tables():
    belt = gaussian_belt()
    table = tabulated(belt, np.linspace(-1e-6, 1e-6, 41), np.linspace(0.2e-6, 2e-6, 91))
    total = table + ALL[1] + (ALL[2] + ALL[4])
    r = np.array([0.0, 0.3e-6, 0.7e-6])
    expected = sum(p.energy(r) for p in (table, ALL[1], ALL[2], ALL[4]))
    assert total.energy(r) == pytest.approx(expected, rel=1e-13, abs=0)
    assert len(total.parts) == 4
    assert total.region == table.region
    assert len((table + table).compiled.tables) == len(table.compiled.tables)
    with pytest.raises(InputError, match="outside the potential's region"):
        total.energy((0, 0, 3e-6))


@given(st.floats(0.0, 1e5), st.floats(0.0, 1e5), st.sampled_from(["linear", "smooth", "smoothest"]))
@settings(max_examples=30, deadline=None)
def test_phase_is_the_integral_of_the_frequency(first, last, shape):
    nu = TimeLaw.constant(first).ramp_to(last, start=1e-5, duration=5e-5, shape=shape)
    t = np.linspace(0, 1e-4, 20001)
    area = 2 * math.pi * np.sum((nu(t[1:]) + nu(t[:-1])) / 2) * (t[1] - t[0])
    assert nu.phase(0.5)(1e-4) == pytest.approx(0.5 + area, rel=1e-6)
    assert nu(1e-3) == pytest.approx(last)


def test_a_linear_ramp_down_moves_the_sites_a_further_70_nm():
    nu = TimeLaw.constant(6e3).ramp_to(0.0, start=0.0, duration=50e-6)
    assert nu.phase()(1.0) / (2 * math.pi) * WAVE / 2 == pytest.approx(70.1e-9, abs=1e-10)


def test_wrong_inputs():
    beam = GaussianBeam(1e5, WAVE)
    with pytest.raises(InputError, match="one wavelength"):
        ConveyorBelt(beam, GaussianBeam(1e5, 850e-9), polarizability=ALPHA)
    with pytest.raises(InputError, match="before the last one ended"):
        TimeLaw.constant(1.0).ramp_to(2.0, start=1.0, duration=1.0).ramp_to(0.0, start=1.5, duration=1.0)
    with pytest.raises(InputError, match="decay"):
        EvanescentField(1e-26, 0.0)
    with pytest.raises(InputError, match="in kg"):
        find_site(HarmonicWell(CESIUM, (1e4, 1e4, 1e4)), 133.0, near=(0, 0, 1e-7))
    with pytest.raises(InputError, match="no minimum"):
        find_site(Gravity(CESIUM) + EvanescentField(-1e-26, 88e-9), CESIUM, near=(0, 0, 1e-7))
