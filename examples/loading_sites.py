# %% [markdown]
# # Which sites of a lattice does a cold cloud fill?
# Caesium atoms fall 100 µm in a guiding beam onto a chip and are caught in the lattice of a tweezer and that beam.  They are cooled by
# light that grazes the chip: it is a standing wave above it, and the sites in its nodes stay hot and lose their atoms.  How many
# sites lie between two notches is set by the angle; 4.75° makes it 11 (Zhou et al., arXiv:2606.07800), here it is 8°.
#
# Run it with a file name to save the figure: `python examples/loading_sites.py sites.png`.

# %%
import math
import sys

from scipy.constants import h

import atomcavity as ac

ANGLE = math.radians(8.0)
cs, red = ac.Species("133Cs"), 935e-9
cloud = ac.ColdCloud(cs.mass, number=1e4, temperature=20e-6, height=100e-6, size=(5e-6, 5e-6, 50e-6))

# %% [markdown]
# The tweezer alone is 4.7 MHz deep: $U = \alpha E^2/4$.  The bottom beam is wider and has 0.7 of its amplitude.

# %%
alpha = float(cs.scalar_polarizability("6s 2S1/2", red))
amplitude = math.sqrt(4 * h * 4.7e6 / alpha)
top = ac.GaussianBeam(amplitude, red, waist=2e-6, upwards=False)
belt = ac.ConveyorBelt(top, ac.GaussianBeam(0.7 * amplitude, red, waist=10e-6), alpha)

# %% [markdown]
# Ten milliseconds of cooling at up to 1000/s, against 20 mK/s of heating by all other light; the cooling beam is 35 µm wide.

# %%
cooling = ac.SidebandCooling(1e3, 10e-3, 20e-6, 852e-9, ANGLE, heating=20e-3, waist=35e-6)
filling = ac.fill_sites(cloud, belt, 5e-3, cooling, count=20_000, seed=1)
print(filling)
print(f"{cooling.notch_period / belt.spacing:.2f} sites from notch to notch; the lowest 20 sites of one run:")
print(*filling.draw(1, seed=1)[0, :20])

# %%
if len(sys.argv) > 1:
    filling.plot().figure.savefig(sys.argv[1], dpi=200)
