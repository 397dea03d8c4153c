"""Exact against QuTiP: distinguishable emitters in a full Hilbert space, same truncation."""

import numpy as np
import pytest
from scipy import sparse

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    LevelScheme,
    correlation,
    evolve,
    spectrum,
    steady_state,
)

qutip = pytest.importorskip("qutip")

SYSTEMS = {
    "one atom, one mode, detuned": CavitySystem(
        [Emitters(1, 1.3 + 0.4j, 0.2, pump_rate=0.9, dephasing_rate=0.15, detuning=0.7)],
        [CavityMode(0.8, detuning=-0.4)],
    ),
    "three equal atoms": CavitySystem([Emitters(3, 0.6, 0.2, pump_rate=0.5)], [CavityMode(1.5)]),
    "two atoms, unequal phases, two modes": CavitySystem(
        [
            Emitters(1, (0.9, 0.9), 0.3, pump_rate=0.4),
            Emitters(1, (0.9 * np.exp(0.6j), 0.9 * np.exp(-0.6j)), 0.3, pump_rate=0.4, detuning=0.2),
        ],
        [CavityMode(2.0, detuning=0.1), CavityMode(2.4)],
        mode_coupling=[[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]],
    ),
    "two modes with one bright combination": CavitySystem(
        [Emitters(2, (0.5, 0.5j), 0.3, pump_rate=0.7, dephasing_rate=0.1)], [CavityMode(1.7)] * 2
    ),
    "travelling waves that become standing ones": CavitySystem(
        [
            Emitters(1, (0.7j * np.exp(0.4j), 0.7j * np.exp(-0.4j)), 0.3, pump_rate=0.5),
            Emitters(1, (0.7 * np.exp(1.3j), 0.7 * np.exp(-1.3j)), 0.1, pump_rate=0.2),
        ],
        [CavityMode(1.7)] * 2,
    ),
    "two groups": CavitySystem(
        [Emitters(2, 0.8, 0.1, pump_rate=0.6, detuning=-0.3), Emitters(1, -0.5j, 0.4, detuning=0.9)],
        [CavityMode(1.1)],
    ),
    "driven three-level emitter": CavitySystem(
        [
            Emitters(
                2,
                levels=LevelScheme(
                    ("g", "p", "e"),
                    couplings={("g", "e"): (0.7,)},
                    drives={("g", "p"): 0.8},
                    decays={("p", "e"): 1.1, ("e", "g"): 0.2, ("p", "g"): 0.3},
                    energies={"e": 0.3, "p": -0.2},
                    dephasing={"e": 0.05},
                ),
            )
        ],
        [CavityMode(1.4, detuning=0.1)],
    ),
}
PHOTONS = 3


def _truncated(system):
    """The same cut-off on the total photon number in QuTiP: states beyond it are projected out."""
    count = len(system.modes)
    hamiltonian, collapse, operators = system.to_qutip([PHOTONS] * count)
    if count == 1:
        return hamiltonian, collapse, operators
    total = sum(a.dag() * a for a in operators["a"])
    keep = np.flatnonzero(total.diag().real < PHOTONS + 0.5)
    basis = np.eye(total.shape[0])[:, keep]

    def cut(x):
        return qutip.Qobj(basis.T @ x.full() @ basis).to("CSR")

    named = {
        "a": [cut(a) for a in operators["a"]],
        "sigma": [cut(s) for s in operators["sigma"]],
        "level": [[cut(p) for p in row] for row in operators["level"]],
        "group": operators["group"],
    }
    return cut(hamiltonian), [cut(c) for c in collapse], named


def _solved(system):
    hamiltonian, collapse, operators = _truncated(system)
    return hamiltonian, collapse, operators, qutip.steadystate(hamiltonian, collapse)


@pytest.mark.parametrize("name", SYSTEMS)
def test_steady_state(name):
    system = SYSTEMS[name]
    *_, operators, rho = _solved(system)
    ours = steady_state(system, method=Exact(photons=PHOTONS))
    a, sigma, group = operators["a"], operators["sigma"], operators["group"]
    modes = np.array([[qutip.expect(x.dag() * y, rho) for y in a] for x in a])
    np.testing.assert_allclose(ours.mode_correlation, modes, atol=1e-9)
    pairs = [qutip.expect(x.dag() * x.dag() * x * x, rho) for x in a]
    np.testing.assert_allclose(ours.g2, pairs / modes.diagonal().real ** 2, rtol=1e-7)
    for u, k in enumerate(group):
        for level, projector in enumerate(operators["level"][u]):
            assert ours.populations[k, level] == pytest.approx(qutip.expect(projector, rho), abs=1e-9)
        for v, m in enumerate(group):
            if u != v:
                theirs = qutip.expect(sigma[u].dag() * sigma[v], rho)
                assert ours.emitter_correlation[k, m] == pytest.approx(theirs, abs=1e-9)
    for k, x in enumerate(a):
        if np.all(np.isfinite(ours.photon_distribution[k])):
            n = np.arange(ours.photon_distribution.shape[1])
            assert ours.photon_distribution[k] @ n == pytest.approx(modes[k, k].real, abs=1e-9)
            assert ours.photon_distribution[k].sum() == pytest.approx(1.0)
            vacuum = (qutip.Qobj((x.dag() * x).full())).eigenstates()
            empty = [v for e, v in zip(*vacuum, strict=True) if abs(e) < 1e-9]
            bare = qutip.Qobj(rho.full())
            probability = sum(qutip.expect(bare, v) for v in empty)
            assert ours.photon_distribution[k, 0] == pytest.approx(probability, abs=1e-9)


@pytest.mark.parametrize("name", SYSTEMS)
def test_spectrum_of_the_last_mode(name):
    system = SYSTEMS[name]
    hamiltonian, collapse, operators, rho = _solved(system)
    a, mode = operators["a"][-1], len(system.modes) - 1
    grid = np.array([-2.3, 0.1, 1.7])
    # S(w) = -2 Re tr[a (L + i w)^-1 (rho a^+)] with QuTiP's Liouvillian
    generator = qutip.liouvillian(hamiltonian, collapse).to("CSR").data_as("csr_matrix").tocsc()
    start = qutip.operator_to_vector(rho * a.dag()).full().ravel()
    functional = qutip.operator_to_vector(a.dag()).full().ravel().conj()
    theirs = []
    for omega in grid:
        shifted = generator + 1j * omega * sparse.identity(len(start), format="csc")
        theirs.append(-2 * (functional @ sparse.linalg.spsolve(shifted, start)).real)
    ours = spectrum(system, grid, mode=mode, method=Exact(photons=PHOTONS)).density
    np.testing.assert_allclose(ours, theirs, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("name", SYSTEMS)
def test_correlations(name):
    system = SYSTEMS[name]
    hamiltonian, collapse, operators, rho = _solved(system)
    first, last = operators["a"][0], operators["a"][-1]
    delays = np.linspace(0, 4, 5)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100000}
    other = len(system.modes) - 1
    exact = Exact(photons=PHOTONS)
    g1 = qutip.correlation_2op_1t(hamiltonian, rho, delays, collapse, first.dag(), last, options=options)
    ours = correlation(system, delays, order=1, other=other, method=exact)
    np.testing.assert_allclose(ours.value, g1, atol=1e-8)
    after = qutip.mesolve(
        hamiltonian, first * rho * first.dag(), delays, collapse, e_ops=[last.dag() * last], options=options
    )
    ours = correlation(system, delays, order=2, other=other, method=exact)
    np.testing.assert_allclose(ours.value, after.expect[0], atol=1e-8)


@pytest.mark.parametrize("name", SYSTEMS)
def test_evolution(name):
    system = SYSTEMS[name]
    hamiltonian, collapse, operators = _truncated(system)
    times = np.array([0.0, 0.3, 1.0, 2.5])
    ours = evolve(system, times, initial="inverted", method=Exact(photons=PHOTONS))
    start = 1
    for projectors in operators["level"]:
        start = projectors[-1] * start
    empty = sum(a.dag() * a for a in operators["a"])
    values, vectors = (start - empty).eigenstates()
    psi = vectors[np.argmax(values)].to("CSR")
    observables = [a.dag() * a for a in operators["a"]] + [a.dag() * a.dag() * a * a for a in operators["a"]]
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100000}
    theirs = qutip.mesolve(hamiltonian, psi, times, collapse, e_ops=observables, options=options).expect
    modes = len(system.modes)
    np.testing.assert_allclose(ours.photon_number, theirs[:modes], atol=1e-8)
    np.testing.assert_allclose(ours.pair_number, theirs[modes:], atol=1e-8)
    upper = [projectors[0] for projectors in operators["level"]]
    theirs = qutip.mesolve(hamiltonian, psi, times, collapse, e_ops=upper, options=options).expect
    for u, k in enumerate(operators["group"]):
        np.testing.assert_allclose(ours.excited_population[k], 1 - np.array(theirs[u]), atol=1e-8)


def test_photons_to_qutip_are_checked():
    from atomcavity.errors import InputError

    with pytest.raises(InputError, match="one a mode"):
        SYSTEMS["three equal atoms"].to_qutip([3, 3])


def test_a_missing_qutip_is_named(monkeypatch):
    import sys

    from atomcavity.errors import InputError

    monkeypatch.setitem(sys.modules, "qutip", None)
    with pytest.raises(InputError, match="interop"):
        SYSTEMS["three equal atoms"].to_qutip([3])
