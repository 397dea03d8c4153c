"""Data flows one way: a room imports only rooms above it; the package is light to import."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import atomcavity as ac

ROOMS = [
    *("errors", "units", "numerics", "parallel", "results", "species", "materials", "resonators", "traps"),
    *("coupling", "dynamics", "detection", "clocks", "loading", "design", "reports", "experiments", "sweeps"),
    *("studies", "cli", "explorer"),
]
SOURCE = Path(ac.__file__).parent


def _imports(tree):
    """Names of atomcavity modules imported at run time (not under `if TYPE_CHECKING`)."""
    hidden = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.If) and isinstance(node.test, ast.Name) and node.test.id == "TYPE_CHECKING":
            hidden.update(id(child) for child in ast.walk(node))
    for node in ast.walk(tree):
        if id(node) in hidden:
            continue
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "atomcavity":
            yield from (
                [node.module] if "." in node.module else [f"{node.module}.{a.name}" for a in node.names]
            )
        elif isinstance(node, ast.Import):
            yield from (a.name for a in node.names if a.name.startswith("atomcavity."))


@pytest.mark.parametrize("path", sorted(SOURCE.rglob("*.py")), ids=lambda p: str(p.relative_to(SOURCE)))
def test_rooms_import_upwards_only(path):
    here = path.relative_to(SOURCE).parts[0].removesuffix(".py")
    if here not in ROOMS:
        assert path.name == "__init__.py"
        return
    for name in _imports(ast.parse(path.read_text())):
        there = name.split(".")[1]
        if there in ROOMS and there != here:
            assert ROOMS.index(there) < ROOMS.index(here), f"{path.name} imports {name}"


def test_public_names_exist_and_are_documented():
    for name in ac.__all__:
        value = getattr(ac, name)
        assert getattr(ac, name) is value  # the second access is the same object
        assert value.__doc__, name


def test_unknown_public_name():
    with pytest.raises(AttributeError, match="has no attribute 'Microspere'"):
        _ = ac.Microspere


def test_importing_is_light():
    code = "import sys, atomcavity, atomcavity.cli; print(' '.join(sys.modules))"
    loaded = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.split()
    assert not {"numpy", "scipy", "matplotlib", "xarray", "numba", "pydantic"} & set(loaded)
