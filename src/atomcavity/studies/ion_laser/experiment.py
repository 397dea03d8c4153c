"""One experiment file, answered: ion, trap, crystal, coupling, power, thresholds."""

from __future__ import annotations

import math

from scipy.constants import hbar

from atomcavity import units
from atomcavity.dynamics import Linearised, MeanField, SteadyState, spectrum, steady_state
from atomcavity.errors import at_key
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.results import Answer, Answers, Result
from atomcavity.studies.asked import Asked, methods_of
from atomcavity.studies.ion_laser.device import Device, devices
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.studies.spectra import carrier_width
from atomcavity.traps.ion_shifts import largest_residual

TRAP = Asked(
    "trap",
    (
        ("confinement", "secular frequency along z", "angular"),
        ("radio_frequency", "radio frequency of the trap", "angular"),
        ("magic", "radio frequency at which micromotion shifts vanish", "angular"),
        ("radius", "of the crystal", "length"),
        ("residual_shift", "largest micromotion shift left at the magic frequency", "angular"),
    ),
)
CAVITY = Asked(
    "cavity",
    (
        ("waist", "of the mode", "length"),
        ("zeta", "waist over radius of the crystal", ""),
        ("kappa", "decay rate of the photon number", "angular"),
        ("g", "|g| of an ion where it couples best, half the vacuum Rabi splitting", "angular"),
        ("collective_rate", "4 g^2/kappa", "angular"),
    ),
)
LASER = Asked(
    "laser",
    (
        ("pump_rate", "pump rate", "event rate"),
        ("threshold", "pump rate above which it lases", "event rate"),
        ("upper_threshold", "pump rate below which it lases", "event rate"),
        ("power_without_shifts", "power of the continuous crystal without shifts", "power"),
        ("power", "power with the micromotion's shifts", "power"),
        ("linewidth", "full width at half maximum of the highest line", "angular"),
        ("groups", "groups of ions in the calculation", ""),
    ),
)


def answers(experiment: IonLaserExperiment, seed: int = 0) -> Answers:  # noqa: ARG001 - nothing here is by chance
    """Everything that the file asks; of several F or confinements each under its own name, "F9-1000kHz.laser.power".

    Raises `InputError` for states or lines that do not exist, a radio frequency that is not there, or a trap that does not
    hold a spherical crystal.
    """
    every = devices(experiment)
    with at_key("pump.through"):
        every[0].species.level(experiment.pump.through)
    rows: list[Answer] = []
    results: dict[str, Result] = {}
    for device in every:
        name = "" if len(every) == 1 else f"{name_of(device)}."
        found, more = _laser_answers(device, name)
        rows += [*_device_answers(device, name), *found]
        results |= {f"{key}-{name_of(device)}": value for key, value in more.items()}
    warnings = dict.fromkeys(text for result in results.values() for text in result.warnings)
    return Answers(experiment.title or "ion laser", tuple(rows), results, tuple(warnings), _methods(results))


def _methods(results: dict[str, Result]) -> tuple[str, ...]:
    """The methods of the first device: those of the others are the same."""
    first: dict[str, Result] = {}
    for name, result in results.items():
        first.setdefault(name.partition("-")[0], result)
    return methods_of(first)


def name_of(device: Device) -> str:
    """The device among those of its file: "F9-1000kHz"."""
    kilohertz = f"{device.confinement / (2e3 * math.pi):.6f}".rstrip("0").rstrip(".")
    return f"F{device.F:g}-{kilohertz}kHz".replace(".", "_")


def _device_answers(device: Device, name: str) -> tuple[Answer, ...]:
    magic = device.magic_radio_frequency
    trap = {
        "confinement": device.confinement,
        "radio_frequency": device.trap.radio_frequency,
        "magic": float(magic),
        "radius": device.radius,
        "residual_shift": float(largest_residual(device.experiment.trap.ions, device.trap, device.pair)),
    }
    cavity = {
        "waist": device.waist,
        "zeta": device.zeta,
        "kappa": device.mode.kappa,
        "g": device.g,
        "collective_rate": device.collective_rate,
    }
    return (*TRAP.told(trap, why=str(magic), prefix=name), *CAVITY.told(cavity, prefix=name))


def _laser_answers(device: Device, name: str) -> tuple[tuple[Answer, ...], dict[str, Result]]:
    low, high = (float(x) for x in device.continuum.thresholds(device.zeta))
    w = device.pump_rate
    values = {"pump_rate": w, "threshold": low, "upper_threshold": high}
    shown = units.show(w, "event rate")
    if not low < w < high:
        why = f"it does not lase at the pump rate {shown}: thresholds {low:.4g} and {high:.4g} 1/s"
        return LASER.told(values, why=why, prefix=name), {}
    values["power_without_shifts"] = float(device.continuum.power(w, device.zeta))
    system = device.system(shifts=True)
    values["groups"] = len(system.emitters)
    if not Ensemble.of(system, device.experiment.pump.xi).power(w) > 0:
        why = f"it does not lase at {shown} with the micromotion's shifts"
        return LASER.told(values, why=why, prefix=name), {}
    state: SteadyState = steady_state(system, method=MeanField(branch="lasing"))
    light = spectrum(system, method=Linearised(branch="lasing"))
    quantum = hbar * device.line.frequency * device.mode.kappa
    values |= {"power": float(state.photon_number[0]) * quantum, "linewidth": carrier_width(light)}
    return LASER.told(values, prefix=name), {"state": state, "spectrum": light}
