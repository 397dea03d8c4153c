"""Transmission of a weak probe by input-output theory: the answer of `LinearResponse`.

With exp(-i omega t), the port of mode i coupled by sqrt(kappa_ext,i), and Sigma of `probe.emitter`:

    [kappa/2 + i (M - omega) + Sigma(omega)] a = -sqrt(kappa_ext) b_in,   b_out = b_in + sqrt(kappa_ext) a
    t_j(omega) = delta_jp - sqrt(kappa_ext,j) [kappa/2 + i (M - omega) + Sigma(omega)]^-1_jp sqrt(kappa_ext,p)

(Collett and Gardiner 1984).  The emitters enter with the populations that pump and decay give them without light.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.methods import LinearResponse
from atomcavity.dynamics.probe.emitter import EmitterResponse, emitter_response
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, require
from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.units import show

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

OWN_LIGHT = (
    0.01  # relative change of the populations by spontaneous emission into the modes that is a warning
)


@dataclass(frozen=True, eq=False, repr=False)
class Transmission(Result):
    """Light that leaves through each mode's port when a weak probe enters through the port of mode `port`.

    What leaves through the port of entrance (amplitude[port]) is the transmitted light of a travelling-wave
    resonator beside a waveguide, the reflected light of a mirror; what leaves through the port of the
    counter-propagating mode is then the reflected light of the waveguide, that of another mode converted light.
    """

    detuning: Real = quantity("detuning", unit="rad/s", label="detuning of the probe from the reference")
    amplitude: Complex = quantity("mode", "detuning", label="output amplitude at each port over the input's")
    group_delay: Real = quantity(
        "mode", "detuning", unit="s", label="group delay d arg(amplitude)/d omega (NaN: no light there)"
    )
    port: int = quantity(label="mode through whose port the probe enters")

    @property
    def transmission(self) -> Real:
        """Power at each port over the probe's, |amplitude|^2, (mode, detuning)."""
        return np.abs(self.amplitude) ** 2

    @property
    def lost(self) -> Real:
        """Part of the probe's power that leaves through no port (negative: gain), (detuning,)."""
        return 1 - self.transmission.sum(axis=0)

    @property
    def phase(self) -> Real:
        """Phase of each output (rad), without jumps along the detunings, (mode, detuning); exp(-i omega t)."""
        return np.unwrap(np.angle(self.amplitude), axis=1)

    def _summary(self) -> list[str]:
        lines = []
        for k, power in enumerate(self.transmission):
            low, high = int(np.argmin(power)), int(np.argmax(power))
            places = [show(float(self.detuning[m]), "angular") for m in (low, high)]
            if power[high] > 0:
                lines.append(
                    f"port of mode {k}: power {power[low]:.4g} (at {places[0]}) to {power[high]:.4g} (at {places[1]})"
                )
        return [f"probe through the port of mode {self.port}, {len(self.detuning)} detunings", *lines]

    def plot(self, ax: Any = None) -> Any:
        """Power at each port against the probe's detuning."""
        ax = axes_or_new(ax)
        for k, power in enumerate(self.transmission):
            ax.plot(self.detuning / (2e6 * np.pi), power, label=f"port of mode {k}")
        ax.set(xlabel="detuning / 2π (MHz)", ylabel="power / probe power", ylim=(0, None))
        ax.legend()
        return ax


def linear_transmission(
    system: CavitySystem, method: LinearResponse, *, detuning: Real, port: int
) -> Transmission:
    """Amplitudes at every port, and their group delays, at the probe's detunings from the reference (rad/s).

    Linear in the probe: it must be too weak to change any population (many photons below saturation).  Excited
    emitters also emit into the modes by themselves; a warning says where that would change their populations.
    Raises `InputError` for a mode without port, other coherent light on the modes or on two-level emitters,
    and above the laser threshold, where there is no stationary state without light to respond.
    """
    mode = system.modes[port]
    require(mode.kappa_ext > 0, f"mode {port} has no port (kappa_ext = 0) through which a probe could enter")
    require(
        not system.driven,
        "LinearResponse takes the probe as the only light: for a system with a coherent drive use steady_state(method=Exact())",
    )
    emitters = _emitters(system)
    if any(emitter.active for emitter in emitters):
        _below_threshold(system, emitters)
    singular = np.zeros(len(detuning), bool)
    for emitter in emitters:
        singular |= emitter.undamped(detuning)
    field, change = np.empty((2, len(system.modes), len(detuning)), complex)
    field[:, ~singular], change[:, ~singular] = _eliminated(system, emitters, detuning[~singular], port)
    for k in np.flatnonzero(singular):
        field[:, k], change[:, k] = _coupled(system, emitters, detuning[k], port)
    if not np.all(np.isfinite(field)):
        raise InputError("the response is not finite: the probe is resonant with an undamped mode")
    emission = max((emitter.emission for emitter in emitters), default=0.0)
    warnings = (
        ()
        if emission < OWN_LIGHT
        else (
            f"the emitters' own light in the cavity changes their populations by some {emission:.1g} of themselves, which is ignored",
        )
    )
    into = np.sqrt([m.kappa_ext * mode.kappa_ext for m in system.modes])[:, None]
    amplitude = np.eye(len(into))[port][:, None] - into * field
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        delay = np.where(amplitude == 0, np.nan, (-into * change / amplitude).imag)
    return Transmission(
        record=Record(
            "LinearResponse",
            reason="input-output theory",
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        detuning=detuning,
        amplitude=amplitude,
        group_delay=delay,
        port=port,
    )


def _emitters(system: CavitySystem) -> list[EmitterResponse]:
    """The groups that answer to the modes."""
    found = [
        emitter_response(group, system.modes, f"emitters[{k}]")
        for k, group in enumerate(system.emitters)
        if any(np.any(g) for g in group.scheme.couplings.values())
    ]
    return [emitter for emitter in found if len(emitter.matrix)]


def _eliminated(
    system: CavitySystem, emitters: list[EmitterResponse], detuning: Real, port: int
) -> tuple[Complex, Complex]:
    """[kappa/2 + i (M - omega) + Sigma]^-1 e_port and its derivative by omega, both (mode, detuning)."""
    count = len(system.modes)
    identity = np.eye(count)[..., None]
    inverse = (np.diag(system.kappas / 2) + 1j * system.mode_matrix)[..., None] - 1j * detuning * identity
    slope = np.repeat(-1j * identity, len(detuning), axis=2)
    for emitter in emitters:
        sigma, bend = emitter.susceptibility(detuning)
        inverse += sigma
        slope += bend
    inverse, slope = (np.moveaxis(matrix, 2, 0) for matrix in (inverse, slope))
    field = np.linalg.solve(inverse, np.tile(identity[port], (len(detuning), 1, 1)))
    change = -np.linalg.solve(inverse, slope @ field)
    return field[..., 0].T, change[..., 0].T


def _coupled(
    system: CavitySystem, emitters: list[EmitterResponse], detuning: float, port: int
) -> tuple[Complex, Complex]:
    """The same at one detuning with all coherences kept, also where one of them is undamped and resonant."""
    matrix = -_generator(system, emitters)
    matrix -= 1j * detuning * np.eye(len(matrix))
    # the pseudo-inverse leaves combinations of emitters that no mode sees at rest
    inverse = np.asarray(np.linalg.pinv(matrix), dtype=complex)
    field = inverse[:, port]
    change = 1j * inverse @ field
    count = len(system.modes)
    return field[:count], change[:count]


def _below_threshold(system: CavitySystem, emitters: list[EmitterResponse]) -> None:
    """Refuse a system in which light grows from nothing: an eigenvalue of modes and coherences with Re > 0."""
    matrix = _generator(system, emitters)
    growth = np.linalg.eigvals(matrix).real.max()
    if growth > 1e-13 * np.linalg.norm(matrix):
        raise InputError(
            f"the system is above its laser threshold (a weak field grows at {growth:.3g} 1/s), so that a weak probe has no "
            "linear response; use MeanField() or Exact() for the stationary state"
        )


def _generator(system: CavitySystem, emitters: list[EmitterResponse]) -> Complex:
    """Generator of the modes and of sqrt(N) times the coherences of each group (rad/s)."""
    count = len(system.modes)
    matrix = np.zeros((count + sum(len(e.matrix) for e in emitters),) * 2, complex)
    matrix[:count, :count] = -np.diag(system.kappas / 2) - 1j * system.mode_matrix
    first = count
    for emitter in emitters:
        part = slice(first, first + len(emitter.matrix))
        matrix[part, part] = emitter.matrix
        matrix[:count, part] = -1j * np.sqrt(emitter.number) * emitter.observe
        matrix[part, :count] = -1j * np.sqrt(emitter.number) * emitter.excite
        first = part.stop
    return matrix
