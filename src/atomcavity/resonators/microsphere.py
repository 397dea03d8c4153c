"""`Microsphere`: a homogeneous dielectric sphere in vacuum and its whispering-gallery modes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from atomcavity.errors import number, require, unknown

from .mode import OpticalMode
from .search import Medium, as_medium
from .window import window


@dataclass(frozen=True)
class Microsphere:
    """A sphere of `radius` (m) of a material (`Material`), or of a constant index (a float), in vacuum.

    >>> sphere = Microsphere(5.03e-6, 1.4555)
    >>> mode = sphere.mode("TE", n=1, l=60)
    >>> round(mode.wavelength * 1e9, 2)
    691.14
    """

    radius: float
    material: Medium | float

    def __post_init__(self) -> None:
        object.__setattr__(self, "radius", number(self.radius, "radius"))
        require(self.radius > 0, f"radius {self.radius!r} m given; a sphere has a positive, finite radius")
        as_medium(self.material)

    @property
    def medium(self) -> Medium:
        """The material, or the constant index as a medium."""
        return as_medium(self.material)

    def to_dict(self) -> dict[str, Any]:
        """Plain data: radius (m) and the material's name or index."""
        material = self.material
        return {"radius": self.radius, "material": getattr(material, "name", material)}

    def mode(
        self,
        polarization: str,
        *,
        n: int,
        l: int,
        m: int | None = None,
        method: str = "exact",
        angular: str = "exact",
    ) -> OpticalMode:
        """The mode with radial number n, polar l and azimuthal m (default m = l).

        polarization is "TE" or "TM"; n is defined in `characteristic`.  method "exact" solves the
        characteristic equation, "asymptotic" takes the wavelength from the series of Lam, Leung and
        Young (1992) (see `asymptotic`).  `InputError` for an impossible label or a wavelength outside
        the material's range.
        """
        from .asymptotic import by_method

        resonance = by_method(method, self.radius, self.medium, polarization, n, l)
        return OpticalMode(self, polarization, n, l, l if m is None else m, resonance, angular)

    def modes(
        self,
        *,
        between: tuple[float, float],
        polarization: str | None = None,
        n_max: int | None = None,
        minimum_quality: float = 1e4,
    ) -> list[OpticalMode]:
        """All modes with a vacuum wavelength in `between` (m), none twice, by falling wavelength.

        One mode for each (polarization, n, l), with m = l (all m are degenerate).  polarization: "TE",
        "TM" or None for both; n_max: largest radial number (None: no limit); minimum_quality: smallest
        radiative quality factor.

        >>> [str(mode) for mode in Microsphere(5e-6, 1.45).modes(between=(690e-9, 692e-9))]
        ['TE n=2 l=54 m=54 at 690.156 nm']
        """
        if polarization not in ("TE", "TM", None):
            raise unknown("polarization", polarization, ("TE", "TM"))
        require(n_max is None or n_max >= 1, f"n_max = {n_max!r} given; the radial number starts at 1")
        modes = [
            OpticalMode(self, kind, n, l, l, resonance)
            for kind in ((polarization,) if polarization else ("TE", "TM"))
            for n, l, resonance in window(self.radius, self.medium, kind, between, n_max, minimum_quality)
        ]
        return sorted(modes, key=lambda mode: -mode.wavelength)
