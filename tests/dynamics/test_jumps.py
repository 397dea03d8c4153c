"""Quantum jumps against QuTiP's master equation, closed waiting-time laws and conservation laws."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from atomcavity.dynamics import Preparation, evolve, steady_state
from atomcavity.dynamics.jumps.answers import slowest_rate
from atomcavity.dynamics.jumps.run import Starts, packed_space, run_trajectories
from atomcavity.dynamics.jumps.start import Source
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

qt = pytest.importorskip("qutip")

TIMES = np.linspace(0.0, 3.0, 7)


class Partner:
    """The module's master equation in QuTiP, every emitter distinguishable, written down anew."""

    def __init__(self, system: CavitySystem, photons: int) -> None:
        flat = [(k, group) for k, group in enumerate(system.emitters) for _ in range(group.number)]
        dims = [2] * len(flat) + [photons + 1] * len(system.modes)
        one = [qt.qeye(d) for d in dims]

        def place(op: qt.Qobj, k: int) -> qt.Qobj:
            return qt.tensor(*one[:k], op, *one[k + 1 :])

        self.s = [place(qt.destroy(2), k) for k in range(len(flat))]
        self.a = [place(qt.destroy(photons + 1), len(flat) + i) for i in range(len(system.modes))]
        self.group = [k for k, _ in flat]
        h = 0
        c = []
        for i, mode in enumerate(system.modes):
            c.append(np.sqrt(mode.kappa) * self.a[i])
            for j in range(len(system.modes)):
                h += system.mode_matrix[i, j] * self.a[i].dag() * self.a[j]
        for (_, e), s in zip(flat, self.s, strict=True):
            h += e.detuning * s.dag() * s
            for g, a in zip(e.g_modes, self.a, strict=True):
                h += g * a * s.dag() + np.conj(g) * a.dag() * s
            c += [
                np.sqrt(e.gamma) * s,
                np.sqrt(e.pump_rate) * s.dag(),
                np.sqrt(2 * e.dephasing_rate) * s.dag() * s,
            ]
        self.h, self.c = h, [op for op in c if op.norm() > 0]
        excited, empty = qt.basis(2, 1), qt.basis(photons + 1, 0)
        self.inverted = qt.tensor([excited] * len(flat) + [empty] * len(self.a))


TWO = [CavityMode(3.0, detuning=0.4), CavityMode(2.0)]
CASES = {
    "one emitter, two modes, back-scattering": CavitySystem(
        [Emitters(1, (1.0 + 0.5j, 0.7), 0.3, pump_rate=0.8, dephasing_rate=0.5, detuning=0.6)],
        TWO,
        mode_coupling=[[0, 0.5j], [-0.5j, 0]],
    ),
    "two emitters, unequal phases": CavitySystem(
        [Emitters(1, (1.0, 1.0), 0.3, pump_rate=0.7), Emitters(1, (1.0j, -1.0j), 0.3, pump_rate=0.7, detuning=1.0)],
        TWO,
    ),
    "a group of three": CavitySystem(
        [Emitters(3, (1.2 - 0.4j,), 0.6, pump_rate=0.5, dephasing_rate=0.9, detuning=0.5)], [CavityMode(2.5)]
    ),
    "a group of two and another emitter": CavitySystem(
        [Emitters(2, (0.9,), 0.4, pump_rate=0.5, dephasing_rate=0.6), Emitters(1, (0.6j,), 0.2, detuning=0.8)],
        [CavityMode(2.5)],
    ),
    "equal phases, one bright mode": CavitySystem(
        [Emitters(2, (0.9j, 0.6), 0.4, pump_rate=0.5, dephasing_rate=0.6)], [CavityMode(2.5), CavityMode(2.5)]
    ),
    "travelling waves, computed as standing ones": CavitySystem(
        [
            Emitters(1, (0.8j * np.exp(1j * k), 0.8j * np.exp(-1j * k)), 0.3, pump_rate=0.5, dephasing_rate=d)
            for k, d in ((0.2, 0.0), (1.1, 0.4))
        ],
        [CavityMode(2.5)] * 2,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_evolution_agrees_with_qutip(name: str) -> None:
    system = CASES[name]
    partner = Partner(system, 5 if len(system.modes) == 2 else 9)
    ours = evolve(system, TIMES, initial="inverted", method=Jumps(8000, seed=1))
    photons = [a.dag() * a for a in partner.a]
    pairs = [a.dag() * a.dag() * a * a for a in partner.a]
    excited = [s.dag() * s for s in partner.s]
    theirs = qt.mesolve(partner.h, partner.inverted, TIMES, partner.c, e_ops=photons + pairs + excited).expect
    count = len(photons)

    def close(value: np.ndarray, error: np.ndarray, exact: np.ndarray) -> None:
        assert np.all(np.abs(value - exact) < 4.5 * error + 2e-4)

    for i in range(count):
        close(ours.photon_number[i], ours.photon_number_error[i], theirs[i])
        assert np.allclose(ours.pair_number[i], theirs[count + i], atol=0.05)
    for k, exact in zip(partner.group, theirs[2 * count :], strict=True):
        close(ours.excited_population[k], ours.excited_population_error[k], exact)


@pytest.mark.parametrize("name", CASES)
def test_correlations_agree_with_qutip(name: str) -> None:
    system = CASES[name]
    partner = Partner(system, 5 if len(system.modes) == 2 else 9)
    ours = evolve(system, TIMES[:3], initial="inverted", method=Jumps(8000, seed=2))
    modes = [(i, j) for i in range(len(partner.a)) for j in range(len(partner.a))]
    emitters = [(u, v) for u in range(len(partner.s)) for v in range(len(partner.s)) if u != v]
    watched = [partner.a[i].dag() * partner.a[j] for i, j in modes]
    watched += [partner.s[u].dag() * partner.s[v] for u, v in emitters]
    theirs = qt.mesolve(partner.h, partner.inverted, TIMES[:3], partner.c, e_ops=watched).expect
    for (i, j), exact in zip(modes, theirs[: len(modes)], strict=True):
        assert np.allclose(ours.mode_correlation[i, j], exact, atol=0.03)
    for (u, v), exact in zip(emitters, theirs[len(modes) :], strict=True):
        g, h = partner.group[u], partner.group[v]
        assert np.allclose(ours.emitter_correlation[g, h], exact, atol=0.03)


@pytest.mark.parametrize(
    "name", ["two emitters, unequal phases", "a group of three", "equal phases, one bright mode"]
)
def test_steady_state_agrees_with_qutip(name: str) -> None:
    system = CASES[name]
    partner = Partner(system, 4 if len(system.modes) == 2 else 6)
    ours = steady_state(system, method=Jumps(600, seed=3))
    rho = qt.mesolve(partner.h, partner.inverted, [0, 15, 30], partner.c).states[-1]
    for i, a in enumerate(partner.a):
        n = qt.expect(a.dag() * a, rho)
        g2 = qt.expect(a.dag() * a.dag() * a * a, rho) / n**2
        assert abs(ours.photon_number[i] - n) < 4 * ours.photon_number_error[i] + 1e-3
        assert abs(ours.g2[i] - g2) < 4 * ours.g2_error[i] + 1e-2
        probability = rho.ptrace(len(partner.s) + i).diag().real
        size = min(len(probability), ours.photon_distribution.shape[1])
        assert np.allclose(ours.photon_distribution[i, :size], probability[:size], atol=0.02)
        assert ours.photon_distribution[i].sum() == pytest.approx(1, abs=1e-9)
    for k, s in zip(partner.group, partner.s, strict=True):
        error = ours.excited_population_error[k]
        assert abs(ours.excited_population[k] - qt.expect(s.dag() * s, rho)) < 4 * error + 1e-3
    assert ours.flow_in == pytest.approx(ours.flow_out, rel=0.03)
    assert not ours.warnings


def three_levels(pump: float) -> LevelScheme:
    return LevelScheme(
        ("s", "p", "x"),
        couplings={("s", "p"): (0.9, 0.7)},
        decays={("p", "s"): 0.2, ("s", "x"): pump, ("x", "p"): 4.0, ("x", "s"): 1.0},
        drives={("s", "x"): 0.6},
        energies={"x": 0.3},
        dephasing={"p": 0.4},
    )


def test_level_scheme_agrees_with_qutip() -> None:
    system = CavitySystem([Emitters(1, levels=three_levels(0.8))], [CavityMode(2.0), CavityMode(2.0)])
    ours = evolve(system, TIMES, initial="inverted", method=Jumps(8000, seed=5))
    photons = 3
    s, p, x = (qt.basis(3, k) for k in range(3))
    fock = [qt.qeye(photons + 1)] * 2

    def local(a: qt.Qobj, b: qt.Qobj) -> qt.Qobj:
        return qt.tensor(a * b.dag(), *fock)

    a = [qt.tensor(qt.qeye(3), qt.destroy(4), fock[0]), qt.tensor(qt.qeye(3), fock[0], qt.destroy(4))]
    h = sum(g * (m * local(p, s) + m.dag() * local(s, p)) for g, m in zip((0.9, 0.7), a, strict=True))
    h += 0.3 * (local(x, s) + local(s, x)) + 0.3 * local(x, x)
    c = [np.sqrt(2.0) * m for m in a] + [np.sqrt(0.8) * local(p, p)]
    c += [np.sqrt(r) * local(e, b) for b, e, r in ((p, s, 0.2), (s, x, 0.8), (x, p, 4.0), (x, s, 1.0))]
    start = qt.tensor(p, qt.basis(4, 0), qt.basis(4, 0))
    watched = [m.dag() * m for m in a] + [local(p, p) + local(x, x)]
    theirs = qt.mesolve(h, start, TIMES, c, e_ops=watched).expect
    for i in range(2):
        assert np.all(np.abs(ours.photon_number[i] - theirs[i]) < 4 * ours.photon_number_error[i] + 1e-3)
    assert np.all(
        np.abs(ours.excited_population[0] - theirs[2]) < 4 * ours.excited_population_error[0] + 1e-3
    )


def starts(system: CavitySystem, initial: str, runs: int) -> Starts:
    source = Source(packed_space(system, photons_of_modes=True).space, Preparation(initial))
    return source.starts(spawn_seeds(11, runs))


def first_clicks(system: CavitySystem, runs: int, duration: float, initial: str = "inverted") -> np.ndarray:
    out = run_trajectories(
        packed_space(system, photons_of_modes=True),
        spawn_seeds(11, runs),
        duration,
        starts=starts(system, initial, runs),
        record=True,
    )
    time, _, run = out.clicks
    _, first = np.unique(run, return_index=True)
    return time[first]


@pytest.mark.parametrize("g", [0.05, 0.25, 1.0, 20.0])
def test_waiting_time_of_one_photon(g: float) -> None:
    """Survival |c_e|^2 + |c_a|^2 of an excited emitter in a cavity, kappa = 1; g = 1/4 is the exceptional point."""
    times = first_clicks(CavitySystem([Emitters(1, g)], [CavityMode(1.0)]), 4000, 4000.0)
    root = np.sqrt(complex(1 / 16 - g**2))

    def decayed(t: np.ndarray) -> np.ndarray:
        if root == 0:
            c, a = np.exp(-t / 4) * (1 + t / 4), np.exp(-t / 4) * t / 4
        else:
            c = np.exp(-t / 4) * (np.cosh(root * t) + np.sinh(root * t) / (4 * root))
            a = np.exp(-t / 4) * g * np.sinh(root * t) / root
        return 1 - np.abs(c) ** 2 - np.abs(a) ** 2

    grid = np.linspace(0, min(times.max() * 1.1, 700.0), 40001)
    assert len(times) == 4000
    assert stats.kstest(times, lambda t: np.interp(t, grid, decayed(grid))).pvalue > 1e-3


def test_waiting_time_of_free_decay_is_exponential() -> None:
    times = first_clicks(
        CavitySystem([Emitters(1, 0.0, gamma=2.0, detuning=1e3)], [CavityMode(1.0)]), 5000, 50.0
    )
    assert stats.kstest(times, stats.expon(scale=0.5).cdf).pvalue > 1e-3


def test_collective_decay_of_two_emitters_gives_the_first_photon_at_twice_the_rate() -> None:
    """Bad cavity: the first waiting time of N inverted emitters has the rate N 4 g^2/kappa."""
    times = first_clicks(CavitySystem([Emitters(2, 1.0)], [CavityMode(100.0)]), 2000, 1e3)
    assert times.mean() == pytest.approx(1 / (2 * 4 / 100), rel=0.08)


def test_inverted_emitters_give_back_every_quantum() -> None:
    system = CavitySystem(
        [Emitters(4, (1.0,), gamma=0.3, dephasing_rate=0.5), Emitters(1, (0.5j,))], [CavityMode(2.0)]
    )
    packed = packed_space(system, photons_of_modes=True)
    out = run_trajectories(
        packed, spawn_seeds(0, 500), 400.0, starts=starts(system, "inverted", 500), record=True
    )
    changes = np.array([channel.charge for channel in packed.space.channels])
    assert np.all(out.counts @ changes + 5 == out.left)
    assert out.left.max() == 0


def test_trajectories_do_not_depend_on_how_they_are_shared_out() -> None:
    system = CASES["a group of two and another emitter"]
    whole = run_trajectories(
        packed_space(system, photons_of_modes=True), spawn_seeds(4, 6), 30.0, record=True
    )
    parts = [
        run_trajectories(
            packed_space(system, photons_of_modes=True), spawn_seeds(4, 2, first=k), 30.0, record=True
        )
        for k in (0, 2, 4)
    ]
    for place in (0, 1):
        np.testing.assert_array_equal(
            whole.clicks[place], np.concatenate([part.clicks[place] for part in parts])
        )
    other = run_trajectories(
        packed_space(system, photons_of_modes=True), spawn_seeds(5, 6), 30.0, record=True
    )
    assert not np.array_equal(whole.clicks[0][:5], other.clicks[0][:5])


def test_an_ensemble_in_the_dark_stays_dark() -> None:
    still = CavitySystem([Emitters(3, 1.0, gamma=0.5)], [CavityMode(1.0)])
    result = steady_state(still, method=Jumps(5))
    assert result.photon_number[0] == 0
    assert result.flow_out == 0
    assert np.isnan(result.g2[0])


def test_refusals() -> None:
    system = CASES["a group of three"]
    with pytest.raises(InputError, match="halfway"):
        evolve(system, TIMES, initial="halfway", method=Jumps(5))
    with pytest.raises(InputError, match="ascending"):
        evolve(system, TIMES[::-1], initial="inverted", method=Jumps(5))
    with pytest.raises(InputError, match="steady state"):
        slowest_rate(CavitySystem([Emitters(1, 1.0)], [CavityMode(0.0)]))


@pytest.mark.slow
def test_seven_atoms_at_full_pump() -> None:
    """The published system: exact photon number 1.5065 for g = 2 pi 2.80 MHz, Q = 1e8 (converged cut-off)."""
    tau = 2 * np.pi
    kappa = tau * 4.348e6
    g = tau * 2.8e6
    system = CavitySystem([Emitters(7, (g, g), tau * 7.5e3, pump_rate=2.5e7)], [CavityMode(kappa)] * 2)
    result = steady_state(system, method=Jumps(2000, seed=8))
    assert abs(result.photon_number[0] - 1.5065) < 4 * result.photon_number_error[0] + 1e-3
    assert result.photon_number_error[0] < 0.006
