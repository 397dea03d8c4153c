"""Waveforms: samples of the laws, and the same numbers back from the file."""

import math

import numpy as np
import pytest

from atomcavity.errors import InputError
from atomcavity.loading.ramps import least_heating_ramp
from atomcavity.loading.waveform import read_waveform, waveform
from atomcavity.results import load
from atomcavity.traps.time_law import TimeLaw


def stop(**options):
    frequency = least_heating_ramp(50e-6, (250e3, 310e3)).law(6e3, 0.0, start=10e-6)
    power = TimeLaw.constant(1.0).ramp_to(4.0, start=10e-6, duration=5e-6)
    return waveform(frequency, 80e-6, 5e6, power=power, phase=0.3, **options)


def test_samples_are_those_of_the_laws():
    wave = stop()
    assert len(wave.time) == 401
    assert np.diff(wave.time) == pytest.approx(np.full(400, 2e-7), rel=1e-9, abs=0)
    assert wave.frequency[[0, 175, -1]] == pytest.approx([6e3, 3e3, 0.0], abs=1e-6)
    assert wave.power[[0, 50, 62, 75, -1]] == pytest.approx([1, 1, 2.44, 4, 4])
    area = 2 * math.pi * np.sum((wave.frequency[1:] + wave.frequency[:-1]) / 2) * 2e-7
    assert wave.phase[-1] - wave.phase[0] == pytest.approx(area, rel=1e-6)
    assert wave.phase[0] == 0.3
    assert "401 samples" in str(wave)
    late = stop(start=40e-6)
    assert late.phase[0] == pytest.approx(wave.phase[200], rel=1e-12)


def test_there_and_back(tmp_path):
    wave = stop()
    again = read_waveform(wave.to_csv(tmp_path / "stop.csv"))
    for name in ("time", "frequency", "phase", "power", "sample_rate"):
        assert np.array_equal(getattr(again, name), getattr(wave, name)), name
    names = (tmp_path / "stop.csv").read_text().splitlines()[2]
    assert names == "time (s),frequency (Hz),phase (rad),power"
    assert [path.name for path in tmp_path.iterdir()] == ["stop.csv"]
    assert np.array_equal(load(wave.save(tmp_path / "stop.nc")).phase, wave.phase)


def test_the_signal_has_the_frequency():
    wave = waveform(100e3, 1e-3, 10e6, power=4.0)
    signal = wave.signal(1e6)
    assert signal.max() == pytest.approx(2.0, rel=1e-3)
    spectrum = np.abs(np.fft.rfft(signal[:-1]))
    assert np.argmax(spectrum) * 1e3 == 1.1e6
    with pytest.raises(InputError, match="samples a second"):
        wave.signal(5e6)


def test_wrong_inputs(tmp_path):
    with pytest.raises(InputError, match="20000000"):
        waveform(6e3, 1.0, 1e9)
    with pytest.raises(InputError, match="positive"):
        waveform(6e3, 1.0, 0.0)
    with pytest.raises(InputError, match="negative"):
        waveform(6e3, 1e-3, 1e6, power=TimeLaw.constant(1.0).ramp_to(-1.0, start=0.0, duration=1e-3))
    with pytest.raises(InputError, match="does not exist"):
        stop().to_csv(tmp_path / "no" / "stop.csv")
    with pytest.raises(InputError, match="cannot be read"):
        read_waveform(tmp_path / "nothing.csv")
    (tmp_path / "other.csv").write_text("# x\n# sample_rate (Hz) = 1.0\na,b\n1,2\n")
    with pytest.raises(InputError, match="no waveform"):
        read_waveform(tmp_path / "other.csv")
