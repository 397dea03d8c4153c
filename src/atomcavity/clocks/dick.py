"""The Dick effect: noise of the reference laser that the dead time folds into the clock's instability."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.clocks.noise import Noise
from atomcavity.clocks.weight import Weight
from atomcavity.errors import ConvergenceError, number, require

CLOSE = 1e-4  # share of the sum that the last doubling of the harmonics may have
MOST = 2**20  # harmonics
ROUNDING = 1e-28  # |W|^2 that is no more than that


def dick_effect(noise: Noise, period: float, weight: tuple[ArrayLike, ArrayLike], tau: float = 1.0) -> float:
    r"""$\sigma_y(\tau)$ that a laser's noise adds to a clock which sees it during a part of each cycle only.

    $$\sigma_y^2(\tau)=\frac1\tau\sum_{m\ge1}|W(m/T_c)|^2\,S_y(m/T_c),\qquad
      W(f)=\int w(t)\,e^{-2\pi i f t}\,dt\Big/\!\int w\,dt$$

    with the sensitivity w and the one-sided S_y of the laser (G. Santarelli et al., IEEE Trans. UFFC 45, 887
    (1998)).  It is what remains of the laser when the clock steers it: its slow noise is not in it.

    noise   the laser's `Noise`; phase noise needs its bandwidth
    period  duration T_c of a cycle (s)
    weight  (times, values) of the sensitivity inside one cycle, straight in between and zero outside.  Of the
            centroid of a pulse it is exactly its intensity; `sensitivity(clock, "laser")` gives it for each estimator
    tau     averaging time (s), many cycles

    White noise of frequency seen during T of T_c: sigma_y^2 = h_0/(2 tau) (T_c/T - 1).

    Raises `InputError` for times that are not positive or a weight outside the cycle, `ConvergenceError` if the
    harmonics do not fall off.

    >>> sigma = dick_effect(Noise(white_fm=2e-30), 1.0, ([0.0, 0.1], [1.0, 1.0]))
    >>> round(sigma / (1e-30 * 9) ** 0.5, 3)
    1.0
    """
    period, tau = number(period, "period"), number(tau, "tau")
    require(period > 0 and tau > 0, f"period = {period:g} s and tau = {tau:g} s must be > 0")
    sensitivity = Weight.of(weight, period)
    noise.require_bandwidth()
    total, first, last = 0.0, 1, 256
    while last <= MOST:
        f = np.arange(first, last + 1) / period
        power = np.abs(sensitivity.transform(f)) ** 2
        part = float(np.sum(np.where(power > ROUNDING, power, 0.0) * noise.density(f)))
        if part <= CLOSE * total:
            rest = 2 * part  # harmonics that fall as 1/m^2 leave as much again
            return float(np.sqrt((total + rest) / tau))
        total += part
        first, last = last + 1, 2 * last
    raise ConvergenceError(f"the Dick effect is not settled after {MOST} harmonics of the cycle")
