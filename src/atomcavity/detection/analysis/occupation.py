"""Mean number of atoms in a site from the transmission of passing sites (Zhou et al. 2026, Fig. 3a)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.analysis.fit import Fit, Model, checked, fit_result, least_squares
from atomcavity.errors import require

Real = NDArray[np.float64]


def poisson_weights(mean: float, largest: int) -> Real:
    """Poisson's probabilities of 0 ... largest, the rest of it added to the largest."""
    from scipy.special import gammainc, gammaln

    n = np.arange(largest + 1)
    weights = np.exp(n * np.log(max(mean, 1e-300)) - mean - gammaln(n + 1.0))
    if largest > 0:
        weights[-1] = gammainc(largest, mean)
    return np.asarray(weights)


def poisson_average(curves: ArrayLike, mean: float) -> Real:
    """sum_n P_n T_n of curves (n, ...) with Poisson's P_n; more atoms than the last curve's are counted to it."""
    array = np.asarray(curves, dtype=float)
    return np.tensordot(poisson_weights(mean, len(array) - 1), array, 1)


def fit_occupation(
    time: ArrayLike,
    transmission: ArrayLike,
    error: ArrayLike,
    curves: ArrayLike,
    curve_time: ArrayLike | None = None,
    *,
    offset: bool = False,
    sites: float | None = None,
) -> Fit:
    """Mean occupation nbar of independent sites from their averaged transmission sum_n P_n(nbar) T_n(t - t0).

    time, transmission, error   averaged data and their standard errors, (datum,)
    curves                      T_n for n = 0, 1, 2, ... atoms, (n, curve time); n must reach well beyond nbar
    curve_time                  times of the curves (s); None: those of the data
    offset                      whether the time t0 of the curves' start is fitted as well (linear between their times)
    sites                       how many sites the average is of: their numbers of atoms scatter by Poisson's law, which moves
                                all data together and adds to the error; None: the error is that of the mean over these sites

    Parameters "occupation" and, with `offset`, "offset" (s).  A warning is given if more than 1 % of the sites hold
    more atoms than there are curves for.  Raises `InputError` for data that do not fit together.
    """
    from scipy.special import gammainc

    t = checked("time", time)
    y, spread = checked("transmission", transmission, t.shape), checked("error", error, t.shape)
    axis = t if curve_time is None else checked("curve_time", curve_time)
    shapes = checked("curves", curves)
    good = shapes.ndim == 2 and shapes.shape[1] == len(axis) and len(shapes) >= 2
    require(
        good, f"curves has shape {shapes.shape}; it must be (n, {len(axis)}) with n >= 2 numbers of atoms"
    )
    require(bool(np.all(np.diff(axis) > 0)), "the curves' times must ascend")

    span = float(np.ptp(axis))

    def shift_of(p: Real) -> float:
        return float(p[1]) * span if offset else 0.0

    def model(p: Real) -> Real:
        return np.interp(t - shift_of(p), axis, poisson_average(shapes, float(p[0])))

    lows, highs = [0.0, -0.5], [5.0 * len(shapes), 0.5]
    starts = [
        [n, shift] for n in (0.3, 1.0, 3.0) for shift in (np.linspace(-0.3, 0.3, 7) if offset else [0.0])
    ]
    size = 2 if offset else 1
    best = min(starts, key=lambda p: float((((y - model(np.array(p))) / spread) ** 2).sum()))
    value, covariance, deviation = least_squares(model, y, spread, best[:size], lows[:size], highs[:size])
    if sites is not None:
        require(sites >= 1, f"sites = {sites!r}: one or more are averaged")
        added = (
            _of_numbers(model, value, spread, [np.interp(t - shift_of(value), axis, c) for c in shapes])
            / sites
        )
        covariance, deviation = covariance + added, np.sqrt(deviation**2 + added.diagonal())
    unit = np.array([1.0, span][:size])
    beyond = float(gammainc(len(shapes), value[0]))
    few = f"{beyond:.2g} of the sites hold more than {len(shapes) - 1} atoms, for which there is no curve"
    return fit_result(
        "weighted least squares",
        ["occupation", "offset"][:size],
        (value * unit, covariance * np.outer(unit, unit), deviation * unit),
        warnings=(few,) if beyond > 0.01 else (),
        x=t,
        data=y,
        data_error=spread,
        model=model(value),
        x_label="time (s)",
        y_label="transmission",
    )


def _of_numbers(model: Model, value: Real, spread: Real, shapes: Sequence[Real]) -> Real:
    """Covariance of the parameters from one site's number of atoms: the fit's answer to the data's covariance of the T_n."""
    steps = 1e-5 * np.maximum(np.abs(value), 1e-2)
    slopes = [(model(value + h) - model(value - h)) / (2 * h.sum()) for h in np.diag(steps)]
    weighted = np.array(slopes) / spread
    answer = np.linalg.solve(weighted @ weighted.T, weighted) / spread
    curves = np.array(shapes)
    probability = poisson_weights(float(value[0]), len(curves) - 1)
    moved = answer @ (curves - probability @ curves).T  # of the parameters, by a site of n atoms
    return np.asarray((moved * probability) @ moved.T)
