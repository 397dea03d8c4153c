"""Coupling of a dipole that is given as a vector to a mode."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import require

if TYPE_CHECKING:
    from atomcavity.coupling.averages import Mode
    from atomcavity.resonators.microring import Microring

Complex = NDArray[np.complex128]


def dipole_coupling(mode: Mode | Microring, r: ArrayLike, dipole: ArrayLike) -> Complex:
    r"""$g(r)=d\cdot E(r)/\hbar$ (rad/s), complex, of the dipole d (C m) to the field of one photon of `mode`, shape (...).

    r: Cartesian positions (..., 3) in m.  dipole: (3,) complex Cartesian, $d=\langle e|\hat d|g\rangle$: for a
    transition that raises m by q about an axis it is the dipole's size times $e_q^*$ (`coupling.dipole`), as in
    $H/\hbar=g\,a\,\sigma^++h.c.$; |g| is half the vacuum Rabi splitting.
    """
    vector = np.asarray(dipole, dtype=complex)
    require(
        vector.shape == (3,) and bool(np.all(np.isfinite(vector))),
        f"dipole = {dipole!r} must be three finite Cartesian components (C m)",
    )
    return np.asarray(mode.photon_field(r) @ vector / const.hbar)
