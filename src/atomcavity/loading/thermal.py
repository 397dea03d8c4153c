"""Atoms to begin with: thermal samples around a minimum of a potential."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import k as boltzmann

from atomcavity.errors import InputError, require, unknown
from atomcavity.traps.potential import Potential
from atomcavity.traps.site import find_site

Array = NDArray[np.float64]

_SWEEPS = 60  # Metropolis sweeps a sample: the acceptance is near one half, so far above the correlation time
METHODS = ("harmonic", "metropolis")


@dataclass(frozen=True, eq=False)
class Atoms:
    """Classical atoms: mass (kg), position and velocity (atom, 3) in m and m/s.

    plane  whether they move in y and z only
    """

    mass: float
    position: Array
    velocity: Array
    plane: bool = False

    def __post_init__(self) -> None:
        require(self.mass > 0 and math.isfinite(self.mass), f"mass = {self.mass!r} must be positive (kg)")
        for name in ("position", "velocity"):
            value = np.asarray(getattr(self, name), dtype=float)
            require(
                value.ndim == 2 and value.shape[1:] == (3,),
                f"{name} of shape {value.shape}: (atom, 3) needed",
            )
            require(bool(np.all(np.isfinite(value))), f"{name} must be finite")
            object.__setattr__(self, name, value)
        require(
            len(self.position) == len(self.velocity) > 0, "one velocity for each position, at least one atom"
        )
        require(
            not self.plane or not np.any(self.velocity[:, 0]),
            "atoms that move in the plane of y and z have no velocity along x",
        )

    def __len__(self) -> int:
        return len(self.position)


def thermal_atoms(
    potential: Potential,
    mass: float,
    temperature: float,
    count: int,
    *,
    near: ArrayLike,
    time: float = 0.0,
    method: str = "metropolis",
    seed: int = 0,
) -> Atoms:
    """`count` atoms of `mass` (kg) at `temperature` (K) in the site of `potential` around the minimum next to `near` (3,) (m).

    method  "harmonic": a Gaussian in the site's curvatures.  "metropolis": exp(-U/kT) of the potential itself, over places of
            the same well (below the site's rim: see `Site.depth`), from independent chains of 60 sweeps that begin with the Gaussian.
            Steps beyond 0.2 um, which might lead to the next well, are refused: of a direction in which the atoms spread over
            more than that (across a wide beam, far from a chip) nearly the Gaussian is left.
    In a potential that does not depend on x the atoms stay at x of `near`, in the plane of y and z.

    Raises `InputError` if there is no minimum, or if the well is less than 2 k_B T deep: no thermal state is bound then.
    """
    if method not in METHODS:
        raise unknown("method of thermal samples", method, METHODS)
    require(
        temperature > 0 and count >= 1 and count == int(count),
        f"temperature = {temperature!r} K and count = {count!r} must be positive, the count a whole number",
    )
    site = find_site(potential, mass, near=near, time=time)
    kt = boltzmann * temperature
    if site.depth < 2 * kt:
        raise InputError(
            f"the site is {site.depth / kt:.2g} k_B T deep: too shallow for a thermal state at {temperature:g} K"
        )
    rng = np.random.default_rng(np.random.SeedSequence([seed, 0]))
    plane = potential.uniform
    axes = np.array([1, 2]) if plane else np.array([0, 1, 2])
    root = np.linalg.inv(np.linalg.cholesky(site.hessian[np.ix_(axes, axes)])).T * math.sqrt(kt)
    offset = np.zeros((count, 3))
    offset[:, axes] = rng.standard_normal((count, len(axes))) @ root.T
    velocity = np.zeros((count, 3))
    velocity[:, axes] = rng.standard_normal((count, len(axes))) * math.sqrt(kt / mass)
    place = site.position + offset
    if method == "metropolis":
        place = _metropolis(
            potential, site.position, site.energy + site.depth, place, axes, root, kt, time, rng
        )
    return Atoms(mass, place, velocity, plane)


def _metropolis(
    potential: Potential,
    centre: Array,
    rim: float,
    place: Array,
    axes: NDArray[np.int64],
    root: Array,
    kt: float,
    time: float,
    rng: np.random.Generator,
) -> Array:
    """Chains of exp(-U/kT) that never leave the well: a step across the rim or out of the region is refused."""
    box = np.array(potential.region)

    def energy(r: Array) -> Array:
        inside = np.all((r >= box[:, 0]) & (r <= box[:, 1]), axis=-1)
        u = np.full(len(r), math.inf)
        u[inside] = potential.energy(r[inside], time)
        return np.where((u < rim) & np.isfinite(u), u, math.inf)

    now = energy(place)
    place = np.where(np.isfinite(now)[:, None], place, centre)
    now = energy(place)
    for _ in range(_SWEEPS):
        step = np.zeros_like(place)
        step[:, axes] = 1.2 * rng.standard_normal((len(place), len(axes))) @ root.T
        trial = energy(place + step)
        trial = np.where(np.isfinite(trial) & (np.abs(step) < 0.2e-6).all(axis=-1), trial, math.inf)
        accepted = np.log(rng.random(len(place))) < (now - trial) / kt
        place, now = np.where(accepted[:, None], place + step, place), np.where(accepted, trial, now)
    return place
