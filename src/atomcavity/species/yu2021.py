"""The polarizability and scattering formulas of Yu and Vollmer, microlaser paper (2021), Eqs. 31-33.

They hold for a J = 0 level and for m = 0 of a J = 1 level in linearly polarized light, with the line
selection of the data file's variant "yu2021".
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import constants as const

from atomcavity.species.model import Level, Transition

Array = NDArray[np.float64]


def line_response(line: Transition, omega: Array) -> Array:
    r"""One term of Eq. 31 (C^2 m^2/J), natural linewidth included:
    $\frac{6\pi\epsilon_0c^3A}{\omega_\mu^2}\frac{\omega_\mu^2-\omega^2+A^2/4}
    {(\omega_\mu^2-\omega^2+A^2/4)^2+\omega^2A^2}$.
    """
    a, w = line.gamma, line.frequency
    detuning = w**2 - omega**2 + a**2 / 4
    return 6 * np.pi * const.epsilon_0 * const.c**3 * a / w**2 * detuning / (detuning**2 + (omega * a) ** 2)


def polarizability(level: Level, lines: Sequence[Transition], omega: Array) -> tuple[Array, Array]:
    r"""Eqs. 31 and 32: (parallel, perpendicular) polarizability for light along and across the axis.

    Eq. 32 is $\alpha_P=\alpha_\parallel\cos^2\theta_B+\alpha_\perp\sin^2\theta_B$ with the weights 1/2 (across, J = 1
    and 2), 2/3 (along, J = 2), 1/3 (along, upper J = 0) and -1 (along, for the lower level).
    """
    parallel, perpendicular = np.zeros_like(omega), np.zeros_like(omega)
    for line in lines:
        response = line_response(line, omega)
        if level.J == 0:
            along, across = 1.0, 1.0
        elif line.upper is level:
            along, across = -1.0, 0.0
        else:
            along = {0: 1 / 3, 1: 0.0, 2: 2 / 3}[round(line.upper.J)]
            across = {0: 0.0, 1: 1 / 2, 2: 1 / 2}[round(line.upper.J)]
        parallel = parallel + along * response
        perpendicular = perpendicular + across * response
    return parallel, perpendicular


def scattering(lines: Sequence[Transition], omega: float, intensity: Array) -> Array:
    r"""Eq. 33 as printed (1/s) at the intensity (W/m^2), with $I_{sat}=2\pi\hbar cA/3\lambda_\mu^3$.

    The usual saturation intensity is pi times larger and the usual rate carries A/2 instead of A; Eq. 33
    also adds rates, not amplitudes, of the lines.
    """
    total = np.zeros_like(intensity)
    for line in lines:
        a = line.gamma
        saturation = intensity / (2 * np.pi * const.hbar * const.c * a / (3 * line.wavelength**3))
        total = total + a * saturation / (1 + saturation + 4 * ((omega - line.frequency) / a) ** 2)
    return total
