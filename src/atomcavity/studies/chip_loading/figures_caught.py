"""Figures of the caught atoms: where they are, one on its way, how they couple (Figs. 4d, 4e, S5)."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.loading.controller import Controller
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.cross_section import draw_cross_section, stationary
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.feedback import SHORT, TICK, Loop
from atomcavity.studies.chip_loading.feedback_part import Feedback
from atomcavity.studies.chip_loading.figures_feedback import LOOKS, PRINTED, field
from atomcavity.studies.chip_loading.published import printed_row, published

Array = NDArray[np.float64]

SHOWN = 180e-6
"""Time after the trigger until which Fig. S5 is drawn (s)."""
MEAN = 10e-6
"""Of the running average of Fig. 4e (s)."""


def draw_places(found: Feedback) -> Figure:
    """Fig. 4d: where the caught atoms are, over the stationary potential."""
    with style.figure(style.PAGE, 2.1, 2, 3, sharex=True, sharey=True) as (drawing, axes):
        for loop, row in zip(found.loops, axes, strict=False):
            sets: tuple[tuple[tuple[Array, Array, float], str], ...] = (
                (moved(loop), "$z<200$ nm"),
                (caught(loop, loop.loaded, loop.controller), "counts"),
                (caught(loop, loop.halted, loop.short), f"counts, stop in {SHORT * 1e6:g} µs"),
            )
            for ax, ((y, z, height), name) in zip(row, sets, strict=True):
                image = _places(ax, loop, y, z, height)
                ax.set_title(f"{name}; blue {field(loop)}", fontsize=6.5, loc="right")
        for ax in axes[:, 0]:
            ax.set_ylabel("$z$ (nm)")
        for ax in axes[-1]:
            ax.set_xlabel("$y$ (nm)")
        for ax, letter in zip(axes.ravel(), "abcdef", strict=True):
            style.panel(ax, letter)
        drawing.colorbar(image, ax=list(axes.ravel()), shrink=0.7).ax.set_title("$U/k_B$ (mK)", fontsize=7)
        return Figure(
            "figure-4d",
            "Figure 4d: where the caught atoms are",
            "Mean place of each atom after the transfer (dots) over the stationary potential for the mean height at which the belt comes to rest; diamonds: printed. "
            "(a), (d) Triggered where the atom first passes 200 nm, as in the paper's own simulation; (b), (e) by counts, with the paper's stop of "
            f"{found.weak.controller.stop * 1e6:g} µs; (c), (f) with a shorter one. What triggers late comes to rest too deep, and the lobes have moved outwards.",
            drawing,
        )


def moved(loop: Loop) -> tuple[Array, Array, float]:
    """Mean y and z of each atom of the paper's own simulation, and the height at which the belt comes to rest."""
    found = loop.transferred
    place = found.after.mean(axis=1)
    phase = loop.final_phase(int(np.median(found.ticks[found.held])))
    return place[:, 1], place[:, 2], loop.device.height_at(phase)


def caught(loop: Loop, result: LoadingResult, controller: Controller) -> tuple[Array, Array, float]:
    """The same of at most 700 atoms that stay."""
    place = result.place[result.atom_kept][:700]
    return place[:, 1], place[:, 2], float(loop.rest_height(result, controller).mean())


def _places(ax: Any, loop: Loop, y: Array, z: Array, height: float) -> Any:
    device = loop.device
    image = draw_cross_section(
        ax,
        stationary(device, height),
        y=(-0.8e-6, 0.8e-6),
        z=(0.02e-6, 0.42e-6),
        lines=0.25,
        limits=(-2.0, 0.2),
        width=device.waveguide.width,
    )
    ax.plot(y * 1e9, z * 1e9, ".", color="tab:red", markersize=0.8)
    for sign in (-1, 1):
        across, above = printed_row("trap", "length")
        ax.plot(sign * across * 1e9, above * 1e9, "D", **PRINTED, markersize=3.5)
    return image


def draw_path(found: Feedback) -> Figure:
    """Fig. S5: one atom from its start to some time after the trigger, over the stationary potential, for both fields."""
    with style.figure(style.PAGE, 2.5, 1, 2, sharey=True) as (drawing, axes):
        for ax, loop, letter in zip(axes[0], found.loops, "ab", strict=False):
            times, y, z, trigger = path(loop)
            end = trigger + SHOWN
            settled = trigger + loop.controller.settling
            image = draw_cross_section(
                ax,
                loop.final(round(trigger / TICK)) + loop.device.rest,
                y=(-0.6e-6, 0.6e-6),
                z=(0.02e-6, 0.75e-6),
                lines=0.25,
                limits=(-2.0, 0.2),
                trajectory=(times[times <= settled], y[times <= settled], z[times <= settled]),
                time=settled,
                width=loop.device.waveguide.width,
            )
            later = (times >= settled) & (times <= end)
            ax.plot(y[later] * 1e9, z[later] * 1e9, color="tab:red", linewidth=0.6)
            at = np.searchsorted(times, trigger)
            ax.plot(y[at] * 1e9, z[at] * 1e9, "s", color="w", markeredgecolor="k", markersize=4)
            ax.set_title(f"blue {field(loop)}; trigger at {trigger * 1e6:.0f} µs", fontsize=7, loc="right")
            ax.set_xlabel("$y$ (nm)")
            style.panel(ax, letter)
        axes[0, 0].set_ylabel("$z$ (nm)")
        drawing.colorbar(image, ax=list(axes[0])).ax.set_title("$U/k_B$ (mK)", fontsize=7)
        return Figure(
            "figure-S5",
            "Figure S5: one atom on its way",
            f"An atom of the paper's own simulation (trigger where it first passes 200 nm, square) from 1.5 d on until the commands are carried out (white) and until {SHOWN * 1e6:g} µs after "
            "the trigger (red), over its own final stationary potential. As in the paper it goes to one of the side lobes as soon as the tweezer's power has risen. The time of the trigger counts "
            "from our start at 1.5 d and is not comparable with the printed 151 µs.",
            drawing,
        )


def path(loop: Loop) -> tuple[Array, Array, Array, float]:
    """Times (s), y and z (m) of a typical atom of the paper's own simulation, from its start on, and its trigger's time."""
    found, bank = loop.transferred, loop.bank.rides
    places = np.abs(found.after[..., 1:]).mean(axis=1)
    typical = np.linalg.norm(places - np.median(places, axis=0), axis=1).argmin()
    atom = int(np.flatnonzero(found.held)[typical])
    row, tick = int(found.rows[atom]), int(found.ticks[atom])
    before = bank.position[row, :tick]
    whole: Array = np.concatenate([before, found.rides.position[atom]])
    return np.asarray(np.arange(len(whole)) * TICK), whole[:, 1], whole[:, 2], tick * TICK


def draw_coupling(found: Feedback) -> Figure:
    """Fig. 4e: g of that atom after the trigger; and the mean g of all, by what triggers."""
    with style.figure(style.PAGE, 2.6, 1, 2) as (drawing, axes):
        one, all_atoms = axes[0]
        for loop, look in zip(found.loops, LOOKS, strict=False):
            times, y, z, trigger = path(loop)
            g = loop.device.coupling(np.stack([0 * y, y, z], axis=-1)) / MEGA
            width = round(MEAN / TICK)
            smooth = np.convolve(g, np.ones(width) / width, mode="same")
            shown = (times >= trigger) & (times < times[-1] - MEAN)
            after = (times[shown] - trigger) * 1e6
            one.plot(after, g[shown], color=look["color"], linewidth=0.3, alpha=0.6)
            one.plot(after, smooth[shown], **look, label=f"blue {field(loop)}")
            edges = np.arange(0, 101, 2.5)
            for values, width_, name in (
                (loop.transferred.g.mean(axis=1), 0.6, "$z<200$ nm"),
                (loop.loaded.g[loop.loaded.atom_kept], 1.3, "counts"),
            ):
                share = np.histogram(values / MEGA, edges)[0] / len(values)
                label = f"{name}, blue {field(loop)}"
                all_atoms.stairs(share, edges, **{**look, "linewidth": width_}, label=label)
        mean = published("s4.mc_g")
        one.axhline(mean, **style.PUBLISHED, label="published mean")
        all_atoms.axvline(mean, **style.PUBLISHED, label="published, $z<200$ nm")
        one.set(xlabel="time after the trigger (µs)", ylabel="$g/2\\pi$ (MHz)", xlim=(0, 240), ylim=(0, 100))
        all_atoms.set(xlabel="mean $g/2\\pi$ of an atom (MHz)", ylabel="share of the atoms", ylim=(0, 0.6))
        one.legend(loc="upper right", ncols=2)
        all_atoms.legend(loc="upper left", fontsize=6)
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-4e",
            "Figure 4e: coupling after the trigger",
            f"(a) g of the atoms of Fig. S5 after the trigger (thin) and its running average over {MEAN * 1e6:g} µs. (b) Mean g of each atom after the transfer: triggered at 200 nm (thin), "
            "and by counts in the whole experiment (thick), where some come to rest far out and couple weakly.",
            drawing,
        )
