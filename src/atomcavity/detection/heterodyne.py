"""Heterodyne records of the light of a superradiant pulse, shot by shot."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.traces import HeterodyneRecord
from atomcavity.dynamics.dicke.model import Ladder, ladder
from atomcavity.dynamics.preparation import Initial, Preparation
from atomcavity.dynamics.system import CavitySystem
from atomcavity.dynamics.wigner.run import Grid
from atomcavity.errors import ConvergenceError, InputError, require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
Seeds = NDArray[np.uint64]

STEP = 0.05  # N (Gamma + |chi|) times the length of a step
MANY = 500.0  # the same times N at most, so that no amplitude falls out of the numbers in a step
MOST_STEPS = 20_000_000  # of one trajectory
CHECKED = 4  # trajectories of the step-halving check
CHECK = 0x5EED  # joined to the seed for them: noise that no record has
ROUGH = 0.03  # change of the records' signal by halving the steps above which it is a warning


def heterodyne(
    system: CavitySystem,
    times: ArrayLike,
    *,
    trajectories: int = 1,
    seed: int = 0,
    efficiency: float = 1.0,
    mode: int = 0,
    initial: Initial = "inverted",
) -> HeterodyneRecord:
    r"""What a heterodyne detector at the port of `mode` writes down during single pulses of identical emitters.

    The cavity is eliminated (`dynamics.dicke`: Gamma, chi and the ladder of J = N/2).  If every photon went to
    one ideal heterodyne detector, its record and the state it leaves behind would be (quantum state diffusion;
    Gisin and Percival, J. Phys. A 25, 5677 (1992); Wiseman and Milburn, Phys. Rev. A 47, 1652 (1993))

        dR = sqrt(Gamma) <J^-> dt + dZ,    E |dZ|^2 = dt,  E dZ^2 = 0,
        d|psi> = [-(i H + Gamma J^+ J^-/2) dt + sqrt(Gamma) J^- dR^*] |psi>,  then normalised,

    with H = omega_e J_z - chi J^+ J^-.  The port, with its detector, takes the share eta = `efficiency` kappa_ext/kappa:

        dI = sqrt(eta) dR + sqrt(1 - eta) dW,    dW an independent vacuum,

    which is the same as to unravel what is lost as a second record: R_1 = sqrt(eta) R + sqrt(1-eta) W and
    R_2 = sqrt(1-eta) R - sqrt(eta) W have independent noise and sqrt(eta) R_1 + sqrt(1-eta) R_2 = R drives psi.

    times         edges of the bins (s, ascending, >= 0), (bin + 1,); the pulse starts at 0
    trajectories  number of pulses; number k of a seed is the same however many there are
    efficiency    quantum efficiency of the detector (0 to 1), on top of kappa_ext/kappa
    initial       all emitters in one pure state: "inverted", or a `Preparation`

    The current is the mean of dI/dt over each bin, multiplied by the phase of the light (exp(-i omega t) in the
    frame of the system's reference): |<I>|^2 is in photons per second, its shot noise has the variance 1/(bin's
    width).  Steps are 0.05/(N (Gamma + |chi|)) or less, strong order 1; the record's `residual` is what halving
    them changes in the signal of some trajectories of the same noise (rms, relative to the largest signal).
    The work grows as N^(3/2): the state is as narrow on the ladder as a coherent spin state.

    Raises `InputError` for emitters that leave the ladder (different couplings or frequencies, mixed states), a
    mode without port, times that are not ascending, and pulses of more than some 10^7 steps.

    >>> from math import tau
    >>> from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
    >>> atoms = Emitters(100, g=tau * 300)
    >>> system = CavitySystem([atoms], [CavityMode(tau * 1.2e6, kappa_ext=tau * 0.6e6)])
    >>> pulses = heterodyne(system, np.linspace(0, 0.1, 201), trajectories=3)
    >>> pulses.current.shape, pulses.frequencies(weight="pulse").shape
    ((3, 200), (3,))
    """
    edges = _edges(times)
    require(
        isinstance(trajectories, int) and trajectories >= 1, f"trajectories = {trajectories!r} must be >= 1"
    )
    require(0 < efficiency <= 1, f"efficiency = {efficiency!r} must be above 0 and at most 1")
    require(
        isinstance(mode, int) and 0 <= mode < len(system.modes),
        f"mode = {mode!r} is none of the {len(system.modes)} mode(s)",
    )
    smaller, prepared = Preparation.of(initial).applied(system)
    model = ladder(smaller, prepared)
    require(not model.dark, f"initial = {initial!r}: emitters in the ground state send no light")
    port = system.modes[mode].kappa_ext * abs(model.light[mode]) ** 2 / model.rate
    require(port > 0, f"no light leaves through the port of mode {mode}: its kappa_ext is 0, or it is dark")
    share = efficiency * port
    walk = Walk.of(model, edges)
    turn = model.light[mode] / abs(model.light[mode])
    current = np.array([walk.port(s, share) for s in spawn_seeds(seed, trajectories)]) * turn
    residual = walk.residual(seed)
    return HeterodyneRecord(
        record=Record(
            "quantum state diffusion",
            reason=f"{trajectories} pulse(s) in steps of at most {walk.grid.lengths.max():.3g} s",
            seed=seed,
            residual=residual,
            warnings=model.warnings + _warnings(model, edges, residual),
            parameters={
                "system": system.to_dict(),
                "initial": initial.to_dict() if isinstance(initial, Preparation) else initial,
                "mode": mode,
                "efficiency": efficiency,
            },
        ),
        time=(edges[:-1] + edges[1:]) / 2,
        width=np.diff(edges),
        current=current,
        flux=share * _flux(model, edges),
        share=share,
        duration=2 / (model.number * model.rate),
        chirp=2 * model.chi / model.rate,
    )


@dataclass(frozen=True, eq=False)
class Walk:
    """State diffusion of a ladder on a grid of times; the first interval of the grid is before the first bin."""

    model: Ladder
    grid: Grid

    @classmethod
    def of(cls, model: Ladder, edges: Real) -> Walk:
        """With steps that resolve the pulse.  Raises `InputError` where they are too many."""
        step = min(STEP, MANY / model.number) / (model.number * (model.rate + abs(model.chi)))
        steps = edges[-1] / step
        require(
            steps <= MOST_STEPS,
            f"{edges[-1]:.3g} s are {steps:.2g} steps of {step:.2g} s, at most {MOST_STEPS:.0e} are made: the pulse is "
            f"over after some {10 / (model.number * model.rate):.2g} s",
        )
        return cls(model, Grid.of(edges, step))

    @property
    def finer(self) -> Walk:
        """With steps of half the length."""
        grid = self.grid
        return Walk(self.model, replace(grid, lengths=grid.lengths / 2, counts=grid.counts * 2))

    @cached_property
    def half(self) -> Complex:
        """exp[-(Gamma/2 - i chi) d_k h/2] of each kind of step, (kind, level)."""
        model = self.model
        return np.exp(-np.outer(self.grid.lengths, (model.rate / 2 - 1j * model.chi) * model.d) / 2)

    @cached_property
    def start(self) -> Complex:
        """psi_k(0) of the pure state with the ladder's populations and coherences, (level,)."""
        model = self.model
        phase = np.angle(model.coherent[np.argmax(np.abs(model.coherent))])
        return np.sqrt(model.start) * np.exp(-1j * phase * np.arange(model.number + 1))

    def noise(self, stream: np.random.Generator) -> Complex:
        """One complex number a step, E|.|^2 = 1."""
        return _gauss(stream, int(self.grid.counts.sum()))

    def signal(self, noise: Complex) -> Complex:
        """Integral of dR over each interval, (interval,)."""
        from atomcavity.detection.diffusion import record

        model, grid = self.model, self.grid
        out = np.zeros(len(grid.counts), complex)
        steps = grid.lengths, grid.kinds, grid.counts
        if not record(np.sqrt(model.d), model.rate, self.half, *steps, self.start, noise, model.offset, out):
            raise ConvergenceError("a heterodyne trajectory is not finite")
        return out

    def port(self, seed: Seeds, share: float) -> Complex:
        """Mean of dI/dt over each bin of one trajectory (without the phase of the light), sqrt(1/s)."""
        stream = np.random.default_rng(seed)
        gaps = np.diff(self.grid.times)
        ideal = self.signal(self.noise(stream))[1:]
        vacuum = np.sqrt(gaps) * _gauss(stream, len(gaps))
        return (np.sqrt(share) * ideal + np.sqrt(1 - share) * vacuum) / gaps

    def residual(self, seed: int) -> float:
        """Root mean square change of the bins' signal by halving the steps, over the largest mean signal."""
        finer, change = self.finer, []
        for each in spawn_seeds((seed, CHECK), CHECKED):
            noise = finer.noise(np.random.default_rng(each))
            coarse = (noise[::2] + noise[1::2]) / np.sqrt(2)
            change.append((finer.signal(noise) - self.signal(coarse))[1:])
        gaps = np.diff(self.grid.times)
        largest = np.sqrt((_flux(self.model, self.grid.times) * gaps**2).max())
        return float(np.sqrt(np.mean(np.abs(change) ** 2)) / largest) if largest > 0 else float("nan")


def _gauss(stream: np.random.Generator, count: int) -> Complex:
    return stream.standard_normal((count, 2)).view(complex)[:, 0] / np.sqrt(2)


def _flux(model: Ladder, edges: Real) -> Real:
    """Mean of Gamma <J^+ J^-> over each bin, exactly: the photons emitted in it over its width (1/s)."""
    k = np.arange(model.number + 1.0)
    emitted = np.concatenate([p @ k for p, _ in model.populations(edges)])
    return np.maximum(np.diff(emitted), 0.0) / np.diff(edges)


def _edges(times: ArrayLike) -> Real:
    edges = np.asarray(times, dtype=float)
    if edges.ndim != 1 or len(edges) < 2 or not (np.isfinite(edges).all() and (np.diff(edges) > 0).all()):
        raise InputError("times must be the edges of the bins: two or more finite, ascending times (s)")
    require(edges[0] >= 0, f"times start at {edges[0]:g} s; the pulse starts at 0")
    return edges


def _warnings(model: Ladder, edges: Real, residual: float) -> tuple[str, ...]:
    widest = float(np.diff(edges).max())
    reach = abs(model.offset) + model.number * (abs(model.chi) + model.rate)
    found = []
    if reach * widest > np.pi:
        found.append(
            f"bins of {widest:.3g} s average over light at detunings up to {reach:.3g} rad/s: make them shorter than {np.pi / reach:.2g} s"
        )
    if residual > ROUGH:
        found.append(f"halving the steps changes the signal by {residual:.1%}")
    return tuple(found)
