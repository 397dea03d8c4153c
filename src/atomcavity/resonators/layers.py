r"""Plane waves and focused sheet beams on plane layers: Fresnel's coefficients and the angular spectrum.

Everything lies in the y-z plane and is uniform along x.  With lengths in units of 1/k0, one scalar u describes the light,

    s polarization: u = E_x,       a = 1,         b = epsilon,
    p polarization: u = Z0 H_x,    a = 1/epsilon, b = 1,        E = (i/epsilon) (du/dz y-hat - du/dy z-hat),

    div(a grad u) + b u = 0,       u and a du/dn continuous,   e^{-i omega t}.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, number, require, unknown
from atomcavity.materials import Material

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Medium = Material | complex

POLARIZATIONS = ("s", "p")
SIDES = ("above", "below")
_SMALLEST = 38.0  # exponent at which the Gaussian spectrum ends: e^-38 = 3e-17


def permittivity_of(medium: Medium, wavelength: float) -> complex:
    """Relative permittivity at a vacuum wavelength (m) of a `Material` or of a constant index n + i k (k >= 0)."""
    if isinstance(medium, Material):
        return complex(medium.permittivity(wavelength))
    try:
        index = complex(medium)
    except (TypeError, ValueError):
        raise InputError(f"medium {medium!r} given; it is a Material or an index of refraction") from None
    require(
        bool(np.isfinite(index)) and index.real > 0 and index.imag >= 0,
        f"index {medium!r} given; n + i k must be finite with n > 0 and, with exp(-i omega t), k >= 0",
    )
    return index**2


def plain(medium: Medium) -> Any:
    """A medium as plain data: the material's name, or the index as a number or [n, k]."""
    if isinstance(medium, Material):
        return medium.name
    index = complex(medium)
    return index.real if index.imag == 0 else [index.real, index.imag]


def medium_from(data: Any) -> Medium:
    """The inverse of `plain`."""
    if isinstance(data, str):
        return Material(data)
    return complex(*data) if isinstance(data, list | tuple) else complex(data)


@dataclass(frozen=True)
class Layers:
    """Plane layers, from above to below: a half space, films (medium, thickness in m) and a half space.

    `top` is the z (m) of the uppermost interface.  A medium is a `Material` or an index n + i k.  Without films and
    with the same medium above and below there is no interface.

    >>> round(abs(Layers(1.0, (), 1.5).reflection(935e-9).item()), 12)
    0.2
    """

    above: Medium = 1.0
    films: tuple[tuple[Medium, float], ...] = ()
    below: Medium = 1.0
    top: float = 0.0

    def __post_init__(self) -> None:
        films = tuple((medium, number(t, "thickness")) for medium, t in self.films)
        require(all(t > 0 for _, t in films), f"films = {self.films!r}: every thickness (m) must be positive")
        object.__setattr__(self, "films", films)
        object.__setattr__(self, "top", number(self.top, "top"))

    @property
    def interfaces(self) -> Array:
        """z (m) of the interfaces, from the top down."""
        return self.top - np.concatenate([[0.0], np.cumsum([t for _, t in self.films])])

    @property
    def media(self) -> tuple[Medium, ...]:
        """All media from above to below."""
        return (self.above, *(medium for medium, _ in self.films), self.below)

    def permittivities(self, wavelength: float) -> Complex:
        """Relative permittivities of all media from above to below."""
        return np.array([permittivity_of(medium, wavelength) for medium in self.media], dtype=complex)

    def reflection(
        self, wavelength: float, angle: ArrayLike = 0.0, polarization: str = "s", side: str = "above"
    ) -> Complex:
        """Amplitude reflection coefficient of u at the first interface met, at angles of incidence (rad, any shape).

        For s it is that of E; for p that of H (E along the interface has the opposite sign).
        """
        return self._coefficients(wavelength, angle, polarization, side)[0]

    def transmission(
        self, wavelength: float, angle: ArrayLike = 0.0, polarization: str = "s", side: str = "above"
    ) -> Complex:
        """Amplitude of u behind the last interface over that before the first, like `reflection`."""
        return self._coefficients(wavelength, angle, polarization, side)[1]

    def _coefficients(
        self, wavelength: float, angle: ArrayLike, polarization: str, side: str
    ) -> tuple[Complex, Complex]:
        _known(polarization, side)
        angles = np.asarray(angle, dtype=float)
        permittivity = self.permittivities(wavelength)
        index = np.sqrt(permittivity[0 if side == "above" else -1])
        kappa = np.atleast_1d(index * np.sin(angles)).ravel()
        scale = math.tau / wavelength
        down, up, _ = transfer(
            permittivity, scale * self.interfaces, kappa, np.ones(kappa.size), polarization, side
        )
        first, last = (up[0], down[-1]) if side == "above" else (down[-1], up[0])
        return first.reshape(angles.shape), last.reshape(angles.shape)

    def to_dict(self) -> dict[str, Any]:
        """Plain data."""
        films = [[plain(medium), t] for medium, t in self.films]
        return {"above": plain(self.above), "films": films, "below": plain(self.below), "top": self.top}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Layers:
        """The inverse of `to_dict`."""
        films = tuple((medium_from(m), t) for m, t in data["films"])
        return cls(medium_from(data["above"]), films, medium_from(data["below"]), data["top"])


@dataclass(frozen=True)
class SheetBeam:
    r"""A plane wave or a focused beam that is uniform along x; unit peak amplitude (1 V/m) in the focus.

    wavelength    in vacuum (m)
    polarization  "s": E along x (along the waveguide); "p": E in the y-z plane, in the focus along +y for angle 0
    waist         1/e^2 radius of the intensity in the focus (m), inf: a plane wave
    focus         (y, z) of the focus (m), where it would be if the medium that the beam comes from filled all space;
                  the phase is zero there
    angle         between the beam's direction and the normal (rad), positive towards +y
    side          "above": propagates towards -z; "below": comes through the substrate, towards +z

    The field is the exact solution with the spectrum $e^{-(q w/2)^2}$ of waves that propagate towards the layers
    (q: wave vector across the beam), at waists of a wavelength too.  For p the amplitude is that of E across the beam.
    For a round beam of the same waist multiply the map by `peak_amplitude` of its power.  Near a structure that is
    uniform along x the round beam differs from the sheet by terms of relative order $(x/w)^2$ and $1/(kw)^2$ in the
    focus; at a distance d from it the round beam is weaker by $(1+d^2/z_R^2)^{-1/4}$, because it spreads along x too.
    """

    wavelength: float
    polarization: str
    waist: float = math.inf
    focus: tuple[float, float] = (0.0, 0.0)
    angle: float = 0.0
    side: str = "above"

    def __post_init__(self) -> None:
        wavelength = number(self.wavelength, "wavelength")
        require(wavelength > 0, f"wavelength = {wavelength!r} m must be positive")
        _known(self.polarization, self.side)
        require(
            isinstance(self.waist, int | float) and self.waist > wavelength / 4,
            f"waist = {self.waist!r} m must be above a quarter of the wavelength (inf: a plane wave)",
        )
        require(len(self.focus) == 2, f"focus = {self.focus!r} must be (y, z) in m")
        object.__setattr__(self, "focus", tuple(number(c, "focus") for c in self.focus))
        angle = number(self.angle, "angle")
        require(abs(angle) < math.pi / 2, f"angle = {angle!r} rad must be between -pi/2 and pi/2")

    def peak_amplitude(self, power: float, index: float = 1.0) -> float:
        r"""Peak amplitude $2\sqrt{P/(\pi\epsilon_0 c\,n)}/w$ (V/m) of a round beam of `power` (W) in a medium of `index`.

        >>> beam = SheetBeam(935e-9, "p", waist=2e-6)
        >>> intensity = const.epsilon_0 * const.c / 2 * beam.peak_amplitude(1e-3) ** 2
        >>> round(intensity * math.pi * beam.waist**2 / 2, 12)
        0.001
        """
        require(power >= 0, f"power {power!r} W given; it cannot be negative")
        require(math.isfinite(self.waist), "a plane wave carries no finite power: give the beam a waist")
        return 2 * math.sqrt(power / (math.pi * const.epsilon_0 * const.c * index)) / self.waist

    def to_dict(self) -> dict[str, Any]:
        """Plain data; the waist of a plane wave is None."""
        waist = self.waist if math.isfinite(self.waist) else None
        label = {key: getattr(self, key) for key in ("wavelength", "polarization", "angle", "side")}
        return {**label, "waist": waist, "focus": list(self.focus)}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> SheetBeam:
        """The inverse of `to_dict`."""
        waist = math.inf if data["waist"] is None else data["waist"]
        return cls(**{**data, "waist": waist, "focus": tuple(data["focus"])})


def transfer(
    permittivity: Complex,
    interfaces: Array,
    kappa: ArrayLike,
    incident: ArrayLike,
    polarization: str,
    side: str,
) -> tuple[Complex, Complex, Complex]:
    """Downward and upward waves in every medium and their q, each (medium, wave), for waves e^{i kappa y}.

    u = D e^{-i q (z - z_top)} + P e^{i q (z - z_bottom)} with q = sqrt(epsilon - kappa^2), z_top and z_bottom the
    interfaces of the medium (of a half space its only one): both waves decay from where they start, so that thick
    evanescent films cost no digits.  `incident`: amplitude, at the first interface, of the wave from `side`.
    """
    kappa = np.asarray(kappa, dtype=complex)
    q = np.sqrt(permittivity[:, None] - kappa**2)
    q = np.where(q.imag < 0, -q, q)
    depth, waves = len(interfaces), kappa.size
    slope = q if polarization == "s" else q / permittivity[:, None]
    thickness = np.concatenate([[0.0], -np.diff(interfaces), [0.0]])
    through = np.exp(1j * q * thickness[:, None])
    matrix = np.zeros((waves, 2 * depth, 2 * depth + 2), dtype=complex)  # unknowns D_0, P_0, D_1, P_1, ...
    for j in range(depth):
        for row, (factor_above, factor_below) in enumerate(((1.0, 1.0), (slope[j], slope[j + 1]))):
            sign = 1.0 if row == 0 else -1.0
            matrix[:, 2 * j + row, 2 * j] = sign * factor_above * through[j]
            matrix[:, 2 * j + row, 2 * j + 1] = factor_above
            matrix[:, 2 * j + row, 2 * j + 2] = -sign * factor_below
            matrix[:, 2 * j + row, 2 * j + 3] = -factor_below * through[j + 1]
    given = np.zeros((waves, 2 * depth + 2), dtype=complex)
    given[:, 0 if side == "above" else -1] = incident
    right = -np.einsum("wij,wj->wi", matrix, given)
    given[:, 1:-1] = np.linalg.solve(matrix[:, :, 1:-1], right[..., None])[..., 0]
    return given[:, 0::2].T, given[:, 1::2].T, q


def _known(polarization: str, side: str) -> None:
    if polarization not in POLARIZATIONS:
        raise unknown("polarization", polarization, POLARIZATIONS)
    if side not in SIDES:
        raise unknown("side", side, SIDES)
