"""The pulsed superradiant clock: one pulse a cycle, with everything that changes from cycle to cycle."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import KW_ONLY, asdict, dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from atomcavity.clocks.lock import CavityLock
from atomcavity.clocks.noise import Noise
from atomcavity.dynamics.dicke.centre import ESTIMATORS
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, number, require, unknown

if TYPE_CHECKING:
    from atomcavity.clocks.budget import Budget
    from atomcavity.clocks.cycles import ClockSeries

RESERVED = ("number", "cavity", "cavity in pulse", "lock", "readout")  # parts that are no shift


@dataclass(frozen=True)
class Fluctuation:
    """A shift of the transition that all atoms of a cycle share, drawn anew in every cycle.

    name       as it appears in the budget
    deviation  standard deviation from cycle to cycle (rad/s), Gaussian
    mean       mean shift (rad/s)
    """

    name: str
    deviation: float
    mean: float = 0.0

    def __post_init__(self) -> None:
        require(isinstance(self.name, str) and self.name != "", f"name = {self.name!r} must be a text")
        for key in ("deviation", "mean"):
            object.__setattr__(self, key, number(getattr(self, key), f"{key} of {self.name}"))
        require(self.deviation >= 0, f"deviation of {self.name} = {self.deviation:g} rad/s must be >= 0")


@dataclass(frozen=True)
class PulsedClock:
    """A clock whose every cycle is one superradiant pulse (Yu, Vollmer et al. 2023, Sec. V and App. E).

    system         the mean number of identical atoms and the mode at its mean detuning; `DickeLadder` must accept it
    frequency      optical carrier omega (rad/s), to which fractional frequencies refer
    period         duration T_c of a cycle (s)
    window         time (s) from the start of the pulse during which the detector is open in each cycle
    number_spread  standard deviation of the number of atoms from cycle to cycle (Gaussian, rounded, at least one)
    shifts         `Fluctuation`s: shifts common to all atoms of a cycle
    cavity_noise   `Noise` of the cavity's fractional frequency; it runs through all cycles
    lock           `CavityLock` of the cavity; None: it runs free
    estimator      what is called the frequency of a pulse: "peak", "half-maximum" or "centroid" of its spectrum
    readout        rms scatter of reading one pulse's frequency at the mean number, on resonance (rad/s)
    laser_noise    `Noise` of the laser with which the pulses beat: its Dick effect enters the budget

    Cycle k has N_k atoms, shifted by delta_k; the cavity, y_k off its mean frequency while the pulse lasts, lies
    Delta_k = Delta_0 + omega y_k - delta_k above them.  The spectrum of the pulse of N_k atoms in a cavity at
    Delta_k follows by quantum regression, its centre, as the estimator finds it, from the atoms' own transition is
    c_k, and the frequency of the cycle is delta_k + c_k (+ readout).  It is always that of the whole pulse; where
    less than half of it falls into the window the series warns.  y_k is weighted with the pulse's intensity; what the
    cavity's motion inside the pulse does beyond that is added as white scatter (`sensitivity`).  The cavity's noise is
    taken as slow against kappa: white noise with h_0 = 2 kappa/omega^2 up to higher frequencies would double kappa.

    Raises `InputError` for values outside these ranges, more than one mode, and emitters off the Dicke ladder.

    >>> from math import tau
    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> kappa = tau * 1.2e6
    >>> atoms = CavitySystem([Emitters(400, g=tau * 300)], [CavityMode(kappa, kappa / 2)])
    >>> lattice = Fluctuation("lattice", deviation=tau * 735, mean=tau * 2000)
    >>> clock = PulsedClock(atoms, frequency=tau * 4.292e14, period=1.0, window=0.1, number_spread=40, shifts=[lattice])
    >>> series = clock.run(1000, seed=1)
    >>> round(float(series.photons.mean()))
    200
    >>> bool(abs(series.y.std() / (735 / 4.292e14) - 1) < 0.1)
    True
    """

    system: CavitySystem
    _: KW_ONLY
    frequency: float
    period: float
    window: float
    number_spread: float = 0.0
    shifts: tuple[Fluctuation, ...] = ()
    cavity_noise: Noise | None = None
    lock: CavityLock | None = None
    estimator: str = "peak"
    readout: float | None = None
    laser_noise: Noise | None = None

    def __post_init__(self) -> None:
        for name in ("frequency", "period", "window", "number_spread"):
            object.__setattr__(self, name, number(getattr(self, name), name))
        for name in ("frequency", "period", "window"):
            require(getattr(self, name) > 0, f"{name} = {getattr(self, name):g} must be > 0")
        require(
            self.window <= self.period,
            f"window = {self.window:g} s must lie inside one cycle of {self.period:g} s",
        )
        require(self.number_spread >= 0, f"number_spread = {self.number_spread:g} must be >= 0")
        if self.readout is not None:
            object.__setattr__(self, "readout", number(self.readout, "readout"))
            require(self.readout >= 0, f"readout = {self.readout:g} rad/s must be >= 0")
        kinds = {"cavity_noise": Noise, "laser_noise": Noise, "lock": CavityLock}
        for name, kind in kinds.items():
            given = getattr(self, name)
            require(
                given is None or isinstance(given, kind),
                f"{name} = {given!r} must be a {kind.__name__} or None",
            )
        if self.estimator not in ESTIMATORS:
            raise unknown("estimator", self.estimator, ESTIMATORS)
        self._check_shifts()
        self._check_system()

    def _check_shifts(self) -> None:
        good = isinstance(self.shifts, (list, tuple)) and all(isinstance(s, Fluctuation) for s in self.shifts)
        require(good, f"shifts = {self.shifts!r} must be a list of Fluctuations")
        object.__setattr__(self, "shifts", tuple(self.shifts))
        names = [one.name for one in self.shifts]
        if len(set(names)) < len(names) or set(names) & set(RESERVED):
            raise InputError(
                f"the shifts are called {names}: their names must differ, also from {', '.join(RESERVED)}"
            )

    def _check_system(self) -> None:
        require(isinstance(self.system, CavitySystem), f"system = {self.system!r} must be a CavitySystem")
        modes = len(self.system.modes)
        require(modes == 1, f"the system has {modes} modes; a PulsedClock takes one")
        _ = self.ladder  # refuses what leaves the Dicke ladder

    @cached_property
    def ladder(self) -> Ladder:
        """The Dicke ladder of the mean number of inverted atoms in the cavity at its mean detuning."""
        system, prepared = Preparation.of("inverted").applied(self.system)
        return ladder(system, prepared)

    @property
    def detuning(self) -> float:
        """Mean detuning cavity - unshifted atoms (rad/s)."""
        return float(self.system.modes[0].detuning - self.ladder.offset)

    @property
    def resonant_rate(self) -> float:
        """Collective rate of the cavity on resonance, 4 g^2/kappa (1/s)."""
        return self.ladder.rate * (1 + 4 * (self.detuning / self.system.modes[0].kappa) ** 2)

    @property
    def exposure(self) -> float:
        """Gamma times the window, of the mean pulse."""
        return self.ladder.rate * self.window

    @property
    def extraction(self) -> float:
        """Part of the photons that leaves through the port, kappa_ext/kappa."""
        return self.system.modes[0].kappa_ext / self.system.modes[0].kappa

    @property
    def parts(self) -> tuple[str, ...]:
        """Names of all that fluctuates: "number", the shifts, "cavity" (from pulse to pulse), "cavity in
        pulse", "lock" (its sensor), "readout"."""
        here = {
            "number": self.number_spread > 0,
            **{one.name: one.deviation > 0 for one in self.shifts},
            "cavity": self.cavity_noise is not None,
            "cavity in pulse": self.cavity_noise is not None,
            "lock": self.lock is not None and self.lock.sensor_noise > 0,
            "readout": bool(self.readout),
        }
        return tuple(name for name, there in here.items() if there)

    def run(self, cycles: int = 100_000, *, seed: int = 0, parts: Iterable[str] | None = None) -> ClockSeries:
        """The frequencies of successive cycles, with what led to each.

        parts  names (see `parts`) of what fluctuates; all else stays at its mean, and a lock goes on to act.  Each
               part has its own random stream: switching one off changes nothing of the others.  None: all

        Raises `InputError` for an unknown part, a number of cycles or a seed that is not whole.
        """
        from atomcavity.clocks.cycles import run_cycles

        whole = isinstance(cycles, (int, np.integer)) and not isinstance(cycles, bool) and cycles >= 1
        require(whole, f"cycles = {cycles!r} must be a whole number >= 1")
        whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool) and seed >= 0
        require(whole, f"seed = {seed!r} must be a whole number >= 0")
        if parts is not None and (isinstance(parts, str) or not isinstance(parts, Iterable)):
            raise InputError(f"parts = {parts!r} must be a list of names: {', '.join(self.parts)}")
        chosen = self.parts if parts is None else tuple(parts)
        for name in chosen:
            if name not in self.parts:
                raise unknown("part", name, self.parts)
        return run_cycles(self, int(cycles), int(seed), chosen)

    def budget(self, cycles: int = 10_000, *, seed: int = 0) -> Budget:
        """Each part of the instability alone, their sum and the whole clock (see `Budget`).

        Raises `InputError` for fewer than three cycles, or where most of the mean pulse does not fit into one.
        """
        from atomcavity.clocks.budget import make_budget

        return make_budget(self, cycles, seed)

    def to_dict(self) -> dict[str, Any]:
        """Plain data (JSON, TOML)."""
        plain = ("frequency", "period", "window", "number_spread", "estimator", "readout")
        made: dict[str, Any] = {name: getattr(self, name) for name in plain}
        made["system"] = self.system.to_dict()
        made["shifts"] = [asdict(one) for one in self.shifts]
        for name in ("cavity_noise", "lock", "laser_noise"):
            given = getattr(self, name)
            made[name] = None if given is None else given.to_dict()
        return made

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> PulsedClock:
        """The inverse of `to_dict`."""
        kinds: dict[str, Any] = {"cavity_noise": Noise, "lock": CavityLock, "laser_noise": Noise}
        parts = {name: kind.from_dict(data[name]) for name, kind in kinds.items() if data.get(name)}
        shifts = tuple(Fluctuation(**one) for one in data.get("shifts", ()))
        given = {**data, **parts, "system": CavitySystem.from_dict(data["system"]), "shifts": shifts}
        return cls(**given)
