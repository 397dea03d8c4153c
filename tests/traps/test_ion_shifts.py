import math

import numpy as np
import pytest
from relaxed_ions import SPLIT, forces, relaxed
from scipy import constants as const
from scipy.integrate import solve_ivp

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.traps.ion_shifts import ion_shifts, pair_shifts, residual_shift
from atomcavity.traps.magic_radio import StatePair
from atomcavity.traps.orbits import periodic_orbits
from atomcavity.traps.paul import PaulTrap

AU = const.value("atomic unit of electric polarizability")
MOMENT = const.e * const.value("Bohr radius") ** 2
RADIO = 2e6 * math.pi * 25
PAIR = StatePair(2 * math.pi * const.c / 804e-9, -0.9 * AU, 2.1 * AU, 0.64 * MOMENT)
ION = (175.94 * const.atomic_mass, const.e)


def trap(epsilon=0.1, **options):
    return PaulTrap(
        ION, radio_frequency=RADIO, confinement=epsilon * RADIO / 2, **({"static": SPLIT} | options)
    )


@pytest.mark.parametrize("axis", [(0, 0, 1), (1, 2, 2)])
def test_orbits_give_the_averages_along_the_motion_in_si_units(axis):
    """<v^2> and <E^2> of ions that Newton's law moves in the potential (1) and the field of each other."""
    t, n = trap(0.1), 4
    shifts = pair_shifts(relaxed(t, n), t, PAIR, axis=axis, method="orbits")
    unit = t.mass * t.radio_frequency * t.confinement / (2 * t.charge)

    def field(time, r):
        quadratic = unit * (t.rf * math.cos(t.radio_frequency * time) + t.epsilon / 2 * t.static)
        return t.charge / (4 * math.pi * const.epsilon_0) * forces(r) - 2 * r @ quadratic

    def rate(time, y):
        r, v = y[: 3 * n].reshape(n, 3) * t.length, y[3 * n :]
        scale = t.charge / t.mass / t.length
        return np.concatenate((v, scale * field(time, r).ravel()))

    period = 2 * math.pi / t.radio_frequency
    start = periodic_orbits(t, shifts.position / t.length).positions(np.array(0.0))
    y0 = np.concatenate((start.ravel(), np.zeros(3 * n)))
    times = np.arange(64) * period / 64
    y = solve_ivp(rate, (0, period), y0, method="DOP853", rtol=1e-12, atol=1e-13, t_eval=times).y.T
    r, v = y[:, : 3 * n].reshape(-1, n, 3) * t.length, y[:, 3 * n :].reshape(-1, n, 3) * t.length
    e = np.array([field(time, place) for time, place in zip(times, r, strict=True)])
    b = np.array(axis) / np.linalg.norm(axis)
    speed, whole, along = ((x**2).sum(-1).mean(0) if x.ndim == 3 else (x**2).mean(0) for x in (v, e, e @ b))
    assert shifts.doppler == pytest.approx(-PAIR.frequency * speed / (2 * const.c**2), rel=1e-8)
    assert shifts.scalar == pytest.approx(-PAIR.scalar * whole / (2 * const.hbar), rel=1e-8)
    assert shifts.tensor == pytest.approx(-PAIR.tensor * (3 * along - whole) / (4 * const.hbar), rel=1e-8)
    assert shifts.micromotion == pytest.approx(shifts.doppler + shifts.scalar + shifts.tensor)


def test_expansion_is_good_to_epsilon_squared():
    errors = []
    for epsilon in (0.02, 0.04):
        t = trap(epsilon)
        r = relaxed(t, 5)
        exact, short = (pair_shifts(r, t, PAIR, method=m) for m in ("orbits", "expansion"))
        errors.append(np.max(np.abs(short.doppler - exact.doppler)) / np.max(np.abs(exact.doppler)))
    assert errors[1] / errors[0] == pytest.approx(4, rel=0.1)


def test_at_the_magic_frequency_only_the_estimated_residual_is_left():
    left = []
    for epsilon in (0.02, 0.04):
        t = trap(epsilon).at(float(PAIR.magic_radio_frequency(*ION)))
        t = PaulTrap(
            ION, radio_frequency=t.radio_frequency, confinement=epsilon * t.radio_frequency / 2, static=SPLIT
        )
        shifts = pair_shifts(relaxed(t, 5), t, PAIR, method="orbits")
        scale = PAIR.frequency * (t.radio_frequency * t.length / const.c) ** 2
        left.append(np.max(np.abs(shifts.micromotion - shifts.residual)) / scale)
        assert shifts.micromotion == pytest.approx(shifts.residual, abs=0.02 * shifts.residual.max())
    assert left[1] / left[0] == pytest.approx(64, rel=0.1)


def test_residual_of_the_linear_trap_is_eq_20():
    t = trap(static=np.diag([-0.5, -0.5, 1]))
    r = np.random.default_rng(0).normal(size=(7, 3))
    across = r[:, 0] ** 2 + r[:, 1] ** 2
    speed = (t.radio_frequency * t.length / const.c) ** 2
    expected = 3 * PAIR.frequency * t.epsilon**4 / 1024 * speed * 9 * across
    assert residual_shift(r, t, PAIR) == pytest.approx(expected)


@pytest.mark.parametrize("angle", [0.0, 0.4, math.pi / 2])
def test_quadrupole_shift_of_two_ions_is_that_of_a_point_charge(angle):
    """Theta/2 d2Phi/db2 = Theta q (3 cos^2 - 1)/(8 pi eps0 d^3), and the trap's m w_z^2/q b.Lambda_s.b."""
    t = trap()
    d = 2.3
    r = np.array([[0, 0, d / 2], [0, 0, -d / 2]])
    axis = (math.sin(angle), 0, math.cos(angle))
    shifts = pair_shifts(r, t, PAIR, axis=axis)
    distance = d * t.length
    p2 = (3 * math.cos(angle) ** 2 - 1) / 2
    expected = PAIR.quadrupole * const.e * p2 / (4 * math.pi * const.epsilon_0 * distance**3) / const.hbar
    assert shifts.neighbours == pytest.approx([expected] * 2, rel=1e-9)
    curvature = t.mass * t.confinement**2 / t.charge * np.array(axis) @ SPLIT @ np.array(axis)
    assert shifts.end_caps == pytest.approx(PAIR.quadrupole * curvature / (2 * const.hbar), rel=1e-9)
    assert shifts.total == pytest.approx(shifts.micromotion + shifts.neighbours + shifts.end_caps)


def test_scale_of_the_quadrupole_shift():
    hertz = []
    for mega in (0.2, 1.0):
        t = PaulTrap(ION, radio_frequency=RADIO, confinement=2e6 * math.pi * mega)
        hertz.append(pair_shifts([[0, 0, 1], [0, 0, -1]], t, PAIR).end_caps / math.tau)
    assert hertz == pytest.approx([0.624, 15.6], rel=2e-3)


def test_what_is_not_known_is_nan_with_the_reason():
    pair = StatePair(PAIR.frequency, PAIR.scalar, PAIR.tensor)
    shifts = pair_shifts(np.eye(3), trap(), pair)
    assert np.all(np.isnan(shifts.total))
    assert np.all(np.isfinite(shifts.micromotion))
    assert "quadrupole moment" in shifts.warnings[0]
    with pytest.raises(InputError, match="quadrupole moment of the states is not known"):
        shifts.plot()


def test_warnings_of_a_trap_outside_the_theory():
    assert any("not small" in text for text in pair_shifts(np.eye(3), trap(0.4), PAIR).warnings)
    unstable = trap(static=np.diag([1, 1, -2]))
    assert any("not stable" in text for text in pair_shifts(np.eye(3), unstable, PAIR).warnings)
    assert not pair_shifts(np.eye(3), trap(), PAIR).warnings


def test_saved_and_loaded(tmp_path):
    shifts = pair_shifts(relaxed(trap(), 3), trap(), PAIR)
    again = ac.load(shifts.save(tmp_path / "shifts.nc"))
    assert np.array_equal(again.total, shifts.total)
    assert PaulTrap.from_dict(again.record.parameters["trap"]).epsilon == pytest.approx(0.1)
    assert shifts.to_xarray().doppler.dims == ("ion",)
    assert "3 ions" in str(shifts)


def test_plot():
    import matplotlib as mpl

    mpl.use("Agg")
    shifts = pair_shifts(relaxed(trap(), 3), trap(), PAIR)
    ax = shifts.plot(shift="micromotion")
    assert len(ax.lines[0].get_xdata()) == 3
    with pytest.raises(InputError, match="unknown shift"):
        shifts.plot(shift="colour")
    mpl.pyplot.close(ax.figure)


@pytest.mark.parametrize(
    ("options", "message"),
    [({"method": "exact"}, "unknown method"), ({"axis": (0, 0, 0)}, "must be a direction")],
)
def test_bad_input(options, message):
    with pytest.raises(InputError, match=message):
        pair_shifts(np.eye(3), trap(), PAIR, **options)
    with pytest.raises(InputError, match="shape"):
        pair_shifts(np.zeros(3), trap(), PAIR)


def test_of_a_crystal_and_a_species():
    lu, t = ac.Species("176Lu+"), trap(static=np.diag([-0.5, -0.5, 1]))
    crystal = t.crystal(8)
    assert crystal.record.parameters["trap"] == t.to_dict()
    states = ("1S0", 7, 1), ("3D2", 8, 0)
    shifts = ion_shifts(crystal, t, lu, *states)
    direct = pair_shifts(crystal.scaled, t, StatePair.of(lu, *states))
    assert np.array_equal(shifts.total, direct.total)
    assert shifts.position == pytest.approx(crystal.positions)
    unit = StatePair.of(lu, *states).quadrupole / (2 * const.hbar) * crystal.gradient_unit
    assert shifts.neighbours == pytest.approx(unit * crystal.gradient()[:, 2, 2])
    with pytest.raises(InputError, match="another pseudopotential"):
        ion_shifts(crystal, trap(), lu, *states)
