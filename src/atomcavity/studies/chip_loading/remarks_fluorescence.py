"""What the simulated fluorescence of held atoms says, in sentences with their numbers."""

from __future__ import annotations

import math

import numpy as np

from atomcavity.detection.analysis.correlations import atoms_g2
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.figures_fluorescence import FEW
from atomcavity.studies.chip_loading.fluorescence import DARK, EFFICIENCY, Fluorescence
from atomcavity.studies.chip_loading.published import printed, printed_row


def about_fluorescence(found: Fluorescence) -> list[str]:
    """Decay, bunching, bright windows and their bias, the decay rate that is missing, what is left out."""
    return [_decay(found), _bunching(found), *_windows(found), _rate(found), _limits(found)]


def _decay(found: Fluorescence) -> str:
    held = found.held
    one, both = (light.lifetime for light in found.lights)
    return (
        f"Fig. S3a, simulated: the fluorescence of atoms held next to the surface decays in {one[0] * 1e6:.0f} ± {one[1] * 1e6:.0f} µs (coupled to the detected direction of circulation only; "
        f"to both: {both[0] * 1e6:.0f} ± {both[1] * 1e6:.0f} µs); measured: about {printed('fluorescence_time', 'time') * 1e6:.0f} µs. The light’s strength is ours, a Rabi frequency of "
        f"{held.drive / MEGA:g} MHz: an atom then scatters {held.scattering / 1e6:.1f} photons a microsecond, {100 * held.scattering / held.saturated:.0f} % of what the strongest light makes it scatter. By recoil alone a "
        "weak beam, as the paper calls its own, takes longer; the forces of a belt that shifts the excited level, which the simulation has not, heat as well."
    )


def _bunching(found: Fluorescence) -> str:
    parts = []
    for name, light in zip(("one direction", "both"), found.lights, strict=True):
        delay, value = np.abs(light.xi.delay), light.xi.value
        near = value[(delay > 5e-8) & (delay < 5e-7)].mean()
        far = value[delay > 1e-6].mean()
        zero, error = light.xi_zero
        motion = np.nanmean(light.lit.motion, axis=0)
        parts.append(
            f"{name}: {near:.2f} below 0.5 µs and {far:.2f} beyond 1 µs, {zero:.2f} ± {error:.2f} within 10 ns of zero delay; the motion alone gives {motion[:6].mean():.2f} and {motion[10:].mean():.2f}"
        )
    return (
        f"Fig. S4a, simulated ξ(τ), {'; '.join(parts)}. As measured, ξ bunches below about {printed('bunching_time', 'time') * 1e6:g} µs and, with one direction, falls to about 1 at zero delay, because runs of several atoms are "
        "in the mean. Beyond 1 µs the slow changes within a run are left: atoms are heated and lost. Atoms that couple to both directions also move through the ring’s standing wave, which bunches more than the motion "
        "in g alone."
    )


def _windows(found: Fluorescence) -> list[str]:
    true, (light, both) = found.device.occupation, found.lights
    fits = {
        (n, weights): light.fitted(true, n, weights)
        for n in (true, FEW)
        for weights in ("conditional", "unconditional")
    }
    zero, few = (fits[n, "conditional"]["g2"] for n in (true, FEW))
    curve = light.g2_at(true, true)
    numbers = [light.numbers(true, np.array([n])) for n in (true, FEW)]
    published = printed_row("fitted_atoms")
    far = np.abs(curve.delay) > 75e-9
    ends = float(curve.value[far].mean()), float(atoms_g2(1.0, true, 1e9))

    def text(n: float, weights: str = "conditional", name: str = "atoms", unit: float = 1.0) -> str:
        value, error = (number / unit for number in fits[n, weights][name])
        return f"{value:.1f} ± {error:.1f}" if error > 0 else "an undetermined number of"

    atoms = {n: f"{text(n)} atoms and {text(n, name='gamma', unit=MEGA)} MHz" for n in (true, FEW)}
    return [
        f"Choosing bright windows, simulated: with {true:g} atoms in a site on average, light comes from {light.true('atoms', chosen=False):.2f} atoms in all windows in which there is any and from "
        f"{light.true('atoms'):.2f} in the chosen ones (both directions: {both.true('atoms', chosen=False):.2f} and {both.true('atoms'):.2f}); the atoms’ mean decay rate rises from "
        f"{light.true('decay', chosen=False) / MEGA:.1f} to {light.true('decay') / MEGA:.1f} MHz. The choice favours more atoms as much as nearer ones.",
        f"Fig. S4b: g²(0) of the chosen windows is then {zero[0]:.2f} ± {zero[1]:.2f} in 10 ns, and the paper’s fit gives {atoms[true]} "
        f"(runs without atoms counted as the paper may have: {text(true, 'unconditional')}); measured: below {printed('largest_g2'):g}, {published[0]:g} ± {published[1]:g} atoms. Weighted to {FEW:g} atoms in a site, the "
        f"simulation gives g²(0) = {few[0]:.2f} ± {few[1]:.2f} and a fit of {atoms[FEW]}, while {numbers[1][0][0]:.2f} atoms are in the chosen windows. "
        f"The model ends at the mean of 2 − 1/N, {ends[1]:.2f} for {true:g} atoms; ours is {ends[0]:.2f} beyond 75 ns, because each window is normalised by its own counts and a good part of the light is incoherent, while the model is one of weak light. "
        "The fit takes that for another number of atoms or a slower decay. "
        f"With our assumptions the measured g² thus speaks for fewer atoms than the {true:g} of Fig. 3a in the sites whose light is seen, for instance after collisions of pairs in the resonant light.",
    ]


def _rate(found: Fluorescence) -> str:
    device, held = found.device, found.held
    rate, error = printed_row("fitted_decay", "angular")
    needed = math.sqrt((rate - device.gamma) / float(held.purcell(np.array(1.0))))
    surface = float(device.coupling(np.zeros(3)))
    heights = [device.profile.decay * math.log(surface / g) * 1e9 for g in (needed, needed / math.sqrt(2))]
    one, both = (light.true("decay") / MEGA for light in found.lights)
    return (
        f"The published decay rate of {rate / MEGA:.0f} ± {error / MEGA:.0f} MHz needs g/2π = {needed / MEGA:.0f} MHz, {heights[0]:.0f} nm above the middle of the waveguide, or {needed / MEGA / math.sqrt(2):.0f} MHz "
        f"and {heights[1]:.0f} nm for an atom that couples to both directions. Our potential has no site there: the thermal mean of g/2π is {held.strongest / MEGA:.0f} MHz in the nearest one, and the decay rate in "
        f"the chosen windows {one:.1f} MHz (both directions: {both:.1f} MHz)."
    )


def _limits(found: Fluorescence) -> str:
    light = found.lights[0]
    told = sorted({text for each in found.lights for text in each.clicks.record.warnings})
    return (
        f"The fluorescence is that of {light.clicks.runs} simulated runs of {found.held.duration * 1e6:.0f} µs by quantum jumps of all atoms of a run together. Ours: a counting efficiency of {100 * EFFICIENCY:g} % behind the waveguide (more than the decay in the probe suggests, so that enough windows are bright), {DARK:g} dark counts a "
        "second and detector, the light’s strength and direction (across the waveguide). Left out: levels beside the two, collisions, the belt’s shift of the excited level; recoil comes at one mean rate. Errors are standard errors over the runs, which differ by the lattice’s phase and the number of atoms."
        + "".join(f" The simulation warns: {text}." for text in told)
    )
