"""`scatter`: a beam meets a waveguide on its substrate; two-dimensional, both polarizations."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError, InputError, number, require
from atomcavity.results import Record, load

from .background import Background, electric
from .field_map import DEGREE, FieldMap
from .layers import SheetBeam
from .section import Cylinder, Section, section_of

if TYPE_CHECKING:
    from .helmholtz import Scattered

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Region = tuple[tuple[float, float], tuple[float, float]]

ORDERS = (7, 9, 11, 13)
"""Orders of the elements tried one after the other."""
_MARGIN = 0.25  # wavelengths between what matters and the absorbing layer
_CORNER = 0.02  # wavelengths around a corner that the error estimate leaves out
_MOST_POINTS = 10_000_000  # of a map
_LARGEST = 5000  # area of the meshed window, in wavelengths squared
_EDITION = 1  # of the method: maps kept by an earlier one are not found any more


def scatter(
    beam: SheetBeam,
    structure: object,
    *,
    region: Region,
    spacing: float | None = None,
    order: int | None = None,
    tolerance: float = 1e-4,
    keep: bool = False,
) -> FieldMap:
    """The field of a beam scattered by a structure on plane layers, in `region`.

    beam       a `SheetBeam` (plane wave or focused; from above or through the substrate), peak amplitude 1 V/m
    structure  a `Waveguide` (its top at z = 0, uniform along x), a `Section` of rectangles, polygons and cylinders on `Layers`,
               or `Layers` alone
    region     ((y0, y1), (z0, z1)) of the map (m); at an edge the map has the value outside (away from y = 0, above)
    spacing    of the map's grid (m); default 1/90 of the wavelength
    order      of the elements; default: raised through `ORDERS` until two successive ones agree
    tolerance  of that: largest difference over the map, relative to the largest field in it
    keep       take the map from the user's cache folder if it is there, and put it there if not

    The beam on the layers alone is an exact sum of plane waves; the rest, driven by the structure, is found by finite
    elements in a window around region and structure with a perfectly matched layer (one wavelength).  The `residual`
    of the record is the difference of the last two orders (the last one alone is better by a factor of some ten or
    more), within a distance of lambda/50 of a corner left out: there E itself is singular for p polarization.
    Measured for a waveguide of 0.95 x 0.46 um at 935 nm, one core: 1 s (s) and 1.5 s (p) for a region of 1.4 x 0.8 um,
    4 s for 3 x 8 um; s polarization needs fewer cells, because E_x is smooth at corners.

    Two dimensions: a round beam is replaced by a sheet (see `SheetBeam`), and a bend or the end of the waveguide does
    not exist.  Raises `InputError` for what cannot be, `ConvergenceError` if no order reaches the tolerance.

    >>> from atomcavity.resonators.section import Layers, Rectangle, Section
    >>> guide = Section(Layers(1.0, (), 1.45, top=-0.3e-6), (Rectangle(0.6e-6, 0.3e-6, 2.0, bottom=-0.3e-6),))
    >>> map = scatter(SheetBeam(935e-9, "s", waist=1e-6), guide, region=((-0.5e-6, 0.5e-6), (0.0, 1e-6)))
    >>> map.E.shape[0], map.record.residual < 1e-4
    (3, True)
    """
    section = section_of(structure)
    if not isinstance(beam, SheetBeam):
        raise InputError(f"beam {beam!r} given; it is a SheetBeam")
    y, z = _grid(region, beam.wavelength / 90 if spacing is None else number(spacing, "spacing"))
    require(
        order is None or (isinstance(order, int) and 4 <= order <= ORDERS[-1]),
        f"order = {order!r} must be a whole number from 4 to {ORDERS[-1]}",
    )
    require(0 < tolerance < 1, f"tolerance = {tolerance!r} must be between 0 and 1")
    settings = {
        "beam": beam.to_dict(),
        "structure": section.to_dict(),
        "region": [[float(v) for v in pair] for pair in region],
        "spacing": float(y[1] - y[0]),
        "order": order,
        "tolerance": tolerance,
    }
    if not keep:
        return _computed(beam, section, y, z, settings)
    from atomcavity.results.kept import kept_file

    indices = [[e.real, e.imag] for e in _permittivities(section, beam.wavelength)]
    path = kept_file("field", [_EDITION, settings, indices])
    if path.exists():
        found = load(path)
        if isinstance(found, FieldMap):
            return found
    result = _computed(beam, section, y, z, settings)
    result.save(path)
    return result


def _grid(region: Region, spacing: float) -> tuple[Array, Array]:
    require(spacing > 0, f"spacing = {spacing!r} m must be positive")
    ends, counts = [], []
    for name, pair in zip("yz", region, strict=True):
        low, high = (number(v, f"region {name}") for v in pair)
        require(low < high, f"region {name} = {pair!r} must be (lowest, highest) in m")
        ends.append((low, high))
        counts.append(max(DEGREE + 1, 1 + round((high - low) / spacing)))
    require(
        counts[0] * counts[1] <= _MOST_POINTS,
        f"a map of {counts[0]} x {counts[1]} points is too large: region = {tuple(ends)!r} m, spacing = {spacing:.3g} m",
    )
    y, z = (np.linspace(*pair, count) for pair, count in zip(ends, counts, strict=True))
    return y, z


def _permittivities(section: Section, wavelength: float) -> list[complex]:
    from .layers import permittivity_of

    shapes = [permittivity_of(shape.medium, wavelength) for shape in section.shapes]
    return [*(complex(e) for e in section.layers.permittivities(wavelength)), *shapes]


def _computed(beam: SheetBeam, section: Section, y: Array, z: Array, settings: dict[str, Any]) -> FieldMap:
    scene = Scene(section, beam, ((y[0], y[-1]), (z[0], z[-1])))
    order, tolerance = settings["order"], settings["tolerance"]
    warnings = _warnings(section, beam, y, z)
    if not section.shapes:
        E, residual, method, reason = scene.background_map(y, z), 0.0, "angular spectrum", "layers alone"
    else:
        method = "scattered-field finite elements"
        E, residual, used = _converged(scene, y, z, order, tolerance)
        reason = f"order {used}"
        if residual > tolerance:
            warnings += (
                f"orders {used - 1} and {used} differ by {residual:.1e}, above the tolerance {tolerance:.1e}",
            )
    record = Record(method, reason, residual=residual, warnings=warnings, parameters=settings)
    return FieldMap(record, y, z, E, beam.wavelength, beam.polarization, 1.0)


def _converged(
    scene: Scene, y: Array, z: Array, order: int | None, tolerance: float
) -> tuple[Complex, float, int]:
    """The map, the largest relative difference to the order before, the order."""
    away = scene.away_from_corners(y, z)
    orders = ORDERS if order is None else (order - 1, order)
    before, residual = scene.map(orders[0], y, z), math.inf
    for used in orders[1:]:
        E = scene.map(used, y, z)
        residual = float(np.max(np.abs(E - before)[:, away]) / np.max(np.abs(E)[:, away]))
        if residual <= tolerance or order is not None:
            return E, residual, used
        before = E
    raise ConvergenceError(
        f"orders {orders[-2]} and {orders[-1]} of the elements differ by {residual:.1e}, "
        f"above the tolerance {tolerance:.1e}"
    )


def _warnings(section: Section, beam: SheetBeam, y: Array, z: Array) -> tuple[str, ...]:
    """Whether the map holds edges across which E jumps."""
    if beam.polarization == "s":
        return ()
    inside = any(z[0] < height < z[-1] for height in section.layers.interfaces)
    for shape in section.shapes:
        a, b, c, d = shape.box
        inside = inside or (a < y[-1] and b > y[0] and c < z[-1] and d > z[0])
    text = "the map holds edges at which E jumps: the spline rings within some five points of them"
    return (text,) if inside else ()


class Scene:
    """A beam, a section and the window in which they are looked at: the fields at any point, order by order."""

    def __init__(
        self,
        section: Section,
        beam: SheetBeam,
        region: Region,
        *,
        margin: float = _MARGIN,
        **absorber: float,
    ) -> None:
        self.section, self.beam = section, beam
        self.k0 = math.tau / beam.wavelength
        self.window = _window(section, region, margin * beam.wavelength)
        area = math.prod(high - low for low, high in self.window) / beam.wavelength**2
        require(
            not section.shapes or area <= _LARGEST,
            f"region and structure span {area:.3g} wavelengths squared, more than {_LARGEST}: too large for finite elements "
            "(lengths are in m)",
        )
        focus = np.array(beam.focus)[:, None]
        layers = section.layers.interfaces
        reach = np.max(np.abs(np.array(self.window) - focus)) + np.max(np.abs(layers - focus[1]))
        reach += 4 * np.ptp(layers)  # light that goes to and fro in the films
        self.background = Background(section.layers, beam, float(reach))
        self.absorber = absorber

    def solution(self, order: int) -> Scattered:
        """The scattered field by elements of `order`."""
        from .helmholtz import Scattered
        from .section_build import mesh_of

        window = tuple(tuple(self.k0 * v for v in pair) for pair in self.window)
        mesh = mesh_of(self.section, self.beam.wavelength, self.beam.polarization, window, **self.absorber)  # type: ignore[arg-type]
        return Scattered(mesh, self.background, order)

    def background_map(self, y: Array, z: Array) -> Complex:
        """E (component, y, z) of the layers alone; y, z in m."""
        medium = self.background.medium(self.k0 * z)
        values = self.background.on_grid(self.k0 * y, self.k0 * z)
        return electric(self.beam.polarization, *values, self.background.permittivity[medium])

    def map(self, order: int, y: Array, z: Array) -> Complex:
        """E (component, y, z); y, z in m."""
        solution = self.solution(order)
        points = np.meshgrid(self.k0 * y, self.k0 * z, indexing="ij")
        *scattered, cells = solution.at(points[0].ravel(), points[1].ravel())
        background = self.background.on_grid(self.k0 * y, self.k0 * z)
        total = [v.reshape(b.shape) + b for v, b in zip(scattered, background, strict=True)]
        permittivity = solution.mesh.permittivity[cells].reshape(points[0].shape)
        return electric(self.beam.polarization, total[0], total[1], total[2], permittivity)

    def scalar(self, order: int, y: Array, z: Array) -> tuple[Complex, Complex, Complex, Complex]:
        """u, du/dy, du/dz and a at single points (m), derivatives by 1/k0."""
        from .helmholtz import coefficients

        solution = self.solution(order)
        *scattered, cells = solution.at(self.k0 * y, self.k0 * z)
        background = self.background.at(self.k0 * y, self.k0 * z)
        total = [v + b for v, b in zip(scattered, background, strict=True)]
        a = coefficients(self.beam.polarization, solution.mesh.permittivity[cells])[0]
        return total[0], total[1], total[2], a

    def away_from_corners(self, y: Array, z: Array) -> NDArray[np.bool_]:
        """(y, z): points farther than lambda/50 from every corner."""
        away = np.ones((y.size, z.size), dtype=bool)
        for shape in self.section.shapes:
            if not isinstance(shape, Cylinder):
                for corner in shape.outline:
                    distance = np.hypot(y[:, None] - corner[0], z[None, :] - corner[1])
                    away &= distance > _CORNER * self.beam.wavelength
        return away


def _window(section: Section, region: Region, margin: float) -> Region:
    """Region, shapes and interfaces with a margin (m)."""
    boxes = [shape.box for shape in section.shapes]
    y = [*region[0], *(v for box in boxes for v in box[:2])]
    z = [*region[1], *(v for box in boxes for v in box[2:]), *(section.layers.interfaces if boxes else ())]
    return (min(y) - margin, max(y) + margin), (min(z) - margin, max(z) + margin)
