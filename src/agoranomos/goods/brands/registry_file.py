"""A `--registry FILE`: brands that lie on top of the registry without a store, kept in a form that is read at once.

Parsing a hundred thousand brands and laying them over the seed takes seconds; what comes of it depends on the bytes of
the file and of the seed alone. So it is kept in the cache under their hash.
"""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import TypeVar

import msgspec

from agoranomos.goods.brands import formats, model, nsi, snapshot, tabular
from agoranomos.goods.brands.formats import FileReject, read_brands
from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot, load_snapshot

_Kept = TypeVar("_Kept")


class _Parsed(msgspec.Struct, frozen=True):
    brands: list[Brand]
    rejects: list[FileReject]


class _Layered(msgspec.Struct, frozen=True):
    version: str
    brands: tuple[Brand, ...]


def read_registry(path: Path, cache: Path | None = None) -> tuple[list[Brand], list[FileReject]]:
    """The brands of the file or folder `path` and what was refused; raises Invalid when it cannot be read.

    With `cache` (a folder) what a file says is kept there, so that reading it again takes a tenth of the time.
    """
    kept = None if cache is None else _place(cache, "parsed", path)
    known = None if kept is None else _recalled(kept, _Parsed)
    if known is None:
        parsed = read_brands(path)
        known = _Parsed(parsed.brands, parsed.rejects)
        if kept is not None:
            _keep(kept, known)
    return known.brands, known.rejects


def file_snapshot(path: Path, cache: Path) -> RegistrySnapshot:
    """The shipped registry with the brands of `path` on top, kept under `cache` (a folder)."""
    kept = _place(cache, "layered", path)
    known = None if kept is None else _recalled(kept, _Layered)
    if known is not None:
        return RegistrySnapshot(known.brands, version=known.version)
    made = load_snapshot(None, read_brands(path).brands)
    if kept is not None:
        _keep(kept, _Layered(made.version, made.brands))
    return made


def _place(cache: Path, kind: str, path: Path) -> Path | None:
    """Where what comes of the file `path` is kept; None for folders and files that cannot be read."""
    try:
        content = path.read_bytes() if path.is_file() else None
    except OSError:
        content = None
    if content is None:
        return None
    digest = hashlib.blake2b(content, digest_size=12)
    digest.update(path.name.encode("utf-8", "replace"))  # rejects name the file
    for part in _what_else_decides():
        digest.update(part)
    return cache / "registries" / f"{kind}-{digest.hexdigest()}.msgpack"


def _what_else_decides() -> Iterable[bytes]:
    """The shipped brands and the code that reads and layers."""
    for module in (formats, model, nsi, snapshot, tabular):
        yield Path(module.__file__ or "").read_bytes()
    data = resources.files("agoranomos.goods.brands") / "data"
    yield (data / "much_copied.txt").read_bytes()
    for file in sorted((data / "seed").iterdir(), key=lambda file: file.name):
        yield file.read_bytes()


def _recalled(kept: Path, kind: type[_Kept]) -> _Kept | None:
    try:
        return msgspec.msgpack.decode(kept.read_bytes(), type=kind)
    except (OSError, msgspec.MsgspecError):
        return None  # nothing there, or half of it: it is made anew


def _keep(kept: Path, value: object) -> None:
    kept.parent.mkdir(parents=True, exist_ok=True)
    draft = kept.with_suffix(f".{uuid.uuid4().hex}")
    draft.write_bytes(msgspec.msgpack.encode(value))
    draft.replace(kept)
