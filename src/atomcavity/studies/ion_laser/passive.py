r"""The passive alternative of Sec. VI: a probe laser is locked to the cavity's phase with the same, unpumped crystal inside.

As M. J. Martin et al., Phys. Rev. A 84, 063813 (2011) and P. G. Westergaard et al., Phys. Rev. Lett. 114, 093002 (2015) for
atoms.  Two equal mirrors, cavity and line at the same frequency, the probe delta above it; n photons in the cavity, mean field:

    eta = |D| sqrt(n),   D = kappa/2 - i delta + sum_j N_j g_j^2/[(gamma_perp + i Delta_j)(1 + S_j)],
    S_j = 4 g_j^2 n gamma_perp/[gamma (gamma_perp^2 + Delta_j^2)],   Delta_j = shift_j - delta,

so that every stationary state, stable or not, is given by its n.  The phase quadrature p of the transmitted light is
compared with a local oscillator.  Its noise at low frequency comes from the vacuum at both mirrors and from the ions
(linear theory about the state, symmetrised operators), and a lock with much gain has, after the time tau,

    sigma_omega^2 = S_p/(|dp/d delta|^2 tau),

the limit of white frequency noise.  For identical ions with C = 2 N g^2/(kappa gamma_perp) and s = n/n_s, n_s = gamma gamma_perp/(4 g^2)
(`law`): the light alone would ask for s = 1 + C, but the ions' dipoles fluctuate, sigma_omega^2 = 2 gamma_perp^2 (1 + s)^2/(N gamma s tau).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.constants import hbar

from atomcavity.coupling.quadrupole import angular_factor, couple_quadrupole
from atomcavity.dynamics import CavityMode, CavitySystem, Emitters
from atomcavity.dynamics.linearised.noise import diffusion
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.species import Transition
from atomcavity.studies.ion_laser.groups import Nodes

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

VACUUM = 0.25  # of a quadrature (a - a^+)/2i, symmetrised


@dataclass(frozen=True)
class Lock:
    """A lock at one intensity: sigma_omega^2 tau (rad^2/s) by light and by ions.

    photons   n in the cavity;  incident: power (W) on the first mirror;  transmitted: power (W) behind the second
    slope     d(phase of the transmitted light)/d(omega) (s)
    growth    of the worst deviation (1/s): the state is stable below zero
    turned    whether more photons need less incident light, as between the two branches of a bistability
    """

    photons: float
    incident: float
    transmitted: float
    slope: float
    by_light: float
    by_ions: float
    growth: float
    turned: bool

    @property
    def stable(self) -> bool:
        """Whether no deviation grows."""
        return self.growth < 0

    @property
    def variance(self) -> float:
        """sigma_omega^2 tau (rad^2/s)."""
        return self.by_light + self.by_ions

    @property
    def earliest(self) -> float:
        """The averaging time (s) at which the noise of the light's phase has fallen to 1 rad: the lock takes longer."""
        return self.slope**2 * self.variance


@dataclass(frozen=True)
class Passive:
    """An unpumped crystal in a cavity with two equal mirrors.

    name       of the ion and its line
    groups     (number of ions, g (rad/s), shift (rad/s) from the cavity's frequency)
    kappa      photon-number decay (rad/s), half of it through each mirror
    gamma      decay of the upper state (1/s), as if all of it went back to the lower one
    frequency  of the line (rad/s)
    dephasing  additional decay of the ions' coherence (1/s)
    back       share of the decays that does lead back to the lower state
    """

    name: str
    groups: Sequence[tuple[int, float, float]]
    kappa: float
    gamma: float
    frequency: float
    dephasing: float = 0.0
    back: float = 1.0

    @classmethod
    def of(
        cls,
        name: str,
        line: Transition,
        cavity: FabryPerot,
        *,
        F: tuple[float, float],
        m: tuple[float, float],
        ions: int,
        zeta: float,
        groups: int = 27,
        dephasing: float = 0.0,
    ) -> Passive:
        """A spherical crystal without shifts on a quadrupole line, its radius the cavity's waist over zeta."""
        nodes = Nodes.of(groups)
        best = float(np.abs(couple_quadrupole(line, [cavity], at=[0.0, 0.0, 0.0], F=F, m=m).g[0, 0]))
        across = np.sum(nodes.position[:, :2] ** 2, axis=1)
        g = best * np.cos(nodes.phase) * np.exp(-across / zeta**2)
        rows = zip(nodes.numbers(ions), g, strict=True)
        crystal = tuple((int(n), float(each), 0.0) for n, each in rows if n)
        back = angular_factor(line, F, m) ** 2
        return cls(name, crystal, cavity.kappa, line.gamma, line.frequency, dephasing, back)

    def centred(self) -> Passive:
        """The same with the cavity, and so the lock, at the mean of the ions' shifts, weighted with g^2."""
        number, g, shift = self._table
        mean = float(np.average(shift, weights=number * g**2))
        return replace(self, groups=tuple((n, each, moved - mean) for n, each, moved in self.groups))

    @cached_property
    def _table(self) -> tuple[Real, Real, Real]:
        number, g, shift = np.array(self.groups, float).T
        return number, g, shift

    @property
    def across(self) -> float:
        """gamma_perp (1/s)."""
        return self.gamma / 2 + self.dephasing

    @property
    def cooperativity(self) -> float:
        """C = 2 sum N g^2/(kappa gamma_perp) of ions on resonance: for C > 8 identical ones are bistable."""
        number, g, _ = self._table
        return float(2 * np.sum(number * g**2) / (self.kappa * self.across))

    @property
    def saturation_photons(self) -> float:
        """n_s = gamma gamma_perp/(4 g^2) with the mean g^2."""
        number, g, _ = self._table
        return float(self.gamma * self.across / (4 * np.sum(number * g**2) / number.sum()))

    def _saturated(self, photons: float, delta: float) -> tuple[Real, Complex]:
        """1/(1 + S_j), and gamma_perp + i Delta_j."""
        _, g, shift = self._table
        line = np.asarray(self.across + 1j * (shift - delta), complex)
        return 1 / (1 + 4 * g**2 * photons * self.across / (self.gamma * np.abs(line) ** 2)), line

    def response(self, photons: float, delta: float = 0.0) -> complex:
        """D (rad/s)."""
        number, g, _ = self._table
        left, line = self._saturated(photons, delta)
        return complex(self.kappa / 2 - 1j * delta + np.sum(number * g**2 * left / line))

    def transmitted(self, photons: float, delta: float = 0.0) -> complex:
        """Transmitted over incident amplitude, kappa/(2 D); its phase without the -1 of the mirrors."""
        return self.kappa / 2 / self.response(photons, delta)

    def system(self, photons: float, delta: float = 0.0) -> CavitySystem:
        """The system with the drive that keeps n photons at delta = 0, their amplitude real, in the probe's frame."""
        ions = [
            Emitters(n, g=g, gamma=self.gamma, dephasing_rate=self.dephasing, detuning=shift - delta)
            for n, g, shift in self.groups
        ]
        mode = CavityMode(self.kappa, self.kappa / 2, detuning=-delta)
        drive = 1j * self.response(photons) * math.sqrt(photons) if photons else None
        return CavitySystem(ions, [mode], drive=drive, reference=self.frequency + delta)

    def lock(self, photons: float) -> Lock:
        """The lock to the centre of the line with n photons in the cavity."""
        model, y = self._state(photons)
        drift = model.jacobian(y, np.zeros(0))
        step = self.across
        push = [Model(self.system(photons, d)).right(y, np.zeros(0)) for d in (step, -step)]
        reply = -np.linalg.solve(drift.T, np.eye(model.size)[1])  # of Im alpha to forces
        slope = reply @ (push[0] - push[1]) / (2 * step)
        noise = diffusion(model, y).real
        noise[:2, :2] = 0.0
        ions = self.kappa / 2 * (reply @ noise @ reply)
        real, imaginary = self.kappa / 2 * reply[:2]
        light = VACUUM * ((1 - imaginary) ** 2 + 2 * real**2 + imaginary**2)
        signal = self.kappa / 2 * slope**2
        photon = hbar * self.frequency
        return Lock(
            photons,
            photon * abs(self.response(photons)) ** 2 * photons / (self.kappa / 2),
            photon * self.kappa / 2 * photons,
            float(slope) / math.sqrt(photons),
            float(light / signal),
            float(ions / signal),
            float(np.linalg.eigvals(drift).real.max()),
            self._drive(1.001 * photons) < self._drive(0.999 * photons),
        )

    def _drive(self, photons: float) -> float:
        """|eta| (rad/s) on the cavity's resonance."""
        return abs(self.response(photons)) * math.sqrt(photons)

    def _state(self, photons: float) -> tuple[Model, Real]:
        """The stationary state with n photons."""
        _, g, _ = self._table
        left, line = self._saturated(photons, 0.0)
        alpha = math.sqrt(photons)
        coherence = -1j * g * alpha * left / line
        excited = (1 - left) / 2
        densities = [
            np.array([[1 - up, rho.conjugate()], [rho, up]], complex)
            for up, rho in zip(excited, coherence, strict=True)
        ]
        model = Model(self.system(photons))
        return model, model.state(np.array([alpha], complex), densities)

    def law(self, s: float) -> tuple[float, float]:
        """sigma_omega^2 tau (rad^2/s) by light and by ions for identical ions without shifts, of the same C and n_s.

        With c = C/(1 + s) the vacuum leaves S_p = [1 - 2/(1 + c) + 2/(1 + c)^2]/4, and the phase has the slope c/[gamma_perp (1 + c)].
        """
        c = self.cooperativity / (1 + s)
        photons = s * self.saturation_photons
        slope = c / (self.across * (1 + c))
        vacuum = VACUUM * (1 - 2 / (1 + c) + 2 / (1 + c) ** 2)
        number = float(self._table[0].sum())
        return (
            vacuum / (self.kappa / 2 * photons * slope**2),
            2 * self.across**2 * (1 + s) ** 2 / (number * self.gamma * s),
        )

    def resolved(self, s: float) -> bool:
        """Whether the groups are near enough: no gap between their shifts above twice the power-broadened half width.

        The shifts of the ions of a crystal are a continuum; a few groups stand for it only then.
        """
        gaps = np.diff(np.sort(self._table[2]))
        return bool(gaps.max(initial=0.0) < 2 * self.across * math.sqrt(1 + s))

    def holds(self, s: float) -> bool:
        """Whether identical ions without shifts are stable at the saturation s: d eta/dn > 0."""
        return 1 + self.cooperativity * (1 - s) / (1 + s) ** 2 > 0

    def best(self, *, stable: bool = True) -> tuple[float, float]:
        """The saturation s with the smallest sigma_omega^2 tau by the law, and that (rad^2/s); `stable`: of stable states."""
        tried = np.geomspace(1e-2, 100 * (1 + self.cooperativity), 1500)
        some = [s for s in tried.tolist() if self.holds(s) or not stable]
        return min(((s, sum(self.law(s))) for s in some), key=lambda pair: pair[1])

    def deviation(self, variance: float, tau: float = 1.0) -> float:
        """sigma_y(tau) of white frequency noise with sigma_omega^2 tau (rad^2/s)."""
        return math.sqrt(variance / tau) / self.frequency
