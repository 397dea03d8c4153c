"""What ion, trap, power and pump say beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import numpy as np

from atomcavity.reports.page import number
from atomcavity.studies.ion_laser.power import PICO, ZETA, Power
from atomcavity.studies.ion_laser.pump_study import PUMPS, Elimination, Sublevels
from atomcavity.studies.ion_laser.static import MEGA, Static


def about_static(static: Static) -> list[str]:
    """Misprints, largest shifts."""
    shifts = static.largest_shifts(np.array([next(iter(static.tight.values())).confinement]))
    text = ", ".join(f"{values[0]:.3g} (F = {F:g})" for F, values in shifts.items())
    return [
        "The magic radio frequency of F = 8 is 45.3 MHz, as in the text: the 55.3 MHz in the caption of Fig. 2 is a misprint, and would "
        "make the shift a third too small. The quadratic Zeeman coefficient of F = 5 is -444.0 Hz/G², not -440.0, and the hyperfine "
        "constant B that the printed coefficients belong to is 1958 MHz, not 1963 MHz.",
        f"Fig. 2 is an angular frequency: in the strongest trap Δ_max is {text} rad/s, 2π times less in Hz.",
    ]


def about_power(power: Power) -> list[str]:
    """Optimum, thresholds, groups."""
    device = power.device(power.momenta[-1], power.confinements[-1])
    low, high = (float(x) for x in device.continuum.thresholds(device.zeta))
    losses = 100 * (1 - power.at_zeta[1] / power.best[2])
    optimum, best = device.continuum.optimum(device.zeta)
    groups = float(power.of_groups(device, [float(optimum)], device.experiment.groups)[0])
    return [
        f"The optimum of the waist is flat: at ζ = {ZETA:g} the power is {losses.min():.1f} % below that at ζ = {power.best[0].mean():.3f}. "
        "With the pump it is as flat: the paper's 150 1/s gives "
        f"{100 * float(device.continuum.power(150.0, ZETA)) / float(best):.0f} % of the power at the optimum, {float(optimum):.0f} 1/s (F = {device.F:g}, "
        f"{device.confinement / MEGA:g} MHz).",
        f"Lasing starts at {low:.4f} 1/s, hardly above the natural decay, and ends at {high:.0f} 1/s (F = {device.F:g}, "
        f"{device.confinement / MEGA:g} MHz, ζ = {device.zeta:g}).",
        f"{device.experiment.groups} groups of ions with different couplings give the power of the continuum to "
        f"{number(groups * PICO / float(best) - 1)}.",
    ]


def about_pump(elimination: Elimination, sublevels: Sublevels) -> list[str]:
    """Elimination of the level between; all sublevels."""
    errors = ", ".join(f"{number(elimination.error(w))} at w = {w:g} 1/s" for w in PUMPS)
    device, ion = sublevels.device, sublevels.typical
    times = sublevels.scheme.populations(ion.response)
    two = 1e3 / (device.pump_rate + device.line.gamma)
    power, reference = (
        sublevels.power(device.pump_rate),
        float(device.continuum.power(device.pump_rate, device.zeta)),
    )
    impure = sublevels.impure(1e-4)
    return [
        f"Eliminating the level that the pump goes through changes the power by {errors}: the error is ξ/(1 + ξ) (V/Γ)².",
        f"All ions take part: pumped through all {len(sublevels.scheme.states)} sublevels, {100 * ion.dark[sublevels.scheme.index[sublevels.scheme.upper]]:.2f} % of the ions that "
        f"do not lase sit in |F = {device.F:g}, 0⟩, because no other sublevel is dark. An ion that has emitted visits other sublevels of the "
        f"ground state first: at w = {device.pump_rate:.0f} 1/s it spends {1e3 * times['lower state']:.1f} ms in the lower lasing state (two-level ions: {two:.1f} ms), "
        f"{1e3 * times[device.lower[0]]:.1f} ms in the other 14, and the rest in the 3D levels, so that {100 * sublevels.outside:.0f} % of the ions are in neither lasing state.",
        f"The power is {power:.3f} pW instead of {reference / PICO:.3f} pW with two-level ions: most returns to the ground state end in another sublevel, so that "
        f"the lower lasing state is emptier. In two-level terms ξ is {sublevels.effective_xi:.2f} instead of {device.experiment.pump.xi:g}.",
        f"The selection of one sublevel of 3D2 is expensive: {sublevels.repump_photons:.0f} photons of the repumping lasers are scattered for each photon of "
        f"the laser. They must therefore excite faster than some 10⁵ 1/s, and 10⁻⁴ of wrong polarization in the 499.55 nm "
        f"laser lowers the power to {sublevels.power(device.pump_rate, 1.0, impure):.2f} pW at the file's rates. The rate equations leave out coherences between sublevels.",
    ]
