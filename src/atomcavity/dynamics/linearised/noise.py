"""The quantum noise of modes and emitters around a mean-field state: diffusion from the generalised Einstein relation.

For operators A, B and collapse operators c:  <xi_A(t) xi_B(t')> = sum_c <[c^+, A] [B, c]> delta(t - t')
(Lax, Phys. Rev. 145, 110 (1966)), the mean over N independent emitters
of one group having 1/N of the noise of one emitter.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.batch import Batch, without_phase
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.reduction import Group

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]


def diffusion(model: Model, y: Real) -> Complex:
    """The Hermitian matrix <xi_A xi_B> (1/s) of the operators behind y, in this order; (y, y).

    Its real part is the noise of symmetrised products, its imaginary part keeps the commutators.
    """
    total = np.zeros((model.size, model.size), dtype=complex)
    m = model.modes
    for i, kappa in enumerate(model.system.kappas):  # <xi_a xi_a^+> = kappa, the vacuum outside
        total[i, i] = total[m + i, m + i] = kappa / 4
        total[i, m + i], total[m + i, i] = 1j * kappa / 4, -1j * kappa / 4
    for batch, x, start in zip(model.batches, model.split(y)[1], model.starts, strict=False):
        operators = _operators(batch)
        size = x.shape[1]
        for j, (k, rho) in enumerate(zip(batch.members, batch.density(x), strict=True)):
            group = without_phase(model.system.emitters[k])
            rows = slice(start + j * size, start + (j + 1) * size)
            total[rows, rows] = _emitter(operators, _collapse(group), rho) / batch.number[j]
    return total


def _operators(batch: Batch) -> Complex:
    """The Hermitian operators whose means are x: x_A = tr(rho O_A), (x, level, level)."""
    d = round(len(batch.matrix0) ** 0.5)
    dual = np.linalg.pinv(batch.matrix).reshape(-1, d, d)
    return np.asarray((dual.transpose(0, 2, 1) + dual.conj()) / 2, complex)


def _collapse(group: Group) -> list[Complex]:
    """Collapse operators of one emitter."""
    d = group.levels
    found = []
    for a, b, rate in group.decays:
        operator = np.zeros((d, d), dtype=complex)
        operator[b, a] = np.sqrt(rate)
        found.append(operator)
    for level, rate in enumerate(group.dephasing):
        if rate:
            found.append(np.diag(np.sqrt(2 * rate) * np.eye(d)[level]).astype(complex))
    return found


def _emitter(operators: Complex, collapse: list[Complex], rho: Complex) -> Complex:
    total = np.zeros((len(operators), len(operators)), dtype=complex)
    for c in collapse:
        raised = c.conj().T
        left = raised @ operators - operators @ raised
        right = operators @ c - c @ operators
        total += np.einsum("ij,ajk,bki->ab", rho, left, right, optimize=True)
    return total
