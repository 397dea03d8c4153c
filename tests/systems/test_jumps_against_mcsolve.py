"""Trajectories against QuTiP's own Monte Carlo solver: the statistics of single clicks, not only of averages."""

import math

import numpy as np
import pytest
import qutip
from scipy.stats import ks_2samp

import atomcavity as ac

MHZ = 2e6 * math.pi
RUNS, DURATION = 400, 0.3e-6


@pytest.fixture(scope="module")
def system():
    """Two atoms at different phases of two counter-propagating modes (the microlaser's rates), inverted at t = 0."""
    phases = np.exp(1j * np.array([0.3, 60 * math.pi / 47]))
    groups = [ac.Emitters(1, (2.8 * MHZ * p, 2.8 * MHZ * p.conjugate()), 7.5e-3 * MHZ) for p in phases]
    return ac.CavitySystem(groups, [ac.CavityMode(4.4 * MHZ)] * 2)


@pytest.fixture(scope="module")
def peer(system):
    """Click times and collapse operators of QuTiP's trajectories: c_ops are kappa, kappa, gamma, gamma."""
    hamiltonian, c_ops, operators = system.to_qutip([2, 2])
    up, vacuum = qutip.basis(2, 1), qutip.basis(3, 0)
    times = np.linspace(0, DURATION, 31)
    return qutip.mcsolve(
        hamiltonian,
        qutip.tensor(up, up, vacuum, vacuum),
        times,
        c_ops,
        e_ops=[operators["a"][0].dag() * operators["a"][0]],
        ntraj=RUNS,
        seeds=7,
        options={
            "progress_bar": "",
            "keep_runs_results": True,
            "norm_tol": 1e-4,
            "norm_t_tol": 1e-14,
            "norm_steps": 30,
        },
    )


def test_first_and_last_clicks_have_the_same_distribution(system, peer):
    records = ac.clicks(system, DURATION, seed=5, initial="inverted", trajectories=RUNS)
    for place in (0, -1):
        theirs = [times[place] for times in peer.col_times if len(times)]
        ours = [run[place] for run in (records.time[records.run == k] for k in range(RUNS)) if run.size]
        assert ks_2samp(ours, theirs).pvalue > 1e-3
        assert len(ours) == pytest.approx(len(theirs), abs=4 * math.sqrt(RUNS) / 2)


def test_clicks_share_the_channels_alike(system, peer):
    records = ac.clicks(system, DURATION, seed=5, initial="inverted", trajectories=RUNS)
    theirs = np.bincount(np.concatenate(peer.col_which).astype(int), minlength=4)
    for mode in (0, 1):
        ours = records.counts(f"mode {mode}").sum()
        assert abs(ours - theirs[mode]) < 4 * math.sqrt(ours + theirs[mode])


def test_averages_agree_within_errors(system, peer):
    times = np.linspace(0, DURATION, 31)
    ours = ac.evolve(system, times, method=ac.Jumps(trajectories=RUNS, seed=5))
    theirs, spread = np.real(peer.average_expect[0]), np.real(peer.std_expect[0]) / math.sqrt(RUNS)
    error = np.hypot(ours.photon_number_error[0], spread)
    assert np.all(np.abs(ours.photon_number[0] - theirs) < 4.5 * error + 1e-6)
