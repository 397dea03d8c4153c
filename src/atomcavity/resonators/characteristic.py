r"""The characteristic equation of a homogeneous sphere, and its root with a given radial number.

With x = 2πR/λ, refractive index m and u = m x, a mode is a root of

    TE:  m ψ'(mx)/ψ(mx) = ξ'(x)/ξ(x),        TM:  ψ'(mx)/ψ(mx) = m ξ'(x)/ξ(x),

that is p ψ'(u)/ψ(u) = ξ'(x)/ξ(x) with p = m (TE) or 1/m (TM).  Roots lie in the lower half plane.

Radial number n.  For m → ∞ every root is bound, and u tends to the n-th positive zero of ψ_{l-1} (TE)
or of ψ_l (TM).  n is kept along the path of the root as m is lowered at fixed l and polarization.
While the mode is bound (Re x below l + 1/2), Re u stays between the zeros n-1 and n of ψ_l, so n - 1
is the number of radial nodes inside, and the root is found by bracketing, without a scan.  A leaky
mode is reached by following the path from the index at which it is still bound.  Roots never merge on
the path for TE, because the derivative of the equation with respect to x at a root is 1 - m² exactly;
Re u then stays in the same interval for leaky modes too.

TM roots can merge, at a complex x near the Brewster angle Re u = sqrt(l(l+1)(1 + m²)), and there one
root that belongs to no path (at m → ∞ it is a resonance of the outside, a zero of ξ_l') enters the
series from below: the reflection at the surface changes its sign.  It takes its place by Re x, and
the paths beyond it count one more, if it is less than three times as damped as one of the two modes
between which it stands; otherwise it stays a resonance of the outside and has no n.  So for TM the
bound modes and all modes up to the Brewster angle have the n of their path, Re x grows with n, and
beyond the Brewster angle Re u lies near the zero n - 1 (or n, where that root stayed outside) of ψ_l.
"""

from __future__ import annotations

import math

from numba import njit

from .riccati import psi_log_derivative, xi_log_derivative


@njit(cache=True)
def mismatch(order: int, te: bool, index: float, u: complex) -> tuple[complex, complex, complex]:
    """p ψ'/ψ(u) - ξ'/ξ(u/m), and its derivatives with respect to u and to s = 1/m at fixed u."""
    s = 1.0 / index
    x = u * s
    d_psi = psi_log_derivative(order, u)
    d_xi = xi_log_derivative(order, x)
    big_l = order * (order + 1.0)
    d_psi_slope = big_l / (u * u) - 1.0 - d_psi * d_psi
    d_xi_slope = big_l / (x * x) - 1.0 - d_xi * d_xi
    p = index if te else s
    p_slope = -index * index if te else 1.0
    return p * d_psi - d_xi, p * d_psi_slope - s * d_xi_slope, p_slope * d_psi - u * d_xi_slope


@njit(cache=True)
def airy_zero(n: int) -> float:
    """The n-th root α of Ai(-α), to 1e-4 or better (a starting value)."""
    if n == 1:
        return 2.338107410459767
    t = 3.0 * math.pi * (4 * n - 1) / 8.0
    return t ** (2.0 / 3.0) * (1.0 + 5.0 / (48.0 * t * t) - 5.0 / (36.0 * t**4))


@njit(cache=True)
def psi_zero(order: int, n: int) -> float:
    """The n-th positive zero of ψ_l: Olver's uniform expansion (DLMF 10.21.41), then Newton on its phase."""
    if n <= 0:
        return 0.0
    if order == 0:
        return n * math.pi
    nu = order + 0.5
    zeta = airy_zero(n) / nu ** (2.0 / 3.0)
    target = 2.0 / 3.0 * zeta**1.5
    z = 1.0 + zeta / 2.0 ** (1.0 / 3.0) if zeta < 1.0 else target + math.pi / 2.0
    for _ in range(50):
        root = math.sqrt(z * z - 1.0)
        step = (root - math.acos(1.0 / z) - target) * z / root
        z = max(z - step, 1.0 + 0.3 * (z - 1.0))
        if abs(step) < 1e-13 * z:
            break
    w = math.sqrt(z * z - 1.0)
    b0 = -5.0 / (48.0 * zeta * zeta) + (5.0 / (24.0 * w**3) + 1.0 / (8.0 * w)) / math.sqrt(zeta)
    u = nu * z + 0.5 * z * math.sqrt(4.0 * zeta / (w * w)) * b0 / nu
    for _ in range(8):
        w = math.sqrt(1.0 - order * (order + 1.0) / (u * u))
        step = math.atan(w / psi_log_derivative(order, complex(u)).real) / w
        u -= step
        if abs(step) < 1e-14 * u:
            break
    return u


@njit(cache=True)
def _bracketed(order: int, n: int, te: bool, index: float) -> float:
    """u of the bound mode: the only sign change of p ψ'/ψ - Re ξ'/ξ between two zeros of ψ_l."""
    high = psi_zero(order, n)
    low = max(psi_zero(order, n - 1), math.sqrt(order * (order + 1.0)))
    width = high - low
    low += 1e-13 * high
    p = index if te else 1.0 / index
    u = max(high - p / math.sqrt(index * index - 1.0), low + 0.3 * width)
    for _ in range(100):
        value, slope, _ = mismatch(order, te, index, complex(u))
        if value.real > 0.0:
            low = u
        else:
            high = u
        new = u - value.real / slope.real
        if not (low < new < high):
            new = 0.5 * (low + high)
        if abs(new - u) < 1e-9 * u:
            return new
        u = new
    return math.nan


@njit(cache=True)
def _polish(order: int, te: bool, index: float, u: complex, largest: float) -> tuple[complex, bool]:
    """Complex Newton; False when a step exceeds `largest` or it does not settle."""
    previous = math.inf
    for i in range(30):
        value, slope, _ = mismatch(order, te, index, u)
        step = value / slope
        size = abs(step)
        if not size < largest:
            return u, False
        u -= step
        settled = abs(step.imag) <= 1e-12 * abs(u.imag)
        if size < 4e-16 * abs(u) or (settled and size < 1e-13 * abs(u)):
            return u, True
        if i > 6 and size >= previous and size < 1e-12 * abs(u):
            return u, True
        previous = size
    return u, False


@njit(cache=True)
def _follow(order: int, te: bool, start: float, index: float, u: complex) -> tuple[complex, bool]:
    """Follow the root from refractive index `start` to `index` (Euler predictor, Newton corrector)."""
    s = 1.0 / start
    end = 1.0 / index
    step = (end - s) / 8.0
    for _ in range(10000):
        if s >= end:
            return u, True
        step = min(step, end - s)
        _, slope, by_s = mismatch(order, te, 1.0 / s, u)
        speed = by_s / slope
        step = min(step, 0.4 / abs(speed))
        predicted = u - speed * step
        target = end if s + step >= end * (1.0 - 1e-15) else s + step
        found, good = _polish(order, te, 1.0 / target, predicted, 0.05)
        if good and abs(found - predicted) < 0.08:
            u = found
            s = target
            step *= 1.6
        else:
            step *= 0.4
            if step < 1e-13 * end:
                return u, False
    return u, False


@njit(cache=True)
def _lag(order: int, n: int, u: complex) -> float:
    """Phase of ψ_l at Re u in half turns, minus n: 0 at the n-th zero of ψ_l."""
    nu = order + 0.5
    if u.real <= nu:
        return -math.inf
    return (math.sqrt(u.real**2 - nu**2) - nu * math.acos(nu / u.real)) / math.pi + 0.25 - n


@njit(cache=True)
def bound_below(order: int, te: bool, index: float, x: float) -> int:
    """How many modes of order l have Re x at most `x`, where those near x are well bound: n = 1 to that number.

    Each interval between zeros of ψ_l holds one mode, so it is the number of zeros below u = m x (the
    phase of ψ_l in half turns, from its leading term and the exact ψ'/ψ), and one more if the mismatch
    has changed its sign since the last of them.  The sign is taken on the real line: it errs if the
    mode's Re x is nearer to x than about (Im x)².
    """
    u = index * x
    if u * u <= order * (order + 1.0):
        return 0
    zeros = 0
    if u > order + 0.5:
        w = math.sqrt(1.0 - order * (order + 1.0) / (u * u))
        part = math.atan(w / psi_log_derivative(order, complex(u)).real) / math.pi
        zeros = max(round(_lag(order, 0, complex(u)) - part) - (1 if part < 0.0 else 0), 0)
    value, _, _ = mismatch(order, te, index, complex(u))
    return zeros + (1 if value.real <= 0.0 else 0)


@njit(cache=True)
def path_root(order: int, n: int, te: bool, index: float) -> complex:
    """u = m x of the n-th root by continuity in the index from m = ∞; NaN if it was not reached."""
    nu = order + 0.5
    edge = nu * max(0.6, 1.0 - 1.2 / nu ** (2.0 / 3.0))  # bound below this x
    start = max(index, psi_zero(order, n) / edge)
    u, good = _polish(order, te, start, complex(_bracketed(order, n, te, start)), 0.5)
    if good and start > index:
        u, good = _follow(order, te, start, index, u)
    return u if good else complex(math.nan, math.nan)


@njit(cache=True)
def _intruder(order: int, index: float, low: complex, high: complex) -> complex:
    """The root between two neighbours of the TM series that belongs to no path; NaN if there is none."""
    damping = 3.0 * max(-low.imag, -high.imag)
    for i in range(1, 12):
        for j in range(12):
            guess = complex(low.real + (high.real - low.real) * i / 12.0, -damping * (j + 0.5) / 12.0)
            u, good = _polish(order, False, index, guess, 1.0)
            inside = low.real < u.real < high.real and 0.0 < -u.imag < damping
            if good and inside and abs(u - low) > 1e-6 and abs(u - high) > 1e-6:
                return u
    return complex(math.nan, math.nan)


@njit(cache=True)
def resonance(order: int, n: int, te: bool, index: float) -> complex:
    """The complex size parameter x of the mode (l, n) at constant index; NaN if it was not reached."""
    u = path_root(order, n, te, index)
    brewster = math.sqrt(order * (order + 1.0) * (1.0 + index * index))
    if te or not (u.real > brewster and _lag(order, n, u) > -0.5):
        return u / index
    before, after = 0, n  # the gap in the series lies between these two labels
    low, high = 0j, u
    while after - before > 1:
        middle = (before + after) // 2
        other = path_root(order, middle, te, index)
        if other.real > brewster and _lag(order, middle, other) > -0.5:
            after, high = middle, other
        else:
            before, low = middle, other
    extra = _intruder(order, index, low, high)
    if math.isnan(extra.real):
        return u / index
    if after == n:
        return extra / index
    return path_root(order, n - 1, te, index) / index
