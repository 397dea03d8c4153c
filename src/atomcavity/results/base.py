"""The base of every result: a frozen dataclass whose fields know their dimensions and units."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, get_type_hints

import numpy as np

from atomcavity.errors import InputError
from atomcavity.results.files import replacing
from atomcavity.results.kinds import check_format, import_kind, stamp
from atomcavity.results.netcdf import one_line
from atomcavity.results.record import Record
from atomcavity.results.seal import seal

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
        return xr.Dataset(data, attrs={**stamp(), "result": self._kind(), "record": self.record.to_json()})

    def to_csv(self, path: str | os.PathLike[str], *, rows: str | Sequence[str] | None = None) -> Path:
        """Write a table as text (atomically): one line for each value of a dimension, units in the head.

        rows  the dimension, or several for one line each point of them; None: the one along which most values lie,
              the coordinates first

        What has further dimensions stands in columns of its own, `name[0] (unit)`, a complex quantity in `name_re` and
        `name_im`.  Above the head, lines with `#` give the method, the numbers that are no table, and the names of
        what has none of the dimensions of the rows.

        Raises `InputError` for an unknown dimension and for more than 1000 columns.
        """
        from atomcavity.results.table import write_table

        head = f"{type(self).__name__} by {self.record.method}"
        return write_table(Path(path), self.to_xarray(), [rows] if isinstance(rows, str) else rows, head)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write a netCDF file (atomically: a file of that name is either the old or the new one); `load` reads it."""
        target = Path(path)
        if not target.parent.is_dir():
            raise InputError(f"cannot save to {target}: the folder {target.parent} does not exist")
        with replacing(target) as temporary:
            # in memory first: the HDF5 library does not survive a disk that is full
            temporary.write_bytes(self.to_xarray().to_netcdf(engine="h5netcdf"))
            seal(temporary)
        return target

    @classmethod
    def from_xarray(cls, dataset: xr.Dataset) -> Result:
        """The inverse of `to_xarray`.

        Raises `InputError` for a data set of something else, of a newer version, or with missing or wrong parts.
        """
        check_format(dataset.attrs, "the data set")
        name = str(dataset.attrs.get("result"))
        if name not in Result._kinds:
            import_kind(name)
        kind = Result._kinds.get(name)
        if kind is None:
            raise InputError(
                f"the data set holds no result of this package (result = {one_line(repr(name))})"
            )
        return kind._of(dataset, Record.from_json(dataset.attrs.get("record")))

    @classmethod
    def _of(cls, dataset: xr.Dataset, record: Record) -> Result:
        """The result of this kind that a data set of `to_xarray` holds."""
        values: dict[str, Any] = {"record": record}
        for f in cls._quantities():
            value = cls._values(f, dataset, record)
            values[f.name] = value if f.metadata["dims"] else value.item()
        return cls(**values)

    @classmethod
    def _values(cls, f: dataclasses.Field[Any], dataset: xr.Dataset, record: Record) -> np.ndarray[Any, Any]:
        """The values of one field, whose dimensions and type must be as declared."""
        names = [f.name] if f.name in dataset else [f.name + "_re", f.name + "_im"]
        for name in names:
            if name not in dataset:
                raise InputError(
                    f"the {cls.__name__} has no {f.name!r}: it is damaged, or written by a version that did not know it "
                    f"(atomcavity {record.versions.get('atomcavity', 'unknown')}); compute it again"
                )
            there, wanted = dataset[name].dims, f.metadata["dims"]
            if there != wanted:
                raise InputError(f"{name!r} of the {cls.__name__} is over {there}, not over {wanted}")
            text, wants_text = dataset[name].dtype.kind in "OUST", "str" in str(get_type_hints(cls)[f.name])
            if text != wants_text or (text and len(names) > 1):
                raise InputError(
                    f"{name!r} of the {cls.__name__} must be {'text' if wants_text else 'numbers'}"
                )
        parts = [np.asarray(dataset[name].values) for name in names]
        return parts[0] if len(parts) == 1 else parts[0] + 1j * parts[1]

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
