"""Cross-sections of a potential above the waveguide: what Figs. 2a, 4d and S5 of the paper are drawn on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import k as boltzmann

from atomcavity.studies.chip_loading.bank import Bank
from atomcavity.studies.chip_loading.device import Device
from atomcavity.traps.potential import Potential
from atomcavity.traps.site import Site

Array = NDArray[np.float64]
Trajectory = tuple[Array, Array, Array]
"""Times (s), y and z (m) of an atom; NaN after its end."""

MILLIKELVIN = 1e-3 * boltzmann
ACROSS = (-0.55e-6, 0.55e-6)
ABOVE = (0.02e-6, 0.8e-6)


def stationary(device: Device, height: float) -> Potential:
    """The potential after a trigger: tweezer at the file's power, belt stopped with a site of the lattice at `height` (m)."""
    stopped = device.belt(power=device.experiment.feedback.power)
    return replace(stopped, phase=device.phase_at(height)) + device.rest


def representative(bank: Bank) -> Trajectory:
    """The ride of a bank that ends at the median of all ends."""
    ends = bank.rides.end
    ride = int(np.argsort(ends)[len(ends) // 2])
    place = bank.rides.position[ride]
    return bank.time, place[:, 1], place[:, 2]


def draw_cross_section(
    ax: Any,
    potential: Potential,
    *,
    time: float = 0.0,
    y: tuple[float, float] = ACROSS,
    z: tuple[float, float] = ABOVE,
    limits: tuple[float, float] | None = None,
    lines: float = 0.1,
    trajectory: Trajectory | None = None,
    sites: Sequence[Site] = (),
    width: float | None = None,
    colour: str = "white",
) -> Any:
    """U(y, z)/k_B (mK) at `time` (s), with a trajectory up to that time; returns the image, for a colour bar.

    limits      of the colours (mK); by default from the lowest potential to nearly zero
    lines       distance of the contour lines below zero (mK)
    trajectory  drawn in `colour` from its first time to `time`, its end marked
    sites       minima, marked by crosses
    width       of the waveguide (m): its upper face is drawn
    """
    across, above = np.linspace(*y, 221), np.linspace(*z, 181)
    places = np.stack(np.meshgrid(0.0, across, above, indexing="ij"), axis=-1)[0]
    energy = potential.energy(places, time).T / MILLIKELVIN
    low, high = limits or (float(energy.min()), 0.1 * float(-energy.min()))
    extent = (across[0] * 1e9, across[-1] * 1e9, above[0] * 1e9, above[-1] * 1e9)
    look = {"origin": "lower", "aspect": "equal", "vmin": low, "vmax": high, "interpolation": "bilinear"}
    image = ax.imshow(np.clip(energy, low, high), cmap="viridis", extent=extent, **look)
    levels = np.arange(np.ceil(low / lines) * lines, 0, lines)
    ax.contour(across * 1e9, above * 1e9, energy, levels, colors="k", linewidths=0.3, alpha=0.6)
    for site in sites:
        ax.plot(site.position[1] * 1e9, site.position[2] * 1e9, "x", color="white", markersize=4)
    if trajectory is not None:
        _draw_trajectory(ax, trajectory, time, colour)
    if width is not None:
        ax.plot([-width / 2e-9, width / 2e-9], [above[0] * 1e9] * 2, color="0.5", linewidth=3)
    ax.set(xlim=extent[:2], ylim=extent[2:])
    return image


def _draw_trajectory(ax: Any, trajectory: Trajectory, time: float, colour: str) -> None:
    """The way up to `time`, and where it ends."""
    times, y, z = (np.asarray(part) for part in trajectory)
    seen = (times <= time) & np.isfinite(y)
    ax.plot(y[seen] * 1e9, z[seen] * 1e9, color=colour, linewidth=0.6)
    if seen.any() and np.isfinite(y[times <= time][-1]):
        ax.plot(y[seen][-1] * 1e9, z[seen][-1] * 1e9, "o", color="tab:red", markersize=4)
