"""What the solvers of the dynamics room answer with."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.results import Result, axes_or_new, quantity
from atomcavity.units import axis, show

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

SHOWN_GROUPS = 4  # groups in a summary or a figure


@dataclass(frozen=True, eq=False, repr=False)
class SteadyState(Result):
    """The stationary state, rho(t -> infinity); `_error` fields are one standard error (0 for exact methods)."""

    photon_number: Real = quantity("mode", label="photons in each mode <a^+ a>")
    photon_number_error: Real = quantity("mode", label="standard error of the photon number")
    excited_population: Real = quantity("group", label="excited population of one emitter")
    excited_population_error: Real = quantity("group", label="standard error of the excited population")
    populations: Real = quantity(
        "group", "level", label="populations of one emitter's levels (NaN: no such level)"
    )
    emitter_correlation: Complex = quantity(
        "group", "other_group", label="<sigma_u^+ sigma_v> of two emitters, u != v"
    )
    mode_correlation: Complex = quantity("mode", "other_mode", label="<a_i^+ a_j>")
    g2: Real = quantity("mode", label="g2(0) of each mode")
    g2_error: Real = quantity("mode", label="standard error of g2(0)")
    photon_distribution: Real = quantity(
        "mode", "photons", label="probability of n photons in the mode (no column: not known)"
    )
    amplitude: Complex = quantity(
        "mode", label="coherent amplitude <a>; 0 where the phase is free (mean field: modulus)"
    )
    flow_in: float = quantity(unit="1/s", label="excitations pumped in")
    flow_out: float = quantity(unit="1/s", label="photons out plus emitters' decay")

    @property
    def port_rate(self) -> Real:
        """Photons per second through each mode's port, kappa_ext <a^+ a> (1/s)."""
        modes = self.record.parameters["system"]["modes"]
        return np.array([mode["kappa_ext"] for mode in modes]) * self.photon_number

    @property
    def inversion(self) -> Real:
        """<sigma_z> of one emitter in each group: +1 for the excited state."""
        return 2 * self.excited_population - 1

    def _summary(self) -> list[str]:
        port = [f"photons through the ports = {self.port_rate} 1/s"] if np.any(self.port_rate > 0) else []
        with np.printoptions(precision=5, threshold=8):
            return [
                *port,
                f"photons in each mode <n> = {self.photon_number}" + _error(self.photon_number_error),
                f"g2(0) = {self.g2}" + _error(self.g2_error),
                f"excited population of an emitter = {self.excited_population}"
                + _error(self.excited_population_error),
                *_accuracy(self),
            ]

    def plot(self, ax: Any = None) -> Any:
        """The photon-number distribution of each mode as bars; the photon numbers where it is not known."""
        ax = axes_or_new(ax)
        if self.photon_distribution.shape[1] == 0:
            modes = np.arange(len(self.photon_number))
            ax.errorbar(modes, self.photon_number, self.photon_number_error, fmt="o")
            ax.set_xticks(modes)
            ax.set(xlabel="mode", ylabel="photons")
            return ax
        width = 0.8 / len(self.photon_distribution)
        for k, p in enumerate(self.photon_distribution):
            shift = (k + 0.5) * width - 0.4
            ax.bar(np.arange(len(p)) + shift, p, width=width, label=f"mode {k}")
        ax.set(xlabel="photons $n$", ylabel="probability $P(n)$")
        ax.legend()
        return ax


@dataclass(frozen=True, eq=False, repr=False)
class Evolution(Result):
    """Expectation values in time."""

    time: Real = quantity("time", unit="s", label="time")
    photon_number: Real = quantity("mode", "time", label="photons in each mode <a^+ a>")
    photon_number_error: Real = quantity("mode", "time", label="standard error of the photon number")
    excited_population: Real = quantity("group", "time", label="excited population of one emitter")
    excited_population_error: Real = quantity(
        "group", "time", label="standard error of the excited population"
    )
    emitter_correlation: Complex = quantity(
        "group", "other_group", "time", label="<sigma_u^+ sigma_v>, u != v"
    )
    mode_correlation: Complex = quantity("mode", "other_mode", "time", label="<a_i^+ a_j>")
    pair_number: Real = quantity("mode", "time", label="<a^+ a^+ a a>")
    amplitude: Complex = quantity(
        "mode", "time", label="coherent amplitude <a>; 0 where the phase is free (mean field: modulus)"
    )

    @property
    def inversion(self) -> Real:
        """<sigma_z> of one emitter in each group, (group, time): +1 for the excited state."""
        return 2 * self.excited_population - 1

    def _summary(self) -> list[str]:
        lines = [f"{len(self.time)} times up to {show(float(self.time[-1]), 'time')}"]
        for k, n in enumerate(self.photon_number):
            peak = show(float(self.time[np.argmax(n)]), "time")
            lines.append(
                f"mode {k}: photons {n[0]:.4g} at the start, {n.max():.4g} at {peak}, {n[-1]:.4g} at the end"
            )
        for k, p in enumerate(self.excited_population[:SHOWN_GROUPS]):
            lines.append(f"group {k}: excited population {p[0]:.4g} at the start, {p[-1]:.4g} at the end")
        if len(self.excited_population) > SHOWN_GROUPS:
            lines.append(f"... and {len(self.excited_population) - SHOWN_GROUPS} more groups")
        return lines + _accuracy(self)

    def plot(self, ax: Any = None) -> Any:
        """Photon numbers and excited populations against time."""
        ax = axes_or_new(ax)
        factor, unit = axis(float(self.time[-1]), "time")
        for k, n in enumerate(self.photon_number):
            ax.plot(self.time * factor, n, label=f"photons, mode {k}")
        for k, p in enumerate(self.excited_population[:SHOWN_GROUPS]):
            ax.plot(self.time * factor, p, "--", label=f"excited population, group {k}")
        ax.set(xlabel=f"time ({unit})", ylabel="expectation value")
        ax.legend()
        return ax


@dataclass(frozen=True, eq=False, repr=False)
class Spectrum(Result):
    """Steady-state spectrum S(omega) = 2 Re int_0^inf <a^+(0) a(tau)> exp(i omega tau) d tau of one mode.

    Of a pulse (a spectrum from an initial state) the correlation is int_0^inf dt <a^+(t) a(t + tau)>.
    `detuning` is own frequency minus the system's reference; the integral of `density` over
    detuning/2pi is the photon number (of a pulse: its time integral) without the `coherent` part, a
    delta function at the frequency of a coherent drive (detuning 0).  `peak` and `full_width` describe the maxima of the density
    (full width at half of each maximum; NaN where a neighbour keeps the curve above the half), with the standard error
    `full_width_error` (0: computed without chance; NaN: not known);
    `poles` are the eigenvalues lambda of the coherence block: the correlation function is a sum
    of exp(lambda tau), so that Im lambda is minus a detuning and -2 Re lambda the full width of
    that component, with its `weight`.  Widths of peaks and of poles differ in general.
    """

    detuning: Real = quantity("detuning", unit="rad/s", label="detuning from the reference")
    density: Real = quantity("detuning", unit="photons s", label="spectral density (of a pulse: photons s^2)")
    peak: Real = quantity("peak", unit="rad/s", label="detuning of each maximum")
    full_width: Real = quantity("peak", unit="rad/s", label="full width at half maximum of each peak")
    full_width_error: Real = quantity("peak", unit="rad/s", label="standard error of the full width")
    poles: Complex = quantity("pole", unit="1/s", label="eigenvalues of the coherence block, slowest first")
    weights: Complex = quantity("pole", label="weight of each pole in <a^+(0) a(tau)>")
    coherent: float = quantity(label="photons in the delta function at the drive's frequency, |<a>|^2")

    def _summary(self) -> list[str]:
        lines = [
            f"peak at {show(0.0 if abs(at) < 1e-6 * w else float(at), 'angular')}, full width at half maximum "
            + (
                "unknown (a neighbour keeps the curve above the half)"
                if np.isnan(w)
                else show(float(w), "angular")
                + (f" ± {show(float(error), 'angular', digits=2)}" if error > 0 else "")
            )
            for at, w, error in zip(self.peak, self.full_width, self.full_width_error, strict=True)
        ]
        lines += [
            f"pole at {show(0.0 - float(pole.imag), 'angular')}, full width {show(float(-2 * pole.real), 'angular')}"
            for pole in self.poles[:2]
        ]
        return lines + _accuracy(self)

    def plot(self, ax: Any = None) -> Any:
        """The spectral density against detuning."""
        ax = axes_or_new(ax)
        factor, unit = axis(float(np.abs(self.detuning).max()), "angular")
        ax.plot(self.detuning * factor, self.density)
        ax.set(xlabel=f"detuning / 2π ({unit})", ylabel="spectral density (photons s)")
        return ax


@dataclass(frozen=True, eq=False, repr=False)
class Correlation(Result):
    """Two-time correlation of the steady state.

    First order: value(tau) = <a_i^+(tau) a_j(0)>; second: <a_i^+(0) a_j^+(tau) a_j(tau) a_i(0)>.
    Of a pulse (a correlation from an initial state) both are integrated over the time t of the first factor.
    `normalised` divides by sqrt(n_i n_j) and n_i n_j: g1(tau) and g2(tau); of a pulse by the square root of
    int n_i dt int n_j dt, and by int n_i(t) n_j(t + tau) dt.
    """

    delay: Real = quantity("delay", unit="s", label="delay tau")
    value: Complex = quantity("delay", label="correlation function")
    normalised: Complex = quantity("delay", label="g1 or g2")
    error: Real = quantity("delay", label="standard error of the normalised value")
    order: int = quantity(label="order of the correlation")

    def _summary(self) -> list[str]:
        size = np.abs(self.normalised)
        lines = [
            f"g{self.order}(0) = {self.normalised[0].real:.5g}, {len(self.delay)} delays up to {show(float(self.delay[-1]), 'time')}"
        ]
        fallen = np.flatnonzero(size < size[0] / math.e)
        if self.order == 1 and fallen.size:
            lines.append(f"|g1| has fallen to 1/e at {show(float(self.delay[fallen[0]]), 'time')}")
        return lines + _accuracy(self)

    def plot(self, ax: Any = None) -> Any:
        """|g1| or g2 against the delay."""
        ax = axes_or_new(ax)
        shown = np.abs(self.normalised) if self.order == 1 else self.normalised.real
        factor, unit = axis(float(self.delay[-1]), "time")
        ax.plot(self.delay * factor, shown)
        ax.set(xlabel=f"delay τ ({unit})", ylabel="|g⁽¹⁾(τ)|" if self.order == 1 else "g⁽²⁾(τ)")
        return ax


def _accuracy(result: Result) -> list[str]:
    """What a deterministic method neglected and left over; nothing for trajectories, which have error bars."""
    record = result.record
    if np.isnan(record.residual):
        return []
    cut = [f"population above the photon cut-off = {record.neglected:.1e}"] if record.neglected else []
    return [", ".join([*cut, f"residual = {record.residual:.1e}"])]


def _error(values: Real) -> str:
    return f" ± {values}" if np.any(values > 0) else ""
