"""Coulomb crystals: closed forms, published minima, symmetries, the virial theorem, files."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import root
from scipy.spatial.transform import Rotation

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.traps.crystal import find_crystal
from atomcavity.traps.crystal.coulomb import coulomb

# Energy per ion in units of the trap sum r^2 + sum 1/r_ij, and shells from outside: Ludwig, Kosse and Bonitz,
# Phys. Rev. E 71, 046403 (2005), table I; E in our trap (sum r^2/2) is 2^(-1/3) of it.
LUDWIG = {
    3: (1.310371, (3,)),
    12: (4.838966, (12,)),
    13: (5.166798, (12, 1)),
    57: (15.679350, (45, 12)),
    60: (16.263707, (48, 12)),
}
# James, Appl. Phys. B 66, 181 (1998), table 1: half of the equilibrium positions in a linear trap, unit l.
CHAINS = {
    2: (0.62996,),
    3: (0.0, 1.0772),
    4: (0.45438, 1.4368),
    5: (0.0, 0.8221, 1.7429),
}


def test_two_ions():
    pair = find_crystal(1.0, 2)
    assert np.linalg.norm(pair.scaled[0] - pair.scaled[1]) == pytest.approx(2 ** (1 / 3), rel=1e-9)
    assert pair.energy == pytest.approx(1.5 * 0.5 * 2 ** (2 / 3), rel=1e-12)  # E = 1.5 sum r^2 = 3 r^2/4
    line = find_crystal((2.0, 1.0, 3.0), 2)  # along the weakest axis
    assert np.abs(line.scaled[:, [0, 2]]).max() < 1e-6
    assert np.abs(line.scaled[:, 1]) == pytest.approx(2 ** (-2 / 3), rel=1e-7)


@pytest.mark.parametrize("ions", [3, 12, 13, 57])
def test_published_minima(ions):
    energy, shells = LUDWIG[ions]
    found = find_crystal(1.0, ions, starts=40)
    assert found.energy / ions * 2 ** (1 / 3) == pytest.approx(energy, abs=1.1e-6)
    assert tuple(found.shells().number) == shells


@pytest.mark.slow
def test_published_minimum_of_sixty_ions():
    energy, shells = LUDWIG[60]
    found = find_crystal(1.0, 60)
    assert found.energy / 60 * 2 ** (1 / 3) == pytest.approx(energy, abs=1.1e-6)
    assert tuple(found.shells().number) == shells


@pytest.mark.parametrize("ions", list(CHAINS))
def test_linear_chains(ions):
    chain = find_crystal((60.0, 60.0, 1.0), ions)
    half = sorted(abs(z) for z in chain.scaled[:, 2])[1 - ions % 2 :: 2]
    assert half == pytest.approx(CHAINS[ions], abs=6e-5)
    assert np.abs(chain.scaled[:, :2]).max() < 1e-6


def test_a_chain_of_ten_rests_where_the_line_alone_would():
    def force(z):
        apart = z[:, None] - z[None, :] + np.eye(10)
        return z - np.sum((np.sign(apart) - np.eye(10)) / apart**2, axis=1)

    alone = root(force, np.linspace(-2.8, 2.8, 10)).x
    chain = find_crystal((60.0, 60.0, 1.0), 10)
    assert np.sort(chain.scaled[:, 2]) == pytest.approx(np.sort(alone), abs=1e-6)


def test_a_chain_buckles_where_its_transverse_mode_softens():
    # three ions: the zigzag mode softens at w_xy/w_z = (12/5) (Enzer et al., PRL 85, 2466 (2000))
    for ratio, straight in ((2.5, True), (2.3, False)):
        found = find_crystal((ratio, 5.0, 1.0), 3)
        assert (float(np.abs(found.scaled[:, 0]).max()) < 1e-4) is straight


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
def test_forces_are_the_slope_of_the_energy(seed, ions):
    rng = np.random.default_rng(seed)
    r, way = rng.normal(size=(2, ions, 3)) * 3
    way *= 1e-5 * np.min([np.linalg.norm(a - b) for k, a in enumerate(r) for b in r[:k]]) / np.abs(way).max()
    slope = (coulomb(r + way)[0] - coulomb(r - way)[0]) / 2
    scale = np.sum(np.abs(coulomb(r)[1] * way))
    assert slope == pytest.approx(np.sum(coulomb(r)[1] * way), abs=1e-4 * scale + 1e-14 * coulomb(r)[0])


def test_forces_add_up_to_nothing_and_turn_with_the_ions():
    rng = np.random.default_rng(5)
    r = rng.normal(size=(700, 3)) * 4  # enough for two threads
    energy, gradient = coulomb(r)
    scale = np.abs(gradient).max()
    assert np.abs(gradient.sum(axis=0)).max() < 1e-10 * scale
    assert np.abs(np.cross(r, gradient).sum(axis=0)).max() < 1e-9 * scale
    assert np.sum(r * gradient) == pytest.approx(-energy, rel=1e-12)  # Euler: homogeneous of degree -1
    turn = Rotation.random(rng=rng)
    turned, turned_gradient = coulomb(turn.apply(r))
    assert turned == pytest.approx(energy, rel=1e-12)
    assert np.allclose(turned_gradient, turn.apply(gradient), atol=1e-10 * scale)


def test_threads_do_not_change_a_sum(monkeypatch):
    r = np.random.default_rng(1).normal(size=(900, 3)) * 4
    energy, gradient = coulomb(r)
    monkeypatch.setattr("atomcavity.traps.crystal.coulomb._THREADED", 10**9)
    alone, alone_gradient = coulomb(r)
    assert energy == alone
    assert (gradient == alone_gradient).all()


@pytest.mark.parametrize(("weights", "ions"), [(1.0, 200), ((1.0, 1.0, 2.5), 150), ((0.4, 1.0, 3.0), 80)])
def test_virial_and_rest(weights, ions):
    found = find_crystal(weights, ions, starts=2)
    assert found.residual < 1e-8
    assert abs(found.virial) < 1e-7
    assert found.finished
    assert not found.warnings
    assert np.abs(found.scaled.mean(axis=0)).max() < 1e-7  # Kohn: the centre sits at the trap's
    assert 0 < found.excess < 0.03


def test_modes_of_a_crystal():
    # exact: three rotations at 0, the centre of mass at omega_z^2 (three times); breathing at 3 omega_z^2, because
    # the forces are homogeneous of degrees 1 and -2; the trace is the trap's (Laplace); a minimum: none is negative
    found = find_crystal(1.0, 9, tolerance=1e-10)
    step, hessian = 1e-5, np.empty((27, 27))
    for k in range(27):
        shift = np.zeros(27)
        shift[k] = step
        up, down = (coulomb(found.scaled + way * shift.reshape(-1, 3))[1].ravel() for way in (1, -1))
        hessian[:, k] = (up - down) / (2 * step) + shift / step
    modes = np.linalg.eigvalsh((hessian + hessian.T) / 2)
    assert modes[:3] == pytest.approx(0, abs=1e-7)
    assert modes[3] > 1e-3
    assert np.sum(np.abs(modes - 1) < 1e-7) >= 3
    assert np.abs(modes - 3).min() < 1e-7
    assert modes.sum() == pytest.approx(27, abs=1e-6)


def test_a_turned_trap_turns_the_crystal():
    turn = Rotation.from_euler("xyz", [0.3, -0.5, 1.1]).as_matrix()
    straight = find_crystal((0.5, 1.0, 2.2), 8)
    turned = find_crystal(turn @ np.diag([0.5, 1.0, 2.2]) @ turn.T, 8)
    assert turned.energy == pytest.approx(straight.energy, rel=1e-10)
    assert sorted(turned.depth) == pytest.approx(sorted(straight.depth), abs=1e-6)
    weak = np.linalg.eigh(turned.weights)[1][:, 0]
    assert np.abs(turned.scaled @ weak).max() == pytest.approx(np.abs(straight.scaled[:, 0]).max(), abs=1e-6)


def test_a_stronger_trap_scales_the_crystal():
    one, eight = find_crystal(1.0, 20), find_crystal(8.0, 20)
    assert eight.energy == pytest.approx(2 * one.energy, rel=1e-9)  # r -> r/2, E -> 2 E
    assert eight.excess == pytest.approx(2 * one.excess, rel=1e-6)
    assert eight.shells().radius == pytest.approx(one.shells().radius / 2, abs=1e-6)


def test_same_seed_same_crystal():
    one, same, other = (find_crystal(1.0, 31, seed=s, starts=1) for s in (3, 3, 4))
    assert (one.scaled == same.scaled).all()
    assert np.abs(one.scaled - other.scaled).max() > 0.1


def test_annealing_is_no_worse_than_one_start():
    plain = find_crystal(1.0, 100, starts=1)
    slow = find_crystal(1.0, 100, starts=1, anneal=4000)
    assert slow.energy < plain.energy
    assert "4000 steps" in slow.record.method


def test_si_units():
    bare = find_crystal(1.0, 5)
    with pytest.raises(InputError, match="no length"):
        _ = bare.positions
    found = find_crystal(1.0, 5, length=10e-6, charge=1.602176634e-19)
    assert np.allclose(found.positions, found.scaled * 10e-6)
    # two elementary charges 10 um apart: 2.307e-23 J, and e/(4 pi eps0 l^3) = 1.44 V um/(10 um)^3
    assert found.energy_unit == pytest.approx(2.30707755e-28 / 10e-6, rel=1e-8)
    assert found.gradient_unit == pytest.approx(1.43996454e-9 / 10e-6**3, rel=1e-8)


def test_mistakes_are_named():
    with pytest.raises(InputError, match="does not confine"):
        find_crystal((1.0, 1.0, -0.1), 5)
    with pytest.raises(InputError, match="symmetric"):
        find_crystal([[1, 0.1, 0], [0, 1, 0], [0, 0, 1]], 5)
    with pytest.raises(InputError, match="at least 1"):
        find_crystal(1.0, 0)
    with pytest.raises(InputError, match="number of steps"):
        find_crystal(1.0, 5, anneal=True)
    with pytest.raises(InputError, match="shape"):
        find_crystal((1.0, 2.0), 5)
    assert find_crystal(1.0, 1).energy == pytest.approx(0, abs=1e-12)
    assert math.isnan(find_crystal(1.0, 1).length)


def test_saved_and_loaded(tmp_path):
    found = find_crystal(1.0, 13, length=1e-5, charge=1.6e-19)
    again = ac.load(found.save(tmp_path / "crystal.nc"))
    assert (again.scaled == found.scaled).all()
    assert (again.length, again.charge) == (1e-5, 1.6e-19)
    assert again.record.parameters == found.record.parameters
    assert str(again) == str(found)
    assert "13 ions" in str(found)
