"""Compiled: how the spectrum of a pulse answers to a cavity that moves during the pulse (see `sensitivity`)."""

from __future__ import annotations

import numba as nb
import numpy as np


@nb.njit(cache=True)
def step(h, poles, weights, rise, width, place, p, x):
    """Populations p (level,) and driven coherences x (step,) a time h later: a Pade approximant of the exponential."""
    p_new, x_new = np.zeros(len(p), np.complex128), np.zeros(len(x), np.complex128)
    for j in range(len(poles)):
        before_p = before_x = 0j
        for k in range(len(p)):
            fed = rise[k - 1] * before_p if k > 0 else 0j
            before_p = (p[k] - h * fed) / (-h * rise[k] - poles[j])
            p_new[k] += weights[j] * before_p
            if k < len(x):
                fed = np.sqrt(rise[k]) * before_p
                if k > 0:
                    fed += np.sqrt(rise[k - 1] * rise[k]) * before_x
                before_x = (x[k] - h * fed) / (-h * (width[k] + 1j * place[k]) - poles[j])
                x_new[k] += weights[j] * before_x
    p[:] = p_new.real
    x[:] = x_new


@nb.njit(cache=True)
def respond(number, ratio, y, common, shift, rate, field, h, poles, weights, out):
    """out = change of the spectrum at the frequency y by something that moves at the times 0, h, 2 h, ... (1/Gamma).

    common, shift, rate, field  its effect on the atoms' frequency and on chi (both over Gamma), ln Gamma and ln(a/J^-)
    """
    k = np.arange(number + 1.0)
    rise = (number - k) * (k + 1)
    root = np.sqrt(rise[:-1])
    width = (rise[:-1] + rise[1:]) / 2
    chirp = number - 2 - 2 * k[:-1]
    place = ratio * chirp - y
    back = np.zeros(number, np.complex128)  # what a coherence contributes to the spectrum later
    for n in range(number - 1, -1, -1):
        later = root[n + 1] * back[n + 1] if n + 1 < number else 0j
        back[n] = root[n] * (1 + later) / (width[n] + 1j * place[n])
    p, x = np.zeros(number + 1), np.zeros(number, np.complex128)
    p[0] = 1.0
    source = (np.conj(field) - rate) * back * root
    own = back * (-1j * (common + shift * chirp) - rate * width) + field * root
    own[:-1] += rate * root[:-1] * root[1:] * back[1:]
    for n in range(len(out)):
        if n > 0:
            step(h, poles, weights, rise, width, place, p, x)
        total = 0j
        for m in range(number):
            total += source[m] * p[m] + own[m] * x[m]
        out[n] = 2 * total.real
