"""The classical equations in time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.model import Model, light_scale
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]

RELATIVE = 1e-9  # of each step
ABSOLUTE = 1e-13  # of each step, in units of the light's and the emitters' scales


def flow(model: Model, start: Real, times: Real, relative: float = RELATIVE) -> Real:
    """y at ascending times >= 0 (s) from y at 0, shape (y, time); stiff or not, as it comes (LSODA).

    Raises `ConvergenceError` if the integration stops.
    """
    from scipy.integrate import solve_ivp

    nu = np.zeros(model.free)
    unit = np.ones(model.size)
    unit[: 2 * model.modes] = max(light_scale(model), float(np.abs(start[: 2 * model.modes]).max()), 1e-300)
    ascending, back = np.unique(times, return_inverse=True)
    if ascending[-1] == 0:
        return np.repeat(start[:, None], len(times), axis=1)
    solved = solve_ivp(
        lambda _, u: model.right(u * unit, nu) / unit,
        (0.0, float(ascending[-1])),
        start / unit,
        method="LSODA",
        t_eval=ascending,
        jac=lambda _, u: model.jacobian(u * unit, nu) * (unit / unit[:, None]),
        rtol=relative,
        atol=ABSOLUTE,
    )
    if not solved.success or not np.all(np.isfinite(solved.y)):
        raise ConvergenceError(f"the classical equations were not integrated: {solved.message}")
    return solved.y[:, back] * unit[:, None]
