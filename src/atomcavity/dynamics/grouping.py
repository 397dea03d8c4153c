"""Many emitters as a few groups of (g, detuning)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.system import Emitters
from atomcavity.errors import require

if TYPE_CHECKING:
    from atomcavity.coupling import Coupling

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


def group(
    coupling: Coupling | ArrayLike,
    shifts: ArrayLike = 0.0,
    groups: int = 64,
    *,
    gamma: float | None = None,
    pump_rate: float = 0.0,
    dephasing_rate: float = 0.0,
    seed: int = 0,
) -> tuple[Emitters, ...]:
    """Emitters with individual couplings and shifts as at most `groups` groups of identical ones.

    coupling  a `Coupling`, or g as an array (emitter, mode) or (emitter,) in rad/s
    shifts    detuning of each emitter from the system's reference (rad/s), or one for all
    gamma     natural population decay (rad/s); None: that of the `Coupling`

    Emitters that differ by the phase of all their couplings only are the same (the phase of the
    largest coupling is taken out; a pulse whose phase follows the mode does not change that).  If
    more than `groups` different ones remain, they are clustered (k-means in g and shift, each scaled
    by its spread; the same `seed`, the same groups).  A group has the mean shift and the root mean
    square coupling of its emitters, so that N, sum |g|^2 and the sum of the shifts are those given;
    double `groups` to see what the spread inside the groups does.

    >>> half = group([3.0, 3.0j, 1.0], shifts=[0.0, 0.0, 5.0], gamma=0.1)
    >>> [(e.number, abs(e.g_modes[0]), e.detuning) for e in half]
    [(1, 1.0, 5.0), (2, 3.0, 0.0)]
    """
    given: Any = getattr(coupling, "g", coupling)
    rate: Any = getattr(coupling, "gamma", None) if gamma is None else gamma
    require(rate is not None, "gamma must be given (rad/s) where the couplings are an array")
    g = np.asarray(given, dtype=complex)
    g = g[:, None] if g.ndim == 1 else g
    require(g.ndim == 2 and g.size > 0, f"couplings have shape {g.shape}; it must be (emitter, mode)")
    delta = np.broadcast_to(np.asarray(shifts, dtype=float), (len(g),))
    require(
        bool(np.all(np.isfinite(g)) and np.all(np.isfinite(delta))), "couplings and shifts must be finite"
    )
    require(groups >= 1, f"groups = {groups!r} must be >= 1")
    g = _without_phase(g)
    features = _features(g, delta)
    _, first, member = np.unique(np.round(features, 12), axis=0, return_index=True, return_inverse=True)
    member = member.ravel()
    if len(first) > groups:
        member = _clusters(features, groups, seed)
    found = []
    for k in np.unique(member):
        inside = member == k
        size = np.sqrt(np.mean(np.abs(g[inside]) ** 2, axis=0))
        mean = g[inside].mean(axis=0)
        phase = np.where(np.abs(mean) > 0, np.exp(1j * np.angle(mean)), 1.0)
        found.append(
            Emitters(
                int(inside.sum()),
                tuple(size * phase),
                rate,
                pump_rate=pump_rate,
                dephasing_rate=dephasing_rate,
                detuning=float(delta[inside].mean()),
            )
        )
    return tuple(found)


def _without_phase(g: Complex) -> Complex:
    largest = g[np.arange(len(g)), np.argmax(np.abs(g) > (1 - 1e-9) * np.abs(g).max(axis=1)[:, None], axis=1)]
    return g * np.exp(-1j * np.angle(largest))[:, None]


def _features(g: Complex, delta: Real) -> Real:
    """Real coordinates of each emitter, each kind scaled by its root mean square deviation."""
    parts = np.hstack([g.real, g.imag])
    spread = np.sqrt(np.sum(parts.var(axis=0)))
    parts = parts / (spread or np.abs(g).max() or 1.0)
    return np.column_stack([parts, delta / (delta.std() or np.abs(delta).max() or 1.0)])


def _clusters(features: Real, groups: int, seed: int) -> NDArray[np.intp]:
    from scipy.cluster.vq import kmeans2

    _, member = kmeans2(features, groups, iter=30, minit="++", seed=seed)
    return member
