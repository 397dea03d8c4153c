"""The few exceptions of the package.

A user's mistake is an `InputError` (one sentence: what was given, what is allowed, where); a
numerical method that did not reach its tolerance is a `ConvergenceError`.  What a model cannot
know is not an exception: it is NaN with a reason in the result.
"""

from __future__ import annotations

import difflib
import math
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_LONG = 60  # characters of a value that a message shows
_SHOWN = 16  # names listed in a message; more would hide the sentence


class AtomcavityError(Exception):
    """Base of all exceptions raised on purpose by atomcavity."""


class InputError(AtomcavityError, ValueError):
    """The input is wrong: the message names the key, what was given and what is allowed."""


class ConvergenceError(AtomcavityError, RuntimeError):
    """A numerical method did not converge; the message says which, and how far it got."""


def unknown(what: str, given: object, known: Iterable[object]) -> InputError:
    """An `InputError` for an unknown name, with the nearest known one suggested.

    >>> print(unknown("level", "3P7", ["1S0", "3P1"]))
    unknown level '3P7'; did you mean '3P1'? Known: 1S0, 3P1
    """
    names = [str(name) for name in known]
    near = difflib.get_close_matches(str(given), names, n=1, cutoff=0.5)
    hint = f"; did you mean {near[0]!r}?" if near else ";"
    shown = names[:_SHOWN] + (["…"] if len(names) > _SHOWN else [])
    return InputError(f"unknown {what} {str(given)!r}{hint} Known: {', '.join(shown)}")


@contextmanager
def at_key(key: str) -> Iterator[None]:
    """Name the key of a file in the message of any `InputError` raised inside.

    >>> with at_key("atom.species"):
    ...     raise InputError("unknown species '88St'")
    Traceback (most recent call last):
    atomcavity.errors.InputError: atom.species: unknown species '88St'
    """
    try:
        yield
    except InputError as problem:
        raise InputError(f"{key}: {problem}") from None


def number(value: object, name: str) -> float:
    """`value` as a finite float.

    >>> number("5 um", "radius")
    Traceback (most recent call last):
    atomcavity.errors.InputError: radius = '5 um' is not a number: in Python quantities are SI floats, strings with units belong in experiment files
    """
    try:
        if isinstance(value, str):
            raise TypeError
        found = float(value)  # type: ignore[arg-type]
    except (TypeError, ValueError):
        raise InputError(
            f"{name} = {value!r} is not a number: in Python quantities are SI floats, "
            "strings with units belong in experiment files"
        ) from None
    require(math.isfinite(found), f"{name} = {value!r} must be finite")
    return found


def reals(values: object, name: str) -> NDArray[np.float64]:
    """`values` as an array of real numbers, of any shape.

    >>> reals("0.1 s", "tau")
    Traceback (most recent call last):
    atomcavity.errors.InputError: tau = '0.1 s' must be real numbers (SI)
    """
    import numpy as np

    try:
        found = np.asarray(values)
        if found.dtype.kind not in "iuf":
            raise TypeError
    except (TypeError, ValueError):
        shown = " ".join(repr(values).split())
        shown = shown if len(shown) <= _LONG else shown[:_LONG] + "..."
        raise InputError(f"{name} = {shown} must be real numbers (SI)") from None
    return found.astype(float)


def require(condition: bool, message: str) -> None:
    """Raise `InputError(message)` unless `condition` holds."""
    if not condition:
        raise InputError(message)
