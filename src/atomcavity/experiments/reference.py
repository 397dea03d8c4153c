"""The reference page and the commented files, written from the schemas."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from pydantic import BaseModel

from atomcavity import units
from atomcavity.experiments.quantities import Quantity
from atomcavity.experiments.schema import Key, keys, sweep_keys
from atomcavity.experiments.toml import quoted_key, value_text

_WIDTH = 110
_INTRODUCTION = """\
# Experiment files

<!-- This page is written by docs/experiments_page.py from the schemas: change those, then run it. -->

An experiment is one TOML file. `atomcavity new KIND` writes a commented one, `atomcavity check FILE` says what it would
cost, `atomcavity run FILE --set trap.red.power="30 mW"` answers it, with `--out DIR` also as a page with figures and data.
`atomcavity schema > experiment.json` writes a JSON schema of all kinds; with `#:schema ./experiment.json` as the first line of
a file, editors that know TOML (Even Better TOML, Taplo) complete its keys and underline mistakes.

A quantity is a string with its unit: `"5.03 um"`. A bare number is refused where a unit is needed, and a unit of another
kind everywhere. A rate or frequency of kind *angular* in Hz is the cyclic frequency: it is stored times 2π; 1/s and rad/s are
stored as they are. An *event rate* is written in 1/s only.

A quantity or a number may have a standard deviation: `"5.03(1) um"`, `"5.03 +- 0.01 um"`, `"0.82(1)"`. `atomcavity run` then
carries it to an error bar of each answer, by linear propagation (each input changed by its standard deviation to both sides) or
with `--samples N` by sampling. Uncertain inputs are taken as independent of each other and Gaussian. An answer that bends within
the standard deviation of an input, and one whose error cannot be told from the method's own statistical error, is named in a
warning; the error in the table is both together. `atomcavity sensitivity FILE` tabulates the derivative of each answer with
respect to each continuous input, the largest share of the error first.

| kind of quantity | units |
|---|---|
"""


def page(schemas: Mapping[str, type[BaseModel]]) -> str:
    """The reference page of all kinds of experiments, in Markdown."""
    lines = [_INTRODUCTION + "\n".join(f"| {kind} | {_units(kind)} |" for kind in units.KINDS), ""]
    for kind, schema in schemas.items():
        lines += [f'## kind = "{kind}"', "", _first(schema.__doc__), ""]
        lines += _section([key for key in keys(schema) if len(key.path) == 1 and key.table is None])
        for table in (key for key in keys(schema) if key.table is not None):
            bracket = "[[{}]]" if table.many else "[{}]"
            head = f"`{bracket.format(table.name)}`"
            needed = "" if table.required else " (may be left out)"
            lines += [f"### {head}{needed}", "", _sentence(table), ""]
            inner = [key for key in keys(schema) if key.path[:-1] == table.path and key.table is None]
            lines += _section(inner)
    table, *rest = sweep_keys()
    lines += ["## `[sweep]` in a file of any kind", "", _sentence(table), "", *_section(rest)]
    return "\n".join(lines).rstrip() + "\n"


def _units(kind: str) -> str:
    return ", ".join(f"`{name}`" for name in units.names(kind))


def _first(text: str | None) -> str:
    return (text or "").splitlines()[0]


def _section(found: list[Key]) -> list[str]:
    if not found:
        return []
    rows = ["| key | what it is | allowed | default |", "|---|---|---|---|"]
    for key in found:
        cells = (
            f"`{key.path[-1]}`",
            key.description,
            _kind_only(key),
            "required" if key.required else _default(key),
        )
        rows.append("| " + " | ".join(cell.replace("|", r"\|") for cell in cells) + " |")
    return [*rows, ""]


def _kind_only(key: Key) -> str:
    """What may be written, without the list of units: that stands above."""
    return key.allowed.partition(", in ")[0]


def _default(key: Key) -> str:
    """The default as it would be written in the file; a dash where the key is simply left out, or required."""
    if key.default is None or key.default in ("", [], ()):
        return "—"
    if isinstance(key.special, Quantity):
        unit = units.names(key.special.kind)[0] if key.default == 0 else ""
        return f'`"0 {unit}"`' if unit else f'`"{units.show(key.default, key.special.kind)}"`'
    return f"`{value_text(key.default)}`"


def template(schema: type[BaseModel], example: Mapping[str, Any]) -> str:
    """A commented experiment file: the values of `example`, every other key as a comment, each with its description.

    What reads it gets the same data as the example.
    """
    known = [*keys(schema), *sweep_keys()]
    lines = [
        f'# An experiment of kind "{example["kind"]}". Lines that begin with #: are keys that may be added.'
    ]
    lines += _written(known, (), example)
    for key in known:
        if key.table is None:
            continue
        rows = _at(example, key.path)
        if rows is None:
            lines += ["", *_comment(f"{_sentence(key)} Not used here:"), f"#: {_bracket(key)}"]
            lines += _written(known, key.path, {})
            continue
        for row in rows if key.many else [rows]:
            lines += ["", *_comment(_sentence(key)), _bracket(key), *_written(known, key.path, row)]
    return "\n".join(lines) + "\n"


def _sentence(key: Key) -> str:
    return f"{key.description[:1].upper()}{key.description[1:]}."


def _bracket(key: Key) -> str:
    name = ".".join(map(quoted_key, key.path))
    return f"[[{name}]]" if key.many else f"[{name}]"


def _at(data: Mapping[str, Any], path: tuple[str, ...]) -> Any:
    """What stands at a path of the example, or None."""
    place: Any = data
    for name in path:
        if not isinstance(place, Mapping) or name not in place:
            return None
        place = place[name]
    return place


def _written(known: list[Key], place: tuple[str, ...], values: Mapping[str, Any]) -> Iterator[str]:
    """The keys of one table, with what each is; those that are not there as comments."""
    for key in known:
        if key.path[:-1] != place or key.table is not None:
            continue
        name, default = key.path[-1], _default(key).strip("`")
        yield ""
        yield from _comment(
            f"{name}: {key.description} [{key.allowed}]{'; required' if key.required else ''}"
        )
        if name in values:
            yield from _assigned(name, values[name])
        else:
            yield f"#: {name} = {'...' if default == '—' else default}"


def _assigned(name: str, value: Any) -> list[str]:
    text = f"{name} = {value_text(value)}"
    if not isinstance(value, list) or len(text) <= _WIDTH:
        return [text]
    return [f"{name} = [", *(f"  {value_text(each)}," for each in value), "]"]


def _comment(text: str) -> list[str]:
    return [f"# {line}" for line in textwrap.wrap(text, _WIDTH)]
