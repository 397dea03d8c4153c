r"""Potentials that add: $U(\mathbf r,t)=\sum_k c_k(t)f_k(\mathbf r)$, static $f_k$ and time laws $c_k$, in compiled code.

Light beams that interfere are one potential (`ConveyorBelt`); what does not interfere adds with `+`.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require
from atomcavity.traps.time_law import TimeLaw, packed

Array = NDArray[np.float64]
Box = tuple[tuple[float, float], tuple[float, float], tuple[float, float]]

EVERYWHERE: Box = ((-math.inf, math.inf),) * 3
_NUMBERS = 20
_HESSIAN_STEP = 1e-9  # m, of central differences of the compiled force


@dataclass(frozen=True, eq=False)
class Grid:
    """Coefficients (y + 4, z + 4, 4) of four quintic splines on a regular grid that begins at `origin` with `steps` (m)."""

    origin: tuple[float, float]
    steps: tuple[float, float]
    coefficients: Array

    @classmethod
    def through(cls, y: Array, z: Array, values: Array) -> Grid:
        """The splines through `values` (y, z, 4): four times continuously differentiable, not-a-knot ends."""
        along_y = uniform_spline(y, values)
        both = np.swapaxes(uniform_spline(z, np.swapaxes(along_y, 0, 1)), 0, 1)
        return cls((y[0], z[0]), (y[1] - y[0], z[1] - z[0]), np.ascontiguousarray(both))

    @property
    def region(self) -> Box:
        """The part of space that the grid covers, along x all of it."""
        shape = self.coefficients.shape
        (y0, z0), (dy, dz) = self.origin, self.steps
        return EVERYWHERE[0], (y0, y0 + (shape[0] - 5) * dy), (z0, z0 + (shape[1] - 5) * dz)


def uniform_spline(x: Array, values: Array) -> Array:
    """Coefficients (x + 4, ...) of the not-a-knot quintic spline through values (x, ...), on uniform knots."""
    from scipy.interpolate import BSpline, make_interp_spline
    from scipy.sparse.linalg import splu

    steps = np.diff(x)
    require(
        len(x) > 6 and bool(np.all(steps > 0)) and float(np.ptp(steps)) < 1e-6 * float(steps[0]),
        "a table needs more than 6 points along y and z, rising in equal steps",
    )
    u = np.arange(len(x), dtype=float)
    spline = make_interp_spline(u, values, k=5)
    between = np.array([0.5, 1.5, len(x) - 2.5, len(x) - 1.5])
    places = np.sort(np.concatenate([u, between]))
    design = BSpline.design_matrix(places, np.arange(-5.0, len(x) + 5.0), 5)
    flat = spline(places).reshape(len(places), -1)
    return np.asarray(splu(design.tocsc()).solve(flat)).reshape(len(places), *values.shape[1:])


@dataclass(frozen=True, eq=False)
class Term:
    """One f_k of the kernel (`potential_kernel`) with its time laws: power, second power, phase."""

    kind: int
    numbers: tuple[float, ...]
    laws: tuple[TimeLaw, ...] = field(default_factory=lambda: (TimeLaw.constant(1.0),))
    grid: Grid | None = None


class Potential:
    """Base of all potentials: `terms`, `region`; `energy`, `force`, `hessian` at places and a time; `+`.

    uniform  whether nothing depends on x: an atom's motion is then two-dimensional, in y and z
    """

    region: Box = EVERYWHERE
    uniform: bool = True

    @property
    def terms(self) -> tuple[Term, ...]:
        """The f_k with their laws."""
        raise NotImplementedError

    def __add__(self, other: Potential) -> SumPotential:
        if not isinstance(other, Potential):
            return NotImplemented
        return SumPotential((*self._parts(), *other._parts()))

    def _parts(self) -> Iterator[Potential]:
        yield self

    @cached_property
    def compiled(self) -> Compiled:
        """The arrays that the kernel takes."""
        return Compiled.of(self.terms)

    def frozen(self, time: float = 0.0) -> FrozenPotential:
        """The potential as it is at `time`, for ever."""
        return FrozenPotential(self, time)

    def energy(self, r: ArrayLike, time: float = 0.0) -> Array:
        """U (...) in J at places r (..., 3) (m) and `time` (s).  `InputError` outside the region."""
        return self._at(r, time)[..., 0]

    def force(self, r: ArrayLike, time: float = 0.0) -> Array:
        """-grad U (..., 3) in N at places r (..., 3) (m) and `time` (s).  `InputError` outside the region."""
        return self._at(r, time)[..., 1:]

    def hessian(self, r: ArrayLike, time: float = 0.0) -> Array:
        """Second derivatives (..., 3, 3) in J/m^2, from differences of the force over 1 nm."""
        places = np.asarray(r, dtype=float)
        shifts = _HESSIAN_STEP * np.eye(3)
        ahead = self.force_beyond(places[..., None, :] + shifts, time)
        behind = self.force_beyond(places[..., None, :] - shifts, time)
        second = -(ahead - behind) / (2 * _HESSIAN_STEP)
        return np.asarray((second + np.swapaxes(second, -1, -2)) / 2)

    def force_beyond(self, r: Array, time: float = 0.0) -> Array:
        """`force` without the test of the region: tables are continued by their last polynomials."""
        return self.compiled.at(r, time)[..., 1:]

    def _at(self, r: ArrayLike, time: float) -> Array:
        places = np.asarray(r, dtype=float)
        require(
            places.ndim > 0 and places.shape[-1] == 3, f"positions of shape {places.shape}: (..., 3) needed"
        )
        for name, value, (low, high) in zip("xyz", np.moveaxis(places, -1, 0), self.region, strict=True):
            outside = ~((value >= low - 1e-15) & (value <= high + 1e-15))
            if outside.any():
                raise InputError(
                    f"{name} = {value[outside].flat[0]:.6g} m is outside the potential's region, {low:.6g} to {high:.6g} m"
                )
        return self.compiled.at(places, time)


@dataclass(frozen=True, eq=False)
class SumPotential(Potential):
    """The sum of several potentials."""

    parts: tuple[Potential, ...]

    def _parts(self) -> Iterator[Potential]:
        yield from self.parts

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of all parts."""
        return tuple(term for part in self.parts for term in part.terms)

    @property
    def uniform(self) -> bool:  # type: ignore[override]
        """Whether no part depends on x."""
        return all(part.uniform for part in self.parts)

    @property
    def region(self) -> Box:  # type: ignore[override]
        """Where all parts are known."""
        boxes = np.array([part.region for part in self.parts])
        low, high = boxes[..., 0].max(axis=0), boxes[..., 1].min(axis=0)
        require(bool(np.all(low < high)), "the regions of the potentials do not overlap")
        (x, y, z) = zip(low.tolist(), high.tolist(), strict=True)
        return x, y, z


@dataclass(frozen=True, eq=False)
class FrozenPotential(Potential):
    """A potential whose laws are constants: their values at `time`."""

    potential: Potential
    time: float

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms with constant laws."""
        return tuple(
            dataclasses.replace(term, laws=tuple(law.frozen(self.time) for law in term.laws))
            for term in self.potential.terms
        )

    @property
    def uniform(self) -> bool:  # type: ignore[override]
        """As that of the potential."""
        return self.potential.uniform

    @property
    def region(self) -> Box:  # type: ignore[override]
        """As that of the potential."""
        return self.potential.region


@dataclass(frozen=True, eq=False)
class Compiled:
    """Terms as arrays: integers (term, 7), numbers (term, 20), tables (row, 4), starts and coefficients of the laws."""

    terms: NDArray[np.int64]
    numbers: Array
    tables: Array
    starts: Array
    coefficients: Array

    @classmethod
    def of(cls, terms: tuple[Term, ...]) -> Compiled:
        """Arrays of given terms; tables that several terms share are kept once."""
        rows = np.zeros((len(terms), 7), dtype=np.int64)
        numbers = np.zeros((len(terms), _NUMBERS))
        laws: list[TimeLaw] = []
        grids: dict[int, int] = {}
        tables: list[Array] = [np.zeros((0, 4))]
        height = 0
        for k, term in enumerate(terms):
            rows[k, 0] = term.kind
            for j, law in enumerate(term.laws):
                if law not in laws:
                    laws.append(law)
                rows[k, 1 + j] = laws.index(law)
            numbers[k, : len(term.numbers)] = term.numbers
            if term.grid is not None:
                c = term.grid.coefficients
                if id(c) not in grids:
                    grids[id(c)] = height
                    tables.append(c.reshape(-1, 4))
                    height += c.shape[0] * c.shape[1]
                rows[k, 4:] = grids[id(c)], c.shape[0] - 4, c.shape[1] - 4
        return cls(rows, numbers, np.concatenate(tables), *packed(laws))

    @property
    def arrays(self) -> tuple[NDArray[np.int64], Array, Array, Array, Array]:
        """In the kernel's order."""
        return self.terms, self.numbers, self.tables, self.starts, self.coefficients

    def at(self, r: Array, time: float) -> Array:
        """(..., 4): U (J) and the force (N) at places (..., 3) (m)."""
        from atomcavity.traps.potential_kernel import forces

        places = np.ascontiguousarray(r, dtype=float).reshape(-1, 3)
        out = np.empty((len(places), 4))
        forces(*self.arrays, float(time), places, out)
        return out.reshape(*np.shape(r)[:-1], 4)
