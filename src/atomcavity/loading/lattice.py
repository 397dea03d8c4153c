"""The sites of a resting belt of two Gaussian beams above a chip: heights, bottoms, passes between them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import InputError, require
from atomcavity.traps.belt import ConveyorBelt, GaussianBeam
from atomcavity.traps.time_law import TimeLaw

Array = NDArray[np.float64]

_STEPS = 8  # of the axis, in one site
_RADII = 60


@dataclass(frozen=True, eq=False)
class Lattice:
    """Sites on the axis, ascending: height (m), potential at the bottom and at the lowest pass to the next site (J).

    `turns` is the phase between the beams over 2 pi at the heights `axis`: a whole number at each site.
    """

    height: Array
    bottom: Array
    rim: Array
    axis: Array
    turns: Array

    @property
    def depth(self) -> Array:
        """From the bottom to the pass (J)."""
        return self.rim - self.bottom

    def site_of(self, height: Array) -> NDArray[np.int64]:
        """Which site heights (m) belong to: 0 the lowest above z = 0; -1 for none of those known."""
        turns = np.interp(height, self.axis, self.turns, left=np.nan, right=np.nan)
        first = np.ceil(self.turns[0])
        site = np.where(np.isnan(turns), -1, np.round(np.nan_to_num(turns) - first))
        return np.where(site < len(self.height), np.maximum(site, -1), -1).astype(np.int64)

    @classmethod
    def above_chip(cls, belt: ConveyorBelt, sites: int) -> Lattice:
        """The `sites` lowest sites above z = 0 of a belt as it is at t = 0.  `InputError` if its beams are not Gaussian and on one axis."""
        top, bottom = belt.top, belt.bottom
        if not (isinstance(top, GaussianBeam) and isinstance(bottom, GaussianBeam)):
            raise InputError("the sites above a chip are those of two GaussianBeams, not of field maps")
        on_axis = all(beam.focus[:2] == (0.0, 0.0) for beam in (top, bottom))
        require(on_axis, "the foci of both beams must lie on the axis x = y = 0")
        require(sites >= 1, f"sites = {sites!r} must be at least 1")
        axis = np.arange((sites + 3) * _STEPS) / _STEPS * belt.spacing
        _, cross = _light(belt, top, bottom, np.zeros_like(axis), axis)
        turns = np.unwrap(np.angle(cross)) / (2 * np.pi)
        turns = turns if turns[-1] > turns[0] else -turns
        height = np.interp(np.ceil(turns[0]) + np.arange(sites), turns, axis)
        widest = max((waist for waist in (top.waist, bottom.waist) if np.isfinite(waist)), default=0.0)
        radius = np.linspace(0, 2 * widest, _RADII)
        total, cross = _light(belt, top, bottom, radius[:, None], height)
        scale = belt.polarizability / 4
        passes = -scale * (total - 2 * np.abs(cross))
        return cls(height, -scale * (total[0] + 2 * np.abs(cross[0])), passes.min(axis=0), axis, turns)


def _light(
    belt: ConveyorBelt, top: GaussianBeam, bottom: GaussianBeam, radius: Array, height: Array
) -> tuple[Array, NDArray[np.complex128]]:
    """|E_t|^2 + |E_b|^2 and E_t* . E_b exp(i phi) at distances (m) from the axis and heights (m), as they broadcast."""
    x, z = np.broadcast_arrays(radius, height)
    places = np.stack([x, np.zeros_like(x), z], axis=-1)
    power, bottom_power, phase = (
        float(TimeLaw.of(law)(0.0)) for law in (belt.power, belt.bottom_power, belt.phase)
    )
    upper, lower = np.sqrt(power) * top.field(places), np.sqrt(bottom_power) * bottom.field(places)
    total = np.sum(np.abs(upper) ** 2 + np.abs(lower) ** 2, axis=-1)
    return total, np.sum(upper.conj() * lower, axis=-1) * np.exp(1j * phase)
