"""The Dicke ladder beside QuTiP, piqs and Exact, with the cavity eliminated and kept."""

from __future__ import annotations

from math import pi, tau

import numpy as np
import pytest
import qutip
from scipy.linalg import expm

from atomcavity.dynamics import CavityMode, CavitySystem, DickeLadder, Emitters, Exact, Preparation, eliminate
from atomcavity.dynamics.api import correlation, evolve, spectrum

LADDER = DickeLadder()
KAPPA = tau * 1.2e6


def microclock(number: int = 400, cavity: float = 0.0, **given) -> CavitySystem:
    """The microclock (g/2pi = 300 Hz, kappa/2pi = 1.2 MHz); the cavity's detuning in MHz."""
    return CavitySystem(
        [Emitters(number, tau * 300, **given)], [CavityMode(KAPPA, KAPPA / 2, detuning=tau * cavity * 1e6)]
    )


def scales(system: CavitySystem) -> tuple[float, float]:
    """Gamma and chi of the first group."""
    light = eliminate(system)
    return light.decay[0, 0].real, -light.shift[0, 0].real


def collective(number: int) -> tuple[qutip.Qobj, qutip.Qobj]:
    """J^- and the inverted state in the symmetric subspace."""
    return qutip.jmat(number / 2, "-"), qutip.basis(number + 1, 0)


@pytest.mark.parametrize(("number", "detuning", "area"), [(6, 0.0, pi), (9, 0.5, pi), (7, -0.9, 2.2)])
def test_against_qutip_in_the_symmetric_subspace(number, detuning, area):
    """Pulse, moments, both correlations and the spectrum of the adiabatic master equation."""
    system = microclock(number, detuning, detuning=tau * 3.0)
    light = eliminate(system)
    gamma, shift = light.decay[0, 0].real, light.shift[0, 0].real
    lower, top = collective(number)
    jz = qutip.jmat(number / 2, "z")
    hamiltonian = shift * lower.dag() * lower + tau * 3.0 * jz
    # the pulse of `Preparation` on all emitters together, from the state with all in the ground state
    turn = (-1j * area * qutip.jmat(number / 2, "x")).expm()
    ground = qutip.basis(number + 1, number)
    start = qutip.ket2dm(top if area == pi else turn * ground)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
    times = np.linspace(0, 12 / (number * gamma), 301)
    jumps = [np.sqrt(gamma) * lower]
    states = qutip.mesolve(hamiltonian, start, times, jumps, options=options).states
    prepared = Preparation.pulse(area)
    found = evolve(system, times, initial=prepared, method=LADDER)
    part = light.amplitude[0, 0]

    def mean(operator: qutip.Qobj) -> np.ndarray:
        return np.array([(operator * state).tr() for state in states])

    j = number / 2
    emission = mean(lower.dag() * lower).real
    assert found.photon_number[0] == pytest.approx(abs(part) ** 2 * emission, rel=1e-6, abs=1e-9)
    assert found.amplitude[0] == pytest.approx(part * mean(lower), rel=1e-6, abs=1e-9)
    assert found.pair_number[0] == pytest.approx(
        abs(part) ** 4 * mean(lower.dag() ** 2 * lower**2).real, rel=1e-6, abs=1e-12
    )
    assert found.j_z == pytest.approx(mean(jz).real / j, abs=1e-7)
    spread = mean(jz * jz).real - mean(jz).real ** 2
    assert found.j_z_uncertainty**2 == pytest.approx(spread / j**2, abs=1e-7)
    transverse = sum(mean(qutip.jmat(j, a) ** 2).real - mean(qutip.jmat(j, a)).real ** 2 for a in ("x", "y"))
    assert found.j_transverse_uncertainty**2 == pytest.approx(transverse / 2 / j**2, abs=1e-7)
    pairs = (emission - number * (mean(jz).real / number + 0.5)) / (number * (number - 1))
    assert found.emitter_correlation[0, 0].real == pytest.approx(pairs, abs=1e-7)

    # regression: the density matrix is integrated over the whole pulse by the inverse of the generator
    generator = qutip.liouvillian(hamiltonian, jumps).full()
    dark = qutip.ket2dm(ground)
    total = np.linalg.lstsq(generator, -(qutip.operator_to_vector(start - dark)).full().ravel(), rcond=1e-13)[
        0
    ]  # up to a part of the dark state, which emits nothing
    density = total.reshape(number + 1, number + 1, order="F")
    down = lower.full()
    after = (density @ down.conj().T).ravel(order="F")
    observe = down.T.ravel(order="F")
    omega = np.linspace(-4, 4, 9) * number * gamma + tau * 3.0
    identity = np.eye(len(generator))
    expected = [
        2 * (observe @ np.linalg.solve(-generator - 1j * w * identity, after)).real * abs(part) ** 2
        for w in omega
    ]
    line = spectrum(system, omega, initial=prepared, method=LADDER)
    assert line.density == pytest.approx(np.array(expected), rel=1e-7)
    delays = np.linspace(0, 6 / (number * gamma), 13)
    flows = [expm(generator * delay) for delay in delays]
    c = np.array([observe @ (u @ after) for u in flows])
    first = correlation(system, delays, initial=prepared, method=LADDER)
    assert first.value == pytest.approx(
        abs(part) ** 2 * np.conj(c), rel=1e-5, abs=1e-5 * abs(part) ** 2 * abs(c[0])
    )
    second = correlation(system, delays, order=2, initial=prepared, method=LADDER)
    after = qutip.operator_to_vector(qutip.Qobj(down @ density @ down.conj().T)).full().ravel()
    count = (down.conj().T @ down).T.ravel(order="F")
    c = np.array([count @ (u @ after) for u in flows])
    assert second.value.real == pytest.approx(
        abs(part) ** 4 * c.real, rel=1e-5, abs=1e-5 * abs(part) ** 4 * abs(c[0])
    )


def test_against_piqs():
    from qutip.piqs import piqs

    number, system = 12, microclock(12)
    gamma, _ = scales(system)
    ensemble = piqs.Dicke(number, collective_emission=gamma)
    times = np.linspace(0, 8 / (number * gamma), 41)
    result = ensemble.pisolve(piqs.dicke(number, number / 2, number / 2), times)
    lower = piqs.jspin(number, "-")
    expected = np.array([(lower.dag() * lower * state).tr().real for state in result.states])
    found = evolve(system, times, method=LADDER)
    assert found.photon_number[0] == pytest.approx(
        gamma / KAPPA * expected, rel=1e-4, abs=1e-5 * number * gamma / KAPPA
    )


def test_the_cavity_kept_follows():
    """Four emitters with the cavity in QuTiP: the difference falls with (sqrt(N) g/kappa)^2."""
    wrong = []
    for g in (0.04, 0.02):
        system = CavitySystem([Emitters(3, g)], [CavityMode(1.0, detuning=0.3)])
        hamiltonian, collapse, ops = system.to_qutip([3])
        start = qutip.ket2dm(qutip.tensor(*[qutip.basis(2, 1)] * 3, qutip.basis(4, 0)))
        gamma, _ = scales(system)
        times = np.linspace(0, 3 / gamma, 31)
        a = ops["a"][0]
        options = {"atol": 1e-12, "rtol": 1e-9, "nsteps": 1_000_000}
        exact = qutip.mesolve(
            hamiltonian, start, times, collapse, e_ops=[a.dag() * a], options=options
        ).expect[0]
        found = evolve(system, times, method=LADDER).photon_number[0]
        late = slice(5, None)  # the cavity has filled
        wrong.append(np.max(np.abs(found - exact)[late]) / exact.max())
    assert wrong[0] < 0.02
    assert wrong[1] == pytest.approx(wrong[0] / 4, rel=0.2)


@pytest.mark.parametrize("initial", ["inverted", Preparation.pulse(2.0, 0.4)])
def test_against_exact_with_the_cavity_eliminated(initial):
    """Everything that both know, with two coupled modes and a detuned emitter."""
    system = CavitySystem(
        [Emitters(12, (0.02, 0.01j), detuning=0.3)],
        [CavityMode(1.0, detuning=0.5), CavityMode(2.0, detuning=0.1)],
        mode_coupling=[[0, 0.2j], [-0.2j, 0]],
    )
    gamma, _ = scales(system)
    times = np.linspace(0, 8 / 12 / gamma, 21)
    exact = Exact(cavity="eliminated")

    def close(one, other, rel=1e-9):
        assert one == pytest.approx(other, rel=rel, abs=rel * np.abs(other).max())

    ours, theirs = (evolve(system, times, initial=initial, method=m) for m in (LADDER, exact))
    for name in (
        "photon_number",
        "excited_population",
        "emitter_correlation",
        "mode_correlation",
        "pair_number",
    ):
        close(getattr(ours, name), getattr(theirs, name))
    close(ours.amplitude, theirs.amplitude)
    for order in (1, 2):
        question = {"order": order, "mode": 0, "other": 1, "initial": initial}
        ours, theirs = (correlation(system, times, **question, method=m) for m in (LADDER, exact))
        close(ours.value, theirs.value)
        close(ours.normalised, theirs.normalised, rel=1e-7)
    grid = np.linspace(-20, 20, 101) * gamma + 0.3
    ours, theirs = (spectrum(system, grid, initial=initial, method=m) for m in (LADDER, exact))
    close(ours.density, theirs.density)
    assert ours.peak == pytest.approx(theirs.peak, abs=1e-9)
    assert ours.full_width == pytest.approx(theirs.full_width, rel=1e-9)


def test_the_line_with_the_cavity_kept():
    """Peak and width of four emitters: the difference to Exact() falls with (sqrt(N) g/kappa)^2."""
    wrong = []
    for g in (0.02, 0.01):
        system = CavitySystem([Emitters(4, g)], [CavityMode(1.0, detuning=0.5)])
        gamma, _ = scales(system)
        grid = np.linspace(-16, 16, 33) * gamma
        ours, exact = (spectrum(system, grid, initial="inverted", method=m) for m in (LADDER, Exact()))
        wrong.append(
            [
                np.abs(ours.density - exact.density).max() / exact.density.max(),
                abs(ours.peak[0] - exact.peak[0]) / gamma,
                abs(ours.full_width[0] / exact.full_width[0] - 1),
            ]
        )
    assert np.array(wrong[0]) == pytest.approx(4 * np.array(wrong[1]), rel=0.1)
    assert max(wrong[0]) < 5e-3
