"""The two-colour trap with exponential evanescent fields: closed forms, symmetry, and the reasons for no trap."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import h
from scipy.constants import k as boltzmann

from atomcavity.errors import InputError
from atomcavity.species import Species
from atomcavity.traps import Beam, SurfacePotential, TwoColorTrap
from atomcavity.traps.minimum import derivatives, equator, local_frame
from tests.traps.toy_sphere import RADIUS, ToyMode


def close(expected, rel=1e-6):
    """SI numbers are small: pytest's default absolute tolerance of 1e-12 would accept anything."""
    return pytest.approx(expected, rel=rel, abs=0)


SR = Species("88Sr")
MICRO = 1e-6 * boltzmann
RED, BLUE = ToyMode(6e6, 240.0, 47), ToyMode(14e6, 109.0, 109)
ALPHA = {"1S0": (1.0, -1.0)}  # then U = -+P/4 exp(-2 q d): powers are energies


def toy(red, blue, *, surface=None, standing=True, red_mode=RED, **keywords):
    """A trap with the given light shifts (J) at the surface, at an antinode."""
    share = 2 if standing else 1
    return TwoColorTrap(
        SR,
        "1S0",
        Beam(red_mode, 4 * red / share, standing=standing),
        Beam(BLUE, 4 * blue),
        surface=surface,
        polarizabilities=ALPHA,
        **keywords,
    )


@settings(max_examples=10, deadline=None)
@given(red=st.floats(100, 400), ratio=st.floats(3.0, 12.0))
def test_minimum_of_two_exponentials(red, ratio):
    """U = -r exp(-2 a d) + b exp(-2 c d): d_0 = ln(b c/(r a))/(2 (c - a)), U'' = 4 r a (c - a) exp(-2 a d_0)."""
    a, c = RED.decay, BLUE.decay
    trap = toy(red * MICRO, ratio * red * MICRO)
    distance = np.log(ratio * c / a) / (2 * (c - a))
    held = red * MICRO * np.exp(-2 * a * distance)
    found = trap.minimum()
    assert found
    assert found.distance == close(distance, rel=1e-6)
    assert found.depth == close(held * (1 - a / c), rel=1e-9)
    pushed = held * a / c
    rho = RADIUS + distance
    stiffness = [4 * held * a * (c - a), 2 * (240 * held - 109 * pushed) / rho**2, 2 * 47**2 * held / rho**2]
    assert found.frequencies == close(np.sqrt(np.array(stiffness) / SR.mass), rel=1e-5)
    assert sorted(found.frequencies) == close(found.principal, rel=1e-6)
    _, gradient, _ = derivatives(trap.potential, found.position)
    assert np.abs(gradient).max() < 1e-6 * found.depth * a


@given(r=st.tuples(*[st.floats(-1, 1)] * 3).filter(lambda v: np.hypot(v[0], v[1]) > 1e-3))
def test_local_frame(r):
    """Rows e_rho, e_theta, e_phi: along r, southward, eastward, right-handed."""
    rho, theta, phi = frame = local_frame(np.array(r))
    assert frame @ frame.T == pytest.approx(np.eye(3), abs=1e-12)
    assert rho @ np.array(r) == close(np.linalg.norm(r))
    assert theta[2] < 0
    assert np.cross(rho, theta) == pytest.approx(phi, abs=1e-12)


def test_sites_are_equivalent_and_at_antinodes():
    trap = toy(200 * MICRO, 1200 * MICRO, surface=SurfacePotential.from_c3(RADIUS, 700e-18 * h))
    sites = trap.sites
    assert sites.shape == (94, 3)
    energy = trap.potential(sites)
    assert np.ptp(energy) < 1e-10 * abs(energy[0])
    assert energy[0] == close(trap.minimum().energy)
    azimuth = np.sort(np.arctan2(sites[:, 1], sites[:, 0]))
    assert np.diff(azimuth) == close(np.full(93, np.pi / 47))
    nodes = equator(trap.minimum().distance, RADIUS, trap.azimuth + np.pi / 94)
    assert trap.light_potential(nodes, beam="red") == pytest.approx(0, abs=1e-10 * abs(energy[0]))


def test_a_shifted_standing_wave_moves_the_sites():
    class Shifted(ToyMode):
        def photon_field(self, r):
            return super().photon_field(r) * np.exp(-1j * self.m * 0.02)

    shifted = Shifted(RED.decay, RED.polar, RED.m)
    found = toy(200 * MICRO, 1200 * MICRO, red_mode=shifted).minimum()
    assert np.arctan2(found.position[1], found.position[0]) == close(0.02, rel=1e-6)


def test_potential_is_the_sum_of_its_parts():
    trap = toy(200 * MICRO, 1200 * MICRO, surface=SurfacePotential.from_c3(RADIUS, 700e-18 * h))
    r = RADIUS * np.array([[1.03, 0.01, 0.02], [0.0, -1.05, 0.1]])
    parts = [
        trap.light_potential(r, beam="red"),
        trap.light_potential(r, beam="blue"),
        trap.surface_potential(r),
    ]
    assert trap.potential(r) == close(sum(parts))
    assert (parts[0] <= 0).all()
    assert (parts[1] > 0).all()
    with pytest.raises(InputError, match="green"):
        trap.light_potential(r, beam="green")


def test_states_of_the_separable_trap():
    trap = toy(200 * MICRO, 1200 * MICRO)
    states = trap.states(4)
    ratio = states.first_gaps / states.harmonic
    assert np.all((ratio > 0.8) & (ratio < 1.0))  # softer than the parabola, but deep: several states
    assert states.tunnelling == pytest.approx(np.zeros(4), abs=1e-12)
    offsets, weights = states.nodes(5)
    assert weights.sum() == close(1)
    spread = np.sqrt(weights @ (offsets - weights @ offsets) ** 2)
    assert spread == close(states.widths, rel=1e-9)


def test_phi_states_are_those_of_a_pendulum():
    """Along phi the well is -V cos^2(m phi): Mathieu's equation, gap from the characteristic values."""
    from scipy.special import mathieu_a, mathieu_b

    trap = toy(200 * MICRO, 1200 * MICRO)
    found = trap.minimum()
    held = -float(trap.light_potential(found.position, beam="red"))
    recoil = (1.054571817e-34 * 47 / (RADIUS + found.distance)) ** 2 / (2 * SR.mass)
    q = held / (4 * recoil)
    gap = recoil * (mathieu_b(1, q) - mathieu_a(0, q)) / 1.054571817e-34  # antiperiodic neighbour: band edge
    excited = recoil * (mathieu_a(1, q) - mathieu_a(0, q)) / 1.054571817e-34
    assert abs(gap - excited) < excited  # narrow bands
    first = recoil * (mathieu_b(2, q) - mathieu_b(1, q)) / 1.054571817e-34
    assert trap.states(4).azimuthal.gaps[0] == close(first, rel=1e-5)


def test_with_minimum_and_its_limits():
    surface = SurfacePotential.from_c3(RADIUS, 700e-18 * h)
    trap = toy(1e-30, 1e-30, surface=surface).with_minimum(32 * MICRO, 137e-9)
    found = trap.minimum()
    assert found.distance == pytest.approx(137e-9, abs=1e-13)
    assert found.depth == close(32 * MICRO, rel=1e-9)
    with pytest.raises(InputError, match="no powers"):
        trap.with_minimum(0.01 * MICRO, 137e-9)
    with pytest.raises(InputError, match="maximum"):
        trap.with_minimum(0.01 * MICRO, 30e-9)


@pytest.mark.parametrize(
    ("red", "blue", "words"),
    [
        (200, 0.0, "blue light is too weak"),
        (0.0, 1200, "red light is too weak"),
        (200, 60, "blue light is too weak"),
    ],
)
def test_no_trap_says_why(red, blue, words):
    trap = toy(red * MICRO, blue * MICRO, surface=SurfacePotential.from_c3(RADIUS, 700e-18 * h))
    found = trap.minimum()
    assert not found
    assert words in found.reason
    assert words in str(found)
    with pytest.raises(InputError, match=words):
        _ = trap.sites


def test_a_barrier_below_the_zero_point_energy_is_no_trap():
    """The surface is brought nearer (C_3 raised) until the barrier is lower than the zero-point energy."""
    reasons = set()
    for c3 in np.geomspace(700, 70000, 300):
        surface = SurfacePotential.from_c3(RADIUS, c3 * 1e-18 * h)
        found = toy(200 * MICRO, 1200 * MICRO, surface=surface).minimum()
        if np.isnan(found.distance):
            break
        zero_point = 1.054571817e-34 * np.nansum(found.principal) / 2
        assert bool(found) == (found.barrier > zero_point)
        reasons.add(found.reason.split(",")[0])
    assert any("zero-point energy" in reason for reason in reasons)
    assert "" in reasons


def test_no_surface_no_trap():
    assert "red light is too weak" in toy(0.0, 1200 * MICRO).minimum().reason
    assert "blue light is too weak" in toy(200 * MICRO, 0.0).minimum().reason


def test_saddle_in_theta():
    """With both colours in fundamental modes the blue light pushes atoms off the equator."""
    found = toy(200 * MICRO, 1200 * MICRO, red_mode=ToyMode(6e6, 40.0, 47)).minimum()
    assert not found
    assert "saddle" in found.reason
    assert "theta" in found.reason
    assert np.isnan(found.frequencies[1])
    assert found.frequencies[0] > 0


def test_running_red_wave_is_a_ring():
    trap = toy(200 * MICRO, 1200 * MICRO, standing=False)
    found = trap.minimum()
    assert found
    assert np.isnan(found.frequencies[2])
    assert any("free to move around" in text for text in found.warnings)
    with pytest.raises(InputError, match="ring without sites"):
        _ = trap.sites
    assert trap.states(3).azimuthal is None


def test_barrier_and_passages():
    trap = toy(200 * MICRO, 1200 * MICRO, surface=SurfacePotential.from_c3(RADIUS, 700e-18 * h))
    found = trap.minimum()
    d = np.linspace(5e-9, found.distance, 20001)
    top = trap.potential(equator(d, RADIUS, 0.0)).max()
    assert found.barrier == close(top - found.energy, rel=1e-6)
    ways = trap.passages()
    assert ways["surface"] <= found.barrier * (1 + 1e-3)
    assert ways["infinity"] == close(found.depth, rel=1e-2)
    assert 0 < ways["along phi"] < found.depth


def test_the_lifetime_of_an_excited_level_names_its_own_decay():
    surface = SurfacePotential.from_c3(RADIUS, 700e-18 * h)
    ground = toy(200 * MICRO, 1200 * MICRO, surface=surface)
    excited = TwoColorTrap(
        SR, "3P1", ground.red, ground.blue, surface=surface, polarizabilities={"3P1": (1.0, -1.0)}
    )
    assert ground.lifetime().decay == 0
    assert "decays" not in str(ground.lifetime())
    found = excited.lifetime()
    assert found.decay == close(SR.transition("1S0", "3P1").gamma)
    assert np.isnan(found.printed)
    assert "nan" not in str(found)
    assert "decays after 2.13e-05 s" in str(found)


def test_bad_input():
    with pytest.raises(InputError, match="power"):
        Beam(RED, -1.0)
    with pytest.raises(InputError, match="standing"):
        Beam(ToyMode(6e6, 40.0, 0), 1.0, standing=True)
    with pytest.raises(InputError, match="different spheres"):
        toy(MICRO, MICRO, surface=SurfacePotential.from_c3(4e-6, 1e-49))
    with pytest.raises(InputError, match="3P7"):
        TwoColorTrap(SR, "3P7", Beam(RED, 1.0), Beam(BLUE, 1.0))
    for m in (2, 0.5):
        with pytest.raises(InputError, match="sublevel"):
            TwoColorTrap(SR, "1S0", Beam(RED, 1.0), Beam(BLUE, 1.0)).potential([6e-6, 0, 0], "3P1", m=m)
    with pytest.raises(InputError, match="3P1"):
        toy(MICRO, MICRO).light_potential([6e-6, 0, 0], "3P1")


def test_figure_is_drawn():
    figure = toy(200 * MICRO, 1200 * MICRO, surface=SurfacePotential.from_c3(RADIUS, 700e-18 * h)).plot()
    assert len(figure.axes) == 5
    assert all(ax.get_xlabel() or ax.get_ylabel() for ax in figure.axes)
