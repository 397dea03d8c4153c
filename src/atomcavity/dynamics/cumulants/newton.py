"""Stationary moments by implicit steps in time that grow into Newton's method, with the analytic Jacobian.

Steps solve (1/tau - J) dz = F for all moments (linearly implicit Euler).  The pair correlations B are eliminated
from each step, because they act on each other through S, A and C only (their own block is diagonal):
dB = (F_B + dB/dS dS + dB/dA dA)/(1/tau + D); what is left is a dense real system for S, A and C (cavity kept),
or for S and A, which follows B at once (cavity eliminated).  tau grows as long as the moments stay physical;
at the end it is infinite: Newton's method.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.cumulants.moments import Moments
from atomcavity.errors import ConvergenceError

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]
State = tuple[Real, Complex, Complex, Complex]  # S, A, C, B
STEPS = 1500
LARGEST = 0.3  # change of an inversion in one step
SHORTEST = 1e-5  # part of the first step that no step may undercut
FINE = 1e-12  # relative change of S, A and C (B follows) at which the steps end
GOOD = 1e-8  # the same where rounding errors keep it from falling further


def relax(
    m: Moments, state: State, tau: float, largest: float = LARGEST, guarded: bool = True
) -> tuple[State, float, int]:
    """The stationary moments reached from `state`, the last relative change, and the number of steps.

    tau      first step (in units of 1/m.unit); infinite: Newton from the start
    largest  change of an inversion that one step may make
    guarded  whether every step must stay physical
    Raises `ConvergenceError` if the steps do not settle.
    """
    previous = np.inf
    last = min(tau, 1e3 / _slowest(m))
    shortest = SHORTEST * last
    for count in range(1, STEPS + 1):
        change = step(m, state, tau)
        new = added(m, state, change)
        moved = float(np.abs(change[0]).max())
        if moved > largest or not _physical(new, guarded):
            tau = (tau if np.isfinite(tau) else last) / 4
            if tau < shortest:
                break
            continue
        size = max(moved, *(_relative(d, z) for d, z in zip(change[1:3], new[1:3], strict=True)))
        state = new
        if not np.isfinite(tau):
            if size < FINE or (size < GOOD and size > previous / 2):
                return state, size, count
            previous = size
        else:
            last = tau
        ready = tau * _slowest(m) > (1 if size < 1e-4 else 1e6)
        tau = np.inf if ready else tau * 3
    raise ConvergenceError(
        "the stationary moments did not settle: they may oscillate for ever; `evolve` shows it"
    )


def added(m: Moments, state: State, change: State) -> State:
    """The state after a change; the light of an eliminated cavity follows."""
    a, b = state[1] + change[1], state[3] + change[3]
    return state[0] + change[0], a, state[2] + change[2] if m.kept else m.light(a), b


def _slowest(m: Moments) -> float:
    """The slowest rate at which the populations respond."""
    rates = m.pump + m.gamma
    return float(rates[rates > 0].min()) if rates.any() else float(m.perp.min())


def dark(m: Moments, s: Real) -> State:
    """A start without light and correlations."""
    classes, modes = len(m.number), m.modes
    shapes = [(modes, classes), (modes, modes), (classes, classes)]
    a, c, b = (np.zeros(shape, complex) for shape in shapes)
    return s, a, c, b


def _physical(state: State, guarded: bool) -> bool:
    s, _, c, _ = state
    finite = all(bool(np.isfinite(z).all()) for z in state)
    if not guarded:
        return finite
    lowest = float(c.diagonal().real.min())
    return finite and float(np.abs(s).max()) <= 1 + 1e-9 and lowest >= -1e-9 * float(np.abs(c).max())


def _relative(change: Complex, value: Complex) -> float:
    largest = float(np.abs(value).max(initial=0.0))
    return float(np.abs(change).max(initial=0.0)) / largest if largest else 0.0


def step(m: Moments, state: State, tau: float) -> State:
    """The change of all moments in one linearly implicit Euler step."""
    s, a, c, b = state
    classes, modes = len(s), m.modes
    shifted = m.damping(s) + 1 / tau
    shifted[shifted == 0] = 1  # a single emitter without decay: it has no pairs
    rate_b = m.rate_b(s, a, b)
    rate_a = m.rate_a(s, a, b, c) + m.paired(rate_b / shifted)
    parts = [m.rate_s(s, a), rate_a.real.ravel(), rate_a.imag.ravel()]
    if m.kept:
        rate_c = m.rate_c(a, c)
        parts += [rate_c.real.ravel(), rate_c.imag.ravel()]
    matrix = -jacobian(m, s, a, c, b, shifted)
    natural = float(np.abs(m.g).max()) or 1.0  # A and C are small like g and |g|^2
    sizes = (classes, 2 * modes * classes, len(matrix) - classes - 2 * modes * classes)
    scale = np.repeat(natural ** np.arange(3.0), sizes)
    timed = np.arange(len(matrix) if m.kept else classes)
    matrix[timed, timed] += 1 / tau
    try:
        z = scale * np.linalg.solve(matrix * scale / scale[:, None], np.concatenate(parts) / scale)
    except np.linalg.LinAlgError:
        raise ConvergenceError("the equations of the stationary moments are singular") from None
    ds, real, imag, rest = np.split(z, np.cumsum([classes, modes * classes, modes * classes]))
    da = (real + 1j * imag).reshape(modes, classes)
    dc = np.zeros((modes, modes), complex)
    if m.kept:
        dc = (rest[: modes**2] + 1j * rest[modes**2 :]).reshape(modes, modes)
        dc = (dc + dc.conj().T) / 2
    return ds, da, dc, (rate_b + m.change_b(s, a, b, ds, da)) / shifted


@dataclass(frozen=True, eq=False)
class _Pairs:
    """What S and A do to A through B: i sum_l w_lk g_li dB_lk, w_lk = N_l - delta_lk."""

    own: Complex  # (class, mode, mode): dA_ik by A_jk
    others: Complex  # (mode, class, mode, class): dA_ik by A_jl^*
    inversion: Complex  # (mode, class, class): dA_ik by S_m


def _pairs(m: Moments, s: Real, a: Complex, b: Complex, shifted: Complex) -> _Pairs:
    x = m.projected(a)
    at = np.arange(len(s))
    others = np.repeat(m.number[:, None], len(s), axis=1)
    others[at, at] -= 1
    weight = others / shifted
    both = m.g[:, :, None] * m.g.conj()[:, None, :]
    own = ((weight * s[:, None]).T @ both.reshape(len(s), -1)).reshape(both.shape)
    mixed = -(weight * s).T[None, :, None, :] * m.g.T[:, None, None, :] * m.g[None, :, :, None]
    inversion = (weight * x).T[None] * m.g.T[:, None, :]
    inversion[:, at, at] -= m.g.T @ (weight * x.conj().T)
    if m.kernel.any():
        damped = 1j * b * weight
        inversion -= damped.T[None] * (m.g.T * m.kernel.conj())[:, None, :]
        inversion[:, at, at] -= m.g.T @ damped * m.kernel
    return _Pairs(own, mixed, inversion)


def jacobian(m: Moments, s: Real, a: Complex, c: Complex, b: Complex, shifted: Complex) -> Real:
    """Derivative of the rates of (S, Re A, Im A[, Re C, Im C]) by these, B following with the damping `shifted`."""
    modes, classes = m.modes, len(s)
    size = modes * classes
    at = np.arange(classes)
    pairs = _pairs(m, s, a, b, shifted)
    direct = np.zeros((modes, classes, modes, classes), complex)
    block = pairs.own + 1j * m.matrix.conj() - np.diag(m.kappa / 2)
    if m.kept:
        block = block - (m.perp + 1j * m.detuning)[:, None, None] * np.eye(modes)
    direct[:, at, :, at] = block
    by_s = pairs.inversion
    by_s[:, at, at] += 1j * m.g.T / 2
    if m.kept:
        by_s[:, at, at] += 1j * c @ m.g.T
    total = classes + 2 * size + (2 * modes**2 if m.kept else 0)
    matrix = np.zeros((total, total))
    rows = slice(classes, classes + 2 * size)
    matrix[at, at] = -(m.pump + m.gamma)
    exchange = np.zeros((classes, modes, classes), complex)
    exchange[at, :, at] = m.g.conj()
    flat = exchange.reshape(classes, size)
    matrix[:classes, rows] = -4 * np.hstack([flat.imag, flat.real])
    tall = by_s.reshape(size, classes)
    matrix[rows, :classes] = np.vstack([tall.real, tall.imag])
    matrix[rows, rows] = _real(direct.reshape(size, size), pairs.others.reshape(size, size))
    if m.kept:
        _light(m, s, matrix, rows)
    return matrix


def _real(plain: Complex, conjugate: Complex) -> Real:
    """The real matrix of z -> plain z + conjugate z^*."""
    add, subtract = plain + conjugate, plain - conjugate
    return np.block([[add.real, -subtract.imag], [add.imag, subtract.real]])


def _light(m: Moments, s: Real, matrix: Real, rows: slice) -> None:
    """The rows and columns of C."""
    modes, classes = m.modes, len(s)
    one = np.eye(modes)
    columns = slice(rows.stop, len(matrix))
    to_a = np.einsum("ab,k,kj->akbj", one, 1j * s, m.g).reshape(modes * classes, modes**2)
    matrix[rows, columns] = _real(to_a, np.zeros_like(to_a))
    left = -np.diag(m.kappa / 2) + 1j * m.matrix.conj()
    own = np.kron(left, one) + np.kron(one, left.conj())
    matrix[columns, columns] = _real(own, np.zeros_like(own))
    fed = np.einsum("ab,k,kj->ajbk", one, -1j * m.number, m.g.conj()).reshape(modes**2, -1)
    back = np.einsum("jb,k,ki->ijbk", one, 1j * m.number, m.g).reshape(modes**2, -1)
    matrix[columns, rows] = _real(fed, back)
