"""The level that the pump goes through, kept: full three-level mean field (A5)-(A11) beside two levels (A15)-(A18)."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

from atomcavity.dynamics import CavitySystem, Emitters, LevelScheme, branches

LOWER, UPPER, MIDDLE = "l", "u", "i"


@dataclass(frozen=True)
class Pumped:
    """The light of one laser: photons, and its frequency from that of the ions (rad/s); both 0 and NaN in the dark."""

    photons: float
    shift: float


@dataclass(frozen=True)
class Intermediate:
    """The level |i> between: xi decays back for each decay into the upper state, Gamma (1/s) in all, pump detuned by Delta_p."""

    xi: float
    decay: float
    detuning: float = 0.0

    def rabi(self, pump_rate: float) -> float:
        """V (rad/s) that gives the pump rate w = Gamma_2 V^2/(Gamma^2 + 4 Delta_p^2), Eq. (A17)."""
        return math.sqrt(pump_rate * (1 + self.xi) / self.decay * (self.decay**2 + 4 * self.detuning**2))

    def light_shift(self, pump_rate: float) -> float:
        """w (1 + xi) Delta_p/Gamma (rad/s), Eq. (A17)."""
        return pump_rate * (1 + self.xi) / self.decay * self.detuning

    def kept(self, system: CavitySystem) -> CavitySystem:
        """The system of two-level emitters with this level in each, its pump driven coherently."""
        return replace(system, emitters=[self._three(e) for e in system.emitters])

    def _three(self, emitters: Emitters) -> Emitters:
        into = self.decay / (1 + self.xi)
        levels = LevelScheme(
            levels=(LOWER, UPPER, MIDDLE),
            couplings={(LOWER, UPPER): emitters.g_modes},
            drives={(LOWER, MIDDLE): self.rabi(emitters.pump_rate)},
            decays={
                (UPPER, LOWER): emitters.gamma,
                (MIDDLE, UPPER): into,
                (MIDDLE, LOWER): self.decay - into,
            },
            energies={UPPER: emitters.detuning, MIDDLE: self.detuning},
        )
        return Emitters(emitters.number, levels=levels)


def lasing(system: CavitySystem) -> Pumped:
    """The lasing branch with the most photons, in mean field."""
    found = branches(system)
    lit = [k for k, label in enumerate(found.labels) if str(label).startswith("lasing")]
    if not lit:
        return Pumped(0.0, math.nan)
    best = max(lit, key=lambda k: float(found.photon_number[k, 0]))
    return Pumped(float(found.photon_number[best, 0]), float(found.lasing_frequency[best, 0]))
