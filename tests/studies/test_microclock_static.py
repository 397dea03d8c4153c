"""The static part of the microclock study against an independent calculation, and the device of both files."""

import dataclasses
import math
from pathlib import Path

import numpy as np
import pytest
from scipy.constants import c, hbar

import atomcavity
from atomcavity.errors import InputError
from atomcavity.experiments import read_experiment
from atomcavity.reports import compare, read_targets
from atomcavity.studies.microclock import figures_static
from atomcavity.studies.microclock.device import Device
from atomcavity.studies.microclock.published import printed, published
from atomcavity.studies.microclock.remarks_static import about_sphere
from atomcavity.studies.microclock.static import Static
from atomcavity.studies.sphere_device import KILO, MICROKELVIN, with_changes
from atomcavity.traps.minimum import equator

HERE = Path(atomcavity.__file__).parent / "studies" / "microclock"
PAPER, PHYSICAL = (Device(read_experiment(HERE / f"{name}.toml")) for name in ("experiment", "physical"))
STATIC = Static(PAPER, PHYSICAL)

# Computed independently of this package (scipy and mpmath for the modes, Eqs (B1)-(B6), (D1)-(D8) of the paper):
# value, and how closely two calculations of it should agree.
INDEPENDENT = {
    "lamA": (698.44571, 1e-7),
    "lam_255_R20.3_exact": (697.791417, 1e-8),
    "lam_255_R20.3_A4": (697.788312, 1e-8),
    "lam_468_R20.3_exact": (389.618027, 1e-8),
    "lam_468_R20.3_A4": (389.617664, 1e-8),
    "lam_218_R20.3_exact": (811.401202, 1e-8),
    "lam_218_R20.3_A4": (811.395856, 1e-8),
    "R_exact": (20.3192428885, 1e-9),
    "R_A4": (20.3193342819, 1e-9),
    "lam_468_Rexact": (389.976142, 1e-8),
    "lam_218_Rexact": (812.163225, 1e-8),
    "Q_rad": (7.732e38, 1e-4),
    "Q_mat": (1.5367e10, 1e-4),
    "Q_ss": (7.2015e9, 1e-3),
    "Q_sa": (1.599e10, 2e-3),
    "Q0": (3.75e9, 2e-3),
    "kappa": (1.17597, 1e-5),
    "V": (1.8306e-16, 1e-4),
    "g_paperV": (342.4, 5e-4),
    "g_honest": (131.5, 3e-3),
    "trap_d0": (232.55, 1e-4),
    "trap_depth": (14.17, 5e-4),
    "trap_Ib": (11.17, 1e-3),
    "trap_Ir": (36.52, 1e-3),
    "trap_f_rho_01": (97.02, 1e-3),
    "trap_f_rho_harmonic": (124.76, 1e-3),
    "trap_f_theta": (10.41, 1e-3),
    "trap_f_phi": (110.57, 1e-3),
    "trap_correct_Pr": (0.2215, 3e-3),
    "xi_rho": (33.281, 1e-4),
    "xi_theta": (102.824, 1e-4),
    "xi_phi": (32.516, 1e-4),
    "eta": (0.28787, 1e-4),
    "ls_b": (2486, 1e-9),
    "ls_r": (-1850, 1e-9),
    "slope_b": (226.95, 1e-6),
    "slope_r": (-50.56, 1e-6),
    "vdw": (0.025194, 1e-4),
    "vdw_unc": (645.65, 1e-4),
    "total": (735, 1e-2),
    "lattice_honest": (261, 1e-2),
}


@pytest.fixture(scope="module")
def values():
    return STATIC.values()


@pytest.mark.parametrize("key", INDEPENDENT)
def test_numbers_agree_with_an_independent_calculation(values, key):
    value, tolerance = INDEPENDENT[key]
    assert values[key] == pytest.approx(value, rel=tolerance, abs=0)


def test_every_deviation_is_explained(values):
    targets = [target for target in read_targets(HERE / "targets.toml") if target.id in values]
    assert [target.id for target in targets] == list(INDEPENDENT)
    for value in compare(targets, values):
        if value.verdict in ("deviates", "within rounding"):
            assert len(value.target.remark.split()) > 5, value.target.id


def test_power_of_the_printed_trap_formulas():
    """(c eps0/2) int sqrt(eps) |E|^2 rho d rho d theta with int Theta^2 = 1, and sqrt(m/64) = Theta^2 on the equator."""
    trap = PAPER.trap
    rho = PAPER.sphere.radius + np.linspace(1e-9, 1e-6, 400)
    for beam, squared in ((trap.blue, math.sqrt(468 / math.pi)), (trap.red, math.sqrt(216 / 64))):
        shape = beam.mode.shape
        radial = (shape.radial(rho)[0] / rho) ** 2
        inside, outside = shape.radial.integrate(lambda r, f, _: f**2 / r)
        amplitude = beam.power / (
            c * 8.8541878188e-12 / 2 * (math.sqrt(shape.permittivity) * inside + outside)
        )
        expected = (
            amplitude * squared * radial * (2 if beam.standing else 1)
        )  # antinode: 4 |E|^2 at half the power each
        found = np.sum(
            np.abs(beam.field(equator(rho - PAPER.sphere.radius, PAPER.sphere.radius, 0.0))) ** 2, -1
        )
        np.testing.assert_allclose(found, expected, rtol=1e-6)


def test_the_printed_normalisation_belongs_to_the_printed_polynomial():
    beam = dataclasses.replace(PHYSICAL.trap.red, normalisation="printed-d8")
    with pytest.raises(InputError, match="belongs to"):
        beam.field(np.array([21e-6, 0.0, 0.0]))
    odd = PAPER.sphere.mode("TE", n=1, l=218, m=217, angular="near-equator-printed")
    with pytest.raises(InputError, match=r"l - \|m\| = 1; it belongs to"):
        odd.amplitude_at_power(1.0, "printed-d8")


def test_the_physical_powers_give_the_papers_trap():
    ours, theirs = PHYSICAL.trap.minimum(), PAPER.trap.minimum()
    assert ours.distance == pytest.approx(theirs.distance, rel=2e-4, abs=0)
    assert ours.depth == pytest.approx(theirs.depth, rel=2e-3, abs=0)
    # right polar function: 5 m instead of 3 m in the curvature of the red light
    assert ours.frequencies[1] > 1.4 * theirs.frequencies[1]
    assert ours.frequencies[[0, 2]] == pytest.approx(theirs.frequencies[[0, 2]], rel=2e-3)


def test_light_shift_is_slope_times_offset_times_intensity():
    trap = PHYSICAL.trap
    shift = trap.shift("3P0")
    for colour in ("red", "blue"):
        beam, magic = getattr(trap, colour), getattr(PHYSICAL.experiment.shifts, colour)
        expected = magic.slope * (beam.wavelength - magic.wavelength) * STATIC.intensity(beam, trap)
        assert float(getattr(shift, colour)[0]) == pytest.approx(expected, rel=1e-6)
    c3 = PHYSICAL.experiment.trap.given.c3
    surface = 0.0252 * c3 / trap.minimum().distance ** 3 / hbar  # a smaller C3 of the upper level: upwards
    assert float(shift.surface[0]) == pytest.approx(surface, rel=1e-6)


def test_without_given_numbers_the_species_own_are_taken():
    bare = Device(
        with_changes(
            PHYSICAL.experiment,
            trap={"given": None},
            shifts={"red": None, "blue": None, "c3_difference": None},
        )
    )
    assert bare.trap.polarizabilities is None
    species = bare.species
    at = bare.trap.red.wavelength
    measured = Device(with_changes(PHYSICAL.experiment, trap={"given": None})).trap.polarizabilities
    assert measured["1S0"][0] == pytest.approx(
        float(species.polarizability("1S0", at).total), rel=1e-12, abs=0
    )
    mixed = Device(with_changes(PHYSICAL.experiment, shifts={"red": None})).trap.polarizabilities
    own = float(species.polarizability("3P0", at).total - species.polarizability("1S0", at).total)
    assert mixed["3P0"][0] - mixed["1S0"][0] == pytest.approx(own, rel=1e-9, abs=0)


def test_rates_of_the_dynamics():
    two_pi = 2 * math.pi
    assert PAPER.kappa == pytest.approx(two_pi * 1.2e6)
    assert PAPER.g == pytest.approx(two_pi * 300)
    assert PAPER.calculated_coupling == pytest.approx(PAPER.g, rel=0.1)
    assert PAPER.kappa_ext == pytest.approx(PAPER.kappa / 2)
    assert PHYSICAL.kappa == pytest.approx(2 * PHYSICAL.line.frequency / PHYSICAL.budget.total, rel=1e-6)
    system = PHYSICAL.system
    assert system.emitters[0].number == 400
    assert system.modes[0].kappa_ext == pytest.approx(system.modes[0].kappa / 2)
    assert system.reference == PHYSICAL.line.frequency


def test_coupling_averaged_over_the_ground_state():
    """In the well the atom sits further out, and its spread along the ring weakens exp(i m phi)."""
    place, states = PHYSICAL.trap.minimum().position[None, :], PHYSICAL.trap.states()
    still = abs(PHYSICAL.coupling(place).g[0, 0])
    phase = states.azimuthal.mean(lambda s: np.cos(255 * s / np.linalg.norm(place)))
    rho = PHYSICAL.sphere.radius
    mode = PHYSICAL.clock_mode

    def strength(d):
        return np.linalg.norm(mode.photon_field(equator(d, rho, 0.0)), axis=-1)

    start = states.minimum.barrier_distance
    out = states.radial.mean(
        lambda d: strength(np.maximum(d, start)) / strength(np.array([states.minimum.distance]))
    )
    assert PHYSICAL.g == pytest.approx(still * phase * out, rel=5e-3)
    assert 0.8 < PHYSICAL.g / still < 0.95


def test_another_cavity_runs_the_same_way():
    """A file with another coupler, detuning and volume."""
    changed = Device(
        read_experiment(
            HERE / "physical.toml",
            ["cavity.coupler=1e8", "cavity.detuning=-1 MHz", "cavity.volume=2e-17 m^3", "cavity.quality=1e9"],
        )
    )
    assert changed.quality == pytest.approx(1 / (1e-8 + 1e-9))
    assert changed.kappa_ext / changed.kappa == pytest.approx(changed.quality / 1e8)
    assert changed.system.modes[0].detuning == pytest.approx(-2e6 * math.pi)
    assert changed.g == pytest.approx(PHYSICAL.g * math.sqrt(PHYSICAL.clock_mode.volume() / 2e-17), rel=1e-9)


def test_a_sublevel_that_the_light_does_not_drive_is_refused():
    changes = ["atom.species=88Sr", "atom.upper=3P1", "atom.m=1"]
    device = Device(read_experiment(HERE / "physical.toml", changes))
    with pytest.raises(InputError, match=r"atom.m = 1: light of the clock mode does not drive"):
        _ = device.g


def test_the_shift_is_that_of_the_files_sublevel():
    """3P1 has a tensor polarizability: m = 1 is shifted otherwise than m = 0."""
    experiment = with_changes(
        PHYSICAL.experiment, trap={"given": None}, shifts={"red": None, "blue": None, "c3_difference": None}
    )
    devices = [
        Device(with_changes(experiment, atom={"species": "88Sr", "upper": "3P1", "m": float(m)}))
        for m in (0, 1)
    ]
    red = [device.sensitivity.shift["red"] for device in devices]
    assert red[1] == pytest.approx(float(devices[1].trap.shift("3P1", m=1).red[0]), rel=1e-9)
    assert abs(red[1] - red[0]) > KILO


def test_printed_numbers():
    assert published("trap_d0") == 230
    assert printed("surface_shift") == pytest.approx(2 * math.pi * 1500)
    for key in ("Q_mat", "c_fit"):
        with pytest.raises(InputError, match="no single number"):
            published(key)


@pytest.mark.parametrize(
    ("name", "panels"),
    [
        ("draw_lattice", 4),
        ("draw_mode_beside_atom", 3),
        ("draw_vibrations", 2),
        ("draw_budget", 1),
        ("draw_shifts", 2),
    ],
)
def test_figures(name, panels):
    keywords = {"points": 3} if name == "draw_shifts" else {}
    figure = getattr(figures_static, name)(STATIC, **keywords)
    axes = [ax for ax in figure.drawing.axes if ax.get_xlabel()]
    assert len(axes) == panels
    assert len(figure.caption) > 100


def test_radial_states_of_the_printed_depth_and_distance_have_the_printed_gap():
    """Fig. 5: 16 uK at 230 nm, that takes 4 and 10 % more power than printed."""
    paper = PAPER.trap
    imposed = paper.with_minimum(16 * MICROKELVIN, 230e-9)
    assert imposed.blue.power / paper.blue.power == pytest.approx(1.044, abs=1e-3)
    assert imposed.red.power / paper.red.power == pytest.approx(1.101, abs=1e-3)
    assert imposed.states(2).first_gaps[0] == pytest.approx(105.0 * KILO, rel=2e-3)


def test_remarks_have_their_numbers():
    radius, tuning, quality, coupling, trap, photons, surface = about_sphere(STATIC)
    assert "20.319343, 20.319147, 20.318994 µm" in radius
    assert "20.9 kHz with each femtometre" in tuning
    assert "1.26 MHz" in quality
    assert "4g²/κ falls from 2π × 0.30 Hz" in coupling
    assert "13.2 µK" in trap
    assert "every 1.6 s" in photons
    assert "kHz instead of +1.5 kHz" in surface


def test_a_clock_of_another_species():
    """171Yb, I = 1/2: the Clebsch-Gordan factor of m = 1/2 is 1/3 instead of 9/11; the species' own polarizabilities."""
    path = Path(atomcavity.__file__).parents[2] / "examples" / "ytterbium_clock.toml"
    device = Device(read_experiment(path))
    assert device.clock_mode.wavelength == pytest.approx(device.line.wavelength, rel=1e-8)
    assert device.trap.polarizabilities is None
    found = device.trap.minimum()
    assert found
    assert found.distance == pytest.approx(200e-9, rel=0.02)
    field = np.linalg.norm(device.clock_mode.photon_field(found.position))
    line = device.line
    squared = 3 * math.pi * 8.8541878188e-12 * hbar * c**3 * line.gamma / line.frequency**3 / 3
    still = abs(device.coupling(found.position[None, :]).g[0, 0])
    assert still == pytest.approx(math.sqrt(squared) * field / hbar, rel=1e-6)
    assert device.system.emitters[0].number == 300
    assert abs(float(device.trap.shift("3P0").blue[0])) > 100 * KILO
