"""The frequency of the pulse against the cavity's detuning (Fig. 3b), each estimator of the line's centre by its name."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.centre import line_centre
from atomcavity.studies.microclock.pulse import Pulse

Real = NDArray[np.float64]

NEAR = 1e-3  # detuning (kappa) at which a shift is taken as linear


@dataclass(frozen=True)
class Centres:
    """omega_L - omega_A (rad/s) of the pulse at `points` detunings from 0 to `farthest` (kappa).

    duration  time that the detector is open in each cycle (s)
    """

    pulse: Pulse
    duration: float
    points: int = 41
    farthest: float = 2.5

    @cached_property
    def detuning(self) -> Real:
        """Detunings cavity - atoms (rad/s), ascending from 0, closer near 0; for negative ones all shifts change sign."""
        return np.asarray(self.farthest * self.pulse.kappa * np.linspace(0, 1, self.points) ** 1.5)

    def shifts(
        self,
        estimator: str,
        *,
        atoms: int | None = None,
        window: float | None = None,
        duration: float | None = None,
    ) -> Real:
        """Shifts at `detuning` (rad/s) by an estimator of `line_centre`; `window` is half the band in units of N Gamma."""
        number = self.pulse.atoms if atoms is None else atoms
        found = []
        for detuning in self.detuning:
            half = None if window is None else window * number * self.pulse.rate(detuning)
            found.append(
                line_centre(
                    self.pulse.system(detuning, number),
                    estimator,
                    window=None if half is None else (-half, half),
                    duration=duration,
                )
            )
        return np.array(found)

    def factor(self, estimator: str, atoms: int | None = None) -> float:
        """Shift/chi near resonance: what stands before the law chi = g^2 Delta/(kappa^2/4 + Delta^2)."""
        near = NEAR * self.pulse.kappa
        return line_centre(self.pulse.system(near, atoms), estimator) / self.pulse.exchange(near)

    def sign_change(self, atoms: int | None = None) -> float:
        """Detuning (kappa) above which the highest maximum lies on the cavity's side of the atoms' line."""
        from scipy.optimize import brentq

        def peak(ratio: float) -> float:
            return line_centre(self.pulse.system(ratio * self.pulse.kappa, atoms), "peak")

        return float(brentq(peak, 0.2, 1.0, xtol=1e-6))

    def share(self, detuning: float) -> float:
        """Part of the pulse's photons that leave while the detector is open."""
        run = self.pulse.evolution(detuning, times=np.array([0.0, self.duration]))
        return float(1 - run.excited_population[0, -1])

    def seen_centroid(self, detuning: float) -> float:
        """Shift/chi of the centroid of the light that leaves while the detector is open."""
        centre = line_centre(self.pulse.system(detuning), "centroid", duration=self.duration)
        return centre / self.pulse.exchange(detuning)
