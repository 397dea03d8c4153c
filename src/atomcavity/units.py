"""Quantities as strings with units: the only place that knows unit names.

In files and on the command line a dimensional quantity is a string, ``"2.8 MHz"``; a bare number is
refused.  What Hz means depends on the kind of the quantity:

- ``angular``: rates and frequencies used as rad/s inside. ``"2.8 MHz"`` is a frequency nu, stored
  as 2 pi nu; ``"2.5e7 1/s"`` and ``"2.5e7 rad/s"`` are stored as they are.
- ``event rate``: pump and count rates: ``1/s`` only. Hz is refused, because it would leave a factor
  2 pi to the reader.
- ``cyclic``: frequencies counted in cycles (sampling, Fourier, beat): Hz kept as Hz.

Shifts are angular too: a ``C3`` in "Hz um^3" is C3/h (``C4`` alike), a ``shift slope`` in "Hz/nm per kW/cm^2" (change of a
transition's light shift with wavelength, at that intensity) is stored in rad/s per m per W/m^2.  The kinds ``h_2``,
``h_1``, ``h_0`` and ``h_-2`` are coefficients of a one-sided S_y(f) = sum h_alpha f^alpha of fractional frequency.
"""

from __future__ import annotations

import math
import re

from atomcavity.errors import InputError, unknown

_PREFIX = {
    "p": 1e-12,
    "n": 1e-9,
    "u": 1e-6,
    "µ": 1e-6,
    "μ": 1e-6,
    "m": 1e-3,
    "": 1.0,
    "k": 1e3,
    "M": 1e6,
    "G": 1e9,
    "T": 1e12,
}


def _scaled(unit: str, prefixes: str, factor: float = 1.0) -> dict[str, float]:
    """`unit` with each SI prefix in `prefixes` ('-' stands for none) -> its factor to SI."""
    return {p.replace("-", "") + unit: factor * _PREFIX[p.replace("-", "")] for p in prefixes}


_ATOMIC_POLARIZABILITY = 1.64877727212e-41  # e^2 a0^2/E_h in C^2 m^2/J (CODATA 2022)
_PLANCK = 6.62607015e-34  # J s
_HERTZ = _scaled("Hz", "m-kMGT")
_PER_SECOND = {"1/s": 1.0, "s^-1": 1.0, "1/ms": 1e3, "1/us": 1e6, "1/µs": 1e6}
_KINDS: dict[str, dict[str, float]] = {
    "length": {**_scaled("m", "nuµμm-k"), "pm": 1e-12, "cm": 1e-2},
    "time": {**_scaled("s", "nuµμm-"), "min": 60.0, "h": 3600.0},
    "power": _scaled("W", "pnuµμm-k"),
    "magnetic field": {**_scaled("T", "nuµμm-"), "G": 1e-4, "mG": 1e-7, "kG": 1e-1},
    "temperature": _scaled("K", "nuµμm-"),
    "angle": {"rad": 1.0, "mrad": 1e-3, "deg": math.pi / 180, "°": math.pi / 180},
    "attenuation": {"1/m": 1.0, "1/cm": 100.0, "dB/km": math.log(10) / 1e4, "dB/m": math.log(10) / 10},
    "angular": {**{k: 2 * math.pi * v for k, v in _HERTZ.items()}, **_PER_SECOND, "rad/s": 1.0},
    "event rate": _PER_SECOND,
    "cyclic": _HERTZ,
    "volume": {"m^3": 1.0, "um^3": 1e-18, "µm^3": 1e-18},
    "intensity": {"kW/cm^2": 1e7, "W/cm^2": 1e4, "W/m^2": 1.0, "mW/cm^2": 10.0},
    "polarizability": {"a.u.": _ATOMIC_POLARIZABILITY, "C^2 m^2/J": 1.0},
    "C3": {"J m^3": 1.0, "Hz um^3": _PLANCK * 1e-18, "kHz um^3": _PLANCK * 1e-15},
    "C4": {"J m^4": 1.0, "Hz um^4": _PLANCK * 1e-24, "kHz um^4": _PLANCK * 1e-21},
    "shift slope": {
        "Hz/nm per kW/cm^2": 2 * math.pi * 1e2,
        "kHz/nm per kW/cm^2": 2 * math.pi * 1e5,
    },
    "h_2": {"s^3": 1.0, "1/Hz^3": 1.0},
    "h_1": {"s^2": 1.0, "1/Hz^2": 1.0},
    "h_0": {"s": 1.0, "1/Hz": 1.0},
    "h_-2": {"1/s": 1.0, "Hz": 1.0},
}
KINDS = tuple(_KINDS)

_PATTERN = re.compile(r"\s*((?>[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?))\s*(\S.*?)\s*")


def parse(text: object, kind: str, *, key: str = "value") -> float:
    """The SI value of a quantity given as a string with its unit.

    `kind` is one of `KINDS`; `key` names the place in the message.

    >>> parse("5.03 um", "length")
    5.03e-06
    >>> parse("1 Hz", "angular") == 2 * math.pi
    True

    Raises `InputError` for a bare number, an unknown unit, a unit of another kind, or no number.
    """
    number, unit = split(text, kind, key=key)
    value = number * _KINDS[kind][unit]
    if not math.isfinite(value):
        raise InputError(f"{key} = {text!r} is not a finite number")
    return value


def split(text: object, kind: str, *, key: str = "value") -> tuple[float, str]:
    """Number and unit of a quantity given as a string.

    >>> split("5.03 um", "length")
    (5.03, 'um')

    Raises `InputError` as `parse` does.
    """
    units = _KINDS[kind]
    example = next(iter(units))
    if isinstance(text, (int, float)) and not isinstance(text, bool):
        raise InputError(
            f'{key} = {text!r} has no unit: write it as a string such as "{text} {example}" ({_allowed(kind)})'
        )
    match = _PATTERN.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise InputError(
            f'{key} = {text!r} is not a quantity: expected a number and a unit such as "1.5 {example}" '
            f"({_allowed(kind)})"
        )
    if match[2] not in units:
        if kind == "event rate" and match[2] in _HERTZ:
            raise InputError(
                f"{key} = {text!r} is an event rate: write it in 1/s, "
                "because Hz does not say whether a factor 2 pi is meant"
            )
        raise InputError(f"{key} = {text!r}: {unknown(f'unit of {kind}', match[2], units)}")
    return float(match[1]), match[2]


def _allowed(kind: str) -> str:
    return f"{kind} in " + ", ".join(names(kind))


_SI = {
    "length": "m", "time": "s", "power": "W", "magnetic field": "T", "temperature": "K", "angle": "rad",
    "attenuation": "1/m", "angular": "rad/s", "event rate": "1/s", "cyclic": "Hz", "volume": "m^3",
    "intensity": "W/m^2", "polarizability": "C^2 m^2/J", "C3": "J m^3", "C4": "J m^4", "shift slope": "rad/s/m/(W/m^2)",
    "h_2": "s^3", "h_1": "s^2", "h_0": "s", "h_-2": "1/s",
}  # fmt: skip

_SHOWN = {
    "length": ("m", "nµm-", ""), "time": ("s", "nµm-", ""), "power": ("W", "pnµm-", ""),
    "magnetic field": ("T", "nµm-", ""), "temperature": ("K", "nµm-", ""), "angular": ("Hz", "m-kMGT", "2π × "),
    "cyclic": ("Hz", "m-kMGT", ""), "event rate": ("1/s", "-", ""), "attenuation": ("1/m", "-", ""),
    "angle": ("°", "-", ""), "volume": ("m^3", "-", ""), "intensity": ("kW/cm^2", "-", ""),
    "polarizability": ("a.u.", "-", ""), "C3": ("J m^3", "-", ""), "C4": ("J m^4", "-", ""), "shift slope": ("Hz/nm per kW/cm^2", "-", ""),
    "h_2": ("s^3", "-", ""), "h_1": ("s^2", "-", ""), "h_0": ("s", "-", ""), "h_-2": ("1/s", "-", ""),
}  # fmt: skip


def _fitting(value: float, kind: str) -> tuple[float, str]:
    """The value in its unit without a prefix, and the SI prefix that fits it."""
    unit, prefixes, _ = _SHOWN[kind]
    scaled = value / _KINDS[kind][unit]
    chosen = "-"
    for p in prefixes:
        if abs(scaled) >= 0.9995 * _PREFIX[p.replace("-", "")] or p == prefixes[0]:
            chosen = p
    return scaled, "" if scaled == 0 else chosen.replace("-", "")


def show(value: float, kind: str, *, digits: int = 4, error: float = 0.0) -> str:
    """A quantity for people: angular rates as `x/2π` in Hz, others with a fitting SI prefix.

    With an `error` (of the same unit) both are shown to two digits of the error.

    >>> show(2 * math.pi * 2.8e6, "angular")
    '2π × 2.8 MHz'
    >>> show(5.03e-6, "length", error=1.2e-8)
    '5.030 ± 0.012 µm'
    """
    unit, _, before = _SHOWN[kind]
    scaled, prefix = _fitting(value, kind)
    factor = 1 / _PREFIX[prefix]
    if error:
        text = rounded(scaled * factor, abs(error / _KINDS[kind][unit]) * factor)
        text = f"({text})" if before and not text.startswith("(") else text
        return f"{before}{text} {prefix}{unit}"
    return f"{before}{scaled * factor:.{digits}g} {prefix}{unit}"


def rounded(value: float, error: float) -> str:
    """A number with its standard error, both to the second digit of the error.

    >>> rounded(5.0312, 0.0123)
    '5.031 ± 0.012'
    >>> rounded(1.2345e-15, 3e-17)
    '(1.234 ± 0.030)e-15'
    """
    if not (error > 0 and math.isfinite(error)):
        return f"{value:.5g} ± {error:.2g}"
    exponent = math.floor(math.log10(max(abs(value), error)))
    exponent = 0 if -3 <= exponent < 5 else exponent
    scaled, spread = (float(f"{x:.15g}") for x in (value / 10.0**exponent, error / 10.0**exponent))
    digits = min(max(0, 1 - math.floor(math.log10(spread))), 12)
    text = f"{scaled:.{digits}f} ± {spread:.{digits}f}"
    return f"({text})e{exponent:+03d}" if exponent else text


def names(kind: str) -> tuple[str, ...]:
    """The units in which quantities of a kind may be written.

    >>> names("angle")
    ('rad', 'mrad', 'deg', '°')
    """
    return tuple(_KINDS[kind])


def si_unit(kind: str) -> str:
    """The SI unit in which quantities of a kind are kept inside.

    >>> si_unit("angular"), si_unit("length")
    ('rad/s', 'm')
    """
    return _SI[kind]


def axis(largest: float, kind: str) -> tuple[float, str]:
    """Factor and unit for the axis of a figure that reaches to `largest`: what to multiply by, and its label.

    >>> axis(3e-3, "time")
    (1000.0, 'ms')
    >>> factor, unit = axis(2 * math.pi * 5e3, "angular")
    >>> 2 * math.pi * 5e3 * factor, unit
    (5.0, 'kHz')
    """
    scaled, prefix = _fitting(abs(largest), kind)
    return (scaled / largest if largest else 1.0) / _PREFIX[prefix], prefix + _SHOWN[kind][0]
