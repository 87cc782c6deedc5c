"""numba, told where to keep what it compiles, and when that is out of date.

By itself it would look at the file of a function alone: a change in a function that it inlines from another file, or
in a constant that it takes from there, would go unnoticed and old machine code would run. Here a file stands for itself
and for every file of ours that it imports, directly or not, by their contents: an upgrade that touches any of them
compiles anew, and one that touches none keeps what there is.

See "Cache locators" in the manual of numba (NUMBA_CACHE_LOCATOR_CLASSES).
"""

from __future__ import annotations

import hashlib
import importlib
import os
import re
import shutil
import sys
from contextlib import suppress
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Final, Self, cast

import numba as nb
from numba.core.compiler import Flags

_HERE: Final = Path(__file__)
_PACKAGE: Final = _HERE.parents[1]
_IMPORTED: Final = re.compile(rb"^\s*(?:from|import) agoranomos\.([\w.]+)", re.MULTILINE)
_KEPT: Final = 3
"""States of a file whose machine code is kept: going back and forth between two branches compiles once."""


@cache
def _read(file: Path) -> tuple[bytes, tuple[Path, ...]]:
    """The digest of a file, and the files of ours that it imports."""
    text = file.read_bytes()
    bases = {_PACKAGE.joinpath(*name.decode().split(".")) for name in _IMPORTED.findall(text)}
    either = sorted(each for base in bases for each in (base.with_suffix(".py"), base / "__init__.py"))
    found = tuple(each for each in either if each != _HERE and each.is_file())
    return hashlib.blake2b(text, digest_size=16).digest(), found


def sources(file: Path) -> set[Path]:
    """`file` and every file of the package that it imports, directly or through others."""
    found, open_ends = {file}, [file]
    while open_ends:
        new = [each for each in _read(open_ends.pop())[1] if each not in found]
        found.update(new)
        open_ends += new
    return found


@cache
def state_of(file: Path) -> str:
    """A name for what `file` and what it imports hold now, 16 hexadecimal digits."""
    digest = hashlib.blake2b(nb.__version__.encode(), digest_size=8)
    for each in sorted(sources(file)):
        digest.update(_read(each)[0])
    return digest.hexdigest()


@cache
def _base() -> Path:
    """Beside the package where it can be written, else in the user's cache."""
    beside = _PACKAGE / "__pycache__"
    writable = os.access(beside if beside.exists() else _PACKAGE, os.W_OK)
    return (beside if writable else Path.home() / ".cache" / "agoranomos") / "compiled"


@cache
def folder_of(file: Path) -> Path:
    """Where the machine code of this state of `file` is kept; made if need be, and the oldest states let go."""
    room = _base() / "-".join(file.relative_to(_PACKAGE).with_suffix("").parts)
    folder = room / state_of(file)
    if not folder.exists():
        folder.mkdir(parents=True, exist_ok=True)
        for each in sorted(room.iterdir(), key=lambda each: each.stat().st_mtime)[:-_KEPT]:
            shutil.rmtree(each, ignore_errors=True)
    return folder


class BySource:
    """Says to numba where a function of ours is kept: a locator as its `numba.core.caching._CacheLocator` has them."""

    def __init__(self, function: FunctionType, file: Path) -> None:
        self._line = function.__code__.co_firstlineno
        self._file = file

    def get_cache_path(self) -> str:
        """The folder."""
        return str(folder_of(self._file))

    def ensure_cache_path(self) -> None:
        """Makes the folder again if somebody has removed it meanwhile."""
        folder_of(self._file).mkdir(parents=True, exist_ok=True)

    def get_source_stamp(self) -> str:
        """What the function was compiled from."""
        return state_of(self._file)

    def get_disambiguator(self) -> str:
        """Tells functions of one name in one file apart."""
        return str(self._line)

    @classmethod
    def from_function(cls, function: FunctionType, file: str) -> Self | None:
        """One for a function of this package; None for those of others, which numba keeps as it always does."""
        path = Path(file)
        return cls(function, path) if path.is_relative_to(_PACKAGE) else None


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


def _spare_needless_wrappers() -> None:
    """numba would give each function a second door, for callers in C, which nothing here has: a tenth of the time that
    it takes to compile. What is set at a decorator would leave out the functions of numba's own that ours call.
    """
    with suppress(KeyError, AttributeError):  # a numba that keeps this elsewhere only compiles for longer
        Flags.options["no_cfunc_wrapper"]._default = True


nb.config.CACHE_LOCATOR_CLASSES = ",".join(
    (f"{__name__}.BySource", "UserProvidedCacheLocator", "InTreeCacheLocator", "UserWideCacheLocator")
)
_spare_linear_algebra()
_spare_needless_wrappers()

__all__ = ["nb"]
