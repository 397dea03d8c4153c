"""Drawings that the studies share: a trap in section and along the radius, its states, a quality budget."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import CubicSpline

from atomcavity.reports import style
from atomcavity.resonators.quality import QualityBudget
from atomcavity.studies.sphere_device import MICROKELVIN
from atomcavity.traps import BoundStates, TwoColorTrap
from atomcavity.traps.minimum import equator
from atomcavity.traps.search import sphere_points

Real = NDArray[np.float64]

PUBLISHED_POINT: Any = {"color": "k", "markerfacecolor": "white", "linestyle": "none"}


def along_radius(trap: TwoColorTrap, distance: Real) -> Real:
    """U (uK) along the equatorial radius through a site, at distances (m) from the surface."""
    return trap.potential(equator(distance, trap.radius, trap.azimuth)) / MICROKELVIN


def section_across(trap: TwoColorTrap, distance: Real, latitude: Real) -> Real:
    """U (uK), (distance, latitude), in the section across the equator through a site (m, rad)."""
    return trap.potential(sphere_points(trap, distance[:, None], -latitude, trap.azimuth)) / MICROKELVIN


def section_along(trap: TwoColorTrap, distance: Real, azimuth: Real) -> Real:
    """U (uK), (distance, azimuth), in the equatorial plane; azimuth (rad) from a site."""
    return trap.potential(sphere_points(trap, distance[:, None], 0.0, trap.azimuth + azimuth)) / MICROKELVIN


def contours(ax: Any, distance: Real, angle: Real, values: Real, *, limit: float, step: float) -> None:
    """A section of the potential (uK) against distance (m) and angle (deg), coloured up to +-limit, lines below zero."""
    shown = np.clip(values, -limit, limit).T
    extent = (distance[0] * 1e9, distance[-1] * 1e9, angle[0], angle[-1])
    mesh = ax.imshow(
        shown,
        cmap="RdBu_r",
        extent=extent,
        origin="lower",
        aspect="auto",
        vmin=-limit,
        vmax=limit,
        interpolation="bilinear",
    )
    levels = np.arange(step - limit, 0, step)
    ax.contour(distance * 1e9, angle, shown, levels=levels, colors="k", linewidths=0.5, linestyles="-")
    ax.figure.colorbar(mesh, ax=ax).ax.set_title("$U$ (µK)", fontsize=7)


def ladder_of_states(ax: Any, states: BoundStates, height: float, ladder: float) -> None:
    """|psi|^2 of radial states at their energies (uK), the first `height` uK high, over ladders `ladder` J apart (dotted)."""
    energies = states.energies / MICROKELVIN
    scale = height / np.max(states.wave_functions**2)
    apart = 0.03 * np.ptp(energies)
    for k, energy in enumerate(energies):
        x, curve = smooth(states.position, states.wave_functions[k] ** 2 * scale)
        look = style.OURS if k % 2 == 0 else {**style.OURS_2, "linestyle": "-"}
        ax.plot(x * 1e9, energy + curve, **look, linewidth=0.9)
        if k == 0 or energy - energies[k - 1] > apart:
            ax.annotate(f"{k}", (1.01, energy), xycoords=("axes fraction", "data"), fontsize=6, va="center")
        ax.axhline(energy, color="0.75", linewidth=0.5, zorder=0)
        level = energies[0] + k * ladder / MICROKELVIN  # the ladder of the print, from our ground state
        ax.axhline(level, 0.93, 1.0, color="k", linestyle=":", linewidth=1.2)


def smooth(x: Real, density: Real) -> tuple[Real, Real]:
    """A finely drawn |psi|^2, from where it rises above to where it falls below 1 % of its maximum."""
    fine = np.linspace(x[0], x[-1], 2000)
    curve = CubicSpline(x, density)(fine)
    seen = np.flatnonzero(curve > 0.01 * density.max())
    span = slice(seen[0], seen[-1] + 1)
    return fine[span], curve[span]


def budget(
    ax: Any, found: QualityBudget, rows: Sequence[int], values: Sequence[float], *, right: float | None = None
) -> None:
    """A quality budget as bars, with published values as diamonds in some of its rows; the axis may end at `right`."""
    found.plot(ax)
    if right is not None:
        ax.set_xlim(right=right)
        for row, quality in enumerate(found.parts.values()):
            if quality > right:
                place = {"xycoords": ("axes fraction", "data"), "ha": "right", "va": "center"}
                ax.annotate(f"{quality:.2g} →", (0.98, row), **place, color="white", fontsize=8)
    for k, (row, value) in enumerate(zip(rows, values, strict=True)):
        ax.plot([value], [row], marker="D", label="published" if k == 0 else None, **PUBLISHED_POINT)
    ax.legend(loc="lower right")
