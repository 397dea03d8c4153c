r"""What trapped emitters do to each other without the cavity: exchange of photons in free space, and collisions.

Two emitters of one transition (decay gamma, k = omega/c, dipole direction e, complex unit vector) at the distance r
along the unit vector n exchange their excitation (Lehmberg, Phys. Rev. A 2, 883 (1970); Gross and Haroche, Phys. Rep. 93,
301 (1982)), with p = |e.n|^2 and x = k r:

    H/hbar = V (sigma_1^+ sigma_2 + sigma_2^+ sigma_1),
    V = -(3 gamma/4) [ (1 - p) cos x/x - (1 - 3 p) (sin x/x^2 + cos x/x^3) ]
    Gamma_12 = (3 gamma/2) [ (1 - p) sin x/x + (1 - 3 p) (cos x/x^2 - sin x/x^3) ]

so that the states (|eg> +- |ge>)/sqrt 2 lie at +-V and decay at gamma +- Gamma_12.  For x -> 0 V is the energy
3 gamma (1 - 3 p)/(4 x^3) of two static dipoles and Gamma_12 -> gamma.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import InputError, require

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

PAIRS = 2_000_000  # pairs of emitters that are held at once
SERIES = 0.05  # k r below which Gamma_12 is a power series


def dipole_exchange(
    separation: ArrayLike, dipole: ArrayLike, *, gamma: float, frequency: float
) -> tuple[Array, Array]:
    """V and Gamma_12 (rad/s) of pairs of emitters in free space, each (...,), for separations (..., 3) (m).

    dipole     direction e of the transition's dipole, (3,), complex for sigma transitions (normalised here)
    gamma      population decay of the transition alone into free space (rad/s)
    frequency  of the transition (rad/s)

    A nearby surface, which changes both, is left out.
    Raises `InputError` for emitters at the same place, or vectors that are not Cartesian.

    >>> from math import tau
    >>> line = dict(gamma=tau * 1e-3, frequency=tau * 429.228e12)
    >>> shift, decay = dipole_exchange([0, 299e-9, 0], [0, 0, 1], **line)  # side by side, 698 nm
    >>> round(float(shift) / line["gamma"], 3), round(float(decay) / line["gamma"], 3)
    (0.261, 0.023)
    """
    apart, e, k = _vectors(separation, dipole, gamma, frequency)
    distance = np.linalg.norm(apart, axis=-1)
    require(bool(np.all(distance > 0)), "two emitters at the same place: their exchange is infinite")
    return _exchange(k * distance, np.abs(apart @ e / distance) ** 2, gamma)


def exchange_shifts(
    positions: ArrayLike,
    dipole: ArrayLike,
    *,
    gamma: float,
    frequency: float,
    inversion: float = -1.0,
    phases: ArrayLike | None = None,
    occupation: ArrayLike = 1.0,
) -> Array:
    """Mean-field shift of each emitter's line by the exchange of photons with all others in free space, (emitter,), rad/s.

        shift_i = -<sigma_z> sum_j p_j Re[(V_ij - i Gamma_ij/2) exp(i (phi_j - phi_i))]

    of emitters whose dipoles oscillate alike but for the phases phi_j, <sigma_j> ~ exp(i phi_j - i omega t): atoms near the
    ground state (inversion -1) feel +sum V, inverted ones -sum V, at the peak of a superradiant pulse nothing.

    positions   (emitter, 3), m: occupied sites, or all of them with their
    occupation  p_j, probability of an emitter in the site, one for all or (emitter,)
    inversion   <sigma_z> of every emitter, -1 to 1
    phases      phi_j (rad), (emitter,), for example m times the azimuth around a resonator; None: all alike
    others      as in `dipole_exchange`

    Smallest, mean and largest shift of a lattice follow from the result; their spread dephases the emitters, only their mean
    moves the line.  Beyond mean field the exchange also mixes states of different symmetry, which this leaves out.
    """
    places, e, k = _vectors(positions, dipole, gamma, frequency)
    require(places.ndim == 2, f"positions of shape {places.shape}; they must be (emitter, 3), in metres")
    require(-1 <= inversion <= 1, f"inversion = {inversion!r} is <sigma_z>, from -1 to 1")
    filled = _each(occupation, len(places), "occupation")
    turned = np.exp(1j * _each(0.0 if phases is None else phases, len(places), "phases"))
    require(bool(np.all((filled >= 0) & (filled <= 1))), "occupation must be probabilities (0 to 1)")
    rows = max(1, PAIRS // len(places))
    parts = [
        _from_others(np.arange(first, min(first + rows, len(places))), places, e, k, gamma, filled * turned)
        for first in range(0, len(places), rows)
    ]
    return np.asarray(-inversion * (turned.conj() * np.concatenate(parts)).real)


def ground_state_widths(mass: float, frequencies: ArrayLike) -> Array:
    """Standard deviations sqrt(hbar/(2 M Omega)) (m) of the position in the ground state of a harmonic trap, (axis,).

    `frequencies` are angular (rad/s).
    """
    omega = np.asarray(frequencies, dtype=float)
    require(bool(np.all(omega > 0)), f"frequencies = {frequencies!r} must be positive (rad/s)")
    return np.sqrt(const.hbar / (2 * _positive(mass, "mass") * omega))


def s_wave_shift(scattering_length: float, *, mass: float, widths: ArrayLike) -> float:
    r"""Interaction energy of two atoms in the ground state of one site, over hbar (rad/s).

        U/hbar = (4 pi hbar a/M) int |psi|^4 d^3r = (4 pi hbar a/M) prod_i 1/(2 sqrt(pi) sigma_i)

    scattering_length  a (m) of the pair's state; identical fermions have no s wave (`p_wave_shift`), so that for
                       87Sr this is two nuclear states, or one atom in each electronic state with a_eg^-
    mass               M of one atom (kg)
    widths             sigma_i, standard deviations (m) of the position along three axes (`ground_state_widths`)

    First order in a/sigma.  A clock line of two atoms in a site is shifted by the difference of two such energies.

    >>> from scipy.constants import physical_constants as known
    >>> bohr, mass = known["Bohr radius"][0], 86.909 * known["atomic mass constant"][0]
    >>> round(s_wave_shift(96 * bohr, mass=mass, widths=[24e-9, 73e-9, 23e-9]) / (2 * np.pi))  # Hz
    4136
    """
    return 4 * np.pi * const.hbar * float(scattering_length) / _positive(mass, "mass") * _density(widths)


def p_wave_shift(scattering_length: float, *, mass: float, widths: ArrayLike, axis: int) -> float:
    r"""Interaction energy of two identical fermions, one of them excited once along `axis`, over hbar (rad/s).

        U/hbar = (6 pi hbar b^3/M) int |psi_0 grad psi_1 - psi_1 grad psi_0|^2 d^3r
               = (6 pi hbar b^3/(M sigma_axis^2)) prod_i 1/(2 sqrt(pi) sigma_i)

    with the p-wave scattering length b (m; b^3 is the scattering volume, k^3 cot delta_1 = -1/b^3), the rest as in `s_wave_shift`.
    Two identical fermions cannot both be in the ground state, so that this is the least that they need.
    """
    sigma = _widths(widths)
    require(axis in (0, 1, 2), f"axis = {axis!r} must be 0, 1 or 2")
    volume = float(scattering_length) ** 3
    return 6 * np.pi * const.hbar * volume / (_positive(mass, "mass") * sigma[axis] ** 2) * _density(sigma)


def _exchange(x: Array, along: Array, gamma: float) -> tuple[Array, Array]:
    """V and Gamma_12 at x = k r, along = |e.n|^2."""
    shift = (
        -0.75
        * gamma
        * ((1 - along) * np.cos(x) / x - (1 - 3 * along) * (np.sin(x) / x**2 + np.cos(x) / x**3))
    )
    near = np.where(x < SERIES, x, 0.0)
    far = np.where(x < SERIES, 1.0, x)
    sine = np.where(x < SERIES, 1 - near**2 / 6 + near**4 / 120, np.sin(far) / far)
    rest = np.where(
        x < SERIES, -1 / 3 + near**2 / 30 - near**4 / 840, np.cos(far) / far**2 - np.sin(far) / far**3
    )
    return shift, 1.5 * gamma * ((1 - along) * sine + (1 - 3 * along) * rest)


def _from_others(
    here: NDArray[np.int64], places: Array, e: Complex, k: float, gamma: float, source: Complex
) -> Complex:
    """sum_j (V_ij - i Gamma_ij/2) source_j over all others, for the emitters `here`."""
    apart = places[here, None, :] - places
    apart[np.arange(len(here)), here] = 1 / k  # anywhere: the emitter itself is left out below
    distance = np.linalg.norm(apart, axis=-1)
    require(bool(np.all(distance > 0)), "two emitters at the same place: their exchange is infinite")
    shift, decay = _exchange(k * distance, np.abs(apart @ e / distance) ** 2, gamma)
    pair = shift - 0.5j * decay
    pair[np.arange(len(here)), here] = 0.0
    return np.asarray(pair @ source)


def _vectors(
    places: ArrayLike, dipole: ArrayLike, gamma: float, frequency: float
) -> tuple[Array, Complex, float]:
    """The places, the unit dipole and the wave number."""
    found: Array = np.asarray(places, dtype=float)
    e: Complex = np.asarray(dipole, dtype=complex)
    if found.ndim < 1 or found.shape[-1] != 3 or not np.isfinite(found).all():
        raise InputError(
            f"positions of shape {found.shape}; they must be finite and (..., 3), Cartesian, in metres"
        )
    length = float(np.linalg.norm(e)) if e.shape == (3,) else 0.0
    require(math.isfinite(length) and length > 0, f"dipole = {dipole!r} must be a direction, (3,)")
    _positive(gamma, "gamma")
    return found, e / length, _positive(frequency, "frequency") / const.c


def _each(values: ArrayLike, count: int, name: str) -> Array:
    found = np.asarray(values, dtype=float)
    if found.shape not in ((), (count,)) or not np.isfinite(found).all():
        raise InputError(
            f"{name} of shape {found.shape} must be one finite number for all or one an emitter, ({count},)"
        )
    return np.broadcast_to(found, (count,))


def _density(widths: ArrayLike) -> float:
    """int |psi|^4 d^3r of a Gaussian (1/m^3)."""
    return float(np.prod(1 / (2 * np.sqrt(np.pi) * _widths(widths))))


def _widths(widths: ArrayLike) -> Array:
    found = np.asarray(widths, dtype=float)
    good = found.shape == (3,) and bool(np.isfinite(found).all() and (found > 0).all())
    require(good, f"widths = {widths!r} must be three positive standard deviations (m)")
    return found


def _positive(value: float, name: str) -> float:
    require(math.isfinite(value) and value > 0, f"{name} = {value!r} must be positive")
    return float(value)
