"""One schema: descriptions, the reference page, commented files, JSON schema."""

import json
import re
import tomllib
from pathlib import Path

import pytest

import atomcavity
from atomcavity.errors import InputError
from atomcavity.experiments import check_data, read_data
from atomcavity.experiments.files import KINDS
from atomcavity.experiments.reference import page, template
from atomcavity.experiments.schema import json_schema, json_schema_of_any, key_at, keys

STUDIES = Path(atomcavity.__file__).parent / "studies"
FILES = [*sorted(STUDIES.glob("*/experiment.toml")), STUDIES / "microclock" / "physical.toml"]
PAGE = Path(__file__).parents[2] / "docs" / "experiments.md"


@pytest.mark.parametrize("kind", KINDS)
def test_every_key_has_one_line_of_description(kind):
    bare = [key.name for key in keys(KINDS[kind]) if not key.description or "\n" in key.description]
    assert bare == []


def test_the_committed_page_is_that_of_the_schemas():
    assert PAGE.read_text(encoding="utf-8") == page(KINDS), "run python docs/experiments_page.py"


def test_what_a_key_says():
    clock = KINDS["microclock"]
    power = key_at(clock, ("trap", "red", "power"))
    assert (power.required, power.continuous) == (True, True)
    assert power.allowed.startswith("power, not negative, in ")
    assert "circulates" in power.description
    m = key_at(clock, ("atom", "m"))
    assert (m.required, m.default, m.continuous) == (False, 0, False)
    gain = key_at(clock, ("lock", "gain"))
    assert gain.allowed == "number, above 0, at most 1"
    assert key_at(clock, ("cycle", "estimator")).allowed == 'one of "peak", "centroid", "half-maximum"'
    assert key_at(KINDS["ion-laser"], ("lasers", "selective")).default is False
    assert key_at(KINDS["ion-laser"], ("trap", "rf")).allowed == "a list of 3, each a list of 3, each number"
    for path in (("trap", "reed"), ("trap", "red", "power", "x"), ("nothing",)):
        assert key_at(clock, path) is None


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_a_commented_file_is_the_same_experiment(path):
    data = read_data(path)
    schema = KINDS[data["kind"]]
    text = template(schema, data)
    again = tomllib.loads(text)
    assert again == data
    assert check_data(again) == check_data(data)
    for key in keys(schema):  # every key stands there, at least as a comment
        assert re.search(rf"^(#: )?{key.path[-1]} = |^(#: )?\[+{re.escape(key.name)}\]", text, re.MULTILINE)
    assert max(map(len, re.findall("^#.*", text, re.MULTILINE))) <= 120


@pytest.mark.parametrize("kind", KINDS)
def test_comments_of_a_commented_file_are_keys_that_can_be_set(kind):
    """Uncommenting a default changes nothing."""
    path = next(path for path in FILES if read_data(path)["kind"] == kind)
    data = read_data(path)
    text = template(KINDS[kind], data)
    before = check_data(data)
    table: tuple[str, ...] = ()
    for line in text.splitlines():
        if line.startswith("["):
            table = tuple(line.strip("[]").split("."))
        if line.startswith("#: ["):
            table = ("not used",)
        match = re.fullmatch(r"#: (\w+) = (.+)", line)
        if (
            match is None
            or match[2] == "..."
            or table == ("not used",)
            or ("[[" in text and table == ("lasers",))
        ):
            continue
        copy = json.loads(json.dumps(data))
        place = copy
        for name in table:
            place = place[name]
        place[match[1]] = tomllib.loads(f"x = {match[2]}")["x"]
        assert check_data(copy) == before, line


def test_the_json_schema_knows_which_quantities_may_be_negative():
    def allowed(*path):
        found = json_schema(KINDS["trap"], "trap")
        for name in path:
            found = found["properties"][name]
            while "$ref" in found or "allOf" in found:
                ref = found.get("$ref") or found["allOf"][0]["$ref"]
                found = json_schema(KINDS["trap"], "trap")["$defs"][ref.rpartition("/")[2]]
        return found["pattern"]

    radius, angle = allowed("sphere", "radius"), allowed("atom", "field_angle")
    assert re.search(radius, "5.03(1) um")
    assert re.search(radius, "+5 um")
    assert not re.search(radius, "-5 um")
    assert re.search(angle, "-5 deg")


@pytest.mark.parametrize("kind", KINDS)
def test_json_schema_has_patterns_and_descriptions(kind):
    found = json_schema(KINDS[kind], kind)
    text = json.dumps(found)
    assert '"null"' not in text
    for key in keys(KINDS[kind]):
        assert json.dumps(key.description)[1:-1] in text
    for pattern in set(re.findall(r'"pattern": ("(?:[^"\\]|\\.)*")', text)):
        re.compile(json.loads(pattern))


def _valid(value, node, root):
    """A validator of the part of JSON schema that ours uses."""
    if "$ref" in node and not _valid(value, root["$defs"][node["$ref"].rpartition("/")[2]], root):
        return False
    if "anyOf" in node and not any(_valid(value, each, root) for each in node["anyOf"]):
        return False
    if "const" in node and value != node["const"]:
        return False
    if "enum" in node and value not in node["enum"]:
        return False
    types = {
        "string": str,
        "integer": int,
        "number": (int, float),
        "boolean": bool,
        "array": list,
        "object": dict,
    }
    kind = node.get("type")
    if kind and (not isinstance(value, types[kind]) or (isinstance(value, bool) and kind != "boolean")):
        return False
    if kind == "string" and not re.search(node.get("pattern", ""), value):
        return False
    if kind == "array":
        return all(_valid(each, node.get("items", {}), root) for each in value)
    if kind == "object" and "properties" in node:
        known = node["properties"]
        return (
            set(node.get("required", ())) <= set(value)
            and set(value) <= set(known)
            and all(_valid(each, known[key], root) for key, each in value.items())
        )
    return True


def test_json_schema_of_any_kind_tells_the_kinds_apart():
    found = json_schema_of_any(KINDS)
    for path in FILES:
        data = read_data(path)
        fits = [node["$ref"].rpartition("/")[2] for node in found["oneOf"] if _valid(data, node, found)]
        assert fits == [data["kind"]]
    assert set(re.findall(r'"#/\$defs/([^"]+)"', json.dumps(found))) <= set(found["$defs"])


def test_a_sweep_table_is_checked_and_left_out():
    data = read_data(FILES[-1])
    swept = data | {"sweep": {"axes": {"sphere.radius": ["5 um", "6 um"]}, "seeds": 2}}
    assert check_data(swept) == check_data(data)
    schema = json_schema(KINDS[data["kind"]], data["kind"])
    assert _valid(swept, schema, schema)
    with pytest.raises(InputError, match=r"unknown key 'sweep.axis'; did you mean 'axes'"):
        check_data(data | {"sweep": {"axis": {}}})


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.name}")
def test_json_schema_accepts_the_studies_files_and_refuses_mistakes(path):
    data = read_data(path)
    schema = json_schema(KINDS[data["kind"]], data["kind"])
    assert _valid(data, schema, schema)
    table, key = next(
        (name, key)
        for name, table in data.items()
        if isinstance(table, dict)
        for key, value in table.items()
        if isinstance(value, str) and re.match(r"[0-9.]+ [a-zA-Zµ]+$", value)
    )
    number, unit = data[table][key].split(" ", 1)
    for text, allowed in (
        (f"{number}(1) {unit}", True),
        (f"{number} +- 0.1 {unit}", True),
        (number, False),
        (f"{number} parsec", False),
        (float(number), False),
    ):
        assert _valid({**data, table: {**data[table], key: text}}, schema, schema) is allowed, (key, text)
    assert not _valid({**data, table: {**data[table], "no_such_key": 1}}, schema, schema)
