"""A commented experiment file of each kind, from the files of the studies."""

from __future__ import annotations

from pathlib import Path

from atomcavity.errors import InputError, unknown
from atomcavity.experiments.files import KINDS, read_data
from atomcavity.experiments.reference import template

_STUDIES = Path(__file__).parent
_EXAMPLES: dict[str, tuple[str, tuple[str, ...]]] = {
    "trap": ("trap/experiment.toml", ()),
    "microlaser": ("microlaser/experiment.toml", ()),
    "microclock": ("microclock/physical.toml", ()),
    "ion-laser": ("ion_laser/experiment.toml", ("ion.F=9", "trap.confinement=1 MHz")),
    "chip-loading": (
        "chip_loading/experiment.toml",
        ("blue.energy=100 MHz", "atom.occupation=0.1", "feedback.runs=2000"),
    ),
}
"""The file of each kind and what is changed in it: one device instead of several that are compared, and of the chip
loading one that holds single atoms, with runs for some ten seconds (with the paper's 1.5 atoms a site the rule selects crowded sites)."""


def commented_file(kind: str) -> str:
    """The text of a commented experiment file.

    Raises `InputError` for an unknown kind.
    """
    if kind not in KINDS:
        raise unknown("kind", kind, KINDS)
    path, changes = _EXAMPLES[kind]
    data = read_data(_STUDIES / path, changes) | {"title": f"my {kind}"}
    data.pop("notes", None)  # they are the paper's
    first, _, rest = template(KINDS[kind], data).partition("\n")
    but = f",\n# with {', '.join(changes)}" if changes else ""
    return f"{first}\n# The numbers are an example, from the study's {path}{but}.\n{rest}"


def write_new(kind: str, out: Path) -> None:
    """Write a commented experiment file; one that exists is never touched.

    Raises `InputError` for an unknown kind, and if there is something of that name.
    """
    text = commented_file(kind)
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError:
        raise InputError(f"--out {out}: it exists, and is not overwritten; choose another name") from None
