"""The field of a `SheetBeam` on plane `Layers`, exact: the background of the scattering solve."""

from __future__ import annotations

import itertools
import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from atomcavity.errors import require

from .layers import _SMALLEST, Layers, SheetBeam, transfer

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_CHUNK = 4_000_000  # numbers held at once when single points are summed
_GRAZING = 1e-4  # rad: nearer to the layers than that no wave is taken


@dataclass(frozen=True)
class Background:
    """A beam on layers, with lengths in units of 1/k0; `reach` (m): largest distance from the focus asked for.

    The beam is a sum over some tens to hundreds of plane waves (Gauss-Legendre in the angle, split at the critical
    angles), each of which solves Maxwell's equations with the layers; on a y-z grid the sum is a matrix product.
    """

    layers: Layers
    beam: SheetBeam
    reach: float

    @cached_property
    def k0(self) -> float:
        """2 pi/wavelength (1/m)."""
        return math.tau / self.beam.wavelength

    @cached_property
    def permittivity(self) -> Complex:
        """Permittivities from above to below."""
        return self.layers.permittivities(self.beam.wavelength)

    @cached_property
    def interfaces(self) -> Array:
        """Interfaces from the top down, in 1/k0."""
        return self.k0 * self.layers.interfaces

    @cached_property
    def index(self) -> float:
        """Index of the medium that the beam comes from."""
        value = self.permittivity[0 if self.beam.side == "above" else -1]
        require(
            abs(value.imag) < 1e-12 * abs(value) and value.real > 0,
            "the medium that the beam comes from absorbs: its amplitude in the focus has no meaning there",
        )
        return math.sqrt(value.real)

    @cached_property
    def spectrum(self) -> tuple[Array, Complex]:
        """kappa and amplitude of u of the plane waves, phase zero in the focus."""
        beam = self.beam
        if math.isinf(beam.waist):
            direction, weight = np.array([beam.angle]), np.array([1.0])
        else:
            direction, weight = self._directions()
        across = np.cos(direction - beam.angle)
        peak = weight.sum() if beam.polarization == "s" else (weight * across).sum() / self.index
        sign = -1.0 if beam.polarization == "p" and beam.side == "below" else 1.0
        return self.index * np.sin(direction), sign * weight / peak + 0j

    def _directions(self) -> tuple[Array, Array]:
        """Angles to the normal and weights of a Gaussian beam's plane waves."""
        beam, k = self.beam, self.k0 * self.index
        width = k * beam.waist / 2
        half = math.asin(min(1.0, math.sqrt(_SMALLEST) / width))
        low = max(beam.angle - half, _GRAZING - math.pi / 2)
        high = min(beam.angle + half, math.pi / 2 - _GRAZING)
        ratios = np.sqrt(self.permittivity.real.clip(0)) / self.index
        critical = np.arcsin(ratios[ratios < 1])
        cuts = np.unique([low, high, *[c for s in (-1, 1) for c in s * critical if low < c < high]])
        waves = 40 + 1.2 * k * self.reach * math.sin(half) * (1 + math.sin(half))
        pieces = []
        for a, b in itertools.pairwise(cuts):
            t, w = _composite(waves * (b - a) / (high - low))
            theta = a + (b - a) * np.sin(np.pi * t / 2) ** 2  # makes square roots at both ends smooth
            pieces.append((theta, w * (b - a) * np.pi / 2 * np.sin(np.pi * t)))
        theta, weight = np.concatenate([p[0] for p in pieces]), np.concatenate([p[1] for p in pieces])
        tilt = theta - beam.angle
        return theta, weight * np.cos(tilt) * np.exp(-((width * np.sin(tilt)) ** 2))

    @cached_property
    def waves(self) -> tuple[Complex, Complex, Complex]:
        """Downward and upward amplitude and q of every plane wave in every medium."""
        kappa, amplitude = self.spectrum
        y, z = self.k0 * np.array(self.beam.focus)
        q = np.sqrt(self.index**2 - kappa**2 + 0j)
        first = self.interfaces[0] - z if self.beam.side == "above" else z - self.interfaces[-1]
        incident = amplitude * np.exp(-1j * kappa * y - 1j * q * first)
        return transfer(
            self.permittivity, self.interfaces, kappa, incident, self.beam.polarization, self.beam.side
        )

    def medium(self, z: ArrayLike) -> NDArray[np.intp]:
        """Number of the medium at z (1/k0); on an interface the upper one."""
        return np.searchsorted(-self.interfaces, -np.asarray(z) - 1e-9, side="left").astype(np.intp)

    def _profile(self, z: Array) -> tuple[Complex, Complex]:
        """u e^{-i kappa y} and its z derivative of every plane wave, (z, wave)."""
        down, up, q = self.waves
        m = self.medium(z)
        top = self.interfaces[np.maximum(m - 1, 0)]
        bottom = self.interfaces[np.minimum(m, len(self.interfaces) - 1)]
        falling = down[m] * np.exp(-1j * q[m] * (z - top)[:, None])
        rising = up[m] * np.exp(1j * q[m] * (z - bottom)[:, None])
        return falling + rising, 1j * q[m] * (rising - falling)

    def on_grid(self, y: Array, z: Array) -> tuple[Complex, Complex, Complex]:
        """u, du/dy, du/dz, each (y, z), on a grid (1/k0)."""
        kappa = self.spectrum[0]
        value, slope = self._profile(z)
        phase = np.exp(1j * np.outer(y, kappa))
        return phase @ value.T, (phase * (1j * kappa)) @ value.T, phase @ slope.T

    def at(self, y: Array, z: Array) -> tuple[Complex, Complex, Complex]:
        """u, du/dy, du/dz at single points (1/k0), (point,)."""
        kappa = self.spectrum[0]
        out = np.empty((3, y.size), dtype=complex)
        step = max(1, _CHUNK // kappa.size)
        for start in range(0, y.size, step):
            part = slice(start, start + step)
            value, slope = self._profile(z[part])
            phase = np.exp(1j * np.outer(y[part], kappa))
            value *= phase
            out[0, part] = value.sum(axis=1)
            out[1, part] = value @ (1j * kappa)
            out[2, part] = (phase * slope).sum(axis=1)
        return out[0], out[1], out[2]


def _composite(points: float) -> tuple[Array, Array]:
    """Nodes and weights on [0, 1]: at least 16 + `points`, Gauss-Legendre on panels of up to some 50."""
    panels = math.ceil((16 + points) / 50)
    x, w = np.polynomial.legendre.leggauss(math.ceil((16 + points) / panels))
    starts = np.arange(panels)[:, None]
    return ((starts + (x + 1) / 2) / panels).ravel(), np.tile(w / (2 * panels), panels)


def electric(
    polarization: str, u: Complex, u_y: Complex, u_z: Complex, permittivity: Complex | complex
) -> Complex:
    """E (component, ...) from u and its derivatives by y and z in units of k0."""
    zero = np.zeros_like(u)
    if polarization == "s":
        return np.stack([u, zero, zero])
    return np.stack([zero, 1j * u_z / permittivity, -1j * u_y / permittivity])
