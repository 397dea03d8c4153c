"""Fig. 4: steady state, correlation, spectrum and photon statistics of the pumped system."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import curve_fit

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Correlation,
    Emitters,
    Exact,
    Jumps,
    Spectrum,
    SteadyState,
    correlation,
    spectrum,
    steady_state,
)
from atomcavity.studies.microlaser.published import PUBLISHED

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Rates:
    """What the dynamics needs, by the paper's letters: g, gamma, Gamma_max (1/s), omega0 (rad/s)."""

    g: float
    gamma: float
    pump_max: float
    omega: float

    def kappa(self, quality: float) -> float:
        """Photon-number decay rate omega0/Q (rad/s)."""
        return self.omega / quality

    def purcell_decay(self, quality: float) -> float:
        """2 F gamma = 8 g^2/kappa: emission of one atom into both modes in the bad-cavity limit (1/s)."""
        return 8 * self.g**2 / self.kappa(quality)

    def system(self, atoms: int, *, quality: float = 1e8, pump_rate: float = 0.0) -> CavitySystem:
        """Equal atoms and the two counter-propagating modes, Eqs (26)-(30) with equal phases at all sites."""
        group = Emitters(atoms, (self.g, self.g), self.gamma, pump_rate=pump_rate)
        return CavitySystem([group], [CavityMode(self.kappa(quality))] * 2, reference=self.omega)

    def system_at(
        self, phases: Sequence[float], *, quality: float = 1e8, pump_rate: float = 0.0
    ) -> CavitySystem:
        """One atom at each azimuthal phase: g exp(i phase) to the clockwise mode, its conjugate to the other."""
        groups = [
            Emitters(1, (self.g * np.exp(1j * p), self.g * np.exp(-1j * p)), self.gamma, pump_rate=pump_rate)
            for p in phases
        ]
        return CavitySystem(groups, [CavityMode(self.kappa(quality))] * 2, reference=self.omega)


@dataclass(frozen=True)
class Lasing:
    """Everything that Fig. 4 shows; calculated when it is first asked for."""

    rates: Rates
    atoms: tuple[int, ...] = (1, 2, 3, 4, 5, 6, 7)
    pump_points: int = 33

    @property
    def pumps(self) -> dict[str, float]:
        """The two pump rates of Fig. 4b-f (1/s) by name."""
        return {"max": self.rates.pump_max, "30": PUBLISHED.weak_pump * self.rates.gamma}

    @cached_property
    def pump_axis(self) -> Real:
        """Pump rates of Fig. 4a (1/s), up to Gamma_max."""
        return np.linspace(0.0, self.rates.pump_max, self.pump_points + 1)[1:]

    def against_pump(self, quality: float) -> list[SteadyState]:
        """Steady states of one atom along `pump_axis`."""
        return [steady_state(self.rates.system(1, quality=quality, pump_rate=p)) for p in self.pump_axis]

    @cached_property
    def one_atom(self) -> dict[float, list[SteadyState]]:
        """Steady states of one atom against the pump, by quality factor."""
        return {quality: self.against_pump(quality) for quality in (1e7, 1e8)}

    @cached_property
    def spectra(self) -> dict[float, Spectrum]:
        """S(omega) of one atom at Gamma_max, by quality factor."""
        pump = self.rates.pump_max
        return {q: spectrum(self.rates.system(1, quality=q, pump_rate=pump)) for q in (1e7, 1e8)}

    @cached_property
    def correlations(self) -> dict[float, Correlation]:
        """g1(tau) of one atom at Gamma_max, by quality factor."""
        delays = np.linspace(0.0, PUBLISHED.fit_window, 401)
        pump = self.rates.pump_max
        return {q: correlation(self.rates.system(1, quality=q, pump_rate=pump), delays) for q in (1e7, 1e8)}

    @cached_property
    def damped_cosine(self) -> tuple[float, float, float, float]:
        """(A, Delta, delta, theta) of A exp(-Delta tau/2) cos(delta tau + theta) fitted to g1 at Q = 1e8 (rad/s)."""
        measured = self.correlations[1e8]
        gamma = self.rates.gamma

        def model(tau: Real, a: float, width: float, shift: float, theta: float) -> Real:
            return a * np.exp(-width * gamma * tau / 2) * np.cos(shift * gamma * tau + theta)

        best, _ = curve_fit(model, measured.delay, measured.normalised.real, p0=(1.0, 600.0, 200.0, 0.0))
        return float(best[0]), float(best[1] * gamma), float(abs(best[2]) * gamma), float(best[3])

    @cached_property
    def against_atoms(self) -> dict[str, list[SteadyState]]:
        """Steady states against the number of atoms at Q = 1e8, for both pumps."""
        return {
            name: [steady_state(self.rates.system(n, pump_rate=pump)) for n in self.atoms]
            for name, pump in self.pumps.items()
        }

    def _fit(self, states: Sequence[SteadyState]) -> tuple[float, float]:
        slope, offset = np.polyfit(self.atoms, [state.photon_number[0] for state in states], 1)
        return float(slope), float(offset)

    def line(self, pump: str) -> tuple[float, float]:
        """(k, b) of the straight line N_p = k N + b through all atom numbers."""
        return self._fit(self.against_atoms[pump])

    def truncated_line(self, photons: int) -> tuple[float, float]:
        """(k, b) at Gamma_max if the total photon number is cut off; at 5 it has both printed digits."""
        states = [
            steady_state(self.rates.system(n, pump_rate=self.rates.pump_max), method=Exact(photons=photons))
            for n in self.atoms
        ]
        return self._fit(states)

    @cached_property
    def linewidths(self) -> list[float]:
        """Full width at half maximum (rad/s) of the spectrum of 1, 2, ... atoms at Gamma_max, Q = 1e8."""
        pump = self.rates.pump_max
        return [float(spectrum(self.rates.system(n, pump_rate=pump)).full_width[0]) for n in self.atoms[:4]]

    def doublet_limit(self) -> float:
        """The largest pump rate (in units of Gamma_max) at which S(omega) of one atom has two maxima, to 1 %."""
        low, high = 0.3, 1.0  # two maxima, one maximum
        while high - low > 0.01:
            middle = (low + high) / 2
            found = spectrum(self.rates.system(1, pump_rate=middle * self.rates.pump_max))
            low, high = (middle, high) if len(found.peak) > 1 else (low, middle)
        return low

    def scaling(self, g: float, *, exact: bool) -> SteadyState:
        """24 atoms at Gamma_max with another g (rad/s): exact, or by quantum jumps (quick)."""
        rates = replace(self.rates, g=g)
        method = Exact(photons=40) if exact else Jumps(trajectories=1000, seed=1)
        return steady_state(rates.system(24, pump_rate=rates.pump_max), method=method)

    def adjacent_sites(self, phase: float) -> SteadyState:
        """Two atoms on adjacent sites, whose mode phases differ by `phase` (rad), at 30 gamma and Q = 1e8."""
        system = self.rates.system_at((0.0, phase), pump_rate=self.pumps["30"])
        return steady_state(system)

    def values(self) -> dict[str, float]:
        """The numbers of Fig. 4 by their ids."""
        gamma = self.rates.gamma
        found: dict[str, float] = {}
        for name, states in self.against_atoms.items():
            for n, state in zip(self.atoms, states, strict=True):
                found[f"s1.Np_{name}_N{n}"] = state.photon_number[0]
            found[f"s1.k_{name}"], found[f"s1.b_{name}"] = self.line(name)
        found["s1.fwhm_1e7"] = self.spectra[1e7].full_width[0] / gamma
        found["s1.Delta_1e8"] = self.damped_cosine[1] / gamma
        found["s1.doublet_1e8"] = round(float(np.max(np.abs(self.spectra[1e8].peak))) / gamma, 6)
        found["s1.g2_N1_1e8"] = self.against_atoms["max"][0].g2[0]
        found["s1.g2_N7_1e8"] = self.against_atoms["max"][-1].g2[0]
        found["s1.Ca_N2_30"] = abs(self.against_atoms["30"][1].emitter_correlation[0, 0])
        return found
