"""Web logs read by a cluster, each file by one of its machines, with the kernels of `reading`.

What comes back are the same batches of pairs in the same order, so that all that is made of them is the same as well.
Readers are compared with each other, which takes all pairs together: that is done here (`reach.windows`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec
import pyarrow as pa

from agoranomos.access.logs.files import log_files
from agoranomos.access.logs.forms import FormName
from agoranomos.access.logs.reading import REFUSED_KEPT, SCHEMA, LogReader, Read
from agoranomos.access.logs.templates import templates_of
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark import tasks
from agoranomos.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PAIRS: Final = "pairs.arrow"
_READ: Final = "read.msgpack"
_NOTHING_KEPT: Final = "Nothing of it is kept."


class Reading(msgspec.Struct, frozen=True):
    """Reads files: the tool of the cluster's processes. A task is the path of a file."""

    templates: tuple[str, ...]
    until: datetime
    form: FormName | None

    def open(self) -> tasks.Do:
        """Compiles the kernels, where that has not been done."""
        made = templates_of(self.templates)

        def do(path: Any, folder: Path) -> None:
            reader = LogReader(made, until=self.until, form=self.form)
            with pa.OSFile(str(folder / _PAIRS), "wb") as file, pa.ipc.new_file(file, SCHEMA) as writer:
                for batch in reader.batches([path]):
                    writer.write_batch(batch)
            (folder / _READ).write_bytes(msgspec.msgpack.encode(reader.read))

        return do


class AwayReader:
    """In the place of `reading.LogReader`; `folder` lies on what all machines share, and is empty."""

    def __init__(
        self, session: SparkSession, folder: Path, templates: Sequence[str], *, until: datetime, form: FormName | None
    ) -> None:
        self._session = session
        self._folder = folder
        self._tool = Reading(tuple(templates), until, form)
        self.read = Read()

    def batches(self, inputs: Sequence[str | Path]) -> Iterator[pa.RecordBatch]:
        """See `LogReader.batches`. Nothing is given before all files have been read. Raises NotFound and Invalid."""
        paths = {f"{number:07d}": source.path for number, source in enumerate(log_files(inputs))}
        try:
            for name, made in tasks.run(self._session, self._tool, paths, self._folder, kept=_NOTHING_KEPT):
                made.rename(self._folder / name)
        except ScanStopped as error:
            raise Invalid(error.message) from error
        for name in paths:
            self._add(msgspec.msgpack.decode((self._folder / name / _READ).read_bytes(), type=Read))
            with pa.memory_map(str(self._folder / name / _PAIRS)) as file:
                pairs = pa.ipc.open_file(file)
                yield from (pairs.get_batch(number) for number in range(pairs.num_record_batches))

    def _add(self, more: Read) -> None:
        """Puts the account of the next file behind that of those before it."""
        read = self.read
        read.lines += more.lines
        read.pairs += more.pairs
        read.early += more.early
        read.cpu_s += more.cpu_s
        for reason, count in more.reasons.items():
            read.reasons[reason] = read.reasons.get(reason, 0) + count
        read.refused += more.refused[: REFUSED_KEPT - len(read.refused)]
        read.principals = more.principals | read.principals
