"""The eliminated cavity: closed forms, and the balance of the light."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, LevelScheme, eliminate
from atomcavity.errors import InputError

rate = st.floats(0.1, 10)
part = st.floats(-3, 3)


@given(
    g=st.complex_numbers(min_magnitude=1e-3, max_magnitude=3, allow_nan=False),
    kappa=rate,
    delta=part,
    emitters=part,
)
@settings(max_examples=40, deadline=None)
def test_one_mode(g, kappa, delta, emitters):
    system = CavitySystem(
        [Emitters(5, g, 0.1, detuning=emitters)], [CavityMode(kappa, detuning=emitters + delta)]
    )
    found = eliminate(system)
    scale = abs(g) ** 2 / (kappa**2 / 4 + delta**2)
    assert found.decay[0, 0].real == pytest.approx(kappa * scale)
    assert found.shift[0, 0].real == pytest.approx(
        -delta * scale, abs=1e-14 * scale
    )  # rounding of the detunings
    assert abs(found.amplitude[0, 0]) ** 2 == pytest.approx(scale)
    assert found.frequency == pytest.approx(emitters)


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_what_leaves_the_emitters_leaves_through_the_mirrors(data):
    numbers = st.complex_numbers(max_magnitude=3, allow_nan=False)
    groups = [Emitters(2, data.draw(st.tuples(numbers, numbers)), 0.1) for _ in range(3)]
    kappas = np.array([data.draw(rate), data.draw(rate)])
    hop = data.draw(numbers)
    modes = [CavityMode(k, detuning=data.draw(part)) for k in kappas]
    found = eliminate(CavitySystem(groups, modes, mode_coupling=[[0, hop], [np.conj(hop), 0]]))
    photons = found.amplitude.conj().T @ np.diag(kappas) @ found.amplitude
    np.testing.assert_allclose(photons, found.decay, atol=1e-10 * (1 + np.abs(photons).max()))
    assert np.linalg.eigvalsh(found.decay)[0] >= -1e-10 * (1 + np.abs(photons).max())


def test_the_parameters_that_must_be_small():
    bad_cavity = CavitySystem([Emitters(100, 1.0, 0.1)], [CavityMode(1000.0)])
    assert eliminate(bad_cavity).warnings == ()
    assert eliminate(bad_cavity).small["sqrt(N) g/kappa"] == pytest.approx(0.01)
    good_cavity = CavitySystem([Emitters(100, 1.0, 0.1)], [CavityMode(10.0)])
    assert "sqrt(N) g/kappa = 1" in eliminate(good_cavity).warnings[0]
    spread = CavitySystem([Emitters(1, 1.0), Emitters(1, 1.0, detuning=500.0)], [CavityMode(1000.0)])
    assert "spread" in eliminate(spread).warnings[0]


@pytest.mark.parametrize(
    ("system", "message"),
    [
        (CavitySystem([Emitters(1, 1.0)], [CavityMode(0.0)]), "neither decays"),
        (CavitySystem([Emitters(1, 1.0)], [CavityMode(1.0)], drive=0.1), "driven"),
        (
            CavitySystem(
                [Emitters(1, levels=LevelScheme(("g", "e"), {("g", "e"): (1.0,)}))], [CavityMode(1.0)]
            ),
            "level scheme",
        ),
    ],
)
def test_refusals(system, message):
    with pytest.raises(InputError, match=message):
        eliminate(system)
