"""Vibrational states of one site of a two-colour trap, separated in rho, theta and phi.

Along each direction the Schroedinger equation is solved in the actual potential on the line through the
minimum (u = rho psi turns the radial equation into the one-dimensional one; Yu and Vollmer 2021, Eq. 39).
The radial well is open towards the surface behind its barrier: inside of the barrier's top the potential
is replaced by the top's height, which makes the states below it discrete, and the rate at which each leaks
through the real barrier is given beside it. The angular wells end at their tops likewise.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.traps.minimum import TrapMinimum, equator
from atomcavity.traps.search import reach, sphere_points
from atomcavity.traps.vibrations import BoundStates, bound_states, lamb_dicke, tunnelling_rate

if TYPE_CHECKING:
    from atomcavity.species import Transition
    from atomcavity.traps.evanescent import TwoColorTrap

Array = NDArray[np.float64]
Line = Callable[[Array], Array]


@dataclass(frozen=True, eq=False)
class TrapStates:
    """States of one site; positions are distances from the surface (radial) and arc lengths from the minimum.

    radial, polar, azimuthal   `BoundStates` along rho, theta, phi (azimuthal is None for a running red wave)
    minimum                    the `TrapMinimum` they belong to
    tunnelling                 (radial state,) rate of leaving through the barrier to the surface (1/s), an estimate
    mass                       of the atom (kg)
    """

    radial: BoundStates
    polar: BoundStates
    azimuthal: BoundStates | None
    minimum: TrapMinimum
    tunnelling: Array
    mass: float

    @property
    def harmonic(self) -> Array:
        """Frequencies from the curvature at the minimum along (rho, theta, phi), rad/s."""
        return self.minimum.frequencies

    @property
    def first_gaps(self) -> Array:
        """(E_1 - E_0)/hbar along (rho, theta, phi), rad/s; NaN where there is no second state."""
        wells = (self.radial, self.polar, self.azimuthal)
        return np.array([w.gaps[0] if w is not None and len(w.gaps) else np.nan for w in wells])

    @property
    def widths(self) -> Array:
        """Standard deviations of the position in the ground state along (rho, theta, phi), m."""
        wells = (self.radial, self.polar, self.azimuthal)
        return np.array([np.nan if w is None else w.width() for w in wells])

    def lamb_dicke(self, transition: Transition, *, harmonic: bool = False) -> Array:
        """eta = k sqrt(hbar/(2 M Omega)) along (rho, theta, phi), with Omega the first gap or the harmonic one."""
        frequency = self.harmonic if harmonic else self.first_gaps
        return lamb_dicke(2 * np.pi / transition.wavelength, self.mass, frequency)

    def nodes(self, number: int = 7) -> tuple[Array, Array]:
        """Offsets (k, 3) (m) along the local rho, theta, phi and weights (k,) that average over the ground state."""
        axes = []
        origins = (self.minimum.distance, 0.0, 0.0)
        for well, origin in zip((self.radial, self.polar, self.azimuthal), origins, strict=True):
            x, w = (np.zeros(1), np.ones(1)) if well is None else well.quadrature(number)
            axes.append((x - origin, w))
        offsets = np.stack(np.meshgrid(*(x for x, _ in axes), indexing="ij"), axis=-1).reshape(-1, 3)
        weights = np.prod(np.stack(np.meshgrid(*(w for _, w in axes), indexing="ij")), axis=0).ravel()
        return offsets, weights

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is doubtful: states that leak, that did not converge, or were asked for and are not there."""
        found = []
        leaking = np.flatnonzero(self.tunnelling > 1e-3 * self.first_gaps[0])
        if len(leaking):
            rates = ", ".join(f"{rate:.2g}" for rate in self.tunnelling[leaking])
            found.append(
                f"radial states {leaking.tolist()}, near the top of the barrier, leak to the surface within "
                f"1000 oscillations: {rates} 1/s"
            )
        for name, well in (("radial", self.radial), ("polar", self.polar), ("azimuthal", self.azimuthal)):
            found += [f"{name}: {text}" for text in (() if well is None else well.warnings)]
        return tuple(found)

    def __repr__(self) -> str:
        return str(self)

    def __str__(self) -> str:
        unit = 2e3 * np.pi
        gaps = ", ".join(f"{gap / unit:.1f}" for gap in self.radial.gaps[:8])
        lines = [
            "vibrational states, frequencies Ω/2π in kHz along (rho, theta, phi)",
            "  harmonic  " + ", ".join(f"{f / unit:.1f}" for f in self.harmonic),
            "  first gap " + ", ".join(f"{f / unit:.1f}" for f in self.first_gaps),
            f"  radial gaps {gaps}",
            "  tunnelling to the surface "
            + ", ".join(f"{rate:.2g}" for rate in self.tunnelling[:8])
            + " 1/s",
        ]
        return "\n".join(lines + [f"  warning: {text}" for text in self.warnings])


def trap_states(trap: TwoColorTrap, count: int) -> TrapStates:
    """See `TwoColorTrap.states`."""
    minimum = trap.require_minimum()
    mass = trap.species.mass
    rho = trap.radius + minimum.distance

    def along_rho(distance: Array) -> Array:
        return trap.potential(equator(distance, trap.radius, trap.azimuth))

    def along_theta(arc: Array) -> Array:
        return trap.potential(sphere_points(trap, minimum.distance, arc / rho, trap.azimuth))

    def along_phi(arc: Array) -> Array:
        return trap.potential(sphere_points(trap, minimum.distance, 0.0, trap.azimuth + arc / rho))

    radial = _radial_states(along_rho, minimum, mass, reach(trap), count)
    order = max(abs(trap.red.mode.m), 1)
    polar = _angular_states(along_theta, mass, 4 * rho / np.sqrt(order), count)
    azimuthal = None
    if trap.red.standing:
        azimuthal = _angular_states(along_phi, mass, np.pi / 2 / order * rho, count)
    attempts = np.append(radial.gaps, radial.gaps[-1:])[: len(radial.energies)] / (2 * np.pi)
    if len(attempts) == 0:
        attempts = minimum.frequencies[:1] / (2 * np.pi)
    tunnelling = [
        _leak(along_rho, mass, float(energy), minimum, float(rate))
        for energy, rate in zip(radial.energies, attempts, strict=True)
    ]
    return TrapStates(radial, polar, azimuthal, minimum, np.array(tunnelling), mass)


def _leak(along_rho: Line, mass: float, energy: float, minimum: TrapMinimum, attempts: float) -> float:
    nearest = minimum.barrier_distance / 50
    return tunnelling_rate(
        along_rho, mass, energy, inside=minimum.distance, outside=nearest, attempts=attempts
    )


def _radial_states(
    along_rho: Line, minimum: TrapMinimum, mass: float, reach: float, count: int
) -> BoundStates:
    top = minimum.barrier_distance
    height = minimum.energy + minimum.barrier

    def closed(distance: Array) -> Array:
        return np.where(distance < top, height, along_rho(np.maximum(distance, top)))

    margin = 8 * np.sqrt(hbar / (mass * minimum.frequencies[0]))
    return bound_states(closed, mass, (top - margin, reach), count=count, rtol=1e-5)


def _angular_states(along: Line, mass: float, most: float, count: int) -> BoundStates:
    """States between the first tops of the potential on both sides of the minimum, at most `most` (m) away."""
    arc = np.linspace(0, most, 401)
    ends = []
    for side in (-1, 1):
        energy = along(side * arc)
        falling = np.flatnonzero(np.diff(energy) < 0)
        ends.append(side * arc[falling[0] if len(falling) else -1])
    return bound_states(along, mass, (ends[0], ends[1]), count=count, rtol=1e-5)
