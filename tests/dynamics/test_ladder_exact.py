"""Identical emitters with the cavity eliminated: all product states, closed forms, and the cavity kept."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad_vec, trapezoid
from scipy.linalg import expm, null_space, solve_continuous_lyapunov
from scipy.sparse import eye_array
from scipy.sparse.linalg import spsolve

from atomcavity.dynamics import (
    CavityMode,
    CavitySystem,
    Emitters,
    Exact,
    Preparation,
    correlation,
    evolve,
    spectrum,
    steady_state,
)
from atomcavity.dynamics.ladder.basis import collective
from atomcavity.dynamics.ladder.pulse import pulse
from atomcavity.dynamics.ladder.state import prepared, stationary
from atomcavity.errors import InputError

ALONE = Exact(cavity="eliminated")
KAPPA = 1e7


def system(number: int, *, offset: float = 0.0, collective: float = 1.0, **rates: float) -> CavitySystem:
    """One group with the given collective decay rate; the cavity lies `offset` kappa above the emitters."""
    detuning = rates.get("detuning", 0.0)
    g = np.sqrt(collective * KAPPA * (0.25 + offset**2))
    return CavitySystem(
        [Emitters(number, g=g, **rates)], [CavityMode(KAPPA, detuning=detuning + offset * KAPPA)]
    )


class Product:
    """The emitters alone on all 2^N product states."""

    def __init__(self, number: int, decay: float, shift: float, rates: dict[str, float]) -> None:
        lower, one = np.array([[0.0, 1.0], [0.0, 0.0]]), np.eye(2)
        sigma = [reduce(np.kron, [lower if k == u else one for k in range(number)]) for u in range(number)]
        self.s, self.size = sum(sigma), 2**number
        self.excited = sum(o.T @ o for o in sigma)
        h = shift * self.s.T @ self.s + rates["detuning"] * self.excited
        collapse = [np.sqrt(decay) * self.s]
        collapse += [np.sqrt(rates["gamma"]) * o for o in sigma]
        collapse += [np.sqrt(rates["pump_rate"]) * o.T for o in sigma]
        collapse += [np.sqrt(2 * rates["dephasing_rate"]) * o.T @ o for o in sigma]
        one = np.eye(self.size)
        self.generator = -1j * (np.kron(h, one) - np.kron(one, h.T))
        for c in collapse:
            loss = c.T @ c
            self.generator += np.kron(c, c) - (np.kron(loss, one) + np.kron(one, loss)) / 2

    def stationary(self) -> np.ndarray:
        rho = null_space(self.generator, rcond=1e-11)[:, 0].reshape(self.size, self.size)
        return rho / np.trace(rho)

    def later(self, rho: np.ndarray, t: float) -> np.ndarray:
        return (expm(self.generator * t) @ rho.ravel()).reshape(self.size, self.size)


def mean(operator: np.ndarray, rho: np.ndarray) -> complex:
    return complex(np.trace(operator @ rho))


rate = st.floats(0.05, 3.0)
RATES = st.fixed_dictionaries(
    {"gamma": rate, "pump_rate": rate, "dephasing_rate": rate, "detuning": st.floats(-5.0, 5.0)}
)


@settings(deadline=None, max_examples=8)
@given(
    number=st.integers(1, 3),
    rates=RATES,
    offset=st.floats(-2.0, 2.0),
    scale=st.sampled_from([1e-3, 1.0, 1e4]),
)
def test_stationary_light_on_all_product_states(
    number: int, rates: dict[str, float], offset: float, scale: float
) -> None:
    rates = {name: value * scale for name, value in rates.items()}
    emitters = system(number, offset=offset, collective=scale, **rates)
    full = Product(number, scale, -scale * offset, rates)  # shift = -g^2 Delta/(kappa^2/4 + Delta^2)
    rho, s = full.stationary(), full.s
    emission = mean(s.T @ s, rho).real
    state = steady_state(emitters, method=ALONE)
    assert KAPPA * state.photon_number[0] == pytest.approx(scale * emission, rel=1e-9)
    assert state.excited_population[0] == pytest.approx(mean(full.excited, rho).real / number, rel=1e-9)
    assert state.g2[0] == pytest.approx(mean(s.T @ s.T @ s @ s, rho).real / emission**2, rel=1e-8, abs=1e-12)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-9)
    delays = np.array([0.0, 0.3, 1.1]) / scale
    first = correlation(emitters, delays, method=ALONE).normalised
    second = correlation(emitters, delays, order=2, method=ALONE).normalised
    for k, t in enumerate(delays):
        wanted = np.conj(mean(s, full.later(rho @ s.T, t))) / emission
        assert first[k] == pytest.approx(wanted, rel=1e-8)
        wanted = mean(s.T @ s, full.later(s @ rho @ s.T, t)) / emission**2
        assert second[k] == pytest.approx(wanted, rel=1e-8, abs=1e-12)
    at = np.array([-3.0, 0.2, 4.0]) * scale
    found = spectrum(emitters, at, method=ALONE).density / state.photon_number[0]
    start, row = (rho @ s.T).ravel(), s.T.ravel()
    for w, value in zip(at, found, strict=True):
        inner = np.linalg.lstsq(full.generator + 1j * w * np.eye(len(start)), start, rcond=None)[0]
        assert value == pytest.approx(-2 * (row @ inner).real / emission, rel=1e-7)


@settings(deadline=None, max_examples=8)
@given(
    number=st.integers(1, 4),
    rates=RATES,
    offset=st.floats(-2.0, 2.0),
    parts=st.lists(st.floats(-1.0, 1.0), min_size=8, max_size=8),
)
def test_evolution_from_any_product_state(
    number: int, rates: dict[str, float], offset: float, parts: list[float]
) -> None:
    a = np.array(parts[:4]).reshape(2, 2) + 1j * np.array(parts[4:]).reshape(2, 2)
    one = a @ a.conj().T + 0.01 * np.eye(2)
    one = one / np.trace(one)
    emitters = system(number, offset=offset, **rates)
    full = Product(number, 1.0, -offset, rates)
    start = reduce(np.kron, [one] * number)
    times = np.array([0.0, 0.2, 1.3])
    found = evolve(emitters, times, initial=[one], method=ALONE)
    size = np.sqrt(1.0 / KAPPA)
    light = -1j * size * np.exp(-1j * np.arctan2(offset, 0.5))  # a = -i g S/(kappa/2 + i Delta)
    for k, t in enumerate(times):
        rho = full.later(start, t)
        emission, inside = mean(full.s.T @ full.s, rho).real, mean(full.excited, rho).real
        assert found.photon_number[0, k] == pytest.approx(size**2 * emission, rel=1e-8, abs=1e-12 * size**2)
        assert found.excited_population[0, k] == pytest.approx(inside / number, rel=1e-9)
        wanted = mean(full.s.T @ full.s.T @ full.s @ full.s, rho).real
        assert found.pair_number[0, k] == pytest.approx(size**4 * wanted, rel=1e-7, abs=1e-11 * size**4)
        wanted_field = light * mean(full.s, rho)
        assert found.amplitude[0, k] == pytest.approx(wanted_field, rel=1e-8, abs=1e-11 * size)
        if number > 1:
            pair = (emission - inside) / (number * (number - 1))
            assert found.emitter_correlation[0, 0, k].real == pytest.approx(pair, rel=1e-7, abs=1e-11)


def test_a_pulse_is_integrated_over_its_whole_course() -> None:
    rates = {"gamma": 0.4, "pump_rate": 0.0, "dephasing_rate": 0.3, "detuning": 1.5}
    emitters, full = system(3, offset=0.7, **rates), Product(3, 1.0, -0.7, rates)
    s = full.s
    half = Preparation.pulse(0.8 * np.pi)
    one = half.matrices(emitters)[0]
    start = reduce(np.kron, [one] * 3)

    def integral(f: Any) -> Any:
        return quad_vec(lambda t: f(full.later(start, t)), 0, 60, epsrel=1e-7)[0]

    emission = integral(lambda rho: mean(s.T @ s, rho).real)
    delays = np.array([0.0, 0.5, 2.0])
    first = correlation(emitters, delays, initial=half, method=ALONE)
    second = correlation(emitters, delays, order=2, initial=half, method=ALONE)
    assert first.value[0].real == pytest.approx(emission / KAPPA, rel=1e-6, abs=0)
    for k, t in enumerate(delays):
        u = expm(full.generator * t)

        def after(x: np.ndarray, u: np.ndarray = u) -> np.ndarray:
            return (u @ x.ravel()).reshape(x.shape)

        wanted = integral(lambda rho, after=after: np.conj(mean(s, after(rho @ s.T)))) / emission
        assert first.normalised[k] == pytest.approx(wanted, rel=1e-6)
        pairs = integral(lambda rho, after=after: mean(s.T @ s, after(s @ rho @ s.T)).real)
        both = integral(lambda rho, after=after: mean(s.T @ s, rho).real * mean(s.T @ s, after(rho)).real)
        assert second.normalised[k].real == pytest.approx(pairs / both, rel=1e-6)
    line = spectrum(emitters, initial=half, method=ALONE)
    assert np.sum(line.weights) == pytest.approx(emission / KAPPA, rel=1e-6, abs=0)
    assert line.density.min() > 0


def test_one_emitter_is_a_two_level_atom() -> None:
    gamma, pump, dephasing, collective = 0.3, 0.8, 0.25, 1.7
    atom = system(
        1, collective=collective, gamma=gamma, pump_rate=pump, dephasing_rate=dephasing, detuning=6.0
    )
    total = gamma + collective + pump
    state = steady_state(atom, method=ALONE)
    assert state.excited_population[0] == pytest.approx(pump / total, rel=1e-13)
    assert state.g2[0] == 0
    line = spectrum(atom, method=ALONE)
    assert line.peak == pytest.approx([6.0], rel=1e-7)
    assert line.full_width == pytest.approx([total + 2 * dephasing], rel=1e-7)
    assert line.poles == pytest.approx([-total / 2 - dephasing - 6.0j], rel=1e-13)
    delays = np.linspace(0, 3, 7)
    g2 = correlation(atom, delays, order=2, method=ALONE).normalised.real
    assert g2 == pytest.approx(1 - np.exp(-total * delays), abs=1e-12)


def test_two_emitters_have_a_cascade_and_a_dark_state() -> None:
    """Without any other process: e^-2Gt down the ladder (twice), nothing leaves the singlet."""
    times = np.linspace(0, 3, 7)
    pair = system(2)
    n = evolve(pair, times, method=ALONE).photon_number[0] * KAPPA
    assert n == pytest.approx(2 * np.exp(-2 * times) * (1 + 2 * times), rel=1e-11)
    mixed = evolve(pair, times, initial=[np.diag([0.5, 0.5])], method=ALONE)
    triplet = np.exp(-2 * times) * (
        2 * (1 + times) + 1
    )  # from |ee> and from |T0>; the singlet keeps its quarter
    assert mixed.excited_population[0] == pytest.approx((triplet / 4 + 0.25) / 2, rel=1e-11)


def test_the_state_without_light_between_the_emitters_is_a_product() -> None:
    """g = 0: each emitter for itself."""
    lone = system(30, collective=0.0, gamma=0.4, pump_rate=1.1, dephasing_rate=0.2)
    state = steady_state(lone, method=ALONE)
    assert state.excited_population[0] == pytest.approx(1.1 / 1.5, rel=1e-12)
    assert abs(state.emitter_correlation[0, 0]) < 1e-12
    assert state.photon_number[0] == 0
    assert np.isnan(state.g2[0])
    assert "dark" in state.record.warnings[-1]
    times = np.linspace(0, 4, 5)
    p = evolve(lone, times, method=ALONE).excited_population[0]
    assert p == pytest.approx(1.1 / 1.5 + 0.4 / 1.5 * np.exp(-1.5 * times), rel=1e-10)


@pytest.mark.parametrize(
    ("number", "emission", "width"),
    [(8, 0.158612, 3.230), (16, 0.136096, 3.396), (32, 0.124847, 3.095), (48, 0.122449, 2.720)],
)
def test_superradiant_laser_at_the_best_pump(number: int, emission: float, width: float) -> None:
    """w = N Gamma/2, gamma = Gamma/100: numbers of independent calculations with QuTiP's piqs."""
    laser = system(number, gamma=0.01, pump_rate=number / 2)
    state = steady_state(laser, method=ALONE)
    assert state.photon_number[0] * KAPPA / number**2 == pytest.approx(emission, abs=6e-7)
    line = spectrum(laser, method=ALONE)
    assert line.full_width[0] == pytest.approx(width, abs=2e-3)


def test_width_of_the_superradiant_laser_of_a_hundred() -> None:
    line = spectrum(system(100, pump_rate=50.0), method=ALONE)
    assert -2 * line.poles[0].real == pytest.approx(2.0110, abs=1e-4)


def test_width_tends_to_that_of_phase_diffusion() -> None:
    """(1 + s)/[2 (1 - s)] Gamma = 3/2 Gamma at s = 1/2, with corrections of 1/N."""
    width = [-2 * spectrum(system(n, pump_rate=n / 2), method=ALONE).poles[0].real for n in (200, 400)]
    assert 2 * width[1] - width[0] == pytest.approx(1.5, abs=0.03)


def test_integral_of_the_spectrum_is_the_photon_number() -> None:
    laser = system(60, offset=0.3, gamma=2.0, pump_rate=20.0, dephasing_rate=3.0)
    number = steady_state(laser, method=ALONE).photon_number[0]
    line = spectrum(laser, method=ALONE)
    assert np.sum(line.weights).real == pytest.approx(
        number, rel=1e-4, abs=0
    )  # of the poles that have settled
    grid = line.peak[0] + np.sinh(np.linspace(-12, 12, 4001))
    density = spectrum(laser, grid, method=ALONE).density
    assert density.min() > 0
    assert trapezoid(density, grid) / (2 * np.pi) == pytest.approx(number, rel=2e-4, abs=0)
    g1 = correlation(laser, np.array([0.0, 0.1]), method=ALONE)
    model = np.sum(line.weights * np.exp(line.poles * 0.1))
    assert g1.value[1] == pytest.approx(np.conj(model), rel=1e-5, abs=0)
    assert g1.value[0] == pytest.approx(number, rel=1e-10, abs=0)


@pytest.mark.parametrize("offset", [0.0, 0.4])
def test_the_cavity_kept_agrees_when_the_light_follows_at_once(offset: float) -> None:
    """The difference falls as the square root of the collective rate over kappa, squared."""
    errors = []
    for kappa in (2e3, 8e3):
        g = np.sqrt(kappa * (0.25 + offset**2))
        atoms = Emitters(3, g=g, gamma=0.3, pump_rate=1.5, dephasing_rate=0.2)
        both = CavitySystem([atoms], [CavityMode(kappa, detuning=offset * kappa)])
        alone, kept = (steady_state(both, method=m) for m in (ALONE, Exact(tolerance=1e-12)))
        change = [alone.photon_number[0] / kept.photon_number[0] - 1, alone.g2[0] / kept.g2[0] - 1]
        change.append(alone.excited_population[0] / kept.excited_population[0] - 1)
        lines = [spectrum(both, method=m) for m in (ALONE, Exact(tolerance=1e-12))]
        change.append(lines[0].full_width[0] / lines[1].full_width[0] - 1)
        change.append((lines[0].peak[0] - lines[1].peak[0]) / lines[1].full_width[0])
        errors.append(np.abs(change).max())
    assert errors[0] < 5e-3
    assert errors[1] < 0.35 * errors[0]


def test_two_modes_share_the_light_of_phased_groups() -> None:
    """Groups that differ by one phase of their couplings are one group in that phase."""
    modes = [CavityMode(KAPPA), CavityMode(2 * KAPPA)]
    rates = {"gamma": 0.2, "pump_rate": 0.9}
    theta, g = 1.1, np.array([300.0, 200.0j])
    turned = tuple(np.exp(1j * theta) * g)
    split = CavitySystem([Emitters(2, g=tuple(g), **rates), Emitters(3, g=turned, **rates)], modes)
    whole = CavitySystem([Emitters(5, g=tuple(g), **rates)], modes)
    one, two = steady_state(whole, method=ALONE), steady_state(split, method=ALONE)
    assert two.mode_correlation == pytest.approx(one.mode_correlation, rel=1e-12, abs=0)
    assert one.flow_in == pytest.approx(one.flow_out, rel=1e-12)
    wave = np.exp(1j * theta)
    pair = one.emitter_correlation[0, 0]
    assert two.emitter_correlation == pytest.approx(pair * np.array([[1, wave], [1 / wave, 1]]), rel=1e-12)
    along = Preparation.pulse(2.0, phase=(0.0, theta))
    times = np.linspace(0, 2, 5)
    first = evolve(split, times, initial=along, method=ALONE)
    second = evolve(whole, times, initial=Preparation.pulse(2.0), method=ALONE)
    assert first.photon_number == pytest.approx(second.photon_number, rel=1e-12, abs=0)
    assert first.amplitude == pytest.approx(second.amplitude, rel=1e-12, abs=0)
    with pytest.raises(InputError, match="starts with all emitters"):
        evolve(split, times, initial=Preparation.pulse(2.0), method=ALONE)


def test_phased_groups_agree_with_the_cavity_kept() -> None:
    wave = np.exp(0.8j)
    groups = [
        Emitters(2, g=50.0, gamma=0.2, pump_rate=0.9),
        Emitters(1, g=50.0 * wave, gamma=0.2, pump_rate=0.9),
    ]
    phased = CavitySystem(groups, [CavityMode(1e4)])
    alone, kept = (steady_state(phased, method=m) for m in (ALONE, Exact()))
    off = (0, 1)
    assert alone.emitter_correlation[off] == pytest.approx(kept.emitter_correlation[off], rel=2e-3)
    assert abs(alone.emitter_correlation[off].imag) > 0.5 * abs(alone.emitter_correlation[off])


def test_what_it_cannot_treat_is_refused() -> None:
    unequal = CavitySystem([Emitters(2, g=1.0), Emitters(2, g=2.0)], [CavityMode(KAPPA)])
    with pytest.raises(InputError, match=r"Cumulants\(cavity='eliminated'\)"):
        steady_state(unequal, method=ALONE)
    with pytest.raises(InputError, match="not unique"):
        steady_state(system(3), method=ALONE)
    with pytest.raises(InputError, match="leave out initial="):
        spectrum(system(3, pump_rate=1.0), initial="inverted", method=ALONE)
    with pytest.raises(InputError, match="states"):
        steady_state(system(5000, pump_rate=1.0), method=ALONE)
    with pytest.raises(InputError, match="cut-off"):
        steady_state(system(3, pump_rate=1.0), method=Exact(photons=3, cavity="eliminated"))


def test_without_a_pump_everything_ends_in_the_ground_state() -> None:
    state = steady_state(system(6, gamma=0.1), method=ALONE)
    assert state.excited_population[0] == 0
    assert state.photon_number[0] == 0
    line = spectrum(system(6, gamma=0.1), method=ALONE)
    assert len(line.peak) == 0
    assert "dark" in line.record.warnings[-1]
    assert np.isnan(correlation(system(6, gamma=0.1), [0.0, 1.0], method=ALONE).normalised).all()


def test_broken_elimination_is_told() -> None:
    strong = CavitySystem([Emitters(4, g=0.3, pump_rate=0.01)], [CavityMode(1.0)])
    assert any("eliminated" in text for text in steady_state(strong, method=ALONE).record.warnings)


@pytest.mark.parametrize("pump", [0.0, 0.8])
def test_against_the_dicke_basis_of_qutip(pump: float) -> None:
    from qutip.piqs.piqs import Dicke, dicke, jspin

    number, rates = 5, {"gamma": 0.35, "dephasing_rate": 0.15}  # qutip's dephasing acts through sigma_z/2
    lasers = Dicke(
        number,
        emission=rates["gamma"],
        dephasing=2 * rates["dephasing_rate"],
        pumping=pump,
        collective_emission=1.0,
    )
    generator = lasers.liouvillian().full()
    rho = dicke(number, number / 2, number / 2).full()
    lower = jspin(number, "-").full()
    times = np.array([0.0, 0.2, 0.9])
    found = evolve(system(number, pump_rate=pump, **rates), times, method=ALONE)
    for k, t in enumerate(times):
        later = (expm(generator * t) @ rho.ravel(order="F")).reshape(rho.shape, order="F")
        emission = np.trace(lower.conj().T @ lower @ later).real
        assert KAPPA * found.photon_number[0, k] == pytest.approx(
            emission, rel=2e-7
        )  # piqs holds its rates in single precision


def test_superradiant_pulse_by_the_ladder_alone() -> None:
    """Only |N/2, M> is reached: a death chain of N + 1 levels, integrated here by itself."""
    number = 300
    levels = np.arange(number + 1.0)
    rate = levels * (number - levels + 1)
    chain = np.diag(-rate) + np.diag(rate[1:], 1)
    times = np.array([0.0, 0.01, 0.02, 0.05])
    found = evolve(system(number), times, method=ALONE)
    start = np.eye(number + 1)[-1]
    for k, t in enumerate(times):
        p = expm(chain * t) @ start
        assert found.photon_number[0, k] * KAPPA == pytest.approx(rate @ p, rel=1e-8)
    assert "301 states" in found.record.reason
    assert found.excited_population[0, 0] == 1


@pytest.mark.parametrize("initial", ["inverted", Preparation.pulse(1.5), None])
@pytest.mark.parametrize("offset", [0.0, 0.8])
@pytest.mark.parametrize(
    "rates", [{}, {"gamma": 0.3, "dephasing_rate": 1.0}, {"gamma": 1e-3, "dephasing_rate": 1e3}]
)
def test_spectrum_by_one_elimination_a_frequency(
    initial: Any, offset: float, rates: dict[str, float]
) -> None:
    """Lines far from normal (cascades), wide beside narrow, shifted: the model is as good as the full equations."""
    light = system(60, offset=offset, pump_rate=0.0 if initial else 7.0, **rates)
    line = spectrum(light, initial=initial, method=ALONE)
    at = np.sort(np.random.default_rng(5).choice(line.detuning, 3))
    emitters = collective(light)
    one = None if initial is None else Preparation.of(initial).matrices(light)[0]
    state = stationary(emitters) if one is None else pulse(prepared(emitters, one)[0])
    beside, start = state.first()
    size = beside.matrix.shape[0]
    for w, value in zip(at, spectrum(light, at, initial=initial, method=ALONE).density, strict=True):
        solved = spsolve(beside.matrix + 1j * w * eye_array(size, format="csc"), start)
        wanted = -2 * (beside.lowering @ solved).real * abs(emitters.amplitude[0]) ** 2
        assert value == pytest.approx(wanted, rel=1e-8, abs=1e-10 * line.density.max())
    assert max(line.density[0], line.density[-1]) < 0.01 * line.density.max()


@pytest.mark.parametrize("order", [1, 2])
def test_correlations_of_a_pulse_by_the_ladder_alone(order: int) -> None:
    """No other process: levels of one ladder, integrated here by Lyapunov and linear equations."""
    number = 160  # above the size that is diagonalised as a whole
    levels = np.arange(number + 1.0)
    rate = levels * (number - levels + 1)
    chain = np.diag(-rate) + np.diag(rate[1:], 1)
    inner, lit = chain[1:, 1:], rate[1:]
    start = np.eye(number)[-1]
    delays = np.array([0.0, 0.01, 0.04])
    found = correlation(system(number), delays, order=order, initial="inverted", method=ALONE)
    dwell = np.linalg.solve(-inner, start)
    if order == 1:
        roots = np.sqrt(lit)
        block = np.diag(-(rate[1:] + rate[:-1]) / 2) + np.diag(roots[1:] * roots[:-1], 1)
        wanted = [roots @ expm(block * t) @ (roots * dwell) / (lit @ dwell) for t in delays]
    else:
        after = np.append((lit * dwell)[1:], 0.0)
        both = solve_continuous_lyapunov(inner, -np.outer(start, start))
        wanted = [lit @ expm(inner * t) @ after / (lit @ expm(inner * t) @ both @ lit) for t in delays]
    assert found.normalised.real == pytest.approx(wanted, rel=1e-7)


def test_what_has_faded_stays_dark() -> None:
    """Long after a pulse, by Krylov spaces: zero, no division by it."""
    times = np.geomspace(1e-3, 1e3, 12)
    faded = evolve(system(170, gamma=0.2), times, method=ALONE)
    assert abs(faded.photon_number[0, -1]) < 1e-20
    found = correlation(system(90, gamma=0.3), [0.0, 0.1], order=2, initial="inverted", method=ALONE)
    assert np.isfinite(found.normalised).all()


@pytest.mark.slow
def test_a_thousand_emitters() -> None:
    """Width of phase diffusion, and Poissonian light, up to 1/N."""
    laser = system(1000, gamma=0.01, pump_rate=500.0)
    state = steady_state(laser, method=ALONE)
    assert state.flow_in == pytest.approx(state.flow_out, rel=1e-12)
    assert state.photon_number[0] * KAPPA / 1e6 == pytest.approx(1 / 8, rel=3e-3)
    assert state.g2[0] == pytest.approx(1.0, abs=0.02)
    line = spectrum(laser, method=ALONE)
    assert line.full_width[0] == pytest.approx(1.5, abs=0.05)
    assert -2 * line.poles[0].real == pytest.approx(line.full_width[0], rel=1e-3)
    delays = np.array([0.0, 1.0, 2.0])
    g1 = correlation(laser, delays, method=ALONE).normalised
    assert g1[2] / g1[1] == pytest.approx(np.exp(line.poles[0]), rel=1e-6)
    assert g1[1] == pytest.approx(np.exp(line.poles[0]), rel=5e-3)


@pytest.mark.parametrize("number", [40, 90])
def test_intervals_of_krylov_spaces_and_taylor_series_agree(
    number: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    from atomcavity.dynamics.ladder import solve as ladder_solve

    laser = system(number, gamma=0.5, pump_rate=number / 4, dephasing_rate=0.2)
    times = np.geomspace(1e-3, 3, 9)
    series = evolve(laser, times, method=ALONE)
    monkeypatch.setattr(ladder_solve, "EXPLICIT_WORK", 0.0)
    spaces = evolve(laser, times, method=ALONE)
    assert spaces.photon_number == pytest.approx(series.photon_number, rel=1e-8, abs=0)
    assert spaces.pair_number == pytest.approx(series.pair_number, rel=1e-8, abs=0)
    assert spaces.record.residual < 1e-10
    again = evolve(laser, [0.0, 0.0, times[4], times[4], times[4] * (1 + 1e-12)], method=ALONE)
    assert again.photon_number[0, 1] == again.photon_number[0, 0]
    assert again.photon_number[0, 2:] == pytest.approx(spaces.photon_number[0, 4], rel=1e-8, abs=0)
    assert evolve(laser, [0.0], method=ALONE).excited_population == 1


def test_emitters_on_which_nothing_acts_are_refused():
    still = CavitySystem([Emitters(3, 0.0)], [CavityMode(1.0)])
    with pytest.raises(InputError, match="stay for ever"):
        spectrum(still, initial="inverted", method=Exact(cavity="eliminated"))
