"""Results that took long are kept in the user's cache folder, under a hash of all that they depend on."""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any


def kept_file(name: str, settings: Any) -> Path:
    """The file `name`-<hash of settings>.nc in the cache folder, which is made if it is not there.

    `settings`: plain data, with an edition number of the method in it, so that a better method finds no old file.
    The environment variable `ATOMCAVITY_CACHE` names another folder.
    """
    folder = os.environ.get("ATOMCAVITY_CACHE")
    if not folder:
        import platformdirs

        folder = platformdirs.user_cache_dir("atomcavity")
    text = json.dumps(settings, sort_keys=True)
    path = Path(folder) / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.nc"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path
