"""Quantum-jump trajectories of a system: sectors are built and packed when a trajectory first enters them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.jumps.basis import LANES
from atomcavity.dynamics.jumps.sectors import Key, Sector, Space
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError, InputError, require

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Whole = NDArray[np.int64]

CLICK_BUFFER = 200_000
PAUSE = 20_000_000  # states times steps after which the kernel comes back (so that it can be interrupted)
MOST_BYTES = 2e9  # of all sectors
MOST_STEPS = 1e9  # of all trajectories together


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
    number of excitations, first entry of the turn, first pointer; floats: shift and norm.  Arrays of a sector with several rows a state
    (channels, observables) are stored row after row.
    """

    def __init__(self, space: Any) -> None:
        self.space = space
        self.bytes = 0
        self.numbers: dict[Key, int] = {}
        self.keys: list[Key] = []
        self.sectors: list[tuple[Key | None, ...]] = []
        modes = len(space.modes.kappas)
        self.table, self.floats = _Flat(np.int64, 8), _Flat(np.float64, 2)
        self.kind: Any = np.float64 if space.real else np.complex128  # of the state and its generator
        self.rate, self.diagonal = _Flat(np.float64), _Flat(self.kind)
        self.indptr, self.columns, self.values = _Flat(np.int64), _Flat(np.uint32), _Flat(self.kind)
        self.turn = [_Flat(np.int64), _Flat(np.int32), _Flat(np.complex128)]
        self.targets = _Flat(np.int64, len(space.channels))
        self.maps, self.amplitudes = _Flat(np.int32), _Flat(np.float64)
        self.photons, self.diagonals = _Flat(np.int64, modes), _Flat(np.float64)
        self.elements = [_Flat(np.int32), _Flat(np.int32), _Flat(np.int32), _Flat(np.complex128)]
        self.lanes = (
            LANES if modes > 1 else 1
        )  # with several modes neighbouring states have neighbouring columns
        self.largest, self.most_photons = 1, 0
        self._waiting: dict[Key, list[tuple[int, int]]] = {}

    def number(self, key: Key) -> int:
        """The place of a sector, which is built if it is new."""
        if key not in self.numbers:
            self._reserve(key)
            self._add(self.space.build(key))
        return self.numbers[key]

    def number_behind(self, sector: int, channel: int) -> int:
        """The place of the sector to which a jump leads; `ConvergenceError` if there is no such jump."""
        wanted = self.sectors[sector][channel]
        if wanted is None:
            raise ConvergenceError("a quantum jump of probability zero was drawn: the state lost its norm")
        return self.number(wanted)

    def _reserve(self, key: Key) -> None:
        """`InputError` if the sectors would take too much memory."""
        space = self.space
        each = 12 * len(space.channels) + 8 * space.observables + 28 * (len(space.products) + 4)
        self.bytes += each * space.size(key)
        if self.bytes > MOST_BYTES:
            raise InputError(
                f"Jumps would need more than {MOST_BYTES / 1e9:.0f} GB for its excitation sectors (the last of "
                f"{len(self.keys)} has {space.size(key)} states); use Jumps(cavity='eliminated'), Cumulants() or "
                "TruncatedWigner()"
            )

    def _add(self, sector: Sector) -> None:
        s = len(self.numbers)
        self.numbers[sector.key] = s
        self.keys.append(sector.key)
        self.sectors.append(sector.targets)
        first = self.rate.add(sector.rate)
        self.diagonal.add(sector.diagonal.real if self.space.real else sector.diagonal)
        pointers, columns, values = in_lanes(sector, self.lanes)
        pointer = self.indptr.add(pointers)
        entries = self.columns.add(columns)
        self.values.add(values.real if self.space.real else values)
        turns = [flat.add(part) for flat, part in zip(self.turn, sector.turn, strict=True)]
        self.maps.add(sector.maps.ravel())
        self.amplitudes.add(sector.amplitudes.ravel())
        self.photons.add(sector.photons)
        self.diagonals.add(sector.diagonals.ravel())
        for flat, part in zip(self.elements, sector.elements, strict=True):
            start = flat.add(part)
        end = start + len(sector.elements[0])
        self.table.add(
            np.array([[len(sector.rate), first, entries, start, end, sector.key[1], turns[1], pointer]])
        )
        self.floats.add(np.array([[sector.centre.real, sector.norm]]))
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

    def arrays(self) -> tuple[Any, ...]:
        """(table, floats, matrix, jumps, watch): the arrays as the kernel takes them."""
        matrix = (self.rate, self.diagonal, self.indptr, self.columns, self.values)
        jumps = (self.targets, self.maps, self.amplitudes)
        watch = (*self.turn, self.photons, self.diagonals, *self.elements)
        parts = (tuple(flat.data for flat in part) for part in (matrix, jumps, watch))
        return self.table.data, self.floats.data, *parts


def in_lanes(sector: Sector, lanes: int) -> tuple[Whole, Whole, Complex]:
    """The sector's matrix `lanes` rows at a time: pointers of these, the column of their first row and their values.

    Columns are counted from `MARGIN` places before the state.
    """
    from atomcavity.dynamics.jumps.series import MARGIN

    rows = np.repeat(np.arange(len(sector.rate)), np.diff(sector.indptr))
    blocks, columns = rows // lanes, sector.columns - rows % lanes + MARGIN
    width = len(sector.rate) + 2 * MARGIN
    found, inverse = np.unique(blocks * width + columns, return_inverse=True)
    values = np.zeros((len(found), lanes), complex)
    np.add.at(values, (inverse, rows % lanes), sector.values)
    pointers = np.searchsorted(found // width, np.arange(len(sector.rate) // lanes + 1))
    return pointers, found % width, values.ravel()


@dataclass(frozen=True, eq=False)
class Starts:
    """In which sector (run,) and state each run starts: the place (run,) of its first amplitude among all."""

    keys: list[Key]
    places: list[int]
    amplitudes: NDArray[Any]


@dataclass(eq=False)
class Outcome:
    """What a set of trajectories gave.

    by_run (run, half, observable): sums over the first and the second half of the samples; by_time, by_time_squares
    (1, sample, observable): sums over the trajectories, or of each one (run, sample, observable);
    weights (mode, photons): sums of the photon-number probabilities;
    counts (run, channel): jumps; clicks: (time, channel, run);
    left (run,), sector (run,), state (run, amplitude): excitations, sector and (if kept) state at the end.
    """

    by_run: Real
    by_time: Real
    by_time_squares: Real
    weights: Real
    counts: Whole
    left: Whole
    sector: Whole
    state: NDArray[Any]
    clicks: tuple[Real, Whole, Whole] = field(repr=False)


def run_trajectories(
    packed: Packed,
    seeds: NDArray[np.uint64],
    duration: float | Real,
    *,
    starts: Starts | None = None,
    settle: float = 0.0,
    samples: Real | None = None,
    record: bool = False,
    each: bool = False,
    keep: bool = False,
    share: float = 1.0,
) -> Outcome:
    """One trajectory a row of `seeds`, each of length `settle + duration`, from `starts` (None: the ground state).

    Jumps and clicks are counted after `settle`; `samples` are times from the start (increasing).

    each   whether samples are kept trajectory by trajectory; keep  whether the last states are
    share  these trajectories' part of the whole work, for the refusal of work without end
    """
    from atomcavity.dynamics.jumps import kernel
    from atomcavity.dynamics.jumps.series import prepare

    prepare(packed.kind == np.float64)
    from_where = _packed_starts(packed, ground(packed.space, len(seeds)) if starts is None else starts)
    times = np.zeros(0) if samples is None else np.asarray(samples, dtype=float)
    out, runs = _empty(packed, len(seeds), len(times), each, keep), len(seeds)
    integers = _integers(packed, record, keep)
    reals, stream = np.zeros(2), np.zeros(4, dtype=np.uint64)
    whole = settle + np.broadcast_to(np.asarray(duration, dtype=float), runs)
    size = CLICK_BUFFER if record else 1
    buffer = (np.zeros(size), np.zeros(size, np.int64), np.zeros(size, np.int64))
    full = []
    run: Any = kernel.run
    work = _work(packed, out.by_run.shape[-1], None)
    while True:
        sums = (out.by_run, out.by_time, out.by_time_squares, out.weights)
        status = run(
            packed.arrays(), from_where, seeds, (whole, settle), times, (integers, reals, stream), work,
            sums, out.counts, (out.left, out.sector, out.state), buffer,
        )  # fmt: skip
        if status == kernel.NEED_SECTOR:
            packed.number_behind(integers[kernel.SECTOR], integers[kernel.WAITING])
            work = _work(packed, out.by_run.shape[-1], work[0])
            out.weights = _enlarged(out.weights, packed.most_photons + 1)
            out.state = _enlarged(out.state, packed.largest) if keep else out.state
        elif status == kernel.PAUSED:
            integers[kernel.WORK] = PAUSE
            now = integers[kernel.TRAJECTORY]
            done = (whole[:now].sum() + reals[kernel.TIME]) / whole.sum()
            _affordable(integers[kernel.STEPS], share * done)
        else:
            full.append(tuple(part[: integers[kernel.CLICK]].copy() for part in buffer))
            integers[kernel.CLICK] = 0
            if status == kernel.FINISHED:
                break
    out.clicks = tuple(np.concatenate(part) for part in zip(*full, strict=True))  # type: ignore[assignment]
    return out


def _integers(packed: Packed, record: bool, keep: bool) -> Whole:
    """The whole numbers of the kernel's state before the first trajectory."""
    from atomcavity.dynamics.jumps import kernel

    integers = np.zeros(13, np.int64)
    integers[kernel.WAITING], integers[kernel.RECORD], integers[kernel.WORK] = -1, record, PAUSE
    integers[kernel.DIAGONALS], integers[kernel.TURNED] = packed.space.observables, packed.space.turned
    integers[kernel.KEEP], integers[kernel.LANES] = keep, packed.lanes
    return integers


def ground(space: Space, runs: int) -> Starts:
    """All runs in the state of no excitation (each emitter in its first level)."""
    from atomcavity.dynamics.jumps.start import Source

    return Source(space, Preparation("ground")).starts(np.zeros((runs, 4), np.uint64))


def _packed_starts(packed: Packed, starts: Starts) -> tuple[NDArray[Any], ...]:
    sectors = [packed.number(key) for key in starts.keys]
    places = np.array([sectors, starts.places], dtype=np.int64).T.reshape(-1, 2)
    real = packed.kind == np.float64
    return places, np.ascontiguousarray(starts.amplitudes.real if real else starts.amplitudes, packed.kind)


def _empty(packed: Packed, runs: int, samples: int, each: bool, keep: bool) -> Outcome:
    """Sums of nothing yet."""
    space = packed.space
    width, rows = space.observables + 2 * len(space.products), runs if each else 1
    return Outcome(
        by_run=np.zeros((runs, 2, width)),
        by_time=np.zeros((rows, samples, width)),
        by_time_squares=np.zeros((rows, samples, width)),
        weights=np.zeros((len(space.modes.kappas), packed.most_photons + 1)),
        counts=np.zeros((runs, len(space.channels)), dtype=np.int64),
        left=np.zeros(runs, dtype=np.int64),
        sector=np.zeros(runs, dtype=np.int64),
        state=np.zeros((runs, packed.largest if keep else 0), dtype=packed.kind),
        clicks=(np.zeros(0), np.zeros(0, np.int64), np.zeros(0, np.int64)),
    )


def _affordable(steps: int, done: float) -> None:
    """`InputError` if the part that is done shows that the whole would take far too many steps."""
    wanted = float(steps) / max(done, 1e-300)
    if wanted > MOST_STEPS:
        raise InputError(
            f"Jumps would take about {wanted:.1g} steps, because the fastest rate of the system is so much larger "
            "than the slowest; use Exact(), a shorter duration or fewer trajectories"
        )


def _work(packed: Packed, width: int, psi: NDArray[Any] | None) -> tuple[NDArray[Any], ...]:
    """State, work space, Taylor terms, observed state and observables for the largest sector; keeps a state."""
    from atomcavity.dynamics.jumps.series import MARGIN, TERMS

    size = packed.largest
    state = np.zeros(size, dtype=packed.kind)
    if psi is not None:
        state[: len(psi)] = psi
    terms = np.zeros((TERMS, size + 2 * MARGIN), dtype=packed.kind)
    return state, state.copy(), terms, np.zeros(size, dtype=complex), np.zeros(width)


def _enlarged(array: NDArray[Any], size: int) -> NDArray[Any]:
    grown = np.zeros((*array.shape[:-1], max(size, array.shape[-1])), dtype=array.dtype)
    grown[..., : array.shape[-1]] = array
    return grown


def packed_space(system: CavitySystem, *, photons_of_modes: bool = False, real: bool = True) -> Packed:
    """The (empty) store of the sectors of a system.

    photons_of_modes  whether photon jumps must be those of the given modes (click records); else
                      modes of equal loss may be computed as standing waves, which is faster
    real              False: amplitudes are complex even where the generator is real
    """
    require(
        not system.driven,
        "Jumps keeps the excitation number, which a coherent drive does not; use Exact(), or MeanField() or "
        "TruncatedWigner() for many emitters",
    )
    space = Space(system, turn=not photons_of_modes)
    space.real = space.real and real
    return Packed(space)
