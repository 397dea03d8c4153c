"""The moment equations: groups beside their emitters one by one, steps beside the equations they solve."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Cumulants,
    Emitters,
    Preparation,
    eliminate,
    evolve,
)
from atomcavity.dynamics.cumulants.moments import moments
from atomcavity.dynamics.cumulants.newton import step

KEPT, ELIMINATED = Cumulants(), Cumulants(cavity="eliminated")
BOTH = pytest.mark.parametrize("method", [KEPT, ELIMINATED], ids=["kept", "eliminated"])


def one_by_one(system: CavitySystem, kept: bool):
    """The moment equations of every emitter and pair alone, written out in loops; moments as one complex vector."""
    emitters = [e for e in system.emitters for _ in range(e.number)]
    count, modes = len(emitters), len(system.modes)
    g = np.array([e.g_modes for e in emitters])
    kappa, matrix = system.kappas, system.mode_matrix
    kernel = eliminate(system).kernel
    group = [k for k, e in enumerate(system.emitters) for _ in range(e.number)]
    width = [(e.gamma + e.pump_rate) / 2 + e.dephasing_rate + 1j * e.detuning for e in emitters]

    def rates(_, z):
        s, a, c, b = np.split(
            z, np.cumsum([count, modes * count, modes * modes])
        )  # S_u, <a_i^+ sigma_u>, <a_i^+ a_j>, <sigma_u^+ sigma_v>
        a, c, b = a.reshape(modes, count), c.reshape(modes, modes), b.reshape(count, count).copy()
        b[np.diag_indices(count)] = (1 + s) / 2
        ds, da, dc, db = np.zeros_like(s), np.zeros_like(a), np.zeros_like(c), np.zeros_like(b)
        for u, e in enumerate(emitters):
            ds[u] = e.pump_rate * (1 - s[u]) - e.gamma * (1 + s[u])
            if kept:
                ds[u] -= 4 * sum((g[u, i].conj() * a[i, u]).imag for i in range(modes))
            else:
                ds[u] -= 4 * sum((kernel[group[u], group[v]] * b[u, v]).real for v in range(count))
            for v in range(count):
                if u == v:
                    continue
                db[u, v] = -(np.conj(width[u]) + width[v]) * b[u, v]
                if kept:
                    db[u, v] -= 1j * s[u] * sum(g[u, i].conj() * a[i, v] for i in range(modes))
                    db[u, v] += 1j * s[v] * sum(g[v, i] * a[i, u].conj() for i in range(modes))
                    continue
                db[u, v] -= (kernel[group[u], group[u]].conj() + kernel[group[v], group[v]]) * b[u, v]
                for w in range(count):
                    if w != u:  # <sigma_w^+ sigma_zu sigma_v>
                        db[u, v] += kernel[group[u], group[w]].conj() * s[u] * b[w, v]
                    if w != v:
                        db[u, v] += kernel[group[v], group[w]] * s[v] * b[u, w]
        if kept:
            for i in range(modes):
                for u in range(count):
                    da[i, u] = -(kappa[i] / 2 + width[u]) * a[i, u] + 1j * sum(
                        matrix[i, m].conj() * a[m, u] for m in range(modes)
                    )
                    da[i, u] += 1j * sum(g[v, i] * b[v, u] for v in range(count))
                    da[i, u] += 1j * s[u] * sum(g[u, j] * c[i, j] for j in range(modes))
                for j in range(modes):
                    dc[i, j] = -(kappa[i] + kappa[j]) / 2 * c[i, j]
                    for m in range(modes):
                        dc[i, j] += 1j * (matrix[i, m].conj() * c[m, j] - matrix[j, m] * c[i, m])
                    for u in range(count):
                        dc[i, j] += 1j * (g[u, i] * a[j, u].conj() - g[u, j].conj() * a[i, u])
        db[np.diag_indices(count)] = 0
        return np.concatenate([ds, da.ravel(), dc.ravel(), db.ravel()])

    return rates, group


@BOTH
def test_groups_are_their_emitters_one_by_one(method):
    groups = [
        Emitters(3, (0.5, 0.3j), 0.1, 0.6, 0.05, detuning=0.4),
        Emitters(2, (0.2 - 0.4j, 0.6), 0.3, 1.1, detuning=-0.3),
        Emitters(1, (0.1j, 0.9), 0.2, 0.2, detuning=0.1),
    ]
    modes = [CavityMode(2.5, detuning=0.3), CavityMode(4.0, detuning=-0.2)]
    system = CavitySystem(groups, modes, mode_coupling=[[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]])
    start = Preparation(["excited", "ground", [0.6, 0.8j]], area=(0.0, 1.0, 0.0), phase=0.3)
    rates, group = one_by_one(system, method == KEPT)
    first = np.array([matrix[1, 1].real for matrix in start.matrices(system)])[group]
    dipole = np.array([matrix[1, 0] for matrix in start.matrices(system)])[group]
    n = len(group)
    z = np.concatenate([2 * first - 1, np.zeros(2 * n + 4), np.outer(dipole.conj(), dipole).ravel()]) + 0j
    t = np.array([0.0, 0.7, 3.0])
    found = solve_ivp(rates, (0, 3), z, t_eval=t, rtol=1e-9, atol=1e-11).y
    run = evolve(system, t, initial=start, method=method)
    np.testing.assert_allclose(run.excited_population[group], (1 + found[:n].real) / 2, atol=1e-7)
    pairs = found[-n * n :].reshape(n, n, len(t))
    for u, v in ((0, 1), (0, 3), (3, 4), (1, 5), (5, 2)):
        ours = run.emitter_correlation[group[u], group[v]]
        np.testing.assert_allclose(ours, pairs[u, v], atol=1e-7)
    if method == KEPT:
        light = found[3 * n : 3 * n + 4].reshape(2, 2, len(t))
        np.testing.assert_allclose(run.mode_correlation, light, atol=1e-7)
    assert np.isnan(run.emitter_correlation[2, 2]).all()


def two_modes() -> CavitySystem:
    groups = [
        Emitters(30, (0.3, 0.2j), 0.1, 1.6, 0.05, detuning=0.4),
        Emitters(20, (0.2 - 0.1j, 0.3), 0.3, 1.1, detuning=-0.3),
    ]
    modes = [CavityMode(2.5, detuning=0.3), CavityMode(4.0, detuning=-0.2)]
    return CavitySystem(groups, modes, mode_coupling=[[0, 0.3 + 0.2j], [0.3 - 0.2j, 0]])


@pytest.mark.parametrize("tau", [0.3, 40.0, np.inf])
@BOTH
def test_a_step_solves_the_linearised_equations(method, tau):
    """d/tau - J d = F with J d = [F(z + d) - F(z - d)]/2, exact because F is quadratic."""
    m = moments(two_modes(), method == KEPT)
    rng = np.random.default_rng(1)

    def draw(*shape: int):
        return 0.1 * (rng.normal(size=shape) + 1j * rng.normal(size=shape))

    c, b = draw(2, 2), draw(2, 2)
    s, b = rng.uniform(-1, 1, 2), b + b.conj().T
    a = draw(2, 2) if m.kept else m.following(s, b)
    state = (s, a, c + c.conj().T if m.kept else m.light(a), b)

    def rates(s, a, c, b):
        light = m.rate_c(a, c) if m.kept else np.zeros((2, 2))
        found = [m.rate_s(s, a), m.rate_a(s, a, b, c), light, m.rate_b(s, a, b)]
        return np.concatenate([np.ravel(z) for z in found])

    change = step(m, state, tau)
    ahead, behind = (rates(*(z + sign * d for z, d in zip(state, change, strict=True))) for sign in (1, -1))
    inertia = [1.0, 1.0, 1.0, 1.0] if m.kept else [1.0, 0.0, 0.0, 1.0]
    moved = np.concatenate([np.ravel(d) * k / tau for d, k in zip(change, inertia, strict=True)])
    now = rates(*state)
    np.testing.assert_allclose(moved - (ahead - behind) / 2, now, atol=1e-11 * np.abs(ahead).max())


@BOTH
def test_implicit_and_explicit_steps_agree(method, monkeypatch):
    t = [0.0, 0.5, 4.0]
    runs = [evolve(two_modes(), t, method=method)]
    monkeypatch.setattr("atomcavity.dynamics.cumulants.evolve.SHORT", 0.0)
    runs.append(evolve(two_modes(), t, method=method))
    assert [run.record.reason.split()[0] for run in runs] == ["Runge-Kutta", "extrapolated"]
    np.testing.assert_allclose(runs[1].mode_correlation, runs[0].mode_correlation, atol=1e-7)
    np.testing.assert_allclose(runs[1].excited_population, runs[0].excited_population, atol=1e-7)
    np.testing.assert_allclose(runs[1].emitter_correlation, runs[0].emitter_correlation, atol=1e-7)
