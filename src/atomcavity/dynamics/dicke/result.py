"""What `DickeLadder` answers to `evolve`: the expectation values of every method, and the collective spin."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.dicke.model import Ladder
from atomcavity.dynamics.methods import DickeLadder
from atomcavity.dynamics.results import Evolution
from atomcavity.dynamics.system import CavitySystem
from atomcavity.results import Record, quantity
from atomcavity.units import show

Real = NDArray[np.float64]


@dataclass(frozen=True, eq=False, repr=False)
class LadderEvolution(Evolution):
    """An evolution down the Dicke ladder, with the collective spin in units of J = N/2.

    j_z = <J_z>/J, its uncertainty sqrt(<J_z^2> - <J_z>^2)/J, and that of the transverse components (root mean
    square over both directions), sqrt((<J^2> - <J_z^2> - |<J^->|^2)/2)/J (Yu, Vollmer et al. 2023, Fig. 2).
    """

    j_z: Real = quantity("time", label="<J_z>/J")
    j_z_uncertainty: Real = quantity("time", label="uncertainty of J_z/J")
    j_transverse_uncertainty: Real = quantity("time", label="uncertainty of J_x/J, J_y/J")
    populations: Real = quantity(
        "emitted", "time", label="population of the level with k photons emitted (no row: too many to keep)"
    )

    @property
    def peak_time(self) -> float:
        """Time of the strongest emission, the delay time t_d (s), by a cubic spline through the given times."""
        return self._pulse()[0]

    @property
    def peak_photon_number(self) -> Real:
        """Photons in each mode at `peak_time`, (mode,)."""
        shares = self.photon_number.max(axis=1)
        return self._pulse()[1] * shares / (shares.max() or 1.0)

    @property
    def pulse_width(self) -> float:
        """Full width of the pulse at half maximum (s); NaN where the given times do not hold both halves."""
        return self._pulse()[2]

    def _pulse(self) -> tuple[float, float, float]:
        """Time, height and width of the strongest emission; NaN without light or with too few times."""
        from scipy.interpolate import CubicSpline

        shape = self.photon_number[np.argmax(self.photon_number.max(axis=1))]
        if len(self.time) < 4 or np.any(np.diff(self.time) <= 0) or shape.max() == 0:
            return (float("nan"),) * 3
        curve = CubicSpline(self.time, shape)
        turning = curve.derivative().roots(extrapolate=False)
        places = np.concatenate([self.time[[0, -1]], turning[np.isfinite(turning)]])
        at = float(places[np.argmax(curve(places))])
        height = float(curve(at))
        halves = curve.solve(height / 2, extrapolate=False)
        before, after = halves[halves < at], halves[halves > at]
        width = float(after.min() - before.max()) if len(before) and len(after) else float("nan")
        return at, height, width

    def _summary(self) -> list[str]:
        at, _, width = self._pulse()
        if np.isnan(width):
            return super()._summary()
        return [
            *super()._summary(),
            f"pulse at {show(at, 'time')}, full width at half maximum {show(width, 'time')}",
        ]


def ladder_record(
    system: CavitySystem,
    method: DickeLadder,
    model: Ladder,
    error: float,
    reason: str,
    warnings: tuple[str, ...] = (),
    neglected: float = 0.0,
) -> Record:
    """How a ladder's answer was obtained; `error` is the estimated one of the integration."""
    return Record(
        "DickeLadder",
        reason=reason,
        residual=error,
        neglected=neglected,
        warnings=model.warnings + warnings,
        parameters={"system": system.to_dict(), "method": asdict(method)},
    )
