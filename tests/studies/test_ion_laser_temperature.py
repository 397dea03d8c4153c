"""Vibrations of small crystals, and the ion laser at a finite temperature."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.constants import c, epsilon_0, hbar, k
from scipy.integrate import solve_ivp
from scipy.special import erfc

from atomcavity.studies.ion_laser.continuum import ContinuousLaser
from atomcavity.studies.ion_laser.figures_temperature import draw_temperature
from atomcavity.studies.ion_laser.phonons import Phonons, stiffness
from atomcavity.studies.ion_laser.remarks_temperature import about_temperature
from atomcavity.studies.ion_laser.temperature import MOMENT_1, MOMENT_2, ZERO_POINT, WarmLaser, doppler_limit
from atomcavity.studies.ion_laser.temperature_scan import TemperatureScan
from atomcavity.traps.crystal import find_crystal

MASS, CHARGE = 2.92e-25, 1.602e-19
OMEGA_Z = math.tau * 1e6


def warm(confinement: float = OMEGA_Z, rate: float = 0.0135) -> WarmLaser:
    laser = ContinuousLaser(100_000, rate, 0.0419, 0.6, math.tau * c / 804e-9)
    return WarmLaser(laser, 0.8, MASS, CHARGE, confinement)


def test_two_ions_have_the_known_modes() -> None:
    modes = Phonons.of(find_crystal(1.0, 2))
    assert modes.left_out == 2
    assert modes.frequency == pytest.approx([1, 1, 1, math.sqrt(3)], rel=1e-7)


def test_a_chain_of_three_ions_has_the_known_modes() -> None:
    """James, Appl. Phys. B 66, 181 (1998): axial 1, sqrt(3), sqrt(29/5)."""
    modes = Phonons.of(find_crystal([20.0, 20.0, 1.0], 3))
    axial = np.sum(modes.vector[:, :, 2] ** 2, axis=1) > 0.5
    assert modes.left_out == 0
    assert modes.frequency[axial] == pytest.approx([1, math.sqrt(3), math.sqrt(5.8)], rel=1e-7)


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_stiffness_is_the_derivative_of_the_forces(seed: int) -> None:
    random = np.random.default_rng(seed)
    crystal = find_crystal([1.0, 1.3, 0.8], 6, starts=1)
    places = crystal.scaled + 0.1 * random.normal(size=(6, 3))
    step = 1e-5 * random.normal(size=(6, 3))

    def gradient(r: NDArray[np.float64]) -> NDArray[np.float64]:
        apart = r[:, None] - r[None]
        cube = np.linalg.norm(apart, axis=2) ** 3 + np.eye(6)
        return r @ crystal.weights - np.sum(apart / cube[..., None], axis=1)

    moved = stiffness(replace(crystal, scaled=places)) @ step.ravel()
    change = (gradient(places + step) - gradient(places - step)).ravel() / 2
    assert moved == pytest.approx(change, abs=1e-6 * np.abs(change).max())


def test_a_hot_crystal_shares_its_energy_equally_and_its_frequencies_sum_to_the_trap() -> None:
    crystal = find_crystal(1.0, 40, starts=3)
    modes = Phonons.of(crystal)
    assert modes.left_out == 3
    assert np.sum(modes.frequency**2) == pytest.approx(3 * 40, rel=1e-6)  # Laplace's equation
    hot = 0.1
    speeds = modes.velocity(MASS, OMEGA_Z, hot).sum()
    assert speeds == pytest.approx((3 * 40 - 3) * k * hot / MASS, rel=1e-5, abs=0)
    cold = modes.displacement(MASS, OMEGA_Z, 1e-9).sum()
    assert cold == pytest.approx(hbar / (2 * MASS * OMEGA_Z) * np.sum(1 / modes.frequency), rel=1e-9, abs=0)


def bcc(points: int) -> NDArray[np.float64]:
    """omega/omega_p of the bcc crystal on a grid of wave vectors, by Ewald sums."""
    density, eta = 2.0, 2.2
    index = np.array(np.meshgrid(*[np.arange(-5, 6)] * 3, indexing="ij")).reshape(3, -1).T
    places = np.concatenate([index, index + 0.5])
    distance = np.linalg.norm(places, axis=1)
    near = (distance > 0) & (distance < 4)
    places, distance = places[near], distance[near]
    waves = math.tau * index[index.sum(axis=1) % 2 == 0]
    gauss = 2 * eta / math.sqrt(math.pi) * np.exp(-((eta * distance) ** 2))
    first = -erfc(eta * distance) / distance**2 - gauss / distance
    second = 2 * erfc(eta * distance) / distance**3 + 2 * gauss / distance**2 + 2 * eta**2 * gauss
    unit = places / distance[:, None]
    short = (second - first / distance)[:, None, None] * unit[:, :, None] * unit[:, None, :]
    short += (first / distance)[:, None, None] * np.eye(3)

    def long(wave: NDArray[np.float64]) -> NDArray[np.float64]:
        shifted = waves + wave
        square = np.sum(shifted**2, axis=1)
        shifted, square = shifted[square > 1e-12], square[square > 1e-12]
        weight = 4 * math.pi * density * np.exp(-square / (4 * eta**2)) / square
        return np.einsum("g,ga,gb->ab", weight, shifted, shifted)

    still = long(np.zeros(3))
    grid = (np.arange(points) + 0.5) / points
    basis = math.tau * np.array([[1, 1, 0], [1, 0, 1], [0, 1, 1]])
    squares = []
    for part in np.array(np.meshgrid(grid, grid, grid)).reshape(3, -1).T:
        wave = part @ basis
        matrix = long(wave) - still + np.einsum("r,rab->ab", 1 - np.cos(places @ wave), short)
        squares.append(np.linalg.eigvalsh(matrix))
    return np.sqrt(np.array(squares) / (4 * math.pi * density))


def test_moments_of_the_bcc_crystal_by_a_lattice_sum() -> None:
    """A grid misses what long waves add: extrapolated to infinitely many points."""
    grids = {points: bcc(points) for points in (8, 11, 15)}
    inverse = 1 / np.array(list(grids))

    def moment(power: float) -> float:
        return float(np.polynomial.Polynomial.fit(inverse, [np.mean(w**power) for w in grids.values()], 2)(0))

    fine = grids[15]
    assert np.sum(fine**2, axis=1) == pytest.approx(1, rel=1e-10)
    assert fine.mean() == pytest.approx(ZERO_POINT, rel=3e-4)
    assert moment(-1) == pytest.approx(MOMENT_1, rel=5e-3)
    assert moment(-2) == pytest.approx(MOMENT_2, rel=0.01)
    laser = warm()
    unit = hbar / (2 * MASS * laser.plasma_frequency)
    for part in (0.02, 0.1, 0.2, 0.5, 2.0):  # k T/(hbar omega_p); the long waves are classical
        temperature = part * hbar * laser.plasma_frequency / k
        exact = np.mean(1 / fine / np.tanh(fine / (2 * part))) + 2 * part * (MOMENT_2 - np.mean(fine**-2.0))
        assert float(laser.displacement(temperature)) / unit == pytest.approx(exact, rel=0.01)


def test_displacement_by_the_coulomb_coupling() -> None:
    laser, hot = warm(), 0.01
    expected = MOMENT_2 / 3 * (laser.wavenumber * laser.length) ** 2 / float(laser.coupling(hot))
    assert laser.wavenumber**2 * float(laser.displacement(hot)) == pytest.approx(expected, rel=1e-3)
    assert laser.melting == pytest.approx(
        CHARGE**2 / (4 * math.pi * epsilon_0 * laser.length * k * 175), rel=1e-12
    )


def test_the_laser_ends_where_its_gain_does() -> None:
    """At the pump rate w it dies where the factor of g^2 is w over the cold upper threshold."""
    laser = warm()
    pump = 0.4 * float(laser.laser.thresholds(laser.zeta)[1])
    last = laser.last_temperature(pump)
    cold = float(laser.laser.thresholds(laser.zeta)[1])
    assert float(laser.debye_waller(last)) == pytest.approx(pump / cold, rel=2e-3)
    assert float(laser.power(1.01 * last, pump)) == 0 < float(laser.power(0.99 * last, pump))
    assert laser.half_temperature(pump) < last < laser.last_temperature()
    zero = float(laser.power(0.0, laser.best_pump) / laser.laser.power(laser.best_pump, laser.zeta))
    assert 0.98 < zero < 1  # the zero-point motion


def test_power_at_the_best_pump_follows_the_factor_far_above_threshold() -> None:
    laser = warm()
    factor = float(laser.debye_waller(5e-4) / laser.debye_waller(0.0))
    assert float(laser.power(5e-4) / laser.power(0.0)) == pytest.approx(factor, rel=2e-3)


def test_second_order_doppler_shift() -> None:
    laser = warm()
    kelvin = -1.5 * k / (MASS * c**2) * laser.laser.frequency
    assert float(laser.doppler(0.1)) == pytest.approx(0.1 * kelvin, rel=1e-4)
    ratio = float(laser.doppler_micromotion(0.1) / laser.doppler(0.1))
    assert ratio == pytest.approx(MOMENT_2 / 3, rel=1e-3)


def test_micromotion_of_a_moving_ion() -> None:
    """Along x the velocity of one ion in the trap of Eqs. (19), (21) has <v^2> = omega_z^2 (1 + 3/2) <u^2>: Eq. (3) integrated."""
    eps, rf, static = 0.02, math.sqrt(3), -0.5

    def right(t: float, y: NDArray[np.float64]) -> list[float]:
        return [y[1], -(eps**2 * static + 2 * eps * rf * math.cos(2 * t)) * y[0]]

    duration = 20 * math.tau / eps  # twenty secular periods
    times = np.linspace(0, duration, 200_001)
    solved = solve_ivp(right, (0, duration), [1.0, 0.0], t_eval=times, method="DOP853", rtol=1e-9, atol=1e-12)
    place, speed = solved.y
    assert np.mean(speed**2) / np.mean(place**2) == pytest.approx(eps**2 * 2.5, rel=0.02)


def test_doppler_limit() -> None:
    """The D2 line of rubidium 87 (Steck's data): 145.57 uK."""
    assert doppler_limit(math.tau * 6.0666e6) == pytest.approx(145.57e-6, rel=1e-4, abs=0)


def test_pump_heats_by_two_recoils_an_excitation() -> None:
    """Of identical ions w (1 - D)/2 photons an ion leave; here by the power itself: energy in, energy of 3 k T an ion."""
    laser = warm()
    pump = laser.best_pump
    rate = laser.heating(351e-9, pump)
    emitted = float(laser.laser.power(pump, laser.zeta)) / (hbar * laser.laser.frequency)
    momentum = 2 * math.pi * hbar / 351e-9
    energy = 1.6 * emitted * 2 * momentum**2 / (2 * MASS)
    assert 3 * k * rate * laser.ions == pytest.approx(energy, rel=1e-12, abs=0)
    assert emitted < 0.5 * pump * laser.ions


def test_rocking_crystal() -> None:
    """Equipartition of a rigid sphere: its edge moves by 1/k."""
    laser = warm()
    omega = laser.rocking(1e-3)
    radius = 1.0
    inertia = 0.4 * laser.ions * MASS * radius**2
    assert math.sqrt(k * 1e-3 / (inertia * omega**2)) * radius == pytest.approx(
        1 / laser.wavenumber, rel=1e-9, abs=0
    )


def test_figure_and_remarks() -> None:
    scan = TemperatureScan([warm(math.tau * 2e5, 0.0016), warm()], {"³P₁": 2.8e7}, 351e-9, quick=True)
    assert len(draw_temperature(scan).drawing.axes) == 4
    remarks = about_temperature(scan)
    assert all("nan" not in remark for remark in remarks)
    assert scan.softness.mean() > 3
