"""Magic magnetic fields: where the frequency between two hyperfine-Zeeman states does not depend on the field."""

from __future__ import annotations

import math
from dataclasses import dataclass

from atomcavity.errors import ConvergenceError, InputError, require
from atomcavity.species.hyperfine import HyperfineLevel

_NARROWEST = 1e-12  # of the range: below it an interval counts as undecidable


@dataclass(frozen=True)
class MagicField:
    r"""A field at which the frequency between two states is stationary.

    field  along the quantisation axis (T, of either sign)
    shift  frequency upper - lower without the distance of the two centres of gravity (rad/s)
    curvature  second derivative of the frequency (rad/s/T^2): nearby the shift is curvature (B - field)^2/2
    lower_neighbours, upper_neighbours  E(F, m-1) - E(F, m) and E(F, m+1) - E(F, m) of the two states (rad/s; NaN
        where there is no such state)
    """

    field: float
    shift: float
    curvature: float
    lower_neighbours: tuple[float, float]
    upper_neighbours: tuple[float, float]

    def __str__(self) -> str:
        unit = 2 * math.pi
        below, above = (abs(x) / unit / 1e3 for x in self.upper_neighbours)
        return (
            f"{self.field * 1e4:.6g} G: shift {self.shift / unit / 1e6:.9g} MHz, "
            f"{self.curvature / 2 / unit * 1e-8:.4g} Hz/G² off it, upper neighbours at {below:.4g} and {above:.4g} kHz"
        )


@dataclass(frozen=True)
class ZeemanState:
    """The state |F, m> of a level."""

    level: HyperfineLevel
    F: float
    m: float

    def energy(self, field: float) -> float:
        """Energy (rad/s) from the level's centre of gravity."""
        return float(self.level.energy(self.F, self.m, field))

    def slope(self, field: float) -> float:
        """dE/dB (rad/s/T)."""
        return float(self.level.slope(self.F, self.m, field))

    def curvature(self, field: float) -> float:
        """d^2E/dB^2 (rad/s/T^2)."""
        return float(self.level.curvature(self.F, self.m, field))

    def bounds(self, centre: float, half_width: float) -> tuple[float, float]:
        """`HyperfineLevel.derivative_bounds` of this state."""
        return self.level.derivative_bounds(self.F, self.m, centre, half_width)

    def neighbours(self, field: float) -> tuple[float, float]:
        """Distances (rad/s) of |F, m-1> and |F, m+1>."""
        here, found = self.energy(field), []
        for m in (self.m - 1, self.m + 1):
            exists = abs(m) <= self.F
            found.append(float(self.level.energy(self.F, m, field)) - here if exists else math.nan)
        return found[0], found[1]


def magic_fields(lower: ZeemanState, upper: ZeemanState, low: float, high: float) -> list[MagicField]:
    """All fields in [low, high] (T) where the frequency between the states is stationary, ascending.

    None is missed: an interval is given up only where the bounds of `HyperfineLevel.derivative_bounds` exclude a zero of the slope,
    searched only where they show the slope to be monotonic, and halved otherwise.  `InputError` if the two slopes are
    one at every field, `ConvergenceError` for a zero so flat that it can not be told from none.
    """
    require(
        -math.inf < low < high < math.inf, f"between must be two ascending fields in T, got {(low, high)!r}"
    )
    straight = all(state.bounds(low, 0.0) == (0, 0) for state in (lower, upper))
    if lower == upper or (straight and lower.slope(low) == upper.slope(low)):
        raise InputError("the two states have the same slope at every field: no field is distinguished")
    if straight:
        return []
    return [_described(lower, upper, field) for field in _zeros(lower, upper, low, high)]


def _described(lower: ZeemanState, upper: ZeemanState, field: float) -> MagicField:
    return MagicField(
        field,
        upper.energy(field) - lower.energy(field),
        upper.curvature(field) - lower.curvature(field),
        lower.neighbours(field),
        upper.neighbours(field),
    )


def _zeros(lower: ZeemanState, upper: ZeemanState, low: float, high: float) -> list[float]:
    """Zeros of the difference of the slopes, each interval decided by bounds."""
    from scipy.optimize import brentq

    def slope(field: float) -> float:
        return upper.slope(field) - lower.slope(field)

    found, pending = [high] if slope(high) == 0 else [], [(low, high)]
    while pending:
        a, b = pending.pop()
        centre, half = (a + b) / 2, (b - a) / 2
        second, third = (
            one + other
            for one, other in zip(lower.bounds(centre, half), upper.bounds(centre, half), strict=True)
        )
        if abs(slope(centre)) > second * half:
            continue
        if abs(upper.curvature(centre) - lower.curvature(centre)) > third * half:  # monotonic
            at_a, at_b = slope(a), slope(b)
            if at_a == 0:
                found.append(a)
            elif at_a * at_b < 0:
                found.append(brentq(slope, a, b, xtol=1e-16 * (high - low), rtol=1e-14))
            continue
        if half < _NARROWEST * (high - low):
            raise ConvergenceError(
                f"the slopes of the two states meet so flatly near {centre:.9g} T that their crossing is undecided"
            )
        pending += [(a, centre), (centre, b)]
    return sorted(found)
