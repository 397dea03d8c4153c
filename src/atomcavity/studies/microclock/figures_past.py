"""Past the paper: the free cavity and its lock, and the occupation of the lattice."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.microclock.filling import Lattice
from atomcavity.studies.microclock.walk import Walk, smooth

KILO = 2e3 * math.pi


def draw_fading(walk: Walk, *, readout: float, law: float, points: int = 7) -> Figure:
    """Detuning and visible photons of the free clock in time, beside the locked one, and what the lock leaves.

    readout  Allan deviation at 1 s by the readout of single pulses;  law  that of the paper
    points   values of the sensor noise
    """
    with style.figure(style.PAGE, 2.6, 1, 3) as (drawing, axes):
        _draw_walk(axes[0, 0], walk)
        _draw_share(axes[0, 1], walk)
        _draw_cost(axes[0, 2], walk, readout, law, points)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-fading",
            "The free cavity walks out of resonance",
            "The paper's own noise, no lock. (a) Detuning of the cavity in several runs, and the rms law "
            f"{walk.rate / KILO:.1f} kHz √(T/s). (b) Share of a pulse's photons within the window of "
            f"{walk.clock.window:.3g} s, means of 60 pulses; blue: with an integrator of gain {walk.lock.gain:g} whose sensor errs by "
            f"{walk.lock.sensor_noise / KILO:.0f} kHz. (c) Allan deviation at 1 s by the locked cavity and the scatter of the atom "
            "number alone, against the sensor's noise.",
            drawing,
        )


def _draw_walk(ax: Any, walk: Walk) -> None:
    (mode,) = walk.clock.system.modes
    hours = walk.times / 3600
    for series, shade in zip(walk.free, _shades(len(walk.free)), strict=True):
        ax.plot(hours, series.cavity / KILO / 1e3, color=shade, linewidth=0.7)
    for sign in (1, -1):
        ax.plot(
            hours,
            sign * walk.rate * np.sqrt(walk.times) / KILO / 1e3,
            **style.LAW,
            label="rms law" if sign > 0 else None,
        )
        ax.axhline(
            sign * mode.kappa / 2 / KILO / 1e3,
            color="0.3",
            linestyle=":",
            linewidth=0.9,
            label=r"$\pm\kappa/2$" if sign > 0 else None,
        )
    ax.set(xlabel="time (h)", ylabel=r"detuning $\Delta/2\pi$ (MHz)", xlim=(0, hours[-1]))
    ax.legend(loc="upper left", fontsize=6, ncols=2)
    ax.margins(y=0.25)


def _draw_share(ax: Any, walk: Walk) -> None:
    for series, shade in zip(walk.free, _shades(len(walk.free)), strict=True):
        share = smooth(series.share)
        ax.plot(walk.times[: len(share)] / 3600, share, color=shade, linewidth=0.8)
    share = smooth(walk.locked.share)
    ax.plot(walk.times[: len(share)] / 3600, share, **style.OURS, label="locked")
    ax.set(
        xlabel="time (h)",
        ylabel="share of photons in the window",
        xlim=(0, walk.times[-1] / 3600),
        ylim=(0, 1.15),
    )
    ax.legend(loc="upper right", fontsize=6)


def _draw_cost(ax: Any, walk: Walk, readout: float, law: float, points: int) -> None:
    sensor = np.geomspace(1e-3, 0.5, points) * walk.clock.system.modes[0].kappa
    looks = (style.OURS_3, style.OURS, style.OURS_2)
    for (gain, cost), look, marker in zip(walk.costs(sensor).items(), looks, "v^s", strict=True):
        ax.loglog(sensor / KILO, cost, **look, marker=marker, label=f"gain {gain:g}")
    for value, name in ((law, "paper, Eq. (8)"), (readout, "readout")):
        ax.axhline(value, **style.PUBLISHED)
        ax.annotate(name, (sensor[0] / KILO, value), xytext=(2, -8), textcoords="offset points", fontsize=6)
    ax.set(xlabel="sensor noise / 2π (kHz)", ylabel=r"added $\sigma_y$(1 s)", ylim=(1e-16, 6e-12))
    ax.legend(loc="center left", fontsize=6)


def _shades(count: int) -> Sequence[str]:
    return [f"{value:.2f}" for value in np.linspace(0.25, 0.75, count)]


def draw_occupation(lattice: Lattice, *, readout: float, points: int = 6) -> Figure:
    """Laws of the number of atoms, the pulses that they make, and what the scatter adds to the clock.

    readout  Allan deviation at 1 s by the readout of single pulses;  points  detunings of the cavity
    """
    with style.figure(style.PAGE, 2.6, 1, 3) as (drawing, axes):
        _draw_numbers(axes[0, 0], lattice)
        _draw_pulses(axes[0, 1], lattice)
        _draw_number_noise(axes[0, 2], lattice, readout, points)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-occupation",
            "How many atoms the lattice holds",
            f"(a) Number of atoms on {lattice.sites} sites: the paper's Gaussian, sites filled independently with one atom or none and the same mean, "
            "collisional blockade (pairs of atoms are lost together, half of the sites stay empty), and a dilute cloud cut "
            "into sites without collisions. Grey: more atoms than sites. (b) Pulses of the mean number and of one standard deviation more and less. "
            "(c) Allan deviation at 1 s by the scatter of the number alone, against a constant detuning of the cavity.",
            drawing,
        )


_FILLING_STYLES: tuple[Any, ...] = (style.PUBLISHED, style.OURS, style.OURS_2, style.OURS_3)


def _draw_numbers(ax: Any, lattice: Lattice) -> None:
    for filling, look in zip(lattice.fillings, _FILLING_STYLES, strict=True):
        label = f"{filling.name}: {filling.mean:.0f} ± {filling.deviation:.2g}"
        ax.plot(np.arange(len(filling.probability)), filling.probability, **look, label=label)
    highest = max(float(filling.probability.max()) for filling in lattice.fillings)
    low, high = 0.4 * lattice.sites, 1.3 * lattice.sites
    ax.axvspan(lattice.sites, high, color="0.93", zorder=0)
    ax.set(xlabel="atoms $N$", ylabel="probability", xlim=(low, high), ylim=(0, 1.7 * highest))
    ax.legend(loc="upper left", fontsize=6)


def _draw_pulses(ax: Any, lattice: Lattice) -> None:
    from atomcavity.dynamics.elimination import eliminate

    rate = float(eliminate(lattice.clock.system).decay[0, 0].real)
    slowest = min(filling.mean - filling.deviation for filling in lattice.fillings)
    times = np.linspace(0, (np.log(slowest) + 6) / (slowest * rate), 201)
    for filling, look in list(zip(lattice.fillings, _FILLING_STYLES, strict=True))[:3]:
        low, middle, high = (
            lattice.pulse(round(filling.mean + k * filling.deviation), times) / 1e3 for k in (-1, 0, 1)
        )
        ax.fill_between(times * 1e3, low, high, color=look["color"], alpha=0.15, linewidth=0)
        ax.plot(times * 1e3, middle, **look, label=filling.name)
    ax.set(
        xlabel="time (ms)",
        ylabel="photons through the port (ms$^{-1}$)",
        xlim=(0, times[-1] * 1e3),
        ylim=(0, None),
    )
    ax.legend(loc="upper right", fontsize=6)


def _draw_number_noise(ax: Any, lattice: Lattice, readout: float, points: int) -> None:
    ratio = np.geomspace(1e-3, 1.0, points)
    kappa = lattice.clock.system.modes[0].kappa
    for filling, look in list(zip(lattice.fillings, _FILLING_STYLES, strict=True))[:3]:
        values = [lattice.scatter(filling, r * kappa) for r in ratio]
        ax.loglog(ratio, values, **look, label=filling.name)
    ax.axhline(readout, color="0.3", linestyle=":", linewidth=0.9, label="readout")
    ax.set(xlabel=r"detuning of the cavity $\Delta/\kappa$", ylabel=r"$\sigma_y$(1 s) by the number alone")
    ax.legend(loc="upper left", fontsize=6)
    ax.margins(y=0.35)
