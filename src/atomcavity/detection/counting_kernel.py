"""Compiled: points of an inhomogeneous Poisson process whose rate is linear between given times."""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform


@nb.njit(cache=True, error_model="numpy")
def draw(axis, rates, dead, states, times, numbers, room):
    """Fill `times` (run after run) and `numbers`; returns how many times are filled.

    The integral of the rate between two events has an exponential law; within a step of the axis it is
    r t + s t^2/2 and is inverted in closed form.
    """
    used = 0
    for k in range(len(numbers)):
        rate = rates[k if len(rates) > 1 else 0]
        state = states[k]
        begin, free = used, 0.0
        due = -np.log(uniform(state))
        for j in range(len(axis) - 1):
            step = axis[j + 1] - axis[j]
            slope = (rate[j + 1] - rate[j]) / step
            done = 0.0  # integral of the rate from axis[j] to the last event of this step
            whole = (rate[j + 1] + rate[j]) / 2 * step
            while done + due < whole:
                done += due
                root = np.sqrt(max(0.0, rate[j] * rate[j] + 2 * slope * done))
                time = axis[j] + min(step, 2 * done / (rate[j] + root))
                if time >= free and used - begin < room:
                    times[used] = time
                    used += 1
                    free = time + dead
                due = -np.log(uniform(state))
            due -= whole - done
        numbers[k] = used - begin
    return used
