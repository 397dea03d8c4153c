"""How many traps hold 0, 1 or 2 atoms, from the histogram of their counts (Zhou et al. 2026, Eq. 7)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.analysis.fit import Fit, Found, checked, fit_result, least_squares, most_likely
from atomcavity.errors import require, unknown

Real = NDArray[np.float64]

METHODS = ("likelihood", "least-squares")
LOW, HIGH = [0.0, 0.0, 0.2, 0.2], [1.0, 1.0, 8.0, 4.0]


def histogram_density(
    counts: ArrayLike,
    probability: Sequence[float],
    width: float,
    scale: float,
    *,
    background: tuple[float, float],
    ratios: Sequence[float],
) -> Real:
    """Density of the counts I: P_0 with the mean I_bg, and P_n with I_n = scale I_bg ratios[n - 1] (Eq. 7).

        P_0 exp[-(I - I_bg)^2/w_bg^2]/(w_bg sqrt pi) + sum_n P_n exp[-(I - I_n)^2/(width^2 I_n)]/(width sqrt(pi I_n))

    background = (I_bg, w_bg).  The variance of a Gaussian is w_bg^2/2 and width^2 I_n/2: Poisson's is width = sqrt 2.
    """
    x = np.asarray(counts, dtype=float)
    mean, spread = background
    total = probability[0] / spread * np.exp(-(((x - mean) / spread) ** 2))
    for part, ratio in zip(probability[1:], ratios, strict=True):
        centre = scale * mean * ratio
        total = total + part / (width * np.sqrt(centre)) * np.exp(-((x - centre) ** 2) / (width**2 * centre))
    return np.asarray(total / np.sqrt(np.pi))


def fit_histogram(
    counts: ArrayLike,
    *,
    background: tuple[float, float],
    ratios: tuple[float, float],
    method: str = "likelihood",
    bins: int | Sequence[float] = 20,
) -> Fit:
    """Probabilities of 0, 1 and 2 atoms, excess noise and scale from the counts of many traps, by `histogram_density`.

    counts      counts in each trap's period, (trap,)
    background  (I_bg, w_bg) of empty traps, known from a record without atoms; see `fit_background`
    ratios      T_n/T_0 of one and of two atoms
    method      "likelihood": of every count, without bins, or "least-squares" of the normalised histogram in equal
                weights, as published: biased where the noise is wide and skew, with errors from the scatter of the bins
    bins        of the histogram that is drawn (and fitted by least squares)

    Parameters "P0", "P1", "P2" (P0 + P1 + P2 = 1, none negative), "width" (excess noise), "scale".  Raises `InputError`
    for counts that are not finite or fewer than 5.
    """
    data = checked("counts", counts)
    require(data.ndim == 1 and len(data) >= 5, "counts must be a list of at least 5 numbers")
    if method not in METHODS:
        raise unknown("method", method, METHODS)
    occurrence, edges = np.histogram(data, bins)
    middle, wide = (edges[1:] + edges[:-1]) / 2, np.diff(edges)
    norm = len(data) * wide
    spread = np.sqrt(np.maximum(occurrence, 1)) / norm

    def density(p: Real, x: Real) -> Real:
        parts = _parts(p)
        return histogram_density(x, parts, float(p[2]), float(p[3]), background=background, ratios=ratios)

    def cost(p: Real) -> float:
        return -float(np.log(np.maximum(density(p, data), 1e-300)).sum())

    start = min(([a, b, w, s] for a in (0.05, 0.4) for b in (0.3, 0.8) for w in (1.4, 2.0) for s in (0.8, 1.0, 1.2)), key=lambda p: cost(np.array(p)))  # fmt: skip
    if method == "likelihood":
        found = most_likely(cost, start, LOW, HIGH)
    else:
        even = np.full(len(middle), float(spread.mean()))
        found = least_squares(lambda p: density(p, middle), occurrence / norm, even, start, LOW, HIGH)
        left = ((occurrence / norm - density(found[0], middle)) / even) ** 2
        scatter = float(left.sum()) / max(1, len(middle) - 4)
        found = (found[0], found[1] * scatter, found[2] * np.sqrt(scatter))
    return fit_result(
        "maximum likelihood" if method == "likelihood" else "least squares in equal weights",
        ["P0", "P1", "P2", "width", "scale"],
        _with_probabilities(found),
        x=middle,
        data=occurrence / norm,
        data_error=spread,
        model=density(found[0], middle),
        x_label="counts",
        y_label="probability density",
    )


def fit_background(counts: ArrayLike) -> tuple[float, float]:
    """(I_bg, w_bg) of one Gaussian exp[-(I - I_bg)^2/w_bg^2] by maximum likelihood: mean and sqrt 2 standard deviations."""
    data = checked("counts", counts)
    require(len(data) >= 2 and float(np.ptp(data)) > 0, "counts must hold two or more different numbers")
    return float(data.mean()), float(np.sqrt(2) * data.std())


def _parts(p: Real) -> tuple[float, float, float]:
    """P_0, P_1, P_2 from P_0 and the share of one atom among the others."""
    empty, share = float(p[0]), float(p[1])
    return empty, (1 - empty) * share, (1 - empty) * (1 - share)


def _with_probabilities(found: Found) -> Found:
    """From (P_0, share, width, scale) to (P_0, P_1, P_2, width, scale)."""
    (empty, share, width, scale), covariance, error = found
    jacobian = np.zeros((5, 4))
    jacobian[0, 0] = 1.0
    jacobian[1, :2] = -share, 1 - empty
    jacobian[2, :2] = share - 1, empty - 1
    jacobian[3, 2] = jacobian[4, 3] = 1.0
    # a parameter on its bound adds its own error, uncorrelated
    filled = np.where(np.isnan(covariance), np.diag(error**2), covariance)
    full = jacobian @ filled @ jacobian.T
    value = np.array([*_parts(np.array([empty, share])), width, scale])
    deviation = np.sqrt(np.maximum(full.diagonal(), 0.0))
    shown = full.copy()
    if np.isnan(covariance[0, 0]):
        shown[0, :] = shown[:, 0] = np.nan
    return value, shown, deviation
