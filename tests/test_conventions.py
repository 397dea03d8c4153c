"""One test for each sentence of docs/conventions.md."""

import math

import numpy as np
import pytest
from scipy.constants import c, epsilon_0, hbar, mu_0, physical_constants

import atomcavity as ac
from atomcavity import units
from atomcavity.errors import InputError

TAU = 2 * math.pi
MHZ = TAU * 1e6


def one_atom(**keywords):
    atom = {"g": 2.8 * MHZ, "gamma": 0.0, **keywords}
    return ac.CavitySystem([ac.Emitters(1, **atom)], [ac.CavityMode(0.01 * MHZ)])


def test_a_bare_number_is_refused():
    with pytest.raises(InputError, match="has no unit"):
        units.parse(2.8e6, "angular")


def test_angular_and_event_rates():
    assert units.parse("2.8 MHz", "angular") == pytest.approx(2.8 * MHZ)
    assert units.parse("2.5e7 1/s", "event rate") == 2.5e7
    with pytest.raises(InputError, match="factor 2 pi"):
        units.parse("25 MHz", "event rate")


def test_people_see_two_pi():
    assert units.show(2.8 * MHZ, "angular") == "2π × 2.8 MHz"


def test_g_is_half_the_vacuum_rabi_splitting():
    # an excited atom in a nearly lossless cavity: P(t) = cos^2(g t), empty after a quarter of the period 2 pi/(2 g)
    system = one_atom()
    run = ac.evolve(
        system, np.array([0.0, math.pi / (2 * 2.8 * MHZ), math.pi / (2.8 * MHZ)]), initial="inverted"
    )
    np.testing.assert_allclose(run.excited_population[0], [1, 0, 1], atol=0.02)


def test_kappa_is_the_decay_rate_of_the_photon_number_and_gamma_of_the_population():
    # an uncoupled atom decays as exp(-gamma t); in the steady state kappa <n> is what the pump puts in, gamma = 0
    lone = ac.CavitySystem([ac.Emitters(1, g=0.0, gamma=2 * MHZ)], [ac.CavityMode(1 * MHZ)])
    times = np.linspace(0, 3e-7, 4)
    np.testing.assert_allclose(
        ac.evolve(lone, times).excited_population[0], np.exp(-2 * MHZ * times), rtol=1e-7
    )
    pump = 1e6
    pumped = ac.CavitySystem([ac.Emitters(1, g=1 * MHZ, pump_rate=pump)], [ac.CavityMode(4 * MHZ)])
    state = ac.steady_state(pumped)
    assert 4 * MHZ * state.photon_number[0] == pytest.approx(
        pump * (1 - state.excited_population[0]), rel=1e-7
    )


def test_dephasing_is_added_to_the_decay_of_the_coherence():
    # bad cavity: the emission rate into it is 4 g^2/(kappa + gamma + 2 dephasing) at weak coupling
    g, kappa, dephasing = 0.01 * MHZ, 3 * MHZ, 2 * MHZ
    system = ac.CavitySystem([ac.Emitters(1, g=g, dephasing_rate=dephasing)], [ac.CavityMode(kappa)])
    times = np.array([0.0, 1e-4])
    decay = -np.log(ac.evolve(system, times).excited_population[0, 1]) / times[1]
    assert decay == pytest.approx(4 * g**2 / (kappa + 2 * dephasing), rel=2e-2)


def test_sigma_z_of_the_excited_state_is_plus_one():
    strongly_pumped = ac.CavitySystem(
        [ac.Emitters(1, g=0.0, gamma=1.0, pump_rate=1e6)], [ac.CavityMode(1 * MHZ)]
    )
    assert ac.steady_state(strongly_pumped).inversion[0] == pytest.approx(1, abs=1e-5)


def test_detuning_is_own_frequency_minus_reference_and_spectra_use_that_axis():
    above = ac.CavitySystem(
        [ac.Emitters(1, g=0.05 * MHZ, gamma=0.1 * MHZ, pump_rate=1e4, detuning=5 * MHZ)],
        [ac.CavityMode(2 * MHZ, detuning=5 * MHZ)],
    )
    assert ac.spectrum(above).peak[0] == pytest.approx(5 * MHZ, rel=1e-3)


def test_spectrum_integrates_to_the_photon_number():
    atom = ac.Emitters(1, g=2.8 * MHZ, gamma=0.1 * MHZ, pump_rate=5e6)
    system = ac.CavitySystem([atom], [ac.CavityMode(4 * MHZ)])
    axis = np.linspace(-400 * MHZ, 400 * MHZ, 4_001)
    density = ac.spectrum(system, axis).density
    photons = ac.steady_state(system).photon_number[0]
    assert np.trapezoid(density, axis) / TAU == pytest.approx(photons, rel=2e-3)


def test_atomic_unit_of_polarizability():
    sr = ac.Species("88Sr")
    alpha = sr.polarizability("1S0", 800e-9)
    assert alpha.total / physical_constants["atomic unit of electric polarizability"][0] == pytest.approx(
        alpha.au
    )


SPHERE = ac.Microsphere(5.03e-6, 1.45)
BOUND = SPHERE.mode("TE", n=1, l=60, m=58)


def half_plane():
    """Gauss nodes over a meridional half plane around the field of a mode near the equator: r, theta, weights dr dtheta."""
    x, w = np.polynomial.legendre.leggauss(200)
    pieces = [(3.4e-6, SPHERE.radius), (SPHERE.radius, 6.6e-6)]
    r = np.concatenate([(b - a) / 2 * x + (a + b) / 2 for a, b in pieces])
    dr = np.concatenate([(b - a) / 2 * w for a, b in pieces])
    theta, dtheta = math.pi / 2 + 0.7 * x, 0.7 * w
    return r[:, None], theta[None, :], dr[:, None] * dtheta[None, :]


def at(r, theta):
    """Cartesian positions at azimuth 0, where y is the azimuthal direction."""
    r, theta = np.broadcast_arrays(r, theta)
    return np.stack([r * np.sin(theta), np.zeros_like(r), r * np.cos(theta)], axis=-1)


def test_one_photon_has_half_its_energy_in_the_electric_field():
    r, theta, weight = half_plane()
    energy = np.sum(np.abs(BOUND.photon_field(at(r, theta))) ** 2, axis=-1)
    epsilon = np.where(r < SPHERE.radius, 1.45**2, 1.0)
    total = TAU * np.sum(epsilon_0 * epsilon * energy * weight * r**2 * np.sin(theta))
    assert total == pytest.approx(hbar * BOUND.frequency / 2, rel=1e-3, abs=0)  # the far field is left out


def test_power_is_the_azimuthal_energy_flux_through_a_half_plane():
    r, theta, weight = half_plane()
    places = at(r, theta)
    scale = BOUND.amplitude_at_power(2e-3) / BOUND.photon_amplitude
    field, slope = (
        scale * BOUND.photon_field(places),
        scale * BOUND.gradient(places),
    )  # slope[..., i, j] = dE_i/dx_j
    curl = np.stack([slope[..., i, j] - slope[..., j, i] for i, j in ((2, 1), (0, 2), (1, 0))], axis=-1)
    magnetic = curl / (1j * BOUND.frequency * mu_0)  # curl E = i omega mu0 H for exp(-i omega t)
    flux = np.real(np.cross(field, magnetic.conj()))[..., 1] / 2  # along y: counted along +phi for m > 0
    assert np.sum(flux * weight * r) == pytest.approx(2e-3, rel=2e-3, abs=0)
    assert np.allclose(BOUND.field_at_power(places[:2, :2], 2e-3), field[:2, :2], rtol=1e-12)


def test_light_shift_is_minus_alpha_peak_field_squared_over_four():
    sr = ac.Species("88Sr")
    red, blue = (ac.Beam(SPHERE.mode("TE", n=1, l=l), power) for l, power in ((49, 1e-3), (110, 0.0)))
    place = np.array([[5.2e-6, 0.0, 0.0]])
    peak = float(np.sum(np.abs(red.field(place)) ** 2))
    alpha = float(sr.polarizability("1S0", red.wavelength).total)
    trap = ac.TwoColorTrap(sr, "1S0", red=red, blue=blue)
    assert float(trap.potential(place)[0]) == pytest.approx(-alpha * peak / 4, rel=1e-12, abs=0)
    given = ac.TwoColorTrap(sr, "1S0", red=red, blue=blue, polarizabilities={"1S0": (2 * alpha, 0.0)})
    assert float(given.potential(place)[0]) == pytest.approx(-2 * alpha * peak / 4, rel=1e-12, abs=0)
    # a real field Re(E exp(-i omega t)): its mean square is half the peak amplitude's square
    phases = np.exp(-1j * TAU * np.arange(8) / 8)
    assert np.mean(np.real(red.field(place)[0, 2] * phases) ** 2) == pytest.approx(peak / 2, rel=1e-3, abs=0)


def lasing_coupling(axis=(0, 0, 1)):
    mode = ac.Microsphere(5.03e-6, ac.Material("fused silica")).mode("TE", n=1, l=60, m=60)
    line = ac.Species("88Sr").transition("1S0", "3P1")
    return ac.couple(line, [mode], at=np.array([[5.167e-6, 0.0, 0.0]]), axis=axis)


def test_photon_field_gives_g_as_dipole_times_field():
    coupling = lasing_coupling()
    (mode,), line = coupling.modes, coupling.transition
    # g without the photon field: d sqrt(omega/(2 hbar eps0 V))/hbar with the mode volume at the atom
    dipole = math.sqrt(3 * math.pi * epsilon_0 * hbar * c**3 * line.gamma / line.frequency**3)
    volume = mode.volume(coupling.positions[0])
    expected = dipole * math.sqrt(mode.frequency / (2 * hbar * epsilon_0 * volume))
    assert abs(coupling.g[0, 0]) == pytest.approx(expected, rel=1e-9, abs=0)


def test_cooperativity_is_the_purcell_factor():
    # emission of an atom in a bad cavity: gamma (1 + C), C = 4 g^2/(kappa gamma)
    g, kappa, gamma = 0.02 * MHZ, 40 * MHZ, 2e-5 * MHZ
    system = ac.CavitySystem([ac.Emitters(1, g=g, gamma=gamma)], [ac.CavityMode(kappa)])
    times = np.array([0.0, 1e-4])
    rate = -np.log(ac.evolve(system, times).excited_population[0, 1]) / times[1]
    assert (rate - gamma) / gamma == pytest.approx(4 * g**2 / (kappa * gamma), rel=1e-2)
    coupling = lasing_coupling()
    kappa = coupling.modes[0].frequency / 1e8
    cooperativity = float(coupling.cooperativity(kappa)[0, 0])
    # Eq. (18) of the paper with the axis along the light: F = 3 Q lambda^3/(4 pi^2 V), lambda that of the line and mode
    volume = coupling.modes[0].volume(coupling.positions[0])
    purcell = 3e8 * coupling.transition.wavelength**3 / (4 * math.pi**2 * volume)
    assert cooperativity == pytest.approx(purcell, rel=1e-9)


def test_symbols_of_the_microlaser_paper():
    coupling = lasing_coupling()
    kappa, g, gamma = 4.4 * MHZ, float(abs(coupling.g[0, 0])), coupling.gamma
    assert float(coupling.saturation_photons[0, 0]) == pytest.approx(gamma**2 / (4 * g**2), rel=1e-12)
    critical = float(coupling.critical_atoms(kappa)[0, 0])
    assert critical == pytest.approx(kappa * gamma / (4 * g**2), rel=1e-12)
    assert float(coupling.cooperativity(kappa)[0, 0]) / 2 == pytest.approx(
        1 / (2 * critical), rel=1e-12
    )  # script C
    # N_p, C_p, N_a, C_a for three atoms and two modes, against their definitions in QuTiP
    qutip = pytest.importorskip("qutip")
    system = ac.CavitySystem(
        [ac.Emitters(3, (1 * MHZ, 1 * MHZ), 0.5 * MHZ, pump_rate=1e6)], [ac.CavityMode(4 * MHZ)] * 2
    )
    state = ac.steady_state(system)
    hamiltonian, c_ops, named = system.to_qutip([2, 2])
    rho = qutip.steadystate(hamiltonian, c_ops)
    (a, b), sigma = named["a"], named["sigma"]
    near = {"rel": 2e-2}  # two photons a mode are enough for that
    assert state.photon_number[0] == pytest.approx(qutip.expect(a.dag() * a, rho), **near)
    assert abs(state.mode_correlation[0, 1]) == pytest.approx(abs(qutip.expect(a.dag() * b, rho)), **near)
    excited = sum(qutip.expect(s.dag() * s, rho) for s in sigma)
    assert 3 * state.excited_population[0] == pytest.approx(excited, **near)
    pairs = sum(qutip.expect(s.dag() * t, rho) for s in sigma for t in sigma if s is not t)
    assert abs(state.emitter_correlation[0, 0]) == pytest.approx(abs(pairs) / 6, **near)


def test_drives_of_modes_and_emitters():
    qutip = pytest.importorskip("qutip")
    eta, rabi = 0.3 + 0.2j, 0.5 - 0.1j
    system = ac.CavitySystem([ac.Emitters(1, 0.7, 1.0, drive=rabi)], [ac.CavityMode(2.0)], drive=eta)
    a, sigma = (
        qutip.tensor(qutip.qeye(2), qutip.destroy(7)),
        qutip.tensor(qutip.basis(2, 0) * qutip.basis(2, 1).dag(), qutip.qeye(7)),
    )
    half = 0.7 * a * sigma.dag() + eta * a.dag() + rabi / 2 * sigma.dag()
    rho = qutip.steadystate(half + half.dag(), [math.sqrt(2) * a, sigma])
    assert ac.steady_state(system).amplitude[0] == pytest.approx(qutip.expect(a, rho), rel=1e-4)


def test_power_of_a_probe_and_what_a_port_does():
    """At critical coupling all that arrives is lost inside: |eta|^2 = kappa_ext (P/hbar omega)."""
    kappa, eta = 2.0, 0.6
    mode = ac.CavityMode(kappa, kappa_ext=0.5 * kappa)
    system = ac.CavitySystem([ac.Emitters(1, 0.0, 1.0)], [mode], drive=eta)
    arriving = eta**2 / mode.kappa_ext  # photons per second
    photons = ac.steady_state(system).photon_number[0]
    assert (kappa - mode.kappa_ext) * photons == pytest.approx(arriving)
    delta = np.array([-1.0, 0.0, 2.5])
    through = ac.transmission(ac.CavitySystem(system.emitters, [ac.CavityMode(kappa, 0.3)]), delta).amplitude[
        0
    ]
    np.testing.assert_allclose(through, 1 - 0.3 / (kappa / 2 - 1j * delta))


def test_area_and_phase_of_a_pulse():
    theta, phi = 1.1, 0.4
    system = one_atom()
    (state,) = ac.Preparation.pulse(theta, phi).matrices(system)
    amplitudes = np.array([math.cos(theta / 2), -1j * np.exp(1j * phi) * math.sin(theta / 2)])
    np.testing.assert_allclose(state, np.outer(amplitudes, amplitudes.conj()))
    excited = ac.evolve(system, [0.0], initial=ac.Preparation.pulse(theta, phi)).excited_population[0, 0]
    assert excited == pytest.approx(math.sin(theta / 2) ** 2)


def superradiant(detuning=0.0, atoms=1):
    mode = ac.CavityMode(MHZ, kappa_ext=MHZ / 2, detuning=detuning)
    return ac.CavitySystem([ac.Emitters(atoms, g=TAU * 300.0)], [mode])


def test_noise_is_one_sided_in_fractional_frequency():
    y = ac.Noise(white_fm=2e-24).series(40_000, 0.5, seed=3).y
    assert np.var(y) == pytest.approx(2e-24 / (2 * 0.5), rel=0.03)
    assert float(ac.Noise(white_fm=2e-24).deviation(0.5)) ** 2 == pytest.approx(2e-24, rel=1e-12, abs=0)


def test_a_cavity_above_the_atoms_pushes_the_centroid_down_by_chi():
    delta = 0.3 * MHZ
    chi = (TAU * 300.0) ** 2 * delta / (MHZ**2 / 4 + delta**2)
    found = superradiant(delta, 20)
    assert ac.line_centre(found, "centroid") == pytest.approx(-chi, rel=1e-9)
    assert ac.eliminate(found).shift[0, 0].real == pytest.approx(-chi, rel=1e-9)


def test_the_collective_rate_is_the_decay_of_one_atom_through_the_cavity():
    delta = 0.3 * MHZ
    rate = (TAU * 300.0) ** 2 * MHZ / (MHZ**2 / 4 + delta**2)
    times = np.array([0.0, 1.0, 2.0]) / rate
    run = ac.evolve(superradiant(delta), times, method=ac.DickeLadder())
    np.testing.assert_allclose(run.excited_population[0], np.exp(-rate * times), rtol=1e-6)
    assert ac.eliminate(superradiant(delta)).decay[0, 0].real == pytest.approx(rate, rel=1e-9)


def test_fluctuations_are_standard_deviations_in_rad_per_s():
    carrier = TAU * 429e12
    shift = ac.Fluctuation("lattice", TAU * 735.0)
    clock = ac.PulsedClock(superradiant(), frequency=carrier, period=1.0, window=0.9, shifts=[shift])
    series = clock.run(20_000, seed=1)
    assert np.std(series.y) == pytest.approx(TAU * 735.0 / carrier, rel=0.02, abs=0)
    assert ac.deviation(series).value[0] == pytest.approx(TAU * 735.0 / carrier, rel=0.02, abs=0)


def test_clock_couplings_carry_the_clebsch_gordan_factor():
    line = ac.Species("87Sr").transition("1S0", "3P0")
    mode = ac.Microsphere(20.32e-6, 1.4553).mode("TE", n=1, l=255)
    place = [20.55e-6, 0.0, 0.0]
    strong, weak = (abs(ac.couple(line, [mode], at=place, m=m).g[0, 0]) for m in (4.5, 0.5))
    assert strong / weak == pytest.approx(9, rel=1e-9)
    photon = np.linalg.norm(mode.photon_field(place))
    full = math.sqrt(3 * math.pi * epsilon_0 * hbar * c**3 * line.gamma / line.frequency**3) * photon / hbar
    assert strong / full == pytest.approx(math.sqrt(9 / 11), rel=1e-6)
    assert line.gamma == pytest.approx(1 / 118, rel=1e-5)


def test_a_positive_beat_note_moves_a_belt_towards_the_chip_by_half_a_wavelength_a_cycle():
    depth, mass = 1e-27, 2.2e-25
    up = ac.GaussianBeam(1.0, 935e-9, 5e-6)
    down = ac.GaussianBeam(1.0, 935e-9, 5e-6, upwards=False)
    belt = ac.ConveyorBelt(down, up, depth, phase=ac.TimeLaw.constant(50e3).phase())
    first = ac.find_site(belt, mass, near=(0, 0, 3 * 467.5e-9)).position[2]
    later = ac.find_site(belt, mass, near=(0, 0, 2.9 * 467.5e-9), time=2e-6).position[2]  # a tenth of a cycle
    assert later - first == pytest.approx(-46.75e-9, abs=0.2e-9)


def test_z_is_counted_from_the_upper_face_of_a_waveguide():
    """And x runs along it: the field decays above the face, and only its phase changes along x."""
    guide = ac.Waveguide(width=950e-9, height=460e-9, core=2.0, substrate=1.45)
    mode = guide.mode("TM", 852e-9)
    ring = ac.Microring(mode=mode, length=120e-6, kappa=TAU * 1e9, kappa_ext=TAU * 0.5e9)
    at = [
        np.linalg.norm(ring.photon_field(np.array(r)))
        for r in ((0, 0, 100e-9), (0, 0, 200e-9), (5e-6, 0, 100e-9))
    ]
    assert at[1] < 0.5 * at[0]
    assert at[2] == pytest.approx(at[0], rel=1e-6)


def test_backscattering_is_half_the_splitting():
    ring = {"kappa": TAU * 0.05e9, "kappa_ext": TAU * 0.025e9, "backscattering": TAU * 1e9}
    detuning = np.linspace(0, TAU * 2e9, 2001)
    dip = detuning[np.argmin(ac.ring_transmission(detuning, g=np.zeros((2001, 0)), gamma=1.0, **ring))]
    assert dip == pytest.approx(TAU * 1e9, rel=2e-3)
    far = ac.ring_transmission(TAU * 1e13, g=[], gamma=1.0, **ring)
    assert float(far) == pytest.approx(1, abs=1e-6)  # all of the probe's power


def test_symbols_of_the_chip_loading_paper():
    """Eqs. (5), (6), written with the paper's symbols, are `ring_transmission` with ours."""
    kappa, kappa_e, beta, natural = TAU * 1.71e9, TAU * 0.83e9, TAU * 0.51e9, TAU * 5.22e6
    g, delta, light_shift = TAU * np.array([51e6, 40e6]), TAU * 20e6, TAU * np.array([-6e6, -2e6])
    k, big = kappa + 2j * delta, natural + 2j * (delta + light_shift)
    eta, c_n = 1 / (1 + 4 * beta**2 / k**2), np.sum(4 * g**2 / (k * big))
    here = ac.ring_transmission(
        -delta, kappa=kappa, kappa_ext=kappa_e, backscattering=beta, g=g, gamma=natural, shifts=light_shift
    )
    assert float(here) == pytest.approx(abs(1 - 2 * kappa_e * eta / k / (1 + eta * c_n)) ** 2, rel=1e-12)
    c4, tilde, place = 165.36e-24 * TAU * hbar, 852e-9 / TAU, np.array([0.0, 0.0, 170e-9])
    paper = -c4 / ((170e-9 - 3.7e-9) ** 3 * (170e-9 - 3.7e-9 + tilde))
    assert float(ac.CasimirPolder(c4, 852e-9, offset=3.7e-9).energy(place)) == pytest.approx(paper, rel=1e-9)
    blue = ac.EvanescentField(1e-26, decay=88e-9, cosine=540e-9, width=930e-9)
    y, z = 200e-9, 150e-9
    profile = math.exp(-z / 88e-9) * math.cos(y / 540e-9) * math.exp(-((y / 930e-9) ** 2))
    assert float(blue.energy(np.array([0.0, y, z]))) == pytest.approx(1e-26 * profile**2, rel=1e-9)
