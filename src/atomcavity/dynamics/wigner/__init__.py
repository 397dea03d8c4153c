"""Truncated Wigner: classical stochastic trajectories."""
