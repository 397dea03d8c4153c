"""Figures that the paper does not have: the pump, the other Zeeman levels, the phases of the sites."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.zeeman import Zeeman
from atomcavity.studies.sphere_device import KILO


def draw_zeeman(zeeman: Zeeman) -> Figure:
    """The pump rate against the first Rabi frequency, and photon numbers with m = +1, -1 included."""
    device = zeeman.device
    gamma, rates = device.line.gamma, device.rates
    with style.figure(style.PAGE, 2.8, 1, 2) as (drawing, axes):
        pump, photons = axes[0]
        rabi, best = zeeman.pump_curve
        pump.loglog(rabi / (2e6 * math.pi), best, **style.OURS, label="best second step")
        for value, name in (
            (rates.pump_max, r"$\Gamma_{\max}$"),
            (PUBLISHED.weak_pump * gamma, r"$30\,\gamma$"),
        ):
            pump.axhline(value, **style.PUBLISHED)
            pump.annotate(
                f"published {name}", (5.0, value), xytext=(2, -9), textcoords="offset points", fontsize=7
            )
        pump.axvline(
            zeeman.gentle_rabi / (2e6 * math.pi),
            color="0.6",
            linewidth=0.8,
            linestyle=":",
            label=r"light shift $=\gamma$",
        )
        pump.set(
            xlabel="Rabi frequency $^1S_0$–$^3P_1$, $m=-1$ / 2π (MHz)",
            ylabel=r"pump rate $\Gamma$ (s$^{-1}$)",
        )
        pump.set_ylim(1e4, 1e8)
        share, curves = zeeman.repump_curve
        for (atoms, curve), look in zip(curves.items(), (style.OURS, style.OURS_2), strict=True):
            photons.semilogx(
                share, curve, **look, marker="os"[atoms - 1], label=f"$N={atoms}$, all sublevels"
            )
            level = zeeman.photons[atoms, "max", "two levels"]
            photons.axhline(level, color="0.4", linewidth=0.8, linestyle=":")
            place, name = (share[0], level), f"$N={atoms}$, two levels"
            photons.annotate(name, place, xytext=(3, 2), textcoords="offset points", fontsize=7)
        bound = zeeman.fastest_emptying / rates.pump_max
        photons.axvspan(bound, share[-1], color="0.92", zorder=0, label="faster than $^3S_1$ allows")
        photons.set(
            xlabel=r"rate emptying $m=\pm1$ / $\Gamma_{\max}$", ylabel="photons in a mode", ylim=(0, 0.85)
        )
        photons.set_xlim(share[0], share[-1])
        for ax, letter in zip(axes[0], "ab", strict=True):
            ax.legend()
            style.panel(ax, letter)
        return Figure(
            "figure-zeeman",
            "Beyond two levels: the pump and the other Zeeman levels",
            "(a) Pump rate into ³P₁, m = 0 by the two-photon scheme of Fig. 1b, calculated from the optical Bloch equations "
            "with the branching of 5s6s ³S₁; dotted vertical: light shift of the laser line equal to γ at 1 G. (b) Photons in "
            "a mode at Γmax when the cavity also couples to m = ±1, which lie 2.1 MHz away, against the rate at which these "
            "are emptied into m = 0 (grey: faster than the decay of ³S₁ allows); dotted: the two-level model.",
            drawing,
        )


def draw_shifts(device: Device) -> Figure:
    """The shift of the laser line at every site of the ring, part by part, against the natural linewidth."""
    ring = device.trap.around_ring("3P1")
    order = np.argsort(ring.azimuth)
    azimuth, gamma = np.degrees(ring.azimuth[order]), device.line.gamma / KILO
    with style.figure(style.COLUMN * 1.4, 2.6) as (drawing, axes):
        ax = axes[0, 0]
        ax.axhspan(-gamma, gamma, color="0.9", label=r"$\pm\gamma$")
        for values, look, label in (
            (ring.red, style.OURS_2, "red light"),
            (ring.surface, style.OURS, "surface"),
        ):
            ax.plot(azimuth, values[order] / KILO, **look, label=label)
        ax.set(
            xlabel="azimuth of the site (deg)",
            ylabel="shift of the laser line / 2π (kHz)",
            xticks=range(-180, 181, 60),
        )
        ax.set_xlim(-180, 180)
        ax.margins(y=0.25)
        ax.legend(loc="upper right", ncols=3)
        return Figure(
            "figure-shifts",
            "Light shift and surface shift around the ring",
            f"¹S₀–³P₁, m = 0 at the trap minimum of each of the {len(azimuth)} sites (physical trap on the printed radius). The blue "
            f"light adds {float(ring.blue.mean()) / KILO:.0f} kHz at every site, off this scale, because its mode lies close to "
            "resonances of ³P₁ on that radius. The paper calls the shifts negligible against γ.",
            drawing,
        )


def draw_phases(lasing: Lasing, printed: float, mode: float, *, points: int) -> Figure:
    """Two atoms: everything against the difference of their mode phases; `printed` and `mode` are marked (rad)."""
    # denser where it bends; the other half mirrors it: swap the modes, sigma -> -sigma
    half = np.linspace(0, math.pi / 2, points) ** 2 / (math.pi / 2)
    phases = np.concatenate([half, math.pi - half[-2::-1]])
    states = [lasing.adjacent_sites(p) for p in half]
    states += states[-2::-1]
    folded = [abs(math.remainder(p, 2 * math.pi)) for p in (printed, mode)]
    with style.figure(style.COLUMN * 1.4, 2.8) as (drawing, axes):
        ax = axes[0, 0]
        curves = (
            ([abs(s.mode_correlation[0, 1]) / s.photon_number[0] for s in states], style.OURS, "$C_p/N_p$"),
            ([10 * s.photon_number[0] for s in states], style.OURS_2, r"$10\,N_p$"),
            ([s.g2[0] / 4 for s in states], style.OURS_3, r"$g^{(2)}(0)/4$"),
        )
        for values, look, label in curves:
            ax.plot(phases / math.pi, values, **look, label=label)
        for position, label in zip(folded, (r"$k_0\rho_0\varphi$", r"$m_0\varphi$"), strict=True):
            ax.axvline(position / math.pi, color="0.5", linewidth=0.8, linestyle=":")
            place = (position / math.pi, 1.03)
            ax.annotate(label, place, xytext=(-2, 2), textcoords="offset points", fontsize=7, ha="right")
        ax.set(
            xlabel=r"phase between the two sites / $\pi$ (modulo 2$\pi$)",
            ylabel=r"$C_p/N_p$, $10\,N_p$, $g^{(2)}(0)/4$",
            ylim=(0, 1.1),
        )
        ax.set_xlim(0, 1)
        ax.legend(loc="upper center")
        return Figure(
            "figure-phases",
            "What the phases of the sites do",
            "Two atoms at Q = 10⁸ and 30 γ against the phase by which the mode advances between them. Dotted: adjacent lattice "
            "sites with the printed phase k₀ρ₀φ, accidentally a multiple of π, and with the mode's own m₀φ.",
            drawing,
        )
