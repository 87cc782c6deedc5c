"""The files that a worker leaves for each unit: findings, rejects, and which listings it judged.

Arrow streams under temporary names until they are complete and on disk; a renamed part is a whole
one.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import IO, Literal, Self

import pyarrow as pa

from agoranomos.engine.scan.schema import FINDINGS_SCHEMA, REJECTS_SCHEMA

Kind = Literal["findings", "rejects", "ids"]
KINDS: tuple[Kind, ...] = ("findings", "rejects", "ids")
SCHEMAS: dict[Kind, pa.Schema] = {
    # The row that a finding is about (within the unit, from 0) and its store, for order and counts.
    "findings": FINDINGS_SCHEMA.append(pa.field("row", pa.int64())).append(pa.field("store_id", pa.string())),
    "rejects": REJECTS_SCHEMA,
    "ids": pa.schema(
        [
            ("hash", pa.uint64()),
            ("row", pa.int64()),
            ("line", pa.int64()),
            ("listing_id", pa.string()),
        ]
    ),
}


def part_path(folder: Path, index: int, kind: Kind) -> Path:
    """Where the part of unit `index` lies."""
    return folder / f"{index:07d}.{kind}.arrow"


class PartWriter:
    """Writes the parts of one unit; a kind without rows gets no file."""

    def __init__(self, folder: Path, index: int) -> None:
        self._folder = folder
        self._index = index
        self._open: dict[Kind, tuple[Path, IO[bytes], pa.RecordBatchWriter]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Completes the parts, or throws them away when there was an error."""
        for name, (path, file, writer) in self._open.items():
            if kind is None:
                writer.close()
                file.flush()
                os.fsync(file.fileno())
                file.close()
                path.replace(part_path(self._folder, self._index, name))
            else:
                file.close()
                path.unlink(missing_ok=True)

    def write(self, kind: Kind, batch: pa.RecordBatch) -> None:
        """Appends `batch`, which has the kind's schema."""
        if not batch.num_rows:
            return
        if kind not in self._open:
            path = self._folder / f"{self._index:07d}.{kind}.{os.getpid()}.tmp"
            file = path.open("wb")
            options = pa.ipc.IpcWriteOptions(compression="lz4", use_threads=False)
            self._open[kind] = (path, file, pa.ipc.new_stream(file, SCHEMAS[kind], options=options))
        self._open[kind][2].write_batch(batch)

    @property
    def kinds(self) -> list[Kind]:
        """The kinds that were written."""
        return sorted(self._open)


def read_part(folder: Path, index: int, kind: Kind, columns: list[str] | None = None) -> Iterator[pa.RecordBatch]:
    """The batches of one part; nothing when the unit has none of the kind."""
    path = part_path(folder, index, kind)
    if not path.exists():
        return
    fields = None if columns is None else [SCHEMAS[kind].get_field_index(name) for name in columns]
    options = pa.ipc.IpcReadOptions(included_fields=fields, use_threads=False)
    with path.open("rb") as file, pa.ipc.open_stream(file, options=options) as reader:
        yield from reader
