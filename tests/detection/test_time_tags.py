"""Files of time tags: PTU against ptufile's own decoder and beyond its 32 bits, CSV, netCDF, and files that are bad."""

import math

import numpy as np
import pytest

import atomcavity as ac
from atomcavity.detection.counting import PhotonCounter
from atomcavity.detection.ptu import decode
from atomcavity.detection.records import ClickRecords
from atomcavity.detection.time_tags import read_time_tags, split_runs
from atomcavity.results import Record

pytest.importorskip("ptufile")
import ptufile
from ptu_writer import KINDS, t2_records, write_ptu


def events(seed=0, count=3000, span=4e9):
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, int(span), count)), rng.choice([1, 2, 3, 0, -1, -4], count)


@pytest.mark.parametrize("kind", ["HydraHarp2T2", "TimeHarp260NT2", "TimeHarp260PT2", "GenericT2"])
def test_known_events_come_back(tmp_path, kind):
    ticks, channels = events()
    path = write_ptu(tmp_path / "tags.ptu", t2_records(ticks, channels), kind, tick=25e-12)
    clicks = read_time_tags(path)
    assert clicks.time == pytest.approx(ticks * 25e-12, rel=1e-14)
    names = np.array([f"channel {c}" if c >= 0 else f"marker {-c}" for c in channels])
    assert np.array_equal(np.asarray(clicks.labels)[clicks.channel], names)
    assert clicks.duration == clicks.time[-1]
    assert clicks.runs == 1


def test_long_gaps_overflow_32_bits_but_not_ours(tmp_path):
    """An overflow record that counts 128 and more wraps: gaps of minutes at 1 ps."""
    ticks = np.cumsum([5, 200 * 33554432, 90_000_000_000_000, 7, 30_000_000_000_000])
    channels = np.array([1, 2, 1, -2, 1])
    path = write_ptu(tmp_path / "tags.ptu", t2_records(ticks, channels, most=(1 << 25) - 1), "HydraHarp2T2")
    assert read_time_tags(path).time.tolist() == (ticks * 1e-12).tolist()


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_against_the_decoder_of_ptufile(tmp_path, kind):
    """Random records of every type; rows of channel < 0 without a marker are overflows."""
    rng = np.random.default_rng(3)
    low = rng.integers(0, 1 << 25, 4000)
    if kind.startswith("PicoHarp"):
        words = rng.choice([1, 2, 3, 4, 15] if kind.endswith("T3") else [0, 1, 2, 3, 15], 4000) << 28 | low
        if kind.endswith("T3"):  # markers have 4 bits
            words = np.where(words >> 28 == 15, words & ~(0xFF << 20) | 1 << 16, words)
        words[::7] = 15 << 28 | (low[::7] & 0xFFFF if kind.endswith("T3") else 0)  # overflows
    else:
        marker = rng.integers(0 if kind.endswith("T2") else 1, 16, 4000)
        words = np.where(
            rng.random(4000) < 0.3, 1 << 31 | marker << 25 | low, rng.integers(0, 8, 4000) << 25 | low
        )
        words[::7] = 1 << 31 | 63 << 25 | 1
    words = words.astype("<u4")
    path = write_ptu(tmp_path / "tags.ptu", words, kind, tick=1e-9)
    with ptufile.PtuFile(path) as file:
        theirs = file.decode_records()
    kept = (theirs["channel"] >= 0) | (theirs["marker"] > 0)
    ticks, channels, delays, _ = decode(words, kind)
    theirs = theirs[kept]
    assert np.array_equal(np.maximum(-channels, 0), theirs["marker"])
    # the low four bits of a marker's time in a PicoHarp T2 file are the marker
    bits = np.where((channels < 0) & (kind == "PicoHarpT2"), ~0xF, ~0)
    assert np.array_equal(ticks & bits, theirs["time"].astype(np.int64) & bits)
    seen = channels >= 0
    # ptufile counts from 0: T2 detectors beside the sync input, which is 0 as well, and PicoHarp's router inputs
    from_one = kind == "PicoHarpT3" or (kind.endswith("T2") and not kind.startswith("PicoHarp"))
    expected = np.maximum(channels - 1, 0) if from_one else channels
    assert np.array_equal(expected[seen], theirs["channel"][seen])
    if delays is not None:
        assert np.array_equal(delays[seen], theirs["dtime"][seen])


def test_t3_times_are_sync_pulses_and_delays(tmp_path):
    words = np.array([3 << 25 | 100 << 10 | 7, 1 << 31 | 63 << 25 | 2, 1 << 25 | 9 << 10 | 5], dtype="<u4")
    path = write_ptu(tmp_path / "tags.ptu", words, "GenericT3", tick=1e-7, fine=1e-11)
    clicks = read_time_tags(path)
    assert clicks.time == pytest.approx([7e-7 + 100e-11, 2053e-7 + 9e-11], rel=1e-12)
    assert list(clicks.labels) == ["channel 1", "channel 3"]


def test_csv_and_netcdf(tmp_path):
    (tmp_path / "a.csv").write_text("Time (ns), channel, other\n12.5,1,9\n3,0,9\n40,1,9\n")
    clicks = read_time_tags(tmp_path / "a.csv", duration=1e-6)
    assert clicks.time == pytest.approx([3e-9, 12.5e-9, 40e-9])
    assert clicks.duration == 1e-6
    assert clicks.times("channel 1") == pytest.approx([12.5e-9, 40e-9])
    (tmp_path / "b.txt").write_text("time_ps\n100\n200\n")
    assert read_time_tags(tmp_path / "b.txt").time == pytest.approx([1e-10, 2e-10])
    clicks.save(tmp_path / "c.nc")
    again = read_time_tags(tmp_path / "c.nc")
    assert np.array_equal(again.time, clicks.time)
    assert list(again.labels) == list(clicks.labels)


def test_runs_at_a_marker():
    time = np.array([0.5, 1.0, 1.2, 1.95, 2.0, 2.1, 3.0, 3.4])
    channel = np.array([0, 1, 0, 0, 1, 2, 1, 0])
    whole = ClickRecords(
        Record("given"), time, channel, np.zeros(8, int), np.array(["a", "marker 1", "b"]), 3.5, 1, math.nan
    )
    runs = split_runs(whole, "marker 1", 0.9)
    assert runs.runs == 2
    assert runs.run.tolist() == [0, 1]
    assert runs.time == pytest.approx([0.2, 0.1])
    assert list(runs.labels) == ["a", "b"]
    assert runs.channel.tolist() == [0, 1]
    late = split_runs(whole, "marker 1", 0.4, delay=0.1)
    assert late.runs == 3
    assert late.time == pytest.approx([0.1, 0.0, 0.3])
    with pytest.raises(ac.InputError, match="overlap"):
        split_runs(whole, "marker 1", 1.3)


def test_simulated_records_survive_a_file(tmp_path):
    clicks = PhotonCounter(1e5).clicks([0, 1e-2], [1.0, 1.0], seed=1)
    ticks = np.round(clicks.time / 1e-12).astype(np.int64)
    path = write_ptu(tmp_path / "tags.ptu", t2_records(ticks, np.ones(len(ticks), int)), "GenericT2")
    assert read_time_tags(path).time == pytest.approx(clicks.time, abs=1e-12)


def test_bad_files_in_one_sentence(tmp_path):
    def refused(match, name, content=None):
        path = tmp_path / name
        if content is not None:
            path.write_bytes(content)
        with pytest.raises(ac.InputError, match=match) as found:
            read_time_tags(path)
        assert "\n" not in str(found.value)

    refused("no such file", "none.ptu")
    refused("is empty", "empty.csv", b"")
    refused("not a readable PTU file", "noise.ptu", b"\x00\x01" * 300)
    refused("ends in '.xyz'", "a.xyz", b"1")
    refused("line of headings", "b.csv", b"1,2\n3,4\n")
    refused("not a table of numbers", "c.csv", b"time (s),channel\n1,2\nx,3\n")
    refused("holds no clicks", "d.csv", b"time (s),channel\n")
    refused("negative times", "e.csv", b"time (s)\n-1\n2\n")
    refused("whole numbers", "f.csv", b"time (s),channel\n1,0.5\n")
    refused("not finite", "g.csv", b"time (s)\nnan\n")
    refused("not a result of this package", "h.nc", b"garbage")
    words = t2_records(*events())
    refused("cut off", write_ptu(tmp_path / "i.ptu", words[:100], "GenericT2", promised=len(words)).name)
    (tmp_path / "j.csv").write_bytes(b"time (s)\n1\n2\n")
    with pytest.raises(ac.InputError, match="shorter than the last click"):
        read_time_tags(tmp_path / "j.csv", duration=1.5)
