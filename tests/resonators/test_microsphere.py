"""`Microsphere`: dispersion, windows, asymptotic series, radius, quality budget, pairs, errors."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.errors import InputError
from atomcavity.materials import Material
from atomcavity.resonators import Microsphere, radius_for
from atomcavity.resonators.asymptotic import airy_root, size_parameter
from atomcavity.resonators.characteristic import bound_below, path_root
from atomcavity.resonators.quality import spillane
from atomcavity.resonators.search import constant_index_root
from atomcavity.resonators.window import Edge

SILICA = Material("fused silica")
SPHERE = Microsphere(5.03e-6, SILICA)


@pytest.mark.parametrize(
    ("polarization", "l", "nanometres"),
    [
        ("TE", 60, 691.142),
        ("TE", 49, 833.563),
        ("TE", 109, 396.677),
        ("TE", 110, 393.331),
        ("TM", 60, 684.151),
    ],
)
def test_wavelengths_of_an_independent_calculation(polarization: str, l: int, nanometres: float) -> None:
    assert SPHERE.mode(polarization, n=1, l=l).wavelength * 1e9 == pytest.approx(nanometres, abs=6e-4)


@pytest.mark.parametrize(("l", "nanometres"), [(60, 691.032), (49, 833.33408), (109, 396.66417)])
def test_asymptotic_wavelengths_of_the_physics_notes(l: int, nanometres: float) -> None:
    mode = SPHERE.mode("TE", n=1, l=l, method="asymptotic")
    assert mode.wavelength * 1e9 == pytest.approx(nanometres, abs=6e-4)


def test_radius_and_quality_of_the_physics_notes() -> None:
    radius = radius_for("TE", 1, 60, 689.45e-9, SILICA)
    assert radius == pytest.approx(5.01756e-6, abs=5e-12)
    sphere = Microsphere(radius, SILICA)
    mode = sphere.mode("TE", n=1, l=60)
    assert mode.wavelength == pytest.approx(689.45e-9, rel=1e-13, abs=0)
    assert mode.quality_radiation == pytest.approx(1.77613e8, rel=1e-5, abs=0)
    assert sphere.mode("TE", n=1, l=110).wavelength == pytest.approx(392.387e-9, abs=6e-13)
    parts = mode.quality(radiation="spillane").parts
    assert parts["radiation"] == pytest.approx(1.5472e8, rel=1e-5, abs=0)
    assert parts["material"] == pytest.approx(9.6014e9, rel=1e-4, abs=0)


def test_scattering_and_water_of_the_physics_notes() -> None:
    """At R = 5.03 um and the paper's 689.45 nm, as an independent calculation took them: a constant index there."""
    index = float(SILICA.index(689.45e-9))
    mode = Microsphere(5.03e-6, index).mode("TE", n=1, l=60)
    scale = (689.45e-9 / mode.wavelength) ** 3.5
    roughness = {"roughness": 2e-9, "correlation_length": 5e-9}
    printed = mode.quality(**roughness, scattering="printed").parts["scattering"] * scale
    vernooy = mode.quality(**roughness).parts["scattering"] * scale
    assert printed == pytest.approx(3.42449e9, rel=1e-4, abs=0)
    assert vernooy == pytest.approx(3.54338e8, rel=1e-4, abs=0)
    water = mode.quality(water=0.2e-9, water_index=1.33, water_absorption=0.5).parts["water"]
    assert water / math.sqrt(689.45e-9 / mode.wavelength) == pytest.approx(7.803e9, rel=1e-3, abs=0)


def test_mode_volume_of_the_physics_notes() -> None:
    at = np.array([SPHERE.radius + 137e-9, 0.0, 0.0])
    exact = SPHERE.mode("TE", n=1, l=60)
    assert exact.volume(at) == pytest.approx(823.5e-18, rel=1e-4, abs=0)
    assert exact.volume(at, standing=True) == pytest.approx(823.5e-18 / 2, rel=1e-4, abs=0)
    near = SPHERE.mode("TE", n=1, l=60, angular="near-equator")
    assert near.volume(at) == pytest.approx(815.1e-18, rel=1e-4, abs=0)


def test_self_consistent_dispersion() -> None:
    """λ = 2πR/Re x at the index of λ itself, to 1e-13."""
    for polarization, n, l in (("TE", 1, 60), ("TM", 3, 70), ("TE", 2, 20), ("TM", 4, 12)):
        mode = SPHERE.mode(polarization, n=n, l=l)
        x = constant_index_root(polarization, n, l, float(SILICA.index(mode.wavelength)))
        assert mode.wavelength == pytest.approx(math.tau * SPHERE.radius / x.real, rel=1e-13, abs=0)


@given(
    st.floats(math.log(2e-6), math.log(1e-3)),
    st.floats(0.22e-6, 3.6e-6),
    st.integers(1, 5),
    st.sampled_from(["TE", "TM"]),
    st.floats(0.3, 0.97),
)
@settings(max_examples=60, deadline=None)
def test_silica_wherever_its_formula_holds(
    log_radius: float, wavelength: float, n: int, polarization: str, part: float
) -> None:
    """Radii 2 um to 1 mm: the sphere that puts a mode on λ has that mode on λ, and the next l at smaller λ."""
    radius = math.exp(log_radius)
    l = max(1, int(part * math.tau * radius / wavelength * 1.4))
    fitted = radius_for(polarization, n, l, wavelength, SILICA)
    sphere = Microsphere(fitted, SILICA)
    mode = sphere.mode(polarization, n=n, l=l)
    assert mode.wavelength == pytest.approx(wavelength, rel=1e-12, abs=0)
    assert math.isfinite(mode.log10_quality_radiation)
    if polarization == "TE" and wavelength * l > 0.215e-6 * (l + 1):
        assert wavelength * (1 - 2 / l) < sphere.mode("TE", n=n, l=l + 1).wavelength < wavelength


def test_window_has_every_mode_once() -> None:
    """Against the label-by-label list; both polarizations, down to very leaky modes."""
    sphere = Microsphere(2.5e-6, SILICA)
    between = (600e-9, 900e-9)
    found = [
        (mode.polarization, mode.n, mode.l) for mode in sphere.modes(between=between, minimum_quality=1.1)
    ]
    assert len(set(found)) == len(found)
    expected = set()
    for polarization in ("TE", "TM"):
        for l in range(1, 42):
            for n in range(1, 40):
                mode = sphere.mode(polarization, n=n, l=l) if 12 < l + 1.9 * n < 80 else None
                if mode is None or mode.wavelength > between[1]:
                    continue
                if mode.wavelength < between[0]:
                    break
                expected.add((polarization, n, l))
    assert expected <= set(found)
    wavelengths = [sphere.mode(p, n=n, l=l).wavelength for p, n, l in found]
    assert wavelengths == sorted(wavelengths, reverse=True)
    assert all(between[0] <= w <= between[1] for w in wavelengths)
    few = sphere.modes(between=between, polarization="TE", n_max=2)
    assert {(m.polarization, m.n, m.l) for m in few} == {
        k
        for k in found
        if k[0] == "TE" and k[1] <= 2 and sphere.mode("TE", n=k[1], l=k[2]).quality_radiation > 1e4
    }


@given(st.integers(1, 300), st.floats(1.2, 3.5), st.floats(0.05, 0.999), st.booleans(), st.integers(-1, 1))
@settings(max_examples=60, deadline=None)
def test_number_of_bound_modes_below_a_size(l: int, index: float, part: float, te: bool, beside: int) -> None:
    """Against the roots themselves; two thirds of the cases a hair beside a root."""
    roots = []
    while not roots or roots[-1].real < l + 0.5:
        roots.append(path_root(l, len(roots) + 1, te, index) / index)
    bound = [root.real for root in roots if abs(root.imag) < 1e-7]
    if not bound:
        return
    edge = part * bound[-1]
    if beside:
        edge = bound[int(part * len(bound))] * (1 + beside * 1e-11)
    assert bound_below(l, te, index, edge) == sum(root <= edge for root in bound)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_no_mode_lost_between_the_counted_and_the_followed_ones(polarization: str) -> None:
    """Label by label on both sides of the l from which on the modes are counted."""
    sphere, between = Microsphere(10e-6, 2.0), (680e-9, 700e-9)
    start = Edge(10e-6, sphere.medium, polarization, between[0]).first_bound()
    orders = range(start - 2, start + 2)
    found = [(mode.n, mode.l) for mode in sphere.modes(between=between, polarization=polarization)]
    expected = [
        (n, l)
        for l in orders
        for n in range(1, 40)
        if between[0] <= sphere.mode(polarization, n=n, l=l).wavelength <= between[1]
    ]
    assert len(expected) > 3
    assert sorted(label for label in found if label[1] in orders) == sorted(expected)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_the_edge_of_a_window_is_sharp_for_a_mode_that_leaks(polarization: str) -> None:
    sphere = Microsphere(10e-6, 2.0)
    mode = next(
        sphere.mode(polarization, n=n, l=100)
        for n in range(1, 40)
        if sphere.mode(polarization, n=n, l=100).quality_radiation < 1e5
    )
    assert mode.quality_radiation > 1e3
    for shift, inside in ((-1e-11, True), (1e-11, False)):
        between = (mode.wavelength * (1 + shift), mode.wavelength * 1.001)
        found = sphere.modes(between=between, polarization=polarization, minimum_quality=1e3)
        assert ((mode.n, mode.l) in {(each.n, each.l) for each in found}) is inside


def test_every_bound_mode_of_a_millimetre_sphere_is_found() -> None:
    """The labels of the window against the wavelengths of all labels at two of its l."""
    sphere, between = Microsphere(1e-3, SILICA), (689e-9, 689.05e-9)
    modes = sphere.modes(between=between, polarization="TE", n_max=12, minimum_quality=1e6)
    labels = [(mode.n, mode.l) for mode in modes]
    assert len(set(labels)) == len(labels)
    assert {n for n, _ in labels} <= set(range(1, 13))
    expected = [
        (n, l)
        for n in (1, 7, 12)
        for l in {other + k for m, other in labels if m == n for k in (-1, 0, 1)}
        if between[0] <= sphere.mode("TE", n=n, l=l).wavelength <= between[1]
    ]
    assert sorted(expected) == sorted(label for label in labels if label[0] in (1, 7, 12))


def test_window_of_a_millimetre_sphere() -> None:
    """Free spectral range λ²/(2πR n_g), up to the term of the Airy zero: the number of modes fits."""
    sphere = Microsphere(1e-3, SILICA)
    modes = sphere.modes(between=(689e-9, 689.5e-9), polarization="TE", n_max=1)
    spacing = -np.diff([mode.wavelength for mode in modes])
    free = 689.25e-9**2 / (math.tau * 1e-3 * float(SILICA.group_index(689.25e-9)))
    np.testing.assert_allclose(spacing, free, rtol=0.01)
    assert len(modes) == pytest.approx(0.5e-9 / free, abs=1)
    assert all(math.isfinite(mode.log10_quality_radiation) for mode in modes)


@pytest.mark.parametrize("polarization", ["TE", "TM"])
def test_asymptotic_series_converges_in_order(polarization: str) -> None:
    """The error of k corrections falls as the first one left out, ν^{-1/3} ... ν^{-1}."""
    for terms, order in ((2, -1 / 3), (3, -2 / 3), (4, -1.0)):
        error = [
            abs(
                size_parameter(polarization, 1, l, 1.45, terms=terms)
                - constant_index_root(polarization, 1, l, 1.45).real
            )
            for l in (400, 3200)
        ]
        assert math.log(error[1] / error[0]) / math.log(8) < order + 0.1


def test_spillane_is_an_estimate_of_the_exact_quality() -> None:
    """Eqs (21), (22) stay within a factor 2 of the exact value for n = 1 and 20 < l < 200."""
    for l in (30, 60, 120, 200):
        exact = Microsphere(1e-6, 1.45).mode("TE", n=1, l=l).log10_quality_radiation
        assert math.log10(spillane(l, 1, 1.45)) == pytest.approx(exact, abs=0.4)
    assert math.isnan(spillane(3, 9, 1.3))
    assert airy_root(1) == pytest.approx(2.338107410459767, rel=1e-12, abs=0)


def test_volume_current_scattering_of_a_bound_te_mode() -> None:
    """Q = 3λ³R/(8π³(ε-1)σ²B²): the energy of a well bound TE mode inside is R(ε-1)/2 times its surface's."""
    mode = Microsphere(20e-6, 1.45).mode("TE", n=1, l=250)
    q = mode.quality(roughness=2e-9, correlation_length=5e-9, scattering="volume-current").parts["scattering"]
    closed = 3 * mode.wavelength**3 * 20e-6 / (8 * math.pi**3 * (1.45**2 - 1) * (2e-9 * 5e-9) ** 2)
    assert q == pytest.approx(closed, rel=0.02, abs=0)


def test_budget_adds_up_and_shows_itself() -> None:
    mode = SPHERE.mode("TE", n=1, l=60)
    budget = mode.quality(
        roughness=2e-9, correlation_length=5e-9, water=0.2e-9, water_absorption=0.5, coupler="critical"
    )
    assert list(budget.parts) == ["radiation", "material", "scattering", "water", "coupler"]
    assert budget.total * sum(1 / q for q in budget.parts.values()) == pytest.approx(1, rel=1e-12)
    assert budget.parts["coupler"] == pytest.approx(budget.intrinsic)
    assert budget.total == pytest.approx(budget.intrinsic / 2)
    assert budget.kappa == pytest.approx(mode.frequency / budget.total)
    assert budget.kappa_ext == pytest.approx(budget.kappa / 2)
    assert "surface scattering" in str(budget)
    assert str(budget).splitlines()[-1].startswith("total")
    assert mode.quality(attenuation=1e-3, coupler=1e7).total < 1e7


def test_a_formula_that_gives_no_quality_says_so() -> None:
    budget = Microsphere(1e-6, 1.3).mode("TE", n=9, l=3).quality(radiation="spillane")
    assert math.isnan(budget.total)
    assert "give no radiative Q for n=9 l=3" in str(budget)


def test_a_mode_without_any_loss_that_floats_can_hold() -> None:
    mode = Microsphere(3e-4, 1.45).mode("TE", n=1, l=3900)
    budget = mode.quality()
    assert 308 < mode.log10_quality_radiation < 1e4
    assert budget.total == budget.intrinsic == math.inf
    assert budget.kappa == budget.kappa_ext == 0
    assert mode.quality(coupler=1e8).total == pytest.approx(1e8)
    assert "inf" in str(budget)
    with pytest.raises(InputError, match="nothing to draw"):
        budget.plot()


def test_budget_plots_itself() -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    ax = SPHERE.mode("TE", n=1, l=60).quality(coupler=1e7).plot()
    assert ax.get_xscale() == "log"
    assert [label.get_text() for label in ax.get_yticklabels()] == [
        "radiation",
        "material",
        "coupler",
        "total",
    ]
    assert len(ax.patches) == 4
    plt.close("all")


def test_pair_and_doublet() -> None:
    pair = SPHERE.mode("TE", n=1, l=60).pair(backscattering=2e6j)
    cw, ccw = pair
    assert (cw.m, ccw.m) == (60, -60)
    assert cw.wavelength == ccw.wavelength
    assert pair.splitting == pytest.approx(4e6)
    low, high = pair.frequencies
    assert high - low == pytest.approx(4e6, rel=1e-6, abs=0)
    assert pair.mode_coupling == pytest.approx(np.array([[0, 2e6j], [-2e6j, 0]]))
    assert np.linalg.eigvalsh(pair.mode_coupling) == pytest.approx([-2e6, 2e6])
    with pytest.raises(InputError, match="m = 0"):
        SPHERE.mode("TE", n=1, l=60, m=0).pair()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: Microsphere(-5e-6, SILICA), "radius -5e-06"),
        (lambda: Microsphere(math.nan, SILICA), "radius = nan"),
        (lambda: Microsphere(5e-6, 0.9), "index of refraction 0.9"),
        (
            lambda: Microsphere(5e-6, "fused silica"),
            r"material 'fused silica' given; .* Material\('fused silica'\)",
        ),
        (lambda: SPHERE.mode("TE", n=0, l=60), "n = 0"),
        (lambda: SPHERE.mode("TE", n=1, l=60, m=61), r"m = 61 given for l = 60"),
        (lambda: SPHERE.mode("TEM", n=1, l=60), "unknown polarization 'TEM'"),
        (lambda: SPHERE.mode("TE", n=1, l=60, method="exat"), "did you mean 'exact'"),
        (lambda: SPHERE.mode("TE", n=1, l=60, angular="hermite"), "angular function"),
        (lambda: SPHERE.mode("TE", n=1, l=400), "outside the range of the material"),
        (lambda: SPHERE.mode("TE", n=1, l=2), "outside the range of the material"),
        (lambda: SPHERE.mode("TM", n=1, l=400, method="asymptotic"), "outside the range of the material"),
        (lambda: SPHERE.modes(between=(100e-9, 300e-9)), "outside the range of the material"),
        (lambda: SPHERE.modes(between=(700e-9, 600e-9)), "the shorter first"),
        (lambda: SPHERE.modes(between=(600e-9, 700e-9), n_max=0), "n_max = 0"),
        (lambda: radius_for("TE", 1, 60, -1e-9, SILICA), "wavelength -1e-09"),
        (lambda: radius_for("TE", 1, 60, 5e-6, SILICA), "5000"),
        (lambda: SPHERE.mode("TE", n=1, l=60).photon_field([5e-6, 0]), r"positions of shape \(2,\)"),
        (lambda: SPHERE.mode("TE", n=1, l=60).volume(at=[[5e-6, 0, 0]]), "one Cartesian position"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(roughness=2e-9), "needs both"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(water=2e-10), "must be known"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(coupler="critcal"), "did you mean 'critical'"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(coupler=-1.0), "positive"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(radiation="x"), "radiation formula"),
        (lambda: SPHERE.mode("TE", n=1, l=60).quality(attenuation=0.0), "attenuation"),
    ],
)
def test_errors_name_what_was_given(call: object, message: str) -> None:
    with pytest.raises(InputError, match=message):
        call()  # type: ignore[operator]
