"""Method against method on random systems."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    DickeLadder,
    Emitters,
    Exact,
    Jumps,
    Linearised,
    Preparation,
    correlation,
    evolve,
    spectrum,
    steady_state,
)

rate = st.floats(0.2, 3.0)
part = st.floats(-1.5, 1.5)
GONE = "eliminated"


@st.composite
def lasers(draw, most=4):
    """One group in one mode, all processes on."""
    emitters = Emitters(
        draw(st.integers(1, most)),
        draw(st.complex_numbers(min_magnitude=0.3, max_magnitude=1.5, allow_nan=False)),
        draw(rate),
        pump_rate=draw(rate),
        dephasing_rate=draw(st.just(0.0) | st.floats(0.01, 1)),
        detuning=draw(part),
    )
    return CavitySystem([emitters], [CavityMode(draw(st.floats(1.0, 5.0)), detuning=draw(part))])


@given(system=lasers())
@settings(max_examples=6, deadline=None)
def test_jumps_agree_with_the_density_matrix(system):
    exact, ours = steady_state(system, method=Exact()), steady_state(system, method=Jumps(300, seed=1))
    for name in ("photon_number", "excited_population"):
        miss = np.abs(getattr(ours, name) - getattr(exact, name))
        assert np.all(miss < 5 * getattr(ours, name + "_error") + 1e-3), (name, ours, exact)


@given(system=lasers(most=3))
@settings(max_examples=6, deadline=None)
def test_eliminated_cavity_is_the_limit_of_a_fast_one(system):
    """kappa -> 3000 kappa with g^2/kappa kept: the two agree to the order of the small parameters."""
    mode, emitters = system.modes[0], system.emitters[0]
    fast = CavityMode(3000 * mode.kappa, detuning=3000 * mode.detuning)
    strong = Emitters(
        emitters.number,
        emitters.g_modes[0] * np.sqrt(3000),
        emitters.gamma,
        pump_rate=emitters.pump_rate,
        dephasing_rate=emitters.dephasing_rate,
    )
    limit = CavitySystem([strong], [fast])
    kept, gone = steady_state(limit), steady_state(limit, method=Exact(cavity=GONE))
    np.testing.assert_allclose(gone.photon_number, kept.photon_number, rtol=0.03)
    np.testing.assert_allclose(gone.excited_population, kept.excited_population, rtol=0.01)
    lines = spectrum(limit, method=Exact()), spectrum(limit, method=Exact(cavity=GONE))
    assert lines[1].full_width[0] == pytest.approx(lines[0].full_width[0], rel=0.03)


@given(number=st.integers(1, 6), delta=part, area=st.floats(0.3, 3.1))
@settings(max_examples=8, deadline=None)
def test_the_dicke_ladder_is_exact_for_collective_emission(number, delta, area):
    kappa, g = 2000.0, 3.0
    system = CavitySystem([Emitters(number, g)], [CavityMode(kappa, detuning=delta * kappa)])
    scale = number * 4 * g**2 / kappa
    times = np.linspace(0, 4 / scale, 9)
    start = Preparation.pulse(area)
    exact = evolve(system, times, initial=start, method=Exact(cavity=GONE))
    ladder = evolve(system, times, initial=start, method=DickeLadder())
    np.testing.assert_allclose(ladder.excited_population, exact.excited_population, rtol=1e-6)
    np.testing.assert_allclose(ladder.photon_number, exact.photon_number, rtol=1e-6)
    grid = np.linspace(-3, 3, 11) * scale
    lines = [
        spectrum(system, grid, initial=start, method=m).density for m in (Exact(cavity=GONE), DickeLadder())
    ]
    np.testing.assert_allclose(lines[1], lines[0], rtol=1e-6)


@given(system=lasers(most=3))
@settings(max_examples=4, deadline=None)
def test_correlations_of_trajectories_agree_with_the_density_matrix(system):
    delays = np.array([0.0, 0.3, 1.0])
    orders = (
        (1, 2) if steady_state(system).photon_number[0] > 0.2 else (1,)
    )  # rare pairs have no normal errors
    for order in orders:
        exact = correlation(system, delays, order=order, method=Exact())
        ours = correlation(system, delays, order=order, method=Jumps(600, seed=2))
        miss = np.abs(ours.normalised - exact.normalised)
        assert np.all(miss < 5 * ours.error + 0.01), (order, ours.normalised, exact.normalised, ours.error)


def superradiant(number: int, s: float = 0.5) -> CavitySystem:
    kappa, g = 1e8, 5e3  # 4 g^2/kappa = 1
    return CavitySystem([Emitters(number, g, pump_rate=s * number * 4 * g**2 / kappa)], [CavityMode(kappa)])


@pytest.mark.slow
def test_powers_of_cumulants_tend_to_the_exact_ones_as_one_over_n():
    errors = []
    for number in (128, 256, 512, 1000):
        powers = [
            steady_state(superradiant(number), method=m).photon_number[0]
            for m in (Exact(cavity=GONE), Cumulants(cavity=GONE))
        ]
        errors.append(abs(powers[1] / powers[0] - 1))
    slopes = np.diff(np.log(errors)) / np.diff(np.log([128, 256, 512, 1000]))
    assert np.all(slopes < -0.8), (errors, slopes)
    assert slopes[-1] == pytest.approx(-1, abs=0.2)


@pytest.mark.slow
def test_linearised_linewidths_tend_to_the_exact_ones():
    misses = []
    for number in (100, 200, 400, 800):
        system = superradiant(number)
        poles = [spectrum(system, method=m).poles[0].real for m in (Exact(cavity=GONE), Linearised())]
        misses.append(abs(poles[1] / poles[0] - 1))
    assert np.all(np.diff(misses) < 0), misses
    assert misses[-1] < 0.06
