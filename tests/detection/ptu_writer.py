"""A writer of PTU files for tests, by PicoQuant's published description of the format."""

import struct

import numpy as np

KINDS = {
    "PicoHarpT2": 0x00010203,
    "PicoHarpT3": 0x00010303,
    "HydraHarpT2": 0x00010204,
    "HydraHarpT3": 0x00010304,
    "HydraHarp2T2": 0x01010204,
    "HydraHarp2T3": 0x01010304,
    "TimeHarp260NT2": 0x00010205,
    "TimeHarp260PT2": 0x00010206,
    "GenericT2": 0x00010207,
    "GenericT3": 0x00010307,
}
INTEGER, REAL, EMPTY = 0x10000008, 0x20000008, 0xFFFF0008


def t2_records(ticks, channels, *, most=127, wrap=33554432):
    """HydraHarp-like T2 records: detectors count from 1 (0: sync), negative channels are markers."""
    words, passed = [], 0
    for tick, channel in zip(ticks, channels, strict=True):
        while (gap := int(tick) // wrap - passed) > 0:
            count = min(gap, most)
            words.append(1 << 31 | 63 << 25 | count)
            passed += count
        tag = int(tick) - passed * wrap
        special = channel <= 0
        place = -channel if special else channel - 1
        words.append(int(special) << 31 | int(place) << 25 | tag)
    return np.array(words, dtype="<u4")


def write_ptu(path, words, kind, *, tick=1e-12, fine=None, promised=None):
    """A file with the smallest header that readers accept."""
    tags = [
        ("Measurement_Mode", INTEGER, 3 if kind.endswith("T3") else 2),
        ("Measurement_SubMode", INTEGER, 0),
        ("TTResultFormat_TTTRRecType", INTEGER, KINDS[kind]),
        ("TTResultFormat_BitsPerRecord", INTEGER, 32),
        ("MeasDesc_GlobalResolution", REAL, tick),
        ("MeasDesc_Resolution", REAL, fine or tick),
        ("TTResult_NumberOfRecords", INTEGER, len(words) if promised is None else promised),
        ("Header_End", EMPTY, 0),
    ]
    with path.open("wb") as file:
        file.write(b"PQTTTR\0\0" + b"1.0.00\0\0")
        for name, kind_of, value in tags:
            form = "<d" if kind_of == REAL else "<q"
            file.write(
                name.encode().ljust(32, b"\0") + struct.pack("<iI", -1, kind_of) + struct.pack(form, value)
            )
        file.write(words.tobytes())
    return path
