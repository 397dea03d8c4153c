"""What numbers, fields, potentials and light shifts say beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import math

import numpy as np
from scipy.constants import c, h

from atomcavity.studies.chip_loading.cross_section import MILLIKELVIN
from atomcavity.studies.chip_loading.device import MEGA, Device
from atomcavity.studies.chip_loading.figures_fields import best_height, half_width, range_in_gigahertz
from atomcavity.studies.chip_loading.figures_static import PHASES
from atomcavity.studies.chip_loading.light_shifts import BETWEEN, LIGHTS, LightShifts
from atomcavity.studies.chip_loading.near_fields import NearFields
from atomcavity.studies.chip_loading.published import printed
from atomcavity.studies.chip_loading.saturation import Saturation
from atomcavity.studies.chip_loading.sites import Attraction, Sites
from atomcavity.studies.chip_loading.static import MEGAHERTZ, NANO, Static
from atomcavity.studies.chip_loading.static_part import StaticPart

EFFICIENCIES = (1.0, 0.1)
"""Of detection, for which the saturation by the paper's counts is told."""


def about_static(part: StaticPart) -> list[str]:
    """All of them."""
    return [
        *_about_probe(part.static),
        *_about_saturation(part.saturation),
        *_about_fields(part.fields),
        *_about_shifts(part.shifts),
        *_about_surface(part.attraction, part.static),
        *_about_sites(part.sites),
    ]


def _about_probe(static: Static) -> list[str]:
    """Mean g, ceiling, both directions."""
    device = static.device
    lobe = float(device.coupling(static.trap))
    ceiling, best = static.ceiling(lobe)
    same = static.ceiling(static.g)[0]
    both = ", ".join(
        f"{static.transmission(static.g, static.shift, 1, phase):.3f} ({name})" for phase, name in PHASES
    )
    free = ", ".join(f"{static.transmission(static.g, 0.0, 1, phase):.3f}" for phase, _ in PHASES)
    return [
        f"The printed g(y, z) is {lobe / MEGA:.1f} MHz at the printed place of the trap (C = {device.probe.cooperativity(static.trap):.2f}), not 51 MHz: that is a mean over "
        "trajectories, whose places the paper does not print.",
        f"A light shift of {static.shift / MEGA:g} MHz at that place and the peak above 0.4 of Fig. 2b exclude each other: blue light one free spectral range away has "
        f"the profile of the probed mode, so that the shift grows as g², and then no g gives more than T₁ = {ceiling:.3f} (reached at g/2π = {best / MEGA:.0f} MHz), or "
        f"{same:.3f} if −6 MHz belong to g/2π = {static.g / MEGA:g} MHz. A blue field of 100 MHz at the surface allows the peak and shifts the line by "
        f"{static.devices[-1].light_shift(static.trap) / MEGA:.1f} MHz.",
        f"Eq. (5) couples the atom to the driven mode only. An atom whose dipole couples to both directions gives, by the phase of its site, {both} instead of "
        f"{static.trapped[1]:.3f} ({free} without a light shift, instead of {static.transmission(static.g, 0.0):.3f}).",
    ]


def _about_saturation(saturation: Saturation) -> list[str]:
    """How weak the weak probe is."""
    static, parts = saturation.static, []
    weak = static.trapped[1]
    for efficiency in EFFICIENCIES:
        rate = saturation.probe_rate / efficiency
        found = saturation.driven(rate, static.shift)
        parts.append(
            f"{rate:.2g} photons/s (efficiency {efficiency:g}): T₁ = {found.total:.4f}, {100 * (1 - found.total / weak):.1f} % below the formula, "
            f"the atom excited {100 * found.excited:.2g} % of the time"
        )
    return [
        f"The probe is weak only if most transmitted photons are counted; the master equation of both directions with one atom gives at {'; at '.join(parts)}. "
        "The formula is exact to second order in the probe's amplitude: below 10⁵ photons/s the two agree to "
        f"{abs(saturation.driven(1e4, static.shift).total / weak - 1):.0e}."
    ]


def _about_fields(fields: NearFields) -> list[str]:
    """Side lobes, and which choice gives the printed profile."""
    sentences, device = [], fields.device
    lobes = {
        key: [(z, site) for z, site in zip(fields.heights, found, strict=True) if site]
        for key, found in fields.lobes.items()
    }
    nearest = {
        key: min(found, key=lambda pair: fields.distance(pair[1]), default=None)
        for key, found in lobes.items()
    }
    texts = []
    for (polarization, name), pair in nearest.items():
        light = "across the waveguide" if polarization == "p" else "along it"
        what = "the tweezer alone" if name == "alone" else "the stopped belt"
        if pair is not None:
            z, site = pair
            texts.append(
                f"{what}, light {light}: ({site.position[1] / NANO:.0f}, {site.position[2] / NANO:.0f}) nm at {z / NANO:.0f} nm of height, "
                f"{fields.distance(site) / NANO:.0f} nm from the printed place"
            )
    sentences.append(
        f"Side lobes ({len(fields.heights)} heights from {fields.heights[0] / NANO:.0f} to {fields.heights[-1] / NANO:.0f} nm, the best phase of the stop): "
        f"{'; '.join(texts)}. A thinner waveguide has a single minimum above its middle in the tweezer alone."
    )
    profile = device.profile
    height, standing = best_height(fields)
    _, running = best_height(fields, factor=1.0)
    shape = [
        half_width(fields.fits[name][-1].cosine, fields.fits[name][-1].envelope) / NANO
        for name in ("TM", "TE")
    ]
    width = half_width(profile.cosine, profile.envelope) / NANO
    ring = fields.length_of(fields.modes["TM"][-1])
    spacing, wide = (range_in_gigahertz(fields, height, length) for length in (standing, running))
    first, last = fields.heights[0] / NANO, fields.heights[-1] / NANO
    given = device.experiment.ring
    modes = [
        f"{name} g₀/2π from {g[0] / MEGA:.0f} to {g[-1] / MEGA:.0f} MHz and λ_z from {fits[0].decay / NANO:.1f} to {fits[-1].decay / NANO:.1f} nm"
        for name, fits in fields.fits.items()
        for g in (fields.couplings(name),)
    ]
    return [
        *sentences,
        f"From {first:.0f} to {last:.0f} nm of height, for a running wave in a ring of {given.length * 1e6:.0f} µm and a dipole along |E|: {'; '.join(modes)}. A standing wave is √2 stronger in its "
        "antinodes. g₀ goes as one over the root of the ring's length, which the paper does not print either.",
        f"g₀, λ_z and the side lobes come out together if the probed mode is TM, the waveguide {height / NANO:.0f} nm high, and g that of a standing wave's antinode in a ring of "
        f"{standing * 1e6:.0f} µm, whose next resonance, {spacing:.0f} GHz away, lies at {_next(device, spacing) / NANO:.1f} nm (850.0 nm: {ring * 1e6:.0f} µm). With a running wave, which Eq. (5) is "
        f"written for, the ring would have {running * 1e6:.0f} µm and its next resonance would lie at {_next(device, wide) / NANO:.1f} nm. The printed width along y does not come out at any height: "
        f"half of g at {width:.0f} nm, ours {shape[0]:.0f} (TM) and {shape[1]:.0f} nm (TE).",
    ]


def _next(device: Device, spacing: float) -> float:
    """Wavelength (m) of the resonance so many GHz above the probed line."""
    return c / (device.line.frequency / math.tau + 1e9 * spacing)


def _about_shifts(shifts: LightShifts) -> list[str]:
    """The species' ratio, the magic wavelength, the vector part."""
    static = shifts.static
    given = static.device.experiment
    (magic,) = shifts.magic
    power, needed = shifts.powers
    lower, _ = shifts.polarizabilities(np.array([given.blue.wavelength, magic]))
    vector = shifts.vector(given.blue.wavelength) * shifts.ellipticity
    per_nm = shifts.slope(magic) * NANO
    moved = ", ".join(
        f"{shifts.closed(given.blue.wavelength, light):.2f} ({name})" for name, light in LIGHTS.items()
    )
    found = "; ".join(
        f"{name}: {', '.join(f'{wavelength / NANO:.1f} nm' for wavelength in shifts.magic_closed(light)) or 'none'}"
        for name, light in LIGHTS.items()
    )
    return [
        f"The probed line moves by {shifts.ratio(given.blue.wavelength):.4f} times the blue potential at 850 nm (two levels alone: −2) and by {shifts.ratio(given.belt.wavelength):.3f} times that of the "
        f"belt at 935 nm: {shifts.belt_shift() / 1e6:.2f} MHz from the raised tweezer at the printed trap. These are the scalar parts.",
        f"The magic blue wavelength is {magic / NANO:.2f} nm (scalar parts), 1 nm from a line of the upper level: the shift returns by {per_nm:.2g} times the potential a nm. It "
        f"would raise T₁ in the trap from {static.trapped[1]:.3f} to {static.transmission(static.g, 0.0):.3f}, for {needed / power:.0f} times the power (the polarizability is "
        f"{lower[1] / lower[0]:.3f} of that at 850 nm, and the field decays faster): {1e3 * needed:.0f} mW instead of {1e3 * power:.1f} mW circulating, as running waves.",
        f"The closed transition of a pumped atom, |4, 4⟩ to |5, 5⟩, does not move by the scalar parts alone: over the potential of its own lower state its shift is {moved} at "
        f"850 nm, by the polarization with respect to the atom's axis, and its magic wavelengths between {BETWEEN[0] / NANO:.0f} and {BETWEEN[1] / NANO:.0f} nm are {found}. They exist only "
        "where the light reaches the level at 794.6 nm from |5, 5⟩: the axis has to be chosen with the wavelength.",
        f"Left out by the paper and by us: the blue light is nearly circular at the trap (|E*×E|/|E|² = {shifts.ellipticity:.2f} for a running TM wave), so that its vector part moves "
        f"|F = 4, m = ±4⟩ along y by ±{100 * abs(vector):.0f} % of the scalar potential; a standing wave has none of that.",
    ]


def _about_surface(attraction: Attraction, static: Static) -> list[str]:
    """Printed against computed attraction."""
    place = np.array([0.0, 0.0, static.trap[2]])
    ours, theirs = (float(u.energy(place)) / MEGAHERTZ for u in (attraction.plane, attraction.printed))
    barriers = [Attraction(device).barrier() for device in static.devices]
    text = " and ".join(
        f"{energy / MEGAHERTZ:.0f} MHz ({energy / MILLIKELVIN:.1f} mK) at {z / NANO:.0f} nm"
        for energy, z in barriers
    )
    return [
        f"The printed attraction is weaker than that of a half-space of silicon nitride by the data of cesium and of the material: {theirs:.3f} against {ours:.3f} MHz at {static.trap[2] / NANO:.0f} nm, "
        f"C₃/h {math.tau * attraction.printed.c4 / attraction.printed.wavelength / h * 1e18:.0f} against {attraction.c3 / h * 1e18:.0f} Hz µm³. A waveguide of finite size attracts less. Both are small there: the barriers before "
        f"the surface are {text} above the middle.",
    ]


def _about_sites(sites: tuple[Sites, ...]) -> list[str]:
    """A table of a site on its way (for a second blue field where it differs), and where it splits and ends."""
    sentences = []
    for number, one in enumerate(sites):
        device = one.device
        rows, last = [], 0.0
        for z, site in zip(one.heights, one.found, strict=True):
            if site is None:
                break
            last = z
            if min(abs(z - wanted) for wanted in ((0.5,) if number else (3.0, 2.0, 1.0, 0.5))) < 1e-6:
                y, up = site.position[1:] / NANO
                nu = " and ".join(f"{w / math.tau / 1e3:.0f}" for w in site.frequencies)
                rows.append(
                    f"z₀/d = {z:.2g}: ({abs(y):.0f}, {up:.0f}) nm, barrier {1e3 * site.depth / MILLIKELVIN:.0f} µK, {nu} kHz"
                )
        blue = device.blue_energy / MEGA
        sentences.append(
            f"A site on its way, blue field {blue:g} MHz: {'; '.join(rows)}{' (higher up as before)' if number else ''}. It is a minimum down to z₀/d = {last:.2f}."
        )
    deepest = printed("lattice_frequency", "angular") / math.tau / 1e3
    depth = sites[0].device.experiment.belt
    lattice = 4 * depth.ratio * depth.depth / MEGA
    sentences.append(
        f"The belt's modulation far from the chip is {lattice:.1f} MHz, which gives the printed {deepest:.0f} kHz along z; the tweezer's reflection makes it rise and fall from "
        "one half spacing to the next. Below 0.6 d each site splits into a left and a right one."
    )
    return sentences
