"""Motion of a block of atoms in a compiled potential: splitting steps, recoil, noise, the end of a trajectory."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform
from atomcavity.traps.potential_kernel import act, weigh

HELD, SURFACE, LEFT = 0, 1, 2


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _normal(stream):
    """A Gaussian number (Box and Muller)."""
    return math.sqrt(-2 * math.log(uniform(stream))) * math.cos(2 * math.pi * uniform(stream))


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _wander(stream, noise, rms, keep):
    """One step of three Ornstein-Uhlenbeck processes of deviations `rms`, correlation `keep` a step."""
    for j in range(3):
        if rms[j] > 0:
            noise[j] = keep * noise[j] + math.sqrt(1 - keep * keep) * rms[j] * _normal(stream)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _scatter(stream, v, probability, absorbed, kick, plane):
    """With this probability: the absorbed photon's kick and one of `kick` (m/s) in a random direction."""
    if uniform(stream) > probability:
        return
    cosine = 2 * uniform(stream) - 1
    angle = 2 * math.pi * uniform(stream)
    sine = math.sqrt(1 - cosine * cosine)
    if not plane:
        v[0] += absorbed[0] + kick * sine * math.cos(angle)
    v[1] += absorbed[1] + kick * sine * math.sin(angle)
    v[2] += absorbed[2] + kick * cosine


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _ending(r, a, region, chip):
    """Where the atom is: chip = (height of the stop, half width of the waveguide, height of the stop beside it)."""
    if r[a, 2] < chip[2] or (r[a, 2] < chip[0] and abs(r[a, 1]) < chip[1]):
        return SURFACE
    for j in range(3):
        if not region[j, 0] <= r[a, j] <= region[j, 1]:
            return LEFT
    return HELD


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _keep(a, sample, r, v, u, mass, position, velocity, energy):
    for j in range(3):
        position[a, sample, j] = r[a, j]
        velocity[a, sample, j] = v[a, j]
    energy[a, sample] = u + mass * (v[a, 0] ** 2 + v[a, 1] ** 2 + v[a, 2] ** 2) / 2


@nb.njit(cache=True, error_model="numpy", nogil=True)
def fly(
    terms, numbers, tables, starts, coefficients,  # the potential
    drifts, kicks,  # of a step, in units of it: kick, drift, kick, ..., kick
    settings,  # (begin, step, mass, scattering probability, recoil speed, correlation of the noise a step)
    absorbed, rms, region, chip, plane, steps, every,
    r, v, streams,  # (atom, 3), (atom, 3), (atom, 4); changed
    position, velocity, energy, ending, end,  # (atom, sample, 3) twice, (atom, sample), (atom,) twice; filled
):  # fmt: skip
    """Follow a block of atoms together: the weights c_k(t) are computed once for all of them."""
    begin, h, mass, probability, kick, keep = settings
    atoms, stages = r.shape[0], drifts.size
    first = 1 if plane else 0
    noisy = rms[0] > 0 or rms[1] > 0 or rms[2] > 0
    weights, noise, f = np.zeros((terms.shape[0], 4)), np.zeros((atoms, 3)), np.zeros((atoms, 4))
    weigh(terms, starts, coefficients, begin, weights)
    for a in range(atoms):
        if noisy:
            _wander(streams[a], noise[a], rms, 0.0)
    act(terms, numbers, tables, weights, noise, r, ending, f)
    for a in range(atoms):
        _keep(a, 0, r, v, f[a, 0], mass, position, velocity, energy)
    left = atoms
    for n in range(1, steps + 1):
        if left == 0:
            break
        t = begin + (n - 1) * h
        for s in range(stages):
            t += drifts[s] * h
            weigh(terms, starts, coefficients, t, weights)
            push, drift = kicks[s] * h / mass, drifts[s] * h
            for a in range(atoms):
                if ending[a] == HELD:
                    for j in range(first, 3):
                        v[a, j] += push * f[a, 1 + j]
                        r[a, j] += drift * v[a, j]
            act(terms, numbers, tables, weights, noise, r, ending, f)
        push = kicks[stages] * h / mass
        for a in range(atoms):
            if ending[a] != HELD:
                continue
            for j in range(first, 3):
                v[a, j] += push * f[a, 1 + j]
            if probability > 0:
                _scatter(streams[a], v[a], probability, absorbed, kick, plane)
            ending[a] = _ending(r, a, region, chip)
            if ending[a] != HELD:
                end[a] = begin + n * h
                left -= 1
            elif n % every == 0:
                _keep(a, n // every, r, v, f[a, 0], mass, position, velocity, energy)
            if noisy:
                _wander(streams[a], noise[a], rms, keep)
        if noisy:
            act(terms, numbers, tables, weights, noise, r, ending, f)
