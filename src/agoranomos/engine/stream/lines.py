"""The lines of event files, whatever they are kept in: JSON lines, plain or compressed, and Parquet."""

from __future__ import annotations

import codecs
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.sources import Source, expand
from agoranomos.engine.scan.streams import DAMAGED, blocks, opened
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import LINE_BYTES_MAX

COLUMNS: Final = ("id", "source", "type", "time", "subject", "data")
_ROWS: Final = 4096

Line = tuple[int, bytes]
"""The number of a line (from 1) or row, and the CloudEvent in JSON."""


def event_files(inputs: Sequence[str | Path]) -> list[Source]:
    """The files of events that `inputs` (files, folders, globs) name. Raises NotFound and Invalid."""
    sources = expand(inputs)
    for source in sources:
        if source.format == "csv":
            raise Invalid(f"{source.path} is CSV; events are .jsonl (also .gz, .zst) or .parquet")
    return sources


def lines(source: Source, *, after: int = 0) -> Iterator[Line]:
    """The lines of `source` from number `after` + 1 on; empty ones are passed over. What lies before is not taken
    apart: text is skipped as fast as it is read, row groups are not read at all.

    A line that is too long comes cut one byte above LINE_BYTES_MAX, so that it is refused without being held.
    Raises Invalid when the file is damaged or lacks a column, after everything before that was given.
    """
    return _rows(source, after) if source.format == "parquet" else _text_lines(source, after)


def _text_lines(source: Source, after: int) -> Iterator[Line]:
    number, rest, too_long = 0, b"", False
    try:
        with opened(source) as stream:
            for place, read in enumerate(blocks(stream)):
                block = read.removeprefix(codecs.BOM_UTF8) if place == 0 else read
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


def _rows(source: Source, after: int) -> Iterator[Line]:
    name = Path(source.path).name
    try:
        file = pq.ParquetFile(source.path)
        missing = [column for column in COLUMNS[:4] + COLUMNS[5:] if column not in file.schema_arrow.names]
        if missing:
            raise Invalid(f"{name} has no column {missing[0]}; an event file has {', '.join(COLUMNS)}")
        present = [column for column in COLUMNS if column in file.schema_arrow.names]
        number, groups = _groups_after(file, after)
        for batch in file.iter_batches(_ROWS, row_groups=groups, columns=present):
            columns = {column: batch[column].to_pylist() for column in present}
            for values in zip(*columns.values(), strict=True):
                number += 1
                if number > after:
                    yield number, _as_line(dict(zip(columns, values, strict=True)))
    except (pa.ArrowException, OSError) as error:
        raise Invalid(f"{name} is not a Parquet file that can be read") from error


def _groups_after(file: pq.ParquetFile, after: int) -> tuple[int, list[int]]:
    """How many rows lie in the row groups that end at row `after` or before, and the other groups."""
    skipped, first = 0, 0
    while first < file.num_row_groups and skipped + file.metadata.row_group(first).num_rows <= after:
        skipped += file.metadata.row_group(first).num_rows
        first += 1
    return skipped, list(range(first, file.num_row_groups))


def _as_line(row: dict[str, Any]) -> bytes:
    """The row as the line of JSON that it stands for; `data` is put in as it is, to be parsed once."""
    data = row.pop("data")
    envelope = {key: _plain(value) for key, value in row.items() if value is not None}
    text = data if isinstance(data, bytes) else str(data).encode("utf-8", "surrogatepass")
    # One JSON value and nothing behind it, which would be read as part of the envelope; otherwise the event is
    # refused for want of its data.
    with suppress(msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        envelope["data"] = msgspec.json.decode(text, type=msgspec.Raw)
    return msgspec.json.encode(envelope)


def _plain(value: Any) -> Any:
    return value if isinstance(value, str | int | float) else str(value)
