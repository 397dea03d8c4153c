"""The Dicke ladder with its cavity kept: vacuum Rabi oscillations, QuTiP, conservation, the eliminated limit."""

from __future__ import annotations

from math import pi, tau

import numpy as np
import pytest
import qutip
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from atomcavity.dynamics import CavityMode, CavitySystem, DickeLadder, Emitters, Preparation, eliminate
from atomcavity.dynamics.api import correlation, evolve, spectrum
from atomcavity.errors import InputError

KEPT = DickeLadder(cavity="kept")


@pytest.mark.parametrize(
    ("g", "kappa", "detuning"), [(1.0, 0.2, 0.0), (1.0, 4.0, 0.0), (0.3, 5.0, -2.0), (1.0, 1.0, 30.0)]
)
def test_damped_vacuum_rabi_oscillation(g, kappa, detuning):
    """One emitter: amplitudes of |e, 0> and |g, 1>; at kappa = 4 g the two eigenstates coincide."""
    system = CavitySystem([Emitters(1, g, detuning=2.0)], [CavityMode(kappa, detuning=2.0 + detuning)])
    times = np.linspace(0, 20 / kappa, 60)
    found = evolve(system, times, method=KEPT)
    h = np.array([[0, g], [g, detuning - 0.5j * kappa]])
    states = np.array([expm(-1j * h * t)[:, 0] for t in times])
    assert found.photon_number[0] == pytest.approx(np.abs(states[:, 1]) ** 2, abs=1e-9)
    assert found.excited_population[0] == pytest.approx(np.abs(states[:, 0]) ** 2, abs=1e-9)
    assert found.record.neglected == 0
    assert not found.warnings


@pytest.mark.parametrize(
    ("number", "g", "kappa", "area"), [(2, 1.0, 0.7, pi), (3, 0.8j, 1.5, 2.1), (3, 0.4, 4.0, 1.2)]
)
def test_against_qutip(number, g, kappa, area):
    """Light, populations and the coherent amplitude, strong coupling included."""
    system = CavitySystem([Emitters(number, g, detuning=0.3)], [CavityMode(kappa, detuning=-0.6)])
    hamiltonian, collapse, ops = system.to_qutip([number + 1])
    prepared = Preparation.pulse(area, 0.7)
    one = Preparation.pulse(area, 0.7).matrices(system)[0]
    start = qutip.tensor(*[qutip.Qobj(one)] * number, qutip.fock_dm(number + 2, 0))
    a = ops["a"][0]
    times = np.linspace(0, 12 / kappa, 25)
    options = {"atol": 1e-12, "rtol": 1e-10, "nsteps": 100_000}
    inverted = sum(
        qutip.tensor(
            *[qutip.ket2dm(qutip.basis(2, 1)) if i == j else qutip.qeye(2) for j in range(number)],
            qutip.qeye(number + 2),
        )
        for i in range(number)
    )
    wanted = [a.dag() * a, a.dag() ** 2 * a**2, a, inverted, inverted**2]
    light, pairs, field, excited, square = qutip.mesolve(
        hamiltonian, start, times, collapse, e_ops=wanted, options=options
    ).expect
    found = evolve(system, times, initial=prepared, method=KEPT)
    assert found.photon_number[0] == pytest.approx(light.real, abs=1e-8)
    assert found.pair_number[0] == pytest.approx(pairs.real, abs=1e-8)
    assert found.amplitude[0] == pytest.approx(field, abs=1e-8)
    assert found.excited_population[0] * number == pytest.approx(excited.real, abs=1e-8)
    spread = np.sqrt(np.maximum(square.real - excited.real**2, 0)) / (number / 2)
    assert found.j_z_uncertainty == pytest.approx(spread, abs=2e-5)
    assert found.populations.sum(axis=0) == pytest.approx(1)


@given(
    number=st.integers(1, 15),
    ratio=st.floats(1, 100),
    detuning=st.floats(-3, 3),
    area=st.floats(0.2, 3.1),
)
@settings(max_examples=8, deadline=None)
def test_excitations_are_in_the_emitters_in_the_cavity_or_out(number, ratio, detuning, area):
    kappa = ratio * np.sqrt(number)
    system = CavitySystem([Emitters(number, 1.0)], [CavityMode(kappa, detuning=detuning * kappa)])
    end = (2 * np.log(number) + 10) * (kappa / number * (1 + 4 * detuning**2) + 4 / kappa)
    times = end * (1 - np.cos(np.linspace(0, pi, 400))) / 2
    found = evolve(system, times, initial=Preparation.pulse(area), method=KEPT)
    out = kappa * np.trapezoid(found.photon_number[0], times)
    left = number * found.excited_population[0, -1] + found.photon_number[0, -1]
    assert out + left == pytest.approx(number * np.sin(area / 2) ** 2, rel=5e-3)
    assert found.record.neglected <= 1e-7
    assert found.record.residual < 1e-8


# numbers recomputed from the microclock paper's model with an independent program (BDF, sparse Jacobian)
def test_microclock_with_its_cavity():
    kappa = tau * 1.2e6
    system = CavitySystem([Emitters(400, tau * 300)], [CavityMode(kappa)])
    times = np.linspace(2e-3, 16e-3, 41)
    gone, kept, few = (
        evolve(system, times, method=method)
        for method in (DickeLadder(), KEPT, DickeLadder(cavity="kept", photons=2))
    )
    assert kept.peak_photon_number[0] / gone.peak_photon_number[0] - 1 == pytest.approx(-3.09e-5, rel=0.02)
    assert kept.peak_time / gone.peak_time - 1 == pytest.approx(1.306e-4, rel=0.02)
    assert kept.pulse_width / gone.pulse_width - 1 == pytest.approx(2.87e-5, rel=0.02)
    assert few.peak_photon_number[0] / kept.peak_photon_number[0] - 1 == pytest.approx(0, abs=5e-4)
    assert any("bites" in warning for warning in few.warnings)
    assert not kept.warnings


@pytest.mark.parametrize("detuning", [0.0, 0.8])
def test_the_eliminated_limit(detuning):
    """Once the cavity has filled, the difference falls with N g^2/kappa^2."""
    wrong = []
    for kappa in (100.0, 200.0):
        system = CavitySystem([Emitters(10, 1.0)], [CavityMode(kappa, detuning=detuning * kappa)])
        rate = eliminate(system).decay[0, 0].real
        times = np.linspace(0.2, 8, 40) / (10 * rate)
        kept, gone = (evolve(system, times, method=m).photon_number[0] for m in (KEPT, DickeLadder()))
        wrong.append(np.abs(kept - gone).max() / gone.max())
    assert wrong[0] < 0.01
    assert wrong[0] / wrong[1] == pytest.approx(4, rel=0.1)


def test_the_cut_off_chosen_is_enough():
    system = CavitySystem([Emitters(20, 1.0)], [CavityMode(40.0, detuning=9.0)])
    times = np.linspace(0, 4, 30)
    chosen, all_of_them = (evolve(system, times, method=m) for m in (KEPT, DickeLadder("kept", 20)))
    assert "blocks of at most 20" not in chosen.record.reason
    assert chosen.photon_number[0] == pytest.approx(all_of_them.photon_number[0], abs=1e-7)
    assert all_of_them.record.neglected == 0


def test_the_cut_off_does_not_depend_on_the_times_asked_for():
    """The photons are there at 0.3 < t < 1, and gone at the only time asked for."""
    system = CavitySystem([Emitters(12, 1.0)], [CavityMode(12.0)])
    late, all_times = (evolve(system, times, method=KEPT) for times in ([20.0], np.linspace(0, 20, 400)))
    assert late.record.reason == all_times.record.reason
    assert late.record.neglected == pytest.approx(all_times.record.neglected, rel=0.5)
    few = evolve(system, [20.0], method=DickeLadder("kept", photons=2))
    assert any("bites" in warning for warning in few.warnings)


def test_long_evolutions_are_made_in_pieces(monkeypatch):
    system = CavitySystem([Emitters(4, 1.0)], [CavityMode(6.0)])
    question = {"initial": Preparation.pulse(2.0), "method": KEPT}
    whole = evolve(system, np.linspace(0, 4, 30), **question)
    monkeypatch.setattr("atomcavity.dynamics.dicke.kept.CHUNK", 300)
    parts = evolve(system, np.linspace(0, 4, 30), **question)
    assert parts.populations == pytest.approx(whole.populations, abs=1e-9)
    assert parts.amplitude == pytest.approx(whole.amplitude, abs=1e-9)


def test_refusals_of_the_kept_cavity():
    system = CavitySystem([Emitters(5, 1.0)], [CavityMode(6.0)])
    with pytest.raises(InputError, match=r"kept.*eliminated.*Exact"):
        spectrum(system, initial="inverted", method=KEPT)
    with pytest.raises(InputError, match=r"kept.*eliminated.*Exact"):
        correlation(system, [0.0], initial="inverted", method=KEPT)
    two = CavitySystem([Emitters(5, (1.0, 1.0))], [CavityMode(6.0)] * 2)
    with pytest.raises(InputError, match="one mode"):
        evolve(two, [0.0], method=KEPT)
    with pytest.raises(InputError, match="photons"):
        evolve(CavitySystem([Emitters(2000, 1.0)], [CavityMode(6.0)]), np.linspace(0, 0.4, 9), method=KEPT)
    for wrong in ({"cavity": "gone"}, {"photons": 3}, {"cavity": "kept", "photons": 0}):
        with pytest.raises(InputError):
            DickeLadder(**wrong)
