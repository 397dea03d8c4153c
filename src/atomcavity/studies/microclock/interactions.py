"""What the atoms of the lattice do to each other without the cavity: exchange between sites, collisions within one."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray
from scipy.constants import physical_constants

from atomcavity.coupling.exchange import (
    dipole_exchange,
    exchange_shifts,
    ground_state_widths,
    p_wave_shift,
    s_wave_shift,
)
from atomcavity.studies.microclock.device import Device

Real = NDArray[np.float64]

BOHR = physical_constants["Bohr radius"][0]


@dataclass(frozen=True)
class Interactions:
    """Estimates for the pi line of the clock transition on the sites of a device.

    S_WAVE  scattering length in Bohr radii, of the size of that of 87Sr in the ground state (96.2 a_0: Martinez de Escobar
            et al., Phys. Rev. A 78, 062708 (2008))
    P_WAVE  p-wave scattering length, of the size of that of 87Sr (74.6 a_0: Zhang et al., Science 345, 1467 (2014))
    """

    device: Device
    S_WAVE: ClassVar[float] = 96.0
    P_WAVE: ClassVar[float] = 75.0

    @cached_property
    def sites(self) -> Real:
        """Places of all sites (m), by azimuth."""
        return np.asarray(self.device.trap.sites)

    @property
    def _line(self) -> dict[str, float]:
        return {"gamma": self.device.line.gamma, "frequency": self.device.line.frequency}

    @property
    def spacing(self) -> float:
        """Distance of neighbouring sites (m)."""
        return float(np.linalg.norm(self.sites[1] - self.sites[0]))

    @property
    def neighbours(self) -> float:
        """V of two atoms on neighbouring sites (rad/s)."""
        shift, _ = dipole_exchange(self.sites[1] - self.sites[0], self.device.axis, **self._line)
        return float(shift)

    @cached_property
    def ring(self) -> tuple[float, float]:
        """Mean and standard deviation over the sites of the shift (rad/s) of atoms near the ground state.

        All sites are occupied with the mean share, the dipoles have the phases of the clock mode.
        """
        azimuth = np.arctan2(self.sites[:, 1], self.sites[:, 0])
        shifts = exchange_shifts(
            self.sites,
            self.device.axis,
            phases=self.device.clock_mode.m * azimuth,
            occupation=self.device.experiment.ensemble.atoms / len(self.sites),
            **self._line,
        )
        return float(shifts.mean()), float(shifts.std())

    @property
    def _site(self) -> tuple[float, Real, int]:
        """Mass (kg), widths (m) of the ground state along rho, theta, phi, and the softest axis."""
        mass = self.device.species.mass
        gaps = np.asarray(self.device.trap.states(2).first_gaps)
        return mass, ground_state_widths(mass, gaps), int(np.argmin(gaps))

    @property
    def s_wave(self) -> float:
        """Interaction energy over hbar (rad/s) of two atoms of different nuclear spin in one site."""
        mass, widths, _ = self._site
        return s_wave_shift(self.S_WAVE * BOHR, mass=mass, widths=widths)

    @property
    def p_wave(self) -> float:
        """The same of two atoms of equal nuclear spin, one of them excited along the softest axis."""
        mass, widths, axis = self._site
        return p_wave_shift(self.P_WAVE * BOHR, mass=mass, widths=widths, axis=axis)
