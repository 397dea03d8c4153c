"""Numbers of the chip-loading paper that follow from formulas, and the pictures of its potentials."""

from pathlib import Path

import numpy as np
import pytest
from scipy.constants import h

import atomcavity.studies.chip_loading as study
from atomcavity.experiments import read_experiment
from atomcavity.reports import read_targets
from atomcavity.studies.chip_loading.cross_section import MILLIKELVIN, draw_cross_section, stationary
from atomcavity.studies.chip_loading.device import devices
from atomcavity.studies.chip_loading.static import MEGA, MEGAHERTZ, NANO, Static
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
