"""Drawings of a crystal: its ions coloured by a value each, a slice, its shells."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import reals, require
from atomcavity.results import axes_or_new
from atomcavity.traps.crystal.result import Crystal


def _values(crystal: Crystal, values: ArrayLike | None) -> NDArray[np.float64]:
    found = crystal.depth if values is None else reals(values, "values")
    require(
        found.shape == (crystal.ions,),
        f"values need one number an ion, shape ({crystal.ions},), not {found.shape}",
    )
    return found


def _scale(crystal: Crystal) -> tuple[float, str]:
    """From units of l to what is drawn, and its name."""
    return (crystal.length * 1e6, "µm") if np.isfinite(crystal.length) else (1.0, "l")


def _size(ions: int) -> float:
    """Area of a marker (points^2)."""
    return float(np.clip(4000 / ions, 0.3, 30))


def projection(crystal: Crystal, ax: Any = None, values: ArrayLike | None = None, label: str = "") -> Any:
    """The ions by distance from the z axis (negative where x is) and z, coloured by one value each (none: `depth`)."""
    ax = axes_or_new(ax)
    colour, (scale, unit) = _values(crystal, values), _scale(crystal)
    x, y, z = crystal.scaled.T * scale
    across = np.copysign(np.hypot(x, y), x)
    shown = ax.scatter(across, z, c=colour, s=_size(crystal.ions), linewidths=0, rasterized=True)
    ax.set(xlabel=f"distance from the z axis ({unit})", ylabel=f"z ({unit})", aspect="equal")
    default = "scaled radius (l)" if values is None else "value"
    ax.figure.colorbar(shown, ax=ax, label=label or default, shrink=0.8)
    return ax


def equator(crystal: Crystal, ax: Any, values: ArrayLike | None = None, label: str = "") -> Any:
    """The ions within 0.75 Wigner-Seitz radii of the plane z = 0, coloured by one value each; returns the axes."""
    colour, (scale, unit) = _values(crystal, values), _scale(crystal)
    near = np.abs(crystal.scaled[:, 2]) < 0.75 * (3 / np.trace(crystal.weights)) ** (1 / 3)
    x, y, _ = crystal.scaled[near].T * scale
    limits = {"vmin": colour.min(), "vmax": colour.max()}
    shown = ax.scatter(x, y, c=colour[near], s=_size(max(int(near.sum()), 1)), linewidths=0, **limits)
    ax.set(xlabel=f"x ({unit})", ylabel=f"y ({unit})", aspect="equal")
    ax.figure.colorbar(
        shown, ax=ax, label=label or ("scaled radius (l)" if values is None else "value"), shrink=0.8
    )
    return ax


def radii(crystal: Crystal, ax: Any) -> Any:
    """Number of ions per distance in scaled radius, in steps of 0.1 Wigner-Seitz radii, with the fluid's; returns the axes."""
    depth, (scale, unit) = crystal.depth, _scale(crystal)
    cell = 0.1 * (3 / np.trace(crystal.weights)) ** (1 / 3)
    edges = np.arange(0, depth.max() + 3 * cell, cell)
    ax.hist(depth * scale, edges * scale, color="#0b3c6f", label="crystal")
    radius = (3 * crystal.ions / np.trace(crystal.weights)) ** (1 / 3)
    r = np.linspace(0, radius, 200)
    fluid = np.append(np.trace(crystal.weights) * r**2 * cell, 0.0)
    ax.plot(np.append(r, radius) * scale, fluid, "k-.", lw=0.8, label="uniform fluid")
    ax.set(xlabel=f"scaled radius ({unit})", ylabel=f"ions per {cell * scale:.3g} {unit}", xlim=(0, None))
    ax.legend()
    return ax


def draw(crystal: Crystal, axes: Any, values: ArrayLike | None = None, label: str = "") -> None:
    """Three panels on `axes` (three of them): projection, slice through z = 0, and shells."""
    projection(crystal, axes[0], values, label)
    equator(crystal, axes[1], values, label)
    radii(crystal, axes[2])
