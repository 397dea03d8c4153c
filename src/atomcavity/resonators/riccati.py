r"""Riccati-Bessel functions ψ_l, χ_l, ξ_l for orders up to some ten thousand, without overflow.

The functions are ψ_l(z) = z j_l(z), χ_l(z) = -z y_l(z) and ξ_l(z) = ψ_l(z) - i χ_l(z) = z h_l^{(1)}(z)
(the definitions below Eq. (3) of Yu and Vollmer 2021).  All three solve u'' = (l(l+1)/z² - 1) u.  What
is computed is always a logarithmic derivative and a logarithm of the modulus:

* ψ'/ψ by downward recurrence, which is stable because ψ is the minimal solution in l;
* ξ'/ξ and ξ by upward recurrence, which is stable because ξ is dominant;
* ψ itself from the Wronskian ψ ξ' - ψ' ξ = i.

A very small imaginary part of z or of ξ'/ξ keeps its own relative accuracy in this arithmetic, so a
complex root with Im x = 1e-200 is resolved.
"""

from __future__ import annotations

import cmath
import math

import numpy as np
from numba import njit

_BIG = 1e150
_LOG_BIG = math.log(_BIG)


@njit(cache=True)
def psi_log_derivative(order: int, z: complex) -> complex:
    """ψ_l'(z)/ψ_l(z) for complex z ≠ 0, by D_{k-1} = k/z - 1/(D_k + k/z) from far above l and |z|."""
    largest = max(float(order), abs(z))
    start = int(largest + 9.0 * largest ** (1.0 / 3.0) + 16.0)
    inverse = 1.0 / z
    value = (start + 1) * inverse
    for k in range(start, order, -1):
        ratio = k * inverse
        below = value + ratio
        value = ratio - 1.0 / below if below != 0.0 else complex(1e150)  # exactly at a zero of ψ
    return value


@njit(cache=True)
def xi_log_derivative(order: int, z: complex) -> complex:
    """ξ_l'(z)/ξ_l(z) by D_k = -k/z + 1/(k/z - D_{k-1}) from D_0 = i."""
    inverse = 1.0 / z
    value = 1j
    for k in range(1, order + 1):
        ratio = k * inverse
        value = 1.0 / (ratio - value) - ratio
    return value


@njit(cache=True)
def xi_scaled(order: int, z: complex) -> tuple[complex, complex, float]:
    """(ξ'/ξ, phase-carrying mantissa, logarithm): ξ_l(z) = mantissa · exp(logarithm)."""
    inverse = 1.0 / z
    derivative = 1j
    mantissa = -1j * cmath.exp(1j * z.real)
    logarithm = -z.imag
    for k in range(1, order + 1):
        ratio = k * inverse
        step = ratio - derivative
        mantissa *= step
        derivative = 1.0 / step - ratio
        size = abs(mantissa.real) + abs(mantissa.imag)
        if size > _BIG:
            mantissa /= _BIG
            logarithm += _LOG_BIG
        elif size < 1.0 / _BIG:
            mantissa *= _BIG
            logarithm -= _LOG_BIG
    return derivative, mantissa, logarithm


def log_xi(order: int, z: complex) -> complex:
    """Natural logarithm of ξ_l(z): real part ln|ξ|, imaginary part the phase in (-π, π].

    >>> import numpy as np
    >>> from scipy.special import spherical_jn, spherical_yn
    >>> bool(np.isclose(np.exp(log_xi(5, 3.0)), 3 * (spherical_jn(5, 3) + 1j * spherical_yn(5, 3))))
    True
    """
    _, mantissa, logarithm = xi_scaled(order, complex(z))
    return complex(math.log(abs(mantissa)) + logarithm, cmath.phase(mantissa))


def log_psi(order: int, z: complex) -> complex:
    """Natural logarithm of ψ_l(z), from ψ = i / (ξ (ξ'/ξ - ψ'/ψ)); the phase carries the sign.

    >>> round(log_psi(60, 2.0).real, 6)        # ln of about z^61/121!!
    -190.125459
    """
    derivative, mantissa, logarithm = xi_scaled(order, complex(z))
    value = 1j / (mantissa * (derivative - psi_log_derivative(order, complex(z))))
    return complex(math.log(abs(value)) - logarithm, cmath.phase(value))


@njit(cache=True)
def taylor(order: int, centre: float, value: complex, slope: complex, step: float) -> tuple[complex, complex]:
    """Carry a solution of u'' = (l(l+1)/z² - 1) u from `centre` by `step` with its Taylor series.

    The coefficients follow from the differential equation; accurate to 1e-15 for |step| at most a fifth
    of centre and of the local wavelength over 2π.  Returns (u, u').
    """
    big_l = order * (order + 1.0)
    square = centre * centre
    before2 = 0j
    before1 = 0j
    this = value
    after = slope
    total = value
    derivative = slope
    power = 1.0
    for k in range(22):
        new = -(
            2.0 * centre * k * (k + 1) * after
            + (k * (k - 1.0) + square - big_l) * this
            + 2.0 * centre * before1
            + before2
        ) / (square * (k + 2.0) * (k + 1.0))
        total += after * power * step
        power *= step
        derivative += (k + 2.0) * new * power
        before2, before1, this, after = before1, this, after, new
    return total, derivative


@njit(cache=True)
def nodes(
    order: int, inside: bool, z: np.ndarray, value: np.ndarray, slope: np.ndarray, log: np.ndarray
) -> None:
    """Fill ψ (inside) or ξ and its derivative at the real arguments z as value · exp(log), slope · exp(log)."""
    for i in range(z.size):
        argument = complex(z[i])
        derivative, mantissa, scale = xi_scaled(order, argument)
        if inside:
            d_psi = psi_log_derivative(order, argument).real
            size = math.hypot(1.0, d_psi)
            amplitude = (
                1j / (mantissa * (derivative - d_psi) / size)
            ).real  # hypot(ψ, ψ') with the sign of ψ
            value[i] = math.copysign(1.0 / size, amplitude)
            slope[i] = math.copysign(1.0, amplitude) * d_psi / size
            log[i] = math.log(abs(amplitude)) - scale
        else:
            value[i] = mantissa / abs(mantissa)
            slope[i] = derivative * value[i]
            log[i] = math.log(abs(mantissa)) + scale
