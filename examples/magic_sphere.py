# %% [markdown]
# # Which sphere is magic?
# The lasing mode must lie on the 689.45 nm line of strontium.  That fixes the radius for each l.  Which of these spheres
# has a blue mode next to the blue magic wavelength, so that the trap hardly shifts the line?

# %%
import numpy as np

import atomcavity as ac

sr, silica = ac.Species("88Sr"), ac.Material("fused silica")
line = sr.transition("1S0", "3P1")
axis = (0, np.sin(np.radians(55.45)), np.cos(np.radians(55.45)))  # the magnetic field

# %% [markdown]
# The magic wavelengths near 390 nm, light polarized along z.  They depend on the line list (see `sr.variants`).

# %%
magic = sr.magic_wavelengths("1S0", "3P1", between=(385e-9, 394e-9), axis=axis)
for point in magic:
    print(point)
target = magic[-1].wavelength

# %% [markdown]
# For each l of the lasing mode: the radius, and the blue mode closest to the magic wavelength.

# %%
rows = []
for l in range(56, 66):
    radius = ac.radius_for("TE", 1, l, line.wavelength, silica)
    sphere = ac.Microsphere(radius, silica)
    blue = min(
        (sphere.mode("TE", n=1, l=k) for k in range(l + 35, l + 65)),
        key=lambda mode: abs(mode.wavelength - target),
    )
    rows.append((abs(blue.wavelength - target), l, radius, blue))
    print(f"l = {l}: R = {radius * 1e6:.4f} um, blue l = {blue.l} at {blue.wavelength * 1e9:.3f} nm")

# %%
offset, l, radius, blue = min(rows, key=lambda row: row[0])
print(f"best: l = {l}, R = {radius * 1e6:.4f} um, blue mode {offset * 1e12:.0f} pm from the magic wavelength")
