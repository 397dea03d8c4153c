"""What the calculation says about the transport, in sentences with their numbers."""

from __future__ import annotations

from atomcavity.studies.chip_loading.device import MEGA
from atomcavity.studies.chip_loading.transport import Transport


def about_transport(found: Transport) -> list[str]:
    """Peaks of T_1 and C, the loss, both modes, the other polarization, the method."""
    energies = [u / MEGA for u in found.devices[0].experiment.blue.energy]
    peaks = [pulses[0].peak for pulses in found.pulses]
    shares = [pulses[0].at(0.25) for pulses in found.pulses]
    largest = [curve.peak for curve in found.cooperativities]
    rides = found.bank.rides
    at_belt = [next(f for f in fates if f.frequency_hz == found.bank.frequency_hz) for fates in found.fates]
    both = [(a.peak[0], b.peak[0]) for a, b in zip(found.pulses[0], found.both_modes, strict=True)]
    ring = found.devices[0].experiment.ring
    most = abs(1 - ring.kappa_ext / (ring.kappa + 2j * ring.backscattering)) ** 2
    return [
        "Fig. 2b, simulated: "
        + "; ".join(
            f"with {u:g} MHz at the surface T₁ peaks at {p[0]:.4f} ± {p[1]:.4f} at z₀/d = {p[2]:.2f} and is {s:.3f} at d/4"
            for u, p, s in zip(energies, peaks, shares, strict=True)
        )
        + ". The paper has a rise above 0.25 towards d/4 and a peak above 0.4.",
        "C of single atoms reaches "
        + " and ".join(
            f"{p[0]:.1f} at z₀/d = {p[2]:.2f} ({u:g} MHz)" for u, p in zip(energies, largest, strict=True)
        )
        + " in the mean; the paper has more than 4.",
        "At 50 kHz the atoms leave at z₀/d = "
        + " and ".join(
            f"{f.height:.2f} ± {f.spread:.2f} ({u:g} MHz: {100 * f.shares['surface']:.0f} % at the surface, {100 * f.shares['left']:.0f} % away, "
            f"{100 * f.shares['held']:.0f} % still there)"
            for u, f in zip(energies, at_belt, strict=True)
        )
        + "; the paper says that the trap opens below 0.25.",
        f"Atoms that couple to both directions of circulation leave one standing wave of the ring as it is: with {energies[0]:g} MHz the peaks of T₁ to T₆ fall from {', '.join(f'{a:.2f}' for a, _ in both)} "
        f"to {', '.join(f'{b:.2f}' for _, b in both)}, averaged over the phases of the sites, and without any light shift many atoms let at most {most:.2f} through. The measured peaks above 0.5 speak for the paper's choice, the driven mode only.",
        f"With the belt's light polarized along the waveguide and all else the same T₁ peaks at {found.along_guide.peak[0]:.3f}.",
        "Rides that begin at rest while their site already moves oscillate together, even in the mean of many, as the printed curves do. Ours begin with the site's velocity, as after "
        "the paper's ramp of a millisecond, and their mean is smooth.",
        f"Trajectories: {rides.record.method}; in the frozen lattice the energy keeps to {rides.energy_drift / 6.62607015e-34:.1g} Hz, order {rides.order:.1f}. "
        "They are classical and two-dimensional: the field along the waveguide is taken as uniform.",
    ]
