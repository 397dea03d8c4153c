"""The passive lock: law of identical ions, states by mean field, linear response, limits."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.constants import c, hbar

from atomcavity.dynamics import branches, transmission
from atomcavity.resonators.fabry_perot import FabryPerot
from atomcavity.species import Species
from atomcavity.studies.ion_laser.figures_passive import draw_passive
from atomcavity.studies.ion_laser.passive import Passive
from atomcavity.studies.ion_laser.passive_scan import PassiveScan
from atomcavity.studies.ion_laser.remarks_passive import about_passive

OMEGA = math.tau * c / 804e-9


def identical(
    cooperativity: float, *, number: int = 100_000, dephasing: float = 0.0, kappa: float = 1e6
) -> Passive:
    across = 0.02 + dephasing
    g = math.sqrt(cooperativity * kappa * across / (2 * number))
    return Passive("ion", ((number, g, 0.0),), kappa, 0.04, OMEGA, dephasing)


@settings(max_examples=12, deadline=None)
@given(st.floats(0.3, 1e4), st.floats(0.01, 1e5), st.floats(0, 5))
def test_noise_by_linear_theory_is_the_law(cooperativity: float, s: float, dephasing: float) -> None:
    line = identical(cooperativity, dephasing=dephasing, kappa=1e9)
    lock = line.lock(s * line.saturation_photons)
    light, ions = line.law(s)
    assert lock.by_light == pytest.approx(light, rel=1e-3, abs=0)
    assert lock.by_ions == pytest.approx(ions, rel=1e-3, abs=0)
    if abs(1 + cooperativity * (1 - s) / (1 + s) ** 2) > 0.01:
        assert lock.stable == line.holds(s)


def test_slope_is_the_derivative_of_the_phase() -> None:
    """At constant drive; on resonance the photon number does not change to first order."""
    line = identical(500.0)
    photons = 700 * line.saturation_photons
    lock = line.lock(photons)
    step = 1e-4 * line.across
    turned = np.angle(line.response(photons, step)) - np.angle(line.response(photons, -step))
    assert lock.slope == pytest.approx(-turned / (2 * step), rel=1e-4)


def test_shot_noise_without_saturation() -> None:
    """Many ions in a weak probe: sigma_omega^2 = 1/(4 flux slope^2) once the light is the vacuum's, slope 1/gamma_perp."""
    line = identical(1e4)
    lock = line.lock(1e-3 * line.saturation_photons)
    flux = lock.transmitted / (hbar * OMEGA)
    assert lock.by_light == pytest.approx(1 / (4 * flux * lock.slope**2), rel=1e-3)
    assert abs(lock.slope) == pytest.approx(1 / line.across, rel=2e-3)


def test_states_are_those_of_mean_field() -> None:
    line = identical(200.0)
    photons = 30 * line.saturation_photons
    found = branches(line.system(photons))
    assert list(found.labels) == ["lower", "middle", "upper"]
    assert list(found.stable) == [True, False, True]
    drive = abs(line.response(photons)) * math.sqrt(photons)
    for n in found.photon_number[:, 0]:
        assert abs(line.response(n)) * math.sqrt(n) == pytest.approx(drive, rel=1e-6)
        assert line.lock(n).stable == line.holds(n / line.saturation_photons)
    assert found.photon_number[1, 0] == pytest.approx(photons, rel=1e-6, abs=0)


def test_weak_probe_is_linear_response() -> None:
    line = Passive("ion", ((60_000, 3.0, 0.1), (40_000, 5.0, -0.3)), 1e6, 0.04, OMEGA, 0.5)
    detunings = np.array([-40.0, -0.3, 0.05, 1.0, 1e5])
    reply = transmission(line.system(0.0), detunings)
    ours = [line.transmitted(0.0, d) for d in detunings]
    assert 1 - reply.amplitude[0] == pytest.approx(ours, rel=1e-9)


def test_best_lock_of_a_bad_cavity() -> None:
    """Far below C = 8 and with many ions it is the ions' limit: 8 gamma_perp^2/(N gamma) at s = 1, the light aside."""
    line = identical(8.0)
    s, variance = line.best()
    assert 1 < s < 3
    ions = 8 * line.across**2 / (100_000 * line.gamma)
    assert ions < variance < 2 * ions
    _, smallest = identical(1e4).best(stable=False)
    assert smallest < identical(1e4).best()[1]


def test_crystal_on_a_line_and_its_centre() -> None:
    line = Species("138Ba+").transition("6s 2S1/2", "5d 2D5/2")
    cavity = FabryPerot(
        length=0.01, waist=1e-4, finesse=1e5, wavelength=line.wavelength, polarization="right"
    )
    found = Passive.of("Ba", line, cavity, F=(0.5, 2.5), m=(0.5, 1.5), ions=1000, zeta=0.8, groups=8)
    assert sum(n for n, _, _ in found.groups) == 1000
    assert found.back == pytest.approx(0.8, rel=1e-9)
    moved = replace(found, groups=tuple((n, g, 3.0) for n, g, _ in found.groups))
    for old, new in zip(found.groups, moved.centred().groups, strict=True):
        assert new == pytest.approx(old, abs=1e-12)
    assert found.resolved(0.0)
    assert not replace(found, groups=((1, 1.0, 0.0), (1, 1.0, 9.0))).resolved(1.0)


def test_figure_and_remarks() -> None:
    groups = tuple((10_000, float(g), 0.0) for g in np.linspace(1.0, 6.0, 10))
    line = Passive("Lu⁺", groups, 1e6, 0.04, OMEGA, back=0.25)
    moved = tuple((n, g, 0.2 * k) for k, (n, g, _) in enumerate(groups))
    scan = PassiveScan(
        line, replace(line, groups=moved).centred(), [replace(line, name="Ba⁺")], 1e5, 7e-17, quick=True
    )
    assert len(draw_passive(scan).drawing.axes) == 4
    assert all("nan" not in remark for remark in about_passive(scan))
