"""The passive alternative: phase of the transmitted light, bistability, stability of a lock."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.passive_scan import PassiveScan

LOOKS = (style.OURS, style.OURS_2, style.OURS_3)


def draw_passive(scan: PassiveScan) -> Figure:
    """Phase against detuning, transmitted against incident power, sigma_y against intensity and against finesse."""
    with style.figure(style.PAGE, 4.6, 2, 2) as (drawing, axes):
        _draw_phase(axes[0, 0], scan)
        _draw_powers(axes[0, 1], scan)
        _draw_intensity(axes[1, 0], scan)
        _draw_finesse(axes[1, 1], scan)
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        others = " and ".join(line.name for line in scan.others)
        return Figure(
            "figure-passive",
            "The passive alternative",
            f"The crystal of the laser unpumped in the same cavity (finesse {scan.finesse:.0e}, two equal mirrors), with the ions' shifts, and a probe laser locked to the "
            f"phase of what it transmits; {scan.laser_line.name}, C = {scan.laser_line.cooperativity:.0f}. (a) Phase against detuning for a weak probe and ions without shifts, and on the upper branch with them. (b) Transmitted against incident power; thin between the branches; "
            "circles: states found by the search of mean field (full: stable). (c) σ_y(1 s) against the saturation on average, by the light's and by the ions' noise (dotted, dash-dotted) and both, "
            "thin between the branches (with shifts only where the groups stand for a continuum); dashed: the active laser by the diffusion of its phase. (d) The best stable lock against the finesse for identical ions, with natural linewidth and "
            f"(thin) with {scan.broadened / (2 * math.pi):.3g} Hz more of homogeneous half width, also for {others}; triangle: the laser's crystal with its shifts; diamond: the active laser.",
            drawing,
        )


def _draw_phase(ax: Any, scan: PassiveScan) -> None:
    line = scan.shifted
    width = line.across * line.cooperativity / (2 * math.pi)
    hertz = 0.15 * width * np.linspace(-1, 1, 61 if scan.quick else 121)
    ax.plot(hertz, np.angle(scan.weak(2 * math.pi * hertz)), **style.OURS, label="weak probe, no shifts")
    for share, look in zip((10.0, 100.0), (style.OURS_2, style.OURS_3), strict=True):
        s = share * line.cooperativity
        label = f"$s$ = {share:g} $C$"
        ax.plot(hertz, np.angle(scan.strong(line, 2 * math.pi * hertz, s)), **look, label=label)
    ax.set(xlabel="detuning (Hz)", ylabel="phase of the transmitted light (rad)", xlim=(hertz[0], hertz[-1]))
    ax.legend(loc="lower left")


def _parts(ax: Any, x: Any, y: Any, kept: Any, look: Any, label: str) -> None:
    """A curve, thin between the branches of a bistability."""
    ax.loglog(x, y, color=look["color"], linewidth=0.6)
    ax.loglog(x, np.where(kept, y, np.nan), **{**look, "linestyle": "-"}, label=label)


def _draw_powers(ax: Any, scan: PassiveScan) -> None:
    for locks, look, label in (
        (scan.identical_locks, style.OURS, "identical ions"),
        (scan.shifted_locks, style.OURS_2, "the crystal, with shifts"),
    ):
        _parts(
            ax,
            [k.incident for k in locks],
            [k.transmitted for k in locks],
            [not k.turned for k in locks],
            look,
            label,
        )
    incident, photons, stable = scan.states
    watt = scan.locks[0].transmitted / scan.locks[0].photons
    for place, holds in zip(photons * watt, stable, strict=True):
        ax.plot(incident, place, "o", color="k", markerfacecolor="k" if holds else "white", markersize=3)
    ends = np.array([scan.identical_locks[0].incident, scan.identical_locks[-1].incident])
    ax.loglog(ends, ends, **style.LAW, label="empty cavity")
    ax.set(xlabel="incident power (W)", ylabel="transmitted power (W)")
    ax.set_ylim(bottom=scan.identical_locks[0].transmitted * 1e-4)
    ax.legend(loc="lower right", fontsize=6.5)


def _draw_intensity(ax: Any, scan: PassiveScan) -> None:
    line = scan.laser_line
    per_photon = 1 / line.saturation_photons
    for locks, look, label in (
        (scan.locks, style.OURS, "without shifts"),
        (scan.shifted_locks, style.OURS_2, "with shifts"),
    ):
        total = np.array([line.deviation(k.variance) for k in locks])
        _parts(
            ax,
            [k.photons * per_photon for k in locks],
            total,
            [not k.turned for k in locks],
            look,
            label,
        )
    for part, pattern in (("by_light", ":"), ("by_ions", "-.")):
        ax.loglog(
            [k.photons * per_photon for k in scan.locks],
            [line.deviation(getattr(k, part)) for k in scan.locks],
            color="0.4",
            linestyle=pattern,
            linewidth=0.9,
        )
    ax.axhline(scan.active, color="k", linestyle="--", linewidth=0.8)
    ax.set(xlabel="saturation $s$", ylabel=r"$\sigma_y$(1 s)", ylim=(1e-19, 1e-14))
    ax.legend(loc="upper center")


def _draw_finesse(ax: Any, scan: PassiveScan) -> None:
    for (name, (natural, broad)), look in zip(scan.by_finesse.items(), LOOKS, strict=False):
        ax.loglog(scan.finesses, natural, **look, label=name)
        ax.loglog(scan.finesses, broad, **{**look, "linewidth": 0.6})
    ax.plot(scan.finesse, scan.active, "D", color="k", markersize=4, label="active")
    shifted = scan.laser_line.deviation(scan.best_lock(scan.shifted_locks).variance)
    ax.plot(scan.finesse, shifted, "^", color=style.OURS["color"], label="with shifts")
    ax.set(xlabel="finesse", ylabel=r"best $\sigma_y$(1 s)", xlim=(scan.finesses[0], scan.finesses[-1]))
    ax.set_ylim(1e-19, 1e-12)
    ax.legend(loc="upper left", ncols=2)
