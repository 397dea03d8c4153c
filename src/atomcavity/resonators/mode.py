"""`OpticalMode`: one whispering-gallery mode, its frequency, its field and what follows from the field."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import require, unknown

from .search import Resonance

if TYPE_CHECKING:
    from .fields import Shape
    from .microsphere import Microsphere
    from .quality import QualityBudget

Complex = NDArray[np.complexfloating[Any, Any]]

ANGULAR = ("exact", "near-equator", "near-equator-printed")


@dataclass(frozen=True)
class OpticalMode:
    r"""A mode (polarization, n, l, m) of a microsphere; made by `Microsphere.mode`.

    The field runs as e^{i(mφ - ωt)}.  Inside it is the regular solution of Maxwell's equations at the
    real frequency ω = 2πc/λ, outside the modulus of the outgoing one (which is the evanescent field up
    to the radiation caustic r = sqrt(l(l+1))/k; beyond, a mode has no stationary field).  Energy and
    power are integrated over the sphere and outside up to that caustic.  The energy density is
    ε0ε|E|²/2 in time average, dispersion left out: in silica in the visible the energy of a photon so
    normalised is too small by n_g/n - 1, about 1 %, and so is the radiative quality factor.

    `angular`: "exact" vector spherical harmonics; "near-equator", Eq. (10) of Yu and Vollmer 2021,
    E along z with Hermite functions; "near-equator-printed", the same with the polynomials that their
    Eqs (34) and (35) imply, He_q.  Whatever the function, energy and power are integrals over itself,
    so its own norm (not 1 for He_q) drops out.
    """

    sphere: Microsphere
    polarization: str
    n: int
    l: int
    m: int
    resonance: Resonance = field(repr=False)
    angular: str = "exact"

    def __post_init__(self) -> None:
        require(
            isinstance(self.m, int | np.integer) and abs(self.m) <= self.l,
            f"m = {self.m!r} given for l = {self.l}; m is an integer with |m| <= l",
        )
        if self.angular not in ANGULAR:
            raise unknown("angular function", self.angular, ANGULAR)
        if self.angular != "exact":
            require(
                self.polarization == "TE" and self.m != 0,
                f"angular={self.angular!r} given for {self.polarization}, m = {self.m}; "
                "the near-equator field is defined for TE modes with m != 0",
            )

    def __str__(self) -> str:
        return f"{self.polarization} n={self.n} l={self.l} m={self.m} at {self.wavelength * 1e9:.6g} nm"

    def to_dict(self) -> dict[str, Any]:
        """Plain data: the sphere, the label and the wavelength (m)."""
        label = {key: getattr(self, key) for key in ("polarization", "n", "l", "m", "angular", "wavelength")}
        return {"sphere": self.sphere.to_dict(), **label}

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength λ (m)."""
        return self.resonance.wavelength

    @property
    def frequency(self) -> float:
        """Angular frequency ω = 2πc/λ (rad/s)."""
        return math.tau * const.c / self.wavelength

    @property
    def index(self) -> float:
        """Index of the sphere at the wavelength of the mode."""
        return self.resonance.index

    @property
    def log10_quality_radiation(self) -> float:
        """log10 of the radiative quality factor; finite even where the factor itself overflows."""
        return self.resonance.log10_quality

    @property
    def quality_radiation(self) -> float:
        """Radiative quality factor Re x/(-2 Im x) of the exact root (inf above 1e308)."""
        power = self.log10_quality_radiation
        return 10.0**power if power < 308.0 else math.inf

    @cached_property
    def shape(self) -> Shape:
        """The field up to its amplitude."""
        from .fields import Shape
        from .radial import Radial

        radial = Radial(self.l, self.resonance.size_parameter.real, self.index, self.sphere.radius)
        return Shape(radial, self.polarization == "TE", self.l, int(self.m), self.index**2, self.angular)

    @cached_property
    def _weight(self) -> float:
        from .normalisation import weight

        return weight(self.shape)

    @cached_property
    def photon_amplitude(self) -> float:
        """Factor from the shape to the field of one photon in V/m, sqrt(ħω/(2 ε0 ∫ε|E|² dV))."""
        return math.sqrt(const.hbar * self.frequency / (2.0 * const.epsilon_0 * self._weight))

    def photon_field(self, r: ArrayLike) -> Complex:
        """Complex E (..., 3) in V/m for one photon, E = photon_field a e^{-iωt} + h.c., at r (..., 3) in m.

        ∫ε0 ε |photon_field|² dV = ħω/2, so that d · photon_field/ħ is half the vacuum Rabi splitting.
        """
        return self.photon_amplitude * self.shape.field(r)

    def gradient(self, r: ArrayLike) -> Complex:
        """∂E_i/∂x_j of `photon_field` (..., 3, 3) in V/m², analytic."""
        return self.photon_amplitude * self.shape.jacobian(r)

    def amplitude_at_power(self, power: float, normalisation: str = "poynting") -> float:
        """Factor from the shape to the peak field in V/m of the running wave with circulating power (W)."""
        from .normalisation import flux

        require(power >= 0, f"power {power!r} W given; it cannot be negative")
        return math.sqrt(power / flux(self.shape, self.frequency, normalisation))

    def field_at_power(self, r: ArrayLike, power: float, normalisation: str = "poynting") -> Complex:
        """Peak amplitude E0 (..., 3) in V/m of the running wave that carries `power` (W); field Re(E0 e^{-iωt}).

        normalisation: "poynting" is the true flux ½Re(E × H*)_φ through the meridional half plane;
        "printed" is (cε0/2)∫∫ε|E|² ρ dρ sinθ dθ as printed by Yu and Vollmer 2021 below Eq. (16);
        "printed-double" leaves out its ½; "printed-d8" is the reading of Eqs (D3), (D8) of Yu, Chen and Zhang
        2023 that gives their trap: weight √ε, ∫Θ² taken as 1, and sqrt(m/64) as printed for l - |m| = 2.
        """
        return self.amplitude_at_power(power, normalisation) * self.shape.field(r)

    def volume(self, at: ArrayLike | None = None, *, standing: bool = False) -> float:
        """Mode volume (m³): ∫ε|E|² dV/|E(at)|² (Yu and Vollmer, Eq. 19), at a Cartesian position (3,) in m.

        Without `at`, ∫ε|E|² dV over the maximum of ε|E|².  `standing`: for (cw + ccw)/√2 instead of the
        running wave; at its antinodes the volume is half of the running wave's.
        """
        from .volume import peak, strength

        value = peak(self.shape, standing) if at is None else strength(self.shape, at, standing)
        return self._weight / value

    @cached_property
    def energy_to_surface(self) -> float:
        """∫ε|E|² dV over ∮|E|² dA just inside the surface (m): what scattering at the surface depends on."""
        from .normalisation import surface

        return self._weight / surface(self.shape)

    def quality(
        self,
        *,
        radiation: str = "exact",
        attenuation: float | None = None,
        roughness: float | None = None,
        correlation_length: float | None = None,
        scattering: str = "vernooy",
        water: float | None = None,
        water_index: float | None = None,
        water_absorption: float | None = None,
        coupler: float | str | None = None,
    ) -> QualityBudget:
        """Quality budget: radiation, material, surface scattering, adsorbed water, coupler; total and kappa.

        A part whose argument is missing is left out; formulas in `quality`.

        radiation: "exact" or "spillane" (Eqs 21, 22 of Yu and Vollmer).  attenuation: coefficient of the
        bulk (1/m), by default the material's own.  roughness, correlation_length: σ and B of the surface
        (m), both or neither; scattering: "vernooy", "printed" (Eq. 24) or "volume-current".  water:
        thickness of the layer (m), with its index (default: water's) and absorption coefficient (1/m).
        coupler: Q_c, or "critical" for Q_c equal to the intrinsic one.  `InputError` for a negative or
        incomplete entry.

        >>> from atomcavity.resonators import Microsphere
        >>> mode = Microsphere(5.03e-6, 1.4555).mode("TE", n=1, l=60)
        >>> print(mode.quality(roughness=2e-9, correlation_length=5e-9, coupler="critical"))
        loss                           Q     share            κ/2π
        radiation              1.773e+08    33.42%       2.447 MHz
        surface scattering     3.574e+08    16.58%       1.214 MHz
        coupler                1.185e+08    50.00%       3.661 MHz
        total                  5.925e+07   100.00%       7.321 MHz
        """
        from .quality import QualityBudget, material, radiative, scatter, wet, with_coupler

        parts = {"radiation": radiative(self, radiation)}
        bulk = material(self, attenuation)
        if math.isfinite(bulk):
            parts["material"] = bulk
        if roughness is not None or correlation_length is not None:
            parts["scattering"] = scatter(self, scattering, roughness, correlation_length)
        if water is not None:
            parts["water"] = wet(self, water, water_index, water_absorption)
        warnings: tuple[str, ...] = ()
        if math.isnan(parts["radiation"]):
            warnings = (f"Eqs (21), (22) give no radiative Q for n={self.n} l={self.l}: cosh β < 1",)
        return QualityBudget(self.frequency, with_coupler(parts, coupler), warnings)

    def pair(self, backscattering: complex = 0.0) -> ModePair:
        """The clockwise (+m) and counter-clockwise (-m) mode, coupled by `backscattering` (rad/s)."""
        require(self.m != 0, "mode with m = 0 given: it has no counter-propagating partner")
        label = (self.sphere, self.polarization, self.n, self.l)
        cw, ccw = (OpticalMode(*label, sign * abs(self.m), self.resonance, self.angular) for sign in (1, -1))
        return ModePair(cw, ccw, complex(backscattering))


@dataclass(frozen=True)
class ModePair:
    """Two counter-propagating modes; H/ħ holds b a_cw† a_ccw + h.c. with b = `backscattering` (rad/s).

    cw is the mode +m, e^{i(|m|φ - ωt)}: it runs clockwise for who looks along +z.

    >>> from atomcavity.resonators import Microsphere
    >>> pair = Microsphere(5.03e-6, 1.4555).mode("TE", n=1, l=60).pair(backscattering=2e6)
    >>> pair.mode_coupling.real.tolist()             # for CavitySystem.of(coupling, mode_coupling=...)
    [[0.0, 2000000.0], [2000000.0, 0.0]]
    >>> pair.splitting
    4000000.0
    """

    cw: OpticalMode
    ccw: OpticalMode
    backscattering: complex = 0.0

    def __iter__(self) -> Iterator[OpticalMode]:
        return iter((self.cw, self.ccw))

    @property
    def mode_coupling(self) -> Complex:
        """Matrix (2, 2) in rad/s of the back-scattering, for modes in the order cw, ccw: `CavitySystem` takes it."""
        b = complex(self.backscattering)
        return np.array([[0.0, b], [b.conjugate(), 0.0]])

    @property
    def splitting(self) -> float:
        """Splitting of the doublet 2|b| (rad/s)."""
        return 2.0 * abs(self.backscattering)

    @property
    def frequencies(self) -> tuple[float, float]:
        """Angular frequencies (rad/s) of the two standing waves, ω - |b| and ω + |b|."""
        return self.cw.frequency - abs(self.backscattering), self.cw.frequency + abs(self.backscattering)
