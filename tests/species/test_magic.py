"""Magic wavelengths and angles: none missed, no pole mistaken, slopes by finite differences."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.errors import InputError
from atomcavity.species import ATOMIC_POLARIZABILITY, Species
from atomcavity.species.magic import zeros_of_pole_sum

SR = Species("88Sr")
ANGLE = math.radians(55.45)
TILTED = (0.0, math.sin(ANGLE), math.cos(ANGLE))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-3, 3)), min_size=2, max_size=8))
def test_zeros_are_the_roots_of_the_numerator_polynomial(terms):
    poles = np.array([p for p, _ in terms])
    residues = np.array([r if abs(r) > 1e-2 else 0.5 for _, r in terms])
    if np.min(np.abs(np.subtract.outer(poles, poles) + np.eye(len(poles)))) < 5e-2:
        return
    numerator = np.poly1d([0.0])
    for index, residue in enumerate(residues):
        others = np.poly1d(np.delete(poles, index), r=True)
        numerator = numerator + residue * (-1) ** (len(poles) - 1) * others
    roots = numerator.roots
    if np.any((np.abs(roots.imag) > 0) & (np.abs(roots.imag) < 1e-3)):
        return  # a near-double root: rounding decides whether it is real
    expected = sorted(x.real for x in roots if x.imag == 0 and -4 <= x.real <= 4)
    if any(abs(abs(x) - 4) < 1e-3 for x in roots.real):
        return
    assert zeros_of_pole_sum(poles, residues, -4, 4) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(
    ("b", "where"),
    [
        ("3P0", {}),
        ("3P1", {"axis": (1, 0, 0)}),
        ("3P1", {"axis": TILTED}),
        ("3P1", {"m": 1, "polarization": (1, 1j, 0.3)}),
        ("3P1", {"m": -1, "polarization": (1, 1j, 0.3), "variant": "lines"}),
    ],
)
def test_all_sign_changes_between_resonances_are_found_and_nothing_else(b, where):
    """A fine scan cut at the resonances; it can miss zeros hidden beside weak lines, the search can not."""
    between = (500e-9, 1500e-9)
    found = [point.wavelength for point in SR.magic_wavelengths("1S0", b, between=between, **where)]
    assert found == sorted(found)
    variant = where.get("variant", "full")
    poles = np.concatenate([SR.oscillators(name, variant).frequency for name in ("1S0", b)])
    grid = np.linspace(
        2 * math.pi * 2.99792458e8 / between[1], 2 * math.pi * 2.99792458e8 / between[0], 40001
    )
    wavelengths = 2 * math.pi * 2.99792458e8 / grid
    ground = SR.polarizability("1S0", wavelengths, variant=variant).total
    difference = ground - SR.polarizability(b, wavelengths, **where).total
    changes = np.flatnonzero(np.diff(np.sign(difference)))
    clean = [i for i in changes if not np.any((np.abs(poles) >= grid[i]) & (np.abs(poles) <= grid[i + 1]))]
    for i in clean:
        assert any(wavelengths[i + 1] <= x <= wavelengths[i] for x in found)
    for x in found:
        value = SR.differential("1S0", b, x, **where)
        scale = abs(value.first) + abs(value.second)
        assert abs(value.value) < 1e-7 * scale
        beside_a_line = np.min(np.abs(np.abs(poles) - 2 * math.pi * 2.99792458e8 / x)) < 2 * (
            grid[1] - grid[0]
        )
        in_scan = any(wavelengths[i + 1] <= x <= wavelengths[i] for i in clean)
        assert in_scan or beside_a_line


@pytest.mark.parametrize("where", [{"axis": TILTED}, {"axis": (1, 0, 0), "m": 1}, {"axis": TILTED, "m": 1}])
@pytest.mark.parametrize("wavelength", [392.58e-9, 832.69e-9])
def test_slopes_are_the_finite_differences(where, wavelength):
    value = SR.differential("1S0", "3P1", wavelength, **where)
    step = 1e-13
    sides = [SR.differential("1S0", "3P1", wavelength + s, **where).value for s in (-step, step)]
    assert value.per_wavelength == pytest.approx((sides[1] - sides[0]) / (2 * step), rel=1e-4, abs=0)
    turned = []
    for s in (-1e-5, 1e-5):
        axis = (0.0, math.sin(value.angle + s), math.cos(value.angle + s))
        turned.append(SR.differential("1S0", "3P1", wavelength, axis=axis, m=where.get("m", 0)).value)
    assert value.per_angle == pytest.approx(
        (turned[1] - turned[0]) / 2e-5, rel=1e-5, abs=1e-8 * abs(value.first)
    )


def test_magic_angle_and_magic_wavelength_are_one_condition():
    (point,) = SR.magic_angles("1S0", "3P1", 832.69e-9)
    axis = (0.0, math.sin(point.angle), math.cos(point.angle))
    near = SR.magic_wavelengths("1S0", "3P1", between=(830e-9, 835e-9), axis=axis)
    assert [p.wavelength for p in near] == pytest.approx([832.69e-9], rel=1e-10, abs=0)
    assert near[0].angle == pytest.approx(point.angle)
    assert near[0].slope == pytest.approx(point.slope, rel=1e-6, abs=0)
    assert near[0].slope_angle == pytest.approx(point.slope_angle, rel=1e-6, abs=0)


def test_a_magic_point_prints_in_the_units_of_the_field():
    (point,) = SR.magic_wavelengths("1S0", "3P1", between=(900e-9, 930e-9), axis=(1, 0, 0))
    step = 1e-12
    sides = [
        SR.differential("1S0", "3P1", point.wavelength + s, axis=(1, 0, 0)).value / ATOMIC_POLARIZABILITY
        for s in (-step, step)
    ]
    words = str(point).split()
    assert float(words[0]) == pytest.approx(point.wavelength * 1e9, rel=1e-5)
    assert float(words[4]) == pytest.approx(point.au, rel=1e-4)
    slope = float(words[words.index("slope") + 1])
    assert slope == pytest.approx((sides[1] - sides[0]) / (2 * step * 1e9), rel=1e-2)
    assert words[-1] == "90°"


def test_a_zero_at_the_very_end_of_the_range_is_found():
    (point,) = SR.magic_wavelengths("1S0", "3P0", between=(780e-9, 850e-9))
    for between in ((point.wavelength * (1 - 1e-9), 850e-9), (780e-9, point.wavelength * (1 + 1e-9))):
        (again,) = SR.magic_wavelengths("1S0", "3P0", between=between)
        assert again.wavelength == pytest.approx(point.wavelength, rel=1e-12, abs=0)
    assert SR.magic_wavelengths("1S0", "3P0", between=(point.wavelength * (1 + 1e-9), 850e-9)) == []


def test_no_magic_angle_without_a_tensor_part_or_out_of_reach():
    assert SR.magic_angles("1S0", "3P0", 813.43e-9) == []
    assert SR.magic_angles("1S0", "3P1", 3000e-9) == []


def test_elliptical_light_has_no_angle():
    points = SR.magic_wavelengths("1S0", "3P1", between=(600e-9, 2000e-9), m=1, polarization=(1, 0.2j, 0))
    assert points
    assert all(math.isnan(p.angle) and math.isnan(p.slope_angle) for p in points)


@pytest.mark.parametrize("between", [(900e-9, 800e-9), (0.0, 800e-9), (800e-9, math.inf)])
def test_a_wrong_range_is_refused(between):
    with pytest.raises(InputError, match="between must be two ascending wavelengths"):
        SR.magic_wavelengths("1S0", "3P0", between=between)
