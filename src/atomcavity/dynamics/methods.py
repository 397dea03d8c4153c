"""The methods as values: each with its own numerical parameters."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from atomcavity.errors import require

CAVITY = ("kept", "eliminated")


@dataclass(frozen=True)
class Exact:
    """The master equation on the conserved-excitation, permutation-symmetric density matrix.

    photons    cut-off of the total photon number; None: raised until the population above it is below `tolerance`
    tolerance  population that the cut-off may neglect
    cavity     "kept", or "eliminated" (bad cavity: emitters alone, see `elimination`; one group of any size)
    """

    photons: int | None = None
    tolerance: float = 1e-8
    cavity: str = "kept"

    def __post_init__(self) -> None:
        require(
            self.photons is None or (_whole(self.photons) and self.photons >= 1),
            f"photons = {self.photons!r} must be a whole number >= 1 or None",
        )
        require(0 < self.tolerance < 1, f"tolerance = {self.tolerance} must lie between 0 and 1")
        _check_cavity(self.cavity)


@dataclass(frozen=True)
class Jumps:
    """Quantum jumps that stay inside one excitation sector: no photon cut-off, no time step.

    trajectories  how many (at most, with a target or a budget)
    seed          of the random numbers: the same seed gives the same clicks, however many workers share the work
    duration      length of each one for steady-state averages (s); None: chosen from the rates
    cavity        "kept" or "eliminated"
    target_error  relative standard error of the photon number at which to stop; None: all trajectories
    time_budget   wall time (s) after which to stop; None: all trajectories
    workers       processes that share the trajectories
    """

    trajectories: int = 500
    seed: int = 0
    duration: float | None = None
    cavity: str = "kept"
    target_error: float | None = None
    time_budget: float | None = None
    workers: int = 1

    def __post_init__(self) -> None:
        _check_trajectories(self.trajectories, self.seed, self.duration)
        _check_cavity(self.cavity)
        for name in ("target_error", "time_budget"):
            value = getattr(self, name)
            require(
                value is None or (math.isfinite(value) and value > 0),
                f"{name} = {value!r} must be finite and > 0, or None",
            )
        require(
            _whole(self.workers) and self.workers >= 1,
            f"workers = {self.workers!r} must be a whole number >= 1",
        )


@dataclass(frozen=True)
class DickeLadder:
    """Collective emission of identical emitters down the ladder |J = N/2, M>.

    cavity   "eliminated": closed recursions, populations as a death chain, spectra one forward recursion a frequency;
             "kept": the states |J, M>|n> of the emitters and one mode, in time only
    photons  cut-off of the photon number in a kept cavity; None: raised until the population of the highest
             number stays below 1e-8
    """

    cavity: str = "eliminated"
    photons: int | None = None

    def __post_init__(self) -> None:
        _check_cavity(self.cavity)
        if self.photons is not None:
            require(
                _whole(self.photons) and self.photons >= 1,
                f"photons = {self.photons!r} must be a whole number >= 1 or None",
            )
            require(
                self.cavity == "kept", "photons is the cut-off of a kept cavity: give cavity='kept' with it"
            )


@dataclass(frozen=True)
class Cumulants:
    """Moments of the groups up to second order, phase symmetric.

    order   2
    cavity  "kept", or "eliminated" before the truncation (the better one for a bad cavity)
    """

    order: int = 2
    cavity: str = "kept"

    def __post_init__(self) -> None:
        require(self.order == 2, f"order = {self.order!r} must be 2; first order is MeanField()")
        _check_cavity(self.cavity)


@dataclass(frozen=True)
class MeanField:
    """Classical amplitudes of the modes and of the emitters, any number of levels and emitters.

    branch  label of the branch that answers ("dark", "lasing", "lasing 1", "driven", "lower", "upper", ...: see
            `branches`); None: the only stable one
    """

    branch: str | None = None


@dataclass(frozen=True)
class Linearised:
    """Fluctuations linearised around a lasing mean-field branch: quantum noise of every group, inversion kept.

    branch  label of the branch (see `branches`); None: the only stable lasing one
    """

    branch: str | None = None


@dataclass(frozen=True)
class TruncatedWigner:
    """Classical stochastic trajectories with the quantum noise of the initial state and of the decays.

    trajectories, seed  how many, and of the random numbers
    duration            length of each one for steady-state averages (s); None: chosen from the rates
    cavity              "kept" or "eliminated"
    """

    trajectories: int = 500
    seed: int = 0
    duration: float | None = None
    cavity: str = "kept"

    def __post_init__(self) -> None:
        _check_trajectories(self.trajectories, self.seed, self.duration)
        _check_cavity(self.cavity)


@dataclass(frozen=True)
class LinearResponse:
    """Input-output theory of a weak probe: any number of emitters and modes."""


def _check_trajectories(trajectories: object, seed: object, duration: float | None) -> None:
    require(
        _whole(trajectories) and trajectories >= 2,  # type: ignore[operator]
        f"trajectories = {trajectories!r} must be a whole number >= 2",
    )
    require(_whole(seed) and seed >= 0, f"seed = {seed!r} must be a whole number >= 0")  # type: ignore[operator]
    require(
        duration is None or (math.isfinite(duration) and duration > 0),
        f"duration = {duration!r} must be finite and > 0 s",
    )


def _check_cavity(cavity: object) -> None:
    require(cavity in CAVITY, f"cavity = {cavity!r} must be one of {', '.join(CAVITY)}")


def _whole(value: object) -> bool:
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


Method = Exact | Jumps | DickeLadder | Cumulants | MeanField | Linearised | TruncatedWigner | LinearResponse
METHODS = (Exact, Jumps, DickeLadder, Cumulants, MeanField, Linearised, TruncatedWigner, LinearResponse)
