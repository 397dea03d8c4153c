"""The pair of states of an ion's clock line in static fields, and the radio frequency that hides micromotion from it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from scipy import constants as const

from atomcavity.errors import InputError, number, require

if TYPE_CHECKING:
    from atomcavity.species.species import Species

State = tuple[str, float, float]


@dataclass(frozen=True)
class StatePair:
    r"""How the frequency between two states of an ion answers to static fields.

    frequency  $\omega=2\pi\nu$ of the line (rad/s)
    scalar, tensor  $\Delta\alpha_0$, $\Delta\alpha_2$ (C^2 m^2/J), upper minus lower state, the tensor part with the
        angular factor of Eq. (7) of Kazakov et al., PRA 96, 023412 (2017)
    quadrupole  $\Delta\Theta$ (C m^2), upper minus lower state with the same factor: along the quantisation axis b
        $\Phi_{bb}=\partial^2\Phi/\partial b^2$ shifts the line by $\frac12\Delta\Theta\,\Phi_{bb}/\hbar$; NaN if unknown

    All for a magnetic field whose Zeeman splitting is large against the tensor and quadrupole shifts.
    """

    frequency: float
    scalar: float
    tensor: float
    quadrupole: float = math.nan

    def __post_init__(self) -> None:
        for name in ("frequency", "scalar", "tensor"):
            object.__setattr__(self, name, number(getattr(self, name), name))

    @classmethod
    def of(cls, species: Species, lower: State, upper: State) -> StatePair:
        """The pair of two states (level, F, m) of a species, in weak magnetic field.

        The lower level must have J < 1: the data files hold the tensor polarizability of the upper level.
        The quadrupole moment is NaN where the data file of the species has none.
        """
        require(
            hasattr(species, "hyperfine"), f"species = {species!r} must be a Species, as in Species('176Lu+')"
        )
        if species.level(lower[0]).J >= 1:
            raise InputError(
                f"the lower level {lower[0]!r} has J >= 1 and a tensor polarizability of its own, which is not known"
            )
        species.hyperfine(lower[0]).tensor_factor(*lower[1:])  # the state must exist
        factor = species.hyperfine(upper[0]).tensor_factor(*upper[1:])
        static = species.static(lower[0], upper[0])
        try:
            moment = species.quadrupole_moment(upper[0])
        except InputError:
            moment = math.nan
        line = species.transition(lower[0], upper[0])
        return cls(line.frequency, static.scalar, factor * static.tensor, factor * moment)

    def magic_radio_frequency(self, mass: float, charge: float) -> MagicRadioFrequency:
        r"""$\Omega_0=\frac{|q|}{mc}\sqrt{2\hbar\omega/(\Delta\alpha_2-2\Delta\alpha_0)}$, Eq. (11) in SI units.

        There the time dilation of the micromotion and the Stark shift of the field that drives it cancel at leading
        order, where the micromotion is orthogonal to the quantisation axis.
        """
        difference = self.tensor - 2 * self.scalar
        if difference <= 0:
            unit = const.value("atomic unit of electric polarizability")
            reason = f"Δα₂ - 2Δα₀ = {difference / unit:.4g} a.u. is not positive: field and motion shift the line to the same side"
            return MagicRadioFrequency(math.nan, reason)
        root = math.sqrt(2 * const.hbar * self.frequency / difference)
        return MagicRadioFrequency(abs(charge) / (mass * const.c) * root)


@dataclass(frozen=True)
class MagicRadioFrequency:
    """A radio frequency (rad/s), or NaN with the reason why there is none; `float()` gives the number."""

    value: float
    reason: str = ""

    def __float__(self) -> float:
        return self.value

    def __str__(self) -> str:
        return self.reason or f"Ω₀/2π = {self.value / (2e6 * math.pi):.6g} MHz"


def magic_radio_frequency(species: Species, lower: State, upper: State) -> MagicRadioFrequency:
    """The magic radio frequency of an ion between two states (level, F, m): Eq. (11), leading order.

    See `StatePair.magic_radio_frequency` for the formula, `tuned_radio_frequency` for the next order.
    """
    return StatePair.of(species, lower, upper).magic_radio_frequency(species.mass, species.charge)
