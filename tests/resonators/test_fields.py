"""Fields of sphere modes: Maxwell's equations, boundary, normalisation, power, derivatives."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy import constants as const
from scipy.special import eval_hermite, sph_harm_y

from atomcavity.errors import InputError
from atomcavity.resonators import Microsphere, OpticalMode
from atomcavity.resonators.angular import hermite, legendre
from atomcavity.resonators.normalisation import flux, weight

Array = NDArray[np.float64]
RADIUS = 5e-6
SPHERE = Microsphere(RADIUS, 1.45)
LABELS = [("TE", 1, 60, 60), ("TM", 1, 60, 60), ("TE", 2, 70, 66), ("TM", 2, 70, -67), ("TE", 1, 45, -45)]


def mode_of(label: tuple[str, int, int, int]) -> OpticalMode:
    polarization, n, l, m = label
    return SPHERE.mode(polarization, n=n, l=l, m=m)


def directions(count: int, spread: float = 0.25, seed: int = 0) -> Array:
    v = np.random.default_rng(seed).normal(size=(count, 3)) * [1, 1, spread]
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


def curl(gradient: NDArray[np.complex128]) -> NDArray[np.complex128]:
    """(∇ × E)_i = ε_ijk ∂_j E_k from ∂E_k/∂x_j."""
    g = np.swapaxes(gradient, -1, -2)  # [j, k]
    return np.stack([g[..., i - 2, i - 1] - g[..., i - 1, i - 2] for i in range(3)], axis=-1)


def magnetic(mode: OpticalMode, r: Array) -> NDArray[np.complex128]:
    """H = ∇ × E/(iωμ0)."""
    return curl(mode.gradient(r)) / (1j * mode.frequency * const.mu_0)


def central(function: object, r: Array, step: float) -> NDArray[np.complex128]:
    """∂f_i/∂x_j by sixth-order differences."""
    columns = []
    for axis in np.eye(3) * step:
        f = [function(r + k * axis) for k in (-3, -2, -1, 1, 2, 3)]  # type: ignore[operator]
        columns.append((-f[0] + 9 * f[1] - 45 * f[2] + 45 * f[3] - 9 * f[4] + f[5]) / (60 * step))
    return np.stack(columns, axis=-1)


@pytest.mark.parametrize("label", [*LABELS, ("TE", 1, 20, 0), ("TM", 1, 20, 0), ("TE", 1, 20, 1)])
@pytest.mark.parametrize("scale", [0.93, 1.03])
def test_gradient_is_the_derivative_and_has_no_divergence(
    label: tuple[str, int, int, int], scale: float
) -> None:
    mode = mode_of(label)
    r = directions(40) * RADIUS * scale
    gradient = mode.gradient(r)
    size = np.max(np.abs(gradient))
    np.testing.assert_allclose(gradient, central(mode.photon_field, r, 2e-9), atol=1e-10 * size)
    assert np.max(np.abs(np.trace(gradient, axis1=-1, axis2=-2))) < 1e-14 * size


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("scale", [0.93, 1.02])
def test_wave_equation(label: tuple[str, int, int, int], scale: float) -> None:
    """∇ × ∇ × E = ε k² E: inside always, outside to the extent that |h_l| is a solution, 1/|ξ|⁴."""
    mode = mode_of(label)
    r = directions(40) * RADIUS * scale
    eps = mode.index**2 if scale < 1 else 1.0
    k = math.tau / mode.wavelength
    left = curl(central(lambda p: curl(mode.gradient(p)), r, 2e-9))
    right = eps * k**2 * mode.photon_field(r)
    allowed = 1e-8 if mode.l > 45 or scale < 1 else 1e-5
    assert np.max(np.abs(left - right)) < allowed * np.max(np.abs(right))


@pytest.mark.parametrize("label", LABELS)
def test_boundary_conditions(label: tuple[str, int, int, int]) -> None:
    """Tangential E and H, normal D and B, are continuous at the surface."""
    mode = mode_of(label)
    e_r = directions(60, seed=2)
    below, above = e_r * RADIUS * (1 - 1e-15), e_r * RADIUS * (1 + 1e-15)
    allowed = 30 / mode.quality_radiation + 1e-9
    for inside, outside, jump in (
        (mode.photon_field(below), mode.photon_field(above), mode.index**2),
        (magnetic(mode, below), magnetic(mode, above), 1.0),
    ):
        scale = np.max(np.abs(inside))
        np.testing.assert_allclose(
            np.cross(e_r, inside), np.cross(e_r, outside), rtol=0, atol=allowed * scale
        )
        normal = [np.sum(e_r * f, axis=-1) for f in (jump * inside, outside)]
        np.testing.assert_allclose(normal[0], normal[1], rtol=0, atol=allowed * scale)


def meridian(mode: OpticalMode) -> tuple[Array, Array]:
    """Points (k, 3) in the half plane φ = 0 and weights r dr dθ (k,), inside and outside to the caustic."""
    x, w = np.polynomial.legendre.leggauss(24)
    points, weights = [], []
    caustic = math.sqrt(mode.l * (mode.l + 1.0)) * mode.wavelength / math.tau
    edges = [*np.linspace(0.45 * RADIUS, RADIUS, 10), *np.linspace(RADIUS, caustic, 6)[1:]]
    y, v = np.polynomial.legendre.leggauss(160)
    theta, dtheta = 0.5 * math.pi * (1 + y), 0.5 * math.pi * v
    for a, b in itertools.pairwise(edges):
        r = 0.5 * (a + b) + 0.5 * (b - a) * x
        grid_r, grid_t = np.meshgrid(r, theta, indexing="ij")
        points.append(
            np.stack([grid_r * np.sin(grid_t), 0 * grid_r, grid_r * np.cos(grid_t)], -1).reshape(-1, 3)
        )
        weights.append((np.outer(0.5 * (b - a) * w, dtheta) * grid_r).ravel())
    return np.concatenate(points), np.concatenate(weights)


@pytest.mark.parametrize("label", LABELS)
def test_photon_energy_angular_momentum_and_power(label: tuple[str, int, int, int]) -> None:
    """One photon: ∫ε0ε|E|² = ħω/2, as much magnetic energy, L_z = mħ, and the Poynting flux through φ = 0."""
    mode = mode_of(label)
    r, area = meridian(mode)
    rho = r[:, 0]
    eps = np.where(np.linalg.norm(r, axis=-1) < RADIUS, mode.index**2, 1.0)
    e, h = mode.photon_field(r), magnetic(mode, r)
    volume = math.tau * rho * area
    quantum = const.hbar * mode.frequency
    leak = 30 / mode.quality_radiation + 1e-9  # the outside field ends where the barrier ends
    electric = np.sum(volume * const.epsilon_0 * eps * np.sum(np.abs(e) ** 2, -1))
    assert electric == pytest.approx(quantum / 2, rel=1e-10, abs=0)
    assert np.sum(volume * const.mu_0 * np.sum(np.abs(h) ** 2, -1)) == pytest.approx(
        quantum / 2, rel=leak, abs=0
    )
    # a coherent state with one photon has the peak amplitudes 2E, 2H: time averages are 2 Re(E × H*)
    flow = 2 * np.cross(e, h.conj()).real[:, 1]
    angular = np.sum(volume * rho * eps * flow) / const.c**2
    assert angular == pytest.approx(mode.m * const.hbar, rel=leak, abs=0)
    power = np.sum(area * flow)
    per_volt = flux(mode.shape, mode.frequency, "poynting")
    ours = math.copysign((2 * mode.photon_amplitude) ** 2 * per_volt, mode.m)
    assert power == pytest.approx(ours, rel=leak, abs=0)
    sine = rho / np.linalg.norm(r, axis=-1)
    printed = 0.5 * const.c * const.epsilon_0 * np.sum(area * sine * eps * np.sum(np.abs(e) ** 2, -1))
    unit = mode.photon_amplitude**2
    assert printed == pytest.approx(unit * flux(mode.shape, mode.frequency, "printed"), rel=1e-6, abs=0)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_power_is_energy_times_group_angular_velocity(polarization: str) -> None:
    """P = U (dω/dm)/2π along the family l = m (no dispersion): a check that uses frequencies only."""
    l = 100
    modes = [SPHERE.mode(polarization, n=1, l=k) for k in (l - 2, l - 1, l, l + 1, l + 2)]
    w = [mode.frequency for mode in modes]
    velocity = (w[0] - 8 * w[1] + 8 * w[3] - w[4]) / 12
    mode = modes[2]
    stored = 0.5 * const.epsilon_0 * weight(mode.shape)  # of peak amplitude 1
    assert flux(mode.shape, mode.frequency, "poynting") == pytest.approx(
        stored * velocity / math.tau, rel=1e-5, abs=0
    )


def test_field_at_power_scales_and_refuses() -> None:
    mode = mode_of(("TE", 1, 60, 60))
    at = np.array([RADIUS + 100e-9, 0, 0])
    one, four = (mode.field_at_power(at, p) for p in (1e-3, 4e-3))
    np.testing.assert_allclose(four, 2 * one)
    ratio = np.abs(mode.field_at_power(at, 1.0, "printed") / mode.field_at_power(at, 1.0, "printed-double"))
    assert ratio[2] == pytest.approx(math.sqrt(2))
    with pytest.raises(InputError, match="negative"):
        mode.field_at_power(at, -1.0)
    with pytest.raises(InputError, match="printed"):
        mode.field_at_power(at, 1.0, "print")
    with pytest.raises(InputError, match="m = 0"):
        SPHERE.mode("TE", n=1, l=60, m=0).field_at_power(at, 1.0)


@given(st.integers(1, 120), st.floats(0, 1), st.floats(0.02, math.pi - 0.02))
@settings(max_examples=200, deadline=None)
def test_legendre_against_scipy(l: int, part: float, theta: float) -> None:
    m = round(part * l)
    value, over, slope = legendre(l, -m, np.array([theta]))
    expected = (-1) ** m * sph_harm_y(l, m, theta, 0.0).real
    assert value[0] == pytest.approx(expected, abs=1e-11)
    assert over[0] * math.sin(theta) == pytest.approx(m * expected, abs=1e-9)
    derivative = (-1) ** m * sph_harm_y(l, m, theta, 0.0, diff_n=1)[1][..., 0].real
    assert slope[0] == pytest.approx(derivative, abs=1e-8)


@pytest.mark.parametrize(("l", "m"), [(1000, 1000), (1000, 998), (1000, 3), (20000, 20000), (12000, 11990)])
def test_legendre_of_large_degree_is_normalised(l: int, m: int) -> None:
    """∫Θ² dcosθ = 1/2π and ∫((mΘ/sinθ)² + Θ'²) dcosθ = l(l+1)/2π, integrated where the function lives."""
    half = min(math.asin(1.0), 9 * math.sqrt((l - m + 1) / m))
    theta = np.linspace(0.5 * math.pi - half, 0.5 * math.pi + half, 40001)
    value, over, slope = legendre(l, m, theta)
    step = theta[1] - theta[0]
    ring = np.sin(theta) * step * math.tau
    assert np.sum(ring * value**2) == pytest.approx(1, rel=1e-6, abs=0)
    assert np.sum(ring * (over**2 + slope**2)) == pytest.approx(l * (l + 1), rel=1e-6, abs=0)


def test_fields_at_the_poles_and_the_centre_are_finite() -> None:
    for label in (("TE", 1, 20, 1), ("TM", 1, 20, 0), ("TM", 1, 20, 1), ("TE", 1, 60, 60)):
        mode = mode_of(label)
        r = np.array([[0, 0, 4.8e-6], [0, 0, -5.2e-6], [1e-9, 0, 0], [0, 0, 0]])
        assert np.all(np.isfinite(mode.photon_field(r)))
        assert np.all(np.isfinite(mode.gradient(r)))


def test_counter_propagating_fields_are_conjugate() -> None:
    cw, ccw = SPHERE.mode("TM", n=2, l=61, m=59).pair()
    r = directions(20) * RADIUS * 1.02
    np.testing.assert_allclose(ccw.photon_field(r), cw.photon_field(r).conj(), rtol=1e-13)
    assert (cw.m, ccw.m) == (59, -59)


@pytest.mark.parametrize("q", [0, 1, 2, 5])
def test_near_equator_polynomials(q: int) -> None:
    """Eq. (10): physicists' polynomials with unit norm; He_q(y) = 2^{-q/2} H_q(y/√2) as printed."""
    m = 47
    theta = 0.5 * math.pi + np.linspace(-1.4, 1.4, 4001)
    step = theta[1] - theta[0]
    value, slope = hermite(q, m, theta, False)
    assert np.sum(value**2) * step == pytest.approx(1, rel=1e-9, abs=0)
    np.testing.assert_allclose(np.gradient(value, step)[5:-5], slope[5:-5], atol=3e-3)
    printed, _ = hermite(q, m, theta, True)
    y = math.sqrt(m) * (theta - 0.5 * math.pi)
    front = (m / math.pi) ** 0.25 / math.sqrt(2.0**q * math.factorial(q)) * np.exp(-0.5 * y * y)
    np.testing.assert_allclose(printed, front * 2 ** (-q / 2) * eval_hermite(q, y / math.sqrt(2)), atol=1e-12)


def test_near_equator_field_approaches_the_exact_one() -> None:
    """The error falls as 1/m, and the field is along z."""
    errors = []
    for l in (50, 200, 800):
        sphere = Microsphere(RADIUS * l / 50, 1.45)
        at = np.array([sphere.radius * 1.001, 0, 0])
        exact, approx = (
            sphere.mode("TE", n=1, l=l, m=l - 2, angular=kind).photon_field(at)
            for kind in ("exact", "near-equator")
        )
        assert approx[0] == approx[1] == 0
        errors.append(abs(abs(approx[2]) / abs(exact[2]) - 1))
    assert errors[0] < 0.1
    assert errors[1] == pytest.approx(errors[0] / 4, rel=0.15, abs=0)
    assert errors[2] == pytest.approx(errors[1] / 4, rel=0.15, abs=0)


@pytest.mark.parametrize("kind", ["near-equator", "near-equator-printed"])
def test_near_equator_gradient_and_energy(kind: str) -> None:
    mode = SPHERE.mode("TE", n=1, l=49, m=47, angular=kind)
    r = directions(30, 0.1) * RADIUS * 1.02
    gradient = mode.gradient(r)
    numerical = central(mode.photon_field, r, 2e-9)
    np.testing.assert_allclose(gradient, numerical, atol=1e-9 * np.max(np.abs(gradient)))
    with pytest.raises(InputError, match="TE modes"):
        SPHERE.mode("TM", n=1, l=49, m=47, angular=kind)


@pytest.mark.parametrize("label", LABELS)
@pytest.mark.parametrize("standing", [False, True])
def test_volume_at_the_maximum_and_at_a_place(label: tuple[str, int, int, int], standing: bool) -> None:
    """No point of a fine grid beats the maximum, and the best point comes close to it."""
    mode = mode_of(label)
    cw, ccw = mode.pair()
    r = np.concatenate([np.linspace(0.7, 1 - 1e-12, 300), [1 + 1e-12]]) * RADIUS
    theta = 0.5 * math.pi - np.linspace(0, 0.5, 200)
    grid_r, grid_t = np.meshgrid(r, theta, indexing="ij")
    eps = np.where(grid_r < RADIUS, mode.index**2, 1.0)
    best = 0.0
    for phi in (0.0, 0.25 * math.pi / mode.l, 0.5 * math.pi / abs(mode.m)) if standing else (0.0,):
        p = np.stack(
            [
                grid_r * np.sin(grid_t) * math.cos(phi),
                grid_r * np.sin(grid_t) * math.sin(phi),
                grid_r * np.cos(grid_t),
            ],
            -1,
        )
        field = (cw.photon_field(p) + ccw.photon_field(p)) / math.sqrt(2) if standing else cw.photon_field(p)
        best = max(best, float(np.max(eps * np.sum(np.abs(field) ** 2, -1))))
    energy = const.hbar * mode.frequency / (2 * const.epsilon_0)
    volume = mode.volume(standing=standing)
    assert volume <= energy / best * (1 + 1e-9)
    assert volume == pytest.approx(energy / best, rel=2e-3, abs=0)
    at = np.array([RADIUS + 137e-9, 0, 1e-8])
    field = (cw.photon_field(at) + ccw.photon_field(at)) / math.sqrt(2) if standing else mode.photon_field(at)
    expected = energy / np.sum(np.abs(field) ** 2)
    assert mode.volume(at, standing=standing) == pytest.approx(expected, rel=1e-12, abs=0)


@pytest.mark.parametrize(("polarization", "l", "m"), [("TE", 3, 1), ("TM", 3, 1), ("TM", 4, 2), ("TE", 5, 5)])
def test_standing_maximum_of_low_modes(polarization: str, l: int, m: int) -> None:
    """Where both tangential components matter the antinodes of one are the nodes of the other."""
    mode = Microsphere(1e-6, 3.5).mode(polarization, n=1, l=l, m=m)
    r = np.append(np.linspace(0.05, 1 - 1e-12, 80), 1 + 1e-12) * 1e-6
    theta, phi = np.linspace(0.001, 0.5 * math.pi, 91), np.linspace(0, math.pi / m, 41)
    a, b, c = np.meshgrid(r, theta, phi, indexing="ij")
    p = np.stack([a * np.sin(b) * np.cos(c), a * np.sin(b) * np.sin(c), a * np.cos(b)], -1)
    cw, ccw = mode.pair()
    field = (cw.photon_field(p) + ccw.photon_field(p)) / math.sqrt(2)
    best = np.max(np.where(a < 1e-6, 3.5**2, 1.0) * np.sum(np.abs(field) ** 2, -1))
    energy = const.hbar * mode.frequency / (2 * const.epsilon_0)
    assert mode.volume(standing=True) == pytest.approx(energy / best, rel=5e-3, abs=0)
    assert mode.volume(standing=True) <= energy / best * (1 + 1e-9)
