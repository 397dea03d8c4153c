"""The base of every result: a frozen dataclass whose fields know their dimensions and units."""

from __future__ import annotations

import contextlib
import dataclasses
import importlib
import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np

from atomcavity.errors import InputError
from atomcavity.results.files import replacing
from atomcavity.results.record import Record

if TYPE_CHECKING:
    import xarray as xr


def quantity(*dims: str, unit: str = "", label: str = "", coordinate: bool = False) -> Any:
    """A dataclass field of a `Result`: an array over `dims` (none: a number) with `unit` and `label`.

    A field named like its only dimension is a coordinate of the others.
    """
    return dataclasses.field(
        metadata={"dims": dims, "unit": unit, "label": label, "coordinate": coordinate or None}
    )


@dataclass(frozen=True, eq=False)
class Result:
    """Values with their units and their `Record`; prints a short summary, saves as netCDF.

    Subclasses declare their fields with `quantity(...)`; complex arrays are stored as pairs of
    real ones (`name_re`, `name_im`), because netCDF has no complex type.
    """

    _kinds: ClassVar[dict[str, type[Result]]] = {}

    record: Record

    def __init_subclass__(cls, **keywords: Any) -> None:
        super().__init_subclass__(**keywords)
        Result._kinds[cls._kind()] = cls

    @classmethod
    def _kind(cls) -> str:
        return f"{cls.__module__}:{cls.__name__}"

    @classmethod
    def _quantities(cls) -> list[dataclasses.Field[Any]]:
        return [f for f in dataclasses.fields(cls) if "dims" in f.metadata]

    @property
    def warnings(self) -> tuple[str, ...]:
        """The simplifications that the given parameters break."""
        return self.record.warnings

    def to_xarray(self) -> xr.Dataset:
        """The values as a labelled `xarray.Dataset`; units in the attributes, the record as JSON."""
        import xarray as xr

        data: dict[str, Any] = {}
        for f in self._quantities():
            value = np.asarray(getattr(self, f.name))
            attributes = {"units": f.metadata["unit"], "long_name": f.metadata["label"] or f.name}
            if np.iscomplexobj(value):
                data[f.name + "_re"] = (f.metadata["dims"], value.real, attributes)
                data[f.name + "_im"] = (f.metadata["dims"], value.imag, attributes)
            else:
                data[f.name] = (f.metadata["dims"], value, attributes)
        return xr.Dataset(data, attrs={"result": self._kind(), "record": self.record.to_json()})

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a netCDF file (atomically: a file of that name is either the old or the new one)."""
        target = Path(path)
        if not target.parent.is_dir():
            raise InputError(f"cannot save to {target}: the folder {target.parent} does not exist")
        with replacing(target) as temporary:
            self.to_xarray().to_netcdf(temporary, engine="h5netcdf")
        return target

    @classmethod
    def from_xarray(cls, dataset: xr.Dataset) -> Result:
        """The inverse of `to_xarray`."""
        name = str(dataset.attrs.get("result"))
        if name not in Result._kinds and name.startswith("atomcavity."):
            with contextlib.suppress(ImportError):  # the module that defines this kind, if it is one of ours
                importlib.import_module(name.partition(":")[0])
        kind = Result._kinds.get(name)
        if kind is None:
            raise InputError(f"the data set holds no result of this package (result = {name!r})")
        return kind._of(dataset, Record.from_json(dataset.attrs["record"]))

    @classmethod
    def _of(cls, dataset: xr.Dataset, record: Record) -> Result:
        """The result of this kind that a data set of `to_xarray` holds."""
        values: dict[str, Any] = {"record": record}
        for f in cls._quantities():
            if f.name in dataset:
                value = dataset[f.name].values
            else:
                value = dataset[f.name + "_re"].values + 1j * dataset[f.name + "_im"].values
            values[f.name] = value if f.metadata["dims"] else value.item()
        return cls(**values)

    def __str__(self) -> str:
        lines = [f"{type(self).__name__} by {self.record.method}"]
        if self.record.reason:
            lines[0] += f" ({self.record.reason})"
        lines += [f"  {line}" for line in self._summary()]
        lines += [f"  warning: {text}" for text in self.warnings]
        return "\n".join(lines)

    __repr__ = __str__

    def _summary(self) -> list[str]:
        """Lines for `print`; a subclass shows the numbers that its user wants, in the field's units."""
        lines = []
        for f in self._quantities():
            value = np.asarray(getattr(self, f.name))
            if value.size <= 4:
                text = np.array2string(value, precision=5)
                lines.append(f"{f.metadata['label'] or f.name} = {text} {f.metadata['unit']}".rstrip())
        return lines


def load(path: str | os.PathLike[str]) -> Result:
    """Read a result that `Result.save` wrote.

    Raises `InputError` if the file does not exist or holds something else.
    """
    import xarray as xr

    if not Path(path).is_file():
        raise InputError(f"no such result file: {path}")
    try:
        with xr.open_dataset(path, engine="h5netcdf") as dataset:
            return Result.from_xarray(dataset.load())
    except (OSError, KeyError, TypeError, ValueError) as problem:
        raise InputError(f"{path} is not a result of this package: {problem}") from None
