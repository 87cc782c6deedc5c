"""The engine that a command was asked for: this machine, or a cluster. Spark is not imported for less."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from agoranomos.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@contextmanager
def session_for(
    engine: str, master: str | None, settings: Mapping[str, str], *, shared: Sequence[Path], seen: Sequence[Path],
    tell: Callable[[str], None],
) -> Iterator[SparkSession | None]:  # fmt: skip
    """None for the engine `local`, else a session on the cluster, ended with the block.

    A cluster must write into the folders `shared` and see the files `seen`. Raises Invalid.
    """
    if engine == "local":
        if master or settings:
            raise Invalid("--master and --spark-conf are for --engine spark; leave them out, or name that engine")
        yield None
        return
    if not master:
        raise Invalid("Say which cluster: --master spark://HOST:7077 (or local[2], to try it on this machine)")
    from agoranomos.engine.spark.session import cluster

    with cluster(master, shared=shared, seen=seen, settings=settings, tell=tell) as session:
        yield session
