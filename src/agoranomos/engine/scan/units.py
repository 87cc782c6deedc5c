"""Cuts sources into work units, each with a key that is the same in every run over the same files.

Units do not depend on the number of workers: findings are sorted by unit, so the result does not
either.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from agoranomos.engine.scan.layout import Layout
from agoranomos.engine.scan.records import Splitter
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.streams import opened

_TEXT_BYTES = 32 << 20
_GROUP_ROWS = 1 << 18
_SLICE_ROWS = 1 << 20
_SLICES_MAX = 8
"""A larger row group is cut into slices. A slice has to decode what lies before it, hence the
limit."""
RULES = (_TEXT_BYTES, _GROUP_ROWS, _SLICE_ROWS, _SLICES_MAX)
"""What the keys rest on; a journal written under other rules is not resumed."""


class Unit(msgspec.Struct, frozen=True):
    """A part of one source that one worker reads from end to end.

    Text: bytes `start` to `stop` of the file (`stop` -1: to the end of the stream). Parquet: row
    groups `start` to `stop`, of their rows those from `first_row`, at most `row_count`.
    `weight` is its share of the file in bytes, for the progress.
    """

    index: int
    source_index: int
    source: Source
    layout: Layout
    start: int
    stop: int
    weight: int
    first_row: int = 0
    row_count: int = 0

    @property
    def key(self) -> str:
        """Stable name of the unit within its run."""
        return f"{self.source_index}:{self.span}"

    @property
    def span(self) -> str:
        """Which part of its file it is."""
        return f"{self.start}-{self.stop}:{self.first_row}"

    @property
    def base_row(self) -> int:
        """Rows of the file before this unit; known beforehand for Parquet only."""
        return sum(group.rows for group in self.layout.row_groups[: self.start]) + self.first_row

    @property
    def where(self) -> str:
        """The unit in words, for messages."""
        if self.source.format == "parquet":
            last = self.first_row + self.row_count
            return f"{self.source.path}, row groups {self.start} to {self.stop - 1}, rows to {last}"
        return f"{self.source.path}, from byte {self.start}"


def plan(sources: list[tuple[Source, Layout]]) -> Iterator[Unit]:
    """All units in input order; text files are read as the units are asked for."""
    index = 0
    for number, (source, layout) in enumerate(sources):
        if source.format == "parquet":
            spans = _row_groups(layout, source.size)
        elif source.splittable and not layout.utf16:
            spans = _ranges(source, layout)
        else:
            spans = iter([(layout.start, -1, source.size, 0, 0)])
        if not layout.names and source.format != "jsonl":
            continue
        for start, stop, weight, first_row, row_count in spans:
            yield Unit(index, number, source, layout, start, stop, weight, first_row, row_count)
            index += 1


Span = tuple[int, int, int, int, int]


def _row_groups(layout: Layout, size: int) -> Iterator[Span]:
    groups = layout.row_groups
    share = size / max(1, layout.rows)
    at = 0
    while at < len(groups):
        stop, rows = at + 1, groups[at].rows
        while stop < len(groups) and rows + groups[stop].rows <= _GROUP_ROWS:
            rows += groups[stop].rows
            stop += 1
        slices = min(_SLICES_MAX, -(-rows // _SLICE_ROWS)) if rows > 1.5 * _SLICE_ROWS else 1
        step = max(1, -(-rows // slices))
        for first in range(0, rows, step):
            count = min(step, rows - first)
            yield at, stop, int(count * share), first, count
        at = stop


def _ranges(source: Source, layout: Layout) -> Iterator[Span]:
    """Byte ranges that begin and end between records."""
    splitter = Splitter(layout.delimiter)
    json = source.format == "jsonl"
    begin = layout.start
    with opened(source) as stream:
        stream.seek(begin)
        at = begin
        while source.size - begin > _TEXT_BYTES and (block := stream.read(_TEXT_BYTES)):
            at += len(block)
            if json:
                end = at - len(block) + block.rfind(b"\n") + 1 if b"\n" in block else begin
            else:
                for _ in splitter.feed(block, final=False):
                    pass
                end = begin if splitter.skipping else layout.start + splitter.position
            if begin < end < source.size:
                yield begin, end, end - begin, 0, 0
                begin = end
    if begin < source.size:
        yield begin, source.size, source.size - begin, 0, 0
