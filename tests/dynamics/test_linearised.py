"""Linearised fluctuations: closed forms of phase diffusion, resonance fluorescence, exact partners, symmetry."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    LevelScheme,
    Linearised,
    MeanField,
    spectrum,
    steady_state,
)
from atomcavity.dynamics.linearised.answers import fluctuations
from atomcavity.dynamics.linearised.noise import diffusion
from atomcavity.dynamics.mean_field.branches import choose_branch
from atomcavity.dynamics.mean_field.model import Model
from atomcavity.errors import InputError

part = st.floats(-1, 1)


def carrier(system):
    """Frequency and full width of the carrier."""
    pole = spectrum(system, method=Linearised(), detuning=[0.0]).poles[0]
    return -pole.imag, -2 * pole.real


def superradiant(number, s, xi=0.0, ratio=1e7):
    """N emitters, Gamma_c = 1, a cavity that follows at once, pump w = s N/(1 + xi) with its dephasing."""
    kappa = ratio * number
    pump = s * number / (1 + xi)
    return CavitySystem([Emitters(number, np.sqrt(kappa) / 2, 0.0, pump, xi * pump / 2)], [CavityMode(kappa)])


@given(s=st.floats(0.1, 0.9), xi=st.floats(0, 2))
@settings(max_examples=15, deadline=None)
def test_superradiant_laser(s, xi):
    """FWHM = (1 + xi)(1 + s)/[2 (1 - s)] Gamma_c, s = (1 + xi) w/(N Gamma_c): the cavity eliminated."""
    _, width = carrier(superradiant(5000, s, xi))
    assert width == pytest.approx((1 + xi) * (1 + s) / (2 * (1 - s)), rel=1e-4)


@given(
    kappa=st.floats(0.1, 10),
    gamma=st.floats(0, 0.4),
    dephasing=st.floats(0, 3),
    above=st.floats(1.5, 4),
    delta=st.floats(-1, 1),
    scale=st.sampled_from([1.0, 1e8, 1e-3]),
)
@settings(max_examples=30, deadline=None)
def test_schawlow_townes_from_good_to_bad_cavities(kappa, gamma, dephasing, above, delta, scale):
    """kappa/(2 n) N_up/(N_up - N_down) [gamma_perp/(kappa/2 + gamma_perp)]^2 (1 + alpha^2); pulled frequency."""
    pump = 2.0
    perp = (gamma + pump) / 2 + dephasing
    shift = delta * perp
    nu = shift * kappa / 2 / (kappa / 2 + perp)  # the cavity at 0
    alpha = (shift - nu) / perp
    number, g2 = 100_000, above * kappa / 2 * perp * (1 + alpha**2) * (2 + gamma) / (2 - gamma) / 1e5
    system = CavitySystem(
        [
            Emitters(
                number,
                np.sqrt(g2) * scale,
                gamma * scale,
                pump * scale,
                dephasing * scale,
                detuning=shift * scale,
            )
        ],
        [CavityMode(kappa * scale)],
    )
    state = steady_state(system, method=MeanField(branch="lasing"))
    up = state.excited_population[0]
    kinetic = kappa * scale / 2 / state.photon_number[0] * up / (2 * up - 1)
    expected = kinetic * (perp / (kappa / 2 + perp)) ** 2 * (1 + alpha**2)
    found, width = carrier(system)
    assert width == pytest.approx(expected, rel=1e-6, abs=0)
    assert found == pytest.approx(nu * scale, rel=1e-6, abs=1e-9 * scale)


def test_a_group_may_be_cut_into_pieces():
    """The noise of every group: three groups that differ by the phase of g only are one."""
    mode = [CavityMode(3.0)]
    whole = carrier(CavitySystem([Emitters(900, 0.3, 0.1, 2.0, 0.2, detuning=0.4)], mode))
    pieces = [Emitters(n, 0.3 * np.exp(1j * n), 0.1, 2.0, 0.2, detuning=0.4) for n in (100, 300, 500)]
    assert carrier(CavitySystem(pieces, mode)) == pytest.approx(whole)
    named = [Emitters(900, levels=Emitters(900, 0.3, 0.1, 2.0, 0.2, detuning=0.4).scheme)]
    assert carrier(CavitySystem(named, mode)) == pytest.approx(whole)
    two = CavitySystem(
        [Emitters(900, (0.3 / np.sqrt(2), 0.3j / np.sqrt(2)), 0.1, 2.0, 0.2, detuning=0.4)], mode * 2
    )
    assert carrier(two) == pytest.approx(whole)


@given(data=st.data())
@settings(max_examples=10, deadline=None)
def test_moving_the_reference_moves_the_line(data):
    emitters = [
        (data.draw(st.integers(200, 900)), data.draw(st.floats(0.2, 0.5)), data.draw(part)) for _ in range(3)
    ]

    def laser(offset):
        groups = [Emitters(n, g, 0.1, 2.0, 0.1, detuning=d + offset) for n, g, d in emitters]
        return CavitySystem(groups, [CavityMode(4.0, detuning=offset)])

    here, there = carrier(laser(0.0)), carrier(laser(7.0))
    assert there[0] - here[0] == pytest.approx(7.0, abs=1e-6)
    assert there[1] == pytest.approx(here[1], rel=1e-6)


def test_the_noise_keeps_the_commutators_and_is_positive():
    """J C + C J^T + D - D^T = 0 with C the mean commutators: [a, a^+] = 1, [sigma^+, sigma] = sigma_z/N."""
    system = CavitySystem(
        [Emitters(300, 0.5, 0.1, 2.0, 0.2, detuning=0.4), Emitters(200, 0.4j, 0.1, 1.0, detuning=-0.3)],
        [CavityMode(4.0, detuning=0.2)],
    )
    model = Model(system)
    state, _, _ = choose_branch(model, Linearised())
    noise = diffusion(model, state.y)
    assert np.linalg.eigvalsh(noise)[0] > -1e-12
    drift = model.jacobian(state.y, state.nu)
    commutators = np.zeros_like(noise)
    commutators[0, 1], commutators[1, 0] = 0.5j, -0.5j  # [Re a, Im a] = i/2
    batch = model.batches[0]
    for k, (rho, number) in enumerate(zip(model.densities(state.y), batch.number, strict=True)):
        operators = [np.diag([0, 1]), np.array([[0, 0.5], [0.5, 0]]), np.array([[0, -0.5j], [0.5j, 0]])]
        for a in range(3):
            for b in range(3):
                both = operators[a] @ operators[b] - operators[b] @ operators[a]
                commutators[2 + 3 * k + a, 2 + 3 * k + b] = np.trace(rho @ both) / number
    left = drift @ commutators + commutators @ drift.T + noise - noise.T
    assert np.abs(left).max() < 1e-8


def test_resonance_fluorescence_of_a_driven_emitter():
    """A cavity so weak that it only looks on: Mollow's poles, and <sigma^+ sigma> - |<sigma>|^2 in the pedestal."""
    gamma, omega, g, kappa = 1.0, 3.0, 0.3, 1e4
    system = CavitySystem([Emitters(1, g, gamma, drive=omega)], [CavityMode(kappa)])
    found = spectrum(system, method=Linearised())
    inside = np.sqrt(omega**2 - gamma**2 / 16)
    expected = [-gamma / 2, -0.75 * gamma + 1j * inside, -0.75 * gamma - 1j * inside]
    for pole in expected:
        assert np.abs(found.poles - pole).min() < 1e-3
    excited = omega**2 / 4 / (gamma**2 / 4 + omega**2 / 2)
    dipole = omega / 2 * (1 - 2 * excited) / (gamma / 2)
    share = (2 * g / kappa) ** 2
    assert found.coherent == pytest.approx(share * dipole**2, rel=1e-3, abs=0)
    assert found.weights.sum().real == pytest.approx(share * (excited - dipole**2), rel=1e-3, abs=0)
    assert len(found.peak) == 3


def test_nothing_fluctuates_in_a_driven_cavity_without_emitters_that_react():
    system = CavitySystem([Emitters(1, 0.0, 1.0)], [CavityMode(2.0)], drive=5.0)
    found = spectrum(system, [-1.0, 0.0, 1.0], method=Linearised())
    assert found.coherent == pytest.approx(25.0)
    assert np.abs(found.density).max() < 1e-12


def test_the_density_holds_all_photons_and_solves_the_equations():
    system = CavitySystem(
        [Emitters(40_000, 0.05, 0.1, 2.0, detuning=d) for d in (-0.5, 0.3)], [CavityMode(1.5)]
    )
    found = spectrum(system, method=Linearised())
    photons = steady_state(system, method=MeanField()).photon_number[0]
    assert found.weights.sum().real == pytest.approx(photons, rel=1e-2)
    _, width = carrier(system)
    tangent = np.linspace(-1, 1, 200_001)[1:-1] * np.pi / 2
    inner = spectrum(
        system, found.peak[0] + width / 2 * np.tan(tangent), method=Linearised()
    ).density  # the carrier becomes flat
    area = np.trapezoid(inner * width / 2 / np.cos(tangent) ** 2, tangent) / (2 * np.pi)
    assert area == pytest.approx(found.weights.sum().real, rel=1e-3)
    assert found.full_width[np.argmin(np.abs(found.peak + found.poles[0].imag))] == pytest.approx(
        width, rel=1e-3
    )
    assert found.density.min() > 0
    # the pedestal at one frequency, by linear equations with the zero mode taken out
    model = Model(system)
    state, _, _ = choose_branch(model, Linearised())
    light = fluctuations(model, state, 0)
    omega = 1.7
    a = np.zeros(model.size, complex)
    a[:2] = 1, 1j
    v = np.linalg.solve((-1j * omega * np.eye(model.size) - model.jacobian(state.y, state.nu)).T, a)
    plain = (v.conj() @ diffusion(model, state.y) @ v).real
    assert light.density(np.array([omega]))[0] == pytest.approx(plain, rel=1e-3)


def test_two_lasers_side_by_side_have_their_own_widths():
    groups = [
        Emitters(3000, (0.4, 0.0), 0.1, 3.0, detuning=1.0),
        Emitters(3000, (0.0, 0.5), 0.1, 3.0, detuning=-2.0),
    ]
    both = CavitySystem(groups, [CavityMode(2.0), CavityMode(1.5)])
    for mode, (g, d, kappa) in enumerate(((0.4, 1.0, 2.0), (0.5, -2.0, 1.5))):
        alone = carrier(CavitySystem([Emitters(3000, g, 0.1, 3.0, detuning=d)], [CavityMode(kappa)]))
        pole = spectrum(both, [0.0], mode=mode, method=Linearised()).poles[0]
        assert -pole.imag == pytest.approx(alone[0], rel=1e-6)
        assert -2 * pole.real == pytest.approx(alone[1], rel=1e-6)


@pytest.mark.slow
def test_the_exact_width_of_the_eliminated_cavity_tends_to_it():
    """1/N: the gap between exact and linearised width halves when N doubles."""
    gaps = []
    for number in (100, 200, 400):
        system = superradiant(number, 0.5)
        exact = -2 * spectrum(system, [0.0], method=Exact(cavity="eliminated")).poles[0].real
        gaps.append(exact / carrier(system)[1] - 1)
    assert gaps[0] > gaps[1] > gaps[2] > 0
    assert gaps[2] < 0.12
    assert gaps[1] / gaps[2] == pytest.approx(2, abs=0.5)


def test_the_exact_width_of_a_small_laser_tends_to_it():
    """A few emitters in a good cavity: the disagreement falls with the photon number."""
    gaps, photons = [], []
    for number in (1, 2, 4):
        system = CavitySystem([Emitters(number, 2.0, 0.0, 10.0)], [CavityMode(0.5)])
        exact = spectrum(system, [0.0], method=Exact())
        gaps.append(abs(-2 * exact.poles[0].real / carrier(system)[1] - 1))
        photons.append(steady_state(system, method=MeanField()).photon_number[0])
    assert gaps[0] > gaps[1] > gaps[2]
    assert gaps[2] < 0.05


def test_warnings_and_refusals():
    below = CavitySystem([Emitters(10, 0.1, 1.0, 2.0)], [CavityMode(5.0)])
    with pytest.raises(InputError, match=r"below threshold use Cumulants\(\).*or Exact\(\)"):
        spectrum(below, method=Linearised())
    near = CavitySystem([Emitters(1000, 0.0724, 0.0, 2.0)], [CavityMode(10.0)])
    assert any("intensity fluctuates" in w for w in spectrum(near, method=Linearised()).warnings)
    good = superradiant(100_000, 0.5)
    assert spectrum(good, method=Linearised()).warnings == ()
    with pytest.raises(InputError, match="stationary light"):
        spectrum(good, method=Linearised(), initial="inverted")


def test_two_hundred_groups():
    random = np.random.default_rng(1)
    groups = [
        Emitters(500, complex(random.normal()), 0.1, 200.0, detuning=100 * random.normal())
        for _ in range(200)
    ]
    system = CavitySystem(groups, [CavityMode(1000.0)])
    found = spectrum(system, method=Linearised())
    state = steady_state(system, method=MeanField())
    assert found.weights.sum().real == pytest.approx(state.photon_number[0], rel=0.1)
    # exact balance of the phase: the frequency is the mean weighted with each group's share of the gain
    weight = np.zeros(200)
    for k, e in enumerate(groups):
        perp = (0.1 + 200.0) / 2
        detuned = e.detuning + found.poles[0].imag
        weight[k] = e.number * abs(e.g_modes[0]) ** 2 * state.inversion[k] / (perp**2 + detuned**2)
    nu = weight @ [e.detuning for e in groups] / (1 + weight.sum())
    assert -found.poles[0].imag == pytest.approx(nu, rel=1e-6)


def test_two_free_phases_are_no_slow_fluctuations():
    # a Lambda system with a mode to each lower level: both phases are free, both lines far narrower than the rest
    pump, dephasing, kappa, number = 120.0, 36.0, 1e6, 100_000
    g = np.sqrt(330.0 * kappa / (4 * number))
    scheme = LevelScheme(
        levels=("plus", "minus", "upper"),
        couplings={("plus", "upper"): (g, 0.0), ("minus", "upper"): (0.0, g)},
        decays={("plus", "upper"): pump, ("minus", "upper"): pump},
        dephasing={"plus": dephasing, "minus": dephasing},
    )
    system = CavitySystem([Emitters(number, levels=scheme)], [CavityMode(kappa)] * 2)
    light = spectrum(system, method=Linearised())
    assert light.full_width.max() < 1e-2 * pump
    assert not any("carrier is not a separate line" in text for text in light.warnings)
