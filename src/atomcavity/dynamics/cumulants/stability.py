"""Whether stationary moments of a few groups are stable: all eigenvalues of the moment equations around them."""

from __future__ import annotations

import numpy as np

from atomcavity.dynamics.cumulants.moments import Complex, Moments, Real
from atomcavity.dynamics.cumulants.regression import fastest

FEW = 200  # moments up to which all eigenvalues are found


def runs_away(m: Moments, s: Real, a: Complex, c: Complex, b: Complex) -> bool:
    """Whether a small change of some moments grows; False if there are too many moments to tell.

    The equations are quadratic in the moments, so that central differences of any size give the Jacobian exactly.
    """
    parts = (s, a, c, b) if m.kept else (s, b)
    if sum(part.size for part in parts[1:]) * 2 + len(s) > FEW:
        return False
    sizes = [np.full(part.size, float(np.abs(part).max()) or 1.0) for part in parts]
    scale = np.concatenate([sizes[0], *(np.tile(size, 2) for size in sizes[1:])])
    centre = _joined(parts)
    columns = []
    for k, h in enumerate(scale):
        step = np.zeros(len(scale))
        step[k] = h
        columns.append((_rates(m, centre + step) - _rates(m, centre - step)) / 2)
    return fastest(np.stack(columns, axis=1) / scale[:, None]) > 0


def _joined(parts: tuple[Complex | Real, ...]) -> Real:
    flat = [np.asarray(parts[0]).real]
    for part in parts[1:]:
        flat += [part.real.ravel(), part.imag.ravel()]
    return np.concatenate(flat)


def _rates(m: Moments, z: Real) -> Real:
    classes, modes = len(m.number), m.modes
    shapes = [(modes, classes), (modes, modes), (classes, classes)] if m.kept else [(classes, classes)]
    s, rest = z[:classes], z[classes:]
    found: list[Complex] = []
    for shape in shapes:
        size = shape[0] * shape[1]
        found.append((rest[:size] + 1j * rest[size : 2 * size]).reshape(shape))
        rest = rest[2 * size :]
    if m.kept:
        a, c, b = found
        return _joined((m.rate_s(s, a), m.rate_a(s, a, b, c), m.rate_c(a, c), m.rate_b(s, a, b)))
    a = m.following(s, found[0])
    return _joined((m.rate_s(s, a), m.rate_b(s, a, found[0])))
