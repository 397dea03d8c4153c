r"""`Waveguide`: a rectangular guide on a layered substrate, and its guided modes by finite elements."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import InputError, number, require, unknown
from atomcavity.materials import Material
from atomcavity.results import load
from atomcavity.results.kept import kept_file

from .guided import GuidedMode
from .guided_search import find_fundamental, find_modes, parameters

Array = NDArray[np.float64]

_LARGEST = 50  # extent, in wavelengths
_EDITION = 1  # of the solver: a mode kept by an earlier one is not found any more


@dataclass(frozen=True, kw_only=True)
class Waveguide:
    """A straight guide of rectangular cross-section, infinitely long in x, on a substrate.

    width      across, along y (m); the middle is y = 0
    height     along z (m); the upper face is z = 0
    core       the guide's `Material`, or its index
    substrate  the half-space below, a `Material` or an index
    cladding   what is above and beside the guide, by default vacuum
    layers     films between guide and substrate from the top down, each (material or index, thickness in m); one of the
               core's material makes a rib guide

    Materials are taken as free of loss.  `InputError` for lengths that are not positive and indices below 1.

    >>> from atomcavity.materials import Material
    >>> nitride, silica = Material("silicon nitride"), Material("fused silica")
    >>> guide = Waveguide(width=0.95e-6, height=0.326e-6, core=nitride, substrate=silica)
    >>> mode = guide.mode("TE", 852.35e-9)
    >>> round(mode.effective_index, 4)
    1.7895
    """

    width: float
    height: float
    core: Material | float
    substrate: Material | float
    cladding: Material | float = 1.0
    layers: tuple[tuple[Material | float, float], ...] = ()

    def __post_init__(self) -> None:
        for name in ("width", "height"):
            value = number(getattr(self, name), name)
            require(value > 0, f"{name} = {value!r} must be positive (m)")
            object.__setattr__(self, name, value)
        films = tuple(
            (medium, number(thickness, "thickness of a layer")) for medium, thickness in self.layers
        )
        require(all(thickness > 0 for _, thickness in films), "the thickness of a layer must be positive (m)")
        object.__setattr__(self, "layers", films)
        for medium in self._media:
            if not isinstance(medium, Material):
                require(
                    not isinstance(medium, str),
                    f"{medium!r} given for a waveguide's material; it is a Material({medium!r}) or an index",
                )
                value = number(medium, "index of a waveguide's material")
                require(value >= 1, f"index {value!r} given for a waveguide's material; it is at least 1")

    def __str__(self) -> str:
        return f"waveguide {self.width * 1e9:g} nm x {self.height * 1e9:g} nm"

    @property
    def _media(self) -> tuple[Material | float, ...]:
        """Cladding, core, layers from the top down, substrate."""
        return (self.cladding, self.core, *(medium for medium, _ in self.layers), self.substrate)

    @property
    def depth(self) -> float:
        """Distance from the guide's upper face to the substrate (m)."""
        return self.height + sum(thickness for _, thickness in self.layers)

    def indices(self, wavelength: float) -> Array:
        """Index of cladding, core, each layer and substrate at a vacuum wavelength (m)."""
        return np.array([float(m.index(wavelength) if isinstance(m, Material) else m) for m in self._media])

    def group_indices(self, wavelength: float) -> Array:
        """Group index of the same materials; an index given as a number has no dispersion."""
        return np.array(
            [float(m.group_index(wavelength) if isinstance(m, Material) else m) for m in self._media]
        )

    def region(self, y: ArrayLike, z: ArrayLike) -> NDArray[np.int64]:
        """Which of the materials of `indices` is at y, z (m, same shape)."""
        across, up = np.asarray(y, dtype=float), np.asarray(z, dtype=float)
        floors = -self.height - np.cumsum([0.0, *(thickness for _, thickness in self.layers)])
        below = 1 + np.sum(up[..., None] < floors, axis=-1)
        return np.asarray(np.where((below > 1) | ((np.abs(across) < self.width / 2) & (up <= 0)), below, 0))

    def modes(self, wavelength: float, count: int = 4, *, refinement: float = 1.0) -> list[GuidedMode]:
        """The `count` guided modes of the largest effective index (fewer where there are fewer), in its order.

        A mode is guided if its index exceeds those of substrate and cladding and that of a TE wave in the films beside the
        guide.  refinement: the elements' sizes are divided by
        it; at 1 effective indices are exact to about 1e-6, where the mode's field does not reach far out.  Very close to the
        cut-off (n_eff within some 1e-3 of the substrate's) a mode may be missed.  `index_error` of each mode is the change
        from a mesh with 0.6 of the refinement, larger than the error.  `ConvergenceError` if the equations are not solved.
        """
        self._check(wavelength, refinement)
        require(isinstance(count, int) and count >= 1, f"count = {count!r} must be a whole number of modes")
        return find_modes(self, wavelength, count, refinement)

    def mode(
        self,
        polarization: str,
        wavelength: float,
        *,
        order: int = 0,
        refinement: float = 1.0,
        keep: bool = False,
    ) -> GuidedMode:
        """The mode number `order` (from 0, by falling effective index) among the TE- or TM-like modes.

        polarization "TE": E mainly along y, in the plane of the chip; "TM": E mainly along z.  `keep`: the mode is looked for
        in, and written to, the user's cache folder (the folder of the environment variable ATOMCAVITY_CACHE, if set) under
        a hash of guide, wavelength and mesh.  `InputError` if there is no such mode.
        """
        if polarization not in ("TE", "TM"):
            raise unknown("polarization", polarization, ("TE", "TM"))
        self._check(wavelength, refinement)
        require(isinstance(order, int) and order >= 0, f"order = {order!r} must be a whole number from 0")
        settings = parameters(self, wavelength, refinement)
        indices = [each(wavelength).tolist() for each in (self.indices, self.group_indices)]
        name = [_EDITION, {**settings, "polarization": polarization, "order": order}, indices]
        path = kept_file("guided-mode", name) if keep else None
        if path is not None and path.exists():
            return _loaded(path, settings)
        found = self._find(polarization, wavelength, order, refinement)
        if path is not None:
            found.save(path)
        return found

    def _find(self, polarization: str, wavelength: float, order: int, refinement: float) -> GuidedMode:
        if order == 0 and (found := find_fundamental(self, wavelength, polarization, refinement)):
            return found
        count = 3 * (order + 1)
        while True:
            several = find_modes(self, wavelength, count, refinement)
            alike = [mode for mode in several if mode.polarization == polarization]
            if len(alike) > order:
                return alike[order]
            if len(several) < count:
                raise InputError(
                    f"{self} guides no {polarization}-like mode number {order} at {wavelength * 1e9:.6g} nm"
                )
            count *= 3

    def _check(self, wavelength: float, refinement: float) -> None:
        require(number(wavelength, "wavelength") > 0, f"wavelength = {wavelength!r} must be positive (m)")
        require(0.3 <= refinement <= 8, f"refinement = {refinement!r} must lie between 0.3 and 8")
        indices = self.indices(wavelength)
        require(
            max(self.width, self.depth) <= _LARGEST * wavelength,
            f"{self} is more than {_LARGEST} wavelengths large: too large for finite elements (lengths are in m)",
        )
        require(
            indices[1] > max(indices[0], indices[-1]) and indices[1] >= indices[1:].max(),
            f"the core's index {indices[1]:.5g} does not exceed that of what is around it: nothing is guided",
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data: lengths (m), and names or indices of the materials."""
        media = {name: _plain(getattr(self, name)) for name in ("core", "substrate", "cladding")}
        layers = [[_plain(medium), thickness] for medium, thickness in self.layers]
        return {"width": self.width, "height": self.height, **media, "layers": layers}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Waveguide:
        """The inverse of `to_dict`."""
        media = {name: _medium(data[name]) for name in ("core", "substrate", "cladding")}
        layers = tuple((_medium(name), thickness) for name, thickness in data["layers"])
        return cls(width=data["width"], height=data["height"], **media, layers=layers)


def _plain(medium: Material | float) -> str | float:
    return medium.name if isinstance(medium, Material) else float(medium)


def _medium(name: str | float) -> Material | float:
    return Material(name) if isinstance(name, str) else name


def _loaded(path: Path, settings: Mapping[str, Any]) -> GuidedMode:
    """The mode of a file, which must be the one that is asked for."""
    found = load(path)
    if not isinstance(found, GuidedMode):
        raise InputError(f"{path} holds no guided mode")
    there = {name: found.record.parameters.get(name) for name in settings}
    if there != settings:
        raise InputError(f"{path} holds a mode of {there}, not of {settings}: remove the file")
    return found
