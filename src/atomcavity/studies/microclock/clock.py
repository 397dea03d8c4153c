"""The clock of an experiment file: its cycle, its noise, and how the lattice moves its transition from pulse to pulse."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from scipy.constants import hbar

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.clocks.pulsed import Fluctuation, PulsedClock
from atomcavity.errors import InputError
from atomcavity.experiments.microclock import NoiseSpectrum

if TYPE_CHECKING:
    from atomcavity.studies.microclock.device import Device


def fluctuations(device: Device) -> tuple[Fluctuation, ...]:
    """How the lattice shifts the transition from pulse to pulse.

    The file's standard deviation, or else that of each beam's power noise by the total derivative, the two
    beams independent of each other.  The mean is the file's, or else the shift at the minimum.
    """
    shifts, upper = device.experiment.shifts, device.experiment.atom.upper
    if shifts.deviation is not None and shifts.mean is not None:
        return (Fluctuation("lattice", shifts.deviation, shifts.mean),)
    sensitivity = device.trap.shift_sensitivity(upper)
    mean = sum(sensitivity.shift.values()) if shifts.mean is None else shifts.mean
    if shifts.deviation is not None:
        return (Fluctuation("lattice", shifts.deviation, mean),)
    slopes = {"blue power": sensitivity.blue, "red power": sensitivity.red}
    parts = (Fluctuation(name, abs(slope.total) * shifts.power_noise) for name, slope in slopes.items())
    return (Fluctuation("lattice", 0.0, mean), *parts)


def noise_of(spectrum: NoiseSpectrum, key: str = "noise") -> Noise:
    """The noise process of a table of an experiment file, where it stands under `key`."""
    noise = Noise(
        white_pm=spectrum.white_pm,
        flicker_pm=spectrum.flicker_pm,
        white_fm=spectrum.white_fm,
        flicker_fm=spectrum.flicker_fm,
        random_walk_fm=spectrum.random_walk_fm,
        bandwidth_hz=spectrum.bandwidth,
        slowest_hz=spectrum.slowest,
    )
    if max(noise.parts, default=0) > 0 and spectrum.bandwidth is None:
        raise InputError(f"{key}.bandwidth is missing: noise of the phase (white_pm, flicker_pm) needs it")
    return noise


def clock_of(device: Device) -> PulsedClock:
    """The pulsed clock that an experiment file describes."""
    experiment = device.experiment
    cycle, lock, laser = experiment.cycle, experiment.lock, experiment.reference_laser
    return PulsedClock(
        system=device.system,
        frequency=device.line.frequency,
        period=cycle.period,
        window=cycle.window,
        number_spread=experiment.ensemble.spread,
        shifts=fluctuations(device),
        cavity_noise=noise_of(experiment.noise),
        lock=None if lock is None else CavityLock(lock.gain, lock.sensor_noise),
        estimator=cycle.estimator,
        readout=cycle.readout,
        laser_noise=None if laser is None else noise_of(laser, "reference_laser"),
    )


def printed_parts(device: Device) -> dict[str, float]:
    """The three parts (rad/s) whose linear sum is the paper's standard deviation of the lattice shift (App. D).

    The power noise times each beam's own shift, the atom held in place, and half of 3 xi_rho/d times the van der
    Waals shift, xi_rho = sqrt(hbar/(M Omega_rho)): the half is not in the printed formula but in the printed 0.3 kHz.
    """
    trap, noise = device.trap, device.experiment.shifts.power_noise
    sensitivity = trap.shift_sensitivity(device.experiment.atom.upper)
    spread = math.sqrt(hbar / (device.species.mass * trap.states(2).first_gaps[0]))
    surface = 1.5 * spread / trap.require_minimum().distance * sensitivity.shift["surface"]
    return {
        "blue light, atom at rest": noise * abs(sensitivity.blue.fixed),
        "red light, atom at rest": noise * abs(sensitivity.red.fixed),
        "van der Waals, spread of the atom": abs(surface),
    }


def cavity_parts(clock: PulsedClock, cycles: int, *, seed: int = 0) -> dict[str, float]:
    """sigma_y of one cycle by the white and by the random-walk part of the cavity's noise, each alone."""
    noise = clock.cavity_noise or Noise()
    parts = {
        "white": Noise(white_fm=noise.white_fm),
        "random walk": Noise(random_walk_fm=noise.random_walk_fm),
    }
    return {
        name: float(
            deviation(
                replace(clock, cavity_noise=part).run(cycles, seed=seed, parts=("cavity",)), taus=[1]
            ).value[0]
        )
        for name, part in parts.items()
    }
