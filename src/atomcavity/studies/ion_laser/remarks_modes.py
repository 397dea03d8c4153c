"""What the calculation says about both circular modes, in sentences with their numbers."""

from __future__ import annotations

import math

from atomcavity.studies.ion_laser.modes_scan import ModesScan


def about_modes(scan: ModesScan) -> list[str]:
    """Power, division, pulses and beat note of two modes."""
    laser = scan.laser
    pump = laser.last_pump / 2
    total, single = float(laser.powers(pump).sum()), laser.single(pump)
    uneven = 0.05
    part = scan.share(pump, 2 * uneven)
    slow = max(scan.traces)
    trace = scan.traces[slow]
    line, beat = laser.widths(pump)
    pull = (laser.beat(pump) - laser.splitting) / (2 * math.pi)
    crystal = scan.crystal_trace
    return [
        f"Both circular modes lase together and share the light equally: each has {100 * total / single / 2:.0f} % of the power of a single mode, "
        f"together {100 * (total / single - 1):.0f} % more, for identical ions and strong pumping 4(1 + ξ)/(4 + 3ξ) = {laser.gained:.4f} of it at any pump rate (the groups of a "
        f"crystal: {scan.crystal_gained:.4f}). The paper expects a reduction of the power; what is reduced is the power in one polarization. Without the coherence of the two "
        "lower states it would be 4/3, with one that the pump leaves alone (ξ = 0) exactly 1.",
        f"Equal powers are unstable below w = 4Ng²/κ/(5 + 4ξ) = {laser.pulsing_below:.1f} s⁻¹, {100 * laser.pulsing_below / laser.last_pump:.0f} % of the pump rate at which lasing ends: there the modes pulse "
        f"in antiphase for ever. At w = {slow:.1f} s⁻¹ each power has a standard deviation of {100 * trace.pulsing[0]:.0f} % of its mean and {trace.frequency:.1f} pulses a second, their "
        f"correlation is {_signed(trace.correlation)}; their sum is smooth to {100 * trace.power.sum(axis=0).std() / trace.mean.sum():.0f} %. With the crystal's distribution of couplings the "
        f"pulses stay ({100 * crystal.pulsing[0]:.0f} % at w = {min(scan.traces):.1f} s⁻¹). The optimum pump rate lies above that edge.",
        f"A coupling that differs by {100 * uneven:.0f} %, or mirrors by {200 * uneven:.0f} %, divide the light {100 * part:.0f} : {100 * (1 - part):.0f} at w = {pump:.0f} s⁻¹; one mode alone is left from a difference of the mirrors of "
        f"{100 * (1 - laser.selection(pump)):.0f} % on, from {100 * (1 - laser.selection(0.75 * laser.last_pump)):.0f} % at w = {0.75 * laser.last_pump:.0f} s⁻¹. That is how much the paper's “slightly different transparencies” must differ.",
        f"The beat note stands {_signed(pull)} Hz from the Zeeman splitting of {laser.splitting / (2 * math.pi):.0f} Hz, by the pull of the cavity (length such that κ/2π = {laser.kappa / (2e3 * math.pi):.0f} kHz). "
        f"Its line is {1e3 * beat / (2 * math.pi):.1f} mHz wide at w = {pump:.0f} s⁻¹, that of each mode {1e3 * line / (2 * math.pi):.1f} mHz: the two phases diffuse against each other, "
        f"and their mean has {1e3 * (line - beat / 4) / (2 * math.pi):.2f} mHz. Where the modes pulse, their amplitudes change sign from pulse to pulse, and the beat note "
        f"is two lines at ± the pulse rate, {trace.frequency:.1f} Hz, with nothing between: to hold the magnetic field by it, as the paper proposes, the pump must be above the edge.",
        f"Beyond mean field only a few ions can be treated exactly: with the same gain, {', '.join(map(str, scan.few))} ions have the cross-correlation "
        f"g⁽²⁾₊₋(0) = {', '.join(f'{value:.2f}' for value in scan.few.values())} of the two modes at w = {pump:.0f} s⁻¹ (light of random polarization: 2/3); mean field has 1, and "
        f"{trace.cross:.2f} in its pulses. Whether quantum noise changes where 10⁵ ions begin to pulse is left open.",
        "Left out of both modes: ions in other sublevels of ¹S₀ (F = 7 has fifteen), pump light that brings an ion from one lower lasing state into the other or makes them "
        "coherent, cavity modes of different frequency, and noise other than that of the phases.",
    ]


def _signed(value: float) -> str:
    return f"{value:+.2f}".replace("-", "−")
