import math

import numpy as np
import pytest
from relaxed_ions import SPLIT, relaxed
from scipy import constants as const

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.traps.ion_shifts import largest_residual, pair_shifts
from atomcavity.traps.magic_radio import StatePair, magic_radio_frequency
from atomcavity.traps.paul import PaulTrap
from atomcavity.traps.tuned_radio import tuned_radio_frequency

AU = const.value("atomic unit of electric polarizability")
MEGA = 2e6 * math.pi
MASS = 175.9426917 * const.atomic_mass - const.m_e
FACTOR = {5: -5 / 13, 6: 0.4, 7: 209 / 442, 8: 0.1, 9: -10 / 17}  # Eq. (7), m = 0
RADIO = {5: 25.34693, 8: 45.26102, 9: 22.33062}  # MHz, at 804 nm


def pair(F, wavelength=804e-9, **options):
    """3D2 |F, 0> of 176Lu+ with the paper's polarizabilities."""
    return StatePair(2 * math.pi * const.c / wavelength, -0.9 * AU, -5.6 * FACTOR[F] * AU, **options)


def trap(F, epsilon=0.08, **options):
    radio = float(pair(F).magic_radio_frequency(MASS, const.e))
    return PaulTrap((MASS, const.e), radio_frequency=radio, confinement=epsilon * radio / 2, **options)


@pytest.mark.parametrize("F", [5, 8, 9])
def test_magic_radio_frequencies_of_the_paper(F):
    assert float(pair(F).magic_radio_frequency(MASS, const.e)) / MEGA == pytest.approx(RADIO[F], rel=2e-6)
    assert float(pair(F).magic_radio_frequency(MASS, -const.e)) / MEGA == pytest.approx(RADIO[F], rel=2e-6)


@pytest.mark.parametrize(("F", "difference"), [(6, "-0.44 a.u."), (7, "-0.848 a.u.")])
def test_absence_is_named(F, difference):
    found = pair(F).magic_radio_frequency(MASS, const.e)
    assert math.isnan(float(found))
    assert difference in str(found)
    with pytest.raises(InputError, match="no radio frequency to tune"):
        tuned_radio_frequency(np.eye(3), trap(5), pair(F))


@pytest.mark.parametrize("F", [5, 6, 7, 8, 9])
def test_from_the_species(F):
    lu = ac.Species("176Lu+")
    states = ("1S0", 7, 1), ("3D2", F, 0)
    found = StatePair.of(lu, *states)
    assert found.tensor / AU == pytest.approx(-5.6 * FACTOR[F], rel=1e-9)
    assert found.quadrupole == pytest.approx(FACTOR[F] * lu.quadrupole_moment("3D2"), rel=1e-9, abs=0)
    value = float(magic_radio_frequency(lu, *states)) / MEGA
    expected = (
        RADIO[F] * math.sqrt(804e-9 / lu.transition("1S0", "3D2").wavelength) if F in RADIO else math.nan
    )
    assert value == pytest.approx(expected, rel=1e-5, nan_ok=True)


def test_states_that_do_not_exist():
    lu = ac.Species("176Lu+")
    with pytest.raises(InputError, match="no state F = 6, m = 1"):
        StatePair.of(lu, ("1S0", 6, 1), ("3D2", 5, 0))
    with pytest.raises(InputError, match="J >= 1"):
        StatePair.of(lu, ("3D2", 5, 0), ("3P2", 5, 0))


@pytest.mark.parametrize(
    ("F", "published"),
    [
        (5, [0.146757, 1.689552, 10.72799]),
        (8, [0.046026, 0.529875, 3.364498]),
        (9, [0.189081, 2.176812, 13.821894]),
    ],
)
def test_largest_residual_shifts_of_figure_2(F, published):
    for mega, value in zip((0.2, 0.5, 1.0), published, strict=True):
        radio = float(pair(F).magic_radio_frequency(MASS, const.e))
        t = PaulTrap((MASS, const.e), radio_frequency=radio, confinement=mega * MEGA)
        assert largest_residual(100_000, t, pair(F)) == pytest.approx(value, rel=1e-5)
        nu, radius = pair(F).frequency, 1e5 ** (1 / 3) * t.length
        assert largest_residual(100_000, t, pair(F)) == pytest.approx(  # Eq. (23) with lengths put together
            27 / 64 * nu * t.confinement**4 * radius**2 / (radio * const.c) ** 2, rel=1e-9
        )


@pytest.mark.parametrize(("F", "scalar", "tensor"), [(5, 888, 1062), (8, 2831, -881), (9, 689, 1261)])
def test_shifts_at_the_edge_of_a_large_crystal(F, scalar, tensor):
    """At 1 MHz and 1e5 ions the three terms of leading order, -1950 Hz of them Doppler, cancel."""
    radio = float(pair(F).magic_radio_frequency(MASS, const.e))
    t = PaulTrap((MASS, const.e), radio_frequency=radio, confinement=MEGA)
    assert 1e5 ** (1 / 3) * t.length == pytest.approx(125.997e-6, rel=1e-5)
    far = pair_shifts([[1e5 ** (1 / 3), 0, 0], [1e5, 0, 0]], t, pair(F))
    hertz = [value[0] / math.tau for value in (far.scalar, far.tensor, far.doppler)]
    assert hertz == pytest.approx([scalar, tensor, -1950], rel=1e-3)
    assert far.micromotion[0] == pytest.approx(far.residual[0], rel=2e-4)


def test_eq_23_needs_an_isotropic_trap():
    with pytest.raises(InputError, match="isotropic"):
        largest_residual(100, trap(5, static=SPLIT), pair(5))


@pytest.mark.parametrize("method", ["expansion", "orbits"])
def test_the_tuned_frequency_leaves_a_shift_of_sixth_order(method):
    after, before, detuning = [], [], []
    for epsilon in (0.02, 0.04):
        t = trap(5, epsilon, static=SPLIT)
        found = tuned_radio_frequency(relaxed(t, 6), t, pair(5), method=method)
        scale = pair(5).frequency * (t.radio_frequency * t.length / const.c) ** 2
        after.append(found.after / scale)
        before.append(found.before / scale)
        detuning.append((found.value / found.magic) ** 2 - 1)
        assert detuning[-1] == pytest.approx(-9 / 64 * epsilon**2, rel=0.01)
    assert before[1] / before[0] == pytest.approx(2**4, rel=0.01)
    assert after[1] / after[0] == pytest.approx(2**6, rel=0.02)
    assert after[1] < 1e-3 * before[1]


def test_tuning_is_a_minimum():
    t = trap(8, 0.1, static=SPLIT)
    r = relaxed(t, 6)
    found = tuned_radio_frequency(r, t, pair(8))

    def size(radio):
        shifts = pair_shifts(r, t.at(radio), pair(8)).micromotion
        return math.sqrt(np.mean(shifts**2))

    assert size(found.value) == pytest.approx(found.after, rel=1e-6)
    step = 1e-3 * (found.magic - found.value)
    assert size(found.value) < min(size(found.value + step), size(found.value - step))
    assert "kHz from Ω₀" in str(found)
