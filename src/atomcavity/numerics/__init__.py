"""Numerical building blocks without physics: exact angular momentum, special functions, solvers."""
