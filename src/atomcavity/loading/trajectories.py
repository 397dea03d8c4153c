"""Trajectories of classical atoms in a potential that changes in time: how they move, heat, and end."""

from __future__ import annotations

import math
import os
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, reals, require
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.loading.splitting import BLANES_MOAN, Splitting
from atomcavity.loading.thermal import Atoms
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.traps.potential import Box, Potential

Array = NDArray[np.float64]

ENDINGS = ("held", "surface", "left")

_BLOCK = 64  # atoms that a thread follows together
_FORCES = 50  # forces a period of the stiffest motion
_TESTED = 16  # atoms of the frozen test


@dataclass(frozen=True)
class ChipSurface:
    """Where an atom is lost: below `gap` (m) above the waveguide, |y| < width/2; beside it below -`drop` (m)."""

    gap: float = 10e-9
    width: float = math.inf
    drop: float = math.inf

    def __post_init__(self) -> None:
        number(self.gap, "gap")
        require(self.width >= 0, f"width = {self.width!r} must be >= 0 (m)")
        require(not math.isnan(self.drop), "drop must not be NaN")


@dataclass(frozen=True)
class Recoil:
    """Photon scattering: `rate` (1/s) of photons of `wavelength` (m), absorbed from `direction` (3,), emitted in all alike."""

    rate: float
    wavelength: float
    direction: tuple[float, float, float] = (1.0, 0.0, 0.0)

    def __post_init__(self) -> None:
        require(number(self.rate, "rate") >= 0, f"rate = {self.rate!r} must be >= 0 (1/s)")
        require(
            number(self.wavelength, "wavelength") > 0,
            f"wavelength = {self.wavelength!r} must be positive (m)",
        )
        along = reals(self.direction, "direction")
        good = along.shape == (3,) and bool(np.all(np.isfinite(along))) and bool(np.any(along))
        require(good, f"direction = {self.direction!r} must be three numbers, not all 0")


@dataclass(frozen=True)
class BeamNoise:
    r"""Noise of the light of belts, a process of each trajectory's own with the correlation $e^{-t/\tau}$.

    intensity         rms of the relative power, of both beams together
    pointing          rms of their place along y (m)
    phase             rms of the lattice's phase (rad)
    correlation_time  tau (s); the one-sided density is $4\sigma^2\tau/[1+(2\pi f\tau)^2]$
    """

    intensity: float = 0.0
    pointing: float = 0.0
    phase: float = 0.0
    correlation_time: float = 1e-6

    def __post_init__(self) -> None:
        for name in ("intensity", "pointing", "phase"):
            require(
                number(getattr(self, name), name) >= 0, f"{name} = {getattr(self, name)!r} must be >= 0 (rms)"
            )
        tau = number(self.correlation_time, "correlation_time")
        require(tau > 0, f"correlation_time = {tau!r} must be positive (s)")


@dataclass(frozen=True, eq=False, repr=False)
class Trajectories(Result):
    """Paths of atoms, sampled at `time`; NaN after an atom's end.

    ending  0 held until the last time, 1 lost to the surface, 2 left the region
    end     when that was (s); infinite for held atoms
    energy  kinetic and potential
    """

    time: Array = quantity("time", unit="s", label="time", coordinate=True)
    position: Array = quantity("atom", "time", "axis", unit="m", label="position")
    velocity: Array = quantity("atom", "time", "axis", unit="m/s", label="velocity")
    energy: Array = quantity("atom", "time", unit="J", label="energy")
    ending: NDArray[np.int8] = quantity("atom", label="ending")
    end: Array = quantity("atom", unit="s", label="time of the end")
    mass: float = quantity(unit="kg", label="mass")
    step: float = quantity(unit="s", label="step")
    energy_drift: float = quantity(
        unit="J", label="largest change of energy in the potential frozen at the start"
    )
    order: float = quantity(label="order of convergence of that change")

    def share(self, ending: str) -> float:
        """Share of the atoms with an ending: "held", "surface" or "left"."""
        require(ending in ENDINGS, f"ending {ending!r}: {', '.join(ENDINGS)} are known")
        return float(np.mean(self.ending == ENDINGS.index(ending)))

    def temperature(self, sample: int = -1) -> float:
        """Kinetic temperature (K) of the held atoms at a sampled time, about their mean velocity; NaN for fewer than two."""
        v = self.velocity[self.ending == 0, sample]
        if len(v) < 2:
            return math.nan
        moving = np.ptp(v, axis=0) > 0
        return float(self.mass * np.var(v[:, moving], axis=0, ddof=1).mean() / const.k)

    def plot(self, ax: Any = None) -> Any:
        """Height z of up to 20 atoms against time; returns the axes."""
        ax = axes_or_new(ax, figsize=(4.5, 3.2))
        ax.plot(self.time * 1e6, self.position[:20, :, 2].T * 1e9, linewidth=0.8)
        ax.set(xlabel="time (µs)", ylabel="z (nm)")
        return ax

    def _summary(self) -> list[str]:
        shares = ", ".join(f"{name} {self.share(name):.1%}" for name in ENDINGS)
        return [
            f"{len(self.ending)} atoms for {(self.time[-1] - self.time[0]) * 1e6:.4g} µs, step {self.step * 1e9:.3g} ns: {shares}",
            f"energy kept to {self.energy_drift / const.h * 1e-6:.2g} MHz (frozen potential), order {self.order:.2f}",
        ]


def trajectories(
    potential: Potential,
    atoms: Atoms,
    duration: float,
    *,
    start: float = 0.0,
    samples: int = 101,
    phases: ArrayLike = 0.0,
    surface: ChipSurface | None = None,
    region: Box | None = None,
    recoil: Recoil | None = None,
    probe: ProbeScattering | None = None,
    noise: BeamNoise | None = None,
    method: Splitting = BLANES_MOAN,
    step: float | None = None,
    workers: int | None = None,
    seed: int = 0,
) -> Trajectories:
    r"""Move `atoms` for `duration` (s) from the time `start` in `potential`, by Newton's equations.

    samples  times kept, the first and the last included
    phases   added to the phase of the belts (rad), a number or one for each atom: sites that arrive at other times
    surface  where atoms are lost; None: nowhere
    region   ((x, x), (y, y), (z, z)) beyond which an atom has left; None: all of the potential's region
    recoil   photons scattered at a constant rate
    probe    a weak probe in a ring: photons scattered, force, friction and diffusion at each place (`ProbeScattering`)
    noise    of the belts' light, held for a step: a warning says if that is longer than its correlation time
    method   a symplectic `Splitting`: VELOCITY_VERLET, FOREST_RUTH or BLANES_MOAN (order 4, the default)
    step     (s), shortened to divide the time between samples; None: 50 forces a period
             2 pi/omega of the stiffest motion at the atoms' places, the potential's curvature taken at 9 times
    workers  threads; the answer does not depend on it: atom k has the random stream k of `seed`

    The error of the method is measured: up to 16 atoms fly in the potential frozen at `start`, with the step and with half
    of it.  `energy_drift` is the largest deviation of their energy, `order` the logarithm of the ratio of the two (above
    the method's in nearly harmonic motion, NaN where rounding is all that is left); the
    record's residual is the drift over the range of the potential energy of their paths; a warning says if it is large.

    Where a `CasimirPolder` or `EvanescentField` is steeper than that, an atom goes through a step in parts, again of 50 forces
    a period of the stiffest motion that it could meet within the step (no longer one symplectic map, but as accurate).
    """
    require(
        duration > 0 and samples >= 2 and samples == int(samples),
        f"duration = {duration!r} s > 0 and samples = {samples!r} >= 2 needed",
    )
    chosen = _step(potential, atoms, start, duration, method) if step is None else float(step)
    require(chosen > 0, f"step = {step!r} must be positive (s)")
    every = max(1, math.ceil(duration / (samples - 1) / chosen * (1 - 1e-12)))
    h = duration / (samples - 1) / every
    shifted = np.broadcast_to(reals(phases, "phases"), (len(atoms),))
    run = _Run(potential, method, surface, region, recoil, probe, noise, workers)
    found = run(atoms, shifted, start, h, every, samples, seed)
    drift, order, span = _frozen_test(run, atoms, shifted, start, h, every, samples, found[3])
    position, velocity, energy, ending, end = found
    warnings = []
    strongest = 0.0 if probe is None else probe.saturation(position[position[..., 2] > 0]).max(initial=0)
    if strongest > 0.3:
        warnings.append(
            f"the probe saturates the atoms (s up to {strongest:.2g}): its force and diffusion are rough"
        )
    if noise is not None and h > 1.001 * noise.correlation_time:
        half = h / (2 * noise.correlation_time)
        warnings.append(
            f"the noise is held for a step of {h:.3g} s, longer than its correlation time: at low frequencies its density is "
            f"{half / math.tanh(half):.3g} times that asked for"
        )
    if drift > 1e-2 * span:
        warnings.append(
            f"the energy of a frozen potential changes by {drift / span:.1g} of its range: shorten the step"
        )
    return Trajectories(
        record=Record(
            method=f"{method.name}, step {h:.3g} s",
            reason="given step" if step is not None else "step from the shortest period at the start",
            seed=seed,
            residual=drift / span if span > 0 else math.nan,
            warnings=tuple(warnings),
            parameters={
                "start": start,
                "surface": None if surface is None else asdict(surface),
                "recoil": None if recoil is None else asdict(recoil),
                "probe": None if probe is None else asdict(probe),
                "noise": None if noise is None else asdict(noise),
            },
        ),
        time=start + np.linspace(0, duration, samples),
        position=position,
        velocity=velocity,
        energy=energy,
        ending=ending,
        end=end,
        mass=atoms.mass,
        step=h,
        energy_drift=drift,
        order=order,
    )


def _step(potential: Potential, atoms: Atoms, start: float, duration: float, method: Splitting) -> float:
    """A share of the shortest period at the atoms' places."""
    places = atoms.position[:200]
    times = start + np.linspace(0, duration, 9)
    curvature = max(float(np.linalg.eigvalsh(potential.hessian(places, t)).max()) for t in times)
    if curvature <= 0:
        return duration / 1000
    period = 2 * math.pi / math.sqrt(curvature / atoms.mass)
    return min(period * len(method.drifts) / _FORCES, duration / 100)


@dataclass(frozen=True, eq=False)
class _Run:
    """What stays the same for all blocks of atoms."""

    potential: Potential
    method: Splitting
    surface: ChipSurface | None
    region: Box | None
    recoil: Recoil | None
    probe: ProbeScattering | None
    noise: BeamNoise | None
    workers: int | None

    def __call__(
        self, atoms: Atoms, phases: Array, start: float, h: float, every: int, samples: int, seed: int
    ) -> tuple[Array, Array, Array, NDArray[np.int8], Array]:
        from concurrent.futures import ThreadPoolExecutor

        from atomcavity.loading.trajectory_kernel import fly

        count = len(atoms)
        position, velocity = (np.full((count, samples, 3), math.nan) for _ in range(2))
        energy = np.full((count, samples), math.nan)
        ending, end = np.zeros(count, np.int8), np.full(count, math.inf)
        r, v, streams = atoms.position.copy(), atoms.velocity.copy(), spawn_seeds(seed, count)
        own = np.array(phases)
        fixed = (
            *self.potential.compiled.arrays,
            np.array(self.method.drifts),
            np.array(self.method.kicks),
            *self._settings(start, h, atoms),
            atoms.plane,
            every * (samples - 1),
            every,
        )

        def block(first: int) -> None:
            part = slice(first, first + _BLOCK)
            arrays = (own, r, v, streams, position, velocity, energy, ending, end)
            fly(*fixed, *(array[part] for array in arrays))

        with ThreadPoolExecutor(self.workers or os.cpu_count()) as pool:
            list(pool.map(block, range(0, count, _BLOCK)))
        return position, velocity, energy, ending, end

    def _settings(self, start: float, h: float, atoms: Atoms) -> tuple[Any, ...]:
        probability, kick, absorbed = 0.0, 0.0, np.zeros(3)
        if self.recoil is not None:
            kick = const.h / (self.recoil.wavelength * atoms.mass)
            along = np.asarray(self.recoil.direction, dtype=float)
            absorbed = kick * along / np.linalg.norm(along)
            probability = self.recoil.rate * h  # of one photon, never more: the mean number is right
            require(
                probability < 0.1,
                f"a scattering rate of {self.recoil.rate!r} 1/s takes steps below {0.1 / max(self.recoil.rate, 1e-300):.2g} s",
            )
        rms, keep = np.zeros(3), 0.0
        if self.noise is not None:
            rms = np.array([self.noise.intensity, self.noise.pointing, self.noise.phase])
            keep = math.exp(-h / self.noise.correlation_time)
        chip = (-math.inf, math.inf, -math.inf)
        if self.surface is not None:
            chip = (self.surface.gap, self.surface.width / 2, -self.surface.drop)
        region = np.array(self.potential.region if self.region is None else self.region, dtype=float)
        angle = 2 * math.pi * len(self.method.drifts) / _FORCES
        settings = (start, h, atoms.mass, probability, kick, keep, angle)
        return settings, absorbed, rms, region, np.array(chip), *self._guided(atoms.mass)

    def _guided(self, mass: float) -> tuple[Array, Array]:
        """What the compiled code needs of the probe."""
        if self.probe is None:
            return np.zeros(6), np.zeros((0, 4))
        fit, kick = self.probe.coupling, const.h / (self.probe.wavelength * mass)
        lengths = 1 / fit.decay, 1 / fit.cosine, 1 / fit.envelope
        return np.array([*lengths, kick, self.probe.index * kick, mass]), self.probe.table


def _frozen_test(
    run: _Run,
    atoms: Atoms,
    phases: Array,
    start: float,
    h: float,
    every: int,
    samples: int,
    ending: NDArray[np.int8],
) -> tuple[float, float, float]:
    """Largest deviation of the energy (J), its order, and the range of the potential energy (J)."""
    held = np.flatnonzero(ending == 0)
    chosen = (held if len(held) else np.arange(len(atoms)))[:_TESTED]
    part = Atoms(atoms.mass, atoms.position[chosen], atoms.velocity[chosen], atoms.plane)
    frozen = _Run(run.potential.frozen(start), run.method, run.surface, run.region, None, None, None, 1)
    few = min(samples, 1 + max(1, 4000 // every))
    drifts, span = [], 0.0
    for halves in (1, 2):
        _, velocity, energy, _, _ = frozen(part, phases[chosen], start, h / halves, every * halves, few, 0)
        drifts.append(float(np.nanmax(np.abs(energy - energy[:, :1]))))
        potential = energy - atoms.mass * np.sum(velocity**2, axis=-1) / 2
        span = max(span, float(np.nanmax(np.nanmax(potential, axis=1) - np.nanmin(potential, axis=1))))
    order = math.log2(drifts[0] / drifts[1]) if drifts[1] > 1e-13 * max(span, 1e-300) else math.nan
    return drifts[0], order, span
