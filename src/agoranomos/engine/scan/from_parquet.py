"""Reads one unit of a Parquet file in small batches."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agoranomos.engine.scan.pages import weight
from agoranomos.engine.scan.raw import Raw, Tally, rejected_only
from agoranomos.engine.scan.schema import BATCH_BYTES, BATCH_ROWS
from agoranomos.engine.scan.units import Unit

_BUFFER_BYTES = 1 << 20  # per column; without it a whole column chunk lies in memory
_BATCH_ROWS_MIN = 4
_PAGE_BYTES_MAX = 256 << 20
_BLIND_BATCH_ROWS = 256
"""Where page headers cannot be read: even values of a megabyte then fit."""


def read(unit: Unit, tally: Tally) -> Iterator[Raw]:
    """The unit's rows; a damaged page ends it with one reject, `unreadable`."""
    to_skip, left = unit.first_row, unit.row_count
    try:
        for batch in _gathered(_batches(unit, tally)):
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


def _batches(unit: Unit, tally: Tally) -> Iterator[pa.RecordBatch]:
    groups = list(range(unit.start, unit.stop))
    names = list(unit.layout.names.values())
    with pq.ParquetFile(unit.source.path) as file:
        metadata = file.metadata
    heavy = weight(unit.source.path, metadata, groups, names)
    rows = _BLIND_BATCH_ROWS
    if heavy is not None:
        # Where a page is large anyway, batches of a fraction of it save time and cost little more.
        rows = max(2 * BATCH_BYTES, heavy.page // 4) // max(1, heavy.row)
        if heavy.page > _PAGE_BYTES_MAX:
            tally.notes.append(
                f"pages of {heavy.page >> 20} MB: memory cannot be held to its limit; "
                "write the file with pages of about 1 MB"
            )
    with pq.ParquetFile(
        unit.source.path,
        metadata=metadata,
        buffer_size=_BUFFER_BYTES,
        pre_buffer=False,
    ) as file:
        yield from file.iter_batches(
            batch_size=max(_BATCH_ROWS_MIN, min(BATCH_ROWS, rows)),
            row_groups=groups,
            columns=names,
            use_threads=False,
        )


def _gathered(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
    """Small batches put together, so that the judge is not called for a handful of rows.

    Not so with dictionaries: uniting those costs more than it saves.
    """
    waiting: list[pa.RecordBatch] = []
    rows = size = 0
    for batch in batches:
        full = rows + batch.num_rows > BATCH_ROWS or size + _decoded_bytes(batch) > BATCH_BYTES
        if waiting and (full or any(map(pa.types.is_dictionary, batch.schema.types))):
            yield pa.concat_batches(waiting) if len(waiting) > 1 else waiting[0]
            waiting, rows, size = [], 0, 0
        waiting.append(batch)
        rows += batch.num_rows
        size += _decoded_bytes(batch)
    if waiting:
        yield pa.concat_batches(waiting) if len(waiting) > 1 else waiting[0]


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
