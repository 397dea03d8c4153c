"""A large Coulomb crystal of an isotropic trap, made once and kept in a file.

python examples/large_crystal.py [IONS] [FILE]

The ion laser's study shows the crystal of 10,000 ions that this command made (some two minutes on two cores); Ctrl-C
keeps what there is, and the same command goes on from it.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np

from atomcavity.traps.crystal import find_crystal


def main(ions: int = 10_000, file: Path = Path("crystal-10000.nc")) -> None:
    crystal = find_crystal(np.eye(3), ions, seed=0, starts=1, tolerance=1e-6, resume=file)
    print(crystal)


if __name__ == "__main__":
    given = sys.argv[1:]
    main(int(given[0]) if given else 10_000, Path(given[1] if len(given) > 1 else "crystal-10000.nc"))
