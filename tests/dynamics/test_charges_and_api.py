"""Conserved excitation number, choice of method, questions that are refused, results in files."""

import numpy as np
import pytest

import atomcavity.dynamics as dynamics
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Exact, Jumps, LevelScheme
from atomcavity.dynamics.charges import level_charges
from atomcavity.dynamics.exact.size import estimate
from atomcavity.dynamics.exact.symmetric import symmetric_space
from atomcavity.errors import InputError

ATOM = CavitySystem([Emitters(1, 1.0, 0.1, pump_rate=0.5)], [CavityMode(2.0)])


def test_charges_follow_couplings_and_drives():
    scheme = LevelScheme(
        ("g", "e", "m", "d"),
        couplings={("g", "e"): (1.0,)},
        drives={("m", "e"): 1.0},
        decays={("d", "g"): 1.0},
    )
    assert level_charges(scheme) == (0, 1, 1, 0)
    ladder = LevelScheme(("a", "b", "c"), couplings={("a", "b"): (1.0,), ("b", "c"): (1.0,)})
    assert level_charges(ladder) == (0, 1, 2)
    silent = LevelScheme(("a", "b"), couplings={("a", "b"): (0.0,)}, drives={("a", "b"): 1.0})
    assert level_charges(silent) == (0, 0)


@pytest.mark.parametrize(("number", "levels"), [(1, 2), (4, 2), (2, 3)])
def test_symmetric_space_is_orthonormal_and_complete_for_products(number, levels):
    """A product state rho^N has the norm tr(rho^2)^N and the trace 1."""
    rng = np.random.default_rng(1)
    a = rng.normal(size=(levels, levels)) + 1j * rng.normal(size=(levels, levels))
    rho = a @ a.conj().T
    rho /= np.trace(rho)
    space = symmetric_space(number, levels)
    from scipy.special import gammaln

    n = space.occupations
    multinomial = np.exp(gammaln(number + 1) - gammaln(n + 1).sum(axis=1))
    x = np.sqrt(multinomial) * np.prod(rho.ravel() ** n, axis=1)
    assert x @ space.trace == pytest.approx(1.0)
    assert np.vdot(x, x).real == pytest.approx(np.trace(rho @ rho).real ** number)
    for level in range(levels):
        assert (x @ space.population(level)).real == pytest.approx(rho[level, level].real)
    np.testing.assert_allclose(x[space.transposed], x.conj(), atol=1e-14)


def test_the_estimate_has_the_right_order_of_magnitude():
    from atomcavity.dynamics.exact.sector import Sector
    from atomcavity.dynamics.exact.stationary import first_cutoff
    from atomcavity.dynamics.reduction import reduce

    for number in (1, 4, 9):
        system = CavitySystem([Emitters(number, 1.0, 0.1, pump_rate=0.5)], [CavityMode(2.0)])
        reduced = reduce(system)
        true = Sector(reduced, 0, first_cutoff(reduced)).size
        assert 0.5 < estimate(system) / true < 2


def test_large_systems_are_given_to_jumps(monkeypatch):
    from atomcavity.dynamics.choice import choose

    atoms = [Emitters(1, (1.0, np.exp(1j * k)), 0.1, pump_rate=0.5) for k in range(8)]
    method, reason = choose("steady_state", CavitySystem(atoms, [CavityMode(2.0), CavityMode(3.0)]))
    assert isinstance(method, Jumps)
    assert "would need about" in reason
    assert isinstance(choose("steady_state", ATOM)[0], Exact)


def test_a_pulse_is_given_to_a_method_that_treats_pulses():
    from atomcavity.dynamics.choice import choose

    mode, start = [CavityMode(1e5)], dynamics.Preparation()
    ring = CavitySystem([Emitters(10**4, 1.0)], mode)
    for question in ("spectrum", "correlation"):
        assert isinstance(choose(question, ring, initial=start)[0], dynamics.DickeLadder)
    for emitters in (
        [Emitters(10**4, 1.0, 0.01)],
        [Emitters(15, 1.0, 0.2), Emitters(15, 0.8, 0.2, detuning=1.0)],
    ):
        for modes in (mode, [CavityMode(40.0)]):
            chosen, _ = choose("spectrum", CavitySystem(emitters, modes), initial=start)
            assert isinstance(chosen, dynamics.TruncatedWigner)


def test_correlations_of_driven_systems_and_of_levels_are_not_given_to_a_method_that_cannot():
    from atomcavity.dynamics.choice import choose

    driven = CavitySystem([Emitters(1000, 0.05, 0.2)], [CavityMode(1.0)], drive=0.3)
    assert choose("correlation", driven)[0] == dynamics.TruncatedWigner()
    pumped = dynamics.LevelScheme(
        ("g", "e", "p"), {("g", "e"): (1.0,)}, decays={("e", "g"): 0.1, ("g", "p"): 20.0, ("p", "e"): 100.0}
    )
    few, many = (CavitySystem([Emitters(n, levels=pumped)], [CavityMode(5.0)]) for n in (10, 300))
    assert choose("correlation", few)[0] == Jumps()
    with pytest.raises(InputError, match="300 emitters with these levels"):
        dynamics.correlation(many, [0.0])


def test_jumps_are_not_chosen_where_they_take_minutes():
    from atomcavity.dynamics.choice import choose

    halves = [Emitters(100, 1.0, 0.1, pump_rate=5.0, detuning=d) for d in (3.0, -1.0)]
    two = CavitySystem(halves, [CavityMode(400.0)])
    assert choose("steady_state", two)[0] == dynamics.Cumulants(cavity="eliminated")
    assert isinstance(choose("evolve", two, times=np.array([0.1]))[0], dynamics.TruncatedWigner)
    bright = CavitySystem([Emitters(1000, 1.0, pump_rate=20.0)], [CavityMode(0.1)])
    method, reason = choose("steady_state", bright)
    assert method == dynamics.Cumulants()
    assert "jumps" in reason
    assert isinstance(choose("evolve", bright, times=np.array([0.0, 1.0]))[0], Jumps)


@pytest.mark.parametrize(
    ("question", "message"),
    [
        (
            lambda: dynamics.spectrum(ATOM, method=Jumps()),
            r"Jumps does not give a spectrum .*use method=.*Exact\(\)",
        ),
        (lambda: dynamics.spectrum(ATOM, method=dynamics.MeanField()), r"no linewidth.*Linearised\(\)"),
        (lambda: dynamics.correlation(ATOM, [0.0], order=3), "order"),
        (lambda: dynamics.correlation(ATOM, [0.0], other=1), "other"),
        (lambda: dynamics.correlation(ATOM, [1.0, 0.5]), "ascending"),
        (lambda: dynamics.spectrum(ATOM, mode=2), "mode = 2"),
        (lambda: dynamics.spectrum(ATOM, [np.nan]), "finite"),
        (lambda: dynamics.evolve(ATOM, [-1.0]), "times"),
        (lambda: dynamics.evolve(ATOM, [1.0], initial="inverterd"), "did you mean 'inverted'"),
        (lambda: dynamics.evolve(ATOM, [1.0], initial=["up"]), "unknown level"),
        (lambda: dynamics.evolve(ATOM, [1.0], initial=["ground", "ground"]), "one a group"),
        (lambda: dynamics.steady_state(ATOM, method="exact"), "method"),
    ],
)
def test_questions_that_are_refused(question, message):
    with pytest.raises(InputError, match=message):
        question()


def test_initial_levels_by_name():
    times = [0.0, 0.7]
    by_name = dynamics.evolve(ATOM, times, initial=["excited"])
    np.testing.assert_array_equal(by_name.photon_number, dynamics.evolve(ATOM, times).photon_number)
    two = CavitySystem([Emitters(1, 1.0, 0.1), Emitters(1, 1.0, 0.1)], [CavityMode(2.0)])
    ours = dynamics.evolve(two, [0.0], initial=["excited", "ground"])
    np.testing.assert_allclose(ours.excited_population[:, 0], [1, 0])


def test_results_survive_a_file(tmp_path):
    from atomcavity.results import load

    results = [
        dynamics.steady_state(ATOM),
        dynamics.evolve(ATOM, [0.0, 1.0]),
        dynamics.spectrum(ATOM),
        dynamics.correlation(ATOM, [0.0, 1.0], order=2),
    ]
    for result in results:
        again = load(result.save(tmp_path / "result.nc"))
        assert type(again) is type(result)
        assert CavitySystem.from_dict(again.record.parameters["system"]).to_dict() == ATOM.to_dict()
        assert str(again) == str(result)


def test_a_long_evolution_ends_in_the_steady_state():
    ours = dynamics.evolve(ATOM, [0.0, 200.0], initial="ground")
    state = dynamics.steady_state(ATOM)
    assert ours.photon_number[0, -1] == pytest.approx(state.photon_number[0], rel=1e-8)
    delays = dynamics.correlation(ATOM, [0.0, 200.0], order=2).normalised
    assert delays[0] == pytest.approx(state.g2[0])
    assert delays[1] == pytest.approx(1.0)


def test_propagation_dense_and_sparse_agree():
    from scipy.sparse import csr_array

    from atomcavity.dynamics.exact import propagation

    rng = np.random.default_rng(0)
    matrix = csr_array(rng.normal(size=(30, 30)) - 6 * np.eye(30))
    start, times = rng.normal(size=30), np.array([0.0, 0.2, 0.5, 0.5])
    dense = propagation.propagate(matrix, start, times, np.eye(30))
    size, propagation.DENSE_SIZE = propagation.DENSE_SIZE, 0
    sparse = propagation.propagate(matrix, start, times, np.eye(30))
    propagation.DENSE_SIZE = size
    np.testing.assert_allclose(dense, sparse, rtol=1e-11)


def test_nothing_happens_to_emitters_that_nothing_couples_to():
    alone = CavitySystem([Emitters(1)], [CavityMode(1.0)])
    found = dynamics.evolve(alone, [0.0, 2.0], method=Exact())
    np.testing.assert_array_equal(found.excited_population, 1.0)


@pytest.mark.parametrize("method", [Exact(), Exact(cavity="eliminated"), Jumps(20)])
@pytest.mark.parametrize("order", [1, 2])
def test_the_correlation_of_a_pulse_without_light_is_unknown(method, order):
    dark = CavitySystem([Emitters(2, 1.0, 0.1)], [CavityMode(20.0)])
    found = dynamics.correlation(dark, [0.0, 1.0], order=order, initial="ground", method=method)
    np.testing.assert_array_equal(found.value, 0.0)
    assert np.isnan(found.normalised).all()
    assert any("dark" in warning for warning in found.record.warnings)


def test_a_pulse_of_emitters_that_nothing_acts_on_does_not_end():
    alone = CavitySystem([Emitters(1)], [CavityMode(1.0)])
    with pytest.raises(InputError, match="does not end"):
        dynamics.spectrum(alone, initial="inverted", method=dynamics.TruncatedWigner(20))


@pytest.mark.parametrize(
    ("mistake", "message"),
    [
        (lambda: dynamics.evolve(ATOM, "soon"), "times = 'soon' must be real"),
        (lambda: dynamics.evolve(ATOM, [1j]), "times .* must be real"),
        (lambda: dynamics.spectrum(ATOM, "wide"), "detuning = 'wide' must be real"),
        (lambda: dynamics.evolve(ATOM, [0.0], initial=3), "states = 3 must be a list"),
        (lambda: dynamics.Preparation.pulse(1.0, filled=1), "filled = 1 must be a list"),
        (lambda: dynamics.Preparation.pulse("pi"), "area = 'pi' must be angles"),
        (lambda: dynamics.steady_state(ATOM, method=Jumps(5), more=3), "more = 3 must be"),
        (lambda: Emitters(1, levels=3), "levels = 3 must be a LevelScheme"),
    ],
)
def test_mistakes_are_named(mistake, message):
    with pytest.raises(InputError, match=message):
        mistake()


def test_the_amplitude_after_a_pulse_is_not_said_to_be_zero():
    atoms = CavitySystem([Emitters(2, 1.0, 0.1)], [CavityMode(2.0)])
    tipped = dynamics.evolve(atoms, [0.0, 1.0], initial=dynamics.Preparation.pulse(1.0), method=Exact())
    assert np.isnan(tipped.amplitude).all()
    assert np.isfinite(tipped.photon_number).all()
    np.testing.assert_array_equal(dynamics.evolve(atoms, [0.0, 1.0], method=Exact()).amplitude, 0.0)
