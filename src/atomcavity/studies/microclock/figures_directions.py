"""What the paper leaves out of the pulse: the other direction of the ring, and atoms of different frequencies."""

from __future__ import annotations

from math import sqrt, tau
from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.microclock.broadening import FEW, Broadening
from atomcavity.studies.microclock.directions import Directions

TILTS = (0.0, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5)
"""How far the area of the preparation pulse is from pi (rad)."""
CHOSEN = 0.3
"""The tilt of the curves in time."""
SCATTERING = (0.0, 0.1, 0.2, 0.3, 0.5)
"""Back-scattering J (kappa)."""
MARKS = ({**style.OURS, "marker": "o"}, {**style.OURS_2, "marker": "s", "markerfacecolor": "white"})
WAYS = ("clockwise", "counter-clockwise")


def draw_directions(found: Directions) -> Figure:
    """Photons in both directions: in time, against the area of the preparation pulse, against back-scattering."""
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        _draw_both_ways(axes[0, 0], found)
        _draw_tilts(axes[0, 1], found)
        _draw_backscattering(axes[0, 2], found)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        atoms = found.pulse.atoms
        (peak, error), one = found.peak(), found.one_way.max() / (atoms**2 * found.pulse.rate())
        counts = found.photons([(0.0, 0.0)])
        return Figure(
            "figure-directions",
            "Both directions of the ring",
            f"{atoms} atoms at random ones of {found.sites} sites, coupled to both modes with the phases exp(±i {found.m} φ), by truncated Wigner "
            f"({found.batches} × {found.trajectories} trajectories; error bars and bands: standard errors over {found.batches} random occupations). (a) Fully inverted "
            "atoms hold no phase and emit equally in both directions "
            f"({counts.mean[0, 0]:.0f} ± {counts.error[0, 0]:.0f} photons), with peaks of {peak:.4f}({1e4 * error:.0f}) N²Γ "
            f"instead of {one:.3f} in the paper's single direction (dotted, exact); a tilt of {CHOSEN} rad chooses one. (b) A preparation pulse "
            "through the clockwise mode whose area is less than π leaves a phase pattern; from some 0.2 to 0.3 rad on the atoms emit "
            "clockwise only, as the paper assumes for its timed Dicke state. (c) Back-scattering J, which couples the two "
            f"modes, for a tilt of {TILTS[-1]} rad and for inverted atoms: from some 0.2 κ on it undoes the choice and turns it round near κ/2.",
            drawing,
        )


def _draw_both_ways(ax: Any, found: Directions) -> None:
    unit = found.pulse.atoms**2 * found.pulse.rate()
    time = 1e3 * found.time
    ax.plot(time, found.one_way / unit, **style.PUBLISHED, label="paper: one direction")
    tilted = found.rates(CHOSEN)
    curves = (
        (found.rates(0.0).mean(axis=1), style.OURS, "inverted: each"),
        (tilted[:, 0], style.OURS_2, f"tilt {CHOSEN}: clockwise"),
        (tilted[:, 1], style.OURS_3, f"tilt {CHOSEN}: counter-cl."),
    )
    for rates, look, label in curves:
        mean, error = rates.mean(axis=0) / unit, rates.std(axis=0, ddof=1) / sqrt(len(rates)) / unit
        ax.plot(time, mean, **look, label=label)
        ax.fill_between(time, mean - error, mean + error, color=look["color"], alpha=0.2, linewidth=0)
    ax.set(xlabel="time (ms)", ylabel=r"emitted photons / $N^2\Gamma$", xlim=(0, 25), ylim=(0, 0.38))
    ax.legend(loc="upper right")


def _draw_tilts(ax: Any, found: Directions) -> None:
    photons = found.photons([(tilt, 0.0) for tilt in TILTS])
    for k, look in enumerate(MARKS):
        ax.errorbar(TILTS, photons.mean[:, k], photons.error[:, k], **look, label=WAYS[k])
    ax.axhline(found.pulse.atoms, **style.PUBLISHED, label="paper: clockwise")
    ax.set(xlabel="tilt: $\\pi$ − area of the pulse (rad)", ylabel="emitted photons", ylim=(0, 490))
    ax.legend(loc="center right")


def _draw_backscattering(ax: Any, found: Directions) -> None:
    ratios = np.array(SCATTERING)
    photons = found.photons([(TILTS[-1], ratio * found.pulse.kappa) for ratio in ratios])
    for k, look in enumerate(MARKS):
        ax.errorbar(ratios, photons.mean[:, k], photons.error[:, k], **look, label=WAYS[k])
    inverted = found.photons([(0.0, ratio * found.pulse.kappa) for ratio in ratios[::2]])
    ax.errorbar(
        ratios[::2],
        inverted.mean[:, 0],
        inverted.error[:, 0],
        color="0.5",
        linestyle=":",
        marker="v",
        label="inverted: each",
    )
    ax.set(xlabel=r"back-scattering $J/\kappa$", ylabel="emitted photons", ylim=(0, 490))
    ax.legend(loc="upper right")


def draw_broadening(found: Broadening, lattice: float) -> Figure:
    """The pulse of atoms of different frequencies; `lattice` is the paper's uncertainty of the frequency (rad/s)."""
    sigmas = tau * np.array([0.0, 30, 60, 120, round(lattice / tau)])
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        curves, rest, check = axes[0]
        remnants = [found.remnant(sigma) for sigma in sigmas]
        _draw_curves(curves, found, sigmas, remnants)
        _draw_rest(rest, found, sigmas, remnants)
        _draw_check(check, found)
        for ax, letter in zip(axes[0], "abc", strict=True):
            ax.legend()
            style.panel(ax, letter)
        last = remnants[-1]
        return Figure(
            "figure-inhomogeneity",
            "Atoms of different frequencies",
            f"{found.pulse.atoms} atoms with a Gaussian spread σ of their frequencies, truncated Wigner ({found.batches} × {found.trajectories} trajectories, {found.groups} frequencies; bars: standard "
            f"errors). (a) Pulses; dotted: identical atoms, exact. (b) Peak rate and emitted part up to 40/NΓ = {1e3 * found.time[-1]:.0f} ms; vertical: "
            f"NΓ/2π = {found.width / tau:.0f} Hz; dash-dotted: atoms that emit one by one (N Γ). With the paper's {lattice / tau:.0f} Hz, were it a spread among the atoms, the "
            f"peak would be {last.peak:.4f}({1e4 * last.peak_error:.0f}) N²Γ, {found.ladder.peak / last.peak:.0f} times lower than that of identical atoms: such an uncertainty can only be common to all "
            f"atoms and change from shot to shot. (c) {FEW} atoms at three frequencies: truncated Wigner (symbols) against the exact "
            "master equation with the cavity kept (lines).",
            drawing,
        )


def _draw_curves(ax: Any, found: Broadening, sigmas: Any, remnants: Any) -> None:
    unit, time = found.pulse.atoms**2 * found.pulse.rate(), 1e3 * found.time
    ax.plot(time, found.ladder.rate / unit, **style.PUBLISHED)
    looks = (style.OURS, style.OURS_2, style.OURS_3, {"color": "0.3", "linestyle": "-"})
    for sigma, remnant, look in zip(sigmas, remnants, looks, strict=False):
        ax.plot(time, remnant.rate / unit, **look, label=rf"$\sigma/2\pi={sigma / tau:.0f}$ Hz")
    ax.set(xlabel="time (ms)", ylabel=r"emitted photons / $N^2\Gamma$", xlim=(0, 30), ylim=(0, None))


def _draw_rest(ax: Any, found: Broadening, sigmas: Any, remnants: Any) -> None:
    hertz = sigmas / tau
    peaks, parts = ([getattr(r, name) for r in remnants] for name in ("peak", "emitted"))
    errors = [[getattr(r, f"{name}_error") for r in remnants] for name in ("peak", "emitted")]
    ax.errorbar(hertz, parts, errors[1], **MARKS[1], label="emitted part")
    ax.errorbar(hertz, peaks, errors[0], **MARKS[0], label=r"peak / $N^2\Gamma$")
    ax.axhline(1 / found.pulse.atoms, **style.LAW, label="independent atoms")
    ax.axvline(found.width / tau, color="0.6", linewidth=0.8, linestyle=":")
    ax.set(xlabel=r"spread $\sigma/2\pi$ (Hz)", yscale="log", ylim=(1.5e-3, 20))
    ax.set_xscale("symlog", linthresh=30)
    ax.set_xticks([0, 30, 120, 735], ["0", "30", "120", "735"])
    ax.minorticks_off()
    ax.set_xlim(-4, 1000)


def _draw_check(ax: Any, found: Broadening) -> None:
    ratios, pairs = list(found.checks), list(found.checks.values())
    for name, look, label in (
        ("emitted", MARKS[1], "emitted part"),
        ("peak", MARKS[0], r"peak / $N^2\Gamma$"),
    ):
        exact = [getattr(e, name) for e, _ in pairs]
        ax.plot(ratios, exact, color=look["color"], linestyle=look["linestyle"])
        values = [getattr(w, name) for _, w in pairs]
        errors = [getattr(w, f"{name}_error") for _, w in pairs]
        ax.errorbar(ratios, values, errors, **{**look, "linestyle": ""}, label=label)
    ax.set(xlabel=r"spread $\sigma/N\Gamma$", ylim=(0, 1.4))
