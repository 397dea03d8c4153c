"""The questions that the dynamics room answers: one function each, the method is a value.

Without `method` the choice is made by size and symmetry and told in `result.record.reason`; a method
that cannot answer a question honestly refuses it and names those that can (`choice`).
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.choice import answer, choose
from atomcavity.dynamics.methods import Jumps, Method
from atomcavity.dynamics.preparation import Initial, Preparation
from atomcavity.dynamics.results import Correlation, Evolution, Spectrum, SteadyState
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require
from atomcavity.results import Result


def steady_state(
    system: CavitySystem, *, method: Method | None = None, more: SteadyState | None = None
) -> SteadyState:
    """Photon numbers, populations, correlations, g2(0) and photon distribution of the stationary state.

    The solution of L rho = 0, tr rho = 1 for the master equation of `atomcavity.dynamics.system`
    (Yu and Vollmer 2021, Eqs. 26-30, with the pump).  What a method does not know is NaN.

    more  an earlier result of the same system by Jumps: its trajectories are added to, not repeated

    Raises `InputError` if the state is not unique or the system is not one that the method can treat.

    >>> from math import tau
    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atom = Emitters(1, g=tau * 2.8e6, gamma=tau * 7.5e3, pump_rate=2.5e7)
    >>> state = steady_state(CavitySystem([atom], [CavityMode(kappa=tau * 4.4e6)]))
    >>> bool(abs(state.flow_in / state.flow_out - 1) < 1e-9)
    True
    """
    return _answered("steady_state", system, method, more)


def evolve(
    system: CavitySystem,
    times: ArrayLike,
    *,
    initial: Initial = "inverted",
    method: Method | None = None,
    more: Evolution | None = None,
) -> Evolution:
    """Expectation values at `times` (s, ascending, >= 0) from a product state without photons.

    initial  a `Preparation`, or in short: "inverted" (every emitter excited; with a level scheme: in the
             level from which most photons can come), "ground" (the first level), or one state a group
    more     an earlier result of the same question by Jumps: its trajectories are added to

    Exact needs no photon cut-off where nothing pumps: the excitations of the start bound it.
    Raises `InputError` for an unknown initial state or times that are not ascending.
    """
    t = _axis(times, "times")
    system, prepared = Preparation.of(initial).applied(system)
    return _answered("evolve", system, method, more, times=t, initial=prepared)


def spectrum(
    system: CavitySystem,
    detuning: ArrayLike | None = None,
    *,
    mode: int = 0,
    initial: Initial | None = None,
    method: Method | None = None,
) -> Spectrum:
    """Spectrum S(omega) = 2 Re int_0^inf <a^+(0) a(tau)> exp(i omega tau) d tau of one mode.

    detuning  omega minus the system's reference (rad/s); None: a grid that resolves every peak
    initial   None: of the stationary light; else of the whole pulse that follows this preparation:
              <a^+(0) a(tau)> is then integrated over the time of the first factor

    The result holds the maxima with their full widths at half maximum and the poles of the
    correlation function; the two kinds of width differ in general.
    """
    _check_mode(system, mode, "mode")
    grid = None if detuning is None else _detunings(detuning)
    system, prepared = _prepared(system, initial)
    return _answered("spectrum", system, method, detuning=grid, mode=mode, initial=prepared)


def correlation(
    system: CavitySystem,
    delays: ArrayLike,
    *,
    order: int = 1,
    mode: int = 0,
    other: int | None = None,
    initial: Initial | None = None,
    method: Method | None = None,
    more: Correlation | None = None,
) -> Correlation:
    """g1 or g2 of the stationary light, or of a pulse, at `delays` (s, ascending, >= 0).

    order 1: <a_i^+(tau) a_j(0)>; order 2: <a_i^+(0) a_j^+(tau) a_j(tau) a_i(0)>, with i = `mode`
    and j = `other` (None: the same mode), normalised by the photon numbers.

    initial  None: stationary; else integrated over the pulse that follows this preparation
    more     an earlier result of the same question by Jumps: its trajectories are added to
    """
    require(order in (1, 2), f"order = {order!r} must be 1 or 2")
    _check_mode(system, mode, "mode")
    second = mode if other is None else other
    _check_mode(system, second, "other")
    t = _axis(delays, "delays")
    system, prepared = _prepared(system, initial)
    return _answered(
        "correlation", system, method, more, delays=t, order=order, mode=mode, other=second, initial=prepared
    )


def transmission(
    system: CavitySystem, detuning: ArrayLike, *, port: int = 0, method: Method | None = None
) -> Any:
    """Complex amplitudes at every port when a weak probe enters through the port of mode `port`.

    detuning  the probe's angular frequency minus the system's reference (rad/s)

    See `LinearResponse`: any number of emitters and modes, and of detunings.
    """
    _check_mode(system, port, "port")
    return _answered("transmission", system, method, detuning=_detunings(detuning), port=port)


def branches(system: CavitySystem, *, method: Method | None = None) -> Any:
    """All stationary classical states that are found, labelled, stable or not, and the laser threshold.

    See `MeanField`; `steady_state(system, method=MeanField(branch=...))` gives one of them in full.
    """
    return _answered("branches", system, method)


def _answered(
    question: str, system: CavitySystem, method: Method | None, more: Result | None = None, **given: Any
) -> Any:
    """The answer with the system's own remarks among its warnings, and the reason for the method."""
    if not isinstance(more, Result | None):
        raise InputError(f"more = {more!r} must be an earlier result")
    chosen, reason = choose(question, system, **given) if method is None else (method, "")
    if more is not None:
        if not isinstance(chosen, Jumps):
            raise InputError(f"more= adds trajectories: use method=Jumps(), not {type(chosen).__name__}")
        given["more"] = more
    result = answer(question, system, chosen, **given)
    if not (reason or system.remarks):
        return result
    record = result.record
    noted = replace(
        record,
        reason="; ".join(filter(None, (reason, record.reason))),
        warnings=(*system.remarks, *(w for w in record.warnings if w not in system.remarks)),
    )
    return replace(result, record=noted)


def _prepared(system: CavitySystem, initial: Initial | None) -> tuple[CavitySystem, Preparation | None]:
    return (system, None) if initial is None else Preparation.of(initial).applied(system)


def _detunings(values: ArrayLike) -> NDArray[np.float64]:
    grid = _reals(values, "detuning")
    require(
        grid.ndim == 1 and grid.size > 0 and bool(np.all(np.isfinite(grid))),
        "detuning must be a list of finite angular frequencies (rad/s)",
    )
    return grid


def _reals(values: ArrayLike, name: str) -> NDArray[np.float64]:
    try:
        return np.atleast_1d(np.asarray(values, dtype=float))
    except (TypeError, ValueError):
        raise InputError(f"{name} = {values!r} must be real numbers") from None


def _axis(values: ArrayLike, name: str) -> NDArray[np.float64]:
    t = _reals(values, name)
    # no comparison holds with NaN, and what lies between finite ends is finite
    good = t.ndim == 1 and t.size > 0 and t[0] >= 0 and t[-1] < np.inf and np.all(t[:-1] <= t[1:])
    require(bool(good), f"{name} must be finite, ascending and >= 0 (s)")
    return t


def _check_mode(system: CavitySystem, index: int, name: str) -> None:
    require(
        isinstance(index, (int, np.integer)) and 0 <= index < len(system.modes),
        f"{name} = {index!r} must be a mode's index, 0 to {len(system.modes) - 1}",
    )
