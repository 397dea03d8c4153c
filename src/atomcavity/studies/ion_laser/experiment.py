"""One experiment file, answered as text: ion, trap, crystal, coupling, power, thresholds."""

from __future__ import annotations

import json
from pathlib import Path

from scipy.constants import hbar

from atomcavity import units
from atomcavity.dynamics import Linearised, MeanField, SteadyState, spectrum, steady_state
from atomcavity.errors import at_key
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.reports.page import write_text
from atomcavity.results import Result
from atomcavity.studies.ion_laser.device import Device, devices
from atomcavity.studies.ion_laser.ensemble import Ensemble
from atomcavity.studies.ion_laser.power import PICO
from atomcavity.traps.ion_shifts import largest_residual


def answer(experiment: IonLaserExperiment, folder: Path | None) -> str:
    """The answers for each F and confinement as text; with an existing `folder` also as files.

    Raises `InputError` for states or lines that do not exist, a radio frequency that is not there, or a trap that does not
    hold a spherical crystal.
    """
    lines = [experiment.title or "ion laser"]
    results: dict[str, Result] = {}
    with at_key("pump.through"):
        devices(experiment)[0].species.level(experiment.pump.through)
    for device in devices(experiment):
        name = f"F{device.F:g}-{units.show(device.confinement, 'angular').removeprefix('2π × ').replace(' ', '')}"
        lines += ["", *_device_lines(device)]
        found, more = _laser_lines(device)
        lines += found
        results |= {f"{key}-{name}": value for key, value in more.items()}
    text = "\n".join(lines)
    if folder is not None:
        write_text(folder / "answers.txt", text + "\n")
        write_text(folder / "experiment.json", json.dumps(experiment.model_dump(), indent=1) + "\n")
        for key, result in results.items():
            result.save(folder / f"{key}.nc")
    return text


def _device_lines(device: Device) -> list[str]:
    trap, ions = device.trap, device.experiment.trap.ions
    (lower, F_low, m_low), (upper, F_up, m_up) = device.lower, device.upper
    return [
        f"|{upper}, F = {F_up:g}, m = {m_up:g}> - |{lower}, F = {F_low:g}, m = {m_low:g}> of {device.species.name}",
        f"  trap: {trap}, magic: {device.magic_radio_frequency}",
        f"  crystal of {ions} ions, radius {units.show(device.radius, 'length')}; largest micromotion shift left at the magic "
        f"frequency {units.show(largest_residual(ions, trap, device.pair), 'angular')}",
        f"  {device.mode}, zeta = {device.zeta:.4g}, kappa = {units.show(device.mode.kappa, 'angular')}",
        f"  g = {units.show(device.g, 'angular')}, collective rate 4g²/κ = {units.show(device.collective_rate, 'angular')}",
    ]


def _laser_lines(device: Device) -> tuple[list[str], dict[str, Result]]:
    low, high = (float(x) for x in device.continuum.thresholds(device.zeta))
    w = device.pump_rate
    if not low < w < high:
        return [
            f"  it does not lase at the pump rate {w:.4g} 1/s: thresholds {low:.4g} and {high:.4g} 1/s"
        ], {}
    system = device.system(shifts=True)
    if not Ensemble.of(system, device.experiment.pump.xi).power(w) > 0:
        return [f"  it does not lase at {w:.4g} 1/s with the micromotion's shifts"], {}
    state: SteadyState = steady_state(system, method=MeanField(branch="lasing"))
    light = spectrum(system, method=Linearised(branch="lasing"))
    quantum = hbar * device.line.frequency * device.mode.kappa
    lines = [
        f"  lases between the pump rates {low:.4g} and {high:.4g} 1/s; at {w:.4g} 1/s without shifts "
        f"{float(device.continuum.power(w, device.zeta)) / PICO:.4g} pW, "
        f"{len(system.emitters)} groups with micromotion shifts: "
        f"{float(state.photon_number[0]) * quantum / PICO:.4g} pW",
        f"  linewidth (full, half maximum) {', '.join(units.show(float(x), 'angular') for x in light.full_width)}",
    ]
    return lines, {"state": state, "spectrum": light}
