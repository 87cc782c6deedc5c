"""Puts the parts of all units together, in input order, without listings that were judged
before."""

from __future__ import annotations

import heapq
import os
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from operator import itemgetter
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from agoranomos.engine.scan.counts import Counts
from agoranomos.engine.scan.parts import read_part
from agoranomos.engine.scan.repeats import RowBits
from agoranomos.engine.scan.schema import BATCH_ROWS, FINDINGS_SCHEMA, REJECTS_SCHEMA
from agoranomos.engine.scan.units import Unit
from agoranomos.engine.scan.work import Done

_GROUP_ROWS = 1 << 15
_GROUP_BYTES = 64 << 20
Finished = Sequence[tuple[Unit, Done]]


class _Groups:
    """Gathers batches into row groups whose cuts depend on nothing but the rows."""

    def __init__(self, writer: pq.ParquetWriter, schema: pa.Schema) -> None:
        self._writer = writer
        self._schema = schema
        self._waiting: list[pa.RecordBatch] = []
        self._rows = self._bytes = 0

    def add(self, batch: pa.RecordBatch) -> None:
        self._waiting.append(batch)
        self._rows += batch.num_rows
        self._bytes += batch.nbytes
        if self._rows >= _GROUP_ROWS or self._bytes >= _GROUP_BYTES:
            self.flush()

    def flush(self) -> None:
        if self._rows:
            table = pa.Table.from_batches(self._waiting, self._schema)
            self._writer.write_table(table, row_group_size=_GROUP_ROWS)
        self._waiting, self._rows, self._bytes = [], 0, 0


@contextmanager
def _parquet(path: Path, schema: pa.Schema) -> Iterator[_Groups]:
    """A Parquet file that is on disk when the block ends."""
    with path.open("wb") as file:
        with pq.ParquetWriter(file, schema, compression="zstd") as writer:
            groups = _Groups(writer, schema)
            yield groups
            groups.flush()
        file.flush()
        os.fsync(file.fileno())


def merge_findings(units: Finished, again: dict[int, RowBits], folder: Path, path: Path) -> Counts:
    """Writes all findings of first listings to `path` and counts them."""
    counts = Counts()
    with _parquet(path, FINDINGS_SCHEMA) as groups:
        for unit, _ in units:
            bits = again.get(unit.index)
            for part in read_part(folder, unit.index, "findings"):
                kept = part
                if bits is not None:
                    kept = part.filter(pa.array(~bits.has(part.column("row").to_numpy())))
                counts.add(unit.index, kept)
                groups.add(kept.select(FINDINGS_SCHEMA.names))
    return counts


def merge_rejects(units: Finished, again: dict[int, RowBits], folder: Path, path: Path) -> Counter[str]:
    """Writes all rejects to `path` with their file, row and line counted from its start; by reason.

    Rows and lines of a part count from its unit's start; what lies before is known only here.
    """
    reasons: Counter[str] = Counter()
    with _parquet(path, REJECTS_SCHEMA) as groups:
        source, rows, lines = -1, 0, 0
        for unit, done in units:
            if unit.source_index != source:
                source, rows, lines = unit.source_index, 0, unit.layout.header_lines
            if unit.source.format == "parquet":
                rows = unit.base_row
            for part in _rejects(unit, again.get(unit.index), folder):
                for pair in pc.value_counts(part.column("reason")).to_pylist():
                    reasons[pair["values"]] += pair["counts"]
                groups.add(_placed(part, unit.source.path, rows + 1, lines + 1))
            rows += done.rows
            lines += done.lines
    return reasons


def _placed(part: pa.RecordBatch, file: str, row: int, line: int) -> pa.RecordBatch:
    arrays = list(part.columns)
    arrays[0] = pa.repeat(file, part.num_rows)
    arrays[1] = pc.add(arrays[1], row)
    arrays[2] = pc.add(arrays[2], line)
    return pa.RecordBatch.from_arrays(arrays, schema=REJECTS_SCHEMA)


def _rejects(unit: Unit, bits: RowBits | None, folder: Path) -> Iterator[pa.RecordBatch]:
    """The unit's rejects and repeats in the order of rows."""
    if bits is None:
        yield from read_part(folder, unit.index, "rejects")
        return
    merged = heapq.merge(_refused(unit, folder), _repeats(unit, bits, folder), key=itemgetter(1))
    while chunk := list(islice(merged, BATCH_ROWS)):
        columns: list[Any] = [list(column) for column in zip(*chunk, strict=True)]
        arrays = [pa.array(values, field.type) for values, field in zip(columns, REJECTS_SCHEMA, strict=True)]
        yield pa.RecordBatch.from_arrays(arrays, schema=REJECTS_SCHEMA)


def _refused(unit: Unit, folder: Path) -> Iterator[tuple[Any, ...]]:
    for part in read_part(folder, unit.index, "rejects"):
        yield from zip(*(column.to_pylist() for column in part.columns), strict=True)


def _repeats(unit: Unit, bits: RowBits, folder: Path) -> Iterator[tuple[Any, ...]]:
    for part in read_part(folder, unit.index, "ids", ["row", "line", "listing_id"]):
        rows = part.column("row").to_numpy()
        again = np.flatnonzero(bits.has(rows))
        chosen = part.take(pa.array(again)).to_pylist() if again.size else []
        for row in chosen:
            yield "", row["row"], row["line"], "listing_id", "duplicate", row["listing_id"]
