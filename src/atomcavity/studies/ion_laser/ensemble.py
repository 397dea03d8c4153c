r"""Groups of ions of one coupling and one shift each, and the light that they give in mean field.

Eqs. (24)-(26) of the paper with detunings, in our convention of g: with delta_k = Delta_k - nu of an ion's line from
the light, D = (w - gamma)/gamma_par and n photons, a stationary state has

    kappa/2 - i nu = sum_k N_k g_k^2 D (gamma_perp - i delta_k)/(gamma_perp^2 + delta_k^2 + 4 g_k^2 n gamma_perp/gamma_par).

The real part as 1/sum is concave in n for a given nu, so that Newton's method rises to the root; nu is a weighted mean
of the Delta_k.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.constants import hbar

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.errors import ConvergenceError, require
from atomcavity.studies.ion_laser.continuum import largest

if TYPE_CHECKING:
    from atomcavity.studies.ion_laser.device import Device

Real = NDArray[np.float64]

_ROUNDS = 60  # of the joint iteration
_CUTS = 50  # of the frequency's bracket, where that does not converge
_EXACT = 1e-9
_BELOW = 0.02  # of the pump rate that is searched for an optimum
_BEST = 20  # steps of that search


@dataclass(frozen=True, eq=False)
class Ensemble:
    """Ions that share one mode; arrays may have leading axes, for several lasers at once.

    number     ions of each group (..., group), also parts of ions
    g          coupling (..., group), half the vacuum Rabi splitting (rad/s)
    shift      own frequency minus the cavity's (..., group) (rad/s)
    kappa      photon-number decay of the cavity (rad/s)
    gamma      natural decay of the lasing line (rad/s)
    xi         decays back per decay into the upper state, of the level that is pumped through
    frequency  of the light (rad/s)
    """

    number: ArrayLike
    g: ArrayLike
    shift: ArrayLike
    kappa: float
    gamma: float
    xi: float
    frequency: float

    @classmethod
    def of(cls, system: CavitySystem, xi: float) -> Ensemble:
        """The ions of a system with one mode, at any pump rate."""
        number, g, shift = np.array([(e.number, abs(e.g_modes[0]), e.detuning) for e in system.emitters]).T
        gamma = system.emitters[0].gamma
        return cls(number, g, shift, system.modes[0].kappa, gamma, xi, system.reference)

    @classmethod
    def with_rates(cls, device: Device, number: ArrayLike, g: ArrayLike, shift: ArrayLike) -> Ensemble:
        """Ions with the rates of a device: its cavity, line and pump."""
        rest = device.mode.kappa, device.line.gamma, device.experiment.pump.xi, device.line.frequency
        return cls(number, g, shift, *rest)

    @cached_property
    def _rows(self) -> tuple[Real, Real, Real]:
        """N, 4 g^2/kappa and Delta, of one shape."""
        N, g, shift = np.broadcast_arrays(*(np.asarray(x, float) for x in (self.number, self.g, self.shift)))
        return N, 4 * g**2 / self.kappa, shift

    @property
    def gain(self) -> Real:
        """sum_k 4 N_k g_k^2/kappa (1/s): the pump rate where lasing ends is gain/(1 + xi) without shifts, w >> gamma."""
        N, rate, _ = self._rows
        return np.asarray(np.sum(N * rate, axis=-1))

    def spread(self, offsets: ArrayLike, parts: int = 4) -> Ensemble:
        """Every group cut into `parts` equal ones, moved by the means (rad/s) of so many quantiles of `offsets`."""
        values = np.sort(np.asarray(offsets, float).ravel())
        require(1 <= parts <= len(values), f"parts = {parts!r} must lie between 1 and {len(values)}")
        means = np.array([part.mean() for part in np.array_split(values, parts)])
        N, g, shift = np.broadcast_arrays(self.number, self.g, self.shift)
        return Ensemble(
            np.repeat(N, parts, axis=-1) / parts,
            np.repeat(g, parts, axis=-1),
            (shift[..., None] + means).reshape(*shift.shape[:-1], -1),
            *(self.kappa, self.gamma, self.xi, self.frequency),
        )

    def light(self, pump: ArrayLike) -> tuple[Real, Real]:
        """Power (W) through both mirrors and frequency nu (rad/s) of the light at pump rates w (1/s); 0, NaN: dark.

        `pump` has the leading axes, and may have more in front of them.  With shifts far beyond gamma_perp there may be
        several stationary states, of which this is one, or none that is stable (see `dynamics.branches`).  `ConvergenceError` if the iteration fails.
        """
        w = np.asarray(pump, float)
        par = w + self.gamma
        perp = ((par + self.xi * w) / 2)[..., None]
        N, rate, shift = self._rows
        strength = N * rate / 2 * ((w - self.gamma) / par)[..., None]  # 2 N g^2 D/kappa
        rows = np.broadcast_arrays(strength, perp, rate * perp / par[..., None], shift)
        a, b, c, d = (x.reshape(-1, x.shape[-1]) for x in rows)
        lanes = Lanes(a, b, c, d, 2 / self.kappa)
        flux, nu = (x.reshape(w.shape) for x in lanes.stationary())
        return hbar * self.frequency * flux, np.where(flux > 0, nu, np.nan)

    def power(self, pump: ArrayLike) -> Real:
        """Power (W) at the pump rates w (1/s)."""
        return self.light(pump)[0]

    def width(self, pump: ArrayLike) -> Real:
        """Full width (rad/s) of the line by phase diffusion without shifts in a bad cavity, at pump rates w (1/s).

        The phase is that of sum_k N_k g_k sigma_k, whatever the distribution of g (the g_k are the left null vector of
        the linearised equations of the dipoles); an ion's dipole has the noise of its decay gamma_perp, and the vacuum
        adds its own: with Phi photons a second gamma_perp (G + 2 gamma_perp)/(2 Phi), G = sum_k 4 N_k g_k^2/kappa.
        """
        w = np.asarray(pump, float)
        across = ((1 + self.xi) * w + self.gamma) / 2
        photons = self.power(w) / (hbar * self.frequency)
        return np.asarray(across * (self.gain + 2 * across) / (2 * photons))

    def optimum(self) -> tuple[Real, Real]:
        """The pump rate (1/s) of the largest power, and that power (W)."""
        end = np.log(self.gain / (1 + self.xi))
        found = np.exp(largest(lambda x: self.power(np.exp(x)), end + np.log(_BELOW), end, steps=_BEST))
        return found, self.power(found)

    def system(self, pump: float) -> CavitySystem:
        """The same ions, in whole numbers, for the solvers of the dynamics room."""
        N, g, shift = np.broadcast_arrays(self.number, self.g, self.shift)
        require(N.ndim == 1, "a system is one laser: this ensemble has leading axes")
        whole = np.diff(np.rint(np.cumsum(np.append(0.0, N)))).astype(int)
        ions = [
            Emitters(
                int(n),
                float(x),
                self.gamma,
                pump_rate=pump,
                dephasing_rate=self.xi * pump / 2,
                detuning=float(d),
            )
            for n, x, d in zip(whole, g, shift, strict=True)
            if n
        ]
        return CavitySystem(ions, [CavityMode(self.kappa)], reference=self.frequency)


@dataclass(frozen=True, eq=False)
class Lanes:
    """The stationary states of several lasers, each a row: with the flux F = kappa n,

        sum_k a_k (gamma_perp - i delta_k)/(gamma_perp^2 + delta_k^2 + F f_k) = 1 - i (2/kappa) nu.

    strength  a = 2 N g^2 D/kappa (lane, group);  perp: gamma_perp;  filling: f = 4 g^2 gamma_perp/(kappa gamma_par)
    shift     Delta (lane, group);  pull: 2/kappa (s)
    """

    strength: Real
    perp: Real
    filling: Real
    shift: Real
    pull: float

    def stationary(self) -> tuple[Real, Real]:
        """F (1/s) and nu (rad/s), (lane,): both improved together, or else nu by halving its bracket."""
        weight = np.abs(self.strength) + 1e-300
        nu = np.sum(weight * self.shift, axis=1) / np.sum(weight, axis=1)
        flux = np.zeros_like(nu)
        for _ in range(_ROUNDS):
            new, total, torque = self._rise(flux, nu)
            moved = torque / total
            still = (np.abs(new - flux) <= _EXACT * new) & (np.abs(moved) <= _EXACT * self.perp[:, 0])
            flux, nu = new, nu + moved
            if np.all(still):
                return flux, nu
        rest = ~still
        a, b, c, d = (x[rest] for x in (self.strength, self.perp, self.filling, self.shift))
        part = Lanes(a, b, c, d, self.pull)
        flux[rest], nu[rest] = part._bisected()
        return flux, nu

    def _rise(self, flux: Real, nu: Real) -> tuple[Real, Real, Real]:
        """A step of Newton's method for F; sum of the weights and sum of what they pull at nu."""
        delta = self.shift - nu[:, None]
        share = self.strength / (self.perp**2 + delta**2 + flux[:, None] * self.filling)
        sums = np.sum(share * self.perp, axis=1)
        slope = np.sum(share**2 * self.perp * self.filling / self.strength, axis=1)
        new = np.where(sums > 0, np.maximum(flux + (sums - 1) * sums / slope, 0.0), 0.0)
        return new, np.sum(share, axis=1) + self.pull, np.sum(share * delta, axis=1) - self.pull * nu

    def _bisected(self) -> tuple[Real, Real]:
        low, high = self.shift.min(axis=1), self.shift.max(axis=1)
        low, high = np.minimum(low, 0.0), np.maximum(high, 0.0)  # where the cavity is
        flux = np.zeros_like(low)
        for _ in range(_CUTS):
            nu = (low + high) / 2
            for _ in range(_ROUNDS):
                new, total, torque = self._rise(flux, nu)
                still = np.abs(new - flux) <= _EXACT * new
                flux = new
                if np.all(still):
                    break
            else:
                raise ConvergenceError("the light of the groups did not converge")
            up = torque / total > 0
            low, high = np.where(up, nu, low), np.where(up, high, nu)
        return flux, (low + high) / 2
