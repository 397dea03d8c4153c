"""Past the paper: elongated crystals of the same density."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.ion_laser.elongated import Elongated, Elongation

MILLI, HERTZ = 2e-3 * math.pi, 2 * math.pi


def draw_elongated(found: Elongation) -> Figure:
    """Power, shifts and width of the line against the aspect ratio."""
    device = found.device
    with style.figure(style.PAGE, 2.8, 1, 3) as (drawing, axes):
        _draw_power(axes[0, 0], found)
        _draw_shifts(axes[0, 1], found)
        _draw_width(axes[0, 2], found)
        for ax, letter in zip(axes[0], "abc", strict=True):
            ax.set(xlabel="aspect ratio $c/a$", xscale="log")
            style.panel(ax, letter)
        return Figure(
            "figure-elongated",
            "Elongated crystals of the same density",
            f"F = {device.F:g}, {device.confinement / HERTZ / 1e6:g} MHz in the spherical trap, end caps weakened, cavity along the long axis with the best waist, "
            f"best pump rate. (a) Power over that of the sphere: continuous crystals with a spreading beam, true crystals of {found.ions} ions without (open) and with "
            "their shifts (filled), and the law (c/a)^(2/3) of a beam that does not spread; dotted: the crystal's half length is the "
            f"Rayleigh range. (b) {found.ions} ions: spread of the quadrupole shifts by the neighbours, largest shift left by micromotion, and γ⊥ at the best pump rate. "
            "(c) Width of the line by phase diffusion.",
            drawing,
        )


def _aspects(rows: tuple[Elongated, ...]) -> list[float]:
    return [row.aspect for row in rows]


def _draw_power(ax: Any, found: Elongation) -> None:
    for rows, look in ((found.large, style.OURS), (found.continuous, style.OURS_2)):
        power = np.array([row.best[2] for row in rows])
        name = f"{rows[0].device.experiment.trap.ions:g} ions"
        ax.loglog(_aspects(rows), power / power[0], **look, label=name)
        ratio = [row.spreading for row in rows]
        if ratio[-1] > 1:
            at = float(np.exp(np.interp(0, np.log(ratio), np.log(_aspects(rows)))))
            ax.axvline(at, color=look["color"], linestyle=":", linewidth=0.9)
    shifted, still = found.true_powers
    sphere = found.continuous[0].best[2]
    looks = {"color": style.OURS_2["color"], "markeredgewidth": 0.7}
    ax.loglog(_aspects(found.true), still / sphere, "o", **looks, markerfacecolor="none", markersize=5)
    ax.loglog(_aspects(found.true), shifted / sphere, "o", **looks, label="true crystals")
    x = np.array([1.0, found.large[-1].aspect])
    ax.loglog(x, x ** (2 / 3), **style.LAW, label="$(c/a)^{2/3}$")
    ax.set(ylabel="power / power of the sphere")
    ax.legend(loc="upper left", fontsize=6)


def _draw_shifts(ax: Any, found: Elongation) -> None:
    xi = found.device.experiment.pump.xi
    across = [row.best[1] * (1 + xi) / 2 / HERTZ for row in found.continuous]
    moved = [row.largest_micromotion / HERTZ for row in found.continuous]
    ax.loglog(_aspects(found.continuous), across, **style.OURS_2, label=r"$\gamma_\perp/2\pi$")
    spread = [row.shifts.neighbours.std() / HERTZ for row in found.true]
    ax.loglog(_aspects(found.true), spread, "o-", color=style.OURS["color"], label="quadrupole, rms")
    ax.loglog(_aspects(found.continuous), moved, **style.OURS_3, label="micromotion, largest")
    ax.set(ylabel="shift (Hz)")
    ax.legend(loc="best", fontsize=6)


def _draw_width(ax: Any, found: Elongation) -> None:
    for rows, look in ((found.large, style.OURS), (found.continuous, style.OURS_2)):
        name = f"{rows[0].device.experiment.trap.ions:g} ions"
        ax.loglog(_aspects(rows), [row.width / MILLI for row in rows], **look, label=name)
    ax.set(ylabel="full width of the line (mHz)")
    ax.legend(loc="best", fontsize=6)
