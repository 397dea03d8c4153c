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
    free = background is None
    names = ["amplitude", "lifetime"] + ["background"] * free
    span, size = float(np.ptp(t)), float(np.max(np.abs(y))) or 1.0
    require(span > 0, "time must hold different times")
    require(len(t) > len(names), f"{len(t)} data cannot determine {len(names)} parameters")
    unit = np.array([size, span, size][: len(names)])

    def model(p: Real) -> Real:
        floor = p[2] * size if free else background
        return np.asarray(p[0] * size * np.exp(-t / (p[1] * span)) + floor)

    first = max((float(y[0]) - (background or 0.0)) / size, 0.1)
    start = [first, 0.5] + [max(float(y.min()) / size, 1e-3)] * free
    low = [0.0, 1e-4] + [0.0 if error is None else -np.inf] * free
    high = [np.inf, np.inf] + [np.inf] * free
    if error is None:
        whole = bool(np.all((y >= 0) & (y == np.round(y))))
        require(whole, "without error, data must be counts: whole numbers >= 0")
        found = most_likely(poisson_cost(model, y), start, low, high)
        spread = np.sqrt(np.maximum(model(found[0]), 1e-300))
    else:
        spread = checked("error", error, t.shape)
        found = least_squares(model, y, spread, start, low, high)
    value, covariance, deviation = found
    return fit_result(
        "maximum likelihood of Poisson counts" if error is None else "weighted least squares",
        names,
        (value * unit, covariance * np.outer(unit, unit), deviation * unit),
        x=t,
        data=y,
        data_error=spread,
        model=model(value),
        x_label="time (s)",
        y_label="counts" if error is None else "signal",
    )


def poisson_cost(model: Model, counts: Real) -> Callable[[Real], float]:
    """-ln likelihood of Poisson counts with the means of a model, without the constant."""

    def cost(p: Real) -> float:
        mean = np.maximum(model(p), 1e-300)
        return float((mean - counts * np.log(mean)).sum())

    return cost
