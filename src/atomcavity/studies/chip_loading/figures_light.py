"""Light shifts of the probed line, and the probe that saturates the atom."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from atomcavity.dynamics import MeanField
from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.light_shifts import LightShifts
from atomcavity.studies.chip_loading.published import printed
from atomcavity.studies.chip_loading.saturation import Saturation
from atomcavity.studies.chip_loading.sites import on_axis
from atomcavity.studies.chip_loading.static import NANO

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2, style.OURS_3)


def draw_light_shifts(shifts: LightShifts) -> Figure:
    """Polarizabilities of both levels; shift and transmission of one atom against its height, and without a shift."""
    static = shifts.static
    device = static.device
    with style.figure(style.PAGE, 2.7, 1, 3) as (drawing, axes):
        _draw_polarizabilities(axes[0, 0], shifts)
        moved, light = axes[0, 1:]
        heights = np.linspace(100e-9, 400e-9, 301)
        r = on_axis(heights)
        beside = r + np.array([0.0, static.trap[1], 0.0])
        for one, look in zip(static.devices, LOOKS, strict=False):
            name = f"blue {one.blue_energy / MEGA:g} MHz"
            moved.plot(heights / NANO, one.light_shift(beside) / MEGA, **look, label=name)
            light.plot(heights / NANO, one.probe.transmission(r[:, None, :]), **look, label=name)
        free = replace(device.probe, shift=None)
        light.plot(heights / NANO, free.transmission(r[:, None, :]), **style.OURS_3, label="magic blue")
        place = static.trap[2] / NANO
        moved.plot([place], [static.shift / MEGA], "D", **_DIAMOND, label="printed")
        light.axhline(
            static.ceiling(float(device.coupling(static.trap)))[0], **style.LAW, label="highest, 277 MHz"
        )
        moved.set(
            xlabel=f"$z$ at $|y|={static.trap[1] / NANO:g}$ nm (nm)",
            ylabel="shift of the line$/2\\pi$ (MHz)",
            xlim=(100, 400),
        )
        light.set(
            xlabel="$z$ above the middle (nm)", ylabel="transmission $T_1$", xlim=(100, 400), ylim=(0, 1)
        )
        for ax, letter in zip(axes[0], "abc", strict=True):
            style.panel(ax, letter)
        for ax in (moved, light):
            ax.legend(loc="lower right" if ax is moved else "upper right")
        (magic,) = shifts.magic
        return Figure(
            "figure-light-shifts",
            "Light shifts of the probed line",
            f"(a) Scalar polarizabilities of both levels: equal at {magic / NANO:.2f} nm, between the D₂ line and a line of the upper level at "
            f"794.6 nm. (b) Shift of the line by the blue field beside the middle (diamond: printed, in the trap). (c) One atom above the middle: with the shift, and with none, as at the magic wavelength. Above the "
            "middle the strong blue field never lets more than the dash-dotted part through.",
            drawing,
        )


_DIAMOND: Any = {"color": "k", "markerfacecolor": "white", "linestyle": "none"}


def _draw_polarizabilities(ax: Any, shifts: LightShifts) -> None:
    """alpha of both levels, with gaps at the resonances."""
    given = shifts.static.device.experiment
    wavelengths = np.linspace(770e-9, 960e-9, 3801)
    for values, look, name in zip(
        shifts.polarizabilities(wavelengths), LOOKS, ("6S$_{1/2}$", "6P$_{3/2}$"), strict=False
    ):
        gaps = np.where(np.abs(np.gradient(values)) > 3e3, math.nan, values)
        ax.plot(wavelengths / NANO, gaps / 1e3, **look, label=name)
    for wavelength, name in (
        (shifts.magic[0], "magic"),
        (given.blue.wavelength, "blue"),
        (given.belt.wavelength, "belt"),
    ):
        ax.axvline(wavelength / NANO, color="0.7", linewidth=0.8, zorder=0)
        ax.annotate(name, (wavelength / NANO, 17.5), fontsize=6, rotation=90, ha="right", va="top")
    ax.set(xlabel="wavelength (nm)", ylabel="scalar $\\alpha$ (10$^3$ a.u.)", ylim=(-20, 20), xlim=(770, 960))
    ax.legend(loc="lower left")


def draw_saturation(saturation: Saturation, *, quick: bool = False) -> Figure:
    """Transmission against the rate of the probe's photons: master equation, mean field, formula for weak light."""
    static, rates = saturation.static, np.array(saturation.rates)
    cases = [(static.shift, 1, f"1 atom, {static.shift / MEGA:g} MHz"), (0.0, 1, "1 atom, no shift")]
    cases += [] if quick else [(static.shift, 2, f"2 atoms, {static.shift / MEGA:g} MHz")]
    with style.figure(style.PAGE, 2.7, 1, 2) as (drawing, axes):
        light, excited = axes[0]
        for (shift, atoms, name), look in zip(cases, LOOKS, strict=False):
            curve = saturation.curve(shift, atoms)
            light.semilogx(rates, [one.total for one in curve], **look, label=name)
            light.semilogx(rates, [one.coherent for one in curve], color=look["color"], linewidth=0.6)
            classical = [saturation.driven(rate, shift, atoms, method=MeanField()).total for rate in rates]
            light.semilogx(rates, classical, ".", color=look["color"])
            weak = static.transmission(static.g, shift, atoms)
            light.axhline(weak, color=look["color"], linestyle=":", linewidth=0.8)
            excited.loglog(rates, [one.excited for one in curve], **look, label=name)
        light.axhline(static.trapped[0], color="0.6", linewidth=0.8, label="no atom")
        for ax in (light, excited):
            ax.axvline(saturation.probe_rate, **style.PUBLISHED)
            ax.set(xlabel="probe photons per second in the bus", xlim=(rates[0], rates[-1]))
        light.set(ylabel="transmission $T$", ylim=(0, 0.6))
        excited.set(ylabel="excited population of an atom")
        light.legend(loc="upper right")
        excited.legend(loc="lower right")
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-saturation",
            "A probe that saturates the atom",
            f"(a) Both directions of the ring and atoms with g/2π = {static.g / MEGA:g} MHz by the master equation (thin: the coherent part; "
            "dots: mean field), beside the formula for weak light (dotted, horizontal). (b) Excited population. Vertical: the rate that gives "
            f"the paper's counts, {printed('background'):g} in 200 µs with an empty ring, if every transmitted photon is counted; with a detection efficiency "
            "of 0.1 it is ten times higher.",
            drawing,
        )
