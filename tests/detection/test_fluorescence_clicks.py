"""Clicks of driven atoms at a ring: closed forms of weak light, QuTiP and the dynamics room for stronger, motion, seeds."""

from math import tau

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.detection.fluorescence import fluorescence_clicks

GAMMA, KAPPA, BETA = tau * 5e6, tau * 4e9, tau * 1.2e9
RING = {"gamma": GAMMA, "kappa": KAPPA, "kappa_ext": KAPPA, "backscattering": BETA}
G = tau * 120e6
ETA = 1 / (1 + 4 * BETA**2 / KAPPA**2)
PURCELL = 4 * G**2 * ETA / KAPPA
LENGTH = 2e-4


def at_rest(atoms=1, runs=40, length=LENGTH, g=G, **options):
    """Clicks of runs with so many atoms at rest."""
    coupling = np.broadcast_to(np.reshape(g, (-1, 1)), (runs, atoms, 2))
    return fluorescence_clicks([0, length], coupling, **{**RING, "drive": tau * 5e6, "seed": 1, **options})


def compared(clicks, law, bins=None, per_bin=200):
    """Deviations of g2 in bins from a law, in standard errors; the law normalised by its own rate."""
    edges = np.linspace(0, 3e-8, 13) if bins is None else bins
    found = clicks.coincidences(edges, "detector 1", "detector 2")
    fine = np.linspace(edges[:-1], edges[1:], per_bin + 1, axis=1)
    middle = (fine[:, 1:] + fine[:, :-1]) / 2
    expected = np.asarray(law(middle.ravel())).reshape(middle.shape).mean(axis=1) * found.expected
    return (found.counts - expected) / np.sqrt(expected + 1)


def test_one_atom_in_weak_light():
    """g2 = [1 - exp(-gamma tau/2)]^2 with the Purcell-enhanced decay, and the rate of that line."""
    drive, total = tau * 1.5e6, GAMMA + PURCELL
    clicks = at_rest(runs=200, drive=drive, seed=3)
    saturation = 2 * drive**2 / total**2
    excited = saturation / 2 / (1 + saturation)
    forward = 1 / (1 + 4 * BETA**2 / KAPPA**2)  # of the ring's light, the rest is scattered back
    rate = PURCELL * forward * excited
    for label in clicks.labels:
        assert clicks.rate(label) == pytest.approx(rate / 2, rel=4 / np.sqrt(rate / 2 * clicks.exposure))
    deviation = compared(clicks, lambda x: (1 - np.exp(-total * x / 2)) ** 2)
    assert np.abs(deviation).max() < 4
    assert not clicks.warnings


def test_a_pair_in_phase_decays_twice_as_fast():
    """The drive ends after 60 ns; what is left then decays with gamma + 2 Gamma."""
    times, runs = np.array([0, 6e-8, 6.01e-8, 1.6e-7]), 25000
    drive = tau * 4e6 * np.array([1.0, 1.0, 0.0, 0.0])
    clicks = fluorescence_clicks(times, np.full((runs, 2, 4), G), drive=drive, seed=1, **RING)
    after = clicks.time[clicks.time > times[2]] - times[2]
    life = 1 / (GAMMA + 2 * PURCELL)
    assert len(after) > 500
    assert after.mean() == pytest.approx(life, abs=4 * life / np.sqrt(len(after)))


def test_the_pair_after_a_photon():
    """g2 = |1 + (r - 1) exp(-(gamma + 2 Gamma) tau/2)|^2 with r = (gamma + 2 Gamma)/(2 gamma + 2 Gamma) in weak light."""
    clicks = at_rest(2, runs=150, drive=tau * 1.2e6, g=G / 3)
    purcell = PURCELL / 9
    fast = GAMMA + 2 * purcell
    ratio = fast / (2 * GAMMA + 2 * purcell)
    bins = np.linspace(0, 1e-7, 21)
    deviation = compared(clicks, lambda x: (1 + (ratio - 1) * np.exp(-fast * x / 2)) ** 2, bins)
    assert np.abs(deviation).max() < 4


@pytest.mark.parametrize("number", [2, 3])
def test_independent_atoms_with_random_phases(number):
    """Mean over frozen phases: G2 = N (1 - e)^2 + 2 N (N - 1), at long delays 2 - 1/N (Zhou et al. 2026, Eq. 3)."""
    rng = np.random.default_rng(2)
    runs, weak = 1000, G / 15  # hardly any light shared
    phase = tau * rng.random((runs, number, 1))
    clicks = at_rest(number, runs, 3e-5, g=weak, drive=tau * 1e6, drive_phases=phase)
    counts = [clicks.counts(label).astype(float) for label in clicks.labels]
    pairs = counts[0] * counts[1]
    bunching = pairs.mean() / (counts[0].mean() * counts[1].mean())
    assert bunching == pytest.approx(2 - 1 / number, abs=0.12)
    bins = np.array([0, 5e-9, 1e-8, 2e-8, 4e-8])
    whole = sum(c.sum() for c in counts) / 2 / runs / 3e-5

    def law(x):
        return (1 - np.exp(-GAMMA * x / 2)) ** 2 / number + 2 * (number - 1) / number

    found = clicks.coincidences(bins, "detector 1", "detector 2")
    fine = np.linspace(bins[:-1], bins[1:], 201, axis=1)
    mean = law(fine).mean(axis=1) * np.diff(bins) * whole**2 * runs * 3e-5
    assert np.abs(found.counts / mean - 1).max() < 0.1 + 4 / np.sqrt(mean.min())


QUTIP = {
    "one atom": {"g": [G], "drive": [tau * 60e6], "shifts": [tau * 9e6], "phases": None, "detuning": 0.0},
    "two atoms, both directions": {
        "g": [G, 0.7 * G],
        "drive": [tau * 50e6, tau * 30e6],
        "shifts": [tau * 20e6, -tau * 8e6],
        "phases": [0.7, 2.9],
        "detuning": tau * 0.5e9,
    },
}


def eliminated(case):
    """The master equation of the atoms alone in QuTiP, written down anew: (H, jumps, fields of the two modes)."""
    qutip = pytest.importorskip("qutip")
    number = len(case["g"])
    lower = [
        qutip.tensor([qutip.destroy(2) if i == j else qutip.qeye(2) for i in range(number)])
        for j in range(number)
    ]
    theta = np.arange(number) * 1.1
    turn = np.zeros(number) if case["phases"] is None else np.array(case["phases"])
    first = sum(g * s for g, s in zip(case["g"], lower, strict=True))
    second = sum(g * np.exp(-1j * p) * s for g, p, s in zip(case["g"], turn, lower, strict=True))
    if case["phases"] is None:
        second = 0 * second
    half = KAPPA / 2 - 1j * case["detuning"]
    inverse = np.linalg.inv(np.array([[half, 1j * BETA], [1j * BETA, half]]))
    a, b = (-1j * (row[0] * first + row[1] * second) for row in inverse)
    source = (first, second)
    answer = sum(source[m].dag() * inverse[m, n] * source[n] for m in range(2) for n in range(2))
    hamiltonian = (answer - answer.dag()) / 2j
    for j, s in enumerate(lower):
        delta = case["shifts"][j] - case["detuning"]
        push = case["drive"][j] / 2 * np.exp(1j * theta[j]) * s.dag()
        hamiltonian += delta * s.dag() * s + push + push.dag()
    jumps = [np.sqrt(GAMMA) * s for s in lower] + [np.sqrt(KAPPA) * a, np.sqrt(KAPPA) * b]
    return qutip, hamiltonian, jumps, (a, b), theta


@pytest.mark.parametrize("name", QUTIP)
@pytest.mark.parametrize("port", [0, 1])
def test_strong_light_against_qutip(name, port):
    case = QUTIP[name]
    if case["detuning"]:  # the drive stays near the atoms
        case = {**case, "shifts": [x + case["detuning"] for x in case["shifts"]]}
    qutip, hamiltonian, jumps, fields, theta = eliminated(case)
    steady = qutip.steadystate(hamiltonian, jumps)
    seen = fields[port]
    rate = KAPPA * qutip.expect(seen.dag() * seen, steady)
    axis = np.linspace(0, 3.1e-8, 311)
    after = seen * steady * seen.dag() / qutip.expect(seen.dag() * seen, steady)
    curve = (
        KAPPA
        * np.array(qutip.mesolve(hamiltonian, after, axis, jumps, e_ops=[seen.dag() * seen]).expect[0])
        / rate
    )
    clicks = fluorescence_clicks(
        [0, 5e-5], np.broadcast_to(np.array(case["g"])[:, None], (24, len(theta), 2)),
        **RING, drive=np.array(case["drive"])[:, None], shifts=np.array(case["shifts"])[:, None], detuning=case["detuning"],
        drive_phases=theta[:, None], phases=None if case["phases"] is None else np.array(case["phases"])[:, None],
        port=port, seed=8,
    )  # fmt: skip
    total = clicks.rate("detector 1") + clicks.rate("detector 2")
    assert total == pytest.approx(rate, rel=4 / np.sqrt(rate * clicks.exposure) + 2e-4)
    assert np.ptp(curve) > 0.3
    assert np.abs(compared(clicks, lambda x: np.interp(x, axis, curve))).max() < 4.2


def test_rates_of_kept_modes():
    """The dynamics room with both modes kept: elimination costs some g^2/kappa^2."""
    g, drive = G / 2, tau * 20e6
    system = ac.CavitySystem(
        [
            ac.Emitters(1, (g, g), GAMMA, drive=drive, detuning=tau * 3e6),
            ac.Emitters(1, (g, g * np.exp(0.9j)), GAMMA, drive=drive * np.exp(1.4j), detuning=tau * 3e6),
        ],
        [ac.CavityMode(KAPPA, kappa_ext=KAPPA / 2)] * 2,
        mode_coupling=[[0, BETA], [BETA, 0]],
    )
    state = ac.steady_state(system, method=ac.Exact(photons=2))
    for port in range(2):
        clicks = at_rest(
            2, 40, 1e-4, g=g, drive=drive, drive_phases=[[0], [1.4]], phases=[[0], [0.9]], shifts=tau * 3e6,
            kappa_ext=KAPPA / 2, port=port, seed=4,
        )  # fmt: skip
        rate = KAPPA / 2 * float(state.photon_number[port])
        found = clicks.rate("detector 1") + clicks.rate("detector 2")
        assert found == pytest.approx(rate, rel=4 / np.sqrt(rate * clicks.exposure) + 4 * (g / KAPPA) ** 2)


def test_moving_atoms_see_a_shifted_drive():
    """A phase that runs is a detuning, for a pair too."""
    times, speed = np.linspace(0, 2e-5, 20001), tau * 12e6
    pair = np.full((40, 2, 20001), G)
    moving = fluorescence_clicks(times, pair, drive=tau * 5e6, drive_phases=-speed * times, **RING)
    shifted = at_rest(2, 100, 2e-5, shifts=-speed)
    resonant = at_rest(2, 100, 2e-5)
    number = len(shifted.time)
    assert len(moving.time) / 40 == pytest.approx(number / 100, abs=4 * np.sqrt(number * 3.5) / 100)
    assert number < 0.8 * len(resonant.time)
    assert not moving.warnings
    coarse = fluorescence_clicks(
        times[::100], pair[:, :, ::100], drive=tau * 5e6, drive_phases=-speed * times[::100], **RING
    )
    assert "phases change" in coarse.warnings[0]


def test_the_rate_follows_the_coupling():
    times = np.linspace(0, LENGTH, 1001)
    few = np.full((30, 1, 1001), 0.05 * G) * times / LENGTH  # far below gamma: the rate goes with the square
    rising = fluorescence_clicks(times, few, drive=tau * 5e6, seed=6, **RING)
    spread = np.sqrt(3 / 80) * LENGTH / np.sqrt(len(rising.time))
    assert rising.time.mean() == pytest.approx(0.75 * LENGTH, abs=4 * spread)


def test_an_atom_that_goes_leaves_the_others_alone():
    times = np.array([0, 4.9e-5, 5e-5, 1e-4])
    pair = np.zeros((60, 2, 4))
    pair[:, 0], pair[:, 1, :2] = G, G
    clicks = fluorescence_clicks(times, pair, drive=tau * 5e6, seed=2, **RING)
    alone = fluorescence_clicks(times, pair[:, :1], drive=tau * 5e6, seed=3, **RING)
    late = [int((c.time > 5.1e-5).sum()) for c in (clicks, alone)]
    assert late[0] == pytest.approx(late[1], abs=4 * np.sqrt(2 * late[1]))
    gone = fluorescence_clicks(times, pair[:, 1:], drive=tau * 5e6, seed=3, **RING)
    assert len(gone.time) > 0
    assert gone.time.max() < 5e-5
    lost = fluorescence_clicks(times, np.zeros((3, 2, 4)), drive=1e7, **RING)
    assert lost.runs == 3
    assert len(lost.time) == 0


@pytest.mark.parametrize("drives", [(0.0, 60e6), (20e6, 20e6)])
def test_an_atom_that_goes_is_as_one_that_no_longer_couples(drives):
    """What the first of a pair emits in the 20 ns after the second has gone, while they are still correlated."""
    times, runs = np.array([0, 1e-7, 1e-7 + 1e-11, 1.2e-7]), 8000
    late = []
    for rest in (0.0, 1e-3):  # rad/s: gone, and there but dark
        pair = np.full((runs, 2, 4), G)
        pair[:, 1, 2:] = rest
        clicks = fluorescence_clicks(
            times, pair, drive=tau * np.array(drives)[:, None], seed=int(rest > 0), **RING
        )
        late.append(int((clicks.time > times[2]).sum()))
    assert late[1] > 100
    assert late[0] == pytest.approx(late[1], abs=4.5 * np.sqrt(2 * late[1]))


def test_dark_counts_and_the_splitter():
    dark = at_rest(runs=100, g=0.0, dark_rate=1e6, seed=2)
    counts = np.array([dark.counts(label).sum() for label in dark.labels])
    assert counts == pytest.approx(1e6 * LENGTH * 100, abs=4 * np.sqrt(2e4))
    assert (np.diff(dark.time)[np.diff(dark.run) == 0] >= 0).all()
    flat = dark.coincidences([0, 1e-7], "detector 1", "detector 2")
    assert flat.g2[0] == pytest.approx(1, abs=4 * flat.error[0])
    clicks = at_rest(split=0.25, efficiency=0.5)
    whole = len(at_rest(seed=9).time)
    first = len(clicks.times("detector 1"))
    assert len(clicks.time) == pytest.approx(whole / 2, abs=4 * np.sqrt(whole))
    assert first / len(clicks.time) == pytest.approx(0.25, abs=4 * np.sqrt(0.1875 / len(clicks.time)))


def test_seeds_workers_and_the_grid():
    """The times given to constant couplings do not matter: waiting times have no step."""
    phases = np.random.default_rng(1).random((6, 3, 1)) * tau
    clicks = at_rest(3, 6, 2e-6, drive_phases=phases, dark_rate=1e5, workers=1)
    few = at_rest(3, 2, 2e-6, drive_phases=phases[:2], dark_rate=1e5, workers=3)
    assert np.array_equal(clicks.time[clicks.run < 2], few.time)
    assert np.array_equal(clicks.channel[clicks.run < 2], few.channel)
    times = np.array([0, 1e-9, 4e-9, 3.7e-7, 1.1e-6, 1.9999e-6, 2e-6])
    other = fluorescence_clicks(
        times, np.full((6, 3, 7), G), drive=tau * 5e6, drive_phases=phases, dark_rate=1e5, seed=1, **RING
    )
    assert len(clicks.time) > 20
    assert np.abs(other.time - clicks.time).max() < 1e-6 / GAMMA


def test_a_ring_that_does_not_follow_is_told():
    assert at_rest(runs=1, length=1e-8, g=KAPPA / 4).warnings
    assert at_rest(runs=1, length=1e-8, drive=KAPPA / 4).warnings


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"times": [1, 2]}, "ascending from 0"),
        ({"g": np.ones((2, 2))}, "g has shape"),
        ({"g": np.full((1, 1, 2), np.nan)}, "g must be finite"),
        ({"g": np.ones((1, 7, 2))}, "7 atoms"),
        ({"shifts": np.ones(3)}, "shifts has shape"),
        ({"gamma": 0.0}, "gamma = 0.0 must be a positive"),
        ({"kappa_ext": 2 * KAPPA}, "kappa_ext"),
        ({"port": 2}, "port = 2"),
        ({"split": 2.0}, "split"),
        ({"efficiency": -0.1}, "efficiency"),
        ({"dark_rate": -1.0}, "dark_rate"),
    ],
)
def test_refuses(change, match):
    given = {"times": [0, 1e-8], "g": np.ones((1, 1, 2)), **RING, "drive": 1e6}
    with pytest.raises(ac.InputError, match=match):
        fluorescence_clicks(**{**given, **change})
