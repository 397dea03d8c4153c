"""A Coulomb crystal: where the ions sit, how well they are at rest, and what they feel from each other."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import epsilon_0

from atomcavity.errors import require
from atomcavity.results import Result, quantity
from atomcavity.traps.crystal.coulomb import CROSS_OVER, PRECISIONS, field_gradient, multipoles_installed
from atomcavity.traps.crystal.fluid import semi_axes

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Array = NDArray[np.float64]


class Shells(NamedTuple):
    """Shells from the outermost inwards, each (shell,): number of ions, mean radius, thickness (unit l)."""

    number: NDArray[np.int64]
    radius: Array
    thickness: Array


@dataclass(frozen=True, eq=False, repr=False)
class Crystal(Result):
    """Ions at rest in a trap; lengths in l = (q^2/(4 pi eps0 m omega_z^2))^(1/3), energies in m omega_z^2 l^2.

    scaled    (ion, xyz) positions in l, in the frame of the trap's matrix W
    weights   (3, 3) the trap's W: potential m omega_z^2 r.W.r/2
    length    l (m); NaN for a crystal of the scaled problem alone
    charge    q (C) of an ion; NaN likewise
    energy    E = sum r.W.r/2 + sum over pairs 1/r_ij; one unit is q^2/(4 pi eps0 l)
    residual  root mean square of the components of the forces left (unit m omega_z^2 l)
    largest   the largest force left on an ion (same unit)
    virial    (1.5 sum r.W.r - E)/ion: zero at any equilibrium of Coulomb forces in a harmonic trap
    excess    E/ion - [0.3 sum w_k a_k^2 - 0.895929 (trace W/3)^(1/3)], above the cold fluid with the correlation
              energy of the infinite bcc crystal (0.9 N^(2/3) - 0.895929 for W = 1): positive, falling with N
    """

    scaled: Array = quantity("ion", "xyz", unit="l", label="position")
    weights: Array = quantity("row", "column", label="weights of the trap")
    length: float = quantity(unit="m", label="unit of length l")
    charge: float = quantity(unit="C", label="charge of an ion")
    energy: float = quantity(unit="m omega_z^2 l^2", label="energy")
    residual: float = quantity(unit="m omega_z^2 l", label="residual force, rms")
    largest: float = quantity(unit="m omega_z^2 l", label="residual force, largest")
    virial: float = quantity(unit="m omega_z^2 l^2", label="virial defect per ion")
    excess: float = quantity(unit="m omega_z^2 l^2", label="energy per ion above the cold fluid")

    @property
    def ions(self) -> int:
        """Number of ions."""
        return len(self.scaled)

    @property
    def positions(self) -> Array:
        """Positions (m), shape (ion, 3); `InputError` for a crystal of the scaled problem alone."""
        require(math.isfinite(self.length), "this crystal has no length: find it with length= or by a trap")
        return self.scaled * self.length

    @property
    def finished(self) -> bool:
        """Whether the search that made it ran to its end; otherwise the same call with resume= goes on."""
        return bool(self.record.parameters.get("finished", False))

    @property
    def energy_unit(self) -> float:
        """m omega_z^2 l^2 = q^2/(4 pi eps0 l) (J)."""
        return self.charge**2 / (4 * np.pi * epsilon_0 * self.length)

    @property
    def gradient_unit(self) -> float:
        """q/(4 pi eps0 l^3) (V/m^2): multiplies `gradient()`."""
        return self.charge / (4 * np.pi * epsilon_0 * self.length**3)

    @property
    def depth(self) -> Array:
        """Each ion's scaled radius (unit l): sum_k (x_k/a_k)^2 = (depth/R)^2, R^3 = a b c; |r| in an isotropic trap."""
        axes = semi_axes(self.weights, self.ions)
        frame = np.linalg.eigh(self.weights)[1]
        return float(np.prod(axes)) ** (1 / 3) * np.linalg.norm(self.scaled @ frame / axes, axis=1)

    def gradient(self, *, precision: float | None = None) -> Array:
        """Second derivatives V_ab = d^2 Phi/dx_a dx_b of the other ions' potential at each ion, (ion, 3, 3).

        Unit q/(4 pi eps0 l^3) (`gradient_unit`, V/m^2); symmetric and traceless.  The tensor enters an electric
        quadrupole's energy as sum_ab Q_ab V_ab/6; the gradient of the electric field is its negative.  The trap's
        own field is not in it.  `precision` is that of the fast multipole method; 0: direct sums.
        """
        if precision is None:
            precision = PRECISIONS[-1] if self.ions > CROSS_OVER and multipoles_installed() else 0.0
        return field_gradient(self.scaled, precision)

    def shells(self, *, contrast: float = 0.3) -> Shells:
        """Shells by `depth`: parted where the number of ions per distance falls below `contrast` of the peaks beside.

        The density is smoothed over 0.15 Wigner-Seitz radii.  A large crystal has shells near its surface only:
        what cannot be told apart is one thick last shell.
        """
        require(0 < contrast < 1, f"contrast = {contrast!r} must lie between 0 and 1")
        from atomcavity.traps.crystal.shells import cuts

        depth = np.sort(self.depth)[::-1]
        parts = np.split(depth, cuts(depth, 0.15 * (3 / np.trace(self.weights)) ** (1 / 3), contrast))
        return Shells(
            number=np.array([len(part) for part in parts]),
            radius=np.array([part.mean() for part in parts]),
            thickness=np.array([part[0] - part[-1] for part in parts]),
        )

    def radial_density(self, bins: int = 100) -> tuple[Array, Array]:
        """Density of ions in `depth` relative to the cold fluid's: centres of the bins (unit l) and values."""
        edges = np.linspace(0, self.depth.max() * (1 + 1e-12), bins + 1)
        number = np.histogram(self.depth, edges)[0]
        fluid = np.trace(self.weights) / 3 * np.diff(edges**3)
        return (edges[:-1] + edges[1:]) / 2, number / fluid

    def plot(self, ax: Axes | None = None, *, values: ArrayLike | None = None, label: str = "") -> Any:
        """Draw the ions by distance from the z axis and z, coloured by one value each (none: by depth).

        For a slice and the shells beside it: `atomcavity.traps.crystal.plots.draw`.
        """
        from atomcavity.traps.crystal.plots import projection

        return projection(self, ax, values, label)

    def _summary(self) -> list[str]:
        size = f", outermost {self.depth.max():.4g} l"
        if math.isfinite(self.length):
            size += f" = {self.depth.max() * self.length * 1e6:.4g} um (l = {self.length * 1e6:.4g} um)"
        return [
            f"{self.ions} ions{size}",
            f"energy {self.energy / self.ions:.9g} m omega_z^2 l^2 an ion, {self.excess:.6f} above the cold bcc fluid",
            f"residual force {self.residual:.2g} rms, {self.largest:.2g} largest; virial defect {self.virial:.2g} an ion",
        ]
