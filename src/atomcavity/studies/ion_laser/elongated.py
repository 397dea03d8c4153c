"""Elongated crystals of the same density: how much more power they give, and what their shifts and the beam's spread take.

In the linear trap (rf as in Eq. (19)) the trace of the pseudopotential is that of the radio frequency alone: weaker end
caps make the crystal longer and leave its density as it is.  A spheroid of ratio c/a fills the trap whose weights are
three times its depolarisation coefficients.  The cavity lies along the long axis; its waist is the best one for each
crystal, and its beam spreads (profile "gaussian").
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.studies.ion_laser.continuum import largest
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.studies.ion_laser.groups import Nodes
from atomcavity.traps.crystal.fluid import depolarisation
from atomcavity.traps.crystal.result import Crystal
from atomcavity.traps.ion_shifts import IonShifts, ion_shifts, micromotion_estimate, residual_shift
from atomcavity.traps.paul import LINEAR_STATIC, PaulTrap

Real = NDArray[np.float64]

_STEPS = 14  # of the search for a waist
_PLACES = 4  # of a crystal along the standing wave
_REST = 1e-5  # rms force at which a crystal is at rest (unit m omega_z^2 l)


@dataclass(frozen=True)
class Elongated:
    """The laser of a device with its crystal stretched to the aspect ratio c/a; its trap must be the spherical one."""

    device: Device
    aspect: float

    @cached_property
    def trap(self) -> PaulTrap:
        """The device's trap with weaker end caps."""
        along = 3 * float(depolarisation((1.0, 1.0, self.aspect))[2])
        own = self.device.trap
        static = along * np.array(LINEAR_STATIC)
        rates = {"radio_frequency": own.radio_frequency, "confinement": own.confinement}
        return PaulTrap(own.ion, rf=own.rf, static=static, **rates)

    @property
    def semi_axes(self) -> tuple[float, float]:
        """a, c (m)."""
        a = self.device.radius * self.aspect ** (-1 / 3)
        return a, a * self.aspect

    def mode(self, waist: float) -> FabryPerot:
        """The cavity's spreading beam."""
        return dataclasses.replace(self.device.mode_with(waist), profile="gaussian")

    def envelope(self, places: Real, waist: float) -> Real:
        """g (rad/s) at the antinodes (of the gradient) about the places (m): from two points a quarter of a wave apart."""
        mode, quarter = self.mode(waist), self.device.line.wavelength / 4
        here, there = (
            np.abs(self.device.coupling(places + np.array([0.0, 0.0, step]), mode).g[:, 0])
            for step in (0.0, quarter)
        )
        return np.hypot(here, there)

    def continuous(self, waist: float, *, shifted: bool = True) -> Ensemble:
        """Groups of the continuous spheroid, with the micromotion's residual shifts."""
        nodes = Nodes.of(self.device.experiment.groups)
        a, c = self.semi_axes
        places = nodes.position * [a, a, c]
        g = self.envelope(places, waist) * np.cos(nodes.phase)
        shift = micromotion_estimate(places / self.trap.length, self.trap, self.device.pair) * shifted
        number = self.device.experiment.trap.ions * nodes.weight
        return Ensemble.with_rates(self.device, number, g, shift)

    @cached_property
    def best(self) -> tuple[float, float, float]:
        """Waist (m), pump rate (1/s) and power (W) of the largest power of the continuous spheroid with its shifts."""
        a, c = self.semi_axes
        spread = c * self.device.line.wavelength / math.pi  # square of the waist whose Rayleigh range is c
        low, high = 0.5 * a, 2 * math.sqrt(a**2 + spread)
        found = largest(
            lambda x: self.continuous(math.exp(float(x))).optimum()[1],
            np.array(math.log(low)),
            np.array(math.log(high)),
            steps=_STEPS,
        )
        waist = math.exp(float(found))
        pump, power = self.continuous(waist).optimum()
        return waist, float(pump), float(power)

    @property
    def width(self) -> float:
        """Full width (rad/s) of the line at the largest power, without shifts."""
        return float(self.continuous(self.best[0], shifted=False).width(self.best[1]))

    @property
    def spreading(self) -> float:
        """c over the Rayleigh range of the best beam."""
        return self.semi_axes[1] / self.mode(self.best[0]).rayleigh_range

    @cached_property
    def largest_micromotion(self) -> float:
        """Residual micromotion shift (rad/s) on the equator."""
        place = np.array([self.semi_axes[0], 0.0, 0.0]) / self.trap.length
        return float(residual_shift(place, self.trap, self.device.pair))

    # -- a true crystal of as many ions

    @cached_property
    def crystal(self) -> Crystal:
        """A crystal in this trap."""
        return self.trap.crystal(
            self.device.experiment.trap.ions, starts=1, tolerance=_REST, progress=_silent
        )

    @cached_property
    def shifts(self) -> IonShifts:
        """The shifts of the crystal's ions."""
        device = self.device
        return ion_shifts(self.crystal, self.trap, device.species, device.lower, device.upper)

    def true(self, *, shifted: bool = True) -> tuple[float, float]:
        """Best pump rate (1/s) and power (W) of the crystal, in the best beam of the continuous spheroid; mean over places."""
        device, mode = self.device, self.mode(self.best[0])
        total = self.shifts.total
        shift = (total - total.mean()) * shifted
        half = device.line.wavelength / 2
        found = []
        for step in np.arange(_PLACES) / _PLACES * half:
            g = np.abs(device.coupling(self.crystal.positions + np.array([0.0, 0.0, step]), mode).g[:, 0])
            found.append(Ensemble.with_rates(device, np.ones(len(g)), g, shift).optimum())
        pump, power = np.mean(found, axis=0)
        return float(pump), float(power)


@dataclass(frozen=True)
class Elongation:
    """Power against the aspect ratio: the continuous crystal of the device, and true crystals of few ions.

    ions   of the true crystals
    quick  fewer ratios
    """

    device: Device
    ions: int = 500
    quick: bool = False

    @cached_property
    def small(self) -> Device:
        """The device with as many ions as the true crystals have."""
        trap = self.device.experiment.trap.model_copy(update={"ions": self.ions})
        experiment = self.device.experiment.model_copy(update={"trap": trap})
        return dataclasses.replace(self.device, experiment=experiment)

    @cached_property
    def large(self) -> tuple[Elongated, ...]:
        """Continuous crystals of the device."""
        return tuple(Elongated(self.device, float(x)) for x in np.geomspace(1, 300, 6 if self.quick else 12))

    @cached_property
    def continuous(self) -> tuple[Elongated, ...]:
        """Continuous crystals of as many ions as the true ones have."""
        return tuple(Elongated(self.small, float(x)) for x in np.geomspace(1, 64, 4 if self.quick else 9))

    @cached_property
    def true(self) -> tuple[Elongated, ...]:
        """True crystals."""
        return tuple(
            Elongated(self.small, x) for x in ((1.0, 8.0) if self.quick else (1.0, 2.0, 4.0, 8.0, 16.0))
        )

    @cached_property
    def true_powers(self) -> tuple[Real, Real]:
        """Powers (W) of the true crystals, with and without their shifts."""
        with_, without = (np.array([x.true(shifted=on)[1] for x in self.true]) for on in (True, False))
        return with_, without

    def best(self, rows: tuple[Elongated, ...]) -> tuple[float, float]:
        """The aspect ratio of the largest power among `rows` (parabola through three of them, an end if there is no maximum between) and that power (W)."""
        x, y = np.log([row.aspect for row in rows]), np.array([row.best[2] for row in rows])
        k = int(np.clip(np.argmax(y), 1, len(y) - 2))
        bend = np.polyfit(x[k - 1 : k + 2], y[k - 1 : k + 2], 2)
        top = -bend[1] / (2 * bend[0])
        if not (bend[0] < 0 and x[0] <= top <= x[-1]):  # still rising at the end: the last one
            return rows[int(np.argmax(y))].aspect, float(y.max())
        return math.exp(top), float(np.polyval(bend, top))


def _silent(_: str) -> None:
    """No lines about the search."""
