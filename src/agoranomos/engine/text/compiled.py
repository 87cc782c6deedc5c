"""numba, told where to keep what it compiles.

It would keep it beside each file and look at that file alone: a change in a function that another file inlines, or in
a constant that it takes, would go unnoticed and old machine code would run. Here the folder is named by all files
that are compiled together or lend them constants.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import shutil
import sys
from pathlib import Path
from typing import Final, cast

import numba as nb

_HERE: Final = Path(__file__).parent
_SOURCES: Final = (
    "folding",
    "folds",
    "trie",
    "entering",
    "nearby",
    "mistyped",
    "announced",
    "signart",
    "drawn",
    "tangling",
    "loose",
    "machine",
    "characters",
)
_PICTURES: Final = ("spots", "patches", "codes", "probing", "verifying")
_LINKS: Final = ("keys", "postings", "comparing", "weighing", "looking", "learning")
_RINGS: Final = ("peeling", "meeting", "wording")
_KEPT: Final = 3
"""Folders of earlier states of the code: switching back and forth between two branches compiles once."""


def _state() -> str:
    digest = hashlib.blake2b(nb.__version__.encode(), digest_size=8)
    beside = {"pictures": _PICTURES, "links": _LINKS, "rings": _RINGS}
    rooms = ((_HERE, _SOURCES), *((_HERE.parent / room, names) for room, names in beside.items()))
    for path in [folder / f"{name}.py" for folder, names in rooms for name in names]:
        digest.update(path.read_bytes())
    return digest.hexdigest()


def _folder() -> Path:
    """A folder of this state of the code: in the package where it can be written, else in the user's cache."""
    beside = _HERE / "__pycache__"
    writable = os.access(beside if beside.exists() else _HERE, os.W_OK)
    base = beside if writable else Path.home() / ".cache" / "agoranomos"
    folder = base / f"numba-{_state()}"
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        earlier = sorted(base.glob("numba-*"), key=lambda each: each.stat().st_mtime)
        for each in earlier[:-_KEPT]:
            shutil.rmtree(each, ignore_errors=True)
    return folder


def _spare_linear_algebra() -> None:
    """numba would load SciPy's linear algebra with what it knows of arrays, a third of the half second until the first
    compiled function answers. It is needed to compile products of matrices, of which nothing here makes any.
    """
    needless = "scipy.linalg.cython_blas"
    if needless not in sys.modules:
        cast("dict[str, object]", sys.modules)[needless] = None  # what Python itself calls: there is no such module
        try:
            importlib.import_module("numba.np.arraymath")
        finally:
            del sys.modules[needless]


nb.config.CACHE_DIR = str(_folder())
_spare_linear_algebra()

__all__ = ["nb"]
