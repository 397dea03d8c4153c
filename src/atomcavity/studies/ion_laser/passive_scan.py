"""Passive locks of several lines over intensity and finesse: what the figure and the remarks share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics import branches, transmission
from atomcavity.studies.ion_laser.passive import Lock, Passive

Real = NDArray[np.float64]

FINESSES = (1e1, 1e6)


@dataclass(frozen=True)
class PassiveScan:
    """Passive locks beside the active laser.

    laser_line   the crystal of the laser, without shifts
    shifted      the same with its ions' shifts, `centred`
    others       other lines, in cavities of the same finesse
    finesse      of all cavities
    active       sigma_y(1 s) of the laser by the diffusion of its phase
    broadened    additional decay of the coherence (1/s) with which the locks are shown again
    """

    laser_line: Passive
    shifted: Passive
    others: Sequence[Passive]
    finesse: float
    active: float
    broadened: float = 2 * np.pi
    quick: bool = False

    @property
    def lines(self) -> tuple[Passive, ...]:
        """All lines, the laser's first."""
        return (self.laser_line, *self.others)

    @cached_property
    def saturations(self) -> Real:
        """s from 0.001 to a hundred times C."""
        return np.geomspace(0.001, 100 * self.laser_line.cooperativity, 19 if self.quick else 28)

    def _locks(self, line: Passive) -> list[Lock]:
        return [line.lock(float(s) * line.saturation_photons) for s in self.saturations if line.resolved(s)]

    @cached_property
    def locks(self) -> list[Lock]:
        """The crystal at `saturations`."""
        return self._locks(self.laser_line)

    @cached_property
    def shifted_locks(self) -> list[Lock]:
        """The crystal with shifts at those of `saturations` at which its groups stand for a continuum."""
        return self._locks(self.shifted)

    def best_lock(self, locks: Sequence[Lock]) -> Lock:
        """The one with the smallest variance of those not `turned`."""
        return min((lock for lock in locks if not lock.turned), key=lambda lock: lock.variance)

    @cached_property
    def states(self) -> tuple[float, Real, NDArray[np.bool_]]:
        """Incident power (W), photons and stability of all states of identical ions at one drive, found by mean field."""
        line = self.identical
        lock = line.lock(0.1 * line.cooperativity * line.saturation_photons)
        found = branches(line.system(lock.photons))
        return lock.incident, found.photon_number[:, 0], found.stable

    @cached_property
    def identical_locks(self) -> list[Lock]:
        """Identical ions at `saturations`."""
        return self._locks(self.identical)

    @cached_property
    def identical(self) -> Passive:
        """Identical ions with the crystal's C and n_s."""
        line = self.laser_line
        number = sum(n for n, _, _ in line.groups)
        g = np.sqrt(line.cooperativity * line.kappa * line.across / (2 * number))
        return replace(line, groups=((number, float(g), 0.0),))

    def weak(self, detunings: Real) -> NDArray[np.complex128]:
        """Transmitted over incident amplitude of a weak probe, by linear response; through two equal mirrors: 1 less what returns."""
        reply = transmission(self.laser_line.system(0.0), detunings)
        return 1 - np.asarray(reply.amplitude[0])

    def strong(self, line: Passive, detunings: Real, s: float) -> NDArray[np.complex128]:
        """The same with the drive that makes the saturation s on resonance, on the brightest branch; NaN where not `resolved`."""
        drive = abs(line.response(s * line.saturation_photons)) * np.sqrt(s * line.saturation_photons)
        lowest = 0.01 / (1 + line.cooperativity) ** 2  # of an empty cavity's photons
        grid = np.geomspace(lowest, 1, 400) * (2 * drive / line.kappa) ** 2
        found = []
        for delta in detunings.tolist():
            needed = np.array([abs(line.response(n, delta)) * np.sqrt(n) for n in grid])
            last = int(np.flatnonzero(needed <= drive)[-1])
            photons = (
                grid[last]
                if last + 1 == len(grid)
                else float(np.interp(drive, needed[last : last + 2], grid[last : last + 2]))
            )
            known = line.resolved(photons / line.saturation_photons)
            found.append(line.transmitted(float(photons), delta) if known else complex("nan"))
        return np.array(found)

    @cached_property
    def finesses(self) -> Real:
        """Finesses at which the locks are compared."""
        return np.geomspace(*FINESSES, 16 if self.quick else 31)

    def best(self, line: Passive, finesse: float, dephasing: float = 0.0) -> float:
        """The smallest sigma_y(1 s) of a stable lock by the law for identical ions."""
        other = replace(line, kappa=line.kappa * self.finesse / finesse, dephasing=line.dephasing + dephasing)
        return other.deviation(other.best()[1])

    @cached_property
    def by_finesse(self) -> Mapping[str, tuple[Real, Real]]:
        """name of a line -> sigma_y(1 s) over `finesses`, with the natural decay and broadened."""
        return {
            line.name: (
                np.array([self.best(line, f) for f in self.finesses]),
                np.array([self.best(line, f, self.broadened) for f in self.finesses]),
            )
            for line in self.lines
        }
