"""Where a picture lies that a listing names: under the pictures' root, and nowhere else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|//|data:)", re.IGNORECASE)
_HASH: Final = re.compile(r"phash:", re.IGNORECASE)


def placed(root: str, given: str) -> Path | str:
    """The file that `given` names under `root` (a real path, without links), or why there is none to look at (a code
    of `model.SKIPPED`). Links are followed, and must not lead out of the root either."""
    if _ADDRESS.match(given):
        return "not_at_hand"
    if _HASH.match(given):
        return "hash_only"
    if "\0" in given or not given.strip():
        return "missing"
    try:
        real = os.path.realpath(os.path.join(root, given))  # noqa: PTH118 - joins as the system does: absolute ones too
        there = os.path.lexists(real)
    except (OSError, ValueError):
        return "missing"
    if os.path.commonpath((root, real)) != root:
        return "outside_root"
    return Path(real) if there else "missing"
