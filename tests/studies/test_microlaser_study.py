"""The microlaser study against the paper and against an independent calculation of the same targets."""

import json
import math
from pathlib import Path

import numpy as np
import pytest

from atomcavity import studies
from atomcavity.experiments import read_experiment
from atomcavity.reports import read_targets
from atomcavity.studies.microlaser import study as module
from atomcavity.studies.microlaser.device import Device
from atomcavity.studies.microlaser.laser import Lasing
from atomcavity.studies.microlaser.published import PUBLISHED
from atomcavity.studies.microlaser.pulse import Emission
from atomcavity.studies.microlaser.static import Static
from atomcavity.studies.microlaser.zeeman import Zeeman

HERE = Path(module.__file__).parent
DEVICE = Device(read_experiment(HERE / "experiment.toml"))

# Computed independently of this package (one supermode with sqrt(2) g, converged Fock space; public line
# list; scipy and mpmath for the modes): value, and how closely two calculations of it should agree.
INDEPENDENT = {
    "s1.lam60_R5.03": (691.142, 2e-6),
    "s1.lam49_R5.03": (833.563, 2e-6),
    "s1.lam109_R5.03": (396.677, 2e-6),
    "s1.lam110_R5.03": (393.331, 2e-6),
    "s1.lam60_TM_R5.03": (684.151, 2e-6),
    "s1.R_for_689": (5.01756, 2e-6),
    "s1.lam60_asym": (691.032, 2e-6),
    "s1.Qrad_eq21": (1.5472e8, 5e-3),
    "s1.Qrad_exact": (1.77613e8, 1e-3),
    "s1.Qmat": (9.6014e9, 1e-3),
    "s1.Qss_vernooy": (3.54338e8, 5e-3),
    "s1.Qsa": (7.803e9, 5e-3),
    "s1.Veff": (823.5, 1e-4),
    "s1.kappa": (4.34828, 1e-5),
    "s1.g": (2.81009, 3e-3),
    "s1.alphaS_red": (274.02, 1e-3),
    "s1.alphaS_blue": (-482.95, 1e-3),
    "s1.alphaP_blue": (-496.13, 2e-3),
    "s1.magic_angle": (55.676, 1e-3),
    "s1.blue_magic": (392.385, 1e-4),
    "s1.dDalpha_dlam_red": (0.763, 2e-3),
    "s1.dDalpha_dtheta_red": (-134.1, 1e-3),
    "s1.dDalpha_dlam_blue": (71.97, 2e-2),
    "s1.C3_S": (743.88, 1e-3),
    "s1.C3_P": (796.07, 1e-3),
    "s1.trap_fphi_from_depth": (141.23, 1e-2),
    "s1.trap_ftheta_from_depth": (25.51, 1e-2),
    "s1.trap_frho_from_depth": (129.2, 1.2e-2),
    "s1.trap_depth_powers": (32.95, 2e-2),
    "s1.trap_depth_physical": (55.49, 5e-2),
    "s1.eta_rho": (0.23563, 1e-4),
    "s1.lifetime": (0.564, 2e-2),
}
PHOTONS = {
    "max": (0.2409, 0.4427, 0.6550, 0.8648, 1.0777, 1.2913, 1.5065),
    "30": (0.0242, 0.0369, 0.0527, 0.0654, 0.0796, 0.0922, 0.1058),
}


@pytest.fixture(scope="module")
def static():
    return Static(DEVICE).values()


@pytest.mark.parametrize("key", INDEPENDENT)
def test_static_numbers_agree_with_an_independent_calculation(static, key):
    value, tolerance = INDEPENDENT[key]
    assert static[key] == pytest.approx(value, rel=tolerance)


@pytest.fixture(scope="module")
def lasing():
    return Lasing(DEVICE.rates, pump_points=4)


@pytest.mark.parametrize("pump", PHOTONS)
def test_photon_numbers_of_figure_4b(lasing, pump):
    found = [state.photon_number[0] for state in lasing.against_atoms[pump]]
    np.testing.assert_allclose(found, PHOTONS[pump], atol=6e-5)


def test_the_published_line_is_a_truncation_at_five_photons(lasing):
    np.testing.assert_allclose(lasing.truncated_line(5), (0.18002, 0.0944), atol=1e-4)
    np.testing.assert_allclose(lasing.line("max"), (0.21131, 0.02318), atol=2e-5)


def test_correlations_and_spectra_of_figure_4(lasing):
    values, gamma = lasing.values(), DEVICE.line.gamma
    assert values["s1.fwhm_1e7"] == pytest.approx(669.3, rel=1e-3)
    assert values["s1.Delta_1e8"] == pytest.approx(636.2, rel=2e-3)
    assert values["s1.doublet_1e8"] == pytest.approx(0, abs=1)
    assert values["s1.g2_N1_1e8"] == pytest.approx(0.712, abs=1e-3)
    assert lasing.against_atoms["30"][0].g2[0] == pytest.approx(0.535296, rel=1e-4)
    assert lasing.against_atoms["30"][6].g2[0] == pytest.approx(2.21462, rel=1e-4)
    assert abs(lasing.against_atoms["30"][6].emitter_correlation[0, 0]) == pytest.approx(0.055095, rel=1e-4)
    assert lasing.against_atoms["max"][1].emitter_correlation[0, 0].real == pytest.approx(-0.010838, rel=1e-3)
    assert abs(lasing.spectra[1e8].poles[0].imag) / gamma == pytest.approx(240, rel=2e-3)
    assert -lasing.spectra[1e8].poles[0].real / gamma == pytest.approx(326, rel=2e-3)
    assert len(lasing.spectra[1e8].peak) == 1


def test_equal_phases_make_both_modes_and_their_correlation_equal(lasing):
    for states in lasing.against_atoms.values():
        for state in states:
            assert abs(state.mode_correlation[0, 1]) == pytest.approx(state.photon_number[0], rel=1e-9)
            assert state.flow_in == pytest.approx(state.flow_out, rel=1e-6)


def test_emission_of_figure_3():
    emission = Emission(DEVICE.rates, pulses=2000)
    values = emission.values()
    assert values["s1.decay_1e7_N1"] == pytest.approx(0.9703, abs=1e-3)
    assert values["s1.envelope_1e8"] == pytest.approx(0.5011, abs=2e-3)
    assert values["s1.eta_1e7"] == pytest.approx(0.99465, abs=2e-4)
    slow = emission.equal_time_ratio(1e8, 5)
    assert slow == pytest.approx(1.07759, rel=1e-3)
    # the click records say the same: one atom never gives two clicks, five atoms bunch
    for quality in (1e7, 1e8):
        half = emission.duration(quality, 1) / 2
        assert (
            emission.records[quality, 1]
            .coincidences(np.array([-half / 4, half / 4]), "mode 0", "mode 0")
            .counts[0]
            == 0
        )


def test_site_phases_of_two_atoms():
    study = module.Study(quick=True)
    printed, own = study.site_phases
    assert math.remainder(printed, math.tau) == pytest.approx(
        math.remainder(1.0019 * math.pi, math.tau), abs=1e-3
    )
    assert math.remainder(own, math.tau) == pytest.approx(
        math.remainder(60 * math.pi / 47, math.tau), abs=1e-9
    )
    state = study.lasing.adjacent_sites(own)
    assert abs(state.mode_correlation[0, 1]) / state.photon_number[0] == pytest.approx(0.0607, abs=2e-4)
    assert state.g2[0] == pytest.approx(1.273, abs=2e-3)
    assert state.photon_number[0] == pytest.approx(0.04797, rel=1e-3)


def test_other_zeeman_levels():
    zeeman = Zeeman(DEVICE)
    assert zeeman.splitting / (2e6 * math.pi) == pytest.approx(2.1, abs=0.01)
    assert zeeman.ratio == pytest.approx(
        math.tan(DEVICE.experiment.atom.field_angle) / math.sqrt(2), rel=1e-9
    )
    pump = DEVICE.rates.pump_max
    from atomcavity.dynamics import steady_state

    assert steady_state(zeeman.system(1, pump, 0.0)).photon_number[0] == pytest.approx(0.036, abs=1e-3)
    # with the other sublevels emptied infinitely fast the two-level model is recovered
    fast = steady_state(zeeman.system(1, pump, 1e6 * pump)).photon_number[0]
    assert fast == pytest.approx(0.2409, rel=1e-2)


def test_pump_scheme_conserves_and_branches():
    scheme = Zeeman(DEVICE).pump_scheme(1e6, 1e7)
    total = sum(line.gamma for line in DEVICE.species.decays("3S1"))
    for level in ("T-1", "T0", "T+1"):
        assert sum(rate for (start, _), rate in scheme.decays.items() if start == level) == pytest.approx(
            total, rel=1e-12
        )
    assert ("T0", "P0") not in scheme.decays  # the Clebsch-Gordan coefficient of 1, 0 -> 1, 0 vanishes
    assert scheme.decays["T-1", "P0"] == pytest.approx(scheme.decays["T-1", "P-1"], rel=1e-12)


def test_pump_rate_scales_with_the_drive_and_saturates():
    zeeman = Zeeman(DEVICE)
    weak = [zeeman.pump_rate(rabi, 3e7) for rabi in (1e4, 2e4)]
    assert weak[1] / weak[0] == pytest.approx(
        4, rel=1e-2
    )  # far from saturation: proportional to the intensity
    rabi, best = zeeman.pump_curve
    assert np.all(np.diff(best) > 0)
    assert zeeman.pump_rate(1e6, 3e7, repump=1e9) > zeeman.pump_rate(1e6, 3e7, repump=1e7)
    # no faster than the decay of 3S1 into 3P1, m = 0
    assert best[-1] < sum(line.gamma for line in DEVICE.species.decays("3S1") if line.lower.name == "3P1")
    assert rabi[0] < zeeman.gentle_rabi < rabi[-1]


def test_targets_are_unique_and_of_this_study():
    targets = read_targets(HERE / "targets.toml")
    assert len(targets) == 71
    assert all(target.id.startswith("s1.") for target in targets)


def test_printed_numbers_belong_together():
    # omega0/Q and the printed kappa, F and g: internal consistency of what we call printed
    kappa = math.tau * 299792458 / PUBLISHED.laser_wavelength / PUBLISHED.quality
    volume = PUBLISHED.volume
    purcell = (
        3e8
        * PUBLISHED.laser_wavelength**3
        * math.cos(DEVICE.experiment.atom.field_angle) ** 2
        / (4 * math.pi**2 * volume)
    )
    assert math.sqrt(purcell * kappa * math.tau * 7.5e3) / 2 == pytest.approx(math.tau * 2.8101e6, rel=1e-4)


def test_an_interrupted_study_leaves_nothing(tmp_path, monkeypatch):
    def broken(folder, **_):
        (folder / "half.png").write_text("half")
        raise KeyboardInterrupt

    monkeypatch.setattr("atomcavity.studies.microlaser.run", broken)
    with pytest.raises(KeyboardInterrupt):
        studies.run_study("microlaser", out=tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_the_whole_study_quick(tmp_path):
    page = studies.run_study("microlaser", out=tmp_path / "out", quick=True)
    rows = json.loads((page.parent / "values.json").read_text())
    assert {row["id"] for row in rows} == {target.id for target in read_targets(HERE / "targets.toml")}
    for row in rows:
        assert row["computed"] is not None, row["id"]
        assert row["verdict"] != "deviates" or row["remark"], row["id"]
    text = page.read_text()
    for name in ("2a", "2b", "3ab", "3cd", "4a", "4b-f", "5", "6"):
        for suffix in ("png", "svg"):
            assert (page.parent / f"figure-{name}.{suffix}").stat().st_size > 5000
        assert f"figure-{name}.png" in text
    studies.run_study("microlaser", out=tmp_path / "out", quick=True, figure="6")  # one figure is updated
    assert json.loads((page.parent / "values.json").read_text()) == rows
