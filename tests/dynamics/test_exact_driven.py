"""Coherent drives: against QuTiP, coherent states, conservation and limits."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Jumps,
    LevelScheme,
    Preparation,
    correlation,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.dynamics.exact.size import estimate
from atomcavity.errors import InputError

LAMBDA = LevelScheme(
    ("g", "s", "e"),
    couplings={("g", "e"): (0.7,)},
    drives={("g", "e"): 0.4j, ("s", "e"): 0.5},
    decays={("e", "g"): 0.6, ("e", "s"): 0.3, ("s", "g"): 0.2},
    energies={"e": 0.3, "s": -0.1},
)
SYSTEMS = {
    "driven cavity, one atom": CavitySystem(
        [Emitters(1, 0.8j, 0.3, pump_rate=0.1, dephasing_rate=0.1, detuning=0.4)],
        [CavityMode(1.1, detuning=-0.3)],
        drive=0.25 + 0.1j,
    ),
    "driven atoms": CavitySystem([Emitters(2, 0.5, 0.4, drive=0.6 - 0.3j)], [CavityMode(1.5)]),
    "two modes, two groups": CavitySystem(
        [Emitters(1, (0.4, 0.2j), 0.5), Emitters(1, (0.1, 0.3), 0.4, drive=0.2)],
        [CavityMode(1.0, detuning=0.2), CavityMode(1.6)],
        mode_coupling=[[0, 0.2j], [-0.2j, 0]],
        drive=(0.1, 0.05j),
    ),
    "driven transition of the cavity": CavitySystem([Emitters(1, levels=LAMBDA)], [CavityMode(1.4)]),
}
PHOTONS = {name: 3 if len(system.modes) > 1 else 6 for name, system in SYSTEMS.items()}


def _qutip(name):
    qutip = pytest.importorskip("qutip")
    system, photons = SYSTEMS[name], PHOTONS[name]
    hamiltonian, collapse, operators = system.to_qutip([photons] * len(system.modes))
    if len(system.modes) > 1:  # the same cut-off on the total photon number
        total = sum(a.dag() * a for a in operators["a"])
        basis = np.eye(total.shape[0])[:, total.diag().real < photons + 0.5]

        def cut(x):
            return qutip.Qobj(basis.T @ x.full() @ basis).to("CSR")

        hamiltonian, collapse = cut(hamiltonian), [cut(c) for c in collapse]
        operators = {
            "a": [cut(a) for a in operators["a"]],
            "sigma": [cut(s) for s in operators["sigma"]],
            "level": [[cut(p) for p in row] for row in operators["level"]],
            "group": operators["group"],
        }
    return qutip, hamiltonian, collapse, operators


@pytest.mark.parametrize("name", SYSTEMS)
def test_steady_state_against_qutip(name):
    qutip, hamiltonian, collapse, operators = _qutip(name)
    rho = qutip.steadystate(hamiltonian, collapse)
    ours = steady_state(SYSTEMS[name], method=Exact(photons=PHOTONS[name]))
    a, group = operators["a"], operators["group"]
    np.testing.assert_allclose(ours.amplitude, [qutip.expect(x, rho) for x in a], atol=1e-9)
    modes = [[qutip.expect(x.dag() * y, rho) for y in a] for x in a]
    np.testing.assert_allclose(ours.mode_correlation, modes, atol=1e-9)
    for u, k in enumerate(group):
        for level, projector in enumerate(operators["level"][u]):
            assert ours.populations[k, level] == pytest.approx(qutip.expect(projector, rho), abs=1e-9)
        for v, m in enumerate(group):
            if u != v:
                pair = operators["sigma"][u].dag() * operators["sigma"][v]
                assert ours.emitter_correlation[k, m] == pytest.approx(qutip.expect(pair, rho), abs=1e-9)
    pairs = [qutip.expect(x.dag() * x.dag() * x * x, rho) for x in a]
    np.testing.assert_allclose(ours.g2 * ours.photon_number**2, pairs, atol=1e-9)


@pytest.mark.parametrize("name", SYSTEMS)
def test_evolution_and_correlations_against_qutip(name):
    qutip, hamiltonian, collapse, operators = _qutip(name)
    system, exact = SYSTEMS[name], Exact(photons=PHOTONS[name])
    first, last = operators["a"][0], operators["a"][-1]
    times = np.array([0.0, 0.4, 1.5])
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100000}
    ours = evolve(system, times, initial="ground", method=exact)
    start = 1
    for projectors in operators["level"]:
        start = projectors[0] * start
    values, vectors = (start - sum(a.dag() * a for a in operators["a"])).eigenstates()
    theirs = qutip.mesolve(
        hamiltonian, vectors[np.argmax(values)].to("CSR"), times, collapse,
        e_ops=[last, last.dag() * last], options=options,
    )  # fmt: skip
    np.testing.assert_allclose(ours.amplitude[-1], theirs.expect[0], atol=1e-8)
    np.testing.assert_allclose(ours.photon_number[-1], theirs.expect[1], atol=1e-8)
    rho, other = qutip.steadystate(hamiltonian, collapse), len(system.modes) - 1
    g1 = qutip.correlation_2op_1t(hamiltonian, rho, times, collapse, first.dag(), last, options=options)
    np.testing.assert_allclose(correlation(system, times, other=other, method=exact).value, g1, atol=1e-8)
    after = qutip.mesolve(
        hamiltonian, first * rho * first.dag(), times, collapse, e_ops=[last.dag() * last], options=options
    )
    second = correlation(system, times, order=2, other=other, method=exact).value
    np.testing.assert_allclose(second, after.expect[0], atol=1e-8)


@pytest.mark.parametrize("name", SYSTEMS)
def test_spectrum_against_qutip(name):
    """-2 Re tr[a (L + i w)^-1 (rho - <rho>) a^+]: the coherent part is a delta function of its own."""
    qutip, hamiltonian, collapse, operators = _qutip(name)
    rho, a = qutip.steadystate(hamiltonian, collapse), operators["a"][-1]
    coherent = abs(qutip.expect(a, rho)) ** 2
    generator = qutip.liouvillian(hamiltonian, collapse).full()
    start = (rho * a.dag() - rho * qutip.expect(a.dag(), rho)).full().ravel(order="F")
    functional = a.dag().full().ravel(order="F").conj()
    grid = np.array([-1.3, 0.0, 0.02, 0.9])
    ours = spectrum(
        SYSTEMS[name], grid, mode=len(SYSTEMS[name].modes) - 1, method=Exact(photons=PHOTONS[name])
    )
    assert ours.coherent == pytest.approx(coherent, abs=1e-9)
    for omega, density in zip(grid, ours.density, strict=True):
        shifted = generator + 1j * (omega or 1e-8) * np.eye(len(generator))
        exact = -2 * (functional @ np.linalg.solve(shifted, start)).real
        assert density == pytest.approx(exact, rel=1e-5, abs=1e-7)


def test_an_empty_driven_cavity_is_in_a_coherent_state():
    """alpha = -i eta/(kappa/2 + i Delta); the cut-off is found by itself."""
    system = CavitySystem([Emitters(1, 0.0, 0.5)], [CavityMode(2.0, detuning=0.7)], drive=2.0 - 0.5j)
    alpha = -1j * (2.0 - 0.5j) / (1.0 + 0.7j)
    state = steady_state(system)
    assert state.amplitude[0] == pytest.approx(alpha, rel=1e-6)
    assert state.photon_number[0] == pytest.approx(abs(alpha) ** 2, rel=1e-6)
    assert state.g2[0] == pytest.approx(1.0, rel=1e-6)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-5)
    ours = spectrum(system, [0.0, 1.0])
    assert ours.coherent == pytest.approx(abs(alpha) ** 2, rel=1e-6)
    assert "coherent" in ours.warnings[0]
    times = np.array([0.0, 0.5, 3.0])
    filling = alpha * (1 - np.exp(-(1.0 + 0.7j) * times))
    np.testing.assert_allclose(evolve(system, times, initial="ground").amplitude[0], filling, atol=1e-6)


@settings(max_examples=8, deadline=None)
@given(
    omega=st.floats(0.1, 2.0), gamma=st.floats(0.5, 2.0), detuning=st.floats(-1.0, 1.0), phase=st.floats(0, 6)
)
def test_a_weakly_coupled_driven_atom_is_resonance_fluorescence(omega, gamma, detuning, phase):
    """Optical Bloch equations: p = (Omega^2/4)/(gamma^2/4 + Delta^2 + Omega^2/2)."""
    atom = Emitters(1, 1e-4, gamma, detuning=detuning, drive=omega * np.exp(1j * phase))
    state = steady_state(CavitySystem([atom], [CavityMode(3.0)]))
    expected = (omega**2 / 4) / (gamma**2 / 4 + detuning**2 + omega**2 / 2)
    assert state.excited_population[0] == pytest.approx(expected, rel=1e-5)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-4)


def test_the_weak_drive_is_linear_response():
    """a = -i eta/[kappa/2 + i D_c + N g^2/(gamma/2 + i D_a)] for a weak probe of N atoms."""
    atoms, mode = Emitters(3, 0.9, 0.6, detuning=0.3), CavityMode(1.2, detuning=-0.2)
    system = CavitySystem([atoms], [mode], drive=1e-4)
    expected = -1e-4j / (0.6 - 0.2j + 3 * 0.81 / (0.3 + 0.3j))
    assert steady_state(system).amplitude[0] == pytest.approx(expected, rel=1e-5, abs=0)


def test_sweeps_and_elimination_agree_for_driven_systems(monkeypatch):
    from atomcavity.dynamics.exact import stationary as module

    for name in ("driven cavity, one atom", "driven atoms"):
        system, exact = SYSTEMS[name], Exact(photons=8)
        expected, line = steady_state(system, method=exact), spectrum(system, [0.0, 0.8], method=exact)
        with monkeypatch.context() as patch:
            patch.setattr(module, "SWEEP_WORK", 0.0)
            ours = steady_state(system, method=exact)
            other = spectrum(system, [0.0, 0.8], method=exact)
        np.testing.assert_allclose(ours.photon_number, expected.photon_number, rtol=1e-9)
        np.testing.assert_allclose(other.density, line.density, rtol=1e-6)


def test_the_cut_off_does_not_matter():
    system = SYSTEMS["driven cavity, one atom"]
    chosen = steady_state(system)
    higher = steady_state(system, method=Exact(photons=20))
    assert chosen.record.neglected < 1e-8
    np.testing.assert_allclose(chosen.amplitude, higher.amplitude, rtol=1e-6)


def test_si_units_do_not_matter():
    def built(unit):
        atoms = Emitters(2, 0.5 * unit, 0.4 * unit, drive=0.3 * unit)
        return CavitySystem([atoms], [CavityMode(1.5 * unit)], drive=0.2 * unit)

    one, fast = spectrum(built(1.0)), spectrum(built(1e8))
    np.testing.assert_allclose(fast.full_width, one.full_width * 1e8, rtol=1e-5)
    assert fast.coherent == pytest.approx(one.coherent, rel=1e-8)


def test_too_large_driven_systems_are_refused_with_the_estimate():
    big = CavitySystem([Emitters(30, 1.0, 0.1)], [CavityMode(1.0)], drive=30.0)
    assert estimate(big) > 1e9
    with pytest.raises(InputError, match=r"density-matrix elements for this driven system"):
        steady_state(big, method=Exact())


def test_a_pulse_on_a_driven_system_is_refused():
    with pytest.raises(InputError, match="never ends"):
        spectrum(SYSTEMS["driven atoms"], initial=Preparation(), method=Exact())


def test_jumps_refuse_a_driven_system_by_name():
    with pytest.raises(InputError, match="Exact"):
        steady_state(SYSTEMS["driven atoms"], method=Jumps(3))
