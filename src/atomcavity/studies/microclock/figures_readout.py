"""One pulse as a heterodyne detector sees it, and the scatter of the frequencies that single pulses tell."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.microclock.readout import Readout

HERTZ = 2 * math.pi


def draw_readout(readout: Readout) -> Figure:
    """A record, its periodogram beside the spectrum of the mean pulse, and the frequencies of many pulses."""
    with style.figure(style.PAGE, 2.6, 1, 3) as (drawing, axes):
        _draw_record(axes[0, 0], readout)
        _draw_periodogram(axes[0, 1], readout)
        _draw_scatter(axes[0, 2], readout)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        naive = readout.deviation(readout.naive)
        return Figure(
            "figure-readout",
            "Reading the frequency of single pulses",
            "The paper takes the spectrum of the mean pulse; a clock has one pulse a cycle. (a) Photocurrent of one pulse, "
            f"{readout.record.share:.2g} of the photons detected; dashed: root of the mean flux. (b) Its periodogram, the mean of "
            f"{readout.trajectories} pulses, and the spectrum by quantum regression with the shot noise added. (c) Frequencies of single "
            "pulses: maximum of the periodogram over the whole window, and matched filter that also finds each pulse's delay. "
            f"FWHM/(2.355 SNR) of the mean spectrum would give {readout.naive / HERTZ:.2g} Hz, {naive:.1e} at 1 s.",
            drawing,
        )


def _draw_record(ax: Any, readout: Readout) -> None:
    record = readout.record
    time = record.time * 1e3
    ax.plot(time, record.current[0].real, color=style.OURS["color"], linewidth=0.6, label="in phase")
    ax.plot(time, record.current[0].imag, color=style.OURS_2["color"], linewidth=0.6, label="in quadrature")
    for sign in (1, -1):
        ax.plot(time, sign * np.sqrt(record.flux), "k--", linewidth=0.9)
    span = float(time[np.searchsorted(np.cumsum(record.flux), 0.998 * record.flux.sum())])
    ax.set(xlabel="time (ms)", ylabel=r"photocurrent (s$^{-1/2}$)", xlim=(0, span))
    ax.margins(y=0.2)
    ax.legend(loc="upper right", fontsize=6)


def _draw_periodogram(ax: Any, readout: Readout) -> None:
    record, light = readout.record, readout.light
    width = float(light.full_width[0])
    detuning = np.linspace(-4, 4, 401) * width
    single = record.periodogram(detuning)
    (mode,) = readout.clock.system.modes
    regression = mode.kappa_ext * np.interp(detuning, light.detuning, light.density) + record.shot_noise()
    ax.plot(detuning / HERTZ, single[0], color="0.6", linewidth=0.8, label="one pulse")
    ax.plot(detuning / HERTZ, single.mean(axis=0), **style.OURS, label=f"mean of {readout.trajectories}")
    ax.plot(detuning / HERTZ, regression, **style.LAW, label="regression")
    ax.set(xlabel="detuning (Hz)", ylabel=r"$|\int I e^{i\omega t}dt|^2$ (s)", ylim=(0, None))
    ax.legend(loc="upper right", fontsize=6)


def _draw_scatter(ax: Any, readout: Readout) -> None:
    pairs = (
        (readout.plain, readout.plain_scatter, style.OURS_2, "periodogram"),
        (readout.matched, readout.scatter, style.OURS, "matched filter"),
    )
    reach = 3 * readout.plain_scatter[0] / HERTZ
    for values, (deviation, error), look, name in pairs:
        label = f"{name}: {deviation / HERTZ:.1f} ± {error / HERTZ:.1f} Hz,\n{readout.deviation(deviation):.1e} at 1 s"
        ax.hist(values / HERTZ, bins=np.linspace(-reach, reach, 41), histtype="step", label=label, **look)
    ax.set(xlabel="frequency of one pulse (Hz)", ylabel="pulses", xlim=(-reach, reach))
    ax.margins(y=0.45)
    ax.legend(loc="upper left", fontsize=6)
