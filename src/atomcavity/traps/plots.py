"""Figures of a two-colour trap: the potential along the radius and in two sections."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import k as boltzmann

from atomcavity.traps.minimum import equator
from atomcavity.traps.search import sphere_points

if TYPE_CHECKING:
    from atomcavity.traps.evanescent import TwoColorTrap

Array = NDArray[np.float64]

_MICROKELVIN = 1e-6 * boltzmann


def plot_trap(trap: TwoColorTrap, level: str | None = None, axes: Any = None) -> Any:
    """Potential along rho, in the section rho-theta and in the equatorial plane; returns the figure.

    `axes`: three matplotlib axes to draw on; by default a new figure.
    """
    minimum = trap.require_minimum()
    if axes is None:
        from matplotlib.figure import Figure

        axes = Figure(figsize=(9.0, 2.8), layout="constrained").subplots(1, 3)
    along, polar, ring = axes
    distance = np.linspace(0.3 * minimum.barrier_distance, 5 * minimum.distance, 240)
    _line(along, trap, distance, level, minimum.depth)
    angle = np.linspace(-1, 1, 121) * 3 / math.sqrt(max(abs(trap.red.mode.m), 1))
    section = trap.potential(sphere_points(trap, distance[:, None], angle, trap.azimuth), level)
    _map(polar, np.degrees(angle), distance, section, minimum.depth)
    polar.set_xlabel("polar angle from the equator (deg)")
    azimuth = trap.azimuth + np.linspace(0, 4, 161) * math.pi / max(abs(trap.red.mode.m), 1)
    plane = trap.potential(sphere_points(trap, distance[:, None], 0.0, azimuth), level)
    _map(ring, np.degrees(azimuth), distance, plane, minimum.depth)
    ring.set_xlabel("azimuth (deg)")
    return along.figure


def _line(ax: Any, trap: TwoColorTrap, distance: Array, level: str | None, depth: float) -> None:
    r = equator(distance, trap.radius, trap.azimuth)
    curves = {
        "total": (trap.potential(r, level), "-"),
        "red": (trap.light_potential(r, level, beam="red"), "--"),
        "blue": (trap.light_potential(r, level, beam="blue"), ":"),
        "surface": (trap.surface_potential(r, level), "-."),
    }
    for name, (energy, style) in curves.items():
        ax.plot(distance * 1e9, energy / _MICROKELVIN, style, label=name)
    ax.set_ylim(-3 * depth / _MICROKELVIN, 3 * depth / _MICROKELVIN)
    ax.set_xlabel("distance from the surface (nm)")
    ax.set_ylabel("U/k$_B$ (µK)")
    ax.legend(fontsize="small")


def _map(ax: Any, x: Array, distance: Array, energy: Array, depth: float) -> None:
    limit = depth / _MICROKELVIN
    values = np.clip(energy / _MICROKELVIN, -limit, limit)
    mesh = ax.pcolormesh(x, distance * 1e9, values, cmap="RdBu_r", vmin=-limit, vmax=limit, rasterized=True)
    ax.contour(
        x, distance * 1e9, values, levels=np.linspace(-0.9, -0.1, 5) * limit, colors="k", linewidths=0.5
    )
    ax.set_ylabel("distance from the surface (nm)")
    ax.figure.colorbar(mesh, ax=ax, label="U/k$_B$ (µK)")
