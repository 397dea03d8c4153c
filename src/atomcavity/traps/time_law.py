"""How a power, a frequency or a phase changes in time: polynomials, one after the other."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, reals, require, unknown

Array = NDArray[np.float64]

ORDER = 12  # coefficients of a piece, constant first
SHAPES: dict[str, tuple[float, ...]] = {
    "linear": (0.0, 1.0),
    "smooth": (0.0, 0.0, 3.0, -2.0),
    "smoothest": (0.0, 0.0, 0.0, 10.0, -15.0, 6.0),
}


@dataclass(frozen=True)
class TimeLaw:
    r"""A function of time t (s) from t = 0 on: from `starts[k]` on it is $\sum_j c_{kj}(t-\mathrm{start}_k)^j$.

    Made by `constant` and `ramp_to`; a number given where a law is wanted is a constant.

    >>> frequency = TimeLaw.constant(50e3).ramp_to(0.0, start=1e-3, duration=50e-6)
    >>> frequency([0.5e-3, 1.025e-3, 2e-3]).round(6).tolist()
    [50000.0, 25000.0, 0.0]
    """

    starts: tuple[float, ...]
    coefficients: tuple[tuple[float, ...], ...]

    @classmethod
    def constant(cls, value: float) -> TimeLaw:
        """The same value at all times."""
        return cls((0.0,), ((number(value, "the value"),),))

    @classmethod
    def of(cls, value: TimeLaw | float) -> TimeLaw:
        """A law as it is, a number as a constant."""
        return value if isinstance(value, TimeLaw) else cls.constant(value)

    def ramp_to(
        self, value: float, *, start: float, duration: float, shape: str | Sequence[float] = "linear"
    ) -> TimeLaw:
        """The same law until `start`, then a ramp from its value there to `value` within `duration` (s), then constant.

        shape  "linear"; "smooth" 3 s^2 - 2 s^3 (no jump of the rate); "smoothest" 10 s^3 - 15 s^4 + 6 s^5 (nor of its slope);
               or the coefficients of 1, s, s^2, ... of a polynomial that is 0 at s = 0 and 1 at s = 1, at most 11
        """
        form = ramp_shape(shape)
        require(
            start >= 0 and duration > 0, f"a ramp from {start!r} s lasting {duration!r} s: >= 0, > 0 needed"
        )
        require(start >= self.starts[-1], f"a ramp from {start!r} s begins before the last one ended")
        first = float(self(start))
        rise = (number(value, "value") - first) / duration ** np.arange(len(form))
        ramp = rise * form
        ramp[0] = first
        kept = len(self.starts) - (start == self.starts[-1])
        return TimeLaw(
            (*self.starts[:kept], float(start), float(start + duration)),
            (*self.coefficients[:kept], tuple(ramp.tolist()), (float(value),)),
        )

    def phase(self, offset: float = 0.0) -> TimeLaw:
        r"""$\phi(t)=\phi_0+2\pi\int_0^t\nu\,dt'$ of this law as a frequency nu (Hz)."""
        pieces, value = [], number(offset, "offset")
        ends = (*self.starts[1:], math.inf)
        for start, end, piece in zip(self.starts, ends, self.coefficients, strict=True):
            grown = [2 * math.pi * c / (j + 1) for j, c in enumerate(piece)]
            pieces.append((value, *grown))
            if end < math.inf:
                value = float(np.polynomial.polynomial.polyval(end - start, pieces[-1]))
        return TimeLaw(self.starts, tuple(pieces))

    def frozen(self, time: float) -> TimeLaw:
        """The constant that the law is at `time`."""
        return TimeLaw.constant(float(self(time)))

    def __call__(self, time: ArrayLike) -> Array:
        """Values at times (s) of any shape."""
        t = np.asarray(time, dtype=float)
        piece = np.clip(np.searchsorted(self.starts, t, side="right") - 1, 0, None)
        table = np.zeros((len(self.starts), ORDER))
        for row, c in zip(table, self.coefficients, strict=True):
            row[: len(c)] = c
        since = t - np.array(self.starts)[piece]
        return np.asarray(sum(table[piece, j] * since**j for j in range(ORDER)))


def ramp_shape(shape: str | Sequence[float]) -> Array:
    """Coefficients of 1, s, s^2, ... of a ramp's shape: of a name, or those given, checked."""
    if isinstance(shape, str):
        if shape not in SHAPES:
            raise unknown("shape of a ramp", shape, SHAPES)
        return np.array(SHAPES[shape])
    form = reals(shape, "shape")
    require(
        form.ndim == 1 and 2 <= len(form) < ORDER,
        f"a ramp's shape has 2 to {ORDER - 1} coefficients: its integral must fit into a time law",
    )
    require(
        abs(form[0]) < 1e-9 and abs(form.sum() - 1) < 1e-9,
        f"a ramp's shape goes from 0 to 1, not from {form[0]:g} to {form.sum():g}",
    )
    return form


def packed(laws: list[TimeLaw]) -> tuple[Array, Array]:
    """Starts (law, piece), filled up with infinity, and coefficients (law, piece, ORDER) for compiled code."""
    pieces = max((len(law.starts) for law in laws), default=1)
    starts = np.full((max(len(laws), 1), pieces), np.inf)
    table = np.zeros((*starts.shape, ORDER))
    for k, law in enumerate(laws):
        starts[k, : len(law.starts)] = law.starts
        for j, c in enumerate(law.coefficients):
            require(len(c) <= ORDER, f"a time law's pieces have at most {ORDER} coefficients")
            table[k, j, : len(c)] = c
    return starts, table
