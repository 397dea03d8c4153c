"""Thermorefractive noise: the thermal modes against Green's functions in closed form, sum rules, laws of scale."""

import math

import numpy as np
import pytest
from scipy import constants as const
from scipy.integrate import cumulative_simpson, simpson
from scipy.special import eval_legendre, spherical_in, spherical_jn, spherical_kn

from atomcavity.clocks import thermorefractive
from atomcavity.clocks.expected import integral
from atomcavity.clocks.heat import thermal_modes
from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.resonators import Microsphere

HIGHEST = (
    60  # degree up to which the Bessel functions stay in the range of numbers; the light has no higher ones
)


class Glass:
    """A medium with thermal data of its own."""

    name = "a glass"
    range = (0.0, math.inf)
    thermo_optic, thermal_conductivity, density, heat_capacity = 1.0e-5, 1.4, 2200.0, 740.0

    def index(self, wavelength):
        return 1.45


class Copy(Glass):
    def __init__(self, **changes):
        self.__dict__.update(changes)


def small(radius=5e-6, material=None, polarization="TE", n=1, l=40, m=None):
    return Microsphere(radius, material or Glass()).mode(polarization, n=n, l=l, m=m)


def light(mode, points=3001):
    """Radii (m), int q Y_L0 dOmega of even L at them, and int q² dV, on even grids of the outer 70 % of the radius."""
    radius = mode.sphere.radius
    x, w = np.polynomial.legendre.leggauss(2 * mode.l + 2)
    r, theta = np.linspace(0.3, 1 - 1e-12, points) * radius, np.arccos(x)
    square = sum(np.abs(part) ** 2 for part in mode.shape.components(r[:, None], theta[None, :]))
    q = square / (math.tau * simpson(r**2 * (square @ w), x=r))
    rows = [
        math.tau * (q * w) @ (eval_legendre(L, x) * math.sqrt((2 * L + 1) / (4 * math.pi)))
        for L in range(0, min(2 * mode.l, HIGHEST) + 1, 2)
    ]
    return r, rows, math.tau * simpson(r**2 * ((q**2) @ w), x=r)


def through_green(degree, source, r, k, radius):
    """int int s(r) g(r, r') s(r') of the radial Green's function of -nabla² + k², no flow through the surface."""
    ratio = spherical_kn(degree, k * radius, derivative=True) / spherical_in(
        degree, k * radius, derivative=True
    )
    inner = spherical_in(degree, k * r)
    outer = spherical_kn(degree, k * r) - ratio * inner
    below = cumulative_simpson(source * inner, x=r, initial=0)
    return 2 * 2 * k / math.pi * simpson(source * outer * below, x=r)  # i k' - i' k = -pi/(2 x²)


@pytest.mark.parametrize(
    ("polarization", "n", "l", "m"),
    [("TE", 1, 40, 40), ("TE", 2, 30, 29), ("TM", 1, 40, 38), ("TE", 1, 12, 0)],
)
@pytest.mark.parametrize("scale", [1.5, 12.0, 60.0])
def test_the_resolvent_is_that_of_green(polarization, n, l, m, scale):
    r"""$\sum_jo_j/(\lambda_j+k^2)=\langle q|(-\nabla^2+k^2)^{-1}|q\rangle$, the right side by modified Bessel functions."""
    mode = small(polarization=polarization, n=n, l=l, m=m)
    radius = mode.sphere.radius
    k = scale / radius
    values, overlaps, _ = thermal_modes(mode)
    r, rows, _ = light(mode)
    total = -1 / (4 / 3 * math.pi * radius**3 * k**2)  # without the uniform mode
    for number, part in enumerate(rows):
        total += through_green(2 * number, r**2 * part, r, k, radius)
    assert np.sum(overlaps / (values + k**2)) == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize(
    ("polarization", "n", "l", "m"), [("TE", 1, 40, 40), ("TM", 2, 30, 28), ("TE", 3, 60, 60)]
)
def test_the_overlaps_add_up(polarization, n, l, m):
    """int q² dV, the inverse of the volume that the light averages over, by plain quadrature."""
    mode = small(polarization=polarization, n=n, l=l, m=m)
    _, overlaps, _ = thermal_modes(mode)
    volume = 4 / 3 * math.pi * mode.sphere.radius**3
    assert overlaps.sum() + 1 / volume == pytest.approx(light(mode)[2], rel=1e-6)


def test_the_eigenvalues_are_zeros_of_bessel_slopes():
    """j_2'(3.342094) = 0, the slowest mode that is even about the equator; the uniform mode is left out."""
    mode = small()
    values, _, _ = thermal_modes(mode)
    lowest = np.sqrt(values.min()) * mode.sphere.radius
    assert lowest == pytest.approx(3.342094, rel=1e-6)
    assert spherical_jn(2, lowest, derivative=True) == pytest.approx(0, abs=1e-6)


def test_variance_density_and_deviation_are_one_noise():
    noise = thermorefractive(small(), temperature=300.0)
    f = np.geomspace(1e-3, 1e13, 6000)
    area = np.trapezoid(noise.density(f) * f, np.log(f)) + f[0] * noise.density(f[0])
    assert area == pytest.approx(noise.variance, rel=1e-3)
    assert noise.density(1e-3) == pytest.approx(noise.white_fm, rel=1e-9, abs=0)
    tau = np.array([1e-7, 1e-5, 1e-3, 1.0])
    expected = np.sqrt(integral(noise.density, "allan", tau))
    assert noise.deviation(tau) == pytest.approx(expected, rel=1e-4, abs=0)
    assert noise.deviation(10.0) == pytest.approx(math.sqrt(noise.white_fm / 20), rel=1e-4, abs=0)


def test_the_closed_form_for_short_times_is_continuous():
    noise = thermorefractive(small(), temperature=300.0)
    x = 1e-2 / noise.rates
    pair = noise.deviation(np.array([x[0] * (1 - 1e-7), x[0] * (1 + 1e-7)]))
    assert pair[1] / pair[0] == pytest.approx(1, rel=1e-5)


def test_how_it_scales():
    plain = thermorefractive(small(), temperature=300.0)
    t, f = 1e-3, 1e4

    def changed(**changes):
        return thermorefractive(small(material=Copy(**changes)), temperature=300.0)

    warm = thermorefractive(small(), temperature=600.0)
    assert warm.deviation(t) == pytest.approx(2 * plain.deviation(t), rel=1e-12, abs=0)
    steep = changed(thermo_optic=-3.0e-5)
    assert steep.deviation(t) == pytest.approx(3 * plain.deviation(t), rel=1e-9, abs=0)
    conducting = changed(thermal_conductivity=2.8)
    assert conducting.white_fm == pytest.approx(plain.white_fm / 2, rel=1e-9, abs=0)
    assert conducting.variance == pytest.approx(plain.variance, rel=1e-9, abs=0)
    heavy = changed(density=4400.0)  # slow noise depends on the conductivity alone
    assert heavy.white_fm == pytest.approx(plain.white_fm, rel=1e-9, abs=0)
    assert heavy.relaxation_time == pytest.approx(2 * plain.relaxation_time, rel=1e-9, abs=0)
    large = thermorefractive(small(radius=10e-6), temperature=300.0)  # same l, so the same shape
    assert large.density(f / 4) == pytest.approx(plain.density(f) / 8 * 4, rel=1e-6, abs=0)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_the_sphere_as_a_whole_follows_its_index(polarization):
    """d ln omega/dn of the exact resonance, by the index of the sphere: what part of the light is inside."""
    step, radius = 1e-6, 5e-6
    low, high = (
        Microsphere(radius, 1.45 + sign * step).mode(polarization, n=1, l=40).frequency for sign in (-1, 1)
    )
    slope = (math.log(high) - math.log(low)) / (2 * step) * Glass.thermo_optic
    heat = Glass.density * Glass.heat_capacity * 4 / 3 * math.pi * radius**3
    noise = thermorefractive(small(polarization=polarization), temperature=300.0)
    assert noise.uniform == pytest.approx(-slope * 300.0 * math.sqrt(const.k / heat), rel=1e-4, abs=0)


def test_a_ring_on_the_surface():
    r"""Slow noise of light that is a band on the surface, of Gaussian profile exp(-l delta²), by hand.

    $4k_BT^2/(\kappa R)\sum_{L=2,4...}\frac{2L+1}{4\pi}P_L(0)^2e^{-L^2/2l}/L$: g_L(R, R) = 1/(L R) without flow through the
    surface.  The light is spread over a depth, which makes its noise a little smaller.
    """
    silica = Material("fused silica")
    sphere = Microsphere(20.3192e-6, silica)
    mode = sphere.mode("TE", n=1, l=255)
    noise = thermorefractive(mode, temperature=300.0)
    L = np.arange(2, 200, 2)
    band = np.sum((2 * L + 1) / (4 * math.pi) * eval_legendre(L, 0.0) ** 2 * np.exp(-(L**2) / 510) / L)
    slow = 4 * const.k * 300.0**2 / (silica.thermal_conductivity * sphere.radius)
    expected = (silica.thermo_optic / mode.index) ** 2 * slow * band
    assert expected / 1.35 < noise.white_fm < expected


def test_the_sphere_of_the_paper():
    """Yu, Chen and Zhang (2023): 6.6e-13/sqrt(tau); the rest is dn/dT, which they do not give."""
    mode = Microsphere(20.3192e-6, Material("fused silica")).mode("TE", n=1, l=255)
    noise = thermorefractive(mode, temperature=300.0)
    assert noise.deviation(1.0) == pytest.approx(6.6e-13, rel=0.15, abs=0)
    assert "Allan deviation" in str(noise)


def test_mistakes():
    mode = small()
    for temperature in (0.0, -3.0, math.nan):
        with pytest.raises(InputError, match="temperature"):
            thermorefractive(mode, temperature=temperature)
    with pytest.raises(InputError, match="has no dn/dT, thermal conductivity, density, heat capacity"):
        thermorefractive(small(material=1.45), temperature=300.0)
    with pytest.raises(InputError, match="must be positive"):
        thermorefractive(mode, temperature=300.0).deviation([1.0, 0.0])
