"""Figures 2, 5 and 6 of the paper, and the budget of the quality factor."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.constants import hbar
from scipy.interpolate import CubicSpline

from atomcavity.reports import Figure, style
from atomcavity.resonators import OpticalMode
from atomcavity.species import ATOMIC_POLARIZABILITY
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.static import KILO, MICROKELVIN, Static
from atomcavity.traps import Beam, TwoColorTrap


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
        rho = trap.radius + distance
        grid = np.stack(
            np.broadcast_arrays(rho[:, None] * np.cos(angle), 0.0, rho[:, None] * np.sin(angle)), axis=-1
        )
        _contours(section, distance, np.degrees(angle), trap.potential(grid) / MICROKELVIN)
        section.set(xlabel="distance $d$ (nm)", ylabel="latitude (deg)")
        azimuth = np.linspace(-1.5, 1.5, 161) * math.tau / (2 * abs(trap.red.mode.m))
        grid = np.stack(
            np.broadcast_arrays(rho[:, None] * np.cos(azimuth), rho[:, None] * np.sin(azimuth), 0.0), axis=-1
        )
        _contours(ring, distance, np.degrees(azimuth), trap.potential(grid) / MICROKELVIN)
        ring.set(xlabel="distance $d$ (nm)", ylabel="azimuth (deg)")
        for each, look, label in (
            (trap, style.OURS, "true power"),
            (static.printed_trap, style.OURS_2, "printed formulas"),
            (static.imposed_trap, style.OURS_3, "depth imposed"),
        ):
            radial.plot(distance * 1e9, _along(each, distance), **look, label=label)
        radial.set(xlabel="distance $d$ (nm)", ylabel="$U$ (µK)", ylim=(-60, 90), xlim=(50, 500))
        radial.plot(
            [PUBLISHED.distance * 1e9],
            [-PUBLISHED.depth / MICROKELVIN],
            marker="o",
            markerfacecolor="white",
            color="k",
            linestyle="none",
            label="published",
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


def _along(trap: TwoColorTrap, distance: np.ndarray) -> np.ndarray:
    r = (trap.radius + distance)[:, None] * np.array([np.cos(trap.azimuth), np.sin(trap.azimuth), 0.0])
    return trap.potential(r) / MICROKELVIN


def _contours(ax: Any, distance: np.ndarray, angle: np.ndarray, values: np.ndarray) -> None:
    shown = np.clip(values, -60, 60).T
    extent = (distance[0] * 1e9, distance[-1] * 1e9, angle[0], angle[-1])
    mesh = ax.imshow(
        shown,
        cmap="RdBu_r",
        extent=extent,
        origin="lower",
        aspect="auto",
        vmin=-60,
        vmax=60,
        interpolation="bilinear",
    )
    ax.contour(
        distance * 1e9, angle, shown, levels=np.arange(-50, 0, 10), colors="k", linewidths=0.5, linestyles="-"
    )
    ax.figure.colorbar(mesh, ax=ax).ax.set_title("$U$ (µK)", fontsize=7)


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
        published = {
            "marker": "o",
            "markerfacecolor": "white",
            "color": "k",
            "linestyle": "none",
            "zorder": 5,
        }
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
        ax.plot(distance * 1e9, _along(trap, distance), color="k")
        energies = radial.energies / MICROKELVIN
        scale = 2.4 / np.max(radial.wave_functions**2)
        for k, energy in enumerate(energies):
            density = radial.wave_functions[k] ** 2 * scale
            x, curve = _smooth(radial.position, density)
            ax.plot(
                x * 1e9,
                energy + curve,
                **(style.OURS if k % 2 == 0 else {**style.OURS_2, "linestyle": "-"}),
                linewidth=0.9,
            )
            ax.annotate(f"{k}", (1.01, energy), xycoords=("axes fraction", "data"), fontsize=6, va="center")
            ax.axhline(energy, color="0.75", linewidth=0.5, zorder=0)
        for k in range(len(energies)):  # the ladder of the print, from our ground state
            level = energies[0] + k * PUBLISHED.vibration[0] * hbar / MICROKELVIN
            ax.axhline(level, 0.93, 1.0, color="k", linestyle=":", linewidth=1.2)
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


def _smooth(x: np.ndarray, density: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """A finely drawn |psi|^2, from where it rises above to where it falls below 1 % of its maximum."""
    fine = np.linspace(x[0], x[-1], 2000)
    curve = CubicSpline(x, density)(fine)
    seen = np.flatnonzero(curve > 0.01 * density.max())
    span = slice(seen[0], seen[-1] + 1)
    return fine[span], curve[span]


def draw_budget(device: Device) -> Figure:
    """The budget of the lasing mode's quality factor, with the published parts beside it."""
    with style.figure(style.COLUMN * 1.4, 2.2) as (drawing, axes):
        ax = device.budget.plot(axes[0, 0])
        for row, value in enumerate((*PUBLISHED.quality_parts, PUBLISHED.quality)):
            ax.plot([value], [row], marker="D", color="k", markerfacecolor="white", linestyle="none",
                    label="published" if row == 0 else None)  # fmt: skip
        ax.legend(loc="lower right")
        return Figure(
            "figure-quality",
            "The quality factor as a budget",
            "Bars: radiation from the complex Mie resonance, material, surface scattering, adsorbed water, and the total; "
            "diamonds: the printed values. The paper goes on with Q = 10⁸.",
            drawing,
        )


def wavelengths_line(mode: OpticalMode) -> str:
    """A mode as one line of text."""
    return (
        f"{mode.polarization} (n = {mode.n}, l = {mode.l}, m = {mode.m}): {mode.wavelength * 1e9:.3f} nm, "
        f"radiative Q = {mode.quality_radiation:.3g}"
    )
