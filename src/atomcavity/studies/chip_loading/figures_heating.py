"""Figures of the heating: lifetimes with and without the probe, ramps of the belt."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.constants import k as boltzmann

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.belt_ramps import FAST, BeltRamps
from atomcavity.studies.chip_loading.dark import Dark
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.probed import ProbedLifetime
from atomcavity.studies.chip_loading.published import printed

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)
SCATTER = 0.1
"""Energy (uK) below which that gained in trajectories is lost in the scatter of the atoms."""
MARK: dict[str, Any] = {"marker": "o", "linestyle": "none", "markerfacecolor": "white"}


def draw_lifetimes(lifetimes: tuple[ProbedLifetime, ...], dark: Dark) -> Figure:
    """Signal of probed atoms; lifetime against the efficiency; lifetimes in the dark by recoil and by noise."""
    with style.figure(style.PAGE, 4.8, 2, 2) as (drawing, axes):
        _signal(axes[0, 0], lifetimes[0])
        _efficiency(axes[0, 1], lifetimes)
        _recoil(axes[1, 0], dark)
        _noise(axes[1, 1], dark)
        for ax, letter in zip(axes.flat, "abcd", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-lifetimes",
            "Lifetimes of trapped atoms",
            f"(a) Transmission above that of the empty ring, mean of {len(lifetimes[0].decay.light)} atoms of the paper's own simulation of the transfer (trigger at 200 nm), probed without a pause, "
            f"blue field {_blue(lifetimes[0]):g} MHz; "
            "dotted: an exponential with the printed lifetime. The probe is blue of the shifted line: without its friction, which then "
            "speeds atoms up, they stay longer. (b) 1/e time of the signal against the probability that a photon behind the ring makes a click, which "
            "sets how bright the probe must be for the printed counts and which the paper does not print. (c) In the dark, in the lattice at rest: "
            "until the recoil of scattered trap light lets an atom leave, against the height of the lattice; an atom counts as lost 1.2 µm beside the middle, where the known field ends. (d) Until noise of the light does, "
            f"at {dark.middle.height:g} d, against the noise: circles and lines through them from trajectories, pointing by the formula of a harmonic site. "
            "Each noise at the frequency that heats: twice that along z for the intensity, once for the phase, that along y for the pointing. "
            "Dotted: printed lifetimes.",
            drawing,
        )


def _blue(life: ProbedLifetime) -> float:
    """Strength of the blue field (MHz)."""
    device = life.probed.loop.device
    return device.blue_energy / MEGA


def _signal(ax: Any, life: ProbedLifetime) -> None:
    for found, look, label in (
        (life.decay, style.OURS, "all of the probe's action"),
        (life.without_friction, style.OURS_2, "without friction"),
    ):
        ax.plot(found.time * 1e3, found.signal, **look, label=label)
    time = np.linspace(0, 3 * life.printed, 100)
    ax.plot(
        time * 1e3, life.decay.signal[0] * np.exp(-time / life.printed), **style.PUBLISHED,
        label=f"exponential, printed {life.printed * 1e6:.0f} µs",
    )  # fmt: skip
    ax.set(
        xlabel="time after the transfer (ms)", ylabel="$T-T_0$", xlim=(0, 3e3 * life.printed), ylim=(0, None)
    )
    ax.legend(loc="upper right")


def _efficiency(ax: Any, lifetimes: tuple[ProbedLifetime, ...]) -> None:
    for life, look, mark in zip(lifetimes, LOOKS, ("o", "s"), strict=False):
        chance = [100 * f * life.efficiency for f in life.decays]
        values = [decay.lifetime * 1e3 for decay in life.decays.values()]
        errors = [decay.error * 1e3 for decay in life.decays.values()]
        ax.errorbar(
            chance,
            values,
            errors,
            color=look["color"],
            **{**MARK, "marker": mark},
            label=f"blue field {_blue(life):g} MHz",
        )
    life = lifetimes[0]
    line = np.array([1.5, 12.0])
    ax.plot(line, line / (100 * life.efficiency) * life.printed * 1e3, **style.LAW, label="proportional")
    ax.axhline(life.printed * 1e3, **style.PUBLISHED)
    ax.set(
        xlabel="clicks per photon behind the ring (%)", ylabel="1/e time of the signal (ms)",
        xscale="log", yscale="log", xlim=(1.5, 12), ylim=(0.15, 2),
    )  # fmt: skip
    ax.set_xticks([2, 5, 10], ["2", "5", "10"])
    ax.set_yticks([0.2, 0.5, 1, 2], ["0.2", "0.5", "1", "2"])
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_minor_formatter("")
    ax.legend(loc="upper left")


def _recoil(ax: Any, dark: Dark) -> None:
    heights = [site.height for site in dark.sites]
    for name, look in zip(("belt", "blue field"), LOOKS[1:], strict=True):
        values = [site.to_lose / site.recoil_heating[name] for site in dark.sites]
        ax.semilogy(heights, values, **look, label=f"light of the {name}")
    ax.semilogy(heights, [site.recoil_lifetime for site in dark.sites], **style.OURS, label="both")
    ax.axhline(printed("dark_lifetime", "time"), **style.PUBLISHED, label="printed lifetime")
    ax.set(
        xlabel="height of the lattice $z_0/d$",
        ylabel="lifetime by recoil (s)",
        xlim=(1, min(heights)),
        ylim=(0.05, 5e3),
    )
    ax.legend(loc="upper right", ncols=2)


def _noise(ax: Any, dark: Dark) -> None:
    units = {"intensity": ("per Hz", 1.0), "phase": ("rad² per Hz", 1.0), "pointing": ("µm² per Hz", 1e-12)}
    life = printed("dark_lifetime", "time")
    for noise, look in zip(dark.noises, LOOKS, strict=True):
        unit, size = units[noise.name]
        times = np.geomspace(1e-4, 100, 2)
        level = [10 * math.log10(noise.needed(t) / size) for t in times]
        ax.semilogy(level, times, **look, label=f"{noise.name} ({unit})")
        if not math.isnan(noise.lifetime):
            ax.semilogy(10 * math.log10(noise.density / size), noise.lifetime, color=look["color"], **MARK)
    ax.axhline(life, **style.PUBLISHED)
    ax.set(
        xlabel="one-sided density of the noise (dB)",
        ylabel="lifetime by noise (s)",
        xlim=(-140, -80),
        ylim=(2e-4, 50),
    )
    ax.legend(loc="upper right")


def draw_ramps(found: BeltRamps) -> Figure:
    """Waveforms of the stop, energy gained against the time of the ramp and against the frequency of the trap."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        shape, energy, both = axes[0]
        for ax, name in ((shape, "stop"), (both, "start")):
            for way, look in zip(("linear", "least-heating"), LOOKS, strict=False):
                wave = found.waveforms[f"{name}-{way}"]
                ax.plot(wave.time * 1e6, wave.frequency / 1e3, **look, label=way)
        power = found.waveforms["stop-linear"]
        twin = shape.twinx()
        twin.plot(power.time * 1e6, power.power, color="0.6", linewidth=0.8)
        twin.set(ylim=(0, 8), ylabel="power of the tweezer (grey)")
        twin.tick_params(axis="y", colors="0.4")
        shape.set(xlabel="time (µs)", ylabel="frequency of the belt (kHz)", xlim=(0, 50), ylim=(0, 7))
        both.set(xlabel="time (µs)", ylabel="frequency of the belt (kHz)", xlim=(0, 1000), ylim=(0, 55))
        unit = found.unit(FAST) / boltzmann * 1e6
        times = found.durations * 1e6
        for form, way, look in zip(("linear", None), ("linear", "least"), LOOKS, strict=False):
            energy.semilogy(times, unit * found.curve(form), **look)
            seen = unit * found.tried[way] > SCATTER
            tried = found.tried["time"][seen] * 1e6, unit * found.tried[way][seen]
            energy.semilogy(*tried, color=look["color"], **MARK)
        energy.semilogy(times, unit * found.curve("smooth"), **style.LAW, label="3$s^2$ − 2$s^3$")
        energy.set(
            xlabel="time of the ramp (µs)",
            ylabel="energy gained, $E/k_B$ (µK)",
            xlim=(0, float(times[-1])),
            ylim=(1e-2, 1e3),
        )
        energy.legend(loc="upper right")
        shape.legend(loc="upper right")
        both.legend(loc="lower right")
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-ramps",
            "Ramps of the belt: the linear one, and the one that heats least",
            "(a) The stop after a trigger; grey: the tweezer's power. "
            f"(b) Energy that an atom gains when a belt of {FAST / 1e3:g} kHz, ten times the paper's, is stopped, against the time of the ramp: "
            f"mean over trap frequencies within ±{100 * (found.band[1] / found.frequency_hz - 1):.0f} % of {found.frequency_hz / 1e3:.0f} kHz (lines), thermal atoms by "
            f"trajectories in the lattice far from the chip (circles; those below {SCATTER:g} µK are left out); dash-dotted: the cubic ramp. "
            "At the paper's speeds divide by 100 (50 kHz) or 7000 (6 kHz). (c) The start of the belt. Waveforms are written as CSV and NumPy.",
            drawing,
        )
