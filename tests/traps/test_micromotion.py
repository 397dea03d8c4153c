import math

import numpy as np
import pytest
from relaxed_ions import SPLIT, forces, relaxed
from scipy import constants as const
from scipy.integrate import solve_ivp
from scipy.special import mathieu_a

from atomcavity.errors import ConvergenceError, InputError
from atomcavity.traps.micromotion import Expansion
from atomcavity.traps.orbits import _Balance, coulomb_jacobian, periodic_orbits
from atomcavity.traps.paul import PaulTrap

RADIO = 2e6 * math.pi * 25


def trap(epsilon, **options):
    ion = (175.94 * const.atomic_mass, const.e)
    return PaulTrap(
        ion, radio_frequency=RADIO, confinement=epsilon * RADIO / 2, **({"static": SPLIT} | options)
    )


GENERAL = {
    "rf": np.array([[1.5, 0.2, 0.1], [0.2, -1.6, 0], [0.1, 0, 0.1]]),
    "static": np.array([[-0.5, 0.1, 0], [0.1, -0.4, 0.2], [0, 0.2, 0.9]]),
}


def test_jacobian_is_the_derivative_of_the_forces():
    r = np.random.default_rng(0).normal(size=(6, 3))
    u = np.random.default_rng(1).normal(size=(6, 3))
    change = (forces(r + 1e-5 * u) - forces(r - 1e-5 * u)) / 2e-5
    assert np.tensordot(coulomb_jacobian(r), u, 2) == pytest.approx(change, rel=1e-6, abs=1e-7)


@pytest.mark.parametrize("options", [{}, GENERAL], ids=["linear", "general"])
@pytest.mark.parametrize("n", [1, 5])
def test_orbits_are_periodic_solutions_of_the_equation_of_motion(n, options):
    t = trap(0.12, **options)
    eps = t.epsilon
    start = relaxed(t, n) if n > 1 else np.zeros((1, 3))
    orbits = periodic_orbits(t, start)

    def rate(tau, y):
        r, v = y.reshape(2, n, 3)
        field = eps**2 * (forces(r) - r @ t.static) - 2 * eps * math.cos(2 * tau) * r @ t.rf
        return np.concatenate((v, field)).ravel()

    begin = np.concatenate((orbits.positions(np.array(0.0)), np.zeros((n, 3)))).ravel()
    end = solve_ivp(rate, (0, math.pi), begin, method="DOP853", rtol=1e-13, atol=1e-14, dense_output=True)
    assert end.y[:, -1] == pytest.approx(begin, abs=3e-12)
    half = end.sol(0.7)[: 3 * n].reshape(n, 3)
    assert orbits.positions(np.array(0.7)) == pytest.approx(half, abs=1e-11)


@pytest.mark.parametrize("options", [{}, GENERAL], ids=["linear", "general"])
def test_the_expansion_has_the_orders_that_the_paper_claims(options):
    errors = []
    for eps in (0.02, 0.04, 0.08):
        t = trap(eps, **options)
        exact = periodic_orbits(t, relaxed(t, 5)).harmonics
        found = Expansion.of(t, exact[0]).at(eps).harmonics
        errors.append([np.abs(found[k] - exact[k]).max() / np.abs(exact[k]).max() for k in (1, 2, 3)])
    low, middle, high = np.array(errors)
    for ratio in (middle / low, high / middle):
        assert ratio == pytest.approx([16, 4, 4], rel=0.1)  # (14) eps^4, (15) and (16) eps^2
    assert high[0] < 1e-5


def test_without_radio_frequency_along_z_the_motion_there_is_third_order():
    size = []
    for eps in (0.02, 0.04):
        t = trap(eps)
        harmonics = periodic_orbits(t, relaxed(t, 5)).harmonics
        size.append(np.abs(harmonics[1:3, :, 2]).max(axis=1))
    assert size[1] / size[0] == pytest.approx([8, 16], rel=0.05)  # Z_2 = O(eps^3), Z_4 = O(eps^4)


def test_mean_positions_leave_the_pseudopotential_crystal_as_epsilon_squared():
    moved = []
    for eps in (0.02, 0.04):
        t = trap(eps)
        start = relaxed(t, 5)
        moved.append(np.abs(periodic_orbits(t, start).harmonics[0] - start).max())
    assert moved[1] / moved[0] == pytest.approx(4, rel=0.05)


def test_higher_orders_choose_the_direction_of_two_ions():
    """In an isotropic pseudopotential: across x = y, where the micromotion is at right angles to their line."""
    t = trap(0.1, static=np.diag([-0.5, -0.5, 1]))
    half = 0.25 ** (1 / 3) * np.array([0.5, 0.3, 0.81]) / math.hypot(0.5, 0.3, 0.81)
    mean = periodic_orbits(t, np.array([half, -half])).harmonics[0]
    line = (mean[0] - mean[1]) / np.linalg.norm(mean[0] - mean[1])
    assert line == pytest.approx([math.sqrt(0.5), math.sqrt(0.5), 0], abs=1e-8)
    moving = periodic_orbits(t, mean).harmonics[1]
    assert moving[0] @ line == pytest.approx(0, abs=1e-8)


def test_two_ions_along_z_are_not_stable_in_a_spherical_trap():
    """Without micromotion; but a sideways push then obeys Mathieu's equation with a = -3/2 eps^2, q = sqrt 3 eps."""
    t = trap(0.1, static=np.diag([-0.5, -0.5, 1]))
    line = np.array([[0, 0, 1], [0, 0, -1]]) * 0.25 ** (1 / 3)
    balance = _Balance(t, 6)
    state = balance.settle(line, np.zeros((6, 2, 3)))
    assert max(np.abs(state.moving).max(), state.residual) < 1e-15
    soft = np.linalg.eigvalsh(balance.jacobian(state))[:2] * t.epsilon**2
    beyond = -1.5 * t.epsilon**2 - mathieu_a(0, math.sqrt(3) * t.epsilon)
    assert beyond < 0
    assert soft == pytest.approx([beyond, beyond], rel=0.01)


def test_the_mean_force_is_the_gradient_of_the_effective_potential():
    t = trap(0.2, **GENERAL)
    balance, moving = _Balance(t, 6), np.zeros((6, 4, 3))
    generator = np.random.default_rng(2)
    mean, u = relaxed(t, 4) + 0.1 * generator.normal(size=(4, 3)), generator.normal(size=(4, 3))
    here, ahead, behind = (balance.settle(mean + s * u, moving) for s in (0, 1e-4, -1e-4))
    slope = (ahead.energy - behind.energy) / 2e-4
    assert np.sum(here.gradient * u) == pytest.approx(slope, rel=1e-7)
    change = (ahead.gradient - behind.gradient).ravel() / 2e-4
    assert balance.jacobian(here) @ u.ravel() == pytest.approx(change, abs=5 * t.epsilon**4)
    exact = balance._along(here, u.reshape(-1, 1))[:, 0]
    assert exact == pytest.approx(change, rel=1e-6)


@pytest.mark.parametrize("n", [3, 6, 10])
@pytest.mark.parametrize("epsilon", [0.016, 0.16])
def test_a_crystal_in_a_spherical_trap_turns_to_where_it_is_held(n, epsilon):
    t = trap(epsilon, static=np.diag([-0.5, -0.5, 1]))
    orbits = periodic_orbits(t, relaxed(t, n))
    balance = _Balance(t, 6)
    state = balance.settle(orbits.harmonics[0], orbits.harmonics[1:])
    assert state.residual < 1e-12
    curvature = balance._along(state, np.eye(3 * n))
    values, modes = np.linalg.eigh((curvature + curvature.T) / 2)
    assert values[0] > 0
    if epsilon < 0.1:  # three soft modes, the rotations
        assert values[2] < 10 * epsilon**2 < values[3]
        rotations = np.array([np.cross(axis, state.mean).ravel() for axis in np.eye(3)]).T
        rest = rotations - modes[:, :3] @ modes[:, :3].T @ rotations
        assert np.linalg.norm(rest) < 0.01 * np.linalg.norm(rotations)


def test_sums_weigh_the_harmonics():
    t = trap(0.1)
    orbits = periodic_orbits(t, relaxed(t, 3))
    tau = np.linspace(0, math.pi, 64, endpoint=False)
    r = orbits.positions(tau)
    motion = np.mean(np.sum((r - orbits.harmonics[0]) ** 2, axis=-1), axis=0)
    assert 2 * orbits.sums(0) == pytest.approx(motion, abs=1e-14)
    along = np.mean((r - orbits.harmonics[0])[..., 0] ** 2, axis=0)
    assert 2 * orbits.sums(0, np.array([1.0, 0, 0])) == pytest.approx(along, abs=1e-14)


def test_no_orbit_where_the_ions_are_not_held():
    t = trap(0.1, static=np.diag([0.5, 0.5, -1]))
    with pytest.raises(ConvergenceError, match="no periodic orbits of 2 ions"):
        periodic_orbits(t, np.array([[0.1, 0.0, 1.0], [0.0, 0.1, -1.0]]))
    with pytest.raises(InputError, match="shape"):
        periodic_orbits(t, np.zeros(3))


@pytest.mark.slow
def test_many_ions_by_fast_multipoles_as_by_direct_sums(monkeypatch):
    from atomcavity.traps import micromotion

    pytest.importorskip("fmm3dpy")
    n = 3000
    grid = np.stack(np.meshgrid(*[np.arange(-12.0, 13)] * 3), -1).reshape(-1, 3)
    ball = 1.6 * grid[np.argsort((grid**2).sum(1), kind="stable")[:n]]
    r = ball + 0.1 * np.random.default_rng(3).normal(size=(n, 3))
    direct = Expansion.of(trap(0.1), r)
    monkeypatch.setattr(micromotion, "CROSS_OVER", 1000)
    fast = Expansion.of(trap(0.1), r)
    assert np.any(fast.cubic != direct.cubic)
    assert fast.cubic == pytest.approx(direct.cubic, abs=1e-5 * np.abs(direct.cubic).max())
