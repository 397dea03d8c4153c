"""What the sphere, its lattice and the coupling say beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import math

from scipy.constants import h

from atomcavity.reports.page import number
from atomcavity.resonators import Microsphere, radius_for
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.published import published
from atomcavity.studies.microclock.static import HERTZ, NANO, Static
from atomcavity.studies.sphere_device import KILO, MICROKELVIN, with_changes


def about_sphere(static: Static) -> list[str]:
    """Modes, quality factor, coupling, trap, scattered photons, surface."""
    return [
        _one_radius(static),
        _tuning(static),
        _quality(static),
        _coupling(static),
        _trap(static),
        _photons(static.physical),
        _surface(static),
    ]


def _one_radius(static: Static) -> str:
    """The radii that the printed wavelengths imply."""
    material = static.paper.sphere.material
    printed = {255: "lamA", 468: "lam_468_Rexact", 218: "lam_218_Rexact"}
    radii = [
        f"{radius_for('TE', 1, l, published(key) * NANO, material, method='asymptotic') * 1e6:.6f}"
        for l, key in printed.items()
    ]
    return (
        f"By the paper's own Eq. (A4) its three wavelengths belong to three radii, {', '.join(radii)} µm (l = 255, 468, 218): "
        "they cannot have been computed from one sphere."
    )


def _tuning(static: Static) -> str:
    """How exactly the radius must be right."""
    sphere, label, step = static.physical.sphere, static.physical.experiment.cavity.mode, 1e-12
    ends = [
        Microsphere(sphere.radius + sign * step, sphere.material).mode(
            label.polarization, n=label.n, l=label.l
        )
        for sign in (1, -1)
    ]
    slope = (ends[0].frequency - ends[1].frequency) / (2 * step) / HERTZ
    needed = static.physical.kappa / 2 / HERTZ / abs(slope)
    return (
        f"The clock mode moves by {abs(slope) * 1e-15 * 1e-3:.1f} kHz with each femtometre of the radius: to be within κ/2 of the atoms "
        f"the radius must be right to {needed * 1e15:.0f} fm. No sphere is made like that; it is tuned (temperature, strain), as the study assumes."
    )


def _quality(static: Static) -> str:
    found = static.physical.budget
    share = found.total / found.parts["scattering"]
    return (
        f"The quality factor is limited by the roughness of the surface ({100 * share:.0f} % of the loss): {number(found.total)}, "
        f"κ/2π = {static.physical.kappa / (1e3 * KILO):.2f} MHz at critical coupling, near the printed {published('kappa'):g} MHz. "
        "The printed Eq. (B4) alone would give ten times less loss."
    )


def _coupling(static: Static) -> str:
    rates = {
        name: 4 * device.g**2 / device.kappa
        for name, device in (("paper", static.paper), ("ours", static.physical))
    }
    return (
        f"With its own volume the mode couples to one atom with g/2π = {static.physical.g / HERTZ:.0f} Hz (averaged over the ground state) "
        f"instead of {static.paper.g / HERTZ:.0f} Hz, so that the rate 4g²/κ falls from 2π × {rates['paper'] / HERTZ:.2f} Hz to "
        f"2π × {rates['ours'] / HERTZ:.3f} Hz: the pulse is {rates['paper'] / rates['ours']:.1f} times slower and that much weaker."
    )


def _trap(static: Static) -> str:
    trap = static.physical.trap
    ways = {name: energy / MICROKELVIN for name, energy in trap.passages().items()}
    return (
        f"The lowest way out of a site opens {min(ways.values()):.1f} µK above its bottom: to the surface off the equator {ways['surface']:.1f} µK, "
        f"to the next site {ways['along phi']:.1f} µK, outwards {ways['infinity']:.1f} µK. Beyond latitudes of some 3.5° the outer lobes of the "
        "red mode are deeper than the sites and end at the surface."
    )


def _photons(device: Device) -> str:
    found = device.trap.lifetime()
    return (
        f"In the lattice an atom in ¹S₀ scatters a photon every {found.between_photons:.1f} s, most of them of the blue light "
        f"({found.blue:.2f} 1/s). The paper leaves this out; in a pulse of 50 ms it happens to {100 * (1 - math.exp(-0.05 * found.rate)):.0f} % of the atoms."
    )


def _surface(static: Static) -> str:
    """The same trap with the species' own C3 of both levels."""
    own = Device(
        with_changes(static.physical.experiment, trap={"given": None}, shifts={"c3_difference": None})
    )
    minimum, upper, noise = (
        static.physical.trap.require_minimum(),
        own.experiment.atom.upper,
        own.experiment.shifts.power_noise,
    )
    trap = own.trap.with_minimum(minimum.depth, minimum.distance)
    surface = [
        own.own_surface.van_der_waals(level).scalar / h * 1e18 for level in (own.experiment.atom.lower, upper)
    ]
    ours, theirs = (float(each.shift(upper).surface[0]) / KILO for each in (trap, static.physical.trap))
    deviation = trap.shift_sensitivity(upper).deviation(noise, noise) / HERTZ
    return (
        f"The surface's part of the shift is the least certain: with the species file's own C₃/h ({surface[0]:.0f} and {surface[1]:.0f} Hz µm³) "
        f"it is {ours:+.1f} kHz instead of {theirs:+.1f} kHz, with the other sign, and in a trap of the same depth and distance 10 % "
        f"independent power noise gives {deviation:.0f} Hz instead of {static.physical.sensitivity.deviation(noise, noise) / HERTZ:.0f} Hz. "
        f"At {minimum.distance / NANO:.0f} nm retardation makes both C₃ smaller; neither calculation has it."
    )
