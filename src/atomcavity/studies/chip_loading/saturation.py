"""Transmission with a probe that saturates the atom: the dynamics room beside the formula for weak light."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Exact, MeanField, steady_state
from atomcavity.studies.chip_loading.static import Static

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Driven:
    """Of the probe's photons: the transmitted share, its coherent part; excited population of an atom."""

    total: float
    coherent: float
    excited: float


@dataclass(frozen=True)
class Saturation:
    """Atoms with the printed coupling, driven through the bus by `rates` photons per second."""

    static: Static
    rates: tuple[float, ...]

    def system(self, rate: float, shift: float, atoms: int = 1, phase: float | None = None) -> CavitySystem:
        """Both directions of the ring; |drive|^2 = kappa_ext times the rate of the probe's photons (1/s)."""
        given, g = self.static.device.experiment.ring, self.static.g
        other = 0.0 if phase is None else g * np.exp(1j * phase)
        group = Emitters(atoms, g=(g, other), gamma=self.static.device.gamma, detuning=shift)
        modes = [CavityMode(given.kappa, given.kappa_ext), CavityMode(given.kappa)]
        coupled = given.backscattering * np.array([[0, 1], [1, 0]])
        drive = (math.sqrt(given.kappa_ext * rate), 0.0)
        return CavitySystem([group], modes, mode_coupling=coupled, drive=drive)

    def driven(
        self,
        rate: float,
        shift: float,
        atoms: int = 1,
        phase: float | None = None,
        method: Exact | MeanField | None = None,
    ) -> Driven:
        """The stationary light behind the ring.

        With the drive -i eta and a_out = a_in + sqrt(kappa_ext) a the incoming amplitude is i sqrt(rate); the transmitted
        rate is rate + kappa_ext <a^+ a> + 2 sqrt(kappa_ext) Re(a_in^* <a>).
        """
        state = steady_state(self.system(rate, shift, atoms, phase), method=method or Exact())
        root = math.sqrt(self.static.device.experiment.ring.kappa_ext)
        entering, inside = 1j * math.sqrt(rate), root * complex(state.amplitude[0])
        coherent = abs(entering + inside) ** 2
        noise = root**2 * float(state.photon_number[0]) - abs(inside) ** 2
        return Driven(
            (coherent + max(noise, 0.0)) / rate, coherent / rate, float(state.excited_population[0])
        )

    def curve(self, shift: float, atoms: int = 1, phase: float | None = None) -> list[Driven]:
        """At all rates."""
        return [self.driven(rate, shift, atoms, phase) for rate in self.rates]

    @cached_property
    def probe_rate(self) -> float:
        """Photons per second in the bus that give the file's counts, if every transmitted photon is counted."""
        return self.static.device.counter.flux
