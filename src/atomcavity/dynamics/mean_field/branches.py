"""The stationary classical states of a system, labelled: the `MeanField` answer to `branches`."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.dynamics.mean_field.model import Model
from atomcavity.dynamics.mean_field.search import Fixed, fixed_points
from atomcavity.dynamics.mean_field.threshold import thresholds
from atomcavity.dynamics.methods import Linearised, MeanField
from atomcavity.dynamics.system import CavitySystem
from atomcavity.errors import InputError, unknown
from atomcavity.results import Record, Result, axes_or_new, quantity
from atomcavity.units import show

Real = NDArray[np.float64]
Complex = NDArray[np.complex128]

BELOW = (
    "in the dark there is no amplitude whose fluctuations could be linearised: below threshold use Cumulants(), whose "
    "regression is right there, or Exact()"
)
PULSING = "every stationary state is unstable: the light pulses or beats for ever (see an evolution)"


@dataclass(frozen=True, eq=False, repr=False)
class Branches(Result):
    """All stationary classical states that were found, by photon number.

    `labels` are "dark", "lasing" (several: "lasing 1", ...), or with a coherent drive "driven", "lower",
    "middle", "upper" (other numbers: "driven 1", ...).  `growth_rate` is the largest real part of the
    eigenvalues of the Jacobian, without those of free phases: a branch is stable if it is negative.
    `lasing_frequency` is that of each mode's light minus the system's reference: 0 where it is locked
    to a drive, NaN where the mode is dark.  `lower_threshold` and `upper_threshold` are the factors of
    all incoherent pump rates between which the dark state is unstable (NaN: none; see
    `atomcavity.dynamics.mean_field.threshold.thresholds`).
    """

    labels: NDArray[np.str_] = quantity("branch", label="names of the branches")
    stable: NDArray[np.bool_] = quantity("branch", label="whether no deviation grows")
    photon_number: Real = quantity("branch", "mode", label="photons in each mode |alpha|^2")
    amplitude: Complex = quantity("branch", "mode", label="amplitudes, a free phase chosen zero")
    excited_population: Real = quantity("branch", "group", label="excited population of one emitter")
    lasing_frequency: Real = quantity(
        "branch", "mode", unit="rad/s", label="detuning of the light from the reference"
    )
    growth_rate: Real = quantity("branch", unit="1/s", label="growth rate of the worst deviation")
    residual: Real = quantity("branch", label="relative residual of the field's equation")
    lower_threshold: float = quantity(label="factor of the pump rates at which lasing starts")
    upper_threshold: float = quantity(label="factor of the pump rates at which lasing ends")

    def _summary(self) -> list[str]:
        lines = []
        for k, label in enumerate(self.labels):
            kind = "stable" if self.stable[k] else f"unstable, grows at {self.growth_rate[k]:.4g} 1/s"
            with np.printoptions(precision=5, threshold=8):
                line = f"{label}: photons in each mode {self.photon_number[k]}, {kind}"
            lit = self.lasing_frequency[k][np.isfinite(self.lasing_frequency[k])]
            if len(lit) and str(label).startswith("lasing"):
                rounding = 1e-12 * max(mode["kappa"] for mode in self.record.parameters["system"]["modes"])
                at = 0.0 if abs(lit[0]) < rounding else float(lit[0])
                line += f", at {show(at, 'angular')} from the reference"
            lines.append(line)
        if np.isfinite(self.lower_threshold):
            lines.append(
                f"lasing starts at {self.lower_threshold:.5g} times the pump and ends at {self.upper_threshold:.5g}"
            )
        elif "dark" in self.labels:
            lines.append("no laser threshold in the incoherent pump")
        return lines

    def plot(self, ax: Any = None) -> Any:
        """The photons of each branch, filled where it is stable."""
        ax = axes_or_new(ax)
        place = np.arange(len(self.labels))
        for i, photons in enumerate(self.photon_number.T):
            (line,) = ax.plot(place, photons, "o", fillstyle="none", label=f"mode {i}")
            ax.plot(place[self.stable], photons[self.stable], "o", color=line.get_color())
        ax.set_xticks(place, [str(label) for label in self.labels])
        ax.set(ylabel="photons", title="filled: stable")
        ax.legend()
        return ax


def mean_field_branches(system: CavitySystem, method: MeanField) -> Branches:
    """All stationary classical states that are found.

    With one field (see `mean_field.scalar`) all roots that a fine grid separates; with several fields those
    that Newton's method reaches from growing deviations, random fields and ends of evolutions.

    Raises `InputError` for emitters without a unique stationary state of their own, a mode without decay, or an
    unknown branch.

    >>> from atomcavity.dynamics import CavityMode, Emitters
    >>> laser = CavitySystem([Emitters(1000, g=1.0, gamma=0.1, pump_rate=1.0)], [CavityMode(kappa=1000.0)])
    >>> found = mean_field_branches(laser, MeanField())
    >>> [(str(label), bool(stable)) for label, stable in zip(found.labels, found.stable)]
    [('dark', False), ('lasing', True)]
    >>> round(found.lower_threshold, 4), round(found.upper_threshold, 3)  # factors of the pump rate
    (0.1111, 3.689)
    """
    model = Model(system)
    fixed, warnings = fixed_points(model)
    labels = branch_labels(model, fixed)
    if method.branch is not None and method.branch not in labels:
        raise unknown("branch", method.branch, labels)
    lower, upper = thresholds(system)
    photons = np.array([np.abs(model.alpha(s.y)) ** 2 for s in fixed])
    if not any(s.stable for s in fixed):
        warnings += (PULSING,)
    return Branches(
        record=Record(
            "MeanField",
            reason=f"{len(fixed)} stationary state(s)",
            residual=max(s.residual for s in fixed),
            warnings=warnings,
            parameters={"system": system.to_dict(), "method": asdict(method)},
        ),
        labels=np.array(labels),
        stable=np.array([s.stable for s in fixed]),
        photon_number=photons,
        amplitude=np.array([model.alpha(s.y) for s in fixed]),
        excited_population=np.array([[1 - r[0, 0].real for r in model.densities(s.y)] for s in fixed]),
        lasing_frequency=np.array([frequencies(model, s) for s in fixed]),
        growth_rate=np.array([s.growth for s in fixed]),
        residual=np.array([s.residual for s in fixed]),
        lower_threshold=lower,
        upper_threshold=upper,
    )


def frequencies(model: Model, state: Fixed) -> Real:
    """Frequency of each mode's light minus the reference (rad/s); NaN for a dark mode."""
    alpha = np.abs(model.alpha(state.y))
    return np.where(alpha > 1e-12 * alpha.max(initial=0.0), model.phases.modes @ state.nu, np.nan)


def branch_labels(model: Model, fixed: list[Fixed]) -> list[str]:
    """Names of the states, which are in the order of their photon numbers."""
    dark = [not np.any(model.alpha(s.y)) for s in fixed]
    lit = len(fixed) - sum(dark)
    kind = "lasing" if model.free else "driven"
    if kind == "driven" and lit == 3:
        names = iter(["lower", "middle", "upper"])
    else:
        names = iter([kind] if lit == 1 else [f"{kind} {k + 1}" for k in range(lit)])
    return ["dark" if is_dark else next(names) for is_dark in dark]


def choose_branch(model: Model, method: MeanField | Linearised) -> tuple[Fixed, str, tuple[str, ...]]:
    """The branch that the method names, or the only stable one; for `Linearised` of those with light.

    Raises `InputError` if it does not exist, or if none or several are stable.
    """
    fixed, warnings = fixed_points(model)
    labels = branch_labels(model, fixed)
    lit = isinstance(method, Linearised)
    if lit and (method.branch == "dark" or labels == ["dark"]):
        raise InputError(BELOW)
    if method.branch is not None:
        if method.branch not in labels:
            raise unknown("branch", method.branch, labels)
        k = labels.index(method.branch)
        if not fixed[k].stable:
            warnings += (
                f"the branch {labels[k]!r} is unstable: deviations grow at {fixed[k].growth:.3g} 1/s",
            )
        return fixed[k], labels[k], warnings
    name = type(method).__name__
    chosen = [k for k, s in enumerate(fixed) if s.stable and not (lit and labels[k] == "dark")]
    listed = ", ".join(
        f"{label!r} ({np.sum(np.abs(model.alpha(s.y)) ** 2):.4g} photons)"
        for label, s in zip(labels, fixed, strict=True)
    )
    if not chosen:
        raise InputError(
            f"none of the stationary states {listed} is stable: the light pulses or beats; use evolve, or "
            f"method={name}(branch=...) for an unstable one"
        )
    if len(chosen) > 1:
        stable = ", ".join(repr(labels[k]) for k in chosen)
        raise InputError(
            f"the branches {stable} are all stable (of {listed}): pick one with method={name}(branch=...)"
        )
    return fixed[chosen[0]], labels[chosen[0]], warnings
