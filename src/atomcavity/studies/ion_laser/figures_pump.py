"""Figures on the pump: the level between, eliminated, and all sublevels of the scheme of Fig. 3."""

from __future__ import annotations

from typing import Any

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.reports.page import number
from atomcavity.studies.ion_laser.power import PICO
from atomcavity.studies.ion_laser.pump_study import PUMPS, Elimination, Sublevels

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)
IMPURITIES = (0.0, 1e-5, 1e-4)
WEAKER = (1.0, 0.1, 0.02)
"""Rates of the repumping lasers relative to the file's."""


def draw_elimination(found: Elimination, *, quick: bool = False) -> Figure:
    """Error of the eliminated level against the drive, and the light shift of a detuned pump."""
    ratios = np.geomspace(1e-3, 0.3, 5 if quick else 8)
    with style.figure(style.PAGE, 2.6, 1, 2) as (drawing, axes):
        errors, shift = axes[0]
        for pump, look, marker in zip(PUMPS, LOOKS, "so", strict=False):
            values = found.errors(pump, ratios.tolist())
            errors.loglog(
                ratios, values, marker, color=look["color"], fillstyle="none", label=f"$w={pump:g}$ 1/s"
            )
            true = np.sqrt(pump * (1 + found.device.experiment.pump.xi) / found.decay)
            errors.axvline(true, color=look["color"], linewidth=0.6)
        xi = found.device.experiment.pump.xi
        errors.loglog(ratios, xi / (1 + xi) * ratios**2, **style.LAW, label="$\\xi/(1+\\xi)\\,(V/\\Gamma)^2$")
        errors.set(xlabel="drive over decay $V/\\Gamma$", ylabel="relative error of the power")
        errors.legend(loc="upper left", frameon=True, facecolor="white", edgecolor="none", framealpha=1)
        detunings = np.linspace(-1, 1, 3 if quick else 7) * found.decay
        pump = PUMPS[-1]
        light = found.shifted(pump, detunings.tolist())
        law = np.array([found.level(found.decay, each).light_shift(pump) for each in detunings])
        shift.plot(detunings / found.decay, law, **style.LAW, label="Eq. (A17)")
        shift.plot(
            detunings / found.decay,
            [each.shift for each in light],
            "o",
            color=style.OURS["color"],
            fillstyle="none",
            label="three levels",
        )
        shift.set(xlabel="detuning of the pump $\\Delta_p/\\Gamma$", ylabel="shift of the light (rad/s)")
        shift.legend(loc="upper left")
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        known = ", ".join(f"{number(found.error(each))} at w = {each:g} 1/s" for each in PUMPS)
        return Figure(
            "figure-elimination",
            "Eliminating the level that the pump goes through",
            "(a) Power of two-level ions, Eqs. (A15)-(A18), over that of ions with the level between, Eqs. (A5)-(A11) with their "
            "misprints corrected, less one, for a level that decays more and more slowly; thin lines: the true one, "
            f"Γ = {found.decay:.2g} 1/s, with errors of {known}. (b) Frequency of the light with the level kept and the pump "
            f"detuned, w = {pump:g} 1/s.",
            drawing,
        )


def draw_pumping(found: Sublevels, *, quick: bool = False) -> Figure:
    """Where an ion spends its time between two photons, and the power with all sublevels."""
    with style.figure(style.PAGE, 2.7, 1, 3, width_ratios=(1.2, 1, 1)) as (drawing, axes):
        where, power, strength = axes[0]
        _where(where, found)
        _against_pump(power, found, 9 if quick else 25)
        _against_strength(strength, found, 9 if quick else 21)
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        device, rate = found.device, max(laser.rate for laser in found.scheme.lasers)
        return Figure(
            "figure-pumping",
            f"Pumping through all {len(found.scheme.states)} sublevels",
            f"F = {device.F:g}, the strongest trap. (a) Time that an ion spends in the levels between two photons, at w = "
            f"{device.pump_rate:.0f} 1/s; diamond: the lower state of two-level ions. (b) Power of the continuous crystal, with "
            "all lasers but the pump at the file's rate and weaker. (c) Power against the "
            f"rate of these lasers (file: {number(rate)} 1/s), at w = {device.pump_rate:.0f} 1/s, for shares of wrong polarization in the "
            "499.55 nm laser: too slow, they leave ions behind in the 3D levels; too impure, they empty the upper lasing state.",
            drawing,
        )


def _where(ax: Any, found: Sublevels) -> None:
    times = found.scheme.populations(found.typical.response)
    lower, upper = found.device.lower[0], found.device.upper[0]
    rows = {"lower lasing state": times["lower state"], f"others of {lower}": times[lower]}
    rows |= {
        f"others of {upper}" if name == upper else name: times[name]
        for name in found.scheme.levels
        if name != lower and times[name] > 1e-3 * times["lower state"]
    }
    ax.barh(range(len(rows)), np.array(list(rows.values())) * 1e3, color=style.OURS["color"])
    two = 1e3 / (found.device.pump_rate + found.device.line.gamma)
    ax.plot([two], [0], "D", color="k", markerfacecolor="white")
    ax.set_yticks(range(len(rows)), list(rows))
    ax.invert_yaxis()
    ax.set(xlabel="time for each photon (ms)")


def _against_pump(ax: Any, found: Sublevels, points: int) -> None:
    device = found.device
    top = float(device.continuum.thresholds(device.zeta)[1])
    pumps = np.linspace(0.01, 1.1, points) * top
    fine = np.linspace(0.0, 1.1, 100) * top
    rate = max(laser.rate for laser in found.scheme.lasers)
    for factor, look in zip(WEAKER, LOOKS, strict=True):
        values = [found.power(w, factor) for w in pumps]
        ax.plot(pumps, values, **look, label=f"{number(rate * factor)} 1/s")
    two = device.continuum.power(fine, device.zeta) / PICO
    ax.plot(fine, two, **style.PUBLISHED, label="two levels")
    ax.set(xlabel="pump rate $w$ (1/s)", ylabel="power (pW)", xlim=(0, fine[-1]), ylim=(0, 1.6 * two.max()))
    ax.legend(loc="upper right")


def _against_strength(ax: Any, found: Sublevels, points: int) -> None:
    rate = max(laser.rate for laser in found.scheme.lasers)
    factors = np.geomspace(1e-3, 30, points)
    largest = found.power(found.device.pump_rate, factors[-1])
    for impurity, look in zip(IMPURITIES, LOOKS, strict=True):
        scheme = found.impure(impurity)
        values = [found.power(found.device.pump_rate, factor, scheme) for factor in factors]
        ax.semilogx(factors * rate, values, **look, label=number(impurity))
    ax.set(xlabel="rate of the other lasers (1/s)", ylabel="power (pW)", ylim=(0, 1.5 * largest))
    ax.legend(title="wrong polarization", loc="upper left")
