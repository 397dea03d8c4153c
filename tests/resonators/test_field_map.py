"""Field maps: interpolation and its order, slopes, files of our own and of others."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from atomcavity.errors import InputError
from atomcavity.resonators.field_files import read_field
from atomcavity.resonators.field_map import FieldMap
from atomcavity.resonators.field_spline import FieldSpline
from atomcavity.results import Record, load

WAVELENGTH = 935e-9
K = math.tau / WAVELENGTH


def wave(y: np.ndarray, z: np.ndarray) -> np.ndarray:
    """A p-polarized plane wave with an s-polarized evanescent one (component, ...)."""
    running = np.exp(1j * K * (0.6 * y - 0.8 * z))
    return np.stack(
        [0.5j * np.exp(-0.7 * K * z + 1j * math.sqrt(1.49) * K * y), 0.8 * running, 0.6 * running]
    )


def sample(step: float = 20e-9) -> FieldMap:
    y = np.linspace(-0.6e-6, 0.6e-6, 1 + round(1.2e-6 / step))
    z = np.linspace(0, 0.8e-6, 1 + round(0.8e-6 / step))
    E = wave(*np.meshgrid(y, z, indexing="ij"))
    return FieldMap(Record("test"), y, z, E, WAVELENGTH, "mixed", 1.0)


POINTS = np.random.default_rng(1).uniform([-1, -0.6e-6, 0], [1, 0.6e-6, 0.8e-6], (200, 3))


def test_field_and_gradient() -> None:
    field, r = sample(10e-9), POINTS.reshape(20, 10, 3)
    expected = np.moveaxis(wave(r[..., 1], r[..., 2]), 0, -1)
    np.testing.assert_allclose(field.field(r), expected, atol=2e-8)
    slopes = np.zeros((20, 10, 3, 3), dtype=complex)
    slopes[..., 1:, 1] = 0.6j * K * expected[..., 1:]
    slopes[..., 1:, 2] = -0.8j * K * expected[..., 1:]
    slopes[..., 0, 1] = 1j * math.sqrt(1.49) * K * expected[..., 0]
    slopes[..., 0, 2] = -0.7 * K * expected[..., 0]
    np.testing.assert_allclose(field.gradient(r) / K, slopes / K, atol=3e-6)
    divergence = np.trace(field.gradient(r)[..., 1:, 1:], axis1=-2, axis2=-1)  # of the plane wave
    assert np.max(np.abs(divergence)) < 3e-6 * K


def test_order_of_the_interpolation() -> None:
    r = np.array([[0, 11e-9, 301e-9], [0, -57e-9, 413e-9]])
    exact = np.moveaxis(wave(r[:, 1], r[:, 2]), 0, -1)
    errors = [np.max(np.abs(sample(step).field(r) - exact)) for step in (40e-9, 20e-9)]
    assert math.log2(errors[0] / errors[1]) > 5


@pytest.mark.parametrize("degree", [3, 5])
def test_spline_is_smooth_at_its_knots(degree: int) -> None:
    """All derivatives below the degree go on at a knot: jumps of finite differences vanish with the step."""
    field = sample()
    spline = FieldSpline.through(field.y, field.z, field.E, degree)
    from scipy.interpolate import RectBivariateSpline

    y, z = POINTS[:, 1], POINTS[:, 2]
    values, by_y, by_z = spline.at(y, z)
    other = RectBivariateSpline(field.y * 1e6, field.z * 1e6, field.E[1].real, kx=degree, ky=degree)
    np.testing.assert_allclose(values[:, 1].real, other.ev(y * 1e6, z * 1e6), atol=1e-11)
    np.testing.assert_allclose(by_y[:, 1].real, 1e6 * other.ev(y * 1e6, z * 1e6, dx=1), rtol=1e-8, atol=1e-3)
    np.testing.assert_allclose(by_z[:, 1].real, 1e6 * other.ev(y * 1e6, z * 1e6, dy=1), rtol=1e-8, atol=1e-3)
    knot, h = spline.y_knots[degree + 5], 1e-10
    near = knot + h * np.array([-2.0, -1.0, 0.0, 1.0, 2.0])
    slope = spline.at(near, np.full(5, 0.4e-6))[1][:, 1]
    curvature = np.diff(slope) / h
    assert np.max(np.abs(np.diff(curvature))) < 0.01 * np.max(np.abs(curvature))


def test_exact_on_the_grid() -> None:
    field = sample()
    y, z = np.meshgrid(field.y, field.z, indexing="ij")
    found = field.field(np.stack([0 * y, y, z], axis=-1))
    np.testing.assert_allclose(np.moveaxis(found, -1, 0), field.E, atol=1e-13)


def test_scaled() -> None:
    field = sample()
    half = field.scaled(0.5j)
    assert half.amplitude == 0.5
    np.testing.assert_allclose(half.intensity, field.intensity / 4)


def test_files_of_our_own(tmp_path: Path) -> None:
    field = sample()
    again = load(field.save(tmp_path / "field.nc"))
    assert isinstance(again, FieldMap)
    assert (again.polarization, again.wavelength, again.amplitude) == ("mixed", WAVELENGTH, 1.0)
    np.testing.assert_array_equal(again.E, field.E)
    assert list(field.to_xarray().component.values) == ["x", "y", "z"]
    assert "mixed polarization at 935 nm" in str(again)


def _rows(field: FieldMap) -> list[tuple[float, float, np.ndarray]]:
    rows = [(y, z, field.E[:, i, j]) for i, y in enumerate(field.y) for j, z in enumerate(field.z)]
    order = np.random.default_rng(0).permutation(len(rows))
    return [rows[k] for k in order]


def test_comsol(tmp_path: Path) -> None:
    """Its plane is x-y and its time exp(+i omega t): coordinates move on by one and the field is conjugated."""
    field = sample()

    def number(v: complex) -> str:
        return f"{v.real:.15g}{v.imag:+.15g}i"

    lines = [
        "% Model: guide.mph",
        "% Dimension: 2",
        "% Length unit: nm",
        "% x y ewfd.Ex (V/m) ewfd.Ey ewfd.Ez",
    ]
    for y, z, (ex, ey, ez) in _rows(field):
        values = "   ".join(number(np.conj(v)) for v in (ey, ez, ex))
        lines.append(f"{y * 1e9:.9g}   {z * 1e9:.9g}   {values}")
    path = tmp_path / "comsol.txt"
    path.write_text("\n".join(lines))
    again = read_field(path, wavelength=WAVELENGTH, source="comsol")
    np.testing.assert_allclose(again.E, field.E, atol=1e-13)
    np.testing.assert_allclose(again.y, field.y, atol=1e-18)
    assert again.polarization == "mixed"


def test_lumerical_and_own_columns(tmp_path: Path) -> None:
    field = sample()
    path = tmp_path / "lumerical.csv"
    head = "x,y,ReEx,ImEx,ReEy,ImEy,ReEz,ImEz"
    rows = [
        ",".join(f"{v:.16g}" for v in (y, z, ey.real, ey.imag, ez.real, ez.imag, ex.real, ex.imag))
        for y, z, (ex, ey, ez) in _rows(field)
    ]
    path.write_text("\n".join([head, *rows]))
    np.testing.assert_allclose(
        read_field(path, wavelength=WAVELENGTH, source="lumerical").E, field.E, atol=1e-13
    )
    columns = ["y", "z", "-", "-", "-", "-", "Ex.re", "Ex.im"]
    only = read_field(path, wavelength=WAVELENGTH, columns=columns, time="exp(-i omega t)")
    assert only.polarization == "s"
    np.testing.assert_allclose(only.E[0], field.E[0], atol=1e-13)


def test_mistakes(tmp_path: Path) -> None:
    field = sample()
    with pytest.raises(InputError, match="outside the field map"):
        field.field([0, 0, -1e-7])
    with pytest.raises(InputError, match="positions"):
        field.field([0, 0])
    path = tmp_path / "holes.txt"
    path.write_text("0 0 1+1i\n0 1 1\n1 0 1\n")
    how = {"wavelength": WAVELENGTH, "columns": ["y", "z", "Ex"], "time": "exp(-i omega t)"}
    with pytest.raises(InputError, match="regular grid"):
        read_field(path, **how)
    with pytest.raises(InputError, match="columns found"):
        read_field(path, **{**how, "columns": ["y", "z", "Ex", "Ey"]})
    with pytest.raises(InputError, match="did you mean"):
        read_field(path, **{**how, "columns": ["y", "z", "ex"]})
    with pytest.raises(InputError, match="name the source"):
        read_field(path, wavelength=WAVELENGTH)
    with pytest.raises(InputError, match="no such file"):
        read_field(tmp_path / "none.txt", **how)
    path.write_text("0 0 1\n0 1 nonsense\n")
    with pytest.raises(InputError, match="line 2"):
        read_field(path, **how)
