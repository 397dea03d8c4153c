"""The microclock's pulse: closed forms, conservation, scaling, and the shape of known curves."""

from __future__ import annotations

from math import log, sqrt, tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.studies.microclock.pulse import Pulse, PulseShape, Superradiance

G, KAPPA = tau * 300, tau * 1.2e6


@pytest.fixture(scope="module")
def found():
    return Superradiance(Pulse(G, KAPPA, 400))


def test_two_atoms_in_closed_form():
    """P_0 = exp(-2 Gamma t), P_1 = 2 Gamma t P_0: I = Gamma (1 + 2 Gamma t) exp(-2 Gamma t), half of the photons."""
    pulse = Pulse(G, KAPPA, 2)
    run = pulse.evolution(detuning=KAPPA)
    x = pulse.rate(KAPPA) * run.time
    expected = pulse.rate(KAPPA) * (1 + 2 * x) * np.exp(-2 * x)
    assert pulse.detected(run.photon_number[0]) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert pulse.rate(KAPPA) == pytest.approx(pulse.rate() / 5)
    assert pulse.exchange(KAPPA) == pytest.approx(pulse.rate() / 5)


def test_half_of_the_photons_are_detected(found):
    rate = found.pulse.detected(found.run.photon_number[0])
    assert np.trapezoid(rate, found.run.time) == pytest.approx(200, rel=1e-4)
    assert rate == pytest.approx(found.pulse.system().modes[0].kappa_ext * found.run.photon_number[0])


def test_shape_of_a_known_pulse():
    """A sech^2 has the full width 2 arcosh(sqrt 2) in units of its time constant."""
    time = np.linspace(0, 20, 801)
    shape = PulseShape.of(time, 3 / np.cosh((time - 7) / 1.3) ** 2)
    known = PulseShape(3.0, 7.0, 2 * 1.3 * np.arccosh(sqrt(2)))
    assert shape.relative_to(known) == pytest.approx((0, 0, 0), abs=1e-6)
    falling = PulseShape.of(time, np.exp(-time))
    assert (falling.peak_rate, falling.delay) == (1.0, 0.0)
    assert np.isnan(falling.width)


def test_factors_and_their_fits_against_the_print(found):
    """0.39, 0.26 and 1.2 of the paper, as printed, by one atom number and by fits."""
    for factors in (found.factors, found.fitted):
        assert [round(factors[0], 2), round(factors[1], 2), round(factors[2], 1)] == [0.39, 0.26, 1.2]


def test_uncertainties(found):
    """1/sqrt(N) at the start, the largest transverse one at the delay time, J^2 conserved."""
    run, j = found.run, found.pulse.atoms / 2
    assert run.j_transverse_uncertainty[0] == pytest.approx(1 / 20)
    assert run.time[np.argmax(run.j_transverse_uncertainty)] == pytest.approx(found.shape.delay, rel=0.01)
    total = run.j_z**2 + run.j_z_uncertainty**2 + 2 * run.j_transverse_uncertainty**2
    assert total == pytest.approx(np.full_like(total, (j + 1) / j), rel=1e-9)


def test_coherence_and_spectrum_are_one_fourier_pair(found):
    """S(0) = 2 int C d tau, relative to C(0) = int S d omega/2 pi."""
    c, s = found.coherence, found.spectrum
    area = 2 * np.trapezoid(c.value.real, c.delay)
    assert s.density.max() == pytest.approx(area, rel=1e-3)
    assert np.trapezoid(s.density, s.detuning) / tau == pytest.approx(c.value[0].real, rel=0.03)
    assert found.pulse.kappa * c.value[0].real == pytest.approx(400, rel=1e-9)


@settings(max_examples=12)
@given(st.floats(0.1, 10), st.floats(0.1, 10), st.sampled_from([20, 40]))
def test_factors_depend_on_the_number_alone(g, kappa, atoms):
    """The laws carry all units."""
    scaled, plain = (Superradiance(Pulse(G * a, KAPPA * b, atoms)).factors for a, b in ((g, kappa), (1, 1)))
    assert scaled == pytest.approx(plain, rel=1e-6)


def test_values_have_a_target_each(found):
    values = found.values()
    assert set(values) == {"c_peak_400", "c_d_400", "c_w_400", "c_fit", "tau_e", "fwhm", "centroid"}
    assert values["centroid"] == pytest.approx(-1)
    assert 1 < values["tau_e"] < 1.2
    assert values["fwhm"] < 4 * sqrt(log(2))
