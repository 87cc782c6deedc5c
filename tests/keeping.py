"""What takes seconds to make and is the same in each run, kept in the user's cache until the code behind it changes."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from types import ModuleType

from agoranomos.engine.text.lexicon import Lexicon
from agoranomos.engine.text.lexicon_files import load, save

KEPT_MAX = 3
KEPT_S = 3 * 3600
"""Folders of one kind that are kept: the newest, and those that a run of another branch may be using right now."""


def cache_folder() -> Path:
    """The folder of everything that tests keep."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "agoranomos-suite"


def of_files(paths: Iterable[str | Path]) -> str:
    """A short digest of what is in `paths`."""
    digest = hashlib.blake2b(digest_size=8)
    for path in paths:
        digest.update(Path(path).read_bytes())
    return digest.hexdigest()


def newest_only(folders: Iterable[Path]) -> None:
    """Removes those of `folders` that older states of the code have made."""
    by_age = sorted((folder.stat().st_mtime, folder) for folder in folders)
    for used_at, old in by_age[:-KEPT_MAX]:
        if used_at < time.time() - KEPT_S:
            shutil.rmtree(old, ignore_errors=True)


def kept_arrays(name: str, made_by: Iterable[ModuleType], make: Callable[[], Lexicon]) -> Lexicon:
    """What `make` gives, read from the cache when the files of `made_by` are as they were."""
    above = cache_folder() / "arrays"
    folder = above / f"{name}-{of_files(str(module.__file__) for module in made_by)}"
    found = load(folder)
    if found is not None:
        os.utime(folder)
        return found
    made = make()
    save(made, folder)
    newest_only(above.glob(f"{name}-*"))
    return made
