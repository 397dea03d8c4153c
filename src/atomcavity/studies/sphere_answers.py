"""What every experiment with atoms around a microsphere answers: modes, quality, trap, coupling."""

from __future__ import annotations

import math

from scipy.constants import k as boltzmann

from atomcavity.coupling.merit import cooperativity, saturation_photons
from atomcavity.errors import at_key
from atomcavity.resonators import OpticalMode
from atomcavity.resonators.quality import LABELS, QualityBudget
from atomcavity.results import Answer
from atomcavity.studies.asked import AXES, Asked, along_axes
from atomcavity.studies.sphere_device import SphereDevice
from atomcavity.traps.minimum import TrapMinimum

_COLOURS = {"cavity": "cavity mode", "red": "red mode", "blue": "blue mode"}
MODES = Asked(
    "modes",
    (
        *((f"{key}.wavelength", f"wavelength of the {name}", "length") for key, name in _COLOURS.items()),
        *((f"{key}.radiative_quality", f"its radiative Q: {name}", "") for key, name in _COLOURS.items()),
        ("offset", "frequency of the cavity mode minus that of the transition", "angular"),
        ("offset_widths", "the same in units of kappa", ""),
    ),
)
QUALITY = Asked(
    "quality",
    (
        *((name, f"Q by {label} alone", "") for name, label in LABELS.items()),
        ("budget", "Q of the budget's parts together", ""),
        ("total", "Q of the dynamics", ""),
        ("kappa", "decay rate of the photon number", "angular"),
        ("kappa_ext", "the coupler's part of it", "angular"),
    ),
)
_WAYS = {
    "surface": "to the surface",
    "infinity": "to infinity",
    "along_phi": "to the next site",
}
TRAP = Asked(
    "trap",
    (
        ("distance", "of the minimum from the surface", "length"),
        ("depth", "from the bottom to infinity, over k_B", "temperature"),
        ("barrier", "towards the surface along the radius, over k_B", "temperature"),
        ("barrier_distance", "of its top from the surface", "length"),
        *((f"frequency.{axis}", f"harmonic frequency along {axis}", "angular") for axis in AXES),
        *((f"gap.{axis}", f"first gap of the states along {axis}", "angular") for axis in AXES),
        *((f"lamb_dicke.{axis}", f"Lamb-Dicke parameter along {axis}", "") for axis in AXES),
        *((f"opens.{key}", f"lowest way out {name}, over k_B", "temperature") for key, name in _WAYS.items()),
        ("sites", "sites of the lattice", ""),
        ("scattering.red", "photons scattered from the red light", "event rate"),
        ("scattering.blue", "photons scattered from the blue light", "event rate"),
        ("between_photons", "mean time between scattered photons", "time"),
        ("heating_time", "until heated out of the trap", "time"),
        ("tunnelling", "rate of tunnelling to the surface from the lowest state", "event rate"),
        ("level_decay", "natural decay rate of the trapped level", "event rate"),
    ),
)
SHIFT = Asked(
    "shift",
    (
        *((part, f"shift of the transition by the {part}", "angular") for part in ("red", "blue", "surface")),
        ("total", "shift of the transition at the minimum", "angular"),
    ),
)
COUPLING = Asked(
    "coupling",
    (
        ("calculated", "|g| at the trap's minimum, half the vacuum Rabi splitting", "angular"),
        ("g", "|g| of the dynamics", "angular"),
        ("cooperativity", "4 g^2/(kappa gamma), one mode", ""),
        ("saturation_photons", "gamma^2/(4 g^2)", ""),
        ("critical_atoms", "kappa gamma/(4 g^2)", ""),
        ("gamma", "natural decay rate of the transition", "angular"),
    ),
)


def mode_answers(device: SphereDevice, kappa: float) -> tuple[Answer, ...]:
    """Wavelengths, radiative quality factors, and the cavity mode's distance from the transition."""
    line = device.line  # a mistake in the atom's keys is told before those that follow from it
    modes: dict[str, OpticalMode] = {
        "cavity": device.cavity_mode,
        "red": device.trap.red.mode,
        "blue": device.trap.blue.mode,
    }
    offset = device.cavity_mode.frequency - line.frequency
    values = {f"{key}.wavelength": mode.wavelength for key, mode in modes.items()}
    values |= {f"{key}.radiative_quality": mode.quality_radiation for key, mode in modes.items()}
    return MODES.told(
        values | {"offset": offset, "offset_widths": abs(offset) / kappa},
        why="radiation losses beyond the range of numbers",
    )


def mode_remarks(device: SphereDevice) -> tuple[str, ...]:
    """The modes by their names."""
    red, blue = device.trap.red, device.trap.blue
    return (
        f"cavity mode: {device.cavity_mode}",
        f"red mode: {red.mode}{', standing' if red.standing else ''}",
        f"blue mode: {blue.mode}{', standing' if blue.standing else ''}",
    )


def quality_answers(
    budget: QualityBudget, *, total: float, kappa: float, kappa_ext: float, coupler: float | None = None
) -> tuple[Answer, ...]:
    """The budget part by part, and what the dynamics takes from it; `coupler` is its Q, if the budget has none."""
    values = dict(budget.parts)
    if coupler is not None:
        values["coupler"] = coupler
    values |= {"budget": budget.total, "total": total, "kappa": kappa, "kappa_ext": kappa_ext}
    return QUALITY.told(values, why="; ".join(budget.warnings) or "no such loss")


def trap_answers(device: SphereDevice) -> tuple[Answer, ...]:
    """The minimum, how it opens, its states and how long an atom stays; NaN with the reason where there is no trap."""
    trap, found = device.trap, device.trap.minimum()
    if not found:
        return TRAP.told({}, why=f"no trap: {found.reason}")
    values = _of_minimum(found)
    states, lifetime = trap.states(), trap.lifetime()
    values |= along_axes("gap", states.first_gaps)
    values |= along_axes("lamb_dicke", states.lamb_dicke(device.line))
    values |= {
        f"opens.{way.replace(' ', '_')}": energy / boltzmann for way, energy in trap.passages().items()
    }
    values |= {
        "sites": len(trap.sites) if trap.red.standing else math.nan,
        "scattering.red": lifetime.red,
        "scattering.blue": lifetime.blue,
        "between_photons": lifetime.between_photons if lifetime.rate > 0 else math.nan,
        "heating_time": lifetime.heating_time,
        "tunnelling": lifetime.tunnelling,
        "level_decay": lifetime.decay,
    }
    why = "no second state in the well" if trap.red.standing else "the red light is a running wave"
    return TRAP.told(values, why=why)


def _of_minimum(found: TrapMinimum) -> dict[str, float]:
    values = {
        "distance": found.distance,
        "depth": found.depth / boltzmann,
        "barrier": found.barrier / boltzmann,
        "barrier_distance": found.barrier_distance,
    }
    return values | along_axes("frequency", found.frequencies)


def shift_answers(device: SphereDevice) -> tuple[Answer, ...]:
    """Parts of the transition's shift at the trap's minimum."""
    found = device.trap.minimum()
    if not found:
        return SHIFT.told({}, why=f"no trap: {found.reason}")
    atom = device.experiment.atom
    with at_key("atom.upper"):
        shift = device.trap.shift(atom.upper, m=atom.m)
    parts = {part: float(getattr(shift, part)[0]) for part in ("red", "blue", "surface", "total")}
    return SHIFT.told(parts)


def coupling_answers(
    device: SphereDevice, kappa: float, *, calculated: float, g: float
) -> tuple[Answer, ...]:
    """Calculated coupling (rad/s; NaN without a trap) and that of the dynamics, with its figures of merit."""
    gamma = device.line.gamma
    c, photons = float(cooperativity(g, kappa, gamma)), float(saturation_photons(g, gamma))
    values = {
        "calculated": calculated,
        "g": g,
        "gamma": gamma,
        "cooperativity": c,
        "critical_atoms": 1 / c if c else math.inf,
        "saturation_photons": photons,
    }
    found = device.trap.minimum()
    return COUPLING.told(values, why="the atom does not couple" if found else f"no trap: {found.reason}")


def trap_warnings(device: SphereDevice) -> tuple[str, ...]:
    """What is doubtful about the trap."""
    found = device.trap.minimum()
    return found.warnings + (device.trap.states().warnings if found else ())
