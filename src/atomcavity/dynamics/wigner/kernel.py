"""Compiled truncated-Wigner trajectories (the equations are in `wigner.model`).

One step of length h is local(h/2), coherent(h), local(h/2), neighbouring local halves joined:

coherent  The modes' equation is linear: with the source c = -i (g^+ S + eta) taken linear in time over the
          step, the field at its end and its time integral J are exact, noise included.  The spins turn about
          the integrated field, which keeps their length.  Source and spins at the end come from a prediction
          with the first source: second order, and the Stratonovich rule for the noise of the field.
local     Decay, pump, dephasing and detuning: the exact means and covariances of the linear Ito equation.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from atomcavity.dynamics.jumps.kernel import uniform

DISCRETE = (
    64  # groups of up to so many emitters start from a sum of components +-1/2, larger ones from a Gaussian
)


@nb.njit(cache=True, error_model="numpy")
def _gauss(stream):
    """Two independent standard normal numbers as one complex (Box and Muller)."""
    size = np.sqrt(-2.0 * np.log(uniform(stream)))
    angle = 2.0 * np.pi * uniform(stream)
    return complex(size * np.cos(angle), size * np.sin(angle))


@nb.njit(cache=True, error_model="numpy")
def _component(stream, number, mean):
    """One component of the sum of `number` spins 1/2 whose mean is number*mean (each of them measured: +-1/2)."""
    if number > DISCRETE:
        return number * mean + np.sqrt(number * max(0.25 - mean * mean, 0.0)) * _gauss(stream).real
    total = 0.0
    for _ in range(int(number)):
        total += 0.5 if uniform(stream) <= 0.5 + mean else -0.5
    return total


@nb.njit(cache=True, error_model="numpy")
def _prepare(stream, number, lengths, axes, vacuum, spin, z, a):
    """Draw the initial spins along and across their mean directions, and the modes' vacuum."""
    for k in range(len(number)):
        along = _component(stream, number[k], lengths[k])
        across = _component(stream, number[k], 0.0)
        other = _component(stream, number[k], 0.0)
        x = along * axes[k, 0, 0] + across * axes[k, 1, 0] + other * axes[k, 2, 0]
        y = along * axes[k, 0, 1] + across * axes[k, 1, 1] + other * axes[k, 2, 1]
        spin[k] = complex(x, y)
        z[k] = along * axes[k, 0, 2] + across * axes[k, 1, 2] + other * axes[k, 2, 2]
    for i in range(len(a)):
        a[i] = 0.5 * _gauss(stream) if vacuum else 0.0


@nb.njit(cache=True, error_model="numpy")
def _local(stream, number, turn, local, noisy, spin, z):
    """Decay, pump, dephasing and detuning of every group; returns how often the noise had to be made smaller.

    local[k]: decay of z, its drive, variance of the spin's noise, correlation per spin, variance of z's noise (constant, slope)
    """
    clipped = 0
    for k in range(len(number)):
        s, before = turn[k] * spin[k], z[k]
        after = local[k, 0] * before + local[k, 1]
        variance = local[k, 2]
        if noisy and variance > 0.0:
            noise = np.sqrt(0.5 * variance) * _gauss(stream)
            half = 0.5 * number[k]
            inside = min(max(before, -half), half)
            wanted = max(local[k, 4] + local[k, 5] * inside, 0.0)
            shared = local[k, 3] * s  # <spin noise * z noise>
            part = 2.0 * (shared.real**2 + shared.imag**2) / variance
            if part > wanted:
                clipped += 1
                shared *= np.sqrt(wanted / part)
                part = wanted
            after += 2.0 * (shared.real * noise.real + shared.imag * noise.imag) / variance
            if wanted > part:
                after += np.sqrt(wanted - part) * _gauss(stream).real
            s += noise
        spin[k], z[k] = s, after
    return clipped


@nb.njit(cache=True, error_model="numpy")
def _source(g, eta, spin, c):
    """c = -i (g^+ S + eta)."""
    for i in range(len(c)):
        total = eta[i]
        for k in range(len(spin)):
            total += np.conj(g[k, i]) * spin[k]
        c[i] = complex(total.imag, -total.real)


@nb.njit(cache=True, error_model="numpy")
def _turned(g, rabi, h, integral, k, s, z):
    """Spin k after a turn about the field's time integral: dS = 2 i Z dB, dZ = 2 Im(dB S*)."""
    b = 0.5 * h * rabi[k]
    for i in range(len(integral)):
        b += g[k, i] * integral[i]
    size = np.sqrt(b.real * b.real + b.imag * b.imag)
    if size == 0.0:
        return s, z
    phase = b * (1.0 / size)
    turned = s * np.conj(phase)
    cosine, sine = np.cos(2.0 * size), np.sin(2.0 * size)
    v = turned.imag * cosine + z * sine
    return complex(turned.real, v) * phase, z * cosine - turned.imag * sine


@nb.njit(cache=True, error_model="numpy")
def _integral(base, last, source, integral):
    """The field's time integral with the source at the end of the step."""
    for i in range(len(source)):
        integral[i] = base[i]
        for j in range(len(source)):
            integral[i] += last[i, j] * source[j]


@nb.njit(cache=True, error_model="numpy")
def _draw(stream, root, noisy, noise):
    """Noise of the field, of its integral and of the vacuum that enters, by a root of their covariance."""
    for i in range(len(noise)):
        noise[i] = 0.0
    if noisy:
        for r in range(root.shape[1]):
            drawn = 0.7071067811865476 * _gauss(stream)
            for i in range(len(noise)):
                noise[i] += root[i, r] * drawn


@nb.njit(cache=True, error_model="numpy")
def _forward(maps, noise, a, c, new, base):
    """Parts of the field at the end and of its integral that do not depend on the later source."""
    modes = len(a)
    for i in range(modes):
        new[i], base[i] = noise[i], noise[modes + i]
        for j in range(modes):
            new[i] += maps[0, i, j] * a[j] + maps[1, i, j] * c[j]
            base[i] += maps[3, i, j] * a[j] + maps[4, i, j] * c[j]


@nb.njit(cache=True, error_model="numpy")
def _interval(stream, count, h, number, coupling, maps, root, turn, local, noisy, state, work, outgoing):
    """`count` steps; adds the light that leaves to `outgoing`, returns how often the local noise was clipped.

    maps  the field at the end from the field, the source and the later source; then its integral from these
    """
    g, eta, rabi, amplitude = coupling
    spin, z, a = state
    c, later, integral, base, new, noise = work
    modes = len(a)
    half, whole, turn_half, turn_whole = local[0], local[1], turn[0], turn[1]
    last, final = maps[5], maps[2]
    clipped = _local(stream, number, turn_half, half, noisy, spin, z)
    for n in range(count):
        _draw(stream, root, noisy, noise)
        _source(g, eta, spin, c)
        _forward(maps, noise, a, c, new, base)
        _integral(base, last, c, integral)
        for i in range(modes):
            later[i] = -1j * eta[i]
        for k in range(len(spin)):
            s, _ = _turned(g, rabi, h, integral, k, spin[k], z[k])
            for i in range(modes):
                later[i] -= 1j * np.conj(g[k, i]) * s
        _integral(base, last, later, integral)
        for k in range(len(spin)):
            spin[k], z[k] = _turned(g, rabi, h, integral, k, spin[k], z[k])
        for i in range(modes):
            a[i] = new[i]
            for j in range(modes):
                a[i] += final[i, j] * later[j]
            outgoing[i] += amplitude[i] * integral[i] - noise[2 * modes + i]
        if n + 1 < count:
            clipped += _local(stream, number, turn_whole, whole, noisy, spin, z)
    return clipped + _local(stream, number, turn_half, half, noisy, spin, z)


@nb.njit(cache=True, error_model="numpy", nogil=True)
def run(seeds, groups, coupling, steps, plan, kept, noisy, samples):
    """One trajectory a seed, sampled at the end of every interval; returns how often noise was clipped, and local steps.

    groups   (number, lengths, axes): emitters, and the initial mean spin of one of them as length and axes
    coupling (g (group, mode), eta (mode,), Rabi frequency (group,), sqrt(kappa) (mode,))
    steps    per kind of step: (h, maps (6, mode, mode), root of the noise's covariance, turn, local of h/2 and h)
    plan     (kind of step, number of steps) of each interval
    kept     whether the modes have a state of their own (and vacuum in it);  noisy  False leaves out all noise but the initial one
    samples  (spin, z, a, outgoing): (run, interval, ...); spin and z may have one interval only: then the last one stays
    """
    number, lengths, axes = groups
    length, maps, root, turn, local = steps
    kinds, counts = plan
    spins, zs, fields, outs = samples
    size, modes = len(number), fields.shape[2]
    spin, z, a = np.zeros(size, np.complex128), np.zeros(size), np.zeros(modes, np.complex128)
    rows = np.zeros((5, modes), np.complex128)
    work = (rows[0], rows[1], rows[2], rows[3], rows[4], np.zeros(3 * modes, np.complex128))
    clipped, made = 0, 0
    g, eta = coupling[0], coupling[1]
    for r in range(len(seeds)):
        stream = seeds[r].copy()
        _prepare(stream, number, lengths, axes, kept, spin, z, a)
        for j in range(len(kinds)):
            u, outgoing = kinds[j], outs[r, j]
            if counts[j] > 0:
                clipped += _interval(
                    stream, counts[j], length[u], number, coupling, maps[u], root[u], turn[u], local[u], noisy,
                    (spin, z, a), work, outgoing,
                )  # fmt: skip
                made += (counts[j] + 1) * size
            place = min(j, spins.shape[1] - 1)
            spins[r, place], zs[r, place] = spin, z
            if kept:
                fields[r, j] = a
            else:
                _source(g, eta, spin, work[0])
                for i in range(modes):
                    for m in range(modes):
                        fields[r, j, i] += maps[u, 2, i, m] * work[0][m]
    return clipped, made
