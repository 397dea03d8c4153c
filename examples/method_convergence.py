"""How each method converges to the exact answer: eight small studies in one figure.

python examples/method_convergence.py [FILE.png] [--quick]
"""

import sys
from math import tau

import numpy as np
from matplotlib import pyplot as plt
from matplotlib.ticker import NullFormatter

import atomcavity as ac

G, GAMMA, KAPPA = tau * 2.8e6, tau * 7.5e3, tau * 4.4e6  # a microsphere and strontium atoms, rad/s
GONE = "eliminated"
quick = "--quick" in sys.argv
files = [name for name in sys.argv[1:] if not name.startswith("--")]


def microlaser(atoms):
    """Atoms at one antinode, pumped at 2.5e7 1/s."""
    return ac.CavitySystem([ac.Emitters(atoms, G, GAMMA, pump_rate=2.5e7)], [ac.CavityMode(KAPPA)])


def superradiant(atoms, pump=0.5, small=1e-4):
    """A bad cavity with sqrt(N) g/kappa = `small`, the pump in units of N times the collective rate."""
    kappa = 1e6
    g = small * kappa / np.sqrt(atoms)
    rate = pump * atoms * 4 * g**2 / kappa
    return ac.CavitySystem([ac.Emitters(atoms, g, pump_rate=rate)], [ac.CavityMode(kappa)])


def relative(value, truth):
    """|value/truth - 1|."""
    return abs(value / truth - 1)


def photon_cutoff():
    """Exact: photon number against the cut-off."""
    best = ac.steady_state(microlaser(4)).photon_number[0]
    cutoffs = np.arange(3, 17)
    found = [
        ac.steady_state(microlaser(4), method=ac.Exact(photons=int(c))).photon_number[0] for c in cutoffs
    ]
    return cutoffs, [relative(n, best) for n in found]


def elimination():
    """Exact with the cavity eliminated, against sqrt(N) g/kappa."""
    small = np.logspace(-2.5, -0.5, 9)
    found = []
    for eps in small:
        powers = [
            ac.steady_state(superradiant(6, small=eps), method=m).photon_number[0]
            for m in (ac.Exact(cavity=GONE), ac.Exact())
        ]
        found.append(relative(*powers))
    return small, found


def trajectories():
    """Jumps: the error of the photon number, and the error bar, against the number of trajectories."""
    best = ac.steady_state(microlaser(3)).photon_number[0]
    counts = np.array([20, 60, 200, 600] if quick else [20, 60, 200, 600, 2000, 6000])
    found = [ac.steady_state(microlaser(3), method=ac.Jumps(int(n), seed=1)) for n in counts]
    bars = [float(s.photon_number_error[0] / s.photon_number[0]) for s in found]
    return counts, [relative(s.photon_number[0], best) for s in found], bars


def sizes(most):
    """Numbers of emitters, doubling."""
    return 2 ** np.arange(2, int(np.log2(most)) + 1)


def powers(method, most=64 if quick else 512):
    """Relative error of the power of a superradiant laser against the exact one, for growing N."""
    numbers = sizes(most)
    found = []
    for n in numbers:
        system = superradiant(int(n))
        exact = ac.steady_state(system, method=ac.Exact(cavity=GONE)).photon_number[0]
        found.append(relative(ac.steady_state(system, method=method).photon_number[0], exact))
    return numbers, found


def linewidths(method, most=64 if quick else 512):
    """The same for its linewidth (the slowest pole)."""
    numbers = sizes(most)
    found = []
    for n in numbers:
        lines = [
            ac.spectrum(superradiant(int(n)), method=m).poles[0].real for m in (method, ac.Exact(cavity=GONE))
        ]
        found.append(relative(*lines))
    return numbers, found


def pulse_peaks():
    """Truncated Wigner and cumulants: the peak of a superradiant pulse, against the Dicke ladder."""
    numbers = sizes(64 if quick else 1024)
    wigner, cumulants = [], []
    for n in numbers:
        system = superradiant(int(n), pump=0.0)
        rate = ac.eliminate(system).decay[0, 0].real
        times = np.linspace(0, (np.log(n) + 3) / (n * rate), 120)
        exact = ac.evolve(system, times, method=ac.DickeLadder()).photon_number[0].max()
        for method, store in (
            (ac.TruncatedWigner(400 if quick else 2000, seed=2, cavity=GONE), wigner),
            (ac.Cumulants(cavity=GONE), cumulants),
        ):
            store.append(relative(ac.evolve(system, times, method=method).photon_number[0].max(), exact))
    return numbers, wigner, cumulants


def weak_probe():
    """Linear response: the transmitted amplitude, against the photons that the probe would put in an empty cavity."""
    kappa, ext, g, gamma = 1.0, 0.5, 0.4, 0.3
    probe = np.logspace(-3, -0.5, 8)
    cavity, atom = ac.CavityMode(kappa, ext), ac.Emitters(1, g, gamma)
    weak = ac.transmission(ac.CavitySystem([atom], [cavity]), [0.0]).amplitude[0, 0]
    found = []
    for eta in probe:
        driven = ac.CavitySystem([atom], [cavity], drive=eta)
        field = ac.steady_state(driven, method=ac.Exact()).amplitude[0]
        found.append(abs((1 - 1j * ext * field / eta) / weak - 1))
    return (2 * probe / kappa) ** 2, found


figure, panels = plt.subplots(2, 4, figsize=(13, 6), layout="constrained")
(cut, bad, jump, power), (line, pulse, field, response) = panels

cut.semilogy(*photon_cutoff(), "ko-", ms=3)
cut.set(title="Exact: photon cut-off", xlabel="largest photon number", ylabel="relative error of $n$")
bad.loglog(*elimination(), "ko-", ms=3)
bad.set(title="cavity eliminated", xlabel=r"$\sqrt{N} g/\kappa$", ylabel="relative error of $n$")
counts, errors, bars = trajectories()
jump.loglog(counts, errors, "ko", ms=4, label="error")
jump.loglog(counts, bars, "C0-", label="error bar")
jump.set(title="Jumps", xlabel="trajectories", ylabel="relative error of $n$")
for method, style, name in (
    (ac.Cumulants(cavity=GONE), "C1o-", "cumulants, eliminated"),
    (ac.Cumulants(), "C3s-", "cumulants, kept"),
    (ac.MeanField(), "C2^-", "mean field"),
):
    power.loglog(*powers(method), style, ms=3, label=name)
power.set(title="laser: power", xlabel="emitters $N$", ylabel="relative error")
for method, style, name in (
    (ac.Linearised(), "C2^-", "linearised"),
    (ac.Cumulants(cavity=GONE), "C1o-", "cumulants, eliminated"),
):
    line.loglog(*linewidths(method), style, ms=3, label=name)
line.set(title="laser: linewidth", xlabel="emitters $N$", ylabel="relative error")
numbers, wigner, cumulants = pulse_peaks()
pulse.loglog(numbers, wigner, "C0s-", ms=3, label="truncated Wigner")
pulse.loglog(numbers, cumulants, "C1o-", ms=3, label="cumulants")
pulse.set(title="superradiant pulse: peak", xlabel="emitters $N$", ylabel="relative error")
fields = [ac.branches(superradiant(4000, pump=s)) for s in np.linspace(0.02, 0.98, 25)]
lasing = [float(np.nanmax(b.photon_number[:, 0] / 4000)) for b in fields]
field.plot(np.linspace(0.02, 0.98, 25), np.array(lasing) / max(lasing), "C2-", label="mean field")
some = np.linspace(0.02, 0.98, 9)
exact = [
    ac.steady_state(superradiant(100 if quick else 300, pump=s), method=ac.Exact(cavity=GONE)) for s in some
]
values = np.array([float(e.photon_number[0]) for e in exact])
field.plot(some, values / values.max(), "ko", ms=3, label="exact")
field.set(title="MeanField: power", xlabel=r"pump / $N\Gamma_c$", ylabel="power / maximum")
response.loglog(*weak_probe(), "ko-", ms=3)
response.set(
    title="LinearResponse", xlabel="probe photons in the empty cavity", ylabel="relative error of $t$"
)
for axes, place in (
    (jump, "upper right"),
    (power, "lower left"),
    (line, "lower left"),
    (pulse, "lower right"),
):
    axes.legend(fontsize=7, loc=place)
field.legend(fontsize=7)
line.set(ylim=(1e-2, 2))
power.set(ylim=(1e-4, 1))
for axes in panels.flat:
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.yaxis.set_minor_formatter(NullFormatter())
if files:
    figure.savefig(files[0], dpi=150)
