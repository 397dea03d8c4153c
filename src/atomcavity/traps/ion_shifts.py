"""What moves the clock line of each ion of a cold crystal: micromotion, the trap's and the neighbours' field gradient.

Equation numbers are those of Kazakov et al., PRA 96, 023412 (2017); all shifts in rad/s, upper minus lower state.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import reals, require, unknown
from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.traps.magic_radio import State, StatePair
from atomcavity.traps.micromotion import Expansion, Orbits, precision
from atomcavity.traps.orbits import periodic_orbits
from atomcavity.traps.paul import PaulTrap

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from atomcavity.species.species import Species
    from atomcavity.traps.crystal import Crystal

Array = NDArray[np.float64]

METHODS = ("expansion", "orbits")
"""Micromotion by Eqs. (14)-(16) around the given positions, or by harmonic balance with its own mean positions."""

_LARGE_EPSILON = 0.3  # beyond it the expansion is good to some per cent only


@dataclass(frozen=True, eq=False, repr=False)
class IonShifts(Result):
    r"""Shifts of the line between two states of each ion (rad/s).

    position    (ion, xyz) mean positions (m)
    doppler     time dilation by the micromotion, Eq. (5)
    scalar      scalar Stark shift of the field that drives the micromotion, Eq. (8)
    tensor      its tensor Stark shift, Eq. (9)
    residual    what Eq. (17) [in the trap of Eq. (19): (20)] leaves of the three at the magic radio frequency
    neighbours  electric-quadrupole shift by the mean field gradient of the other ions
    end_caps    electric-quadrupole shift by the trap's static field gradient, the same for all
    """

    position: Array = quantity("ion", "xyz", unit="m", label="mean position")
    doppler: Array = quantity("ion", unit="rad/s", label="second-order Doppler shift")
    scalar: Array = quantity("ion", unit="rad/s", label="scalar Stark shift")
    tensor: Array = quantity("ion", unit="rad/s", label="tensor Stark shift")
    residual: Array = quantity("ion", unit="rad/s", label="estimate of the residual micromotion shift")
    neighbours: Array = quantity("ion", unit="rad/s", label="quadrupole shift by the other ions")
    end_caps: float = quantity(unit="rad/s", label="quadrupole shift by the trap")

    @property
    def micromotion(self) -> Array:
        """Doppler and Stark shifts together (ion,), Eq. (10)."""
        return self.doppler + self.scalar + self.tensor

    @property
    def quadrupole(self) -> Array:
        """Electric-quadrupole shift by trap and neighbours (ion,)."""
        return self.neighbours + self.end_caps

    @property
    def total(self) -> Array:
        """All together (ion,)."""
        return self.micromotion + self.quadrupole

    def plot(self, ax: Axes | None = None, *, shift: str = "total") -> Axes:
        """One of the shifts (a name of this result) of each ion over its distance from the z axis.

        For the crystal coloured by a shift: `crystal.plot(values=shifts.total / (2 * math.pi), label=...)`.
        """
        from atomcavity import units

        names = (
            "total",
            "micromotion",
            "quadrupole",
            "doppler",
            "scalar",
            "tensor",
            "residual",
            "neighbours",
        )
        if shift not in names:
            raise unknown("shift", shift, names)
        ax = axes_or_new(ax)
        values, distance = getattr(self, shift), np.hypot(self.position[:, 0], self.position[:, 1])
        require(
            bool(np.all(np.isfinite(values))), f"the {shift} shift is not known: {'; '.join(self.warnings)}"
        )
        factor, unit = units.axis(float(np.abs(values).max()), "angular")
        scale, length = units.axis(float(distance.max()), "length")
        ax.plot(distance * scale, values * factor, ".", markersize=3)
        ax.set(xlabel=f"distance from the z axis ({length})", ylabel=f"{shift} shift/2π ({unit})")
        return ax

    def _summary(self) -> list[str]:
        def line(name: str, values: Array) -> str:
            low, high, rms = (v / math.tau for v in (values.min(), values.max(), values.std()))
            return f"{name}/2π: {low:.4g} ... {high:.4g} Hz, spread (rms) {rms:.3g} Hz"

        names = ("doppler", "scalar", "tensor", "micromotion", "quadrupole", "total")
        return [f"{len(self.position)} ions", *(line(name, getattr(self, name)) for name in names)]


def ion_shifts(
    crystal: Crystal,
    trap: PaulTrap,
    species: Species,
    lower: State,
    upper: State,
    *,
    axis: ArrayLike = (0, 0, 1),
    method: str = "expansion",
) -> IonShifts:
    """The shifts of the line lower - upper, states (level, F, m), for every ion of a crystal: see `pair_shifts`.

    >>> import atomcavity as ac
    >>> from atomcavity.traps.magic_radio import magic_radio_frequency
    >>> lu, states = ac.Species("176Lu+"), (("1S0", 7, 1), ("3D2", 5, 0))
    >>> radio = float(magic_radio_frequency(lu, *states))
    >>> trap = PaulTrap(lu, radio_frequency=radio, confinement=2 * math.pi * 1e6)
    >>> shifts = ion_shifts(trap.crystal(20), trap, lu, *states)
    >>> bool(np.all(np.abs(shifts.micromotion) < 1e-2 * np.abs(shifts.doppler).max()))
    True

    `InputError` too for a crystal that rests in another pseudopotential.
    """
    same = np.allclose(crystal.weights, trap.pseudopotential, atol=1e-9)
    require(same, f"the crystal rests in another pseudopotential than that of {trap!r}")
    pair = StatePair.of(species, lower, upper)
    states = {"species": species.name, "lower": list(lower), "upper": list(upper)}
    return pair_shifts(crystal.scaled, trap, pair, axis=axis, method=method, parameters=states)


def pair_shifts(
    scaled: ArrayLike,
    trap: PaulTrap,
    pair: StatePair,
    *,
    axis: ArrayLike = (0, 0, 1),
    method: str = "expansion",
    parameters: dict[str, Any] | None = None,
) -> IonShifts:
    r"""The shifts of every ion at `scaled` = positions/`trap.length`, (ion, 3), for a pair of states.

    `axis` is the quantisation axis (magnetic field), along which the states are eigenstates.  With "expansion" the
    positions are the mean ones, those of the crystal in the pseudopotential: all orders to which the paper goes, with
    relative errors of order $\epsilon^2$.  With "orbits" (up to some hundred ions) the mean positions follow from
    Eq. (3) too, and nothing is expanded in epsilon.

    The quadrupole shift is $\frac12\Delta\Theta\,\Phi_{bb}/\hbar$ with $\Phi_{bb}=\partial^2\Phi/\partial b^2$ along the
    axis b of the static potential of trap and other ions at the mean positions (elements of the gradient that mix
    Zeeman states are left out, as is the rf gradient, which averages to zero).

    `InputError` for another method or positions of another shape; `ConvergenceError` from the orbits.
    """
    from atomcavity.traps.crystal.coulomb import field_gradient

    b = field_axis(axis)
    orbits = _orbits(reals(scaled, "positions"), trap, method)
    mean = orbits.harmonics[0]
    doppler, scalar, tensor = micromotion_shifts(orbits, trap, pair, b)
    per_gradient = pair.quadrupole / (2 * const.hbar) * trap.curvature_unit
    gradient = field_gradient(mean, precision(len(mean)))
    return IonShifts(
        record=Record(
            method="micromotion by harmonic balance"
            if method == "orbits"
            else "micromotion by Eqs. (14)-(16)",
            residual=orbits.residual,
            warnings=_warnings(trap, pair, method),
            parameters={"trap": trap.to_dict(), "axis": b.tolist(), **(parameters or {})},
        ),
        position=mean * trap.length,
        doppler=doppler,
        scalar=scalar,
        tensor=tensor,
        residual=residual_shift(mean, trap, pair),
        neighbours=per_gradient * (gradient @ b @ b),
        end_caps=float(per_gradient * (b @ trap.static @ b)),
    )


def field_axis(axis: ArrayLike) -> Array:
    """The unit vector (3,) along the quantisation axis; `InputError` for what is no direction."""
    b = reals(axis, "axis")
    norm = float(np.linalg.norm(b))
    require(
        b.shape == (3,) and 0 < norm < math.inf, f"axis = {axis!r} must be a direction (three components)"
    )
    return b / norm


def micromotion_shifts(
    orbits: Orbits, trap: PaulTrap, pair: StatePair, axis: Array
) -> tuple[Array, Array, Array]:
    r"""Doppler, scalar and tensor Stark shift (ion,) of the periodic orbits (rad/s), Eqs. (5), (8), (9).

    With $\langle E^2\rangle=2(m\Omega^2\ell/q)^2\sum n^4R_{2n}^2$: an ion's acceleration tells the field at its place.
    """
    speed = (trap.radio_frequency * trap.length / const.c) ** 2
    field = (trap.mass * trap.radio_frequency**2 * trap.length / trap.charge) ** 2
    whole, along = (2 * field * orbits.sums(4, part) for part in (None, axis))
    doppler = -pair.frequency * speed * orbits.sums(2)
    scalar = -pair.scalar / (2 * const.hbar) * whole
    tensor = -pair.tensor / (4 * const.hbar) * (3 * along - whole)
    return doppler, scalar, tensor


def residual_shift(scaled: ArrayLike, trap: PaulTrap, pair: StatePair) -> Array:
    r"""Eq. (17), $\frac{3\omega\epsilon^4}{1024}\frac{\Omega^2\ell^2}{c^2}r\cdot\Lambda_{rf}^4\cdot r$ (rad/s): order $\epsilon^4$ at the magic frequency.

    In the trap of Eq. (19) it is Eq. (20); `scaled` = positions/`trap.length`, shape (..., 3).
    """
    bent = np.asarray(scaled, dtype=float) @ trap.rf @ trap.rf
    speed = (trap.radio_frequency * trap.length / const.c) ** 2
    return np.asarray(3 / 1024 * pair.frequency * trap.epsilon**4 * speed * np.sum(bent**2, axis=-1))


def leading_shifts(scaled: ArrayLike, trap: PaulTrap, pair: StatePair) -> tuple[Array, Array, Array]:
    r"""Doppler, scalar and tensor Stark shift (rad/s) at leading order, $\epsilon^2$, for a magnetic field along z.

    `scaled` = positions/`trap.length`, shape (k, 3); their sum vanishes at the magic radio frequency where the
    micromotion is orthogonal to z.
    """
    places = np.asarray(scaled, dtype=float)
    orbits = Orbits(np.stack([places, trap.epsilon / 4 * places @ trap.rf]), math.nan)
    return micromotion_shifts(orbits, trap, pair, np.array([0.0, 0.0, 1.0]))


def micromotion_estimate(scaled: ArrayLike, trap: PaulTrap, pair: StatePair) -> Array:
    r"""The micromotion shift (rad/s) of ions at places (k, 3) of a continuous crystal, at any radio frequency.

    `leading_shifts`, which vanish at the magic frequency, and `residual_shift`: good to a part $\epsilon^2$ elsewhere.
    """
    return np.sum(leading_shifts(scaled, trap, pair), axis=0) + residual_shift(scaled, trap, pair)


def largest_residual(n: int, trap: PaulTrap, pair: StatePair) -> float:
    """Eq. (23): `residual_shift` on the surface of the sphere of n ions (rad/s), in an isotropic pseudopotential.

    The sphere's radius is n^(1/3) Wigner-Seitz radii; the outermost ions lie some 0.6 lengths inside.  `InputError` if
    the pseudopotential is not isotropic.
    """
    values, axes = np.linalg.eigh(trap.rf)
    stiffness = np.diag(trap.pseudopotential)
    isotropic = np.allclose(trap.pseudopotential, np.eye(3) * stiffness.mean(), atol=1e-9)
    require(
        bool(isotropic and stiffness.mean() > 0),
        f"Eq. (23) is for an isotropic pseudopotential, not that of {trap!r}",
    )
    radius = (n / stiffness.mean()) ** (1 / 3)
    return float(residual_shift(radius * axes[:, np.argmax(np.abs(values))], trap, pair))


def _orbits(scaled: Array, trap: PaulTrap, method: str) -> Orbits:
    if method not in METHODS:
        raise unknown("method of the micromotion", method, METHODS)
    require(
        scaled.ndim == 2 and scaled.shape[1] == 3, f"positions must have shape (ion, 3), got {scaled.shape}"
    )
    if method == "orbits":
        return periodic_orbits(trap, scaled)
    return Expansion.of(trap, scaled).at(trap.epsilon)


def _warnings(trap: PaulTrap, pair: StatePair, method: str) -> tuple[str, ...]:
    found = []
    if not trap.stable:
        found.append("one ion's motion in this trap is not stable: there is no crystal")
    if method == "expansion" and trap.epsilon > _LARGE_EPSILON:
        found.append(
            f"epsilon = {trap.epsilon:.3g} is not small: the expansion (14)-(16) is good to some epsilon^2 only"
        )
    if math.isnan(pair.quadrupole):
        found.append("the quadrupole moment of the states is not known: quadrupole shift and total are NaN")
    return tuple(found)
