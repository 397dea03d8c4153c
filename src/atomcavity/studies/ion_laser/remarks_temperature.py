"""What the calculation says about the temperature of the ions, in sentences with their numbers."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from atomcavity.studies.ion_laser.temperature import MELTING, MOMENT_2, WarmLaser
from atomcavity.studies.ion_laser.temperature_scan import TemperatureScan

MILLI = 1e-3


def about_temperature(scan: TemperatureScan) -> list[str]:
    """Debye-Waller factor, temperature at which the laser dies, second-order Doppler shift."""
    names = _each(scan, lambda laser: f"{laser.confinement / (2e6 * math.pi):g}")
    half = _each(scan, lambda laser: _temperature(laser.half_temperature(laser.best_pump)))
    last = _each(scan, lambda laser: _temperature(laser.last_temperature(laser.best_pump)))
    ever = _each(scan, lambda laser: _temperature(laser.last_temperature()))
    melting = _each(scan, lambda laser: _temperature(laser.melting))
    limits = ", ".join(f"{_temperature(limit)} on {name}" for name, limit in scan.limits.items())
    highest = max(scan.limits.values())
    left = _each(scan, lambda laser: f"{100 * _left(laser, highest):.0f} %")
    heats = [laser.heating(scan.pump_wavelength, laser.best_pump) for laser in scan.lasers]
    heating = _listed([_plain(1e6 * rate) for rate in heats])
    pairs = zip(scan.lasers, heats, strict=True)
    lasts = _listed([_plain(laser.half_temperature(laser.best_pump) / rate) for laser, rate in pairs])
    strong = scan.lasers[-1]
    softness = scan.softness
    shift = [
        -float(strong.doppler(MILLI)) / (2 * math.pi),
        -float(strong.doppler_micromotion(MILLI)) / (2 * math.pi),
    ]
    speed = scan.phonons.velocity(strong.mass, strong.confinement, MILLI).sum(axis=1)
    spread = float(speed.std() / speed.mean())
    return [
        "The paper's ions are cold. Secular motion along the cavity takes the factor exp(−k²⟨z²⟩) off g², with k²⟨z²⟩ = 4.32 (kl)²/Γ in a large crystal: its soft shear modes make ⟨z²⟩ "
        f"{MOMENT_2 / 3:.2f} times that of an ion among fixed neighbours, and in a true crystal of {scan.crystal.ions} ions, with its surface, {softness.mean():.1f} times in the mean and {np.median(softness):.1f} "
        f"in the median; the softest ion has {softness.max():.0f}. ({scan.phonons.left_out} rotations left out.)",
        f"At ω_z/2π = {names} MHz half of the power at the cold crystal's best pump rate is left at {half}, and none above {last}; with the pump rate lowered as needed it lases up to {ever}. "
        f"All this is far below the melting point, Γ = {MELTING:.0f} at {melting}: it is not the crystal but the Lamb-Dicke regime that ends.",
        f"The Doppler limits ħΓ/(2k_B) are {limits}; the paper would cool through ³P₂. At the highest of them {left} of the power are left for {names} MHz, the pump rate lowered as needed: "
        "weak confinement asks for more than Doppler cooling, strong confinement does not. "
        f"The recoil of the pump's light at {scan.pump_wavelength * 1e9:.0f} nm alone heats the crystals at their best pump rates by {heating} µK/s: without cooling half of the power is gone after {lasts} s.",
        f"The second-order Doppler shift of the secular motion, −3k_BT/(2mc²), is −{1e3 * shift[0]:.2f} mHz at 1 mK, and the same for all ions (a spread of {100 * spread:.1g} % by their "
        f"quantum statistics in the small crystal): a mere {shift[0] / strong.laser.frequency * 2 * math.pi:.1g} of the frequency. The micromotion of ions that move about adds {shift[1] / shift[0]:.1f} times as much, since soft modes move "
        "far at little speed; being proportional to x² + y² like that of the crystal at rest, it is cancelled at the magic radio frequency in leading order.",
        f"In an exactly spherical trap nothing holds the crystal's orientation. For its edge to move by less than 1/k along the cavity at 1 mK, small anisotropies must give it a rocking frequency above "
        f"{strong.rocking(MILLI) / (2e3 * math.pi):.1f} kHz.",
        "Left out of the temperature: anharmonic motion near melting, different temperatures along different axes and of different modes (rf heating, soft modes that cool slowly), the transverse motion in the "
        "waist, and g that flickers with the occupation of single modes.",
    ]


def _left(laser: WarmLaser, temperature: float) -> float:
    return float(laser.power(temperature) / laser.laser.power(laser.best_pump, laser.zeta))


def _each(scan: TemperatureScan, text: Callable[[WarmLaser], str]) -> str:
    return _listed([text(laser) for laser in scan.lasers])


def _listed(found: list[str]) -> str:
    return ", ".join(found[:-1]) + " and " + found[-1] if len(found) > 1 else found[0]


def _temperature(value: float) -> str:
    factor, unit = (1e3, "mK") if value >= 1e-3 else (1e6, "µK")
    return f"{_plain(factor * value)} {unit}"


def _plain(value: float) -> str:
    """Two digits, no exponent."""
    return f"{float(f'{value:.2g}'):g}"
