"""The numbers of the static part: modes, quality factors, coupling, trap, shifts of the clock transition."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.constants import c, epsilon_0, hbar

from atomcavity.resonators import Microsphere, radius_for
from atomcavity.resonators.quality import together
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.published import printed, published
from atomcavity.studies.sphere_device import KILO, MICROKELVIN
from atomcavity.traps import Beam, TwoColorTrap

HERTZ = 2 * math.pi
KILOWATT = 1e7
"""1 kW/cm^2 in W/m^2."""
NANO = 1e-9


@dataclass(frozen=True)
class Static:
    """Everything about modes, coupling, trap and shifts that the paper prints as a number.

    paper     the device of the paper's own inputs
    physical  the same sphere by exact fields and true powers
    """

    paper: Device
    physical: Device

    @cached_property
    def rounded_sphere(self) -> Microsphere:
        """The sphere with the printed radius."""
        return Microsphere(published("R_exact") * 1e-6, self.paper.sphere.material)

    def modes(self) -> dict[str, float]:
        """Wavelengths (nm) and radii (um)."""
        line, material = self.paper.line.wavelength, self.paper.sphere.material
        found = {"lamA": line / NANO}
        for l in (255, 468, 218):
            for name, method in (("exact", "exact"), ("A4", "asymptotic")):
                mode = self.rounded_sphere.mode("TE", n=1, l=l, method=method)
                found[f"lam_{l}_R20.3_{name}"] = mode.wavelength / NANO
        radii = {
            name: radius_for("TE", 1, 255, line, material, method=name) for name in ("exact", "asymptotic")
        }
        found |= {"R_exact": radii["exact"] * 1e6, "R_A4": radii["asymptotic"] * 1e6}
        sphere = Microsphere(radii["exact"], material)
        for l in (468, 218):
            found[f"lam_{l}_Rexact"] = sphere.mode("TE", n=1, l=l).wavelength / NANO
        return found

    def qualities(self) -> dict[str, float]:
        """Quality factors by the printed formulas, and kappa/2 pi (MHz)."""
        cavity = self.paper.experiment.cavity
        parts = self.paper.clock_mode.quality(
            radiation="spillane",
            attenuation=cavity.attenuation,
            roughness=cavity.roughness,
            correlation_length=cavity.correlation_length,
            scattering="printed",
            water=cavity.water_layer,
            water_index=self.paper.water_index,
            water_absorption=cavity.water_absorption,
        ).parts
        return {
            "Q_rad": parts["radiation"],
            "Q_mat": parts["material"],
            "Q_ss": parts["scattering"],
            "Q_sa": parts["water"],
            "Q0": together(parts.values()),
            "kappa": self.paper.clock_mode.frequency / self.paper.quality / (1e6 * HERTZ),
        }

    def couplings(self) -> dict[str, float]:
        """Mode volume (m^3), and g/2 pi (Hz) at the printed distance: in the printed volume, and in the mode's own."""
        place = np.array([[self.paper.sphere.radius + published("trap_d0") * NANO, 0.0, 0.0]])
        near = self.paper.mode("cavity.mode", self.paper.experiment.cavity.mode, angular="near-equator")
        own = {name: abs(device.coupling(place).g[0, 0]) for name, device in self._devices.items()}
        return {
            "V": near.volume(),
            "g_paperV": own["paper"] * math.sqrt(self.paper.clock_mode.volume() / published("V")) / HERTZ,
            "g_honest": own["physical"] / HERTZ,
        }

    @property
    def _devices(self) -> dict[str, Device]:
        return {"paper": self.paper, "physical": self.physical}

    def intensity(self, beam: Beam, trap: TwoColorTrap) -> float:
        """c eps0 |E|^2/2 (W/m^2) of a beam at the trap's minimum, with the peak amplitude E there."""
        field = beam.field(trap.require_minimum().position)
        return float(c * epsilon_0 / 2 * np.sum(np.abs(field) ** 2))

    def traps(self) -> dict[str, float]:
        """Distance (nm), depth (uK), intensities (kW/cm^2), frequencies (kHz), the right red power (W)."""
        trap = self.paper.trap
        found = trap.require_minimum()
        right = self.physical.trap.with_minimum(found.depth, found.distance)
        return {
            "trap_d0": found.distance / NANO,
            "trap_depth": found.depth / MICROKELVIN,
            "trap_Ib": self.intensity(trap.blue, trap) / KILOWATT,
            "trap_Ir": self.intensity(trap.red, trap) / KILOWATT,
            "trap_f_rho_01": trap.states(2).first_gaps[0] / KILO,
            "trap_f_rho_harmonic": found.frequencies[0] / KILO,
            "trap_f_theta": found.frequencies[1] / KILO,
            "trap_f_phi": found.frequencies[2] / KILO,
            "trap_correct_Pr": right.red.power,
        }

    def lengths(self) -> dict[str, float]:
        """sqrt(hbar/(M Omega)) of the printed frequencies (nm), and omega xi_phi/c of the printed length."""
        frequencies = {"rho": "trap_f_rho_01", "theta": "trap_f_theta", "phi": "trap_f_phi"}
        lengths = {
            f"xi_{axis}": math.sqrt(hbar / (self.paper.species.mass * published(key) * KILO)) / NANO
            for axis, key in frequencies.items()
        }
        return lengths | {"eta": self.paper.line.frequency * published("xi_phi") * NANO / c}

    @cached_property
    def printed_waves(self) -> dict[str, float]:
        """The printed wavelengths of the trapping light (m)."""
        return {"red": published("lam_218_Rexact") * NANO, "blue": published("lam_468_Rexact") * NANO}

    @cached_property
    def trap_at_printed_waves(self) -> TwoColorTrap:
        """The paper's trap with the light shifts of the printed wavelengths."""
        pairs = self.paper.polarizabilities_at(self.printed_waves)
        return dataclasses.replace(self.paper.trap, polarizabilities=pairs)

    def slope(self, colour: str) -> float:
        """Light shift per intensity at the printed wavelength, in Hz per kW/cm^2."""
        magic = getattr(self.paper.experiment.shifts, colour)
        return float(magic.slope * (self.printed_waves[colour] - magic.wavelength)) * KILOWATT / HERTZ

    def shifts(self) -> dict[str, float]:
        """Shifts of the clock transition and their uncertainties (Hz)."""
        distance, given = published("trap_d0") * NANO, self.paper.experiment.trap.given
        c3 = given.c3 if given else self.paper.own_surface.van_der_waals(self.paper.line.lower.name).scalar
        surface, noise = printed("surface_shift"), self.paper.experiment.shifts.power_noise
        sensitivity = self.trap_at_printed_waves.shift_sensitivity(self.paper.experiment.atom.upper)
        return {
            "ls_b": published("trap_Ib") * published("slope_b"),
            "ls_r": published("trap_Ir") * published("slope_r"),
            "slope_b": self.slope("blue"),
            "slope_r": self.slope("red"),
            "vdw": hbar * surface * distance**3 / c3,
            "vdw_unc": 3 * published("xi_rho") * NANO / distance * surface / HERTZ,
            "total": noise * (published("ls_b") - published("ls_r")) + printed("surface_uncertainty") / HERTZ,
            "lattice_honest": sensitivity.deviation(noise, noise) / HERTZ,
        }

    def values(self) -> dict[str, float]:
        """All of them by id."""
        parts = (self.modes, self.qualities, self.couplings, self.traps, self.lengths, self.shifts)
        return {key: value for part in parts for key, value in part().items()}
