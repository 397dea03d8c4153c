"""Atoms held in the dark next to the surface: what the trap's own light, its noise and the background gas do to them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import c, epsilon_0, h, hbar
from scipy.constants import k as boltzmann

from atomcavity.loading.background_gas import diffraction_energy, dispersion_coefficient, gas_loss
from atomcavity.loading.noise_heating import intensity_heating, pointing_heating
from atomcavity.loading.splitting import VELOCITY_VERLET
from atomcavity.loading.thermal import thermal_atoms
from atomcavity.loading.trajectories import BeamNoise, Trajectories, trajectories
from atomcavity.studies.chip_loading.device import Device
from atomcavity.studies.chip_loading.probed import one_over_e
from atomcavity.studies.chip_loading.sites import Sites
from atomcavity.traps.potential import Potential
from atomcavity.traps.site import Site

Array = NDArray[np.float64]

FOLLOWED = tuple(np.arange(1.5, 0.299, -0.05).round(3).tolist())
"""Heights of the lattice (spacings) to which the site is followed."""
ACROSS, OVER = 1.2e-6, 0.3e-6
"""How far an atom may come from the middle and above its site before it counts as lost (m)."""
STEP = ALMOST_WHITE = 0.05e-6
"""Of the trajectories in noise, and correlation time of the noise (s)."""
TRIED = 0.6
"""Height of the lattice (spacings) at which noise is tried: a site above the middle, well coupled to the ring."""


def light_scattering(device: Device, wavelength: float, energy: float) -> float:
    r"""Photons per second that the lower level scatters from far-detuned light whose scalar potential is `energy` (J).

    $\Gamma=\frac{\omega^3|E|^2}{12\pi\epsilon_0\hbar c^3}(\alpha_s^2+\alpha_v^2/2)$ with $|E|^2=4|U/\alpha_s|$: Rayleigh and Raman scattering of
    an unpolarized atom with J = 1/2 together.
    """
    level = device.experiment.atom.lower
    spin = device.species.nuclear_spin + 0.5
    found = device.species.polarizability(level, wavelength, m=spin, F=spin, polarization=(1.0, 1.0j, 0.0))
    scalar, vector = float(found.scalar), float(found.vector)
    omega = math.tau * c / wavelength
    field = 4 * abs(energy / scalar)
    return omega**3 * field * (scalar**2 + vector**2 / 2) / (12 * math.pi * epsilon_0 * hbar * c**3)


@dataclass(frozen=True)
class DarkSite:
    """The site of the lattice at rest that a lattice at `height` (spacings) has next to the surface."""

    device: Device
    height: float
    site: Site

    @cached_property
    def potential(self) -> Potential:
        """Lattice, blue field, surface."""
        return self.device.belt(height=self.height * self.device.spacing) + self.device.rest

    @cached_property
    def rim(self) -> float:
        """Energy (J) above the minimum at which an atom can leave: to the surface, sideways, or to the next site."""
        from scipy.ndimage import label

        bottom = self.device.experiment.surface.gap
        y = np.linspace(-ACROSS, ACROSS, 241)
        z = np.linspace(bottom, float(self.site.position[2]) + OVER, 161)
        places = np.stack(np.meshgrid(0.0, y, z, indexing="ij"), -1)[0]
        energy = self.potential.energy(places) - self.site.energy
        here = np.abs(y - self.site.position[1]).argmin(), np.abs(z - self.site.position[2]).argmin()
        low, high = float(energy[here]), float(energy.max())
        while high - low > 1e-4 * high:
            middle = (low + high) / 2
            parts, _ = label(energy <= middle)
            own = parts == parts[here]
            ends = own[0].any() or own[-1].any() or own[:, 0].any() or own[:, -1].any()
            low, high = (low, middle) if ends else (middle, high)
        return low

    @property
    def to_lose(self) -> float:
        """Energy (J) that a thermal atom lacks to leave: the rim less 2 k_B T."""
        return self.rim - 2 * boltzmann * self.device.temperature

    @property
    def frequencies_hz(self) -> tuple[float, float]:
        """Of the motion across and along z (Hz)."""
        along = np.argsort(np.abs(self.site.axes[:, 2]))
        across, up = self.site.frequencies[along] / math.tau
        return float(across), float(up)

    @cached_property
    def scattering(self) -> dict[str, float]:
        """Photons of the belt and of the blue field scattered per second."""
        given, place = self.device.experiment, self.site.position
        blue = float(self.device.blue.energy(place))
        belt = float(self.device.belt(height=self.height * self.device.spacing).energy(place))
        lights = {"belt": (given.belt.wavelength, belt), "blue field": (given.blue.wavelength, blue)}
        return {name: light_scattering(self.device, *light) for name, light in lights.items()}

    @cached_property
    def recoil_heating(self) -> dict[str, float]:
        """Power (W) of their recoil: absorbed and emitted in all three directions; from the blue field along its gradient and the guide."""
        given, mass = self.device.experiment, self.device.mass
        kick = h / given.belt.wavelength
        blue = h / given.blue.wavelength
        index = self.device.mode.effective_index
        absorbed = (hbar / self.device.profile.decay) ** 2 + (index * blue) ** 2
        each = {"belt": 2 * kick**2, "blue field": blue**2 + absorbed}
        return {name: rate * each[name] / (2 * mass) for name, rate in self.scattering.items()}

    @property
    def recoil_lifetime(self) -> float:
        """Until recoil alone has given a thermal atom the energy to leave (s)."""
        return self.to_lose / sum(self.recoil_heating.values())


@dataclass(frozen=True)
class Noise:
    """One kind of noise that ends the stay in the dark: by trajectories, and by the formula of a harmonic site.

    density   one-sided (1/Hz, m^2/Hz or rad^2/Hz) at `frequency_hz`, nearly flat up to there
    lifetime  of the trajectories (s); NaN: pointing noise is tried by the formula alone, it would have to be far stronger
    harmonic  lifetime (s) by the formula
    """

    name: str
    unit: str
    frequency_hz: float
    density: float
    lifetime: float
    harmonic: float

    def needed(self, lifetime: float) -> float:
        """Density with which the atoms live so long (s): all rates are proportional to it."""
        return self.density * (self.harmonic if math.isnan(self.lifetime) else self.lifetime) / lifetime


def held_density(rms: float, frequency_hz: float) -> float:
    """One-sided density of the noise that the trajectories have: new every STEP, correlated over ALMOST_WHITE."""
    keep, turn = math.exp(-STEP / ALMOST_WHITE), math.tau * frequency_hz * STEP
    white = 2 * rms**2 * STEP * (1 - keep**2) / (1 - 2 * keep * math.cos(turn) + keep**2)
    return white * float(np.sinc(frequency_hz * STEP)) ** 2


@dataclass(frozen=True)
class Dark:
    """The lattice at rest, before it is moved, with one blue field."""

    device: Device
    heights: tuple[float, ...]
    quick: bool = False

    @cached_property
    def sites(self) -> tuple[DarkSite, ...]:
        """At the heights at which there is one."""
        followed = tuple(sorted({*FOLLOWED, *self.heights}, reverse=True))
        found = dict(zip(followed, Sites(self.device, followed).found, strict=True))
        return tuple(
            DarkSite(self.device, height, site)
            for height in self.heights
            if (site := found[height]) is not None
        )

    @cached_property
    def middle(self) -> DarkSite:
        """That in which the noise is tried."""
        return next(site for site in self.sites if site.height == TRIED)

    @cached_property
    def noises(self) -> tuple[Noise, ...]:
        """Intensity, lattice phase and pointing, each alone; the first two so strong that the stay ends within milliseconds."""
        place = self.middle
        across, up = place.frequencies_hz
        mass, start = self.device.mass, boltzmann * self.device.temperature
        turn = self.device.spacing / math.tau
        found = []
        for name, unit, rms, frequency in (
            ("intensity", "1/Hz", 0.15, 2 * up),
            ("phase", "rad²/Hz", 0.1, up),
            ("pointing", "m²/Hz", 0.0, across),
        ):
            density = held_density(rms, frequency) or 1e-24
            if name == "intensity":  # of an exponential distribution <ln E> = ln kT - Euler's constant
                rate = intensity_heating(up, density)
                formula = 2 * (math.log(place.rim / start) + np.euler_gamma) / rate
            else:
                size = density * (turn**2 if name == "phase" else 1.0)
                formula = (place.rim - start) / pointing_heating(mass, frequency, size)
            flown = BeamNoise(**{name: rms}, correlation_time=ALMOST_WHITE)
            lifetime = self.lifetime(flown) if rms else math.nan
            found.append(Noise(name, unit, frequency, density, lifetime, float(formula)))
        return tuple(found)

    def lifetime(self, noise: BeamNoise) -> float:
        """Time (s) after which 1/e of thermal atoms have not yet had the energy to leave."""
        rides = self.flown(noise)
        inside = np.nan_to_num(rides.energy, nan=np.inf) < self.middle.site.energy + self.middle.rim
        return one_over_e(rides.time, np.logical_and.accumulate(inside, axis=1).mean(axis=0))

    def flown(self, noise: BeamNoise) -> Trajectories:
        """Thermal atoms in noise."""
        place, device = self.middle, self.device
        atoms = thermal_atoms(
            place.potential,
            device.mass,
            device.temperature,
            10 if self.quick else 50,
            near=place.site.position,
        )
        return trajectories(
            place.potential,
            atoms,
            3e-3,
            samples=301,
            surface=device.surface,
            noise=noise,
            method=VELOCITY_VERLET,
            step=STEP,
            seed=5,
        )

    @cached_property
    def dispersion(self) -> float:
        """C_6 (J m^6) of two atoms of the species in the lower level."""
        return dispersion_coefficient(self.device.species, self.device.experiment.atom.lower)

    def pressure(self, lifetime: float) -> float:
        """Pressure (Pa) of the species' own vapour at room temperature with which its collisions leave this lifetime (s)."""
        return 1 / (lifetime * gas_loss(self.dispersion, self.device.mass, 1.0))

    @property
    def depth_over_diffraction(self) -> float:
        """Rim over the energy that a collision typically gives: must be far below 1."""
        mass = self.device.mass
        return self.middle.rim / diffraction_energy(self.dispersion, mass, mass)
