"""Quantum-jump trajectories of a system: sectors are built and packed when a trajectory first enters them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.initial import Initial
from atomcavity.dynamics.jumps_sectors import Key, Sector, Space
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

CLICK_BUFFER = 200_000


class _Flat:
    """An array that grows at its end."""

    def __init__(self, dtype: Any, width: int = 0) -> None:
        self.data = np.zeros((64, width) if width else 64, dtype=dtype)
        self.used = 0

    def add(self, values: NDArray[Any]) -> int:
        """Append rows; returns where they start."""
        start, need = self.used, self.used + len(values)
        if need > len(self.data):
            grown = np.zeros((max(need, 2 * len(self.data)), *self.data.shape[1:]), dtype=self.data.dtype)
            grown[:start] = self.data[:start]
            self.data = grown
        self.data[start:need] = values
        self.used = need
        return start


class Packed:
    """All sectors built so far, one after the other in flat arrays for the kernel.

    table: dimension, first basis state, first CSR entry, first and last element of the products,
    number of excitations; floats: shift and norm.  Arrays of a sector with several rows a state
    (channels, observables) are stored row after row.
    """

    def __init__(self, space: Space) -> None:
        self.space = space
        self.numbers: dict[Key, int] = {}
        self.sectors: list[tuple[Key | None, ...]] = []
        modes = len(space.modes.kappas)
        self.table, self.floats = _Flat(np.int64, 6), _Flat(np.float64, 2)
        self.rate, self.diagonal = _Flat(np.float64), _Flat(np.complex128)
        self.indptr, self.columns, self.values = _Flat(np.int64), _Flat(np.int32), _Flat(np.complex128)
        self.targets = _Flat(np.int64, len(space.channels))
        self.maps, self.amplitudes = _Flat(np.int32), _Flat(np.float64)
        self.photons, self.diagonals = _Flat(np.int64, modes), _Flat(np.float64)
        self.elements = [_Flat(np.int32), _Flat(np.int32), _Flat(np.int32), _Flat(np.complex128)]
        self.largest, self.most_photons = 1, 0
        self._waiting: dict[Key, list[tuple[int, int]]] = {}

    def number(self, key: Key) -> int:
        """The place of a sector, which is built if it is new."""
        if key not in self.numbers:
            self._add(self.space.build(key))
        return self.numbers[key]

    def _add(self, sector: Sector) -> None:
        s = len(self.numbers)
        self.numbers[sector.key] = s
        self.sectors.append(sector.targets)
        first = self.rate.add(sector.rate)
        self.diagonal.add(sector.diagonal)
        self.indptr.add(sector.indptr)
        entries = self.columns.add(sector.columns)
        self.values.add(sector.values)
        self.maps.add(sector.maps.ravel())
        self.amplitudes.add(sector.amplitudes.ravel())
        self.photons.add(sector.photons)
        self.diagonals.add(sector.diagonals.ravel())
        for flat, part in zip(self.elements, sector.elements, strict=True):
            start = flat.add(part)
        end = start + len(sector.elements[0])
        self.table.add(np.array([[len(sector.rate), first, entries, start, end, sector.key[1]]]))
        self.floats.add(np.array([[sector.shift, sector.norm]]))
        for s0, c in self._waiting.pop(sector.key, []):
            self.targets.data[s0, c] = s
        row = np.full(len(sector.targets), -1)
        for c, key in enumerate(sector.targets):
            if key is not None:
                row[c] = self.numbers.get(key, -1)
                if row[c] < 0:
                    self._waiting.setdefault(key, []).append((s, c))
        self.targets.add(row[None, :])
        self.largest = max(self.largest, len(sector.rate))
        self.most_photons = max(self.most_photons, sector.key[1])

    def arrays(self) -> tuple[NDArray[Any], ...]:
        """The arrays in the kernel's order, after the number of channels."""
        flats = (
            self.rate, self.diagonal, self.indptr, self.columns, self.values, self.targets,
            self.maps, self.amplitudes, self.photons, self.diagonals, *self.elements,
        )  # fmt: skip
        return tuple(flat.data for flat in flats)


@dataclass(eq=False)
class Outcome:
    """What a set of trajectories gave.

    by_run (run, observable): sums over the samples; by_time, by_time_squares (sample, observable):
    sums over the trajectories; weights (mode, photons): sums of the photon-number probabilities;
    counts (run, channel): jumps; left (run,): excitations left at the end; clicks: (time, channel, run).
    """

    by_run: Real
    by_time: Real
    by_time_squares: Real
    weights: Real
    counts: Whole
    left: Whole
    clicks: tuple[Real, Whole, Whole] = field(repr=False)


def run_trajectories(
    packed: Packed,
    seeds: NDArray[np.uint64],
    duration: float,
    *,
    initial: Initial = "ground",
    settle: float = 0.0,
    samples: Real | None = None,
    record: bool = False,
) -> Outcome:
    """One trajectory a row of `seeds`, each of length `settle + duration`.

    Jumps and clicks are counted after `settle`; `samples` are times from the start (increasing).
    """
    from atomcavity.dynamics import jumps_kernel

    space = packed.space
    times = np.zeros(0) if samples is None else np.asarray(samples, dtype=float)
    key, states = space.start(initial)
    start = packed.number(key)
    place = int(space.basis(key).find(states[:, None], np.zeros((1, len(space.modes.kappas)), int))[0])
    products = len(space.products)
    width = space.observables + 2 * products
    runs, channels = len(seeds), len(space.channels)
    out = Outcome(
        by_run=np.zeros((runs, width)),
        by_time=np.zeros((len(times), width)),
        by_time_squares=np.zeros((len(times), width)),
        weights=np.zeros((len(space.modes.kappas), packed.most_photons + 1)),
        counts=np.zeros((runs, channels), dtype=np.int64),
        left=np.zeros(runs, dtype=np.int64),
        clicks=(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)),
    )
    integers = np.array([0, 0, 0, -1, 0, 0, products, int(record)])
    reals, stream = np.zeros(2), np.zeros(4, dtype=np.uint64)
    psi = np.zeros(packed.largest, dtype=complex)
    v = np.zeros((jumps_kernel.TERMS, packed.largest), dtype=complex)
    size = CLICK_BUFFER if record else 1
    buffer = (np.zeros(size), np.zeros(size, np.int64), np.zeros(size, np.int64))
    full = []
    while True:
        kernel: Any = jumps_kernel.run
        status = kernel(
            packed.table.data, packed.floats.data, channels, *packed.arrays(), start, place, seeds,
            settle + duration, settle, times, integers, reals, stream, psi, v,
            out.by_run, out.by_time, out.by_time_squares, out.weights, out.counts, out.left, *buffer,
        )  # fmt: skip
        if status == jumps_kernel.NEED_SECTOR:
            wanted = packed.sectors[integers[2]][integers[3]]
            if wanted is None:
                raise ConvergenceError(
                    "a quantum jump of probability zero was drawn: the state lost its norm"
                )
            packed.number(wanted)
            psi, v = _enlarged(psi, packed.largest), _enlarged(v, packed.largest)
            out.weights = _enlarged(out.weights, packed.most_photons + 1)
        else:
            full.append(tuple(part[: integers[5]].copy() for part in buffer))
            integers[5] = 0
            if status == jumps_kernel.FINISHED:
                break
    out.clicks = tuple(np.concatenate(part) for part in zip(*full, strict=True))  # type: ignore[assignment]
    return out


def _enlarged(array: NDArray[Any], size: int) -> NDArray[Any]:
    if array.shape[-1] >= size:
        return array
    grown = np.zeros((*array.shape[:-1], max(size, 2 * array.shape[-1])), dtype=array.dtype)
    grown[..., : array.shape[-1]] = array
    return grown


def packed_space(system: CavitySystem) -> Packed:
    """The (empty) store of the sectors of a system."""
    return Packed(Space(system))
