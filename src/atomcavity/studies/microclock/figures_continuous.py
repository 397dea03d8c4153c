"""The sphere as a continuous laser, beside its pulses and beside other clocks."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np

from atomcavity.clocks.noise import Noise
from atomcavity.reports import Figure, style
from atomcavity.studies.microclock.continuous import Continuous
from atomcavity.studies.microclock.others import OtherClock


def draw_continuous(
    continuous: Continuous, *, noise: Noise, pulsed: float, law: float, others: Sequence[OtherClock]
) -> Figure:
    """Power and inversion, linewidth, and stability beside pulses and published clocks.

    noise   of the cavity
    pulsed  Allan deviation at 1 s of the pulsed clock by the readout of single pulses alone
    law     the paper's Allan deviation at 1 s
    """
    with style.figure(style.PAGE, 2.9, 1, 3, width_ratios=[1, 1, 1.25]) as (drawing, axes):
        power, width, stability = axes[0]
        _draw_power(power, continuous)
        _draw_width(width, continuous)
        _draw_stability(stability, continuous, noise, pulsed, law, others)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        half = continuous.half
        sources = "; ".join(f"{clock.name}: {clock.source}" for clock in others)
        return Figure(
            "figure-continuous",
            "Continuous superradiance of the same sphere",
            "The atoms pumped all the time instead of once a cycle, against the pump rate w. (a) Photons through the port "
            "and inversion; dotted: without fluctuations. (b) Full width at half maximum of the carrier: exact, by second-order cumulants, which "
            "take the gain for unsaturated, and the law of phase diffusion, Γ(1 + s)/[2(1 − s)] with s = w/NΓ. (c) Allan deviation "
            "by phase diffusion at w = NΓ/2 (FWHM "
            f"{half.linewidth / (2 * math.pi):.2f} Hz) and, thin, with the pull of the free cavity, w/κ = {continuous.pulling(half):.1e} of its noise; by the readout of single pulses, by the paper's Eq. (8), and of published "
            "clocks. Repumping light, differences between the atoms and the trap's own light shifts are left out of our lines; the light goes in one direction, as in the paper. "
            f"{sources}.",
            drawing,
        )


def _draw_power(ax: Any, continuous: Continuous) -> None:
    share = np.array(continuous.shares)
    (group,) = continuous.system.emitters
    fine = np.linspace(0, 1, 101)
    largest = group.number**2 * continuous.collective_rate / 8 * _port_share(continuous)
    ax.plot(
        share,
        [line.flux / 1e4 for line in continuous.exact],
        **{**style.OURS, "linestyle": ""},
        marker="o",
        label="photons",
    )
    ax.plot(fine, 4 * fine * (1 - fine) * largest / 1e4, color="0.35", linestyle=":", linewidth=1)
    ax.set(xlabel=r"pump $w/N\Gamma$", ylabel=r"photons through the port ($10^4$ s$^{-1}$)", xlim=(0, 1))
    ax.set_ylim(0, 1.55 * largest / 1e4)
    other = ax.twinx()
    other.plot(
        share,
        [line.inversion for line in continuous.exact],
        **{**style.OURS_2, "linestyle": ""},
        marker="s",
        label="inversion",
    )
    other.plot(fine, fine, color="0.35", linestyle=":", linewidth=1)
    other.set(ylabel="inversion", ylim=(0, 1.55))
    handles = [*ax.get_legend_handles_labels()[0], *other.get_legend_handles_labels()[0]]
    other.legend(handles=handles, loc="upper left", handletextpad=0.2)


def _port_share(continuous: Continuous) -> float:
    (mode,) = continuous.system.modes
    return mode.kappa_ext / mode.kappa


def _draw_width(ax: Any, continuous: Continuous) -> None:
    share, rate = np.array(continuous.shares), continuous.collective_rate / (2 * math.pi)
    fine = np.linspace(0.01, 0.97, 97)
    for lines, look, marker, label in (
        (continuous.exact, style.OURS, "o", "exact"),
        (continuous.cumulants, style.OURS_2, "s", "cumulants"),
    ):
        ax.semilogy(
            share, [line.linewidth / (2 * math.pi) for line in lines], **look, marker=marker, label=label
        )
    ax.semilogy(fine, rate * (1 + fine) / (2 * (1 - fine)), **style.LAW, label="phase diffusion")
    ax.set(xlabel=r"pump $w/N\Gamma$", ylabel="linewidth (Hz)", xlim=(0, 1))
    ax.legend(loc="upper left")


def _draw_stability(
    ax: Any, continuous: Continuous, noise: Noise, pulsed: float, law: float, others: Sequence[OtherClock]
) -> None:
    tau = np.geomspace(1.0, 1e4, 41)
    ours = continuous.deviation(continuous.half)
    for at_one, look, label in (
        (law, style.PUBLISHED, "paper, Eq. (8)"),
        (pulsed, style.OURS_2, "pulses, readout"),
        (ours, style.OURS, "continuous"),
    ):
        ax.loglog(tau, at_one / np.sqrt(tau), **look, label=label)
    free = continuous.with_cavity(continuous.half, noise, tau)
    ax.loglog(tau, free, color=style.OURS["color"], linewidth=0.7, label="continuous, free cavity")
    for clock, marker in zip(others, "ovD^sPX", strict=False):
        ends = np.array([clock.earliest, clock.latest])
        ax.loglog(
            np.unique(ends),
            clock.sigma_1s / np.sqrt(np.unique(ends)),
            color="0.45",
            linewidth=0.7,
            marker=marker,
            markersize=3,
            label=clock.name,
        )
    ax.set(
        xlabel=r"averaging time $\tau$ (s)", ylabel=r"Allan deviation $\sigma_y(\tau)$", xlim=(0.8, 1.25e4)
    )
    ax.legend(loc="upper left", bbox_to_anchor=(1.02, 1.0), fontsize=6)
