"""The ideas past the paper, made from the study's own devices."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

import atomcavity.studies.ion_laser as ion_laser
from atomcavity.experiments import read_experiment
from atomcavity.studies.ion_laser.beyond import modes_scan, passive_scan, temperature_scan
from atomcavity.studies.ion_laser.device import Device, devices


@pytest.fixture(scope="module")
def lasers() -> list[Device]:
    return devices(read_experiment(Path(ion_laser.__file__).with_name("experiment.toml")))


def test_modes_have_the_gain_of_the_continuous_crystal(lasers: list[Device]) -> None:
    device = lasers[-1]
    scan = modes_scan(device, math.tau * 716, quick=True)
    assert scan.laser.last_pump == pytest.approx(float(device.continuum.thresholds(device.zeta)[1]), rel=1e-9)
    assert scan.crystal.gain == pytest.approx(scan.laser.gain, rel=0.02)
    assert sum(n for n, _ in scan.crystal.groups) == device.experiment.trap.ions


def test_temperature_has_the_cold_power(lasers: list[Device]) -> None:
    tight = [device for device in lasers if lasers[-1].F == device.F]
    scan = temperature_scan(tight, quick=True)
    assert [laser.confinement for laser in scan.lasers] == sorted(device.confinement for device in tight)
    for laser, device in zip(scan.lasers, tight, strict=True):
        assert laser.length == pytest.approx(device.trap.length, rel=1e-9, abs=0)
        cold = float(device.continuum.power(laser.best_pump, device.zeta))
        assert float(laser.power(1e-6, laser.best_pump)) == pytest.approx(cold, rel=0.05, abs=0)
    assert max(scan.limits.values()) < 2e-4


def test_passive_lock_has_the_lasers_crystal(lasers: list[Device]) -> None:
    device = lasers[-1]
    scan = passive_scan(device, quick=True)
    gain = 2 * scan.laser_line.across * scan.laser_line.cooperativity
    assert gain == pytest.approx(1.6 * float(device.continuum.thresholds(device.zeta)[1]), rel=0.02)
    assert scan.laser_line.back == pytest.approx(1.976471 / 8, rel=1e-5)
    assert 1e-17 < scan.active < 2e-16
    assert [round(line.frequency / 1e14) for line in scan.others] == [11, 9]
