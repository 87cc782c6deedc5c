"""Files to contents and signatures: read within bounds, known contents from the cache, the others made once."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.engine.pictures.bounds import Limits, Skip
from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.guard import Guard
from agoranomos.engine.pictures.signature import Signature, content_hash

_BATCH: Final = 64
"""Files held in memory at a time."""
_FLAGS: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC
"""Without O_NONBLOCK the opening of a pipe waits for a writer."""


class Signed(msgspec.Struct, frozen=True, eq=False):
    """A file, the hash of its content (None: not read), what came of it, and whether it was decoded for it."""

    path: Path
    hash: bytes | None
    found: Signature | Skip
    decoded: bool


class Reader:
    """Reads files into room that is used again and again. For one thread."""

    def __init__(self, bytes_max: int, room: int = 1 << 20) -> None:
        self._bytes_max = bytes_max
        self._room = bytearray(room)

    def read(self, path: Path | str) -> memoryview | Skip:
        """The bytes of an ordinary file, until the next one is read; a pipe, a device or a folder is not opened for
        reading, and never waited for."""
        try:
            handle = os.open(path, _FLAGS)
        except (OSError, ValueError):
            return Skip("unreadable")
        try:
            about = os.fstat(handle)
            if not stat.S_ISREG(about.st_mode):
                return Skip("unreadable")
            if about.st_size > self._bytes_max:
                return Skip("too_many_bytes")
            return self._filled(handle, about.st_size)
        except OSError:
            return Skip("unreadable")
        finally:
            os.close(handle)

    def hashed(self, path: Path | str) -> bytes | Skip:
        """The content hash of a file."""
        data = self.read(path)
        return data if isinstance(data, Skip) else content_hash(data)

    def _filled(self, handle: int, size: int) -> memoryview | Skip:
        if size >= len(self._room):
            self._room = bytearray(size + 1)
        room, count = memoryview(self._room), 0
        while count < len(room) and (more := os.readv(handle, [room[count:]])):
            count += more
        # A file that grew beyond the room while it was read is in the midst of being written.
        return room[:count] if count < len(room) else Skip("unreadable")


def read_bounded(path: Path | str, bytes_max: int) -> bytes | Skip:
    """The bytes of a file; see `Reader.read`."""
    data = Reader(bytes_max, room=0).read(path)
    return data if isinstance(data, Skip) else bytes(data)


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
