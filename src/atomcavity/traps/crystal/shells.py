"""Where a crystal's shells part."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def cuts(depth: NDArray[np.float64], width: float, contrast: float) -> NDArray[np.int64]:
    """Where to cut `depth`, sorted from the outermost inwards, into shells.

    Their number per distance, smoothed by a Gaussian of `width`, has peaks; a minimum between two of them parts
    shells if it lies below `contrast` times the lower one.
    """
    from scipy.ndimage import gaussian_filter1d

    cell = width / 10
    cells = int((depth[0] + 6 * width) / cell) + 1
    number = np.bincount((depth / cell).astype(int), minlength=cells).astype(float)
    smooth = gaussian_filter1d(number, 10, mode="constant")
    inwards = np.append(smooth[::-1], 0.0)
    edges: list[float] = []
    peak, valley, at = 0.0, np.inf, 0  # of the present shell, and of what follows it
    for k, value in enumerate(inwards[:-1]):
        if value < valley:
            valley, at = value, k
        if valley < contrast * min(peak, value) and value > inwards[k + 1]:  # a peak beyond a deep valley
            edges.append((cells - at - 0.5) * cell)
            peak, valley = value, value
        elif value > peak:
            peak, valley = value, value
    return np.searchsorted(-depth, -np.array(edges))
