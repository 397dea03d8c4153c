"""The same sphere as a continuous, steady-state superradiant laser: flux, inversion and linewidth against the pump."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.noise import Noise
from atomcavity.dynamics import Cumulants, Exact, spectrum, steady_state
from atomcavity.dynamics.elimination import eliminate
from atomcavity.dynamics.methods import Method
from atomcavity.dynamics.system import CavitySystem
from atomcavity.studies.spectra import carrier_width

Real = NDArray[np.float64]

EXACT = Exact(cavity="eliminated")
CUMULANTS = Cumulants(cavity="eliminated")


def phase_diffusion_deviation(linewidth: float, frequency: float, tau: float = 1.0) -> float:
    """Allan deviation after `tau` (s) of an oscillator whose line (FWHM, rad/s) is that of a diffusing phase.

    A phase with <[phi(t + tau) - phi(t)]^2> = W tau has a Lorentzian line of full width W (rad/s) and
    white frequency noise, one-sided S_y = 2 W/omega^2 = h0 (with W = 2 pi dnu: dnu/(pi nu^2)), hence
    sigma_y = sqrt(h0/(2 tau)) = sqrt(W/tau)/omega.
    """
    return math.sqrt(linewidth / tau) / frequency


@dataclass(frozen=True)
class Line:
    """One pump rate (1/s): photons/s through the port, inversion, full width at half maximum (rad/s) of the carrier."""

    pump_rate: float
    flux: float
    inversion: float
    linewidth: float


@dataclass(frozen=True)
class Continuous:
    """Steady-state superradiance of the atoms and the cavity of `system`, one incoherent pump rate after another.

    system     identical atoms and one mode, as of the pulse; its pump rate is replaced
    frequency  of the clock transition (rad/s)
    shares     pump rates in units of N Gamma, Gamma = g^2 kappa/(kappa^2/4 + Delta^2): it lases below 1; 1/2 is one

    What is left out: the mode in the other direction, light shifts and heating by the repumping light, atoms lost and
    loaded, differences between the atoms, the trap's own light shifts (the pulsed clock's largest part), the detector.
    """

    system: CavitySystem
    frequency: float
    shares: tuple[float, ...] = (0.05, 0.1, 0.25, 0.5, 0.75, 0.9)

    @cached_property
    def collective_rate(self) -> float:
        """Gamma (1/s): the rate at which one atom emits into the mode."""
        return float(eliminate(self.system).decay[0, 0].real)

    def pumped(self, share: float) -> CavitySystem:
        """The system with the pump rate share * N Gamma."""
        (group,) = self.system.emitters
        rate = share * group.number * self.collective_rate
        return replace(self.system, emitters=(replace(group, pump_rate=rate),))

    def line(self, share: float, method: Method) -> Line:
        """The laser at one pump rate, by the method given."""
        system = self.pumped(share)
        state, light = steady_state(system, method=method), spectrum(system, method=method)
        return Line(
            system.emitters[0].pump_rate,
            float(state.port_rate[0]),
            float(state.inversion[0]),
            carrier_width(light),
        )

    @cached_property
    def exact(self) -> list[Line]:
        """Exact, one pump rate of `shares` after another."""
        return [self.line(share, EXACT) for share in self.shares]

    @cached_property
    def cumulants(self) -> list[Line]:
        """By second-order cumulants, which take the gain for unsaturated: above threshold too wide."""
        return [self.line(share, CUMULANTS) for share in self.shares]

    @property
    def half(self) -> Line:
        """Exact at w = N Gamma/2, the pump rate of the largest power."""
        return self.exact[self.shares.index(0.5)]

    @property
    def narrowest(self) -> Line:
        """The exact line with the smallest width among `shares`."""
        return min(self.exact, key=lambda line: line.linewidth)

    def deviation(self, line: Line, tau: float = 1.0) -> float:
        """sigma_y(tau) by the diffusion of the phase alone."""
        return phase_diffusion_deviation(line.linewidth, self.frequency, tau)

    def pulling(self, line: Line) -> float:
        """d(frequency of the light)/d(frequency of the cavity), w/kappa.

        The coherence of the atoms decays at w/2 and the field at kappa/2; between the two frequencies the light is at
        their mean weighted with 1/decay, for w << kappa at w/kappa of the way to the cavity.  Holds at the pump rates
        of a laser (0 < w < N Gamma), to 1/N.
        """
        return line.pump_rate / self.system.modes[0].kappa

    def heating(self, line: Line, recoil: float) -> float:
        """The least power (W) with which pumping heats an atom: two recoil energies (J) for each of w (1 - z)/2 pumps a second.

        One photon that is absorbed and one that is emitted; a real pump cycle has more.  The trap's confinement does not
        change the mean.
        """
        return 2 * recoil * line.pump_rate * (1 - line.inversion) / 2

    def with_cavity(self, line: Line, noise: Noise, tau: Real) -> Real:
        """sigma_y(tau) by the diffusion of the phase and by a free cavity with that noise."""
        pulled = self.pulling(line) * np.asarray(noise.deviation(tau))
        return np.hypot(phase_diffusion_deviation(line.linewidth, self.frequency, 1.0) / np.sqrt(tau), pulled)
