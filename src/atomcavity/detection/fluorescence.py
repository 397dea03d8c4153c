"""Clicks of the light that a few driven, moving atoms scatter into a ring."""

from __future__ import annotations

import math
import os
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.detection.records import ClickRecords
from atomcavity.errors import InputError, number, reals, require
from atomcavity.parallel import spawn_seeds
from atomcavity.results import Record

Real = NDArray[np.float64]
Whole = NDArray[np.int64]

LABELS = ("detector 1", "detector 2")
MOST = 6  # atoms of a run: 2^N amplitudes
SLOW = 0.1  # what a bad cavity may have of its own width
TURNED = 0.6  # rad from one time to the next


def fluorescence_clicks(
    times: ArrayLike,
    g: ArrayLike,
    *,
    gamma: float,
    kappa: float,
    kappa_ext: float,
    drive: ArrayLike,
    backscattering: float = 0.0,
    shifts: ArrayLike = 0.0,
    detuning: float = 0.0,
    drive_phases: ArrayLike = 0.0,
    phases: ArrayLike | None = None,
    port: int = 0,
    efficiency: float = 1.0,
    dark_rate: float = 0.0,
    split: float = 0.5,
    workers: int | None = None,
    seed: int = 0,
) -> ClickRecords:
    r"""Clicks of two detectors behind a beam splitter at one port of a ring, whose atoms a beam from outside drives.

    Quantum jumps of N two-level atoms (2^N amplitudes, any strength of the drive, all photons remembered).  The ring's
    two modes a, b are eliminated, kappa being larger than everything else.  With d = cavity - drive, K = kappa + 2 i d and

        (a, b) = -i M^-1 (A_1, A_2),   M = ((K/2, i beta), (i beta, K/2)),
        A_1 = sum_j g_j sigma_j,   A_2 = sum_j g_j e^{-i phi_j} sigma_j   (0 without `phases`),

    the state between two jumps obeys

        H_eff = sum_j [(delta_j - i gamma/2) sigma_j^+ sigma_j + (Omega_j e^{i theta_j} sigma_j^+ + h.c.)/2] - i A^+ M^-1 A,

    and the jumps are sqrt(gamma) sigma_j of each atom and sqrt(kappa) a, sqrt(kappa) b of all of them together; a share
    kappa_ext/kappa of the photons of a leaves at port 0, of b at port 1.  So the ring's whole answer is taken: superradiance,
    the dispersive exchange where M^-1 is complex (a detuned ring, or both modes with back-scattering), the
    light that back-scattering sends to the other port.  One atom in a resonant ring without `phases` has the
    decay gamma + 4 g^2 eta/kappa with eta = 1/(1 + 4 beta^2/kappa^2) (Zhou et al. 2026, Eq. 5).

    times          (s) ascending from 0, when the drive is switched on
    g              half the vacuum Rabi splitting of each atom (rad/s), (run, atom, time); an atom whose g is 0 all the rest
                   of a run is gone (places that are NaN in `loading.RingProbe.couplings`); 6 atoms a run at most
    gamma          decay of each atom (rad/s) into everything but the ring
    kappa, kappa_ext, backscattering   of the ring (rad/s), as in `ring_transmission`
    drive          Rabi frequency Omega_j (rad/s) of the beam, broadcast with g like the next four
    shifts         atom minus cavity (rad/s), light shift included: delta_j = shift - detuning
    detuning       drive minus cavity (rad/s)
    drive_phases   theta_j (rad): phase of the beam at the atom minus that of mode a; moving atoms bring their Doppler shift
    phases         None: the atoms couple to mode a only; else g_j and g_j e^{i phi_j} to both (`ring_transmission`)
    efficiency     probability that a photon that leaves through the port is counted, losses on its way included
    dark_rate      counts/s of each detector without light
    split          probability that a counted photon goes to detector 1
    workers        threads; the clicks do not depend on it: run k has the random stream k of `seed`

    Left out: the atoms' exchange through free space, more levels than two, the beam's own light in the ring, and the
    recoil, which the caller's trajectories have or have not.  Between two of the `times` everything is held at its mean
    of the two, phases too: they must be close enough.  Within that the waiting times are exact: a root of the norm
    under exp(-i H_eff t).

    Raises `InputError` for arrays that do not fit together.  Warnings say where the ring does not follow the atoms and
    where the times are too far apart.

    >>> from math import tau
    >>> ring = dict(kappa=tau * 1.71e9, kappa_ext=tau * 0.83e9, backscattering=tau * 0.51e9, gamma=tau * 5.22e6)
    >>> atom = np.full((2, 1, 2), tau * 140e6)
    >>> clicks = fluorescence_clicks([0, 2e-5], atom, drive=tau * 10e6, **ring)
    >>> clicks.runs, [str(label) for label in clicks.labels]
    (2, ['detector 1', 'detector 2'])
    """
    axis = _axis(times)
    coupling = _array(g, "g")
    require(
        coupling.ndim == 3 and coupling.shape[2] == len(axis),
        f"g has shape {coupling.shape}; it must be (run, atom, time) with {len(axis)} times",
    )
    ring = _Ring.of(kappa, kappa_ext, backscattering, detuning, gamma)
    given = {"shifts": shifts, "drive": drive, "drive_phases": drive_phases}
    rows = [coupling, *(_fitting(value, name, coupling.shape) for name, value in given.items())]
    rows[1] = rows[1] - number(detuning, "detuning")
    if phases is not None:
        rows.append(_fitting(phases, "phases", coupling.shape))
    for name, value in {"efficiency": efficiency, "split": split}.items():
        require(
            0 <= number(value, name) <= 1, f"{name} = {value!r} is a probability and must lie between 0 and 1"
        )
    require(number(dark_rate, "dark_rate") >= 0, f"dark_rate = {dark_rate!r} must not be negative (1/s)")
    require(
        port in (0, 1),
        f"port = {port!r} must be 0, where the light of the atoms' own mode leaves, or 1, the other",
    )
    counted = (port, float(efficiency) * ring.kappa_ext / ring.kappa, float(split), float(dark_rate))
    parts = _runs(axis, rows, ring, counted, seed, workers)
    return ClickRecords(
        record=Record(
            "quantum jumps, modes eliminated",
            reason="waiting times by powers of the propagator between two times",
            seed=seed,
            warnings=ring.warnings(rows),
            parameters={"gamma": gamma, "kappa": kappa, "kappa_ext": kappa_ext, "backscattering": backscattering,
                        "detuning": detuning, "port": port, "efficiency": efficiency, "dark_rate": dark_rate, "split": split},
        ),
        time=np.concatenate([np.zeros(0), *(part[0] for part in parts)]),
        channel=np.concatenate([np.zeros(0, np.int64), *(part[1] for part in parts)]),
        run=np.repeat(np.arange(len(parts)), [len(part[0]) for part in parts]),
        labels=np.array(LABELS),
        duration=float(axis[-1]),
        runs=len(parts),
        period=math.nan,
    )  # fmt: skip


@dataclass(frozen=True)
class _Ring:
    """Rates (rad/s) and the answer of the eliminated modes: the diagonal of M^-1 and its other element."""

    kappa: float
    kappa_ext: float
    gamma: float
    mix: tuple[complex, complex]

    @classmethod
    def of(
        cls, kappa: float, kappa_ext: float, backscattering: float, detuning: float, gamma: float
    ) -> _Ring:
        for name, value in (("kappa", kappa), ("gamma", gamma)):
            require(number(value, name) > 0, f"{name} = {value!r} must be a positive rate (rad/s)")
        require(
            0 <= number(kappa_ext, "kappa_ext") <= kappa,
            f"kappa_ext = {kappa_ext!r} must lie between 0 and kappa = {kappa:g}: it is a part of it",
        )
        half = kappa / 2 - 1j * number(detuning, "detuning")
        beta = number(backscattering, "backscattering")
        both = half**2 + beta**2
        return cls(float(kappa), float(kappa_ext), float(gamma), (complex(half / both), -1j * beta / both))

    def warnings(self, rows: list[Real]) -> tuple[str, ...]:
        """What is not slow or weak against kappa, or against the times."""
        if rows[0].size == 0:
            return ()
        found = []
        shared = 4 * (rows[0] ** 2).sum(axis=1).max() / self.kappa
        largest = max(float(shared), *(float(np.abs(row).max()) for row in rows[1:3]))
        if largest > SLOW * self.kappa:
            found.append(
                "the largest of sum 4 g^2/kappa, atom minus drive and the drive's Rabi frequency is "
                f"{largest / self.kappa:.2g} kappa: the ring does not follow the atoms"
            )
        there = rows[0][..., 1:] != 0
        turned = max(float(np.abs(np.diff(row))[there].max(initial=0.0)) for row in rows[3:])
        if turned > TURNED:
            found.append(
                f"phases change by up to {turned:.2g} rad from one time to the next: their motion is not resolved"
            )
        return tuple(found)


def _runs(
    axis: Real,
    rows: list[Real],
    ring: _Ring,
    counted: tuple[int, float, float, float],
    seed: int,
    workers: int | None,
) -> list[tuple[Real, Whole]]:
    """Times and channels of the clicks of each run."""
    from concurrent.futures import ThreadPoolExecutor

    from atomcavity.detection.fluorescence_kernel import scatter

    seeds = spawn_seeds(seed, len(rows[0]))
    seen = rows[0] != 0
    last = np.where(seen.any(axis=2), len(axis) - np.argmax(seen[:, :, ::-1], axis=2), 0)
    most = int((last > 0).sum(axis=1).max(initial=0))
    require(most <= MOST, f"{most} atoms in a run: {MOST} are the most that can be followed (2^N amplitudes)")
    both = len(rows) == 5

    def follow(k: int) -> Any:
        atoms = np.flatnonzero(last[k])
        law = np.zeros((5, len(atoms), len(axis)))
        for row, values in enumerate(rows):
            law[row] = values[k][atoms]
        return scatter(axis, law, last[k][atoms], ring.gamma, ring.kappa, ring.mix, both, *counted, seeds[k])

    with ThreadPoolExecutor(workers or os.cpu_count()) as pool:
        return list(pool.map(follow, range(len(seeds))))


def _axis(times: ArrayLike) -> Real:
    axis = _array(times, "times")
    good = axis.ndim == 1 and len(axis) > 1 and axis[0] == 0 and bool(np.all(np.diff(axis) > 0))
    require(good, "times must be two or more times (s) ascending from 0")
    return np.ascontiguousarray(axis)


def _array(values: ArrayLike, name: str) -> Real:
    array = reals(values, name)
    require(bool(np.all(np.isfinite(array))), f"{name} must be finite")
    return array


def _fitting(values: ArrayLike, name: str, shape: tuple[int, ...]) -> Real:
    array = _array(values, name)
    try:
        return np.broadcast_to(array, shape)
    except ValueError:
        raise InputError(
            f"{name} has shape {array.shape}, which does not go with g of (run, atom, time) = {shape}"
        ) from None
