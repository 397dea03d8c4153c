"""What the schemas say about each key: type, default, allowed range, one line of description.

The descriptions stand in the tables' docstrings, as rows "key  text" (several keys: "key, other  text"); a key that holds a
table is described by the first line of that table, unless it has a row.
"""

from __future__ import annotations

import inspect
import json
import re
import types
import typing
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel, create_model
from pydantic.fields import FieldInfo

from atomcavity.experiments.quantities import NUMBER_PATTERN, Discrete, Written
from atomcavity.experiments.sweep import SweepTable

COMMON = {
    "kind": "what the file describes",
    "title": "of the table of answers",
    "notes": "assumptions, one sentence each: they stand on the page of answers",
}
_ROW = re.compile(r"([A-Za-z_]\w*(?:, *[A-Za-z_]\w*)*)  +(\S.*)")
_BOUNDS = {"gt": "above {}", "ge": "at least {}", "lt": "below {}", "le": "at most {}"}
_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_PLAIN = {float: "number", int: "whole number", str: "text", bool: "true or false"}


@dataclass(frozen=True)
class Key:
    """One key of a schema.

    path         names of the tables and the key; of an array of tables the name without a number
    allowed      what may be written, in words
    required     whether it must be there
    default      value that it has otherwise (None: it is left out)
    description  one line
    table        schema of the table that it holds, or None;  many: an array of them
    continuous   whether its value, or a part of it, is a real number
    special      the type that reads it, or None for plain values
    """

    path: tuple[str, ...]
    allowed: str
    required: bool
    default: Any
    description: str
    table: type[BaseModel] | None = None
    many: bool = False
    continuous: bool = False
    special: Written | None = None

    @property
    def name(self) -> str:
        """The path with dots."""
        return ".".join(self.path)


def keys(schema: type[BaseModel], place: tuple[str, ...] = ()) -> Iterator[Key]:
    """All keys of a schema: those of the table first, then those of each inner table after its own key."""
    found = [_key(schema, name, field, place) for name, field in schema.model_fields.items()]
    found.sort(key=lambda key: list(COMMON).index(key.path[-1]) if key.path[-1] in COMMON else len(COMMON))
    yield from (key for key in found if key.table is None)
    for key in found:
        if key.table is not None:
            yield key
            yield from keys(key.table, key.path)


def sweep_keys() -> Iterator[Key]:
    """The `[sweep]` table, which a file of any kind may have, and its keys."""
    text = (SweepTable.__doc__ or "").splitlines()[0].rstrip(".")
    yield Key(("sweep",), "a table", False, None, f"{text}, for `atomcavity sweep`", table=SweepTable)
    yield from keys(SweepTable, ("sweep",))


def key_at(schema: type[BaseModel], path: tuple[str, ...]) -> Key | None:
    """The key at a path (without the numbers of arrays); None if there is none."""
    key: Key | None = None
    for k, name in enumerate(path):
        if k:
            if key is None or key.table is None:
                return None
            schema = key.table
        field = schema.model_fields.get(name)
        if field is None:
            return None
        key = _key(schema, name, field, path[:k])
    return key


def descriptions(schema: type[BaseModel]) -> dict[str, str]:
    """Description of each key of a table that has a row in its docstring, or in that of a table it is made from."""
    found: dict[str, str] = dict(COMMON)
    for each in reversed(schema.__mro__):
        if isinstance(each, type) and issubclass(each, BaseModel) and each is not BaseModel:
            found |= _rows(each.__doc__ or "")
    return found


def _rows(text: str) -> dict[str, str]:
    found: dict[str, str] = {}
    current: list[str] = []
    for line in inspect.cleandoc(text).splitlines():
        match = _ROW.fullmatch(line)
        if match:
            current = [name.strip() for name in match[1].split(",")]
            found |= dict.fromkeys(current, match[2].strip())
        elif current and line.startswith("    "):
            found |= {name: f"{found[name]} {line.strip()}" for name in current}
        else:
            current = []
    return found


def _key(schema: type[BaseModel], name: str, field: FieldInfo, place: tuple[str, ...]) -> Key:
    leaf = _leaf(field.annotation, tuple(field.metadata))
    text = descriptions(schema).get(name, "")
    if not text and leaf.table is not None:
        text = (leaf.table.__doc__ or "").splitlines()[0].rstrip(".")
    required = field.is_required()
    default = None if required else field.get_default(call_default_factory=True)
    return Key(
        (*place, name),
        leaf.allowed,
        required,
        default,
        text,
        table=leaf.table,
        many=leaf.many,
        continuous=leaf.continuous,
        special=leaf.special,
    )


@dataclass(frozen=True)
class _Leaf:
    allowed: str
    table: type[BaseModel] | None = None
    many: bool = False
    continuous: bool = False
    special: Written | None = None


def _leaf(annotation: Any, metadata: tuple[Any, ...]) -> _Leaf:
    """What an annotation allows, with the constraints that stand beside it."""
    special = next((each for each in metadata if isinstance(each, Written)), None)
    if special is not None:
        return _Leaf(special.allowed, continuous=special.continuous, special=special)
    origin, inner = typing.get_origin(annotation), typing.get_args(annotation)
    if origin is typing.Annotated:
        return _leaf(inner[0], tuple(inner[1:]) + metadata)
    if origin in (typing.Union, types.UnionType):
        rest = [_leaf(each, metadata) for each in inner if each is not type(None)]
        return rest[0] if len(rest) == 1 else _Leaf(", or ".join(each.allowed for each in rest))
    if origin is Literal:
        return _Leaf("one of " + ", ".join(f'"{word}"' for word in inner))
    if origin is dict:
        return _Leaf("a table of keys and values")
    if origin is list:
        one = _leaf(inner[0], ())
        if one.table is not None:
            return _Leaf("an array of tables", table=one.table, many=True)
        return _Leaf(f"a list{_length(metadata)}, each {one.allowed}")
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return _Leaf("a table", table=annotation)
    discrete = next((each for each in metadata if isinstance(each, Discrete)), None)
    if discrete is not None:
        return _Leaf(discrete.allowed)
    text = _PLAIN[annotation]
    bounds = _bounds(metadata)
    if bounds == ["above 0"] and annotation is float:
        text, bounds = "positive number", []
    return _Leaf(", ".join([text, *bounds]), continuous=annotation is float)


def _bounds(metadata: tuple[Any, ...]) -> list[str]:
    """Limits of a number in words; metadata may hold a `Field(...)` or its parts."""
    parts = [part for each in metadata for part in getattr(each, "metadata", [each])]
    found = []
    for part in parts:
        for name, words in _BOUNDS.items():
            limit = getattr(part, name, None)
            if limit is not None:
                found.append(words.format(f"{limit:g}"))
    return found


def _length(metadata: tuple[Any, ...]) -> str:
    parts = [part for each in metadata for part in getattr(each, "metadata", [each])]
    sizes = {
        getattr(part, name) for part in parts for name in ("min_length", "max_length") if hasattr(part, name)
    }
    return f" of {sizes.pop()}" if len(sizes) == 1 else ""


def json_schema(schema: type[BaseModel], kind: str) -> dict[str, Any]:
    """JSON schema of the files of a kind, for the completion of an editor.

    Quantities are strings with a pattern of number and unit; where a number may stand, also a string with an uncertainty may.
    """
    model = create_model(schema.__name__, __base__=schema, sweep=(SweepTable | None, None))
    found = model.model_json_schema(mode="validation")
    inner = {key.table.__name__: key.table for key in (*keys(schema), *sweep_keys()) if key.table is not None}
    tables = {"": schema} | inner
    for name, table in tables.items():
        target = found if not name else found["$defs"][name]
        target["description"] = (table.__doc__ or "").splitlines()[0]
        for key, field in table.model_fields.items():
            info = _key(table, key, field, ())
            target["properties"][key]["description"] = f"{info.description} ({info.allowed})"
    found["$schema"] = _DIALECT
    found["title"] = f"atomcavity experiment of kind {kind}"
    return _as_in_toml(found)


def json_schema_of_any(schemas: Mapping[str, type[BaseModel]]) -> dict[str, Any]:
    """One JSON schema for files of any of these kinds."""
    tables: dict[str, Any] = {}
    for kind, schema in schemas.items():
        one = json.loads(json.dumps(json_schema(schema, kind)).replace('"#/$defs/', f'"#/$defs/{kind}.'))
        tables |= {f"{kind}.{name}": table for name, table in one.pop("$defs").items()}
        tables[kind] = one
    rows = [{"$ref": f"#/$defs/{kind}"} for kind in schemas]
    return {"$schema": _DIALECT, "title": "atomcavity experiment", "oneOf": rows, "$defs": tables}


def _as_in_toml(node: Any) -> Any:
    """Without null, which TOML has not, without titles; numbers may also be strings such as "0.82(1)"."""
    if isinstance(node, list):
        return [_as_in_toml(each) for each in node if each != {"type": "null"}]
    if not isinstance(node, dict):
        return node
    properties = {key: _as_in_toml(value) for key, value in node.get("properties", {}).items()}
    left_out = ("properties", "title") if "$schema" not in node else ("properties",)
    node = {
        key: _as_in_toml(value)
        for key, value in node.items()
        if key not in left_out and not (key == "default" and value is None)
    }
    if properties:
        node["properties"] = properties
    if len(node.get("anyOf", ())) == 1:
        node |= node.pop("anyOf")[0]
    if node.get("type") != "number":
        return node
    apart = ("description", "default")
    number = {key: value for key, value in node.items() if key not in apart}
    rest = {key: value for key, value in node.items() if key in apart}
    return rest | {"anyOf": [number, {"type": "string", "pattern": f"^ *{NUMBER_PATTERN} *$"}]}
