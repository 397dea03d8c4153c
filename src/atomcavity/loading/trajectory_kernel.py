"""Motion of a block of atoms in a compiled potential: splitting steps, recoil, noise, the end of a trajectory."""

from __future__ import annotations

import math

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform
from atomcavity.traps.potential_kernel import act, steepness, weigh

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
def _shift(noise, phase, light):
    """What the atom's light differs by: the noise, and the atom's own phase."""
    light[0], light[1], light[2] = noise[0], noise[1], noise[2] + phase


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _scatter(stream, v, absorbed, kick, plane):
    """The absorbed photon's kick and one of `kick` (m/s) in a random direction."""
    cosine = 2 * uniform(stream) - 1
    angle = 2 * math.pi * uniform(stream)
    sine = math.sqrt(1 - cosine * cosine)
    if not plane:
        v[0] += absorbed[0] + kick * sine * math.cos(angle)
    v[1] += absorbed[1] + kick * sine * math.sin(angle)
    v[2] += absorbed[2] + kick * cosine


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _probed(stream, r, v, guided, table, h, plane):
    """What a probe with the profile p of place does in a time h: force, friction, diffusion along grad p, photons scattered.

    guided = (1/decay, 1/cosine, 1/width, speed of recoil, speed along x of an absorbed photon, mass); table as in
    `ProbeScattering.action`, at equally spaced |p| from 0 to 1.
    """
    y, z = r[1], max(r[2], 0.0)
    size = math.exp(-z * guided[0] - (y * guided[2]) ** 2)
    p = size * math.cos(y * guided[1])
    across = -2 * y * guided[2] ** 2 * p - size * math.sin(y * guided[1]) * guided[1]
    down = -p * guided[0]
    place = min(abs(p), 1.0) * (table.shape[0] - 1)
    k = min(int(place), table.shape[0] - 2)
    s = place - k
    q = 1.0 - s
    push = math.sqrt((q * table[k, 1] + s * table[k + 1, 1]) * h)
    if uniform(stream) < 0.5:
        push = -push
    push += h * p * (q * table[k, 2] + s * table[k + 1, 2])
    push += h * (across * v[1] + down * v[2]) * (q * table[k, 3] + s * table[k + 1, 3])
    v[1] += push * across / guided[5]
    v[2] += push * down / guided[5]
    remaining = h * p * p * (q * table[k, 0] + s * table[k + 1, 0])
    absorbed = np.zeros(3)
    absorbed[0] = guided[4]
    while True:
        remaining += math.log(uniform(stream))
        if not remaining > 0:
            break
        _scatter(stream, v, absorbed, guided[3], plane)


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
def _reach(terms, numbers, weights, a, r, v, f, h, mass, angle):
    """The longest step up to h in which the stiffest motion at any place that atom a can come to turns by `angle`."""
    for _ in range(60):
        ahead = r[a, 2] - h * (abs(v[a, 2]) + h * abs(f[a, 3]) / mass / 2)
        turn = h * math.sqrt(steepness(terms, numbers, weights, r[a, 1], ahead) / mass)
        if turn <= angle:
            break
        h *= max(angle / turn, 0.5)
    return h


@nb.njit(cache=True, error_model="numpy", nogil=True)
def _alone(
    terms, numbers, tables, starts, coefficients, weights, drifts, kicks,
    t, h, angle, mass, first, region, chip, noise, r, v, f, ending,
):  # fmt: skip
    """One atom (arrays of length one) through a step in parts; returns the time of its end or that of the step."""
    stages, still, end = drifts.size, np.zeros(1, np.int8), t + h
    while end - t > 1e-9 * h:
        part = _reach(terms, numbers, weights, 0, r, v, f, end - t, mass, angle)
        now = t
        for s in range(stages + 1):
            for j in range(first, 3):
                v[0, j] += kicks[s] * part / mass * f[0, 1 + j]
            if s < stages:
                for j in range(first, 3):
                    r[0, j] += drifts[s] * part * v[0, j]
                now += drifts[s] * part
                weigh(terms, starts, coefficients, now, weights)
                act(terms, numbers, tables, weights, noise, r, still, f)
        t += part
        ending[0] = _ending(r, 0, region, chip)
        if ending[0] != HELD:
            break
    return t


@nb.njit(cache=True, error_model="numpy", nogil=True)
def fly(
    terms, numbers, tables, starts, coefficients,  # the potential
    drifts, kicks,  # of a step, in units of it: kick, drift, kick, ..., kick
    settings,  # (begin, step, mass, scattering probability, recoil speed, correlation of the noise a step, angle)
    absorbed, rms, region, chip,
    guided, table,  # of the probe; table (0, 4): none
    plane, steps, every,
    phases,  # (atom,), of the belts, each atom's own
    r, v, streams,  # (atom, 3), (atom, 3), (atom, 4); changed
    position, velocity, energy, ending, end,  # (atom, sample, 3) twice, (atom, sample), (atom,) twice; filled
):  # fmt: skip
    """Follow a block of atoms together: the weights c_k(t) are computed once for all of them.

    An atom that comes near a surface goes through a step by itself, in parts during which the stiffest motion there turns
    by less than `angle`.
    """
    begin, h, mass, probability, kick, keep, angle = settings
    atoms, stages = r.shape[0], drifts.size
    first = 1 if plane else 0
    steep, waiting = np.zeros(atoms, np.bool_), np.zeros(atoms, np.int8)
    noisy, probed = rms[0] > 0 or rms[1] > 0 or rms[2] > 0, table.shape[0] > 0
    weights, f = np.zeros((terms.shape[0], 4)), np.zeros((atoms, 4))
    noise, light = np.zeros((atoms, 3)), np.zeros((atoms, 3))  # the same without and with the atom's phase
    weigh(terms, starts, coefficients, begin, weights)
    for a in range(atoms):
        if noisy:
            _wander(streams[a], noise[a], rms, 0.0)
        _shift(noise[a], phases[a], light[a])
    act(terms, numbers, tables, weights, light, r, ending, f)
    for a in range(atoms):
        _keep(a, 0, r, v, f[a, 0], mass, position, velocity, energy)
    left = atoms
    for n in range(1, steps + 1):
        if left == 0:
            break
        begun = begin + (n - 1) * h
        t = begun
        for a in range(atoms):
            waiting[a] = ending[a]
            steep[a] = ending[a] == HELD and _reach(terms, numbers, weights, a, r, v, f, h, mass, angle) < h
        for a in range(atoms):
            if steep[a]:
                waiting[a] = 1
                end[a] = _alone(
                    terms, numbers, tables, starts, coefficients, weights, drifts, kicks,
                    t, h, angle, mass, first, region, chip, light[a : a + 1],
                    r[a : a + 1], v[a : a + 1], f[a : a + 1], ending[a : a + 1],
                )  # fmt: skip
        for s in range(stages):
            t += drifts[s] * h
            weigh(terms, starts, coefficients, t, weights)
            push, drift = kicks[s] * h / mass, drifts[s] * h
            for a in range(atoms):
                if waiting[a] == 0:
                    for j in range(first, 3):
                        v[a, j] += push * f[a, 1 + j]
                        r[a, j] += drift * v[a, j]
            act(terms, numbers, tables, weights, light, r, waiting, f)
        push = kicks[stages] * h / mass
        again = False
        for a in range(atoms):
            if steep[a]:
                again = True
                if ending[a] != HELD:
                    left -= 1
                else:
                    end[a] = math.inf
            if ending[a] != HELD:
                continue
            if not steep[a]:
                for j in range(first, 3):
                    v[a, j] += push * f[a, 1 + j]
            if probability > 0 and uniform(streams[a]) < probability:
                _scatter(streams[a], v[a], absorbed, kick, plane)
            if probed:
                _probed(streams[a], r[a], v[a], guided, table, h, plane)
            ending[a] = _ending(r, a, region, chip)
            if ending[a] != HELD:
                end[a] = begun + h
                left -= 1
        if again:
            act(terms, numbers, tables, weights, light, r, ending, f)
        for a in range(atoms):
            if ending[a] == HELD:
                if n % every == 0:
                    _keep(a, n // every, r, v, f[a, 0], mass, position, velocity, energy)
                if noisy:
                    _wander(streams[a], noise[a], rms, keep)
                    _shift(noise[a], phases[a], light[a])
        if noisy:
            act(terms, numbers, tables, weights, light, r, ending, f)
