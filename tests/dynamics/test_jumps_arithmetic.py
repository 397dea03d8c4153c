"""Jumps: turned modes, real states, pauses; and what trajectories cannot know is said."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics.api import steady_state
from atomcavity.dynamics.jumps import run as jumps_run
from atomcavity.dynamics.jumps.basis import fock_rotation
from atomcavity.dynamics.jumps.kernel import uniform
from atomcavity.dynamics.jumps.run import Packed, packed_space, run_trajectories
from atomcavity.dynamics.jumps.sectors import Sector, Space
from atomcavity.dynamics.jumps.start import Source
from atomcavity.dynamics.methods import Exact, Jumps
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.errors import InputError
from atomcavity.parallel import spawn_seeds

LASER = CavitySystem([Emitters(2, 0.9, gamma=0.3, pump_rate=1.0)], [CavityMode(2.0)])
WAVES = CavitySystem(
    [Emitters(1, (np.exp(1j * k), np.exp(-1j * k)), gamma=0.2, pump_rate=0.6) for k in (0.3, 1.2)],
    [CavityMode(2.0)] * 2,
)

SYSTEM_OF_LEVELS = CavitySystem(
    [
        Emitters(
            1,
            levels=LevelScheme(
                ("s", "p", "x"),
                couplings={("s", "p"): (0.9, 0.7)},
                decays={("p", "s"): 0.2, ("s", "x"): 0.8, ("x", "p"): 4.0},
                drives={("s", "x"): 0.6},
                energies={"x": 0.3},
            ),
        ),
        Emitters(2, (0.6, 0.5j), gamma=0.3, dephasing_rate=0.2, detuning=0.4),
    ],
    [CavityMode(2.0), CavityMode(1.5)],
)


def unitary(seed: int, size: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    return np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 1000), st.integers(1, 3), st.integers(0, 5))
def test_fock_rotations_are_a_unitary_representation(seed: int, modes: int, photons: int) -> None:
    a, b = unitary(seed, modes), unitary(seed + 1, modes)
    product = fock_rotation(a, photons) @ fock_rotation(b, photons)
    np.testing.assert_allclose(fock_rotation(a @ b, photons), product, atol=1e-12)
    np.testing.assert_allclose(product.conj().T @ product, np.eye(len(product)), atol=1e-12)


def test_two_photons_leave_a_beam_splitter_together() -> None:
    """Hong, Ou and Mandel: |1, 1> has no component with one photon in each output."""
    half = fock_rotation(np.array([[1, 1], [1, -1]]) / np.sqrt(2), 2)
    np.testing.assert_allclose(np.abs(half[:, 1]) ** 2, [0.5, 0, 0.5], atol=1e-15)


def test_travelling_waves_of_equal_loss_are_computed_as_standing_ones() -> None:
    assert Space(WAVES).turned
    assert Space(WAVES).real
    assert not Space(WAVES, turn=False).turned
    assert not Space(WAVES, turn=False).real


def test_turned_modes_agree_with_the_exact_distribution() -> None:
    ours = steady_state(WAVES, method=Jumps(1500, seed=1))
    exact = steady_state(WAVES, method=Exact())
    assert np.all(np.abs(ours.photon_number - exact.photon_number) < 4 * ours.photon_number_error)
    assert np.all(np.abs(ours.g2 - exact.g2) < 4 * ours.g2_error)
    size = ours.photon_distribution.shape[1]
    np.testing.assert_allclose(
        ours.photon_distribution, exact.photon_distribution[:, :size], atol=4 * ours.photon_number_error.max()
    )
    np.testing.assert_allclose(ours.mode_correlation, exact.mode_correlation, atol=0.01)
    np.testing.assert_allclose(ours.emitter_correlation, exact.emitter_correlation, atol=0.01)


@pytest.mark.parametrize("system", [LASER, WAVES])
def test_real_and_complex_states_give_the_same_clicks(system: CavitySystem) -> None:
    real, other = Space(system), Space(system)
    assert real.real
    other.real = False
    seeds = spawn_seeds(1, 3)
    one, two = (run_trajectories(Packed(space), seeds, 20.0, record=True).clicks for space in (real, other))
    np.testing.assert_allclose(one[0], two[0], rtol=1e-6)
    np.testing.assert_array_equal(one[1], two[1])


def test_pauses_change_nothing_and_endless_work_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    seeds = spawn_seeds(1, 3)
    whole = run_trajectories(packed_space(LASER), seeds, 20.0, record=True)
    monkeypatch.setattr(jumps_run, "PAUSE", 50)
    parts = run_trajectories(packed_space(LASER), seeds, 20.0, record=True)
    np.testing.assert_array_equal(whole.clicks[0], parts.clicks[0])
    stiff = CavitySystem([Emitters(1, 1e3, gamma=1e-3, pump_rate=1e-2)], [CavityMode(1e9)])
    with pytest.raises(InputError, match="steps, because the fastest rate"):
        steady_state(stiff, method=Jumps(20))


def test_rare_photons_are_not_trusted() -> None:
    """Photons of weak coupling are made at rare jumps, which neither the mean nor the error knows of."""
    weak = CavitySystem([Emitters(1, 1e-3, gamma=1.0, pump_rate=2.0)], [CavityMode(1e-2)])
    ours = steady_state(weak, method=Jumps(2, duration=20.0))
    assert any("photons left the cavity" in text for text in ours.warnings)
    assert not steady_state(LASER, method=Jumps(100)).warnings


def test_an_average_that_still_drifts_is_told() -> None:
    gain = CavitySystem([Emitters(1, 1.0, gamma=0.1, pump_rate=0.3)], [CavityMode(0.0)])
    grown = steady_state(gain, method=Jumps(100))
    assert any("not stationary" in text for text in grown.warnings)
    for duration in np.linspace(20.0, 40.0, 12):  # odd and even numbers of samples
        assert not steady_state(LASER, method=Jumps(400, seed=2, duration=float(duration))).warnings


def test_emitters_that_only_the_cavity_damps_may_be_dark() -> None:
    two = CavitySystem([Emitters(2, 1.0)], [CavityMode(1.0)])
    assert "dark" in steady_state(two, method=Jumps(3)).warnings[0]
    one = CavitySystem([Emitters(1, 1.0)], [CavityMode(1.0)])
    assert not steady_state(one, method=Jumps(3)).warnings
    scheme = LevelScheme(("g", "e", "s"), couplings={("g", "e"): 1.0})
    assert steady_state(
        CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0)]), method=Jumps(3)
    ).warnings


def test_sizes_of_sectors_are_known_before_they_are_built() -> None:
    scheme = LevelScheme(("g", "s", "e"), couplings={("g", "e"): (1.0, 0.3)}, decays={("e", "s"): 1.0})
    groups = [Emitters(3, (1.0, 0.5j)), Emitters(1, (0.2, 1.0)), Emitters(1, levels=scheme)]
    space = Space(CavitySystem(groups, [CavityMode(2.0), CavityMode(1.0)]))
    for total in range(8):
        for label in (1, 3):
            key = ((label, 1, 0), total)
            assert space.size(key) == space.basis(key).valid.sum()


def test_sectors_that_would_fill_the_memory_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jumps_run, "MOST_BYTES", 5e3)
    with pytest.raises(InputError, match="excitation sectors"):
        steady_state(WAVES, method=Jumps(20))
    large = CavitySystem(
        [Emitters(1000, (1.0, g), gamma=0.1, pump_rate=1.0) for g in (0.0, 0.5, 1.0)], [CavityMode(1.0)] * 2
    )
    with pytest.raises(InputError, match="product states"):
        steady_state(large, method=Jumps(2))


def generator(sector: Sector) -> np.ndarray:
    """-i H - (sum of c^+ c)/2 of a sector as a matrix."""
    matrix = np.diag(sector.diagonal + sector.centre).astype(complex)
    rows = np.repeat(np.arange(len(sector.rate)), np.diff(sector.indptr))
    np.add.at(matrix, (rows, sector.columns), sector.values)
    return matrix


@pytest.mark.parametrize("system", [LASER, WAVES, SYSTEM_OF_LEVELS], ids=["one mode", "two modes", "levels"])
def test_a_trajectory_is_repeated_by_matrix_exponentials_between_its_clicks(system: CavitySystem) -> None:
    from scipy.linalg import expm

    packed = packed_space(system, photons_of_modes=True)
    start = Source(packed.space, Preparation("inverted")).starts(spawn_seeds(5, 5))
    out = run_trajectories(packed, spawn_seeds(5, 5), 8.0, starts=start, record=True, keep=True)
    assert len(out.clicks[0]) > 20
    for k in range(5):
        key, mine = start.keys[k], np.flatnonzero(out.clicks[2] == k)
        psi = start.amplitudes[start.places[k] :][: len(packed.space.basis(key))]
        now = 0.0
        for time, channel in zip(out.clicks[0][mine], out.clicks[1][mine], strict=True):
            sector = packed.space.build(key)
            psi, now, key = expm(generator(sector) * (time - now)) @ psi, time, sector.targets[channel]
            some = sector.maps[channel] >= 0
            after = np.zeros(len(packed.space.basis(key)), complex)
            after[sector.maps[channel][some]] = (sector.amplitudes[channel] * psi)[some]
            psi = after / np.linalg.norm(after)
        psi = expm(generator(packed.space.build(key)) * (8.0 - now)) @ psi
        assert packed.keys[out.sector[k]] == key
        overlap = np.vdot(out.state[k, : len(psi)], psi / np.linalg.norm(psi))
        assert abs(overlap) == pytest.approx(1.0, abs=1e-10)
        np.testing.assert_allclose(out.state[k, : len(psi)] * overlap, psi / np.linalg.norm(psi), atol=1e-7)


@pytest.mark.parametrize("system", [LASER, WAVES, SYSTEM_OF_LEVELS], ids=["one mode", "two modes", "levels"])
def test_waiting_times_solve_the_norm_to_rounding(system: CavitySystem) -> None:
    """The first click of a run comes when |exp(A t) psi|^2 has fallen to the run's first random number."""
    from scipy.linalg import expm

    packed = packed_space(system, photons_of_modes=True)
    start = Source(packed.space, Preparation("inverted")).starts(spawn_seeds(3, 40))
    out = run_trajectories(packed, spawn_seeds(3, 40), 60.0, starts=start, record=True)
    time, _, run = out.clicks
    matrix = generator(packed.space.build(start.keys[0]))
    for k in range(40):
        mark = uniform(spawn_seeds(3, 40)[k].copy())
        first = time[run == k]
        if first.size:
            norm = np.linalg.norm(expm(matrix * first[0]) @ start.amplitudes[: len(matrix)]) ** 2
            assert norm == pytest.approx(mark, rel=1e-8)
