"""What a weak probe does to an atom: balance of photons, closed forms of scattering, force, friction and diffusion."""

import math
from math import tau

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import constants as const

from atomcavity.dynamics.probe.ring import ring_transmission
from atomcavity.errors import InputError
from atomcavity.loading.probe_heating import ProbeScattering, probe_flux
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import trajectories
from atomcavity.resonators.guided import EvanescentFit
from atomcavity.traps.near_surface import HarmonicWell

MASS = 132.905451961 * const.atomic_mass
FIT = EvanescentFit(tau * 490e6, 88e-9, 540e-9, 930e-9, 0.0)
RING = {
    "kappa": tau * 1.71e9,
    "kappa_ext": tau * 0.83e9,
    "backscattering": tau * 0.51e9,
    "gamma": tau * 5.22e6,
}
WAVE = 852e-9
PLACE = np.array([0.1e-6, 0.235e-6, 0.18e-6])


def probe(flux=3e6, **changes):
    return ProbeScattering(flux, WAVE, **(RING | {"coupling": FIT, "surface_shift": -tau * 410e6} | changes))


@given(st.floats(0.01, 1.0), st.floats(-5e8, 5e8), st.floats(-3e9, 3e9), st.floats(0, 3e9))
@settings(max_examples=50, deadline=None)
def test_every_photon_goes_somewhere(p, shift, detuning, beta):
    """Flux in = transmitted + reflected into the bus + lost in the ring + scattered by the atom; T is `ring_transmission`."""
    ring = RING | {"backscattering": beta}
    light = ProbeScattering(1.0, WAVE, **ring, coupling=FIT, surface_shift=shift, detuning=detuning)
    a, b, atom = np.abs(light.amplitudes(p)) ** 2
    transmitted = float(
        ring_transmission(detuning, **ring, g=np.array([FIT.g0 * p]), shifts=np.array([shift * p**2]))
    )
    lost = (RING["kappa"] - RING["kappa_ext"]) * (a + b) + RING["gamma"] * atom
    assert transmitted + RING["kappa_ext"] * b + lost == pytest.approx(1, rel=1e-9)


def test_photons_of_the_empty_ring():
    light = probe()
    eta = 1 / (1 + 4 * (0.51 / 1.71) ** 2)
    photons = 4 * RING["kappa_ext"] * 3e6 * eta**2 / RING["kappa"] ** 2
    assert light.photons() == pytest.approx([photons, photons * (2 * 0.51 / 1.71) ** 2], rel=1e-12, abs=0)


def test_flux_from_counts():
    assert probe_flux(75e3, 0.085, 0.3) * 0.085 * 0.3 == pytest.approx(75e3)
    with pytest.raises(InputError, match="efficiency"):
        probe_flux(75e3, 0.085, 0.0)


def test_the_atom_weakens_its_own_field():
    """On resonance and without back-scattering, the rate is gamma/2 s/(1 + s) of the cavity's field over (1 + C)^2."""
    light = probe(backscattering=0.0, surface_shift=0.0, flux=1e8)
    p = light.profile(PLACE)
    c = 4 * (FIT.g0 * p) ** 2 / (RING["kappa"] * RING["gamma"])
    s = 8 * (FIT.g0 * p) ** 2 / RING["gamma"] ** 2 * light.photons()[0] / (1 + c) ** 2
    assert light.saturation(PLACE) == pytest.approx(s, rel=1e-9)
    assert light.rate(PLACE) == pytest.approx(RING["gamma"] / 2 * s / (1 + s), rel=1e-9)
    assert light.action(p)[0] * p**2 == pytest.approx(light.rate(PLACE), rel=1e-9)


@pytest.mark.parametrize("shift", [0.0, tau * 7e6, -tau * 7e6])
def test_free_space_limits(shift):
    """A field that the atom cannot change: force and friction of a two-level atom, and one kick hbar grad ln g a photon."""
    ring = {"kappa": tau * 1e18, "kappa_ext": tau * 1e18, "backscattering": 0.0}
    light = probe(flux=1e15, surface_shift=0.0, shift=shift, **ring)
    p, gamma = 0.1, RING["gamma"]
    half = gamma**2 / 4 + shift**2
    excited = FIT.g0**2 * light.photons()[0] / half  # over p^2
    rate, diffusion, force, friction = light.action(p) * (1 + 2 * excited * p**2)
    assert rate == pytest.approx(gamma * excited, rel=1e-6)
    assert diffusion == pytest.approx(const.hbar**2 * gamma * excited, rel=1e-6, abs=0)
    assert force == pytest.approx(const.hbar * 2 * shift * excited, rel=1e-6, abs=1e-40)
    assert friction == pytest.approx(-2 * const.hbar * gamma * shift * excited / half, rel=1e-5, abs=1e-50)


@given(st.floats(0.02, 1.0), st.floats(-3e9, 3e9), st.floats(-2e9, 2e9))
@settings(max_examples=30, deadline=None)
def test_diffusion_is_the_spectrum_of_the_force(p, delta, detuning):
    """d<P^2>/dt = 2 Re of the integral of the force's correlation (quantum regression)."""
    light = probe(flux=1e5, surface_shift=delta, detuning=detuning)
    step, unit = 1e-6, const.hbar
    u = light.amplitudes(p)
    change = (light.amplitudes(p + step) - light.amplitudes(p - step)) / (2 * step)
    saturated = 1 + 2 * abs(u[2]) ** 2
    decays = np.array([RING["kappa"], RING["kappa"], RING["gamma"]])
    _, diffusion, force, friction = light.action(p)
    assert diffusion * saturated == pytest.approx(unit**2 * decays @ np.abs(change) ** 2, rel=1e-6, abs=0)
    pull = np.array([[0, 0, FIT.g0], [0, 0, 0], [FIT.g0, 0, 2 * delta * p]])
    x, m = pull @ u, light._matrix(p)
    assert force * p * saturated == pytest.approx(
        -unit * (u.conj() @ x).real, rel=1e-9, abs=1e-12 * unit * np.linalg.norm(u) * np.linalg.norm(x)
    )
    assert diffusion * saturated == pytest.approx(
        2 * unit**2 * (x.conj() @ np.linalg.solve(m, x)).real, rel=1e-8, abs=0
    )
    lag = -np.linalg.solve(m, change)  # of an atom with dp/dt = 1
    assert friction * saturated == pytest.approx(
        -2 * unit * (x.conj() @ lag).real, rel=1e-4, abs=1e-8 * unit * np.linalg.norm(x) * np.linalg.norm(lag)
    )


def test_the_slope_is_that_of_the_profile():
    light, step = probe(), 1e-12
    for j in (1, 2):
        move = np.eye(3)[j] * step
        slope = (light.profile(PLACE + move) - light.profile(PLACE - move)) / (2 * step)
        assert light.slope(PLACE)[j - 1] == pytest.approx(slope, rel=1e-6)


def test_kicks_of_atoms_that_stand_still():
    """Heavy free atoms at one place: mean and covariance of the momentum in closed form."""
    light, count, duration, heavy = probe(2e7, index=1.7), 4000, 20e-6, 1e3 * MASS
    atoms = Atoms(heavy, np.tile(PLACE, (count, 1)), np.zeros((count, 3)))
    found = trajectories(
        HarmonicWell(heavy, (0, 0, 0)), atoms, duration, samples=2, step=2e-7, probe=light, seed=3
    )
    momentum = heavy * found.velocity[:, -1]
    slope, p, kick = light.slope(PLACE), light.profile(PLACE), const.h / WAVE
    photons = float(light.rate(PLACE)) * duration
    _, diffusion, force, _ = light.action(p)
    spread = photons * kick**2 / 3 * np.eye(3)
    spread[0, 0] += photons * (1.7 * kick) ** 2
    spread[1:, 1:] += diffusion * np.outer(slope, slope) * duration
    deviation = np.sqrt(np.diag(spread) / count)
    expected = np.array([1.7 * kick * photons, *(force * p * slope * duration)])
    assert np.abs(momentum.mean(axis=0) - expected).max() < 4 * deviation.max()
    found_spread = np.cov(momentum.T)
    error = np.sqrt(2 / count) * np.sqrt(np.outer(np.diag(spread), np.diag(spread)))
    assert (np.abs(found_spread - spread) < 4 * error).all()
    energy = np.sum(momentum[:, 1:] ** 2, axis=-1).mean() / (2 * heavy)
    push = np.sum(expected[1:] ** 2) / (2 * heavy)
    assert energy - push == pytest.approx(float(light.heating(PLACE, heavy)) * duration, rel=0.1, abs=0)


def test_one_step_of_force_and_friction():
    """Red of the atom (shift > 0) the light damps motion along grad p and pulls to where it is bright, blue of it the reverse."""
    from atomcavity.loading.trajectory_kernel import _probed

    for shift in (tau * 5e6, -tau * 5e6):
        light, h = probe(3e6, surface_shift=0.0, shift=shift), 1e-7
        numbers = np.array([1 / FIT.decay, 1 / FIT.cosine, 1 / FIT.envelope, 0.0, 0.0, MASS])
        smooth = light.table * [0, 0, 1, 1]
        slope, p = light.slope(PLACE), float(light.profile(PLACE))
        _, _, force, friction = light.action(p)
        for v in ([0.0, 0.03, -0.05], [0.0, 0.0, 0.0]):
            moved = np.array(v)
            _probed(np.arange(1, 5, dtype=np.uint64), PLACE, moved, numbers, smooth, h, False)
            push = (force * p + friction * (slope @ v[1:])) * slope * h / MASS
            assert moved[1:] - v[1:] == pytest.approx(push, rel=1e-5, abs=0)
        assert math.copysign(1, friction) == -math.copysign(1, shift)
        assert math.copysign(1, force) == math.copysign(1, shift)  # along grad p: towards the surface


def test_place_dependence_averages_over_the_motion():
    """A slow thermal cloud in a stiff well gains the place-averaged heating."""
    omega = tau * np.array([50e3, 60e3, 200e3])
    light = probe(3e6, surface_shift=0.0)
    well = HarmonicWell(MASS, tuple(omega), centre=(0, 0.1e-6, 0.2e-6))
    atoms = thermal_atoms(well, MASS, 20e-6, 3000, near=(0, 0.1e-6, 0.2e-6), method="harmonic", seed=7)
    duration = 40e-6
    found = trajectories(well, atoms, duration, samples=2, probe=light, seed=2)
    gain = (found.energy[:, -1] - found.energy[:, 0]).mean()
    error = (found.energy[:, -1] - found.energy[:, 0]).std() / math.sqrt(3000)
    kick = const.h / WAVE
    along_x = float(light.rate(atoms.position).mean()) * kick**2 * (1 + 1 / 3) / (2 * MASS)
    expected = (float(light.heating(atoms.position, MASS).mean()) + along_x) * duration
    # absorbed photons also push steadily along x: (rate h/lambda)^2 t^2/2m, as long as omega_x t is small
    assert gain == pytest.approx(expected, abs=4 * error + 0.15 * expected)


def test_threads_seeds_and_other_atoms_change_nothing():
    well = HarmonicWell(MASS, (tau * 50e3,) * 3, centre=(0, 0, 0.2e-6))
    atoms = thermal_atoms(well, MASS, 20e-6, 100, near=(0, 0, 0.2e-6), method="harmonic")
    runs = [
        trajectories(well, atoms, 20e-6, workers=w, seed=s, probe=probe())
        for w, s in ((1, 4), (3, 4), (1, 5))
    ]
    assert np.array_equal(runs[0].position, runs[1].position)
    assert not np.array_equal(runs[0].position, runs[2].position)
    few = Atoms(MASS, atoms.position[:7], atoms.velocity[:7])
    alone = trajectories(well, few, 20e-6, seed=4, step=runs[0].step, probe=probe())
    assert np.array_equal(alone.position, runs[0].position[:7])
    dark = trajectories(well, atoms, 20e-6, seed=4, probe=probe(0.0))
    assert np.array_equal(dark.position, trajectories(well, atoms, 20e-6, seed=4).position)


def test_a_strong_probe_is_warned_of():
    well = HarmonicWell(MASS, (tau * 50e3,) * 3, centre=(0, 0, 0.2e-6))
    atoms = thermal_atoms(well, MASS, 20e-6, 5, near=(0, 0, 0.2e-6), method="harmonic")
    found = trajectories(well, atoms, 2e-6, probe=probe(1e9), samples=3)
    assert "saturates" in found.record.warnings[0]
    with pytest.raises(InputError, match="kappa_ext"):
        probe(kappa_ext=tau * 2e9)
