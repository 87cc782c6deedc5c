"""Rows on their way from step to step: written in one file by the parts that they go to, read by one part at a time."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final, Generic, TypeVar

import msgspec

_T = TypeVar("_T")
_ENCODER: Final = msgspec.msgpack.Encoder()
_LENGTH_BYTES: Final = 8


def home_of(key: str, parts: int) -> int:
    """The part that a key belongs to; the same on every machine."""
    return zlib.crc32(key.encode()) % parts


class Dealt(Generic[_T]):
    """Rows for each of `parts` parts. They are held in memory until they are written."""

    def __init__(self, parts: int) -> None:
        self._rows: list[list[_T]] = [[] for _ in range(parts)]

    def add(self, key: str, row: _T) -> None:
        """To the part of this key."""
        self._rows[home_of(key, len(self._rows))].append(row)

    def add_to_all(self, keys: Iterable[str], row: _T) -> None:
        """Once to each part that one of these keys belongs to."""
        for home in sorted({home_of(key, len(self._rows)) for key in keys}):
            self._rows[home].append(row)

    def write(self, path: Path) -> None:
        """A block for each part; behind them where each ends, and how long that is."""
        ends = list[int]()
        with path.open("wb") as file:
            for rows in self._rows:
                if rows:
                    file.write(_ENCODER.encode(rows))
                ends.append(file.tell())
            last = _ENCODER.encode(ends)
            file.write(last + len(last).to_bytes(_LENGTH_BYTES, "big"))


def dealt_to(part: int, paths: Iterable[Path], row: type[_T]) -> Iterator[list[_T]]:
    """What files of `Dealt` have for one part, file by file, in their order."""
    decoder: msgspec.msgpack.Decoder[Any] = msgspec.msgpack.Decoder(list[row])  # type: ignore[valid-type]
    for path in paths:
        with path.open("rb") as file:
            file.seek(-_LENGTH_BYTES, 2)
            length = int.from_bytes(file.read(_LENGTH_BYTES), "big")
            file.seek(-_LENGTH_BYTES - length, 2)
            ends = msgspec.msgpack.decode(file.read(length), type=list[int])
            begin = ends[part - 1] if part else 0
            file.seek(begin)
            block = file.read(ends[part] - begin)
        yield decoder.decode(block) if block else []
