"""Large and anisotropic crystals: the fluid they fill, multipoles, field gradients, interruption, files kept."""

import math

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

import atomcavity as ac
from atomcavity.errors import InputError
from atomcavity.traps.crystal import depolarisation, find_crystal, fluid_energy, search, semi_axes
from atomcavity.traps.crystal.coulomb import coulomb, field_gradient
from atomcavity.traps.crystal.plots import draw
from atomcavity.traps.crystal.starts import lattice_start


def test_depolarisation_of_spheroids():
    e = 0.8  # Landau and Lifshitz, section 4: prolate and oblate
    prolate = (1 - e**2) / e**2 * (math.atanh(e) / e - 1)
    assert depolarisation((3 * 0.6, 3 * 0.6, 3)) == pytest.approx(
        [(1 - prolate) / 2, (1 - prolate) / 2, prolate]
    )
    f = math.sqrt(1 / 0.6**2 - 1)
    assert depolarisation((1, 1, 0.6))[2] == pytest.approx((1 + f**2) / f**3 * (f - math.atan(f)))
    assert depolarisation((1e-3, 1, 50)).sum() == pytest.approx(1)


def test_the_fluid_balances_the_trap():
    weights = np.array([0.3, 1.0, 2.0])
    axes = semi_axes(weights, 700)
    density = 700 / (4 / 3 * np.pi * np.prod(axes))
    assert 4 * np.pi * density * depolarisation(axes) == pytest.approx(weights)
    # the same energy from the field: E = 1.5 sum w <x^2>, uniform in the ellipsoid
    assert fluid_energy(weights, 700) + 0.895929 * (3.3 / 3) ** (1 / 3) == pytest.approx(
        0.3 * weights @ axes**2
    )


@pytest.mark.parametrize("weight", [0.3, 2.5])
def test_aspect_ratio_of_spheroids(weight):
    found = find_crystal((1.0, 1.0, weight), 500, starts=1, tolerance=1e-4)
    x2, y2, z2 = np.mean(found.scaled**2, axis=0)
    order = semi_axes((1.0, 1.0, weight), 500)
    aspect = order[0] / order[2] if weight < 1 else order[2] / order[0]  # ascending eigenvalues of W
    assert math.sqrt(z2 / ((x2 + y2) / 2)) == pytest.approx(aspect, rel=0.02)
    assert 0 < found.excess < 0.012
    assert found.shells().number[0] > 200  # the outer shell of a spheroid is told apart, too


def test_excess_falls_with_size():
    excess = [find_crystal(1.0, n, starts=1, tolerance=1e-4).excess for n in (30, 150, 600)]
    assert excess[0] > excess[1] > excess[2] > 0


def test_lattice_fills_the_ellipsoid():
    weights = np.diag([0.4, 1.0, 1.6])
    r = lattice_start(weights, 3000, np.random.default_rng(0))
    axes = semi_axes(weights, 3000)
    assert r.shape == (3000, 3)
    assert np.sqrt(5 * np.mean(r**2, axis=0)) == pytest.approx(axes, rel=0.02)
    density = np.sum(np.linalg.norm(r / axes, axis=1) < 0.8) / (4 / 3 * np.pi * 0.8**3 * np.prod(axes))
    assert density == pytest.approx(3 / (4 * np.pi), rel=0.02)


def test_radial_density_of_a_crystal_is_that_of_the_fluid():
    found = find_crystal(1.0, 1500, starts=1, tolerance=1e-4)
    radius, density = found.radial_density(bins=2)
    assert density[0] == pytest.approx(1, abs=0.06)  # some 190 ions, their shells cut by the bin's edge
    assert radius[0] == pytest.approx(found.depth.max() / 4)
    assert found.depth == pytest.approx(np.linalg.norm(found.scaled, axis=1))


def test_field_gradients_are_slopes_of_the_forces():
    rng = np.random.default_rng(2)
    r = rng.normal(size=(60, 3)) * 3
    tensor = field_gradient(r)
    step = 1e-5
    for ion, way in ((0, 0), (7, 1), (59, 2)):
        up, down = r.copy(), r.copy()
        up[ion, way] += step
        down[ion, way] -= step
        slope = (coulomb(up)[1][ion] - coulomb(down)[1][ion]) / (2 * step)
        assert slope == pytest.approx(tensor[ion, way], rel=1e-5, abs=1e-6 * np.abs(tensor[ion]).max())
    assert np.abs(np.trace(tensor, axis1=1, axis2=2)).max() < 1e-10 * np.abs(tensor).max()
    turn = Rotation.random(rng=rng).as_matrix()
    assert np.allclose(field_gradient(r @ turn.T), turn @ tensor @ turn.T, atol=1e-9 * np.abs(tensor).max())


def test_field_gradient_of_two_ions():
    pair = find_crystal((3.0, 2.0, 1.0), 2, length=1e-5, charge=1.602176634e-19)
    # V_zz = 2/d^3 with d^3 = 2, the others -1/d^3
    assert pair.gradient() == pytest.approx(np.diag([-0.5, -0.5, 1.0])[None].repeat(2, 0), abs=1e-6)
    assert pair.gradient_unit * pair.gradient()[0, 2, 2] == pytest.approx(1.43996454e6, rel=1e-6)  # V/m^2


def test_multipoles_agree_with_direct_sums():
    pytest.importorskip("fmm3dpy")
    r = lattice_start(np.eye(3), 3000, np.random.default_rng(3))
    energy, gradient = coulomb(r)
    for precision, error in ((1e-3, 1e-3), (1e-4, 1e-5), (1e-9, 1e-9)):
        near, slope = coulomb(r, precision)
        assert near == pytest.approx(energy, rel=1e-2 * error)
        assert np.sqrt(np.mean((slope - gradient) ** 2)) < error
    tensor = field_gradient(r)
    assert np.abs(field_gradient(r, 1e-9) - tensor).max() < 1e-7 * np.abs(tensor).max()


def test_a_crystal_by_multipoles(monkeypatch):
    pytest.importorskip("fmm3dpy")
    monkeypatch.setattr(search, "CROSS_OVER", 300)
    found = find_crystal(1.0, 400, starts=1, tolerance=1e-5)
    assert "multipoles" in found.record.method
    assert found.finished
    assert np.sqrt(np.mean((found.scaled + coulomb(found.scaled)[1]) ** 2)) < 1.01e-5
    assert found.energy == pytest.approx(coulomb(found.scaled)[0] + np.sum(found.scaled**2) / 2, rel=1e-9)


def test_without_multipoles_a_warning(monkeypatch):
    monkeypatch.setattr(search, "CROSS_OVER", 10)
    monkeypatch.setattr(search, "multipoles_installed", lambda: False)
    found = find_crystal(1.0, 12, starts=1)
    assert found.finished
    assert "fmm3dpy" in found.warnings[0]


def _stop(monkeypatch, when):
    """Ctrl-C as soon as when(search, minimum) holds."""
    plain = search.Search._descending

    def watch(self, now, goal):
        plain(self, now, goal)
        if when(self, now):
            raise KeyboardInterrupt

    monkeypatch.setattr(search.Search, "_descending", watch)


def test_interrupted_and_resumed(tmp_path, monkeypatch):
    file = tmp_path / "crystal.nc"
    whole = find_crystal(1.0, 150, starts=1)
    with monkeypatch.context() as patched:
        _stop(patched, lambda search, now: now.rms < 1e-4)
        with pytest.raises(KeyboardInterrupt):
            find_crystal(1.0, 150, starts=1, resume=file)
    half = ac.load(file)
    assert not half.finished
    assert half.residual < 1e-4
    assert "resume" in half.warnings[0]
    assert half.record.parameters["evaluations"] > 20
    done = find_crystal(1.0, 150, starts=1, resume=file, length=1e-5)
    assert done.finished
    assert ac.load(file).length == 1e-5
    assert done.energy == pytest.approx(whole.energy, rel=1e-12)
    again = find_crystal(1.0, 150, starts=1, resume=file)
    assert (again.scaled == done.scaled).all()
    assert again.record.parameters == done.record.parameters
    with pytest.raises(InputError, match="seed = 0, not 1"):
        find_crystal(1.0, 150, starts=1, seed=1, resume=file)
    finer = find_crystal(1.0, 150, starts=1, tolerance=1e-10, resume=file)
    assert finer.residual < 1e-10
    assert finer.energy == pytest.approx(whole.energy, rel=1e-12)


def test_starts_go_on_where_they_were_interrupted(tmp_path, monkeypatch):
    file = tmp_path / "crystal.nc"
    whole = find_crystal(1.0, 40, starts=6)
    with monkeypatch.context() as patched:
        _stop(patched, lambda search, now: search.done == 3)
        with pytest.raises(KeyboardInterrupt):
            find_crystal(1.0, 40, starts=6, resume=file)
    assert ac.load(file).record.parameters["starts done"] == 3
    began, plain = [], search.Search._descend
    monkeypatch.setattr(
        search.Search, "_descend", lambda self, rng: began.append(self.done) or plain(self, rng)
    )
    done = find_crystal(1.0, 40, starts=6, resume=file)
    assert began == [3, 4, 5]
    assert (done.scaled == whole.scaled).all()


def test_annealing_goes_on_where_it_was_interrupted(tmp_path, monkeypatch):
    file, plain = tmp_path / "crystal.nc", search.Search._annealing

    def stop(self, step, positions):
        plain(self, step, positions)
        if step == 50:
            raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(search.Search, "_annealing", stop)
        with pytest.raises(KeyboardInterrupt):
            find_crystal(1.0, 60, starts=1, anneal=200, resume=file)
    assert ac.load(file).record.parameters["annealed"] == 50
    done = find_crystal(1.0, 60, starts=1, anneal=200, tolerance=1e-5, resume=file)
    assert done.finished
    monkeypatch.setattr(search, "anneal", lambda *args, **keywords: pytest.fail("annealed again"))
    finer = find_crystal(1.0, 60, starts=1, anneal=200, tolerance=1e-9, resume=file)
    assert finer.energy == pytest.approx(done.energy, rel=1e-9)


def test_evaluations_run_out(tmp_path):
    file = tmp_path / "crystal.nc"
    short = find_crystal(1.0, 80, starts=1, evaluations=30, resume=file)
    assert not short.finished
    assert "not at rest" in short.warnings[0]
    assert find_crystal(1.0, 80, starts=1, resume=file).finished


def test_kept_once_made(tmp_path, monkeypatch):
    monkeypatch.setenv("ATOMCAVITY_CACHE", str(tmp_path / "cache"))
    made = find_crystal(1.0, 30, keep=True)
    assert len(list((tmp_path / "cache").glob("crystal-30-*.nc"))) == 1
    monkeypatch.setattr(search.Search, "run", lambda self: pytest.fail("made again"))
    nearly = np.diag([1 - 2e-16, 1.0, 1 + 2e-16]) - 1e-17  # as a trap's matrices give it
    kept = find_crystal(nearly, 30, keep=True, length=2e-5)
    assert (kept.scaled == made.scaled).all()
    assert kept.length == 2e-5
    with pytest.raises(InputError, match="leave out resume"):
        find_crystal(1.0, 30, keep=True, resume=tmp_path / "x.nc")
    with pytest.raises(InputError, match="does not exist"):
        find_crystal(1.0, 30, resume=tmp_path / "nowhere" / "x.nc")


def test_progress_is_told(monkeypatch):
    monkeypatch.setattr(search, "_LINES", 0.0)
    lines = []
    monkeypatch.setattr(search.Search, "_said", -1.0)
    find_crystal(1.0, 20, starts=2, progress=lines.append)
    assert "crystal of 20 ions: start 1 of 2: 1 evaluations, rms force" in lines[0]


def test_drawings():
    from matplotlib.figure import Figure

    found = find_crystal((1.0, 1.0, 0.5), 60, starts=1, length=1e-5, charge=1.6e-19)
    axes = Figure().subplots(1, 3)
    draw(found, axes, values=found.gradient()[:, 2, 2], label="V_zz")
    assert "µm" in axes[0].get_xlabel()
    with pytest.raises(InputError, match="one number an ion"):
        found.plot(axes[0], values=[1.0, 2.0])


def test_chains_and_layers_have_no_excess():
    layer = find_crystal((1.0, 1.0, 50.0), 19, starts=2)
    assert np.abs(layer.scaled[:, 2]).max() < 1e-6
    assert math.isnan(layer.excess)
    assert "a chain or a layer" in layer.warnings[0]


def test_an_elongated_crystal_starts_from_a_lattice():
    r = lattice_start(np.diag([1.0, 1.0, 1e-3]), 2500, np.random.default_rng(0))
    assert np.sqrt(5 * np.mean(r[:, 2] ** 2)) == pytest.approx(semi_axes((1, 1, 1e-3), 2500)[0], rel=0.02)


@pytest.mark.slow
def test_a_crystal_beyond_the_cross_over():
    pytest.importorskip("fmm3dpy")
    found = find_crystal(1.0, 31_000, tolerance=2e-3)
    assert found.finished
    assert "multipoles" in found.record.method
    assert 0 < found.excess < 0.003
    assert abs(found.virial) < 0.02
    tensor = found.gradient()
    assert np.abs(np.trace(tensor, axis1=1, axis2=2)).max() < 1e-6
    assert np.allclose(tensor[:50], field_gradient(found.scaled)[:50], atol=1e-6)


@pytest.mark.slow
def test_a_thousand_ions_reach_the_energy_of_the_bcc_fluid():
    found = find_crystal(1.0, 1000)
    assert 0 < found.excess < 0.0055
    assert found.shells().number[0] == pytest.approx(387, abs=6)
    assert found.depth.max() == pytest.approx(1000 ** (1 / 3) - 0.6, abs=0.1)
