"""`AtomicData`: the facts about an isotope, by name: levels, lines, what completes the polarizability."""

from __future__ import annotations

import dataclasses
import math
from functools import cached_property, lru_cache

import numpy as np
from scipy import constants as const

from atomcavity.errors import InputError, reals, require, unknown
from atomcavity.species import loader
from atomcavity.species.hyperfine import HyperfineLevel
from atomcavity.species.magic_field import MagicField, ZeemanState, magic_fields
from atomcavity.species.model import Level, Transition
from atomcavity.species.moments import DifferentialStatic
from atomcavity.species.polarizability import Oscillators, oscillators_of_lines, with_scalar_oscillator
from atomcavity.species.sources import Sources


class AtomicData:
    """The levels, lines and polarizability oscillators of an isotope ("88Sr") with their sources.

    `InputError` for unknown names, with the nearest known one.
    """

    def __init__(self, name: str) -> None:
        self._element = loader.find(name)
        self._isotope = self._element.isotopes[name]
        self.name = name

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.name!r})"

    def __reduce__(self) -> tuple[type, tuple[str]]:
        return type(self), (self.name,)

    @property
    def mass(self) -> float:
        """Mass of the atom or ion (kg)."""
        return self._isotope.mass

    @property
    def charge(self) -> float:
        """Charge (C), 0 for an atom."""
        return self._element.charge * const.e

    @property
    def nuclear_spin(self) -> float:
        """Nuclear spin I."""
        return self._isotope.nuclear_spin

    @property
    def levels(self) -> tuple[Level, ...]:
        """All levels, by energy."""
        return tuple(sorted(self._element.levels.values(), key=lambda level: level.energy))

    @cached_property
    def transitions(self) -> tuple[Transition, ...]:
        """All listed lines, then those that this isotope's nuclear spin induces."""
        spin = self.nuclear_spin
        lines = (dataclasses.replace(line, nuclear_spin=spin) for line in self._element.transitions)
        return (*lines, *self._isotope.lines)

    @property
    def variants(self) -> dict[str, str]:
        """Names and descriptions of the ways to add up a polarizability."""
        return {name: variant.description for name, variant in self._element.variants.items()}

    @cached_property
    def _level_names(self) -> dict[str, Level]:
        names = {level.full_name: level for level in self.levels}
        return names | {level.name: level for level in self.levels}

    def level(self, name: str) -> Level:
        """The level "5s5p 3P1", or by its bare term "3P1" the lowest one of that term."""
        if name not in self._level_names:
            raise unknown("level", name, [level.name for level in self.levels])
        return self._level_names[name]

    def transition(self, lower: str, upper: str) -> Transition:
        """The line between two levels."""
        ends = self.level(lower), self.level(upper)
        for line in self.transitions:
            if (line.lower, line.upper) == ends:
                return line
        names = [line.name for line in self.transitions]
        raise unknown("transition", f"{ends[0].name} - {ends[1].name}", names)

    def decays(self, level: str) -> tuple[Transition, ...]:
        """The listed lines by which a level decays; each has its rate as `gamma`."""
        upper = self.level(level)
        return tuple(line for line in self.transitions if line.upper is upper)

    def hyperfine(self, level: str) -> HyperfineLevel:
        """The hyperfine structure of a level in a magnetic field.

        g_J is the data file's, else Landé's (`Level.g_factor`).  `InputError` where the file lacks hyperfine constants
        or the nuclear g-factor.

        >>> AtomicData("133Cs").hyperfine("2S1/2").F
        (3.0, 4.0)
        """
        found, spin = self.level(level), self.nuclear_spin
        table = self._isotope.hyperfine
        known = table.get(found.full_name)
        if known is None and min(found.J, spin) > 0:
            names = ", ".join(self._element.levels[name].name for name in table) or "none"
            raise InputError(
                f"{self.name} has no hyperfine constants of level {found.name!r}; levels with them: {names}"
            )
        g_I = self._isotope.g_I if spin else 0.0
        require(not math.isnan(g_I), f"the nuclear g-factor of {self.name} is not in its data file")
        g_J = known.g_J if known and not math.isnan(known.g_J) else found.g_factor
        constants = {"A": known.A, "B": known.B} if known else {}
        return HyperfineLevel(J=found.J, I=spin, g_J=g_J, g_I=g_I, **constants)

    def magic_fields(
        self,
        lower: tuple[str, float, float],
        upper: tuple[str, float, float],
        *,
        between: tuple[float, float],
    ) -> list[MagicField]:
        """All fields (T) in the range where the frequency between two states (level, F, m) is stationary.

        Ascending, none missed (`atomcavity.species.magic_field`); both states may be of one level.

        >>> (point,) = AtomicData("87Rb").magic_fields(("2S1/2", 1, -1), ("2S1/2", 2, 1), between=(0, 1e-3))
        >>> print(point)
        3.22892 G: shift 6834.67811 MHz, 431.4 Hz/G² off it, upper neighbours at 2258 and 2257 kHz
        """
        for state in (lower, upper):
            require(
                isinstance(state, (tuple, list)) and len(state) == 3, f"state {state!r} must be (level, F, m)"
            )
        fields = reals(between, "between")
        require(fields.shape == (2,), f"between = {between!r} must be two ascending fields in T")
        low, high = (float(field) for field in fields)
        ends = [ZeemanState(self.hyperfine(level), F, m) for level, F, m in (lower, upper)]
        return magic_fields(ends[0], ends[1], low, high)

    def static(self, lower: str, upper: str) -> DifferentialStatic:
        """Differential scalar and upper tensor static polarizability of a line, as published."""
        ends = self.level(lower), self.level(upper)
        table = self._element.static
        if (key := (ends[0].full_name, ends[1].full_name)) not in table:
            known = [f"{a} - {b}" for a, b in table]
            raise unknown("line with static polarizabilities", f"{key[0]} - {key[1]}", known)
        return table[key]

    def quadrupole_moment(self, level: str) -> float:
        r"""Electric quadrupole moment $\Theta=\langle J,m{=}J|Q_{20}|J,J\rangle$ (C m^2) of a level; 0 for J < 1.

        $Q_{20}=\sum q(3z^2-r^2)/2$ over the electrons with their charge q = -e (Itano's convention), half of
        $Q_{zz}=\sum q(3z^2-r^2)$: in a potential with $\partial^2\Phi/\partial z^2$ along the quantisation axis and symmetric
        about it the stretched state is shifted by $\frac12\Theta\,\partial^2\Phi/\partial z^2$, and |F, m> by
        `HyperfineLevel.tensor_factor` times as much.
        """
        found, table = self.level(level), self._element.quadrupole_moments
        if found.J < 1:
            return 0.0
        if found.full_name not in table:
            raise unknown(f"level of {self.name} with a quadrupole moment", found.full_name, table)
        return table[found.full_name].value

    def completeness(self, level: str) -> loader.Completeness:
        """Core and published total of a level whose line list is meant to be complete."""
        table = self._element.completeness
        found = self.level(level)
        require(bool(table), f"{self.name} has no line list for polarizabilities in its data file")
        if found.full_name not in table:
            known = ", ".join(self._element.levels[name].name for name in table)
            raise InputError(
                f"{self.name} has no complete line list for the polarizability of level {found.name!r}; "
                f"levels with one: {known}"
            )
        return table[found.full_name]

    def sources(self) -> Sources:
        """Each citation with the quantities taken from it."""
        used: dict[str, list[str]] = {text: [] for text in self._element.references.values()}

        def cite(key: str, quantity: str) -> None:
            used[self._element.references[key]].append(quantity)

        cite(self._isotope.source, f"mass of {self.name}")
        for level in self.levels:
            cite(level.source, f"energy of {level.full_name}")
        for line in self.transitions:
            cite(line.source, f"strength of {line.name}")
        for line in self._isotope.lines:
            cite(line.frequency_source, f"frequency of {line.name}")
            if line.g_source:
                cite(line.g_source, f"g-factors of {line.name}")
        if self._isotope.g_I_source:
            cite(self._isotope.g_I_source, f"g_I of {self.name}")
        for name, constants in self._isotope.hyperfine.items():
            cite(constants.source, f"hyperfine constants of {name}")
            if constants.g_J_source:
                cite(constants.g_J_source, f"g_J of {name}")
        for (lower, upper), static in self._element.static.items():
            cite(static.source, f"static polarizabilities of {lower} - {upper}")
        for name, moment in self._element.quadrupole_moments.items():
            cite(moment.source, f"quadrupole moment of {name}")
        for variant in self._element.variants.values():
            if variant.source:
                cite(variant.source, f"polarizability variant {variant.name!r}")
        for name, entry in self._element.completeness.items():
            for quantity, key in entry.sources.items():
                cite(key, f"{quantity.replace('_', ' ')} of the polarizability of {name}")
        return Sources({text: quantities for text, quantities in used.items() if quantities})

    def variant(self, name: str) -> loader.Variant:
        """A named way to add up a polarizability."""
        require(
            bool(self._element.variants),
            f"{self.name} has no line list for polarizabilities in its data file",
        )
        if name not in self._element.variants:
            raise unknown("polarizability variant", name, self._element.variants)
        return self._element.variants[name]

    def lines(self, level: Level, variant: loader.Variant) -> list[Transition]:
        """The lines from and to a level that a variant keeps; `InputError` if it does not say which."""
        if variant.exclude and level.full_name not in variant.exclude:
            known = ", ".join(self._element.levels[name].name for name in variant.exclude)
            raise InputError(
                f"variant {variant.name!r} names no lines for level {level.name!r}, only for {known}"
            )
        excluded = variant.exclude.get(level.full_name, ())
        lines = [
            line
            for line in self._element.transitions
            if level in (line.lower, line.upper) and line.multipole == "E1"
        ]
        return [_adjusted(line, variant) for line in lines if line.upper.full_name not in excluded]

    def oscillators(self, level: str, variant: str = "full") -> Oscillators:
        """The oscillators that make up a level's polarizability: lines, core and remainder.

        `InputError` for a level with J > 0 of an isotope with nuclear spin: its sublevels are those of F.
        """
        found = self.level(level)
        require(
            found.J == 0 or self.nuclear_spin == 0,
            f"the sublevels of {found.name!r} of {self.name} are split by the nuclear spin {self.nuclear_spin:g}, "
            "which is not modelled here: what is known of them is in `polarizability` and `scalar_polarizability`",
        )
        return self._of_fine_structure(level, variant)

    @lru_cache(maxsize=64)  # noqa: B019  (few species, each small)
    def _of_fine_structure(self, level: str, variant: str) -> Oscillators:
        """The same, whatever the nuclear spin: scalar, vector and tensor part of J."""
        completeness = self.completeness(level)
        found, chosen = self.level(level), self.variant(variant)
        total = oscillators_of_lines(found, self.lines(found, chosen))
        if chosen.core:
            total = with_scalar_oscillator(total, "core", completeness.core, completeness.core_frequency)
        if chosen.remainder:
            rest = completeness.total - float(total.parts(np.array(0.0))[0])
            total = with_scalar_oscillator(total, "remainder", rest, completeness.remainder_frequency)
        return total


def _adjusted(line: Transition, variant: loader.Variant) -> Transition:
    """The line with the matrix element that the variant gives it, if it does."""
    given = variant.dipoles.get(line.lower.full_name, {}).get(line.upper.full_name, line.dipole)
    return dataclasses.replace(line, dipole=given)
