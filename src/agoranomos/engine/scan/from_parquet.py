"""Reads one unit of a Parquet file in small batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agoranomos.engine.scan.raw import Raw, Tally, rejected_only
from agoranomos.engine.scan.schema import BATCH_BYTES, BATCH_ROWS
from agoranomos.engine.scan.units import Unit

_BUFFER_BYTES = 1 << 20  # per column; without it a whole column chunk lies in memory
_BATCH_ROWS_MIN = 64
_LARGE_BYTES = 512 << 20
_LARGE_BATCH_ROWS = 2_048
"""In row groups above half a gigabyte long values may stand together: batches stay small there."""
_DICTIONARY_BYTES_PER_ROW = 32
"""A dictionary-encoded column below this is read as a dictionary.

It is quicker, and one long value repeated in every row does not burst memory before it can be seen.
"""


def read(unit: Unit, tally: Tally) -> Iterator[Raw]:
    """The unit's rows; a damaged page ends it with one reject, `unreadable`."""
    to_skip, left = unit.first_row, unit.row_count
    try:
        for batch in _batches(unit):
            first = min(to_skip, batch.num_rows)
            to_skip -= first
            kept = batch.slice(first, left)
            if not kept.num_rows:
                continue
            for part in _small(kept):
                rows = np.arange(tally.rows, tally.rows + part.num_rows)
                tally.rows += part.num_rows
                yield Raw(_columns(unit, part), rows)
            left -= kept.num_rows
            if left <= 0:
                break
    except (pa.ArrowException, OSError) as error:
        yield _damaged(unit, tally, error)


def _batches(unit: Unit) -> Iterator[pa.RecordBatch]:
    groups = list(range(unit.start, unit.stop))
    names = list(unit.layout.names.values())
    with pq.ParquetFile(unit.source.path) as file:
        metadata = file.metadata
        dictionaries = _low_in_variety(metadata, groups, names)
    size = sum(unit.layout.row_groups[group].size for group in groups)
    rows = sum(unit.layout.row_groups[group].rows for group in groups)
    per_batch = BATCH_BYTES * rows // max(1, size)
    limit = _LARGE_BATCH_ROWS if size > _LARGE_BYTES * len(groups) else BATCH_ROWS
    with pq.ParquetFile(
        unit.source.path,
        metadata=metadata,
        read_dictionary=dictionaries,
        buffer_size=_BUFFER_BYTES,
        pre_buffer=False,
    ) as file:
        yield from file.iter_batches(
            batch_size=max(_BATCH_ROWS_MIN, min(limit, per_batch)),
            row_groups=groups,
            columns=names,
            use_threads=False,
        )


def _low_in_variety(metadata: pq.FileMetaData, groups: list[int], names: list[str]) -> list[str]:
    sizes: dict[str, int] = dict.fromkeys(names, 0)
    rows = 0
    for group in groups:
        chunks = metadata.row_group(group)
        rows += chunks.num_rows
        for number in range(chunks.num_columns):
            chunk = chunks.column(number)
            name = chunk.path_in_schema
            if name in sizes:
                encoded = chunk.physical_type == "BYTE_ARRAY" and any(
                    "DICTIONARY" in encoding for encoding in chunk.encodings
                )
                sizes[name] += chunk.total_uncompressed_size if encoded else 1 << 62
    return [name for name, size in sizes.items() if 0 < size < _DICTIONARY_BYTES_PER_ROW * rows]


def _small(batch: pa.RecordBatch) -> Iterator[pa.RecordBatch]:
    """`batch` halved until its decoded texts fit the limit, or one row is left."""
    if batch.num_rows <= 1 or _decoded_bytes(batch) <= 2 * BATCH_BYTES:
        yield batch
        return
    half = batch.num_rows // 2
    yield from _small(batch.slice(0, half))
    yield from _small(batch.slice(half))


def _decoded_bytes(batch: pa.RecordBatch) -> int:
    size = 0
    for array in batch.columns:
        if not pa.types.is_dictionary(array.type):
            size += array.nbytes
        elif pa.types.is_nested(array.type.value_type) or not len(array.dictionary):
            continue
        else:
            size += _text_bytes(array)
    return size


def _text_bytes(array: pa.DictionaryArray) -> int:
    kind = array.type.value_type
    if not (pa.types.is_string(kind) or pa.types.is_binary(kind) or pa.types.is_large_string(kind)):
        return 0
    lengths = pc.binary_length(array.dictionary)
    longest = (pc.max(lengths).as_py() or 0) * len(array)
    if longest <= BATCH_BYTES:
        return int(longest)
    return int(pc.sum(lengths.take(array.indices)).as_py() or 0)


def _columns(unit: Unit, batch: pa.RecordBatch) -> dict[str, pa.Array]:
    return {ours: batch.column(theirs) for ours, theirs in unit.layout.names.items()}


def _damaged(unit: Unit, tally: Tally, error: Exception) -> Raw:
    raw = rejected_only()
    raw.rejects.add(tally.rows, None, "unreadable")
    row = unit.base_row + tally.rows + 1
    lost = unit.row_count - tally.rows
    tally.notes.append(f"damaged: {lost} rows from row {row} on could not be read ({error})")
    tally.rows += 1
    return raw
