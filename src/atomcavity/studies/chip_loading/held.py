"""Atoms held next to the surface by the lattice at rest, whose phase is another in every run, in resonant light from outside."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar
from scipy.constants import k as boltzmann

from atomcavity.loading.splitting import VELOCITY_VERLET
from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import Recoil, trajectories
from atomcavity.studies.chip_loading.device import Device
from atomcavity.traps.site import sites_in

Array = NDArray[np.float64]
Whole = NDArray[np.int64]

ACROSS, ABOVE = (-0.5e-6, 0.5e-6), (60e-9, 450e-9)
"""Where sites are looked for (m): a site farther up sends no light into the ring."""
CELLS = (201, 157)
RIMS = range(10, 4, -1)
"""k_B T above its minimum up to which a site is filled: the first below its rim; shallower sites are empty."""
MOST = 4  # atoms in a site: two in a hundred have more
RECOILS = 0.09  # photons scattered in a step of the trajectories at most


@dataclass(frozen=True, eq=False)
class Well:
    """Thermal distribution in the sites next to the surface at one phase of the lattice: weights of the cells (y, z)."""

    phase: float
    y: Array
    z: Array
    weight: Array
    energy: float

    def draw(self, count: int, rng: np.random.Generator) -> Array:
        """Places (count, 3) (m)."""
        cells = rng.choice(self.weight.size, count, p=self.weight.ravel())
        i, j = np.unravel_index(cells, self.weight.shape)
        out = np.zeros((count, 3))
        for axis, (grid, at) in enumerate(((self.y, i), (self.z, j)), start=1):
            out[:, axis] = grid[at] + (grid[1] - grid[0]) * (rng.random(count) - 0.5)
        return out


@dataclass(frozen=True, eq=False)
class Flights:
    """Paths of the atoms of several runs: places (run, atom, time, 3) in m, NaN where there is no atom or no more."""

    number: Whole
    position: Array


@dataclass(frozen=True)
class Held:
    """Runs with atoms in the site next to the surface, at the device's temperature, scattering resonant light.

    drive     Rabi frequency of the light (rad/s); it comes across the waveguide, along y
    duration  of a run (s), tick  between two samples of its paths
    phases    values of the lattice's phase, in equal parts of a period
    """

    device: Device
    drive: float
    duration: float
    tick: float = 1e-7
    phases: int = 25

    @property
    def samples(self) -> int:
        """Times of a path."""
        return round(self.duration / self.tick) + 1

    @property
    def heights(self) -> Array:
        """z_0/d of the lattice at these phases, from below: the lowest have no site near the surface."""
        return 0.1 + (np.arange(self.phases) + 0.5) / self.phases

    @cached_property
    def wells(self) -> tuple[Well | None, ...]:
        """The thermal distribution at each height; None: no site next to the surface."""
        return tuple(self._well(height) for height in self.heights)

    def _well(self, height: float) -> Well | None:
        """Boltzmann's factor on a raster, in the cells around the minima that an atom can leave only over the rim."""
        device, unit = self.device, boltzmann * self.device.temperature
        potential = device.belt(height=height * device.spacing) + device.rest
        sites = sites_in(potential, device.mass, ACROSS, ABOVE)
        if not sites:
            return None
        nearest = max(sites, key=lambda site: float(device.coupling(site.position)))
        y, z = (np.linspace(*ends, n) for ends, n in zip((ACROSS, ABOVE), CELLS, strict=True))
        places = np.stack(np.meshgrid(0.0, y, z, indexing="ij"), -1)[0]
        energy = potential.energy(places) - nearest.energy
        minima = [
            (int(np.abs(y - site.position[1]).argmin()), int(np.abs(z - site.position[2]).argmin()))
            for site in sites
            if abs(site.energy - nearest.energy) < unit / 10  # the two side lobes
        ]
        inside = _closed(energy / unit, minima)
        if inside is None:
            return None
        weight = np.where(inside, np.exp(-np.clip(energy, 0, None) / unit), 0.0)
        phase = device.phase_at(height * device.spacing)
        return Well(phase, y, z, weight / weight.sum(), nearest.energy)

    @cached_property
    def _starts(self) -> Array:
        """Places (place, 3) at the start, as many in each site (m)."""
        rng = np.random.default_rng(0)
        return np.concatenate([well.draw(50, rng) for well in self.wells if well is not None])

    @cached_property
    def scattering(self) -> float:
        """Photons that an atom scatters per second, into the ring and beside it, averaged over the sites at the start."""
        rate, excited = self.line(self._starts)
        return float((rate * excited).mean())

    @property
    def saturated(self) -> float:
        """The same in light that is much stronger."""
        rate, _ = self.line(self._starts)
        return float(rate.mean() / 2)

    @property
    def strongest(self) -> float:
        """Largest thermal mean of g (rad/s) in a site at the start, over the phases of the lattice."""
        rng = np.random.default_rng(0)
        return max(
            float(self.device.coupling(well.draw(200, rng)).mean()) for well in self.wells if well is not None
        )

    def line(self, places: Array) -> tuple[Array, Array]:
        """Decay rate and excited population of an atom alone at places (..., 3) in the steady state (rad/s, 1)."""
        g, shift = self.device.probe.couplings(places)
        rate = self.device.gamma + self.purcell(g)
        half = self.drive**2 / 4
        return rate, half / (rate**2 / 4 + shift**2 + 2 * half)

    def purcell(self, g: Array) -> Array:
        """Decay into the ring, 4 g^2 eta/kappa (rad/s), of atoms that couple to one direction."""
        ring = self.device.experiment.ring
        return np.asarray(4 * g**2 / ring.kappa / (1 + 4 * ring.backscattering**2 / ring.kappa**2))

    def flights(self, runs: int, seed: int) -> Flights:
        """Atoms of `runs` runs in resonant light, Poisson numbers in each, the lattice at random phases."""
        device = self.device
        rng = np.random.default_rng([seed, 1])
        chosen = rng.integers(self.phases, size=runs)
        number = np.minimum(rng.poisson(device.occupation, runs), MOST)
        number[[self.wells[k] is None for k in chosen]] = 0
        run = np.repeat(np.arange(runs), number)
        own = [self.wells[k] for k in chosen[run]]
        speed = math.sqrt(boltzmann * device.temperature / device.mass)
        place = np.concatenate([well.draw(1, rng) for well in own if well is not None])
        velocity = speed * rng.standard_normal(place.shape)
        velocity[:, 0] = 0
        base = device.belt(height=0.0) + device.rest
        step = self.tick / math.ceil(self.tick * self.scattering / RECOILS)
        phases = np.array([well.phase for well in own if well is not None])
        rides = trajectories(
            base,
            Atoms(device.mass, place, velocity, plane=True),
            self.duration,
            samples=self.samples,
            phases=phases - device.phase_at(0.0),
            surface=device.surface,
            recoil=Recoil(self.scattering, device.line.wavelength, (0.0, 1.0, 0.0)),
            method=VELOCITY_VERLET,
            step=step,
            seed=seed,
        )
        energies = np.array([well.energy for well in own if well is not None])
        place_in_run = np.arange(len(run)) - np.repeat(np.cumsum(number) - number, number)
        position = np.full((runs, max(1, int(number.max())), self.samples, 3), math.nan)
        position[run, place_in_run, :, 1:] = rides.position[:, :, 1:]
        position[run, place_in_run, :, 0] = self._along(energies, rng)
        position[np.isnan(position[..., 2])] = math.nan
        return Flights(number, position)

    def _along(self, energies: Array, rng: np.random.Generator) -> Array:
        """Harmonic motion along the waveguide in the tweezer's width, thermal at first, with the recoil of emitted photons (m)."""
        device = self.device
        waist = device.experiment.belt.tweezer_waist
        omega = np.sqrt(4 * np.abs(energies) / device.mass)[:, None] / waist
        spread = math.sqrt(boltzmann * device.temperature / device.mass)
        shape = (len(energies), self.samples)
        recoil = math.tau * hbar / (device.line.wavelength * device.mass)
        times = np.arange(self.samples) * self.tick
        kicks = recoil * math.sqrt(self.scattering * self.tick / 3) * rng.standard_normal(shape)
        start = spread * rng.standard_normal((2, len(energies), 1))
        amplitude = (
            start[0] + 1j * start[1] + np.cumsum(kicks * np.exp(-1j * omega * times), axis=1)
        )  # of the velocity
        return np.asarray((amplitude * np.exp(1j * omega * times) / (1j * omega)).real)


def _closed(energy: Array, minima: Sequence[tuple[int, int]]) -> NDArray[np.bool_] | None:
    """Cells connected to the minima below the highest of the RIMS at which they do not reach the raster's edge."""
    from scipy.ndimage import label

    for rim in RIMS:
        parts, _ = label(energy < rim)
        inside = np.isin(parts, [parts[place] for place in minima]) & (parts > 0)
        edges = (inside[0], inside[-1], inside[:, 0], inside[:, -1])
        if inside.any() and not any(edge.any() for edge in edges):
            return np.asarray(inside)
    return None
