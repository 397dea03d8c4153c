"""The pulse of light after a preparation: its time integral and its overlap with itself."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.ladder.basis import Whole, reached
from atomcavity.dynamics.ladder.krylov import Factor
from atomcavity.dynamics.ladder.solve import sparse_evolution
from atomcavity.dynamics.ladder.state import Populations, final_classes
from atomcavity.errors import ConvergenceError, InputError

Real = NDArray[np.float64]
NODES = 12  # of the Gauss rule and the interpolation on one panel of the time axis
RATIO = 1.3  # of the ends of a panel
EXPONENTS = 36.0  # survival, as a power of 1/e, at which the pulse has ended


def pulse(start: Populations) -> Populations:
    """int_0^inf p dt (s) over the states from which light still comes.

    Raises `InputError` if the light never ends.
    """
    going, final = _going(start)
    if np.any(start.block.lowering[final] > 0):
        raise InputError(
            "the light after this preparation never ends (a pump, or nothing that takes the excitations): leave out "
            "initial= for the stationary light, or set pump_rate = 0"
        )
    integral, residual = np.zeros_like(start.p), 0.0
    if len(going):
        inner = start.block.matrix[going][:, going]
        integral[going] = -Factor(inner, 0.0).solve(start.p[going])
        rest = inner @ integral[going] + start.p[going]
        residual = float(np.abs(rest).sum() / start.p.sum())
    if not residual < 1e-9:
        raise ConvergenceError(f"the integral over the pulse has the relative residual {residual:.1e}")
    return Populations(start.emitters, start.block, integral, residual)


def _going(start: Populations) -> tuple[Whole, Whole]:
    """The states that the preparation reaches: those that are left in the end, and those that are not."""
    keep = reached(start.block.matrix, np.flatnonzero(start.p))
    label, final = final_classes(start.block.matrix[keep][:, keep])
    ended = np.isin(label, final)
    return keep[~ended], keep[ended]


def overlap(start: Populations, delays: Real) -> Real:
    """int_0^inf n(t) n(t + tau) dt (s) with n = <S^+ S>, shape (delay,).

    n at the Gauss nodes of panels that grow with the time, and the interpolating polynomial between them.
    """
    going, _ = _going(start)
    if len(going) == 0:
        return np.zeros(len(delays))
    inner, p, row = start.block.matrix[going][:, going], start.p[going], start.rows[:1, going]
    lifetime = float(Factor(inner, 0.0).solve(-np.ones(len(going)), transposed=True).max())
    fastest = float(np.abs(inner.diagonal()).max())
    last = EXPONENTS * math.e * lifetime  # P(T > k e max <T>) < exp(-k)
    count = max(2, int(np.ceil(np.log(last * fastest) / np.log(RATIO))))
    edges = np.concatenate([[0.0], np.geomspace(1 / fastest, last, count)])
    nodes, weights = np.polynomial.legendre.leggauss(NODES)
    widths = np.diff(edges) / 2
    times = (edges[:-1] + widths)[:, None] + widths[:, None] * nodes
    light = sparse_evolution(inner, p, times.ravel(), row)[0].reshape(times.shape)
    turn = np.linalg.inv(np.polynomial.legendre.legvander(nodes, NODES - 1))
    series = light @ turn.T
    measure = (weights * widths[:, None] * light).ravel()
    found = np.zeros(len(delays))
    for k, delay in enumerate(delays):
        later = times.ravel() + delay
        later, share = later[later < last], measure[later < last]
        panel = np.clip(np.searchsorted(edges, later, side="right") - 1, 0, len(widths) - 1)
        place = (later - edges[panel]) / widths[panel] - 1
        values = np.einsum("ij,ij->i", np.polynomial.legendre.legvander(place, NODES - 1), series[panel])
        found[k] = share @ values
    return found
