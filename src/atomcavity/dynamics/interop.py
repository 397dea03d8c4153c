"""The same system for QuTiP: distinguishable emitters, truncated modes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from atomcavity.dynamics.levels import LevelScheme
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require


def to_qutip(system: CavitySystem, photons: Sequence[int]) -> tuple[Any, list[Any], dict[str, Any]]:
    """Hamiltonian (rad/s), collapse operators and named operators, as QuTiP objects.

    photons  largest photon number kept in each mode

    Subsystems are ordered: every emitter (group after group), then every mode. The operators are
    "a" (list, one a mode), "sigma" (list, one an emitter: |lower><upper| of its first cavity
    coupling, None without one), "level" (list of lists: projectors of each emitter's levels) and
    "group" (the group of each emitter). The Hilbert space grows exponentially with the number
    of emitters.  Raises `InputError` if QuTiP is not installed (`pip install atomcavity[interop]`).
    """
    try:
        import qutip
    except ImportError:
        raise InputError("to_qutip needs QuTiP: pip install 'atomcavity[interop]'") from None
    count = len(system.modes)
    require(
        len(photons) == count and all(int(n) == n and n >= 0 for n in photons),
        f"photons = {list(photons)} must be {count} whole number(s) >= 0, one a mode",
    )
    schemes = [e.scheme for e in system.emitters for _ in range(e.number)]
    group = [k for k, e in enumerate(system.emitters) for _ in range(e.number)]
    sizes = [len(s.levels) for s in schemes] + [int(n) + 1 for n in photons]
    ones = [qutip.qeye(n) for n in sizes]

    def at(place: int, operator: Any) -> Any:
        return qutip.tensor([*ones[:place], operator, *ones[place + 1 :]])

    def ket_bra(u: int, a: str, b: str) -> Any:
        levels = schemes[u].levels
        d = len(levels)
        return at(u, qutip.basis(d, levels.index(a)) * qutip.basis(d, levels.index(b)).dag())

    a = [at(len(schemes) + k, qutip.destroy(sizes[len(schemes) + k])) for k in range(count)]
    matrix = system.mode_matrix
    hamiltonian = 0 * qutip.tensor(ones)
    for i, j in zip(*np.nonzero(matrix), strict=True):
        hamiltonian += complex(matrix[i, j]) * a[i].dag() * a[j]
    for eta, annihilator in zip(system.drives, a, strict=True):
        hamiltonian += complex(eta) * annihilator.dag() + complex(eta).conjugate() * annihilator
    collapse = [np.sqrt(mode.kappa) * a[k] for k, mode in enumerate(system.modes) if mode.kappa]
    for u, scheme in enumerate(schemes):
        hamiltonian += _emitter(scheme, lambda x, y, u=u: ket_bra(u, x, y), a)
        collapse += [np.sqrt(rate) * ket_bra(u, y, x) for (x, y), rate in scheme.decays.items() if rate]
        collapse += [np.sqrt(2 * rate) * ket_bra(u, x, x) for x, rate in scheme.dephasing.items() if rate]
    first = [next(iter(scheme.couplings), None) for scheme in schemes]
    operators = {
        "a": a,
        "sigma": [None if pair is None else ket_bra(u, *pair) for u, pair in enumerate(first)],
        "level": [[ket_bra(u, x, x) for x in scheme.levels] for u, scheme in enumerate(schemes)],
        "group": group,
    }
    return hamiltonian, collapse, operators


def _emitter(scheme: LevelScheme, ket_bra: Any, a: list[Any]) -> Any:
    """Energies, cavity couplings and drives of one emitter."""
    first = scheme.levels[0]
    total = 0 * ket_bra(first, first)
    for name, energy in scheme.energies.items():
        total += energy * ket_bra(name, name)
    for (lower, upper), couplings in scheme.couplings.items():
        raised = ket_bra(upper, lower)
        for g, annihilator in zip(couplings, a, strict=True):
            term = g * annihilator * raised
            total += term + term.dag()
    for (lower, upper), rabi in scheme.drives.items():
        term = rabi / 2 * ket_bra(upper, lower)
        total += term + term.dag()
    return total
