"""Where a picture lies that a listing names: under the pictures' root, and nowhere else."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

_ADDRESS: Final = re.compile(r"(?:[a-z][a-z0-9+.\-]*://|//|data:)", re.IGNORECASE)
_HASH: Final = re.compile(r"phash:", re.IGNORECASE)
_NOT_NAMES: Final = frozenset(("", ".", ".."))


class Places:
    """Where files lie under `root` (a real path, without links). Folders are remembered: for a batch of names, not for
    longer, as links may change."""

    def __init__(self, root: str) -> None:
        self._root = root
        self._inside = root.rstrip("/") + "/"
        self._folders: dict[str, str] = {}

    def of(self, given: str) -> tuple[str, str | None]:
        """The file that `given` names, and why there is none to look at (a code; None: there is).
        Links are followed, and must not lead out of the root either."""
        if _ADDRESS.match(given):
            return "", "not_at_hand"
        if _HASH.match(given):
            return "", "hash_only"
        if "\0" in given or not given.strip():
            return "", "missing"
        try:
            real = self._real(given)
            there = os.path.lexists(real)
        except (OSError, ValueError):
            return "", "missing"
        if real != self._root and not real.startswith(self._inside):
            return "", "outside_root"
        return (real, None) if there else ("", "missing")

    def _real(self, given: str) -> str:
        above, name = os.path.split(given)
        if name not in _NOT_NAMES:
            folder = self._folders.get(above)
            if folder is None:
                folder = os.path.realpath(os.path.join(self._root, above))  # noqa: PTH118 - as the system joins
                self._folders[above] = folder.rstrip("/")
            real = f"{self._folders[above]}/{name}"
            if not os.path.islink(real):  # noqa: PTH114 - a Path costs as much as all else here
                return real
        return os.path.realpath(os.path.join(self._root, given))  # noqa: PTH118 - joins as the system does: absolute ones too


def placed(root: str, given: str) -> Path | str:
    """The file that `given` names under `root`, or why there is none; see `Places.of`."""
    real, skipped = Places(root).of(given)
    return skipped if skipped is not None else Path(real)
