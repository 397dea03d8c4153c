"""Errors of inputs carried to answers: closed forms, both ways, and what must be flagged."""

import math
from pathlib import Path

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.experiments import read_data
from atomcavity.results import Answer, Answers
from atomcavity.studies import uncertainty
from atomcavity.studies.points import evaluate_data
from atomcavity.studies.uncertainty import answers_with_errors, sensitivity

FILE = Path(ac.__file__).parent / "studies" / "trap" / "experiment.toml"
RADIUS, POWER = 5e-6, 0.1


def data(radius="5.0(1) um", power="100(5) mW"):
    return read_data(FILE, [f"sphere.radius={radius}", f"trap.blue.power={power}"])


@pytest.fixture
def formula(monkeypatch):
    """Lets the answer "a.value" be a formula of radius and power instead of a trap's calculation."""

    def use(function, error=0.0, key="a.value"):
        def evaluate(experiment, seed):
            r, p = experiment.sphere.radius, experiment.trap.blue.power
            value = function(r, p)
            reason = "nothing there" if math.isnan(value) else ""
            name = key(r) if callable(key) else key
            other = Answer("b.other", "does not move", 1.0)
            return Answers("t", (Answer(name, "x", value, error=error, reason=reason), other))

        monkeypatch.setattr(uncertainty, "evaluate", evaluate)

    return use


def test_linear_propagation_of_a_product_of_powers(formula):
    formula(lambda r, p: r**2 * p)
    found = answers_with_errors(data())
    value = RADIUS**2 * POWER
    assert found["a.value"].value == pytest.approx(value, rel=1e-12, abs=0)
    assert found["a.value"].input_error == pytest.approx(value * math.hypot(2 * 0.02, 0.05), rel=1e-9, abs=0)
    assert found["b.other"].input_error == 0
    assert found.warnings == ()
    assert any("linear propagation: sphere.radius, trap.blue.power" in text for text in found.remarks)
    slope = found.results["sensitivity"]
    assert slope.derivative[0] == pytest.approx([2 * RADIUS * POWER, RADIUS**2], rel=1e-9, abs=0)
    assert slope.share[0] == pytest.approx(np.array([0.04**2, 0.05**2]) / (0.04**2 + 0.05**2), rel=1e-9)
    assert slope.relative[0] == pytest.approx([2, 1], rel=1e-9)


def test_nothing_uncertain_is_one_evaluation(formula):
    calls = []
    formula(lambda r, p: calls.append(r) or r)
    found = answers_with_errors(data("5 um", "100 mW"))
    assert (len(calls), found["a.value"].input_error, dict(found.results)) == (1, 0.0, {})
    with pytest.raises(InputError, match="no input of experiment has an uncertainty"):
        answers_with_errors(data("5 um", "100 mW"), samples=10)


def test_sampling_agrees_with_propagation_where_it_is_linear(formula):
    formula(lambda r, p: r**2 * p)
    linear = answers_with_errors(data("5.000(5) um", "100.0(5) mW"))["a.value"]
    sampled = answers_with_errors(data("5.000(5) um", "100.0(5) mW"), samples=2000)
    assert sampled["a.value"].value == linear.value
    scatter = 1 / math.sqrt(2 * 1999)
    assert sampled["a.value"].input_error == pytest.approx(linear.input_error, rel=4 * scatter, abs=0)
    again = answers_with_errors(data("5.000(5) um", "100.0(5) mW"), samples=2000)
    assert np.array_equal(again.results["samples"].answers, sampled.results["samples"].answers)
    other = answers_with_errors(data("5.000(5) um", "100.0(5) mW"), 1, samples=2000)
    assert not np.array_equal(other.results["samples"].inputs, sampled.results["samples"].inputs)
    drawn = sampled.results["samples"].inputs
    assert drawn.mean(0) == pytest.approx([RADIUS, POWER], rel=4 * 0.005 / math.sqrt(2000), abs=0)
    assert abs(np.corrcoef(drawn.T)[0, 1]) < 4 / math.sqrt(2000)


def test_sampling_of_a_square_around_zero_slope(formula):
    """x^2 of a Gaussian about 0 has variance 2 sigma^4, and no derivative: propagation says 0 and that it is in doubt."""
    formula(lambda r, p: (r / RADIUS - 1) ** 2)
    linear = answers_with_errors(data(power="100 mW"))
    assert linear["a.value"].input_error == pytest.approx(0, abs=1e-12)
    assert any("sphere.radius these are not linear, use --samples: a.value" in t for t in linear.warnings)
    sampled = answers_with_errors(data(power="100 mW"), samples=4000)
    assert sampled["a.value"].input_error == pytest.approx(math.sqrt(2) * 0.02**2, rel=0.1)


def test_errors_within_those_of_the_method_are_flagged(formula):
    formula(lambda r, p: r / RADIUS, error=0.1)
    for samples in (0, 50):
        told = " ".join(answers_with_errors(data(power="100 mW"), samples=samples).warnings)
        assert "cannot be told from the method's own statistical error" in told
        assert "a.value" in told
    formula(lambda r, p: r / RADIUS, error=1e-4)
    for samples in (0, 50):
        assert answers_with_errors(data(power="100 mW"), samples=samples).warnings == ()
    table = sensitivity(data(power="100 mW"), inputs=["sphere.radius"]).table()
    assert "within the method's own error" not in table
    formula(lambda r, p: r / RADIUS, error=0.1)
    assert "within the method's own error" in sensitivity(data(), inputs=["sphere"]).table()


def test_rounding_is_no_dependence(formula):
    """(r x p)/p differs in the last bit from r."""
    formula(lambda r, p: (r * p) / p * (1 + 1e-16 * math.sin(1e9 * p)))
    found = sensitivity(data(radius="5 um", power="97.3 mW"))
    names = list(found.input)
    assert found.derivative[0, names.index("trap.blue.power")] == 0
    assert found.derivative[0, names.index("sphere.radius")] == pytest.approx(1, rel=1e-9)
    formula(lambda r, p: r * (1 + 1e-8 * p / POWER))  # weak, but no rounding
    weak = sensitivity(data(power="100 mW"))
    assert weak.derivative[0, list(weak.input).index("trap.blue.power")] == pytest.approx(
        1e-8 * RADIUS / POWER, rel=1e-3, abs=0
    )


def test_one_side_without_an_answer(formula):
    formula(lambda r, p: r if r < 1.001 * RADIUS else math.nan)
    found = answers_with_errors(data(power="100 mW"))
    assert found["a.value"].input_error == pytest.approx(0.02 * RADIUS, rel=1e-9, abs=0)

    def refuses(r, p):
        if r > 1.001 * RADIUS:
            raise InputError("too large")
        return r

    formula(refuses)
    found = answers_with_errors(data(power="100 mW"))
    assert found["a.value"].input_error == pytest.approx(0.02 * RADIUS, rel=1e-9, abs=0)
    assert "sphere.radius: too large" in found.warnings
    sampled = answers_with_errors(data(power="100 mW"), samples=40)
    assert "samples cannot be computed: too large" in sampled.warnings[0]


def test_no_side_with_an_answer(formula):
    formula(lambda r, p: r if abs(r / RADIUS - 1) < 1e-3 else math.nan)
    found = answers_with_errors(data())
    assert found["a.value"].input_error == 0
    assert any("no answer to either side: a.value" in text for text in found.warnings)
    assert "not known" in found.results["sensitivity"].table()


def test_keys_that_name_the_value_of_an_input(formula):
    formula(lambda r, p: r, key=lambda r: f"at-{r * 1e9:.0f}nm.laser.value")
    found = answers_with_errors(data(power="100 mW"))
    assert found["at-5000nm.laser.value"].input_error == pytest.approx(1e-7, rel=1e-9, abs=0)


def test_the_table_begins_with_the_largest_share(formula):
    formula(lambda r, p: r**2 * p)
    for radius, power, first in (
        ("5.0(1) um", "100.0(1) mW", "sphere.radius"),
        ("5.00(1) um", "100(5) mW", "trap.blue.power"),
    ):
        block = sensitivity(data(radius, power)).table().splitlines()
        assert block[0].startswith("a.value = ")
        assert block[2].split()[0] == first
        assert "do not change, or have no answer: b.other" in block
    assert "100.0 ± 5.0 mW" in "\n".join(block)


def test_which_inputs(formula):
    formula(lambda r, p: r**2 * p)
    every = sensitivity(data())
    assert {"sphere.radius", "trap.blue.power", "trap.red.power"} <= set(map(str, every.input))
    assert "atom.m" not in every.input  # a quantum number
    assert list(map(str, sensitivity(data(), inputs=["sphere", "trap.blue"]).input)) == [
        "sphere.radius",
        "trap.blue.power",
    ]
    with pytest.raises(InputError, match=r"--input sphere\.radus: no continuous input"):
        sensitivity(data(), inputs=["sphere.radus"])
    with pytest.raises(InputError, match="its value is 0, which gives no step"):
        sensitivity(data(power="0 mW"), inputs=["trap.blue.power"])
    with pytest.raises(InputError, match=r"unknown answer 'a\.valve'; did you mean 'a\.value'"):
        every.table(["a.valve"])


def test_both_results_are_saved_and_loaded(formula, tmp_path):
    formula(lambda r, p: r**2 * p, error=1e-13)
    slope = answers_with_errors(data()).results["sensitivity"]
    again = ac.load(slope.save(tmp_path / "s.nc"))
    assert again.table() == slope.table()
    drawn = answers_with_errors(data(), samples=5).results["samples"]
    assert np.array_equal(ac.load(drawn.save(tmp_path / "d.nc")).spread, drawn.spread)


def test_a_sphere_scales_its_wavelengths():
    """lambda is proportional to the radius up to dispersion, which is a per cent; a sweep's points carry the error."""
    table = data("5.0176(20) um", "87 mW")
    found = evaluate_data(table, 0)
    wave = found["modes.cavity.wavelength"]
    assert wave.input_error == pytest.approx(wave.value * 20 / 50176, rel=0.02, abs=0)
    assert found["trap.sites"].input_error == 0


@pytest.mark.slow
def test_workers_change_nothing():
    table = data("5.0176(20) um", "87(1) mW")
    alone = sensitivity(table, inputs=["sphere", "trap.blue"])
    two = sensitivity(table, inputs=["sphere", "trap.blue"], workers=2)
    assert np.array_equal(alone.derivative, two.derivative, equal_nan=True)
