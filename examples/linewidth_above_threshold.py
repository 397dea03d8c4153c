"""The linewidth of a superradiant laser above threshold, by four methods, against the number of emitters.

N identical emitters in an eliminated cavity, collective rate Gamma, pump w = N Gamma/2 and no other decay.
Second-order cumulants take the gain as unsaturated: they tend to 2.5 Gamma.  The exact width, the
fluctuations linearised around the mean field, and truncated Wigner tend to 1.5 Gamma, phase diffusion.

python examples/linewidth_above_threshold.py [FILE.png] [--quick]
"""

import sys

import numpy as np
from matplotlib import pyplot as plt

import atomcavity as ac

KAPPA, RATE = 1e8, 1.0  # rad/s; RATE = 4 g^2/kappa, the collective rate Gamma


def laser(number: int) -> ac.CavitySystem:
    """The laser of `number` emitters."""
    g = np.sqrt(RATE * KAPPA / 4)  # sqrt(N) g is far below kappa
    return ac.CavitySystem([ac.Emitters(number, g, pump_rate=number * RATE / 2)], [ac.CavityMode(KAPPA)])


def width(number: int, method: object) -> float:
    """Full width of the slowest pole, or of the peak where a method has no poles, in units of Gamma."""
    found = ac.spectrum(laser(number), method=method)
    full = -2 * found.poles[0].real if len(found.poles) else found.full_width[0]
    return float(full / RATE)


quick = "--quick" in sys.argv
files = [name for name in sys.argv[1:] if not name.startswith("--")]
sizes = [8, 16, 32, 48, 100] if quick else [8, 16, 32, 48, 100, 200, 400, 700, 1000]
exact = [width(n, ac.Exact(cavity="eliminated")) for n in sizes]
many = np.array([8, 16, 32, 64, 128, 256, 512, 1000, 3000, 10_000])
cumulants = [width(int(n), ac.Cumulants(cavity="eliminated")) for n in many]
linearised = [width(int(n), ac.Linearised()) for n in many]
large = 1000 if quick else 10_000
trajectories = ac.TruncatedWigner(trajectories=50 if quick else 4000, cavity="eliminated")
found = ac.spectrum(laser(large), method=trajectories)
wigner, error = found.full_width[0] / RATE, found.full_width_error[0] / RATE

for n, value in zip(sizes, exact, strict=True):
    print(f"N = {n:5d}: exact {value:.4f} Gamma")
print(f"cumulants, N = {many[-1]}: {cumulants[-1]:.4f} Gamma; linearised {linearised[-1]:.4f} Gamma")
print(f"truncated Wigner, N = {large}: {wigner:.3f} +- {error:.3f} Gamma")

figure, axes = plt.subplots(figsize=(5.4, 3.8), layout="constrained")
axes.semilogx(many, cumulants, "C1--", label="second-order cumulants")
axes.semilogx(many, linearised, "C2-", label="linearised around the mean field")
axes.semilogx(sizes, exact, "ko", ms=4, label="exact")
axes.errorbar([large], [wigner], [error], fmt="C0s", capsize=3, label="truncated Wigner")
axes.set(xlabel="emitters $N$", ylabel=r"full width at half maximum / $\Gamma_c$", ylim=(0, 4))
axes.legend(loc="upper right")
if files:
    figure.savefig(files[0], dpi=160)
