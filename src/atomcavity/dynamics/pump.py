"""Where an incoherent pump rate comes from: optical pumping of one emitter without the cavity.

The optical Bloch equations d rho/dt = L rho of a `LevelScheme` (drives, decays, dephasing; its
cavity couplings are left out) on the elements |i><j|.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.reduction import Group, numbers
from atomcavity.errors import InputError, require, unknown


@dataclass(frozen=True)
class Pumping:
    """What optical pumping does to an emitter.

    rate         transfer rate from source to target (1/s): reciprocal of the mean first-passage time
    populations  stationary populations while whatever arrives in the target is put back into the source
    """

    rate: float
    populations: dict[str, float]


def pumping(scheme: LevelScheme, source: str, target: str) -> Pumping:
    """How fast drives and decays transfer population from `source` to `target`.

    The target is made absorbing.  With M the Bloch equations on the other levels and rho_0 =
    |source><source|, the mean time until arrival is T = tr int_0^inf exp(M t) rho_0 dt =
    -tr M^-1 rho_0, the effective pump rate 1/T, and -M^-1 rho_0 / T the stationary state with the
    target recycled to the source.

    Raises `InputError` for an unknown level, a target that drives link to others (it must be
    reached by decay), or one that is never reached.
    """
    for name in (source, target):
        if name not in scheme.levels:
            raise unknown("level", name, scheme.levels)
    require(source != target, f"source and target are both {source!r}")
    driven = [pair for pair, rabi in scheme.drives.items() if rabi and target in pair]
    require(not driven, f"the target {target!r} is driven by {driven}; it must be reached by decay only")
    group = _without_cavity(scheme)
    d = len(scheme.levels)
    inside = [k for k, name in enumerate(scheme.levels) if name != target]
    start, elements = scheme.levels.index(source), np.array([i * d + j for i in inside for j in inside])
    bloch = group.superoperator[np.ix_(elements, elements)]
    reached = _connected(bloch, int(np.flatnonzero(elements == start * d + start)[0]))
    elements, bloch = elements[reached], bloch[np.ix_(reached, reached)]
    try:
        dwell = -np.linalg.solve(bloch, (elements == start * d + start).astype(complex))
    except np.linalg.LinAlgError:
        dwell = np.full(len(elements), np.inf + 0j)
    diagonal = elements // d == elements % d
    time = float(dwell[diagonal].sum().real)
    worst = np.linalg.cond(bloch) if np.isfinite(time) else np.inf
    if not time > 0 or worst > 1e14:
        raise InputError(
            f"the target {target!r} is not surely reached from {source!r}: "
            "population is trapped in a level without a way out"
        )
    found = dict.fromkeys(scheme.levels, 0.0)
    for element, value in zip(elements[diagonal], dwell[diagonal], strict=True):
        found[scheme.levels[int(element) // d]] = float(value.real / time)
    return Pumping(1 / time, found)


def light_shifts(scheme: LevelScheme) -> dict[str, float]:
    """The shift of each level's energy/hbar by the drives of the scheme (rad/s).

    The real part of the eigenvalue of the non-Hermitian H - i (amplitude decay) whose eigenvector
    has the largest share of that level, minus the level's own energy; Omega^2/(4 delta) for a weak
    drive that is detuned by delta.  A resonant strong drive mixes two levels half and half: then
    the shift is that of one of the two dressed states, +-Omega/2.
    """
    group = _without_cavity(scheme)
    values, vectors = np.linalg.eig(group.hamiltonian - 1j * np.diag(group.losses))
    shifts = {}
    for k, name in enumerate(scheme.levels):
        nearest = int(np.argmax(np.abs(vectors[k])))
        shifts[name] = float((values[nearest] - group.hamiltonian[k, k]).real)
    return shifts


def _without_cavity(scheme: LevelScheme) -> Group:
    modes = max((len(g) for g in scheme.couplings.values()), default=0)
    return numbers(scheme, 1, (0,) * len(scheme.levels), np.zeros((modes, 0), dtype=complex))[0]


def _connected(matrix: NDArray[np.complex128], start: int) -> NDArray[np.int64]:
    """Indices of the elements that `start` can fill."""
    seen, queue = {start}, [start]
    while queue:
        for k in np.flatnonzero(matrix[:, queue.pop()]):
            if int(k) not in seen:
                seen.add(int(k))
                queue.append(int(k))
    return np.array(sorted(seen))
