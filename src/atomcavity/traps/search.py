"""Where a two-colour trap has its minimum, its sites and its ways out; why there is none."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar
from scipy.constants import k as boltzmann

from atomcavity.errors import InputError
from atomcavity.traps.minimum import (
    DIRECTIONS,
    RadialWell,
    TrapMinimum,
    equator,
    frequencies,
    lowest_passage,
    radial_well,
    stationary_point,
)

if TYPE_CHECKING:
    from atomcavity.traps.evanescent import TwoColorTrap

Array = NDArray[np.float64]

_REACH = 2.5  # red wavelengths from the surface: some 25 decay lengths of the red intensity
_NOTHING = {
    "attractive": "the blue light is too weak: at every distance the atom is drawn to the surface, no barrier",
    "repulsive": "the red light is too weak: at every distance the atom is pushed away from the surface",
}


def reach(trap: TwoColorTrap) -> float:
    """Distance from the surface (m) up to which the trap is searched."""
    return _REACH * trap.red.wavelength


def radial(trap: TwoColorTrap) -> RadialWell:
    """The extrema of the trap's potential along the equatorial radius through the first antinode."""
    return radial_well(trap.potential, trap.radius, trap.azimuth, reach(trap))


def find_minimum(trap: TwoColorTrap) -> TrapMinimum:
    """See `TwoColorTrap.minimum`."""
    well = radial(trap)
    if not well.minima:
        return TrapMinimum(False, _NOTHING[well.shape])
    start = equator(np.array(well.minima[0]), trap.radius, trap.azimuth)
    position, energy, hessian = stationary_point(trap.potential, start)
    along, principal = frequencies(hessian, trap.species.mass)
    top = float(trap.potential(equator(np.array([well.top]), trap.radius, trap.azimuth))[0])
    reason = _why_not(trap, position, energy, hessian, principal, top)
    return TrapMinimum(
        exists=not reason,
        reason=reason,
        position=position,
        distance=float(np.linalg.norm(position)) - trap.radius,
        energy=energy,
        depth=-energy,
        barrier=top - energy,
        barrier_distance=well.top,
        hessian=hessian,
        frequencies=along,
        principal=principal,
        others=len(well.minima) - 1,
        warnings=_warnings(trap, float(np.linalg.norm(position)) - trap.radius),
    )


def _why_not(
    trap: TwoColorTrap, position: Array, energy: float, hessian: Array, principal: Array, top: float
) -> str:
    if float(trap.light_potential(position)) >= 0:
        return "the red light is too weak: only the surface's attraction beyond the blue light makes a shallow minimum"
    stiffness, axes = np.linalg.eigh(hessian)
    if stiffness[0] < -1e-7 * np.abs(stiffness).max():
        direction = DIRECTIONS[int(np.argmax(np.abs(axes[:, 0])))]
        advice = {
            "theta": "; away from the equator the blue light falls off faster than the red one: "
            "take a red mode with larger l - |m|, or less blue power",
        }
        return f"the stationary point on the equator is a saddle, U falls along {direction}" + advice.get(
            direction, ""
        )
    zero_point = hbar * float(np.nansum(principal)) / 2
    micro = boltzmann * 1e-6
    if -energy < zero_point:
        return (
            f"the red light is too weak: the zero-point energy, {zero_point / micro:.3g} µK, exceeds the depth, "
            f"{-energy / micro:.3g} µK"
        )
    if top - energy < zero_point:
        return (
            f"the blue light is too weak: the zero-point energy, {zero_point / micro:.3g} µK, exceeds the barrier "
            f"to the surface, {(top - energy) / micro:.3g} µK"
        )
    return ""


def _warnings(trap: TwoColorTrap, distance: float) -> tuple[str, ...]:
    found = []
    if not trap.red.standing:
        found.append("the red light is a running wave: the atoms are free to move around the ring")
    level = trap.species.level(trap.level)
    lines = [line for line in trap.species.transitions if level in (line.lower, line.upper)]
    if trap.surface is not None and lines:
        strongest = max(lines, key=lambda line: line.dipole)
        if distance > strongest.wavelength / (2 * math.pi):
            found.append(
                f"at {distance * 1e9:.0f} nm, beyond λ/2π = {strongest.wavelength / (2e-9 * math.pi):.0f} nm "
                f"of {strongest.name}, retardation makes the surface's attraction weaker than -C3/d^3"
            )
    return tuple(found)


def find_sites(trap: TwoColorTrap) -> Array:
    """See `TwoColorTrap.sites`."""
    first = trap.require_minimum().position
    if not trap.red.standing:
        raise InputError("the red light is a running wave: the trap is a ring without sites")
    count = 2 * abs(trap.red.mode.m)
    angle = 2 * np.pi * np.arange(count) / count
    x, y, z = first
    c, s = np.cos(angle), np.sin(angle)
    sites = np.stack([c * x - s * y, s * x + c * y, np.full(count, z)], axis=-1)
    if trap.species.level(trap.level).J >= 1:  # a tensor shift in a tilted field makes the sites differ
        sites = np.array([stationary_point(trap.potential, site)[0] for site in sites])
    return sites


def find_passages(trap: TwoColorTrap) -> dict[str, float]:
    """See `TwoColorTrap.passages`."""
    minimum = trap.require_minimum()
    order = max(abs(trap.red.mode.m), 1)
    distance, home = _distances(trap, minimum.distance)
    polar = np.linspace(-4, 4, 65) / math.sqrt(order)
    section = trap.potential(sphere_points(trap, distance[:, None], polar, trap.azimuth))
    start = (home, len(polar) // 2)

    def opening(energy: Array, rows: slice, columns: slice | list[int]) -> float:
        exits = np.zeros(energy.shape, dtype=bool)
        exits[rows, columns] = True
        return lowest_passage(energy, start, exits) - minimum.energy

    everywhere = slice(None)
    ways = {
        "surface": opening(section, slice(0, 1), everywhere),
        "infinity": opening(section, slice(-1, None), everywhere),
        "along phi": math.nan,
    }
    if trap.red.standing:
        azimuthal = np.linspace(-1, 1, 65) * math.pi / order
        ring = trap.potential(sphere_points(trap, distance[:, None], 0.0, trap.azimuth + azimuthal))
        ways["along phi"] = opening(ring, slice(home, home + 1), [0, -1])
    return ways


def _distances(trap: TwoColorTrap, minimum: float) -> tuple[Array, int]:
    inside = np.geomspace(max(minimum / 20, 2e-9), minimum, 60)
    outside = np.geomspace(minimum, reach(trap), 60)[1:]
    return np.concatenate([inside, outside]), len(inside) - 1


def sphere_points(
    trap: TwoColorTrap, distance: Array | float, polar: Array | float, azimuth: Array | float
) -> Array:
    """Cartesian positions (..., 3) at a distance (m) from the surface, a polar angle from the equator
    (theta - pi/2, rad) and an azimuth (rad)."""  # fmt: skip
    rho, theta, phi = np.broadcast_arrays(
        trap.radius + np.asarray(distance), np.asarray(polar) + np.pi / 2, azimuth
    )
    s = np.sin(theta)
    return np.stack([rho * s * np.cos(phi), rho * s * np.sin(phi), rho * np.cos(theta)], axis=-1)  # fmt: skip
