"""Quantum-jump trajectories: packed excitation sectors, one ladder with the cavity, chains without it."""
