"""The numbers of the ion, the trap and the laser that the paper prints, by the ids of `targets.toml`."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.species import Species
from atomcavity.species.magic_field import MagicField
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.published import published
from atomcavity.studies.ion_laser.scaling import READINGS, Scaling
from atomcavity.traps.ion_shifts import largest_residual, leading_shifts
from atomcavity.traps.magic_radio import StatePair
from atomcavity.traps.paul import PaulTrap

Real = NDArray[np.float64]

HERTZ = math.tau
KILO, MEGA = 1e3 * HERTZ, 1e6 * HERTZ
GAUSS = 1e-4
ISOTOPES = {"175": "175Lu+", "176": "176Lu+"}
FIELDS = (-5e-4, 5e-4)
"""Range (T) in which magic fields are looked for."""
PUMP = 100.0
"""Pump rate (1/s) at which App. A estimates the light shift."""
WAIST = 1e-4
"""Waist (m) at which the paper gives g_0^2/kappa."""
READING = READINGS[-1]
"""What the paper's "equal coupling g" of all ions is taken for."""


@dataclass(frozen=True)
class Static:
    """What the paper prints as numbers, for the devices of its experiment file."""

    devices: tuple[Device, ...]

    @cached_property
    def tight(self) -> dict[float, Device]:
        """The devices with the strongest confinement, by F."""
        strongest = max(device.confinement for device in self.devices)
        return {device.F: device for device in self.devices if device.confinement == strongest}

    @property
    def _one(self) -> Device:
        return next(iter(self.tight.values()))

    def magic(self) -> dict[str, float | tuple[float, ...]]:
        """Magic radio frequencies (MHz), and the F without one."""
        found: dict[str, float | tuple[float, ...]] = {
            f"s3.magic.F{F:g}": float(device.magic_radio_frequency) / MEGA for F, device in self.tight.items()
        }
        return found | {"s3.magic.none": self.never_magic}

    @property
    def never_magic(self) -> tuple[float, ...]:
        """All F of the upper level for which no radio frequency is magic."""
        device = self._one
        every = device.species.hyperfine(device.upper[0]).F
        pairs = {F: StatePair.of(device.species, device.lower, (device.upper[0], F, 0)) for F in every}
        return tuple(F for F, pair in pairs.items() if pair.tensor <= 2 * pair.scalar)

    def hyperfine(self) -> dict[str, float]:
        """Hyperfine constants (MHz), g-factors, quadratic Zeeman coefficients (Hz/G^2), slope of the ground state (Hz/G)."""
        device = self._one
        upper, lower = (device.species.hyperfine(state[0]) for state in (device.upper, device.lower))
        found = {"s3.gJ": upper.g_J, "s3.gI": upper.g_I}
        for mass, name in ISOTOPES.items():
            level = Species(name).hyperfine(device.upper[0])
            found |= {f"s3.hfs.A{mass}": level.A / MEGA, f"s3.hfs.B{mass}": level.B / MEGA}
        for F in upper.F:
            found[f"s3.quadZ.F{F:g}"] = upper.quadratic(F, 0) / HERTZ * GAUSS**2
        found["s3.slope1S0"] = float(lower.slope(*device.lower[1:], 0.0)) / HERTZ * GAUSS
        return found

    @cached_property
    def magic_fields(self) -> dict[float, MagicField]:
        """The magic magnetic field of each line nearest to zero, by F."""
        return {
            F: min(
                device.species.magic_fields(device.lower, device.upper, between=FIELDS),
                key=lambda one: abs(one.field),
            )
            for F, device in self.tight.items()
        }

    def fields(self) -> dict[str, float | tuple[float, ...]]:
        """Magic fields (G), splitting from the neighbour m = 1 there (kHz), beat of the two circular modes (Hz)."""
        found: dict[str, float | tuple[float, ...]] = {}
        for F, magic in self.magic_fields.items():
            found[f"s3.Bm.F{F:g}"] = magic.field / GAUSS
            found[f"s3.split.F{F:g}"] = abs(magic.upper_neighbours[1]) / KILO
        return found | {"s3.beat": tuple(self.beats.values())}

    @property
    def beats(self) -> dict[float, float]:
        """Difference (Hz) of the frequencies of the two circular modes at the magic field, by F."""
        level, F, m = self._one.lower
        ground = self._one.species.hyperfine(level)
        return {
            upper: float(abs(ground.energy(F, m, x.field) - ground.energy(F, -m, x.field))) / HERTZ
            for upper, x in self.magic_fields.items()
        }

    def shifts(self) -> dict[str, float]:
        """Tensor Stark shifts (Hz) at the edge of the strongest crystal, leading order."""
        return {
            f"s3.tensor.F{F:g}": edge_shifts(device.trap, device.pair, device.radius)[2] / HERTZ
            for F, device in self.tight.items()
        }

    @staticmethod
    def printed_magic(F: float) -> float:
        """The printed magic radio frequency (MHz)."""
        return published(f"s3.magic.F{F:g}")

    @staticmethod
    def printed_field(F: float) -> float:
        """The printed magic field (G)."""
        return published(f"s3.Bm.F{F:g}")

    def largest_shifts(self, confinement: Real) -> dict[float, Real]:
        """Delta_max (rad/s) of Eq. (23), Fig. 2, at the confinements (rad/s), by F."""
        return {
            F: np.array([self.largest_shift(F, omega, device.trap.radio_frequency) for omega in confinement])
            for F, device in self.tight.items()
        }

    def largest_shift(self, F: float, confinement: float, radio_frequency: float) -> float:
        """Delta_max (rad/s) of Eq. (23)."""
        device = self.tight[F]
        trap = Device(device.experiment, F, confinement).trap.at(radio_frequency)
        return largest_residual(device.experiment.trap.ions, trap, device.pair)

    def laser(self) -> dict[str, float | tuple[float, ...]]:
        """Crystal radii (um), g_0^2/kappa (mHz), light shift over detuning, xi, confinement of the largest power (MHz)."""
        found: dict[str, float | tuple[float, ...]] = {}
        for device in self.devices:
            found[f"s3.Rc.{device.confinement / MEGA:g}"] = device.radius * 1e6
        for F, device in self.tight.items():
            rate = float(device.continuum.rate(WAIST / device.radius))
            found[f"s3.lw40.F{F:g}"] = rate / HERTZ * 1e3
        found["s3.lightshift"] = (1 + self._one.experiment.pump.xi) * PUMP / self.through
        return found | {"s3.xi": self.branching, "s3.wzmax": tuple(self.best_confinements.values())}

    @property
    def through(self) -> float:
        """Gamma (1/s): decay of the level that is pumped through."""
        return sum(line.gamma for line in self._one.species.decays(self._one.experiment.pump.through))

    @property
    def branching(self) -> float:
        """xi from the branching of the level that is pumped through: decays to the ground state over all others."""
        back = self._one.species.transition(self._one.lower[0], self._one.experiment.pump.through).gamma
        return back / (self.through - back)

    @property
    def best_confinements(self) -> dict[float, float]:
        """omega_z/2 pi (MHz) of the largest power with micromotion shifts and equal coupling (`READING`), by F."""
        return {F: Scaling(device).best_confinement(READING) / MEGA for F, device in self.tight.items()}

    def values(self) -> dict[str, float | tuple[float, ...]]:
        """All of them."""
        parts = (self.magic(), self.hyperfine(), self.fields(), self.shifts(), self.laser())
        return {key: value for part in parts for key, value in part.items()}


def edge_shifts(trap: PaulTrap, pair: StatePair, radius: float) -> tuple[float, float, float]:
    """Doppler, scalar and tensor Stark shift (rad/s), leading order, at x = `radius` (m) on the plane z = 0."""
    edge = radius / trap.length * np.array([[1.0, 0.0, 0.0]])
    doppler, scalar, tensor = leading_shifts(edge, trap, pair)
    return float(doppler[0]), float(scalar[0]), float(tensor[0])
