"""Heterodyne records of single pulses: their law against the ladder's spectrum and flux, their steps, their seeds."""

from math import pi, tau

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.detection import heterodyne
from atomcavity.detection.heterodyne import Walk
from atomcavity.dynamics.dicke.model import ladder
from atomcavity.dynamics.preparation import Preparation

KAPPA = tau * 1.2e6


def pulse_of(number, *, ratio=0.0, detuning=0.0, share=0.5, g=tau * 300.0):
    """Identical emitters with (cavity - emitters)/kappa = ratio, kappa_ext/kappa = share."""
    mode = ac.CavityMode(KAPPA, kappa_ext=share * KAPPA, detuning=detuning + ratio * KAPPA)
    return ac.CavitySystem([ac.Emitters(number, g=g, detuning=detuning)], [mode])


def model_of(system, initial="inverted"):
    return ladder(*Preparation.of(initial).applied(system))


def length_of(system):
    """A time in which practically all photons leave (s)."""
    model = model_of(system)
    return (2 * np.log(model.number) + 16) / (model.number * model.rate)


@pytest.mark.parametrize(
    ("number", "ratio", "share"), [(1, 0.0, 1.0), (2, 0.7, 0.6), (30, -0.8, 0.5), (400, 0.0, 0.5)]
)
def test_mean_periodogram_is_the_spectrum_and_the_shot_noise(number, ratio, share):
    system = pulse_of(number, ratio=ratio, share=share)
    model, length = model_of(system), length_of(system)
    runs = 800
    record = heterodyne(system, np.linspace(0, length, 601), trajectories=runs, seed=3)
    width = number * (model.rate + abs(model.chi))
    detuning = width * np.linspace(-1.5, 1.5, 25)
    found = record.periodogram(detuning)
    mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(runs)
    spectrum = ac.spectrum(system, detuning, initial="inverted", method=ac.DickeLadder()).density
    law = share * KAPPA * spectrum + length
    assert record.shot_noise() == pytest.approx(length)
    assert np.abs((mean - law) / error).max() < 4.2
    assert np.sum(((mean - law) / error) ** 2) < 25 + 4.5 * np.sqrt(2 * 25)


@pytest.mark.parametrize("ratio", [0.0, 0.9])
def test_mean_square_of_the_current_is_the_flux_and_the_shot_noise(ratio):
    system = pulse_of(60, ratio=ratio, share=0.7)
    edges = np.linspace(0, 0.6 * length_of(system), 181)
    record = heterodyne(system, edges, trajectories=1500, seed=1, efficiency=0.9)
    assert record.share == pytest.approx(0.63)
    flux = ac.evolve(system, record.time, method=ac.DickeLadder()).photon_number[0] * 0.63 * KAPPA
    assert record.flux == pytest.approx(flux, rel=2e-3, abs=2e-3 * flux.max())
    square = np.abs(record.current) ** 2 - 1 / record.width
    mean, error = square.mean(axis=0), square.std(axis=0, ddof=1) / np.sqrt(1500)
    assert np.sum(((mean - flux) / error) ** 2) < 180 + 4.5 * np.sqrt(360)
    photons = square @ record.width
    assert photons.mean() == pytest.approx(record.flux @ record.width, abs=4 * photons.std() / np.sqrt(1500))


def test_what_leaves_through_the_port_of_one_mode_of_two():
    modes = [ac.CavityMode(KAPPA, kappa_ext=0.5 * KAPPA), ac.CavityMode(2 * KAPPA, kappa_ext=KAPPA)]
    system = ac.CavitySystem([ac.Emitters(20, g=(tau * 300.0, tau * 200.0))], modes)
    edges = np.linspace(0, length_of(system), 11)
    shares = [heterodyne(system, edges, mode=k).share for k in (0, 1)]
    rates = np.array([300.0**2 / 1.0, 200.0**2 / 2.0])
    assert shares == pytest.approx(0.5 * rates / rates.sum())


def test_coherent_emitters_send_light_with_the_phase_of_the_mean_amplitude():
    """A pulse of area 0.6 pi has <a> != 0: the mean current is sqrt(kappa_ext) <a>, in phase and frequency too."""
    system = pulse_of(20, ratio=0.4, detuning=tau * 30.0, share=0.8)
    start = Preparation.pulse(0.6 * pi, phase=0.7)
    edges = np.linspace(0, 0.3 * length_of(system), 81)
    runs = 2000
    record = heterodyne(system, edges, trajectories=runs, seed=2, initial=start)
    fine = np.linspace(0, edges[-1], 1601)
    amplitude = ac.evolve(system, fine, initial=start, method=ac.DickeLadder()).amplitude[0]
    whole = np.concatenate([[0], np.cumsum((amplitude[1:] + amplitude[:-1]) / 2 * np.diff(fine))])
    law = np.sqrt(0.8 * KAPPA) * np.diff(whole[::20]) / record.width
    mean = record.current.mean(axis=0)
    error = record.current.std(axis=0, ddof=1) / np.sqrt(runs)
    assert np.sum((np.abs(mean - law) / error) ** 2) < 80 + 4.5 * np.sqrt(80)
    assert np.abs(law).max() > 20 * error.max()


def test_the_emitters_detuning_turns_the_record_and_changes_nothing_else():
    edges = np.linspace(0, 0.02, 801)  # of less than one step
    still, moved = (
        heterodyne(pulse_of(20, ratio=0.3, detuning=d, share=1.0), edges, seed=5, trajectories=3)
        for d in (0.0, tau * 60)
    )
    turned = moved.current * np.exp(1j * tau * 60 * moved.time)
    assert turned == pytest.approx(still.current, rel=1e-4, abs=1e-4 * np.sqrt(still.flux.max()))


def test_mirror_symmetry_of_the_detuning():
    """Delta -> -Delta and the conjugate noise give the conjugate record."""
    edges = np.linspace(0, 0.02, 101)
    plus, minus = (Walk.of(model_of(pulse_of(40, ratio=r)), edges) for r in (0.6, -0.6))
    noise = plus.noise(np.random.default_rng(1))
    assert minus.signal(noise.conj()) == pytest.approx(plus.signal(noise).conj(), rel=1e-10)


def test_strong_order_of_the_steps_is_one():
    system = pulse_of(60, ratio=0.5)
    walk = Walk.of(model_of(system), np.linspace(0, length_of(system), 31))
    walks = [walk]
    for _ in range(4):
        walks.append(walks[-1].finer)
    changes = np.zeros(4)
    for k in range(60):
        noise = walks[-1].noise(np.random.default_rng(k))
        signals = []
        for each in reversed(walks):
            signals.append(each.signal(noise))
            noise = (noise[::2] + noise[1::2]) / np.sqrt(2)
        changes += [np.log2(np.linalg.norm(a - signals[0])) for a in signals[:0:-1]]
    orders = -np.diff(changes) / 60  # of the geometric mean of the runs
    assert orders == pytest.approx(1.0, abs=0.3)


def test_one_emitter_alone_is_solved_in_closed_form():
    """N = 1: c_1(t) e^{Gamma t/2} -> psi = (1, sqrt(Gamma) int e^{-Gamma t/2} dR^*), so that <J^-> is known from the record."""
    system = pulse_of(1, share=1.0)
    model = model_of(system)
    edges = np.linspace(0, 3 / model.rate, 2001)
    walk = Walk.of(model, edges)
    noise = walk.noise(np.random.default_rng(4))
    record = walk.signal(noise)[1:]
    middle = (edges[1:] + edges[:-1]) / 2
    lower = np.sqrt(model.rate) * np.cumsum(np.exp(-model.rate * middle / 2) * record.conj())
    upper = np.exp(-model.rate * edges[1:] / 2)
    mean = (lower.conj() * upper) / (np.abs(upper) ** 2 + np.abs(lower) ** 2)
    steps = walk.grid.counts[1]
    random = np.sqrt(walk.grid.lengths[walk.grid.kinds[1]]) * noise.reshape(-1, steps).sum(axis=1)
    drift = np.cumsum(record - random)
    width = np.diff(edges)
    before = np.concatenate([[0], mean[:-1]])
    law = np.sqrt(model.rate) * np.cumsum((mean + before) / 2 * width)
    assert np.abs(drift - law).max() < 2e-3 * np.abs(law).max()


def test_records_are_reproducible_and_do_not_depend_on_their_number():
    system, edges = pulse_of(30), np.linspace(0, 0.1, 51)
    many = heterodyne(system, edges, trajectories=7, seed=11)
    few = heterodyne(system, edges, trajectories=3, seed=11)
    other = heterodyne(system, edges, trajectories=3, seed=12)
    assert np.array_equal(many.current[:3], few.current)
    assert not np.any(few.current == other.current)
    assert few.record.seed == 11


def test_halving_the_steps_changes_little():
    for number, ratio in ((1, 0.0), (30, 1.0), (400, 0.0)):
        system = pulse_of(number, ratio=ratio)
        record = heterodyne(system, np.linspace(0, length_of(system), 201))
        assert 0 < record.record.residual < 0.02
        assert record.warnings == ()


def test_ten_thousand_emitters_send_as_many_photons():
    """|J^-| h sqrt(Gamma) is far above one in a step: the exponential is taken in parts."""
    system = pulse_of(10_000, g=tau * 30.0)
    model, width = model_of(system), length_of(system) / 400
    walk = Walk.of(model, np.arange(401) * width)
    signal = walk.signal(walk.noise(np.random.default_rng(0)))[1:]
    photons = np.sum(np.abs(signal) ** 2) / width - 400
    assert photons == pytest.approx(10_000, rel=0.05)
    assert np.abs(signal).max() / width == pytest.approx(100 * np.sqrt(model.rate) * 50, rel=0.1)


def test_file_and_summary(tmp_path):
    record = heterodyne(pulse_of(30), np.linspace(0, 0.1, 51), trajectories=2)
    read = ac.load(record.save(tmp_path / "pulse.nc"))
    assert np.array_equal(read.current, record.current)
    assert read.frequencies("pulse") == pytest.approx(record.frequencies("pulse"))
    assert "2 pulse(s) in 50 bins" in str(record)


def test_what_is_refused():
    edges = np.linspace(0, 0.1, 51)
    system = pulse_of(30)
    for times in ([0.1], [0.0, 0.2, 0.1], [-1.0, 1.0], [0.0, np.nan]):
        with pytest.raises(ac.InputError, match="times"):
            heterodyne(system, times)
    with pytest.raises(ac.InputError, match="kappa_ext is 0"):
        heterodyne(pulse_of(30, share=0.0), edges)
    with pytest.raises(ac.InputError, match="efficiency = 1"):
        heterodyne(system, edges, efficiency=1.5)
    with pytest.raises(ac.InputError, match="mode = 1"):
        heterodyne(system, edges, mode=1)
    with pytest.raises(ac.InputError, match="ground state send no light"):
        heterodyne(system, edges, initial="ground")
    with pytest.raises(ac.InputError, match="steps"):
        heterodyne(system, [0.0, 1e5])
    modes = [ac.CavityMode(KAPPA, kappa_ext=KAPPA)]
    unequal = ac.CavitySystem([ac.Emitters(5, g=1e3), ac.Emitters(5, g=2e3)], modes)
    with pytest.raises(ac.InputError, match="identical emitters"):
        heterodyne(unequal, edges)


def test_bins_that_average_the_light_away_are_a_warning():
    record = heterodyne(pulse_of(30, detuning=tau * 1e3), np.linspace(0, 0.1, 11))
    assert any("bins of 0.01 s average over light" in text for text in record.warnings)
