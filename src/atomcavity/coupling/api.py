"""`couple`: the one door to couplings of any line to any modes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from numpy.typing import ArrayLike

from atomcavity.coupling.dipole import Coupling, couple_dipole
from atomcavity.coupling.quadrupole import couple_quadrupole
from atomcavity.errors import InputError, require

if TYPE_CHECKING:
    from atomcavity.coupling.averages import Mode
    from atomcavity.species import Transition
    from atomcavity.traps import TrapStates


def couple(
    transition: Transition,
    modes: Iterable[Mode],
    *,
    at: ArrayLike,
    axis: ArrayLike = (0.0, 0.0, 1.0),
    m: float | tuple[float, float] = 0,
    F: tuple[float, float] | None = None,
    wave_function: ArrayLike | TrapStates | None = None,
    micromotion: ArrayLike | None = None,
) -> Coupling:
    """The `Coupling` of emitters at Cartesian positions `at`, shape (k, 3) or (3,) (m), to `modes`.

    `axis` is the direction of the magnetic field (quantisation axis), `m` the upper sublevel that g means. The
    atom starts from the lower level's only sublevel if that is J = 0 without nuclear spin; on a line induced by
    the nuclear spin (`HyperfineInducedLine`) from its sublevel m too: g is then that of the pi transition from m to m.
    On an electric-quadrupole line m is the pair (lower, upper) and `F` that of the total angular momenta
    (`coupling.quadrupole`; the answer is a `QuadrupoleCoupling`).

    `wave_function` averages g over the vibrational ground state or a thermal cloud. Modes of a sphere: three standard
    deviations (m) of the position along the local (rho, theta, phi), taken as Gaussians, or the `TrapStates` of a trap
    (`trap.states()`). A Fabry-Perot cavity: standard deviations along x, y, z, (3,) or (k, 3). `micromotion` averages g
    over the period of r(t) = at + A cos(Omega t), A of shape (k, 3) (m), or (harmonic, k, 3): of a crystal's
    `Orbits` in units of the trap's length A = 2 harmonics[1:] length, at = harmonics[0] length.

    Raises `InputError` for a line of another kind, an m or F that does not exist, a position of another shape, or no mode.

    >>> from math import pi
    >>> from atomcavity.resonators import Microsphere
    >>> from atomcavity.species import Species
    >>> mode = Microsphere(5.03e-6, 1.4552).mode("TE", n=1, l=60)
    >>> found = couple(Species("88Sr").transition("1S0", "3P1"), list(mode.pair()), at=[5.167e-6, 0, 0], axis=(0, 1, 1))
    >>> found.g.shape, round(float(abs(found.g[0, 0])) / (2e6 * pi), 1)
    ((1, 2), 3.5)

    On a clock line, here between m = 9/2 and m = 9/2 of 87Sr:

    >>> clock = Species("87Sr").transition("1S0", "3P0")
    >>> mode = Microsphere(20.3192e-6, 1.4552).mode("TE", n=1, l=255)
    >>> print(couple(clock, [mode], at=[20.5492e-6, 0, 0], axis=(0, 1, 1), m=9 / 2))
    1S0 - 3P0, 1 emitter(s), 1 mode(s)
      m = +7/2: |g|/2π = 30.96 Hz
      m = +9/2: |g|/2π = 92.87 Hz  <- g

    An ion at the centre of a Fabry-Perot cavity, between m = 1 of F = 7 and m = 0 of F = 8:

    >>> from atomcavity.resonators import FabryPerot
    >>> cavity = FabryPerot(length=0.1, waist=1e-4, finesse=1e5, wavelength=804e-9, polarization="left")
    >>> line = Species("176Lu+").transition("1S0", "3D2")
    >>> print(couple(line, [cavity], at=[0, 0, 0], F=(7, 8), m=(1, 0)))
    1S0 - 3D2 (E2), F = 7, m = 1 to F = 8, 1 emitter(s), 1 mode(s)
      m = -1: |g|/2π = 0 Hz
      m =  0: |g|/2π = 3.955 Hz  <- g
      m = +1: |g|/2π = 0 Hz
      m = +2: |g|/2π = 0 Hz
      m = +3: |g|/2π = 0 Hz
    """
    require(
        transition.multipole in ("E1", "E2"), f"couple() knows no lines of multipole {transition.multipole}"
    )
    if transition.multipole == "E2":
        return couple_quadrupole(
            transition, modes, at=at, axis=axis, F=F, m=m, wave_function=wave_function, micromotion=micromotion
        )  # fmt: skip
    require(F is None, f"F = {F!r} given; only a quadrupole line between hyperfine levels takes it")
    if isinstance(m, tuple):
        raise InputError(f"m = {m!r} given; an electric-dipole line takes the upper sublevel alone")
    return couple_dipole(
        transition, modes, at=at, axis=axis, m=m, wave_function=wave_function, micromotion=micromotion
    )
