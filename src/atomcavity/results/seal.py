"""A checksum at the end of a netCDF file: what was written is what is read.

HDF5 does not look behind the end that a file's head states, so every netCDF reader opens a sealed file as before; a
program that changes the file cuts the seal off.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from atomcavity.errors import InputError

_HEAD = b"\natomcavity sha256 "
_LENGTH = len(_HEAD) + 64 + 1


def seal(path: Path) -> None:
    """Append the checksum of a file to it."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    with path.open("ab") as file:
        file.write(_HEAD + digest.encode() + b"\n")


def is_sealed(path: Path) -> bool:
    """Whether the file ends in a checksum.

    Raises `InputError` if it has one that does not fit: the file is damaged.
    """
    size = path.stat().st_size - _LENGTH
    if size < 0:
        return False
    digest = hashlib.sha256()
    with path.open("rb") as file:
        file.seek(size)
        tail = file.read(_LENGTH)
        if not (tail.startswith(_HEAD) and tail.endswith(b"\n")):
            return False
        file.seek(0)
        while size > 0 and (piece := file.read(min(size, 1 << 20))):
            digest.update(piece)
            size -= len(piece)
    if tail[len(_HEAD) : -1] != digest.hexdigest().encode():
        raise InputError(f"{path} is damaged: its checksum does not fit what it holds")
    return True
