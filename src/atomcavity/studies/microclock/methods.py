"""The same pulse by several methods, beside the exact one with the cavity eliminated."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from math import log, pi, sqrt

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import Cumulants, DickeLadder, MeanField, Preparation, TruncatedWigner, evolve
from atomcavity.dynamics.methods import Method
from atomcavity.studies.microclock.pulse import Pulse, PulseShape

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Comparison:
    """A pulse (1/s) and the relative errors of its peak rate, delay and width, with their standard errors."""

    rate: Real
    deviations: tuple[float, float, float]
    errors: tuple[float, float, float] = (0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Methods:
    """The resonant pulse by each method; truncated Wigner with `trajectories` in each of `batches`.

    photons  cut-off of the ladder with the cavity kept
    """

    pulse: Pulse
    trajectories: int = 400
    batches: int = 8
    photons: int = 4
    points: int = 301

    @cached_property
    def time(self) -> Real:
        """The times of all curves (s)."""
        return self.pulse.times(points=self.points)

    @cached_property
    def exact(self) -> Real:
        """The detected rate from the ladder (1/s)."""
        return self.pulse.detected(self.pulse.evolution(times=self.time).photon_number[0])

    @cached_property
    def shape(self) -> PulseShape:
        """The shape of the exact pulse on the same times, so that the spline's error drops out."""
        return PulseShape.of(self.time, self.exact)

    @cached_property
    def comparisons(self) -> dict[str, Comparison]:
        """All methods by their names in figures and sentences."""
        tipped = Preparation.pulse(pi - self.tipping)
        rates = {
            "cavity kept": self._rate(DickeLadder(cavity="kept", photons=self.photons)),
            "second-order moments": self._rate(Cumulants(cavity="eliminated")),
            "mean field, tipped by 2/√N": self._rate(MeanField(), tipped),
            "⟨J_z²⟩ = ⟨J_z⟩²": self.semiclassical,
        }
        found = {name: Comparison(rate, self._deviations(rate)) for name, rate in rates.items()}
        return found | {"truncated Wigner": self._wigner()}

    @property
    def tipping(self) -> float:
        """2/sqrt(N) (rad): the tilt whose classical emission Gamma (N theta/2)^2 at the start is the spontaneous N Gamma."""
        return 2 / sqrt(self.pulse.atoms)

    @property
    def semiclassical(self) -> Real:
        """The rate (1/s) where <J_z^2> is replaced by <J_z>^2, as in the mean-field theory that the paper cites.

        d m/dt = -Gamma (J + m)(J - m + 1) has the solution I = (Gamma/8) (N + 1)^2 sech^2[(N + 1) Gamma (t - t_d)/2],
        t_d = ln N/[(N + 1) Gamma], for I = -(dm/dt)/2 from m = J on.
        """
        n, rate = self.pulse.atoms, self.pulse.rate()
        delay = log(n) / ((n + 1) * rate)
        return np.asarray(rate / 8 * (n + 1) ** 2 / np.cosh((n + 1) * rate * (self.time - delay) / 2) ** 2)

    def _rate(self, method: Method, initial: str | Preparation = "inverted") -> Real:
        run = evolve(self.pulse.system(), self.time, initial=initial, method=method)
        return self.pulse.detected(run.photon_number[0])

    def _deviations(self, rate: Real) -> tuple[float, float, float]:
        return PulseShape.of(self.time, rate).relative_to(self.shape)

    def _wigner(self) -> Comparison:
        """Truncated Wigner: the errors from the scatter of the batches."""
        rates = np.array(
            [
                self._rate(TruncatedWigner(self.trajectories, seed=seed, cavity="eliminated"))
                for seed in range(self.batches)
            ]
        )
        each = np.array([self._deviations(rate) for rate in rates])
        peak, delay, width = each.std(axis=0, ddof=1) / sqrt(self.batches)
        mean = rates.mean(axis=0)
        return Comparison(mean, self._deviations(mean), (float(peak), float(delay), float(width)))
