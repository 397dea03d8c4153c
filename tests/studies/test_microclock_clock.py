"""The clock of the microclock study: its shifts and noise, stability, readout, walk, filling, continuous operation."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm

from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.coupling.exchange import dipole_exchange
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, Exact, spectrum, steady_state
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment
from atomcavity.experiments.microclock import NoiseSpectrum
from atomcavity.reports import read_targets
from atomcavity.studies.microclock import remarks_clock
from atomcavity.studies.microclock.clock import (
    cavity_parts,
    clock_of,
    fluctuations,
    noise_of,
    printed_parts,
)
from atomcavity.studies.microclock.continuous import (
    CUMULANTS,
    EXACT,
    Continuous,
    carrier_width,
    phase_diffusion_deviation,
)
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.experiment import answers
from atomcavity.studies.microclock.filling import Lattice
from atomcavity.studies.microclock.interactions import Interactions
from atomcavity.studies.microclock.others import OTHERS
from atomcavity.studies.microclock.readout import Readout
from atomcavity.studies.microclock.stability import Stability
from atomcavity.studies.microclock.study import PAPER, PHYSICAL, Study
from atomcavity.studies.microclock.walk import Walk, smooth
from atomcavity.studies.sphere_device import with_changes

HERE = Path(__file__).parents[2] / "src/atomcavity/studies/microclock"
HERTZ = 2 * math.pi


@pytest.fixture(scope="module")
def paper() -> Device:
    return Device(read_experiment(HERE / "experiment.toml"))


@pytest.fixture(scope="module")
def physical() -> Device:
    return Device(read_experiment(HERE / "physical.toml"))


def test_the_lattice_shift_of_the_paper_is_the_printed_one(paper):
    (lattice,) = fluctuations(paper)
    assert lattice.deviation / HERTZ == pytest.approx(735)
    assert lattice.mean / HERTZ == pytest.approx(2000)


@pytest.mark.parametrize("colour", ["red", "blue"])
def test_power_noise_acts_by_the_total_derivative(physical, colour):
    trap, step = physical.trap, 0.02
    powers = {name: getattr(trap, name).power for name in ("red", "blue")}

    def shift(factor):
        moved = trap.with_powers(**{**powers, colour: factor * powers[colour]})
        return float(moved.shift("3P0").total[0])

    slope = (shift(1 + step) - shift(1 - step)) / (2 * step)
    parts = {part.name: part for part in fluctuations(physical)}
    noise = physical.experiment.shifts.power_noise
    assert parts[f"{colour} power"].deviation == pytest.approx(noise * abs(slope), rel=0.02)
    assert parts["lattice"].mean == pytest.approx(shift(1.0), rel=1e-6)
    own = abs(float(getattr(trap.shift("3P0"), colour)[0]))
    assert abs(slope - own) > 0.1 * own  # the displacement matters


def test_a_given_mean_or_deviation_replaces_the_calculated_one(physical):
    given = Device(with_changes(physical.experiment, shifts={"mean": 1.0}))
    assert [part.mean for part in fluctuations(given)] == [1.0, 0.0, 0.0]
    given = Device(with_changes(physical.experiment, shifts={"deviation": 2.0}))
    (lattice,) = fluctuations(given)
    assert lattice.deviation == 2.0
    assert lattice.mean == pytest.approx(fluctuations(physical)[0].mean)


def test_the_parts_that_the_paper_adds(paper):
    shift = paper.trap.shift("3P0")
    parts = list(printed_parts(paper).values())
    assert parts[0] == pytest.approx(0.1 * abs(float(shift.blue[0])), rel=1e-4)
    assert parts[1] == pytest.approx(0.1 * abs(float(shift.red[0])), rel=1e-4)
    assert sum(parts) / HERTZ == pytest.approx(735, rel=0.06)


def test_every_noise_of_a_file_reaches_the_clock():
    names = ("white_pm", "flicker_pm", "white_fm", "flicker_fm", "random_walk_fm")
    table = NoiseSpectrum(
        white_pm="1e-30 s^3",
        flicker_pm="2e-29 s^2",
        white_fm="3e-24 s",
        flicker_fm=4e-30,
        random_walk_fm="5e-22 1/s",
        bandwidth="100 Hz",
        slowest="1 mHz",
    )
    noise = noise_of(table)
    assert [getattr(noise, name) for name in names] == [1e-30, 2e-29, 3e-24, 4e-30, 5e-22]
    assert (noise.bandwidth_hz, noise.slowest_hz) == (100.0, 1e-3)


def test_phase_noise_needs_a_bandwidth():
    with pytest.raises(InputError, match=r"reference_laser\.bandwidth is missing"):
        noise_of(NoiseSpectrum(flicker_pm="1e-30 s^2"), "reference_laser")


def test_the_clock_is_that_of_the_file(physical):
    clock, experiment = clock_of(physical), physical.experiment
    assert clock.system.number == experiment.ensemble.atoms
    assert clock.frequency == physical.line.frequency
    assert (clock.period, clock.window) == (experiment.cycle.period, experiment.cycle.window)
    assert clock.lock.gain == experiment.lock.gain
    assert clock.laser_noise.flicker_fm == experiment.reference_laser.flicker_fm
    assert clock.cavity_noise.random_walk_fm == experiment.noise.random_walk_fm


def test_white_cavity_noise_aliases_through_the_pulse(physical):
    """sigma = |d centre/d cavity| sqrt(h0 int w^2/2) with the pulse's weight w: much more than an average over the cycle."""
    from atomcavity.clocks.budget import slopes
    from atomcavity.clocks.cycles import mean_pulse

    clock = dataclasses.replace(clock_of(physical), lock=None)
    times, weight = mean_pulse(clock)
    weight = weight / np.trapezoid(weight, times)
    rms = math.sqrt(clock.cavity_noise.white_fm * np.trapezoid(weight**2, times) / 2)
    expected = abs(slopes(clock)[1]) * rms
    assert cavity_parts(clock, 4000)["white"] == pytest.approx(expected, rel=0.06, abs=0)


# ------------------------------------------------------------------ stability


def test_the_clock_averages_as_its_shifts(paper):
    stability = Stability(paper, cycles=20_000)
    c, error = stability.coefficient
    assert abs(c - stability.expected) < 4 * error
    assert stability.expected == pytest.approx(735 * HERTZ / paper.line.frequency)
    slow = stability.unshifted
    assert slow.value.max() < 0.1 * stability.expected
    by_cavity = deviation(stability.clock.run(20_000, parts=("cavity",)))
    assert slow.value[0] > 2 * by_cavity.value[0]  # off resonance the number of atoms matters


def test_independent_beams_add_in_quadrature(physical):
    stability = Stability(physical, cycles=20_000)
    c, error = stability.coefficient
    _, blue, red = fluctuations(physical)
    expected = math.hypot(blue.deviation, red.deviation) / physical.line.frequency
    assert stability.expected == pytest.approx(expected)
    assert abs(c - expected) < 4 * error


def test_numbers_of_the_cavity(paper):
    values = Stability(paper, cycles=1000).values()
    assert values["h0"] == pytest.approx(2 * HERTZ * 1.2e6 / paper.line.frequency**2, rel=1e-9, abs=0)
    assert values["adev_white"] == pytest.approx(math.sqrt(2e-24 / 2), rel=1e-9, abs=0)
    assert values["adev_brown"] == pytest.approx(math.sqrt(2 * math.pi**2 * 2e-22 / 3), rel=1e-9, abs=0)
    assert values["snr"] == pytest.approx(math.sqrt(200))
    assert 5e-13 < values["trn"] < 7e-13
    assert set(values) <= {target.id for target in read_targets(HERE / "targets.toml")}


def test_the_simulated_cavity_follows_the_laws(paper):
    stability = Stability(paper, cycles=20_000)
    cavity = stability.cavity
    law = stability.noise.deviation(cavity.tau)
    near = cavity.tau < 200
    assert np.all(np.abs(cavity.value / law - 1)[near] < 0.1)


# ------------------------------------------------------------------ readout


def test_the_mean_periodogram_is_the_spectrum_by_regression(paper):
    readout = Readout(clock_of(paper), trajectories=300)
    detuning = np.linspace(-60, 60, 13) * HERTZ
    mean = readout.record.periodogram(detuning).mean(axis=0)
    (mode,) = readout.clock.system.modes
    expected = (
        mode.kappa_ext * np.interp(detuning, readout.light.detuning, readout.light.density)
        + readout.record.shot_noise()
    )
    assert np.abs(mean / expected - 1).mean() < 3 / math.sqrt(300)


def test_single_pulses_tell_less_than_the_naive_estimate(paper):
    readout = Readout(clock_of(paper), trajectories=200)
    (matched, error), (plain, _) = readout.scatter, readout.plain_scatter
    assert readout.naive + 2 * error < matched < plain
    assert abs(readout.matched.mean()) < 4 * matched / math.sqrt(200)  # no bias on resonance
    assert readout.deviation(matched) == pytest.approx(matched / paper.line.frequency, rel=1e-9, abs=0)
    assert readout.applied.readout == matched
    width = float(readout.light.full_width[0])
    assert readout.naive == pytest.approx(width / (2.3548 * math.sqrt(200)), rel=1e-4)  # half of 400 photons


def test_the_readout_is_that_on_resonance_whatever_the_window(paper):
    clock = clock_of(paper)
    far = Lattice(clock, 432).fillings[1].clock(clock, 20 * paper.kappa)
    near, away = (
        Readout(one, trajectories=20).matched for one in (clock, dataclasses.replace(far, number_spread=40))
    )
    assert np.array_equal(near, away)
    short = Readout(dataclasses.replace(clock, window=1e-3), trajectories=20)
    assert len(short.record.time) == 64  # nearly no light, but no failure
    assert not short.scatter[0] < 10 * Readout(clock, trajectories=20).scatter[0]
    long = Readout(dataclasses.replace(clock, period=1e3, window=1e3), trajectories=2)
    assert len(long.record.time) == 4000


# ------------------------------------------------------------------ walk and lock


def test_the_walk_is_that_of_the_noise(paper):
    clock = clock_of(paper)
    walk, noise = Walk(clock, clock_of_lock()), Noise(random_walk_fm=clock.cavity_noise.random_walk_fm)
    ends = [clock.frequency * noise.series(400, 1.0, seed=seed).y[-1] for seed in range(300)]
    assert np.std(ends) == pytest.approx(walk.rate * math.sqrt(399.5), rel=4 / math.sqrt(2 * 300))
    assert walk.rate == pytest.approx(clock.frequency * math.sqrt(3) * float(noise.deviation(1.0)))


def clock_of_lock() -> CavityLock:
    return clock_of(Device(read_experiment(HERE / "physical.toml"))).lock


def test_a_free_cavity_fades_and_a_locked_one_does_not(paper):
    walk = Walk(clock_of(paper), clock_of_lock(), cycles=12_000, runs=3)
    assert all(300 < walk.fades(series) < 12_000 for series in walk.free)
    assert math.isinf(walk.fades(walk.locked))
    (mode,) = walk.clock.system.modes
    assert np.abs(walk.locked.cavity).max() < mode.kappa / 4


def test_a_noisier_sensor_costs_more(paper):
    walk = Walk(clock_of(paper), clock_of_lock())
    costs = [walk.cost(0.5, noise * HERTZ) for noise in (0.0, 50e3, 500e3)]
    assert costs[0] < costs[1] < costs[2]


def test_means_of_successive_values():
    assert smooth(np.arange(100.0))[:2] == pytest.approx([29.5, 30.5])


# ------------------------------------------------------------------ filling


def test_laws_of_the_number_of_atoms(paper):
    lattice = Lattice(clock_of(paper), 432)
    gauss, single, blockade, poisson = lattice.fillings
    assert (gauss.mean, gauss.deviation) == pytest.approx((400, 40), rel=1e-6)
    assert single.deviation == pytest.approx(math.sqrt(400 * 32 / 432))
    share = (1 - math.exp(-8)) / 2  # odd numbers of a Poisson law of mean 4
    assert blockade.mean == pytest.approx(432 * share)
    assert blockade.deviation == pytest.approx(math.sqrt(432 * share * (1 - share)))
    assert (poisson.mean, poisson.deviation) == pytest.approx((400, 20))
    few = 400 / 432
    assert poisson.crowded == pytest.approx(1 - math.exp(-few) * (1 + few))
    assert lattice.impossible == pytest.approx(norm.sf(32.5 / 40), rel=1e-3)
    assert len(single.probability) == 433


def test_fewer_atoms_make_a_weaker_pulse_and_less_scatter_less_noise(paper):
    lattice = Lattice(clock_of(paper), 432)
    gauss, single, blockade, _ = lattice.fillings
    times = np.linspace(0, 0.05, 401)
    many, few = (lattice.pulse(round(law.mean), times) for law in (single, blockade))
    assert np.trapezoid(many, times) == pytest.approx(
        200, rel=1e-3
    )  # half of the photons at critical coupling
    assert many.max() / few.max() == pytest.approx((400 / 216) ** 2, rel=0.02)
    kappa = paper.kappa
    noise = [lattice.scatter(law, 0.1 * kappa) for law in (gauss, single)]
    assert noise[0] / noise[1] == pytest.approx(gauss.deviation / single.deviation, rel=0.15)
    assert lattice.scatter(single, 0.01 * kappa) < noise[1]


# ------------------------------------------------------------------ continuous operation


def laser(number: int, *, kappa_ext: float = 0.3e6) -> Continuous:
    system = CavitySystem([Emitters(number, g=1e3)], [CavityMode(1e6, kappa_ext=kappa_ext)])
    return Continuous(system, 2.7e15, shares=(0.05, 0.5, 0.8))


def test_phase_diffusion_is_white_noise_of_frequency():
    width, omega, tau = HERTZ * 0.5, 2.7e15, 7.0
    h0 = 2 * width / omega**2
    expected = float(Noise(white_fm=h0).deviation(tau))
    assert phase_diffusion_deviation(width, omega, tau) == pytest.approx(expected, rel=1e-9, abs=0)


def test_a_diffusing_phase_has_that_line_and_that_deviation():
    """<exp[i phi(t + s) - i phi(t)]> = exp(-W s/2): full width W; average frequencies scatter as the formula says."""
    width, step, rng = 2.0, 0.05, np.random.default_rng(3)
    kicks = rng.normal(scale=math.sqrt(width * step), size=400_000)
    phase = np.cumsum(kicks)
    lag = 10
    coherence = np.mean(np.exp(1j * (phase[lag:] - phase[:-lag]))).real
    assert coherence == pytest.approx(math.exp(-width * lag * step / 2), rel=0.02)
    omega = 1e3
    found = deviation(kicks / step / omega, interval=step, taus=[100])
    assert found.value[0] == pytest.approx(phase_diffusion_deviation(width, omega, found.tau[0]), rel=0.05)


@pytest.mark.parametrize("method", [EXACT, CUMULANTS])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_every_pumped_atom_gives_a_photon(method, share):
    continuous = laser(40)
    line = continuous.line(share, method)
    pumped = line.pump_rate * 40 * (1 - line.inversion) / 2
    assert line.flux == pytest.approx(0.3 * pumped, rel=1e-6)
    assert line.pump_rate == pytest.approx(share * 40 * 4e6 / 1e6)
    assert continuous.heating(line, 3.0) == pytest.approx(2 * 3.0 * line.flux / 0.3 / 40, rel=1e-6)


def test_the_eliminated_cavity_agrees_with_the_full_one():
    continuous = laser(6)
    system = continuous.pumped(0.5)
    exact = continuous.line(0.5, EXACT)
    full, light = steady_state(system, method=Exact()), spectrum(system, method=Exact())
    assert exact.flux == pytest.approx(float(full.port_rate[0]), rel=0.02)
    assert exact.linewidth == pytest.approx(carrier_width(light), rel=0.02)


def test_linewidths_above_threshold():
    continuous = laser(100)
    gamma = continuous.collective_rate
    assert gamma == pytest.approx(4e6 / 1e6)
    assert continuous.half.linewidth == pytest.approx(
        1.5 * gamma, rel=0.4
    )  # (1 + s)/[2 (1 - s)] at s = 1/2, N to infinity
    assert continuous.cumulants[1].linewidth > 1.2 * continuous.half.linewidth
    assert continuous.narrowest.linewidth < continuous.half.linewidth
    assert continuous.deviation(continuous.half, 4.0) == pytest.approx(
        continuous.deviation(continuous.half) / 2, rel=1e-9, abs=0
    )


@pytest.mark.parametrize("share", [0.2, 0.5])
def test_the_cavity_pulls_the_line_by_the_ratio_of_the_decays(share):
    """The exact carrier of a detuned cavity against w/kappa."""
    continuous = laser(100)
    (mode,) = continuous.system.modes
    away = 0.02 * mode.kappa
    system = dataclasses.replace(continuous.pumped(share), modes=(dataclasses.replace(mode, detuning=away),))
    light = spectrum(system, method=EXACT)
    carrier = float(light.peak[np.argmax(np.interp(light.peak, light.detuning, light.density))])
    assert carrier / away == pytest.approx(continuous.pulling(continuous.line(share, CUMULANTS)), rel=0.04)


def test_a_free_cavity_takes_over_from_the_diffusing_phase():
    continuous, noise, tau = laser(100), Noise(random_walk_fm=1e-20), np.array([1e-9, 1e9])
    quantum = [continuous.deviation(continuous.half, t) for t in tau]
    pulled = continuous.pulling(continuous.half) * noise.deviation(tau)
    both = continuous.with_cavity(continuous.half, noise, tau)
    assert both[0] == pytest.approx(quantum[0], rel=1e-6, abs=0)
    assert both[1] == pytest.approx(float(pulled[1]), rel=1e-6, abs=0)


def test_the_carrier_is_told_from_its_sidebands():
    light = spectrum(laser(100).pumped(0.05), method=EXACT)
    assert len(light.peak) == 3
    middle = int(np.argmin(np.abs(light.peak)))
    assert carrier_width(light) == light.full_width[middle]


# ------------------------------------------------------------------ interactions, other clocks


def test_neighbours_and_ring(physical):
    interactions = Interactions(physical)
    radius = np.linalg.norm(interactions.sites[0])
    assert interactions.spacing == pytest.approx(2 * radius * math.sin(math.pi / 432), rel=1e-6)
    line = {"gamma": physical.line.gamma, "frequency": physical.line.frequency}
    side = dipole_exchange([0, interactions.spacing, 0], [0, 0, 1], **line)[0]
    assert interactions.neighbours == pytest.approx(float(side), rel=1e-6)
    mean, spread = interactions.ring
    others = interactions.sites[1:] - interactions.sites[0]
    shift, decay = dipole_exchange(others, [0, 0, 1], **line)
    turn = np.exp(255j * HERTZ * np.arange(1, 432) / 432)  # m phi of the clock mode, around the ring
    assert mean == pytest.approx(400 / 432 * float(np.sum((shift - 0.5j * decay) * turn).real), rel=1e-6)
    assert spread < 1e-3 * abs(mean) < 10 * physical.line.gamma
    assert 1e3 < interactions.s_wave / HERTZ < 1e4
    assert abs(interactions.p_wave) < 0.1 * interactions.s_wave


def test_other_clocks_have_their_sources():
    assert len({clock.name for clock in OTHERS}) == len(OTHERS) >= 5
    for clock in OTHERS:
        assert 1e-16 < clock.sigma_1s < 1e-11
        assert clock.earliest <= clock.latest
        assert "20" in clock.source


# ------------------------------------------------------------------ one file, all figures


def test_the_answers_to_a_file(physical):
    found = answers(physical.experiment)
    assert found["modes.cavity.wavelength"].value == pytest.approx(698.4e-9, abs=0.1e-9)
    assert found["trap.depth"].value == pytest.approx(14.2e-6, rel=0.01)
    assert found["quality.coupler"].value == physical.coupler_quality
    assert found["shift.per_power.both"].value == pytest.approx(physical.sensitivity.common)
    budget, pulse = found.results["budget"], found.results["pulse"]
    assert found["clock.part.blue_power"].value == budget.of("blue power")
    assert found["clock.whole"].value == budget.whole
    assert found["pulse.delay"].value == pulse.peak_time
    assert 0.9 < found["pulse.share"].value <= 1
    assert found["pulse.readout"].error > 0
    assert set(found.results) == {"pulse", "cycles", "deviation", "budget"}
    again = answers(physical.experiment, seed=1)
    assert again.keys() == found.keys()
    assert again["trap.depth"] == found["trap.depth"]
    difference = again["clock.sigma_y"].value - found["clock.sigma_y"].value
    assert 0 < abs(difference) < 6 * found["clock.sigma_y"].error


def test_without_a_trap_the_answers_say_why(paper):
    from atomcavity.studies.microclock import experiment as module

    weak = paper.experiment.trap.red.model_copy(update={"power": 0.0})
    lost = with_changes(paper.experiment, trap={"red": weak})
    found = answers(lost)
    assert found["trap.depth"].reason.startswith("no trap: the red light")
    assert found["clock.whole"].value > 0  # coupling and shifts are given
    bare = with_changes(lost, cavity={"coupling": None})
    assert not module.self_sufficient(bare)
    without = answers(bare)
    assert without.keys() == found.keys()
    assert without["clock.whole"].reason.startswith("no trap")
    assert without["coupling.g"].reason.startswith("no trap")


def test_pulses_that_drown_are_left_out(physical):
    found = answers(with_changes(physical.experiment, cycle={"window": 1e-3}))
    assert "some pulses cannot be told from the noise" in found["pulse.readout"].reason
    assert math.isnan(found["clock.part.readout"].value)


def test_more_atoms_than_sites(paper):
    with pytest.raises(InputError, match=r"ensemble\.atoms = 433: the lattice has 432 sites"):
        answers(with_changes(paper.experiment, ensemble={"atoms": 433}))


def test_a_mistaken_mode_is_named(paper):
    wrong = paper.experiment.cavity.mode.model_copy(update={"l": 100_000, "m": 100_000})
    with pytest.raises(InputError, match=r"cavity\.mode"):
        answers(with_changes(paper.experiment, cavity={"mode": wrong}))


@pytest.fixture(scope="module")
def study() -> Study:
    return Study(quick=True)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["4", "readout", "budget", "fading", "occupation", "continuous"])
def test_every_figure_of_the_clock(study, name):
    (step,) = [step for step in study.steps() if name in step.numbers]
    figure = step.draw()
    assert figure.name == f"figure-{name}"
    assert len(figure.caption) > 100
    for ax in figure.drawing.axes:
        assert ax.get_xlabel() or ax.get_ylabel() == "inversion"  # the second axis of one panel


@pytest.mark.slow
def test_the_budget_has_the_dick_effect_that_the_paper_states(study):
    paper, physical = study.budgets[PAPER], study.budgets[PHYSICAL]
    assert paper.of("laser (Dick effect)") == pytest.approx(1e-16, rel=0.6, abs=0)  # "of the order of 1e-16"
    assert physical.whole < 0.5 * paper.whole
    assert sum(study.parts[PAPER]["lattice"].values()) == pytest.approx(paper.of("lattice"), rel=0.1, abs=0)


@pytest.mark.slow
def test_remarks_have_numbers(study):
    remarks = [
        *remarks_clock.about_stability(study.stabilities[PAPER], study.stabilities[PHYSICAL]),
        *remarks_clock.about_readout(study.readouts[PAPER]),
        *remarks_clock.about_walk(study.walk),
        *remarks_clock.about_filling(study.lattice),
        *remarks_clock.about_continuous(
            study.continuous, study.stabilities[PAPER], study.readouts[PAPER], OTHERS
        ),
        *remarks_clock.about_interactions(Interactions(study.physical)),
    ]
    for text in remarks:
        assert "nan" not in text
        assert any(sign.isdigit() for sign in text)
