"""Figures of sweeps: the axes choose between lines, families of lines, and heat maps."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from atomcavity import units
from atomcavity.errors import InputError, require, unknown
from atomcavity.results import axes_or_new
from atomcavity.sweeps.build import REPEAT

if TYPE_CHECKING:
    import xarray as xr

    from atomcavity.sweeps.result import SweepResult

_FAMILY = 6  # lines of a family; more are a heat map
_MARKERS = "osD^vX"
_STYLES = ("-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 1)))


def draw(result: SweepResult, key: str, at: dict[str, Any], ax: Any) -> Any:
    """Draw the answer `key` into `ax`, at fixed values of some parameters."""
    values, spread = result[key], result.dataset.get(f"{key}.error")
    for name, value in at.items():
        values = _cut(values, name, value)
        spread = None if spread is None else _cut(spread, name, value)
    if values.sizes.get(REPEAT, 1) > 1:
        values, spread = _mean(values)
    values = values.squeeze()
    spread = spread.squeeze() if spread is not None else None
    if values.ndim > 2:
        left = ", ".join(map(str, values.dims))
        raise InputError(
            f"{key} depends on {left}: give the values of all but two, plot(key=..., name=value)"
        )
    ax = axes_or_new(ax)
    ax.set_title("\n".join(_title(values)), fontsize="small")
    if values.ndim == 2:
        lines = min(values.dims, key=lambda name: (values[name].dtype.kind in "if", values.sizes[name]))
        if values.sizes[lines] <= _FAMILY or values[lines].dtype.kind not in "if":
            return _family(ax, values, spread, str(lines))
        return _map(ax, values)
    return _line(ax, values, spread, _scale(values))


def _cut(values: xr.DataArray, name: str, value: Any) -> xr.DataArray:
    """The values at the nearest place of one parameter, or at the text that it is."""
    if name not in values.dims:
        raise unknown("swept parameter", name, values.dims)
    if values[name].dtype.kind in "if":
        require(
            isinstance(value, int | float),
            f"{name} = {value!r}: give a number in {values[name].attrs['units']}",
        )
        return values.sel({name: value}, method="nearest")
    known = [str(text) for text in values[name].values]
    if value not in known:
        raise unknown(name, str(value), known)
    return values.isel({name: known.index(value)})


def _mean(values: xr.DataArray) -> tuple[xr.DataArray, xr.DataArray]:
    """Mean of the repetitions that are known and its standard error, NaN where there are too few."""
    known = values.notnull()
    count = known.sum(REPEAT)
    mean = values.fillna(0).sum(REPEAT, keep_attrs=True) / count.where(count > 0)
    square = ((values - mean) ** 2).fillna(0).sum(REPEAT)
    return mean.assign_attrs(values.attrs), (square / (count * (count - 1)).where(count > 1)) ** 0.5


def _title(values: xr.DataArray) -> list[str]:
    """What the answer is, and at which values of the parameters that are not drawn."""
    fixed = []
    for name, one in values.coords.items():
        if not one.dims and name != REPEAT:
            kind, value = str(one.attrs.get("kind", "")), one.item()
            number = isinstance(value, int | float)
            fixed.append(
                f"{name} = {_shown(value, kind, str(one.attrs.get('units', ''))) if number else value}"
            )
    label = str(values.attrs.get("long_name", ""))
    return [line for line in (label if label != values.name else "", ", ".join(fixed)) if line]


def _shown(value: float, kind: str, unit: str) -> str:
    return units.show(value, kind) if kind else f"{value:.5g} {unit if unit != '1' else ''}".rstrip()


def _scale(data: xr.DataArray) -> tuple[float, str]:
    """Factor and label with unit of an axis."""
    name = str(data.name)
    kind, unit = str(data.attrs.get("kind", "")), str(data.attrs.get("units", ""))
    if data.dtype.kind not in "if":
        return 1.0, name
    if kind:
        known = np.abs(data.values[np.isfinite(data.values)])
        factor, shown = units.axis(float(known.max()) if known.size else 1.0, kind)
        return factor, f"{name}{'/2π' if kind == 'angular' else ''} ({shown})"
    return 1.0, f"{name} ({unit})" if unit not in ("", "1") else name


def _logarithmic(values: np.ndarray) -> bool:
    """Whether the values of an axis are spaced by equal factors."""
    if values.dtype.kind not in "if" or len(values) < 3 or not (values > 0).all():
        return False
    steps = np.diff(np.log(values))
    return bool(np.ptp(steps) < 0.01 * abs(steps.mean()) and abs(steps.sum()) > 1)


def _spacing(axis: Any, values: np.ndarray) -> None:
    """A logarithmic axis for values that are spaced so; over less than two decades with plain numbers."""
    from matplotlib.ticker import LogFormatter

    if not _logarithmic(values):
        return
    getattr(axis.axes, f"set_{axis.axis_name}scale")("log")
    if values.max() < 100 * values.min():
        axis.set_major_formatter(LogFormatter())
        axis.set_minor_formatter(LogFormatter(minor_thresholds=(2, 0.4)))


def _line(
    ax: Any,
    values: xr.DataArray,
    spread: xr.DataArray | None,
    scale: tuple[float, str],
    label: str = "",
    number: int = 0,
) -> Any:
    factor, name = scale
    if not values.ndim:
        ax.bar([0], [values.item() * factor], 0.3)
        ax.set(ylabel=name, xticks=[])
        return ax
    parameter = values[values.dims[0]]
    along, below = _scale(parameter)
    x = parameter.values * along if parameter.dtype.kind in "if" else parameter.values
    bars = None if spread is None else spread.values * factor
    style: dict[str, Any] = {
        "marker": _MARKERS[number % 6],
        "linestyle": _STYLES[number % 6],
        "markersize": 3.5,
    }
    ax.errorbar(x, values.values * factor, bars, capsize=1.5, label=label or None, **style)
    _spacing(ax.xaxis, parameter.values)
    ax.set(xlabel=below, ylabel=name)
    return ax


def _family(ax: Any, values: xr.DataArray, spread: xr.DataArray | None, lines: str) -> Any:
    parameter, scale = values[lines], _scale(values)
    kind, unit = str(parameter.attrs.get("kind", "")), str(parameter.attrs.get("units", ""))
    for number, value in enumerate(parameter.values):
        shown = _shown(float(value), kind, unit) if parameter.dtype.kind in "if" else str(value)
        one = None if spread is None else spread.isel({lines: number})
        _line(ax, values.isel({lines: number}), one, scale, shown, number)
    ax.legend(title=lines)
    return ax


def _map(ax: Any, values: xr.DataArray) -> Any:
    y, x = (values[name] for name in values.dims)
    factor, name = _scale(values)
    (along, below), (up, beside) = _scale(x), _scale(y)
    drawn = ax.pcolormesh(
        x.values * along, y.values * up, values.values * factor, shading="nearest", cmap="viridis"
    )
    _spacing(ax.xaxis, x.values)
    _spacing(ax.yaxis, y.values)
    ax.set(xlabel=below, ylabel=beside)
    ax.figure.colorbar(drawn, ax=ax, label=name)
    return ax
