"""Both circular modes of the ion laser: laws of identical ions, limits, an independent integration."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.constants import hbar
from scipy.integrate import solve_ivp

from atomcavity.dynamics import Exact, Linearised, correlation, spectrum, steady_state
from atomcavity.studies.ion_laser.both_modes import KICK, BothModes, phase_diffusion
from atomcavity.studies.ion_laser.figures_modes import draw_modes
from atomcavity.studies.ion_laser.modes_scan import ModesScan
from atomcavity.studies.ion_laser.remarks_modes import about_modes

OMEGA = math.tau * 3.73e14


def laser(
    gain: float = 330.0, xi: float = 0.6, *, gamma: float = 1e-6, splitting: float = 0.0, kappa: float = 2e6
) -> BothModes:
    return BothModes.identical(
        100_000, gain, kappa=kappa, gamma=gamma, xi=xi, frequency=OMEGA, splitting=splitting
    )


@pytest.mark.parametrize("xi", [0.1, 0.6, 2.0])
@pytest.mark.parametrize("share", [0.5, 0.8])
def test_both_modes_share_the_light_equally_and_gain_by_the_law(xi: float, share: float) -> None:
    both = laser(xi=xi)
    pump = share * both.last_pump
    powers = both.powers(pump)
    assert powers[0] == pytest.approx(powers[1], rel=1e-6, abs=0)
    assert powers.sum() / both.single(pump) == pytest.approx(both.gained, rel=1e-3)


def test_the_single_mode_is_the_laser_of_two_levels() -> None:
    """u - l clamped at D = (1 + xi) w/gain, power N w (1 - D)/2 photons a second."""
    both = laser()
    d = (1 + both.xi) * 100.0 / both.gain
    assert both.single(100.0) == pytest.approx(hbar * OMEGA * 1e5 * 100.0 * (1 - d) / 2, rel=1e-3, abs=0)


@pytest.mark.parametrize("xi", [0.3, 0.6, 1.5])
def test_equal_powers_become_unstable_at_the_law(xi: float) -> None:
    both = laser(xi=xi)
    edge = both.pulsing_below
    assert both.growth(0.98 * edge) > 0 > both.growth(1.02 * edge)
    assert np.all(np.isnan(both.powers(0.9 * edge)))
    assert both.rhythm(edge) == pytest.approx(math.sqrt(xi) * edge, rel=1e-12)


def test_the_rhythm_is_that_of_the_growing_difference() -> None:
    """Small differences at the edge oscillate with sqrt(xi) w: seen in an evolution just above it."""
    both = laser()
    pump = 1.02 * both.pulsing_below
    trace = both.trace(pump, 4.0, points=4000).after(1.5)
    assert math.tau * trace.frequency == pytest.approx(both.rhythm(pump), rel=0.05)


def test_a_weak_mode_stays_dark_beyond_the_law_of_selection() -> None:
    both = laser()
    pump = 100.0
    x = 0.1
    for _ in range(30):  # the stronger mode's kappa is smaller by x/2
        ratio = both.selection(pump * (1 - x / 2))
        x = 2 * (1 - ratio) / (1 + ratio)
    assert both.powers(pump, mirrors=1.05 * x)[1] == 0
    assert both.powers(pump, mirrors=0.95 * x)[1] > 0
    assert both.powers(pump, coupling=1.05 * x / 2)[1] == 0
    assert both.powers(pump, coupling=0.95 * x / 2)[1] > 0


def test_the_splitting_drops_out_but_for_the_pull_of_the_cavity() -> None:
    near, far = laser(), laser(splitting=math.tau * 700)
    assert far.powers(100.0) == pytest.approx(near.powers(100.0), rel=1e-5, abs=0)
    assert near.beat(100.0) == pytest.approx(0, abs=1e-6)
    pull = far.beat(100.0) / far.splitting - 1
    assert -100.0 * 10 / far.kappa < pull < 0
    closer = laser(splitting=math.tau * 700, kappa=4e6)
    assert closer.beat(100.0) / closer.splitting - 1 == pytest.approx(pull / 2, rel=0.01)


def test_pulses_agree_with_an_independent_integration() -> None:
    """Maxwell-Bloch equations with the cavity eliminated, Omega = (gain/2) s, written out for three levels."""
    both = laser(kappa=2e7)
    pump, xi, half = 30.0, both.xi, both.gain / 2

    def right(_: float, y: np.ndarray) -> np.ndarray:
        plus, minus, u = y[:3].real
        c, a, b = y[3:]  # rho_+-, rho_u+, rho_u-
        dephasing = pump * (1 + xi)
        alpha, beta = half * -1j * a, half * -1j * b  # g alpha of the two modes
        up_a, up_b = 2 * (np.conj(alpha) * a).imag, 2 * (np.conj(beta) * b).imag
        return np.array(
            [
                -pump * plus + up_a,
                -pump * minus + up_b,
                pump * (plus + minus) - up_a - up_b,
                -dephasing * c - 1j * (np.conj(alpha) * b - np.conj(a) * beta),
                -dephasing / 2 * a - 1j * (alpha * plus + beta * np.conj(c) - u * alpha),
                -dephasing / 2 * b - 1j * (beta * minus + alpha * c - u * beta),
            ]
        )

    psi = np.array(KICK, complex) / np.linalg.norm(KICK)
    rho = np.outer(psi, psi.conj())
    start = np.array([rho[0, 0], rho[1, 1], rho[2, 2], rho[0, 1], rho[2, 0], rho[2, 1]])
    trace = both.trace(pump, 0.4, points=200)
    solved = solve_ivp(right, (0, 0.4), start, t_eval=trace.time[1:], method="DOP853", rtol=1e-10, atol=1e-13)
    ours, theirs = trace.power[:, 1:], np.abs(solved.y[4:]) ** 2
    assert ours / ours.max() == pytest.approx(theirs / theirs.max(), abs=2e-3)


def test_antiphase_pulses_split_the_beat_note() -> None:
    both = laser(kappa=2e5)
    trace = ModesScan.settled(both, 30.0)
    assert trace.pulsing.min() > 0.5
    assert trace.correlation < -0.9
    offset, power = trace.spectrum()
    assert abs(offset[power.argmax()]) == pytest.approx(trace.frequency, rel=0.1)
    assert power[np.abs(offset) < 0.3 * trace.frequency].max() < 1e-4


def test_phase_diffusion_is_that_of_the_dynamics_room() -> None:
    both = laser(gamma=0.04, kappa=2e5)
    matrix = phase_diffusion(both.system(100.0))
    assert matrix == pytest.approx(matrix.T, rel=1e-6)
    pole = spectrum(both.system(100.0), method=Linearised()).poles[0]
    line, beat = both.widths(100.0)
    assert line == pytest.approx(-2 * pole.real, rel=1e-6)
    assert 2 * line < beat < 4 * line  # the phases diffuse against each other


def test_two_ions_exactly() -> None:
    """From |uu> two photons of one mode are as likely as one of each: the pair correlations are in the ratio 1/2."""
    two = BothModes.identical(2, 300.0, kappa=1e6, gamma=0.04, xi=0.6, frequency=OMEGA).system(100.0)
    same = steady_state(two, method=Exact()).g2
    crossed = correlation(two, [0.0], order=2, mode=0, other=1, method=Exact()).normalised[0].real
    assert same[0] == pytest.approx(same[1], rel=1e-9)
    assert crossed == pytest.approx(same[0] / 2, rel=1e-6)


def test_figure_and_remarks() -> None:
    both = BothModes(((30_000, 10.0), (70_000, 8.0)), 1e5, 0.04, 0.6, OMEGA, math.tau * 267)
    scan = ModesScan(both.merged(), both, quick=True)
    assert scan.laser.gain == pytest.approx(both.gain, rel=1e-12)
    figure = draw_modes(scan)
    assert len(figure.drawing.axes) == 4
    assert all("nan" not in remark for remark in about_modes(scan))
