"""`Microsphere`: a homogeneous dielectric sphere in vacuum and its whispering-gallery modes."""

from __future__ import annotations

import math
from dataclasses import dataclass

from atomcavity.errors import require

from .mode import OpticalMode
from .search import ConstantIndex, Medium, as_medium, find


@dataclass(frozen=True)
class Microsphere:
    """A sphere of `radius` (m) of a material (`Material`), or of a constant index (a float), in vacuum.

    >>> sphere = Microsphere(5.03e-6, 1.4555)
    >>> mode = sphere.mode("TE", n=1, l=60)
    >>> round(mode.wavelength * 1e9, 2)
    691.19
    """

    radius: float
    material: Medium | float

    def __post_init__(self) -> None:
        require(
            math.isfinite(self.radius) and self.radius > 0,
            f"radius {self.radius!r} m given; a sphere has a positive, finite radius",
        )
        as_medium(self.material)

    @property
    def medium(self) -> Medium:
        """The material, or the constant index as a medium."""
        return as_medium(self.material)

    def mode(
        self,
        polarization: str,
        *,
        n: int,
        l: int,  # noqa: E741
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

    def is_dispersive(self) -> bool:
        """Whether the index depends on the wavelength."""
        return not isinstance(self.medium, ConstantIndex)
