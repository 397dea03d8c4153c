"""Levels and lines of an atom: the facts of a data file in SI units."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from fractions import Fraction

from scipy import constants as const

from atomcavity.errors import require

ATOMIC_DIPOLE = const.e * const.value("Bohr radius")
"""Atomic unit of the electric dipole moment, e a0 (C m)."""

ATOMIC_POLARIZABILITY = ATOMIC_DIPOLE**2 / const.value("Hartree energy")
"""Atomic unit of the polarizability, (e a0)^2 / E_h (C^2 m^2 / J)."""

ATOMIC_QUADRUPOLE = ATOMIC_DIPOLE * const.value("Bohr radius")
"""Atomic unit of the electric quadrupole moment, e a0^2 (C m^2)."""

_ORBITAL = "SPDFGHIK"


@dataclass(frozen=True)
class Level:
    """A fine-structure level.

    `name` is the bare term ("3P1") for the lowest level of that term and "configuration term"
    ("5s6p 3P1") for the others; a term is LS or "(j1,j2)J", which has no S and L; `energy` (J) is counted from the ground state; `uncertainty` (J) is
    NaN where the source gives none.
    """

    name: str
    configuration: str
    term: str
    energy: float
    uncertainty: float
    source: str

    @property
    def full_name(self) -> str:
        """Configuration and term, the name in the data file."""
        return f"{self.configuration} {self.term}"

    @property
    def S(self) -> float:
        """Spin of the term."""
        return parse_term(self.term)[0]

    @property
    def L(self) -> int:
        """Orbital angular momentum of the term."""
        return parse_term(self.term)[1]

    @property
    def J(self) -> float:
        """Total electronic angular momentum."""
        _, _, pair = self.term.rpartition(")")
        return float(Fraction(pair)) if self.term.startswith("(") else parse_term(self.term)[2]

    @property
    def g_factor(self) -> float:
        r"""Landé factor of the pure LS term, zero at J = 0.

        $g_J = g_L\frac{J(J+1)-S(S+1)+L(L+1)}{2J(J+1)} + g_S\frac{J(J+1)+S(S+1)-L(L+1)}{2J(J+1)}$ with
        $g_L = 1$ and the electron's $g_S$: configuration mixing and relativistic corrections
        (some 1e-4) are left out.
        """
        s, l, j = parse_term(self.term)
        if j == 0:
            return 0.0
        g_spin = abs(const.value("electron g factor"))
        jj, ss, ll = j * (j + 1), s * (s + 1), l * (l + 1)
        return ((jj - ss + ll) + g_spin * (jj + ss - ll)) / (2 * jj)


@dataclass(frozen=True)
class Transition:
    """An electric-dipole line between two levels.

    `dipole` is the modulus of the reduced matrix element <upper||d||lower> (C m) in the convention
    in which its square is symmetric and $A = \\omega^3 d^2/(3\\pi\\epsilon_0\\hbar c^3(2F_u+1))$ with the
    `momenta` (F_l, F_u), here the electronic J of the two levels;
    `relative_uncertainty` is that of `dipole` (NaN where the source gives none).  `nuclear_spin` is the
    isotope's I; the hyperfine structure of levels with J > 0 is not in the frequency.
    """

    lower: Level
    upper: Level
    dipole: float
    relative_uncertainty: float
    source: str
    nuclear_spin: float = 0.0

    @property
    def multipole(self) -> str:
        """The field that drives the line: "E1" (electric dipole) or "E2" (electric quadrupole)."""
        return "E1"

    @property
    def momenta(self) -> tuple[float, float]:
        """Angular momenta (lower, upper) whose projections number the sublevels: J of the levels."""
        return self.lower.J, self.upper.J

    @property
    def g_factors(self) -> tuple[float, float]:
        r"""g (lower, upper) with the linear Zeeman shift $g\mu_Bm B/\hbar$ of a sublevel."""
        return self.lower.g_factor, self.upper.g_factor

    @property
    def name(self) -> str:
        """Lower and upper level, as in "1S0 - 3P1"."""
        return f"{self.lower.name} - {self.upper.name}"

    @property
    def frequency(self) -> float:
        """Angular frequency (rad/s)."""
        return (self.upper.energy - self.lower.energy) / const.hbar

    @property
    def wavelength(self) -> float:
        """Vacuum wavelength (m)."""
        return 2 * math.pi * const.c / self.frequency

    @property
    def gamma(self) -> float:
        """Einstein coefficient A of this line (rad/s): the upper level's population decay through it."""
        cube = self.frequency**3 / (3 * math.pi * const.epsilon_0 * const.hbar * const.c**3)
        return cube * self.dipole**2 / (2 * self.momenta[1] + 1)

    def with_gamma(self, rate: float) -> Transition:
        """The same line with another Einstein coefficient (rad/s), for example a paper's rounded one."""
        dipole = dipole_from_rate(rate, self.frequency, self.momenta[1])
        return dataclasses.replace(self, dipole=dipole, relative_uncertainty=math.nan, source="given")


@dataclass(frozen=True, kw_only=True)
class HyperfineInducedLine(Transition):
    r"""The line between two J = 0 levels that the nuclear spin opens: the clock line of a fermion.

    The hyperfine interaction mixes a little of the J = 1 levels into the upper one, so that
    $|F=I,m\rangle$ and $|F=I,m'\rangle$ are joined by an electric dipole with Clebsch-Gordan weights.
    `dipole` is the reduced matrix element <F||d||F> (C m), with
    $\gamma=\omega^3 d^2/(3\pi\epsilon_0\hbar c^3(2F+1))$ as for every line, and the projections that number
    the sublevels are those of F = I.  (The same mixing gives the upper level small vector and tensor
    polarizabilities, which are not modelled.)

    `measured_frequency` (rad/s, with its `frequency_uncertainty`) is that of this isotope's line without
    fields; the levels' energies are only as good as their tables.  `lower_g` and `upper_g` are the
    g-factors of the two levels in Bohr magnetons (shift $g\mu_BmB$; NaN where the data file has none).
    """

    measured_frequency: float
    frequency_uncertainty: float
    frequency_source: str
    lower_g: float = math.nan
    upper_g: float = math.nan
    g_source: str = ""

    @property
    def momenta(self) -> tuple[float, float]:
        """(F, F) with F = I."""
        return self.nuclear_spin, self.nuclear_spin

    @property
    def g_factors(self) -> tuple[float, float]:
        """(lower_g, upper_g)."""
        return self.lower_g, self.upper_g

    @property
    def frequency(self) -> float:
        """Angular frequency (rad/s)."""
        return self.measured_frequency


@dataclass(frozen=True, kw_only=True)
class QuadrupoleLine(Transition):
    r"""An electric-quadrupole line between two levels; its electric-dipole matrix element `dipole` is 0.

    `quadrupole` is the modulus of the reduced matrix element <upper||Q||lower> (C m^2) of
    $Q_{2q}=q_e\sum r^2C^{(2)}_q$, so that $Q_{20}=q_e(3z^2-r^2)/2=Q_{zz}/2$ with the traceless Cartesian
    $Q_{zz}=q_e(3z^2-r^2)$; its square is symmetric, and
    $A=\frac{\omega^5|\langle u||Q||l\rangle|^2}{15\cdot4\pi\epsilon_0\hbar c^5(2J_u+1)}$.  `relative_uncertainty`
    is that of `quadrupole`.
    """

    quadrupole: float

    @property
    def multipole(self) -> str:
        """ "E2"."""
        return "E2"

    @property
    def gamma(self) -> float:
        """Einstein coefficient A of this line (rad/s): the upper level's population decay through it."""
        return (self.quadrupole / quadrupole_from_rate(1.0, self.frequency, self.momenta[1])) ** 2

    def with_gamma(self, rate: float) -> QuadrupoleLine:
        """The same line with another Einstein coefficient (rad/s), for example a paper's rounded one."""
        quadrupole = quadrupole_from_rate(rate, self.frequency, self.momenta[1])
        return dataclasses.replace(self, quadrupole=quadrupole, relative_uncertainty=math.nan, source="given")


def dipole_from_rate(rate: float, frequency: float, upper_F: float) -> float:
    r"""Reduced matrix element (C m) from an Einstein coefficient A (1/s); inverse of `Transition.gamma`."""
    cube = 3 * math.pi * const.epsilon_0 * const.hbar * const.c**3 / frequency**3
    return math.sqrt(cube * rate * (2 * upper_F + 1))


def quadrupole_from_rate(rate: float, frequency: float, upper_J: float) -> float:
    r"""Reduced matrix element (C m^2) from an Einstein coefficient A (1/s), see `QuadrupoleLine`."""
    factor = 60 * math.pi * const.epsilon_0 * const.hbar * (const.c / frequency) ** 5
    return math.sqrt(factor * rate * (2 * upper_J + 1))


def parse_term(term: str) -> tuple[float, int, float]:
    """(S, L, J) of an LS term symbol.

    >>> parse_term("3P1"), parse_term("2D5/2")
    ((1.0, 1, 1.0), (0.5, 2, 2.5))
    """
    problem = f"term symbol {term!r} is not of the form 2S+1, letter, J (as in 3P1 or 2D5/2)"
    require(len(term) >= 3 and term[0].isdigit() and term[1] in _ORBITAL, problem)
    try:
        j = float(Fraction(term[2:]))
    except ValueError:
        j = -1.0
    spin, orbital = (int(term[0]) - 1) / 2, _ORBITAL.index(term[1])
    require(abs(orbital - spin) <= j <= orbital + spin and (2 * (j - spin)) % 2 == 0, problem)
    return spin, orbital, j
