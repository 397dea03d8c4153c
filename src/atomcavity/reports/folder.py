"""Output folders: complete or not there at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from atomcavity.errors import InputError


@contextmanager
def output_folder(out: Path) -> Iterator[Path]:
    """A temporary folder beside `out`; what it holds at the end is moved into `out`, unless an exception came.

    Files of the same name in `out` are replaced, others are left alone.  Raises `InputError` at the
    start, before anything is computed, if nothing can be written there, and in the end if `out` has a folder of the name
    of a file (then nothing is moved).
    """
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        part = Path(tempfile.mkdtemp(dir=out.parent, prefix=f".{out.name}."))
    except OSError as problem:
        raise InputError(f"--out {out}: cannot write there ({problem.strerror})") from None
    try:
        yield part
        out.mkdir(exist_ok=True)
        for file in part.iterdir():
            if (out / file.name).is_dir():
                raise InputError(f"--out {out}: {file.name} is a folder there, and would be a file")
        for file in part.iterdir():
            file.replace(out / file.name)
    finally:
        shutil.rmtree(part)
