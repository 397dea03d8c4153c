"""Past the paper: the scaling laws of its Sec. VI, and where they end."""

from __future__ import annotations

from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.scaling import MEGA, READINGS, Scaling

LOOKS = (style.OURS, style.OURS_2, style.OURS_3)
IONS = (2.5, 9.0)
CONFINEMENTS = (-1.0, 1.55)
"""Decades of numbers of ions, and of confinements (MHz)."""
SMALL = 0.3
"""epsilon above which it is no small parameter any more."""


def draw_scaling(lasers: tuple[Scaling, ...], *, points: int = 40) -> Figure:
    """Largest power over the law against the number of ions and the confinement, and shift over width."""
    one = lasers[0].device
    with style.figure(style.PAGE, 2.8, 1, 3) as (drawing, axes):
        _draw_number(axes[0, 0], lasers, points)
        _draw_confinement(axes[0, 1], lasers, points)
        _draw_reasons(axes[0, 2], lasers, points)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-scaling",
            "Where the scaling laws end",
            f"Largest power over the pump rate at ζ = {one.zeta:.2g} with the micromotion's shifts (lines) and without (dotted), over the laws of Sec. VI "
            f"(their constant from {one.experiment.trap.ions:g} ions at {one.confinement / MEGA:g} MHz without shifts). (a) P ∝ N^(4/3), "
            f"{one.confinement / MEGA:g} MHz. (b) P ∝ ω_z^(4/3), {one.experiment.trap.ions:g} ions; grey: ε = 2ω_z/Ω₀ above {SMALL:g} for all F. Ticks: the confinement of the "
            f"largest power if all ions couple with {READINGS[2]}. (c) The largest shift (23) over γ⊥ at the best pump rate, against the confinement, "
            "and ε (dotted).",
            drawing,
        )


def _relative(scaling: Scaling, ions: Any, confinement: Any, *, shifted: bool) -> Any:
    one = scaling.device
    N, omega = one.experiment.trap.ions, one.confinement
    unit = scaling.continuum(N, omega)[1]
    law = unit * (np.asarray(ions) / N) ** (4 / 3) * (np.asarray(confinement) / omega) ** (4 / 3)
    found = scaling.shifted(ions, confinement) if shifted else scaling.continuum(ions, confinement)
    return found[1] / law


def _draw_number(ax: Any, lasers: tuple[Scaling, ...], points: int) -> None:
    ions = np.logspace(*IONS, points)
    for each, look in zip(lasers, LOOKS, strict=False):
        ax.semilogx(
            ions,
            _relative(each, ions, each.device.confinement, shifted=True),
            **look,
            label=f"F = {each.device.F:g}",
        )
        still = _relative(each, ions, each.device.confinement, shifted=False)
        ax.semilogx(ions, still, color=look["color"], linestyle=":", linewidth=0.8)
    ax.set(xlabel="ions $N$", ylabel="power / law", ylim=(0, 1.2))
    ax.legend(loc="lower left")


def _draw_confinement(ax: Any, lasers: tuple[Scaling, ...], points: int) -> None:
    omega = np.logspace(*CONFINEMENTS, points) * MEGA
    for each, look in zip(lasers, LOOKS, strict=False):
        N = each.device.experiment.trap.ions
        ax.semilogx(omega / MEGA, _relative(each, N, omega, shifted=True), **look)
        ax.semilogx(
            omega / MEGA,
            _relative(each, N, omega, shifted=False),
            color=look["color"],
            linestyle=":",
            linewidth=0.8,
        )
        ax.plot(each.best_confinements[READINGS[2]], 1.15, marker="v", color=look["color"])
    fastest = max(each.device.trap.radio_frequency for each in lasers)
    ax.axvspan(SMALL * fastest / 2 / MEGA, omega[-1] / MEGA, color="0.93", zorder=0)
    ax.set(
        xlabel=r"$\omega_z/2\pi$ (MHz)",
        ylabel="power / law",
        ylim=(0, 1.2),
        xlim=(omega[0] / MEGA, omega[-1] / MEGA),
    )


def _draw_reasons(ax: Any, lasers: tuple[Scaling, ...], points: int) -> None:
    omega = np.logspace(*CONFINEMENTS, points) * MEGA
    for each, look in zip(lasers, LOOKS, strict=False):
        device = each.device
        N = device.experiment.trap.ions
        across = each.shifted(N, omega)[0] * (1 + device.experiment.pump.xi) / 2
        ax.loglog(omega / MEGA, each.relative(N, omega)[1] / across, **look, label=f"F = {device.F:g}")
        ax.loglog(
            omega / MEGA,
            2 * omega / device.trap.radio_frequency,
            color=look["color"],
            linestyle=":",
            linewidth=0.8,
        )
    ax.axhline(1, color="0.6", linewidth=0.6)
    ax.set(
        xlabel=r"$\omega_z/2\pi$ (MHz)",
        ylabel=r"$\Delta_{\max}/\gamma_\perp$,  $\epsilon$",
        ylim=(1e-3, None),
    )
    ax.legend(loc="upper left")
