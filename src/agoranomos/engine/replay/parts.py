"""Files cut into parts, which processes read side by side."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Final

import msgspec

from agoranomos.engine.scan.sources import Source

_PART_BYTES: Final = 2 << 20
"""Of a part: some hundredths of a second, so that no reader waits long for the last of the others."""
_READ_BYTES: Final = 64 << 10


class Part(msgspec.Struct, frozen=True):
    """The lines of a file from byte `start` to the one before `end` (None: to its end); both are where a line begins.
    `name` is what rejects call the file.
    """

    source: Source
    name: str
    start: int = 0
    end: int | None = None


def parted(sources: Sequence[Source], bytes_max: int = _PART_BYTES) -> list[Part]:
    """All of the files, in their order. One that can only be read from its beginning is one part."""
    names = short_names([source.path for source in sources])
    return [
        Part(source, name, start, end)
        for source, name in zip(sources, names, strict=True)
        for start, end in _ranges(source, bytes_max)
    ]


def lines_before(part: Part) -> int:
    """How many lines of its file come before `part`."""
    count, left = 0, part.start
    with Path(part.source.path).open("rb") as file:
        while left and (block := file.read(min(left, _READ_BYTES))):
            count += block.count(b"\n")
            left -= len(block)
    return count


def short_names(paths: Sequence[str]) -> list[str]:
    """The paths without the folders that they share, so that results do not depend on where the files lie."""
    common = os.path.commonpath([Path(path).resolve().parent for path in paths]) if paths else ""
    return [Path(path).resolve().relative_to(common).as_posix() for path in paths]


def _ranges(source: Source, bytes_max: int) -> Iterable[tuple[int, int | None]]:
    if source.format == "parquet" or not source.splittable or source.size <= bytes_max:
        return [(0, None)]
    with Path(source.path).open("rb") as file:
        starts = [0, *_line_starts(file, source.size, bytes_max)]
    ends: list[int | None] = [*starts[1:], None]
    return zip(starts, ends, strict=True)


def _line_starts(file: IO[bytes], size: int, apart: int) -> Iterator[int]:
    """Where lines begin that are at least `apart` bytes from each other, however long one of them is."""
    at = apart
    while at < size:
        file.seek(at)
        while (read := file.readline(_READ_BYTES)) and not read.endswith(b"\n"):
            pass
        if (start := file.tell()) >= size:
            return
        yield start
        at = start + apart
