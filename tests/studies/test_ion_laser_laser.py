"""The ion laser: power of a continuous crystal, groups, elimination of the pumped level, pumping scheme."""

from __future__ import annotations

import dataclasses
import functools
import json
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, hbar
from scipy.integrate import quad

import atomcavity
from atomcavity.dynamics import Cumulants, MeanField, steady_state
from atomcavity.dynamics.rates import rate_balance
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment
from atomcavity.experiments.ion_laser import PumpLaser
from atomcavity.reports import compare, read_targets
from atomcavity.studies.ion_laser.continuum import largest, saturable_gain, saturation
from atomcavity.studies.ion_laser.device import Device, devices
from atomcavity.studies.ion_laser.elimination import Intermediate, lasing
from atomcavity.studies.ion_laser.experiment import answers
from atomcavity.studies.ion_laser.groups import Nodes
from atomcavity.studies.ion_laser.magic import Magic
from atomcavity.studies.ion_laser.power import Power
from atomcavity.studies.ion_laser.pump_study import Elimination, Sublevels
from atomcavity.studies.ion_laser.pumping import Scheme
from atomcavity.studies.ion_laser.static import MEGA, Static
from atomcavity.studies.ion_laser.study import run
from atomcavity.traps.ion_shifts import ion_shifts, micromotion_estimate

FILE = Path(atomcavity.__file__).parent / "studies" / "ion_laser" / "experiment.toml"


@functools.cache
def laser(F: float = 9, megahertz: float = 1.0) -> Device:
    return Device(read_experiment(FILE), F, 2e6 * math.pi * megahertz)


@functools.cache
def scheme() -> Scheme:
    device = laser()
    lasers = tuple(device.experiment.lasers)
    return Scheme(device.species, device.lower, device.upper, device.experiment.pump.through, lasers)


# -- the continuous crystal ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("A", "zeta"), [(1e-4, 0.8), (0.5, 0.3), (7.0, 0.8), (300.0, 2.0)])
def test_gain_of_the_sphere_is_the_integral_over_it(A: float, zeta: float) -> None:
    """Eq. (30): the average over the standing wave is 1 - 1/sqrt(1 + A E), that over the sphere is done numerically."""

    def along(z: float) -> float:
        edge = 1 - z**2
        return quad(lambda s: 1 - 1 / math.sqrt(1 + A * math.exp(-2 * s / zeta**2)), 0, edge, epsabs=1e-13)[0]

    expected = 1.5 * quad(along, 0, 1, epsabs=1e-12)[0] / (2 * A)
    assert float(saturable_gain(A, zeta)[0]) == pytest.approx(expected, rel=1e-8)


def test_slope_of_the_gain() -> None:
    A, step = np.geomspace(1e-3, 1e4, 15), 1e-5
    ends = [saturable_gain(A * (1 + sign * step), 0.8)[0] for sign in (1, -1)]
    assert saturable_gain(A, 0.8)[1] == pytest.approx((ends[0] - ends[1]) / (2 * step * A), rel=1e-7)


def test_wide_waist_is_a_standing_wave_alone() -> None:
    """All ions on the axis: h = [1 - (1 + A)^(-1/2)]/(2 A), inverted in closed form."""
    for gain in (4.001, 5.0, 40.0, 4000.0):
        A = float(saturation(gain, 1e4))
        assert (1 - (1 + A) ** -0.5) / (2 * A) * gain == pytest.approx(1, rel=1e-6)
    assert float(saturation(3.999, 1e4)) == 0


@settings(max_examples=30)
@given(gain=st.floats(1.0, 1e6), zeta=st.floats(0.05, 20.0))
def test_saturation_solves_its_equation(gain: float, zeta: float) -> None:
    A = float(saturation(gain, zeta))
    if A > 1e-6:
        assert float(saturable_gain(A, zeta)[0]) * gain == pytest.approx(1, rel=1e-9)


def test_power_vanishes_at_both_thresholds() -> None:
    one = laser().continuum
    low, high = (float(x) for x in one.thresholds(0.8))
    assert 0.0419 < low < 0.05
    for edge, inside in ((low, 1 + 1e-6), (high, 1 - 1e-6)):
        assert one.power(edge / inside, 0.8) == 0
        assert 0 < float(one.power(edge * inside, 0.8)) < 1e-4 * float(one.optimum(0.8)[1])
    assert np.isnan(dataclasses.replace(one, number=1).thresholds(0.8)[0])


def test_power_is_that_of_the_published_equation() -> None:
    """Eqs. (33)-(36) as printed, with the paper's own g, solved for |c|^2 by bisection."""
    from scipy.optimize import brentq

    device, w, zeta = laser(8, 0.5), 40.0, 0.9
    waist = zeta * device.radius
    mode = device.mode_with(waist)
    g = math.sqrt(
        2.4 * 5 * math.pi * c**3 * device.line.gamma
        / (device.line.frequency**2 * math.pi * waist**2 * mode.length)
    )  # fmt: skip
    gamma = device.line.gamma
    parallel, across = w + gamma, (w + gamma) / 2 + 0.6 * w / 2

    def published(photons: float) -> float:
        A = photons * g**2 / (parallel * across)
        F = quad(lambda x: math.log(1 + math.sqrt(1 + A * math.exp(2 * (x**2 - 1) / zeta**2))), 0, 1)[0]
        scale = 3 * 1e5 * zeta**2 * (w - gamma) / (4 * mode.kappa * photons)
        return scale * (math.log(1 + math.sqrt(1 + A)) - F) - 1

    photons = brentq(published, 1e-4, 1e4, rtol=1e-12)
    expected = hbar * device.line.frequency * mode.kappa * photons
    assert float(device.continuum.power(w, zeta)) == pytest.approx(expected, rel=1e-5)


def test_optimum_is_a_maximum() -> None:
    one = laser(5).continuum
    zeta, pump, power = (float(x) for x in one.best())
    for factor in (0.99, 1.01):
        assert float(one.power(pump * factor, zeta)) < power
        assert float(one.optimum(zeta * factor)[1]) < power


def test_several_lasers_at_once() -> None:
    ours = [laser(F).continuum for F in (5, 8, 9)]
    together = dataclasses.replace(ours[0], collective_rate=np.array([x.collective_rate for x in ours]))
    for whole, one in zip(np.transpose(together.best()), ours, strict=True):
        assert whole == pytest.approx(np.array(one.best()), rel=1e-6)


def test_golden_sections_find_a_maximum() -> None:
    top = np.array([0.2, 1.7])
    found = largest(lambda x: -((x - top) ** 2), np.zeros(2), np.full(2, 2.0))
    assert found == pytest.approx(top, abs=1e-7)


# -- groups ----------------------------------------------------------------------------------------------------------


def test_nodes_are_a_quadrature_of_the_sphere() -> None:
    nodes = Nodes.of(64)
    x, y, z = nodes.position.T
    assert nodes.weight.sum() == pytest.approx(1)
    assert nodes.weight @ z**2 == pytest.approx(1 / 5)
    assert nodes.weight @ (x**2 + y**2) ** 2 == pytest.approx(8 / 35)
    assert nodes.weight @ np.cos(nodes.phase) ** 2 == pytest.approx(1 / 2)
    assert nodes.numbers(100_003).sum() == 100_003
    assert np.abs(nodes.numbers(100_003) - nodes.weight * 100_003).max() < 1
    with pytest.raises(InputError, match="groups = 50 must be a cube"):
        Nodes.of(50)


def test_groups_give_the_power_of_the_continuum() -> None:
    device = laser()
    exact = float(device.continuum.power(device.pump_rate, device.zeta))
    scale = hbar * device.line.frequency * device.mode.kappa
    errors = []
    for count in (8, 27, 64):
        state = steady_state(device.system(groups=count), method=MeanField(branch="lasing"))
        errors.append(abs(float(state.photon_number[0]) * scale / exact - 1))
    assert errors[0] > errors[1] > errors[2]
    assert errors[2] < 4e-4
    cumulants = steady_state(device.system(), method=Cumulants())
    assert float(cumulants.photon_number[0]) == pytest.approx(float(state.photon_number[0]), rel=1e-3)


def test_shifts_lower_the_power_a_little() -> None:
    powers = [
        float(steady_state(laser().system(shifts=on), method=MeanField(branch="lasing")).photon_number[0])
        for on in (False, True)
    ]
    assert 0.99 < powers[1] / powers[0] < 1


# -- the device ------------------------------------------------------------------------------------------------------


def test_one_device_for_each_line_and_trap() -> None:
    made = devices(read_experiment(FILE))
    assert [(d.F, round(d.confinement / (2e6 * math.pi), 1)) for d in made[:4]] == [(5, 0.2), (5, 0.5), (5, 1.0), (8, 0.2)]  # fmt: skip
    assert len(made) == 9


def test_printed_numbers() -> None:
    """Crystal radii, magic radio frequencies and the collective rate as the paper prints them."""
    for megahertz, radius in ((0.2, 368e-6), (0.5, 200e-6), (1.0, 126e-6)):
        assert laser(9, megahertz).radius == pytest.approx(radius, rel=2e-3)
    for F, magic in ((5, 25.3), (8, 45.3), (9, 22.3)):
        assert laser(F).trap.radio_frequency / (2e6 * math.pi) == pytest.approx(magic, abs=0.05)
        at_100_um = laser(F).collective_rate * (laser(F).waist / 1e-4) ** 2 / (2e-3 * math.pi)
        assert 3 < at_100_um < 4.5


def test_length_of_the_cavity_does_not_matter() -> None:
    long = read_experiment(FILE, ['cavity.length="30 cm"'])
    assert Device(long, 9, laser().confinement).collective_rate == pytest.approx(
        laser().collective_rate, rel=1e-12
    )


@pytest.mark.parametrize(
    ("change", "F", "message"),
    [
        ("ion.F=6", 6, "trap.radio_frequency = 'magic' for F = 6: .* not positive"),
        ("ion.upper_m=1", 9, "couples m to m \\+ 1 and m - 1"),
        ("ion.species=176Lu", 9, "ion.species: unknown"),
        ("cavity.zeta=0.001", 9, "cavity: waist"),
        ("trap.static=[[-0.6,0,0],[0,-0.4,0],[0,0,1]]", 9, "isotropic pseudopotential"),
        ("trap.radio_frequency='2 MHz'", 9, "no ion is held"),
        ("pump.xi=1e9", 9, "lases at no pump rate"),
        ("cavity.zeta=1e9", 9, "lases at no pump rate"),
    ],
)
def test_impossible_devices_say_why(change: str, F: float, message: str) -> None:
    experiment = read_experiment(FILE, [change])
    with pytest.raises(InputError, match=message):
        Device(experiment, F, laser().confinement).system()


def test_level_of_the_pump_must_exist() -> None:
    with pytest.raises(InputError, match=r"pump\.through: unknown level '3P9'"):
        answers(read_experiment(FILE, ["pump.through=3P9"]))


def test_off_the_magic_frequency_the_whole_shift_counts() -> None:
    off = Device(read_experiment(FILE, ["trap.radio_frequency='30 MHz'", "ion.F=9"]), 9, laser().confinement)
    crystal = off.trap.crystal(20, starts=2)
    exact = ion_shifts(crystal, off.trap, off.species, off.lower, off.upper).micromotion
    assert np.abs(exact).max() > 2 * math.pi
    estimate = micromotion_estimate(crystal.scaled, off.trap, off.pair)
    assert estimate == pytest.approx(exact, rel=5 * off.trap.epsilon**2, abs=1e-3)
    largest_group = max(abs(each.detuning) for each in off.system(shifts=True).emitters)
    assert largest_group > 100 * 2 * math.pi  # about a kilohertz at the edge: no laser
    found = answers(
        read_experiment(FILE, ["trap.radio_frequency='30 MHz'", "ion.F=9", "trap.confinement='1 MHz'"])
    )
    assert "does not lase at" in found["laser.power"].reason
    assert "micromotion's shifts" in found["laser.power"].reason


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('cavity.waist="1 mm"', "needs either zeta or waist"),
        ("ion.F=[]", "ion.F = \\[\\]: it is one total angular momentum"),
        ("trap.confinement=1e6", "has no unit"),
        ("trap.confinement=[]", "the list is empty"),
        ('pump.rate="10 Hz"', "event rate"),
        ("pump.rate=best", "not a quantity"),
        ("trap.rf=[[1,0],[0,-1]]", "trap.rf"),
    ],
)
def test_mistakes_in_the_file_are_sentences(change: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_experiment(FILE, [change])


# -- the level between -----------------------------------------------------------------------------------------------


def test_elimination_error_falls_as_the_square_of_the_drive() -> None:
    system = laser().system(15.0, groups=1)
    two = lasing(system).photons
    errors = [
        abs(lasing(Intermediate(0.6, decay).kept(system)).photons / two - 1)
        for decay in (2.8e4, 2.8e5, 2.8e6)
    ]
    assert errors[0] < 1e-3
    assert errors[0] / errors[1] == pytest.approx(10, rel=0.02)
    assert errors[1] / errors[2] == pytest.approx(10, rel=0.02)


def test_light_shift_of_a_detuned_pump() -> None:
    system = laser().system(100.0, groups=1)
    between = Intermediate(0.6, 2.8e7, detuning=-1e7)
    found = lasing(between.kept(system))
    assert found.shift == pytest.approx(between.light_shift(100.0), rel=1e-3)
    assert found.photons == pytest.approx(lasing(system).photons, rel=1e-4)


def test_no_light_above_the_upper_threshold() -> None:
    high = float(laser().continuum.thresholds(laser().zeta)[1])
    assert lasing(laser().system(1.1 * high)).photons == 0


@pytest.mark.parametrize("xi", [0.2, 2.0])
def test_elimination_error_is_known(xi: float) -> None:
    """xi/(1 + xi) (V/Gamma)^2: without decays back the two-level ions are exact to that order."""
    device = Device(read_experiment(FILE, [f"pump.xi={xi}"]), 9, laser().confinement)
    (error,) = Elimination(device).errors(15.0, [1e-2])
    assert error == pytest.approx(xi / (1 + xi) * 1e-4, rel=0.02)


# -- rate equations --------------------------------------------------------------------------------------------------


def test_rate_balance_of_a_random_network() -> None:
    from scipy.linalg import expm

    rng = np.random.default_rng(5)
    rates = rng.exponential(size=(6, 6)) * (rng.random((6, 6)) < 0.6)
    rates[0, 1:] += 0.1
    rates[1:, 0] += 0.1
    np.fill_diagonal(rates, 0)
    found = rate_balance(rates, flows=[(2, 4)])
    matrix = rates.T - np.diag(rates.sum(axis=1))
    assert found.populations == pytest.approx(expm(matrix * 500)[:, 3], abs=1e-12)
    extra = np.zeros(6)
    extra[2], extra[4] = -1, 1
    assert matrix @ found.response[0] + extra == pytest.approx(np.zeros(6), abs=1e-12)
    assert found.response.sum() == pytest.approx(0, abs=1e-12)


def test_rate_balance_refuses_what_has_no_answer() -> None:
    with pytest.raises(InputError, match="2 sets of levels are never left"):
        rate_balance([[0, 1, 1], [0, 0, 0], [0, 0, 0]])
    with pytest.raises(InputError, match="finite and >= 0"):
        rate_balance([[0, -1], [1, 0]])
    assert rate_balance([[0, 1.0], [0, 0]]).populations == pytest.approx([0, 1])


def test_decays_of_all_sublevels_add_up() -> None:
    table, decays = scheme().decays, scheme().species.decays
    for name in ("3P1", "3P2"):
        total = sum(line.gamma for line in decays(name))
        assert table[scheme().of(name)].sum(axis=1) == pytest.approx(total)
    assert len(scheme().states) == 15 * (1 + 3 + 5 + 7 + 5 + 3 + 5)


def test_isotropic_light_excites_every_sublevel_alike() -> None:
    pump = scheme().pump[scheme().of("1S0")].sum(axis=1)
    assert pump == pytest.approx(np.ones(15))
    laser_rate = scheme().driven("3D3", "3P2", (1 / 3, 1 / 3, 1 / 3))[scheme().of("3D3")].sum(axis=1)
    assert laser_rate.mean() == pytest.approx(1)


def test_lasers_obey_the_selection_rules() -> None:
    """Light along the field keeps m and leaves F, m = 0 to F, 0 out; every rate is the same up and down."""
    along, across = (scheme().driven("3D2", "3P2", parts) for parts in ((0, 1, 0), (0.5, 0, 0.5)))
    assert np.array_equal(along, along.T)
    assert np.array_equal(across, across.T)
    states = scheme().states
    for table, change in ((along, 0), (across, 1)):
        rows, columns = np.nonzero(table)
        assert {abs(states[i][2] - states[j][2]) for i, j in zip(rows, columns, strict=True)} == {change}
    index = scheme().index
    assert along[index["3D2", 9, 0]].sum() > 0
    assert along[index["3D2", 9, 0], index["3P2", 9, 0]] == 0
    assert scheme().repumping[index["3D2", 9, 0]].sum() == 0
    left = scheme().repumping[scheme().of("3D2")].sum(axis=1) == 0
    assert left.sum() == 1  # no other sublevel is dark


def test_dark_ions_collect_in_the_upper_lasing_state() -> None:
    found = scheme().at(160.0)
    populations = scheme().populations(found.dark)
    assert populations["upper state"] > 0.999
    assert found.dark.sum() == pytest.approx(1)
    assert sum(populations.values()) == pytest.approx(1)
    assert found.dark.min() > -1e-12


@pytest.mark.parametrize("pump", [1.0, 160.0])
def test_each_photon_costs_its_excitations(pump: float) -> None:
    """What falls to the lower state, less the natural decay that it saves, is excited until 3P1 decays elsewhere."""
    found, decays = scheme().at(pump), scheme().species.decays("3P1")
    natural = scheme().species.transition("1S0", "3D2").gamma
    fallen = 1 + natural * found.response[scheme().index[scheme().upper]]
    away = sum(line.gamma for line in decays if line.lower.name != "1S0")
    assert found.response[scheme().of("3P1")].sum() * away == pytest.approx(fallen, rel=1e-9)
    share = away / sum(line.gamma for line in decays)
    assert found.response[scheme().of("1S0")].sum() * pump * share == pytest.approx(fallen, rel=1e-4)
    assert found.perpendicular == pytest.approx((pump + natural) / 2)


def test_impure_polarization_empties_the_upper_state() -> None:
    lasers = tuple(
        each.model_copy(update={"impurity": 1e-3}) if each.selective else each for each in scheme().lasers
    )
    impure = dataclasses.replace(scheme(), lasers=lasers).at(160.0)
    assert impure.perpendicular > scheme().at(160.0).perpendicular
    assert impure.inversion < 0.95


def test_forbidden_lasers_are_refused() -> None:
    wrong = PumpLaser(lower="1S0", upper="3P2", rate="1 1/s")
    with pytest.raises(InputError, match="no electric-dipole line"):
        dataclasses.replace(scheme(), lasers=(*scheme().lasers, wrong)).at(1.0)


def test_all_ions_take_part() -> None:
    found = Sublevels(laser())
    assert 0.02 < found.outside < 0.2
    assert 0.3 < found.effective_xi < 0.6
    assert 200 < found.repump_photons < 1000
    strong, weak = (found.power(100.0, factor) for factor in (10.0, 0.01))
    assert weak < 0.5 * strong


def test_fast_repumping_leaves_only_the_ground_state() -> None:
    """Infinitely fast lasers: the ions are in the upper state or in the ground state, where the pump alone counts."""
    ion = Sublevels(laser()).driven(100.0, repumping=1e4)
    found = scheme().populations(ion.response)
    assert found["1S0"] + found["lower state"] == pytest.approx(-found["upper state"], rel=1e-2)


# -- the paper's numbers ---------------------------------------------------------------------------------------------


def test_every_target_is_computed() -> None:
    made = tuple(devices(read_experiment(FILE)))
    rows = compare(
        read_targets(FILE.with_name("targets.toml")), {**Static(made).values(), **Power(made).values()}
    )
    assert len(rows) == 56
    found = {row.target.id: row for row in rows}
    for row in rows:
        assert row.verdict in ("agrees", "within rounding") or row.target.remark
    for key in (
        "s3.magic.F5",
        "s3.magic.F8",
        "s3.magic.none",
        "s3.Bm.F9",
        "s3.split.F5",
        "s3.Rc.1",
        "s3.gI",
        "s3.xi",
    ):
        assert found[key].verdict == "agrees"
    assert (
        found["s3.hfs.B176"].verdict == "deviates"
    )  # the printed number is not the product of the printed ones


def test_largest_shift_is_that_of_the_published_formula() -> None:
    """Eq. (23) in Gaussian units, with q^2 = e^2/(4 pi eps_0)."""
    from scipy.constants import e, epsilon_0

    static = Static(tuple(Device(laser().experiment, F, laser().confinement) for F in (5, 8, 9)))
    mass, charge = static.devices[0].species.mass, math.sqrt(e**2 / (4 * math.pi * epsilon_0))
    for F in (5, 8, 9):
        omega, magic = 0.7 * MEGA, static.tight[F].trap.radio_frequency
        expected = (
            0.75**3 * static.tight[F].line.frequency * 1e5 ** (2 / 3) * omega ** (8 / 3) * charge ** (4 / 3)
        )
        expected /= magic**2 * c**2 * mass ** (2 / 3)
        assert static.largest_shift(F, omega, magic) == pytest.approx(expected, rel=1e-9)
        assert static.largest_shifts(np.array([omega]))[F][0] == pytest.approx(expected, rel=1e-9)


def test_answers_of_one_file() -> None:
    one = read_experiment(FILE, ["ion.F=9", "trap.confinement=1 MHz"])
    found = answers(one)
    assert found["laser.power_without_shifts"].value == pytest.approx(0.4455e-12, rel=1e-3, abs=0)
    assert found["cavity.collective_rate"].value == pytest.approx(laser().collective_rate)
    assert set(found.results) == {"state-F9-1000kHz", "spectrum-F9-1000kHz"}
    slow = answers(one.model_copy(update={"pump": one.pump.model_copy(update={"rate": 1000.0})}))
    assert slow.keys() == found.keys()
    assert "does not lase at the pump rate 1000 1/s" in slow["laser.power"].reason
    assert slow["laser.threshold"].value > 0


def test_answers_of_several_devices_have_names() -> None:
    found = answers(read_experiment(FILE, ["ion.F=[8, 9]", 'trap.confinement="0.5 MHz"', "groups=8"]))
    assert found["F9-500kHz.trap.radius"].value == found["F8-500kHz.trap.radius"].value
    assert found["F9-500kHz.laser.power"].value != found["F8-500kHz.laser.power"].value


def test_edge_shifts_are_those_of_the_published_formula() -> None:
    """Eq. (10): at leading order the shift is the time dilation times 1 - (Omega/Omega_0)^2."""
    found = Magic(laser())
    omega = np.array([0.5, 1.0, 2.0]) * laser().trap.radio_frequency
    curve = found.at_edge(omega)[9]
    speed = laser().radius * laser().confinement / c
    dilation = -0.75 * speed**2 * laser().line.frequency / (2 * math.pi)
    assert curve[1] == pytest.approx(0, abs=1e-9 * abs(dilation))
    assert curve[[0, 2]] == pytest.approx(dilation * np.array([0.75, -3.0]), rel=1e-9)
    assert all(np.all(found.at_edge(omega)[F] < 0) for F in (6, 7))


def test_line_is_flat_at_its_magic_field() -> None:
    found = Magic(laser())
    (magic,) = Static((laser(),)).magic_fields.values()
    near = found.against_field(9, magic.field + np.array([-1e-6, 0.0, 1e-6]))
    assert near[2] == pytest.approx(near[0], abs=1e-3)
    assert near[0] - near[1] == pytest.approx(165.6e-4, rel=1e-2)
    assert found.against_field(9, np.zeros(1)) == 0


@pytest.mark.slow
def test_quick_study(tmp_path: Path) -> None:
    page = run(tmp_path, quick=True)
    assert page.name == "index.html"
    rows = json.loads((tmp_path / "values.json").read_text(encoding="utf-8"))
    assert len(rows) == 56
    assert all(row["verdict"] != "not computed" for row in rows)
    names = ("2", "4", "5", "magic", "pumping", "elimination", "crystal", "linewidth", "modes", "passive")
    for name in names:
        assert (tmp_path / f"figure-{name}.png").stat().st_size > 10_000
    assert (tmp_path / "crystal.nc").exists()
    text = page.read_text(encoding="utf-8")
    assert "45.3 MHz" in text
    assert "nan " not in text


@pytest.mark.parametrize("ions", [0, -5])
def test_a_crystal_has_an_ion(ions: int, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="at least one ion"):
        run(tmp_path, quick=True, ions=ions)
