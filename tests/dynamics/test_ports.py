"""What results say beyond their arrays."""

import math

import numpy as np
import pytest

import atomcavity as ac

MHZ = 2e6 * math.pi


def test_port_rate_is_kappa_ext_times_the_photon_number_and_survives_a_file(tmp_path):
    atom = ac.Emitters(1, (2 * MHZ, 1 * MHZ), 0.1 * MHZ, pump_rate=1e7)
    system = ac.CavitySystem([atom], [ac.CavityMode(4 * MHZ, kappa_ext=3 * MHZ), ac.CavityMode(5 * MHZ)])
    state = ac.steady_state(system)
    np.testing.assert_allclose(state.port_rate, [3 * MHZ * state.photon_number[0], 0], rtol=1e-12)
    assert "photons through the ports" in str(state)
    again = ac.load(state.save(tmp_path / "state.nc"))
    np.testing.assert_array_equal(again.port_rate, state.port_rate)
    # what leaves through all mirrors and by decay is what the pump puts in
    out = 4 * MHZ * state.photon_number[0] + 5 * MHZ * state.photon_number[1]
    assert out + 0.1 * MHZ * state.excited_population[0] == pytest.approx(state.flow_in, rel=1e-6)
