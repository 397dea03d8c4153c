"""What a weak probe through the bus of a ring sees of atoms at given places."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.dynamics.probe.ring import atom_response, ring_transmission, transmission_of_response
from atomcavity.errors import reals, require

Array = NDArray[np.float64]
OfPlace = Callable[[Array], ArrayLike]


@dataclass(frozen=True)
class RingProbe:
    """Transmission of a bus waveguide past a ring with atoms, as a function of where they are.

    kappa, kappa_ext, backscattering, gamma  as in `ring_transmission` (rad/s)
    coupling  g (rad/s) at positions (..., 3) in m
    shift     atom minus cavity (rad/s) there, light shift included; None: none
    phase     phi (rad) there, for atoms that couple to both directions of circulation; None: to the driven mode only
    """

    kappa: float
    kappa_ext: float
    backscattering: float
    gamma: float
    coupling: OfPlace
    shift: OfPlace | None = None
    phase: OfPlace | None = None

    def __post_init__(self) -> None:
        for name in ("coupling", "shift", "phase"):
            given = getattr(self, name)
            require(
                callable(given) or (given is None and name != "coupling"),
                f"{name} = {given!r} is not a function of places (..., 3) (m)",
            )
        self.empty()  # checks the rates

    def couplings(self, r: ArrayLike) -> tuple[Array, Array]:
        """g and shift (rad/s) at places (..., 3) (m); 0 where a place is NaN: the atom is gone."""
        places = reals(r, "r")
        require(
            places.ndim > 0 and places.shape[-1] == 3, f"places of shape {places.shape}: (x, y, z) last (m)"
        )
        gone = np.asarray(np.isnan(places).any(axis=-1))
        known = np.where(gone[..., None], 0.0, places)
        g = np.where(gone, 0.0, self.coupling(known))
        shift = np.zeros_like(g) if self.shift is None else np.where(gone, 0.0, self.shift(known))
        return g, shift

    def transmission(self, r: ArrayLike, detuning: ArrayLike = 0.0) -> Array:
        """Power transmitted, (...), with atoms at places r (..., atom, 3) (m); an atom whose place is NaN is gone.

        detuning  probe minus cavity (rad/s), broadcast with (...)
        """
        places = np.asarray(r, dtype=float)
        g, shift = self.couplings(places)
        phases = None if self.phase is None else self.phase(np.nan_to_num(places))
        return self._transmission(detuning, g, shift, phases)

    def response(self, r: ArrayLike, detuning: ArrayLike = 0.0) -> NDArray[np.complex128]:
        """What the atom at each place (..., 3) (m) adds to the ring's response (rad/s): `atom_response`, (..., parts)."""
        places = np.asarray(r, dtype=float)[..., None, :]
        g, shift = self.couplings(places)
        phases = None if self.phase is None else self.phase(np.nan_to_num(places))
        return atom_response(detuning, g=g, gamma=self.gamma, shifts=shift, phases=phases)[..., 0, :]

    @property
    def parts(self) -> int:
        """Parts of the response: 1, or with phases 3."""
        return 1 if self.phase is None else 3

    def of_response(self, total: NDArray[np.complex128], detuning: ArrayLike = 0.0) -> Array:
        """Power transmitted, (...), with the sum (..., parts) of the `response` of all atoms."""
        return transmission_of_response(
            detuning,
            total,
            kappa=self.kappa,
            kappa_ext=self.kappa_ext,
            backscattering=self.backscattering,
        )

    def empty(self, detuning: ArrayLike = 0.0) -> Array:
        """Power transmitted without atoms, shape of `detuning` (rad/s)."""
        return self._transmission(detuning, np.zeros(0), np.zeros(0), None)

    def cooperativity(self, r: ArrayLike) -> Array:
        """4 g^2/(kappa gamma) at places (..., 3) (m)."""
        return np.asarray(4 * self.couplings(r)[0] ** 2 / (self.kappa * self.gamma))

    def _transmission(self, detuning: ArrayLike, g: Array, shifts: Array, phases: ArrayLike | None) -> Array:
        return ring_transmission(
            detuning,
            kappa=self.kappa,
            kappa_ext=self.kappa_ext,
            backscattering=self.backscattering,
            g=g,
            gamma=self.gamma,
            shifts=shifts,
            phases=phases,
        )
