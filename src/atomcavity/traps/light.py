"""What the trapping light does besides trapping: scattered photons, heating, shifts of the transition."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants as const

from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.traps.minimum import local_frame

if TYPE_CHECKING:
    from atomcavity.traps.evanescent import TwoColorTrap

Array = NDArray[np.float64]

_PRINTED = "yu2021"  # for scattering, this variant means the rate of the paper's Eq. 33


@dataclass(frozen=True)
class Lifetime:
    """How long an atom stays in the trapped level undisturbed, and in the trap.

    red, blue          photons scattered per second from each beam at the minimum (1/s), Rayleigh scattering by the
                       species' own polarizability (also where the trap is given other numbers)
    printed            the same in total by the microlaser paper's Eq. 33 as printed (1/s); NaN where the
                       species has no variant for it
    heating_power      mean energy gained per second, sum of 2 E_rec rate over the beams (J/s), E_rec that of a
                       photon in free space
    heating_time       depth to the lowest way out (`TwoColorTrap.passages`) over heating_power (s)
    tunnelling         rate of leaving through the barrier to the surface from the lowest vibrational state (1/s), an
                       estimate (`tunnelling_rate`); excited states leave faster: see `TwoColorTrap.states`
    decay              natural decay rate of the trapped level by its listed lines (1/s); 0 for the ground state
    """

    red: float
    blue: float
    printed: float
    heating_power: float
    heating_time: float
    tunnelling: float
    decay: float

    @property
    def rate(self) -> float:
        """Photons scattered per second from both beams (1/s)."""
        return self.red + self.blue

    @property
    def between_photons(self) -> float:
        """Mean time between two scattered photons, 1/rate (s)."""
        return 1 / self.rate

    def __str__(self) -> str:
        parts = [
            f"{self.between_photons:.3g} s between scattered photons "
            f"(red {self.red:.3g} 1/s, blue {self.blue:.3g} 1/s)"
        ]
        if not np.isnan(self.printed):
            parts.append(f"Eq. 33 as printed {1 / self.printed:.3g} s")
        parts.append(f"heated out of the trap after {self.heating_time:.3g} s")
        if self.tunnelling:
            parts.append(f"tunnels to the surface from the lowest state after {1 / self.tunnelling:.2g} s")
        if self.decay:
            parts.append(f"the level itself decays after {1 / self.decay:.3g} s")
        return "; ".join(parts)


def lifetime(trap: TwoColorTrap) -> Lifetime:
    """See `TwoColorTrap.lifetime`."""
    minimum = trap.require_minimum()
    species, rates, power, printed = trap.species, [], 0.0, 0.0
    has_printed = _PRINTED in species.variants and species.level(trap.level).J == 0
    variant = "full" if trap.variant == _PRINTED else trap.variant
    for beam in (trap.red, trap.blue):
        field = beam.field(minimum.position)
        rate = species.scattering_rate(
            trap.level, beam.wavelength, field, m=trap.m, axis=trap.axis, variant=variant
        )
        recoil = (const.h / beam.wavelength) ** 2 / (2 * species.mass)
        rates.append(float(rate))
        power += 2 * recoil * float(rate)
        if has_printed:
            printed += float(species.scattering_rate(trap.level, beam.wavelength, field, variant=_PRINTED))
    return Lifetime(
        red=rates[0],
        blue=rates[1],
        printed=printed if has_printed else np.nan,
        heating_power=power,
        heating_time=float(np.nanmin(list(trap.passages().values()))) / power,
        tunnelling=float(trap.states(2).tunnelling[0]),
        decay=sum(line.gamma for line in species.decays(trap.level)),
    )


@dataclass(frozen=True, eq=False, repr=False)
class AroundRing(Result):
    """Shifts of a transition from the trapped level, at one place or at every site (rad/s, upper minus lower).

    `gamma` is the natural width to compare them with, NaN if the two levels have no listed line; a shift
    beyond it is among the warnings.
    """

    azimuth: Array = quantity("azimuth", unit="rad", label="azimuth of the site")
    red: Array = quantity("azimuth", unit="rad/s", label="shift by the red light")
    blue: Array = quantity("azimuth", unit="rad/s", label="shift by the blue light")
    surface: Array = quantity("azimuth", unit="rad/s", label="shift by the surface")
    red_angle: Array = quantity("azimuth", unit="rad", label="angle of the red polarization and the axis")
    blue_angle: Array = quantity("azimuth", unit="rad", label="angle of the blue polarization and the axis")
    gamma: float = quantity(unit="rad/s", label="natural width of the transition")

    @property
    def total(self) -> Array:
        """Red, blue and surface together (rad/s), shape (site,)."""
        return self.red + self.blue + self.surface

    @property
    def spread(self) -> float:
        """Largest minus smallest total shift around the ring (rad/s)."""
        return float(np.ptp(self.total))

    def plot(self, ax: Any = None) -> Any:
        """Red, blue and surface part against azimuth, and the natural width as a band."""
        ax = axes_or_new(ax)
        order, unit = np.argsort(self.azimuth), 2e3 * np.pi
        ax.axhspan(-self.gamma / unit, self.gamma / unit, color="0.9", label="±γ")
        for name, line in (("red", "--"), ("blue", "-."), ("surface", "-")):
            ax.plot(np.degrees(self.azimuth[order]), getattr(self, name)[order] / unit, line, label=name)
        ax.set(xlabel="azimuth (deg)", ylabel="shift / 2π (kHz)")
        ax.legend()
        return ax

    def _summary(self) -> list[str]:
        unit = 2e3 * np.pi
        parts = {"red": self.red, "blue": self.blue, "surface": self.surface, "total": self.total}
        lines = []
        for name, values in parts.items():
            spread = f" mean, {np.ptp(values) / unit:.2f} kHz between sites" if values.size > 1 else ""
            lines.append(f"{name:8s} {values.mean() / unit:+.4g} kHz{spread}")
        if not np.isnan(self.gamma):
            largest = np.abs(self.total).max() / self.gamma
            lines.append(f"natural width γ/2π = {self.gamma / unit:.4g} kHz: |total| up to {largest:.3g} γ")
        return lines


def around_ring(trap: TwoColorTrap, level: str, m: float, positions: Array) -> AroundRing:
    """Shifts of `trap.level` -> `level` at positions (k, 3): see `TwoColorTrap.around_ring`."""

    def difference(beam: str) -> Array:
        upper = trap.light_potential(positions, level, m=m, beam=beam)
        return (upper - trap.light_potential(positions, beam=beam)) / const.hbar

    upper = trap.surface_potential(positions, level, m=m)
    angles = []
    for beam in (trap.red, trap.blue):
        field = beam.field(positions)
        along = np.abs(field @ np.asarray(trap.axis)) / np.linalg.norm(field, axis=-1)
        angles.append(np.arccos(np.clip(along, 0.0, 1.0)))
    red, blue = difference("red"), difference("blue")
    surface = (upper - trap.surface_potential(positions)) / const.hbar
    gamma = _natural_width(trap, level)
    largest, warnings = float(np.abs(red + blue + surface).max()), []
    if largest > gamma:
        warnings.append(
            f"the shift reaches {largest / gamma:.3g} times the natural width: it is not negligible"
        )
    return AroundRing(
        record=Record(
            method="first-order light shifts and van der Waals shift at the minimum",
            warnings=tuple(warnings),
            parameters=trap.to_dict() | {"upper": level, "upper_m": m},
        ),
        azimuth=np.arctan2(positions[:, 1], positions[:, 0]),
        red=red,
        blue=blue,
        surface=surface,
        red_angle=angles[0],
        blue_angle=angles[1],
        gamma=gamma,
    )


def over_ground_state(trap: TwoColorTrap, level: str, m: float) -> AroundRing:
    """The shifts averaged over the vibrational ground state of the trapped level: see `TwoColorTrap.shift`."""
    here = trap.require_minimum().position
    offsets, weights = trap.states(1).nodes()
    at_nodes = around_ring(trap, level, m, here + offsets @ local_frame(here))
    at_minimum = around_ring(trap, level, m, here[None, :])
    method = "first-order light shifts and van der Waals shift, averaged over the vibrational ground state"
    return dataclasses.replace(
        at_minimum,
        record=dataclasses.replace(at_minimum.record, method=method),
        red=np.array([weights @ at_nodes.red]),
        blue=np.array([weights @ at_nodes.blue]),
        surface=np.array([weights @ at_nodes.surface]),
    )


def _natural_width(trap: TwoColorTrap, level: str) -> float:
    """gamma (rad/s) of the line between the trapped level and another; NaN if none is listed."""
    ends = {trap.species.level(trap.level), trap.species.level(level)}
    return next((line.gamma for line in trap.species.transitions if {line.lower, line.upper} == ends), np.nan)
