"""What the calculation says beyond the paper, in sentences with their numbers."""

from __future__ import annotations

import dataclasses
import math

from scipy.constants import h

from atomcavity.reports.page import number
from atomcavity.studies.microlaser.device import Device, with_changes
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.static import Static
from atomcavity.studies.microlaser.zeeman import Zeeman
from atomcavity.studies.sphere_device import KILO, MICROKELVIN

MEGA = 2e6 * math.pi


def per_second(rate: float) -> str:
    """A rate with two digits, as in 3.5 × 10⁶ 1/s."""
    return f"{number(float(f'{rate:.2g}'))} 1/s"


def about_trap(static: Static) -> list[str]:
    """The trap as it physically is, its light shift, and a radius that fits better."""
    trap = static.device.trap
    minimum, shift = trap.require_minimum(), trap.shift("3P1")
    gaps = ", ".join(f"{gap / KILO:.0f}" for gap in trap.states().first_gaps)
    return [
        "The physically right trap (Fig. 2b: exact modes, true power, our line list) lies "
        f"{minimum.distance * 1e9:.0f} nm from the surface, {minimum.depth / MICROKELVIN:.1f} µK deep; its first radial, "
        f"polar and azimuthal gaps are {gaps} kHz.",
        _printed_shifts(static),
        f"On the printed radius the blue mode lies at {trap.blue.wavelength * 1e9:.2f} nm, close to resonances of ³P₁, and "
        f"shifts the laser line by {float(shift.blue[0]) / KILO:.0f} kHz, more than κ: the laser's curves do not belong to "
        f"that trap. The red light adds {float(shift.red[0]) / KILO:.1f} kHz, the surface "
        f"{float(shift.surface[0]) / KILO:.1f} kHz.",
        f"The shift differs by {trap.around_ring('3P1').spread / KILO:.1f} kHz between the sites of the ring: the surface "
        "shift of ³P₁, m = 0 depends on the angle between the magnetic field and the site's normal.",
        _better_sphere(static),
        _ways_out(static),
        _averaged_coupling(static.device),
    ]


def _printed_shifts(static: Static) -> str:
    """The paper's own numbers against its statement that the shifts are negligible."""
    trap = static.imposed_trap
    minimum = trap.require_minimum()
    blue = float(trap.light_potential(minimum.position, beam="blue")) / h
    surface = (PUBLISHED.c3[1] - PUBLISHED.c3[0]) / h / minimum.distance**3
    return (
        "By the paper's own numbers the shifts are not negligible against γ/2π = "
        f"{static.device.line.gamma / KILO:.1f} kHz: {100 * PUBLISHED.blue_mismatch:.1f} % of the blue potential, "
        f"{blue / 1e6:.2f} MHz, are {PUBLISHED.blue_mismatch * blue / 1e3:.0f} kHz, and the two printed C₃ differ by "
        f"{surface / 1e3:.0f} kHz at the trap's distance."
    )


def _better_sphere(static: Static) -> str:
    """The sphere whose modes lie where the paper wants them."""
    experiment = static.device.experiment
    blue = experiment.trap.blue.model_copy(update={"l": 110, "m": 110})
    sphere, trap = {"radius": static.consistent_radius}, {"blue": blue}
    better = Device(with_changes(experiment, sphere=sphere, trap=trap)).trap
    start = (
        f"With R = {static.consistent_radius * 1e6:.4f} µm and l = 110 for the blue mode ({better.blue.wavelength * 1e9:.2f} "
        "nm) the sphere is on the laser line and near the blue magic wavelength: "
    )
    found = better.minimum()
    if not found:
        return start + f"but there is no trap, because {found.reason}."
    shifts = ", ".join(
        f"{float(dataclasses.replace(better, variant=variant).shift('3P1').total[0]) / KILO:.0f} kHz ({variant})"
        for variant in ("lines", "lines-and-core", "full")
    )
    return (
        f"{start}the trap lies at {found.distance * 1e9:.0f} nm, {found.depth / MICROKELVIN:.1f} µK deep. The shift of the "
        f"laser line there hangs on the list of lines: {shifts}."
    )


def _ways_out(static: Static) -> str:
    trap = static.imposed_trap
    minimum = trap.require_minimum()
    stay = 1 / float(trap.states().tunnelling[0])
    return (
        "In the well of printed depth and distance the lowest way out leads to the surface off the equator: it opens "
        f"{trap.passages()['surface'] / MICROKELVIN:.0f} µK above the bottom. On the equator the barrier's top lies "
        f"{(minimum.energy + minimum.barrier) / MICROKELVIN:+.2f} µK from the energy of a free atom, and even from the radial "
        f"ground state an atom tunnels to the surface within {1e3 * stay:.0f} ms (WKB), sooner than it scatters a photon."
    )


def _averaged_coupling(device: Device) -> str:
    trap = device.trap
    place = trap.require_minimum().position[None, :]
    still = abs(device.coupling(place).g[0, 0])
    moving = abs(device.coupling(place, wave_function=trap.states()).g[0, 0])
    return (
        f"At the minimum of the physical trap g/2π = {still / MEGA:.3f} MHz (it falls with the distance); averaged over the "
        f"vibrational ground state {moving / MEGA:.3f} MHz."
    )


def about_levels(zeeman: Zeeman) -> list[str]:
    """The other Zeeman levels, and the pump rate."""
    return [_sublevels(zeeman), _emptying(zeeman), _largest_pump(zeeman), _gentle_pump(zeeman)]


def _sublevels(zeeman: Zeeman) -> str:
    models = ("two levels", "no repump", "repump")

    def photons(atoms: int, pump: str) -> str:
        return ", ".join(f"{zeeman.photons[atoms, pump, model]:.4f}" for model in models)

    return (
        f"The cavity also couples ¹S₀ to ³P₁, m = ±1, with {zeeman.ratio:.3f} g and only {zeeman.splitting / MEGA:.2f} MHz "
        "away at 1 G, within g and κ. Photons in a mode by the two-level model, with these levels not emptied, and with them "
        f"emptied into m = 0 at the pump rate: at Γmax {photons(1, 'max')} for one atom and {photons(2, 'max')} for two; at "
        f"30 γ {photons(1, '30')} and {photons(2, '30')}."
    )


def _emptying(zeeman: Zeeman) -> str:
    fastest, pump = zeeman.fastest_emptying, zeeman.device.rates.pump_max
    return (
        f"Light on ³P₁–³S₁ cannot empty them into m = 0 faster than {per_second(fastest)} = {fastest / pump:.2f} Γmax, because "
        "only part of ³S₁ decays there: the two-level model is not recovered."
    )


def _largest_pump(zeeman: Zeeman) -> str:
    rabi, rates = zeeman.pump_curve
    slow, fast = (zeeman.best_pump_rate(float(rabi[-1]), repump)[0] for repump in (1e7, 1e10))
    return (
        "The paper's Γmax is the decay rate of 5s6s ³S₁ to all sublevels of ³P₁. The scheme of Fig. 1b with the branching of "
        f"³S₁ gives at most {per_second(rates.max())} = {rates.max() / zeeman.device.line.gamma:.0f} γ with ³P₀ and ³P₂ repumped "
        f"at the assumed {per_second(zeeman.device.experiment.laser.repump_rate)} ({per_second(slow)} at 10⁷ 1/s, {per_second(fast)} at 10¹⁰ 1/s)."
    )


def _gentle_pump(zeeman: Zeeman) -> str:
    gamma = zeeman.device.line.gamma
    rate = zeeman.best_pump_rate(zeeman.gentle_rabi)[0]
    return (
        "The paper allows 30 γ if the pump may shift the laser line by γ. Pure σ⁻ light would not shift it; with a π "
        "component of the same strength, detuned by the Zeeman splitting Δ, the line moves by Ω²/2Δ, and where that equals γ "
        f"the pump rate is {per_second(rate)} = {rate / gamma:.1f} γ. (The Rabi frequency itself is "
        f"{math.sqrt(4 * zeeman.splitting * gamma) / gamma:.0f} γ where Ω²/4Δ = γ.)"
    )


def about_light(lasing: Lasing, site_phases: tuple[float, float]) -> list[str]:
    """Truncation, spectra, site phases."""
    gamma, spectra = lasing.rates.gamma, lasing.spectra[1e8]
    line, cut = lasing.line("max"), lasing.truncated_line(5)
    widths = ", ".join(f"{width / gamma:.0f}" for width in lasing.linewidths)
    return [
        "A truncation of the total photon number at 5 gives both printed digits of the line (0.18, 0.10) of Fig. 4b: "
        f"({cut[0]:.4f}, {cut[1]:.4f}). Converged it is ({line[0]:.4f}, {line[1]:.4f}). Whether the paper truncated is not "
        "established: that would also give g⁽²⁾ < 1 for N = 6 and 7, against its text.",
        f"The spectrum at Q = 10⁸ and Γmax has one maximum, {spectra.full_width[0] / gamma:.0f} γ wide, although its slowest "
        f"poles lie at ±{abs(spectra.poles[0].imag) / gamma:.0f} γ; two maxima appear below {lasing.doublet_limit():.2f} Γmax.",
        f"With 1 to {len(lasing.linewidths)} atoms the full width at half maximum is {widths} γ.",
        f"The printed site phase k₀ρ₀φ advances by {site_phases[0] / math.pi:.4f} π from site to site, the mode's own m₀φ by "
        f"{site_phases[1] / math.pi:.4f} π (modulo 2π): the equality N_p = C_p of the paper holds for the printed phase only.",
    ]
