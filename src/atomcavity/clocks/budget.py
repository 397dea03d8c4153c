"""The instability of a `PulsedClock`, part by part."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from atomcavity.clocks.centres import ESTIMATORS
from atomcavity.clocks.cycles import ClockSeries
from atomcavity.clocks.deviation import deviation
from atomcavity.clocks.dick import dick_effect
from atomcavity.clocks.sensitivity import sensitivity
from atomcavity.dynamics.api import spectrum
from atomcavity.dynamics.methods import DickeLadder
from atomcavity.errors import require, unknown
from atomcavity.results import Record, Result, quantity
from atomcavity.units import show

if TYPE_CHECKING:
    from atomcavity.clocks.pulsed import PulsedClock

Real = NDArray[np.float64]

GAUSSIAN = 2.355  # full width at half maximum over the standard deviation of a Gaussian
ERRORS = ("cavity in pulse", "readout")  # parts that are scatter of the frequency itself
CROSSED, LASER, SHOT = "number x cavity", "laser (Dick effect)", "shot noise (naive)"


@dataclass(frozen=True, eq=False, repr=False)
class Budget(Result):
    """Instability at tau = one cycle of each part alone, of all together, and how the frequency depends on each.

    derivative  d frequency/d parameter at the mean cycle: of a shift or an error in frequency no unit, of the
                number rad/s per atom; the cavity and the lock's sensor act through the cavity's frequency
    size        Allan deviation of the parameter itself from one cycle to the next, in rad/s or atoms (NaN: not one number)
    sigma       sigma_y(tau) with the clock running and only this part on (same random numbers as in the whole clock)
    counted     whether the part belongs to `total`, the root of the sum of squares
    whole       sigma_y(tau) with everything on

    "number x cavity" is what the pulling by both together has over each alone: off resonance the centre depends on
    the number.  "laser (Dick effect)" is computed (see `dick_effect`) and added to `whole` too.  "shot noise (naive)" is the
    estimate FWHM/(2.355 SNR) with SNR = sqrt(photons through the port), for comparison only: it takes a
    spectrum averaged over many pulses for that of one.  Simulated heterodyne records of single pulses scatter more, by a
    factor that depends on how they are read (`detection.heterodyne`); give such a scatter as the clock's `readout`.
    """

    derivative: Real = quantity("part", unit="rad/s per unit of size", label="d frequency/d parameter")
    size: Real = quantity("part", unit="rad/s or atoms", label="scatter of the parameter between cycles")
    sigma: Real = quantity("part", label="sigma_y(tau) of the part alone")
    lower: Real = quantity("part", label="lower end of its confidence interval")
    upper: Real = quantity("part", label="upper end of its confidence interval")
    counted: NDArray[np.int64] = quantity(
        "part", label="whether the part belongs to the total (1) or not (0)"
    )
    tau: float = quantity(unit="s", label="averaging time, one cycle")
    total: float = quantity(label="parts in quadrature")
    whole: float = quantity(label="sigma_y(tau) of the whole clock")
    whole_lower: float = quantity(label="lower end of its confidence interval")
    whole_upper: float = quantity(label="upper end of its confidence interval")

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parts, in the order of the arrays."""
        return tuple(self.record.parameters["parts"])

    def of(self, name: str) -> float:
        """sigma_y(tau) of one part alone."""
        if name not in self.names:
            raise unknown("part", name, self.names)
        return float(self.sigma[self.names.index(name)])

    def _summary(self) -> list[str]:
        wide = max(map(len, (*self.names, "whole clock")))
        lines = [f"{'part':{wide}}  derivative        size  sigma_y({self.tau:g} s)  (68 % interval)"]
        for k, name in enumerate(self.names):
            size = "-" if np.isnan(self.size[k]) else _size(name, self.size[k])
            bounds = (
                f"({self.lower[k]:.2e} to {self.upper[k]:.2e})" if self.counted[k] else "(not in the sum)"
            )
            slope = "-" if np.isnan(self.derivative[k]) else f"{self.derivative[k]:.3g}"
            lines.append(f"{name:{wide}}  {slope:>10}  {size:>10}  {self.sigma[k]:12.3e}  {bounds}")
        lines.append(f"{'in quadrature':{wide}}  {'':10}  {'':>10}  {self.total:12.3e}")
        lines.append(
            f"{'whole clock':{wide}}  {'':10}  {'':>10}  {self.whole:12.3e}  ({self.whole_lower:.2e} to {self.whole_upper:.2e})"
        )
        return lines


def _size(name: str, value: float) -> str:
    return f"{value:.3g} atoms" if name == "number" else show(value, "angular").replace("2π × ", "")


def shot_noise(clock: PulsedClock) -> float:
    """Naive scatter of reading one pulse (rad/s), FWHM/(2.355 SNR), SNR = sqrt(N kappa_ext/kappa).

    Yu, Vollmer et al. 2023 take this SNR of photon counting; it is too optimistic, see `Budget`.
    """
    line = spectrum(clock.system, method=DickeLadder(), initial="inverted")
    heights = clock.ladder.density(line.peak)
    width = float(line.full_width[np.argmax(heights)])
    photons = clock.system.number * clock.extraction
    return width / (GAUSSIAN * float(np.sqrt(photons))) if photons > 0 else float("nan")


def slopes(clock: PulsedClock) -> tuple[float, float]:
    """d centre/d(number) (rad/s per atom) and d centre/d(cavity's frequency) of the mean cycle."""
    kappa, n = clock.system.modes[0].kappa, clock.system.number
    ratio = (clock.detuning - sum(one.mean for one in clock.shifts)) / kappa
    step = 1e-3
    fewer = max(1, n - 1)
    numbers = np.array([fewer, n + 1, n, n])
    ratios = ratio + step * np.array([0, 0, -1, 1])
    centre = clock.resonant_rate / (1 + 4 * ratios**2) * ESTIMATORS[clock.estimator](numbers, ratios)
    return (
        float(centre[1] - centre[0]) / (n + 1 - fewer),
        float(centre[3] - centre[2]) / (2 * step * kappa),
    )


def make_budget(clock: PulsedClock, cycles: int, seed: int) -> Budget:
    """The budget of a clock over `cycles` cycles, see `Budget`."""
    rows = _simulated(clock, cycles, seed)
    whole = np.array(_sigma(clock.run(cycles, seed=seed)))
    if clock.laser_noise is not None:
        dick = dick_effect(clock.laser_noise, clock.period, sensitivity(clock, "laser"), tau=clock.period)
        whole = np.hypot(whole, dick)
        rows[LASER] = (1.0, np.nan, dick, dick, dick, 1)
    naive = shot_noise(clock)
    rows[SHOT] = (1.0, naive, *(naive / clock.frequency,) * 3, 0)
    derivative, size, sigma, lower, upper, counted = np.array(list(rows.values()), float).T
    return Budget(
        record=Record(
            "PulsedClock.budget",
            reason=f"{cycles} cycles a part",
            seed=seed,
            parameters={"parts": list(rows), "clock": clock.to_dict()},
        ),
        derivative=derivative,
        size=size,
        sigma=sigma,
        lower=lower,
        upper=upper,
        counted=counted.astype(np.int64),
        tau=clock.period,
        total=float(np.sqrt(np.sum(sigma[counted > 0] ** 2))),
        whole=float(whole[0]),
        whole_lower=float(whole[1]),
        whole_upper=float(whole[2]),
    )


def _simulated(clock: PulsedClock, cycles: int, seed: int) -> dict[str, tuple[float, ...]]:
    """Rows of the budget that are run, by name: derivative, size, sigma, lower, upper, counted."""
    whole = isinstance(cycles, (int, np.integer)) and not isinstance(cycles, bool) and cycles >= 3
    require(whole, f"cycles = {cycles!r} must be a whole number >= 3: a budget is made of differences")
    emitted = float(clock.ladder.emitted_share(np.array([clock.period]))[0])
    require(
        emitted >= 0.5,
        f"only {emitted:.1%} of the mean pulse is emitted within the cycle of {clock.period:g} s: a stronger coupling, "
        "a cavity closer to the atoms, more atoms or a longer period makes a clock",
    )
    by_number, by_cavity = slopes(clock)
    slope = {"number": by_number, "cavity": by_cavity, "lock": by_cavity} | dict.fromkeys(ERRORS, 1.0)
    rows: dict[str, tuple[float, ...]] = {}
    for name in clock.parts:
        series = clock.run(cycles, seed=seed, parts={name})
        rows[name] = (slope.get(name, 1 - by_cavity), _moved(clock, series, name), *_sigma(series), 1)
    pulled = [name for name in ("number", "cavity", "lock") if name in rows]
    if "number" in pulled and len(pulled) > 1:
        both = np.array(_sigma(clock.run(cycles, seed=seed, parts=pulled)))
        alone = sum(rows[name][2] ** 2 for name in pulled)
        excess = np.sqrt(np.maximum(0.0, both**2 - alone))
        rows[CROSSED] = (np.nan, np.nan, *excess.tolist(), 1)
    return rows


def _sigma(series: ClockSeries) -> tuple[float, float, float]:
    """sigma_y of one cycle and its confidence interval; a series without any change has none."""
    if np.ptp(series.y) == 0:
        return 0.0, 0.0, 0.0
    found = deviation(series, taus=[series.interval])
    return float(found.value[0]), float(found.lower[0]), float(found.upper[0])


def _moved(clock: PulsedClock, series: ClockSeries, name: str) -> float:
    """Allan deviation of the part's own parameter from one cycle to the next."""
    error = clock.frequency * series.y - series.centre - series.shift
    moved = {"number": series.number, "cavity": series.cavity, "lock": series.cavity}
    values = moved.get(name, error if name in ERRORS else series.shift)
    return float(np.sqrt(np.mean(np.diff(values) ** 2) / 2))
