r"""`PaulTrap`: ions in static and radio-frequency quadrupole fields.

The potential is $\phi(r,t)=\frac{m\Omega\omega_z}{2q}\,r\cdot[\Lambda_{rf}\cos\Omega t+\frac\epsilon2\Lambda_s]\cdot r$ with
$\epsilon=2\omega_z/\Omega$ and traceless symmetric matrices, Eq. (1) of Kazakov et al., PRA 96, 023412 (2017).
"""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, number, reals, require

if TYPE_CHECKING:
    from atomcavity.species.species import Species
    from atomcavity.traps.crystal import Crystal

Array = NDArray[np.float64]

LINEAR_RF = ((math.sqrt(3), 0, 0), (0, -math.sqrt(3), 0), (0, 0, 0))
"""Eq. (19) with a = sqrt 3: no radio frequency along z; with `LINEAR_STATIC` the pseudopotential is isotropic."""

LINEAR_STATIC = ((-0.5, 0, 0), (0, -0.5, 0), (0, 0, 1))
"""Eq. (21): end caps on the z axis."""

_SYMMETRIC = 1e-9  # of the largest element of a matrix
_STABLE = 1e-7  # how far a Floquet multiplier may be from the unit circle


@dataclass(frozen=True, eq=False, init=False)
class PaulTrap:
    r"""A Paul trap with the matrices $\Lambda_{rf}$ (`rf`) and $\Lambda_s$ (`static`) for one kind of ion.

    ion  a `Species` with a charge, or (mass in kg, charge in C)
    radio_frequency  $\Omega$ (rad/s)
    confinement  $\omega_z$ (rad/s), the unit of the secular frequencies; with the default matrices all three are
        $\omega_z$ at leading order in epsilon

    Lengths are measured in `length`, $\ell=(q^2/4\pi\epsilon_0m\omega_z^2)^{1/3}$, Eq. (2) in SI units.  The same
    trap at another radio frequency has other voltages: $\omega_z$ and the matrices are kept.  With the default `rf`,
    `static` = s times `LINEAR_STATIC`, 0 < s < 3, makes a crystal elongated (s < 1) or flat along z of the same density.

    >>> trap = PaulTrap((9.988e-27 * 17.6, 1.602177e-19), radio_frequency=1.6e8, confinement=1.3e6)
    >>> round(trap.epsilon, 5), round(trap.length * 1e6, 2), trap.stable
    (0.01625, 9.19, True)
    >>> (trap.exact_frequencies / trap.frequencies).round(4).tolist()
    [1.0, 1.0001, 1.0001]

    `InputError` for an ion without charge or mass, rates that are not positive, and matrices that are not symmetric
    and traceless.  A trap that holds no ion is allowed: see `stable`.
    """

    ion: Species | tuple[float, float]
    radio_frequency: float
    confinement: float
    rf: Array
    static: Array

    def __init__(
        self,
        ion: Species | tuple[float, float],
        *,
        radio_frequency: float,
        confinement: float,
        rf: ArrayLike = LINEAR_RF,
        static: ArrayLike = LINEAR_STATIC,
    ) -> None:
        object.__setattr__(self, "ion", ion)
        if not hasattr(ion, "mass"):
            pair = isinstance(ion, tuple) and len(ion) == 2
            require(pair, f"ion = {ion!r} must be a Species or a pair (mass in kg, charge in C)")
        for name, value in (("radio_frequency", radio_frequency), ("confinement", confinement)):
            object.__setattr__(self, name, number(value, name))
            require(getattr(self, name) > 0, f"{name} = {value!r} must be positive (rad/s)")
        object.__setattr__(self, "rf", _traceless(rf, "rf"))
        object.__setattr__(self, "static", _traceless(static, "static"))
        require(self.mass > 0, f"the ion's mass {self.mass!r} must be positive (kg)")
        require(self.charge != 0, f"a Paul trap needs a charged particle, given {ion!r}")

    @property
    def mass(self) -> float:
        """m (kg)."""
        return number(self.ion[0] if isinstance(self.ion, tuple) else self.ion.mass, "mass")

    @property
    def charge(self) -> float:
        """q (C)."""
        return number(self.ion[1] if isinstance(self.ion, tuple) else self.ion.charge, "charge")

    @property
    def epsilon(self) -> float:
        r"""$2\omega_z/\Omega$, the small parameter of the pseudopotential."""
        return 2 * self.confinement / self.radio_frequency

    @property
    def length(self) -> float:
        r"""$\ell$ (m): in a spherical trap the Wigner-Seitz radius of the cold crystal."""
        coulomb = self.charge**2 / (4 * math.pi * const.epsilon_0)
        return float((coulomb / (self.mass * self.confinement**2)) ** (1 / 3))

    @property
    def curvature_unit(self) -> float:
        r"""$m\omega_z^2/q=q/4\pi\epsilon_0\ell^3$ (V/m^2): the unit of electric field gradients."""
        return self.mass * self.confinement**2 / self.charge

    @cached_property
    def pseudopotential(self) -> Array:
        r"""W (3, 3) of $V=\frac{m\omega_z^2}2r\cdot W\cdot r$: $\Lambda_s+\Lambda_{rf}^2/2$, Eq. (22), leading order."""
        return self.static + self.rf @ self.rf / 2

    @cached_property
    def _principal(self) -> tuple[Array, Array]:
        values, vectors = np.linalg.eigh(self.pseudopotential)
        return values, vectors.T

    @property
    def frequencies(self) -> Array:
        r"""Secular frequencies (rad/s) along `axes`, ascending, leading order; NaN where W does not confine."""
        values = self._principal[0]
        return self.confinement * np.sqrt(np.where(values > 0, values, np.nan))

    @property
    def axes(self) -> Array:
        """Principal axes of the pseudopotential as rows (3, 3)."""
        return self._principal[1]

    @property
    def mathieu_a(self) -> Array:
        r"""a (3, 3) of $\ddot r+(a-2q\cos2\tau)r=0$, $\tau=\Omega t/2$: $\epsilon^2\Lambda_s$."""
        return self.epsilon**2 * self.static

    @property
    def mathieu_q(self) -> Array:
        r"""q (3, 3) of $\ddot r+(a-2q\cos2\tau)r=0$, $\tau=\Omega t/2$: $-\epsilon\Lambda_{rf}$."""
        return -self.epsilon * self.rf

    @cached_property
    def _multipliers(self) -> NDArray[np.complex128]:
        """Floquet multipliers (6,) of one ion over one period of the radio frequency."""
        from scipy.integrate import solve_ivp

        def rate(tau: float, y: Array) -> Array:
            position, velocity = y.reshape(2, 3, 6)
            force = -(self.mathieu_a - 2 * math.cos(2 * tau) * self.mathieu_q) @ position
            return np.concatenate((velocity, force)).ravel()

        start = np.eye(6).ravel()
        with np.errstate(over="ignore", invalid="ignore"):
            end = solve_ivp(rate, (0, math.pi), start, method="DOP853", rtol=1e-12, atol=1e-14).y[:, -1]
        if not np.all(np.isfinite(end)):  # the motion has left every range
            return np.full(6, np.inf, dtype=complex)
        return np.asarray(np.linalg.eigvals(end.reshape(6, 6)), dtype=complex)

    @cached_property
    def stable(self) -> bool:
        """Whether the linear motion of one ion stays bounded: all Floquet multipliers on the unit circle, none 1 or -1.

        Of a whole crystal, `atomcavity.traps.collective.collective_modes` tells the same.
        """
        found = self._multipliers
        on_circle = np.all(np.abs(np.abs(found) - 1) < _STABLE)
        return bool(on_circle and np.all(np.abs(found.imag) > _STABLE))

    @cached_property
    def exact_frequencies(self) -> Array:
        r"""Secular frequencies (3,) of one ion (rad/s), ascending, from its Floquet multipliers $e^{\pm i\pi\beta}$.

        $\beta\Omega/2$ with $0<\beta<1$, all orders in epsilon; NaN in a trap that is not stable.
        """
        if not self.stable:
            return np.full(3, np.nan)
        angles = np.angle(self._multipliers)
        return np.asarray(np.sort(angles[angles > 0]) / math.pi * self.radio_frequency / 2)

    def at(self, radio_frequency: float) -> PaulTrap:
        """The same trap at another radio frequency (rad/s): confinement and matrices are kept."""
        return PaulTrap(
            self.ion,
            radio_frequency=radio_frequency,
            confinement=self.confinement,
            rf=self.rf,
            static=self.static,
        )

    def crystal(self, n: int, *, seed: int = 0, **options: Any) -> Crystal:
        """The Coulomb crystal of n ions at rest in the pseudopotential; `options` are those of `find_crystal`.

        `InputError` in a trap that is not stable or whose pseudopotential does not confine.
        """
        from atomcavity.traps.crystal import find_crystal

        require(
            self.stable and bool(np.all(self._principal[0] > 0)),
            f"no crystal in {self!r}: one ion's motion in it is not stable",
        )
        found = find_crystal(
            self.pseudopotential, n, seed=seed, length=self.length, charge=self.charge, **options
        )
        record = dataclasses.replace(
            found.record, parameters=found.record.parameters | {"trap": self.to_dict()}
        )
        return dataclasses.replace(found, record=record)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for the record of results: ion, rates (rad/s) and matrices."""
        return {
            "species": None if isinstance(self.ion, tuple) else self.ion.name,
            "mass": self.mass,
            "charge": self.charge,
            "radio_frequency": self.radio_frequency,
            "confinement": self.confinement,
            "rf": self.rf.tolist(),
            "static": self.static.tolist(),
        }

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> PaulTrap:
        """The inverse of `to_dict`."""
        from atomcavity.species import Species

        ion = Species(data["species"]) if data["species"] else (data["mass"], data["charge"])
        return cls(ion, **{k: data[k] for k in ("radio_frequency", "confinement", "rf", "static")})

    def __repr__(self) -> str:
        name = f"m = {self.mass:.4g} kg" if isinstance(self.ion, tuple) else self.ion.name
        rates = (
            f"{key}/2π = {value / (2e6 * math.pi):.6g} MHz"
            for key, value in (("Ω", self.radio_frequency), ("ω_z", self.confinement))
        )
        return f"PaulTrap({name}, {', '.join(rates)}, ε = {self.epsilon:.3g})"


def _traceless(matrix: ArrayLike, name: str) -> Array:
    found = reals(matrix, name)
    if found.shape != (3, 3) or not np.all(np.isfinite(found)):
        raise InputError(f"{name} must be a finite 3 x 3 matrix, got shape {found.shape}")
    scale = _SYMMETRIC * np.abs(found).max()
    if np.abs(found - found.T).max() > scale or abs(np.trace(found)) > scale:
        raise InputError(
            f"{name} must be symmetric and traceless (Laplace's equation), given {found.tolist()}"
        )
    found.setflags(write=False)
    return found
