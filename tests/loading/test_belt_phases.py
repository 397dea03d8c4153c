"""Atoms with a belt phase of their own move as in a belt with that phase."""

import numpy as np
import pytest

from atomcavity.loading.thermal import Atoms
from atomcavity.loading.trajectories import BeamNoise, trajectories
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import CasimirPolder
from atomcavity.traps.time_law import TimeLaw

MASS = 2.2e-25
BEAM = {"amplitude": 4e5, "wavelength": 935e-9, "waist": 2e-6}


def belt(phase=0.0):
    return ConveyorBelt(
        GaussianBeam(**BEAM, upwards=False),
        GaussianBeam(**BEAM),
        polarizability=5e-38,
        phase=TimeLaw.constant(50e3).phase(phase),
    )


def test_an_own_phase_is_the_belts_phase():
    rng = np.random.default_rng(3)
    atoms = Atoms(MASS, rng.normal(0, 30e-9, (3, 3)), rng.normal(0, 0.01, (3, 3)))
    phases = np.array([0.0, 0.7, -2.0])
    together = trajectories(belt(), atoms, 5e-6, phases=phases, step=20e-9, samples=6)
    for k, phase in enumerate(phases):
        one = Atoms(MASS, atoms.position[k : k + 1], atoms.velocity[k : k + 1])
        alone = trajectories(belt(phase), one, 5e-6, step=20e-9, samples=6)
        assert together.position[k] == pytest.approx(alone.position[0], abs=1e-15)
        assert together.velocity[k] == pytest.approx(alone.velocity[0], abs=1e-9)


def test_own_phases_hold_in_the_parts_of_a_step_near_a_surface_too():
    atoms = Atoms(MASS, np.array([[0, 0, 0.3e-6], [0, 0, 90e-9]]), np.zeros((2, 3)))
    pull, phases, options = (
        CasimirPolder(1.1e-55, 852e-9),
        np.array([0.0, 2.0]),
        {"step": 0.2e-6, "samples": 3},
    )
    together = trajectories(belt() + pull, atoms, 0.8e-6, phases=phases, **options)
    near = Atoms(MASS, atoms.position[1:], atoms.velocity[1:])
    alone = trajectories(belt(2.0) + pull, near, 0.8e-6, **options)
    other = trajectories(belt() + pull, near, 0.8e-6, **options)
    assert together.position[1] == pytest.approx(alone.position[0], abs=1e-14)
    assert np.abs(alone.position - other.position).max() > 1e-10


def test_noise_comes_on_top_of_the_phase():
    atoms = Atoms(MASS, np.zeros((1, 3)), np.zeros((1, 3)))
    noise = BeamNoise(intensity=0.01, phase=0.05)
    a = trajectories(belt(0.7), atoms, 5e-6, noise=noise, step=20e-9, samples=6, seed=4)
    b = trajectories(belt(), atoms, 5e-6, phases=0.7, noise=noise, step=20e-9, samples=6, seed=4)
    assert a.position == pytest.approx(b.position, abs=1e-15)
