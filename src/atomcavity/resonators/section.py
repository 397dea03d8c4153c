"""The cross section that light is scattered by: rectangles, polygons and cylinders on plane layers."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, number, require

from .layers import Layers, Medium, medium_from, plain

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Rectangle:
    """A rectangle of `medium` with edges parallel to y and z.

    width, height  along y and z (m)
    medium         a `Material` or an index
    centre         y of its middle (m)
    bottom         z of its lower edge (m)

    Raises `InputError` for a size that is not positive.
    """

    width: float
    height: float
    medium: Medium
    centre: float = 0.0
    bottom: float = 0.0

    def __post_init__(self) -> None:
        for name in ("width", "height", "centre", "bottom"):
            number(getattr(self, name), name)
        require(self.width > 0 and self.height > 0, f"{self}: width and height (m) must be positive")

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Lowest and highest y, lowest and highest z (m)."""
        half = self.width / 2
        return self.centre - half, self.centre + half, self.bottom, self.bottom + self.height

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Middle of the left and of the right side, lower and upper edge (m)."""
        return self.box

    @property
    def outline(self) -> Array:
        """Corners (4, 2) in m."""
        a, b, c, d = self.box
        return np.array([[a, c], [b, c], [b, d], [a, d]])


@dataclass(frozen=True)
class Profile:
    """A polygon that every horizontal line cuts in one piece: an etched guide with leaning walls, a rib on its slab.

    `levels` are (z, left y, right y) in m, from the lowest to the highest, joined by straight sides.  Sides of other
    shapes may not lie straight below or above it.

    >>> Profile.trapezoid(0.9e-6, 1.0e-6, 0.3e-6, 2.0).box
    (-5e-07, 5e-07, 0.0, 3e-07)
    """

    levels: tuple[tuple[float, float, float], ...]
    medium: Medium

    def __post_init__(self) -> None:
        table = np.asarray(self.levels, dtype=float)
        require(
            table.ndim == 2 and table.shape[1] == 3 and len(table) >= 2 and bool(np.all(np.isfinite(table))),
            f"levels = {self.levels!r} must be two or more (z, left y, right y) in m",
        )
        require(
            bool(np.all(np.diff(table[:, 0]) > 0) and np.all(table[:, 1] < table[:, 2])),
            f"levels = {self.levels!r}: z must rise, and left y be below right y",
        )
        object.__setattr__(self, "levels", tuple(tuple(row) for row in table.tolist()))

    @classmethod
    def trapezoid(
        cls,
        top_width: float,
        bottom_width: float,
        height: float,
        medium: Medium,
        centre: float = 0.0,
        bottom: float = 0.0,
    ) -> Profile:
        """A guide with leaning side walls; `bottom` is the z of its lower edge, `centre` the y of its middle (m)."""
        low, high = bottom_width / 2, top_width / 2
        levels = (bottom, centre - low, centre + low), (bottom + height, centre - high, centre + high)
        return cls(levels, medium)

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Lowest and highest y, lowest and highest z (m)."""
        z, left, right = zip(*self.levels, strict=True)
        return min(left), max(right), z[0], z[-1]

    @property
    def sides(self) -> tuple[float, float, float, float]:
        """Middle of the range of the left and of the right side, lower and upper edge (m)."""
        z, left, right = zip(*self.levels, strict=True)
        return (min(left) + max(left)) / 2, (min(right) + max(right)) / 2, z[0], z[-1]

    @property
    def outline(self) -> Array:
        """Corners (n, 2) in m."""
        up = [(right, z) for z, _, right in self.levels]
        down = [(left, z) for z, left, _ in reversed(self.levels)]
        return np.array(up + down)


@dataclass(frozen=True)
class Cylinder:
    """A cylinder of `radius` (m) along x, a nanofibre for instance; `centre` (y, z) in m."""

    radius: float
    medium: Medium
    centre: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        radius = number(self.radius, "radius")
        require(radius > 0, f"radius = {radius!r} m of a cylinder must be positive")
        require(len(self.centre) == 2, f"centre = {self.centre!r} must be (y, z) in m")

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Lowest and highest y, lowest and highest z (m)."""
        y, z = self.centre
        return y - self.radius, y + self.radius, z - self.radius, z + self.radius

    @property
    def outline(self) -> Array:
        """Points on the circle (n, 2) in m."""
        angle = np.linspace(0, math.tau, 73)[:-1]
        return np.array(self.centre) + self.radius * np.stack([np.cos(angle), np.sin(angle)], axis=1)


Shape = Rectangle | Profile | Cylinder


@dataclass(frozen=True)
class Section:
    """Shapes on `layers`; where rectangles overlap the later one counts.

    A cylinder needs its own columns and rows of the mesh: no edge of another shape and no interface may lie within
    1.5 radii of its centre, along y or along z.
    """

    layers: Layers
    shapes: tuple[Shape, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "shapes", tuple(self.shapes))

    @property
    def outlines(self) -> list[list[list[float]]]:
        """Polygons of the shapes in m, for drawings."""
        return [shape.outline.tolist() for shape in self.shapes]

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        shapes = []
        for shape in self.shapes:
            data = {"shape": type(shape).__name__, **vars(shape), "medium": plain(shape.medium)}
            shapes.append(
                {key: np.array(v).tolist() if isinstance(v, tuple) else v for key, v in data.items()}
            )
        return {"layers": self.layers.to_dict(), "shapes": shapes}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Section:
        """The inverse of `to_dict`."""
        kinds: dict[str, Any] = {each.__name__: each for each in (Rectangle, Profile, Cylinder)}
        shapes = []
        for entry in data["shapes"]:
            values = {
                key: tuple(v) if key == "centre" and isinstance(v, list) else v for key, v in entry.items()
            }
            kind = kinds[str(values.pop("shape"))]
            shapes.append(kind(**{**values, "medium": medium_from(values["medium"])}))
        return cls(Layers.from_dict(data["layers"]), tuple(shapes))


def section_of(structure: object) -> Section:
    """A `Section` of what scatters: itself, layers alone, or a `Waveguide` (its top at z = 0)."""
    from .waveguide import Waveguide

    if isinstance(structure, Section):
        return structure
    if isinstance(structure, Layers):
        return Section(structure)
    if isinstance(structure, Waveguide):
        bottom = -structure.height
        layers = Layers(structure.cladding, structure.layers, structure.substrate, top=bottom)
        core = Rectangle(structure.width, structure.height, structure.core, bottom=bottom)
        return Section(layers, (core,))
    raise InputError(
        f"structure {structure!r} given; it is a Waveguide, a Section of shapes on layers, or Layers"
    )
