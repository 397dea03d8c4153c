"""Second-order moments in time.

Over short times (in units of the fastest rate) an explicit Runge-Kutta method is cheapest; with the cavity
eliminated S and B alone are its unknowns.  Else extrapolated linearly implicit Euler steps are made (Deuflhard,
Hairer and Zugck 1987): a step H is done with 1, 2, 3, ... implicit substeps (`cumulants.newton.step`: the pair
correlations are eliminated from each, so that stiff systems of many groups cost a dense matrix of the size of
S, A and C only) and extrapolated to infinitely many until two extrapolations agree; then H grows or shrinks
with the number that this took.
"""

from __future__ import annotations

from dataclasses import asdict

import numpy as np

from atomcavity.dynamics.cumulants.moments import Complex, Moments, Real, emitter_pairs, moments
from atomcavity.dynamics.cumulants.newton import State, added, step
from atomcavity.dynamics.cumulants.regression import growth
from atomcavity.dynamics.methods import Cumulants
from atomcavity.dynamics.preparation import Preparation
from atomcavity.dynamics.results import Evolution
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import ConvergenceError
from atomcavity.results import Record

TOLERANCE = 1e-8  # difference of two extrapolations, relative to the largest moment of each kind
SHORT = 3e4  # time over the fastest rate's up to which explicit steps are made
COLUMNS = 9  # extrapolations after which a step is shortened
EASY, HARD = 5, 8  # numbers of extrapolations below which the step grows, and from which it shrinks
BURST = (
    "the start amplifies light: in a superradiant pulse second-order moments are some 27 % off (400 inverted "
    "emitters), and more emitters do not help; TruncatedWigner() or DickeLadder() give such pulses"
)
PHASE = (
    "superpositions: the moments keep the emitters' phases relative to each other, not the common one "
    "(the amplitude is NaN; MeanField() gives it)"
)


def cumulants_evolve(
    system: CavitySystem, method: Cumulants, *, times: Real, initial: Preparation
) -> Evolution:
    """The moments at `times` from a product state without photons; <a^+ a^+ a a> is not known to second order.

    Raises `InputError` for a driven system or level schemes, `ConvergenceError` if a step shrinks to nothing.
    """
    marks = np.array([density[1, [1, 0]] for density in initial.matrices(system)])
    m = moments(system, method.cavity == "kept", marks)
    state, coherent = _start(m, marks)
    warnings = m.warnings
    if growth(m, state[0]) > 0:
        warnings += (BURST,)
    if coherent:
        warnings += (PHASE,)
    short = _fastest(m) * float(times[-1]) * m.unit < SHORT
    s, c, b = (_explicit if short else _implicit)(m, state, times * m.unit)
    numbers = np.array([e.number for e in system.emitters])
    excited = (1 + s[m.member]) / 2
    modes = len(system.modes)
    amplitude = np.full((modes, len(times)), np.nan + 1j * np.nan if coherent else 0j)
    return Evolution(
        record=Record(
            "Cumulants",
            reason="Runge-Kutta steps" if short else "extrapolated implicit steps",
            residual=TOLERANCE,
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        time=times,
        photon_number=np.einsum("iit->it", c).real.copy(),
        photon_number_error=np.zeros((modes, len(times))),
        excited_population=excited,
        excited_population_error=np.zeros(excited.shape),
        emitter_correlation=emitter_pairs(m, b, numbers),
        mode_correlation=c,
        pair_number=np.full((modes, len(times)), np.nan),
        amplitude=amplitude,
    )


def _start(m: Moments, marks: Complex) -> tuple[State, bool]:
    """The product state, and whether it holds superpositions."""
    classes = np.zeros(len(m.number), complex), np.zeros(len(m.number), complex)
    classes[0][m.member] = marks[:, 0]
    classes[1][m.member] = marks[:, 1] * np.exp(-1j * m.phase)
    s, sigma = 2 * classes[0].real - 1, classes[1]
    b = np.outer(sigma.conj(), sigma)
    a, c = np.zeros((m.modes, len(s)), complex), np.zeros((m.modes, m.modes), complex)
    if not m.kept:
        a = m.following(s, b)
        c = m.light(a)
    return (s, a, c, b), bool(np.abs(sigma).max() > 1e-9)


def _fastest(m: Moments) -> float:
    """The fastest rate of the moments in units of m.unit."""
    if not m.kept:
        return 1.0
    collective = float(np.sqrt((m.number[:, None] * np.abs(m.g) ** 2).sum()))
    return collective + float(m.kappa.max() + m.perp.max() + np.ptp(m.detuning) + np.abs(m.matrix).max())


def _explicit(m: Moments, state: State, times: Real) -> tuple[Real, Complex, Complex]:
    """S, C and B with a last axis over ascending times (in units of 1/m.unit)."""
    from scipy.integrate import solve_ivp

    kinds = (0, 1, 2, 3) if m.kept else (0, 3)
    shapes = [state[k].shape for k in kinds]
    ends = np.cumsum([state[k].size for k in kinds])

    def moments_of(z: Complex) -> State:
        parts = [part.reshape(shape) for part, shape in zip(np.split(z, ends[:-1]), shapes, strict=True)]
        s, b = parts[0].real, parts[-1]
        if m.kept:
            return s, parts[1], parts[2], b
        a = m.following(s, b)
        return s, a, m.light(a), b

    def rates(_: float, z: Complex) -> Complex:
        s, a, c, b = moments_of(z)
        found = [m.rate_s(s, a), m.rate_b(s, a, b).ravel()]
        if m.kept:
            found[1:1] = [m.rate_a(s, a, b, c).ravel(), m.rate_c(a, c).ravel()]
        return np.concatenate(found)

    natural = float(np.abs(m.g).max()) or 1.0
    floors = np.array([1, 0.01 * natural, 0.01 * natural**2, 0.01 / m.number.max()]) * TOLERANCE
    wanted, place = np.unique(times, return_inverse=True)
    run = solve_ivp(
        rates,
        (0.0, float(wanted[-1]) or 1.0),
        np.concatenate([state[k].ravel() for k in kinds]).astype(complex),
        "DOP853",
        t_eval=wanted,
        rtol=TOLERANCE,
        atol=np.concatenate([np.full(state[k].size, floors[k]) for k in kinds]),
    )
    if not run.success or not np.isfinite(run.y).all():
        raise ConvergenceError(f"the moments cannot be followed: {run.message}")
    s, _, c, b = (np.stack(values, axis=-1) for values in zip(*map(moments_of, run.y.T[place]), strict=True))
    return s, c, b


def _implicit(m: Moments, state: State, times: Real) -> tuple[Real, Complex, Complex]:
    """The same by implicit steps."""
    found: list[State] = []
    now, size = 0.0, 0.1
    for t in times:
        while now < t:
            left = t - now
            last = size >= left * (1 - 1e-12)
            result = _extrapolated(m, state, left if last else size)
            if result is None:
                size = (left if last else size) / 4
                if size < 1e-14 * t:
                    raise ConvergenceError(f"the moments cannot be followed beyond {now / m.unit:g} s")
                continue
            state, columns = result
            done = left if last else size
            now = t if last else now + size
            wanted = done * (4 if columns < EASY else 0.7 if columns > HARD else 1.5)
            size = max(size, wanted) if last else wanted
        found.append(state)
    s, _, c, b = (np.stack(values, axis=-1) for values in zip(*found, strict=True))
    return s, c, b


def _extrapolated(m: Moments, state: State, size: float) -> tuple[State, int] | None:
    """The state after a time `size` and the number of extrapolations; None if they do not agree."""
    row: list[State] = []
    for count in range(1, COLUMNS + 1):
        reached = state
        for _ in range(count):
            reached = added(m, reached, step(m, reached, size / count))
        if not all(bool(np.isfinite(z).all()) for z in reached):
            return None
        new = [reached]
        for k, lower in enumerate(row):
            ratio = count / (count - k - 1) - 1
            new.append(tuple(z + (z - y) / ratio for z, y in zip(new[-1], lower, strict=True)))  # type: ignore[arg-type]
        if count > 2 and _apart(new[-1], row[-1], state) < TOLERANCE:
            return new[-1], count
        row = new
    return None


def _apart(first: State, second: State, start: State) -> float:
    worst = float(np.abs(first[0] - second[0]).max())
    for z, y, old in zip(first[1:], second[1:], start[1:], strict=True):
        scale = max(float(np.abs(z).max()), 1e-3 * float(np.abs(old).max()))
        if scale > 0:
            worst = max(worst, float(np.abs(z - y).max()) / scale)
    return worst
