"""Beyond two levels: where the pump rate comes from (Fig. 1b), and what m = +1, -1 of 3P1 do to the laser."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar

from atomcavity.coupling import Coupling
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, LevelScheme, steady_state
from atomcavity.dynamics.pump import pumping
from atomcavity.numerics.wigner import clebsch_gordan
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.published import PUBLISHED

Real = NDArray[np.float64]

GROUND, LASER = "S", "P0"
SUBLEVELS = (-1, 0, 1)
P = {-1: "P-1", 0: "P0", 1: "P+1"}
T = {-1: "T-1", 0: "T0", 1: "T+1"}  # 5s6s 3S1
DARK = ("3P0", "3P2")


@dataclass(frozen=True)
class Zeeman:
    """The atom with all sublevels of 3P1, in the cavity and under the pump light."""

    device: Device
    repump_points: int = 9

    @cached_property
    def splitting(self) -> float:
        """Zeeman shift between neighbouring sublevels of 3P1 (rad/s)."""
        return abs(self._coupling.zeeman_shift(1, self.device.experiment.atom.field))

    @cached_property
    def _coupling(self) -> Coupling:
        trap = self.device.trap.require_minimum()
        return self.device.coupling(trap.position[None, :])

    @cached_property
    def ratio(self) -> float:
        """|g| of m = +1 or -1 over |g| of m = 0: tan(theta_B)/sqrt(2) for light along z."""
        zeeman = self._coupling.zeeman
        return float(abs(zeeman[1][0, 0]) / abs(zeeman[0][0, 0]))

    def pump_scheme(self, rabi: float, second: float, repump: float | None = None) -> LevelScheme:
        """Fig. 1b: S -(rabi)- 3P1, m = -1 -(second)- 3S1, m = -1; decay of 3S1, repumping of the other levels.

        Rabi frequencies in rad/s. The second step is driven with pi light: 3S1, m = 0 does not decay to
        3P1, m = 0, and only pi light leaves that level alone. The same light empties m = +1 into 3S1,
        m = +1. Decays of 3S1 go by the line strengths and Clebsch-Gordan coefficients; 3P0 and 3P2 are
        repumped to all sublevels of 3S1 at the rate `repump` (1/s; None: the file's), one way.
        """
        rate = self.device.experiment.laser.repump_rate if repump is None else repump
        gamma = self.device.line.gamma
        decays = {(P[m], GROUND): gamma for m in (-1, 1)}
        for line in self.device.species.decays("3S1"):
            for m in SUBLEVELS:
                if line.lower.name == "3P1":
                    for q in SUBLEVELS:
                        share = clebsch_gordan(1, m, 1, q - m, 1, q) ** 2 if abs(q - m) <= 1 else 0.0
                        if share > 0:
                            decays[T[m], P[q]] = line.gamma * share
                else:
                    decays[T[m], line.lower.name] = line.gamma
        for name in DARK:
            for m in SUBLEVELS:
                decays[name, T[m]] = rate / 3
        return LevelScheme(
            levels=(GROUND, *P.values(), *T.values(), *DARK),
            drives={(GROUND, P[-1]): rabi, (P[-1], T[-1]): second, (P[1], T[1]): second},
            decays=decays,
        )

    def pump_rate(self, rabi: float, second: float, repump: float | None = None) -> float:
        """Rate (1/s) from S to 3P1, m = 0 for the two Rabi frequencies (rad/s)."""
        return pumping(self.pump_scheme(rabi, second, repump), GROUND, LASER).rate

    def best_pump_rate(self, rabi: float, repump: float | None = None) -> tuple[float, float]:
        """The largest pump rate (1/s) at a given first Rabi frequency, and the second one that gives it (rad/s)."""
        scale = math.log10(rabi)
        found = minimize_scalar(
            lambda x: -self.pump_rate(rabi, 10**x, repump),
            bounds=(scale - 2, scale + 3),
            method="bounded",
            options={"xatol": 1e-3},
        )
        return -float(found.fun), float(10**found.x)

    @property
    def gentle_rabi(self) -> float:
        """First Rabi frequency (rad/s) at which the pump shifts the laser line by gamma.

        Pure sigma light would not shift it. Assumed is a pi component of the same strength: it is detuned
        from S - P0 by the Zeeman splitting Delta and moves both levels, the line by Omega^2/(2 Delta).
        """
        return math.sqrt(2 * self.splitting * self.device.line.gamma)

    @cached_property
    def fastest_emptying(self) -> float:
        """The largest rate (1/s) at which light on 3P1 - 3S1 can carry an atom from m = -1 or +1 to m = 0."""
        scheme = self.pump_scheme(0.0, 1.0)

        def rate(second: float) -> float:
            drives = {pair: second for pair in scheme.drives if GROUND not in pair}
            decays = {pair: value for pair, value in scheme.decays.items() if GROUND not in pair}
            return pumping(replace(scheme, drives=drives, decays=decays), P[-1], LASER).rate

        return max(rate(10**x) for x in np.linspace(7, 10, 13))

    @cached_property
    def pump_curve(self) -> tuple[Real, Real]:
        """First Rabi frequencies (rad/s) and the largest pump rates (1/s) they allow."""
        rabi = np.geomspace(0.02e6, 200e6, 25) * 2 * math.pi
        return rabi, np.array([self.best_pump_rate(omega)[0] for omega in rabi])

    def system(self, atoms: int, pump_rate: float, repump: float) -> CavitySystem:
        """The laser with all sublevels: S -> P0 at `pump_rate`, P+1 and P-1 -> P0 at `repump` (1/s)."""
        rates = self.device.rates
        couplings = {(GROUND, P[m]): (rates.g * (1.0 if m == 0 else self.ratio),) * 2 for m in SUBLEVELS}
        decays = {(P[m], GROUND): rates.gamma for m in SUBLEVELS}
        decays[GROUND, LASER] = pump_rate
        decays |= {(P[m], LASER): repump for m in (-1, 1)}
        scheme = LevelScheme(
            levels=(GROUND, *P.values()),
            couplings=couplings,
            decays=decays,
            energies={P[m]: m * self.splitting for m in (-1, 1)},
        )
        mode = CavityMode(rates.kappa(self.device.quality))
        return CavitySystem([Emitters(atoms, levels=scheme)], [mode, mode], reference=rates.omega)

    @cached_property
    def photons(self) -> dict[tuple[int, str, str], float]:
        """Photons in a mode by (atoms, pump, model): "two levels", "no repump", "repump at the pump rate"."""
        rates = self.device.rates
        found = {}
        for atoms in (1, 2):
            for name, pump in (("max", rates.pump_max), ("30", PUBLISHED.weak_pump * rates.gamma)):
                two = rates.system(atoms, quality=self.device.quality, pump_rate=pump)
                found[atoms, name, "two levels"] = float(steady_state(two).photon_number[0])
                for model, repump in (("no repump", 0.0), ("repump", pump)):
                    state = steady_state(self.system(atoms, pump, repump))
                    found[atoms, name, model] = float(state.photon_number[0])
        return found

    @cached_property
    def repump_curve(self) -> tuple[Real, dict[int, Real]]:
        """Repump rates in units of the pump rate, and photons in a mode at Gamma_max for one and two atoms."""
        rates = self.device.rates
        share = np.geomspace(0.003, 3.0, self.repump_points)
        pump = rates.pump_max
        return share, {
            n: np.array([steady_state(self.system(n, pump, x * pump)).photon_number[0] for x in share])
            for n in (1, 2)
        }
