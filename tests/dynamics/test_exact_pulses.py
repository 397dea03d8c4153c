"""Preparations, and spectra and correlations of the pulses that follow them: against QuTiP and closed forms."""

from __future__ import annotations

import math
from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    LevelScheme,
    Preparation,
    correlation,
    evolve,
    spectrum,
)
from atomcavity.dynamics.reduction import reduce
from atomcavity.errors import InputError

PAIR = CavitySystem(
    [Emitters(2, 0.8 * np.exp(0.7j), 0.2, dephasing_rate=0.1), Emitters(1, -0.5j, 0.3, detuning=0.4)],
    [CavityMode(1.2, detuning=0.2)],
)
TWO_MODES = CavitySystem(
    [Emitters(1, (0.6, 0.3j), 0.2), Emitters(1, (0.2j, 0.5), 0.1, detuning=-0.3)],
    [CavityMode(1.0), CavityMode(1.5, detuning=0.1)],
    mode_coupling=[[0, 0.3j], [-0.3j, 0]],
)
MIXED = np.array([[0.4, 0.1 - 0.3j], [0.1 + 0.3j, 0.6]])
CASES = {
    "pulse with a phase pattern": (PAIR, Preparation.pulse([1.1, 2.0], [0.3, -0.9])),
    "mixed product state": (PAIR, Preparation([MIXED, "excited"])),
    "inverted, two modes": (TWO_MODES, Preparation("inverted")),
    "pulse, two modes": (TWO_MODES, Preparation.pulse(math.pi / 2, [0.0, 1.0])),
}


def _built(name):
    qutip = pytest.importorskip("qutip")
    system, prepared = CASES[name]
    photons = [system.number] * len(system.modes)
    hamiltonian, collapse, operators = system.to_qutip(photons)
    one = prepared.matrices(system)
    states = [qutip.Qobj(one[k]) for k in operators["group"]]
    rho = qutip.tensor([*states, *(qutip.fock_dm(n + 1, 0) for n in photons)])
    return qutip, system, prepared, hamiltonian, collapse, operators, rho


@pytest.mark.parametrize("name", CASES)
def test_evolution_against_qutip(name):
    qutip, system, prepared, hamiltonian, collapse, operators, rho = _built(name)
    times = np.array([0.0, 0.5, 1.7])
    ours = evolve(system, times, initial=prepared, method=Exact())
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100000}
    a, sigma, group = operators["a"], operators["sigma"], operators["group"]
    watched = [x.dag() * y for x in a for y in a] + [x.dag() * x.dag() * x * x for x in a]
    theirs = qutip.mesolve(hamiltonian, rho, times, collapse, e_ops=watched, options=options).expect
    count = len(a)
    np.testing.assert_allclose(ours.mode_correlation.reshape(count**2, -1), theirs[: count**2], atol=1e-8)
    np.testing.assert_allclose(ours.pair_number, theirs[count**2 :], atol=1e-8)
    pairs = [(u, v) for u in range(len(sigma)) for v in range(len(sigma)) if u != v]
    watched = [sigma[u].dag() * sigma[v] for u, v in pairs] + [p[1] for p in operators["level"]]
    theirs = qutip.mesolve(hamiltonian, rho, times, collapse, e_ops=watched, options=options).expect
    for (u, v), values in zip(pairs, theirs, strict=False):
        np.testing.assert_allclose(ours.emitter_correlation[group[u], group[v]], values, atol=1e-8)
    for u, k in enumerate(group):
        np.testing.assert_allclose(ours.excited_population[k], theirs[len(pairs) + u], atol=1e-8)


@pytest.mark.parametrize("name", CASES)
def test_pulse_against_qutip(name):
    """X = int rho dt from QuTiP's Liouvillian, then the regression with it."""
    qutip, system, prepared, hamiltonian, collapse, operators, rho = _built(name)
    generator = qutip.liouvillian(hamiltonian, collapse).to("CSR").data_as("csr_matrix").tocsc()
    size = rho.shape[0]

    def vector(matrix):
        return matrix.ravel(order="F")

    dark = np.zeros((size, size), dtype=complex)
    dark[0, 0] = 1.0  # every emitter in its first level, no photon
    unique = generator + sparse.csc_array(np.outer(vector(dark), vector(np.eye(size))))  # the trace of X is 0
    integral = sparse.linalg.spsolve(unique, vector(dark - rho.full())).reshape((size, size), order="F")
    first, last = operators["a"][0].full(), operators["a"][-1].full()
    other = len(system.modes) - 1
    grid = np.array([-1.5, 0.1, 0.8])
    ours = spectrum(system, grid, initial=prepared, method=Exact())
    start, functional = vector(integral @ first.conj().T), vector(first.conj().T).conj()
    for omega, density in zip(grid, ours.density, strict=True):
        solved = sparse.linalg.spsolve(
            generator + 1j * omega * sparse.eye_array(size**2, format="csc"), start
        )
        assert density == pytest.approx(-2 * (functional @ solved).real, rel=1e-7)
    delays = np.array([0.0, 0.7, 2.0])
    for order in (1, 2):
        ours_at = correlation(system, delays, order=order, other=other, initial=prepared, method=Exact())
        if order == 1:
            start, functional = vector(integral @ last.conj().T), vector(first.conj().T).conj()
        else:
            start, functional = vector(first @ integral @ first.conj().T), vector(last.conj().T @ last).conj()
        exact = np.array([functional @ sparse.linalg.expm_multiply(generator * t, start) for t in delays])
        theirs = exact.conj() if order == 1 else exact
        np.testing.assert_allclose(ours_at.value, theirs, atol=1e-9)


@settings(max_examples=15, deadline=None)
@given(g=st.floats(0.1, 3), gamma=st.floats(0.0, 2), kappa=st.floats(0.3, 3), area=st.floats(0.3, math.pi))
def test_one_atom_in_closed_form(g, gamma, kappa, area):
    """Photons that leave: sin^2(theta/2) 4 g^2 kappa/[(kappa + gamma)(4 g^2 + kappa gamma)], by eliminating one pole pair."""
    system = CavitySystem([Emitters(1, g * np.exp(1j), gamma)], [CavityMode(kappa)])
    value = correlation(system, [0.0], initial=Preparation.pulse(area), method=Exact()).value[0]
    emitted = 4 * g**2 * kappa / ((kappa + gamma) * (4 * g**2 + kappa * gamma))
    assert kappa * value == pytest.approx(math.sin(area / 2) ** 2 * emitted, rel=1e-8)


@pytest.mark.parametrize("number", [2, 5])
def test_every_excitation_leaves_through_the_mirror(number):
    """Without decay of the emitters N photons leave: subradiant states stay empty, but make levels singular."""
    unit = 1e7
    system = CavitySystem([Emitters(number, unit)], [CavityMode(tau * unit)])
    value = correlation(system, [0.0], initial="inverted", method=Exact())
    assert system.modes[0].kappa * value.value[0] == pytest.approx(number, rel=1e-9)
    assert value.normalised[0] == pytest.approx(1.0)
    ours = spectrum(system, initial="inverted", method=Exact())
    wide = np.tan(np.linspace(-1, 1, 4001)[1:-1] * np.pi / 2) * tau * unit
    density = spectrum(system, wide, initial="inverted", method=Exact()).density
    inside = np.trapezoid(density, wide) / tau * system.modes[0].kappa
    assert inside == pytest.approx(number, rel=2e-3)
    assert abs(ours.peak[np.argmax(np.abs(ours.peak) < unit)]) < 3 * number * unit


def test_dark_states_keep_their_excitations():
    """One of two atoms excited, no decay: the singlet half stays dark, half a photon leaves."""
    system = CavitySystem([Emitters(1, 1.0), Emitters(1, 1.0)], [CavityMode(1.5)])
    value = correlation(system, [0.0], initial=["excited", "ground"], method=Exact()).value[0]
    assert 1.5 * value == pytest.approx(0.5, rel=1e-9)


def test_phases_decide_between_bright_and_dark():
    """A pulse pattern that follows the couplings' phases excites the bright state, the opposite one the dark."""
    phase = 0.8
    system = CavitySystem([Emitters(1, 1.0), Emitters(1, np.exp(1j * phase))], [CavityMode(8.0)])
    weak = 0.05
    bright = evolve(system, [0.3], initial=Preparation.pulse(weak, [0.0, phase])).photon_number[0, 0]
    dark = evolve(system, [0.3], initial=Preparation.pulse(weak, [0.0, phase + math.pi])).photon_number[0, 0]
    assert dark < 1e-3 * bright


def test_groups_merge_only_with_equal_preparations():
    """H = g a sigma^+ + h.c.: a pulse of phase phi on an atom with g = |g| e^(i theta) is one of phase phi - theta."""
    system = CavitySystem([Emitters(2, 1.0), Emitters(1, np.exp(0.8j))], [CavityMode(1.0)])
    together = Preparation.pulse(1.0, [0.0, 0.8]).matrices(system)
    apart = Preparation.pulse(1.0, [0.0, 0.0]).matrices(system)
    assert len(reduce(system, together).groups) == 1
    assert len(reduce(system, apart).groups) == 2
    assert len(reduce(system).groups) == 1


def test_many_atoms_equal_their_singles():
    """Four atoms as one group and as four groups of one."""
    start = Preparation([MIXED])
    one = CavitySystem([Emitters(4, 0.6j, 0.2)], [CavityMode(1.0)])
    many = CavitySystem([Emitters(1, 0.6j, 0.2, detuning=1e-9 * k) for k in range(4)], [CavityMode(1.0)])
    times = [0.0, 0.8]
    ours = evolve(one, times, initial=start)
    single = evolve(many, times, initial=Preparation([MIXED] * 4))
    np.testing.assert_allclose(ours.photon_number, single.photon_number, atol=1e-7)
    assert ours.emitter_correlation[0, 0, 0] == pytest.approx(abs(MIXED[0, 1]) ** 2)


@pytest.mark.parametrize("emitters", [Emitters(1, 1.0, 0.1, pump_rate=0.2), Emitters(1, 1.0, 0.1, drive=0.2)])
def test_pulses_that_never_end_are_refused(emitters):
    system = CavitySystem([emitters], [CavityMode(1.0)])
    for question in (
        lambda: spectrum(system, initial="inverted", method=Exact()),
        lambda: correlation(system, [0.0], order=2, initial="inverted", method=Exact()),
    ):
        with pytest.raises(InputError, match="never ends"):
            question()


def test_light_that_never_leaves_is_refused():
    closed = CavitySystem([Emitters(1, 1.0)], [CavityMode(0.0)])
    with pytest.raises(InputError, match="never leaves"):
        spectrum(closed, initial="inverted", method=Exact())


def test_a_cascade_of_levels():
    """A ladder a-b-c in the cavity gives two photons; from c by spontaneous decay to a none."""
    scheme = LevelScheme(("a", "b", "c"), couplings={("a", "b"): (1.0,), ("b", "c"): (0.7,)})
    system = CavitySystem([Emitters(1, levels=scheme)], [CavityMode(2.0)])
    value = correlation(system, [0.0], initial=["c"], method=Exact()).value[0]
    assert 2.0 * value == pytest.approx(2.0, rel=1e-9)
