"""Complex roots of the characteristic equation and their labels."""

from __future__ import annotations

import math

import miepython
import mpmath
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import spherical_jn, spherical_yn

from atomcavity.errors import InputError
from atomcavity.resonators.characteristic import path_root, psi_zero
from atomcavity.resonators.riccati import log_xi, xi_log_derivative
from atomcavity.resonators.search import ConstantIndex, constant_index_root, find, log10_quality

INDICES = (1.3, 1.45, 2.0, 3.5)


def exact_root(polarization: str, l: int, index: float, start: complex, digits: int) -> mpmath.mpc:
    """Newton by mpmath on the characteristic equation written with cylinder functions."""
    with mpmath.workdps(digits):
        p = mpmath.mpf(index) if polarization == "TE" else 1 / mpmath.mpf(index)

        def equation(x: mpmath.mpc) -> mpmath.mpc:
            nu, u = l + mpmath.mpf(1) / 2, index * x
            inside = mpmath.besselj(nu - 1, u) / mpmath.besselj(nu, u) - l / u
            outside = mpmath.hankel1(nu - 1, x) / mpmath.hankel1(nu, x) - l / x
            return p * inside - outside

        return mpmath.findroot(equation, (mpmath.mpc(start), mpmath.mpc(start) * (1 + 1e-8)), tol=1e-25)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
@pytest.mark.parametrize(
    ("n", "l", "index"), [(1, 60, 1.4547), (1, 5, 1.3), (3, 12, 1.3), (2, 30, 2.0), (5, 40, 3.5), (2, 1, 1.5)]
)
def test_roots_against_mpmath(polarization: str, n: int, l: int, index: float) -> None:
    root = constant_index_root(polarization, n, l, index)
    digits = 60 if abs(root.imag) < 1e-10 else 35
    exact = exact_root(polarization, l, index, root, digits)
    assert root.real == pytest.approx(float(exact.real), rel=1e-13, abs=0)
    assert root.imag == pytest.approx(float(exact.imag), rel=1e-9, abs=0)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
@pytest.mark.parametrize(("n", "l"), [(1, 40), (2, 45), (1, 60), (3, 60)])
def test_mie_coefficient_is_one_at_a_narrow_resonance(polarization: str, n: int, l: int) -> None:
    """miepython's a_l (TM) or b_l (TE) at Re x of our root is 1, and one half power half a width away."""
    index = 1.45
    root = constant_index_root(polarization, n, l, index)
    which = 0 if polarization == "TM" else 1

    def coefficient(x: float) -> complex:
        return complex(miepython.coefficients(index, x)[which][l - 1])

    width = -2.0 * root.imag
    allowed = 20 * (2e-14 * root.real / width + width)
    assert abs(coefficient(root.real) - 1) < min(allowed, 0.5)
    if allowed < 0.02:
        half = [abs(coefficient(root.real + sign * width / 2)) ** 2 for sign in (-1, 1)]
        assert half == pytest.approx([0.5, 0.5], abs=allowed)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_quality_by_wronskian_meets_the_root(polarization: str) -> None:
    """Q = x (m²-1)|ξ|²/2 (TE), the TM analogue, and Re x/(-2 Im x) agree for narrow modes."""
    for l, index in ((40, 1.45), (60, 1.45), (100, 2.0), (200, 1.5)):
        root = constant_index_root(polarization, 1, l, index)
        direct = log10_quality(polarization, l, index, root)
        by_wronskian = log10_quality(polarization, l, index, complex(root.real, 0.0))
        assert by_wronskian == pytest.approx(direct, abs=1e-9 + 3 * 10.0**-direct)


def test_astronomical_quality_is_finite_in_logs() -> None:
    found = find(1e-3, ConstantIndex(1.45), "TE", 1, 13000)
    assert found.log10_quality > 2000
    assert math.isfinite(found.log10_quality)
    # against the WKB exponent 2 ν (arccosh(ν/x) - sqrt(1 - x²/ν²)), whose prefactor is a few units
    x, nu = found.size_parameter.real, 13000.5
    exponent = 2 * nu * (math.acosh(nu / x) - math.sqrt(1 - (x / nu) ** 2)) / math.log(10)
    assert found.log10_quality == pytest.approx(exponent, abs=6)


@pytest.mark.parametrize("index", INDICES)
@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_no_mode_skipped_or_doubled_over_the_grid(polarization: str, index: float) -> None:
    """l = 5..1000, n = 1..5: Re x grows with n; bound modes have n - 1 nodes, from zeros of ψ_l alone."""
    orders = [*range(5, 61), 80, 120, 200, 333, 500, 777, 1000]
    for l in orders:
        roots = np.array([constant_index_root(polarization, n, l, index) for n in range(1, 6)])
        assert np.all(roots.imag <= 0)
        assert np.all(np.diff(roots.real) * index > 0.01)
        zeros = np.array([psi_zero(l, n) for n in range(6)])
        u = index * roots.real
        bound = (roots.real < l + 0.5) | (polarization == "TE")
        assert np.all(((zeros[:-1] < u) & (u < zeros[1:]))[bound])


@pytest.mark.parametrize("index", [1.3, 1.6, 2.5, 3.5])
@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_no_mode_skipped_at_any_order(polarization: str, index: float) -> None:
    """Every l from 5 to 1000: Re x grows with n, and with l for TE; no value occurs twice."""
    x = np.array(
        [[constant_index_root(polarization, n, l, index) for n in range(1, 6)] for l in range(5, 1001)]
    )
    assert np.all(np.diff(x.real, axis=1) > 0.01 / index)
    if polarization == "TE":
        assert np.all(np.diff(x.real, axis=0) > 0)


def determinant(te: bool, l: int, index: float, u: np.ndarray) -> np.ndarray:
    """p ψ'(u) ξ(x) - ψ(u) ξ'(x) by scipy: entire in u but for u = 0; its zeros are the modes."""
    x = u / index

    def psi(z: np.ndarray, slope: bool) -> np.ndarray:
        j = spherical_jn(l, z)
        return j + z * spherical_jn(l, z, derivative=True) if slope else z * j

    def xi(z: np.ndarray, slope: bool) -> np.ndarray:
        h = spherical_jn(l, z) + 1j * spherical_yn(l, z)
        dh = spherical_jn(l, z, derivative=True) + 1j * spherical_yn(l, z, derivative=True)
        return h + z * dh if slope else z * h

    p = index if te else 1 / index
    return p * psi(u, True) * xi(x, False) - psi(u, False) * xi(x, True)


@pytest.mark.parametrize("index", [1.3, 2.0, 3.5])
@pytest.mark.parametrize("polarization", ["TE", "TM"])
@pytest.mark.parametrize("l", [5, 8, 13])
def test_argument_principle_counts_the_labelled_modes(polarization: str, l: int, index: float) -> None:
    """Round a rectangle from below n = 1 to beyond n = 6, as deep as the deepest labelled mode."""
    u = index * np.array([constant_index_root(polarization, n, l, index) for n in range(1, 8)])
    right, depth = 0.5 * (u[5].real + u[6].real), 1.001 * np.max(-u[:6].imag)
    left = 0.6 * u[0].real
    corners = [complex(left, 0.3), complex(left, -depth), complex(right, -depth), complex(right, 0.3)]
    path = np.concatenate(
        [
            np.linspace(a, b, 2000, endpoint=False)
            for a, b in zip(corners, corners[1:] + corners[:1], strict=True)
        ]
    )
    phase = np.angle(determinant(polarization == "TE", l, index, path))
    turns = np.sum((np.diff(np.append(phase, phase[0])) + math.pi) % math.tau - math.pi) / math.tau
    inside = np.count_nonzero((-u.imag < depth) & (u.real < right) & (u.real > left))
    assert inside == 6
    assert round(turns) == 6


def test_large_index_limit() -> None:
    """m → ∞: u tends to the zeros of ψ_{l-1} (TE) and of ψ_l (TM)."""
    for l, n in ((3, 1), (10, 2), (30, 4)):
        assert 1e4 * constant_index_root("TE", n, l, 1e4).real == pytest.approx(
            psi_zero(l - 1, n), rel=1e-6, abs=0
        )
        assert 1e4 * constant_index_root("TM", n, l, 1e4).real == pytest.approx(
            psi_zero(l, n), rel=1e-6, abs=0
        )


def test_normal_incidence_limit() -> None:
    """u ≫ l: a layer of index m; Im u = -artanh(1/m), Re u at half (TE) and whole (TM) turns of ψ_l."""
    index, l = 1.5, 3
    for polarization, offset in (("TE", 0.5), ("TM", 0.0)):
        u = index * constant_index_root(polarization, 300, l, index)
        assert -u.imag == pytest.approx(math.atanh(1 / index), rel=1e-3, abs=0)
        turns = (u.real - l * math.pi / 2) / math.pi + (l * (l + 1) / (2 * u.real)) / math.pi
        assert (turns - offset + 0.25) % 1.0 == pytest.approx(0.25, abs=0.01)


def test_path_and_label_agree_for_te_and_bound_tm() -> None:
    for l, n in ((5, 3), (40, 2), (60, 7)):
        assert index_close(constant_index_root("TE", n, l, 1.45), path_root(l, n, True, 1.45) / 1.45)
    assert index_close(constant_index_root("TM", 1, 40, 1.45), path_root(40, 1, False, 1.45) / 1.45)


def index_close(a: complex, b: complex) -> bool:
    return abs(a - b) < 1e-13 * abs(a)


def test_wronskian_of_the_functions_used() -> None:
    x = 45.7
    assert xi_log_derivative(60, x + 0j).imag == pytest.approx(
        math.exp(-2 * log_xi(60, x).real), rel=1e-11, abs=0
    )


@pytest.mark.parametrize(
    ("polarization", "n", "l"), [("TX", 1, 5), ("TE", 0, 5), ("TE", 1, 0), ("TM", -1, 3)]
)
def test_impossible_labels(polarization: str, n: int, l: int) -> None:
    with pytest.raises(InputError, match=r"TE|TM|given"):
        constant_index_root(polarization, n, l, 1.45)


def half_turns(l: int, u: float) -> float:
    """Phase of ψ_l at u over π, by WKB: n at the n-th zero."""
    nu = l + 0.5
    return (math.sqrt(u * u - nu * nu) - nu * math.acos(nu / u)) / math.pi + 0.25 if u > nu else 0.0


@given(st.floats(1.3, 3.5), st.integers(5, 60), st.integers(1, 12), st.sampled_from(["TE", "TM"]))
@settings(max_examples=200, deadline=None)
def test_neighbouring_labels_leave_no_room_for_another_mode(
    index: float, l: int, n: int, polarization: str
) -> None:
    """Between n and n + 1 the field inside gains about one half wave, leaky or not: neither 0 nor 2."""
    a, b = (constant_index_root(polarization, k, l, index).real * index for k in (n, n + 1))
    assert 0.0 < half_turns(l, b) - half_turns(l, a) < 1.3
