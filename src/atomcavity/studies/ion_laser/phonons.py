"""The harmonic vibrations of a small crystal in the pseudopotential, and how far and how fast its ions move."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar, k

from atomcavity.errors import require
from atomcavity.traps.crystal import Crystal
from atomcavity.traps.orbits import coulomb_jacobian

Real = NDArray[np.float64]

ROTATION = 1e-6  # of omega_z^2: a squared frequency below this is a rotation that nothing holds


def stiffness(crystal: Crystal) -> Real:
    """Second derivatives of E = sum r.W.r/2 + sum over pairs 1/r_ij, (3 ion, 3 ion), unit m omega_z^2."""
    found = -coulomb_jacobian(crystal.scaled)
    ions = np.arange(crystal.ions)
    found[ions, :, ions, :] += crystal.weights
    return np.asarray(found.reshape(3 * crystal.ions, 3 * crystal.ions))


@dataclass(frozen=True, eq=False)
class Phonons:
    """Normal modes in units of omega_z.

    frequency  (mode,) omega/omega_z;  vector (mode, ion, xyz), normalised;  left_out: rotations that nothing holds
    """

    frequency: Real
    vector: Real
    left_out: int

    @classmethod
    def of(cls, crystal: Crystal) -> Phonons:
        """The modes of a crystal at rest; `InputError` if it is no minimum of its energy."""
        squares, vectors = np.linalg.eigh(stiffness(crystal))
        require(
            squares[0] > -ROTATION,
            f"the crystal is no minimum: a squared frequency is {squares[0]:.2g} omega_z^2; find it to a smaller residual force",
        )
        held = squares > ROTATION
        modes = vectors.T[held].reshape(-1, crystal.ions, 3)
        return cls(np.sqrt(squares[held]), modes, int(np.sum(~held)))

    def occupied(self, confinement: float, temperature: float) -> Real:
        """coth(hbar omega/2 k T) of each mode, 2 n + 1, at omega_z = `confinement` (rad/s) and T (K)."""
        return np.asarray(1 / np.tanh(hbar * confinement * self.frequency / (2 * k * temperature)))

    def displacement(self, mass: float, confinement: float, temperature: float) -> Real:
        """<u^2> of each ion along x, y, z (m^2): sum over the modes of e^2 hbar/(2 m omega) coth(hbar omega/2 k T)."""
        weight = self.occupied(confinement, temperature) / self.frequency
        return np.asarray(hbar / (2 * mass * confinement) * np.einsum("n,nia->ia", weight, self.vector**2))

    def velocity(self, mass: float, confinement: float, temperature: float) -> Real:
        """<v^2> of each ion along x, y, z (m^2/s^2): k T/m at temperatures above all hbar omega/k."""
        weight = self.occupied(confinement, temperature) * self.frequency
        return np.asarray(hbar * confinement / (2 * mass) * np.einsum("n,nia->ia", weight, self.vector**2))
