"""Collisions with the gas: the cross-section from phase shifts, the dispersion coefficient of cesium."""

import math

import numpy as np
import pytest
from scipy import constants as const
from scipy.integrate import quad

from atomcavity.errors import InputError
from atomcavity.loading.background_gas import (
    CROSS_SECTION,
    diffraction_energy,
    dispersion_coefficient,
    gas_loss,
)
from atomcavity.species import Species

CESIUM = 132.905451961 * const.atomic_mass
ATOMIC = const.physical_constants["Hartree energy"][0] * const.physical_constants["Bohr radius"][0] ** 6


def test_the_cross_section_is_that_of_the_phase_shifts():
    """sigma = 8 pi int b sin^2(delta) db, delta = 3 pi/(16 b^5) in units of (C_6/hbar v)^{1/5} (Jeffreys and Born)."""
    # with x = 1/b^5 the oscillations are regular: b db = x^{-7/5} dx/5
    part = 3 * math.pi / 16
    near, _ = quad(lambda x: math.sin(part * x) ** 2 * x**-1.4, 0, 1, limit=400)
    smooth = 0.5 / 0.4  # of the mean 1/2 from x = 1 on
    turning, _ = quad(lambda x: x**-1.4, 1, math.inf, weight="cos", wvar=2 * part)
    assert 8 * math.pi * (near + smooth - turning / 2) / 5 == pytest.approx(CROSS_SECTION, rel=1e-6)
    assert pytest.approx(8.083, abs=1e-3) == CROSS_SECTION


def test_cesium_attracts_cesium():
    """A. Derevianko, J. F. Babb and A. Dalgarno, Phys. Rev. A 63, 052704 (2001): 6851(74) a.u."""
    assert dispersion_coefficient(Species("133Cs"), "6s 2S1/2") / ATOMIC == pytest.approx(6851, rel=0.02)


def test_the_loss_is_the_mean_over_the_gas():
    c6, pressure, temperature = 6.6e-76, 1e-6, 300.0
    spread = math.sqrt(const.k * temperature / CESIUM)
    v = np.linalg.norm(np.random.default_rng(0).normal(0, spread, (200_000, 3)), axis=1)
    mean = (CROSS_SECTION * (c6 / (const.hbar * v)) ** 0.4 * v).mean() * pressure / (const.k * temperature)
    assert gas_loss(c6, CESIUM, pressure, temperature) == pytest.approx(mean, rel=5e-3)
    assert gas_loss(c6, CESIUM, 0.0) == 0.0
    sigma = CROSS_SECTION * (c6 / (const.hbar * v.mean())) ** 0.4
    expected = 4 * math.pi * const.hbar**2 / (CESIUM * sigma)
    assert diffraction_energy(c6, CESIUM, CESIUM, temperature) == pytest.approx(expected, rel=2e-3, abs=0)
    assert 0.5e-3 < expected / const.k < 5e-3


def test_wrong_inputs():
    with pytest.raises(InputError, match="pressure"):
        gas_loss(6.6e-76, CESIUM, -1.0)
    with pytest.raises(InputError, match="c6"):
        gas_loss(0.0, CESIUM, 1e-6)
