"""What the calculation says about the passive alternative, in sentences with their numbers."""

from __future__ import annotations

import math

from scipy.constants import hbar

from atomcavity.studies.ion_laser.passive_scan import PassiveScan


def about_passive(scan: PassiveScan) -> list[str]:
    """Bistability, stability of a lock, other lines, what is left out."""
    line = scan.laser_line
    lower = min(
        (k for k in scan.locks if not k.turned and k.photons < line.saturation_photons * 10),
        key=lambda k: k.variance,
    )
    upper = min(
        (k for k in scan.locks if not k.turned and k.photons > line.saturation_photons * 10),
        key=lambda k: k.variance,
    )
    shifted = scan.best_lock(scan.shifted_locks)
    number = sum(n for n, _, _ in line.groups)
    unit = line.deviation(2 * line.cooperativity * line.across / number)
    pull = 2 * line.across / line.kappa * (1 + upper.photons / line.saturation_photons) / line.cooperativity
    s, bound = line.best(stable=False)
    photons = lower.transmitted / (hbar * line.frequency)
    best = {
        other.name: min(zip(scan.by_finesse[other.name][0], scan.finesses, strict=True))
        for other in scan.lines
    }
    broad = {
        other.name: min(zip(scan.by_finesse[other.name][1], scan.finesses, strict=True))
        for other in scan.lines
    }
    others = "; ".join(
        f"{other.name} {other.deviation(other.best()[1]):.1e} (C = {other.cooperativity:.1e})"
        for other in scan.others
    )
    back = ", ".join(f"{other.name} {100 * other.back:.0f} %" for other in scan.lines)
    width = scan.broadened / (2 * math.pi)
    return [
        f"Passive, the same crystal in the same cavity has C = 2Ng²/(κγ⊥) = {line.cooperativity:.0f} and is bistable where the saturation is between 1 and C. A lock there, with the phase quadrature of the transmitted light and "
        f"natural linewidth, has σ_y(1 s) = {line.deviation(lower.variance):.1e} on the lower branch, from {lower.earliest:.0f} s on, with {photons:.2g} photons a second, and {line.deviation(upper.variance):.1e} on the upper one, where "
        f"the noise of the ions' dipoles is all. The light alone would promise {line.deviation(line.law(1 + line.cooperativity)[0]):.0e}: a shot-noise limit that leaves out the ions is wrong by a factor of {math.sqrt(upper.variance / line.law(1 + line.cooperativity)[0]):.0f}. "
        f"The smallest of all, {line.deviation(bound):.1e} at s = {s:.0f}, lies on the branch that is unstable at constant incident power.",
        f"With the ions' shifts, far above the natural linewidth, the passive lock has σ_y(1 s) = {line.deviation(shifted.variance):.1e} at {_round(shifted.photons / line.saturation_photons)} n_s, where the light itself broadens the line beyond the shifts; the active laser, "
        f"which its pump broadens, has {scan.active:.1e} by the diffusion of its phase. The unit of both is √(4g²/κ)/ω = {unit:.1e}. "
        f"(Fluctuations at the ions' Rabi frequency {_grows(shifted.growth)} with the {len(scan.shifted.groups)} groups; finer groups let them grow less. Other numbers of groups, 64 to 343, give the same stability within 10 %, 27 give half as much again.)",
        f"A passive clock gains from a worse cavity: its best stable lock (of finesses from {scan.finesses[0]:.0f}), with natural linewidth, is "
        + "; ".join(
            f"{name} {value:.1e} at finesse {_round(finesse)}" for name, (value, finesse) in best.items()
        )
        + f"; with {width:g} Hz more of half width "
        + "; ".join(f"{name} {value:.1e} at {_round(finesse)}" for name, (value, finesse) in broad.items())
        + ".",
        f"At finesse {scan.finesse:.0e} with natural linewidth, as many ions and the same waist: {others}. Ba⁺ has the lower frequencies; making a laser of it needs a pumping scheme, "
        "a lock does not.",
        f"Left out of the passive lock: decays that do not return to the lower state (those that do: {back}), so that the light must be pulsed or the ions pumped back; finite bandwidth of the lock, detectors, local oscillator and the laser's own noise; drifts of the cavity's "
        f"length, which pull the lock by 2γ⊥(1 + s)/(κC) of their shift, {pull:.0e} on the upper branch; the second circular mode; motion, micromotion and temperature as in the active laser, and the number of ions that the trap holds.",
    ]


def _grows(rate: float) -> str:
    return f"grow at {rate:.2g} s⁻¹" if rate > 0 else "decay"


def _round(value: float) -> str:
    """Two digits, no exponent."""
    return f"{float(f'{value:.2g}'):.0f}"
