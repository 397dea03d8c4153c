"""What the calculation says about the filling of the belt and its alignment, in sentences with their numbers."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.detection.analysis.occupation import poisson_average
from atomcavity.studies.chip_loading.filling import FilledSites
from atomcavity.studies.chip_loading.pulses import BRIGHTER, FIRST, WINDOW, Pulses

PUBLISHED_SCATTER = 0.008
RAMP = 1e-3
"""In which the belt reaches its speed (s), Sec. II."""


def about_filling(found: Pulses) -> list[str]:
    """Sites, notches, pulses; mean occupation; alignment."""
    return [*_sites(found), *_occupation(found), *_alignment(found)]


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
        f"The sites up to number {sites.last} hold atoms, {sites.mean_occupation(1, sites.last):.2f} on average, the notches included; {filling.occupied()} hold half an atom or more. The paper sees some 70. "
        f"Of {filling.fates.sum():.0f} atoms released {shares} (number of atoms, size of the cloud, heating and waist of the cooling beam are ours, chosen for this result).",
        "Notches: a node of the cooling light every "
        + ", ".join(
            f"{period / sites.device.spacing:.1f} sites at {angle:.3g}°" for angle, period in nodes.items()
        )
        + "; the observed 11 ask for the latter.",
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
    filled, even = (found.coverage(n) for n in (None, found.sites.device.occupation))
    other = found.occupation(folded, FilledSites(found.sites.transport, 0).curves)["occupation"]
    pulls = [(values[:, 0] - values[:, 2]) / values[:, 1] for values in (filled, even)]
    bias = float(np.mean(filled[:, 0] / filled[:, 2] - 1))
    return [
        f"Fig. 3a: one transport of {folded.sites} sites gives n̄ = {value:.2f} ± {error:.2f} (true {true:.2f}); the paper fits 1.5 ± 0.5. In {len(even)} transports with the same Poisson law in all sites "
        f"{100 * np.mean(np.abs(pulls[1]) < 1):.0f} % of the fits are within one error (68 % expected), with a mean deviation of {pulls[1].mean():+.2f} errors.",
        f"With the notches the fit comes out {100 * abs(bias):.0f} % too {'low' if bias < 0 else 'high'}, because empty sites and fuller ones scatter more than one Poisson law: {100 * np.mean(np.abs(pulls[0]) < 1):.0f} % within one error.",
        f"The curves T_n weigh more than the counts: the same clicks fitted with the curves of the stronger blue field give n̄ = {other[0]:.1f} ± {other[1]:.1f}.",
    ]


def _alignment(found: Pulses) -> list[str]:
    sites = found.sites
    window, best = found.scatters["published"], found.scatters["likelihood"]
    spacing = sites.device.spacing * 1e9
    needed = (found.limit() / PUBLISHED_SCATTER) ** 2
    return [
        f"Fig. 3b, c: at the printed count rate the first {FIRST} sites send {FIRST * sites.period * float(sites.template(sites.mean_occupation(1, FIRST)).mean()):.0f} clicks. The largest running average over {WINDOW * 1e6:g} µs "
        f"finds their phase to {window[0].deviation:.3f} d = {window[0].deviation * spacing:.0f} nm (standard deviation from the truth), maximum likelihood with the expected pulse to {best[0].deviation:.3f} d = {best[0].deviation * spacing:.0f} nm "
        f"(two thirds of the transports within {best[0].middle:.3f} d; the rest are outliers), and no unbiased method can be better than {found.limit():.3f} d on average. The printed 0.008 d = 4 nm is not reached at this count rate: "
        f"it takes at least {needed:.0f} times as many clicks, from a brighter probe or from repeated transports. The paper does not give the count rate of Fig. 3.",
        f"At the speed of the feedback, {found.slow.sites.bank.frequency_hz / 1e3:g} kHz, the same probe sends "
        f"{sites.bank.frequency_hz / found.slow.sites.bank.frequency_hz:.1f} times as many clicks, and the likelihood finds the phase to {found.slow_scatter.deviation:.3f} d "
        f"(two thirds within {found.slow_scatter.middle:.4f} d; clicks alone: {found.slow.limit():.4f} d).",
        f"With {BRIGHTER[-1]:g} times the light the likelihood reaches {best[-1].deviation:.4f} d, the running average stays at {window[-1].deviation:.3f} d: the top of the pulse is flat, and the few atoms of ten sites, each with its own motion, move its highest "
        "point about. Where the pulse begins and ends says more than where it is highest.",
    ]
