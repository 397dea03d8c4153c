"""Superpositions and mixtures as the start of trajectories, against QuTiP's master equation."""

from __future__ import annotations

import math

import numpy as np
import pytest

from atomcavity.detection import clicks
from atomcavity.dynamics import Preparation, evolve
from atomcavity.dynamics.jumps.run import packed_space
from atomcavity.dynamics.jumps.start import Source
from atomcavity.dynamics.methods import Jumps
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

qt = pytest.importorskip("qutip")
TIMES = np.linspace(0.0, 3.0, 6)
SYSTEM = CavitySystem(
    [
        Emitters(2, (1.0, 0.4j), gamma=0.3, dephasing_rate=0.2, detuning=0.5),
        Emitters(1, (0.7j, 0.6), gamma=0.1, pump_rate=0.2),
    ],
    [CavityMode(2.0), CavityMode(1.0, detuning=0.3)],
)
MIXED = np.array([[0.4, 0.2j], [-0.2j, 0.6]])
STARTS = {
    "pulse": Preparation.pulse([1.3, 2.0], [0.4, -0.8]),
    "nearly inverted": Preparation.pulse(0.9 * math.pi),
    "mixture of levels": Preparation([np.diag([0.3, 0.7]), MIXED]),
}


@pytest.mark.parametrize("name", STARTS)
def test_evolution_agrees_with_qutip(name: str) -> None:
    photons = 4
    h, c_ops, operators = SYSTEM.to_qutip([photons] * 2)
    first, second = (qt.Qobj(m) for m in STARTS[name].matrices(SYSTEM))
    empty = qt.ket2dm(qt.basis(photons + 1, 0))
    start = qt.tensor(first, first, second, empty, empty)
    a, sigma = operators["a"], operators["sigma"]
    watched = [a[0].dag() * a[0], a[1].dag() * a[1], sigma[0].dag() * sigma[0], sigma[2].dag() * sigma[2]]
    watched += [sigma[0].dag() * sigma[1], sigma[0].dag() * sigma[2], a[0].dag() * a[1]]
    exact = np.array(qt.mesolve(h, start, TIMES, c_ops, e_ops=watched).expect)
    ours = evolve(SYSTEM, TIMES, initial=STARTS[name], method=Jumps(6000, seed=2))
    for k in range(2):
        assert np.all(np.abs(ours.photon_number[k] - exact[k]) < 4.5 * ours.photon_number_error[k] + 1e-3)
        error = ours.excited_population_error[k]
        assert np.all(np.abs(ours.excited_population[k] - exact[2 + k]) < 4.5 * error + 1e-3)
    np.testing.assert_allclose(ours.emitter_correlation[0, 0], exact[4], atol=0.02)
    np.testing.assert_allclose(ours.emitter_correlation[0, 1], exact[5], atol=0.02)
    np.testing.assert_allclose(ours.mode_correlation[0, 1], exact[6], atol=0.02)


def test_a_pulse_with_the_phases_of_the_mode_stays_real() -> None:
    system = CavitySystem([Emitters(3, 1.0j, gamma=0.1), Emitters(1, -0.5, gamma=0.1)], [CavityMode(2.0)])
    phases = [-np.pi / 2 + 0.3, np.pi + 0.3]
    source = Source(packed_space(system).space, Preparation.pulse([1.0, 0.4], [-p for p in phases]))
    other = Source(packed_space(system).space, Preparation.pulse([1.0, 0.4], [0.0, 1.0]))
    assert source.real
    assert not other.real


def test_numbers_of_excitations_are_drawn_with_their_probabilities() -> None:
    system = CavitySystem([Emitters(6, 1.0)], [CavityMode(1.0)])
    area = 1.1
    for start in (
        Preparation.pulse(area),
        Preparation([np.diag([np.cos(area / 2) ** 2, np.sin(area / 2) ** 2])]),
    ):
        found = Source(packed_space(system).space, start).starts(spawn_seeds(1, 4000))
        numbers = np.array([key[1] for key in found.keys])
        p = np.sin(area / 2) ** 2
        assert numbers.mean() == pytest.approx(6 * p, abs=5 * math.sqrt(6 * p * (1 - p) / 4000))
        assert numbers.var() == pytest.approx(6 * p * (1 - p), rel=0.15)


def test_clicks_after_a_pulse_are_as_many_as_the_excitations() -> None:
    system = CavitySystem([Emitters(4, 1.0)], [CavityMode(3.0)])
    records = clicks(system, 2000 * 200.0, period=200.0, initial=Preparation.pulse(1.0), seed=2)
    p = math.sin(0.5) ** 2
    assert len(records.time) / 2000 == pytest.approx(4 * p, abs=5 * math.sqrt(4 * p * (1 - p) / 2000))


def test_amplitudes_of_levels() -> None:
    scheme = LevelScheme(("g", "s", "e"), couplings={("g", "e"): (1.0,)}, decays={("e", "s"): 0.5})
    system = CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0)])
    start = Preparation([np.sqrt([0.5, 0.2, 0.3])])
    found = evolve(system, [0.0], initial=start, method=Jumps(4000))
    error = found.excited_population_error[0, 0]
    assert abs(found.excited_population[0, 0] - 0.5) < 5 * error


def test_mixtures_of_superpositions_of_a_group_are_refused() -> None:
    with pytest.raises(InputError, match="groups of one"):
        evolve(SYSTEM, TIMES, initial=Preparation([MIXED, MIXED]), method=Jumps(5))
    driven = CavitySystem([Emitters(1, 1.0)], [CavityMode(1.0)], drive=0.5)
    with pytest.raises(InputError, match="MeanField"):
        evolve(driven, TIMES, method=Jumps(5))
