"""The superradiant pulse of the microclock (Sec. III, Figs 2 and 3): exact numbers from the Dicke ladder.

With Delta = omega_C - omega_A, Gamma = g^2 kappa/(kappa^2/4 + Delta^2) and chi = Gamma Delta/kappa, the rate of detected
photons is I = (kappa/2) <a^+ a> = (Gamma/2) <J^+ J^->: at critical coupling half of the photons leave through the fiber.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Correlation,
    DickeLadder,
    Emitters,
    Spectrum,
    correlation,
    evolve,
    spectrum,
)
from atomcavity.dynamics.dicke.centre import line_centre
from atomcavity.dynamics.dicke.result import LadderEvolution

Real = NDArray[np.float64]

NUMBERS = tuple(range(50, 501, 50))
"""Atom numbers of Fig. 2b and of the fits of the three factors."""


@dataclass(frozen=True)
class PulseShape:
    """Highest rate (1/s), time of it (s) and full width at half of it (s)."""

    peak_rate: float
    delay: float
    width: float

    @classmethod
    def of(cls, time: Real, rate: Real) -> PulseShape:
        """The shape of a pulse that the times (s) resolve, by a cubic spline; the width is NaN if they do not hold both halves."""
        from scipy.interpolate import CubicSpline

        curve = CubicSpline(time, rate)
        places = np.append(curve.derivative().roots(extrapolate=False), time[[0, -1]])
        delay = float(places[np.argmax(curve(places))])
        height = float(curve(delay))
        halves = curve.solve(height / 2, extrapolate=False)
        before, after = halves[halves < delay], halves[halves > delay]
        both = len(before) and len(after)
        return cls(height, delay, float(after.min() - before.max()) if both else float("nan"))

    def relative_to(self, other: PulseShape) -> tuple[float, float, float]:
        """Relative deviations of the three numbers from those of another shape."""
        return (
            self.peak_rate / other.peak_rate - 1,
            self.delay / other.delay - 1,
            self.width / other.width - 1,
        )


@dataclass(frozen=True)
class Pulse:
    """N inverted atoms that emit into one critically coupled mode: g and kappa (rad/s), number of atoms."""

    g: float
    kappa: float
    atoms: int

    def system(self, detuning: float = 0.0, atoms: int | None = None) -> CavitySystem:
        """Atoms, which are the reference, and the mode, detuned from them by `detuning` (rad/s)."""
        number = self.atoms if atoms is None else atoms
        mode = CavityMode(self.kappa, kappa_ext=self.kappa / 2, detuning=detuning)
        return CavitySystem([Emitters(number, g=self.g)], [mode])

    def rate(self, detuning: float = 0.0) -> float:
        """Gamma = g^2 kappa/(kappa^2/4 + Delta^2) (1/s), below Eq. (6) of the paper."""
        return self.g**2 * self.kappa / (self.kappa**2 / 4 + detuning**2)

    def exchange(self, detuning: float) -> float:
        """chi = g^2 Delta/(kappa^2/4 + Delta^2) (rad/s); the paper's frequency shift is proportional to it."""
        return self.rate(detuning) * detuning / self.kappa

    def times(self, detuning: float = 0.0, atoms: int | None = None, points: int = 801) -> Real:
        """A grid of times (s) that holds and resolves the pulse."""
        number = self.atoms if atoms is None else atoms
        end = (2 * np.log(number) + 16) / (number * self.rate(detuning))
        return np.linspace(0.0, end, points)

    def long_times(self, points: int) -> Real:
        """`points` times up to 40/(N Gamma) (s): long enough for pulses that the ensemble weakens or shares."""
        return np.linspace(0.0, 40 / (self.atoms * self.rate()), points)

    def evolution(
        self, detuning: float = 0.0, atoms: int | None = None, times: Real | None = None
    ) -> LadderEvolution:
        """The exact pulse, with the cavity eliminated."""
        grid = self.times(detuning, atoms) if times is None else times
        found: LadderEvolution = evolve(self.system(detuning, atoms), grid, method=DickeLadder())  # type: ignore[assignment]
        return found

    def shape(self, detuning: float = 0.0, atoms: int | None = None) -> PulseShape:
        """Peak rate, delay and width of the detected pulse."""
        run = self.evolution(detuning, atoms)
        return PulseShape.of(run.time, self.detected(run.photon_number[0]))

    def detected(self, photons: Real) -> Real:
        """I = (kappa/2) <a^+ a> (1/s)."""
        return np.asarray(self.kappa / 2 * photons)

    def laws(self, atoms: int | Real) -> Real:
        """N^2 g^2/kappa (1/s), kappa ln N/(N g^2) and kappa/(N g^2) (s): what c_peak, c_d and c_w multiply, (3, ...)."""
        n = np.asarray(atoms, dtype=float)
        ratio = self.g**2 / self.kappa
        return np.array([n**2 * ratio, np.log(n) / (n * ratio), 1 / (n * ratio)])


@dataclass(frozen=True)
class Superradiance:
    """The resonant pulse: its curves (Fig. 2), its scaling with the number of atoms, its coherence and spectrum."""

    pulse: Pulse

    @cached_property
    def run(self) -> LadderEvolution:
        """The pulse of the mean number of atoms."""
        return self.pulse.evolution()

    @cached_property
    def shape(self) -> PulseShape:
        """Peak rate, delay and width of that pulse."""
        return PulseShape.of(self.run.time, self.pulse.detected(self.run.photon_number[0]))

    @cached_property
    def scaling(self) -> Real:
        """Peak rate (1/s), delay and width (s) for `NUMBERS`, (3, number)."""
        shapes = [self.pulse.shape(atoms=n) for n in NUMBERS]
        return np.array([[s.peak_rate, s.delay, s.width] for s in shapes]).T

    @property
    def factors(self) -> Real:
        """c_peak, c_d and c_w of the mean number of atoms."""
        shape = self.shape
        return np.array([shape.peak_rate, shape.delay, shape.width]) / self.pulse.laws(self.pulse.atoms)

    @property
    def fitted(self) -> Real:
        """c_peak, c_d and c_w by least squares of each law to `scaling`."""
        laws = self.pulse.laws(np.array(NUMBERS))
        return np.asarray(np.sum(laws * self.scaling, axis=1) / np.sum(laws**2, axis=1))

    @cached_property
    def coherence(self) -> Correlation:
        """C(tau) = int <a^+(t + tau) a(t)> dt up to four pulse widths."""
        delays = np.linspace(0.0, 4 * self.shape.width, 401)
        return correlation(self.pulse.system(), delays, initial="inverted", method=DickeLadder())

    @property
    def coherence_time(self) -> float:
        """Delay at which C has fallen to 1/e (s)."""
        from scipy.interpolate import CubicSpline

        curve = CubicSpline(self.coherence.delay, self.coherence.normalised.real - np.exp(-1))
        return float(curve.roots(extrapolate=False)[0])

    @cached_property
    def spectrum(self) -> Spectrum:
        """S(omega) of the whole pulse."""
        return spectrum(self.pulse.system(), initial="inverted", method=DickeLadder())

    def centroid_factor(self, detuning: float) -> float:
        """(omega_L - omega_A)/chi of the centroid of the whole spectrum, at one detuning (rad/s)."""
        return line_centre(self.pulse.system(detuning), "centroid") / self.pulse.exchange(detuning)

    def values(self) -> dict[str, float | list[float]]:
        """The numbers of the targets file by their ids."""
        peak, delay, width = (float(c) for c in self.factors)
        return {
            "c_peak_400": peak,
            "c_d_400": delay,
            "c_w_400": width,
            "c_fit": [float(c) for c in self.fitted],
            "tau_e": self.coherence_time / self.shape.width,
            "fwhm": float(self.spectrum.full_width[0]) * self.shape.width,
            "centroid": self.centroid_factor(self.pulse.kappa / 2),
        }
