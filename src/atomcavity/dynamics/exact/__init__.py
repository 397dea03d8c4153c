"""The master equation on the density matrix: conserved excitation number, permutation symmetry, block elimination, Krylov."""
