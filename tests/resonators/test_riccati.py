"""Riccati-Bessel functions against mpmath and scipy, at small and very large orders, real and complex."""

from __future__ import annotations

import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import jn_zeros

from atomcavity.resonators import riccati
from atomcavity.resonators.characteristic import airy_zero, psi_zero


def reference(order: int, z: complex) -> tuple[mpmath.mpc, ...]:
    """ψ, ψ', ξ, ξ' from mpmath's Bessel functions at 40 digits."""
    with mpmath.workdps(40):
        z = mpmath.mpc(z)
        front = mpmath.sqrt(mpmath.pi * z / 2)
        j = [front * mpmath.besselj(order + mpmath.mpf(k) / 2, z) for k in (1, -1)]
        h = [front * mpmath.hankel1(order + mpmath.mpf(k) / 2, z) for k in (1, -1)]
        return j[0], j[1] - order * j[0] / z, h[0], h[1] - order * h[0] / z


@pytest.mark.parametrize(
    ("order", "z"),
    [
        (1, 0.3),
        (5, 3.0),
        (60, 45.7),
        (60, 68.0),
        (60, 300.0 - 2j),
        (7, 12.0 - 1.5j),
        (400, 280.0 - 1e-30j),
        (1000, 1021.0),
        (3000, 2200.0),
        (3000, 3100.0 - 0.3j),
    ],
)
def test_functions_and_derivatives(order: int, z: complex) -> None:
    psi, psi_slope, xi, xi_slope = reference(order, z)
    assert abs(riccati.psi_log_derivative(order, complex(z)) / complex(psi_slope / psi) - 1) < 2e-11
    assert abs(riccati.xi_log_derivative(order, complex(z)) / complex(xi_slope / xi) - 1) < 2e-12
    for ours, exact in ((riccati.log_psi(order, z), psi), (riccati.log_xi(order, z), xi)):
        log = mpmath.log(exact)
        assert ours.real == pytest.approx(float(log.real), rel=1e-12, abs=2e-12)
        assert abs(np.exp(1j * (ours.imag - float(log.imag))) - 1) < 1e-10


def test_a_tiny_imaginary_part_keeps_its_accuracy() -> None:
    """Im(ξ'/ξ) = 1/|ξ|² far below the machine epsilon, and the derivative times a tiny Im z for ψ."""
    value = riccati.xi_log_derivative(300, 200 + 0j)
    assert value.imag == pytest.approx(np.exp(-2 * riccati.log_xi(300, 200).real), rel=1e-11, abs=0)
    tiny = 1e-120
    d = riccati.psi_log_derivative(300, complex(320.0, tiny))
    assert d.imag == pytest.approx(tiny * (300 * 301 / 320.0**2 - 1 - d.real**2), rel=1e-9, abs=0)


@pytest.mark.parametrize("z", [14000.0 + 0j, 19030.0 + 0j, 19500.0 - 0.3j])
def test_order_recurrence_at_very_large_order(z: complex) -> None:
    """u_{l-1} + u_{l+1} = (2l+1)/z u_l for ψ and ξ, from their logarithms at l = 18999, 19000, 19001."""
    for log in (riccati.log_psi, riccati.log_xi):
        below, here, above = (log(order, z) for order in (18999, 19000, 19001))
        left = np.exp(below - here) + np.exp(above - here)
        assert abs(left - 38001 / z) < 1e-8


@given(st.integers(1, 300), st.floats(0.05, 3.0), st.floats(-0.05, 0.05))
@settings(max_examples=150, deadline=None)
def test_taylor_step_agrees_with_the_function_itself(order: int, ratio: float, shift: float) -> None:
    z = order * ratio
    step = shift * min(z / (order + 1), 1.0) * 5
    value, slope, log = np.empty(2, complex), np.empty(2, complex), np.empty(2)
    riccati.nodes(order, False, np.array([z, z + step]), value, slope, log)
    u, du = riccati.taylor(order, z, value[0], slope[0], step)
    scale = np.exp(log[1] - log[0])
    assert abs(u - value[1] * scale) < 1e-11 * abs(u)
    assert abs(du - slope[1] * scale) < 1e-11 * (abs(du) + abs(u))


@pytest.mark.parametrize("order", [0, 1, 2, 5, 16, 60, 300, 2000])
def test_zeros_of_psi(order: int) -> None:
    """The n-th zero is the n-th: no index is skipped (mpmath at low orders, sign changes at high ones)."""
    ours = np.array([psi_zero(order, n) for n in range(1, 9)])
    with mpmath.workdps(20):
        exact = [float(mpmath.besseljzero(order + 0.5, n)) for n in (1, 2, 8)] if order <= 60 else []
    for n, zero in zip((1, 2, 8), exact, strict=False):
        assert ours[n - 1] == pytest.approx(zero, rel=1e-13, abs=0)
    edges = np.concatenate([[order + 0.5], 0.5 * (ours[1:] + ours[:-1])])
    signs = np.array([np.cos(riccati.log_psi(order, z).imag) for z in edges])
    np.testing.assert_allclose(signs, (-1.0) ** np.arange(8), atol=1e-9)


def test_psi_zeros_interlace_with_those_of_integer_order() -> None:
    for order in (5, 60):
        below, above = jn_zeros(order, 6), jn_zeros(order + 1, 6)
        ours = [psi_zero(order, n) for n in range(1, 7)]
        assert np.all((below < ours) & (ours < above))


def test_airy_zeros_are_good_starting_values() -> None:
    for n in (1, 2, 3, 10, 50):
        assert airy_zero(n) == pytest.approx(-float(mpmath.airyaizero(n)), rel=2e-5, abs=0)
