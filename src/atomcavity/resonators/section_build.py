"""How the mesh of a `Section` is made: lines through all edges, graded at corners, rings around circles."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import require

from .layers import permittivity_of
from .section import Cylinder, Profile, Section, Shape
from .section_mesh import SectionMesh, Stretch
from .sectors import AROUND, CORE

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

ABSORBER = math.tau  # thickness of the absorbing layer: one wavelength in vacuum
STRENGTH = 14.0  # integral of the imaginary stretch
CELL = 0.5  # largest cell over the wavelength in its medium
GRADING = 0.25  # ratio of neighbouring cells towards a corner
MOST_CELLS = 20_000
LEVELS = {"s": 1, "p": 3}  # cells so graded: E_x is smooth at corners, H_x has a singular slope


def mesh_of(
    section: Section,
    wavelength: float,
    polarization: str,
    window: tuple[tuple[float, float], tuple[float, float]],
    *,
    absorber: float = ABSORBER,
    strength: float = STRENGTH,
) -> SectionMesh:
    """The mesh of a section; `window`: the physical ((y0, y1), (z0, z1)) in 1/k0, absorbing layers come outside."""
    k0 = math.tau / wavelength
    circles = [shape for shape in section.shapes if isinstance(shape, Cylinder)]
    boxes = [k0 * np.array(s.sides) for s in section.shapes if not isinstance(s, Cylinder)]
    profiles = [shape for shape in section.shapes if isinstance(shape, Profile)]
    layers = section.layers.permittivities(wavelength)
    inner = [permittivity_of(shape.medium, wavelength) for shape in section.shapes]
    cell = CELL * math.tau / math.sqrt(max(abs(e) for e in [*layers, *inner]))
    rings = [_ring(k0 * c.radius, k0 * np.array(c.centre), cell) for c in circles]
    interfaces = k0 * section.layers.interfaces[layers[1:] != layers[:-1]]
    lines, stretches = [], []
    for axis in (0, 1):
        edges = [v for box in boxes for v in box[2 * axis : 2 * axis + 2]]
        edges += [k0 * z for shape in profiles for z, _, _ in shape.levels if axis]
        low, high = window[axis]
        stretch = Stretch(low, high, absorber, strength)
        ends = [low - absorber, low, high, high + absorber]
        fixed = {ring.square(axis): ring.side for ring in rings}
        plain_edges = list(interfaces) if axis else []
        lines.append(_lines(ends, edges, plain_edges, fixed, cell, LEVELS[polarization]))
        stretches.append(stretch)
    cells = (lines[0].size - 1) * (lines[1].size - 1)
    require(
        cells <= MOST_CELLS,
        f"the window {_size(window, k0)} needs {cells} cells, more than {MOST_CELLS}: take a smaller region, and a thick "
        "film above or below as a half space",
    )
    leaning = _leaning(section, k0, lines[0], lines[1], window[0])
    return _assemble(section, wavelength, leaning, lines[1], (stretches[0], stretches[1]), rings)


def _size(window: tuple[tuple[float, float], tuple[float, float]], k0: float) -> str:
    """The size of a window in micrometres."""
    return " x ".join(f"{(high - low) / k0 * 1e6:.4g} µm" for low, high in window)


def _reach(shape: Shape) -> tuple[float, float]:
    """Lowest and highest y (m) of the lines that a shape needs straight."""
    if isinstance(shape, Cylinder):
        half = AROUND * shape.radius
        return shape.centre[0] - half, shape.centre[0] + half
    return shape.box[:2]


def _leaning(section: Section, k0: float, y: Array, z: Array, window: tuple[float, float]) -> Array:
    """y (z line, y line) of the lines: those of a profile's sides, and in part their neighbours, follow the sides."""
    lines = np.tile(y, (z.size, 1))
    for shape in section.shapes:
        if not isinstance(shape, Profile):
            continue
        left, right = k0 * np.array(shape.sides[:2])
        others = [v for other in section.shapes if other is not shape for v in k0 * np.array(_reach(other))]
        low = max([window[0], *(v for v in others if v < left - 1e-7)])
        high = min([window[1], *(v for v in others if v > right + 1e-7)])
        heights, *sides = k0 * np.array(shape.levels).T
        middle = (left + right) / 2
        room = (left - low, middle - left), (high - right, right - middle)
        require(
            not any(left - 1e-7 < v < right + 1e-7 for v in others)
            and all(
                np.max(np.abs(s - c)) < 0.9 * min(r)
                for s, c, r in zip(sides, (left, right), room, strict=True)
            ),
            f"another shape's sides lie below, above or too near to those of {shape}, or these lean too far",
        )
        for side, home, ends in zip(sides, (left, right), ((low, middle), (middle, high)), strict=True):
            share = np.interp(y, [ends[0], home, ends[1]], [0.0, 1.0, 0.0])
            lines += np.interp(z, heights, side - home)[:, None] * share
    return lines


@dataclass(frozen=True)
class _Ring:
    """The cells around a circle: `side` cells along each side of the square, `layers` inside and outside."""

    radius: float
    centre: Array
    side: int
    layers: tuple[int, int]

    def square(self, axis: int) -> tuple[float, float]:
        """Lowest and highest coordinate of the outer square."""
        half = AROUND * self.radius
        return float(self.centre[axis] - half), float(self.centre[axis] + half)


def _ring(radius: float, centre: Array, cell: float) -> _Ring:
    side = max(2, math.ceil(2 * AROUND * radius / cell))
    inside = max(1, math.ceil((1 - CORE) * radius / cell))
    outside = max(1, math.ceil((math.sqrt(2) * AROUND - 1) * radius / cell))
    return _Ring(radius, centre, side, (inside, outside))


def _lines(
    ends: list[float],
    edges: list[float],
    interfaces: list[float],
    fixed: dict[tuple[float, float], int],
    cell: float,
    levels: int,
) -> Array:
    """Mesh lines along one axis: through all `edges` (graded there), interfaces and ends; `fixed` intervals evenly."""
    inside = [v for v in [*edges, *interfaces] if ends[0] < v < ends[-1]]
    points = np.array(sorted([*ends, *inside, *(v for pair in fixed for v in pair)]))
    points = points[np.concatenate([[True], np.diff(points) > 1e-7])]
    lines = [points[:1]]
    for a, b in itertools.pairwise(points):
        even = [n for pair, n in fixed.items() if abs(pair[0] - a) < 1e-7 and abs(pair[1] - b) < 1e-7]
        hurt = [pair for pair in fixed if pair[0] - 1e-7 < a and b < pair[1] + 1e-7]
        require(
            bool(even) or not hurt,
            "the square around a cylinder (1.5 times its radius) meets an edge of something else",
        )
        if even:
            lines.append(np.linspace(a, b, even[0] + 1)[1:])
        else:
            sharp = [any(abs(v - end) < 1e-7 for v in edges) for end in (a, b)]
            lines.append(_interval(a, b, sharp, cell, levels)[1:])
    return np.concatenate(lines)


def _interval(a: float, b: float, sharp: list[bool], cell: float, levels: int) -> Array:
    """Points from a to b with steps up to `cell`, finer in geometric progression towards sharp ends."""
    length = b - a
    share = [min(cell, length / sum(sharp)) if s else 0.0 for s in sharp]
    steps = GRADING ** np.arange(levels, 0, -1)
    left = [a, *(a + share[0] * steps), a + share[0]] if sharp[0] else [a]
    right = [b - share[1], *(b - share[1] * steps[::-1]), b] if sharp[1] else [b]
    middle = right[0] - left[-1]
    if middle < 1e-9 * length:
        return np.array([*left, *right[1:]])
    return np.concatenate(
        [left[:-1], np.linspace(left[-1], right[0], 1 + math.ceil(middle / cell)), right[1:]]
    )


def _assemble(
    section: Section,
    wavelength: float,
    y: Array,
    z: Array,
    stretches: tuple[Stretch, Stretch],
    rings: list[_Ring],
) -> SectionMesh:
    """Cells of the lines' grid and of the rings, with common vertices and permittivities."""
    middle = [(v[1:] + v[:-1]) / 2 for v in (y[0], z)]
    grid = np.zeros((y.shape[1] - 1, z.size - 1), dtype=np.int64)
    for number, ring in enumerate(rings):
        in_y, in_z = ((ring.square(k)[0] < middle[k]) & (middle[k] < ring.square(k)[1]) for k in (0, 1))
        grid[np.ix_(in_y, in_z)] = -1 - number
    i, j = np.nonzero(grid >= 0)
    grid[i, j] = np.arange(i.size)
    boxes = [np.stack([y[j, i], y[j, i + 1] - y[j, i], z[j], z[j + 1] - z[j]], axis=1)]
    owner, sectors = [np.full(i.size, -1)], []
    for number, ring in enumerate(rings):
        square, rows = _ring_cells(ring)
        boxes += [square, np.tile([0.0, 1.0, 0.0, 1.0], (len(rows), 1))]
        owner.append(np.full(len(square) + len(rows), number))
        sectors.append((len(square), rows))
    box, owners = np.concatenate(boxes), np.concatenate(owner)
    lean = np.zeros((len(box), 2))
    lean[: i.size] = np.stack([y[j + 1, i] - y[j, i], y[j + 1, i + 1] - y[j, i + 1]], axis=1)
    curved = np.full(len(box), -1, dtype=np.int64)
    first, row = i.size, 0
    for flat, rows in sectors:
        curved[first + flat : first + flat + len(rows)] = row + np.arange(len(rows))
        first, row = first + flat + len(rows), row + len(rows)
    table = np.concatenate([rows for _, rows in sectors]) if sectors else np.zeros((0, 9))
    empty = np.zeros(len(box), dtype=complex)
    mesh = SectionMesh(
        np.zeros((2, 0)),
        np.zeros((4, 0), dtype=np.int64),
        box,
        lean,
        curved,
        table,
        empty,
        empty,
        owners,
        y,
        z,
        grid,
        stretches,
    )
    every = np.arange(len(box))
    unit = np.array([[0.0, 1, 1, 0, 0.5], [0, 0, 1, 1, 0.5]])
    places = mesh.map(every, unit)[0]
    vertices, corners = _merged(places[:, :, :4])
    inner, outer = _permittivities(section, wavelength, places[:, :, 4])
    return replace(mesh, vertices=vertices, corners=corners, permittivity=inner, background=outer)


def _ring_cells(ring: _Ring) -> tuple[Array, Array]:
    """Boxes of the square in the circle's middle, rows of `sectors` around it."""
    half, m = CORE * ring.radius, ring.side
    starts = half * (2 * np.arange(m) / m - 1)
    a, b = (v.ravel() for v in np.meshgrid(starts, starts, indexing="ij"))
    size = np.full(a.size, 2 * half / m)
    square = np.stack([ring.centre[0] + a, size, ring.centre[1] + b, size], axis=1)
    rows = [
        [*ring.centre, turn, ring.radius, float(inside), t / n, 1 / n, 2 * s / m - 1, 2 / m]
        for inside, n in ((True, ring.layers[0]), (False, ring.layers[1]))
        for turn in range(4)
        for t in range(n)
        for s in range(m)
    ]
    return square, np.array(rows)


def _merged(places: Array) -> tuple[Array, NDArray[np.int64]]:
    """Vertices (2, n) and the numbers (4, cell) of corners (2, cell, 4), equal places made one."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.csgraph import connected_components
    from scipy.spatial import cKDTree

    flat = places.reshape(2, -1)
    pairs = cKDTree(flat.T).query_pairs(1e-7, output_type="ndarray")
    count = flat.shape[1]
    graph = coo_matrix((np.ones(len(pairs)), (pairs[:, 0], pairs[:, 1])), shape=(count, count))
    found, label = connected_components(graph, directed=False)
    vertices = np.empty((2, found))
    vertices[:, label] = flat
    return vertices, label.reshape(places.shape[1:]).T.astype(np.int64)


def _permittivities(section: Section, wavelength: float, centres: Array) -> tuple[Complex, Complex]:
    """Permittivity of every cell, and that of the layers alone there."""
    k0 = math.tau / wavelength
    layers = section.layers
    medium = np.searchsorted(-k0 * layers.interfaces, -centres[1])
    outer = layers.permittivities(wavelength)[medium]
    inner = outer.copy()
    for shape in section.shapes:
        if isinstance(shape, Cylinder):
            away = centres - k0 * np.array(shape.centre)[:, None]
            within = np.hypot(away[0], away[1]) < k0 * shape.radius
        else:
            a, b, c, d = k0 * np.array(shape.box)
            within = (a < centres[0]) & (centres[0] < b) & (c < centres[1]) & (centres[1] < d)
            if isinstance(shape, Profile):
                heights, left, right = k0 * np.array(shape.levels).T
                within &= np.interp(centres[1], heights, left) < centres[0]
                within &= centres[0] < np.interp(centres[1], heights, right)
        inner[within] = permittivity_of(shape.medium, wavelength)
    return inner, outer
