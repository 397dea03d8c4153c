"""Kinds of results that a file may hold: only these are imported by their name in a file."""

from __future__ import annotations

import importlib
from collections.abc import Mapping
from typing import Any

from atomcavity.errors import InputError, require
from atomcavity.results.netcdf import one_line

FORMAT = 2
"""Version of the files: 1 had no attribute that says so, and no checksum; the values are the same."""

_NAMES = """
clocks.budget:Budget clocks.cycles:ClockSeries clocks.deviation:Deviation clocks.series:FrequencySeries
detection.analysis.alignment:Alignment detection.analysis.correlations:PhotonCorrelation detection.analysis.fit:Fit
detection.coincidences:Coincidences detection.receiver:ReceiverCurve detection.records:ClickRecords
detection.traces:HeterodyneRecord
dynamics.dicke.result:LadderEvolution dynamics.mean_field.branches:Branches dynamics.probe.answers:Transmission
dynamics.results:Correlation dynamics.results:Evolution dynamics.results:Spectrum dynamics.results:SteadyState
loading.cloud:SiteFilling loading.loading_result:LoadingResult loading.trajectories:Trajectories
loading.waveform:Waveform
resonators.field_map:FieldMap resonators.guided:GuidedMode
studies.samples:Samples studies.sensitivity:Sensitivity
sweeps.result:SweepResult
traps.crystal.result:Crystal traps.ion_shifts:IonShifts traps.light:AroundRing traps.vibrations:BoundStates
"""
KINDS = frozenset(f"atomcavity.{name}" for name in _NAMES.split())
"""All results of the package, "module:class"."""


def stamp() -> dict[str, Any]:
    """The attributes that say by which version a file is written."""
    from atomcavity import __version__

    return {"format": FORMAT, "written_by": f"atomcavity {__version__}"}


def check_format(attributes: Mapping[str, Any], place: str) -> int:
    """The version of a file's format.

    Raises `InputError` for a newer one than this package knows.
    """
    from atomcavity import __version__

    found = attributes.get("format", 1)
    try:
        version = int(found)
        require(version == found and version >= 1, "")
    except (TypeError, ValueError, OverflowError):
        raise InputError(f"{place} has the format {one_line(repr(found))}, which is no version") from None
    writer = one_line(attributes.get("written_by", "a newer atomcavity"))
    require(
        version <= FORMAT,
        f"{place} is written by {writer} in format {version}; this is atomcavity {__version__}, which reads up to format {FORMAT}: upgrade atomcavity",
    )
    return version


def import_kind(name: str) -> None:
    """Import the module that defines a kind of result, if it is one of the package."""
    if name in KINDS:
        importlib.import_module(name.partition(":")[0])
