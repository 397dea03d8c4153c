"""What the inputs of an experiment do to its answers: derivatives, error bars by linear propagation, error bars by sampling."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import AtomcavityError, InputError, require
from atomcavity.experiments.files import check_data, schema_of
from atomcavity.experiments.uncertain import Input, inputs_of, split_uncertain, with_values
from atomcavity.parallel import Progress, shared
from atomcavity.results import Answers, Record
from atomcavity.studies.points import evaluate
from atomcavity.studies.samples import Samples
from atomcavity.studies.sensitivity import Sensitivity

STEP = 1e-3
"""Part of its value by which an input without an uncertainty is changed to find a derivative."""
ROUNDING = 1e-13
"""Part of its value within which a change of an answer is rounding, and no change."""
MOST_SAMPLES = 100_000

Real = NDArray[np.float64]


@dataclass(frozen=True)
class Point:
    """The answers with some inputs changed: their values and the method's errors in the order of the keys, or why there are none."""

    keys: tuple[str, ...] = ()
    values: tuple[float, ...] = ()
    errors: tuple[float, ...] = ()
    message: str = ""


@dataclass(frozen=True)
class Changed:
    """The experiment as a function of some of its inputs; all else, the seed too, stays."""

    data: dict[str, Any]
    inputs: tuple[Input, ...]
    seed: int

    def __call__(self, values: Sequence[float]) -> Point:
        """The answers at these values of the inputs, in the units of the file (NaN: as it is)."""
        pairs = [(one, v) for one, v in zip(self.inputs, values, strict=True) if not math.isnan(v)]
        try:
            return point_of(evaluate(check_data(with_values(self.data, pairs)), self.seed))
        except AtomcavityError as problem:
            return Point(message=str(problem).splitlines()[0].removeprefix("experiment: "))


def point_of(found: Answers) -> Point:
    """The numbers of the answers."""
    return Point(found.keys(), tuple(a.value for a in found), tuple(a.error for a in found))


def answers_with_errors(
    data: Mapping[str, Any], seed: int = 0, *, samples: int = 0, workers: int = 1, place: str = "experiment"
) -> Answers:
    """The answers to data as TOML gives them, with the error bars that the uncertain inputs give them.

    The inputs are taken as independent and Gaussian.  Linear propagation (`samples` = 0) changes each input by its standard
    deviation to both sides; with `samples` that many sets of inputs are drawn.  The answers' `results` then have the
    `Sensitivity`, or the `Samples`.

    Raises `InputError` for data that no schema allows, and for too few or too many samples.
    """
    require(samples == 0 or 2 <= samples <= MOST_SAMPLES, f"--samples {samples}: from 2 to {MOST_SAMPLES}")
    experiment, nominal, uncertain = _split(data, place)
    found = evaluate(experiment, seed)
    if not uncertain:
        require(samples == 0, f"--samples {samples}: no input of {place} has an uncertainty")
        return found
    function = Changed(nominal, uncertain, seed)
    if samples:
        return _with_samples(found, draw(function, found, samples, workers))
    return _with_slopes(found, slopes(function, found, workers))


def sensitivity(
    data: Mapping[str, Any],
    seed: int = 0,
    *,
    inputs: Sequence[str] = (),
    workers: int = 1,
    place: str = "experiment",
) -> Sensitivity:
    """Derivatives of all answers with respect to the continuous inputs, and the errors that the uncertain ones give.

    inputs  keys of those that are wanted (of a table: all in it); without them all continuous inputs that are not 0

    Raises `InputError` for data that no schema allows, and for an input that is not continuous.
    """
    experiment, nominal, uncertain = _split(data, place)
    named = {one.path: one for one in uncertain}
    every = tuple(named.get(one.path, one) for one in inputs_of(nominal, type(experiment)))
    chosen = _chosen(every, inputs) if inputs else tuple(one for one in every if one.value or one.sigma)
    require(bool(chosen), f"{place} has no continuous input")
    return slopes(Changed(nominal, chosen, seed), evaluate(experiment, seed), workers)


def _split(data: Mapping[str, Any], place: str) -> tuple[Any, dict[str, Any], tuple[Input, ...]]:
    """The experiment, its data with nominal values, and the inputs with an uncertainty."""
    experiment = check_data(data, place)
    own = {key: value for key, value in data.items() if key != "sweep"}
    return experiment, *split_uncertain(own, schema_of(own, place), place)


def _chosen(every: tuple[Input, ...], names: Sequence[str]) -> tuple[Input, ...]:
    for name in names:
        if not any(_within(one.name, name) for one in every):
            known = ", ".join(one.name for one in every)
            raise InputError(f"--input {name}: no continuous input of the file has that name; known: {known}")
    chosen = tuple(one for one in every if any(_within(one.name, name) for name in names))
    for one in chosen:
        require(
            one.value != 0 or one.sigma > 0,
            f"--input {one.name}: its value is 0, which gives no step; give it an uncertainty",
        )
    return chosen


def _within(key: str, name: str) -> bool:
    return key == name or key.startswith(f"{name}.")


def slopes(function: Changed, found: Answers, workers: int = 1) -> Sensitivity:
    """The derivatives, by changing each input to both sides: by its standard deviation, or by `STEP` of its value."""
    inputs, base = function.inputs, point_of(found)
    steps = np.array([one.sigma or STEP * abs(one.value) for one in inputs])
    places = []
    for k, one in enumerate(inputs):
        for sign in (1, -1):
            values = np.full(len(inputs), math.nan)
            values[k] = one.value + sign * steps[k]
            places.append(tuple(values))
    points = _evaluated(function, places, workers, f"{len(inputs)} inputs, each to both sides")
    columns = [_column(base, points[2 * k], points[2 * k + 1]) for k in range(len(inputs))]
    change, noise, bend = (np.array([column[row] for column in columns]).T for row in range(3))
    si = np.array([one.si for one in inputs])
    sigma = np.array([one.sigma for one in inputs])
    failed = tuple(
        f"{one.name}: {points[2 * k + side].message}"
        for k, one in enumerate(inputs)
        for side in (0, 1)
        if points[2 * k + side].message
    )
    record = Record(
        "differences to both sides",
        "by the standard deviation of each input, or else by a thousandth of its value; one side where the other has no answer",
        seed=function.seed,
        warnings=failed,
    )
    return Sensitivity(
        record=record,
        answer=np.array(base.keys),
        input=np.array([one.name for one in inputs]),
        value=np.array(base.values),
        error=np.array(base.errors),
        answer_kind=np.array([a.kind for a in found]),
        answer_unit=np.array([a.unit for a in found]),
        input_text=np.array([one.text for one in inputs]),
        input_unit=np.array([one.unit for one in inputs]),
        unit_si=si,
        input_value=np.array([one.value for one in inputs]) * si,
        input_sigma=sigma * si,
        derivative=change / (steps * si),
        derivative_error=noise / (steps * si),
        bend=bend * (sigma > 0),
    )


def _column(base: Point, up: Point, down: Point) -> tuple[Real, Real, Real]:
    """Change of each answer for one step, its statistical error, and how far it bends within the step."""
    middle, own = np.array(base.values), np.array(base.errors)
    (high, high_error), (low, low_error) = (_matched(base, point) for point in (up, down))
    both = np.isfinite(high) & np.isfinite(low)
    one_sided = np.where(np.isfinite(high), high - middle, middle - low)
    change = np.where(both, (high - low) / 2, one_sided)
    change = np.where(np.abs(change) <= ROUNDING * np.abs(middle), 0.0, change)
    of_one = np.hypot(own, np.where(np.isfinite(high), high_error, low_error))
    noise = np.where(both, np.hypot(high_error, low_error) / 2, of_one)
    bend = np.where(both, np.abs(high + low - 2 * middle) / 2, 0.0)
    return change, np.where(np.isfinite(change), noise, math.nan), bend


def _matched(base: Point, point: Point) -> tuple[Real, Real]:
    """Values and errors of a point in the order of the base; NaN where they are not known.

    Keys may name the value of an input ("F9-1000kHz.laser.power"): then the order tells which is which.
    """
    if point.keys == base.keys or [*map(_end, point.keys)] == [*map(_end, base.keys)]:
        return np.array(point.values), np.array(point.errors)
    none = np.full(len(base.keys), math.nan)
    return none, none


def _end(key: str) -> str:
    return ".".join(key.split(".")[-2:])


def draw(function: Changed, found: Answers, samples: int, workers: int = 1) -> Samples:
    """The answers to inputs that are drawn, independent and Gaussian, from their standard deviations."""
    inputs, base = function.inputs, point_of(found)
    mean, sigma, si = (np.array([getattr(one, name) for one in inputs]) for name in ("value", "sigma", "si"))
    rng = np.random.default_rng(np.random.SeedSequence([function.seed, samples, len(inputs)]))
    drawn = mean + sigma * rng.standard_normal((samples, len(inputs)))
    points = _evaluated(function, [tuple(row) for row in drawn], workers, f"{samples} samples")
    values = np.array([_matched(base, point)[0] for point in points])
    reasons = list(dict.fromkeys(point.message for point in points if point.message))
    lost = sum(1 for point in points if point.message)
    warnings = (f"{lost} of {samples} samples cannot be computed: {reasons[0]}",) if lost else ()
    return Samples(
        record=Record("sampling", f"{samples} samples", seed=function.seed, warnings=warnings),
        answer=np.array(base.keys),
        input=np.array([one.name for one in inputs]),
        nominal=np.array(base.values),
        inputs=drawn * si,
        answers=values,
    )


def _evaluated(function: Changed, places: list[tuple[float, ...]], workers: int, what: str) -> list[Point]:
    count = max(1, min(workers, len(places), os.cpu_count() or 1))
    Progress(1, quiet=len(places) < 3)(f"{what}: {len(places)} evaluations")
    with shared(function, count) as run:
        return run(places)


def _with_slopes(found: Answers, slope: Sensitivity) -> Answers:
    errors = {
        str(key): error
        for key, error in zip(slope.answer, slope.input_error, strict=True)
        if math.isfinite(error)
    }
    names = ", ".join(map(str, slope.input))
    return replace(
        found.with_input_errors(errors),
        results={**found.results, "sensitivity": slope},
        warnings=(*found.warnings, *slope.warnings, *slope.doubts()),
        remarks=(*found.remarks, f"errors from the uncertain inputs by linear propagation: {names}"),
    )


def _with_samples(found: Answers, samples: Samples) -> Answers:
    errors = {
        str(key): spread
        for key, spread in zip(samples.answer, samples.spread, strict=True)
        if math.isfinite(spread)
    }
    count, names = len(samples.inputs), ", ".join(map(str, samples.input))
    own = np.array([answer.error for answer in found])
    return replace(
        found.with_input_errors(errors),
        results={**found.results, "samples": samples},
        warnings=(*found.warnings, *samples.warnings, *samples.doubts(own)),
        remarks=(
            *found.remarks,
            f"errors from the uncertain inputs by {count} samples, themselves known to "
            f"{100 / math.sqrt(2 * (count - 1)):.2g} %: {names}",
        ),
    )
