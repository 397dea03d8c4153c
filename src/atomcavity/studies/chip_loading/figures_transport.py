"""Figures of the transport: transmission and cooperativity against the site's height, and against the belt's speed."""

from __future__ import annotations

from typing import Any

from atomcavity.reports import Figure, style
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.published import printed, published
from atomcavity.studies.chip_loading.transport import FEW, SITES, Transport
from atomcavity.studies.paper import Step

LOOKS: tuple[Any, ...] = (style.OURS, style.OURS_2)


def steps(found: Transport) -> list[Step]:
    """The figures, with the numbers by which they are asked for."""
    quick = found.quick
    return [
        Step("transport", ("2b", "transport"), 1 if quick else 5, lambda: draw_transport(found)),
        Step("transport of several atoms", ("2c",), 1 if quick else 4, lambda: draw_numbers(found)),
        Step("speed of the belt", ("speed",), 2 if quick else 9, lambda: draw_speed(found)),
    ]


def draw_transport(found: Transport) -> Figure:
    """Fig. 2b: T_1 and C along the ride, for both blue fields."""
    with style.figure(style.PAGE, 2.6, 1, 2, sharex=True) as (drawing, axes):
        light, coupling = axes[0]
        for k, (device, look) in enumerate(zip(found.devices, LOOKS, strict=False)):
            name = f"blue field {device.blue_energy / MEGA:g} MHz"
            few, few_c = found.few(k)
            for ax, curve, small in (
                (light, found.pulses[k][0], few),
                (coupling, found.cooperativities[k], few_c),
            ):
                ax.plot(curve.height, curve.mean, **look, label=f"{name}, {curve.sites} rides")
                ax.plot(curve.height, small, color=look["color"], linewidth=0.5, label=f"{FEW} rides")
        light.axhline(float(found.devices[0].probe.empty()), **style.LAW)
        light.plot(
            [printed("peak_height")],
            [published("s4.mc_T1peak_B100")],
            marker=(3, 0, 0),
            color="k",
            markerfacecolor="white",
            linestyle="none",
            label="published: peak above 0.4 near d/4",
        )
        coupling.plot(
            [printed("peak_height")],
            [printed("largest_cooperativity")],
            marker=(3, 0, 0),
            color="k",
            markerfacecolor="white",
            linestyle="none",
            label="published: beyond 4",
        )
        light.set(ylabel="transmission $T_1$", xlabel="site height $z_0/d$", xlim=(1.0, -0.3), ylim=(0, 0.9))
        coupling.set(ylabel="cooperativity $C$", xlabel="site height $z_0/d$", ylim=(0, 7))
        for ax, letter in zip(axes[0], "ab", strict=True):
            ax.legend(loc="upper left")
            style.panel(ax, letter)
        return Figure(
            "figure-2b",
            "Figure 2b: transmission and cooperativity during the transport",
            f"(a) Transmission with one atom in the site and (b) its cooperativity, against the height of the site, at "
            f"{found.bank.frequency_hz / 1e3:g} kHz; thick: mean of all rides, thin: of {FEW}, in which the motion along z still shows. "
            "The atom is shifted out of resonance by the blue field: with the strength that gives the printed light shift the printed "
            "peak cannot be reached; with the weaker one it is. Triangles: the paper's statements, lower limits (for C without a height); dash-dotted: no atom.",
            drawing,
        )


def draw_numbers(found: Transport) -> Figure:
    """Fig. 2c: T_n for n = 1 ... 6, with the driven mode only and with both modes."""
    with style.figure(style.PAGE, 2.6, 1, 3, sharex=True, sharey=True) as (drawing, axes):
        sets = [*found.pulses[:2], found.both_modes]
        titles = [
            *(
                f"driven mode, blue field {u / MEGA:g} MHz"
                for u in found.devices[0].experiment.blue.energy[:2]
            ),
            f"both modes, {found.devices[0].blue_energy / MEGA:g} MHz",
        ]
        for ax, curves, title, letter in zip(axes[0], sets, titles, "abc", strict=True):
            for n, curve in enumerate(curves, start=1):
                shade = _shade(n)
                ax.fill_between(
                    curve.height,
                    curve.mean - curve.spread,
                    curve.mean + curve.spread,
                    color=shade,
                    alpha=0.2,
                    linewidth=0,
                )
                ax.plot(curve.height, curve.mean, color=shade, linewidth=1.0, label=f"$n={n}$")
            ax.set(xlabel="site height $z_0/d$", xlim=(1.0, -0.3), ylim=(0, 1))
            ax.set_title(title, fontsize=7, loc="right")
            style.panel(ax, letter)
        axes[0, 0].set(ylabel="transmission $T_n$")
        axes[0, 0].legend(loc="upper left", ncols=2, columnspacing=0.8)
        return Figure(
            "figure-2c",
            "Figure 2c: transmission with n atoms in a site",
            f"Mean (lines) and standard deviation over {found.pulses[0][1].sites} sites (bands) of n = 1 to {SITES} atoms. (a), (b) Eqs. (5), (6): atoms "
            "couple to the driven mode only. (c) Atoms couple to both directions of circulation, averaged over the phase of the site along the ring.",
            drawing,
        )


def _shade(n: int) -> Any:
    import matplotlib as mpl

    return mpl.colormaps["viridis"]((n - 1) / (SITES - 0.5))


def draw_speed(found: Transport) -> Figure:
    """Peak of T_1 and place of the loss against the belt's frequency."""
    with style.figure(style.PAGE, 2.4, 1, 2, sharex=True) as (drawing, axes):
        light, place = axes[0]
        for k, (fates, look) in enumerate(zip(found.fates, LOOKS, strict=False)):
            name = f"blue field {found.devices[k].blue_energy / MEGA:g} MHz"
            speed = [fate.frequency_hz / 1e3 for fate in fates]
            light.errorbar(
                speed, [f.peak for f in fates], [f.peak_error for f in fates], **look, marker="o", label=name
            )
            place.errorbar(speed, [f.height for f in fates], [f.spread for f in fates], **look, marker="o")
        place.axhline(printed("peak_height"), **style.PUBLISHED, label="published: the trap opens below 0.25")
        light.set(
            xlabel="frequency of the belt (kHz)", ylabel="largest mean $T_1$", xscale="log", ylim=(0, 0.7)
        )
        place.set(
            xlabel="frequency of the belt (kHz)", ylabel="site height at the loss $z_0/d$", ylim=(-0.6, 0.5)
        )
        light.legend(loc="lower left")
        place.legend(loc="upper right")
        for ax, letter in zip(axes[0], "ab", strict=True):
            style.panel(ax, letter)
        return Figure(
            "figure-speed",
            "The belt's speed",
            "(a) Largest mean transmission with one atom (fewer rides than in Fig. 2b) and (b) height of the site at which the atom is lost (bars: standard deviation over "
            "atoms), against the frequency of the belt. A fast belt carries atoms closer before they notice that their trap has opened.",
            drawing,
        )
