"""What the linewidth's calculation says, in sentences with their numbers."""

from __future__ import annotations

import math

from atomcavity.studies.ion_laser.linewidth import Line, Lines, Linewidth

MILLI, HERTZ, MEGA = 2e-3 * math.pi, 2 * math.pi, 2e6 * math.pi


def about_linewidth(lines: Lines) -> list[str]:
    """Width by phase diffusion and by cumulants against Eq. (40), and what the shifts do to the line."""
    widths = [line.width / each.estimate for each, line in zip(lines.all, lines.best, strict=True)]
    wider = [line.wider / each.estimate for each, line in zip(lines.all, lines.best, strict=True)]
    first = "; ".join(
        f"{line.width / MILLI:.2f} mHz at {each.device.confinement / MEGA:g} MHz (cumulants {line.wider / MILLI:.2f}, Eq. 40 {each.estimate / MILLI:.2f})"
        for each, line in zip(lines.all, lines.best, strict=True)
        if each.device.F == lines.devices[0].F
    )
    sweep = lines.over_pump[-1]
    tight = lines.first[-1]
    law = max(abs(float(tight.law(line.pump)) / line.width - 1) for line in sweep)
    return [
        f"At the pump rate of the largest power the phase of the light diffuses with a full width of {min(widths):.2f} to {max(widths):.2f} g₀²/κ for all F and confinements "
        f"(F = {lines.devices[0].F:g}: {first}): Eq. (40) is too large by a half. Second-order cumulants give {min(wider):.2f} to {max(wider):.2f} g₀²/κ, because they take the gain as unsaturated.",
        f"The width depends on the pump rate, which Eq. (40) does not: {tight.device.confinement / MEGA:g} MHz, F = {tight.device.F:g}, "
        + ", ".join(
            f"{line.width / MILLI:.3g} mHz at w = {line.pump:.3g} s⁻¹"
            for line in (sweep[0], sweep[len(sweep) // 2], sweep[-1])
        )
        + f". It is γ⊥(G + 2γ⊥)/2Φ to {100 * law:.2g} %, whatever the distribution of g: the number of photons a second, Φ, decides.",
        *(_about_shifts(each, kinds) for each, kinds in zip(lines.tight, lines.shifted, strict=False)),
    ]


def _about_shifts(each: Linewidth, kinds: dict[str, Line]) -> str:
    none, moved, few, both = (kinds[k] for k in ("none", "micromotion", "moved", "both"))
    return (
        f"F = {each.device.F:g} at {each.device.confinement / MEGA:g} MHz: the micromotion's shifts take {100 * (1 - moved.power / none.power):.2g} % of the power, "
        f"widen the line by {100 * (moved.width / none.width - 1):.2g} % and move the light by {moved.frequency / HERTZ:+.3f} Hz; the spread of the quadrupole shifts, "
        f"{each.quadrupole.std() / HERTZ:.2g} Hz rms, takes {100 * (1 - both.power / few.power):.1g} % more and widens it by {100 * (both.width / few.width - 1):.2g} %. The gradients of the end caps and of the crystal's mean charge, "
        f"which the paper does not mention, move all ions by {each.common / HERTZ:+.2f} Hz."
    )
