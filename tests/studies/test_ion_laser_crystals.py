"""The ion laser past the paper: true crystals and elongated ones."""

from __future__ import annotations

import dataclasses
import functools
import math
from pathlib import Path
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from scipy.constants import hbar

import atomcavity
from atomcavity.dynamics import MeanField, steady_state
from atomcavity.experiments import read_experiment
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.elongated import Elongated, Elongation
from atomcavity.studies.ion_laser.figures_crystal import draw_crystal, draw_crystal_power
from atomcavity.studies.ion_laser.figures_elongated import draw_elongated
from atomcavity.studies.ion_laser.figures_linewidth import draw_linewidth
from atomcavity.studies.ion_laser.figures_scaling import draw_scaling
from atomcavity.studies.ion_laser.linewidth import Lines
from atomcavity.studies.ion_laser.remarks_crystal import about_crystal
from atomcavity.studies.ion_laser.remarks_elongated import about_elongation, about_scaling
from atomcavity.studies.ion_laser.remarks_linewidth import about_linewidth
from atomcavity.studies.ion_laser.scaling import Scaling
from atomcavity.studies.ion_laser.true_crystal import TrueCrystal
from atomcavity.traps.crystal import find_crystal
from atomcavity.traps.crystal.fluid import semi_axes

FILE = Path(atomcavity.__file__).parent / "studies" / "ion_laser" / "experiment.toml"
MEGA, HERTZ = 2e6 * math.pi, 2 * math.pi


@functools.cache
def laser(F: float = 9, megahertz: float = 1.0) -> Device:
    return Device(read_experiment(FILE), F, MEGA * megahertz)


def fewer(ions: int, F: float = 9) -> Device:
    device = laser(F)
    trap = device.experiment.trap.model_copy(update={"ions": ions})
    return dataclasses.replace(device, experiment=device.experiment.model_copy(update={"trap": trap}))


@functools.cache
def found() -> TrueCrystal:
    return TrueCrystal.of(laser(), find_crystal(1.0, 400, starts=1, tolerance=1e-5, progress=lambda _: None))


# -- the true crystal ------------------------------------------------------------------------------------------------


def test_true_crystal_has_its_own_number_and_length() -> None:
    crystal = found()
    assert crystal.device.experiment.trap.ions == 400
    assert crystal.crystal.length == crystal.device.trap.length
    assert crystal.device.zeta == pytest.approx(0.8)
    assert np.linalg.norm(crystal.crystal.positions, axis=1).max() < crystal.device.radius


def test_power_of_every_ion_is_that_of_the_solvers() -> None:
    """One group for each ion against the mean field of the dynamics room, shifts and all."""
    crystal = found()
    w = crystal.device.pump_rate
    system = crystal.device.crystal_system(crystal.crystal, shifts=crystal.spread)
    photons = steady_state(system, method=MeanField()).photon_number[0]
    device = crystal.device
    expected = hbar * device.line.frequency * device.mode.kappa * photons
    assert float(crystal.ions().power(w)) == pytest.approx(expected, rel=1e-6, abs=0)


def test_true_crystal_is_near_the_continuum_and_its_groups() -> None:
    """Within the few per cent by which shells and standing wave differ; shifts only take power away."""
    crystal = found()
    low, high = crystal.deviation
    assert -0.2 < low < high < 0.2
    assert crystal.still.mean() == pytest.approx(crystal.continuous, rel=0.06, abs=0)
    assert np.all(crystal.powers < crystal.still)
    assert float(crystal.groups.power(crystal.device.pump_rate)) == pytest.approx(
        float(crystal.powers[0]), rel=0.05, abs=0
    )


def test_power_repeats_after_half_a_wave() -> None:
    crystal = found()
    half = crystal.device.line.wavelength / 2
    w = crystal.device.pump_rate
    assert float(crystal.ions(half).power(w)) == pytest.approx(float(crystal.powers[0]), rel=1e-6, abs=0)


def test_powers_over_pump_and_waist() -> None:
    """Near the continuum where it lases well, dark above the threshold; the best waist of the sphere."""
    crystal = found()
    curves = crystal.against_pump(12)
    middle = np.argmax(curves.continuous)
    assert curves.still[:, middle].mean() == pytest.approx(curves.continuous[middle], rel=0.06, abs=0)
    assert np.all(curves.shifted <= curves.still)
    assert curves.continuous[-1] == 0
    assert curves.groups[middle] == pytest.approx(curves.shifted[0, middle], rel=0.05, abs=0)
    zetas = np.array([0.5, 0.85, 1.5])
    even = crystal.device.continuum.optimum(zetas)[1]
    still, shifted = crystal.against_waist(zetas)
    assert np.argmax(even) == np.argmax(still) == np.argmax(shifted) == 1
    assert still == pytest.approx(even, rel=0.1, abs=0)
    assert np.all(shifted < still)


def test_spread_of_quadrupole_shifts() -> None:
    """Below a few Hz at 1 MHz, as the paper says, and with zero mean beside what all ions share."""
    shifts = found().shifts
    assert 0.5 < shifts.neighbours.std() / HERTZ < 2
    assert abs(found().spread.mean()) < 1e-9
    assert shifts.micromotion.max() == pytest.approx(shifts.residual.max(), rel=0.02)


# -- elongated crystals ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("aspect", [0.5, 1.0, 3.0, 20.0])
def test_trap_holds_the_spheroid_at_the_same_density(aspect: float) -> None:
    each = Elongated(laser(), aspect)
    weights = each.trap.pseudopotential
    assert np.trace(weights) == pytest.approx(3)
    a, c = each.semi_axes
    axes = np.sort(semi_axes(weights, 100_000) * each.trap.length)
    assert axes == pytest.approx(np.sort([a, a, c]), rel=1e-6)
    assert a * a * c == pytest.approx(laser().radius ** 3)


def test_sphere_is_the_first_of_the_elongated() -> None:
    """Aspect 1: the best waist and power of the continuous crystal; the residual shifts of the spherical trap."""
    each = Elongated(laser(), 1.0)
    waist, pump, power = each.best
    zeta, best_pump, best = laser().continuum.best()
    assert waist / laser().radius == pytest.approx(float(zeta), rel=0.02)
    assert pump == pytest.approx(float(best_pump), rel=0.05)
    assert power == pytest.approx(float(best), rel=3e-3, abs=0)


def test_envelope_is_that_of_the_spreading_beam() -> None:
    """g_0 w_0/w(z) exp(-r^2/w(z)^2) with w(z)^2 = w_0^2 (1 + z^2/z_R^2)."""
    each = Elongated(laser(), 5.0)
    waist = 3e-5
    z, r = each.mode(waist).rayleigh_range, 2e-5
    places = np.array([[0.0, 0.0, 0.0], [r, 0.0, 0.0], [0.0, 0.0, z], [0.0, r, 2 * z]])
    found = each.envelope(places, waist)
    expected = [1, math.exp(-((r / waist) ** 2)), 0.5**0.5, 0.2**0.5 * math.exp(-((r / waist) ** 2) / 5)]
    assert found / found[0] == pytest.approx(expected, rel=2e-3)
    assert found[0] * waist == pytest.approx(laser().g * laser().waist, rel=1e-3)


def test_power_grows_as_two_thirds_until_the_beam_spreads() -> None:
    sphere, long = Elongated(laser(), 1.0), Elongated(laser(), 8.0)
    assert long.best[2] / sphere.best[2] == pytest.approx(4, rel=0.01)
    assert long.largest_micromotion / sphere.largest_micromotion == pytest.approx(0.25)
    reach = np.max(long.continuous(long.best[0]).shift) / long.largest_micromotion  # nodes lie inside
    assert 0.7 < reach < 1
    assert Elongated(laser(), 300.0).best[2] < 0.6 * 300 ** (2 / 3) * sphere.best[2]
    assert 3.5 < long.width / sphere.width < 4.5  # as g_0^2/kappa


def test_true_elongated_crystal_follows_the_continuum() -> None:
    each = Elongated(fewer(200), 6.0)
    still, shifted = each.true(shifted=False)[1], each.true()[1]
    assert still == pytest.approx(each.best[2], rel=0.12, abs=0)
    assert 0.9 < shifted / still < 1
    sphere = Elongated(fewer(200), 1.0)
    assert shifted / still > sphere.true()[1] / sphere.true(shifted=False)[1]
    assert each.shifts.total.mean() == pytest.approx(sphere.shifts.total.mean(), rel=0.05)


# -- figures and sentences -------------------------------------------------------------------------------------------


@pytest.mark.slow
def test_figures_and_sentences() -> None:
    crystal = found()
    devices = tuple(laser(F, f) for F in (5, 9) for f in (0.5, 1.0))
    lines = Lines(devices, crystal.crystal.gradient()[:, 2, 2], quick=True)
    stretched = Elongation(laser(), ions=200, quick=True)
    lasers = tuple(Scaling(laser(F)) for F in (5, 8, 9))
    figures = (
        draw_linewidth(lines),
        draw_crystal(crystal),
        draw_crystal_power([crystal], quick=True),
        draw_elongated(stretched),
        draw_scaling(lasers, points=12),
    )
    assert len({figure.name for figure in figures}) == 5
    said = [
        *about_linewidth(lines),
        *about_crystal(crystal),
        *about_elongation(stretched),
        *about_scaling(lasers),
    ]
    assert len(said) == 9
    assert not any("nan" in sentence or "inf" in sentence for sentence in said)


def test_power_that_still_rises_has_its_largest_at_the_end() -> None:
    found = Elongation(laser(), quick=True)

    def rows(powers: list[float]) -> tuple[Elongated, ...]:
        return tuple(
            cast(Elongated, SimpleNamespace(aspect=2.0**k, best=(0.0, 0.0, power)))
            for k, power in enumerate(powers)
        )

    assert found.best(rows([1.0, 2.0, 2.9, 3.7])) == (8.0, 3.7)
    assert found.best(rows([1.0, 2.0, 3.1, 4.5])) == (8.0, 4.5)
    aspect, power = found.best(rows([1.0, 3.0, 1.0]))
    assert (aspect, power) == pytest.approx((2.0, 3.0))
