"""Transmission of a waveguide beside a ring with back-scattering and a few atoms, for whole trajectories at once."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import number, require


def ring_transmission(
    detuning: ArrayLike = 0.0,
    *,
    kappa: float,
    kappa_ext: float,
    backscattering: float,
    g: ArrayLike,
    gamma: float,
    shifts: ArrayLike = 0.0,
    phases: ArrayLike | None = None,
) -> NDArray[np.float64]:
    """Power transmitted past a ring with n atoms over the power of a weak probe.

    With exp(-i omega t), d = cavity - probe, d_j = atom j - probe, K = kappa + 2 i d, G_j = gamma + 2 i d_j,
    eta = 1/(1 + 4 beta^2/K^2) and C = sum_j 4 g_j^2/(K G_j), atoms that couple to the driven mode only give

        T = |1 - (2 kappa_ext eta/K)/(1 + eta C)|^2

    (Zhou et al. 2026, Eqs. 5, 6).  An atom whose dipole couples to both directions of
    circulation: with `phases` phi_j (rad) the couplings of atom j to the two modes are g_j and g_j exp(i phi_j), where phi = 2 k x
    advances along the ring, and with S = sum 2 g_j^2/G_j, S_+- = sum 2 g_j^2 exp(+-i phi_j)/G_j

        T = |1 - kappa_ext (K/2 + S)/[(K/2 + S)^2 - (i beta + S_+)(i beta + S_-)]|^2 .

    detuning        probe minus cavity (rad/s), shape (...)
    kappa           photon-number decay of each mode (rad/s), kappa_ext its part into the waveguide
    backscattering  beta, half the splitting of the ring's pair of modes (rad/s)
    g               half the vacuum Rabi splitting of each atom (rad/s), shape (..., atom); (..., 0): no atom
    gamma           population decay of the atoms (rad/s)
    shifts          atom minus cavity (rad/s), light shift included, broadcast with g
    phases          None: the driven mode only; else (rad), broadcast with g

    All leading axes are broadcast (times, trajectories, detunings); the result has that shape.  The steady state is
    taken at each instant: kappa must exceed g and the rates at which the atoms move.  Below saturation; otherwise
    use `steady_state` of the system with a `drive`.  Raises `InputError` for rates that cannot be.

    >>> from math import tau
    >>> ring = dict(kappa=tau * 1.71e9, kappa_ext=tau * 0.83e9, backscattering=tau * 0.51e9, gamma=tau * 5.22e6)
    >>> [round(float(ring_transmission(g=[tau * 51e6] * n, shifts=-tau * 6e6, **ring)), 3) for n in (0, 1, 2)]
    [0.081, 0.198, 0.35]
    """
    for name, value in (("kappa", kappa), ("gamma", gamma)):
        require(number(value, name) > 0, f"{name} = {value!r} must be a positive rate (rad/s)")
    require(
        0 <= number(kappa_ext, "kappa_ext") <= kappa,
        f"kappa_ext = {kappa_ext!r} must lie between 0 and kappa = {kappa:g}: it is a part of it",
    )
    beta = number(backscattering, "backscattering")
    coupling, shift = np.broadcast_arrays(_rates(g, "g"), _rates(shifts, "shifts"))
    probe = _rates(detuning, "detuning")
    half = kappa / 2 - 1j * probe
    answer = 2 * coupling**2 / (gamma + 2j * (shift - probe[..., None]))
    total = answer.sum(axis=-1)
    if phases is None:
        field = half / ((half + total) * half + beta**2)
    else:
        turn = np.exp(1j * _rates(phases, "phases"))
        forth, back = (answer * turn).sum(axis=-1), (answer / turn).sum(axis=-1)
        field = (half + total) / ((half + total) ** 2 - (1j * beta + forth) * (1j * beta + back))
    return np.asarray(np.abs(1 - kappa_ext * field) ** 2)


def _rates(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Finite real numbers as an array."""
    array = np.asarray(values, dtype=float)
    require(bool(np.all(np.isfinite(array))), f"{name} must be finite numbers (rad/s; phases in rad)")
    return array
