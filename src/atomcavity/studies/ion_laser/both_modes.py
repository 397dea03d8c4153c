"""Both circular modes of the cavity at once: one upper state and two lower ones, |l+> and |l->.

The upper state |u> = |3D2, F, 0> is coupled to |l+-> = |1S0, 7, +-1> by one circular mode each (Sec. V of the paper, which
leaves this case out).  The two modes talk to each other through the ions: through the populations, and through the coherence
of |l+> and |l->.  In the frames that turn with the two lines the Zeeman splitting appears only as the detuning of the modes,
a part splitting/kappa of their width.

Assumptions: either lower state is pumped into |u> by itself with the rate w, through an intermediate state from which xi
ions come back into the state they left for one that goes to |u>: its coherences decay in addition with xi w/2, that of the
two lower states altogether with w (1 + xi).  Ions are lost to no other sublevel.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, MeanField, evolve, steady_state
from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.linearised.noise import diffusion
from atomcavity.dynamics.mean_field.branches import choose_branch, frequencies
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.mean_field.search import fixed_points
from atomcavity.errors import require
from atomcavity.studies.ion_laser.pulses import Trace

Real = NDArray[np.float64]

KICK = (0.03, 0.02, 1.0)  # amplitudes on l+, l-, u at the start of an evolution
DARK = 1e-6  # of the brightest mode's photons: below it a mode does not lase


@dataclass(frozen=True)
class State:
    """A stationary state: photons of each mode, frequencies (rad/s) from the lines, growth rate (1/s) of the worst deviation."""

    photons: Real
    frequencies: Real
    growth: float
    stable: bool

    @property
    def both(self) -> bool:
        """Whether both modes lase."""
        return bool(self.photons.min() > DARK * self.photons.max())

    @property
    def apart(self) -> float:
        """Frequency of the mode + less that of the mode -, the splitting aside (rad/s)."""
        return float(self.frequencies[0] - self.frequencies[1])


@dataclass(frozen=True)
class BothModes:
    """The laser with two circular modes.

    groups     (number of ions, g): coupling of each lower state to its mode (rad/s, half the vacuum Rabi splitting)
    kappa      photon-number decay of either mode (rad/s)
    gamma      decay of |u> (1/s), half of it to either lower state
    xi         ions that come back for one that is pumped
    frequency  of the light (rad/s)
    splitting  of the two lines (rad/s)
    """

    groups: Sequence[tuple[int, float]]
    kappa: float
    gamma: float
    xi: float
    frequency: float
    splitting: float = 0.0
    _known: dict[tuple[float, float, float], list[State]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @classmethod
    def identical(
        cls,
        number: int,
        gain: float,
        *,
        kappa: float,
        gamma: float,
        xi: float,
        frequency: float,
        splitting: float = 0.0,
    ) -> BothModes:
        """Equal ions with the collective rate `gain` = 4 N g^2/kappa (1/s; in the paper's g: N g^2/kappa)."""
        require(gain > 0, f"gain = {gain!r} must be > 0 (1/s)")
        g = math.sqrt(gain * kappa / (4 * number))
        return cls(((number, g),), kappa, gamma, xi, frequency, splitting)

    @classmethod
    def of(cls, system: CavitySystem, *, xi: float, splitting: float) -> BothModes:
        """The same ions in two modes, from the laser with one mode; the reference of `system` is the light's frequency."""
        groups = tuple((e.number, abs(e.g_modes[0])) for e in system.emitters)
        return cls(groups, system.modes[0].kappa, system.emitters[0].gamma, xi, system.reference, splitting)

    def merged(self) -> BothModes:
        """As many identical ions with the same gain."""
        number = sum(n for n, _ in self.groups)
        rest = {name: getattr(self, name) for name in ("kappa", "gamma", "xi", "frequency", "splitting")}
        return BothModes.identical(number, self.gain, **rest)

    @property
    def gain(self) -> float:
        """4 sum g^2/kappa (1/s)."""
        return 4 * sum(n * g**2 for n, g in self.groups) / self.kappa

    @property
    def last_pump(self) -> float:
        """The pump rate (1/s) at which lasing ends, gain/(1 + xi), for w >> gamma: the same with one mode or two."""
        return self.gain / (1 + self.xi)

    @property
    def gained(self) -> float:
        """Total power with both modes over that with one, 4 (1 + xi)/(4 + 3 xi): identical ions, w >> gamma.

        With l the population of either lower state, c their coherence and D = (1 + xi) w/gain: both modes clamp
        u - l - c = D, c = l/(1 + xi), u = 1 - 2 l, and emit 2 w l; one mode emits w (1 - D)/2.
        """
        return 4 * (1 + self.xi) / (4 + 3 * self.xi)

    @property
    def pulsing_below(self) -> float:
        """The pump rate (1/s) below which equal powers are unstable, gain/(5 + 4 xi): identical ions, w >> gamma, fast cavity.

        The differences delta of the two dipoles and epsilon of the two lower populations obey (G = gain/2, s the dipole)
        d delta/dt = 2 G c delta - G s epsilon, d epsilon/dt = 4 G s delta - w epsilon: the trace changes its sign there,
        with the angular frequency sqrt(xi) w.
        """
        return self.gain / (5 + 4 * self.xi)

    def rhythm(self, pump: float) -> float:
        """The angular frequency (rad/s) at which a small difference of the two powers oscillates: see `pulsing_below`.

        omega^2 = gain w (1 - D) xi/(4 + 3 xi), without its growth or decay.
        """
        d = pump / self.last_pump
        return math.sqrt(self.gain * pump * (1 - d) * self.xi / (4 + 3 * self.xi))

    def selection(self, pump: float) -> float:
        """The ratio of g^2/kappa of the weaker to the stronger mode below which the weaker one stays dark.

        Of a weak field against the stationary single mode, with D = (1 + xi) w/gain of the stronger mode (identical ions,
        w >> gamma): [(1 - D)/4 + (1 + xi) D]/[(1 + xi)(1 + D)/2 - (1 - D)/4].
        """
        d = (1 + self.xi) * pump / self.gain
        return ((1 - d) / 4 + (1 + self.xi) * d) / ((1 + self.xi) * (1 + d) / 2 - (1 - d) / 4)

    def system(self, pump: float, *, coupling: float = 0.0, mirrors: float = 0.0) -> CavitySystem:
        """The two modes, each in the frame of its line.

        coupling, mirrors  relative differences of g (larger for +) and of kappa (smaller for +) of the two modes
        """
        high, low = 1 + coupling / 2, 1 - coupling / 2
        emitters = []
        for number, g in self.groups:
            scheme = LevelScheme(
                levels=("+", "-", "u"),
                couplings={("+", "u"): (g * high, 0.0), ("-", "u"): (0.0, g * low)},
                decays={
                    ("+", "u"): pump,
                    ("-", "u"): pump,
                    ("u", "+"): self.gamma / 2,
                    ("u", "-"): self.gamma / 2,
                },
                dephasing={"+": self.xi * pump / 2, "-": self.xi * pump / 2},
            )
            emitters.append(Emitters(number, levels=scheme))
        modes = [
            CavityMode(self.kappa * (1 - sign * mirrors / 2), detuning=-sign * self.splitting / 2)
            for sign in (1, -1)
        ]
        return CavitySystem(emitters, modes)

    def single(self, pump: float) -> float:
        """Power (W) with one mode alone, which the other one's lower state does not join."""
        ions = [
            Emitters(n, g=g, gamma=self.gamma, pump_rate=pump, dephasing_rate=self.xi * pump / 2)
            for n, g in self.groups
        ]
        state = steady_state(CavitySystem(ions, [CavityMode(self.kappa)]), method=MeanField())
        return hbar * self.frequency * self.kappa * float(state.photon_number[0])

    def states(self, pump: float, *, coupling: float = 0.0, mirrors: float = 0.0) -> list[State]:
        """All stationary states that are found at a pump rate (1/s), by photon number; kept."""
        key = (pump, coupling, mirrors)
        if key not in self._known:
            model = Model(self.system(pump, coupling=coupling, mirrors=mirrors))
            self._known[key] = [
                State(np.abs(model.alpha(s.y)) ** 2, frequencies(model, s), s.growth, s.stable)
                for s in fixed_points(model)[0]
            ]
        return self._known[key]

    def powers(self, pump: float, *, coupling: float = 0.0, mirrors: float = 0.0) -> Real:
        """Power (W) of either mode in the only stable stationary state; NaN where there is none, or several."""
        stable = [s for s in self.states(pump, coupling=coupling, mirrors=mirrors) if s.stable]
        return self._watt(stable[0].photons, mirrors) if len(stable) == 1 else np.full(2, np.nan)

    def growth(self, pump: float) -> float:
        """Growth rate (1/s) of the worst deviation from equal powers; NaN: no such state.

        Of several such states that whose two frequencies are nearest to each other: at weak pumps there are also
        unstable ones where they stand apart.
        """
        equal = [s for s in self.states(pump) if s.both and np.ptp(s.photons) < DARK * s.photons.max()]
        return min(equal, key=lambda s: abs(s.apart)).growth if equal else math.nan

    def trace(self, pump: float, duration: float, *, points: int = 2000) -> Trace:
        """The powers in time, from ions in |u> with a small tilt towards the lower states (`KICK`)."""
        times = np.linspace(0, duration, points + 1)
        start = np.array(KICK) / np.linalg.norm(KICK)
        run = evolve(self.system(pump), times, initial=[start] * len(self.groups), method=MeanField())
        alpha = run.amplitude
        return Trace(times, self._watt(np.abs(alpha) ** 2, 0.0), alpha[0] * alpha[1].conj())

    def beat(self, pump: float) -> float:
        """Angular frequency (rad/s) of the beat note in the stable state, the splitting less the pull of the cavity; NaN: none."""
        stable = [s for s in self.states(pump) if s.stable and s.both]
        return float(self.splitting + stable[0].apart) if len(stable) == 1 else math.nan

    def widths(self, pump: float) -> tuple[float, float]:
        """Full widths (rad/s) of the line of one mode and of the beat note, by the diffusion of the phases."""
        matrix = phase_diffusion(self.system(pump))
        return float(matrix[0, 0]), float(matrix[0, 0] + matrix[1, 1] - 2 * matrix[0, 1])

    def _watt(self, photons: Real, mirrors: float) -> Real:
        kappa = self.kappa * np.array([1 - mirrors / 2, 1 + mirrors / 2])
        return hbar * self.frequency * (photons.T * kappa).T


def phase_diffusion(system: CavitySystem) -> Real:
    """Rates (rad/s) of <dtheta_i dtheta_j>/dt of the phases of all modes in the only stable lasing state, (mode, mode).

    With J the Jacobian and D the noise of `atomcavity.dynamics.linearised`: W^T D W for the left null vectors W of J, W^T R = 1
    for the derivatives R by the free phases; the full width of a line whose phase is sum_i q_i theta_i is q^T (...) q.
    """
    model = Model(system)
    state, _, _ = choose_branch(model, MeanField())
    unit = np.ones(model.size)
    unit[: 2 * model.modes] = np.linalg.norm(state.y[: 2 * model.modes])
    drift = model.jacobian(state.y, state.nu) * (unit / unit[:, None])
    noise = diffusion(model, state.y).real / np.outer(unit, unit)
    turns = (model.rotations(state.y) / unit).T
    null = np.linalg.svd(drift.T)[2][-model.free :].T
    left = null @ np.linalg.inv(turns.T @ null)
    charges = model.phases.modes
    return np.asarray(charges @ (left.T @ noise @ left) @ charges.T, float)
