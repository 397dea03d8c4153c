"""From a cold cloud above a chip to atoms in the sites of a lattice: fall in a guide, catch, cooling."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants as const

from atomcavity.errors import number, require
from atomcavity.loading.lattice import Lattice
from atomcavity.loading.sideband_cooling import SidebandCooling
from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import ChipSurface, Trajectories, trajectories
from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.traps.belt import ConveyorBelt
from atomcavity.traps.near_surface import Gravity
from atomcavity.traps.potential import Potential

Array = NDArray[np.float64]

FATES = ("held", "surface", "outside", "free", "heated")

_BLUR = 8e-6  # m, over which the arrived atoms are spread along z, reflected at the chip: their density is smoother than that
_COPIES = 16  # of each arrived atom within it


@dataclass(frozen=True)
class ColdCloud:
    """Atoms released above a chip (z = 0, z upwards): Gaussian in space, thermal velocities.

    mass         of an atom (kg)
    number       of atoms
    temperature  (K)
    height       of the middle above the chip (m), on the axis x = y = 0
    size         rms radius along x, y, z (m)

    Raises `InputError` for numbers that are not positive.

    >>> cloud = ColdCloud(mass=2.207e-25, number=1e4, temperature=20e-6, height=100e-6, size=(5e-6, 5e-6, 20e-6))
    >>> atoms = cloud.atoms(20_000, seed=1)
    >>> bool(abs(atoms.velocity.std() - 0.0354) < 3e-4)             # sqrt(k_B T/m), m/s
    True
    """

    mass: float
    number: float
    temperature: float
    height: float
    size: tuple[float, float, float]

    def __post_init__(self) -> None:
        for name in ("mass", "number", "temperature", "height"):
            require(number(getattr(self, name), name) > 0, f"{name} must be positive")
        good = len(self.size) == 3 and all(math.isfinite(s) and s > 0 for s in self.size)
        require(good, f"size = {self.size!r} must be three positive lengths (m), along x, y and z")

    def atoms(self, count: int, *, seed: int = 0) -> Atoms:
        """`count` atoms of the cloud at its release."""
        require(count >= 1, f"count = {count!r} must be at least 1")
        rng = np.random.default_rng(np.random.SeedSequence([seed, 0]))
        place = rng.standard_normal((count, 3)) * self.size + (0.0, 0.0, self.height)
        speed = math.sqrt(const.k * self.temperature / self.mass)
        return Atoms(self.mass, place, speed * rng.standard_normal((count, 3)))

    def fall(
        self, guide: Potential, duration: float, *, count: int = 40_000, samples: int = 2, seed: int = 0
    ) -> Trajectories:
        """Paths of `count` atoms that fall for `duration` (s) in `guide` and gravity; those that reach z = 0 are lost.

        samples  times kept, the first and the last included
        seed     same seed, same atoms and same paths
        """
        return trajectories(
            guide + Gravity(self.mass),
            self.atoms(count, seed=seed),
            duration,
            samples=samples,
            surface=ChipSurface(gap=0.0),
            seed=seed,
        )


@dataclass(frozen=True, eq=False, repr=False)
class SiteFilling(Result):
    """Mean number of atoms in each site of a lattice above a chip, counted from the lowest.

    number       mean number; in one run it scatters as Poisson's law says, see `draw`
    error        statistical error of it, of the atoms followed
    caught       mean number before the cooling
    temperature  mean energy of the held atoms above the bottom of the site over 3 k_B (K); NaN without atoms
    depth        up to the lowest pass to the next site (J)
    fates        mean number of atoms of the cloud that are held, reached the surface, were outside of all sites when the
                 lattice was switched on, were not bound in one, or were heated out while being cooled
    """

    site: NDArray[np.int64] = quantity("site", label="site", coordinate=True)
    height: Array = quantity("site", unit="m", label="height above the chip")
    number: Array = quantity("site", label="mean number of atoms")
    error: Array = quantity("site", label="its statistical error")
    caught: Array = quantity("site", label="mean number before cooling")
    temperature: Array = quantity("site", unit="K", label="temperature")
    depth: Array = quantity("site", unit="J", label="depth")
    fates: Array = quantity("fate", label="mean number of atoms: " + ", ".join(FATES))
    notch_period: float = quantity(label="sites between two nodes of the cooling light (NaN: none)")

    def occupied(self, least: float = 0.5) -> int:
        """Number of sites with at least this mean number of atoms."""
        return int(np.sum(self.number >= least))

    def share(self, fate: str) -> float:
        """Share of the cloud's atoms with a fate: "held", "surface", "outside", "free" or "heated"."""
        require(fate in FATES, f"fate {fate!r}: {', '.join(FATES)} are known")
        return float(self.fates[FATES.index(fate)] / self.fates.sum())

    def draw(self, runs: int, *, seed: int = 0) -> NDArray[np.int64]:
        """Numbers of atoms in each site in independent runs, (run, site): Poisson's law, no collisions."""
        rng = np.random.default_rng(np.random.SeedSequence([seed, 2]))
        return rng.poisson(self.number, (runs, len(self.number)))

    def plot(self, ax: Any = None) -> Any:
        """Mean number of atoms against height, with what was caught before the cooling; returns the axes."""
        ax = axes_or_new(ax, figsize=(4.5, 3.2))
        ax.step(
            self.height * 1e6, self.caught, where="mid", color="0.6", linewidth=0.8, label="before cooling"
        )
        ax.step(self.height * 1e6, self.number, where="mid", color="#0b3c6f", label="held")
        ax.set(xlabel="height of the site (µm)", ylabel="mean number of atoms", ylim=(0, None))
        ax.legend()
        return ax

    def _summary(self) -> list[str]:
        fates = ", ".join(f"{name} {self.share(name):.2%}" for name in FATES)
        return [
            f"{self.fates.sum():.4g} atoms: {fates}",
            f"{self.occupied()} sites hold half an atom or more; largest mean number {self.number.max():.3g}",
            f"a notch every {self.notch_period:.4g} sites",
        ]


def fill_sites(
    cloud: ColdCloud,
    belt: ConveyorBelt,
    fall: float,
    cooling: SidebandCooling | None = None,
    *,
    sites: int = 120,
    count: int = 40_000,
    seed: int = 0,
) -> SiteFilling:
    """Which sites of a resting belt a falling cloud fills, and with how many atoms.

    belt     two `GaussianBeam`s on the axis x = y = 0: the bottom beam alone guides the fall, then both make the lattice
    fall     time (s) from the release until the top beam is switched on
    cooling  then, in the lattice; None: none
    sites    that are counted, from the chip upwards
    count    atoms that are followed, each standing for `cloud.number`/`count`
    seed     same seed, same answer

    The fall is integrated in three dimensions; the arrived atoms are spread over some sites along z, where their density is
    smooth.  The catch is by energy: the light comes on at once, and an atom is
    bound if its energy above the bottom of its site is below the lowest pass to the next one (in a tweezer within a wider beam that
    lies beside the axis).  An atom above the pass is lost although it may be cooled on its way; one that
    the cooling leaves or heats above it is lost as well.  What the light alone leads to is a thermal energy of three
    harmonic motions.  Left out: reflections of the beams at the chip and its forces (they change the lowest sites), collisions.

    A record's warning says if too few of the atoms followed are held for the numbers to mean much.  Raises `InputError` for a belt of
    field maps, or of beams beside the axis.

    >>> cloud = ColdCloud(mass=2.207e-25, number=1e4, temperature=20e-6, height=100e-6, size=(5e-6, 5e-6, 50e-6))
    >>> from atomcavity import GaussianBeam
    >>> top = GaussianBeam(4.9e5, 935e-9, waist=2e-6, upwards=False)
    >>> belt = ConveyorBelt(top, GaussianBeam(3.5e5, 935e-9, waist=10e-6), polarizability=5.07e-38)
    >>> cooling = SidebandCooling(1e3, 10e-3, 20e-6, 852e-9, math.radians(4.75), heating=0.02)
    >>> filling = fill_sites(cloud, belt, 5e-3, cooling, sites=60, count=4_000)
    >>> round(filling.notch_period, 1)                              # a node of the cooling light every 11 sites:
    11.0
    >>> dark, bright = np.interp([cooling.notch_period, 0.6 * cooling.notch_period], filling.height, filling.number)
    >>> bool(dark < 0.5 * bright)
    True
    >>> filling.draw(runs=3).shape
    (3, 60)
    """
    lattice = Lattice.above_chip(belt, sites)
    arrived = cloud.fall(dataclasses.replace(belt, power=0.0), fall, count=count, seed=seed)
    rng = np.random.default_rng(np.random.SeedSequence([seed, 1]))
    inside = arrived.ending == 0
    place, speed = (np.repeat(a[inside, -1], _COPIES, axis=0) for a in (arrived.position, arrived.velocity))
    place[:, 2] = _spread(place[:, 2], rng)
    site = lattice.site_of(place[:, 2])
    place, speed, site = place[site >= 0], speed[site >= 0], site[site >= 0]
    ready = len(site)
    energy = cloud.mass * np.sum(speed**2, axis=1) / 2 + belt.energy(place) - lattice.bottom[site]
    bound = energy < lattice.depth[site]
    energy, site = energy[bound], site[bound]
    caught, depth = np.bincount(site, minlength=sites), lattice.depth[site]
    if cooling is not None:
        final = const.k * cooling.temperature * rng.gamma(3.0, size=len(site))
        energy = cooling.cooled(energy, lattice.height[site], final)
    held = energy < depth
    counts = np.bincount(site[held], minlength=sites)
    heat = np.bincount(site[held], energy[held], minlength=sites)
    each = float(cloud.number) / (count * _COPIES)
    falling = _COPIES * np.array([np.sum(inside), np.sum(~inside)])
    left = [held.sum(), falling[1], falling[0] - ready, np.sum(~bound), np.sum(~held)]
    few = held.sum() < 10 * sites
    return SiteFilling(
        record=Record(
            method="classical fall, catch by energy, cooling by rates",
            seed=seed,
            residual=arrived.record.residual,
            warnings=arrived.warnings
            + ((f"only {held.sum()} of the atoms followed are held: follow more",) if few else ()),
            parameters={
                "cloud": asdict(cloud),
                "fall": fall,
                "cooling": None if cooling is None else asdict(cooling),
            },
        ),
        site=np.arange(1, sites + 1),
        height=lattice.height,
        number=np.asarray(counts * each, dtype=float),
        error=np.sqrt(counts) * each,
        caught=np.asarray(caught * each, dtype=float),
        temperature=np.where(counts > 0, heat / (3 * const.k * np.maximum(counts, 1)), np.nan),
        depth=lattice.depth,
        fates=np.array(left) * each,
        notch_period=math.nan if cooling is None else cooling.notch_period / belt.spacing,
    )


def _spread(height: Array, rng: np.random.Generator) -> Array:
    """Heights of atoms, each repeated, evenly spread over `_BLUR` about it; what falls below the chip is reflected."""
    step = np.arange(len(height)) % _COPIES + rng.random(len(height))
    return np.abs(height + _BLUR * (step / _COPIES - 0.5))
