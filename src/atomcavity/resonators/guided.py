r"""`GuidedMode`: one mode of a waveguide, its field per watt and per photon, and the evanescent tail as a fitted formula."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as const

from atomcavity.errors import require
from atomcavity.results import Result, axes_or_new, quantity

if TYPE_CHECKING:
    from .cross_section import CrossSection
    from .half_space import HalfSpace
    from .patches import Patches
    from .waveguide import Waveguide

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_VACUUM_IMPEDANCE = const.mu_0 * const.c
_FINEST = 150.0  # waves a wavelength in the half-spaces


class EvanescentFit(NamedTuple):
    r"""$g_0e^{-z/\lambda_z}\cos(y/l_y)e^{-y^2/L_y^2}$ fitted to something above a waveguide; lengths in m.

    The cosine and the Gaussian are alike near the middle: l_y and L_y are strongly correlated, and one of them may come out
    very long.  residual: root mean square deviation over the root mean square value.
    """

    g0: float
    decay: float
    cosine: float
    envelope: float
    residual: float

    def __str__(self) -> str:
        lengths = [
            f"{name} {length * 1e9:.4g} nm"
            for name, length in zip(("λ_z", "l_y", "L_y"), self[1:4], strict=True)
        ]
        return f"fit: g0 {self.g0:.4g}, {', '.join(lengths)}, residual {self.residual:.1e}"

    def __call__(self, y: ArrayLike, z: ArrayLike) -> Array:
        """The formula at y and z (m)."""
        across = np.asarray(y, dtype=float)
        shape = np.cos(across / self.cosine) * np.exp(-((across / self.envelope) ** 2))
        return np.asarray(self.g0 * np.exp(-np.asarray(z, dtype=float) / self.decay) * shape)


@dataclass(frozen=True, eq=False)
class GuidedMode(Result):
    r"""A mode of a `Waveguide`; made by `Waveguide.mode`.

    The field runs along x as $e^{i(\beta x-\omega t)}$; z = 0 is the guide's upper face and y = 0 its middle.  The transverse field
    is real and its largest part positive, the longitudinal one a quarter of a period ahead or behind (imaginary).  Above z = 0
    and in the substrate the field is a sum of evanescent waves, smooth and with analytic derivatives; between, it is that of the
    finite elements, whose derivatives are one order less exact.  For the chip-loading paper's guide, in parts of the largest
    field at that height, the field is good to 1e-3 just above the face, 2e-4 at 50 nm and 1e-5 at 300 nm (finer meshes), and to
    some 3e-3 inside the guide.  Edges are sharp: the field diverges weakly at them, and within some 5 nm of an edge values
    depend on the mesh.  Beyond the mesh's side walls, where it is below 1e-5, it is zero.

    The energy is that of a dispersive medium, $\frac14\int\epsilon_0\frac{d(\omega\epsilon)}{d\omega}|E|^2+\mu_0|H|^2$ =
    $\frac12\epsilon_0\int n\,n_g|E|^2$ (the two parts of a mode without dispersion are equal), so that energy times group
    velocity is the power, exactly.
    """

    wavelength: float = quantity(unit="m", label="vacuum wavelength")
    effective_index: float = quantity(label="effective index")
    group_index: float = quantity(label="group index")
    index_error: float = quantity(label="change of the effective index from a coarser mesh")
    te_fraction: float = quantity(label="share of |E_y|^2 in the transverse electric energy")
    even: int = quantity(label="E_y even in y")
    y: Array = quantity("y", unit="m", label="lines of the mesh", coordinate=True)
    z: Array = quantity("z", unit="m", label="lines of the mesh", coordinate=True)
    unknowns: Array = quantity("unknown", unit="V/m", label="finite-element amplitudes at 1 W")

    @cached_property
    def waveguide(self) -> Waveguide:
        """The guide."""
        from .waveguide import Waveguide

        return Waveguide.from_dict(self.record.parameters["guide"])

    @property
    def polarization(self) -> str:
        """ "TE" (E mainly along y, in the chip's plane) or "TM" (E mainly along z)."""
        return "TE" if self.te_fraction >= 0.5 else "TM"

    @property
    def frequency(self) -> float:
        """Angular frequency (rad/s)."""
        return math.tau * const.c / self.wavelength

    @property
    def wave_number(self) -> float:
        """Propagation constant beta = 2 pi n_eff/lambda (1/m)."""
        return math.tau * self.effective_index / self.wavelength

    @property
    def group_velocity(self) -> float:
        """c/n_g (m/s)."""
        return const.c / self.group_index

    @property
    def decay_length(self) -> float:
        """Distance over which the field of a wide guide falls to 1/e above it, 1/sqrt(beta^2 - k^2 n^2) (m)."""
        outside = float(self.waveguide.indices(self.wavelength)[0])
        return self.wavelength / math.tau / math.sqrt(self.effective_index**2 - outside**2)

    def field(self, r: ArrayLike) -> Complex:
        """Complex peak amplitude E (..., 3) in V/m of the wave that carries 1 W, Re(E e^{-i omega t}), at r (..., 3) in m."""
        return self._at(r)[0]

    def field_at_power(self, r: ArrayLike, power: float) -> Complex:
        """Complex peak amplitude E (..., 3) in V/m of the wave that carries `power` (W)."""
        require(power >= 0, f"power {power!r} W given; it cannot be negative")
        return math.sqrt(power) * self.field(r)

    def gradient(self, r: ArrayLike) -> Complex:
        """dE_i/dx_j of `field` (..., 3, 3) in V/m^2."""
        return self._at(r)[1]

    def magnetic_field(self, r: ArrayLike) -> Complex:
        """Complex peak amplitude H = curl E/(i omega mu_0) (..., 3) in A/m of the wave that carries 1 W."""
        slope = self._at(r)[1]
        curl = np.stack(
            [slope[..., (i + 2) % 3, (i + 1) % 3] - slope[..., (i + 1) % 3, (i + 2) % 3] for i in range(3)],
            -1,
        )
        return np.asarray(curl / (1j * self.frequency * const.mu_0))

    def photon_amplitude(self, length: float, *, dispersion: bool = True) -> float:
        r"""Factor from `field` to the field of one photon in a ring of the given length (m).

        E = F a e^{-i omega t} + h.c. with $\int\epsilon_0n\,n_g|F|^2dV=\hbar\omega/2$: a photon carries the power
        $\hbar\omega c/(n_gL)$.  dispersion=False leaves the material's out, $\int\epsilon_0\epsilon|F|^2dV=\hbar\omega/2$, as
        the modes of a sphere do; F is then larger, by half of the relative difference of n_g and n in the core.
        """
        require(0 < length < math.inf, f"length = {length!r} of the ring must be positive (m)")
        if dispersion:
            return 0.5 * math.sqrt(const.hbar * self.frequency * self.group_velocity / length)
        return math.sqrt(const.hbar * self.frequency / (2 * const.epsilon_0 * length * self._integrals[1]))

    def photon_field(self, r: ArrayLike, length: float, *, dispersion: bool = True) -> Complex:
        """Complex E (..., 3) in V/m for one photon in a ring of the given length (m); see `photon_amplitude`."""
        return self.photon_amplitude(length, dispersion=dispersion) * self.field(r)

    def power(self) -> float:
        """The power (W) of `field`, half of the integral of Re(E x H*) over the finite elements: 1."""
        return self._integrals[0]

    def summary(
        self,
        strength: Callable[[Array], ArrayLike] | None = None,
        *,
        lowest: float = 50e-9,
        highest: float = 400e-9,
    ) -> EvanescentFit:
        """The `EvanescentFit` of |strength(r)| above the guide, |y| <= width/2 and lowest <= z <= highest (m).

        strength: a function of positions (k, 3) in m, for example a coupling in rad/s; without it the field's modulus at
        1 W.  Plain least squares on a grid of 41 by 36 points, so that the strong field near the guide counts most.
        """
        require(
            0 < lowest < highest,
            f"heights from {lowest!r} to {highest!r} m: they must be positive and rising",
        )
        y = np.linspace(-self.waveguide.width / 2, self.waveguide.width / 2, 41)
        places = np.stack(np.meshgrid(0.0, y, np.linspace(lowest, highest, 36), indexing="ij"), -1).reshape(
            -1, 3
        )
        values = np.abs(strength(places)) if strength else np.linalg.norm(self.field(places), axis=-1)
        return fit_evanescent(places[:, 1], places[:, 2], np.asarray(values), self.decay_length)

    def plot(self, ax: Any = None) -> Any:
        """|E| at 1 W over the y-z plane with the guide's outline; returns the axes."""
        axes = axes_or_new(ax)
        guide = self.waveguide
        reach = 4 * max(self.decay_length, 0.1 * self.wavelength)
        y = np.linspace(-guide.width / 2 - reach, guide.width / 2 + reach, 161)
        z = np.linspace(-guide.height - reach, reach, 121)
        places = np.stack(np.meshgrid(0.0, y, z, indexing="ij"), -1)[0]
        size = np.linalg.norm(self.field(places), axis=-1)
        image = axes.pcolormesh(y * 1e6, z * 1e6, size.T / 1e6, shading="gouraud")
        left, depth = -guide.width / 2e-6, -guide.height * 1e6
        axes.plot([left, -left, -left, left, left], [depth, depth, 0, 0, depth], color="white", lw=0.8)
        axes.axhline(depth, color="white", lw=0.8)
        axes.set(xlabel="y (µm)", ylabel="z (µm)", aspect="equal", title=str(self).splitlines()[0])
        axes.figure.colorbar(image, ax=axes, label="|E| at 1 W (MV/m)")
        return axes

    def _summary(self) -> list[str]:
        return [
            f"{self.polarization}-like mode of {self.waveguide} at {self.wavelength * 1e9:.6g} nm",
            f"n_eff = {self.effective_index:.6f} (coarser mesh: {self.index_error:+.1e}), n_g = {self.group_index:.5f}",
            f"|E_y|^2 share {self.te_fraction:.4f}, decay length {self.decay_length * 1e9:.2f} nm",
        ]

    @cached_property
    def section(self) -> CrossSection:
        """Mesh and elements, in units of lambda/(2 pi)."""
        from .cross_section import CrossSection

        return CrossSection(self.y * self._k, self.z * self._k, bool(self.even))

    @property
    def _k(self) -> float:
        return math.tau / self.wavelength

    @cached_property
    def _integrals(self) -> tuple[float, float]:
        """Power (W) and the integral of eps |E|^2 over the plane (V^2)."""
        power, energy, _ = integrals(
            self.section, self.unknowns, self.effective_index, self.waveguide, self.wavelength
        )
        return power, energy

    @cached_property
    def _patches(self) -> Patches:
        return self.section.patches(self.unknowns)

    @cached_property
    def _above(self) -> HalfSpace:
        return self._half_space(0.0, 1, 0)

    @cached_property
    def _below(self) -> HalfSpace:
        return self._half_space(-self.waveguide.depth, -1, -1)

    def _half_space(self, height: float, side: int, medium: int) -> HalfSpace:
        from .half_space import half_space

        eps = float(self.waveguide.indices(self.wavelength)[medium]) ** 2
        level = self.z[np.argmin(np.abs(self.z - height))] * self._k
        return half_space(self._patches, bool(self.even), self.effective_index, eps, level, side, _FINEST)

    def _at(self, r: ArrayLike) -> tuple[Complex, Complex]:
        """`field` and `gradient`."""
        places = np.asarray(r, dtype=float)
        require(
            places.ndim > 0 and places.shape[-1] == 3 and bool(np.all(np.isfinite(places))),
            f"positions of shape {places.shape}: they must be finite with three Cartesian coordinates last (m)",
        )
        x, y, z = places.reshape(-1, 3).T
        real, slope = self._profile(np.stack([np.abs(y), z]) * self._k)
        flip = np.array([-1.0, 1.0, -1.0] if self.even else [1.0, -1.0, 1.0])[:, None]
        sign = np.where(y < 0, flip, 1.0)
        factor = (
            np.array([1j * self.effective_index, 1, 1])[:, None] * np.exp(1j * self.wave_number * x) * sign
        )
        field: Complex = np.asarray(factor * real)
        gradient = np.empty((3, 3, len(x)), dtype=complex)
        gradient[:, 0] = 1j * self.wave_number * field
        gradient[:, 1] = factor * slope[:, 0] * np.where(y < 0, -1.0, 1.0) * self._k
        gradient[:, 2] = factor * slope[:, 1] * self._k
        shape = places.shape
        return np.asarray(field.T.reshape(shape)), np.moveaxis(gradient, -1, 0).reshape(*shape, 3)

    def _profile(self, places: Array) -> tuple[Array, Array]:
        """e_x, E_y, E_z (3, place) and their slopes (3, 2, place) at scaled places with y >= 0."""
        field, slope = np.zeros((3, places.shape[1])), np.zeros((3, 2, places.shape[1]))
        within = places[0] <= self.section.y[-1]
        above = within & (places[1] > 0)
        below = within & (places[1] < -self.waveguide.depth * self._k)
        for where, waves in ((above, "_above"), (below, "_below")):
            if where.any():
                field[:, where], slope[:, :, where] = getattr(self, waves).values(places[:, where])
        between = within & ~above & ~below
        if between.any():
            field[:, between], slope[:, :, between] = self._patches.values(places[:, between])
        return field, slope


def integrals(
    section: CrossSection, unknowns: Array, index: float, guide: Waveguide, wavelength: float
) -> tuple[float, float, Array]:
    """Power (W), the integral of eps |E|^2 (V^2) and [int n n_g |E|^2, int eps E_y^2, int eps E_z^2] of a mode (V^2)."""
    k = math.tau / wavelength
    transverse, along, slope, weights = section.at_quadrature(unknowns)
    region = guide.region(*(section.centres / k))
    eps = section.spread(guide.indices(wavelength)[region] ** 2)
    group = section.spread((guide.indices(wavelength) * guide.group_indices(wavelength))[region])
    weights = 2 * weights / k**2  # both halves
    power = (
        index / (2 * _VACUUM_IMPEDANCE) * np.sum(weights * np.sum(transverse * (transverse - slope), axis=0))
    )
    square = np.sum(transverse**2, axis=0) + (index * along) ** 2
    parts = [group * square, eps * transverse[0] ** 2, eps * transverse[1] ** 2]
    return (
        float(power),
        float(np.sum(weights * eps * square)),
        np.array([np.sum(weights * each) for each in parts]),
    )


def fit_evanescent(y: Array, z: Array, values: Array, decay: float) -> EvanescentFit:
    """Least squares of `EvanescentFit` to values at y, z (m); decay: a first guess (m)."""
    from scipy.optimize import least_squares

    unit, top = float(np.max(np.abs(y))), float(np.max(values))
    require(top > 0, "the fit of an evanescent tail needs values that are not all zero")

    def difference(p: Array) -> Array:
        shape = np.exp(-p[1] * z / decay - p[3] * (y / unit) ** 2) * np.cos(p[2] * y / unit)
        return np.asarray(p[0] * shape - values / top)

    start, bounds = [math.e, 1.0, 0.7, 0.3], ([0, 0, 0, 0], [np.inf, np.inf, math.pi, np.inf])
    found = least_squares(difference, start, bounds=bounds, xtol=1e-12, ftol=1e-12)
    size, fall, wave, width = found.x
    rms = math.sqrt(float(np.mean(found.fun**2)) / float(np.mean((values / top) ** 2)))
    with np.errstate(divide="ignore"):
        cosine, envelope = float(unit / wave), float(unit / np.sqrt(width))
    return EvanescentFit(float(top * size), float(decay / fall), cosine, envelope, rms)
