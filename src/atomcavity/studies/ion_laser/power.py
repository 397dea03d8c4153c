"""Figs. 4 and 5: the power of a continuous crystal against pump rate and waist, and the same from groups of ions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.dynamics import MeanField, steady_state
from atomcavity.studies.ion_laser.continuum import ContinuousLaser
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.static import MEGA

Real = NDArray[np.float64]

PICO = 1e-12
"""1 pW (W)."""
ZETA = 0.8
"""Waist over radius of the crystal at which the paper gives its optimum."""


@dataclass(frozen=True)
class Power:
    """The power of all devices of the paper's experiment file, without shifts."""

    devices: tuple[Device, ...]

    @property
    def momenta(self) -> tuple[float, ...]:
        """F of the upper lasing states."""
        return tuple(dict.fromkeys(device.F for device in self.devices))

    @property
    def confinements(self) -> tuple[float, ...]:
        """omega_z (rad/s), ascending."""
        return tuple(sorted({device.confinement for device in self.devices}))

    def device(self, F: float, confinement: float) -> Device:
        """One of the devices."""
        return next(x for x in self.devices if (x.F, x.confinement) == (F, confinement))

    @cached_property
    def together(self) -> ContinuousLaser:
        """All devices as one array of lasers."""
        rates = np.array([device.continuum.collective_rate for device in self.devices])
        return replace(self.devices[0].continuum, collective_rate=rates)

    @cached_property
    def best(self) -> tuple[Real, Real, Real]:
        """zeta, pump rate (1/s) and power (W) of the largest power of each device."""
        return self.together.best()

    @cached_property
    def at_zeta(self) -> tuple[Real, Real]:
        """Pump rate (1/s) of the largest power at zeta = 0.8, and that power (W), of each device."""
        return self.together.optimum(ZETA)

    def against_pump(self, pumps: Real, zeta: float, device: Device) -> Real:
        """Power (pW) at the pump rates (1/s)."""
        return device.continuum.power(pumps, zeta) / PICO

    def against_waist(self, zetas: Real) -> Real:
        """Largest power (pW) at each zeta, (device, zeta)."""
        wide = replace(self.together, collective_rate=np.asarray(self.together.collective_rate)[:, None])
        return wide.optimum(np.broadcast_to(zetas, (len(self.devices), len(zetas))))[1] / PICO

    def of_groups(self, device: Device, pumps: Sequence[float], groups: int) -> Real:
        """Power (pW) of groups of ions at the file's zeta, in mean field."""
        quantum = hbar * device.line.frequency * device.mode.kappa / PICO
        states = [
            steady_state(device.system(w, groups=groups), method=MeanField(branch="lasing")) for w in pumps
        ]
        return np.array([float(state.photon_number[0]) * quantum for state in states])

    def values(self) -> dict[str, float]:
        """Optimum zeta, optimum pump rate (1/s) and largest power (pW) at zeta = 0.8, by id."""
        found = {}
        for k, device in enumerate(self.devices):
            name = f"F{device.F:g}.{device.confinement / MEGA:g}"
            found[f"s3.zopt.{name}"] = float(self.best[0][k])
            found[f"s3.wopt.{name}"] = float(self.at_zeta[0][k])
            if device.confinement == self.confinements[-1]:
                found[f"s3.Pmax.{name}"] = float(self.at_zeta[1][k]) / PICO
        return found
