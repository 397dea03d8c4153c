"""The numbers of the static part: modes, quality factors, coupling, polarizabilities, trap."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from scipy.constants import c, h

from atomcavity.resonators import Microsphere, radius_for
from atomcavity.species import ATOMIC_POLARIZABILITY, Differential
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.sphere_device import KILO, MICROKELVIN
from atomcavity.traps import TwoColorTrap, lamb_dicke, van_der_waals


@dataclass(frozen=True)
class Static:
    """Everything about modes, coupling and trap that the paper prints as a number."""

    device: Device

    @property
    def _place(self) -> np.ndarray:
        """On the equator at the printed distance from the surface (m)."""
        return np.array([self.device.sphere.radius + PUBLISHED.distance, 0.0, 0.0])

    @cached_property
    def consistent_radius(self) -> float:
        """Radius (m) that puts the lasing mode on the laser wavelength."""
        mode = self.device.laser_mode
        return radius_for(
            mode.polarization, mode.n, mode.l, PUBLISHED.laser_wavelength, self.device.sphere.material
        )

    @cached_property
    def near_equator_trap(self) -> TwoColorTrap:
        """True guided powers and right Hermite functions near the equator, calculated polarizabilities of 1S0.

        (The trap in the exact fields of the modes is `Device.trap`.)
        """
        sr = self.device.species
        alpha = [
            float(sr.polarizability("1S0", x, variant="lines").total)
            for x in (PUBLISHED.red_wavelength, PUBLISHED.blue_wavelength)
        ]
        return self.device.trap_with((alpha[0], alpha[1]), PUBLISHED.c3[0])

    @cached_property
    def printed_trap(self) -> TwoColorTrap:
        """The reading of the printed formulas that comes closest to the printed trap.

        c eps0 without 1/2 in the power, the printed polynomial, and 27 mW as the integral over the
        antinode of the standing wave (four times that of one running wave, twice the sum of both).
        """
        return self.device.trap_with(
            PUBLISHED.alpha_trap,
            PUBLISHED.c3[0],
            angular="near-equator-printed",
            normalisation="printed-double",
            red_share=0.5,
        )

    @cached_property
    def imposed_trap(self) -> TwoColorTrap:
        """The powers that give the printed depth at the printed distance, with the printed polynomial."""
        trap = self.device.trap_with(PUBLISHED.alpha_trap, PUBLISHED.c3[0], angular="near-equator-printed")
        return trap.with_minimum(PUBLISHED.depth, PUBLISHED.distance)

    def modes(self) -> dict[str, float]:
        """Wavelengths (nm) and the radius (um)."""
        printed, material = self.device.sphere, self.device.sphere.material
        consistent = Microsphere(self.consistent_radius, material)

        def wavelength(sphere: Microsphere, l: int, polarization: str = "TE", method: str = "exact") -> float:
            return sphere.mode(polarization, n=1, l=l, method=method).wavelength * 1e9

        found = {f"s1.lam{l}_R5.03": wavelength(printed, l) for l in (60, 49, 109, 110)}
        found |= {f"s1.lam{l}_selfcons": wavelength(consistent, l) for l in (49, 109, 110)}
        found["s1.lam60_TM_R5.03"] = wavelength(printed, 60, "TM")
        found["s1.lam60_asym"] = wavelength(printed, 60, method="asymptotic")
        found["s1.R_for_689"] = self.consistent_radius * 1e6
        return found

    def qualities(self) -> dict[str, float]:
        """Quality factors, part by part."""
        cavity, sphere = self.device.experiment.cavity, self.device.sphere
        material = sphere.material
        rough: dict[str, Any] = {
            "roughness": cavity.roughness,
            "correlation_length": cavity.correlation_length,
        }
        # the formulas of the paper are evaluated at its wavelength: on the radius that belongs to it
        consistent = Microsphere(self.consistent_radius, material).mode("TE", n=1, l=60)
        parts = consistent.quality(
            **rough,
            radiation="spillane",
            water=cavity.water_layer,
            water_index=self.device.water_index,
            water_absorption=cavity.water_absorption,
        ).parts
        return {
            "s1.Qrad_eq21": parts["radiation"],
            "s1.Qrad_exact": consistent.quality_radiation,
            "s1.Qrad49_exact": sphere.mode("TE", n=1, l=49).quality_radiation,
            "s1.Qmat": parts["material"],
            "s1.Qss_eq24": consistent.quality(**rough, scattering="printed").parts["scattering"],
            "s1.Qss_vernooy": parts["scattering"],
            "s1.Qsa": parts["water"],
            "s1.Q_total": 1 / sum(1 / q for q in PUBLISHED.quality_parts),
        }

    def couplings(self) -> dict[str, float]:
        """Mode volume (um^3), g/2pi (MHz) and the figures of merit at Q = 1e8."""
        coupling = self.device.coupling(self._place[None, :])
        kappa = 2 * math.pi * c / PUBLISHED.laser_wavelength / PUBLISHED.quality
        return {
            "s1.kappa": kappa / (2e6 * math.pi),
            "s1.Veff": self.device.laser_mode.volume(self._place) * 1e18,
            "s1.g": abs(coupling.g[0, 0]) / (2e6 * math.pi),
            "s1.F_1e8": float(coupling.cooperativity(kappa)[0, 0]),
            "s1.Nps": float(coupling.saturation_photons[0, 0]),
            "s1.Nac": float(coupling.critical_atoms(kappa)[0, 0]),
        }

    def differential(self, wavelength: float, variant: str, angle: float | None = None) -> Differential:
        """alpha(1S0) - alpha(3P1, m = 0) and its slopes, light along z, field at `angle` (default: the file's)."""
        axis = self.device.axis if angle is None else (0.0, math.sin(angle), math.cos(angle))
        return self.device.species.differential("1S0", "3P1", wavelength, axis=axis, variant=variant)

    def polarizabilities(self) -> dict[str, float]:
        """Polarizabilities (a.u.), magic angle (deg), magic wavelength (nm), slopes, C3 (Hz um^3)."""
        sr, au = self.device.species, ATOMIC_POLARIZABILITY
        red, blue = PUBLISHED.red_wavelength, PUBLISHED.blue_wavelength
        reduced_angle = sr.magic_angles("1S0", "3P1", red, variant="yu2021")[0].angle
        at_red = self.differential(red, "yu2021", reduced_angle)
        magic = sr.magic_angles("1S0", "3P1", red, variant="lines-and-core")[0]
        all_lines = sr.magic_angles("1S0", "3P1", red, variant="yu2021-all-lines")[0]
        near_blue = sr.magic_wavelengths(
            "1S0", "3P1", between=(391e-9, 394e-9), axis=self.device.axis, variant="yu2021"
        )
        silica = self.device.sphere.material
        c3_s = van_der_waals(sr, "1S0", silica, variant="lines").coefficient()
        c3_p = van_der_waals(sr, "3P1", silica, variant="yu2021-all-lines")
        return {
            "s1.alphaS_red": float(sr.polarizability("1S0", red, variant="lines").au),
            "s1.alphaS_blue": float(sr.polarizability("1S0", blue, variant="lines").au),
            "s1.alphaP_blue": self.differential(blue, "yu2021").second / au,
            "s1.magic_angle": math.degrees(magic.angle),
            "s1.blue_magic": near_blue[0].wavelength * 1e9,
            "s1.dDalpha_dlam_red": at_red.per_wavelength / au * 1e-9,
            "s1.dDalpha_dtheta_red": all_lines.slope_angle / au,
            "s1.dDalpha_dlam_blue": self.differential(blue, "yu2021-all-lines").per_wavelength / au * 1e-9,
            "s1.C3_S": float(c3_s) / h * 1e18,
            "s1.C3_P": c3_p.coefficient_for_light(0, self.device.axis, (0, 0, 1)) / h * 1e18,
        }

    def scattering_rate(self) -> float:
        """Photons scattered per second at the minimum of the imposed trap, at the printed wavelengths (1/s).

        The field of each colour follows from its part of the potential, |E|^2 = -4 U/alpha.
        """
        sr, trap, rate = self.device.species, self.imposed_trap, 0.0
        place = trap.require_minimum().position
        for beam, wavelength in (("red", PUBLISHED.red_wavelength), ("blue", PUBLISHED.blue_wavelength)):
            alpha = float(sr.polarizability("1S0", wavelength, variant="lines").total)
            field = math.sqrt(-4 * float(trap.light_potential(place, beam=beam)) / alpha)
            rate += float(sr.scattering_rate("1S0", wavelength, (0, 0, field), variant="lines"))
        return rate

    def traps(self) -> dict[str, float]:
        """Trap depths (uK), vibrational frequencies (kHz), Lamb-Dicke parameter, lifetime (s)."""
        imposed = self.imposed_trap
        states = imposed.states()
        wavenumber = 2 * math.pi / PUBLISHED.laser_wavelength
        return {
            "s1.trap_fphi_from_depth": imposed.require_minimum().frequencies[2] / KILO,
            "s1.trap_ftheta_from_depth": imposed.require_minimum().frequencies[1] / KILO,
            "s1.trap_frho_from_depth": states.radial.gaps[0] / KILO,
            "s1.trap_depth_powers": self.printed_trap.minimum().depth / MICROKELVIN,
            "s1.trap_depth_physical": self.near_equator_trap.minimum().depth / MICROKELVIN,
            "s1.eta_rho": float(lamb_dicke(wavenumber, self.device.species.mass, PUBLISHED.vibration[0])),
            "s1.lifetime": 1 / self.scattering_rate(),
        }

    def values(self) -> dict[str, float]:
        """All of them by id."""
        return self.modes() | self.qualities() | self.couplings() | self.polarizabilities() | self.traps()
