"""The clock line in a system: its nuclear sublevels are half-integer, and closer than kappa."""

import math

import atomcavity as ac


def test_tilted_light_on_a_clock_line_warns_with_half_integer_sublevels():
    line = ac.Species("87Sr").transition("1S0", "3P0")
    mode = ac.Microsphere(20.32e-6, ac.Material("fused silica")).mode("TE", n=1, l=255)
    place = [20.55e-6, 0, 0]
    along = ac.couple(line, [mode], at=place, m=4.5)
    tilted = ac.couple(line, [mode], at=place, m=4.5, axis=(0, 1, 1))
    kappa = math.tau * 1.2e6
    near = ac.CavitySystem.of(tilted, kappa=kappa, magnetic_field=1e-4).remarks
    assert any("sublevel m = +3.5" in text and "2π × 292.8 Hz" in text for text in near)
    assert not any(
        "sublevel" in text for text in ac.CavitySystem.of(along, kappa=kappa, magnetic_field=1e-4).remarks
    )
