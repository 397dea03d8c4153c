"""Small clusters at rest in a pseudopotential, by scipy alone: positions for tests of what ions do there."""

import numpy as np
from scipy.optimize import minimize, root

SPLIT = np.diag([-0.55, -0.45, 1.0])  # a static matrix that leaves no free rotation


def forces(r):
    difference = r[:, None] - r
    distance = np.linalg.norm(difference, axis=-1)
    np.fill_diagonal(distance, np.inf)
    return np.sum(difference / distance[..., None] ** 3, axis=1)


def relaxed(trap, n, starts=8):
    w = trap.pseudopotential

    def energy(x):
        r = x.reshape(-1, 3)
        pairs = np.linalg.norm(r[:, None] - r, axis=-1)[np.triu_indices(n, 1)]
        return np.sum(r @ w * r) / 2 + np.sum(1 / pairs), (r @ w - forces(r)).ravel()

    generator = np.random.default_rng(1)
    found = [
        minimize(energy, generator.normal(size=3 * n), jac=True, method="BFGS", options={"gtol": 1e-8})
        for _ in range(starts)
    ]
    best = min(found, key=lambda s: s.fun)
    return root(lambda x: energy(x)[1], best.x, tol=1e-14).x.reshape(-1, 3)
