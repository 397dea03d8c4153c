r"""The attraction of an atom by a dielectric surface (van der Waals regime).

For an isotropic atom at distance d from a plane surface (McLachlan 1963; Yu and Vollmer 2021, text
before Eq. 15)

    U = -C_3/d^3,    C_3 = hbar/(16 pi^2 eps_0) int_0^inf alpha(i xi) (eps(i xi) - 1)/(eps(i xi) + 1) d xi.

An atom with the polarizability tensor alpha_ij sees (alpha_xx + alpha_yy + 2 alpha_zz)/4 in place of
alpha, z along the surface normal n: for a sublevel m along the axis b that is

    alpha_s + w_m alpha_t (3 (b.n)^2 - 1)/8,    w_m = (3 m^2 - J(J+1))/(J(2J-1)).

Left out: the curvature of a sphere (d << R), retardation (d << lambda/2 pi of the strong lines: beyond
that the attraction is weaker), and the resonant term of an excited level.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, require, unknown
from atomcavity.species.polarizability import geometric_factors, unit_axis

if TYPE_CHECKING:
    from atomcavity.materials import Material
    from atomcavity.resonators.search import Medium
    from atomcavity.species import Species

Array = NDArray[np.float64]

_LOG_STEP = 0.2  # of ln xi: the trapezoidal rule's error for poles on the imaginary axis is exp(-pi^2/step)
_LOG_RANGE = (np.log(1e3), np.log(1e30))  # rad/s


@dataclass(frozen=True)
class VanDerWaals:
    """The coefficient C_3 of a level in front of a material: its parts (J m^3), J, and the integrals behind.

    scalar  C_3 of an isotropic atom with the scalar polarizability
    tensor  the same integral over the tensor polarizability alpha_t
    """

    scalar: float
    tensor: float = 0.0
    J: float = 0.0

    def coefficient(self, m: float = 0, axis: ArrayLike = (0, 0, 1), normal: ArrayLike = (0, 0, 1)) -> Array:
        """C_3 (J m^3) of sublevel `m` along `axis` for unit surface normals of shape (..., 3)."""
        cosine = np.asarray(normal, dtype=float) @ unit_axis(axis)
        return self.scalar + self._weight(m) * self.tensor * (3 * cosine**2 - 1) / 8

    def coefficient_for_light(self, m: float, axis: ArrayLike, polarization: ArrayLike) -> float:
        """C_3 (J m^3) with the polarizability that linearly polarized light sees, instead of the tensor.

        That is how Yu and Vollmer 2021 evaluate C_3 of 3P1; it is exact only for J < 1.
        """
        cosine = float(np.dot(unit_axis(axis), unit_axis(polarization)))
        return self.scalar + self._weight(m) * self.tensor * (3 * cosine**2 - 1) / 2

    def _weight(self, m: float) -> float:
        return geometric_factors(self.J, m, (0, 0, 1), (0, 0, 1))[1]


def van_der_waals(
    species: Species, level: str, material: Material | Medium | float, *, variant: str = "full"
) -> VanDerWaals:
    """C_3 of a level of `species` in front of `material`; `variant` names the polarizability's lines.

    The material is a `Material`, or an index of refraction taken as constant at all frequencies.

    Divide by the Planck constant (not hbar) for the unit of the literature, Hz um^3: `c3 / h * 1e18`.

    >>> from atomcavity.materials import Material
    >>> from atomcavity.species import Species
    >>> found = van_der_waals(Species("88Sr"), "1S0", Material("fused silica"), variant="lines")
    >>> round(found.scalar / const.h * 1e18)
    744
    """
    xi = imaginary_frequencies()
    alpha = species.polarizability_imaginary(level, xi, variant=variant)
    epsilon = _permittivity(material, xi)
    return VanDerWaals(
        c3_integral(alpha.scalar, epsilon), c3_integral(alpha.tensor, epsilon), species.level(level).J
    )


def _permittivity(material: Material | Medium | float, xi: Array) -> Array:
    if isinstance(material, int | float):
        require(material >= 1, f"index of refraction {material!r} must be a finite number >= 1")
        return np.full_like(xi, material**2)
    permittivity = getattr(material, "permittivity_imaginary", None)
    if permittivity is None:
        raise InputError(
            f"{material!r} has no permittivity at imaginary frequency: give a Material or an index"
        )
    return np.asarray(permittivity(xi), dtype=float)


def imaginary_frequencies() -> Array:
    """The nodes xi (rad/s) of `c3_integral`, equally spaced in ln xi."""
    return np.exp(np.arange(*_LOG_RANGE, _LOG_STEP))


def c3_integral(polarizability: Array, permittivity: Array) -> float:
    """C_3 (J m^3) from alpha(i xi) (C^2 m^2/J) and eps(i xi) at the nodes `imaginary_frequencies()`."""
    xi = imaginary_frequencies()
    reflection = (permittivity - 1) / (permittivity + 1)
    integral = np.sum(polarizability * reflection * xi) * _LOG_STEP
    require(bool(np.isfinite(integral)), "alpha(i xi) and eps(i xi) must be finite for every frequency")
    return float(const.hbar / (16 * np.pi**2 * const.epsilon_0) * integral)


@dataclass(frozen=True)
class SurfacePotential:
    """U = -C_3/d^3 outside a sphere of `radius` (m) centred at the origin, for each level of an atom.

    Made by `of` (computed from the species and the material) or `from_c3` (given numbers).
    """

    radius: float
    find: Callable[[str], VanDerWaals]
    _known: dict[str, VanDerWaals] = field(default_factory=dict, repr=False)

    @classmethod
    def of(
        cls, radius: float, species: Species, material: Material | Medium | float, *, variant: str = "full"
    ) -> SurfacePotential:
        """C_3 of any level from the species' polarizability and the material's permittivity."""
        return cls(radius, lambda level: van_der_waals(species, level, material, variant=variant))

    @classmethod
    def from_c3(cls, radius: float, c3: float | Mapping[str, float]) -> SurfacePotential:
        """Given coefficients (J m^3): one for all levels, or one a level; the same in every direction.

        >>> from scipy.constants import h
        >>> surface = SurfacePotential.from_c3(5.03e-6, 722.87e-18 * h)
        >>> round(float(surface.potential([5.13e-6, 0, 0], "1S0")) / h)
        -722870
        """
        for value in c3.values() if isinstance(c3, Mapping) else (c3,):
            require(bool(np.isfinite(value)), f"c3 = {value!r} must be finite (J m^3)")

        def find(level: str) -> VanDerWaals:
            if isinstance(c3, Mapping) and level not in c3:
                raise unknown("level with a given c3", level, c3)
            return VanDerWaals(float(c3[level] if isinstance(c3, Mapping) else c3))

        return cls(radius, find)

    def __post_init__(self) -> None:
        require(
            np.isfinite(self.radius) and self.radius > 0, f"radius = {self.radius!r} must be positive (m)"
        )

    def van_der_waals(self, level: str) -> VanDerWaals:
        """The coefficient of a level, computed once."""
        if level not in self._known:
            self._known[level] = self.find(level)
        return self._known[level]

    def potential(
        self, r: ArrayLike, level: str, *, m: float = 0, axis: ArrayLike = (0, 0, 1)
    ) -> NDArray[np.float64]:
        """U (J) of sublevel `m` along `axis` at Cartesian positions r, shape (..., 3) (m).

        Raises `InputError` for a position on or below the surface.
        """
        position = np.asarray(r, dtype=float)
        distance_from_centre = np.linalg.norm(position, axis=-1)
        if not np.all(distance_from_centre > self.radius):
            raise InputError(
                f"a position {distance_from_centre.min():.4g} m from the centre is not outside the sphere "
                f"of radius {self.radius:.4g} m"
            )
        normal = position / distance_from_centre[..., None]
        c3 = self.van_der_waals(level).coefficient(m, axis, normal)
        return -c3 / (distance_from_centre - self.radius) ** 3
