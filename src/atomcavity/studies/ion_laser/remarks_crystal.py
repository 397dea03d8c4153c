"""What a true crystal says beside the continuous one, in sentences with their numbers."""

from __future__ import annotations

import math

from atomcavity.studies.ion_laser.true_crystal import TrueCrystal

MILLI, HERTZ, MEGA = 2e-3 * math.pi, 2 * math.pi, 2e6 * math.pi


def about_crystal(found: TrueCrystal) -> list[str]:
    """Power against the continuum and against groups, and the shifts."""
    device, shifts = found.device, found.shifts
    low, high = (100 * x for x in found.deviation)
    groups = float(found.groups.power(device.pump_rate) / found.powers[0])
    edge = 1 - float(found.crystal.depth.max()) * device.trap.length / device.radius
    return [
        f"A true crystal of {found.crystal.ions} ions (F = {device.F:g}, {device.confinement / MEGA:g} MHz, w = {device.pump_rate:.3g} s⁻¹) without shifts differs by {low:+.1f} to {high:+.1f} % "
        "from the power of the continuous crystal, as it is moved along the standing wave: its shells have a phase there. Its shifts take "
        f"{100 * found.lost:.2g} % of the power. {device.experiment.groups} groups of (g, Δ) instead of every ion change the power by {100 * (groups - 1):+.2g} %; "
        f"the line is {found.width / MILLI:.3g} mHz wide. The outermost ion lies {100 * edge:.1f} % inside N^(1/3) Wigner-Seitz radii.",
        f"The quadrupole shifts by the neighbours have a spread of {shifts.neighbours.std() / HERTZ:.2g} Hz rms; micromotion moves the outermost ion by {shifts.micromotion.max() / HERTZ:.2g} Hz; "
        f"end caps and neighbours together move all ions by {shifts.quadrupole.mean() / HERTZ:+.2f} Hz, which the paper does not mention. In a small crystal the best pump rate is low and the "
        "spread matters; the paper's estimate that it does not is for 10⁵ ions.",
    ]


def about_large(found: TrueCrystal) -> list[str]:
    """The same of a crystal large enough for the continuum."""
    low, high = (100 * x for x in found.deviation)
    return [
        f"A crystal of {found.crystal.ions} ions differs by {low:+.1f} to {high:+.1f} % only, and its shifts take {100 * found.lost:.2g} % of the power: "
        "the continuous crystal with a uniform density is good for the paper's 10⁵ ions."
    ]
