"""Benchmarks of chip loading, ours beside a peer in one process.

OPENBLAS_NUM_THREADS=1 python benchmarks/chip_loading.py [--quick] [--only ID] [--json FILE]
"""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np
import scipy
from scipy import constants as const
from scipy.integrate import solve_ivp
from scipy.interpolate import RectBivariateSpline
from table import Row, best_of, main

from atomcavity.detection.correlator import correlate
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import trajectories
from atomcavity.resonators.field_map import FieldMap
from atomcavity.results import Record
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import EvanescentField
from atomcavity.traps.potential import Potential


def pairs_by_numpy(first: np.ndarray, second: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """All pairs of two sorted lists within the edges: the partners of each tag from searchsorted, one after the other."""
    begin, end = (np.searchsorted(second, first + edge) for edge in (edges[0], edges[-1]))
    counts = np.zeros(len(edges) - 1, np.int64)
    while True:
        more = begin < end
        if not more.any():
            return counts
        first, begin, end = first[more], begin[more], end[more]
        counts += np.histogram(second[begin] - first, edges)[0]
        begin = begin + 1


def clicks_g2(quick: bool) -> Iterator[Row]:
    """Coincidences of two detectors with 10^7 tags at 10^6 counts/s each, 200 bins of 10 ns."""
    tags = 10**6 if quick else 10**7
    rng = np.random.default_rng(7)
    first, second = (np.cumsum(rng.exponential(1e-6, tags // 2)) for _ in range(2))
    edges = np.linspace(-1e-6, 1e-6, 201)
    ours_s, mine = best_of(3, lambda: correlate(first, second, edges))
    peer_s, theirs = best_of(1, lambda: pairs_by_numpy(first, second, edges))
    yield Row(
        "clicks-g2-1e7",
        f"{tags:.0e} tags, 200 bins of 10 ns",
        ours_s,
        f"NumPy {np.__version__} searchsorted + histogram",
        peer_s,
        peer_s / ours_s,
        float(np.abs(mine - theirs).max() / theirs.max()),  # type: ignore[operator,attr-defined]
    )


MASS, WAVE, WAIST = 132.905451961 * const.atomic_mass, 935e-9, 2e-6
DEPTH, BLUE, DECAY = 13.10e6 * const.h, 2e6 * const.h, 88e-9  # 300 kHz along the lattice; repulsion at z = 0
DURATION = 40e-6
ERROR = 2e-5  # of the depth: the energy that every method may lose or gain
STEPS = {"ours": 0.5e-6, "rk4": 0.08e-6, "rtol": 5e-7}  # found by trial, about the coarsest that keep to it


def approaches(quick: bool) -> tuple[Potential, Atoms]:
    """Atoms at 20 uK in a lattice known as a table of fields every 10 nm, with a repulsive evanescent field."""
    y, z = np.linspace(-1.2e-6, 1.2e-6, 241), np.linspace(0.0, 1.6e-6, 161)
    beam = {"amplitude": math.sqrt(DEPTH / 5e-38), "wavelength": WAVE, "waist": WAIST}
    r = np.stack(np.broadcast_arrays(0.0, y[:, None], z), axis=-1)
    maps = [
        FieldMap(
            record=Record("Gaussian beam"),
            y=y,
            z=z,
            E=np.moveaxis(GaussianBeam(**beam, upwards=upwards).field(r), -1, 0),
            wavelength=WAVE,
            polarization="s",
            amplitude=beam["amplitude"],
        )
        for upwards in (False, True)
    ]
    belt = ConveyorBelt(*maps, polarizability=5e-38) + EvanescentField(BLUE, DECAY)
    return belt, thermal_atoms(belt, MASS, 20e-6, 200 if quick else 2000, near=(0, 0, WAVE))


class ByNumPy:
    """Energy (J) and force (N) of the same potential for all atoms at once, from one spline of U (SciPy)."""

    def __init__(self, potential: Potential) -> None:
        y, z = np.linspace(-1.2e-6, 1.2e-6, 241), np.linspace(0.0, 1.6e-6, 161)
        u = potential.energy(np.stack(np.broadcast_arrays(0.0, y[:, None], z), axis=-1)) - BLUE * np.exp(
            -2 * z / DECAY
        )
        self.spline = RectBivariateSpline(y, z, u, kx=5, ky=5)

    def energy(self, r: np.ndarray) -> np.ndarray:
        return self.spline.ev(r[1], r[2]) + BLUE * np.exp(-2 * r[2] / DECAY)

    def force(self, r: np.ndarray) -> np.ndarray:
        push = 2 * BLUE / DECAY * np.exp(-2 * r[2] / DECAY)
        along_y, along_z = self.spline.ev(r[1], r[2], dx=1), self.spline.ev(r[1], r[2], dy=1)
        return np.stack([0 * r[0], -along_y, push - along_z])


def rk4(peer: ByNumPy, atoms: Atoms, step: float) -> tuple[np.ndarray, np.ndarray]:
    """Fourth-order Runge-Kutta steps of all atoms together; places and velocities (3, atom) in the end."""
    r, v = atoms.position.T.copy(), atoms.velocity.T.copy()
    for _ in range(round(DURATION / step)):
        a1 = peer.force(r) / MASS
        a2 = peer.force(r + step / 2 * v) / MASS
        a3 = peer.force(r + step / 2 * v + step**2 / 4 * a1) / MASS
        a4 = peer.force(r + step * v + step**2 / 2 * a2) / MASS
        r = r + step * v + step**2 / 6 * (a1 + a2 + a3)
        v = v + step / 6 * (a1 + 2 * a2 + 2 * a3 + a4)
    return r, v


def by_scipy(peer: ByNumPy, atoms: Atoms, rtol: float) -> tuple[np.ndarray, np.ndarray]:
    """SciPy's DOP853 on all atoms as one system, in um and us; places and velocities (3, atom) in the end."""

    def slope(_: float, s: np.ndarray) -> np.ndarray:
        r, v = s.reshape(2, 3, -1)
        return np.concatenate([v, peer.force(r * 1e-6) / MASS * 1e-6]).ravel()

    start = np.concatenate([atoms.position.T * 1e6, atoms.velocity.T]).ravel()
    found = solve_ivp(slope, (0, DURATION * 1e6), start, "DOP853", rtol=rtol, atol=rtol * 1e-2)
    r, v = found.y[:, -1].reshape(2, 3, -1)
    return r * 1e-6, v


def energy_error(peer: ByNumPy, atoms: Atoms, r: np.ndarray, v: np.ndarray) -> float:
    """Largest change of an atom's energy, in units of the depth; r and v are (3, atom)."""
    before = peer.energy(atoms.position.T) + MASS * np.sum(atoms.velocity.T**2, axis=0) / 2
    after = peer.energy(r) + MASS * np.sum(v**2, axis=0) / 2
    return float(np.abs(after - before).max()) / DEPTH


def trajectory_row(name: str, peer: str, quick: bool) -> Iterator[Row]:
    belt, atoms = approaches(quick)
    numpy = ByNumPy(belt)
    ours_s, mine = best_of(
        3, lambda: trajectories(belt, atoms, DURATION, samples=2, step=STEPS["ours"], workers=1)
    )
    solve = (
        (lambda: rk4(numpy, atoms, STEPS["rk4"]))
        if name == "trajectories-rk4"
        else (lambda: by_scipy(numpy, atoms, STEPS["rtol"]))
    )
    peer_s, (r, v) = best_of(1, solve)  # type: ignore[misc]
    ends = mine.position[:, -1].T  # type: ignore[attr-defined]
    errors = energy_error(numpy, atoms, ends, mine.velocity[:, -1].T), energy_error(numpy, atoms, r, v)  # type: ignore[attr-defined]
    if max(errors) > ERROR:
        raise SystemExit(f"{name}: energies change by {errors[0]:.1e} (ours), {errors[1]:.1e} of the depth")
    work = f"{len(atoms)} atoms, 40 us, energy to {errors[0]:.0e}, {errors[1]:.0e}"
    spread = float(np.std(r[2]))
    yield Row(name, work, ours_s, peer, peer_s, peer_s / ours_s, float(np.std(ends[2] - r[2])) / spread)


def trajectories_rk4(quick: bool) -> Iterator[Row]:
    """The paper's method, written for all atoms at once."""
    yield from trajectory_row("trajectories-rk4", f"NumPy {np.__version__} Runge-Kutta 4", quick)


def trajectories_scipy(quick: bool) -> Iterator[Row]:
    """A library's integrator."""
    yield from trajectory_row("trajectories-scipy", f"SciPy {scipy.__version__} DOP853", quick)


BENCHMARKS = {
    "clicks-g2-1e7": clicks_g2,
    "trajectories-rk4": trajectories_rk4,
    "trajectories-scipy": trajectories_scipy,
}
TOLERANCE = {
    "clicks-g2-1e7": 1e-5,  # rounding of delays at the edges of bins
    "trajectories-rk4": 1e-2,  # of the scatter of the places after 12 oscillations: what this energy error does
    "trajectories-scipy": 1e-2,
}

if __name__ == "__main__":
    main(__doc__, BENCHMARKS, TOLERANCE)
