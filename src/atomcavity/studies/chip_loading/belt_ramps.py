"""Ramps of the belt's speed: energy that atoms gain, and waveforms for a generator."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.loading.ramps import Ramp, least_heating_ramp, ramp_excitation
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import trajectories
from atomcavity.loading.waveform import Waveform, waveform
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.sites import Sites
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.site import Site, find_site
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

FAST = 500e3
"""Frequency of a belt that is stopped so suddenly that it matters (Hz), ten times the paper's."""
START = 1e-3
"""Time of the paper's ramp from rest to the belt's frequency (s)."""
SAMPLE_RATE = 10e6
"""Of the waveforms (1/s)."""
WIDTH = 0.12
"""Half the width of a band of trap frequencies about that of the bottom: what the anharmonic motion of thermal atoms takes up."""
TRIGGERED = 0.5
"""Height of the lattice (spacings) at a trigger of the paper's own simulation."""
CAUGHT = 0.38
"""And at rest after it."""


@dataclass(frozen=True)
class BeltRamps:
    """The belt far from the chip, where nothing but its two beams acts, and the way into the last trap."""

    device: Device
    quick: bool = False

    @cached_property
    def beams(self) -> tuple[GaussianBeam, GaussianBeam]:
        """Tweezer and bottom beam in free space."""
        given = self.device.experiment.belt
        amplitude = math.sqrt(4 * hbar * given.depth / self.device.polarizability)
        wave = given.wavelength
        return (
            GaussianBeam(amplitude, wave, given.tweezer_waist, upwards=False),
            GaussianBeam(amplitude * given.ratio, wave, given.bottom_waist),
        )

    def belt(self, frequency_hz: TimeLaw | float, height: float = 0.0) -> ConveyorBelt:
        """In free space, with a site at `height` (m) above the focus at t = 0."""
        phase = TimeLaw.of(frequency_hz).phase(-math.tau * height / self.device.spacing)
        return ConveyorBelt(*self.beams, self.device.polarizability, phase=phase)

    @cached_property
    def site(self) -> Site:
        """The site in the focus."""
        return find_site(self.belt(0.0), self.device.mass, near=(0.0, 0.0, 0.0))

    @property
    def frequency_hz(self) -> float:
        """Of the motion along it (Hz)."""
        return float(self.site.frequencies[-1]) / math.tau

    @property
    def band(self) -> tuple[float, float]:
        """Frequencies of thermal atoms far from the chip (Hz)."""
        return (1 - WIDTH) * self.frequency_hz, (1 + WIDTH) * self.frequency_hz

    @cached_property
    def last_band(self) -> tuple[float, float]:
        """Frequencies along z from the moving site at the trigger to the trap at four times the tweezer's power (Hz)."""
        device = self.device
        heights = tuple(np.arange(1.5, TRIGGERED - 0.01, -0.1).round(3).tolist())
        moving = Sites(device, heights).found[-1]
        assert moving is not None
        power = device.experiment.feedback.power
        rest = device.belt(height=CAUGHT * device.spacing, power=power) + device.rest
        caught = find_site(rest, device.mass, near=moving.position + np.array([0.0, 1e-7, 0.0]))
        found = sorted(float(site.frequencies[-1]) / math.tau for site in (moving, caught))
        return found[0] * (1 - WIDTH), found[1] * (1 + WIDTH)

    @property
    def durations(self) -> Array:
        """Of the ramps that are tried (s)."""
        return np.linspace(1e-6, 12e-6, 12 if self.quick else 45)

    def least(self, duration: float) -> Ramp:
        """The ramp that heats least far from the chip."""
        return least_heating_ramp(duration, self.band)

    def unit(self, frequency_hz: float) -> float:
        """m (Delta v)^2/2 (J): what an atom gains from a sudden stop."""
        return self.device.mass / 2 * (frequency_hz * self.device.spacing) ** 2

    def over_band(self, shape: str | tuple[float, ...], duration: float) -> float:
        """Mean over the band of the energy gained over that of a sudden stop."""
        return float(ramp_excitation(shape, np.linspace(*self.band, 61), duration).mean())

    def curve(self, shape: str | None) -> Array:
        """`over_band` for all durations; None: the least-heating ramps."""
        shapes = [self.least(t).shape if shape is None else shape for t in self.durations]
        return np.array([self.over_band(form, t) for form, t in zip(shapes, self.durations, strict=True)])

    @cached_property
    def atoms(self) -> Atoms:
        """Thermal ones and for each its mirror image, so that what is linear in the place at the start cancels; at rest with their site."""
        device = self.device
        count = 20 if self.quick else 100
        drawn = thermal_atoms(
            self.belt(0.0), device.mass, device.temperature, count, near=self.site.position, seed=3
        )
        offset = drawn.position - self.site.position
        place = self.site.position + np.concatenate([offset, -offset])
        return Atoms(device.mass, place, np.concatenate([drawn.velocity, -drawn.velocity]))

    def gained(self, shape: str | tuple[float, ...], duration: float) -> float:
        """Mean energy (J) that thermal atoms of the fast belt gain from a stop, by trajectories.

        Half the way lies before the focus and half behind it, so that the site is as deep at the end as at the start.
        """
        half = FAST * self.device.spacing * duration / 4
        law = TimeLaw.constant(FAST).ramp_to(0.0, start=0.0, duration=duration, shape=shape)
        moving = np.array([0.0, 0.0, -FAST * self.device.spacing])
        at_rest = self.atoms
        place = at_rest.position + np.array([0.0, 0.0, half])
        atoms = Atoms(at_rest.mass, place, at_rest.velocity + moving)
        potential = self.belt(law, half)
        flown = trajectories(potential, atoms, duration, samples=2)
        before = potential.energy(place) + at_rest.mass / 2 * np.sum(at_rest.velocity**2, axis=-1)
        return float((flown.energy[:, -1] - before).mean())

    @cached_property
    def tried(self) -> dict[str, Array]:
        """Such energies over that of a sudden stop, at some of the durations, of the linear and of the least-heating ramp."""
        times = self.durations[2 :: 4 if self.quick else 5]
        unit = self.unit(FAST)
        linear = [self.gained("linear", t) / unit for t in times]
        least = [self.gained(self.least(t).shape, t) / unit for t in times]
        return {"time": times, "linear": np.array(linear), "least": np.array(least)}

    @cached_property
    def waveforms(self) -> dict[str, Waveform]:
        """Start of the belt and stop after a trigger: as the paper has them, and with the least-heating ramps in the same times."""
        experiment = self.device.experiment
        given = experiment.feedback
        power = TimeLaw.constant(1.0).ramp_to(given.power, start=0.0, duration=given.rise)
        found = {}
        for name, shape in (("linear", "linear"), ("least-heating", None)):
            start = shape or least_heating_ramp(START, self.band).shape
            law = TimeLaw.constant(0.0).ramp_to(
                experiment.belt.frequency, start=0.0, duration=START, shape=start
            )
            found[f"start-{name}"] = waveform(law, START, SAMPLE_RATE)
            stop = shape or least_heating_ramp(given.stop, self.last_band).shape
            law = TimeLaw.constant(given.frequency).ramp_to(0.0, start=0.0, duration=given.stop, shape=stop)
            found[f"stop-{name}"] = waveform(law, given.stop, SAMPLE_RATE, power=power)
        return found

    def write_waveforms(self, folder: Path) -> None:
        """Each as `waveform-NAME.csv` and `waveform-NAME.npy`: time, frequency, phase, relative power of the tweezer."""
        for name, wave in self.waveforms.items():
            wave.to_csv(folder / f"waveform-{name}.csv")
            wave.write_npy(folder / f"waveform-{name}.npy")
