"""Figures 1c, 1d and 5 of the paper, the budget of the quality factor, and the shift that follows the lattice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.reports import Figure, style
from atomcavity.reports.page import number
from atomcavity.studies.drawing import (
    PUBLISHED_POINT,
    along_radius,
    budget,
    contours,
    ladder_of_states,
    section_across,
    section_along,
    smooth,
)
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.static import HERTZ, NANO, Static
from atomcavity.studies.sphere_device import KILO, MICROKELVIN
from atomcavity.traps import TwoColorTrap
from atomcavity.traps.minimum import equator

Real = NDArray[np.float64]


def draw_lattice(static: Static) -> Figure:
    """Fig. 1c: sections of the ring-shaped lattice, in the equatorial plane and across it, for both files."""
    with style.figure(style.PAGE, 4.8, 2, 2) as (drawing, axes):
        for row, (name, trap) in enumerate(
            (("printed formulas", static.paper.trap), ("exact fields", static.physical.trap))
        ):
            distance = np.linspace(120e-9, 560e-9, 121)
            azimuth = np.linspace(-1.5, 1.5, 121) * math.tau / len(trap.sites)
            latitude = np.linspace(-0.11, 0.11, 121)
            sections = (
                (azimuth, section_along(trap, distance, azimuth), "azimuth (deg)", "equatorial plane"),
                (latitude, section_across(trap, distance, latitude), "latitude (deg)", "across the equator"),
            )
            for ax, (angle, values, label, what) in zip(axes[row], sections, strict=True):
                contours(ax, distance, np.degrees(angle), values, limit=16, step=2)
                ax.set(xlabel="distance $d$ (nm)", ylabel=label)
                ax.set_title(f"{what}: {name}")
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            style.panel(ax, letter)
        paper, physical = (device.trap.require_minimum() for device in (static.paper, static.physical))
        return Figure(
            "figure-1c",
            f"Figure 1c: the lattice of {len(static.paper.trap.sites)} sites",
            "d: distance from the surface; lines every 2 µK below zero. Above: the reading of the printed formulas that gives "
            f"the printed intensities, {paper.depth / MICROKELVIN:.1f} µK deep at {paper.distance / NANO:.1f} nm (printed: "
            f"{published('trap_depth'):g} µK at {published('trap_d0'):g} nm), with {_powers(static.paper)}. Below: exact fields "
            f"with {_powers(static.physical)} of truly circulating power: {physical.depth / MICROKELVIN:.1f} µK at "
            f"{physical.distance / NANO:.1f} nm. In the equatorial plane the two agree; across it the right polar function of the "
            f"red mode binds more tightly ({physical.frequencies[1] / KILO:.1f} instead of {paper.frequencies[1] / KILO:.1f} kHz), "
            "and its outer lobes (dark, at the edges) are deeper than the sites.",
            drawing,
        )


def _powers(device: Device) -> str:
    trap = device.experiment.trap
    return f"{trap.blue.power:.4g} W (blue) and {trap.red.power:.4g} W (red)"


def draw_mode_beside_atom(static: Static) -> Figure:
    """Fig. 1d: the clock mode's intensity and the atom's wave function along radius, latitude and azimuth."""
    device = static.physical
    mode, trap, states = device.clock_mode, device.trap, device.trap.states(1)
    place = trap.require_minimum()
    rho = float(np.linalg.norm(place.position))
    with style.figure(style.PAGE, 2.6, 1, 3, width_ratios=(1.5, 1, 1)) as (drawing, axes):
        radial, polar, azimuthal = axes[0]
        depth = np.linspace(-1.8e-6, 0.7e-6, 600)
        strength = np.linalg.norm(mode.photon_field(equator(depth, trap.radius, 0.0)), axis=-1) ** 2
        radial.plot(depth * 1e6, strength / strength.max(), **style.OURS, label="$|u|^2$")
        outside = depth > 0.12e-6
        tail = 20 * strength[outside] / strength.max()
        radial.plot(depth[outside] * 1e6, tail, **{**style.OURS, "linestyle": "--"}, label="$20\\,|u|^2$")
        _cloud(radial, states.radial.position * 1e6, states.radial.wave_functions[0] ** 2)
        radial.axvline(0.0, color="k", linewidth=0.8)
        radial.set(
            xlabel="distance from the surface (µm)", ylabel="relative to the maximum", xlim=(-1.8, 0.7)
        )
        arc = np.linspace(-0.9e-6, 0.9e-6, 401)
        angle = arc / rho
        across = rho * np.stack([np.cos(angle), 0 * angle, np.sin(angle)], axis=-1)
        strength = np.linalg.norm(mode.photon_field(across), axis=-1) ** 2
        polar.plot(arc * 1e6, strength / strength.max(), **style.OURS)
        _cloud(polar, states.polar.position * 1e6, states.polar.wave_functions[0] ** 2)
        polar.set(xlabel="along the meridian (µm)", xlim=(-0.9, 0.9))
        assert states.azimuthal is not None
        arc = np.linspace(-0.3e-6, 0.3e-6, 301)
        azimuthal.plot(arc * 1e6, np.cos(mode.m * arc / rho), **style.OURS, label=r"$\mathrm{Re}\,u$")
        _cloud(azimuthal, states.azimuthal.position * 1e6, states.azimuthal.wave_functions[0] ** 2)
        azimuthal.set(xlabel="along the equator (µm)", xlim=(-0.3, 0.3), ylim=(-1.1, 1.6))
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        for ax in (radial, azimuthal):
            ax.legend(loc="upper left")
        still = abs(device.coupling(place.position[None, :]).g[0, 0]) / HERTZ
        return Figure(
            "figure-1d",
            "Figure 1d: the clock mode beside the atom",
            f"Intensity of the clock mode TE (1, {mode.l}) and density of an atom in the vibrational ground state (filled, not to "
            "scale), exact fields. (a) Along the radius (vertical: the surface); (b) along the meridian; (c) along the equator, "
            f"where the mode runs as exp(imφ). At the minimum g/2π = {still:.0f} Hz; averaged over the wave function "
            f"{device.calculated_coupling / HERTZ:.0f} Hz: the atom's mean distance is "
            f"{states.radial.mean(lambda d: d) / NANO:.0f} nm, {(states.radial.mean(lambda d: d) - place.distance) / NANO:.0f} nm "
            "beyond the minimum, and its spread along the equator weakens the coupling by 4 %.",
            drawing,
        )


def _cloud(ax: Any, position: Real, density: Real) -> None:
    x, curve = smooth(position, density)
    ax.fill_between(
        x, 0, 0.6 * curve / curve.max(), color="#b5541c", alpha=0.35, label=r"$|\psi|^2$", zorder=1
    )


def draw_vibrations(static: Static) -> Figure:
    """Fig. 5: radial states in the paper's trap, and in one of the printed depth and distance."""
    paper = static.paper.trap
    imposed = paper.with_minimum(published("trap_depth") * MICROKELVIN, published("trap_d0") * NANO)
    titles = []
    with style.figure(style.PAGE, 3.0, 1, 2, sharey=True) as (drawing, axes):
        for ax, trap, letter in zip(axes[0], (paper, imposed), "ab", strict=True):
            titles.append(_draw_states(ax, trap))
            style.panel(ax, letter)
            ax.set_title(titles[-1])
        axes[0, 0].set_ylabel("energy (µK)")
        physical = along_radius(static.physical.trap, distance := np.linspace(130e-9, 650e-9, 400))
        axes[0, 0].plot(distance / NANO, physical, **{**style.LAW, "color": "0.3"}, label="exact fields")
        axes[0, 0].legend(loc="upper right")
        more = [
            f"{ratio:.3f}"
            for ratio in (imposed.blue.power / paper.blue.power, imposed.red.power / paper.red.power)
        ]
        light = [static.intensity(beam, imposed) / 1e7 for beam in (imposed.blue, imposed.red)]
        return Figure(
            "figure-5",
            "Figure 5: vibrational states along the radius",
            "|ψ|² of the bound states (numbered), drawn at their energies. (a) The reading of the printed formulas; the potential "
            "in exact fields, by the powers of the second file, lies on it (broken line). (b) The printed depth and distance "
            f"(circle) imposed: that takes {more[0]} and {more[1]} times the printed blue and red power, has the printed first gap "
            f"({published('trap_f_rho_01'):g} kHz), but {light[0]:.1f} and {light[1]:.1f} kW/cm² of light instead of the printed "
            f"{published('trap_Ib'):g} and {published('trap_Ir'):g}. Dotted marks at the right: equal steps of the printed frequency.",
            drawing,
        )


def _draw_states(ax: Any, trap: TwoColorTrap) -> str:
    """The well and its states; returns a line that names the gaps."""
    distance = np.linspace(130e-9, 650e-9, 400)
    radial = trap.states(12).radial
    ax.plot(distance / NANO, along_radius(trap, distance), color="k")
    ladder_of_states(ax, radial, 1.2, published("trap_f_rho_01") * KILO * hbar)
    ax.plot([published("trap_d0")], [-published("trap_depth")], marker="o", **PUBLISHED_POINT)
    ax.set(xlabel="distance from the surface (nm)", ylim=(-17.5, 3), xlim=(130, 650))
    return "gaps " + ", ".join(f"{gap / KILO:.0f}" for gap in radial.gaps) + " kHz"


def draw_budget(static: Static) -> Figure:
    """The budget of the clock mode's quality factor, with the printed total."""
    device = static.physical
    found = device.budget
    with style.figure(style.COLUMN * 1.4, 2.2) as (drawing, axes):
        budget(axes[0, 0], found, [len(found.parts)], [published("Q0")], right=1e12)
        return Figure(
            "figure-quality",
            "The quality factor of the clock mode as a budget",
            "Bars: radiation from the complex Mie resonance, material (3.7 dB/km), surface scattering by the formula of Vernooy et "
            "al., adsorbed water (absorption assumed), and the total, all without the coupler; diamond: the printed total. The "
            f"printed simplification of the scattering formula, Eq. (B4), gives {number(static.qualities()['Q_ss'])}, ten times more: the paper's "
            "total was not made with it.",
            drawing,
        )


def draw_shifts(static: Static, *, points: int = 9) -> Figure:
    """The shift of the clock transition against distance, and against each power when the atom follows the trap."""
    device = static.physical
    trap, upper = device.trap, device.experiment.atom.upper
    sensitivity = device.sensitivity
    with style.figure(style.PAGE, 2.9, 1, 2) as (drawing, axes):
        _draw_parts(axes[0, 0], trap, upper)
        _draw_powers(axes[0, 1], trap, upper, points)
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        noise = device.experiment.shifts.power_noise
        slopes = {name: getattr(sensitivity, name) for name in ("blue", "red")}
        parts = "; ".join(
            f"{100 * noise:.0f} % {name}: {_hertz(noise * s.total)} Hz with the trap's motion, {_hertz(noise * s.fixed)} Hz without"
            for name, s in slopes.items()
        )
        averaged = float(trap.shift(upper, averaged=True).total[0])
        return Figure(
            "figure-shifts",
            "The shift of the clock transition follows the trap",
            f"(a) Parts of the shift along the radius through a site; vertical: the minimum, filled: the atom. At the minimum "
            f"{_hertz(sum(sensitivity.shift.values()))} Hz, averaged over the ground state {_hertz(averaged)} Hz. (b) Change with "
            f"the powers: lines with the atom in the minimum, which moves; dotted: the atom held in place, as in the paper. {parts}. "
            f"Independent noise of {100 * noise:.0f} % gives {sensitivity.deviation(noise, noise) / HERTZ:.0f} Hz (printed: "
            f"{published('total'):g} Hz).",
            drawing,
        )


def _hertz(shift: float) -> str:
    return f"{shift / HERTZ:+.0f}".replace("-", "−")


def _draw_parts(ax: Any, trap: TwoColorTrap, upper: str) -> None:
    distance = np.linspace(170e-9, 420e-9, 160)
    r = equator(distance, trap.radius, trap.azimuth)
    lower = {
        name: trap.light_potential(r, upper, beam=name) - trap.light_potential(r, beam=name)
        for name in ("blue", "red")
    }
    lower["surface"] = trap.surface_potential(r, upper) - trap.surface_potential(r)
    looks = ({"color": "#1f4fb4", "linestyle": "-."}, style.OURS_2, style.OURS_3)
    for (name, energy), look in zip(lower.items(), looks, strict=True):
        ax.plot(distance / NANO, energy / KILO / hbar, **look, label=name)
    total = sum(lower.values()) / KILO / hbar
    ax.plot(distance / NANO, total, color="k", label="total")
    minimum, states = trap.require_minimum(), trap.states(1).radial
    ax.axvline(minimum.distance / NANO, color="0.6", linewidth=0.8, linestyle=":")
    x, curve = smooth(states.position / NANO, states.wave_functions[0] ** 2)
    ax.fill_between(x, -4, -4 + 1.5 * curve / curve.max(), color="0.6", alpha=0.4)
    ax.set(xlabel="distance from the surface (nm)", ylabel="shift / 2π (kHz)", xlim=(170, 420), ylim=(-4, 6))
    ax.legend(loc="upper right")


def _draw_powers(ax: Any, trap: TwoColorTrap, upper: str, points: int) -> None:
    change = np.linspace(-0.1, 0.1, points)
    sensitivity = trap.shift_sensitivity(upper)
    start = sum(sensitivity.shift.values())
    looks = ({"color": "#1f4fb4", "linestyle": "-."}, style.OURS_2, {"color": "k"})
    for (name, red, blue), look in zip((("blue", 0, 1), ("red", 1, 0), ("both", 1, 1)), looks, strict=True):
        shifts = [
            float(
                trap.with_powers(trap.red.power * (1 + red * x), trap.blue.power * (1 + blue * x))
                .shift(upper)
                .total[0]
            )
            for x in change
        ]
        ax.plot(100 * change, (np.array(shifts) - start) / HERTZ, **look, label=name)
        held = red * sensitivity.red.fixed + blue * sensitivity.blue.fixed
        ax.plot(100 * change, change * held / HERTZ, color=look["color"], linestyle=":", linewidth=1.0)
    ax.set(xlabel="change of power (%)", ylabel="change of the shift / 2π (Hz)", xlim=(-10, 10))
    ax.legend(loc="upper center", ncols=3)
