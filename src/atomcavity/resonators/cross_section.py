r"""Finite elements for the cross-section of a waveguide: mesh, eigenvalue problem, values at any point.

The field of a mode, $E=(E_t+\hat x\,i n_{eff}e_x)\,e^{i\beta x}$ with the transverse $E_t$ and $e_x$ real, $\beta=k_0n_{eff}$
and lengths in units of $1/k_0$, makes $\nabla\times\nabla\times E=\epsilon E$ the symmetric pencil

    (rot f, rot E_t) - (f, eps E_t)                         = -n_eff^2 (f, E_t - grad e_x)
    (grad f, grad e_x - E_t) - (f, eps e_x)                 = 0

(J. Jin, The Finite Element Method in Electromagnetics, ch. 7), with Nedelec elements of the third order for E_t and cubic ones
for e_x: tangential fields are continuous, normal ones jump as they must, and there are no spurious modes at n_eff > 0.  The
mass matrix is indefinite, so that the modes nearest to the core's index are found by inverse iteration on (A + s B)^-1 B.

The guide is its own mirror image in y: half of it is solved.  Where E_y is even the plane y = 0 is an electric wall.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from atomcavity.errors import ConvergenceError

from .patches import Patches

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

DEGREE = 3
_ABOVE = 1.05  # shift over the largest permittivity: above one the transverse block is positive definite
_PIVOT = 1e-3  # larger ones fill the factors, smaller ones lose digits


def graded(start: float, end: float, fine: tuple[bool, bool], smallest: float, largest: float) -> Array:
    """Points from start to end whose distance grows from `smallest` at the `fine` ends, by 0.8 of the way, to `largest`."""
    x = np.linspace(start, end, 4001)
    away = np.full_like(x, np.inf)
    for is_fine, place in zip(fine, (start, end), strict=True):
        if is_fine:
            away = np.minimum(away, np.abs(x - place))
    density = 1 / np.minimum(smallest + 0.8 * away, largest)
    count = np.concatenate([[0], np.cumsum((density[1:] + density[:-1]) / 2 * np.diff(x))])
    steps = int(np.ceil(count[-1]))
    points = np.interp(np.linspace(0, count[-1], steps + 1), count, x)
    points[0], points[-1] = start, end
    return points


@dataclass(frozen=True, eq=False)
class CrossSection:
    """The mesh of half a cross-section and the elements on it.

    y, z    lines of the tensor mesh in units of 1/k_0, y from 0; every rectangle is cut into two triangles
    even    whether E_y is even in y
    """

    y: Array
    z: Array
    even: bool

    @cached_property
    def mesh(self) -> Any:
        """The triangles."""
        from skfem import MeshTri

        return MeshTri.init_tensor(self.y, self.z)

    @cached_property
    def basis(self) -> Any:
        """Nedelec elements with their scalar partner."""
        from skfem import Basis, ElementTriN3, ElementTriP3

        return Basis(self.mesh, ElementTriN3() * ElementTriP3(), intorder=2 * DEGREE)

    @cached_property
    def centres(self) -> Array:
        """y and z of the triangles' centres, (2, triangle)."""
        return np.asarray(self.mesh.p[:, self.mesh.t].mean(axis=1))

    def modes(self, permittivity: Array, count: int, lowest: float = 0.0) -> tuple[Array, Array, Array]:
        """Effective indices, unknowns (unknown, mode) and residuals of the first `count` modes, for eps of every triangle.

        Those whose index exceeds `lowest`, by falling index.

        `ConvergenceError` where the iteration fails or the equations are not solved to 1e-6.
        """
        import scipy.sparse.linalg as sparse

        stiff, mass = self._matrices(permittivity)
        inside = self.basis.complement_dofs(self._walls())
        stiff, mass = stiff[inside][:, inside].tocsc(), mass[inside][:, inside].tocsc()
        shift = _ABOVE * float(permittivity.max())
        both = (stiff + shift * mass).tocsc()
        factors = sparse.splu(
            both, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=_PIVOT, options={"SymmetricMode": True}
        )

        def solved(v: Array) -> Array:
            right = mass @ v
            first = factors.solve(right)
            return np.asarray(first + factors.solve(right - both @ first))

        inverse = sparse.LinearOperator(stiff.shape, matvec=solved, dtype=float)
        try:
            found, vectors = sparse.eigs(
                inverse, k=count, which="LM", tol=1e-11, v0=np.ones(stiff.shape[0]), ncv=max(20, 3 * count)
            )
        except sparse.ArpackNoConvergence as problem:
            raise ConvergenceError(f"the modes of the cross-section were not found: {problem}") from None
        square = shift - 1 / found
        real = np.abs(square.imag) < 1e-9 * shift
        keep = np.flatnonzero(real & (square.real > lowest**2))
        keep = keep[np.argsort(-square.real[keep])]
        unknowns, residuals = np.zeros((self.basis.N, len(keep))), np.zeros(len(keep))
        for column, which in enumerate(keep):
            v = vectors[:, which]
            v = (v * np.conj(v[np.argmax(np.abs(v))])).real
            left = stiff @ v
            residual = np.linalg.norm(left + square[which].real * (mass @ v)) / np.linalg.norm(left)
            if not residual < 1e-6:  # the index is exact to its square
                raise ConvergenceError(
                    f"a mode of the cross-section has a relative residual of {residual:.1e}"
                )
            unknowns[inside, column], residuals[column] = v, residual
        return np.sqrt(square.real[keep]), unknowns, residuals

    def _matrices(self, permittivity: Array) -> tuple[Any, Any]:
        from skfem import BilinearForm
        from skfem.helpers import curl, dot, grad

        @BilinearForm
        def stiffness(et, ex, ft, fx, w):  # noqa: ARG001
            return curl(et) * curl(ft) - w.eps * dot(et, ft)

        @BilinearForm
        def weight(et, ex, ft, fx, w):
            return dot(et - grad(ex), ft - grad(fx)) - w.eps * ex * fx

        eps = self.spread(permittivity)
        return stiffness.assemble(self.basis, eps=eps), weight.assemble(self.basis, eps=eps)

    def spread(self, values: Array) -> Array:
        """A value of every triangle at its quadrature points (triangle, point)."""
        return np.asarray(np.broadcast_to(values[:, None], self.basis.dx.shape))

    def _walls(self) -> Any:
        """Unknowns of the tangential field on the outer walls, and on the plane y = 0 where E_y is even."""
        near = 1e-9 * (self.z[-1] - self.z[0])
        outside = self.mesh.facets_satisfying(
            lambda x: (x[0] > self.y[-1] - near) | (x[1] < self.z[0] + near) | (x[1] > self.z[-1] - near)
        )
        middle = self.mesh.facets_satisfying(lambda x: x[0] < near)
        return self.basis.get_dofs(np.concatenate([outside, middle]) if self.even else outside).all()

    def at_quadrature(self, unknowns: Array) -> tuple[Array, Array, Array, Array]:
        """E_t (2, triangle, point), e_x, grad e_x and the weights of the integral over half the plane."""
        transverse, along = self.basis.interpolate(unknowns)
        return np.asarray(transverse), np.asarray(along), np.asarray(along.grad), np.asarray(self.basis.dx)

    def patches(self, unknowns: Array) -> Patches:
        """The polynomials of a mode's e_x, E_y, E_z."""
        from skfem import Basis

        nodes = np.array([(i, j) for i in range(DEGREE + 1) for j in range(DEGREE + 1 - i)]).T / DEGREE
        basis = Basis(self.mesh, self.basis.elem, quadrature=(nodes, np.ones(nodes.shape[1])))
        transverse, along = basis.interpolate(unknowns)
        values = np.concatenate([np.asarray(along)[None], np.asarray(transverse)])
        return Patches.through(
            self.y, self.z, self.mesh.p[:, self.mesh.t], np.asarray(basis.mapping.F(nodes)), values
        )
