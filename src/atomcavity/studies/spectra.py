"""What studies read from spectra."""

from __future__ import annotations

import numpy as np

from atomcavity.dynamics import Spectrum


def carrier_width(light: Spectrum) -> float:
    """Full width at half maximum (rad/s) of the highest peak: weak pumps also show relaxation sidebands."""
    heights = np.interp(light.peak, light.detuning, light.density)
    return float(light.full_width[int(np.argmax(heights))])
