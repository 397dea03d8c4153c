"""Weak probes: closed forms of input-output theory, energy and causality, and QuTiP with a weak drive."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st

from atomcavity.dynamics import CavityMode, CavitySystem, Emitters, LevelScheme
from atomcavity.dynamics.api import transmission
from atomcavity.dynamics.probe.emitter import emitter_response, liouvillian
from atomcavity.errors import InputError
from atomcavity.results import load

rate = st.floats(0.1, 5)
part = st.floats(-3, 3).map(lambda x: round(x, 3))
OMEGA = np.linspace(-6, 6, 241)


def one(group: Emitters, kappa: float = 1.0, kappa_ext: float = 0.5, detuning: float = 0.0) -> CavitySystem:
    return CavitySystem([group], [CavityMode(kappa, kappa_ext, detuning)])


@given(kappa=rate, share=st.floats(0.01, 1), detuning=part)
@settings(max_examples=20, deadline=None)
def test_empty_cavity(kappa, share, detuning):
    """t = 1 - kappa_ext/[kappa/2 - i (omega - omega_c)], group delay by differentiating its phase."""
    found = transmission(one(Emitters(3), kappa, share * kappa, detuning), OMEGA)
    x = OMEGA - detuning
    expected = 1 - share * kappa / (kappa / 2 - 1j * x)
    assert found.amplitude[0] == pytest.approx(expected, abs=1e-12)
    inner, outer = kappa / 2 - share * kappa, kappa / 2
    zero = 0 if abs(inner) < 1e-6 else inner / (inner**2 + x**2)  # t = (inner - i x)/(outer - i x)
    if abs(inner) > 1e-3:
        delay = outer / (outer**2 + x**2) - zero
        assert found.group_delay[0] == pytest.approx(delay, rel=1e-7, abs=1e-9)


def test_critical_coupling_and_bandwidth():
    found = transmission(one(Emitters(1), 2.0, 1.0), [0.0, 1.0])
    assert found.transmission[0] == pytest.approx([0, 0.5], abs=1e-15)
    assert np.isnan(found.group_delay[0, 0])
    assert found.lost == pytest.approx([1, 0.5])


@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_energy_and_reciprocity(data):
    """Without loss all light comes out; t_ij = t_ji if g can be made real."""
    count = data.draw(st.integers(1, 3))
    modes = [CavityMode(k, k, data.draw(part)) for k in (data.draw(rate) for _ in range(count))]
    groups = [
        Emitters(
            data.draw(st.integers(1, 50)),
            tuple(data.draw(part) for _ in range(count)),
            detuning=data.draw(part),
        )
        for _ in range(data.draw(st.integers(1, 4)))
    ]
    hop = np.array([[data.draw(part) for _ in range(count)] for _ in range(count)])
    system = CavitySystem(groups, modes, mode_coupling=hop + hop.T)
    found = [transmission(system, OMEGA, port=p) for p in range(count)]
    for result in found:
        assert result.lost == pytest.approx(0, abs=1e-9)
    for p in range(count):
        for q in range(p):
            assert found[p].amplitude[q] == pytest.approx(found[q].amplitude[p], abs=1e-9)


def test_undamped_emitters_on_resonance_block_the_cavity():
    """gamma = 0 and omega = Delta exactly: the light does not enter."""
    found = transmission(one(Emitters(10, 0.3)), [0.0, 1e-6])
    assert found.amplitude[0] == pytest.approx(1, abs=1e-5)
    # two alike groups have a dark combination; t = 1 + 0.5 i omega/(N g^2) near the line
    found = transmission(one(Emitters(10, 0.3)), [0.0])
    twice = transmission(CavitySystem([Emitters(10, 0.3)] * 2, [CavityMode(1.0, 0.5)]), [0.0])
    assert found.group_delay[0, 0] == pytest.approx(0.5 / (10 * 0.09), rel=1e-9)
    assert twice.group_delay[0, 0] == pytest.approx(0.5 / (20 * 0.09), rel=1e-9)
    assert twice.amplitude[0, 0] == pytest.approx(1, abs=1e-12)


@given(number=st.integers(1, 10**6), gamma=rate, dephasing=rate, delta=part)
@settings(max_examples=20, deadline=None)
def test_two_levels_in_closed_form(number, gamma, dephasing, delta):
    g = 0.7 * np.exp(0.4j) / sqrt(number)
    found = transmission(one(Emitters(number, g, gamma, dephasing_rate=dephasing, detuning=delta)), OMEGA)
    sigma = 0.49 / (gamma / 2 + dephasing + 1j * (delta - OMEGA))
    assert found.amplitude[0] == pytest.approx(1 - 0.5 / (0.5 - 1j * OMEGA + sigma), abs=1e-12)


def test_vacuum_rabi_splitting():
    """Two dips of equal depth 2 g sqrt(N) apart."""
    number, g = 10_000, 0.2
    x = np.linspace(-40, 40, 80_001)
    power = transmission(one(Emitters(number, g, 1.0)), x).transmission[0]
    dips = x[1:-1][(power[1:-1] < power[:-2]) & (power[1:-1] < power[2:])]
    assert len(dips) == 2
    assert np.diff(dips)[0] == pytest.approx(2 * g * sqrt(number), rel=1e-3)


def test_pumped_emitters_amplify_and_then_lase():
    """Below threshold N g^2 (p_e - p_g) < kappa gamma_perp/2 there is gain; above it the question is refused."""
    pump, gamma = 2.0, 1.0
    inversion, width = (pump - gamma) / (pump + gamma), (pump + gamma) / 2
    threshold = sqrt(width / 2 / inversion / 100)
    below = transmission(one(Emitters(100, 0.9 * threshold, gamma, pump_rate=pump)), OMEGA)
    sigma = -100 * (0.9 * threshold) ** 2 * inversion / (width - 1j * OMEGA)
    assert below.amplitude[0] == pytest.approx(1 - 0.5 / (0.5 - 1j * OMEGA + sigma), rel=1e-11)
    assert below.lost.min() < 0
    with pytest.raises(InputError, match="laser threshold"):
        transmission(one(Emitters(100, 1.01 * threshold, gamma, pump_rate=pump)), OMEGA)
    assert (
        transmission(one(Emitters(100, 0.99 * threshold, gamma, pump_rate=pump)), [0.0]).transmission[0, 0]
        > 100
    )


def test_own_light_of_pumped_emitters_is_a_warning():
    """A pumped emitter emits at 4 g^2/(kappa + gamma + pump) into the mode, beside gamma and pump."""
    weak = transmission(one(Emitters(1, 0.01, 1.0, pump_rate=1.0)), OMEGA)
    assert not weak.warnings
    strong = transmission(one(Emitters(1, 0.3, 1.0, pump_rate=1.0)), OMEGA)
    assert "own light" in strong.warnings[0]
    for cavity, expected in ((2.0, 4 * 0.09 / 3), (-1.0, 2 * 0.09 * 1.5 / (1.5**2 + 9))):
        emitter = Emitters(1, 0.3, 1.0, pump_rate=1.0, detuning=2.0)
        response = emitter_response(emitter, [CavityMode(1.0, detuning=cavity)], "")
        assert response.emission == pytest.approx(0.5 * expected / 2)
    assert not transmission(one(Emitters(1, 0.3, 1.0)), OMEGA).warnings


def test_back_scattering_doublet():
    """CW and CCW modes coupled by J: dips at +-J, reflection through the other port (Weiss et al. 1995)."""
    j, kappa, ext = 2.0, 0.5, 0.2
    system = CavitySystem([Emitters(1, (0, 0))], [CavityMode(kappa, ext)] * 2, mode_coupling=[[0, j], [j, 0]])
    found = transmission(system, OMEGA)
    chi = kappa / 2 - 1j * OMEGA
    assert found.amplitude[0] == pytest.approx(1 - ext * chi / (chi**2 + j**2), abs=1e-12)
    assert found.amplitude[1] == pytest.approx(1j * ext * j / (chi**2 + j**2), abs=1e-12)
    assert abs(OMEGA[np.argmin(found.transmission[0])]) == pytest.approx(j, abs=0.05)


def lambda_scheme(control: complex, gamma: float, loss: float, two_photon: float = 0.0) -> LevelScheme:
    return LevelScheme(
        ("g", "s", "e"),
        couplings={("g", "e"): (0.3,)},
        drives={("s", "e"): control},
        decays={("e", "g"): gamma / 2, ("e", "s"): gamma / 2},
        energies={"s": two_photon},
        dephasing={"s": loss},
    )


@given(control=st.complex_numbers(min_magnitude=0.05, max_magnitude=3), loss=st.floats(1e-6, 0.5), two=part)
@settings(max_examples=20, deadline=None)
def test_transparency_in_closed_form(control, loss, two):
    """EIT: Sigma = N g^2/[gamma/2 - i omega + |Omega|^2/4/(loss + i (delta_s - omega))] (Fleischhauer et al. 2005).

    With decay e -> s the first level is emptied only by light, so that all emitters are in g.
    """
    number, gamma = 50, 1.3
    group = Emitters(number, levels=lambda_scheme(control, gamma, loss, two))
    found = transmission(one(group), OMEGA + 1e-3)
    omega = OMEGA + 1e-3
    sigma = number * 0.09 / (gamma / 2 - 1j * omega + abs(control) ** 2 / 4 / (loss + 1j * (two - omega)))
    assert found.amplitude[0] == pytest.approx(1 - 0.5 / (0.5 - 1j * omega + sigma), abs=1e-10)


def test_transparency_slows_light():
    """At the two-photon resonance without loss: as without emitters, but delayed by N g^2/(|Omega|^2/4) more."""
    group = Emitters(1000, levels=lambda_scheme(0.5, 1.0, 0.0))
    found = transmission(one(group, 1.0, 0.9), [0.0])
    empty = transmission(one(Emitters(1), 1.0, 0.9), [0.0])
    assert found.amplitude[0] == pytest.approx(empty.amplitude[0], abs=1e-9)
    slower = 1 + 1000 * 0.09 / (0.25 / 4)
    assert found.group_delay[0, 0] / empty.group_delay[0, 0] == pytest.approx(slower, rel=1e-9)


def zeeman() -> LevelScheme:
    """J = 1/2 to J = 1/2 with two polarisations as two modes, optical pumping and a weak repump."""
    return LevelScheme(
        ("g-", "g+", "e-", "e+"),
        couplings={("g-", "e-"): (0.3, 0), ("g+", "e+"): (-0.3, 0), ("g-", "e+"): (0, 0.4j), ("g+", "e-"): (0, 0.2)},
        decays={("e-", "g-"): 0.5, ("e+", "g+"): 0.4, ("e-", "g+"): 0.7, ("e+", "g-"): 0.6,
                ("g-", "e+"): 0.05, ("g+", "g-"): 0.02},
        energies={"g-": -0.4, "g+": 0.4, "e-": -0.1, "e+": 0.2},
        dephasing={"e+": 0.1},
    )  # fmt: skip


@pytest.mark.parametrize("which", ["two levels", "lambda", "zeeman"])
def test_against_qutip_with_a_weak_drive(which):
    """The stationary <a> under eta a^+ + h.c.: b_in = i eta/sqrt(kappa_ext), b_out = b_in + sqrt(kappa_ext) a."""
    eta = 1e-4
    if which == "two levels":
        groups = [Emitters(1, (0.5, 0.2j), 0.4, 0.1, 0.05), Emitters(1, (0.3, -0.3), 0.2, detuning=0.7)]
    elif which == "lambda":
        scheme = lambda_scheme(0.8j, 0.7, 0.05, 0.3)
        groups = [Emitters(1, levels=LevelScheme(**{**vars(scheme), "couplings": {("g", "e"): (0.3, 0.1)},
                                                    "decays": {**scheme.decays, ("s", "g"): 0.1, ("g", "s"): 0.03}}))]  # fmt: skip
    else:
        groups = [Emitters(1, levels=zeeman())]
    modes, hop = [CavityMode(1.0, 0.4, 0.2), CavityMode(0.8, 0.5, -0.3)], [[0, 0.2j], [-0.2j, 0]]
    photons = [2, 2]
    amplitude = transmission(CavitySystem(groups, modes, mode_coupling=hop), [-0.8, 0.0, 0.5]).amplitude
    for k, omega in enumerate((-0.8, 0.0, 0.5)):
        shifted = [CavityMode(m.kappa, m.kappa_ext, m.detuning - omega) for m in modes]
        moved = [moved_by(group, omega) for group in groups]
        system = CavitySystem(moved, shifted, mode_coupling=hop, drive=(eta, 0))
        hamiltonian, collapse, ops = system.to_qutip(photons)
        state = qutip.steadystate(hamiltonian, collapse)
        dark = qutip.steadystate(
            CavitySystem(moved, shifted, mode_coupling=hop).to_qutip(photons)[0], collapse
        )
        emission = [qutip.expect(a.dag() * a, dark) for a in ops["a"]]
        for j, a in enumerate(ops["a"]):
            field = qutip.expect(a, state)
            into = sqrt(modes[0].kappa_ext * modes[j].kappa_ext)
            expected = (j == 0) - 1j * into * field / eta
            # what the incoherently pumped emitters emit changes their populations a little
            assert amplitude[j, k] == pytest.approx(expected, abs=1e-6 + 3 * sum(emission))


def moved_by(group: Emitters, omega: float) -> Emitters:
    """The group in the frame that rotates at omega."""
    if group.levels is None:
        return Emitters(
            group.number,
            group.g_modes,
            group.gamma,
            group.pump_rate,
            group.dephasing_rate,
            group.detuning - omega,
        )
    scheme = group.levels
    upper = (
        {b for _, b in scheme.couplings} | {"s"} if "s" in scheme.levels else {b for _, b in scheme.couplings}
    )
    energies = {x: scheme.energies.get(x, 0.0) - (omega if x in upper else 0.0) for x in scheme.levels}
    return Emitters(group.number, levels=LevelScheme(**{**vars(scheme), "energies": energies}))


def test_the_emitter_alone_against_qutip():
    scheme = zeeman()
    system = CavitySystem([Emitters(1, levels=scheme)], [CavityMode(1.0), CavityMode(1.0)])
    hamiltonian, collapse, _ = system.to_qutip([1, 1])
    vacuum = np.ix_(4 * np.arange(4), 4 * np.arange(4))
    hamiltonian = qutip.Qobj(hamiltonian.full()[vacuum])
    collapse = [qutip.Qobj(c.full()[vacuum]) for c in collapse]
    size = hamiltonian.shape[0]
    expected = qutip.liouvillian(
        qutip.Qobj(hamiltonian.full()), [qutip.Qobj(c.full()) for c in collapse]
    ).full()
    swap = np.arange(size**2).reshape(size, size).T.ravel()  # columns to rows
    assert liouvillian(scheme) == pytest.approx(expected[np.ix_(swap, swap)], abs=1e-12)


def test_rates_of_very_different_size():
    """SI: a clock transition's repump beside optical linewidths; populations stay those of the rate equations."""
    fast, slow, pump = 2e8, 1e-3, 3e-4
    scheme = LevelScheme(
        ("g", "s", "e"),
        couplings={("g", "e"): (1e5,)},
        decays={("e", "g"): fast, ("s", "g"): slow, ("g", "s"): pump},
        energies={"e": 1e9, "s": -5e9},
    )
    found = emitter_response(Emitters(1, levels=scheme), [CavityMode(1e7)], "emitters[0]")
    assert np.abs(found.excite).max() == pytest.approx(1e5 * slow / (slow + pump), rel=1e-10)


def test_many_groups():
    """200 groups at 10^4 detunings: the sum of all Lorentzians."""
    numbers, g = np.full(200, 500), np.linspace(0.001, 0.02, 200)
    shifts = np.linspace(-5, 5, 200)
    groups = [Emitters(int(n), c, 0.3, detuning=d) for n, c, d in zip(numbers, g, shifts, strict=True)]
    x = np.linspace(-8, 8, 10_000)
    found = transmission(CavitySystem(groups, [CavityMode(1.0, 0.5)]), x)
    sigma = np.sum(numbers * g**2 / (0.15 + 1j * (shifts - x[:, None])), axis=1)
    assert found.amplitude[0] == pytest.approx(1 - 0.5 / (0.5 - 1j * x + sigma), abs=1e-12)
    numeric = np.gradient(found.phase[0], x)
    assert found.group_delay[0, 1:-1] == pytest.approx(numeric[1:-1], abs=1e-3 * np.abs(numeric).max())


def test_si_scale():
    scale = 1e9
    small = transmission(one(Emitters(5, 0.3, 0.2, detuning=0.5)), OMEGA)
    group = Emitters(5, 0.3 * scale, 0.2 * scale, detuning=0.5 * scale)
    large = transmission(one(group, scale, scale / 2), OMEGA * scale)
    assert large.amplitude == pytest.approx(small.amplitude, rel=1e-12)
    assert large.group_delay * scale == pytest.approx(small.group_delay, rel=1e-9)


def test_several_stationary_states_start_from_the_first_level():
    """Two ground states that nothing mixes: the emitters are in the first one."""
    scheme = LevelScheme(
        ("a", "b", "e"),
        couplings={("a", "e"): (0.4,), ("b", "e"): (0.9,)},
        decays={("e", "a"): 0.5, ("e", "b"): 0.5},
    )
    found = transmission(one(Emitters(1, levels=scheme)), OMEGA)
    # the excited coherence e-a leaks to b-a only through the cavity's field, which is absent without light
    assert found.amplitude[0] == pytest.approx(
        1 - 0.5 / (0.5 - 1j * OMEGA + 0.16 / (0.5 - 1j * OMEGA)), abs=1e-12
    )


@pytest.mark.parametrize(
    ("system", "words"),
    [
        (CavitySystem([Emitters(1, 1.0)], [CavityMode(1.0)]), "no port"),
        (CavitySystem([Emitters(1, 1.0)], [CavityMode(1.0, 0.5)], drive=0.1), "only light"),
        (CavitySystem([Emitters(1, 1.0, 1.0, drive=0.1)], [CavityMode(1.0, 0.5)]), "only light"),
        (
            one(Emitters(1, levels=LevelScheme(("g", "e"), {("g", "e"): (1.0,)}, {("g", "e"): 0.1}))),
            "same levels",
        ),
    ],
)
def test_refusals(system, words):
    with pytest.raises(InputError, match=words):
        transmission(system, OMEGA)


def test_result(tmp_path):
    from matplotlib import pyplot as plt

    found = transmission(one(Emitters(5, 0.3, 0.2)), OMEGA)
    again = load(found.save(tmp_path / "t.nc"))
    assert np.array_equal(again.amplitude, found.amplitude)
    assert "port of mode 0: power" in str(again)
    figure, ax = plt.subplots()
    assert len(found.plot(ax).lines) == 1
    plt.close(figure)
