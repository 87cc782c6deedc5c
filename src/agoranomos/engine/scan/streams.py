"""Opens text files: plain, gzip or Zstandard, and UTF-16 turned into UTF-8 on the way."""

from __future__ import annotations

import codecs
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Protocol, cast

import pyarrow as pa

from agoranomos.engine.scan.sources import Source

BLOCK_BYTES = 4 << 20
_READ_BYTES = 256 << 10
"""Asked for at once: when a stream breaks off, no more than this is lost before the break."""
DAMAGED = (OSError, EOFError)
"""What reading a damaged compressed file raises."""
_CODECS = {"gz": "gzip", "zst": "zstd"}


class Readable(Protocol):
    """What the splitter needs of a file."""

    def read(self, size: int, /) -> bytes:
        """At most `size` bytes, b"" at the end."""
        ...


@contextmanager
def opened(source: Source) -> Iterator[IO[bytes]]:
    """The decompressed bytes of `source`, from their start.

    Arrow's decompressors, because they notice when a stream ends early, and read on when several
    frames or members stand in a row.
    """
    if source.compression:
        codec = _CODECS[source.compression]
        with pa.input_stream(source.path, compression=codec) as stream:
            yield cast("IO[bytes]", stream)
    else:
        with Path(source.path).open("rb") as raw:
            yield raw


class Utf8Of:
    """Reads a UTF-16 stream as UTF-8; lone surrogates pass, to be repaired with their row."""

    def __init__(self, stream: Readable, encoding: str) -> None:
        self._stream = stream
        self._decode = codecs.getincrementaldecoder(encoding)("surrogatepass").decode

    def read(self, size: int, /) -> bytes:
        """At most about `size` bytes; an odd byte at the end is dropped."""
        raw = self._stream.read(size // 2)
        try:
            text = self._decode(raw, not raw)
        except UnicodeDecodeError:
            return b""
        if raw and not text:
            return self.read(size)
        return text.encode("utf-8", "surrogatepass")


def blocks(stream: Readable, length: int | None = None) -> Iterator[bytes]:
    """The next `length` bytes (all when None), block by block; before an error, what was read."""
    left = length
    ended = False
    while not ended and (left is None or left > 0):
        parts: list[bytes] = []
        size = 0
        wanted = BLOCK_BYTES if left is None else min(BLOCK_BYTES, left)
        try:
            while size < wanted and not ended:
                parts.append(stream.read(min(_READ_BYTES, wanted - size)))
                size += len(parts[-1])
                ended = not parts[-1]
        except DAMAGED:
            yield b"".join(parts)
            raise
        left = None if left is None else left - size
        if size:
            yield b"".join(parts)
