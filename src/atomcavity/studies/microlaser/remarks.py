"""What the calculation says beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import dataclasses
import math

from atomcavity.studies.microlaser.device import Device, with_changes
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.static import KILO, MICROKELVIN, Static
from atomcavity.studies.microlaser.zeeman import Zeeman

MEGA = 2e6 * math.pi


def about_trap(static: Static) -> list[str]:
    """The trap as it physically is, its light shift, and a radius that fits better."""
    device = static.device
    trap, shift = device.trap.require_minimum(), device.trap.shift("3P1")
    gaps = ", ".join(f"{gap / KILO:.0f}" for gap in device.trap.states().first_gaps)
    barrier = static.imposed_trap.require_minimum()
    tunnelling = float(static.imposed_trap.states().tunnelling[0])
    return [
        f"The physically right trap (exact modes, true power, our line list) lies {trap.distance * 1e9:.0f} nm from the "
        f"surface, {trap.depth / MICROKELVIN:.1f} µK deep; its first radial, polar and azimuthal gaps are {gaps} kHz.",
        f"The light shift is not negligible against γ/2π = {device.line.gamma / KILO:.1f} kHz. On the printed radius the "
        f"blue mode lies at {device.trap.blue.wavelength * 1e9:.2f} nm, close to resonances of ³P₁, and shifts the laser "
        f"line by {float(shift.blue[0]) / KILO:.0f} kHz; the red light adds {float(shift.red[0]) / KILO:.1f} kHz, the "
        f"surface {float(shift.surface[0]) / KILO:.1f} kHz.",
        f"The shift differs by {device.trap.around_ring('3P1').spread / KILO:.1f} kHz between the sites of the ring: the "
        "surface shift of ³P₁, m = 0 depends on the angle between the magnetic field and the site's normal.",
        _better_sphere(static),
        f"In the well of printed depth and distance the lowest way out leads to the surface off the equator: it opens only "
        f"{static.imposed_trap.passages()['surface'] / MICROKELVIN:.0f} µK above the bottom. On the equator the barrier's top lies "
        f"{(barrier.energy + barrier.barrier) / MICROKELVIN:+.2f} µK from the energy of a free atom, and even from the radial "
        f"ground state an atom tunnels to the surface within {1e3 / tunnelling:.0f} ms (WKB): far sooner than it scatters a photon.",
        _averaged_coupling(device),
    ]


def _better_sphere(static: Static) -> str:
    """The sphere whose modes lie where the paper wants them."""
    experiment = static.device.experiment
    blue = experiment.trap.blue.model_copy(update={"l": 110, "m": 110})
    better = Device(
        with_changes(experiment, sphere={"radius": static.consistent_radius}, trap={"blue": blue})
    )
    found, start = (
        better.trap.minimum(),
        f"With R = {static.consistent_radius * 1e6:.4f} µm and l = 110 for the blue mode ",
    )
    start += f"({better.trap.blue.wavelength * 1e9:.2f} nm) the sphere is on the laser line and near the blue magic wavelength: "
    if not found:
        return start + f"but there is no trap, because {found.reason}."
    shifts = {
        variant: float(dataclasses.replace(better.trap, variant=variant).shift("3P1").total[0]) / KILO
        for variant in ("lines", "lines-and-core", "full")
    }
    return (
        f"{start}the trap lies at {found.distance * 1e9:.0f} nm, {found.depth / MICROKELVIN:.1f} µK deep. The shift of the laser "
        "line there hangs on the list of lines: "
        + ", ".join(f"{shift:.0f} kHz ({variant})" for variant, shift in shifts.items())
        + "."
    )


def _averaged_coupling(device: Device) -> str:
    trap = device.trap
    place = trap.require_minimum().position[None, :]
    still = abs(device.coupling(place).g[0, 0])
    moving = abs(device.coupling(place, wave_function=trap.states()).g[0, 0])
    return (
        f"At the physical minimum g/2π = {still / MEGA:.3f} MHz (it falls with the distance); averaged over the vibrational "
        f"ground state {moving / MEGA:.3f} MHz."
    )


def about_levels(zeeman: Zeeman) -> list[str]:
    """The other Zeeman levels, and the pump rate."""
    photons, gamma = zeeman.photons, zeeman.device.line.gamma
    gentle, top = zeeman.best_pump_rate(zeeman.gentle_rabi)[0], float(zeeman.pump_curve[1].max())

    def numbers(atoms: int) -> str:
        return ", ".join(
            f"{photons[atoms, 'max', model]:.4f}" for model in ("two levels", "no repump", "repump")
        )

    return [
        f"The cavity also couples ¹S₀ to ³P₁, m = ±1, with {zeeman.ratio:.3f} g and only {zeeman.splitting / MEGA:.2f} MHz "
        "away at 1 G, within g and κ. Photons in a mode at Γmax by the two-level model, with these levels not emptied, and "
        f"with them emptied into m = 0 at the pump rate: {numbers(1)} for one atom, {numbers(2)} for two.",
        "The paper's Γmax is the decay rate of 5s6s ³S₁ to all sublevels of ³P₁. The scheme of Fig. 1b with the branching "
        f"of ³S₁ gives at most {top:.2g} 1/s = {top / gamma:.0f} γ, and {gentle:.2g} 1/s = {gentle / gamma:.1f} γ where the "
        "light shift Ω²/4Δ of the laser line, Δ the Zeeman splitting, equals γ (paper: 30 γ).",
    ]


def about_light(lasing: Lasing, site_phases: tuple[float, float]) -> list[str]:
    """Truncation, spectra, site phases."""
    gamma, spectra = lasing.rates.gamma, lasing.spectra[1e8]
    line, cut = lasing.line("max"), lasing.truncated_line(5)
    widths = ", ".join(f"{width / gamma:.0f}" for width in lasing.linewidths)
    return [
        f"The published line (0.18, 0.10) of Fig. 4b is what a truncation of the total photon number at 5 gives: ({cut[0]:.4f}, "
        f"{cut[1]:.4f}). Converged it is ({line[0]:.4f}, {line[1]:.4f}).",
        f"The spectrum at Q = 10⁸ and Γmax has one maximum, {spectra.full_width[0] / gamma:.0f} γ wide, although its slowest "
        f"poles lie at ±{abs(spectra.poles[0].imag) / gamma:.0f} γ; two maxima appear below {lasing.doublet_limit():.2f} Γmax.",
        f"With {lasing.atoms[0]} to {lasing.atoms[len(lasing.linewidths) - 1]} atoms the full width at half maximum is {widths} γ.",
        f"The printed site phase k₀ρ₀φ advances by {site_phases[0] / math.pi:.4f} π from site to site, the mode's own m₀φ by "
        f"{site_phases[1] / math.pi:.4f} π (modulo 2π): the equality N_p = C_p of the paper holds for the printed phase only.",
    ]
