"""Find a Coulomb crystal in one call; large ones can be interrupted, continued and kept."""

from __future__ import annotations

import dataclasses
import math
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike

from atomcavity.errors import InputError, number, require
from atomcavity.results import load
from atomcavity.results.kept import kept_file
from atomcavity.traps.crystal.coulomb import CROSS_OVER
from atomcavity.traps.crystal.fluid import weight_matrix
from atomcavity.traps.crystal.minimise import Minimum
from atomcavity.traps.crystal.result import Crystal
from atomcavity.traps.crystal.search import Search

_MOST = 10**7  # ions: beyond it the descent takes days and tens of gigabytes
_EDITION = 1  # of the search: a crystal kept by an earlier one is not found any more


def find_crystal(
    weights: ArrayLike,
    n: int,
    *,
    seed: int = 0,
    starts: int | None = None,
    anneal: int = 0,
    tolerance: float | None = None,
    evaluations: int = 20_000,
    length: float = math.nan,
    charge: float = math.nan,
    resume: str | os.PathLike[str] | None = None,
    keep: bool = False,
    progress: Callable[[str], object] | None = None,
) -> Crystal:
    """Ions at rest at a minimum of E = sum r.W.r/2 + sum over pairs 1/r_ij.

    Lengths are in l = (q^2/(4 pi eps0 m omega_z^2))^(1/3), energies in m omega_z^2 l^2.

    weights      W: (3, 3) symmetric, three diagonal elements, or one number for the isotropic trap
    n            number of ions
    seed         of all starts; the same seed gives the same crystal
    starts       number of starts, the lowest minimum is taken (default: 40 to 200 up to 150 ions, fewer for more)
    anneal       steps of Langevin dynamics that cool every start through the melting point (some 3000; 0: none)
    tolerance    rms force at which the ions are at rest (unit m omega_z^2 l; default 1e-8 up to 2000 ions,
                 1e-6 with direct sums, 2e-4 with fast multipoles: soft shear modes take long)
    evaluations  most evaluations of the forces in one descent
    length, charge  l (m) and q (C), for results in SI
    resume       file (netCDF) of the crystal: written when done, every minute, and at Ctrl-C; a file that is there
                 is continued, or returned if it is finished
    keep         like `resume`, with a file in the user's cache folder (`ATOMCAVITY_CACHE` names another one)
    progress     called with a line every 10 s (default: to stderr)

    Beyond some 150 ions nobody knows the lowest minimum: the crystals found differ by some 1e-6 of their energy.

    Raises `InputError` for a trap that does not confine, more than 10^7 ions, or a file that holds another crystal.

    >>> pair = find_crystal(1.0, 2)
    >>> round(float(np.linalg.norm(pair.scaled[0] - pair.scaled[1])) ** 3, 6)  # r^3 = 2 l^3
    2.0
    """
    matrix = weight_matrix(weights)
    require(
        isinstance(n, (int, np.integer)) and n is not True and n >= 1,
        f"n = {n!r} must be a whole number of ions, at least 1",
    )
    require(n <= _MOST, f"n = {n!r} ions do not fit: at most {_MOST}")
    require(
        isinstance(anneal, int) and anneal is not True and anneal >= 0,
        f"anneal = {anneal!r} must be a number of steps",
    )
    require(
        isinstance(seed, (int, np.integer)) and seed >= 0,
        f"seed = {seed!r} must be a whole number, at least 0",
    )
    require(
        starts is None or (isinstance(starts, int) and starts >= 1),
        f"starts = {starts!r} must be a whole number, at least 1",
    )
    require(
        tolerance is None or number(tolerance, "tolerance") > 0,
        f"tolerance = {tolerance!r} must be above zero",
    )
    require(not (keep and resume is not None), "keep=True chooses the file itself: leave out resume")
    search = Search(
        matrix,
        int(n),
        int(seed),
        _starts(n) if starts is None else starts,
        int(anneal),
        _tolerance(n) if tolerance is None else tolerance,
        evaluations,
        None if resume is None else Path(resume),
        progress,
        length,
        charge,
    )
    if keep:
        search.file = _kept(search)
    if search.file is not None:
        require(search.file.parent.is_dir(), f"the folder {search.file.parent} of resume does not exist")
    crystal = _continued(search)
    if crystal is None:
        search.run()
        crystal = search.crystal()
    return dataclasses.replace(crystal, length=length, charge=charge)


def _starts(n: int) -> int:
    if n <= 3:
        return 2
    if n <= 150:
        return 40 if n <= 30 else 80 if n <= 60 else 200
    return 20 if n <= 300 else 3 if n <= 2000 else 1


def _tolerance(n: int) -> float:
    return 1e-8 if n <= 2000 else 1e-6 if n <= CROSS_OVER else 2e-4


def _kept(search: Search) -> Path:
    """The file of this crystal in the cache folder."""
    rounded = (np.round(search.matrix, 12) + 0.0).tolist()  # + 0.0: no minus zero
    return kept_file(f"crystal-{search.ions}", [_EDITION, {**search.settings(), "weights": rounded}])


def _continued(search: Search) -> Crystal | None:
    """The finished crystal of the file; or None, with the search put where the file left it."""
    if search.file is None or not search.file.exists():
        return None
    found = load(search.file)
    if not isinstance(found, Crystal):
        raise InputError(f"{search.file} holds no crystal")
    there = found.record.parameters
    for name, value in search.settings().items():
        same = np.allclose(there[name], value, rtol=1e-12) if name == "weights" else there[name] == value
        if not same and name != "tolerance":
            raise InputError(
                f"{search.file} holds a crystal with {name} = {there[name]}, not {value}: name another file"
            )
    if found.finished and there["tolerance"] <= search.tolerance:
        return found
    search.used, search.annealed = there["evaluations"], there["annealed"]
    if search.starts == 1:
        search.present, search.rest = found.scaled, found.residual
    else:
        search.done = there["starts done"]
        search.best = Minimum(found.scaled, found.energy, np.full((1, 3), found.residual), 0, True, False)
        if search.done == search.starts:  # the best one again, to the tolerance now asked
            search.done, search.present, search.best = search.starts - 1, found.scaled, None
    return None
