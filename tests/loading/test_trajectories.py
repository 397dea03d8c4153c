import math

import numpy as np
import pytest
from scipy import constants as const

from atomcavity.errors import InputError
from atomcavity.loading.noise_heating import intensity_heating, pointing_heating
from atomcavity.loading.splitting import BLANES_MOAN, FOREST_RUTH, VELOCITY_VERLET
from atomcavity.loading.thermal import Atoms, thermal_atoms
from atomcavity.loading.trajectories import BeamNoise, ChipSurface, Recoil, trajectories
from atomcavity.results import load
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.near_surface import CasimirPolder, EvanescentField, Gravity, HarmonicWell
from atomcavity.traps.site import find_site
from atomcavity.traps.time_law import TimeLaw

MASS = 132.905451961 * const.atomic_mass
WAVE = 935e-9
DEPTH = 13.10e6 * const.h
OMEGA = np.array([2 * math.pi * 40e3, 2 * math.pi * 70e3, 2 * math.pi * 300e3])
METHODS = pytest.mark.parametrize("method", [VELOCITY_VERLET, FOREST_RUTH, BLANES_MOAN], ids=lambda m: m.name)


def lattice(phase=0.0, waist=5e-6):
    alpha = 5e-38
    beam = {"amplitude": math.sqrt(DEPTH / alpha), "wavelength": WAVE, "waist": waist}
    return ConveyorBelt(
        GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), polarizability=alpha, phase=phase
    )


def one(position, velocity=(0.0, 0.0, 0.0)):
    return Atoms(MASS, np.array([position], float), np.array([velocity], float))


@METHODS
def test_harmonic_motion_converges_at_the_methods_order(method):
    atoms = one((50e-9, -40e-9, 30e-9), (0.01, 0.02, -0.05))
    duration, errors = 20e-6, []
    for steps in (400, 800) if method.order == 2 else (200, 400):
        found = trajectories(
            HarmonicWell(MASS, tuple(OMEGA)),
            atoms,
            duration,
            samples=41,
            method=method,
            step=duration / steps,
        )
        t = found.time[:, None]
        exact = atoms.position * np.cos(OMEGA * t) + atoms.velocity / OMEGA * np.sin(OMEGA * t)
        errors.append(np.abs(found.position[0] - exact).max())
    assert math.log2(errors[0] / errors[1]) == pytest.approx(method.order, abs=0.3)
    assert errors[1] < 1e-9


@METHODS
def test_frozen_energy_and_its_order_are_in_the_result(method):
    atoms = thermal_atoms(lattice(), MASS, 20e-6, 20, near=(0, 0, 0))
    step = 60e-9 if method.order == 2 else 400e-9
    found = trajectories(lattice(), atoms, 100e-6, method=method, step=step)
    assert (
        method.order - 0.4 < found.order < method.order + 2.4
    )  # near a harmonic motion the energy does better
    assert np.abs(found.energy - found.energy[:, :1]).max() < 1.5 * found.energy_drift
    assert found.record.residual < 1e-2


@METHODS
def test_time_reversal(method):
    atoms = thermal_atoms(lattice(), MASS, 30e-6, 10, near=(0, 0, 0))
    there = trajectories(lattice(), atoms, 50e-6, samples=2, method=method)
    turned = Atoms(MASS, there.position[:, -1], -there.velocity[:, -1])
    back = trajectories(lattice(), turned, 50e-6, samples=2, method=method, step=there.step)
    assert back.position[:, -1] == pytest.approx(atoms.position, abs=1e-14)
    assert -back.velocity[:, -1] == pytest.approx(atoms.velocity, abs=1e-9)


def test_action_is_kept_when_the_trap_stiffens_slowly():
    softly = TimeLaw.constant(1.0).ramp_to(4.0, start=10e-6, duration=400e-6, shape="smoothest")
    well = HarmonicWell(MASS, tuple(OMEGA), stiffness=softly)
    found = trajectories(well, one((50e-9, 40e-9, 30e-9)), 450e-6)
    kinetic = MASS * found.velocity[0] ** 2 / 2
    per_axis = kinetic + MASS * OMEGA**2 * softly(found.time)[:, None] * found.position[0] ** 2 / 2
    assert per_axis[-1] / per_axis[0] == pytest.approx(
        np.full(3, 2.0), rel=1e-3
    )  # E/omega stays, omega doubles


def test_the_belt_takes_the_atoms_along_without_heating():
    nu = TimeLaw.constant(0.0).ramp_to(50e3, start=0.0, duration=100e-6, shape="smooth")
    nu = nu.ramp_to(0.0, start=200e-6, duration=100e-6, shape="smooth")
    belt = lattice(nu.phase(), waist=20e-6)
    atoms = thermal_atoms(belt, MASS, 20e-6, 100, near=(0, 0, 0), seed=5)
    found = trajectories(belt, atoms, 300e-6)
    sites = -found.position[:, -1, 2] / (WAVE / 2)
    assert np.all(np.round(sites) == 10)  # 50 kHz for 100 us and twice the half of it
    assert found.share("held") == 1
    assert found.temperature() == pytest.approx(20e-6, rel=0.3)


def test_too_fast_a_start_leaves_the_atoms_behind():
    belt = lattice(TimeLaw.constant(1e6).phase(), waist=20e-6)
    atoms = thermal_atoms(belt, MASS, 5e-6, 20, near=(0, 0, 0))
    found = trajectories(belt, atoms, 20e-6)
    assert np.all(np.abs(found.position[:, -1, 2]) < 5 * WAVE / 2)  # the belt went 20 sites


def test_free_fall():
    found = trajectories(Gravity(MASS), one((0, 0, 0), (0.01, 0.0, 0.02)), 5e-3, step=1e-5)
    expected = 0.02 * found.time - const.g * found.time**2 / 2
    assert found.position[0, :, 2] == pytest.approx(expected, abs=1e-15)


def test_atoms_end_at_the_surface_or_beyond_the_region():
    pull = Gravity(MASS) + CasimirPolder(1.1e-55, 852e-9)
    atoms = Atoms(
        MASS, np.array([[0, 0, 200e-9], [0, 900e-9, 200e-9], [0, 0, 300e-9]]),
        np.array([[0, 0, -0.1], [0, 0, -0.1], [0, 0.5, 0.2]]),
    )  # fmt: skip
    found = trajectories(
        pull, atoms, 4e-6, step=5e-9, surface=ChipSurface(gap=20e-9, width=950e-9, drop=-5e-9),
        region=((-1, 1), (-1e-6, 1e-6), (-1e-6, 1e-6)),
    )  # fmt: skip
    assert found.ending.tolist() == [1, 1, 2]
    assert found.end[2] == pytest.approx(2e-6, abs=2e-8)
    assert found.end[0] < found.end[1] < 2e-6  # the one beside the waveguide falls further
    assert np.isnan(found.position[0, -1]).all()
    assert found.share("surface") == pytest.approx(2 / 3)


def test_fall_onto_a_surface_takes_the_time_of_the_integral():
    """From rest at z_0: t = int dz/sqrt(2 [U(z_0) - U(z)]/m), with one coarse step that is divided where it gets steep."""
    pull, z0, gap = CasimirPolder(1.1e-55, 852e-9), 150e-9, 10e-9
    angle = (np.arange(20000) + 0.5) / 20000 * math.acos(math.sqrt(gap / z0))  # z = z_0 cos^2
    z = z0 * np.cos(angle) ** 2
    drop = pull.energy((0, 0, z0)) - pull.energy(np.stack([0 * z, 0 * z, z], -1))
    slopes = 2 * z0 * np.cos(angle) * np.sin(angle) / np.sqrt(2 * drop / MASS)
    expected = slopes.mean() * math.acos(math.sqrt(gap / z0))
    for method in (VELOCITY_VERLET, BLANES_MOAN):
        found = trajectories(
            pull, one((0, 0, z0)), 4e-6, samples=2, step=1e-6, method=method, surface=ChipSurface(gap=gap)
        )
        assert found.ending.tolist() == [1]
        assert found.end[0] == pytest.approx(expected, rel=3e-3)


def test_a_steep_wall_gives_the_energy_back():
    wall = EvanescentField(50e6 * const.h, 20e-9)
    found = trajectories(wall, one((0, 0, 400e-9), (0, 0, -0.2)), 6e-6, samples=61, step=1e-7)
    assert found.velocity[0, -1, 2] == pytest.approx(0.2, rel=1e-4)
    assert np.nanmin(found.position[0, :, 2]) > 0


def test_shares_do_not_depend_on_the_step():
    beam = {"amplitude": math.sqrt(DEPTH / 5e-38), "wavelength": WAVE, "waist": 2e-6}
    belt = ConveyorBelt(
        GaussianBeam(**beam, upwards=False), GaussianBeam(**beam), polarizability=5e-38,
        phase=TimeLaw.constant(50e3).phase(),
    )  # fmt: skip
    chip = (
        belt + EvanescentField(40e6 * const.h, 88e-9, 540e-9, 930e-9) + CasimirPolder(1.1e-55, 852e-9, 3.7e-9)
    )
    atoms = thermal_atoms(chip, MASS, 20e-6, 200, near=(0, 0, WAVE))
    runs = [
        trajectories(chip, atoms, 60e-6, samples=2, step=step, surface=ChipSurface()) for step in (None, 5e-8)
    ]
    assert runs[0].share("surface") == pytest.approx(runs[1].share("surface"), abs=0.02)
    ends = [float(np.median(run.end)) for run in runs]
    assert ends[0] == pytest.approx(ends[1], abs=0.5e-6)


def test_thermal_samples_obey_equipartition():
    temperature, count = 20e-6, 4000
    for method in ("harmonic", "metropolis"):
        well = HarmonicWell(MASS, tuple(OMEGA))
        atoms = thermal_atoms(well, MASS, temperature, count, near=(1e-8, 0, 0), method=method, seed=2)
        for values in (MASS * atoms.velocity**2, MASS * OMEGA**2 * atoms.position**2):
            mean = values.mean(axis=0) / (const.k * temperature)
            assert np.abs(mean - 1).max() < 4.5 * math.sqrt(2 / count)


def test_metropolis_knows_the_true_well():
    temperature = 120e-6
    atoms = thermal_atoms(lattice(), MASS, temperature, 4000, near=(0, 0, 0), seed=3)
    z = np.linspace(-WAVE / 4, WAVE / 4, 2001)
    weight = np.exp(-(lattice().energy(np.stack([0 * z, 0 * z, z], -1)) + DEPTH) / (const.k * temperature))
    weight *= np.cos(2 * math.pi * z / WAVE) ** -2  # the width of the radial Gaussian at this height
    expected = np.sum(weight[1:-1] * z[1:-1] ** 2) / np.sum(weight[1:-1])
    assert np.mean(atoms.position[:, 2] ** 2) == pytest.approx(expected, rel=0.1)


def test_thermal_atoms_are_below_the_rim():
    alpha = 5e-38
    amplitude = math.sqrt(DEPTH / alpha)
    weak = GaussianBeam(amplitude / 2, WAVE, waist=5e-6)
    belt = ConveyorBelt(GaussianBeam(amplitude, WAVE, waist=5e-6, upwards=False), weak, polarizability=alpha)
    site = find_site(belt, MASS, near=(0, 0, 0))
    atoms = thermal_atoms(belt, MASS, site.depth / (2.2 * const.k), 1000, near=(0, 0, 0))
    energy = belt.energy(atoms.position) - site.energy
    assert 0.8 * site.depth < energy.max() < site.depth


def test_a_temperature_is_about_the_mean_velocity():
    two = Atoms(MASS, np.zeros((2, 3)), np.array([[0, 0, 0.01], [0, 0, 0.03]]))
    found = trajectories(HarmonicWell(MASS, (0, 0, 0)), two, 1e-6, samples=2)
    assert found.temperature() == pytest.approx(MASS * 2e-4 / const.k)


def test_answers_do_not_depend_on_threads_and_differ_with_the_seed():
    atoms = thermal_atoms(lattice(), MASS, 20e-6, 150, near=(0, 0, 0))
    options = {
        "recoil": Recoil(1e5, 852e-9),
        "noise": BeamNoise(intensity=0.01, pointing=5e-9, phase=0.02, correlation_time=1e-6),
    }
    runs = [
        trajectories(lattice(), atoms, 30e-6, workers=w, seed=s, **options)
        for w, s in ((1, 4), (3, 4), (1, 5))
    ]
    assert np.array_equal(runs[0].position, runs[1].position)
    assert not np.array_equal(runs[0].position, runs[2].position)
    few = Atoms(MASS, atoms.position[:7], atoms.velocity[:7])
    alone = trajectories(lattice(), few, 30e-6, seed=4, step=runs[0].step, **options)
    assert np.array_equal(alone.position, runs[0].position[:7])


def test_recoil_heats_as_counted():
    rate, duration, count = 1e6, 50e-6, 2000
    atoms = Atoms(MASS, np.zeros((count, 3)), np.zeros((count, 3)))
    found = trajectories(HarmonicWell(MASS, (0, 0, 0)), atoms, duration, samples=2, step=2e-8,
                         recoil=Recoil(rate, 852e-9, (0, 0, 1)))  # fmt: skip
    kick, photons = const.h / (852e-9 * MASS), rate * duration
    v = found.velocity[:, -1]
    assert v[:, 2].mean() == pytest.approx(kick * photons, rel=0.02)
    assert v[:, 0].var() == pytest.approx(kick**2 * photons / 3, rel=0.12)
    assert v[:, 2].var() == pytest.approx(kick**2 * photons * 4 / 3, rel=0.12)


def test_intensity_noise_heats_at_savards_rate():
    """E grows at pi^2 nu^2 S(2 nu) (Savard, O'Hara and Thomas, Phys. Rev. A 56, R1095 (1997))."""
    belt = lattice(waist=50e-6)
    nu, sigma, tau = 299.5e3, 0.02, 0.3e-6
    atoms = thermal_atoms(belt, MASS, 3e-6, 3000, near=(0, 0, 0), method="harmonic")
    duration = 60e-6
    found = trajectories(belt, atoms, duration, samples=2, step=1e-7, noise=BeamNoise(sigma, 0, 0, tau))
    density = 4 * sigma**2 * tau / (1 + (2 * math.pi * 2 * nu * tau) ** 2)
    spring = MASS * (2 * math.pi * nu) ** 2

    def along(sample):
        return (
            np.mean(MASS * found.velocity[:, sample, 2] ** 2 + spring * found.position[:, sample, 2] ** 2) / 2
        )

    rate = intensity_heating(nu, density)
    assert rate == pytest.approx(math.pi**2 * nu**2 * density)
    assert math.log(along(-1) / along(0)) == pytest.approx(rate * duration, rel=0.25)


def test_pointing_noise_heats_at_savards_rate():
    """dE/dt = m omega^4 S_x(nu)/4 of each atom, with the one-sided density S_x of the trap's place in m^2/Hz."""
    alpha, wave = 5e-38, 10.0  # so long a wave that only the Gaussian across is felt
    waist, depth = 2e-6, 20e6 * const.h
    beam = GaussianBeam(math.sqrt(4 * depth / alpha), wave, waist, upwards=False)
    dark = GaussianBeam(1e-9, wave, waist)
    belt = ConveyorBelt(beam, dark, polarizability=alpha)
    omega = math.sqrt(4 * depth / (MASS * waist**2))
    sigma, tau, count, duration = 2e-9, 1e-6, 2000, 100e-6
    atoms = Atoms(MASS, np.zeros((count, 3)), np.zeros((count, 3)))
    found = trajectories(belt, atoms, duration, samples=2, step=2e-7, noise=BeamNoise(0, sigma, 0, tau))
    density = 4 * sigma**2 * tau / (1 + (omega * tau) ** 2)
    y, v = found.position[:, -1, 1], found.velocity[:, -1, 1]
    energy = MASS * (v**2 + (omega * y) ** 2) / 2
    expected = pointing_heating(MASS, omega / (2 * math.pi), density) * duration
    assert expected == pytest.approx(MASS * omega**4 * density / 4 * duration, rel=1e-12, abs=0)
    assert energy.mean() == pytest.approx(expected, rel=0.15, abs=0)


def test_noise_is_there_from_the_start_and_told_where_it_is_too_fast():
    """A displacement that stays: y = d (1 - cos omega t), d of the noise's own deviation."""
    alpha, waist, depth, sigma = 5e-38, 2e-6, 20e6 * const.h, 10e-9
    beam = GaussianBeam(math.sqrt(4 * depth / alpha), 10.0, waist, upwards=False)
    belt = ConveyorBelt(beam, GaussianBeam(1e-9, 10.0, waist), polarizability=alpha)
    omega, count = math.sqrt(4 * depth / (MASS * waist**2)), 2000
    atoms = Atoms(MASS, np.zeros((count, 3)), np.zeros((count, 3)))
    noise = BeamNoise(pointing=sigma, correlation_time=10.0)
    found = trajectories(belt, atoms, math.pi / omega, samples=2, step=2e-7, noise=noise)
    assert found.position[:, -1, 1].std() == pytest.approx(2 * sigma, rel=0.07, abs=0)
    assert not found.warnings
    fast = BeamNoise(pointing=sigma, correlation_time=0.1e-6)
    found = trajectories(belt, one((0, 0, 0)), 10e-6, samples=2, step=0.2e-6, noise=fast)
    assert f"{1 / math.tanh(1):.3g} times that asked for" in found.warnings[0]


def test_the_end_is_that_of_the_step_in_which_the_surface_was_reached():
    height, fall = 1e-6, math.sqrt(2 * 1e-6 / const.g)
    found = trajectories(Gravity(MASS), one((0, 0, height)), 1e-3, step=3e-6, surface=ChipSurface(gap=0.0))
    assert found.ending[0] == 1
    assert fall <= found.end[0] <= fall + found.step
    assert np.isnan(found.position[0, found.time > found.end[0]]).all()
    assert np.isfinite(found.position[0, found.time < found.end[0]]).all()
    beside = trajectories(Gravity(MASS), one((0, 3e-6, height)), 1e-3, step=3e-6,
                          surface=ChipSurface(0.0, width=1e-6, drop=2e-6))  # fmt: skip
    assert fall * math.sqrt(3) <= beside.end[0] <= fall * math.sqrt(3) + beside.step


def test_few_steps_scatter_the_same_number_of_photons():
    count = 4000
    atoms = Atoms(MASS, np.zeros((count, 3)), np.zeros((count, 3)))
    found = trajectories(HarmonicWell(MASS, (0, 0, 0)), atoms, 100e-6, samples=2, step=1e-6,
                         recoil=Recoil(0.09e6, 852e-9, (0, 0, 1)))  # fmt: skip
    kick = const.h / (852e-9 * MASS)
    assert found.velocity[:, -1, 2].mean() == pytest.approx(9 * kick, rel=4 / math.sqrt(9 * count), abs=0)


def test_a_result_is_saved_and_shown(tmp_path):
    found = trajectories(HarmonicWell(MASS, tuple(OMEGA)), one((1e-8, 0, 0)), 1e-5, samples=5)
    again = load(found.save(tmp_path / "paths.nc"))
    assert np.array_equal(again.position, found.position)
    assert "1 atoms for 10 µs" in str(found)
    assert found.plot().get_xlabel() == "time (µs)"


def test_wrong_inputs():
    with pytest.raises(InputError, match="too shallow"):
        thermal_atoms(lattice(), MASS, 1e-3, 10, near=(0, 0, 0))
    with pytest.raises(InputError, match=r"\(atom, 3\)"):
        Atoms(MASS, np.zeros(3), np.zeros(3))
    for wrong, text in (
        (lambda: Recoil(-1.0, 852e-9), "rate = -1"),
        (lambda: Recoil(1e5, 0.0), "wavelength"),
        (lambda: Recoil(1e5, 852e-9, (0.0, 0.0, 0.0)), "not all 0"),
        (lambda: BeamNoise(intensity=-0.1), "intensity"),
        (lambda: BeamNoise(phase=math.nan), "phase"),
        (lambda: BeamNoise(0.1, correlation_time=0.0), "correlation_time"),
        (lambda: ChipSurface(gap=math.nan), "gap"),
        (lambda: ChipSurface(width=math.nan), "width"),
        (lambda: trajectories(Gravity(MASS), one((0, 0, 0)), 1e-6, samples=2.5), "samples"),
        (lambda: thermal_atoms(lattice(), MASS, 2e-5, 2.5, near=(0, 0, 0)), "whole"),
    ):
        with pytest.raises(InputError, match=text):
            wrong()
    with pytest.raises(InputError, match="takes steps below"):
        trajectories(Gravity(MASS), one((0, 0, 0)), 1e-3, step=1e-5, recoil=Recoil(1e6, 852e-9))
