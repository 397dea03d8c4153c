"""The laboratory's analysis, the same for simulated and measured records: alignment and fits with their errors."""

from __future__ import annotations

from atomcavity.detection.analysis.alignment import Alignment, align_sites
from atomcavity.detection.analysis.correlations import (
    PhotonCorrelation,
    bright_windows,
    fit_antibunching,
    photon_correlation,
)
from atomcavity.detection.analysis.fit import Fit
from atomcavity.detection.analysis.histogram import fit_background, fit_histogram
from atomcavity.detection.analysis.lifetime import fit_lifetime
from atomcavity.detection.analysis.occupation import fit_occupation

__all__ = [
    "Alignment",
    "Fit",
    "PhotonCorrelation",
    "align_sites",
    "bright_windows",
    "fit_antibunching",
    "fit_background",
    "fit_histogram",
    "fit_lifetime",
    "fit_occupation",
    "photon_correlation",
]
