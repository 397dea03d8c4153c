"""Guided modes by finite elements: closed forms, energy, orthogonality, continuity, convergence, files."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest
from scipy import constants as const
from scipy.optimize import brentq

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.resonators.cross_section import CrossSection, graded
from atomcavity.resonators.guided import EvanescentFit, fit_evanescent
from atomcavity.resonators.waveguide import Waveguide
from atomcavity.results import load

WAVELENGTH = 852.347e-9
NITRIDE, SILICA = Material("silicon nitride"), Material("fused silica")
SHAPE = {"width": 0.95e-6, "height": 0.326e-6, "core": NITRIDE, "substrate": SILICA}


@pytest.fixture(scope="module")
def guide():
    return Waveguide(**SHAPE)


@pytest.fixture(scope="module")
def te(guide):
    return guide.mode("TE", WAVELENGTH)


@pytest.fixture(scope="module")
def tm(guide):
    return guide.mode("TM", WAVELENGTH)


@pytest.fixture(scope="module")
def several(guide):
    return guide.modes(WAVELENGTH, 4, refinement=0.5)


def slab(polarization, thickness, core, below, above, lateral=0.0):
    """Effective index of the fundamental mode of a slab (lengths in 1/k0), which runs at an angle: minus lateral^2."""

    def mismatch(index):
        inner = math.sqrt(core**2 - index**2)
        sides = []
        for outside in (below, above):
            ratio = 1.0 if polarization == "TE" else (core / outside) ** 2
            sides.append(math.atan(ratio * math.sqrt(index**2 - outside**2) / inner))
        return inner * thickness - sum(sides)

    index = brentq(mismatch, max(below, above) + 1e-9, core - 1e-9, xtol=1e-14)
    return math.sqrt(index**2 - lateral**2)


def grid(mode, reach=0.6e-6):
    """Gauss nodes (k, 3) and weights (m^2) in every rectangle of the mesh near the guide, and their mirror images."""
    nodes, weights = np.polynomial.legendre.leggauss(3)

    def along(lines):
        lines = lines[(lines > -reach - 0.4e-6) & (lines < reach + 0.4e-6)]
        half = np.diff(lines) / 2
        return (lines[:-1, None] + half[:, None] * (1 + nodes)).ravel(), (half[:, None] * weights).ravel()

    (y, dy), (z, dz) = along(mode.y), along(mode.z)
    places = np.stack(np.meshgrid(0.0, y, z, indexing="ij"), -1).reshape(-1, 3)
    return places, 2 * np.outer(dy, dz).ravel()


def poynting(one, other, places, weights):
    """Integral of (E x H*)_x over the plane."""
    return np.sum(weights * np.cross(one.field(places), other.magnetic_field(places).conj())[:, 0])


def test_slab_in_closed_form():
    # uniform in y between an electric wall and an electric (magnetic) one: TE runs straight, TM at an angle
    thickness, core, below, above, wall = 2.4, 2.02, 1.45, 1.0, 5.0
    z = np.concatenate(
        [
            graded(-thickness - 16, -thickness, (False, True), 0.3, 1.5),
            graded(-thickness, 0.0, (True, True), 0.3, 1.0)[1:],
            graded(0.0, 10.0, (True, False), 0.3, 1.5)[1:],
        ]
    )
    for even, polarization, lateral in ((True, "TE", 0.0), (False, "TM", math.pi / (2 * wall))):
        section = CrossSection(np.linspace(0, wall, 8), z, even)
        height = section.centres[1]
        eps = np.where(height > 0, above, np.where(height > -thickness, core, below)) ** 2
        found, _, residuals = section.modes(eps, 4)
        expected = slab(polarization, thickness, core, below, above, lateral)
        assert np.min(np.abs(found - expected)) < 1e-6
        assert np.all(residuals < 1e-8)


@pytest.mark.slow
@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_wide_guide_tends_to_the_slab(polarization):
    width = 8e-6
    found = Waveguide(width=width, height=0.326e-6, core=2.02, substrate=1.45).mode(polarization, WAVELENGTH)
    k = math.tau / WAVELENGTH
    limit = slab(polarization, 0.326e-6 * k, 2.02, 1.45, 1.0)
    # the slab's wave between walls at a distance from width to width + two decay lengths
    narrow, wide = (
        math.sqrt(limit**2 - (math.pi / (k * w)) ** 2) for w in (width, width + 4 * found.decay_length)
    )
    assert narrow - 1e-5 < found.effective_index < wide < limit
    # extrapolated to infinite width with the exact lateral law
    wider = Waveguide(width=1.5 * width, height=0.326e-6, core=2.02, substrate=1.45).mode(
        polarization, WAVELENGTH
    )
    loss = [math.sqrt(limit**2 - mode.effective_index**2) for mode in (found, wider)]
    assert 1 / loss[1] - 1 / loss[0] == pytest.approx(0.5 * width * k / math.pi, rel=1e-2)


def test_square_guide_has_equal_polarizations():
    square = Waveguide(width=0.5e-6, height=0.5e-6, core=2.0, substrate=1.45, cladding=1.45)
    te, tm = (square.mode(name, WAVELENGTH, refinement=0.7) for name in ("TE", "TM"))
    assert te.effective_index == pytest.approx(tm.effective_index, abs=2e-6)
    assert te.group_index == pytest.approx(tm.group_index, abs=2e-5)
    assert te.te_fraction == pytest.approx(1 - tm.te_fraction, abs=1e-4)


def test_paper_guide(te, tm):
    # an independent computation with other elements: 1.78953 and 1.69982
    assert te.effective_index == pytest.approx(1.78953, abs=1e-5)
    assert tm.effective_index == pytest.approx(1.69982, abs=1e-5)
    assert te.polarization == "TE"
    assert tm.polarization == "TM"
    assert te.te_fraction > 0.99 > 0.01 > tm.te_fraction
    assert "n_eff = 1.7895" in str(te)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("film", "published"),
    [(0.0, 3.412022), (0.1, 3.412126), (0.3, 3.412492), (0.5, 3.413132), (0.7, 3.414100)],
)
def test_published_strip_and_rib(film, published):
    # G. R. Hadley, J. Lightwave Technol. 20, 1219 (2002): strip and ribs, given to 3e-6, as tabulated in femwell's pages
    layers = ((3.44, film * 1e-6),) if film else ()
    guide = Waveguide(width=3e-6, height=(1 - film) * 1e-6, core=3.44, substrate=3.40, layers=layers)
    assert guide.mode("TE", 1.15e-6).effective_index == pytest.approx(published, abs=3e-6)


def test_films_beside_the_guide(te):
    from atomcavity.resonators.guided_search import _index_beside

    k = math.tau / WAVELENGTH
    film = Waveguide(**SHAPE, layers=((1.9, 0.5e-6),))
    z = np.linspace(-3e-6, 1.5e-6, 91)
    z = np.sort(np.concatenate([z, [-0.326e-6, -0.826e-6]]))
    expected = slab("TE", 0.5e-6 * k, 1.9, float(SILICA.index(WAVELENGTH)), 1.0)
    assert _index_beside(film, WAVELENGTH, z) == pytest.approx(expected, abs=1e-4)
    assert _index_beside(te.waveguide, WAVELENGTH, z) == float(SILICA.index(WAVELENGTH))


def test_convergence(guide, te):
    coarse, fine = (guide.mode("TE", WAVELENGTH, refinement=r) for r in (0.4, 1.4))
    error = abs(te.effective_index - fine.effective_index)
    assert error < 1e-6
    assert error < 0.3 * abs(coarse.effective_index - fine.effective_index)
    assert error < abs(te.index_error)
    place = np.array([[0, 0, 50e-9], [0, 0.2e-6, 100e-9], [0, 0.6e-6, 150e-9]])
    assert np.allclose(
        te.field(place), fine.field(place), rtol=1e-3, atol=1e-4 * np.abs(fine.field(place)).max()
    )


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_group_index_is_the_slope_of_the_effective_index(guide, polarization):
    step = 2e-9
    blue, mode, red = (
        guide.mode(polarization, WAVELENGTH + sign * step, refinement=0.5) for sign in (-1, 0, 1)
    )
    slope = (red.effective_index - blue.effective_index) / (2 * step)
    assert mode.group_index == pytest.approx(mode.effective_index - WAVELENGTH * slope, rel=1e-4)


def test_power_energy_and_their_ratio(te, tm):
    for mode in (te, tm):
        places, weights = grid(mode)
        assert mode.power() == pytest.approx(1, rel=1e-10)
        assert poynting(mode, mode, places, weights).real / 2 == pytest.approx(1, rel=3e-4)
        field, magnetic = mode.field(places), mode.magnetic_field(places)
        guide = mode.waveguide
        region = guide.region(places[:, 1], places[:, 2])
        index, group = guide.indices(WAVELENGTH)[region], guide.group_indices(WAVELENGTH)[region]
        electric = const.epsilon_0 * np.sum(weights * index**2 * np.sum(np.abs(field) ** 2, -1))
        assert electric == pytest.approx(
            const.mu_0 * np.sum(weights * np.sum(np.abs(magnetic) ** 2, -1)), rel=3e-4
        )
        stored = const.epsilon_0 / 2 * np.sum(weights * index * group * np.sum(np.abs(field) ** 2, -1))
        assert stored * mode.group_velocity == pytest.approx(1, rel=3e-4)  # J/m times m/s: the power
        photon = mode.photon_field(places, 1.0, dispersion=False)
        energy = const.epsilon_0 * np.sum(weights * index**2 * np.sum(np.abs(photon) ** 2, -1))
        assert energy == pytest.approx(const.hbar * mode.frequency / 2, rel=3e-4, abs=0)


def test_modes_are_ordered_guided_and_orthogonal(several):
    indices = [mode.effective_index for mode in several]
    assert indices == sorted(indices, reverse=True)
    assert indices[-1] > float(SILICA.index(WAVELENGTH))
    assert [mode.polarization for mode in several[:2]] == ["TE", "TM"]
    places, weights = grid(several[0])
    alike = [mode for mode in several if mode.even == several[0].even]
    assert len(alike) >= 2
    assert abs(poynting(alike[0], alike[1], places, weights)) < 2e-3
    for mode in several[1:]:  # opposite symmetry: the mirror images cancel
        mirrored = mode.field(places * [1, -1, 1]), mode.field(places)
        assert np.allclose(np.abs(mirrored[0]), np.abs(mirrored[1]), rtol=1e-12)


def test_mirror_symmetry_and_phase(te, tm):
    rng = np.random.default_rng(1)
    places = rng.uniform([-1e-6, -0.9e-6, -0.6e-6], [1e-6, 0.9e-6, 0.5e-6], (40, 3))
    for mode, parity in ((te, (-1, 1, -1)), (tm, (1, -1, 1))):
        field = mode.field(places)
        assert np.allclose(mode.field(places * [1, -1, 1]), field * parity, rtol=1e-12)
        phase = np.exp(1j * mode.wave_number * places[:, :1])
        still = mode.field(places * [0, 1, 1])
        assert np.allclose(field, phase * still, rtol=1e-12)
        assert np.allclose(still.real[:, 0], 0)  # longitudinal: a quarter of a period away
        assert np.allclose(still.imag[:, 1:], 0)
    assert te.field([0, 0, -0.1e-6])[1].real > 0
    assert tm.field([0, 0, -0.1e-6])[2].real > 0
    assert te.field_at_power(places, 4.0) == pytest.approx(2 * te.field(places))


def test_continuity_at_the_faces(te, tm):
    y = np.array([0.0, 0.1, 0.25, 0.4, 0.6, 0.9]) * 1e-6
    for mode in (te, tm):
        largest = np.abs(mode.field([[0, 0, 1e-12], [0, 0, -0.16e-6]])).max()
        for level, medium in ((0.0, 0), (-0.326e-6, -1)):
            places = np.stack([0 * y, y, np.full_like(y, level)], -1)
            up, down = (mode.field(places + np.array([0, 0, step])) for step in (1e-13, -1e-13))
            assert np.abs(up - down)[:, :2].max() < 3e-3 * largest
            inner = np.where(y < 0.475e-6, float(NITRIDE.index(WAVELENGTH)), 1.0) ** 2
            outer = mode.waveguide.indices(WAVELENGTH)[medium] ** 2
            above, below = (outer, inner) if medium == 0 else (inner, outer)
            assert np.abs(above * up[:, 2] - below * down[:, 2]).max() < 6e-3 * largest


def test_maxwell_above_and_below(te):
    places = np.array(
        [[0.1e-6, 0.2e-6, 60e-9], [0, -0.5e-6, 200e-9], [0, 0.3e-6, -0.45e-6], [0, 0.1e-6, 1.2e-6]]
    )
    gradient, step = te.gradient(places), 1e-10
    size = np.abs(gradient).max(axis=(1, 2))
    assert np.all(np.abs(np.trace(gradient, axis1=1, axis2=2)) < 1e-12 * size)
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        slope = (te.field(places + shift) - te.field(places - shift)) / (2 * step)
        assert np.all(np.abs(slope - gradient[:, :, axis]) < 1e-5 * size[:, None])
    # Helmholtz: the Laplacian is -k^2 n^2 E
    step, total = 2e-9, 0
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        total = total + te.field(places + shift) + te.field(places - shift) - 2 * te.field(places)
    index = te.waveguide.indices(WAVELENGTH)[[0, 0, -1, 0]]
    expected = -((math.tau * index / WAVELENGTH) ** 2)[:, None] * te.field(places)
    assert np.all(np.abs(total / step**2 - expected) < 1e-2 * np.abs(expected).max(axis=1, keepdims=True))


def test_gradient_inside_the_elements(te):
    places = np.array([[0, 0.11e-6, -0.05e-6], [0.2e-6, -0.31e-6, -0.2e-6], [0, 0.6e-6, -0.1e-6]])
    gradient, step = te.gradient(places), 1e-11
    for axis in range(3):
        shift = step * np.eye(3)[axis]
        slope = (te.field(places + shift) - te.field(places - shift)) / (2 * step)
        assert np.allclose(slope, gradient[:, :, axis], rtol=1e-4, atol=1e-4 * np.abs(gradient).max())


def test_far_field_decays(te):
    assert np.all(te.field([[0, 30e-6, 0.1e-6], [0, 30e-6, -0.1e-6]]) == 0)
    assert np.all(np.abs(te.field([[0, 0, 50e-6], [0, 0, -50e-6]])) < 1e-100)
    near, far = (np.linalg.norm(te.field([0, 0, z])) for z in (1.0e-6, 1.1e-6))
    assert 0.9 * te.decay_length < 0.1e-6 / math.log(near / far) < te.decay_length


def test_layer_of_the_substrate_changes_nothing(te):
    layered = Waveguide(**SHAPE, layers=((SILICA, 0.3e-6),)).mode("TE", WAVELENGTH)
    assert layered.effective_index == pytest.approx(te.effective_index, abs=1e-6)
    place = np.array([[0, 0.1e-6, 80e-9], [0, 0.1e-6, -0.5e-6], [0, 0.1e-6, -0.8e-6]])
    assert np.allclose(
        layered.field(place), te.field(place), rtol=1e-2, atol=3e-3 * np.abs(te.field(place)).max()
    )
    denser = Waveguide(**SHAPE, layers=((1.6, 0.3e-6),)).mode("TE", WAVELENGTH, refinement=0.5)
    assert denser.effective_index > te.effective_index + 1e-3


def test_fit_recovers_its_own_formula():
    truth = EvanescentFit(4.9e8, 88e-9, 540e-9, 930e-9, 0.0)
    y, z = (
        each.ravel() for each in np.meshgrid(np.linspace(-475e-9, 475e-9, 31), np.linspace(50e-9, 4e-7, 20))
    )
    found = fit_evanescent(y, z, truth(y, z), 95e-9)
    assert found[:4] == pytest.approx(truth[:4], rel=1e-4)
    assert found.residual < 1e-6


def test_summary_of_the_tail(te, tm):
    for mode in (te, tm):
        fit = mode.summary()
        assert 0.9 * mode.decay_length < fit.decay < mode.decay_length  # also decays sideways
        assert fit.residual < 0.02
        place = np.array([[0, 0, 1e-7]])
        assert fit(0, 1e-7) == pytest.approx(np.linalg.norm(mode.field(place)), rel=0.03)
    assert str(EvanescentFit(4.9e8, 88e-9, 540e-9, 930e-9, 0.01)) == (
        "fit: g0 4.9e+08, λ_z 88 nm, l_y 540 nm, L_y 930 nm, residual 1.0e-02"
    )
    double = te.summary(lambda r: 2 * np.linalg.norm(te.field(r), axis=-1))
    assert double.g0 == pytest.approx(2 * te.summary().g0, rel=1e-6)


def test_files(te, tmp_path, monkeypatch):
    again = load(te.save(tmp_path / "mode.nc"))
    place = [[0, 0.1e-6, 50e-9], [0, 0.1e-6, -50e-9]]
    assert np.array_equal(again.field(place), te.field(place))
    assert str(again) == str(te)
    monkeypatch.setenv("ATOMCAVITY_CACHE", str(tmp_path / "kept"))
    guide = Waveguide(**SHAPE)
    first = guide.mode("TE", WAVELENGTH, refinement=0.4, keep=True)
    monkeypatch.setattr(CrossSection, "modes", lambda *_: pytest.fail("solved again"))
    second = guide.mode("TE", WAVELENGTH, refinement=0.4, keep=True)
    assert np.array_equal(first.unknowns, second.unknowns)
    (kept,) = (tmp_path / "kept").glob("guided-mode-*.nc")
    other = {**first.record.parameters, "wavelength": 850e-9}
    dataclasses.replace(first, record=dataclasses.replace(first.record, parameters=other)).save(kept)
    with pytest.raises(InputError, match="remove the file"):
        guide.mode("TE", WAVELENGTH, refinement=0.4, keep=True)


def test_guide_as_data():
    guide = Waveguide(**SHAPE, cladding=1.33, layers=((1.6, 1e-7), (SILICA, 2e-7)))
    again = Waveguide.from_dict(guide.to_dict())
    assert again.to_dict() == guide.to_dict()
    assert guide.depth == pytest.approx(0.626e-6)
    z = [1e-9, -1e-7, -0.33e-6, -0.45e-6, -0.7e-6]
    assert guide.region(np.zeros(5), z).tolist() == [0, 1, 2, 3, 4]
    assert guide.region(np.full(5, 5e-7), z).tolist() == [0, 0, 2, 3, 4]


def test_plot(te):
    import matplotlib

    matplotlib.use("Agg")
    assert te.plot().get_xlabel() == "y (µm)"


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"width": 0.0}, "width = 0.0 must be positive"),
        ({"core": "glass"}, r"Material\('glass'\)"),
        ({"core": None}, "is not a number"),
        ({"cladding": 0.9}, "at least 1"),
        ({"layers": ((1.5, -1e-7),)}, "thickness of a layer"),
    ],
)
def test_wrong_guides(change, message):
    with pytest.raises(InputError, match=message):
        Waveguide(**{**SHAPE, **change})


def test_wrong_questions(guide, te):
    with pytest.raises(InputError, match="unknown polarization"):
        guide.mode("TEM", WAVELENGTH)
    with pytest.raises(InputError, match="outside the range"):
        guide.mode("TE", 0.25e-6)
    with pytest.raises(InputError, match="nothing is guided"):
        Waveguide(**{**SHAPE, "core": 1.4}).mode("TE", WAVELENGTH)
    with pytest.raises(InputError, match="guides no TM-like mode number 0"):
        Waveguide(width=0.2e-6, height=0.05e-6, core=1.6, substrate=1.45).mode("TM", WAVELENGTH)
    with pytest.raises(InputError, match="lengths are in m"):
        Waveguide(**{**SHAPE, "width": 950.0}).mode("TE", WAVELENGTH)
    with pytest.raises(InputError, match="three Cartesian"):
        te.field([0.0, 1.0])
    with pytest.raises(InputError, match="length"):
        te.photon_field([0, 0, 0], -1.0)
    with pytest.raises(InputError, match="negative"):
        te.field_at_power([0, 0, 0], -1.0)
