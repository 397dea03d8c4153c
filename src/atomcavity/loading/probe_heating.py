r"""How a weak probe in a ring moves an atom in its evanescent field: photons scattered, force, friction, diffusion.

The field has one profile, $g = g_0p$ with $p = e^{-z/\lambda_z}\cos(y/l_y)e^{-y^2/\lambda_y^2}$, and so has the light shift,
$\delta_0p^2$, of light in a mode alike.  The amplitudes u = (a, b, sigma) of the driven mode, of the back-scattered one and of
the atom, far below saturation and in the frame of the probe, obey $\dot u = -Mu + s$, $M = iH + \Gamma/2$, with

    H = [[-d, beta, g], [beta, -d, 0], [g, 0, shift - d]],   Gamma = diag(kappa, kappa, gamma),   s = (-sqrt(kappa_ext F), 0, 0),

d = probe - cavity.  For an atom at rest u = M^-1 s; its change of place enters through p alone, u' = du/dp = -i M^-1 H' u.
Then (J. P. Gordon and A. Ashkin, Phys. Rev. A 21, 1606 (1980), with the ring's modes as further oscillators)

    scattering into free space    gamma |sigma|^2                                        photons of recoil hbar k, all directions alike
    mean force                    -hbar u* H' u . grad p
    force linear in the velocity  2 hbar Im(u* H' M^-2 H' u) (v . grad p) grad p         the internal state lags behind
    diffusion of the momentum     d<P^2>/dt = hbar^2 sum_k Gamma_k |u'_k|^2  along grad p, which is 2 hbar^2 Re(u* H' M^-1 H' u)

The last is what the light learns of the atom's place: in free space and on resonance it is a kick of $\pm\hbar\nabla\ln g$ for each
photon scattered.  At 88 nm decay that is 1.5 recoils of the Cs D2 line: more than the emission gives.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, require
from atomcavity.resonators.guided import EvanescentFit

Array = NDArray[np.float64]

_POINTS = 2049  # of the table in p


def probe_flux(counts: float, transmission: float, efficiency: float) -> float:
    """Photons per second in the bus before the ring, from clicks per second (stray and dark ones taken off).

    transmission  of the ring when they were counted; efficiency: clicks for a photon behind the ring, 0 to 1

    >>> round(probe_flux(15 / 200e-6, 0.085, 0.3))        # 15 clicks in 200 us at T = 0.085
    2941176
    """
    require(number(counts, "counts") >= 0, f"counts = {counts!r} 1/s must be >= 0")
    for name, value in (("transmission", transmission), ("efficiency", efficiency)):
        require(0 < number(value, name) <= 1, f"{name} = {value!r} must lie above 0 and not above 1")
    return counts / (transmission * efficiency)


@dataclass(frozen=True)
class ProbeScattering:
    """A weak probe of `flux` photons per second in the bus of a ring, and what it does to an atom (equations in this module).

    flux            1/s, see `probe_flux`
    wavelength      (m)
    kappa, kappa_ext, backscattering, gamma  as in `ring_transmission` (rad/s); the atom couples to the driven mode only
    coupling        g(y, z) (rad/s) with its `decay`, `cosine`, `envelope` (m)
    surface_shift   delta_0 (rad/s): light shift of the transition where p = 1, proportional to p^2
    shift           what the transition is shifted by everywhere (rad/s), atom minus cavity
    detuning        probe minus cavity (rad/s)
    index           effective index: each scattered photon leaves index h/wavelength along x

    A transition of two levels.  Saturation is taken into account by the factor 1/(1 + s) for all four, s = 2 |sigma|^2: right for the
    scattering where kappa is far above g, a rough one for the rest; `saturation` tells.  The emission is that of free
    space: neither the waveguide's effect on its pattern nor on gamma.  Photons that leave through the ring move the atom in
    the plane by the diffusion only.  Friction is linear in the velocity: v/decay must stay below gamma.
    """

    flux: float
    wavelength: float
    kappa: float
    kappa_ext: float
    backscattering: float
    gamma: float
    coupling: EvanescentFit
    surface_shift: float = 0.0
    shift: float = 0.0
    detuning: float = 0.0
    index: float = field(default=1.0, kw_only=True)

    def __post_init__(self) -> None:
        require(number(self.flux, "flux") >= 0, f"flux = {self.flux!r} must be >= 0 (photons per second)")
        for name in ("wavelength", "kappa", "gamma", "index"):
            value = number(getattr(self, name), name)
            require(value > 0, f"{name} = {value!r} must be positive")
        require(
            0 <= number(self.kappa_ext, "kappa_ext") <= self.kappa,
            f"kappa_ext = {self.kappa_ext!r} must lie between 0 and kappa = {self.kappa:g}: it is a part of it",
        )
        for name in ("backscattering", "surface_shift", "shift", "detuning"):
            number(getattr(self, name), name)

    def amplitudes(self, p: ArrayLike) -> NDArray[np.complex128]:
        """u = (a, b, sigma), shape (..., 3), at values of the profile p (...)."""
        return np.asarray(np.linalg.solve(self._matrix(p), self._source[:, None])[..., 0], dtype=complex)

    def photons(self, p: ArrayLike = 0.0) -> Array:
        """Photons in the driven and in the back-scattered mode, (..., 2); p = 0: no atom."""
        return np.asarray(np.abs(self.amplitudes(p)[..., :2]) ** 2)

    def saturation(self, r: ArrayLike) -> Array:
        """s = 2 |sigma|^2 at places r (..., 3) (m): the excited state is populated by s/[2 (1 + s)]."""
        return np.asarray(2 * np.abs(self.amplitudes(self.profile(r))[..., 2]) ** 2)

    def rate(self, r: ArrayLike) -> Array:
        """Photons per second scattered into free space at places r (..., 3) (m): gamma s/[2 (1 + s)]."""
        s = self.saturation(r)
        return self.gamma / 2 * s / (1 + s)

    def profile(self, r: ArrayLike) -> Array:
        """p at places r (..., 3) (m)."""
        place = np.asarray(r, dtype=float)
        return self.coupling(place[..., 1], place[..., 2]) / self.coupling.g0

    def slope(self, r: ArrayLike) -> Array:
        """grad p (1/m) along y and z at places r (..., 3) (m), shape (..., 2)."""
        place, fit = np.asarray(r, dtype=float), self.coupling
        y, z = place[..., 1], place[..., 2]
        size, p = np.exp(-z / fit.decay - (y / fit.envelope) ** 2), self.profile(place)
        across = -2 * y / fit.envelope**2 * p - size * np.sin(y / fit.cosine) / fit.cosine
        return np.stack([across, -p / fit.decay], axis=-1)

    def heating(self, r: ArrayLike, mass: float) -> Array:
        """Power (W) at places r (..., 3) (m) that an atom of `mass` (kg) at rest takes up in the plane of y and z.

        rate (2/3) (h/wavelength)^2/(2 mass) of the emission, and the diffusion along grad p.
        """
        place, kick = np.asarray(r, dtype=float), const.h / self.wavelength
        steep = (self.slope(place) ** 2).sum(axis=-1)
        diffusion = self.action(self.profile(place))[..., 1] * steep
        return np.asarray(self.rate(place) * kick**2 * 2 / 3 + diffusion) / (2 * mass)

    def action(self, p: ArrayLike) -> Array:
        """Per p: rate/p^2 (1/s), d<P^2>/dt / |grad p|^2 (J^2 s), force/(p grad p) (J), force/[(v . grad p) grad p] (J s).

        Shape (..., 4); all are finite at p = 0.
        """
        at = np.maximum(np.abs(np.asarray(p, dtype=float)), 1e-6)
        inverse = np.linalg.inv(self._matrix(at))
        u = inverse @ self._source
        pull = np.zeros((*at.shape, 3, 3))  # H'
        pull[..., 0, 2] = pull[..., 2, 0] = self.coupling.g0
        pull[..., 2, 2] = 2 * self.surface_shift * at
        pulled = np.einsum("...ij,...j->...i", pull, u)
        answer = np.einsum("...ij,...j->...i", inverse, pulled)  # i u'
        lag = np.einsum("...ij,...j->...i", inverse, answer)
        decays = np.array([self.kappa, self.kappa, self.gamma])
        found = np.stack(
            [
                self.gamma * np.abs(u[..., 2] / at) ** 2,
                const.hbar**2 * (decays * np.abs(answer) ** 2).sum(axis=-1),
                -const.hbar * np.einsum("...i,...i->...", u.conj(), pulled).real / at,
                2 * const.hbar * np.einsum("...i,...i->...", pulled.conj(), lag).imag,
            ],
            axis=-1,
        )
        return np.asarray(found / (1 + 2 * np.abs(u[..., 2]) ** 2)[..., None])

    @cached_property
    def table(self) -> Array:
        """`action` at equally spaced p from 0 to 1, for compiled code."""
        return self.action(np.linspace(0, 1, _POINTS))

    @property
    def _source(self) -> NDArray[np.complex128]:
        return np.array([-np.sqrt(self.kappa_ext * self.flux), 0, 0], dtype=complex)

    def _matrix(self, p: ArrayLike) -> NDArray[np.complex128]:
        at = np.asarray(p, dtype=float)
        m = np.zeros((*at.shape, 3, 3), dtype=complex)
        m[..., 0, 0] = m[..., 1, 1] = self.kappa / 2 - 1j * self.detuning
        m[..., 0, 1] = m[..., 1, 0] = 1j * self.backscattering
        m[..., 0, 2] = m[..., 2, 0] = 1j * self.coupling.g0 * at
        m[..., 2, 2] = self.gamma / 2 + 1j * (self.shift + self.surface_shift * at**2 - self.detuning)
        return m
