"""Files that come into a folder, by Spark's Structured Streaming: batch by batch, each file in one batch.

Spark keeps in the checkpoint which files were in which batch before the batch is given out, and that it is done after.
So after a kill the batch that was at work comes again with the same files, and nothing else does: whoever takes a batch
has to know it again, which `intake` does by path, size and time of each file. What is in the files is read by whoever
takes them, not by Spark: its reader of lines is not ours, and a line that is refused has to have its number.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import unquote

from agoranomos.engine.scan.sources import Source, expand
from agoranomos.engine.spark.session import cause, quiet
from agoranomos.kernel.errors import AgoranomosError, Invalid

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

Take = Callable[[int, Sequence[Source]], None]
"""Takes a batch: its number, and its files in the order in which they were written. It may come a second time."""
FILES: Final = "*.{jsonl,jsonl.gz,jsonl.zst,parquet}"
_COLUMNS: Final = "path string, modificationTime timestamp, length long, content binary"
_LOOK_EVERY_S: Final = 0.5


def follow(
    session: SparkSession, folder: Path, checkpoint: Path, take: Take, *, files_max: int, every_s: float,
    once: bool, stopping: threading.Event,
) -> None:  # fmt: skip
    """Gives the files of `folder` and those below it to `take`, each in one batch of at most `files_max`.

    It looks every `every_s` seconds, until `stopping` is set; with `once` it ends when no file is left. `checkpoint` is
    a folder of this machine. Raises whatever `take` raises, and Invalid when the stream fails.
    """
    failed: list[BaseException] = []

    def batch(frame: DataFrame, number: int) -> None:
        if stopping.is_set():
            raise Invalid("it is stopping")
        rows = frame.select("modificationTime", "path").collect()
        files = [_source(each.path) for each in sorted(rows, key=lambda row: (row.modificationTime, row.path))]
        try:
            take(number, files)
        except BaseException as error:  # Spark would say it in pages of its own
            failed.append(error)
            raise

    with quiet():
        reading = session.readStream.format("binaryFile").schema(_COLUMNS).option("pathGlobFilter", FILES)
        frame = reading.option("recursiveFileLookup", "true").option("maxFilesPerTrigger", files_max).load(str(folder))
        writing: Any = frame.select("path", "modificationTime", "length").writeStream.foreachBatch(batch)
        writing = writing.option("checkpointLocation", str(checkpoint)).queryName("agora")
        when = {"availableNow": True} if once else {"processingTime": f"{every_s} seconds"}
        query = writing.trigger(**when).start()
    try:
        while not query.awaitTermination(_LOOK_EVERY_S):
            if stopping.is_set():
                break
    except Exception as error:
        if failed and isinstance(failed[0], AgoranomosError):
            raise failed[0] from error
        raise Invalid(f"The stream failed: {cause(error)}. Calling again goes on from its checkpoint.") from error
    finally:
        query.stop()


def _source(uri: str) -> Source:
    """The file that Spark names."""
    if not uri.startswith("file:"):
        raise Invalid(f"{uri} lies on no mount; give a folder that this machine sees")
    path = "/" + uri.removeprefix("file:").lstrip("/")
    return expand([path if Path(path).exists() else unquote(path)])[0]
