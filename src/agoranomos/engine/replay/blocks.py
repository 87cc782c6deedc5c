"""Rows on the disk, a few hundred at a time: what is sorted, and what processes hand each other, in bounded memory."""

from __future__ import annotations

import itertools
import struct
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Final, Generic, TypeVar

import msgspec

_BLOCK_ROWS: Final = 256
_LENGTH = struct.Struct(">I")

Row = TypeVar("Row")


class Blocks(Generic[Row]):
    """Files of rows of one type, which `decoder` reads blocks of."""

    def __init__(self, decoder: msgspec.msgpack.Decoder[list[Row]]) -> None:
        self._decoder = decoder

    def write(self, path: Path, rows: Iterable[Row]) -> None:
        """A new file of all `rows`."""
        rest = iter(rows)
        with path.open("wb") as file:
            while block := list(itertools.islice(rest, _BLOCK_ROWS)):
                write_block(file, block)

    def read(self, path: Path) -> Iterator[Row]:
        """All rows of the file, in their order."""
        return itertools.chain.from_iterable(self.blocks(path))

    def blocks(self, path: Path) -> Iterator[list[Row]]:
        """The same, some at a time, at least one."""
        with path.open("rb") as file:
            while head := file.read(_LENGTH.size):
                yield self._decoder.decode(file.read(_LENGTH.unpack(head)[0]))


def write_block(file: IO[bytes], rows: list[Row]) -> None:
    """`rows` as one block."""
    raw = msgspec.msgpack.encode(rows)
    file.write(_LENGTH.pack(len(raw)))
    file.write(raw)
