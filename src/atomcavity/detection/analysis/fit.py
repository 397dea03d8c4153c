"""What every fit returns, and the two ways to it: weighted least squares and maximum likelihood."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import ConvergenceError, InputError, require, unknown
from atomcavity.results import Record, Result, axes_or_new, quantity

Real = NDArray[np.float64]
Model = Callable[[Real], Real]
Found = tuple[Real, Real, Real]  # parameters, covariance, standard errors


@dataclass(frozen=True, eq=False, repr=False)
class Fit(Result):
    """Parameters with one standard error each, the model and the data; `residual` = (data - model)/error of the data.

    `chi2` is the sum of squared residuals, `freedom` the number of data less that of parameters; `fit["name"]` gives
    (value, error).  Of a parameter that lies on a bound the error is the distance at which the logarithm of the
    likelihood has fallen by 1/2 with the others held, and the covariance is NaN (a warning says so).
    """

    name: NDArray[np.str_] = quantity("parameter", label="name of the parameter")
    value: Real = quantity("parameter", label="value of the parameter")
    error: Real = quantity("parameter", label="standard error of the parameter")
    covariance: Real = quantity("parameter", "other_parameter", label="covariance of the parameters")
    x: Real = quantity("datum", label="abscissa")
    data: Real = quantity("datum", label="data")
    data_error: Real = quantity("datum", label="standard error of the data")
    model: Real = quantity("datum", label="model at the best parameters")
    x_label: str = quantity(label="what the abscissa is")
    y_label: str = quantity(label="what the data are")
    freedom: int = quantity(label="degrees of freedom")

    @property
    def residual(self) -> Real:
        """(data - model)/data_error."""
        return (self.data - self.model) / self.data_error

    @property
    def chi2(self) -> float:
        """Sum of the squared residuals."""
        return float((self.residual**2).sum())

    def __getitem__(self, name: str) -> tuple[float, float]:
        """Value and standard error of a parameter; `InputError` if there is none of that name."""
        names = [str(n) for n in self.name]
        if name not in names:
            raise unknown("parameter", name, names)
        k = names.index(name)
        return float(self.value[k]), float(self.error[k])

    def _summary(self) -> list[str]:
        lines = [
            f"{n} = {v:.6g} ± {e:.2g}" for n, v, e in zip(self.name, self.value, self.error, strict=True)
        ]
        return [*lines, f"chi2 = {self.chi2:.4g} for {self.freedom} degrees of freedom"]

    def plot(self, ax: Any = None) -> Any:
        """Data with their errors and the model."""
        ax = axes_or_new(ax)
        ax.errorbar(self.x, self.data, self.data_error, fmt=".", label="data")
        ax.plot(self.x, self.model, label="fit")
        ax.set(xlabel=self.x_label, ylabel=self.y_label)
        ax.legend()
        return ax


def checked(name: str, values: ArrayLike, shape: tuple[int, ...] | None = None) -> Real:
    """Finite numbers of a shape; `InputError` otherwise."""
    array = np.asarray(values, dtype=float)
    require(bool(np.all(np.isfinite(array))) and array.size > 0, f"{name} must be finite numbers")
    require(shape is None or array.shape == shape, f"{name} has shape {array.shape}; it must be {shape}")
    return array


def least_squares(
    model: Model, data: Real, error: Real, start: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Found:
    """Parameters within their bounds with the least sum of ((data - model)/error)^2, covariance and errors."""
    from scipy import optimize

    require(len(data) > len(start), f"{len(data)} data cannot determine {len(start)} parameters")
    require(bool(np.all(error > 0)), "the errors of the data must be positive")
    found = optimize.least_squares(
        lambda p: (data - model(p)) / error, start, bounds=(low, high), x_scale="jac", xtol=1e-12, ftol=1e-12
    )
    if not found.success:
        raise ConvergenceError(f"the fit did not converge: {found.message}")
    return _found(found.x, found.jac.T @ found.jac, found.jac.T @ found.fun, _bound(found.x, low, high))


def most_likely(
    cost: Callable[[Real], float], start: Sequence[float], low: Sequence[float], high: Sequence[float]
) -> Found:
    """Parameters within their bounds with the least `cost` = -ln likelihood; the covariance is its inverse curvature.

    The parameters must be of the order of 1, whatever their units.
    """
    from scipy import optimize

    bounds = list(zip(low, high, strict=True))
    best: Any = None
    for _ in range(2):
        begin = start if best is None else best.x
        best = optimize.minimize(cost, begin, method="Nelder-Mead", bounds=bounds, options=_SIMPLEX)
        best = optimize.minimize(cost, best.x, method="L-BFGS-B", bounds=bounds)
    if not np.isfinite(best.fun):
        raise ConvergenceError("the likelihood is not finite near its maximum")
    bound = _bound(best.x, low, high)
    slope, curvature = _derivatives(cost, best.x, low, high)
    return _found(best.x, curvature, slope, bound)


_SIMPLEX = {"xatol": 1e-7, "fatol": 1e-9, "maxiter": 4000, "maxfev": 8000}


def _found(value: Real, information: Real, slope: Real, bound: NDArray[np.bool_]) -> Found:
    """Covariance of the free parameters from the information; of those on a bound only an error."""
    covariance = np.full(information.shape, np.nan)
    part = np.ix_(~bound, ~bound)
    try:
        covariance[part] = np.linalg.inv(information[part])
    except np.linalg.LinAlgError:
        raise InputError(
            "the data do not determine the parameters: the fit's information is singular"
        ) from None
    variance = covariance.diagonal()
    error = np.sqrt(np.where(variance > 0, variance, np.nan))
    size, bend = np.abs(slope), np.maximum(information.diagonal(), 0.0)
    root = size + np.sqrt(size**2 + bend)  # slope d + bend d^2/2 = 1/2
    error[bound] = np.where(root > 0, 1 / np.where(root > 0, root, 1.0), np.nan)[bound]
    return value, covariance, error


def fit_result(
    method: str, names: Sequence[str], found: Found, *, warnings: tuple[str, ...] = (), **fields: Any
) -> Fit:
    """A `Fit` of these parameters; the other fields by name."""
    value, covariance, error = found
    for name, number, variance in zip(names, value, covariance.diagonal(), strict=True):
        if np.isnan(variance):
            warnings += (f"{name} = {number:.4g} lies on its bound",)
    return Fit(
        Record(method, warnings=warnings),
        name=np.array(names),
        value=np.asarray(value),
        error=error,
        covariance=covariance,
        freedom=len(fields["data"]) - len(names),
        **fields,
    )


def _bound(x: Real, low: Sequence[float], high: Sequence[float]) -> NDArray[np.bool_]:
    """Which parameters lie on a bound."""
    lowest, highest = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    width = np.where(np.isfinite(highest - lowest), highest - lowest, np.abs(x))
    return (x <= lowest + 1e-6 * width) | (x >= highest - 1e-6 * width)


def _derivatives(
    cost: Callable[[Real], float], x: Real, low: Sequence[float], high: Sequence[float]
) -> tuple[Real, Real]:
    """Slope and second derivatives by differences about a place that lies within the bounds."""
    lowest, highest = np.asarray(low, dtype=float), np.asarray(high, dtype=float)
    wide = np.where(np.isfinite(highest - lowest), highest - lowest, np.inf)
    step = np.minimum(2e-3 * np.maximum(np.abs(x), 1e-2), wide / 8)
    middle = np.clip(x, lowest + 2 * step, highest - 2 * step)
    size = len(x)
    unit = np.diag(step)
    slope, matrix = np.empty(size), np.empty((size, size))
    for a in range(size):
        slope[a] = (cost(middle + unit[a]) - cost(middle - unit[a])) / (2 * step[a])
        for b in range(a, size):
            e, f = unit[a], unit[b]
            total = cost(middle + e + f) - cost(middle + e - f) - cost(middle - e + f) + cost(middle - e - f)
            matrix[a, b] = matrix[b, a] = total / (4 * step[a] * step[b])
    return slope, matrix
