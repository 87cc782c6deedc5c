"""How many bytes a row of a Parquet file takes at worst, from the headers of its pages.

The footer knows only the sum over a row group. Where a few long texts stand together among many
short ones, a batch sized by the average would take gigabytes; page headers show it beforehand, at
a few microseconds each. Layout: Apache Parquet format, `PageHeader` in parquet.thrift, Thrift
compact protocol.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, NamedTuple

import pyarrow.parquet as pq

_SMALL_BYTES = 16 << 10
"""A column chunk below this cannot fill memory: a dictionary in it has no long value to repeat."""
_DICTIONARY_PAGE = 2
_STOP, _TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _STRUCT = 0, 1, 2, 3, 7, 8, 9, 10, 12


class _Page(NamedTuple):
    dictionary: bool
    size: int  # uncompressed bytes
    values: int


class Weight(NamedTuple):
    """Bytes: the sum over the columns of each one's largest mean size of a row within one page, and
    the largest page, which Arrow holds in memory as a whole."""

    row: int
    page: int


def weight(path: str, metadata: pq.FileMetaData, groups: list[int], names: list[str]) -> Weight | None:
    """How heavy the columns `names` of the row groups are at worst.

    None when the headers cannot be read; the caller must then assume the worst.
    """
    largest: dict[str, float] = {}
    page = 0
    try:
        with Path(path).open("rb") as raw:
            for group in groups:
                chunks = metadata.row_group(group)
                for number in range(chunks.num_columns):
                    chunk = chunks.column(number)
                    name = chunk.path_in_schema.split(".")[0]
                    if name in names:
                        per_row, heaviest = _largest(raw, chunk, chunks.num_rows)
                        page = max(page, heaviest)
                        largest[name] = max(largest.get(name, 0.0), per_row)
    except (IndexError, KeyError, TypeError, ValueError, ZeroDivisionError):
        return None
    return Weight(int(sum(largest.values())), page)


def _largest(raw: IO[bytes], chunk: pq.ColumnChunkMetaData, rows: int) -> tuple[float, int]:
    mean = float(chunk.total_uncompressed_size / max(1, rows))
    if chunk.total_uncompressed_size < _SMALL_BYTES or chunk.physical_type != "BYTE_ARRAY":
        return mean, 0
    values_per_row = max(1.0, chunk.num_values / max(1, rows))
    pages = list(_pages(raw, chunk))
    largest = max(page.size / max(1, page.values) for page in pages)
    return max(mean, largest * values_per_row), max(page.size for page in pages)


def _pages(raw: IO[bytes], chunk: pq.ColumnChunkMetaData) -> Iterator[_Page]:
    at = chunk.data_page_offset
    if chunk.has_dictionary_page and chunk.dictionary_page_offset is not None:
        at = min(at, chunk.dictionary_page_offset)
    end = at + chunk.total_compressed_size
    while at < end:
        raw.seek(at)
        header = _struct(raw)
        details = header.get(5) or header.get(7) or header[8]
        yield _Page(header[1] == _DICTIONARY_PAGE, header[2], details[1])
        at = raw.tell() + header[3]


def _struct(raw: IO[bytes]) -> dict[int, Any]:
    """Field id -> value; binary values are passed over."""
    fields: dict[int, Any] = {}
    number = 0
    while (head := raw.read(1)[0]) != _STOP:
        number = number + (head >> 4) if head >> 4 else _zigzag(raw)
        kind = head & 15
        fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else _value(raw, kind)
    return fields


def _value(raw: IO[bytes], kind: int) -> Any:
    if kind == _STRUCT:
        return _struct(raw)
    if kind in (_LIST, _SET):
        head = raw.read(1)[0]
        size = head >> 4 if head >> 4 != 15 else _varint(raw)
        return [_value(raw, head & 15) for _ in range(size)]
    if kind in (_BINARY, _DOUBLE, _BYTE, _TRUE):
        raw.seek({_BINARY: 0, _DOUBLE: 8}.get(kind, 1) or _varint(raw), 1)
        return None
    return _zigzag(raw)


def _varint(raw: IO[bytes]) -> int:
    value = shift = 0
    while True:
        octet = raw.read(1)[0]
        value |= (octet & 127) << shift
        if octet < 128:
            return value
        shift += 7


def _zigzag(raw: IO[bytes]) -> int:
    value = _varint(raw)
    return (value >> 1) ^ -(value & 1)
