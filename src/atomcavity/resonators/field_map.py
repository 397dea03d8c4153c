"""`FieldMap`: the complex electric field of a beam near a structure, on a regular grid in the y-z plane."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, require
from atomcavity.results import Result, axes_or_new, quantity

if TYPE_CHECKING:
    import xarray as xr

    from .field_spline import FieldSpline

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

DEGREE = 5  # of the spline: the field is four times continuously differentiable


@dataclass(frozen=True, eq=False, repr=False)
class FieldMap(Result):
    r"""Complex E (component, y, z) in V/m, the field Re(E e^{-i omega t}), uniform along x.

    y, z          evenly spaced coordinates (m); z = 0 is the top of the waveguide where there is one
    E             components along x, y, z; for an incident beam of peak amplitude `amplitude` (V/m)
    wavelength    in vacuum (m)
    polarization  "s": E along x, "p": E in the y-z plane, "mixed"

    Between the grid's points the field is a spline of fifth degree through them.  For a spacing s its error is 1e-4
    (k s)^6 of a plane wave's amplitude, at the rim of the map 2e-2 (k s)^6 (2e-9 at s = lambda/90).  Near a corner of
    the structure the field varies over the distance from it: for p polarization at s = lambda/90 = 10 nm, 4e-6 at
    100 nm from a corner of silicon nitride and 4e-4 at 50 nm.  A map is not meant to be used across an edge of the
    structure, where E jumps: let it begin at the surface (where it holds the value outside).
    For compiled code there is `spline`, with `spline_points` and `spline_basis` to evaluate it: about 0.3 us a point
    for all components with both slopes.
    """

    y: Array = quantity("y", unit="m", label="y across the waveguide", coordinate=True)
    z: Array = quantity("z", unit="m", label="z above the waveguide", coordinate=True)
    E: Complex = quantity("component", "y", "z", unit="V/m", label="electric field")
    wavelength: float = quantity(unit="m", label="wavelength")
    polarization: str = quantity(label="polarization")
    amplitude: float = quantity(unit="V/m", label="peak amplitude of the incident beam")

    def __post_init__(self) -> None:
        for name in ("y", "z"):
            line = np.asarray(getattr(self, name))
            steps = np.diff(line)
            require(
                line.ndim == 1
                and line.size > DEGREE
                and bool(np.all(steps > 0))
                and float(np.ptp(steps)) < 1e-6 * steps[0],
                f"{name} of a field map must have more than {DEGREE} points, rising in equal steps",
            )
        shape = (3, len(self.y), len(self.z))
        require(np.shape(self.E) == shape, f"E of shape {np.shape(self.E)} given, {shape} needed")
        require(bool(np.all(np.isfinite(self.E))), "the field must be finite everywhere")

    @property
    def region(self) -> tuple[tuple[float, float], tuple[float, float]]:
        """((lowest y, highest y), (lowest z, highest z)) in m."""
        return (float(self.y[0]), float(self.y[-1])), (float(self.z[0]), float(self.z[-1]))

    @property
    def intensity(self) -> Array:
        """|E|^2 (y, z) in V^2/m^2; -alpha/4 times it is the light shift of a scalar polarizability."""
        return np.asarray(np.sum(np.abs(self.E) ** 2, axis=0))

    @cached_property
    def spline(self) -> FieldSpline:
        """The spline of all three components, for compiled evaluation."""
        from .field_spline import FieldSpline

        return FieldSpline.through(self.y, self.z, self.E, DEGREE)

    def field(self, r: ArrayLike) -> Complex:
        """Complex E (..., 3) in V/m at r (..., 3) in m; x does not matter.  `InputError` outside the map."""
        return self._at(r)[0]

    def gradient(self, r: ArrayLike) -> Complex:
        """dE_i/dx_j (..., 3, 3) in V/m^2 of `field`; zero along x."""
        _, by_y, by_z = self._at(r)
        return np.stack([np.zeros_like(by_y), by_y, by_z], axis=-1)

    def _at(self, r: ArrayLike) -> tuple[Complex, Complex, Complex]:
        places = np.asarray(r, dtype=float)
        require(
            places.ndim > 0 and places.shape[-1] == 3, f"positions of shape {places.shape}: (..., 3) needed"
        )
        y, z = places[..., 1].ravel(), places[..., 2].ravel()
        for name, value, (low, high) in zip("yz", (y, z), self.region, strict=True):
            slack = 1e-9 * (high - low)
            outside = ~((value >= low - slack) & (value <= high + slack))
            if outside.any():
                raise InputError(
                    f"{name} = {value[outside][0]:.6g} m is outside the field map, {low:.6g} to {high:.6g} m"
                )
        found = self.spline.at(y, z)
        return found[0].reshape(places.shape), found[1].reshape(places.shape), found[2].reshape(places.shape)

    def scaled(self, factor: complex) -> FieldMap:
        """The same field times a factor: another power (see `SheetBeam`), another phase."""
        return dataclasses.replace(self, E=self.E * factor, amplitude=self.amplitude * abs(factor))

    def to_xarray(self) -> xr.Dataset:
        """As for every result, with the components named x, y, z."""
        return super().to_xarray().assign_coords(component=["x", "y", "z"])

    def plot(self, ax: Any = None) -> Any:
        """Map of |E|^2/amplitude^2 with the structure drawn; returns the axes."""
        ax = axes_or_new(ax, figsize=(4.2, 3.6))
        ratio = self.intensity.T / self.amplitude**2
        top = float(np.quantile(ratio, 0.999))  # at a corner it may be singular
        mesh = ax.pcolormesh(
            self.y * 1e6, self.z * 1e6, ratio, cmap="magma", vmin=0, vmax=top, rasterized=True
        )
        ax.figure.colorbar(mesh, ax=ax, label="|E|²/|E$_0$|²")
        structure = self.record.parameters.get("structure")
        if structure:
            from .section import Section

            section = Section.from_dict(structure)
            for outline in section.outlines:
                closed = np.array([*outline, outline[0]]) * 1e6
                ax.plot(closed[:, 0], closed[:, 1], color="w", linewidth=0.8)
            for height in section.layers.interfaces:
                ax.axhline(height * 1e6, color="w", linewidth=0.5, linestyle=":")
        (left, right), (bottom, upper) = self.region
        ax.set(xlim=(left * 1e6, right * 1e6), ylim=(bottom * 1e6, upper * 1e6))
        ax.set(xlabel="y (µm)", ylabel="z (µm)", aspect="equal")
        return ax

    def _summary(self) -> list[str]:
        (left, right), (bottom, top) = self.region
        strongest = float(np.sqrt(self.intensity.max())) / self.amplitude
        error = self.record.residual
        known = "" if math.isnan(error) else f"; relative error {error:.1e}"
        return [
            f"{self.polarization} polarization at {self.wavelength * 1e9:.6g} nm, {len(self.y)} x {len(self.z)} points",
            f"y {left * 1e6:.4g} to {right * 1e6:.4g} µm, z {bottom * 1e6:.4g} to {top * 1e6:.4g} µm",
            f"largest |E| = {strongest:.4g} times that of the incident beam{known}",
        ]
