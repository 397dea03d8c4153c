"""Bad input in Python: one sentence, as in files."""

import math

import pytest

import atomcavity as ac
from atomcavity.errors import InputError, unknown

MODE = ac.CavityMode(1e6)


@pytest.mark.parametrize(
    "bad",
    [
        lambda: ac.Microsphere("5 um", 1.45),
        lambda: ac.Microsphere(-5e-6, 1.45),
        lambda: ac.Microsphere(math.nan, 1.45),
        lambda: ac.Microsphere(5e-6, "fused silica"),
        lambda: ac.Microsphere(5e-6, None),
        lambda: ac.Microsphere(5e-6, 1.45).mode("TE", n=0, l=60),
        lambda: ac.Microsphere(5e-6, 1.45).mode("TE", n=1, l=60, m=61),
        lambda: ac.Microsphere(5e-6, 1.45).mode("XX", n=1, l=60),
        lambda: ac.Beam(ac.Microsphere(5e-6, 1.45).mode("TE", n=1, l=60), "27 mW"),
        lambda: ac.Emitters(0),
        lambda: ac.Emitters(1.5),
        lambda: ac.Emitters(1, "a"),
        lambda: ac.Emitters(1, 1.0, "a"),
        lambda: ac.Emitters(1, 1.0, -1.0),
        lambda: ac.CavityMode("4 MHz"),
        lambda: ac.CavityMode(math.inf),
        lambda: ac.CavitySystem(ac.Emitters(1), [MODE]),
        lambda: ac.CavitySystem(None, None),
        lambda: ac.CavitySystem([ac.Emitters(1, (1.0, 1.0))], [MODE]),
        lambda: ac.CavitySystem([], [MODE]),
        lambda: ac.Material("fused silica").index(0.1e-6),
        lambda: ac.Species("88Sr").level("3P7"),
    ],
)
def test_one_sentence(bad):
    with pytest.raises(InputError) as caught:
        bad()
    assert "\n" not in str(caught.value)
    assert len(str(caught.value)) > 20


def test_a_long_list_of_names_is_cut():
    message = str(unknown("level", "x", [f"level {k}" for k in range(100)]))
    assert message.endswith("…")
    assert len(message) < 300
