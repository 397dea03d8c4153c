r"""How the centre of a pulse's line depends on the cavity's frequency at each time of the pulse.

The eliminated cavity shifts the emission of step k by chi (N - 2 - 2k): the line chirps by 2 N chi while the
pulse lasts, and only the mean over the whole pulse is as small as -chi.  A cavity that stays where it is during
the pulse shifts the line by what the static model says; one that moves meanwhile spoils the cancellation.
To first order in the motion, the centre moves by

    delta omega = int sigma(t) delta Delta(t) dt,      int sigma dt = d(centre)/d Delta

For points of the spectrum S(omega) = 2 Re sum_k sqrt(d_k) int X_k dt, dX/dt = (L + i omega) X + sqrt(d) P (the
populations P and coherences of `dynamics.dicke.model`) this is linear response with the adjoint solution b,
(L + i omega)^T b = -sqrt(d): a cavity off by delta Delta at t changes Gamma, chi and the light a = -i g/(kappa/2 +
i Delta) J^- by their first derivatives, and delta S is what b makes of that.  The maximum moves by
-(d delta S/d omega)/(d^2 S/d omega^2).  For the centroid of the atoms' dipole, exactly and to all orders,

    sigma = (1/N) d chi/d Delta  Gamma sum_k (N - 2 - 2k) d_k P_k

without the phase of the light behind the moving cavity, which has no first moment (white noise of frequency makes
it white noise of phase, far wings of the line).  All of it for motion slow against kappa.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.photons import pulse_end
from atomcavity.clocks.weight import Weight
from atomcavity.errors import unknown

if TYPE_CHECKING:
    from atomcavity.clocks.pulsed import PulsedClock

Real = NDArray[np.float64]

SOURCES = ("cavity", "laser")
TIMES = 500  # samples of the pulse
STEP = 1e-3  # of N Gamma, in the derivative with respect to the frequency


def sensitivity(clock: PulsedClock, to: str = "cavity") -> tuple[Real, Real]:
    """Times (s) and sigma(t) = delta centre/(delta omega dt) (1/s) of the clock's estimator at its mean cycle.

    to  whose frequency moves by delta omega(t): "cavity", or "laser": the transition against the laser with which the
        light beats (for the centroid exactly I/int I dt).  What a slow pulse does after its cycle is left out
    """
    if to not in SOURCES:
        raise unknown("source", to, SOURCES)
    model, number = clock.ladder, clock.system.number
    times = np.linspace(0, min(clock.period, pulse_end(number) / (number * model.rate)), TIMES)
    if clock.estimator == "centroid":
        return times, _of_centroid(clock, times, to)
    from atomcavity.dynamics.dicke.batch import unit_line

    peak, lower, upper = unit_line(number, model.chi / model.rate)
    answer = _Response(clock, times, to)
    if clock.estimator == "peak":
        step = STEP * number
        slope = (answer(peak + step) - answer(peak - step)) / (2 * step)
        return times, -(model.rate**2) * slope / answer.line(peak)[2]
    half = answer(peak) / 2
    moved = [(half - answer(y)) / answer.line(y)[1] for y in (lower, upper)]
    return times, model.rate**2 * (moved[0] + moved[1]) / 2


def moving_cavity(clock: PulsedClock) -> float:
    """Scatter of the centre from cycle to cycle (rad/s) by the cavity's motion inside a pulse, beyond that of its average.

    The root of int (|sigma(f)|^2 - |sigma(0) I(f)/I(0)|^2) S(f) df with the Fourier transforms of sigma and of the
    intensity, with which the cycles weight the average; 0 where the estimator averages fast noise better than
    that.  At the mean cycle.
    """
    if clock.cavity_noise is None:
        return 0.0
    times, sigma = sensitivity(clock)
    intensity = clock.ladder.emission(times)[0]
    slope, area = np.trapezoid(sigma, times), np.trapezoid(intensity, times)
    end = times[-1]
    log = np.linspace(np.log(1e-4 / end), np.log(len(times) / end), 2000)
    f = np.exp(log)
    moving, mean = (
        np.abs(Weight(times, values, end).transform(f)) ** 2 for values in (sigma, intensity * slope / area)
    )
    variance = np.trapezoid((moving - mean) * clock.cavity_noise.density(f) * f, log)
    return clock.frequency * float(np.sqrt(max(0.0, variance)))


def _of_centroid(clock: PulsedClock, times: Real, to: str) -> Real:
    model, n = clock.ladder, clock.system.number
    p = np.concatenate([rows for rows, _ in model.populations(times)])
    common, shift, _, _ = _motion(clock, to)
    step = common + shift * (n - 2 - 2 * np.arange(n + 1.0))
    return np.asarray(model.rate**2 * (p @ (model.d * step)) / n)


def _motion(clock: PulsedClock, to: str) -> tuple[float, float, float, complex]:
    """What a source changes: the atoms' frequency and chi (both over Gamma), ln Gamma and ln(a/J^-), each per rad/s."""
    if to == "laser":
        return 1 / clock.ladder.rate, 0.0, 0.0, 0j
    kappa, detuning = clock.system.modes[0].kappa, clock.detuning
    field = -1j / (kappa / 2 + 1j * detuning)
    shift = (kappa**2 / 4 - detuning**2) / (kappa * (kappa**2 / 4 + detuning**2))
    return 0.0, shift, 2 * field.real, field


class _Response:
    """delta S(y)/(delta omega dt) at the given times, in units of Gamma."""

    def __init__(self, clock: PulsedClock, times: Real, to: str) -> None:
        from atomcavity.dynamics.dicke.chain import partial_fractions

        self.ladder = clock.ladder
        self.motion = _motion(clock, to)
        self.step = float(times[1] * clock.ladder.rate)
        self.fractions = partial_fractions()
        self.count = len(times)

    def __call__(self, y: float) -> Real:
        from atomcavity.clocks.response_kernel import respond

        out = np.empty(self.count)
        model = self.ladder
        respond(model.number, model.chi / model.rate, y, *self.motion, self.step, *self.fractions, out)
        return out

    def line(self, y: float) -> tuple[float, float, float]:
        """S and its first two derivatives."""
        from atomcavity.dynamics.dicke.kernel import derivatives

        found: tuple[float, float, float] = derivatives(*self.ladder.recursion, y)
        return found
