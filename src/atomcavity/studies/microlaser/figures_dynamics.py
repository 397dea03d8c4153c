"""Figures 3 and 4 of the paper, drawn from `Emission` and `Lasing`."""

from __future__ import annotations

import numpy as np

from atomcavity.reports import Figure, style
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.pulse import Emission

_PUBLISHED_LINES = {"max": PUBLISHED.line_max, "30": PUBLISHED.line_30}
_PUMP_NAMES = {"max": r"$\Gamma_{\max}$", "30": r"$30\,\gamma$"}
_PUMP_STYLES = {
    "max": {**style.OURS, "marker": "o"},
    "30": {**style.OURS_2, "marker": "s", "markerfacecolor": "white"},
}


def draw_emission(emission: Emission) -> Figure:
    """Fig. 3a, b: photon number, intermode and interatomic correlation, excited population in time."""
    gamma = emission.rates.gamma
    with style.figure(style.PAGE, 5.6, 3, 4, sharex="col") as (drawing, axes):
        for column, (quality, atoms) in enumerate(((1e7, 1), (1e7, 5), (1e8, 1), (1e8, 5))):
            run = emission.evolutions[quality, atoms]
            time = run.time * gamma
            top, middle, bottom = axes[:, column]
            top.plot(
                time, run.photon_number[0], **style.OURS, label=r"$N_{p,\mathrm{CW}}=N_{p,\mathrm{CCW}}$"
            )
            top.plot(time, np.abs(run.mode_correlation[0, 1]), **style.OURS_2, label=r"$C_p$")
            middle.plot(time, atoms * run.excited_population[0], **style.OURS, label=r"$N_a$")
            if quality == 1e7:
                purcell = np.exp(-emission.rates.purcell_decay(quality) * run.time)
                middle.plot(time, atoms * purcell, **style.LAW, label=r"$N e^{-2F\gamma t}$")
            else:
                envelope = np.exp(-emission.rates.kappa(quality) * run.time / 2)
                middle.plot(time, atoms * envelope, **style.LAW, label=r"$N e^{-\kappa t/2}$")
            middle.legend()
            if atoms > 1:
                bottom.plot(time, np.abs(run.emitter_correlation[0, 0]), **style.OURS)
                last = bottom
            else:  # one atom: no pairs
                bottom.set_axis_off()
                last = middle
                last.tick_params(labelbottom=True)
            last.set_xlabel(r"time $\gamma t$")
            last.set_xlim(0, time[-1])
            top.set_title(f"$Q=10^{{{np.log10(quality):.0f}}}$, $N={atoms}$")
            if atoms == 1:
                style.panel(top, "a" if quality == 1e7 else "b")
        axes[0, 0].legend()
        for ax, label in zip(
            (*axes[:2, 0], axes[2, 1]),
            ("photons in a mode", "excited atoms", "correlation $C_a$"),
            strict=True,
        ):
            ax.set_ylabel(label)
        drawing.align_ylabels(axes[:2, 0])
        return Figure(
            "figure-3ab",
            "Figure 3a, b: spontaneous emission of inverted atoms",
            "Exact master equation. Solid: photons in each mode, excited atoms, interatomic correlation; dashed: "
            "intermode correlation (it coincides with the photon number). Dash-dotted: the paper's laws exp(−2Fγt) for the "
            "fast cavity and exp(−κt/2), the envelope, for the slow one.",
            drawing,
        )


def draw_coincidences(emission: Emission) -> Figure:
    """Fig. 3c, d: self- and cross-coincidences of the pulsed source from click records."""
    gamma = emission.rates.gamma
    with style.figure(style.PAGE, 3.6, 2, 4) as (drawing, axes):
        for column, (quality, atoms) in enumerate(((1e7, 1), (1e7, 5), (1e8, 1), (1e8, 5))):
            period = emission.duration(quality, atoms)
            bins = np.linspace(-2.5 * period, 2.5 * period, 251)
            centres = (bins[1:] + bins[:-1]) / 2 * gamma
            for row, pair in enumerate((("mode 0", "mode 0"), ("mode 0", "mode 1"))):
                ax = axes[row, column]
                counts = emission.records[quality, atoms].coincidences(bins, *pair).counts
                ax.fill_between(centres, counts, step="mid", color=style.OURS["color"], linewidth=0)
                ax.set_xlim(centres[0], centres[-1])
                ax.set_ylim(bottom=0)
                ratio, error = emission.records[quality, atoms].pulse_ratio(*pair)
                ax.set_title(f"{ratio:.3f}({1e3 * error:.0f})" if atoms > 1 else "0", loc="right", fontsize=6)
            axes[0, column].set_title(f"$Q=10^{{{np.log10(quality):.0f}}}$, $N={atoms}$", loc="left")
            axes[1, column].set_xlabel(r"delay $\gamma\tau$")
        axes[0, 0].set_ylabel("coincidences\nCW with CW")
        axes[1, 0].set_ylabel("coincidences\nCW with CCW")
        return Figure(
            "figure-3cd",
            "Figure 3c, d: Hanbury Brown–Twiss coincidences of the pulsed source",
            f"Counted in the click records of {emission.pulses:,} pulses a panel (quantum jumps without time step; the "
            "atoms are inverted again and the cavity emptied every period). One atom never gives two clicks in a "
            "pulse: the peak at zero delay is absent. Five atoms bunch: the peak at zero delay is higher and narrower than the "
            "side peaks, though its area is only 1 − 1/N of theirs. Bins of T/50; at the upper right of each panel the ratio "
            "of the zero-delay peak to a side peak, summed over the peaks (statistical error of the last digits).",
            drawing,
        )


def draw_one_atom(lasing: Lasing) -> Figure:
    """Fig. 4a: photon number and g2(0) against the pump, g1(tau) and S(omega) at Gamma_max, one atom."""
    gamma = lasing.rates.gamma
    looks = {1e7: style.OURS_2, 1e8: style.OURS}
    with style.figure(style.PAGE, 4.6, 2, 2) as (drawing, axes):
        photons, first, power, second = axes.ravel()
        for quality, look in looks.items():
            label = f"$Q=10^{{{np.log10(quality):.0f}}}$"
            states = lasing.one_atom[quality]
            photons.plot(lasing.pump_axis / 1e7, [s.photon_number[0] for s in states], **look, label=label)
            second.plot(lasing.pump_axis / 1e7, [s.g2[0] for s in states], **look, label=label)
            g1 = lasing.correlations[quality]
            first.plot(g1.delay * 1e6, g1.normalised.real, **look, label=label)
            s = lasing.spectra[quality]
            power.plot(s.detuning / gamma, s.density / s.density.max(), **look, label=label)
        amplitude, width, shift, theta = lasing.damped_cosine
        tau = lasing.correlations[1e8].delay
        fitted = amplitude * np.exp(-width * tau / 2) * np.cos(shift * tau + theta)
        first.plot(tau * 1e6, fitted, **style.LAW, label=r"damped cosine, $Q=10^{8}$")
        power.plot([-PUBLISHED.width_fast / 2, PUBLISHED.width_fast / 2], [0.5, 0.5], color="k", marker="|", markersize=7, linestyle=":",
                   label="published width")  # fmt: skip
        widths = {q: s.full_width[0] for q, s in lasing.spectra.items()}
        pole = lasing.spectra[1e8].poles[0]
        for sign in (-1, 1):
            power.axvline(sign * abs(pole.imag) / gamma, color="0.6", linewidth=0.8, linestyle=":")
        photons.set(
            xlabel=r"pump rate $\Gamma$ ($10^7$ s$^{-1}$)",
            ylabel="photons in a mode $N_{p,s}$",
            ylim=(0, None),
        )
        second.set(xlabel=r"pump rate $\Gamma$ ($10^7$ s$^{-1}$)", ylabel="$g^{(2)}(0)$", ylim=(0, 1))
        first.set(xlabel=r"delay $\tau$ (µs)", ylabel=r"$g^{(1)}(\tau)$", xlim=(0, 0.2))
        power.set(
            xlabel=r"detuning $(\omega-\omega_0)/\gamma$",
            ylabel=r"$S(\omega)$ / maximum",
            xlim=(-2000, 2000),
            ylim=(0, 1.05),
        )
        for ax, letter in zip(axes.ravel(), "abcd", strict=True):
            ax.legend()
            style.panel(ax, letter)
        return Figure(
            "figure-4a",
            "Figure 4a: one-atom laser",
            "(a) photons in a mode, (b) first-order correlation at Γmax, (c) spectrum at Γmax, (d) g⁽²⁾(0). Dash-dotted in "
            f"(b): the paper's damped cosine fitted to our curve, Δ = {width / gamma:.0f} γ (print: {PUBLISHED.width_slow:.0f} γ). Full widths at half "
            f"maximum in (c): {widths[1e7] / gamma:.0f} γ at Q = 10⁷ (print: {PUBLISHED.width_fast:.0f} γ, the dotted bar) and {widths[1e8] / gamma:.0f} γ at "
            "10⁸. Verticals in (c): the poles of the Q = 10⁸ correlation function, which lie off centre although the spectrum "
            "has a single maximum (the paper shows two).",
            drawing,
        )


def draw_many_atoms(lasing: Lasing) -> Figure:
    """Fig. 4b-f: photon number, distribution, population, correlation and g2(0) against the number of atoms."""
    atoms = np.array(lasing.atoms)
    with style.figure(style.PAGE, 4.6, 2, 3) as (drawing, axes):
        number, histogram, histogram_30, population, pairs, second = axes.ravel()
        for name, states in lasing.against_atoms.items():
            look = {**_PUMP_STYLES[name], "label": _PUMP_NAMES[name]}
            number.plot(atoms, [s.photon_number[0] for s in states], **look)
            slope, offset = _PUBLISHED_LINES[name]
            number.plot(atoms, slope * atoms + offset, **style.PUBLISHED)
            population.plot(atoms, [s.excited_population[0] for s in states], **look)
            pairs.plot(atoms[1:], [abs(s.emitter_correlation[0, 0]) for s in states[1:]], **look)
            second.plot(atoms, [s.g2[0] for s in states], **look)
        number.plot([], [], **style.PUBLISHED, label="published fits")
        for ax, name in ((histogram, "max"), (histogram_30, "30")):
            for n, mark in ((1, "o"), (4, "s"), (7, "^")):
                p = lasing.against_atoms[name][n - 1].photon_distribution[0]
                ax.plot(np.arange(len(p)), p, marker=mark, markerfacecolor="white", linewidth=0.8, color="k",
                        label=f"$N={n}$")  # fmt: skip
            ax.set(
                xlabel="photons in a mode $n$",
                ylabel="probability $P(n)$",
                xlim=(-0.3, 8.3),
                ylim=(0, 1),
                xticks=range(0, 9, 2),
            )
            ax.set_title(f"$\\Gamma$ = {_PUMP_NAMES[name]}", loc="right")
        number.set(ylabel="photons in a mode $N_{p,s}$", yscale="log", ylim=(0.01, 40))
        population.set(ylabel="excited fraction $N_{a,s}/N$", ylim=(0, 1))
        population.axhline(0.5, color="0.6", linewidth=0.8, linestyle=":")
        pairs.set(ylabel="interatomic correlation $C_{a,s}$", ylim=(0, None))
        second.set(ylabel="$g^{(2)}(0)$", ylim=(0, None))
        second.axhline(1, color="0.6", linewidth=0.8, linestyle=":")
        for ax in (number, population, pairs, second):
            ax.set(xlabel="number of atoms $N$", xticks=atoms)
        for ax, letter in zip(axes.ravel(), ("b", "c", "c′", "d", "e", "f"), strict=True):
            ax.legend(loc="upper left" if letter == "b" else "best")
            style.panel(ax, letter)
        return Figure(
            "figure-4b-f",
            "Figure 4b–f: many-atom laser at Q = 10⁸",
            "Circles: Γmax, squares: 30 γ; exact, without a photon cut-off that matters. Dotted in (b): the paper's straight "
            "lines. (c), (c′): photon-number distribution of one mode; (d) excited fraction; (e) interatomic correlation "
            "(modulus; it is negative for N = 2 at Γmax); (f) g⁽²⁾(0).",
            drawing,
        )
