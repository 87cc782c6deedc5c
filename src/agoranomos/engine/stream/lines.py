"""The lines of event files, whatever they are kept in: JSON lines, plain or compressed, and Parquet."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from pathlib import Path

from agoranomos.engine.scan.sources import Source, expand
from agoranomos.engine.scan.streams import DAMAGED, blocks, opened
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import LINE_BYTES_MAX

Line = tuple[int, bytes]
"""The number of a line (from 1) or row, and the CloudEvent in JSON."""


def event_files(inputs: Sequence[str | Path]) -> list[Source]:
    """The files of events that `inputs` (files, folders, globs) name. Raises NotFound and Invalid."""
    sources = expand(inputs)
    for source in sources:
        if source.format == "csv":
            raise Invalid(f"{source.path} is CSV; events are .jsonl (also .gz, .zst) or .parquet")
    return sources


def lines(source: Source, *, after: int = 0, start: int = 0, end: int | None = None) -> Iterator[Line]:
    """The lines of `source` from number `after` + 1 on; empty ones are passed over. What lies before is not taken
    apart: text is skipped as fast as it is read, row groups are not read at all. Of plain text the bytes from `start`
    to the one before `end` (None: to the end) may be read alone; lines are counted from there.

    A line that is too long comes cut one byte above LINE_BYTES_MAX, so that it is refused without being held.
    Raises Invalid when the file is damaged or lacks a column, after everything before that was given.
    """
    if source.format != "parquet":
        return _text_lines(source, after, start, end)
    # Arrow is slower to import than a small history is to hear.
    from agoranomos.engine.stream.rows import rows  # noqa: PLC0415

    return rows(source, after)


def _text_lines(source: Source, after: int, start: int, end: int | None) -> Iterator[Line]:
    number, rest, too_long = 0, b"", False
    try:
        with opened(source) as stream:
            if start:
                stream.seek(start)
            for place, read in enumerate(blocks(stream, None if end is None else end - start)):
                block = read.removeprefix(codecs.BOM_UTF8) if place == start == 0 else read
                if number < after and number + (ends := block.count(b"\n")) < after:
                    number, rest, too_long = number + ends, b"", False
                    continue
                *whole, last = block.split(b"\n")
                for text in whole:
                    number += 1
                    line, rest = (rest if too_long else rest + text), b""
                    too_long = False
                    if number > after and (stripped := line.strip()):
                        yield number, stripped
                if not too_long:
                    rest += last
                if len(rest) > LINE_BYTES_MAX:
                    rest, too_long = rest[: LINE_BYTES_MAX + 1], True
    except DAMAGED as error:
        raise Invalid(f"{Path(source.path).name} is damaged after line {number}") from error
    if number >= after and rest.strip():
        yield number + 1, rest.strip()
