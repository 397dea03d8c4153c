r"""The electric field of one mode in spherical components, its first derivatives, and both in Cartesian.

With L = l(l+1), the radial function F (1 at the surface), Θ_lm and s = sign(m), times e^{imφ}:

    TE: E = (F/r) [-(|m|Θ/sinθ) e_θ - i s (dΘ/dθ) e_φ]                  (X_lm = ∇Y × r up to a phase)
    TM: E = (1/ε) [L F Θ/r² e_r + (F'/r)(dΘ/dθ e_θ + i m Θ/sinθ e_φ)]   (∇ × (F X_lm/r) up to a phase)

and in the near-equator approximation (Eq. 10 of Yu and Vollmer, TE only) E = (F/r) Θ(δθ) e_z.  The
phase makes E_z (TE) or E_r (TM) real and positive at φ = 0 on the equator for m = ±l.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import require

from .angular import hermite, legendre
from .radial import Radial

Complex = NDArray[np.complexfloating[Any, Any]]
Array = NDArray[np.float64]


class Shape:
    """Field of a mode up to its amplitude, from its radial and angular functions."""

    def __init__(self, radial: Radial, te: bool, l: int, m: int, permittivity: float, angular: str) -> None:
        self.radial, self.te, self.l, self.m = radial, te, l, m
        self.permittivity, self.angular = permittivity, angular

    def epsilon(self, r: Array) -> Array:
        """Relative permittivity at radii r (the surface itself counts as outside)."""
        return np.where(r < self.radial.radius, self.permittivity, 1.0)

    def components(self, r: Array, theta: Array) -> tuple[Complex, Complex, Complex]:
        """(E_r, E_θ, E_φ) at φ = 0, broadcast over r and θ, in the units of F/r (TE) or F/r² (TM)."""
        f, df, _ = self.radial(r)
        if self.angular != "exact":
            value, _ = hermite(self.l - abs(self.m), abs(self.m), theta, self.angular.endswith("printed"))
            e_z = f / r * value
            return e_z * np.cos(theta) + 0j, -e_z * np.sin(theta) + 0j, np.zeros_like(e_z) + 0j
        value, over, slope = legendre(self.l, self.m, theta)
        s = -1.0 if self.m < 0 else 1.0
        if self.te:
            return 0j * f * value, -f / r * over + 0j, -1j * s * f / r * slope
        scaled = 1.0 / (r * self.epsilon(r))
        big_l = self.l * (self.l + 1.0)
        return big_l * f * value / r * scaled + 0j, df * slope * scaled + 0j, 1j * s * df * over * scaled

    def field(self, r: ArrayLike) -> Complex:
        """Cartesian E (..., 3) at Cartesian positions (..., 3)."""
        radius, theta, phi, frame = spherical(r, 1e-6 * self.radial.radius)
        parts = np.stack(self.components(radius, theta), axis=-1)
        return np.einsum("...a,...ai->...i", parts, frame) * np.exp(1j * self.m * phi)[..., None]

    def jacobian(self, r: ArrayLike) -> Complex:
        """Cartesian ∂E_i/∂x_j (..., 3, 3) at Cartesian positions (..., 3), from the analytic derivatives."""
        radius, theta, phi, frame = spherical(r, 1e-6 * self.radial.radius)
        wave = np.exp(1j * self.m * phi)
        if self.angular != "exact":
            slopes = self._near_equator_slopes(radius, theta)
            row = np.einsum("...a,...ai->...i", np.stack(slopes, axis=-1), frame) * wave[..., None]
            result = np.zeros((*radius.shape, 3, 3), complex)
            result[..., 2, :] = row
            return result
        covariant = self._covariant(radius, np.clip(theta, 1e-5, np.pi - 1e-5)) * wave[..., None, None]
        return np.einsum("...ab,...ai,...bj->...ij", covariant, frame, frame)

    def _near_equator_slopes(self, r: Array, theta: Array) -> tuple[Complex, Complex, Complex]:
        f, df, _ = self.radial(r)
        value, slope = hermite(self.l - abs(self.m), abs(self.m), theta, self.angular.endswith("printed"))
        sine = np.maximum(np.sin(theta), 1e-300)
        return (
            (df - f / r) / r * value + 0j,
            f / r**2 * slope + 0j,
            1j * self.m * f * value / (r**2 * sine),
        )

    def _covariant(self, r: Array, theta: Array) -> Complex:
        """∇_b E_a in the frame (e_r, e_θ, e_φ)."""
        f, df, d2f = self.radial(r)
        value, over, slope = legendre(self.l, self.m, theta)
        sine, cot = np.sin(theta), np.cos(theta) / np.sin(theta)
        big_l = self.l * (self.l + 1.0)
        curve = -cot * slope - big_l * value + abs(self.m) * over / sine
        over_slope = (abs(self.m) * slope - cot * sine * over) / sine
        s = -1.0 if self.m < 0 else 1.0
        zero = np.zeros_like(f * value)
        if self.te:
            g, dg = f / r, (df - f / r) / r
            e = (zero, -g * over, -1j * s * g * slope)
            by_r = (zero, -dg * over, -1j * s * dg * slope)
            by_theta = (zero, -g * over_slope, -1j * s * g * curve)
        else:
            scale = 1.0 / self.epsilon(r)
            p, dp = big_l * f / r**2 * scale, big_l * (df - 2 * f / r) / r**2 * scale
            q, dq = df / r * scale, (d2f - df / r) / r * scale
            e = (p * value, q * slope, 1j * s * q * over)
            by_r = (dp * value, dq * slope, 1j * s * dq * over)
            by_theta = (p * slope, q * curve, 1j * s * q * over_slope)
        along = 1j * self.m / sine
        columns = (
            by_r,
            ((by_theta[0] - e[1]) / r, (by_theta[1] + e[0]) / r, by_theta[2] / r),
            (
                (along * e[0] - e[2]) / r,
                (along * e[1] - cot * e[2]) / r,
                (along * e[2] + e[0] + cot * e[1]) / r,
            ),
        )
        rows = [np.stack([np.asarray(part, complex) for part in column], axis=-1) for column in columns]
        return np.stack(rows, axis=-1)


def spherical(r: ArrayLike, least: float) -> tuple[Array, Array, Array, Array]:
    """(r, θ, φ) of Cartesian positions (..., 3), r at `least`, and the frame [e_r, e_θ, e_φ] (..., 3, 3)."""
    position = np.asarray(r, dtype=float)
    require(
        position.ndim > 0 and position.shape[-1] == 3,
        f"positions of shape {position.shape} given; they are Cartesian, (..., 3), in metres",
    )
    x, y, z = position[..., 0], position[..., 1], position[..., 2]
    across = np.hypot(x, y)
    radius = np.maximum(np.hypot(across, z), least)
    theta, phi = np.arctan2(across, z), np.arctan2(y, x)
    cos_t, sin_t, cos_p, sin_p = np.cos(theta), np.sin(theta), np.cos(phi), np.sin(phi)
    zero = np.zeros_like(phi)
    frame = np.stack(
        [
            np.stack([sin_t * cos_p, sin_t * sin_p, cos_t], axis=-1),
            np.stack([cos_t * cos_p, cos_t * sin_p, -sin_t], axis=-1),
            np.stack([-sin_p, cos_p, zero], axis=-1),
        ],
        axis=-2,
    )
    return radius, theta, phi, frame
