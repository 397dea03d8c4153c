"""The microclock's pulse by other methods, in both directions, and of atoms that differ."""

from __future__ import annotations

from dataclasses import replace
from math import pi, sqrt, tau

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from atomcavity.dynamics import Exact, Jumps, Preparation, evolve
from atomcavity.studies.microclock.broadening import Broadening, spread
from atomcavity.studies.microclock.centres import Centres
from atomcavity.studies.microclock.directions import Directions
from atomcavity.studies.microclock.figures_directions import draw_broadening, draw_directions
from atomcavity.studies.microclock.figures_pulse import draw_detuning, draw_methods, draw_pulse
from atomcavity.studies.microclock.methods import Methods
from atomcavity.studies.microclock.pulse import Pulse, Superradiance
from atomcavity.studies.microclock.remarks_pulse import (
    about_broadening,
    about_directions,
    about_frequency,
    about_methods,
    about_pulse,
)

G, KAPPA = tau * 300, tau * 1.2e6
PULSE = Pulse(G, KAPPA, 400)
SMALL = Pulse(G, KAPPA, 60)


@given(st.integers(2, 300), st.floats(-3, 3).filter(lambda r: abs(r) > 1e-3))
def test_centroid_is_minus_chi(atoms, ratio):
    """Each photon emitted from M has the frequency 2 chi (M - 1), every M is passed once: the mean is -chi."""
    found = Superradiance(Pulse(G, KAPPA, atoms))
    assert found.centroid_factor(ratio * KAPPA) == pytest.approx(-1, rel=1e-9)


def test_frequencies_are_odd_in_the_detuning_and_sharp_windows_matter():
    found = Centres(SMALL, duration=1.0, points=3, farthest=0.5)
    mirrored = Centres(SMALL, duration=1.0, points=3, farthest=-0.5)
    for estimator in ("peak", "half-maximum"):
        assert found.shifts(estimator)[1:] == pytest.approx(-mirrored.shifts(estimator)[1:], rel=1e-6)
    whole = found.shifts("centroid")[1:]
    for window, limit in ((3, 1.3), (100, 1.01)):
        ratio = found.shifts("centroid", window=window)[1:] / whole
        assert np.all((ratio > 1) & (ratio < limit))


def test_a_long_open_detector_sees_everything():
    found = Centres(SMALL, duration=40 / (SMALL.atoms * SMALL.rate()), points=3, farthest=0.5)
    assert found.share(0.0) == pytest.approx(1, abs=1e-6)
    assert found.seen_centroid(KAPPA / 4) == pytest.approx(-1, abs=1e-3)
    assert found.share(2 * KAPPA) < 0.9


def test_semiclassical_pulse_solves_its_equation():
    """dm/dt = -Gamma (J + m)(J - m + 1) with I = -(dm/dt)/2, from m = J on."""
    found = Methods(SMALL, points=2001)
    time, rate, j = found.time, found.semiclassical, SMALL.atoms / 2
    emitted = np.concatenate([[0], np.cumsum(np.diff(time) * (rate[1:] + rate[:-1]) / 2)])
    m = j - 2 * emitted
    assert rate == pytest.approx(SMALL.rate() / 2 * (j + m) * (j - m + 1), rel=1e-3, abs=1e-4 * rate.max())


def test_adiabatic_elimination_is_of_second_order():
    """The error of the eliminated cavity falls with kappa^2: delay and peak against the kept cavity."""
    errors = []
    for bad in (20, 40):
        pulse = Pulse(1.0, bad * sqrt(20), 20)
        kept = Methods(pulse, trajectories=20, batches=2).comparisons["cavity kept"]
        errors.append(kept.deviations)
    assert np.array(errors[0]) / np.array(errors[1]) == pytest.approx(np.full(3, 4), rel=0.25)


def test_methods_beside_the_exact_pulse():
    """Moments and mean field are too high and too short by about a quarter; truncated Wigner is right within its errors."""
    compared = Methods(PULSE, trajectories=150, batches=4, photons=3).comparisons
    for name in ("second-order moments", "mean field, tipped by 2/√N", "⟨J_z²⟩ = ⟨J_z⟩²"):
        peak, delay, width = compared[name].deviations
        assert peak == pytest.approx(0.275, abs=0.015)
        assert delay == pytest.approx(-0.049, abs=0.006)
        assert width == pytest.approx(-0.235, abs=0.01)
    wigner = compared["truncated Wigner"]
    assert np.all(np.abs(wigner.deviations) < 5 * np.array(wigner.errors) + 0.005)
    assert max(abs(d) for d in compared["cavity kept"].deviations) < 2e-4


def test_inverted_atoms_emit_equally_in_both_directions():
    """On resonance the equations are real, so that <sigma_k^+ sigma_l> is: exact for any sites; and mirrored sites swap the directions."""
    ring = Directions(Pulse(1.0, 60.0, 3), sites=9, m=2, phases=9)
    times = ring.time[::16]
    system, phases = ring.placed(1)
    assert len(phases) == 3
    both = evolve(system, times, method=Exact(photons=2)).photon_number
    assert both[0] == pytest.approx(both[1], rel=1e-9, abs=1e-15)
    scattering, _ = ring.placed(1, 30.0)
    mirrored = replace(
        scattering, emitters=[replace(e, g=tuple(np.conj(e.g_modes))) for e in scattering.emitters]
    )
    one, other = (evolve(s, times, method=Exact(photons=2)).photon_number for s in (scattering, mirrored))
    assert one == pytest.approx(other[::-1], rel=1e-6, abs=1e-12)


def test_a_pulse_short_of_pi_chooses_the_direction():
    ring = Directions(PULSE, 432, 255, trajectories=16, batches=4, phases=24, points=81)
    photons = ring.photons([(0.0, 0.0), (0.5, 0.0), (0.5, KAPPA / 2)])
    ways = np.trapezoid(ring.rates(0.0), ring.time).mean(axis=0)
    assert ways[0] == pytest.approx(ways[1], abs=5 * 2 * ring.scatter / sqrt(64))
    assert photons.mean[0] == pytest.approx(np.full(2, ways.mean()))
    assert 300 < photons.mean[0].sum() < 400
    assert photons.mean[1, 0] > 340
    assert photons.mean[1, 1] < 30
    assert photons.mean[2, 0] < photons.mean[2, 1]
    assert ring.peak()[0] == pytest.approx(0.47 * ring.one_way.max() / (400**2 * PULSE.rate()), rel=0.12)
    assert 80 < ring.scatter < 180  # chance alone would be sqrt(n) = 13


@pytest.mark.slow
@pytest.mark.parametrize("tilt", [0.0, 0.8])
def test_both_directions_against_quantum_jumps(tilt):
    """Twelve atoms at three phases: exact trajectories of the whole system against truncated Wigner."""
    ring = Directions(Pulse(1.0, 40 * sqrt(12), 12), 12, 4, trajectories=500, batches=4, phases=3, points=121)
    system, phases = ring.placed(0)
    assert [group.number for group in system.emitters] == [4, 4, 4]
    start = Preparation.pulse(pi - tilt, phases)
    exact = evolve(system, ring.time, initial=start, method=Jumps(150))
    counts = np.trapezoid(ring.pulse.kappa * exact.photon_number, ring.time)
    assert ring.photons([(tilt, 0.0)]).mean[0] == pytest.approx(counts, abs=0.5)


@given(st.integers(10, 500), st.floats(0.1, 1e4), st.integers(3, 10))
def test_spread_has_its_variance(atoms, sigma, groups):
    parts = np.array(spread(atoms, sigma, groups))
    numbers, values = parts.T
    assert numbers.sum() == atoms
    assert np.ptp(numbers) <= 1
    assert numbers @ values**2 / atoms == pytest.approx(sigma**2)
    assert abs(numbers @ values) / atoms < 0.2 * sigma


def test_broadened_pulses_against_exact_answers():
    found = Broadening(PULSE, trajectories=16, groups=16, points=61)
    alike, broad = found.remnant(0.0), found.remnant(found.width)
    assert alike.peak == pytest.approx(found.ladder.peak, abs=5 * alike.peak_error + 0.002)
    assert alike.emitted == pytest.approx(1, abs=1e-3)
    assert broad.peak < 0.1 * alike.peak
    assert broad.emitted < 0.3
    same, _ = found.check(0.0)
    few = found.few
    assert same.peak * few.atoms**2 * few.rate() == pytest.approx(2 * few.shape().peak_rate, rel=5e-3)
    exact, wigner = found.check(0.5)
    assert exact.peak < 0.97 * same.peak
    assert wigner.peak == pytest.approx(exact.peak, rel=0.1)
    assert wigner.emitted == pytest.approx(exact.emitted, abs=0.08)


@pytest.mark.slow
def test_figures_and_sentences():
    """Every figure has its name and a caption without gaps; every sentence its numbers."""
    alone, centres = Superradiance(PULSE), Centres(PULSE, 0.1, points=9)
    methods = Methods(PULSE, trajectories=30, batches=3, photons=3)
    ring = Directions(PULSE, 432, 255, trajectories=4, batches=3, phases=16, points=61)
    broad = Broadening(PULSE, trajectories=4, batches=3, groups=10, points=61)
    figures = [
        draw_pulse(alone),
        draw_detuning(centres),
        draw_methods(methods),
        draw_directions(ring),
        draw_broadening(broad, tau * 735),
    ]
    names = ["figure-2", "figure-3", "figure-methods", "figure-directions", "figure-inhomogeneity"]
    assert [figure.name for figure in figures] == names
    sentences = [
        *about_pulse(alone, alone),
        *about_frequency(centres),
        *about_methods(methods),
        *about_directions(ring),
        *about_broadening(broad, tau * 735),
    ]
    for text in (*sentences, *(figure.caption for figure in figures)):
        assert not {"nan", "inf"} & set(text.replace("(", " ").replace(",", " ").split())
        assert "{" not in text
        assert text.endswith(".")
