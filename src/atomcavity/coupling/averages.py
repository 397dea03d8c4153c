r"""The photon's field and its gradient where the emitters are: at rest, or averaged over their motion.

An emitter that moves within a lifetime of a cavity photon couples by the time average of g, its carrier; the sidebands
lie at multiples of the motion's frequency, far outside the cavity's line.  Over a thermal distribution it is the mean of
g (the Debye-Waller factor); that g also scatters, with the motion's quantum number, is left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import ConvergenceError, InputError, reals, require
from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.resonators.microring import Microring

if TYPE_CHECKING:
    from atomcavity.resonators import OpticalMode
    from atomcavity.traps import TrapStates

    Mode = OpticalMode | FabryPerot | Microring

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_ACCURACY = 1e-10  # of the largest value: where the average over a period has converged
_FINEST = 2**12  # points in half a period


def emitter_positions(at: ArrayLike) -> Array:
    """Cartesian positions (emitter, 3) in m; `InputError` for another shape."""
    positions = np.atleast_2d(reals(at, "positions"))
    require(
        positions.ndim == 2 and positions.shape[1] == 3 and bool(np.all(np.isfinite(positions))),
        f"positions of shape {np.shape(at)}; they must be finite and (k, 3), Cartesian, in metres",
    )
    return positions


def mode_tuple(modes: Iterable[Mode]) -> tuple[Mode, ...]:
    """The modes as a tuple of at least one."""
    require(
        isinstance(modes, Iterable), f"modes = {modes} given; couple() takes a list of modes, also of one"
    )
    found = tuple(modes)
    require(len(found) > 0, "couple() needs at least one mode")
    return found


def mean_field(
    mode: Mode,
    positions: Array,
    wave_function: ArrayLike | TrapStates | None = None,
    micromotion: ArrayLike | None = None,
) -> Complex:
    """The photon's field (V/m), complex (emitter, 3)."""
    return _mean(mode, "photon_field", positions, wave_function, micromotion)


def mean_gradient(
    mode: Mode,
    positions: Array,
    wave_function: ArrayLike | TrapStates | None = None,
    micromotion: ArrayLike | None = None,
) -> Complex:
    """The gradient dE_i/dx_j of the photon's field (V/m^2), complex (emitter, 3, 3)."""
    return _mean(mode, "gradient", positions, wave_function, micromotion)


def _mean(
    mode: Mode,
    quantity: str,
    positions: Array,
    wave_function: ArrayLike | TrapStates | None,
    micromotion: ArrayLike | None,
) -> Complex:
    value = getattr(mode, quantity)

    def still(places: Array) -> Complex:
        if wave_function is None:
            return np.asarray(value(places), dtype=np.complex128)
        if isinstance(mode, FabryPerot):
            return np.asarray(value(places, _widths(wave_function)))
        if isinstance(mode, Microring):
            return _over_nodes(value, places, _widths(wave_function), along_axes=True)
        return _over_nodes(value, places, wave_function)

    return still(positions) if micromotion is None else _over_period(still, positions, micromotion)


def _widths(wave_function: ArrayLike | TrapStates) -> ArrayLike:
    require(
        not hasattr(wave_function, "nodes"),
        "wave_function of a trap's states is for the modes of a sphere; for a Fabry-Perot cavity or a ring give three standard "
        "deviations (m) along x, y, z",
    )
    return wave_function  # type: ignore[return-value]


def _over_nodes(
    value: Callable[[Array], Complex],
    positions: Array,
    wave_function: ArrayLike | TrapStates,
    *,
    along_axes: bool = False,
) -> Complex:
    """The average over Gaussians (or a trap's ground state) along the local rho, theta, phi, or along x, y, z."""
    from atomcavity.traps.minimum import local_frame

    offsets, weights = _nodes(wave_function)
    moved = offsets if along_axes else np.einsum("kd,udi->uki", offsets, local_frame(positions))
    places = positions[:, None, :] + moved
    return np.einsum("k,uk...->u...", weights, value(places))


def _nodes(wave_function: ArrayLike | TrapStates) -> tuple[Array, Array]:
    if hasattr(wave_function, "nodes"):
        return wave_function.nodes()
    widths = reals(wave_function, "wave_function")
    require(
        widths.shape == (3,) and bool(np.all(np.isfinite(widths) & (widths >= 0))),
        f"wave_function = {wave_function!r} must be three widths >= 0 (m) along rho, theta, phi, or a trap's states",
    )
    x, w = np.polynomial.hermite_e.hermegauss(7)
    offsets = np.stack(np.meshgrid(*(width * x for width in widths), indexing="ij"), axis=-1).reshape(-1, 3)
    weights = np.prod(np.stack(np.meshgrid(w, w, w, indexing="ij")), axis=0).ravel() / (2 * np.pi) ** 1.5
    return offsets, weights


def _over_period(value: Callable[[Array], Complex], positions: Array, micromotion: ArrayLike) -> Complex:
    """Average over a period of r(t) = positions + sum_n A_n cos(n Omega t) by the trapezoidal rule, refined to accuracy."""
    amplitudes = reals(micromotion, "micromotion")
    amplitudes = amplitudes[None] if amplitudes.ndim == 2 else amplitudes
    if amplitudes.shape[1:] != positions.shape or not np.all(np.isfinite(amplitudes)):
        raise InputError(
            f"micromotion of shape {np.shape(micromotion)}; it must be finite amplitudes (m) of shape {positions.shape}, "
            "or (harmonic, emitter, 3)"
        )
    orders = np.arange(1, len(amplitudes) + 1)

    def points(phases: Array) -> tuple[Complex, float]:
        """Mean over the phases, and the largest value met."""
        total, largest = np.zeros((), dtype=complex), 0.0
        for phase in phases:
            found = value(positions + np.tensordot(np.cos(orders * phase), amplitudes, axes=1))
            total, largest = total + found / len(phases), max(largest, float(np.max(np.abs(found))))
        return total, largest

    count, (mean, largest) = 1, points(np.array([0.0, np.pi]))
    while count < _FINEST:
        between, peak = points(np.pi * (np.arange(count) + 0.5) / count)
        change, largest = np.max(np.abs(between - mean)), max(largest, peak)
        mean, count = (mean + between) / 2, 2 * count
        if count >= 8 and change <= _ACCURACY * largest:
            return mean
    raise ConvergenceError(
        f"the average over the micromotion has not converged with {_FINEST} points in half a period: "
        "its amplitude is too many wavelengths"
    )
