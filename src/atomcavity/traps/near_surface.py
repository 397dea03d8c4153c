"""What else acts on an atom above a waveguide: the blue evanescent field, the surface, gravity; and a harmonic well."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import constants as const

from atomcavity.errors import number, require
from atomcavity.traps.potential import Potential, Term
from atomcavity.traps.time_law import TimeLaw

if TYPE_CHECKING:
    from atomcavity.materials import Material
    from atomcavity.species import Species

Array = NDArray[np.float64]


def _positive(value: float, name: str, *, infinite: bool = False) -> None:
    good = value > 0 and (infinite or math.isfinite(value))
    require(bool(good), f"{name} = {value!r} must be positive (m)")


@dataclass(frozen=True)
class EvanescentField(Potential):
    r"""$U=U_0\,[e^{-z/\lambda_z}\cos(y/l_y)\,e^{-y^2/\lambda_y^2}]^2$: light in a guided mode (Zhou et al. 2026, Methods).

    energy_at_surface  U_0 (J) above the waveguide's middle: positive for blue-detuned light
    decay              lambda_z (m), of the field
    cosine, width      l_y and lambda_y (m); infinite: no change along y
    power              factor of the power: a number or a `TimeLaw`
    """

    energy_at_surface: float
    decay: float
    cosine: float = math.inf
    width: float = math.inf
    power: TimeLaw | float = 1.0

    def __post_init__(self) -> None:
        number(self.energy_at_surface, "energy_at_surface")
        _positive(self.decay, "decay")
        _positive(self.cosine, "cosine", infinite=True)
        _positive(self.width, "width", infinite=True)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One analytic term."""
        from atomcavity.traps.potential_kernel import EVANESCENT

        numbers = (self.energy_at_surface, 1 / self.decay, 1 / self.cosine, 1 / self.width)
        return (Term(EVANESCENT, numbers, (TimeLaw.of(self.power),)),)


@dataclass(frozen=True)
class CasimirPolder(Potential):
    r"""The surface's attraction $U=-C_4/[\tilde z^3(\tilde z+\lambda/2\pi)]$, $\tilde z=z-z_s$ (Zhou et al. 2026, Methods).

    It is $-C_3/\tilde z^3$ with $C_3=2\pi C_4/\lambda$ near the surface and $-C_4/\tilde z^4$ far from it.

    c4          (J m^4); 0 for the unretarded form alone
    wavelength  lambda (m): where the one turns into the other; 0 for the retarded form alone
    offset      z_s (m), of the surface
    width       of the waveguide (m): the attraction ends at |y| = width/2; infinite: none of that
    edge        length (m) of the logistic edge there: a sharp one is a jump of the energy, which no motion conserves
    c3          (J m^3): set by `unretarded`

    The edge is a smooth end of a model that knows the plane surface only, not a solution beside a corner.
    """

    c4: float
    wavelength: float
    offset: float = 0.0
    width: float = math.inf
    edge: float = 20e-9
    c3: float | None = None

    def __post_init__(self) -> None:
        require(
            self.c4 >= 0 and math.isfinite(self.c4), f"c4 = {self.c4!r} must be >= 0 (J m^4): it attracts"
        )
        require(self.wavelength >= 0, f"wavelength = {self.wavelength!r} must be >= 0 (m)")
        require(self.c3 is None or self.c3 >= 0, f"c3 = {self.c3!r} must be >= 0 (J m^3): it attracts")
        _positive(self.width, "width", infinite=True)
        _positive(self.edge, "edge")

    @classmethod
    def unretarded(
        cls, c3: float, *, offset: float = 0.0, width: float = math.inf, edge: float = 20e-9
    ) -> CasimirPolder:
        """U = -C_3/z^3, C_3 in J m^3: right for distances well below the atom's wavelengths over 2 pi."""
        return cls(0.0, 0.0, offset, width, edge, c3)

    @classmethod
    def of(
        cls,
        species: Species,
        level: str,
        material: Material | float,
        *,
        offset: float = 0.0,
        width: float = math.inf,
        edge: float = 20e-9,
    ) -> CasimirPolder:
        """Both limits from the species' polarizability and the material's permittivity, lambda = 2 pi C_4/C_3 between.

        C_3 by `van_der_waals`, C_4 by `retarded_c4`; between the limits the form is an interpolation.
        """
        from atomcavity.traps.surface import _permittivity, van_der_waals

        c3 = van_der_waals(species, level, material).scalar
        lowest = np.array([1e3])  # rad/s
        static = float(species.polarizability_imaginary(level, lowest).scalar[0])
        c4 = retarded_c4(static, float(_permittivity(material, lowest)[0]))
        return cls(c4, 2 * math.pi * c4 / c3, offset, width, edge)

    @property
    def terms(self) -> tuple[Term, ...]:
        """One analytic term."""
        from atomcavity.traps.potential_kernel import SURFACE

        if self.c3 is not None:
            scale, a, b = self.c3, 0.0, 1.0
        else:
            scale, a, b = self.c4, 1.0, self.wavelength / (2 * math.pi)
        sharp = 1 / self.edge if math.isfinite(self.width) else 0.0
        half = self.width / 2 if math.isfinite(self.width) else 0.0
        return (Term(SURFACE, (scale, a, b, self.offset, half, sharp)),)


def retarded_c4(polarizability: float, permittivity: float) -> float:
    r"""C_4 (J m^4) of the far limit $-C_4/z^4$ from the static alpha (C^2 m^2/J) and epsilon.

    $C_4=\frac{3\hbar c\alpha}{64\pi^2\epsilon_0}\int_1^\infty dv\left[\left(\frac2{v^2}-\frac1{v^4}\right)
    \frac{\epsilon v-s}{\epsilon v+s}-\frac1{v^4}\frac{v-s}{v+s}\right]$, $s=\sqrt{\epsilon-1+v^2}$
    (S. Y. Buhmann and D.-G. Welsch, Prog. Quantum Electron. 31, 51 (2007)); $\epsilon\to\infty$ gives
    $3\hbar c\alpha/(32\pi^2\epsilon_0)$ of a perfect mirror.
    """
    require(permittivity >= 1, f"permittivity = {permittivity!r} must be >= 1")
    node, weight = np.polynomial.legendre.leggauss(200)
    u = (node + 1) / 2  # v = 1/u: dv/v^2 = du
    s = np.sqrt((permittivity - 1) * u**2 + 1)
    parallel = (permittivity - s) / (permittivity + s)
    integrand = (2 - u**2) * parallel - u**2 * (1 - s) / (1 + s)
    factor = 3 * const.hbar * const.c * polarizability / (64 * math.pi**2 * const.epsilon_0)
    return float(factor * np.sum(weight * integrand) / 2)


@dataclass(frozen=True)
class Gravity(Potential):
    """U = m g . r upwards: `mass` (kg), acceleration (m/s^2), `up` the direction away from the Earth's centre."""

    mass: float
    acceleration: float = const.g
    up: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @property
    def uniform(self) -> bool:  # type: ignore[override]
        """Whether it does not pull along x."""
        return self.up[0] == 0

    @property
    def terms(self) -> tuple[Term, ...]:
        """One linear term."""
        from atomcavity.traps.potential_kernel import SLOPE

        up = np.asarray(self.up) / np.linalg.norm(self.up) * self.mass * self.acceleration
        return (Term(SLOPE, tuple(up.tolist())),)


@dataclass(frozen=True)
class HarmonicWell(Potential):
    """U = sum of m w_i^2 (r_i - c_i)^2/2: `mass` (kg), `frequencies` (3,) (rad/s), `centre` (3,) (m).

    stiffness  factor of all m w_i^2: a number or a `TimeLaw`
    """

    mass: float
    frequencies: tuple[float, float, float]
    centre: tuple[float, float, float] = (0.0, 0.0, 0.0)
    stiffness: TimeLaw | float = 1.0

    @property
    def uniform(self) -> bool:  # type: ignore[override]
        """Whether it does not pull along x."""
        return self.frequencies[0] == 0

    @property
    def terms(self) -> tuple[Term, ...]:
        """One quadratic term."""
        from atomcavity.traps.potential_kernel import HARMONIC

        springs = (self.mass * np.asarray(self.frequencies) ** 2).tolist()
        return (Term(HARMONIC, (*springs, *self.centre), (TimeLaw.of(self.stiffness),)),)
