"""The questions that the dynamics room answers: one function each, the method is a value.

Without `method` the choice is made by the number of density-matrix elements and told in
`result.record.reason`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.initial import Initial
from atomcavity.dynamics.methods import Exact, Jumps, Method
from atomcavity.dynamics.results import Correlation, Evolution, Spectrum, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require

EXACT_ELEMENTS = 1e5  # estimated density-matrix elements up to which Exact is chosen


def steady_state(system: CavitySystem, *, method: Method | None = None) -> SteadyState:
    """Photon numbers, populations, correlations, g2(0) and photon distribution of the stationary state.

    The solution of L rho = 0, tr rho = 1 for the master equation of `atomcavity.dynamics.system`
    (Yu and Vollmer 2021, Eqs. 26-30, with the pump).  Raises `InputError` if it is not unique or
    too large for the method.

    >>> from math import tau
    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atom = Emitters(1, g=tau * 2.8e6, gamma=tau * 7.5e3, pump_rate=2.5e7)
    >>> state = steady_state(CavitySystem([atom], [CavityMode(kappa=tau * 4.4e6)]))
    >>> bool(abs(state.flow_in / state.flow_out - 1) < 1e-9)
    True
    """
    chosen, reason = _choose(system, method)
    if isinstance(chosen, Jumps):
        from atomcavity.dynamics.jumps import jumps_steady_state

        return _noted(jumps_steady_state(system, chosen), system, reason)
    from atomcavity.dynamics.exact import exact_steady_state

    return _noted(exact_steady_state(system, chosen, reason), system)


def evolve(
    system: CavitySystem, times: ArrayLike, *, initial: Initial = "inverted", method: Method | None = None
) -> Evolution:
    """Expectation values at `times` (s, ascending, >= 0) from a product state without photons.

    initial  "inverted" (every emitter excited; with a level scheme: in the level from which most
             photons can come), "ground" (the first level), or one level name a group

    Exact needs no photon cut-off where nothing pumps: the excitations of the start bound it.
    Raises `InputError` for an unknown initial state or times that are not ascending.
    """
    t = _axis(times, "times")
    chosen, reason = _choose(system, method)
    if isinstance(chosen, Jumps):
        from atomcavity.dynamics.jumps import jumps_evolve

        return _noted(jumps_evolve(system, t, initial, chosen), system, reason)
    from atomcavity.dynamics.exact_evolve import exact_evolve

    return _noted(exact_evolve(system, t, initial, chosen, reason), system)


def spectrum(
    system: CavitySystem,
    detuning: ArrayLike | None = None,
    *,
    mode: int = 0,
    method: Exact | None = None,
) -> Spectrum:
    """Steady-state spectrum S(omega) = 2 Re int_0^inf <a^+(0) a(tau)> exp(i omega tau) d tau of one mode.

    detuning  omega minus the system's reference (rad/s); None: a grid that resolves every peak

    The result holds the maxima with their full widths at half maximum and the poles of the
    correlation function; the two kinds of width differ in general.
    """
    chosen = _only_exact(method, "a spectrum")
    _check_mode(system, mode, "mode")
    grid = None if detuning is None else np.atleast_1d(np.asarray(detuning, dtype=float))
    if grid is not None:
        require(
            grid.ndim == 1 and grid.size > 0 and bool(np.all(np.isfinite(grid))),
            "detuning must be a list of finite angular frequencies (rad/s)",
        )
    from atomcavity.dynamics.exact_spectrum import exact_spectrum

    reason = _reason(method, "the only method that gives spectra")
    return _noted(exact_spectrum(system, grid, mode, chosen, reason), system)


def correlation(
    system: CavitySystem,
    delays: ArrayLike,
    *,
    order: int = 1,
    mode: int = 0,
    other: int | None = None,
    method: Exact | None = None,
) -> Correlation:
    """g1 or g2 of the stationary light at `delays` (s, ascending, >= 0).

    order 1: <a_i^+(tau) a_j(0)>; order 2: <a_i^+(0) a_j^+(tau) a_j(tau) a_i(0)>, with i = `mode`
    and j = `other` (None: the same mode), normalised by the photon numbers.
    """
    chosen = _only_exact(method, "two-time correlations")
    require(order in (1, 2), f"order = {order!r} must be 1 or 2")
    _check_mode(system, mode, "mode")
    second = mode if other is None else other
    _check_mode(system, second, "other")
    t = _axis(delays, "delays")
    from atomcavity.dynamics.exact_correlation import exact_correlation

    reason = _reason(method, "the only method that gives two-time correlations")
    return _noted(exact_correlation(system, t, order, mode, second, chosen, reason), system)


def _choose(system: CavitySystem, method: Method | None) -> tuple[Method, str]:
    if method is not None:
        if not isinstance(method, (Exact, Jumps)):
            raise InputError(f"method = {method!r} must be Exact() or Jumps()")
        return method, ""
    from atomcavity.dynamics.size import estimate

    elements = estimate(system)
    if elements <= EXACT_ELEMENTS:
        return Exact(), f"chosen because about {elements:.2g} density-matrix elements are few enough"
    return Jumps(), f"chosen because Exact would need about {elements:.2g} density-matrix elements"


def _only_exact(method: Any, what: str) -> Exact:
    if method is None:
        return Exact()
    if not isinstance(method, Exact):
        raise InputError(f"{type(method).__name__} does not give {what}; use method=Exact()")
    return method


def _reason(method: Any, why: str) -> str:
    return "" if method is not None else why


def _noted(result: Any, system: CavitySystem, reason: str = "") -> Any:
    """The result with the system's own remarks among its warnings, and the reason for the method."""
    record = result.record
    noted = replace(
        record,
        reason="; ".join(filter(None, (reason, record.reason))),
        warnings=(*system.remarks, *record.warnings),
    )
    return replace(result, record=noted)


def _axis(values: ArrayLike, name: str) -> NDArray[np.float64]:
    t = np.atleast_1d(np.asarray(values, dtype=float))
    good = (
        t.ndim == 1 and t.size > 0 and np.all(np.isfinite(t)) and np.all(t >= 0) and np.all(np.diff(t) >= 0)
    )
    require(bool(good), f"{name} must be finite, ascending and >= 0 (s)")
    return t


def _check_mode(system: CavitySystem, index: int, name: str) -> None:
    require(
        isinstance(index, (int, np.integer)) and 0 <= index < len(system.modes),
        f"{name} = {index!r} must be a mode's index, 0 to {len(system.modes) - 1}",
    )
