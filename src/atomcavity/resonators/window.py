r"""All modes of a sphere in a wavelength window.

For each polarization and n the wavelength falls as l grows, so the window is an interval of l, found by
bisection at the two edges: a mode lies beyond an edge λ when Re x at the index of that edge is below
2πR/λ (the self-consistent wavelength itself is not needed for that).  Near the Brewster angle the label
n of a TM mode may step by one between neighbouring l (see `characteristic`); there a margin of a few l
is searched as well.
"""

from __future__ import annotations

import math

from atomcavity.errors import InputError, require

from .search import Medium, Resonance, constant_index_root, find, log10_quality

_MARGIN = {"TE": 0, "TM": 5}


class Edge:
    """One end of the window: which modes have a longer wavelength than it."""

    def __init__(self, radius: float, medium: Medium, polarization: str, wavelength: float) -> None:
        self.index = float(medium.index(wavelength))
        self.x = 2.0 * math.pi * radius / wavelength
        self.polarization = polarization

    def longer(self, n: int, l: int) -> bool:
        """Whether the mode's wavelength is at least that of the edge."""
        return constant_index_root(self.polarization, n, l, self.index).real <= self.x

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

    def quality(self, n: int, l: int) -> float:
        """log10 of the radiative Q of a mode at the index of the edge."""
        root = constant_index_root(self.polarization, n, l, self.index)
        return log10_quality(self.polarization, l, self.index, root)

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
    margin = _MARGIN[polarization]
    found = []
    n, top, fall = 1, int(0.9 * first.index * first.x), 0
    while n_max is None or n <= n_max:
        before, top = top, first.last(n, top - fall)
        fall = before - top if n > 1 else 0
        bottom = second.last(n, top)
        if top == 0:
            break
        for l in range(max(1, bottom + 1 - margin), top + 1 + margin):
            if margin and not (first.longer(n, l) and not second.longer(n, l)):
                continue
            resonance = find(radius, medium, polarization, n, l)
            if resonance.log10_quality >= threshold:
                found.append((n, l, resonance))
        leaky = first.quality(n, top + 1 + margin) < threshold
        if leaky and (polarization == "TE" or first.radial_bound() < threshold):
            break
        n += 1
    return found
