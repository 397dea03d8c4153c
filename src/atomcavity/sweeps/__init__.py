"""Many experiments from one file: planned, computed on all cores or a cluster, and never lost."""

from atomcavity.sweeps.plan import Plan, make_plan, read_plan
from atomcavity.sweeps.run import SweepEnd, SweepStopped, run_sweep, sweep_status

__all__ = ["Plan", "SweepEnd", "SweepStopped", "make_plan", "read_plan", "run_sweep", "sweep_status"]
