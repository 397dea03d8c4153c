"""Exponential lifetimes from counts or averages (Zhou et al. 2026, Fig. S3)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.detection.analysis.fit import (
    Fit,
    Model,
    Real,
    checked,
    fit_result,
    least_squares,
    most_likely,
)
from atomcavity.errors import require


def fit_lifetime(
    time: ArrayLike, data: ArrayLike, error: ArrayLike | None = None, *, background: float | None = 0.0
) -> Fit:
    """amplitude exp(-t/lifetime) + background.

    time        (s), (datum,); `data` there
    error       standard errors: weighted least squares; None: the data are Poisson counts, by maximum likelihood
    background  a known one; None: fitted

    Parameters "amplitude", "lifetime" (s) and, if fitted, "background".  Raises `InputError` for data that cannot be.

    >>> t = np.linspace(0, 0.5, 8)
    >>> fit = fit_lifetime(t, 100 * np.exp(-t / 0.162), error=np.full(8, 5.0))
    >>> round(fit["lifetime"][0], 6)
    0.162
    """
    t = checked("time", time)
    y = checked("data", data, t.shape)
    names = ["amplitude", "lifetime"] + ["background"] * (background is None)
    known = 0.0 if background is None else background
    span = float(np.ptp(t))
    require(span > 0, "time must hold different times")
    require(len(t) > len(names), f"{len(t)} data cannot determine {len(names)} parameters")

    def model(p: Real) -> Real:
        return np.asarray(p[0] * np.exp(-t / p[1]) + (p[2] if len(p) == 3 else known))

    size = float(np.max(np.abs(y))) or 1.0
    start = [max(float(y[0]) - known, 0.1 * size), span / 2] + [max(float(y.min()), 1e-3 * size)] * (
        background is None
    )
    low = [0.0, 1e-4 * span] + [0.0 if error is None else -np.inf] * (background is None)
    high = [np.inf, 1e4 * span] + [np.inf] * (background is None)
    if error is None:
        whole = bool(np.all((y >= 0) & (y == np.round(y))))
        require(whole, "without error, data must be counts: whole numbers >= 0")
        found = most_likely(poisson_cost(model, y), start, low, high)
        spread = np.sqrt(np.maximum(model(found[0]), 1e-300))
    else:
        spread = checked("error", error, t.shape)
        found = least_squares(model, y, spread, start, low, high)
    return fit_result(
        "maximum likelihood of Poisson counts" if error is None else "weighted least squares",
        names,
        found,
        x=t,
        data=y,
        data_error=spread,
        model=model(found[0]),
        x_label="time (s)",
        y_label="counts" if error is None else "signal",
    )


def poisson_cost(model: Model, counts: Real) -> Callable[[Real], float]:
    """-ln likelihood of Poisson counts with the means of a model, without the constant."""

    def cost(p: Real) -> float:
        mean = np.maximum(model(p), 1e-300)
        return float((mean - counts * np.log(mean)).sum())

    return cost
