"""Figures 2, 5 and 6 of the paper, and the budget of the quality factor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.constants import hbar

from atomcavity.reports import Figure, style
from atomcavity.species import ATOMIC_POLARIZABILITY
from atomcavity.studies.drawing import (
    PUBLISHED_POINT,
    along_radius,
    budget,
    contours,
    ladder_of_states,
    section_across,
    section_along,
)
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.static import Static
from atomcavity.studies.sphere_device import KILO, MICROKELVIN
from atomcavity.traps import Beam


def _intensity(beam: Beam, r: np.ndarray) -> np.ndarray:
    return np.sum(np.abs(beam.field(r)) ** 2, axis=-1)


def draw_fields(device: Device) -> Figure:
    """Fig. 2a: |E| of the red standing wave and the blue running wave, across and along the equator."""
    radius = device.sphere.radius
    with style.figure(style.PAGE, 5.4, 2, 2) as (drawing, axes):
        for row, (name, beam) in enumerate((("red", device.trap.red), ("blue", device.trap.blue))):
            x = np.linspace(radius - 1.6e-6, radius + 0.8e-6, 241)
            z = np.linspace(-2e-6, 2e-6, 241)
            grid = np.stack(np.broadcast_arrays(x[:, None], 0.0, z[None, :]), axis=-1)
            strength = np.sqrt(_intensity(beam, grid))
            _map(axes[row, 0], x, z, strength / strength.max())
            polar = np.linspace(-np.pi / 2, np.pi / 2, 200)
            axes[row, 0].plot(
                radius * np.cos(polar) * 1e6, radius * np.sin(polar) * 1e6, color="k", linewidth=0.8
            )
            axes[row, 0].set(
                xlabel="$x$ (µm)", ylabel="$z$ (µm)", xlim=(x[0] * 1e6, x[-1] * 1e6), ylim=(-2, 2)
            )
            axes[row, 0].set_title(f"{name} mode, {beam.wavelength * 1e9:.2f} nm: plane $y=0$")
            span = radius + 0.8e-6
            u = np.linspace(-span, span, 501)
            grid = np.stack(np.broadcast_arrays(u[:, None], u[None, :], 0.0), axis=-1)
            inside = np.linalg.norm(grid, axis=-1) > 1e-7  # the centre itself has no angle
            strength = np.sqrt(
                np.where(inside, _intensity(beam, np.where(inside[..., None], grid, radius)), 0.0)
            )
            _map(axes[row, 1], u, u, strength / strength.max())
            phi = np.linspace(0, 2 * np.pi, 400)
            axes[row, 1].plot(
                radius * np.cos(phi) * 1e6, radius * np.sin(phi) * 1e6, color="k", linewidth=0.8
            )
            axes[row, 1].set(xlabel="$x$ (µm)", ylabel="$y$ (µm)", aspect="equal")
            axes[row, 1].set_title("equatorial plane $z=0$")
        return Figure(
            "figure-2a",
            "Figure 2a: the two trapping fields",
            f"|E| relative to its maximum; black: the surface. Red: standing wave of (1, {device.trap.red.mode.l}, "
            f"±{abs(device.trap.red.mode.m)}), with l − |m| + 1 = 3 maxima across the equator and 2|m| around it; blue: "
            "running wave of the fundamental mode. Exact vector fields.",
            drawing,
        )


def _map(ax: Any, x: np.ndarray, y: np.ndarray, values: np.ndarray) -> None:
    extent = (x[0] * 1e6, x[-1] * 1e6, y[0] * 1e6, y[-1] * 1e6)
    mesh = ax.imshow(
        values.T,
        cmap="magma_r",
        extent=extent,
        origin="lower",
        aspect="auto",
        vmin=0,
        interpolation="bilinear",
    )
    ax.figure.colorbar(mesh, ax=ax, label=r"$|E|/|E|_{\max}$")


def draw_lattice(static: Static) -> Figure:
    """Fig. 2b: the total potential in the section rho-theta and in the equatorial plane, and along rho."""
    trap = static.device.trap
    with style.figure(style.PAGE, 2.7, 1, 3, width_ratios=(1, 1, 0.9)) as (drawing, axes):
        section, ring, radial = axes[0]
        distance = np.linspace(70e-9, 500e-9, 201)
        angle = np.linspace(-0.22, 0.22, 161)
        shades = {"limit": 60, "step": 10}
        contours(section, distance, np.degrees(angle), section_across(trap, distance, angle), **shades)
        section.set(xlabel="distance $d$ (nm)", ylabel="latitude (deg)")
        azimuth = np.linspace(-1.5, 1.5, 161) * math.tau / (2 * abs(trap.red.mode.m))
        contours(ring, distance, np.degrees(azimuth), section_along(trap, distance, azimuth), **shades)
        ring.set(xlabel="distance $d$ (nm)", ylabel="azimuth (deg)")
        for each, look, label in (
            (trap, style.OURS, "true power"),
            (static.printed_trap, style.OURS_2, "printed formulas"),
            (static.imposed_trap, style.OURS_3, "depth imposed"),
        ):
            radial.plot(distance * 1e9, along_radius(each, distance), **look, label=label)
        radial.set(xlabel="distance $d$ (nm)", ylabel="$U$ (µK)", ylim=(-60, 90), xlim=(50, 500))
        radial.plot(
            [PUBLISHED.distance * 1e9],
            [-PUBLISHED.depth / MICROKELVIN],
            marker="o",
            label="published",
            **PUBLISHED_POINT,
        )
        radial.legend(loc="upper right", handlelength=1.8)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-2b",
            "Figure 2b: the lattice potential",
            "d: distance from the surface. (a) across the equator through a site, (b) in the equatorial plane over three sites, "
            "both for 27 and 87 mW of truly guided power in the exact modes (lines every 10 µK below zero; the colours end at "
            "±60 µK, beyond which the outer lobes of the red mode are deeper). (c) along the radius: the same, the reading of "
            "the printed power formula that comes closest to the print, and the potential with the printed depth and distance "
            "imposed, by the printed polynomial.",
            drawing,
        )


def draw_polarizabilities(device: Device) -> Figure:
    """Fig. 5: polarizabilities of both laser levels against wavelength, around the two magic ones."""
    sr, au = device.species, ATOMIC_POLARIZABILITY
    with style.figure(style.PAGE, 2.7, 1, 2) as (drawing, axes):
        for ax, (low, high), wavelength, limits in zip(
            axes[0], ((380, 400), (800, 860)), (PUBLISHED.blue_wavelength, PUBLISHED.red_wavelength),
            ((-900, 100), (200, 340)), strict=True
        ):  # fmt: skip
            x = np.linspace(low, high, 2001) * 1e-9
            for level, looks in (
                ("1S0", ({"color": "k", "linestyle": "--"},)),
                ("3P1", (style.OURS, {**style.OURS_2, "linestyle": "-."})),
            ):
                for variant, look in zip(("lines-and-core", "yu2021"), looks, strict=False):
                    alpha = sr.polarizability(level, x, axis=device.axis, variant=variant).total / au
                    alpha[np.abs(alpha) > 3000] = np.nan
                    name = {"1S0": "$^1S_0$", "3P1": "$^3P_1$, $m=0$"}[level]
                    ax.plot(
                        x * 1e9, alpha, **look, label=f"{name}" + (f" ({variant})" if level == "3P1" else "")
                    )
            ax.axvline(wavelength * 1e9, color="0.6", linewidth=0.8, linestyle=":")
            ax.set(xlabel="wavelength (nm)", ylabel="polarizability (a.u.)", xlim=(low, high), ylim=limits)
        published = {"marker": "o", "zorder": 5, **PUBLISHED_POINT}
        blue = [PUBLISHED.blue_wavelength * 1e9] * 2
        axes[0, 0].plot(blue, np.array(PUBLISHED.alpha_blue) / au, **published, label="published")
        axes[0, 0].axvline(PUBLISHED.blue_magic * 1e9, color="0.6", linewidth=0.8, linestyle="--")
        axes[0, 1].plot(
            [PUBLISHED.red_wavelength * 1e9], [PUBLISHED.alpha_red / au], **published, label="published"
        )
        for ax, letter in zip(axes[0], "ab", strict=True):
            ax.legend()
            style.panel(ax, letter)
        return Figure(
            "figure-5",
            "Figure 5: dynamic polarizabilities at θ_B = 55.45°",
            "Around (a) the blue and (b) the red trapping wavelength (dotted verticals; dashed: the published blue magic wavelength). ³P₁ with two line lists: all lines "
            "of the compilation with the ionic core, and the selection of lines that reproduces the paper's blue magic "
            "wavelength; no single list gives both of its magic conditions. Circles: the printed values (in 10³ a.u. there).",
            drawing,
        )


def draw_vibrations(static: Static) -> Figure:
    """Fig. 6: the lowest radial states in the well of printed depth and distance."""
    trap = static.imposed_trap
    states = trap.states(8)
    radial = states.radial
    with style.figure(style.COLUMN * 1.4, 3.4) as (drawing, axes):
        ax = axes[0, 0]
        distance = np.linspace(60e-9, 500e-9, 400)
        ax.plot(distance * 1e9, along_radius(trap, distance), color="k")
        ladder_of_states(ax, radial, 2.4, PUBLISHED.vibration[0] * hbar)
        gaps = ", ".join(f"{gap / KILO:.0f}" for gap in radial.gaps)
        ax.set(xlabel="distance from the surface (nm)", ylabel="energy (µK)", ylim=(-34, 4), xlim=(60, 500))
        ax.set_title(f"gaps {gaps} kHz", fontsize=7)
        return Figure(
            "figure-6",
            "Figure 6: vibrational states along the radius",
            "|ψ|² of the lowest states (numbered), drawn at their energies, in the radial well of 32 µK at 137 nm. The gaps "
            "fall steadily: the states are not equally spaced. Dotted marks at the right: levels 86 kHz apart, as printed. Towards "
            "the surface the states end at the top of the barrier.",
            drawing,
        )


def draw_budget(device: Device) -> Figure:
    """The budget of the lasing mode's quality factor, with the published parts beside it."""
    with style.figure(style.COLUMN * 1.4, 2.2) as (drawing, axes):
        values = (*PUBLISHED.quality_parts, PUBLISHED.quality)
        budget(axes[0, 0], device.budget, range(len(values)), values)
        return Figure(
            "figure-quality",
            "The quality factor as a budget",
            "Bars: radiation from the complex Mie resonance, material, surface scattering, adsorbed water, and the total; "
            "diamonds: the printed values. The paper goes on with Q = 10⁸.",
            drawing,
        )
