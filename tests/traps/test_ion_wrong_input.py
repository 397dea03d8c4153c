"""Wrong input around ions is refused in one sentence: text, complex numbers, huge counts."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

import atomcavity as ac

ION = ac.Species("176Lu+")
STATES = (("1S0", 7, 1), ("3D2", 9, 0))
TRAP = ac.PaulTrap(ION, radio_frequency=1.4e8, confinement=6e6)
PLACES = [[0.0, 0.0, 0.6], [0.0, 0.0, -0.6]]
CAVITY = ac.FabryPerot(length=0.1, waist=1e-4, finesse=1e5, wavelength=804e-9)
LINE = ION.transition("1S0", "3D2")


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: ION.hyperfine("3D2").energy("9", 0, 0.0), "no state F = '9'"),  # type: ignore[arg-type]
        (lambda: ION.hyperfine("3D2").energy(9, 0, "1 G"), "field = '1 G' must be real"),
        (lambda: ION.hyperfine("3D2").energy(9, 0, 1j), "field = 1j must be real"),
        (lambda: ION.magic_fields(("1S0", 7), STATES[1], between=(0, 1)), "must be .level, F, m."),  # type: ignore[arg-type]
        (lambda: ION.magic_fields(*STATES, between=1), "two ascending fields"),  # type: ignore[arg-type]
        (lambda: ION.magic_fields(*STATES, between=("a", "b")), "between = .* must be real"),  # type: ignore[arg-type]
        (
            lambda: TRAP.__class__(ION, radio_frequency=1.0, confinement=0.01, rf=1j * np.eye(3)),
            "rf = .* real",
        ),
        (lambda: TRAP.__class__(ION, radio_frequency=1.0, confinement=0.01, rf="x"), "rf = 'x' must be real"),
        (lambda: TRAP.crystal(True), "n = True must be a whole number"),
        (lambda: TRAP.crystal(10**12), "do not fit"),
        (lambda: TRAP.crystal(2, seed=-1), "seed = -1"),
        (lambda: TRAP.crystal(2, starts="x"), "starts = 'x'"),
        (lambda: TRAP.crystal(2, tolerance="a"), "tolerance = 'a'"),
        (lambda: ac.find_crystal("a", 2), "weights = 'a' must be real"),
        (lambda: ac.ion_shifts(TRAP.crystal(2), TRAP, ION, *STATES, axis="z"), "axis = 'z' must be real"),
        (lambda: ac.periodic_orbits(TRAP, "x"), "positions = 'x' must be real"),
        (lambda: ac.periodic_orbits(TRAP, PLACES, harmonics=0), "harmonics = 0"),
        (lambda: ac.periodic_orbits(TRAP, PLACES, rtol=float("nan")), "rtol = nan"),
        (lambda: ac.periodic_orbits(TRAP, np.zeros((2, 3))), "two ions are at the same position"),
        (lambda: CAVITY.photon_field("a"), "positions = 'a' must be real"),
        (lambda: CAVITY.gradient([0, 0, 0], "a"), "widths = 'a' must be real"),
        (lambda: ac.couple(LINE, [CAVITY], at=[0, 0, 0], F=(7, 9), m=("1", 0)), "m of the lower level = '1'"),  # type: ignore[arg-type]
        (lambda: ac.couple(LINE, [CAVITY], at="x", F=(7, 9), m=(1, 0)), "positions = 'x' must be real"),
    ],
)
def test_refused(call: Callable[[], object], words: str) -> None:
    with pytest.raises(ac.InputError, match=words):
        call()
