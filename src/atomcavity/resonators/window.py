r"""All modes of a sphere in a wavelength window.

A mode lies beyond an edge λ of the window when Re x at the index of that edge is below 2πR/λ (the
self-consistent wavelength itself is not needed for that).

* Bound modes: the number of modes beyond an edge, at given l, is one evaluation of the characteristic
  equation; the two numbers bracket the n inside the window.
* The others: for each polarization and n the wavelength falls as l grows, so the window is an interval
  of l, found by bisection at the two edges.  Near the Brewster angle the label n of a TM mode may step
  by one between neighbouring l (see `characteristic`); there a margin of a few l is searched as well.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from atomcavity.errors import InputError, require

from .search import Medium, Resonance, constant_index_root, find, log10_quality

_MARGIN = {"TE": 0, "TM": 5}
_DEEP = 20.0


class Edge:
    """One end of the window: which modes have a longer wavelength than it."""

    def __init__(self, radius: float, medium: Medium, polarization: str, wavelength: float) -> None:
        self.index = float(medium.index(wavelength))
        self.x = 2.0 * math.pi * radius / wavelength
        self.polarization = polarization
        self._roots: dict[tuple[int, int], complex] = {}

    def root(self, n: int, l: int) -> complex:
        """Complex size parameter of a mode at the index of the edge, computed once."""
        if (n, l) not in self._roots:
            self._roots[n, l] = constant_index_root(self.polarization, n, l, self.index)
        return self._roots[n, l]

    def longer(self, n: int, l: int) -> bool:
        """Whether the mode's wavelength is at least that of the edge."""
        return self.root(n, l).real <= self.x

    def last(self, n: int, near: int) -> int:
        """The largest l whose wavelength is at least that of the edge (0 if none), searched from `near`."""
        step = 1
        low = high = max(near, 1)
        if self.longer(n, high):
            while self.longer(n, high):
                low, high, step = high, high + step, 2 * step
        else:
            while low > 0 and not self.longer(n, low):
                low, high, step = max(low - step, 0), low, 2 * step
        while high - low > 1:
            middle = (low + high) // 2
            if self.longer(n, middle):
                low = middle
            else:
                high = middle
        return low

    def first_bound(self) -> int:
        """The smallest l whose modes beyond the edge are so well bound that (Im x)² is below rounding."""
        low, high = 0, int(2.0 * self.x) + 10
        while high - low > 1:
            middle = (low + high) // 2
            low, high = (low, middle) if self.barrier(middle) > _DEEP else (middle, high)
        return high

    def barrier(self, l: int) -> float:
        """-ln of the transmission of the barrier outside the sphere, 2ν(β - tanh β) with cosh β = ν/x."""
        nu = l + 0.5
        if nu <= self.x:
            return 0.0
        beta = math.acosh(nu / self.x)
        return 2.0 * nu * (beta - math.tanh(beta))

    def bound_beyond(self, l: int) -> int:
        """How many modes of order l, all bound, have a wavelength of at least that of the edge."""
        from .characteristic import bound_below

        return int(bound_below(l, self.polarization == "TE", self.index, self.x))

    def quality(self, n: int, l: int) -> float:
        """log10 of the radiative Q of a mode at the index of the edge."""
        return log10_quality(self.polarization, l, self.index, self.root(n, l))

    def radial_bound(self) -> float:
        """log10 of an upper bound to the Q of modes beyond the Brewster angle (normal incidence)."""
        return math.log10(1.1 * self.index * self.x / (2.0 * math.atanh(1.0 / self.index)))


def window(
    radius: float,
    medium: Medium,
    polarization: str,
    between: tuple[float, float],
    n_max: int | None,
    minimum_quality: float,
) -> list[tuple[int, int, Resonance]]:
    """(n, l, resonance) of all modes of one polarization with λ in `between` (m) and Q at least as given."""
    short, long = between
    require(
        0 < short < long and math.isfinite(long),
        f"between = {between!r} m given; two wavelengths, the shorter first",
    )
    low, high = medium.range
    if not (low <= short and long <= high):
        raise InputError(
            f"window {short * 1e9:.6g} to {long * 1e9:.6g} nm given, outside the range of the material, "
            f"{low * 1e9:.6g} to {high * 1e9:.6g} nm"
        )
    require(minimum_quality > 0, f"minimum_quality = {minimum_quality!r} given; it must be positive")
    first, second = (Edge(radius, medium, polarization, edge) for edge in (short, long))
    threshold = math.log10(minimum_quality)
    most = math.inf if n_max is None else n_max
    start = first.first_bound()
    labels = [*_bound(first, second, most, start), *_others(first, second, most, start, threshold)]
    found = [(n, l, find(radius, medium, polarization, n, l)) for n, l in labels]
    return [entry for entry in found if entry[2].log10_quality >= threshold]


def _bound(first: Edge, second: Edge, most: float, start: int) -> Iterator[tuple[int, int]]:
    """(n, l) of the modes between the edges with n up to `most` and l from `start` on, where all are bound."""
    for l in range(int(first.index * first.x), start - 1, -1):
        beyond = second.bound_beyond(l)
        if beyond >= most:
            return
        for n in range(beyond + 1, first.bound_beyond(l) + 1):
            if n <= most:
                yield n, l


def _others(
    first: Edge, second: Edge, most: float, start: int, threshold: float
) -> Iterator[tuple[int, int]]:
    """(n, l) of the modes between the edges with l below `start`, until all are below the threshold of log10 Q."""
    polarization = first.polarization
    margin = _MARGIN[polarization]
    n = second.bound_beyond(start) + 1  # at smaller l more modes lie beyond the window
    top, fall, steady = start, 0, False
    while n <= most:
        before, top = top, first.last(n, top - fall)
        fall, steady = (before - top if steady else 0), True
        bottom = second.last(n, top)
        if top == 0:
            return
        for l in range(max(1, bottom + 1 - margin), min(top + margin, start - 1) + 1):
            if not margin or (first.longer(n, l) and not second.longer(n, l)):
                yield n, l
        leaky = first.quality(n, top + 1 + margin) < threshold
        if leaky and (polarization == "TE" or first.radial_bound() < threshold):
            return
        n += 1
