"""The guided modes of a `Waveguide`: a coarse mesh to see how far the fields reach, then a fine one of that size."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import constants as const

from atomcavity.results import Record

from .cross_section import CrossSection, graded
from .guided import GuidedMode, integrals

if TYPE_CHECKING:
    from .waveguide import Waveguide

Array = NDArray[np.float64]

# Lengths in wavelengths; divided by the refinement.
_CORNER = 1 / 300  # elements at the edges of the guide
_CORE = 0.2  # largest elements inside the guide, times 2 over its index
_OUTSIDE = 0.3  # largest elements elsewhere

_COARSE = 0.6  # refinement of the first mesh
_REACH = 2.0  # wavelengths from the guide to the walls of the first mesh
_TAIL = 12.0  # decay lengths from the guide to the walls of the second mesh
_SHORTEST, _LONGEST = 0.5, 15.0  # limits of the same (wavelengths)
_SPARE = 4  # modes of one symmetry among which the fundamental one is looked for first


def find_modes(guide: Waveguide, wavelength: float, count: int, refinement: float) -> list[GuidedMode]:
    """See `Waveguide.modes`."""
    coarse = [
        mode
        for even in (True, False)
        for mode in _on_mesh(guide, wavelength, refinement * _COARSE, even, count, (_REACH,) * 3)
    ]
    ranked = _ranked(coarse)[:count]
    found = [
        mode
        for even in (True, False)
        for mode in _again(guide, wavelength, refinement, [m for m in ranked if bool(m.even) is even])
    ]
    return _ranked(found)


def find_fundamental(
    guide: Waveguide, wavelength: float, polarization: str, refinement: float
) -> GuidedMode | None:
    """The first TE-like mode with an even E_y, or the first TM-like one with an odd E_y (that is, an even E_z)."""
    even = polarization == "TE"
    count, coarse, place = _SPARE, [], None
    while place is None:
        coarse = _on_mesh(guide, wavelength, refinement * _COARSE, even, count, (_REACH,) * 3)
        place = next((k for k, mode in enumerate(coarse) if mode.polarization == polarization), None)
        if place is None and len(coarse) < count:
            return None
        count *= 4
    found = _again(guide, wavelength, refinement, coarse[: place + 1])
    return next((mode for mode in found if mode.polarization == polarization), None)


def parameters(guide: Waveguide, wavelength: float, refinement: float) -> dict[str, Any]:
    """What a mode depends on besides its number."""
    return {"guide": guide.to_dict(), "wavelength": wavelength, "refinement": refinement}


def _ranked(modes: list[GuidedMode]) -> list[GuidedMode]:
    return sorted(modes, key=lambda mode: -mode.effective_index)


def _again(
    guide: Waveguide, wavelength: float, refinement: float, coarse: list[GuidedMode]
) -> list[GuidedMode]:
    """The same modes, of one symmetry, on the final mesh."""
    if not coarse:
        return []
    indices, weakest = guide.indices(wavelength), coarse[-1].effective_index
    beside = _index_beside(guide, wavelength, coarse[0].z)
    reach = tuple(
        min(max(_TAIL / (math.tau * math.sqrt(weakest**2 - outside**2)), _SHORTEST), _LONGEST)
        for outside in (indices[0], indices[-1], beside)
    )
    fine = _on_mesh(guide, wavelength, refinement, bool(coarse[0].even), len(coarse), reach)
    return [
        dataclasses.replace(mode, index_error=mode.effective_index - first.effective_index)
        for mode, first in zip(fine, coarse, strict=False)
    ]


def _on_mesh(
    guide: Waveguide, wavelength: float, refinement: float, even: bool, count: int, reach: tuple[float, ...]
) -> list[GuidedMode]:
    """Up to `count` guided modes of one symmetry; reach: from the guide to the walls above, below and beside (wavelengths)."""
    k = math.tau / wavelength
    section = _section(guide, wavelength, refinement, even, reach)
    indices = guide.indices(wavelength)
    eps = indices[guide.region(*(section.centres / k))] ** 2
    lowest = _index_beside(guide, wavelength, section.z / k)
    found, unknowns, residuals = section.modes(eps, count, lowest)
    return [
        _made(guide, wavelength, refinement, section, float(found[i]), unknowns[:, i], residuals[i])
        for i in range(len(found))
    ]


def _index_beside(guide: Waveguide, wavelength: float, z: Array) -> float:
    """The largest index at which light runs away sideways: of the cladding, the substrate, or a TE wave in the films.

    u'' + eps u = n^2 u (lengths in units of 1/k_0) by quadratic elements on the lines z (m) of the mesh.
    """
    from scipy.linalg import eigh
    from skfem import Basis, BilinearForm, ElementLineP2, MeshLine

    indices = guide.indices(wavelength)
    bulk = float(max(indices[0], indices[-1]))
    if not guide.layers or indices[2:-1].max() <= bulk:
        return bulk
    eps = indices[guide.region(np.full(len(z) - 1, np.inf), (z[1:] + z[:-1]) / 2)] ** 2
    basis = Basis(MeshLine(z * (math.tau / wavelength)), ElementLineP2(), intorder=4)
    spread = np.broadcast_to(eps[:, None], basis.dx.shape)
    wave = BilinearForm(lambda u, v, w: w.eps * u * v - u.grad[0] * v.grad[0]).assemble(basis, eps=spread)
    mass = BilinearForm(lambda u, v, _: u * v).assemble(basis)
    last = basis.N - 1
    square = eigh(wave.toarray(), mass.toarray(), eigvals_only=True, subset_by_index=[last, last])[0]
    return max(bulk, math.sqrt(square))


def _section(
    guide: Waveguide, wavelength: float, refinement: float, even: bool, reach: tuple[float, ...]
) -> CrossSection:
    smallest, outside = (wavelength * size / refinement for size in (_CORNER, _OUTSIDE))
    far = [wavelength * max(_OUTSIDE, 0.7 * each / _TAIL) / refinement for each in reach]
    inside = 2 * wavelength * _CORE / refinement / float(guide.indices(wavelength)[1])
    above, below, beside = (wavelength * each for each in reach)
    half = guide.width / 2
    y = [
        graded(0.0, half, (False, True), smallest, inside),
        graded(half, half + beside, (True, False), smallest, far[2]),
    ]
    floors = -guide.height - np.cumsum([0.0, *(thickness for _, thickness in guide.layers)])
    z = [graded(floors[-1] - below, floors[-1], (False, len(floors) == 1), smallest, far[1])]
    for upper, lower in zip(floors[-2::-1], floors[:0:-1], strict=True):
        z.append(graded(lower, upper, (False, upper == floors[0]), smallest, outside))
    z.append(graded(-guide.height, 0.0, (True, True), smallest, inside))
    z.append(graded(0.0, above, (True, False), smallest, far[0]))
    k = math.tau / wavelength
    return CrossSection(_joined(y) * k, _joined(z) * k, even)


def _joined(parts: list[Array]) -> Array:
    return np.concatenate([parts[0], *(part[1:] for part in parts[1:])])


def _made(
    guide: Waveguide,
    wavelength: float,
    refinement: float,
    section: CrossSection,
    index: float,
    unknowns: Array,
    residual: float,
) -> GuidedMode:
    """The mode at 1 W, its largest part positive."""
    power, _, (group, across, up) = integrals(section, unknowns, index, guide, wavelength)
    transverse, *_, weights = section.at_quadrature(unknowns)
    largest = transverse[0 if across > up else 1]
    sign = math.copysign(1.0, float(np.sum(weights * largest * np.abs(largest))))
    record = Record(
        "finite elements",
        f"{len(unknowns)} unknowns on half of the cross-section",
        residual=float(residual),
        parameters=parameters(guide, wavelength, refinement),
    )
    k = math.tau / wavelength
    return GuidedMode(
        record=record,
        wavelength=wavelength,
        effective_index=index,
        group_index=0.5 * const.c * const.epsilon_0 * float(group) / power,
        index_error=math.nan,
        te_fraction=float(across / (across + up)),
        even=int(section.even),
        y=section.y / k,
        z=section.z / k,
        unknowns=unknowns * (sign / math.sqrt(power)),
    )
