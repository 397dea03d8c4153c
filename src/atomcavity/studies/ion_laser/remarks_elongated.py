"""What elongated crystals and the scaling laws say, in sentences with their numbers."""

from __future__ import annotations

import math

from atomcavity.studies.ion_laser.elongated import Elongated, Elongation
from atomcavity.studies.ion_laser.scaling import MEGA, READINGS, Scaling

MILLI, HERTZ = 2e-3 * math.pi, 2 * math.pi


def about_elongation(found: Elongation) -> list[str]:
    """How far stretching pays, and what the shifts do."""
    shifted, still = found.true_powers
    lost = 100 * (1 - shifted / still)
    first, last = found.true[0], found.true[-1]
    spread = [row.shifts.neighbours.std() / HERTZ for row in (first, last)]
    common = [row.shifts.total.mean() / HERTZ for row in (first, last)]
    return [
        _about_pay(found, found.large) + " " + _about_pay(found, found.continuous),
        f"True crystals of {found.ions} ions (F = {found.device.F:g}): the spread of their quadrupole shifts is {spread[0]:.2g} Hz rms in the sphere and {spread[1]:.2g} Hz at c/a = {last.aspect:g}, "
        f"but the best pump rate is {last.best[1] / first.best[1]:.2g} times as high there, and what the shifts take of the power falls from {lost[0]:.2g} to {lost[-1]:.1g} %. "
        "Sec. VI fears the quadrupole shifts of elongated crystals; they matter less than in the sphere. Micromotion shifts fall as (c/a)^(-2/3), and the mean shift stays "
        f"({common[0]:+.2f} and {common[1]:+.2f} Hz): what the end caps lose the crystal's own charge adds.",
    ]


def _about_pay(found: Elongation, rows: tuple[Elongated, ...]) -> str:
    aspect, power = found.best(rows)
    sphere, best = rows[0], max(rows, key=lambda row: row.best[2])
    return (
        f"{rows[0].device.experiment.trap.ions} ions stretched at fixed density give (c/a)^(2/3) times the power until the beam spreads over the crystal: the largest power {_up_to(rows, aspect)}is at c/a = "
        f"{aspect:.0f}, {power / sphere.best[2]:.2g} times that of the sphere, where the half length is {best.spreading:.2g} Rayleigh ranges; the line is then "
        f"{best.width / MILLI:.3g} mHz wide instead of {sphere.width / MILLI:.3g} mHz."
    )


def _up_to(rows: tuple[Elongated, ...], aspect: float) -> str:
    return "" if aspect < rows[-1].aspect else "of those tried "


def about_scaling(lasers: tuple[Scaling, ...]) -> list[str]:
    """Where P ~ N^(4/3) and omega_z^(4/3) end, and the confinement of the largest power."""
    worst = max(lasers, key=lambda each: each.largest_shift)
    device = worst.device
    N, omega = device.experiment.trap.ions, device.confinement

    def lost(ions: float, confinement: float) -> float:
        return 100 * float(1 - worst.shifted(ions, confinement)[1] / worst.continuum(ions, confinement)[1])

    rows = "; ".join(
        f"{reading}: " + "/".join(f"{each.best_confinements[reading]:.0f}" for each in lasers)
        for reading in READINGS
    )
    momenta = "/".join(f"{each.device.F:g}" for each in lasers)
    epsilon = ", ".join(
        f"{2 * each.best_confinements[READINGS[2]] * MEGA / each.device.trap.radio_frequency:.1f}"
        for each in lasers
    )
    return [
        f"P ∝ N^(4/3) holds from a few hundred ions (as a continuous medium) on; micromotion's shifts take {lost(1e6, omega):.1g} % at 10⁶, {lost(1e7, omega):.2g} % at 10⁷ and "
        f"{lost(1e9, omega):.2g} % at 10⁹ ions (F = {device.F:g}, {omega / MEGA:g} MHz), because Δ_max/γ⊥ grows as N^(1/3). P ∝ ω_z^(4/3) loses {lost(N, 3 * MEGA):.1g} % at 3 MHz and "
        f"{lost(N, 10 * MEGA):.2g} % at 10 MHz, and at 0.1 MHz the natural decay takes {100 * _natural(worst):.1g} %.",
        f"The confinement of the largest power with equal couplings and shifts (MHz, F = {momenta}) depends on which coupling is meant: {rows}. It grows as g^(3/2). The paper's 10 to 20 MHz is nearest "
        f"to the mean of the crystal, and not reproduced for F = 8; ε is {epsilon} there, so that Eq. (20) does not hold.",
    ]


def _natural(scaling: Scaling) -> float:
    """Part by which the power without shifts at 0.1 MHz falls short of the law from the device's confinement."""
    device = scaling.device
    N, low = device.experiment.trap.ions, 0.1 * MEGA
    law = scaling.continuum(N, device.confinement)[1] * (low / device.confinement) ** (4 / 3)
    return float(1 - scaling.continuum(N, low)[1] / law)
