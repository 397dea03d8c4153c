"""A controller that sees clicks stops a belt: what fires, when it acts, what the atoms then do, and what is counted."""

import math
from dataclasses import dataclass, replace
from math import tau

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.detection import CountThreshold, LikelihoodRatio, PhotonCounter
from atomcavity.errors import InputError
from atomcavity.loading.catching import Ride, catch
from atomcavity.loading.collisions import Collisions
from atomcavity.loading.controller import Controller, EverySite, RandomStop
from atomcavity.loading.feedback import load_atoms
from atomcavity.loading.feedback_kernel import add_up
from atomcavity.loading.held import Stage, hold_atoms
from atomcavity.loading.occupation import SiteOccupation
from atomcavity.loading.pair_losses import loss_times, together
from atomcavity.loading.probe_heating import ProbeScattering
from atomcavity.loading.ring_probe import RingProbe
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import ChipSurface, trajectories
from atomcavity.loading.watching import Delivery, belt_clicks, site_clicks, whole_seed
from atomcavity.resonators.guided import EvanescentFit
from atomcavity.results import load
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import Gravity
from atomcavity.traps.time_law import TimeLaw

MASS = 132.905451961 * const.atomic_mass
WAVE, ALPHA, FREQUENCY, TICK = 935e-9, 5e-38, 50e3, 0.25e-6
SPACING = WAVE / 2
BEAM = {"amplitude": math.sqrt(13.1e6 * const.h / ALPHA), "wavelength": WAVE, "waist": 2e-6}
BELT = ConveyorBelt(
    GaussianBeam(**BEAM, upwards=False), GaussianBeam(**BEAM), polarizability=ALPHA,
    phase=TimeLaw.constant(FREQUENCY).phase(),
)  # fmt: skip
REST = Gravity(MASS)
SURFACE = ChipSurface(gap=10e-9)
RING = {
    "kappa": tau * 1.71e9,
    "kappa_ext": tau * 0.83e9,
    "backscattering": tau * 0.51e9,
    "gamma": tau * 5.22e6,
}
PROBE = RingProbe(**RING, coupling=lambda r: tau * 90e6 * np.exp(-r[..., 2] / 200e-9))
COUNTER = PhotonCounter(flux=6e6)
CONTROLLER = Controller(CountThreshold(13, 8e-6), power=2.0, rise=2e-6, stop=4e-6)


@pytest.fixture(scope="module")
def bank():
    start = thermal_atoms(BELT + REST, MASS, 20e-6, 40, near=(0, 0, 2 * SPACING), seed=1)
    return trajectories(BELT + REST, start, 42e-6, samples=169, surface=SURFACE, seed=2)


def loaded(bank, controller=CONTROLLER, **options):
    given = {
        "runs": 60,
        "sites": 10,
        "occupation": 0.5,
        "hold": 20e-6,
        "surface": SURFACE,
        "seed": 3,
    } | options
    return load_atoms(BELT, REST, bank, PROBE, given.pop("counter", COUNTER), controller, **given)


@dataclass(frozen=True)
class At:
    time: float

    def first_alarm(self, clicks):
        return np.full(clicks.runs, self.time)


def test_nothing_to_see_nothing_fires(bank):
    found = loaded(bank, counter=PhotonCounter(0.0))
    assert not found.triggered.any()
    assert found.trigger_probability()[0][-1] == 0
    assert np.isnan(found.alarm).all()
    assert found.counts.sum() == 0
    assert math.isnan(found.transfer)
    with pytest.raises(InputError, match="no run has an alarm"):
        found.probabilities()


def test_false_alarms_of_an_empty_belt_come_at_the_rules_rate(bank):
    rule = CountThreshold(13, 10e-6)
    found = loaded(bank, replace(CONTROLLER, rule=rule), occupation=0.0, runs=700, hold=5e-6)
    duration = (9 / FREQUENCY) + 42e-6
    expected = 1 - math.exp(-rule.false_alarm_rate(COUNTER.rate(PROBE.empty())) * duration)
    share = found.triggered.mean()
    assert expected > 0.1
    assert share == pytest.approx(expected, abs=4 * math.sqrt(expected / 700))
    assert found.false_alarms.sum() == found.triggered.sum()
    assert found.probabilities()[0] == 1
    assert len(found.atom_run) == 0


def test_the_action_comes_at_the_next_tick_after_the_latency(bank):
    early, late = (loaded(bank, replace(CONTROLLER, latency=x)) for x in (0.0, 3e-6))
    on = early.triggered
    assert on.sum() > 20
    assert (late.alarm[on] == early.alarm[on]).all()
    assert (late.action - early.action)[on] == pytest.approx(3e-6, abs=1e-15)
    assert ((early.action - early.alarm)[on] >= -1e-15).all()
    assert ((early.action - early.alarm)[on] <= TICK).all()
    assert (late.site == early.site).all()
    assert (late.at_trigger == early.at_trigger).all()
    assert late.caught.sum() <= early.caught.sum()
    never = loaded(bank, replace(CONTROLLER, latency=1e-3))  # every atom is lost meanwhile
    assert never.caught.sum() == 0
    assert never.transfer == 0
    assert (never.false_alarms == early.false_alarms).all()


def test_caught_atoms_fly_as_in_a_belt_with_the_same_laws_from_the_start(bank):
    tick, duration = 90, 30e-6
    act = tick * TICK
    whole = replace(
        BELT,
        phase=TimeLaw.constant(FREQUENCY).ramp_to(0, start=act, duration=4e-6, shape="smooth").phase(),
        power=TimeLaw.constant(1.0).ramp_to(2.0, start=act, duration=2e-6),
    )
    rows = np.array([0, 3, 7])
    start = Atoms(MASS, bank.position[rows, 0], bank.velocity[rows, 0])
    samples = round((act + duration) / TICK) + 1
    direct = trajectories(whole + REST, start, act + duration, samples=samples, surface=SURFACE, step=0.05e-6)
    fine = trajectories(BELT + REST, start, 42e-6, samples=169, surface=SURFACE, step=0.05e-6)
    controller = replace(CONTROLLER, shape="smooth")
    caught = catch(
        BELT, REST, fine, controller, np.arange(3), np.full(3, tick), duration, surface=SURFACE, step=0.05e-6
    )
    assert (caught.ending == 0).all()
    assert caught.position == pytest.approx(direct.position[:, tick:], abs=1e-11)
    assert caught.time == pytest.approx(direct.time[tick:] - act, abs=1e-15)


def test_atoms_triggered_at_different_places_fly_together_as_alone(bank):
    rows, ticks = np.array([2, 2, 5]), np.array([60, 95, 80])
    together = catch(BELT, REST, bank, CONTROLLER, rows, ticks, 20e-6)
    for k in range(3):
        alone = catch(BELT, REST, bank, CONTROLLER, rows[k : k + 1], ticks[k : k + 1], 20e-6)
        assert together.position[k] == pytest.approx(alone.position[0], abs=1e-15)
    assert together.step <= bank.step / math.sqrt(2) * (1 + 1e-9)
    with pytest.raises(InputError, match="after its end"):
        catch(BELT, REST, bank, CONTROLLER, [0], [168], 20e-6)


def test_a_rule_that_fires_at_a_time_catches_the_site_of_that_time(bank):
    ride = Ride(BELT, bank)
    at = 3 / FREQUENCY + 30.1e-6
    found = loaded(bank, replace(CONTROLLER, rule=At(at)), occupation=0.7)
    assert (found.alarm == at).all()
    assert (found.site == found.site[0]).all()
    since = at - found.site[0] / FREQUENCY
    assert found.height == pytest.approx(float(ride.height(since)), abs=1e-15)
    assert (ride.passed - 80) * TICK <= since < ride.passed * TICK  # its turn: one period
    assert found.action == pytest.approx(math.ceil(at / TICK) * TICK, abs=1e-15)


def test_runs_do_not_depend_on_others_or_on_threads(bank):
    many, few = loaded(bank, runs=40, workers=1), loaded(bank, runs=15, workers=3)
    for name in ("site", "alarm", "action", "at_trigger", "caught", "held", "kept", "counts"):
        assert getattr(many, name)[:15].tolist() == pytest.approx(getattr(few, name).tolist(), nan_ok=True)
    assert many.place[many.atom_run < 15] == pytest.approx(few.place, abs=1e-15, nan_ok=True)
    other = loaded(bank, runs=40, seed=4)
    assert (other.alarm != many.alarm).any()


def test_atoms_are_conserved(bank, tmp_path):
    found = loaded(bank, runs=200)
    assert (found.kept <= found.held).all()
    assert (found.held <= found.caught).all()
    assert len(found.atom_run) == found.caught.sum()
    assert (np.bincount(found.atom_run[found.atom_kept], minlength=200) == found.kept).all()
    assert found.traced.sum() == found.triggered.sum()
    assert found.probabilities().sum() == pytest.approx(1)
    assert not found.held[~found.triggered].any()
    again = load(found.save(tmp_path / "runs.nc"))
    assert again.alarm == pytest.approx(found.alarm, nan_ok=True)
    assert str(again) == str(found)
    assert found.mean_transmission().shape == found.after.shape
    # the counts are those of the transmission that was held, and more atoms let more through
    expected = found.mean_transmission()[found.after > 4e-6].mean() * COUNTER.flux * found.hold
    on = found.triggered.sum()
    assert found.counts[found.triggered].mean() == pytest.approx(expected, abs=4 * math.sqrt(expected / on))
    assert found.transmission[0, -1] == pytest.approx(float(PROBE.empty()))


def test_independent_sites_give_a_geometric_law(bank):
    controller = replace(CONTROLLER, rule=CountThreshold(15, 8e-6))
    found = loaded(bank, controller, runs=3000, sites=30, occupation=0.06, hold=5e-6)
    probability, error = found.trigger_probability()
    waited = np.where(found.triggered, found.site + 1, 30).sum()
    p = found.triggered.sum() / waited
    law = 1 - (1 - p) ** np.arange(1, 31)
    assert 0.2 < probability[-1] < 0.95
    assert np.abs(probability - law)[2:].max() < 4 * error[2:].max()
    assert (np.bincount(found.atom_run[found.atom_kept], minlength=3000) == found.kept).all()
    never = loaded(bank, replace(controller, rule=At(1.0)), runs=3)
    assert not never.triggered.any()


def test_a_second_look_throws_away_what_is_not_wanted(bank):
    options = {"occupation": 1.0, "runs": 150, "sites": 12}
    plain = loaded(bank, **options)
    rates = COUNTER.rate(plain.transmission[:, plain.after > 4e-6].mean(axis=1))
    second = LikelihoodRatio(
        [0, 60e-6], rates[:, None] * np.ones(2), prior=[0.1, 0.5, 0.3, 0.1], confidence=0.8
    )
    sure = loaded(bank, second=second, **options)
    assert sure.rejected.sum() > 20
    assert not plain.rejected.any()
    assert sure.probabilities()[1] > plain.probabilities()[1] + 0.1
    assert (sure.site[sure.triggered] < 12).all()
    first = sure.rejected == 0
    assert (sure.site[first & sure.triggered] == plain.site[first & sure.triggered]).all()
    assert (sure.site[~first & sure.triggered] > plain.site[~first & sure.triggered]).all()
    assert sure.after[-1] == pytest.approx(84e-6, abs=1e-12)
    turn = (sure.alarm - sure.site / FREQUENCY)[sure.site > 0] / TICK - Ride(BELT, bank).passed
    assert -80 <= turn.min() <= turn.max() <= 0


@pytest.mark.parametrize("phase", [None, lambda r: 0 * r[..., 0] + 0.7])
def test_the_light_is_that_of_all_atoms_on_their_way(bank, phase):
    probe = replace(PROBE, phase=phase, shift=lambda r: -tau * 40e6 * np.exp(-r[..., 2] / 44e-9))
    delivery = Delivery(Ride(BELT, bank), probe, COUNTER, 3)
    rows, first, number = np.array([4, 9, 1, 2, 2]), np.array([[0, 2, 2]]), np.array([[2, 0, 3]])
    begin, ticks = 30, 180
    total = np.zeros((1, ticks, probe.parts), complex)
    add_up(delivery.response, rows, first, number, begin, delivery.start, total)
    places = np.full((ticks, 5, 3), np.nan)
    for k, site in enumerate([0, 0, 2, 2, 2]):
        for tick in range(ticks):
            at = begin + tick - 80 * site
            if 0 <= at < 169:
                places[tick, k] = bank.position[rows[k], at]
    assert probe.of_response(total)[0] == pytest.approx(probe.transmission(places), rel=1e-12)


def test_the_ride_goes_down_with_the_belt_and_ends_a_quarter_of_a_period_after_its_atoms(bank):
    ride = Ride(BELT, bank)
    whole = 2 * round(1 / FREQUENCY / TICK / 4)  # half a period: the site is half a spacing lower
    assert ride.height(whole * TICK) == pytest.approx(
        np.nanmean(bank.position[:, whole, 2]), abs=0.05 * SPACING
    )
    assert (ride.passed - 20) * TICK == pytest.approx(np.sort(bank.end)[len(bank.end) // 2], abs=TICK)


def test_atoms_are_looked_at_and_then_counted(bank):
    rows, ticks, owner = np.array([2, 5, 9]), np.array([60, 60, 95]), np.array([0, 0, 2])
    stage = Stage(Ride(BELT, bank), REST, PROBE, COUNTER, CONTROLLER, look=60e-6, hold=20e-6, flight={})
    found = hold_atoms(stage, rows, ticks, owner, 30, (1, 2))
    assert found.held.tolist() == [2, 0, 1] + 27 * [0]
    clicks, begin = found.clicks, 4e-6
    late = (clicks.time > begin + 60e-6) & (clicks.time <= begin + 80e-6)
    assert found.counts.tolist() == np.bincount(clicks.run[late], minlength=30).tolist()
    seen = (clicks.time > begin) & (clicks.time <= begin + 60e-6)
    rates = COUNTER.rate(np.array([float(PROBE.empty()), 0.16, 0.2]))
    second = LikelihoodRatio([0, 60e-6], rates[:, None] * np.ones(2), prior=[0.4, 0.3, 0.3], confidence=0.3)
    number = np.bincount(clicks.run[seen], minlength=30)[:, None]
    weight = np.array([0.4, 0.3, 0.3]) * np.exp(
        number * np.log(rates / rates[0]) - (rates - rates[0]) * 60e-6
    )
    posterior = weight[:, 1] / weight.sum(axis=1)
    assert 0 < (posterior >= 0.3).sum() < 30
    assert found.accepted(second, begin).tolist() == (posterior >= 0.3).tolist()
    paths = catch(BELT, REST, bank, CONTROLLER, rows, ticks, 84e-6, seed=whole_seed(1, 2, 3)).position[:, 16:]
    assert found.place == pytest.approx(paths.mean(axis=1), abs=1e-15)
    assert found.scatter == pytest.approx(paths.std(axis=1), abs=1e-15)
    assert found.g == pytest.approx(PROBE.coupling(paths).mean(axis=1))


def test_a_counting_shorter_than_a_tick_and_a_bank_that_is_not_lost(bank):
    found = loaded(bank, replace(CONTROLLER, rule=At(20e-6)), runs=5, hold=0.1e-6)
    assert np.isfinite(found.light).all()
    assert not found.warnings
    start = Atoms(MASS, bank.position[:, 0], bank.velocity[:, 0])
    short = trajectories(BELT + REST, start, 20e-6, samples=81, surface=SURFACE)
    told = loaded(short, replace(CONTROLLER, rule=At(15e-6)), runs=5).warnings
    assert any("still there at its end" in text for text in told)


def test_every_site_has_its_own_template():
    time = np.linspace(0, 15e-6, 16)
    rates = np.array([7e4, 1e6])[:, None] * np.ones(16)
    rule = LikelihoodRatio(time, rates, prior=[0.7, 0.3], confidence=0.9)
    axis = np.arange(0, 100.5e-6, 0.5e-6)
    light = np.where((axis > 42e-6) & (axis < 58e-6), 1e6, 7e4) * np.ones((20, 1))
    clicks = PhotonCounter(1.0).clicks(axis, light, seed=1)
    each = EverySite(rule, first=2e-6, period=20e-6, sites=5)
    alone = np.array([rule.first_alarm(clicks, 2e-6 + 20e-6 * k) for k in range(5)])
    expected = np.nanmin(alone, axis=0)
    assert each.first_alarm(clicks) == pytest.approx(expected, nan_ok=True)
    assert (np.round((expected - 2e-6) / 20e-6 - 0.4) == 2).mean() > 0.8
    early = PhotonCounter(1.0).clicks(axis, np.where(axis < 20e-6, 1e6, 7e4) * np.ones((20, 1)), seed=2)
    at_first = rule.first_alarm(early, 2e-6)
    assert np.isfinite(at_first).mean() > 0.8
    assert each.first_alarm(early)[np.isfinite(at_first)].tolist() == at_first[np.isfinite(at_first)].tolist()
    silence = replace(
        rule, wanted=0
    )  # sure after ln(9 * 3/7)/0.93e6 s = 1.5 us without a click: not before they are over
    for duration, expected in ((1e-6, np.nan), (5e-6, 2e-6)):
        none = PhotonCounter(0.0).clicks([0, duration], np.zeros((1, 2)))
        alarm = EverySite(silence, 0.0, 20e-6, 5).first_alarm(none)
        assert alarm == pytest.approx([expected], nan_ok=True, abs=1e-12)
    with pytest.raises(InputError, match="not be longer"):
        EverySite(rule, 0.0, 10e-6, 5)


def test_a_random_stop_is_uniform_and_of_its_seed(bank):
    stop = RandomStop(20e-6, 120e-6)
    found = loaded(bank, replace(CONTROLLER, rule=stop), runs=400, hold=5e-6, occupation=0.0)
    assert found.alarm.min() >= 20e-6
    assert found.alarm.max() <= 120e-6
    assert found.alarm.mean() == pytest.approx(70e-6, abs=4 * 100e-6 / math.sqrt(12 * 400))
    assert (
        loaded(bank, replace(CONTROLLER, rule=stop), runs=20, occupation=0.0).alarm == found.alarm[:20]
    ).all()


def test_commands_and_what_cannot_be(bank):
    frequency, power = replace(CONTROLLER, shape="smoothest").commands(FREQUENCY, 3.0)
    assert frequency([0, 2e-6, 4e-6, 1.0]) == pytest.approx([FREQUENCY, FREQUENCY / 2, 0, 0], abs=1e-9)
    assert power([0, 1e-6, 2e-6]) == pytest.approx([3, 4.5, 6])
    weaker = replace(BELT, power=0.7, bottom_power=0.4)
    stopped = CONTROLLER.stopped(weaker, 1e-5)
    assert TimeLaw.of(stopped.power)([0, 2e-6]) == pytest.approx([0.7, 1.4])
    assert TimeLaw.of(stopped.bottom_power)([0, 2e-6]) == pytest.approx([0.4, 0.4])
    with pytest.raises(InputError, match="stop = -1"):
        replace(CONTROLLER, stop=-1.0)
    for belt, message in (
        (replace(BELT, phase=TimeLaw.constant(-FREQUENCY).phase()), "move down"),
        (
            replace(BELT, phase=TimeLaw.constant(FREQUENCY).ramp_to(0, start=1e-5, duration=1e-5).phase()),
            "constant",
        ),
        (
            replace(BELT, power=TimeLaw.constant(1).ramp_to(2, start=1e-5, duration=1e-5)),
            "power must be constant",
        ),
    ):
        with pytest.raises(InputError, match=message):
            load_atoms(belt, REST, bank, PROBE, COUNTER, CONTROLLER, runs=1)
    for options in ({"sites": 0}, {"runs": 0}, {"runs": 2.5}, {"hold": 0.0}, {"occupation": -1.0}):
        with pytest.raises(InputError):
            loaded(bank, **options)
    for options in ({"sites": 0}, {"runs": 0}, {"occupation": -1.0}):
        with pytest.raises(InputError, match=next(iter(options))):
            belt_clicks(BELT, bank, PROBE, COUNTER, **options)
    for number, runs, text in ((-1, 5, "number"), (1, 0, "runs")):
        with pytest.raises(InputError, match=text):
            site_clicks(bank, PROBE, COUNTER, number, runs)


def test_clicks_of_a_belt_that_nothing_stops(bank):
    """As many as the mean transmissions of its sites make, and a single site's are those of its atoms."""
    empty = float(COUNTER.rate(PROBE.empty()))
    one = COUNTER.rate(PROBE.transmission(bank.position[:, :, None]))
    more = np.sum(one[:, :-1] - empty, axis=1).mean() * TICK
    duration = 4 / FREQUENCY + 42e-6
    clicks = belt_clicks(BELT, bank, PROBE, COUNTER, occupation=0.02, sites=5, runs=4000, seed=1)
    expected = 4000 * (empty * duration + 5 * 0.02 * more)
    assert clicks.duration == pytest.approx(duration, abs=1e-12)
    assert len(clicks.time) == pytest.approx(expected, abs=5 * math.sqrt(2 * expected))
    single = site_clicks(bank, PROBE, COUNTER, 1, 2000, seed=2)
    mean = 2000 * (empty * 42e-6 + more)
    assert len(single.time) == pytest.approx(mean, abs=5 * math.sqrt(2 * mean))
    slow = PhotonCounter(flux=6e7, dead_time=0.5e-6)
    spaced = belt_clicks(BELT, bank, PROBE, slow, sites=30, runs=40, seed=3)
    gaps = np.diff(spaced.time)[np.diff(spaced.run) == 0]
    assert 0.5e-6 * (1 - 1e-9) <= gaps.min() < 0.52e-6
    none = site_clicks(bank, PROBE, COUNTER, 0, 2000)
    assert len(none.time) == pytest.approx(2000 * empty * 42e-6, abs=5 * math.sqrt(2000 * empty * 42e-6))


def test_the_probe_heats_what_it_counts(bank):
    strong = ProbeScattering(
        3e9, 852e-9, **RING, coupling=EvanescentFit(tau * 90e6, 200e-9, 5e-6, 5e-6, math.nan)
    )
    calm, hot = (
        loaded(bank, runs=20, occupation=1.0, hold=60e-6, heating=heating) for heating in (None, strong)
    )
    assert (calm.alarm == hot.alarm).all()
    assert (hot.held <= hot.caught).all()
    both = calm.atom_kept & hot.atom_kept
    assert (hot.scatter[both] - calm.scatter[both]).mean() > 1e-9 or hot.kept.sum() < calm.kept.sum()


def test_pairs_collide_as_the_chain_of_pairs_does():
    """Many runs of three or four atoms in one minimum: the numbers left are those of the master equation."""
    model, time, runs = Collisions(1e-16, 1e-20, one_survives=0.4), 60e-6, 3000
    for atoms in (3, 4):
        owner = np.repeat(np.arange(runs), atoms)
        place = np.zeros((len(owner), 3))
        pairs = together(owner, place, place + 1e-9)
        assert len(pairs[0]) == runs * atoms * (atoms - 1) / 2
        lost = loss_times(model, pairs, len(owner), seed=atoms)
        left = np.bincount(owner[lost > time], minlength=runs)
        expected = model.occupation(SiteOccupation(np.eye(atoms + 1)[atoms]), time).probability
        found = np.bincount(left, minlength=atoms + 1) / runs
        assert (np.abs(found - expected) <= 4.5 * np.sqrt(expected * (1 - expected) / runs) + 1e-12).all()


def test_atoms_in_different_minima_do_not_meet():
    owner = np.array([0, 0, 0, 1, 1])
    y = np.array([-2.0, 2.0, 2.1, 2.0, np.nan]) * 1e-7
    place = np.stack([0 * y, y, 0 * y], axis=-1)
    pairs = together(owner, place, np.full((5, 3), 2e-8))
    assert [p.tolist() for p in pairs] == [[1], [2]]
    lost = loss_times(Collisions(1e-10, 1e-20), pairs, 5, seed=1)
    assert np.isinf(lost).tolist() == [True, False, False, True, True]
    assert np.isinf(loss_times(Collisions(0.0, 1e-20), pairs, 5, seed=1)).all()


def test_collisions_take_pairs_away(bank):
    options = {"occupation": 2.0, "runs": 60}
    calm = loaded(bank, **options)
    fast = loaded(bank, collisions=Collisions(1e-10, 1e-20), **options)
    assert (fast.caught == calm.caught).all()
    assert (fast.held == calm.held % 2).all()
    one_left = loaded(bank, collisions=Collisions(1e-10, 1e-20, one_survives=1.0), **options)
    assert (one_left.held == np.minimum(calm.held, 1)).all()
    few = loaded(bank, collisions=Collisions(1e-16, 1e-20, 0.5), **(options | {"runs": 20}))
    many = loaded(bank, collisions=Collisions(1e-16, 1e-20, 0.5), **options)
    assert (many.kept[:20] == few.kept).all()
    assert (few.kept < calm.kept[:20]).any()
    on = many.triggered
    expected = COUNTER.rate(many.light[on]) * many.hold
    assert many.counts[on].sum() == pytest.approx(expected.sum(), abs=5 * math.sqrt(expected.sum()))


def test_empty_traps_scatter_as_poissons_law(bank, monkeypatch):
    """`fit_histogram` takes a width whose square is twice the variance."""
    found = loaded(bank, runs=20)
    monkeypatch.setattr("atomcavity.detection.analysis.histogram.fit_histogram", lambda _, **given: given)
    mean, width = found.fit((1.5, 2.0))["background"]
    assert mean == pytest.approx(float(COUNTER.rate(PROBE.empty())) * found.hold)
    assert width**2 / 2 == pytest.approx(mean)
