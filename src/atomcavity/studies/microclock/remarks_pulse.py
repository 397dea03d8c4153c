"""What the calculation of the pulse says beyond the paper, in sentences with their numbers."""

from __future__ import annotations

from math import exp, tau

import numpy as np

from atomcavity.studies.microclock.broadening import FEW, Broadening
from atomcavity.studies.microclock.centres import Centres
from atomcavity.studies.microclock.directions import Directions
from atomcavity.studies.microclock.methods import Methods
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.pulse import Superradiance


def signed(value: float, digits: int = 1) -> str:
    """A number with its sign, printed as a minus and not as a hyphen."""
    return f"{value:+.{digits}f}".replace("-", "−")


def left_after(found: Superradiance, part: float) -> float:
    """Time (s) at which a part of the pulse's photons has left."""
    return float(np.interp(part, 1 - found.run.excited_population[0], found.run.time))


def about_pulse(paper: Superradiance, physical: Superradiance) -> list[str]:
    """The paper's statements on uncertainties and coherence, and the pulse with the right coupling."""
    run, shape, mine = paper.run, paper.shape, physical.shape
    largest = run.time[run.j_z_uncertainty.argmax()]
    across = run.time[run.j_transverse_uncertainty.argmax()]
    delay = paper.coherence.delay
    place = int(abs(delay - 2 * paper.coherence_time).argmin())
    return [
        f"The transverse uncertainty is largest at {across / shape.delay:.2f} t_d, as the paper says; that of j_z, "
        f"{run.j_z_uncertainty.max():.2f}, at {largest / shape.delay:.2f} t_d.",
        f"The coherence of the light falls to 1/e at {paper.coherence_time / shape.width:.3f} t_w and is no Gaussian: at twice that delay "
        f"{paper.coherence.normalised[place].real:.3f} are left where a Gaussian has {exp(-4):.3f}. Its spectrum is therefore "
        f"{100 * (1 - paper.spectrum.full_width[0] * shape.width / published('fwhm')):.0f} % narrower than the printed 4√(ln 2)/t_w.",
        f"With the physically right inputs, g/2π = {physical.pulse.g / tau:.0f} Hz and κ/2π = {physical.pulse.kappa / tau / 1e6:.2f} MHz, NΓ/2π is "
        f"{physical.pulse.atoms * physical.pulse.rate() / tau:.0f} Hz instead of {paper.pulse.atoms * paper.pulse.rate() / tau:.0f} Hz: the pulse has its maximum, "
        f"{mine.peak_rate / 1e3:.1f} × 10³ photons/s, at {1e3 * mine.delay:.1f} ms, is {1e3 * mine.width:.1f} ms wide, and 90 % of its photons have left after "
        f"{1e3 * left_after(physical, 0.9):.0f} ms ({1e3 * left_after(paper, 0.9):.0f} ms with the paper's).",
    ]


def about_frequency(found: Centres) -> list[str]:
    """Which estimator of the line's centre follows the paper's law."""
    several = (100, found.pulse.atoms, 1000)
    peaks = ", ".join(f"{signed(found.factor('peak', n))}" for n in several)
    halves = ", ".join(f"{signed(found.factor('half-maximum', n))}" for n in several)
    turns = ", ".join(f"{found.sign_change(n):.2f} κ" for n in several)
    near, far = found.pulse.kappa, 2 * found.pulse.kappa
    seen = found.seen_centroid(near), found.seen_centroid(far)
    return [
        "Only the centroid of the whole spectrum follows the paper's law, ω_L − ω_A = −χ with χ = g²Δ/(κ²/4 + Δ²): every photon "
        "emitted from M has the frequency ω_A + 2χ(M − 1), and the mean over the N steps is −χ, for any N and Δ. It is a statement about "
        "the eliminated cavity, for windows W with NΓ ≪ W ≪ κ; in the full model the centroid of all the light is ω_A.",
        f"The maximum and the half-maximum points are shifted near resonance by {peaks} and {halves} χ for N = {several[0]}, {several[1]} and {several[2]}: "
        f"a factor that depends on N, so that a fluctuating atom number becomes frequency noise off resonance. The shift of the maximum changes its sign at |Δ| = {turns}.",
        f"A detector that is open for {found.duration:g} s misses the last and most shifted photons: at Δ = κ it sees {100 * found.share(near):.1f} % of the light, and the centroid "
        f"moves to {signed(seen[0], 2)} χ; at 2κ {100 * found.share(far):.0f} %, and the centroid of this early part lies at {signed(seen[1], 0)} χ, "
        f"{seen[1] * found.pulse.exchange(far) / tau:.0f} Hz on the cavity's side.",
    ]


def about_methods(found: Methods) -> list[str]:
    """The size of each method's error in peak rate, delay and width."""
    compared = found.comparisons
    kept, wigner = compared["cavity kept"].deviations, compared["truncated Wigner"]

    def percent(name: str) -> str:
        return ", ".join(f"{signed(100 * d)} %" for d in compared[name].deviations)

    names = ("second-order moments", "mean field, tipped by 2/√N", "⟨J_z²⟩ = ⟨J_z⟩²")
    noisy = ", ".join(
        f"{signed(100 * d)}({10 * e * 100:.0f}) %"
        for d, e in zip(wigner.deviations, wigner.errors, strict=True)
    )
    return [
        "Adiabatic elimination changes peak rate, delay and width by "
        + ", ".join(f"{signed(1e6 * d, 0)}" for d in kept)
        + f" parts in 10⁶ (|J, M⟩⊗|n⟩ with n ≤ {found.photons} against the ladder): it is no approximation that matters here.",
        "Errors of the other methods, in the same order: "
        + "; ".join(f"{name} {percent(name)}" for name in names)
        + f"; truncated Wigner {noisy}. The paper is right that the full solution is needed; second-order moments do not replace it.",
    ]


def about_directions(found: Directions) -> list[str]:
    """The counter-clockwise mode that the paper drops."""
    photons = found.photons([(0.2, 0.0), (0.5, 0.0), (0.5, found.pulse.kappa / 2)])
    small, large, turned = (
        " and ".join(f"{m:.0f} ± {e:.0f}" for m, e in zip(mean, error, strict=True))
        for mean, error in zip(photons.mean, photons.error, strict=True)
    )
    inverted = found.photons([(0.0, 0.0)])
    each, error = inverted.mean[0, 0], inverted.error[0, 0]
    (peak, _), unit = found.peak(), found.pulse.atoms**2 * found.pulse.rate()
    return [
        "The paper drops the counter-clockwise mode by the timed Dicke state. But fully inverted atoms hold no phase: they emit equally in both "
        f"directions, {each:.0f} ± {error:.0f} photons each, with {peak:.3f} instead of {found.one_way.max() / unit:.3f} N²Γ at the peak; the other {found.pulse.atoms - 2 * each:.0f} excitations are still "
        f"there after {1e3 * found.time[-1]:.0f} ms, in states that are nearly dark for both. Each single pulse chooses its direction at random: from pulse to pulse the photons "
        f"in one direction have a standard deviation of some {round(found.scatter, -1):.0f}.",
        f"A preparation pulse through the clockwise mode whose area misses π by 0.2 rad makes it {small} photons (clockwise and counter-clockwise), by 0.5 rad {large}. "
        "Figures 2 to 4 therefore ask for a preparation pulse that is wrong by some 0.3 rad or more, and for little back-scattering: with J = κ/2 "
        f"the same 0.5 rad gives {turned}.",
    ]


def about_broadening(found: Broadening, lattice: float) -> list[str]:
    """Why the paper's uncertainty of the transition can only be common to all atoms; `lattice` is that uncertainty (rad/s)."""
    sigmas = (30, 60, 120)
    rest = [found.remnant(tau * sigma) for sigma in sigmas]
    broad = found.remnant(lattice)
    exact, wigner = found.checks[1.0]
    return [
        f"If the {lattice / tau:.0f} Hz that the paper calls the gain bandwidth were a spread among the atoms, no superradiance would be left: NΓ/2π is {found.width / tau:.0f} Hz. "
        f"With a Gaussian spread of {sigmas[0]}, {sigmas[1]} and {sigmas[2]} Hz the peak rate falls from {found.ladder.peak:.3f} to "
        + ", ".join(f"{r.peak:.3f}" for r in rest)
        + " N²Γ and the emitted part to "
        + ", ".join(f"{100 * r.emitted:.0f} %" for r in rest)
        + f"; with {lattice / tau:.0f} Hz they are {broad.peak:.4f} and {100 * broad.emitted:.0f} %, little more than atoms that emit one by one. It can only be a shift that is common to all "
        "atoms and changes from shot to shot.",
        f"Truncated Wigner against the exact answer for {FEW} atoms with a spread of NΓ: peak {signed(100 * (wigner.peak / exact.peak - 1))}({100 * wigner.peak_error / exact.peak:.0f}) %, "
        f"emitted part {wigner.emitted:.3f} against {exact.emitted:.3f}; its error is of relative order 1/N.",
    ]
