"""The ion laser past the paper: groups with shifts, the laser's line, scaling."""

from __future__ import annotations

import functools
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import hbar

import atomcavity
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, MeanField, branches
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment
from atomcavity.studies.ion_laser.continuum import mean_overlap
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.studies.ion_laser.linewidth import Linewidth
from atomcavity.studies.ion_laser.scaling import READINGS, Scaling, shift_distribution

FILE = Path(atomcavity.__file__).parent / "studies" / "ion_laser" / "experiment.toml"
MEGA, MILLI = 2e6 * math.pi, 2e-3 * math.pi


@functools.cache
def laser(F: float = 5, megahertz: float = 1.0) -> Device:
    return Device(read_experiment(FILE), F, MEGA * megahertz)


# -- groups ----------------------------------------------------------------------------------------------------------


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), reach=st.floats(0, 2), pump=st.floats(0.05, 0.7))
def test_light_of_groups_is_the_mean_field_of_the_solvers(seed: int, reach: float, pump: float) -> None:
    """Power and frequency against the dynamics room, for shifts up to twice gamma_perp and any couplings."""
    rng = np.random.default_rng(seed)
    number, g = rng.integers(1000, 5000, 5).astype(float), rng.uniform(5, 60, 5)
    ions = Ensemble(number, g, np.zeros(5), kappa=1e6, gamma=0.04, xi=0.6, frequency=2e15)
    w = pump * float(ions.gain) / 1.6
    moved = Ensemble(number, g, rng.uniform(-1, 1, 5) * reach * 0.8 * w, 1e6, 0.04, 0.6, 2e15)
    power, nu = moved.light(w)
    found = branches(
        moved.system(w), method=MeanField()
    )  # with large shifts none may be stable: the light beats
    photons = power / (hbar * 2e15 * 1e6)
    assert np.abs(found.photon_number[:, 0] - photons).min() <= 1e-6 * photons + 1e-9
    if power > 0:  # imaginary part: in a bad cavity the ions' pulls cancel
        across = (w * 1.6 + 0.04) / 2
        delta = np.asarray(moved.shift) - nu
        flux = power / (hbar * 2e15)
        share = number * g**2 / (across**2 + delta**2 + flux * 4 * g**2 * across / 1e6 / (w + 0.04))
        assert abs(share @ delta) < 1e-3 * (share @ np.full(5, across))


def test_a_cavity_off_resonance_pulls_the_light() -> None:
    """One group moved by Delta: nu = Delta/(1 + 2 gamma_perp/kappa), so that the light is between ion and cavity."""
    ions = Ensemble([1e5], [60.0], [40.0], kappa=1e3, gamma=0.0, xi=0.0, frequency=2e15)
    power, nu = ions.light(100.0)
    assert power > 0
    assert nu == pytest.approx(40 / (1 + 100 / 1e3), rel=1e-6)


def test_shifts_far_beyond_the_width_still_converge() -> None:
    x, weight = shift_distribution()
    ions = Ensemble(1e5 * weight, 50.0, 3e4 * x, kappa=1e6, gamma=0.04, xi=0.6, frequency=2e15)
    pumps = np.geomspace(1, 600, 12)
    power, nu = ions.light(pumps)
    assert np.all(power >= 0)
    assert np.all(np.isnan(nu) | ((nu > 0) & (nu < 3e4)))
    still = Ensemble(1e5 * weight, 50.0, 0 * x, kappa=1e6, gamma=0.04, xi=0.6, frequency=2e15)
    assert np.all(power < still.power(pumps))


def test_groups_reproduce_the_continuum_and_their_optimum() -> None:
    device = laser()
    ions = Ensemble.of(device.system(groups=512), device.experiment.pump.xi)
    pump, power = ions.optimum()
    best, largest = device.continuum.optimum(device.zeta)
    assert power == pytest.approx(float(largest), rel=2e-4, abs=0)  # whole ions in each group
    assert pump == pytest.approx(float(best), rel=5e-3)


def test_spread_keeps_numbers_and_moments() -> None:
    values = np.random.default_rng(1).normal(2.0, 5.0, 4000)
    ions = Ensemble([3.0, 7.0], [1.0, 2.0], [0.0, 10.0], 1e5, 0.04, 0.6, 2e15).spread(values, 8)
    assert np.sum(ions.number) == pytest.approx(10)
    assert np.average(ions.shift, weights=ions.number) == pytest.approx(7 + values.mean())
    first = np.asarray(ions.shift)[:8]
    assert 0.9 * values.std() < first.std() < values.std()
    assert sum(e.number for e in ions.system(1.0).emitters) == 10
    with pytest.raises(InputError, match="parts"):
        ions.spread(values, 0)


# -- the line --------------------------------------------------------------------------------------------------------


def test_width_of_identical_ions_is_the_closed_form() -> None:
    """(1 + xi)(1 + s)/[2 (1 - s)] Gamma_c: phase diffusion; cumulants have (1 + xi)(1 + s)/(1 - s) - s."""
    from atomcavity.dynamics import Cumulants, Linearised
    from atomcavity.dynamics.api import spectrum

    N, g, kappa, xi, s = 100_000, 0.5, 1e6, 0.6, 0.4
    collective = 4 * g**2 / kappa
    w = s * N * collective / (1 + xi)
    system = CavitySystem([Emitters(N, g=g, pump_rate=w, dephasing_rate=xi * w / 2)], [CavityMode(kappa)])
    width, wider = (-2 * spectrum(system, method=m).poles[0].real for m in (Linearised(), Cumulants()))
    assert width / collective == pytest.approx((1 + xi) * (1 + s) / (2 * (1 - s)), rel=1e-4)
    assert wider / collective == pytest.approx((1 + xi) * (1 + s) / (1 - s) - s, rel=1e-3)


@pytest.mark.parametrize(("F", "wider"), [(5, (0.47810, 1.60364, 4.02530)), (8, (0.58103, 1.95252, 4.90226))])
def test_widths_of_the_crystal(F: float, wider: tuple[float, ...]) -> None:
    """Cumulants against an independent calculation (mHz; its wavelength is 0.02 % shorter), phase diffusion against the closed form."""
    for megahertz, expected in zip((0.2, 0.5, 1.0), wider, strict=True):
        each = Linewidth(laser(F, megahertz))
        line = each.line()
        assert line.wider / MILLI == pytest.approx(expected, rel=3e-3)
        assert line.width == pytest.approx(float(each.law(line.pump)), rel=1e-3)
        assert line.width < each.estimate < line.wider


def test_micromotion_moves_the_light() -> None:
    """Against an independent calculation: +0.49858 Hz, -0.1 % of the power, F = 5 at 1 MHz."""
    each = Linewidth(laser())
    none, moved = each.line(), each.line(micromotion=True)
    assert moved.frequency / (2 * math.pi) == pytest.approx(0.49858, rel=3e-3)
    assert moved.power / none.power - 1 == pytest.approx(-0.001, abs=3e-4)
    assert moved.wider / none.wider == pytest.approx(4.03937 / 4.02520, abs=3e-4)


def test_quadrupole_shifts_are_a_spread_about_a_common_shift() -> None:
    """1/2 Theta F-factor q/(4 pi eps0 l^3)/hbar of 3D2 with 0.86 e a0^2 is 21 Hz at 1 MHz, times -0.385 for F = 5."""
    gradient = np.random.default_rng(0).normal(0.3, 0.07, 500)
    each = Linewidth(laser(), gradient)
    assert each.quadrupole.mean() == pytest.approx(0, abs=1e-9)
    assert each.quadrupole.std() == pytest.approx(abs(each.common) * gradient.std(), rel=1e-9)
    assert each.common / (2 * math.pi) == pytest.approx(-0.384615 * 15.6 * 0.8602 / 0.64, rel=3e-3)
    wide, narrow = each.line(quadrupole=True), each.line()
    assert wide.power == pytest.approx(narrow.power, rel=3e-3, abs=0)
    assert 1 < wide.width / narrow.width < 1.01


# -- scaling ---------------------------------------------------------------------------------------------------------


def test_power_grows_with_the_powers_of_the_paper() -> None:
    """P ~ N^(4/3) and omega_z^(4/3) without shifts, far above the natural decay."""
    scaling = Scaling(laser())
    _, power = scaling.continuum(np.array([1e5, 1e6, 1e7]), MEGA)
    assert np.diff(np.log10(power)) == pytest.approx([4 / 3, 4 / 3], abs=2e-3)
    _, power = scaling.continuum(1e6, np.array([1.0, 2.0]) * MEGA)
    assert math.log2(power[1] / power[0]) == pytest.approx(4 / 3, abs=2e-3)
    assert scaling.continuum(1e5, 0.5 * MEGA)[1] == pytest.approx(
        float(laser(5, 0.5).continuum.optimum(0.8)[1]),
        rel=1e-5,
        abs=0,  # 1 - 2/(k w_0)^2
    )


def test_shifts_end_the_growth() -> None:
    scaling = Scaling(laser())
    ions = np.array([1e5, 1e7, 1e9])
    lost = 1 - scaling.shifted(ions, MEGA)[1] / scaling.continuum(ions, MEGA)[1]
    assert lost[0] < 2e-3
    assert np.all(np.diff(lost) > 0)
    direct = Ensemble.of(laser(5, 0.5).system(shifts=True), 0.6).optimum()[1]
    assert scaling.shifted(1e5, 0.5 * MEGA)[1] == pytest.approx(float(direct), rel=1e-4, abs=0)


def test_confinement_of_the_largest_power_is_a_maximum() -> None:
    """The scaled answer against the power itself, at and beside it; equal couplings of the crystal's mean g^2."""
    scaling = Scaling(laser(9))
    best = scaling.best_confinement(READINGS[2])
    x, weight = shift_distribution()
    device = scaling.device

    def power(confinement: float) -> float:
        rate, shift = scaling.relative(1e5, confinement)
        g = math.sqrt(float(rate) * float(mean_overlap(0.8)) / 2 * 1e8 / 4)
        ions = Ensemble(1e5 * weight, g, shift * x, 1e8, device.line.gamma, 0.6, device.line.frequency)
        return float(ions.optimum()[1])

    assert power(best) > max(power(0.9 * best), power(1.1 * best))
    assert best / MEGA == pytest.approx(9, abs=0.5)  # an independent calculation
    ratio = scaling.best_confinement(READINGS[0]) / scaling.best_confinement(READINGS[1])
    assert ratio == pytest.approx(2**0.75, rel=1e-9)
    with pytest.raises(InputError, match="reading"):
        scaling.best_confinement("g")
