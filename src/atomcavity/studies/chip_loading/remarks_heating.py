"""What the calculation says about lifetimes and ramps, in sentences with their numbers."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
from scipy.constants import k as boltzmann

from atomcavity.studies.chip_loading.belt_ramps import FAST, BeltRamps
from atomcavity.studies.chip_loading.dark import Dark
from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.probed import ProbedLifetime
from atomcavity.studies.chip_loading.published import printed

if TYPE_CHECKING:
    from atomcavity.studies.chip_loading.heating import Heating

MICRO = 1e6 / boltzmann


def about_heating(found: Heating) -> list[str]:
    """Lifetimes in the probe and in the dark, ramps."""
    return [
        *about_probed(found.lifetimes),
        *about_dark(found.dark),
        *about_ramps(found.ramps, found.temperatures),
    ]


def about_probed(lifetimes: tuple[ProbedLifetime, ...]) -> list[str]:
    """Lifetime against the efficiency, photons scattered, shares of the heating."""
    life = lifetimes[0]
    shares = life.probed.shares(life.efficiency)
    total = sum(shares.values())
    chances = [
        f"{100 * each.efficiency:.1f} % ({_blue(each)} MHz, simulated with it: {each.decay.lifetime * 1e6:.0f} ± {each.decay.error * 1e6:.0f} µs)"
        for each in lifetimes
    ]
    photons = life.probed.rate(life.efficiency) * life.decay.lifetime
    warnings = dict.fromkeys(text for each in lifetimes for text in each.decay.rides.warnings)
    return [
        f"The printed lifetime of {life.printed * 1e6:.0f} µs in the probe fixes one number that the paper does not print, the probability that a photon behind the ring makes a click. For atoms of the paper's own simulation (trigger at 200 nm) "
        f"the lifetime grows with it, less than in proportion, and comes out with {' and with '.join(chances)}; atoms triggered by counts need more (Fig. 4g). The paper's statement that the atoms are lost by resonant heating holds "
        "for such efficiencies; ours is a simulation in the plane of y and z, without the push of absorbed photons along the waveguide. Its signal first stays and then falls fast, not exponentially, because the atoms heat up before they leave.",
        f"An atom scatters {_rounded(photons)} photons into free space in this time. Of the power that it takes up at the start, {total:.2f} µK/µs, "
        + ", ".join(f"{100 * part / total:.0f} % are {name}" for name, part in shares.items())
        + f". The share of the friction grows with the energy, because the blue field shifts the line below the probe: without it the signal would last {life.without_friction.lifetime * 1e6:.0f} µs. "
        "A probe red of the shifted line would damp the motion instead.",
        *(f"In the lifetimes under the probe: {text}." for text in warnings),
    ]


def about_dark(dark: Dark) -> list[str]:
    """Recoil, noise, gas beside the printed lifetime."""
    life, error = (printed(key, "time") for key in ("dark_lifetime", "dark_lifetime_error"))
    times = [site.recoil_lifetime for site in dark.sites]
    heights = [site.height for site in dark.sites]
    place = dark.middle
    intensity, phase, pointing = dark.noises
    level = {noise.name: 10 * math.log10(noise.needed(life)) for noise in dark.noises}
    return [
        f"The printed {life * 1e3:.0f} ± {error * 1e3:.0f} ms in the dark are not the trap light's recoil: the belt and the blue field together let a thermal atom leave after "
        f"{min(times):.1f} s in the most shallow site (lattice at {heights[int(np.argmin(times))]:g} d) to {max(times):.0f} s ({heights[int(np.argmax(times))]:g} d). "
        f"At {place.height:g} d an atom scatters {place.scattering['belt']:.0f} photons of the belt and {place.scattering['blue field']:.0f} of the blue field per second, enough to change its "
        "Zeeman and hyperfine level in the dark, which the model leaves out.",
        f"Noise of the light could do it, each kind alone, at {place.height:g} d: relative intensity {level['intensity']:.0f} dB/Hz at {intensity.frequency_hz / 1e3:.0f} kHz, "
        f"phase between the beams {level['phase']:.0f} dB rad²/Hz at {phase.frequency_hz / 1e3:.0f} kHz (both from trajectories in flat noise; the formulas of a harmonic site differ from them by "
        f"{10 * math.log10(intensity.harmonic / intensity.lifetime):+.0f} and {10 * math.log10(phase.harmonic / phase.lifetime):+.0f} dB), or pointing along y "
        f"{math.sqrt(pointing.needed(life)) * 1e12:.1f} pm/√Hz at {pointing.frequency_hz / 1e3:.0f} kHz (formula). The paper prints no spectrum of the noise, "
        "so that this is what would be needed, not a prediction.",
        f"So could the gas: {dark.pressure(life) * 1e-2:.1e} mbar of the species' own vapour at room temperature, by the total elastic cross-section with C₆ from its polarizability "
        f"(the site is {dark.depth_over_diffraction:.1f} of the energy that a collision typically gives, so that not every collision counts and somewhat more gas is needed). The paper prints no pressure either.",
    ]


def about_ramps(ramps: BeltRamps, temperatures: dict[str, float]) -> list[str]:
    """Why the paper's ramps do not matter, and where the better one does."""
    experiment = ramps.device.experiment
    slow, usual, fast = (
        ramps.unit(f) * MICRO for f in (experiment.feedback.frequency, experiment.belt.frequency, FAST)
    )
    tried = ramps.tried
    k = int(np.argmin(np.abs(tried["time"] - 4e-6)))
    best = [float(t) for t, x in zip(ramps.durations, ramps.curve(None), strict=True) if x < 1e-3]
    linear = [float(t) for t, x in zip(ramps.durations, ramps.curve("linear"), strict=True) if x > 1e-2]
    return [
        f"The belt's ramps do not heat in this experiment, whatever their shape: even a sudden stop gives an atom {slow:.2f} µK at {experiment.feedback.frequency / 1e3:g} kHz and {usual:.1f} µK at "
        f"{experiment.belt.frequency / 1e3:g} kHz. Stopped linearly or in the smoothest shape the simulated transfers end with {temperatures['linear'] * 1e6:.1f} and {temperatures['smoothest'] * 1e6:.1f} µK. The ramps matter for a faster belt: at {FAST / 1e3:g} kHz a sudden stop gives {fast:.0f} µK, "
        f"a linear ramp of {tried['time'][k] * 1e6:.1f} µs {fast * tried['linear'][k]:.1f} µK, the least-heating one of the same time {_least(fast * float(tried['least'][k]))} (trajectories). "
        f"The least-heating ramp is below a thousandth of the sudden stop from {min(best) * 1e6:.1f} µs on, the linear one comes back above a hundredth up to {max(linear) * 1e6:.1f} µs.",
    ]


def _least(energy: float) -> str:
    return "less than 0.1 µK" if energy < 0.1 else f"{energy:.1f} µK"


def _blue(life: ProbedLifetime) -> str:
    device = life.probed.loop.device
    return f"{device.blue_energy / MEGA:g}"


def _rounded(number: float) -> str:
    return f"{float(f'{number:.2g}'):.0f}"
