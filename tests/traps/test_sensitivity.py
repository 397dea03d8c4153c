"""Shift of a transition against the powers of the trap: the re-solved trap, identities, the average over the ground state."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import h, hbar
from scipy.constants import k as boltzmann

from atomcavity.materials import Material
from atomcavity.resonators import Microsphere
from atomcavity.species import ATOMIC_POLARIZABILITY, Species
from atomcavity.traps import Beam, SurfacePotential, TwoColorTrap
from tests.traps.toy_sphere import RADIUS, ToyMode

SR = Species("88Sr")
MICRO = 1e-6 * boltzmann
AU = ATOMIC_POLARIZABILITY


def close(expected, rel=1e-6):
    """SI numbers are small: pytest's default absolute tolerance of 1e-12 would accept anything."""
    return pytest.approx(expected, rel=rel, abs=0)


class Toy(ToyMode):
    """A toy mode that can be recorded."""

    def to_dict(self):
        return {"decay": self.decay}


def toy(red, blue, surface=None, upper=(0.7, -1.3)):
    """Two exponentials with given light shifts (J) at the surface; the upper level's are other by the factors `upper`."""
    return TwoColorTrap(
        SR,
        "1S0",
        Beam(Toy(6e6, 240.0, 47), 2 * red, standing=True),
        Beam(Toy(14e6, 109.0, 109), 4 * blue),
        surface=surface,
        polarizabilities={"1S0": (1.0, -1.0), "3P0": upper},
    )


SPHERE = Microsphere(5.0176e-6, Material("fused silica"))


def lattice(red=0.013, blue=0.045):
    """A trap around a silica sphere, with a surface that attracts the upper level by 3 % less."""
    c3 = 722.87e-18 * h
    return TwoColorTrap(
        SR,
        "1S0",
        Beam(SPHERE.mode("TE", n=1, l=49, m=47), red, standing=True),
        Beam(SPHERE.mode("TE", n=1, l=109), blue),
        surface=SurfacePotential.from_c3(SPHERE.radius, {"1S0": c3, "3P0": 0.97 * c3}),
        polarizabilities={"1S0": (274 * AU, -483 * AU), "3P0": (276 * AU, -470 * AU)},
    )


def resolved(trap, colour):
    """d shift/d ln P (rad/s) and d distance/d ln P (m) by central differences of the trap solved again."""
    step = 1e-3
    ends = []
    for sign in (1, -1):
        powers = {"red": trap.red.power, "blue": trap.blue.power}
        powers[colour] *= 1 + sign * step
        moved = trap.with_powers(**powers)
        ends.append((float(moved.shift("3P0").total[0]), moved.require_minimum().distance))
    return tuple((above - below) / (2 * step) for above, below in zip(*ends, strict=True))


@settings(max_examples=5, deadline=None)
@given(red=st.floats(150, 400), ratio=st.floats(4.0, 8.0), surface=st.booleans())
def test_slopes_are_those_of_the_trap_solved_again(red, ratio, surface):
    attraction = SurfacePotential.from_c3(RADIUS, {"1S0": 700e-18 * h, "3P0": 680e-18 * h})
    trap = toy(red * MICRO, ratio * red * MICRO, attraction if surface else None)
    found = trap.shift_sensitivity("3P0")
    for colour in ("red", "blue"):
        total, move = resolved(trap, colour)
        slope = getattr(found, colour)
        assert slope.total == close(total, rel=1e-4)
        assert slope.displacement[0] == close(move, rel=1e-4)
        assert np.abs(slope.displacement[1:]).max() < 1e-6 * abs(move)


def test_slopes_in_the_modes_of_a_sphere():
    trap = lattice()
    found = trap.shift_sensitivity("3P0")
    at_rest = trap.shift("3P0")
    assert sum(found.shift.values()) == close(float(at_rest.total[0]))
    for colour in ("red", "blue"):
        slope = getattr(found, colour)
        assert slope.total == close(resolved(trap, colour)[0], rel=1e-4)
        assert slope.fixed == close(float(getattr(at_rest, colour)[0]))
    assert found.red.displacement[0] < 0 < found.blue.displacement[0]


def test_two_exponentials_in_closed_form():
    """d_0 = ln(b c/(r a))/(2 (c - a)): dd/d ln b = 1/(2 (c - a)) = -dd/d ln r; shift = -(x - 1) r e^(-2ad) + (y - 1) b e^(-2cd)."""
    a, c, r, b = 6e6, 14e6, 200 * MICRO, 1200 * MICRO
    found = toy(r, b).shift_sensitivity("3P0")
    move = 1 / (2 * (c - a))
    assert found.blue.displacement[0] == close(move)
    assert found.red.displacement[0] == close(-move)
    distance = math.log(b * c / (r * a)) * move
    red, blue = (
        0.3 * r * math.exp(-2 * a * distance) / hbar,
        0.3 * b * math.exp(-2 * c * distance) / hbar,
    )
    assert found.red.fixed == close(red)
    assert found.blue.total == close(blue - 2 * move * (a * red + c * blue), rel=1e-5)
    assert found.red.total == close(red + 2 * move * (a * red + c * blue), rel=1e-5)


def test_both_powers_together_do_not_move_a_trap_without_surface():
    found = toy(200 * MICRO, 1200 * MICRO).shift_sensitivity("3P0")
    assert found.common == close(found.shift["red"] + found.shift["blue"], rel=1e-5)
    assert found.deviation(0.1, 0.1) == close(0.1 * math.hypot(found.red.total, found.blue.total))
    assert found.deviation(0.0, 0.0) == 0.0


def test_a_level_shifted_like_the_trapped_one_has_no_slopes():
    trap = toy(200 * MICRO, 1200 * MICRO, upper=(1.0, -1.0))
    assert trap.shift_sensitivity("3P0").deviation(1.0, 1.0) < 1e-6 * MICRO / hbar


def test_average_over_the_ground_state():
    """|E|^2 of the toy modes is a product of exp(-2 q d), exp(-w theta^2) and cos^2(m phi): so are its averages.

    The offsets lie in the tangent plane: the distance grows by arc^2/(2 rho).
    """
    trap = toy(200 * MICRO, 1200 * MICRO)
    point, mean = trap.shift("3P0"), trap.shift("3P0", averaged=True)
    states, rho = trap.states(1), RADIUS + trap.require_minimum().distance
    distance = trap.require_minimum().distance
    for name, q, w, m in (("red", 6e6, 240.0, 47), ("blue", 14e6, 109.0, 0)):
        expected = (
            states.radial.mean(lambda d, q=q: np.exp(-2 * q * (d - distance)))
            * states.polar.mean(lambda arc, w=w: np.exp(-w * (arc / rho) ** 2))
            * states.azimuthal.mean(lambda arc, m=m: np.cos(m * arc / rho) ** 2)
            * np.exp(-q * (states.widths[1] ** 2 + states.widths[2] ** 2) / rho)
        )
        assert expected < 0.97 or name == "blue"
        assert float(getattr(mean, name)[0]) == close(expected * float(getattr(point, name)[0]), rel=1e-3)
    assert float(mean.surface[0]) == 0.0


def test_summary_names_both_slopes():
    text = str(lattice().shift_sensitivity("3P0"))
    assert "held in place" in text
    assert "the trap moves by" in text
    assert "both" in text
