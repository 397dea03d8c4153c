"""The general theory of polarizability against the sum over states, and its limits and symmetries."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const
from scipy.spatial.transform import Rotation

from atomcavity.errors import InputError
from atomcavity.numerics.wigner import wigner_3j
from atomcavity.species import ATOMIC_DIPOLE, ATOMIC_POLARIZABILITY, Species
from atomcavity.species.model import Level, Transition
from atomcavity.species.operators import polarizability_operator, shift_operator, spin_matrices
from atomcavity.species.polarizability import combine, geometric_factors, oscillators_of_lines

SR = Species("88Sr")
numbers = st.floats(-1, 1)
complex_vectors = st.tuples(*[st.tuples(numbers, numbers)] * 3).map(
    lambda pairs: np.array([complex(*pair) for pair in pairs])
)
usable = complex_vectors.filter(lambda u: np.linalg.norm(u) > 0.1)
real_vectors = usable.map(np.real).filter(lambda b: np.linalg.norm(b) > 0.1)
ROTATIONS = st.integers(0, 10**6).map(lambda seed: Rotation.random(random_state=seed).as_matrix())
TERMS = {0: "1S0", 0.5: "2S1/2", 1: "3P1", 1.5: "2P3/2", 2: "3D2", 2.5: "2D5/2", 3: "3F3"}


def level(J, wavenumber):
    return Level(TERMS[J], "test", TERMS[J], wavenumber * 100 * const.h * const.c, math.nan, "made up")


def lines_of(J):
    """A level of that J with made-up lines to levels above and below it."""
    start = level(J, 15000.0)
    lines = []
    for Jk, wavenumber, dipole in ((J - 1, 1000.0, 0.7), (J, 40000.0, 1.3), (J + 1, 30000.0, 2.1)):
        if Jk >= 0 and J + Jk >= 1:
            ends = sorted((start, level(Jk, wavenumber)), key=lambda one: one.energy)
            lines.append(Transition(ends[0], ends[1], dipole * ATOMIC_DIPOLE, math.nan, "made up"))
    return start, lines


def sum_over_states(start, lines, m, polarization, omega):
    """Second-order light shift of |J m> along z, straight from the matrix elements of d.u and d.u*."""
    u = np.asarray(polarization) / np.linalg.norm(polarization)
    total = 0.0
    for line in lines:
        other = line.upper if line.lower is start else line.lower
        pole = (other.energy - start.energy) / const.hbar
        for vector, sign in ((u, 1), (u.conj(), -1)):
            strength = sum(
                abs(
                    sum(component * element(start.J, m, other.J, mk, q) for q, component in spherical(vector))
                )
                ** 2
                for mk in np.arange(-other.J, other.J + 1)
            )
            total += line.dipole**2 * strength / (const.hbar * (pole - sign * omega))
    return total


def spherical(u):
    """u.d = sum_q u^q d_q with d_{+-1} = -+(d_x +- i d_y)/sqrt(2), d_0 = d_z."""
    return [(1, -(u[0] - 1j * u[1]) / 2**0.5), (0, u[2]), (-1, (u[0] + 1j * u[1]) / 2**0.5)]


def element(J, m, Jk, mk, q):
    """<Jk mk|d_q|J m> in units of the reduced matrix element (Wigner and Eckart)."""
    return (-1) ** round(Jk - mk) * wigner_3j(Jk, 1, J, -mk, q, m)


@pytest.mark.parametrize("J", [0, 0.5, 1, 1.5, 2])
@settings(max_examples=15, deadline=None)
@given(polarization=usable)
def test_equals_the_sum_over_states(J, polarization):
    start, lines = lines_of(J)
    omega = 2 * math.pi * const.c / 900e-9
    found = oscillators_of_lines(start, lines)
    for m in np.arange(-J, J + 1):
        parts = found.parts(np.array(omega))
        total = float(combine(parts, geometric_factors(J, m, polarization, (0, 0, 1))).total)
        assert total == pytest.approx(sum_over_states(start, lines, m, polarization, omega), rel=1e-11, abs=0)


@settings(max_examples=40, deadline=None)
@given(polarization=usable, axis=real_vectors, rotation=ROTATIONS, m=st.sampled_from([-1, 0, 1]))
def test_turning_light_and_axis_together_changes_nothing(polarization, axis, rotation, m):
    a = SR.polarizability("3P1", 900e-9, m=m, polarization=polarization, axis=axis)
    b = SR.polarizability("3P1", 900e-9, m=m, polarization=rotation @ polarization, axis=rotation @ axis)
    assert float(a.total) == pytest.approx(float(b.total), rel=1e-11, abs=0)


@settings(max_examples=40, deadline=None)
@given(polarization=usable, axis=real_vectors)
def test_the_mean_over_sublevels_is_the_scalar_part(polarization, axis):
    values = [SR.polarizability("3P1", 900e-9, m=m, polarization=polarization, axis=axis) for m in (-1, 0, 1)]
    assert np.mean([float(v.total) for v in values]) == pytest.approx(
        float(values[0].scalar), rel=1e-12, abs=0
    )


@pytest.mark.parametrize("name", ["1S0", "3P0"])
@settings(max_examples=10, deadline=None)
@given(polarization=usable, axis=real_vectors)
def test_j_zero_is_scalar_for_any_light(name, polarization, axis):
    value = SR.polarizability(name, 700e-9, polarization=polarization, axis=axis)
    assert float(value.vector) == 0
    assert float(value.tensor) == 0
    assert float(value.total) == float(value.scalar)


def test_j_one_half_has_no_tensor_part_and_a_vector_part_for_circular_light():
    start, lines = lines_of(0.5)
    _, vector, tensor = oscillators_of_lines(start, lines).parts(np.array(2 * math.pi * const.c / 900e-9))
    assert tensor == 0
    assert vector != 0
    assert geometric_factors(0.5, 0.5, (1, 1j, 0), (0, 0, 1)) == pytest.approx((0.5, 0))


def test_vector_part_vanishes_for_static_and_for_linear_fields():
    assert float(SR.polarizability("3P1", math.inf).vector) == 0
    assert geometric_factors(1, 1, (1, 2, 3), (0, 0, 1))[0] == 0
    assert geometric_factors(1, 1, (1, 1j, 0), (0, 0, 1))[0] == pytest.approx(0.5)
    assert geometric_factors(1, -1, (1, 1j, 0), (0, 0, 1))[0] == pytest.approx(-0.5)


def test_tensor_part_vanishes_at_the_angle_arccos_one_over_root_three():
    angle = math.acos(3**-0.5)
    value = SR.polarizability("3P1", 900e-9, axis=(math.sin(angle), 0, math.cos(angle)))
    assert float(value.total) == pytest.approx(float(value.scalar), rel=1e-14, abs=0)


@pytest.mark.parametrize("J", [0.5, 1, 1.5, 2])
@settings(max_examples=10, deadline=None)
@given(polarization=usable, axis=real_vectors)
def test_operator_has_the_polarizability_on_its_diagonal_and_is_hermitian(J, polarization, axis):
    start, lines = lines_of(J)
    parts = tuple(float(p) for p in oscillators_of_lines(start, lines).parts(np.array(2e15)))
    shift = shift_operator(polarizability_operator(J, parts, axis), polarization[None, :])[0]
    assert np.allclose(shift, shift.conj().T, rtol=0, atol=1e-12 * np.abs(shift).max())
    intensity = np.linalg.norm(polarization) ** 2
    for index, m in enumerate(np.arange(-J, J + 1)):
        expected = combine(parts, geometric_factors(J, m, polarization, axis)).total
        assert shift[index, index].real == pytest.approx(-expected * intensity / 4, rel=1e-10, abs=0)


@pytest.mark.parametrize("axis", [(0, 0, 1), (0, 0, -1), (1, 2, -0.5)])
def test_spin_matrices_are_an_angular_momentum_quantised_along_the_axis(axis):
    for J in (0.5, 1, 2):
        x, y, z = spin_matrices(J, axis)
        assert np.allclose(x @ y - y @ x, 1j * z, atol=1e-14)
        along = np.einsum("i,iab->ab", np.array(axis) / np.linalg.norm(axis), spin_matrices(J, axis))
        assert np.allclose(along, np.diag(np.arange(-J, J + 1)), atol=1e-14)


def test_light_shift_eigenvalues_do_not_depend_on_the_axis():
    field = np.array([1e5, 3e4j, 5e4])
    spectra = [
        np.linalg.eigvalsh(SR.light_shift_operator("3P1", 900e-9, field, axis=axis))
        for axis in ((0, 0, 1), (1, 1, 0))
    ]
    assert np.allclose(spectra[0], spectra[1], rtol=1e-12)


def test_imaginary_frequency_continues_the_real_axis():
    """alpha(i xi) falls with xi, starts at the static value, and its square-frequency slope matches."""
    xi = np.array([0.0, 1e13, 1e15, 1e16, 1e18])
    values = SR.polarizability_imaginary("3P1", xi, axis=(0, 1, 1)).total
    assert values[0] == pytest.approx(
        float(SR.polarizability("3P1", math.inf, axis=(0, 1, 1)).total), rel=1e-13, abs=0
    )
    wavelength = 2 * math.pi * const.c / 1e13
    real = float(SR.polarizability("3P1", wavelength, axis=(0, 1, 1)).total)
    assert values[1] - values[0] == pytest.approx(values[0] - real, rel=1e-3, abs=0)
    assert np.all(np.diff(SR.polarizability_imaginary("1S0", xi).total) < 0)


def test_high_frequency_limit_counts_electrons_of_the_listed_oscillators():
    """alpha(i xi) -> N e^2/(m xi^2); 1S0: about two valence electrons and eight of the core."""
    xi = 1e20
    bare = float(SR.polarizability_imaginary("1S0", xi, variant="lines").total)
    cored = float(SR.polarizability_imaginary("1S0", xi, variant="lines-and-core").total)
    unit = const.e**2 / (const.m_e * xi**2)
    assert 1.5 < bare / unit < 2.5
    assert (cored - bare) / unit == pytest.approx(8, rel=1e-3, abs=0)


def test_vectorised_in_wavelength_equals_one_by_one():
    wavelengths = np.linspace(700e-9, 1100e-9, 12).reshape(3, 4)
    together = SR.polarizability("3P1", wavelengths, m=1, polarization=(1, 1j, 0.2)).total
    assert together.shape == (3, 4)
    for i, j in itertools.product(range(3), range(4)):
        one = SR.polarizability("3P1", wavelengths[i, j], m=1, polarization=(1, 1j, 0.2)).total
        assert together[i, j] == pytest.approx(float(one), rel=1e-13, abs=0)


def test_units():
    assert pytest.approx(1.64877727e-41, rel=1e-8, abs=0) == ATOMIC_POLARIZABILITY
    value = SR.polarizability("1S0", 800e-9)
    assert float(value.au) == pytest.approx(float(value.in_atomic_units().scalar))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"level": "3P7"}, "unknown level '3P7'; did you mean '3P"),
        ({"level": "3S1"}, "no complete line list .* levels with one: 1S0, 3P0, 3P1"),
        ({"m": 2}, "m = 2 is not a sublevel of J = 1"),
        ({"variant": "ful"}, "did you mean 'full'"),
        ({"polarization": (0, 0, 0)}, "polarization must be finite and not zero"),
        ({"axis": (0, 1j, 0)}, "axis must be a real vector"),
        ({"wavelength": -800e-9}, "wavelength must be positive"),
        ({"variant": "yu2021", "m": 1}, "variant 'yu2021' is for m = 0"),
        ({"variant": "yu2021", "polarization": (1, 1j, 0)}, "linearly polarized light"),
        ({"level": "3P0", "variant": "yu2021"}, "names no lines for level '3P0', only for 1S0, 3P1"),
    ],
)
def test_wrong_input_is_one_clear_sentence(arguments, message):
    given_arguments = {"level": "3P1", "wavelength": 800e-9} | arguments
    with pytest.raises(InputError, match=message):
        SR.polarizability(given_arguments.pop("level"), given_arguments.pop("wavelength"), **given_arguments)


def test_exact_resonance_is_refused_instead_of_infinite():
    line = SR.transition("1S0", "3P1")
    start, lines = line.lower, [line]
    with pytest.raises(InputError, match="exactly resonant"):
        oscillators_of_lines(start, lines).parts(np.array(line.frequency))
