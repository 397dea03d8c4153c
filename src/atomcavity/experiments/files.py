"""Reading an experiment file: all mistakes at once, each as one sentence with its place."""

from __future__ import annotations

import difflib
import os
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ValidationError

from atomcavity.errors import InputError, unknown
from atomcavity.experiments.chip_loading import ChipLoadingExperiment
from atomcavity.experiments.ion_laser import IonLaserExperiment
from atomcavity.experiments.microclock import MicroclockExperiment
from atomcavity.experiments.microlaser import MicrolaserExperiment
from atomcavity.experiments.sweep import check_sweep
from atomcavity.experiments.trap import TrapExperiment
from atomcavity.experiments.uncertain import split_uncertain

KINDS: dict[str, type[BaseModel]] = {
    "trap": TrapExperiment,
    "microlaser": MicrolaserExperiment,
    "microclock": MicroclockExperiment,
    "ion-laser": IonLaserExperiment,
    "chip-loading": ChipLoadingExperiment,
}
_LONG = 200  # characters of a value in a message
_LIMIT = 1_000_000  # bytes; an experiment file is a page of text


def read_experiment(path: str | os.PathLike[str], changes: Iterable[str] = ()) -> Any:
    """Read and check an experiment file; `changes` are `key=value` texts as on the command line.

    Returns the schema of the file's `kind`, one of `KINDS`.

    Raises `InputError` with one sentence a mistake: a file that is missing or not TOML, an unknown
    kind, unknown keys (the nearest known one is suggested), quantities without units, values out
    of range.
    """
    changed = list(changes)
    return check_data(read_data(path, changed), place_of(path, changed))


def read_data(path: str | os.PathLike[str], changes: Iterable[str] = ()) -> dict[str, Any]:
    """The data of an experiment file as TOML gives them, with the `changes`, unchecked.

    Raises `InputError` for a file that is missing or not TOML, and for a change that is not key=value.
    """
    data = _read_toml(Path(path))
    for text in changes:
        _change(data, text)
    return data


def place_of(path: str | os.PathLike[str], changes: Iterable[str] = ()) -> str:
    """How messages name the file, with or without changes."""
    return f"{path} with --set" if list(changes) else f"{path}"


def check_data(data: Mapping[str, Any], place: str = "experiment") -> Any:
    """The experiment that data as TOML gives them describe: the schema of their `kind`, one of `KINDS`.

    Of inputs with an uncertainty (`uncertain`) the nominal values are taken; a `[sweep]` table is checked and left out.

    `place` is named in the messages.  Raises `InputError` with one sentence a mistake.
    """
    schema = schema_of(data, place)
    if "sweep" in data:
        check_sweep(data, place)
        data = {key: value for key, value in data.items() if key != "sweep"}
    nominal, _ = split_uncertain(data, schema, place)
    try:
        return schema.model_validate(nominal)
    except ValidationError as problem:
        raise InputError("\n".join(f"{place}: {line}" for line in sentences(problem, schema))) from None


def schema_of(data: Mapping[str, Any], place: str = "experiment") -> type[BaseModel]:
    """The schema of the data's `kind`.

    Raises `InputError` for a missing or unknown one.
    """
    kind = data.get("kind")
    if kind is None:
        raise InputError(f"{place}: the key 'kind' is missing; it is one of {', '.join(KINDS)}")
    if not isinstance(kind, str) or kind not in KINDS:
        raise InputError(f"{place}: {unknown('kind', kind, KINDS)}")
    return KINDS[kind]


def _read_toml(path: Path) -> dict[str, Any]:
    if path.is_dir():
        raise InputError(f"{path} is a folder, not an experiment file")
    if not path.is_file():
        raise InputError(f"no such experiment file: {path}")
    if path.stat().st_size > _LIMIT:
        raise InputError(f"{path} has {path.stat().st_size} bytes; an experiment file has at most {_LIMIT}")
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise InputError(f"{path} is not a TOML file: it is not text in UTF-8") from None
    except tomllib.TOMLDecodeError as problem:
        raise InputError(f"{path} is not a TOML file: {problem}") from None
    except RecursionError:
        raise InputError(f"{path} is not an experiment file: its lists are nested too deeply") from None
    except ValueError:
        raise InputError(f"{path} is not an experiment file: a number has thousands of digits") from None


def _change(data: dict[str, Any], text: str) -> None:
    """Apply one `trap.red.power=30 mW`; numbers, booleans and lists as in TOML, anything else is a string."""
    key, equals, value = text.partition("=")
    if not equals or not key.strip():
        raise InputError(f'--set {text!r}: write it as key=value, for example trap.red.power="30 mW"')
    *tables, last = key.strip().split(".")
    place = data
    for name in tables:
        place = place.setdefault(name, {})
        if not isinstance(place, dict):
            raise InputError(f"--set {text!r}: {name!r} is a value, not a table")
    try:
        place[last] = tomllib.loads(f"x = {value}")["x"]
    except tomllib.TOMLDecodeError:
        place[last] = value
    except (RecursionError, ValueError):
        raise InputError(
            f"--set {text[:60]!r}…: nested too deeply, or a number of thousands of digits"
        ) from None


def sentences(problem: ValidationError, schema: type[BaseModel]) -> list[str]:
    """One sentence for each mistake that pydantic found."""
    lines = []
    for error in problem.errors():
        place = [str(part) for part in error["loc"]]
        key = ".".join(place) or "the file"
        if error["type"] == "extra_forbidden":
            known = _keys(schema, place[:-1])
            near = difflib.get_close_matches(place[-1], known, n=1, cutoff=0.5)
            hint = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(known)}"
            lines.append(f"unknown key {key!r}; {hint}")
        elif error["type"] == "missing":
            lines.append(f"the key {key!r} is missing")
        elif error["type"] == "value_error":
            text = str(error["ctx"]["error"])
            lines.append(
                text.replace("value =", f"{key} =", 1) if text.startswith("value =") else f"{key} {text}"
            )
        elif error["type"] in ("model_type", "dict_type"):
            lines.append(
                f"{key} = {_shown(error['input'])}: this must be a table with the keys {', '.join(_keys(schema, place))}"
            )
        else:
            lines.append(f"{key} = {_shown(error['input'])}: {error['msg'][0].lower()}{error['msg'][1:]}")
    return lines


def _shown(value: object) -> str:
    """A value of the file, in a message."""
    try:
        text = repr(value)
    except ValueError:
        return "a number of thousands of digits"
    return text if len(text) <= _LONG else f"{text[:_LONG]}…"


def _keys(schema: type[BaseModel], place: list[str]) -> list[str]:
    """The keys that the table at `place` may have."""
    for name in place:
        if name in schema.model_fields:  # not the number of a row
            schema = next(_tables(schema.model_fields[name].annotation), schema)
    return list(schema.model_fields)


def _tables(annotation: Any) -> Iterator[type[BaseModel]]:
    """The tables that an annotation is made of: itself, or those in a list or union."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in getattr(annotation, "__args__", ()):
        yield from _tables(part)
