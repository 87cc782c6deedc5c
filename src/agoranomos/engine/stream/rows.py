"""The rows of Parquet files of events, as the lines of JSON that they stand for."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

import msgspec
import pyarrow as pa
import pyarrow.parquet as pq

from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.errors import Invalid

COLUMNS: Final = ("id", "source", "type", "time", "subject", "data")
_ROWS: Final = 4096


def rows(source: Source, after: int) -> Iterator[tuple[int, bytes]]:
    """See `lines`."""
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
