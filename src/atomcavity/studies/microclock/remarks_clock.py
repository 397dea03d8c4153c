"""What the clock's calculation says beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from scipy.constants import h

from atomcavity.clocks.budget import slopes
from atomcavity.reports.page import number
from atomcavity.studies.microclock.clock import printed_parts
from atomcavity.studies.microclock.continuous import Continuous
from atomcavity.studies.microclock.filling import Lattice
from atomcavity.studies.microclock.interactions import Interactions
from atomcavity.studies.microclock.others import OtherClock
from atomcavity.studies.microclock.readout import Readout
from atomcavity.studies.microclock.stability import Stability
from atomcavity.studies.microclock.static import MICROKELVIN
from atomcavity.studies.microclock.walk import Walk

HERTZ = 2 * math.pi
KILO = 1e3 * HERTZ


def digits(value: float, count: int = 2) -> str:
    """A number with so many digits, as in 1.7 × 10⁻¹²."""
    return number(float(f"{value:.{count}g}"))


def about_stability(paper: Stability, physical: Stability) -> list[str]:
    """The lattice's part of the instability, and the paper's neglect of everything else."""
    parts = {name: value / KILO for name, value in printed_parts(paper.device).items()}
    upper = physical.device.experiment.atom.upper
    sensitivity = physical.device.trap.shift_sensitivity(upper)
    share = physical.device.experiment.shifts.power_noise
    blue, red, common = (
        share * slope / HERTZ for slope in (sensitivity.blue.total, sensitivity.red.total, sensitivity.common)
    )
    c, error = paper.coefficient
    return [
        f"The simulated clock has ({1e12 * c:.3f} ± {1e12 * error:.3f}) × 10⁻¹²/√τ from {paper.cycles} cycles ({digits(paper.deviation.at(1024.0), 3)} at 1024 s): "
        f"the {(paper.device.experiment.shifts.deviation or 0) / HERTZ:.0f} Hz of the lattice and nothing else (Fig. 4). They are the linear sum of 10 % of each light shift and of half of 3ξ/d times "
        "the van der Waals shift; at our wavelengths and intensities it is "
        + " + ".join(f"{value:.2f}" for value in parts.values())
        + f" = {sum(parts.values()):.2f} kHz. The last is the quantum spread of the atom's position, the same in every pulse: it belongs to the mean shift, not to its noise.",
        f"By the total derivative ten per cent more blue power shift the line by {blue:+.0f} Hz, not by {share * sensitivity.blue.fixed / HERTZ:+.0f} Hz, and ten per cent more red "
        f"power by {red:+.0f} Hz, not by {share * sensitivity.red.fixed / HERTZ:+.0f} Hz: the trap's minimum moves by "
        f"{1e9 * share * sensitivity.blue.displacement[0]:+.1f} and {1e9 * share * sensitivity.red.displacement[0]:+.1f} nm and takes the atom into another intensity. "
        f"Independent noise of 10 % gives {digits(physical.coefficient[0], 3)}/√τ; if both powers move together only {common:+.0f} Hz are left, "
        f"{digits(abs(common) * HERTZ / physical.clock.frequency, 2)}/√τ.",
        f"Without the lattice's shifts the paper's clock would have {digits(paper.unshifted.at(1.0))} at 1 s and {digits(paper.unshifted.at(1024.0))} at 1024 s by cavity and atom number.",
    ]


def about_readout(readout: Readout) -> list[str]:
    """Single pulses against the mean spectrum."""
    (matched, error), (plain, plain_error) = readout.scatter, readout.plain_scatter
    return [
        "The paper takes the centre of a spectrum that belongs to the mean of many pulses. One pulse, read by a heterodyne detector at the port "
        f"(simulated by quantum state diffusion), tells its frequency to {matched / HERTZ:.1f} ± {error / HERTZ:.1f} Hz with a matched filter, "
        f"{digits(readout.deviation(matched))} at 1 s, and to {plain / HERTZ:.1f} ± {plain_error / HERTZ:.1f} Hz from the periodogram over the whole window of "
        f"{readout.clock.window:.1g} s, {digits(readout.deviation(plain))}, which adds the noise of the dark rest of the window; FWHM/(2.355 SNR) is {readout.naive / HERTZ:.1f} Hz. This is far below the lattice's part, "
        "but without them it would be the limit."
    ]


def about_walk(walk: Walk) -> list[str]:
    """Fading and lock."""
    times = sorted(walk.fades(series) for series in walk.free)
    shown = ", ".join("later" if math.isinf(time) else f"{time / 60:.0f}" for time in times)
    (mode,) = walk.clock.system.modes
    half = (mode.kappa / 2 / walk.rate) ** 2
    locked, quiet = (walk.cost(walk.lock.gain, noise) for noise in (walk.lock.sensor_noise, 0.0))
    return [
        f"The paper's own random walk takes the cavity away by {walk.rate / KILO:.1f} kHz √(T/s) rms, by κ/2 in {half:.0f} s. In {walk.runs} runs of "
        f"{walk.cycles * walk.clock.period / 3600:.1f} h the share of photons within the window falls below one half after {shown} min: the free-running clock "
        "fades. The frequency that the paper's method gives for the pulses after that is that of light which its detector does not see.",
        f"An integrator with the gain {walk.lock.gain:g} and a sensor that errs by {walk.lock.sensor_noise / KILO:.0f} kHz in each cycle prevents it. The cavity and "
        f"the scatter of the atom number then leave {digits(locked)} at 1 s, {digits(quiet)} of it with a sensor without noise.",
    ]


def about_filling(lattice: Lattice) -> list[str]:
    """Number of atoms."""
    paper, single, blockade, poisson = lattice.fillings
    return [
        f"The paper's number of atoms, 400 ± 40, exceeds the {lattice.sites} sites in {100 * lattice.impossible:.0f} % of the cycles, although it allows one atom a site. "
        f"Independent sites with at most one atom and the same mean scatter by {single.deviation:.1f}; collisional blockade fills half of them, "
        f"{blockade.mean:.0f} ± {blockade.deviation:.0f}, which makes the pulse {(paper.mean / blockade.mean) ** 2:.1f} times weaker; without collisions "
        f"{100 * poisson.crowded:.0f} % of the sites would hold two atoms or more."
    ]


def about_continuous(
    continuous: Continuous, paper: Stability, readout: Readout, others: Sequence[OtherClock]
) -> list[str]:
    """Continuous operation beside pulses and other clocks."""
    half, narrowest = continuous.half, continuous.narrowest
    index = continuous.shares.index(0.5)
    ratio = readout.deviation(readout.scatter[0]) / continuous.deviation(half)
    best = min(others, key=lambda clock: clock.sigma_1s)
    return [
        f"Pumped all the time at w = NΓ/2 = {half.pump_rate:.0f} 1/s the same atoms would emit {digits(half.flux)} photons/s through the port on a line of "
        f"{half.linewidth / HERTZ:.2f} Hz (exact; second-order cumulants: {continuous.cumulants[index].linewidth / HERTZ:.2f} Hz), at w = "
        f"{narrowest.pump_rate:.0f} 1/s of {narrowest.linewidth / HERTZ:.2f} Hz. Phase diffusion of full width W is white noise of frequency with "
        f"σ_y(τ) = √(W/τ)/ω: {digits(continuous.deviation(half))} at 1 s at NΓ/2, {ratio:.0f} times below the readout of single pulses, and of the "
        f"order of the best other clock ({best.name}, {digits(best.sigma_1s)}).",
        *_needs_of_continuous(continuous, paper),
    ]


def _needs_of_continuous(continuous: Continuous, paper: Stability) -> list[str]:
    """What stands between that number and a clock."""
    half, device = continuous.half, paper.device
    free, later = continuous.with_cavity(half, paper.noise, np.array([1.0, 100.0]))
    pulls = continuous.pulling(half)
    recoil = (h / device.line.wavelength) ** 2 / (2 * device.species.mass)
    stays = device.trap.require_minimum().depth / continuous.heating(half, recoil)
    return [
        f"It needs a quiet cavity: the light is pulled by w/κ = {digits(pulls)} of the cavity's frequency, {pulls / abs(slopes(paper.clock)[1]):.1f} times more than the "
        f"maximum of the pulses' spectrum, and the paper's free cavity would give {digits(float(free))} at 1 s and {digits(float(later))} at 100 s; without dead "
        "time a fast lock can take this away.",
        f"It also needs cooling: two recoils of {recoil / MICROKELVIN:.2f} µK for each pumping of an atom, the least possible, are as much as the trap's depth after {stays:.1g} s. Left out "
        "are also the light shifts of the repumping light, loss and reloading, differences between the atoms, and the other direction; the trap's "
        "light shifts, which limit the clock of Fig. 4, would limit this one as well.",
    ]


def about_interactions(interactions: Interactions) -> list[str]:
    """Exchange and collisions."""
    mean, spread = interactions.ring
    alike = (
        "alike at all sites"
        if spread < 0.01 * abs(mean)
        else f"rms differences between the sites {spread / HERTZ * 1e3:.2f} mHz"
    )
    return [
        "Exchange of photons between neighbouring sites in free space, V = −(3γ/4)[(1 − p) cos x/x − (1 − 3p)(sin x/x² + cos x/x³)] with x = kr and "
        f"p = |e·n|²: |V|/2π = {abs(interactions.neighbours) / HERTZ * 1e3:.2f} mHz at {1e9 * interactions.spacing:.0f} nm; summed over the ring with the mode's phases "
        f"it shifts atoms near the ground state by {mean / HERTZ * 1e3:+.2f} mHz ({alike}), "
        f"{digits(abs(mean) / interactions.device.line.frequency)} of the carrier, and by nothing at the pulse's peak. The surface, which changes both, is left out.",
        f"Two atoms in one site would shift by kilohertz: U/ħ = (4πħa/M)∫|ψ|⁴ d³r = 2π × {interactions.s_wave / KILO:.1f} kHz for the scattering length a = "
        f"{interactions.S_WAVE:.0f} a₀ of two nuclear spin states, and {interactions.p_wave / HERTZ:.0f} Hz (p wave, b = {interactions.P_WAVE:.0f} a₀) between equal spins one of "
        "which is excited once along the softest axis. A clock line sees the difference of two such energies, of this order: hence one atom a site.",
    ]
