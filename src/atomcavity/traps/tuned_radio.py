"""The magic radio frequency beyond leading order: end of Sec. III of Kazakov et al., PRA 96, 023412 (2017)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import ConvergenceError, reals, require, unknown
from atomcavity.traps.ion_shifts import METHODS, field_axis, micromotion_shifts
from atomcavity.traps.magic_radio import StatePair
from atomcavity.traps.micromotion import Expansion
from atomcavity.traps.orbits import periodic_orbits
from atomcavity.traps.paul import PaulTrap

Array = NDArray[np.float64]


@dataclass(frozen=True)
class TunedRadioFrequency:
    r"""A radio frequency tuned to the least micromotion shift of a crystal.

    value    $\Omega$ (rad/s)
    magic    $\Omega_0$, Eq. (11) (rad/s)
    before, after  root mean square over the ions of the micromotion shift (10) at $\Omega_0$ and at $\Omega$ (rad/s)
    """

    value: float
    magic: float
    before: float
    after: float

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        mega = 2e6 * math.pi
        return (
            f"Ω/2π = {self.value / mega:.8g} MHz ({(self.value - self.magic) / mega * 1e3:+.4g} kHz from Ω₀): "
            f"rms shift/2π {self.before / math.tau:.3g} -> {self.after / math.tau:.3g} Hz"
        )


def tuned_radio_frequency(
    scaled: ArrayLike,
    trap: PaulTrap,
    pair: StatePair,
    *,
    axis: ArrayLike = (0, 0, 1),
    method: str = "expansion",
) -> TunedRadioFrequency:
    r"""The radio frequency near $\Omega_0$ with the least sum over the ions of the squared micromotion shift (10).

    `scaled` = positions/`trap.length`, (ion, 3), a crystal in the pseudopotential of `trap`, whose confinement and
    matrices are kept while the frequency (and with it the voltage) is varied; `method` as in `pair_shifts`.  In the trap
    of Eq. (19) the shift of order $\epsilon^4$ is proportional to $X^2+Y^2$, as is the change with $\Omega$, and
    $\Omega^2=\Omega_0^2-\frac3{16}a^2\omega_z^2$ removes it up to order $\epsilon^6$; other traps keep a part of order
    $\epsilon^4$.

    `InputError` where the pair has no magic frequency, `ConvergenceError` if the search does not settle.
    """
    r, b = reals(scaled, "positions"), field_axis(axis)
    magic = pair.magic_radio_frequency(trap.mass, trap.charge)
    require(math.isfinite(magic.value), f"no radio frequency to tune: {magic.reason}")
    if method not in METHODS:
        raise unknown("method of the micromotion", method, METHODS)
    expanded = Expansion.of(trap, r)

    def shift(frequency: float) -> Array:
        there = trap.at(frequency)
        orbits = expanded.at(there.epsilon) if method == "expansion" else periodic_orbits(there, r)
        return np.sum(micromotion_shifts(orbits, there, pair, b), axis=0)

    first = shift(magic.value)
    bent = np.linalg.eigvalsh(trap.rf)
    guess = magic.value * math.sqrt(
        max(1 - 3 / 16 * float(np.max(bent**2)) * (trap.confinement / magic.value) ** 2, 0.25)
    )
    points, values = [magic.value, guess], [first, shift(guess)]
    for _ in range(20):
        slope = (values[1] - values[0]) / (points[1] - points[0])
        step = -float(slope @ values[1] / (slope @ slope))
        points, values = [points[1], points[1] + step], [values[1], shift(points[1] + step)]
        if abs(step) <= 1e-12 * magic.value:
            break
    else:
        raise ConvergenceError(f"the tuned radio frequency still moves by {step:.3g} rad/s after 20 steps")
    rms = [float(np.sqrt(np.mean(v**2))) for v in (first, values[1])]
    return TunedRadioFrequency(points[1], magic.value, *rms)
