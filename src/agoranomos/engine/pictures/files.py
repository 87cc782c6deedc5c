"""Files to signatures: read within bounds, known contents from the cache, the others made once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.decoding import Limits, Skip
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.signature import Signature, content_hash

_BATCH: Final = 64
"""Files held in memory at a time."""


class Signed(msgspec.Struct, frozen=True, eq=False):
    """A file, the hash of its content (None: not read), what came of it, and whether it was decoded for it."""

    path: Path
    hash: bytes | None
    found: Signature | Skip
    decoded: bool


def read_bounded(path: Path, bytes_max: int) -> bytes | Skip:
    """The bytes of an ordinary file; a pipe, a device or a folder is not opened for reading, and never waited for."""
    try:
        # Without O_NONBLOCK the opening of a pipe waits for a writer.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except (OSError, ValueError):
        return Skip("unreadable")
    try:
        about = os.fstat(handle)
        if not stat.S_ISREG(about.st_mode):
            return Skip("unreadable")
        if about.st_size > bytes_max:
            return Skip("too_many_bytes")
        with os.fdopen(handle, "rb", closefd=False) as file:
            return file.read(bytes_max + 1)
    except OSError:
        return Skip("unreadable")
    finally:
        os.close(handle)


def signed_files(
    paths: Iterable[Path], cache: SignatureCache, guard: Guard, limits: Limits | None = None
) -> Iterator[Signed]:
    """Each file with its signature, in their order. A content is decoded once, in this run and in those after it."""
    bounds = limits or Limits()
    rest = iter(paths)
    while part := list(islice(rest, _BATCH)):
        yield from _signed(part, cache, guard, bounds)


def _signed(part: list[Path], cache: SignatureCache, guard: Guard, limits: Limits) -> Iterator[Signed]:
    read = [read_bounded(path, limits.bytes_max) for path in part]
    hashes = [None if isinstance(each, Skip) else content_hash(each) for each in read]
    contents = {digest: data for digest, data in zip(hashes, read, strict=True) if digest and isinstance(data, bytes)}
    found = cache.get(contents)
    unknown = [digest for digest in contents if digest not in found]
    made = dict(zip(unknown, guard.signatures([contents[each] for each in unknown]), strict=True))
    cache.put(made)
    first = set(unknown)
    for path, digest, data in zip(part, hashes, read, strict=True):
        if digest is None:
            assert isinstance(data, Skip), "what has no hash was not read"
            yield Signed(path, None, data, decoded=False)
        else:
            yield Signed(path, digest, made[digest] if digest in made else found[digest], digest in first)
            first.discard(digest)
