r"""Thermorefractive noise: the temperature of the light's path fluctuates, its index and frequency follow.

In equilibrium at temperature $T_0$ every thermal mode j (see `heat`) is a process of relaxation rate
$\Gamma_j=D\lambda_j$, $D=\kappa_{th}/(\rho C)$, and variance $k_BT_0^2/(\rho C)$, so that the average temperature that
the light sees has the one-sided density (the fluctuation-dissipation theorem; Y. Levin, Phys. Lett. A 372,
1941 (2008), for any weight q)

$S_T(f)=\frac{4k_BT_0^2}{\rho C}\sum_j\Big(\int q\,\varphi_j\,dV\Big)^2\frac{\Gamma_j}{\Gamma_j^2+(2\pi f)^2}$,
$\qquad \int_0^\infty S_T\,df=\frac{k_BT_0^2}{\rho C}\Big(\int q^2dV-\frac1V\Big)$,

and $S_y=(\eta\,n'/n)^2S_T$ with $n'=dn/dT$ and $\eta$ the share of $\int\epsilon|E|^2dV$ inside the sphere.  M. L.
Gorodetsky and I. S. Grudinin, J. Opt. Soc. Am. B 21, 697 (2004), treated it first for microspheres and gave
an interpolation; here the sum is taken as it is.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import number, reals, require

if TYPE_CHECKING:
    from atomcavity.resonators.mode import OpticalMode

Real = NDArray[np.float64]

NEEDED = {
    "thermo_optic": "dn/dT",
    "thermal_conductivity": "thermal conductivity",
    "density": "density",
    "heat_capacity": "heat capacity",
}


@dataclass(frozen=True, eq=False)
class ThermorefractiveNoise:
    """Thermorefractive noise of one mode; made by `thermorefractive`.

    `rates` (1/s) and `variances` (of the fractional frequency) belong to the thermal modes that the light
    sees; `uniform` is the standard deviation that the temperature of the sphere as a whole would add.
    """

    rates: Real = field(repr=False)
    variances: Real = field(repr=False)
    uniform: float
    temperature: float

    @property
    def variance(self) -> float:
        """Variance of the fractional frequency, the whole sphere's temperature left out."""
        return float(self.variances.sum())

    @property
    def relaxation_time(self) -> float:
        """Time (s) of the slowest thermal mode: for much longer averages the noise is white."""
        return 1.0 / float(self.rates.min())

    @property
    def white_fm(self) -> float:
        """h_0 (s) of slow Fourier frequencies, the limit of `density`."""
        return 4.0 * float(np.sum(self.variances / self.rates))

    def density(self, frequency_hz: ArrayLike) -> Real:
        """One-sided S_y (1/Hz) at Fourier frequencies (Hz, any shape)."""
        omega = math.tau * reals(frequency_hz, "frequency_hz")[..., None]
        return np.asarray(4.0 * np.sum(self.variances * self.rates / (self.rates**2 + omega**2), axis=-1))

    def deviation(self, tau: ArrayLike) -> Real:
        r"""Allan deviation at averaging times (s, any shape), $\sqrt{h_0/(2\tau)}$ for long ones.

        Each thermal mode of variance v adds $v\,(2x-3+4e^{-x}-e^{-2x})/x^2$ to its square, $x=\Gamma\tau$.
        """
        t = reals(tau, "tau")
        require(bool(np.all(t > 0)), "averaging times tau must be positive")
        x = self.rates * t[..., None]
        small = x < 1e-2
        y = np.where(small, 1.0, x)
        exact = (2 * y - 3 + 4 * np.exp(-y) - np.exp(-2 * y)) / y**2
        series = x * (2 / 3 - x * (1 / 2 - x * (7 / 30 - x / 12)))
        return np.sqrt(np.sum(self.variances * np.where(small, series, exact), axis=-1))

    def __str__(self) -> str:
        return (
            f"Thermorefractive noise at {self.temperature:.4g} K: {math.sqrt(self.variance):.3g} rms, Allan deviation "
            f"{math.sqrt(self.white_fm / 2):.3g} (tau/s)^-1/2 beyond {self.relaxation_time:.3g} s"
        )


def thermorefractive(mode: OpticalMode, *, temperature: float) -> ThermorefractiveNoise:
    """The thermorefractive noise of a mode of a sphere whose `Material` has thermal data, at `temperature` (K).

    The running wave is meant.  The surface is insulated: true for a sphere in vacuum or air at rest, whose
    temperature as a whole drifts on its own, far slower (`uniform`; it depends on the surroundings and is
    left out of density and deviation).  Thermal expansion (a tenth of dn/dT/n in silica) and dispersion of
    the stored energy (1 %) are left out, and the stem.

    Raises `InputError` for a sphere of constant index or of a material without thermal data, or
    temperature <= 0.

    >>> from atomcavity.materials import Material
    >>> from atomcavity.resonators import Microsphere
    >>> mode = Microsphere(20.3e-6, Material("fused silica")).mode("TE", n=1, l=255)
    >>> noise = thermorefractive(mode, temperature=293.0)
    >>> bool(4e-13 < noise.deviation(1.0) < 8e-13)
    True
    """
    from .heat import thermal_modes

    temperature = number(temperature, "temperature")
    require(temperature > 0, f"temperature = {temperature!r} K given; it must be positive")
    medium = mode.sphere.medium
    data = {name: float(getattr(medium, name, math.nan)) for name in NEEDED}
    missing = [NEEDED[name] for name, value in data.items() if not math.isfinite(value)]
    require(
        not missing,
        f"the material of the sphere, {getattr(medium, 'name', medium)}, has no {', '.join(missing)}: "
        "thermorefractive noise needs them",
    )
    values, overlaps, inside = thermal_modes(mode)
    heat = data["density"] * data["heat_capacity"]
    stored = const.hbar * mode.frequency / (2 * const.epsilon_0 * mode.photon_amplitude**2)
    share = mode.index**2 * inside / stored
    factor = (share * data["thermo_optic"] / mode.index) ** 2 * const.k * temperature**2 / heat
    volume = 4 / 3 * math.pi * mode.sphere.radius**3
    return ThermorefractiveNoise(
        rates=values * data["thermal_conductivity"] / heat,
        variances=overlaps * factor,
        uniform=math.sqrt(factor / volume),
        temperature=temperature,
    )
