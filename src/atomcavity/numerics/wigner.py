"""Exact 3j, 6j and Clebsch-Gordan coefficients, evaluated in integers.

Each symbol is the square root of a rational number with a sign.  Racah's finite sums are done in
exact rational arithmetic, so there is no cancellation at any angular momentum; only the last step
(one square root) is in floating point.
"""

from __future__ import annotations

import math
from fractions import Fraction
from functools import lru_cache

from atomcavity.errors import require

_factorial = lru_cache(maxsize=None)(math.factorial)


def wigner_3j(j1: float, j2: float, j3: float, m1: float, m2: float, m3: float) -> float:
    r"""Wigner's 3j symbol $\begin{pmatrix} j_1&j_2&j_3\\ m_1&m_2&m_3\end{pmatrix}$.

    Racah's formula (Edmonds, *Angular Momentum in Quantum Mechanics*, Eq. 3.7.3), exact up to one
    rounding.  Zero where the triangle or the sum rule of the m fails; `InputError` for arguments
    that are not integers or half-integers, or an m that does not belong to its j.

    >>> round(15 * wigner_3j(1, 1, 2, 0, 0, 0) ** 2, 12)
    2.0
    """
    js = [_twice(j, "angular momentum") for j in (j1, j2, j3)]
    ms = [_twice(m, "projection") for m in (m1, m2, m3)]
    for j, m in zip(js, ms, strict=True):
        require(j >= 0, f"angular momentum {j / 2:g} is negative")
        require((j - m) % 2 == 0, f"projection {m / 2:g} does not belong to angular momentum {j / 2:g}")
    return _three_j(*js, *ms)


def clebsch_gordan(j1: float, m1: float, j2: float, m2: float, j: float, m: float) -> float:
    r"""Clebsch-Gordan coefficient $\langle j_1 m_1 j_2 m_2|j m\rangle$ (Condon-Shortley phases).

    >>> round(clebsch_gordan(1 / 2, 1 / 2, 1 / 2, -1 / 2, 1, 0) ** 2, 12)
    0.5
    """
    symbol = wigner_3j(j1, j2, j, m1, m2, -m)
    phase = -1.0 if (_twice(j1 - j2 + m, "projection") // 2) % 2 else 1.0
    return phase * math.sqrt(2 * j + 1) * symbol


def wigner_6j(j1: float, j2: float, j3: float, l1: float, l2: float, l3: float) -> float:
    r"""Wigner's 6j symbol $\begin{Bmatrix} j_1&j_2&j_3\\ l_1&l_2&l_3\end{Bmatrix}$.

    Racah's formula (Edmonds, Eq. 6.3.7), exact up to one rounding; zero where a triangle fails.

    >>> round(3 * wigner_6j(1, 1, 0, 1, 1, 1), 12)
    -1.0
    """
    twice = [_twice(j, "angular momentum") for j in (j1, j2, j3, l1, l2, l3)]
    require(min(twice) >= 0, "angular momenta of a 6j symbol must not be negative")
    return _six_j(*twice)


def _twice(value: float, name: str) -> int:
    """2 * value as an integer."""
    doubled = 2 * value
    require(
        math.isfinite(doubled) and doubled == round(doubled),
        f"{name} {value!r} is neither an integer nor a half-integer",
    )
    return round(doubled)


def _triangle(a: int, b: int, c: int) -> bool:
    """Whether three doubled angular momenta can be coupled to zero."""
    return (a + b + c) % 2 == 0 and abs(a - b) <= c <= a + b


def _delta(a: int, b: int, c: int) -> Fraction:
    """The triangle coefficient of three doubled angular momenta (squared form)."""
    f = _factorial
    return Fraction(f((a + b - c) // 2) * f((a - b + c) // 2) * f((-a + b + c) // 2), f((a + b + c) // 2 + 1))


def _signed_root(square: Fraction, factor: Fraction) -> float:
    """factor * sqrt(square) with a single rounding of the rational number."""
    return math.copysign(math.sqrt(square * factor**2), factor) if factor else 0.0


@lru_cache(maxsize=100_000)
def _three_j(j1: int, j2: int, j3: int, m1: int, m2: int, m3: int) -> float:
    if m1 + m2 + m3 or not _triangle(j1, j2, j3) or abs(m1) > j1 or abs(m2) > j2 or abs(m3) > j3:
        return 0.0
    f = _factorial
    square = _delta(j1, j2, j3)
    for j, m in ((j1, m1), (j2, m2), (j3, m3)):
        square *= f((j + m) // 2) * f((j - m) // 2)
    low = max(0, (j2 - j3 - m1) // 2, (j1 - j3 + m2) // 2)
    high = min((j1 + j2 - j3) // 2, (j1 - m1) // 2, (j2 + m2) // 2)
    total = Fraction(0)
    for k in range(low, high + 1):
        denominator = f(k) * f((j1 + j2 - j3) // 2 - k) * f((j1 - m1) // 2 - k) * f((j2 + m2) // 2 - k)
        denominator *= f((j3 - j2 + m1) // 2 + k) * f((j3 - j1 - m2) // 2 + k)
        total += Fraction((-1) ** k, denominator)
    return _signed_root(square, total * (-1) ** ((j1 - j2 - m3) // 2 % 2))


@lru_cache(maxsize=100_000)
def _six_j(j1: int, j2: int, j3: int, l1: int, l2: int, l3: int) -> float:
    triads = ((j1, j2, j3), (j1, l2, l3), (l1, j2, l3), (l1, l2, j3))
    if not all(_triangle(*triad) for triad in triads):
        return 0.0
    square = math.prod((_delta(*triad) for triad in triads), start=Fraction(1))
    tops = [sum(triad) // 2 for triad in triads]
    sides = [(j1 + j2 + l1 + l2) // 2, (j2 + j3 + l2 + l3) // 2, (j3 + j1 + l3 + l1) // 2]
    total = Fraction(0)
    for k in range(max(tops), min(sides) + 1):
        denominator = math.prod(_factorial(k - top) for top in tops)
        denominator *= math.prod(_factorial(side - k) for side in sides)
        total += Fraction((-1) ** k * _factorial(k + 1), denominator)
    return _signed_root(square, total)
