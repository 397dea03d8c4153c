"""A ramp for your own lattice, written as CSV for a generator.

python examples/ramp_waveform.py [FILE]

Rubidium in a lattice of 1064 nm, 0.5 mK deep, is to be set in motion at 2 MHz of beat note (1.1 m/s) within 15 µs.
"""

import sys

import numpy as np
from scipy.constants import k

import atomcavity as ac
from atomcavity.loading.ramps import ramp_excitation

wavelength, depth, beat, duration = 1064e-9, 0.5e-3 * k, 2e6, 15e-6
mass = ac.Species("87Rb").mass
trap = np.sqrt(2 * depth / mass) / wavelength  # Hz: of U = -V cos^2(2 pi z/lambda)

ramp = ac.least_heating_ramp(duration, (0.8 * trap, 1.05 * trap))  # what thermal atoms oscillate at
frequency = ramp.law(0.0, beat)
wave = ac.waveform(frequency, duration + 5e-6, 25e6)
file = wave.to_csv(sys.argv[1] if len(sys.argv) > 1 else "ramp.csv")

sudden = mass / 2 * (beat * wavelength / 2) ** 2 / k
linear = np.mean(ramp_excitation("linear", np.linspace(*ramp.band_hz, 61), duration))
pull = mass * beat * wavelength / 2 / duration * ramp.steepest / (2 * np.pi / wavelength * depth)
print(
    f"trap {trap / 1e3:.0f} kHz; energy gained (harmonic): {sudden * 1e6:.0f} µK if sudden, {sudden * linear * 1e6:.2g} µK linearly, "
)
print(
    f"{sudden * ramp.excitation * 1e6:.2g} µK with this ramp, which pulls with {pull:.0%} of the force the lattice can bear"
)
print(f"{len(wave.time)} samples in {file}")
