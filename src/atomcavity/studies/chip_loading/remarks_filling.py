"""What the calculation says about the filling of the belt and its alignment, in sentences with their numbers."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.detection.analysis.occupation import poisson_average
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.figures_alignment import SHOWN
from atomcavity.studies.chip_loading.filling import FilledSites
from atomcavity.studies.chip_loading.filling_part import FillingPart
from atomcavity.studies.chip_loading.halting import HOLD, Halting
from atomcavity.studies.chip_loading.published import printed, printed_row
from atomcavity.studies.chip_loading.pulses import (
    BRIGHTER,
    FIRST,
    REST,
    WINDOW,
    Pulses,
    Scatter,
    sets_within,
)

RAMP = 1e-3
"""In which the belt reaches its speed (s), Sec. II."""


def about_filling(part: FillingPart) -> list[str]:
    """Sites, notches, pulses; mean occupation; alignment; the belt halted by it."""
    found = part.pulses
    return [*_sites(found), *_occupation(found), *_alignment(found), *_halted(part)]


def _sites(found: Pulses) -> list[str]:
    sites, filling = found.sites, found.sites.filling
    given = sites.device.experiment.cooling
    nodes = {
        math.degrees(a): sites.device.line.wavelength / (2 * math.sin(a))
        for a in (math.radians(5.0), given.grazing_angle)
    }
    shares = ", ".join(
        f"{100 * filling.share(name):.1f} % {text}"
        for name, text in (
            ("surface", "reach the chip"),
            ("outside", "are not over the sites"),
            ("free", "are not bound"),
            ("heated", "are heated out again"),
            ("held", "stay"),
        )
    )
    other = FilledSites(sites.transport, 0)
    strong = float(poisson_average(other.curves, float(filling.number.max())).max())
    bright = int(np.sum(found.peaks > 0.5))
    rides = sites.bank.rides
    return [
        f"The sites up to number {sites.last} hold atoms, {sites.mean_occupation(1, sites.last):.2f} on average, the notches included; {filling.occupied()} hold half an atom or more. The paper sees some {printed('occupied_sites'):g}. "
        f"Of {filling.fates.sum():.0f} atoms released {shares} (number of atoms, size of the cloud, heating and waist of the cooling beam are ours, chosen for this result).",
        "Notches: a node of the cooling light every "
        + ", ".join(
            f"{period / sites.device.spacing:.1f} sites at {angle:.3g}°" for angle, period in nodes.items()
        )
        + f"; the observed {printed('notch'):g} ask for the latter.",
        "An atom in a node is as hot as it was caught and leaves by the heating; without that it would stay, and the notches would not be dark. "
        f"The lowest pass between two sites lies beside the axis, where only the wide bottom beam is left: the sites are {filling.depth[0] / 1.380649e-23 * 1e6:.0f} µK deep at the chip and "
        f"{filling.depth[sites.last - 1] / 1.380649e-23 * 1e6:.0f} µK at the last site, because the tweezer widens.",
        f"{bright} of {len(found.peaks)} sites reach a mean transmission above 0.5 after realignment (paper: the majority). That takes the weaker blue field: with the stronger one, which gives the printed "
        f"light shift, a site with the largest mean number, {filling.number.max():.1f}, reaches {strong:.2f}.",
        f"The ramp of the belt in {RAMP * 1e3:g} ms takes {RAMP / sites.period / 2:.0f} sites past the ring before the full speed is reached; the figures count the sites from the chip as if at full speed. "
        f"{100 * rides.share('held'):.0f} % of the atoms are still near the chip when their site is half a spacing below it; from then on they are left out, and what the following site does to them is not in it.",
    ]


def _occupation(found: Pulses) -> list[str]:
    _, fit, true = found.single
    folded = found.single[0]
    value, error = fit["occupation"]
    published = printed_row("fitted_occupation")
    filled, even = (found.coverage(n) for n in (None, found.sites.device.occupation))
    other = found.occupation(folded, FilledSites(found.sites.transport, 0).curves)["occupation"]
    pulls = [(values[:, 0] - values[:, 3]) / values[:, 1] for values in (filled, even)]
    bias = float(np.mean(filled[:, 0] / filled[:, 3] - 1))
    return [
        f"Fig. 3a: one transport of {folded.sites} sites gives n̄ = {value:.2f} ± {error:.2f} (these sites held {true:.2f}); the paper fits {published[0]:g} ± {published[1]:g}. In {len(even)} transports with the same Poisson law in all sites "
        f"{100 * np.mean(np.abs(pulls[1]) < 1):.0f} % of the fits are within one error of the law's mean (68 % expected), with a mean deviation of {pulls[1].mean():+.2f} errors. The scatter of the numbers is a part of the error: the mean number "
        f"in the sites of one transport scatters by {even[:, 2].std():.2f}.",
        f"With the notches the fit comes out {100 * abs(bias):.0f} % too {'low' if bias < 0 else 'high'}, because empty sites and fuller ones scatter more than one Poisson law: {100 * np.mean(np.abs(pulls[0]) < 1):.0f} % within one error.",
        f"The curves T_n weigh more than the counts: the same clicks fitted with the curves of the stronger blue field give n̄ = {other[0]:.1f} ± {other[1]:.1f}.",
    ]


def _alignment(found: Pulses) -> list[str]:
    sites, published = found.sites, printed("alignment_scatter")
    window, best = found.scatters["published"], found.scatters["likelihood"]
    spacing = sites.device.spacing * 1e9
    needed = (found.limit() / published) ** 2
    peaks = [Scatter.of(each) for each in found.peaks_of_rest["likelihood"]]
    lucky = [sets_within(each, published, SHOWN) for each in found.peaks_of_rest["likelihood"]]
    clicks = FIRST * sites.period * float(sites.template(sites.mean_occupation(1, FIRST)).mean())
    return [
        f"Fig. 3b, c: at the printed count rate the first {FIRST} sites send {clicks:.0f} clicks. The largest running average over {WINDOW * 1e6:g} µs "
        f"finds their phase to {window[0].deviation:.3f} d = {window[0].deviation * spacing:.0f} nm (standard deviation from the truth), maximum likelihood with the expected pulse to {best[0].deviation:.3f} d = {best[0].deviation * spacing:.0f} nm "
        f"(two thirds of the transports within {best[0].middle:.3f} d; the rest are outliers), and no unbiased method can be better than {found.limit():.3f} d on average. The published {published:g} d = {published * spacing:.0f} nm is not reached at this count rate: "
        f"it takes at least {needed:.0f} times as many clicks, from a brighter probe or from repeated transports. The paper does not give the count rate of Fig. 3.",
        f"The published number is the scatter of the peaks of Gaussian fits to the following {REST} sites of {SHOWN} transports. Ours of {len(found.peaks_of_rest['likelihood'][0])} transports, aligned by likelihood: "
        + ", ".join(
            f"{peak.deviation:.3f} d at {factor:g} times the power"
            for factor, peak in zip(BRIGHTER, peaks, strict=True)
        )
        + f". {SHOWN} transports say little about it: {100 * lucky[2]:.0f} % of all sets of {SHOWN} at {BRIGHTER[2]:g} times the power come out at {published:g} d or less, {100 * lucky[-1]:.0f} % at {BRIGHTER[-1]:g} times, {100 * lucky[0]:.1f} % at the printed one.",
        f"With {BRIGHTER[-1]:g} times the light the likelihood reaches {best[-1].deviation:.4f} d, the running average stays at {window[-1].deviation:.3f} d: the top of the pulse is flat, and the few atoms of ten sites, each with its own motion, move its highest "
        "point about. Where the pulse begins and ends says more than where it is highest.",
    ]


def _halted(part: FillingPart) -> list[str]:
    best, window = part.halting, part.halting_by_window
    aligned, blind = best.aligned, best.blind
    spacing = part.pulses.sites.device.spacing * 1e9
    (_, places), (_, blind_places) = best.at_rest(aligned), best.at_rest(blind)
    clear, random = (found.g[found.atom_kept] / MEGA for found in (aligned, blind))
    rate = part.pulses.sites.bank.frequency_hz / best.frequency_hz
    return [
        f"Sec. III, the belt that aligns itself, as one simulated run with the feedback's speed: at {best.frequency_hz / 1e3:g} kHz the same probe sends {rate:.1f} times as many clicks a site. The clicks of the first {FIRST} sites halt the next one at "
        f"{best.height:.2f} d, where a single atom transmits most; over {best.runs} runs its height at rest scatters by {best.scatter.deviation:.4f} ± {best.scatter.error:.4f} d = {best.scatter.deviation * spacing:.1f} nm with the likelihood "
        f"(the clicks alone allow {part.pulses.slow.limit():.4f} d; published, at 50 kHz: {printed('alignment_scatter'):g} d), and by {window.scatter.deviation:.2f} d with the running average over the same part of a period.",
        f"{100 * Halting.share(aligned):.0f} % of the halted atoms are there {HOLD * 1e6:g} µs later. Their mean heights scatter by {places.std() * 1e9:.1f} nm (random stops: {blind_places.std() * 1e9:.0f} nm), "
        f"their mean couplings g/2π are {clear.mean():.0f} ± {clear.std():.0f} MHz (random stops: {random.mean():.0f} ± {random.std():.0f} MHz). The atom follows the site less and less near the surface: the blue field holds it up.",
    ]
