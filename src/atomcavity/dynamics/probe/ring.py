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
    response = atom_response(detuning, g=g, gamma=gamma, shifts=shifts, phases=phases)
    return transmission_of_response(
        detuning,
        response.sum(axis=-2),
        kappa=kappa,
        kappa_ext=kappa_ext,
        backscattering=beta,
    )


def atom_response(
    detuning: ArrayLike = 0.0,
    *,
    g: ArrayLike,
    gamma: float,
    shifts: ArrayLike = 0.0,
    phases: ArrayLike | None = None,
) -> NDArray[np.complex128]:
    """What each atom adds to the sums of `ring_transmission` (rad/s): (..., atom, 1) with 2 g^2/G, or with phases (..., atom, 3).

    The sums over atoms are all that the transmission depends on, so that they can be added up from kept parts.  The three parts
    with phases are those of S, S_+ and S_-.
    """
    coupling, shift = np.broadcast_arrays(_rates(g, "g"), _rates(shifts, "shifts"))
    probe = _rates(detuning, "detuning")
    answer = 2 * coupling**2 / (gamma + 2j * (shift - probe[..., None]))
    if phases is None:
        return np.asarray(answer[..., None])
    turn = np.exp(1j * _rates(phases, "phases"))
    return np.stack(np.broadcast_arrays(answer, answer * turn, answer / turn), axis=-1)


def transmission_of_response(
    detuning: ArrayLike,
    total: NDArray[np.complex128],
    *,
    kappa: float,
    kappa_ext: float,
    backscattering: float,
) -> NDArray[np.float64]:
    """Power transmitted with `total` (..., 1) or (..., 3), the sum of `atom_response` over the atoms, at `detuning` (...)."""
    half = kappa / 2 - 1j * _rates(detuning, "detuning")
    if total.shape[-1] == 1:
        field = half / ((half + total[..., 0]) * half + backscattering**2)
    else:
        here, forth, back = np.moveaxis(total, -1, 0)
        field = (half + here) / (
            (half + here) ** 2 - (1j * backscattering + forth) * (1j * backscattering + back)
        )
    return np.asarray(np.abs(1 - kappa_ext * field) ** 2)


def _rates(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """Finite real numbers as an array."""
    array = np.asarray(values, dtype=float)
    require(bool(np.all(np.isfinite(array))), f"{name} must be finite numbers (rad/s; phases in rad)")
    return array
