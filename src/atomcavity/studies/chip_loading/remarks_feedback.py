"""What the calculation says about the feedback, in sentences with their numbers: ours are simulated, the paper's measured or simulated."""

from __future__ import annotations

import numpy as np

from atomcavity.detection.analysis.fit import Fit
from atomcavity.loading.loading_result import LoadingResult
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.feedback import SHORT
from atomcavity.studies.chip_loading.feedback_part import EFFICIENCY, MEETING, WORSE, Feedback
from atomcavity.studies.chip_loading.figures_feedback import field
from atomcavity.studies.chip_loading.figures_loaded import numbers
from atomcavity.studies.chip_loading.published import printed, printed_row, published


def about_feedback(found: Feedback) -> list[str]:
    """Threshold, triggers, numbers of atoms, places, histogram, decay, second look, collisions."""
    return [
        _threshold(found),
        _triggers(found),
        _selection(found),
        _own_simulation(found),
        _late(found),
        _histogram(found),
        _decay(found),
        _second(found),
        _collisions(found),
    ]


def _threshold(found: Feedback) -> str:
    loop, given = found.weak, found.devices[0].experiment.feedback
    counter, probe = loop.device.counter, loop.device.probe
    empty, full = (float(counter.rate(t)) * given.window for t in (probe.empty(), 1.0))
    alarms = loop.rule.false_alarm_rate(empty / given.window) * given.sites / given.frequency
    return (
        f"The printed background gives {empty:.2f} counts in {given.window * 1e6:g} µs without atoms and {full:.1f} through a fully transparent ring: the threshold of {given.count} is above the mean "
        f"of any signal, and a trigger is a fluctuation upwards. An empty run of {given.sites} sites fires with the probability {alarms:.1g}. If the probe was stronger for Figs. 4b, c than for Fig. 4f, the paper does not say so."
    )


def _triggers(found: Feedback) -> str:
    parts = []
    for loop in found.loops:
        probability, error = loop.loaded.trigger_probability()
        site = loop.triggers(loop.device.occupation).sum()
        parts.append(
            f"with {field(loop)} at the surface a site of n̄ = {loop.device.occupation:g} fires with {100 * site:.0f} %, and the printed share needs n̄ = {loop.occupation:.3f} "
            f"({len(loop.loaded.site)} runs then give {probability[-1]:.3f} ± {error[-1]:.3f})"
        )
    return (
        f"The printed {100 * printed('triggered'):.0f} % of triggers after {printed('triggered_sites'):g} sites mean {100 * (1 - (1 - printed('triggered')) ** (1 / printed('triggered_sites'))):.2f} % a site; "
        + "; ".join(parts)
        + ". With the printed n̄ of 1.5 nearly every run triggers: the printed share is not reproduced."
    )


def _selection(found: Feedback) -> str:
    from scipy.optimize import brentq

    weak, parts = found.weak, []
    wanted = published("s4.fb_P1")
    alike = float(brentq(lambda n: weak.given_trigger(n)[1] - wanted, 1e-3, 3.0))
    law = weak.given_trigger(alike)
    runs = 1 - (1 - weak.triggers(alike).sum()) ** printed("triggered_sites")
    for loop in found.loops:
        few, many = loop.given_trigger(loop.occupation), loop.given_trigger(loop.device.occupation)
        mean = np.arange(len(many)) @ many
        parts.append(
            f"{field(loop)}: one atom fires the rule with the probability {loop.seen[1]:.3f}, two with {loop.seen[2]:.3f}; sites that fire hold {mean:.2f} atoms in the mean at n̄ = {loop.device.occupation:g}, and at the "
            f"fitted n̄ one with {few[1]:.3f}, two with {few[2]:.3f}"
        )
    return (
        "A threshold on counts prefers sites with several atoms ("
        + "; ".join(parts)
        + f"). The published P₁ of {published('s4.fb_P1'):.3f} comes out, without any loss, at n̄ = {alike:.3f} with the weak field (P₂ is then {law[2]:.3f}, published {published('s4.fb_P2'):.2f}), where {100 * runs:.0f} % of the runs would trigger."
    )


def _own_simulation(found: Feedback) -> str:
    strong = found.strong
    moved, (across, height) = strong.transferred, strong.transferred.place
    one, two = (strong.transferred.transmission(n) for n in (1, 2))
    left = float((moved.after[..., 1].mean(axis=1) < 0).mean())
    y, z = printed_row("trap", "length")
    return (
        f"As the paper simulates it, with a trigger where the atom first passes 200 nm, {100 * moved.held.mean():.1f} % of {len(moved.rows)} atoms are transferred ({field(strong)}), {100 * left:.0f} % of them to the left; "
        f"they stay at |y| = {across * 1e9:.0f} nm, z = {height * 1e9:.0f} nm (published {y * 1e9:.0f} and {z * 1e9:.0f}) with a mean g of {moved.g.mean() / MEGA:.1f} MHz (published {published('s4.mc_g'):g}) and let "
        f"{one:.3f} and {two:.3f} through with one and two atoms (published {published('s4.T1bar'):.2f} and {published('s4.T2bar'):.2f})."
    )


def _late(found: Feedback) -> str:
    parts = [
        f"{field(loop)}: fired at z₀/d = {np.nanmean(loop.loaded.height) / loop.device.spacing:.2f}, at rest at {loop.rest_height(loop.loaded).mean() / loop.device.spacing:.2f}, |y| = {_y(loop.loaded):.0f} nm and g = {_g(loop.loaded):.0f} MHz; "
        f"stopped in {SHORT * 1e6:g} µs {_y(loop.halted):.0f} nm and {_g(loop.halted):.0f} MHz"
        for loop in found.loops
    ]
    stop = found.weak.controller.stop
    way = found.weak.bank.frequency_hz * stop / 2
    return (
        f"A count fires late, and the belt goes on by {way:.2f} d while it stops in {stop * 1e6:g} µs: the side lobes of the potential at rest lie farther out, the lower the lattice stops ("
        + "; ".join(parts)
        + "). The paper's simulation fires by height instead, while the site is still high."
    )


def _y(result: LoadingResult) -> float:
    """Mean |y| of the atoms that stay (nm)."""
    return float(np.abs(result.place[result.atom_kept, 1]).mean() * 1e9)


def _g(result: LoadingResult) -> float:
    """Their mean coupling (MHz)."""
    return float(result.g[result.atom_kept].mean() / MEGA)


def _histogram(found: Feedback) -> str:
    loop = found.weak
    truth, fit, short = numbers(loop.loaded), loop.fit, loop.halted.fit(loop.ratios)
    transfer = loop.loaded.transfer
    return (
        f"Weak field, {int(loop.loaded.triggered.sum())} triggers of {len(loop.loaded.site)} runs: {100 * transfer:.1f} % are followed by a held atom (published: 97 % or more), and P₀, P₁, P₂ after the transfer are {truth[0]:.3f}, {truth[1]:.3f}, {truth[2]:.3f} "
        f"(published fit 0, {published('s4.fb_P1'):.3f}, {published('s4.fb_P2'):.2f}). Eq. (7) fitted to the same clicks gives {_probabilities(fit)}, w = {fit['width'][0]:.2f} and s = {fit['scale'][0]:.2f}, and with the shorter stop {_probabilities(short)}: the model has one "
        "mean for each number of atoms, our single atoms have two groups of places. A fit of Eq. (7) is as good as the transmissions that it is given, and its errors do not tell."
    )


def _probabilities(fit: Fit) -> str:
    return ", ".join(f"P{n} = {fit[f'P{n}'][0]:.2f}" for n in range(3))


def _decay(found: Feedback) -> str:
    caught, random = found.probed
    start = caught.mean_transmission()[np.searchsorted(caught.after, found.weak.controller.settling)]
    other = random.mean_transmission()[np.searchsorted(random.after, found.weak.controller.settling)]
    life, faster = (fit["lifetime"][0] for fit in (found.decay, found.faster))
    return (
        f"Fig. 4g (weak field): caught atoms let {start:.2f} through at first and decay within some {_rounded(life)} µs ({int(caught.triggered.sum())} runs) if a photon behind the ring makes a click with the probability {100 * EFFICIENCY:g} %, which is not printed and chosen for the "
        f"printed {printed('probed_lifetime', 'time') * 1e6:.0f} µs. Atoms that are triggered by their height decay so with less than half of it (see below); these, triggered by counts, come to rest where the probe drives them out sooner: with {100 * WORSE:g} % within {_rounded(faster)} µs. "
        f"After random stops, in a belt of {found.weak.device.occupation:g} atoms in a site, {other:.2f} go through at first: {100 * (random.held == 0).mean():.0f} % of them hold nothing, but the others {random.held[random.held > 0].mean():.1f} atoms; "
        f"{100 * random.kept.sum() / random.held.sum():.0f} % of all atoms are still there after a millisecond ({100 * caught.kept.sum() / caught.held.sum():.0f} % after feedback). The paper's random stops give much less light than its feedback from the start."
    )


def _rounded(time: float) -> str:
    """In µs, to two digits."""
    return f"{float(f'{time * 1e6:.2g}'):.0f}"


def _second(found: Feedback) -> str:
    parts = []
    for choice in found.choices:
        one, error, rate = choice.delivered(choice.plain)
        pure, spread, kept = choice.delivered(choice.selected)
        parts.append(
            f"{choice.name}: P₁ = {one:.2f} ± {error:.2f} and {rate:.0f} single atoms a second without a second look, {pure:.2f} ± {spread:.2f} and {kept:.0f} with it, which throws away {choice.selected.rejected.mean():.1f} sites a run"
        )
    return (
        f"A second look at {found.weak.device.experiment.feedback.hold * 1e6:g} µs of clicks, at n̄ = {found.weak.device.occupation:g}, weak field, both rules at equal false alarms: "
        + "; ".join(parts)
        + ". The second look has learned from other rides than those that it judges; the seconds count the belt and the looks only, not the filling of the belt."
    )


def _collisions(found: Feedback) -> str:
    both, one = (numbers(found.collided[q]) for q in (0.0, 1.0))
    none, volume = numbers(found.choices[0].plain), found.pair_volume
    return (
        f"Collisions of atoms that share one minimum, so fast that every pair meets ({MEETING * 1e6:g} µs; with V = {volume * 1e18:.1e} µm³ this takes β = {volume / MEETING * 1e6:.1e} cm³/s): of the paper's rule at n̄ = {found.weak.device.occupation:g} P₁ and P₂ change from {none[1]:.2f} and {none[2]:.2f} to "
        f"{both[1]:.2f} and {both[2]:.2f} if both atoms are lost (P₀ = {both[0]:.2f}), and to {one[1]:.2f} and {one[2]:.2f} if one is. Atoms in different side lobes do not meet, so that P₂ stays: losses after the transfer alone do not lead from {found.weak.device.occupation:g} atoms a site to the published numbers, and if both were lost many traps would be empty, "
        "which the published P₀ = 0 excludes. Collisions on the belt, before the sites split, are not simulated."
    )
