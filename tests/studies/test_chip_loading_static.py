"""Numbers of the chip-loading paper that follow from formulas, and the pictures of its potentials."""

import re
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.constants import c as speed_of_light
from scipy.constants import h

import atomcavity.studies.chip_loading as study
from atomcavity.dynamics import Exact, MeanField, steady_state
from atomcavity.experiments import read_experiment
from atomcavity.reports import read_targets
from atomcavity.studies.chip_loading.cross_section import (
    MILLIKELVIN,
    draw_cross_section,
    representative,
    stationary,
)
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.figures_fields import half_width
from atomcavity.studies.chip_loading.light_shifts import LIGHTS, SCALAR
from atomcavity.studies.chip_loading.remarks_static import about_static
from atomcavity.studies.chip_loading.static import MEGA, MEGAHERTZ, NANO, Static
from atomcavity.studies.chip_loading.static_part import StaticPart
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import HarmonicWell
from atomcavity.traps.site import find_site

HERE = Path(study.__file__).parent
STATIC = Static(devices(read_experiment(HERE / "experiment.toml")))


def test_every_value_has_a_target():
    known = {target.id for target in read_targets(HERE / "targets.toml")}
    values = STATIC.values()
    assert set(values) <= known
    assert all(np.isfinite(list(values.values())))


def test_transmission_by_hand():
    kappa, ext, beta, gamma, g, shift = 1710, 830, 510, 5.22, 51, -6
    eta = 1 / (1 + 4 * beta**2 / kappa**2)
    for n, found in enumerate(STATIC.trapped):
        response = n * 4 * g**2 / (kappa * (gamma + 2j * shift))
        expected = abs(1 - 2 * ext * eta / kappa / (1 + eta * response)) ** 2
        assert found == pytest.approx(expected, rel=1e-12)


def test_light_shift_of_an_atom_on_both_modes_breaks_the_symmetry_of_the_phase():
    g, shift = STATIC.g, STATIC.shift
    at = {phase: STATIC.transmission(g, 0.0, phase=phase) for phase in (0.0, np.pi)}
    assert at[0.0] == pytest.approx(at[np.pi], rel=1e-9)
    shifted = {phase: STATIC.transmission(g, shift, phase=phase) for phase in (0.0, np.pi)}
    assert shifted[0.0] > 1.2 * shifted[np.pi]


def test_coupling_of_a_transmission_is_its_inverse():
    g = STATIC.coupling_of(0.15)
    assert STATIC.transmission(g, STATIC.shift) == pytest.approx(0.15, rel=1e-9)


def test_no_coupling_gives_more_than_the_ceiling():
    lobe = STATIC.g
    highest, best = STATIC.ceiling(lobe)
    for g in np.linspace(0.2, 6, 60) * lobe:
        assert STATIC.transmission(g, STATIC.shift * (g / lobe) ** 2) <= highest + 1e-9
    assert 0.5 * lobe < best < 5 * lobe


def test_depth_of_the_lattice_is_that_of_a_found_site():
    depth, device = STATIC.values()["s4.depth300kHz"] * MEGAHERTZ, STATIC.device
    alpha = device.polarizability
    beam = {"amplitude": np.sqrt(depth / alpha), "wavelength": device.experiment.belt.wavelength}
    belt = ConveyorBelt(GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), alpha)
    site = find_site(belt + HarmonicWell(device.mass, (1e4, 1e4, 0.0)), device.mass, near=(0, 0, 1e-9))
    assert site.frequencies[-1] / MEGA == pytest.approx(0.3, rel=1e-4)
    assert site.depth / h / 1e6 == pytest.approx(depth / MEGAHERTZ, rel=1e-3)


def test_attraction_by_hand():
    z = 0.1 - 0.0037
    expected = -165.36e-6 / (z**3 * (z + 0.852 / (2 * np.pi)))  # MHz um^4
    assert STATIC.attraction(100 * NANO) / MEGAHERTZ == pytest.approx(expected, rel=1e-9)


def test_cross_section_is_that_of_the_potential():
    from matplotlib.figure import Figure

    device = STATIC.device
    potential = stationary(device, 0.4 * device.spacing)
    figure = Figure()
    times = np.linspace(0, 1e-6, 11)
    path = (times, np.linspace(0, 2e-7, 11), np.where(times > 5e-7, np.nan, 2e-7))
    image = draw_cross_section(figure.subplots(), potential, trajectory=path, time=4e-7)
    y = np.array([0.0, 0.1e-6, 0.3e-6])
    shown = image.get_array()
    left, right, low, high = image.get_extent()
    columns = (y * 1e9 - left) / (right - left) * (shown.shape[1] - 1)
    for column in np.round(columns).astype(int):
        row = shown.shape[0] // 2
        place = np.array(
            [
                0.0,
                (left + column * (right - left) / (shown.shape[1] - 1)) * NANO,
                (low + row * (high - low) / (shown.shape[0] - 1)) * NANO,
            ]
        )
        assert shown[row, column] == pytest.approx(
            np.clip(potential.energy(place) / MILLIKELVIN, *image.get_clim()), abs=1e-9
        )
    assert len(figure.axes[0].lines) == 2


def test_representative_ride_is_the_median_one():
    rides = SimpleNamespace(
        end=np.array([3.0, np.inf, 1.0, 2.0, 4.0]), position=np.arange(30.0).reshape(5, 2, 3)
    )
    times, y, z = representative(SimpleNamespace(rides=rides, time=np.array([0.0, 1.0])))
    assert (y.tolist(), z.tolist()) == ([1.0, 4.0], [2.0, 5.0])
    assert times.tolist() == [0.0, 1.0]


PART = StaticPart(devices(read_experiment(HERE / "experiment.toml")), quick=True)


def test_magic_wavelength_is_a_zero_and_no_resonance():
    shifts = PART.shifts
    (magic,) = shifts.magic
    assert abs(shifts.ratio(magic)) < 1e-9
    assert magic == pytest.approx(794e-9, abs=0.5e-9)  # printed
    before, after = shifts.ratio(magic - 0.01e-9), shifts.ratio(magic + 0.01e-9)
    assert before * after < 0
    assert (after - before) / 0.02e-9 == pytest.approx(shifts.slope(magic), rel=1e-2)


def test_ratio_of_two_levels_is_minus_two_near_the_line():
    line = PART.static.device.line.wavelength  # both levels are then moved by one line, alpha_e J-weighted
    lower, upper = PART.shifts.polarizabilities(line - 0.001e-9)
    assert upper / lower == pytest.approx(-0.5, rel=1e-3)  # two substates of 6S1/2 to four of 6P3/2


def test_vector_part_of_the_stretched_state_is_that_of_the_electron():
    device = PART.static.device
    found = PART.shifts.vector(850e-9)
    electron = [
        float(device.species.polarizability("6s 2S1/2", 850e-9, F=4, m=m, polarization=(1, 1j, 0)).total)
        for m in (4, -4)
    ]
    scalar = float(device.species.scalar_polarizability("6s 2S1/2", 850e-9))
    assert found == pytest.approx((electron[0] - electron[1]) / (2 * scalar), rel=1e-12)


def test_closed_transition_is_two_levels_only_in_light_that_drives_it():
    shifts, line = PART.shifts, PART.static.device.line.wavelength - 0.01e-9
    assert shifts.closed(line, LIGHTS["σ⁺"]) == pytest.approx(-2, abs=1e-3)
    for name in ("σ⁻", "linear along the axis"):
        assert shifts.closed(line, LIGHTS[name]) == pytest.approx(-1, abs=2e-3)
    assert shifts.closed(850e-9, SCALAR) == pytest.approx(shifts.ratio(850e-9), rel=1e-9)
    assert not shifts.magic_closed(LIGHTS["linear along the axis"])  # does not reach 8S1/2 from |5, 5>


def test_power_of_the_blue_field_goes_with_its_energy():
    place = PART.static.trap
    one, two = (PART.shifts.power(energy, place, 850e-9) for energy in (1e-27, 2e-27))
    assert two == pytest.approx(2 * one, rel=1e-12)
    assert one > 0


def test_weak_drive_is_the_formula_and_strong_drive_the_empty_ring():
    static, saturation = PART.static, PART.saturation
    for atoms, phase in ((1, None), (2, None), (1, 0.7)):
        weak = static.transmission(static.g, static.shift, atoms, phase)
        found = saturation.driven(1e3, static.shift, atoms, phase)
        assert found.total == pytest.approx(weak, rel=1e-5)
        assert found.coherent <= found.total
    strong = saturation.driven(2e11, static.shift, method=MeanField())
    assert strong.total == pytest.approx(static.trapped[0], rel=0.01)


def test_energy_is_kept_by_the_driven_ring():
    static, saturation = PART.static, PART.saturation
    rate, ring = 1e7, static.device.experiment.ring
    state = steady_state(saturation.system(rate, static.shift), method=Exact())
    lost = (ring.kappa - ring.kappa_ext) * state.photon_number[0] + ring.kappa * state.photon_number[1]
    lost += static.device.gamma * state.excited_population[0]
    assert saturation.driven(rate, static.shift).total * rate + lost == pytest.approx(rate, rel=1e-9)


def test_length_of_a_free_spectral_range():
    fields = PART.fields
    (mode,) = [fields.modes["TM"][-1]]
    away = fields.length_of(mode)
    ring = replace(PART.static.device.ring, mode=mode, length=away)
    blue = 2 * np.pi * speed_of_light / 850e-9
    assert mode.frequency + ring.free_spectral_range == pytest.approx(blue, rel=1e-12)


def test_couplings_of_the_scan_are_those_of_the_device():
    fields, device = PART.fields, PART.static.device
    own = replace(device, experiment=device.experiment.model_copy(update={"coupling": None})).profile
    found = fields.couplings("TM")[fields.heights.index(pytest.approx(460e-9))]
    assert found == pytest.approx(own.g0, rel=2e-3)


def test_lobe_of_the_scan_is_that_of_the_finer_field():
    device = PART.static.device
    coarse = PART.fields.alone(460e-9, "p")
    tweezer = device.beams[0]
    fine = ConveyorBelt(tweezer, tweezer, device.polarizability, bottom_power=0.0)
    site = find_site(fine, device.mass, near=coarse.position)
    assert np.linalg.norm(site.position - coarse.position) < 3e-9


def test_half_width():
    assert half_width(1e9, 1.0) == pytest.approx(np.sqrt(np.log(2)), rel=1e-9)
    assert half_width(1.0, 1e9) == pytest.approx(np.pi / 3, rel=1e-9)


def test_a_site_is_followed_until_it_opens():
    sites = PART.sites[0]
    found = [site for site in sites.found if site is not None]
    steps = np.diff([site.position for site in found], axis=0)
    assert np.linalg.norm(steps, axis=1).max() < 0.2e-6
    assert found[0].position[2] == pytest.approx(3 * sites.device.spacing, abs=20e-9)
    assert all(site.depth > 0 for site in found)
    assert sites.found[-1] is None


def test_attraction_turns_from_one_limit_into_the_other():
    plane, (near, far) = PART.attraction.plane, PART.attraction.limits
    for height, limit in ((1e-9, near), (100e-6, far)):
        r = np.array([0.0, 0.0, height])
        assert plane.energy(r) == pytest.approx(limit.energy(r), rel=0.01)
    energy, height = PART.attraction.barrier()
    assert 10e-9 < height < 100e-9
    assert energy < PART.static.device.blue.energy(np.zeros(3))


def test_remarks_and_steps():
    remarks = about_static(PART)
    assert len(remarks) > 8
    assert not any(re.search(r"\bnan\b", remark) for remark in remarks)
    steps = PART.steps()
    assert len({step.title for step in steps}) == len(steps)
    figure = next(step for step in steps if "1c" in step.numbers).draw()
    assert figure.name == "figure-1c"
