r"""The width and the frequency of the laser's line over groups of (g, Delta) of the crystal.

The width is that of phase diffusion, by fluctuations linearised around the mean field; second-order cumulants give a
wider one, because they take the gain as unsaturated; Eq. (40) is g_0^2/kappa (in our g: 4 g^2/kappa on the axis).

Without shifts and in a bad cavity the width is gamma_perp (G + 2 gamma_perp)/(2 Phi), see `Ensemble.width`: for identical
ions with w >> gamma and s = (1 + xi) w/G it is (1 + xi)(1 + s)/[2 (1 - s)] 4 g^2/kappa.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import hbar

from atomcavity.dynamics import Cumulants, Linearised
from atomcavity.dynamics.api import spectrum
from atomcavity.studies.ion_laser.device import Device
from atomcavity.studies.ion_laser.ensemble import Ensemble

Real = NDArray[np.float64]

_FEW = 27  # groups, where each is cut into parts
_PARTS = 4  # of the distribution of quadrupole shifts
_EDGES = 0.015, 0.97  # of the pump rate where lasing ends


@dataclass(frozen=True)
class Line:
    """One line, everything but the pump rate w (1/s) and the power (W) in rad/s.

    width      full width at half maximum by phase diffusion
    wider      the same by second-order cumulants
    frequency  of the light from that of an ion without shifts
    """

    pump: float
    power: float
    width: float
    wider: float
    frequency: float


@dataclass(frozen=True, eq=False)
class Linewidth:
    """The line of one device.

    device    its zeta, finesse, number of ions, F, confinement
    gradient  dV_zz (ion,) of the other ions at every ion of a crystal, in q/(4 pi eps0 l^3): the spread of the
              quadrupole shifts; what all ions share is left out.  None: no quadrupole shifts
    """

    device: Device
    gradient: ArrayLike | None = None

    @cached_property
    def quadrupole(self) -> Real:
        """Quadrupole shifts (rad/s) by the neighbours, less their mean; (1,) of zero without a crystal."""
        if self.gradient is None:
            return np.zeros(1)
        found = np.asarray(self.gradient, float)
        return (
            (found - found.mean())
            * self.device.pair.quadrupole
            / (2 * hbar)
            * self.device.trap.curvature_unit
        )

    @property
    def common(self) -> float:
        """The quadrupole shift (rad/s) that all ions share: end caps and the mean charge of the crystal.

        In an ellipsoid the two gradients add to q/(4 pi eps0 l^3) along the axis, whatever its shape.
        """
        return self.device.pair.quadrupole / (2 * hbar) * self.device.trap.curvature_unit

    def ensemble(
        self, *, micromotion: bool = False, quadrupole: bool = False, groups: int | None = None
    ) -> Ensemble:
        """The ions by groups (None: as many as the file says); with quadrupole shifts each of them in four parts."""
        system = self.device.system(groups=groups, shifts=micromotion)
        found = Ensemble.of(system, self.device.experiment.pump.xi)
        return found.spread(self.quadrupole, min(_PARTS, len(self.quadrupole))) if quadrupole else found

    def line(self, pump: float | None = None, **ions: Any) -> Line:
        """The line at a pump rate (1/s); None: that of the largest power without shifts.  `ions`: as for `ensemble`."""
        w = self.device.pump_rate if pump is None else pump
        found = self.ensemble(**ions)
        power, system = float(found.power(w)), found.system(w)
        width, wider = (spectrum(system, method=each).poles[0] for each in (Linearised(), Cumulants()))
        return Line(w, power, float(-2 * width.real), float(-2 * wider.real), float(-width.imag))

    def over_pump(self, points: int) -> list[Line]:
        """Lines without shifts at so many pump rates between the two thresholds."""
        low, high = (float(x) for x in self.device.continuum.thresholds(self.device.zeta))
        pumps = np.geomspace(max(_EDGES[0] * high, 3 * low), _EDGES[1] * high, points)
        return [self.line(float(w)) for w in pumps]

    @property
    def estimate(self) -> float:
        """Eq. (40), rad/s."""
        return self.device.collective_rate

    def law(self, pump: ArrayLike) -> Real:
        """The closed form (rad/s) at pump rates w (1/s), without shifts."""
        return self.ensemble().width(pump)


@dataclass(frozen=True, eq=False)
class Lines:
    """The lines of all devices of an experiment file; `gradient` as in `Linewidth`.

    quick  fewer pump rates, and fewer lines with shifts
    """

    devices: tuple[Device, ...]
    gradient: ArrayLike | None = None
    quick: bool = False

    @cached_property
    def all(self) -> tuple[Linewidth, ...]:
        """One `Linewidth` for each device."""
        return tuple(Linewidth(device, self.gradient) for device in self.devices)

    @property
    def first(self) -> tuple[Linewidth, ...]:
        """Those of the first F, one for each confinement."""
        return tuple(each for each in self.all if each.device.F == self.devices[0].F)

    @property
    def tight(self) -> tuple[Linewidth, ...]:
        """Those of the strongest confinement, one for each F."""
        strongest = max(device.confinement for device in self.devices)
        return tuple(each for each in self.all if each.device.confinement == strongest)

    @cached_property
    def over_pump(self) -> tuple[list[Line], ...]:
        """Lines without shifts over the pump rate, for each of `first`."""
        return tuple(each.over_pump(3 if self.quick else 7) for each in self.first)

    @cached_property
    def best(self) -> tuple[Line, ...]:
        """Lines without shifts at the pump rate of the largest power, for each of `all`."""
        return tuple(each.line() for each in self.all)

    @cached_property
    def shifted(self) -> tuple[dict[str, Line], ...]:
        """Lines at the pump rate of the largest power by kind of shift, for each of `tight` (quick: for one).

        "moved" has the micromotion's shifts and "both" the quadrupole shifts too, in 27 groups.
        """
        kinds: dict[str, dict[str, Any]] = {
            "none": {},
            "micromotion": {"micromotion": True},
            "moved": {"micromotion": True, "groups": _FEW},
            "both": {"micromotion": True, "quadrupole": True, "groups": _FEW},
        }
        rows = self.tight[:1] if self.quick else self.tight
        return tuple({name: each.line(**on) for name, on in kinds.items()} for each in rows)
