"""Optical pumping rates against closed forms."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import LevelScheme
from atomcavity.dynamics.pump import light_shifts, pumping
from atomcavity.errors import InputError


@settings(max_examples=30, deadline=None)
@given(
    rabi=st.floats(0.01, 20),
    detuning=st.floats(-5, 5),
    back=st.floats(0.1, 3),
    forth=st.floats(0.1, 3),
)
def test_one_drive_and_one_decay(rabi, detuning, back, forth):
    """With the target recycled this is a two-level atom: rate = forth * (s/2)/(1+s), saturation s."""
    scheme = LevelScheme(
        ("g", "e", "t"),
        drives={("g", "e"): rabi},
        decays={("e", "g"): back, ("e", "t"): forth},
        energies={"e": detuning},
    )
    total = back + forth
    saturation = 2 * rabi**2 / total**2 / (1 + 4 * detuning**2 / total**2)
    excited = saturation / 2 / (1 + saturation)
    found = pumping(scheme, "g", "t")
    assert found.rate == pytest.approx(forth * excited, rel=1e-9)
    assert found.populations["e"] == pytest.approx(excited, rel=1e-9)
    assert found.populations["g"] == pytest.approx(1 - excited, rel=1e-9)
    assert found.populations["t"] == 0


def test_decay_chain_adds_the_mean_times():
    scheme = LevelScheme(("a", "b", "c"), decays={("a", "b"): 2.0, ("b", "c"): 5.0})
    assert 1 / pumping(scheme, "a", "c").rate == pytest.approx(1 / 2 + 1 / 5)


def test_against_direct_integration():
    """1/rate = int_0^inf (1 - target population) dt of the full Bloch equations."""
    from scipy.integrate import solve_ivp

    scheme = LevelScheme(
        ("s", "p", "e", "d", "t"),
        drives={("s", "p"): 1.5, ("p", "e"): 2.0 + 0.5j, ("d", "e"): 1.0},
        decays={("p", "s"): 0.1, ("e", "p"): 1.0, ("e", "d"): 1.5, ("e", "t"): 0.7},
        energies={"p": 0.3, "e": -0.2, "d": 0.1},
        dephasing={"d": 0.05},
    )
    names = scheme.levels
    h = np.diag([scheme.energies.get(n, 0.0) for n in names]).astype(complex)
    for (a, b), rabi in scheme.drives.items():
        h[names.index(b), names.index(a)] += rabi / 2
        h[names.index(a), names.index(b)] += np.conj(rabi) / 2

    def derivative(_, y):
        rho = y[:-1].reshape(5, 5)
        change = -1j * (h @ rho - rho @ h)
        for (a, b), rate in scheme.decays.items():
            i, j = names.index(a), names.index(b)
            change[j, j] += rate * rho[i, i]
            change[i] -= rate / 2 * rho[i]
            change[:, i] -= rate / 2 * rho[:, i]
        k = names.index("d")
        extra = 0.05 * np.ones(5)
        extra[k] = 0
        change[k] -= extra * rho[k]
        change[:, k] -= extra * rho[:, k]
        return np.append(change.ravel(), 1 - rho[4, 4])

    start = np.zeros(26, dtype=complex)
    start[0] = 1
    end = solve_ivp(derivative, (0, 400), start, rtol=1e-9, atol=1e-12).y[:, -1]
    assert 1 / pumping(scheme, "s", "t").rate == pytest.approx(end[-1].real, rel=1e-6)


def test_light_shift_of_a_weak_detuned_drive():
    scheme = LevelScheme(("g", "e"), drives={("g", "e"): 0.02}, energies={"e": 1.0})
    shifts = light_shifts(scheme)
    exact = (np.sqrt(1 + 0.02**2) - 1) / 2
    assert shifts["g"] == pytest.approx(-exact, rel=1e-9)
    assert shifts["e"] == pytest.approx(exact, rel=1e-9)


@pytest.mark.parametrize(
    ("scheme", "message"),
    [
        (LevelScheme(("a", "b", "c"), decays={("a", "b"): 1.0}), "trapped"),
        (LevelScheme(("a", "b", "c"), decays={("a", "b"): 1.0, ("a", "c"): 1.0}), "trapped"),
        (LevelScheme(("a", "b", "c"), drives={("a", "c"): 1.0}, decays={("c", "a"): 1.0}), "driven"),
        (LevelScheme(("a", "b"), decays={("a", "b"): 1.0}), "unknown level 'c'"),
    ],
)
def test_impossible_requests(scheme, message):
    with pytest.raises(InputError, match=message):
        pumping(scheme, "a", "c")
