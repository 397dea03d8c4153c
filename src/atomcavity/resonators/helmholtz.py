"""Scattered-field finite elements of high order for div(a grad u) + b u = 0 on the mesh of a `Section`.

With u = u_b + v and u_b the field on the layers alone, the scattered v solves

    int a grad v . grad w - b v w = int (b - b_b) u_b w - (a - a_b) grad u_b . grad w     for all w,

so that the source lies in the structure only, and u_b never meets the absorbing layer.  Elements and numbering are
scikit-fem's (`ElementQuadP`: Legendre's hierarchy); local matrices are made for all cells at once, from integrals along
y and z where a cell is a rectangle, and the unknowns inside a cell are eliminated before the sparse factorization.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from .background import Background
from .section_mesh import SectionMesh

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]
Ints = NDArray[np.int64]

_CHUNK = 64  # cells whose local matrices are held at once


@dataclass(frozen=True)
class Shapes:
    """Local functions P_i(y) P_j(z) of order p: their factors, pairs, and what turns with a reversed edge."""

    order: int

    @cached_property
    def element(self) -> object:
        """scikit-fem's element."""
        from skfem import ElementQuadP

        return ElementQuadP(self.order)

    @cached_property
    def pairs(self) -> Ints:
        """(2, function) numbers i, j in scikit-fem's order: corners, edges, inside."""
        inner = range(2, self.order + 1)
        edges = (
            [(k, 0) for k in inner],
            [(1, k) for k in inner],
            [(k, 1) for k in inner],
            [(0, k) for k in inner],
        )
        inside = [(i, j) for i in inner for j in inner]
        every = [(0, 0), (1, 0), (1, 1), (0, 1), *(pair for edge in edges for pair in edge), *inside]
        return np.array(every, dtype=np.int64).T

    def factors(self, x: Array) -> tuple[Array, Array]:
        """P_i and P_i' (i, point) at x in [0, 1]."""
        points = np.stack([x, np.zeros_like(x)])
        numbers = [
            0,
            1,
            *range(4, 3 + self.order),
        ]  # on the edge from corner 0 to 1: P_i(y) P_0(0), P_0(0) = 1
        found = [self.element.lbasis(points, k) for k in numbers]  # type: ignore[attr-defined]
        return np.array([f[0] for f in found]), np.array([f[1][0] for f in found])

    def signs(self, corners: Ints) -> Array:
        """(cell, function): -1 for odd functions on edges that two cells could see in opposite directions."""
        signs = np.ones((corners.shape[1], self.pairs.shape[1]))
        odd = np.arange(2, self.order + 1) % 2 == 1
        for edge, (start, end) in enumerate(((0, 1), (1, 2), (3, 2), (0, 3))):
            reverse = corners[start] > corners[end]
            first = 4 + edge * (self.order - 1)
            signs[:, first : first + self.order - 1] = np.where(reverse[:, None] & odd, -1.0, 1.0)
        return signs


def coefficients(polarization: str, permittivity: Complex) -> tuple[Complex, Complex]:
    """a and b."""
    one = np.ones_like(permittivity)
    return (one, permittivity) if polarization == "s" else (1 / permittivity, one)


@dataclass(frozen=True)
class Scattered:
    """The scattered field of `background` on a mesh, by elements of `order`."""

    mesh: SectionMesh
    background: Background
    order: int

    @cached_property
    def shapes(self) -> Shapes:
        """The local functions."""
        return Shapes(self.order)

    @cached_property
    def numbering(self) -> tuple[Ints, Ints, int]:
        """Global numbers (function, cell), those on the outer boundary, and how many there are."""
        from skfem import MeshQuad
        from skfem.assembly import Dofs

        mesh = MeshQuad(np.ascontiguousarray(self.mesh.vertices), np.ascontiguousarray(self.mesh.corners))
        dofs = Dofs(mesh, self.shapes.element)
        outside = mesh.boundary_facets()
        edge = [dofs.nodal_dofs[0, np.unique(mesh.facets[:, outside])], dofs.facet_dofs[:, outside].ravel()]
        return dofs.element_dofs.astype(np.int64), np.concatenate(edge).astype(np.int64), int(dofs.N)

    @cached_property
    def values(self) -> Complex:
        """Coefficients (cell, function) of v, signs included."""
        numbers, boundary, _ = self.numbering
        edge = 4 * self.order
        signs = self.shapes.signs(self.mesh.corners)
        matrix, right, inner = self._condensed(signs)
        skeleton = numbers[:edge]
        size = int(skeleton.max()) + 1
        free = np.setdiff1d(np.arange(size), boundary)
        solution = np.zeros(size, dtype=complex)
        solution[free] = _solve(skeleton, matrix, right, free, size)
        outer = solution[skeleton].T
        inside = inner[0] + np.einsum("eij,ej->ei", inner[1], outer)
        return np.asarray(np.concatenate([outer, inside], axis=1) * signs, dtype=complex)

    def _condensed(self, signs: Array) -> tuple[Complex, Complex, tuple[Complex, Complex]]:
        """Local matrices and right sides of corners and edges, and (offset, map) from these to the inside."""
        edge, count = 4 * self.order, len(self.mesh.box)
        inside = (self.order - 1) ** 2
        matrix = np.empty((count, edge, edge), dtype=complex)
        right = np.zeros((count, edge), dtype=complex)
        offset = np.zeros((count, inside), dtype=complex)
        follow = np.empty((count, inside, edge), dtype=complex)
        source = self._sources()
        for cells in self._chunks():
            local = self._matrices(cells) * signs[cells][:, :, None] * signs[cells][:, None, :]
            load = source[cells] * signs[cells]
            solved = np.linalg.solve(
                local[:, edge:, edge:], np.concatenate([local[:, edge:, :edge], load[:, edge:, None]], axis=2)
            )
            follow[cells], offset[cells] = -solved[:, :, :-1], solved[:, :, -1]
            matrix[cells] = local[:, :edge, :edge] + local[:, :edge, edge:] @ follow[cells]
            right[cells] = load[:, :edge] - np.einsum("eij,ej->ei", local[:, :edge, edge:], offset[cells])
        return matrix, right, (offset, follow)

    def _chunks(self) -> list[Ints]:
        """Cells in chunks that are all rectangles or all bent."""
        chunks = []
        for bent in (False, True):
            cells = np.flatnonzero(self.mesh.bent == bent)
            chunks += [cells[k : k + _CHUNK] for k in range(0, len(cells), _CHUNK)]
        return chunks

    def _matrices(self, cells: Ints) -> Complex:
        """Local matrices (cell, function, function)."""
        a, b = coefficients(self.background.beam.polarization, self.mesh.permittivity[cells])
        if self.mesh.bent[cells[0]]:
            return self._bent_matrices(cells, a, b)
        i, j = self.shapes.pairs
        (slope_y, mass_y), (slope_z, mass_z) = (self._along(axis, cells) for axis in (0, 1))
        slope_y, mass_y = slope_y[:, i[:, None], i], mass_y[:, i[:, None], i]
        slope_z, mass_z = slope_z[:, j[:, None], j], mass_z[:, j[:, None], j]
        a, b = a[:, None, None], b[:, None, None]
        return (a * slope_y - b * mass_y) * mass_z + a * mass_y * slope_z

    def _along(self, axis: int, cells: Ints) -> tuple[Complex, Complex]:
        """int P_i' P_j'/s and int s P_i P_j along y or z, (cell, i, j)."""
        x, weight = _gauss(self.order + 4)
        value, slope = self.shapes.factors(x)
        start, width = self.mesh.box[cells, 2 * axis], self.mesh.box[cells, 2 * axis + 1]
        starts, back = np.unique(np.stack([start, width]), axis=1, return_inverse=True)
        s = self.mesh.stretch[axis].at(starts[0][:, None] + starts[1][:, None] * x)
        by_slope = np.einsum(
            "iq,jq,q,eq->eij", slope, slope, weight, 1 / (s * starts[1][:, None]), optimize=True
        )
        by_value = np.einsum("iq,jq,q,eq->eij", value, value, weight, s * starts[1][:, None], optimize=True)
        return by_slope[back.ravel()], by_value[back.ravel()]

    def _bent_matrices(self, cells: Ints, a: Complex, b: Complex) -> Complex:
        value, slope, local, weight = self._quadrature(self.order + 4)
        _, jacobian = self.mesh.map(cells, local)
        area, gradient = _gradients(jacobian, slope)
        mass = np.einsum("iq,jq,eq->eij", value, value, area * weight, optimize=True)
        stiff = np.einsum("keiq,kejq,eq->eij", gradient, gradient, area * weight, optimize=True)
        return a[:, None, None] * stiff - b[:, None, None] * mass

    def _quadrature(self, points: int) -> tuple[Array, Array, Array, Array]:
        """Functions (function, point), local slopes (2, function, point), local places (2, point), weights."""
        x, w = _gauss(points)
        local = np.stack([v.ravel() for v in np.meshgrid(x, x, indexing="ij")])
        value, slope = zip(*(self.shapes.factors(v) for v in local), strict=True)
        i, j = self.shapes.pairs
        slopes = np.stack([slope[0][i] * value[1][j], value[0][i] * slope[1][j]])
        return value[0][i] * value[1][j], slopes, local, np.outer(w, w).ravel()

    def _sources(self) -> Complex:
        """Right sides (cell, function): the background's field times the contrast."""
        mesh = self.mesh
        out = np.zeros((len(mesh.box), self.shapes.pairs.shape[1]), dtype=complex)
        differ = np.flatnonzero(mesh.permittivity != mesh.background)
        if differ.size == 0:
            return out
        value, slope, local, weight = self._quadrature(self.order + 6)
        for start in range(0, differ.size, _CHUNK):
            cells = differ[start : start + _CHUNK]
            place, jacobian = mesh.map(cells, local)
            area, gradient = _gradients(jacobian, slope)
            u, u_y, u_z = (
                v.reshape(place.shape[1:]) for v in self.background.at(place[0].ravel(), place[1].ravel())
            )
            polarization = self.background.beam.polarization
            here = coefficients(polarization, mesh.permittivity[cells])
            there = coefficients(polarization, mesh.background[cells])
            a, b = (here[k] - there[k] for k in (0, 1))
            s_y, s_z = (mesh.stretch[k].at(place[k]) for k in (0, 1))
            element = area * weight
            out[cells] = np.einsum("eq,iq->ei", b[:, None] * s_y * s_z * u * element, value)
            for k, flux in enumerate((u_y * s_z, u_z * s_y)):
                out[cells] -= np.einsum("eq,eiq->ei", a[:, None] * flux * element, gradient[k])
        return out

    def at(self, y: Array, z: Array) -> tuple[Complex, Complex, Complex, Ints]:
        """v, dv/dy, dv/dz and the cell at points (1/k0)."""
        cells, local = self.mesh.locate(y, z)
        p = self.order + 1
        table = np.empty((len(self.values), p, p), dtype=complex)
        table[:, self.shapes.pairs[0], self.shapes.pairs[1]] = self.values
        out = np.empty((3, y.size), dtype=complex)
        for start in range(0, y.size, 8192):
            part = slice(start, start + 8192)
            (py, dy), (pz, dz) = (self.shapes.factors(local[k, part]) for k in (0, 1))
            half = np.einsum("qij,jq->qi", table[cells[part]], pz)
            other = np.einsum("qij,jq->qi", table[cells[part]], dz)
            out[0, part] = np.einsum("qi,iq->q", half, py)
            by_y, by_z = np.einsum("qi,iq->q", half, dy), np.einsum("qi,iq->q", other, py)
            jacobian = self.mesh.map(cells[part], local[:, part, None])[1][..., 0]
            (c, d), (e, f) = jacobian
            area = c * f - d * e
            out[1, part] = (f * by_y - e * by_z) / area
            out[2, part] = (c * by_z - d * by_y) / area
        return out[0], out[1], out[2], cells


def _gauss(points: int) -> tuple[Array, Array]:
    x, w = np.polynomial.legendre.leggauss(points)
    return (x + 1) / 2, w / 2


def _gradients(jacobian: Array, slope: Array) -> tuple[Array, Array]:
    """Area (cell, point) and gradients (2, cell, function, point) of the functions with local slopes (2, i, point)."""
    (a, b), (c, d) = jacobian
    area = a * d - b * c
    by_y = (d[:, None] * slope[0] - c[:, None] * slope[1]) / area[:, None]
    by_z = (a[:, None] * slope[1] - b[:, None] * slope[0]) / area[:, None]
    return area, np.stack([by_y, by_z])


def _solve(skeleton: Ints, matrix: Complex, right: Complex, free: Ints, size: int) -> Complex:
    """Assemble the corners and edges, keep the free ones, solve."""
    from scipy.sparse import coo_matrix
    from scipy.sparse.linalg import splu

    edge, count = skeleton.shape
    rows = np.broadcast_to(skeleton.T[:, :, None], (count, edge, edge)).ravel()
    columns = np.broadcast_to(skeleton.T[:, None, :], (count, edge, edge)).ravel()
    whole = coo_matrix((matrix.ravel(), (rows, columns)), shape=(size, size)).tocsr()
    load = np.zeros(size, dtype=complex)
    np.add.at(load, skeleton.T.ravel(), right.ravel())
    kept = whole[free][:, free].tocsc()
    options = {"SymmetricMode": True}
    factor = splu(kept, permc_spec="MMD_AT_PLUS_A", diag_pivot_thresh=0.0, options=options)
    found = factor.solve(load[free])
    return found + factor.solve(load[free] - kept @ found)
