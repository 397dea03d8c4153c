"""g2(tau) of a pulse, normalised by int n_i(t) n_j(t + tau) dt, by every method that follows single photons."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import simpson

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    DickeLadder,
    Emitters,
    Exact,
    Jumps,
    Preparation,
    correlation,
    evolve,
)
from atomcavity.dynamics.exact import overlap
from atomcavity.dynamics.methods import Method
from atomcavity.errors import ConvergenceError

KAPPA = 2000.0
RATE = 4 / KAPPA  # of the collective decay
PAIR = CavitySystem([Emitters(2, g=1.0)], [CavityMode(KAPPA)])
DELAYS = np.array([0.0, 0.2, 1.0]) / RATE
UNLIKE = CavitySystem(
    [Emitters(1, (0.6, 0.3j), 0.2), Emitters(1, (0.2j, 0.5), 0.1, detuning=-0.3)],
    [CavityMode(1.0), CavityMode(1.5, detuning=0.1)],
)


def superradiant(delays: np.ndarray) -> np.ndarray:
    """Two inverted emitters, x = 2 RATE: n(t) = x exp(-x t) (1 + x t), the second photon x exp(-x tau) after the first."""
    return 1 / (1.25 + 0.75 * 2 * RATE * delays)


@pytest.mark.parametrize(
    ("method", "rtol"),
    [
        (Exact(), 3e-3),
        (Exact(cavity="eliminated"), 1e-8),
        (DickeLadder(), 1e-8),
        (Jumps(2000, seed=1, cavity="eliminated"), 0.0),
    ],
)
def test_two_superradiant_emitters(method: Method, rtol: float) -> None:
    found = correlation(PAIR, DELAYS, order=2, initial="inverted", method=method)
    truth = superradiant(DELAYS)
    assert np.all(np.abs(found.normalised - truth) < 4 * found.error + rtol * truth)
    assert np.all(found.error < 0.12)


@pytest.mark.parametrize("stored", [False, True])
def test_two_emitters_in_a_good_cavity(stored: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Trajectories on the window of one ladder, and on stored sectors."""
    if stored:
        monkeypatch.setattr("atomcavity.dynamics.jumps.ladder.suits", lambda *_: False)
    system, delays = CavitySystem([Emitters(2, g=1.0)], [CavityMode(2.0)]), [0.0, 0.4, 1.0]
    found = correlation(system, delays, order=2, initial="inverted", method=Jumps(600, seed=1))
    exact = correlation(system, delays, order=2, initial="inverted", method=Exact())
    assert np.all(np.abs(found.normalised - exact.normalised) < 4 * found.error)
    assert np.all(found.error < 0.15)


@pytest.mark.parametrize("pair", [(0, 0), (0, 1), (1, 0)])
@pytest.mark.parametrize("dense", [True, False])
def test_the_norm_is_the_overlap_of_two_evolutions(
    pair: tuple[int, int], dense: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Times doubled, and stepped as for large systems; modes unlike, so that t and t + tau are not exchanged."""
    if not dense:
        monkeypatch.setattr(overlap, "DENSE", 0)
    delays, times = np.array([0.0, 0.7, 2.0]), np.linspace(0.0, 150.0, 15001)
    initial = Preparation.pulse([2.0, 2.9], [0.3, -0.9])
    i, j = pair
    found = correlation(UNLIKE, delays, order=2, mode=i, other=j, initial=initial, method=Exact())
    light = evolve(UNLIKE, times, initial=initial, method=Exact()).photon_number
    norm = [
        simpson(light[i, : len(times) - k] * light[j, k:], dx=times[1])
        for k in np.rint(delays / times[1]).astype(int)
    ]
    np.testing.assert_allclose(found.value / found.normalised, norm, rtol=1e-6)


@pytest.mark.parametrize("kappa", [1.0, 1e3, 1e5])
def test_dark_states_do_not_count(kappa: float) -> None:
    """One excitation, half of which stays dark for ever, is one photon at most."""
    dark = CavitySystem([Emitters(1, 1.0), Emitters(1, 1.0)], [CavityMode(kappa)])
    found = correlation(dark, [0.0, kappa], order=2, initial=["excited", "ground"], method=Exact())
    assert np.all(np.abs(found.normalised) < 1e-9)


def test_light_that_is_not_followed_to_its_end_is_told() -> None:
    slow = CavitySystem([Emitters(1, 1.0), Emitters(1, 1.0)], [CavityMode(1e7)])
    with pytest.raises(ConvergenceError, match="eliminated"):
        correlation(slow, [0.0], order=2, initial="inverted", method=Exact())
