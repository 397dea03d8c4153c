"""Photon numbers and frequencies between which the roots of a single field are sought."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.batch import transitions, without_phase
from atomcavity.dynamics.system import CavitySystem

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

PER_DECADE = 6  # photon numbers a decade
FEW = 20  # lines, around each of which frequencies are taken out to 1000 widths


@dataclass(frozen=True, eq=False)
class Lines:
    """The transitions of all groups: where they answer, how broad, and when they saturate.

    at, width     frequency and decay of the coherence (rad/s); several for a level scheme (dressed levels, widths)
    saturation    photon numbers that saturate a transition
    feed          photons per second that all emitters could send out at most
    gain          sum N |c|^2/width (rad/s), a bound of the polarizability
    collective    sqrt(sum N |c|^2) (rad/s), the splitting that absorbers can cause
    """

    at: Real
    width: Real
    saturation: Real
    feed: float
    gain: float
    collective: float

    def photons(self, loss: float) -> Real:
        """Photon numbers from far below saturation to more than the emitters can feed at this loss."""
        least = float(self.saturation.min())
        low, high = 1e-3 * least, 4 * max(self.feed / loss, 1e-2 * least)
        steps = max(8, int(PER_DECADE * np.log10(high / low)))
        return np.concatenate([[1e-9 * low], np.geomspace(low, high, steps)])

    def frequencies(self, modes: Complex, absorbing: bool) -> Real:
        """Frequencies that resolve every line of the emitters and of the modes (their eigenvalues kappa/2 + i delta).

        Light of inverted emitters lies in the range of the lines; absorbers push it out of that range.
        """
        at, width = np.concatenate([self.at, modes.imag]), np.concatenate([self.width, modes.real])
        finest, low, high = float(self.width.min()), float(at.min()), float(at.max())
        steps = np.logspace(-1, 3, 17) if len(self.at) <= FEW else np.logspace(-1, 1.5, 9)
        steps = np.concatenate([-steps[::-1], [0.0], steps]) + 3e-4  # no grid point on a resonance
        edge, points = 0.01 * (high - low) + finest, 101
        if absorbing:
            edge, points = edge + self.collective + 10 * float(self.width.max()), 401
        near = np.concatenate(
            [(at[:, None] + width[:, None] * steps).ravel(), np.linspace(low - edge, high + edge, points)]
        )
        kept: list[float] = []
        for nu in np.sort(near[(near >= low - edge) & (near <= high + edge)]).tolist():
            if not kept or nu - kept[-1] > 0.05 * finest:
                kept.append(nu)
        return np.array(kept)


def lines_of(system: CavitySystem, v: Complex) -> Lines:
    """The lines of the groups that couple to the field A = v . alpha."""
    at: list[float] = []
    width: list[float] = []
    saturation: list[float] = []
    feed = gain = collective = 0.0
    for emitters in system.emitters:
        group = without_phase(emitters)
        energies = np.linalg.eigvalsh(group.hamiltonian)
        for lower, upper, g in transitions(emitters):
            c2 = float(abs(g @ v.conj()) ** 2)
            if c2 == 0:
                continue
            perp = float(group.losses[lower] + group.losses[upper])
            rates = group.losses[group.losses > 1e-9 * group.losses.max()]
            places = {float((group.hamiltonian[upper, upper] - group.hamiltonian[lower, lower]).real)}
            widths = {perp}
            if emitters.levels is not None:
                places |= {float(a - b) for a in energies for b in energies}
                widths |= {float(rates.min()), float(rates.max())}
            at += [p for p in places for _ in widths]
            width += [w for _ in places for w in widths]
            slow = emitters.gamma + emitters.pump_rate if emitters.levels is None else 2 * float(rates.min())
            saturation.append(slow * perp / (4 * c2))
            gain += emitters.number * c2 / min(widths)
            collective += emitters.number * c2
        feed += emitters.number * 2 * float(group.losses.max())
    tables = np.array(at), np.array(width), np.array(saturation)
    return Lines(*tables, feed=feed, gain=gain, collective=float(np.sqrt(collective)))
