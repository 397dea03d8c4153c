r"""`FabryPerot`: the fundamental transverse mode of a cavity of two mirrors, a standing wave.

With z along the cavity's axis from the `centre` of the waist, rho the distance from the axis, k = omega/c, and a unit
polarization vector e across the axis, one photon has the field

    E = E_0 e Im U + E_0 z-hat Re(e . grad U)/k,   U = exp(i k (z - offset) - rho^2/(w_0^2 s))/s,

    E_0^2 = 2 hbar omega/(eps_0 pi w_0^2 L).

profile "waist": s = 1, so that U = exp(-rho^2/w_0^2) exp(i k (z - offset)): no divergence and no Gouy phase, Eq. (B1) of
Kazakov et al., PRA 96, 023412 (2017), for emitters within the Rayleigh range z_R = k w_0^2/2.
profile "gaussian": s = 1 + i z/z_R, the diverging beam with its curved fronts and its Gouy phase.

The second term, along the axis and of first order in 1/(k w_0), is what div E = 0 asks for (exactly for s = 1); the
paper leaves it out.  Energy and field are right to relative order 1/(k w_0)^2.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, reals, require, unknown
from atomcavity.species.operators import local_axes
from atomcavity.species.polarizability import unit_axis, unit_vector

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

POLARIZATIONS: Mapping[str, tuple[complex, complex]] = {
    "x": (1, 0),
    "y": (0, 1),
    "right": (math.sqrt(0.5), 1j * math.sqrt(0.5)),
    "left": (math.sqrt(0.5), -1j * math.sqrt(0.5)),
}
"""Named polarizations in the frame of the cavity."""

PROFILES = ("waist", "gaussian")


@dataclass(frozen=True, kw_only=True)
class FabryPerot:
    r"""The standing wave TEM_00 between two mirrors.

    length        between the mirrors (m)
    waist         radius w_0 at which the field has fallen to 1/e (m)
    finesse       free spectral range over linewidth: kappa = pi c/(finesse length)
    wavelength    vacuum wavelength of the mode (m)
    axis          direction of the cavity
    polarization  "x", "y", "right", "left" or a complex Cartesian vector across the axis.  x and y are those of the
                  laboratory after the smallest rotation that carries z to the axis; "right" is (x + i y)/sqrt 2, which
                  turns about `axis` as a right-handed screw (sigma+ for a magnetic field along the axis), "left" the
                  opposite
    centre        of the waist (m)
    offset        shift of the standing wave along the axis (m).  With 0 the centre is a node of the field, where its
                  gradient is largest: the place of a quadrupole line, g as cos kz (Eq. 27).  A quarter of the
                  wavelength brings an antinode of the field there, for a dipole line
    escape        share of the lost photons that leaves through the mirrors that are watched; 1: both, no absorption
    profile       "waist" or "gaussian", see the module

    `InputError` for what is not positive, a waist below the wavelength (not paraxial), light polarized along the axis.

    >>> cavity = FabryPerot(length=0.1, waist=1e-4, finesse=1e5, wavelength=804e-9, polarization="left")
    >>> round(cavity.kappa / (2e3 * math.pi), 2)
    14.99
    """

    length: float
    waist: float
    finesse: float
    wavelength: float
    axis: ArrayLike = (0.0, 0.0, 1.0)
    polarization: str | ArrayLike = "x"
    centre: ArrayLike = (0.0, 0.0, 0.0)
    offset: float = 0.0
    escape: float = 1.0
    profile: str = "waist"

    def __post_init__(self) -> None:
        for name in ("length", "waist", "finesse", "wavelength"):
            value = number(getattr(self, name), name)
            require(value > 0, f"{name} = {value!r} of a Fabry-Perot cavity must be positive")
            object.__setattr__(self, name, value)
        require(
            self.waist > self.wavelength,
            f"waist = {self.waist:g} m is not above the wavelength {self.wavelength:g} m: the beam is not paraxial",
        )
        object.__setattr__(self, "offset", number(self.offset, "offset"))
        share = number(self.escape, "escape")
        require(0 <= share <= 1, f"escape = {share!r} is a share of the losses, between 0 and 1")
        if self.profile not in PROFILES:
            raise unknown("profile", self.profile, PROFILES)
        object.__setattr__(self, "axis", tuple(unit_axis(self.axis).tolist()))
        centre = reals(self.centre, "centre")
        require(
            centre.shape == (3,) and bool(np.all(np.isfinite(centre))),
            f"centre = {self.centre!r} must be three finite Cartesian coordinates (m)",
        )
        object.__setattr__(self, "centre", tuple(centre.tolist()))
        if not isinstance(self.polarization, str):
            unit_vector(self.polarization, "polarization")
            given = np.asarray(self.polarization, dtype=complex)
            object.__setattr__(self, "polarization", tuple(given.tolist()))
        along = float(abs(self.vector @ self._frame[:, 2]))
        require(
            along < 1e-9,
            f"polarization = {self.polarization!r} has a part {along:.3g} along the cavity's axis",
        )

    def __str__(self) -> str:
        return (
            f"Fabry-Perot cavity at {self.wavelength * 1e9:.6g} nm: length {self.length * 1e3:.4g} mm, "
            f"waist {self.waist * 1e6:.4g} µm, finesse {self.finesse:.4g}"
        )

    @cached_property
    def _frame(self) -> Array:
        """Columns: x, y and z of the cavity."""
        return local_axes(self.axis)

    @cached_property
    def vector(self) -> Complex:
        """The polarization e, complex Cartesian unit vector (3,)."""
        if isinstance(self.polarization, str):
            if self.polarization not in POLARIZATIONS:
                raise unknown("polarization", self.polarization, POLARIZATIONS)
            return self._frame[:, :2] @ np.array(POLARIZATIONS[self.polarization], dtype=complex)
        return unit_vector(self.polarization, "polarization")

    @property
    def frequency(self) -> float:
        """Angular frequency (rad/s)."""
        return math.tau * const.c / self.wavelength

    @property
    def free_spectral_range(self) -> float:
        """Distance of neighbouring longitudinal modes, pi c/length (rad/s)."""
        return math.pi * const.c / self.length

    @property
    def kappa(self) -> float:
        """Photon-number decay rate pi c/(finesse length) (rad/s)."""
        return self.free_spectral_range / self.finesse

    @property
    def kappa_ext(self) -> float:
        """The part of kappa that leaves through the mirrors that are watched (rad/s)."""
        return self.escape * self.kappa

    @property
    def rayleigh_range(self) -> float:
        """z_R = pi w_0^2/lambda (m)."""
        return math.pi * self.waist**2 / self.wavelength

    @cached_property
    def photon_amplitude(self) -> float:
        r"""E_0 (V/m): field of one photon at an antinode on the axis.

        Energy normalisation, int eps_0 |E|^2 dV = hbar omega/2.  It is the paper's field, in Gaussian units
        $E_0^2=8\pi\hbar\omega/V_{eff}$ with $V_{eff}=\pi w_0^2L$, exactly.
        """
        area = math.pi * self.waist**2 * self.length
        return math.sqrt(2 * const.hbar * self.frequency / (const.epsilon_0 * area))

    def volume(self, at: ArrayLike | None = None) -> float:
        """Mode volume int |E|^2 dV/|E(at)|^2 (m^3); without `at` over the maximum: pi w_0^2 L/4.

        The V_eff = pi w_0^2 L of the ion-laser paper is four times that.
        """
        smallest = math.pi * self.waist**2 * self.length / 4
        if at is None:
            return smallest
        strength = float(np.sum(np.abs(self.photon_field(at)) ** 2))
        return smallest * self.photon_amplitude**2 / strength if strength else math.inf

    def photon_field(self, r: ArrayLike, widths: ArrayLike | None = None) -> Complex:
        r"""Complex E (..., 3) in V/m for one photon, E = photon_field a e^{-i omega t} + h.c., at r (..., 3) in m.

        `widths`: standard deviations along x, y and z (m), (3,) or (..., 3), of a Gaussian distribution about r over
        which the field is averaged, in closed form: along the cavity the Debye-Waller factor $e^{-k^2\sigma^2/2}$, across
        it the overlap with the beam.  (For the gaussian profile up to errors of order widths/z_R.)
        """
        wave, slope, _ = self._wave(r, widths)
        field = wave.imag[..., None] * self._across
        field[..., 2] += (wave[..., None] * slope).real @ self._across / self._k
        return field @ self._frame.T

    def gradient(self, r: ArrayLike, widths: ArrayLike | None = None) -> Complex:
        """dE_i/dx_j of `photon_field` (..., 3, 3) in V/m^2, analytic; averaged over `widths` like the field."""
        wave, slope, second = self._wave(r, widths)
        change = (wave[..., None] * slope).imag
        gradient = self._across[:, None] * change[..., None, :]
        gradient[..., 2, :] += (
            np.einsum("i,...ij->...j", self._across, (wave[..., None, None] * second).real) / self._k
        )
        return np.einsum("ai,...ij,bj->...ab", self._frame, gradient, self._frame, optimize=True)

    @property
    def _k(self) -> float:
        return math.tau / self.wavelength

    @cached_property
    def _across(self) -> Complex:
        """The polarization in the frame of the cavity."""
        return np.append(self._frame[:, :2].T @ self.vector, 0.0)

    def _wave(self, r: ArrayLike, widths: ArrayLike | None) -> tuple[Complex, Complex, Complex]:
        """E_0 U and its first and second derivatives over itself, (...), (..., 3), (..., 3, 3), in the cavity's frame.

        ln U = f is expanded to second order about r, f(r + x) = f + b.x + x.H.x/2, which is exact for s = 1 (and leaves
        H_zz = O(1/z_R^2) out).  With
        S = widths^2 and K = (1 - S H)^-1 S the Gaussian average of U is exp(f + b.K.b/2)/sqrt(det(1 - S H)), b becomes
        b + H K b and H becomes H + H K H.
        """
        exponent, slope, hessian = self._exponent(r)
        if widths is not None:
            spread = _covariance(widths, exponent.shape, self._frame)
            matrix = np.eye(3) - spread @ hessian
            kernel = np.linalg.solve(matrix, spread.astype(complex))
            shift = np.einsum("...ij,...j->...i", kernel, slope)
            exponent = (
                exponent + np.einsum("...i,...i->...", slope, shift) / 2 - np.log(np.linalg.det(matrix)) / 2
            )
            slope = slope + np.einsum("...ij,...j->...i", hessian, shift)
            hessian = hessian + hessian @ kernel @ hessian
        second = slope[..., :, None] * slope[..., None, :] + hessian
        return np.asarray(self.photon_amplitude * np.exp(exponent), dtype=complex), slope, second

    def _exponent(self, r: ArrayLike) -> tuple[Complex, Complex, Complex]:
        """ln U, its gradient (..., 3) and second derivatives (..., 3, 3) in the cavity's frame."""
        places = reals(r, "positions")
        require(
            places.ndim > 0 and places.shape[-1] == 3 and bool(np.all(np.isfinite(places))),
            f"positions of shape {places.shape}: they must be finite with three Cartesian coordinates last (m)",
        )
        x, y, z = np.moveaxis((places - np.asarray(self.centre)) @ self._frame, -1, 0)
        turn = 1j / self.rayleigh_range if self.profile == "gaussian" else 0.0
        s = np.asarray(1 + turn * z, dtype=complex)
        pull = 2 / (self.waist**2 * s)
        fall = (x**2 + y**2) * pull / 2
        slope = np.stack([-x * pull, -y * pull, 1j * self._k + turn * (fall - 1) / s], axis=-1)
        hessian = np.zeros((*s.shape, 3, 3), dtype=complex)
        hessian[..., 0, 0] = hessian[..., 1, 1] = -pull
        for i, across in enumerate((x, y)):
            hessian[..., i, 2] = hessian[..., 2, i] = across * pull * turn / s
        exponent = np.asarray(1j * self._k * (z - self.offset) - fall - np.log(s), dtype=complex)
        return exponent, slope, hessian

    def to_dict(self) -> dict[str, Any]:
        """Plain data; complex polarization components as [re, im]."""
        data = {each.name: getattr(self, each.name) for each in fields(self)}
        if not isinstance(self.polarization, str):
            data["polarization"] = [[e.real, e.imag] for e in np.asarray(self.polarization)]
        return {key: list(value) if isinstance(value, tuple) else value for key, value in data.items()}

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> FabryPerot:
        """The inverse of `to_dict`."""
        given = data["polarization"]
        return cls(
            **{**data, "polarization": given if isinstance(given, str) else [complex(*e) for e in given]}
        )


def _covariance(widths: ArrayLike, shape: tuple[int, ...], frame: Array) -> Array:
    """Covariance (3, 3) or (..., 3, 3) in the cavity's frame from standard deviations along the laboratory's axes."""
    sigma = reals(widths, "widths")
    require(
        sigma.shape in ((3,), (*shape, 3)) and bool(np.all(np.isfinite(sigma) & (sigma >= 0))),
        f"widths of shape {sigma.shape}: give three standard deviations >= 0 (m) along x, y, z, for all or each position",
    )
    return np.einsum("ia,...i,ib->...ab", frame, sigma**2, frame)
