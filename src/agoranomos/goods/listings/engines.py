"""Where a catalogue is scanned: by processes of this machine, or by a cluster that is given the same work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from agoranomos.engine.scan.run import Hands
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.spark.asked import session_for

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


class Engine(msgspec.Struct, frozen=True):
    """`hands` None: `workers` processes of this machine; `session` is that of a cluster."""

    workers: int
    hands: Hands | None = None
    session: SparkSession | None = None


class Wanted(msgspec.Struct, frozen=True):
    """What somebody asked for: the engine, how many processes, and the cluster with settings of its own."""

    engine: str
    workers: int | None
    master: str | None
    settings: Mapping[str, str]


@contextmanager
def engine(
    wanted: Wanted, sources: Sequence[Source], *, shared: Path, seen: Sequence[Path], tell: Callable[[str], None]
) -> Iterator[Engine]:
    """The engine, for the block. A cluster must write into `shared` and see `sources` and `seen`; raises Invalid."""
    files = [*seen, *(Path(source.path) for source in sources)]
    with session_for(
        wanted.engine, wanted.master, wanted.settings, shared=[shared], seen=files, tell=tell
    ) as session:  # fmt: skip
        if session is None:
            yield Engine(wanted.workers or os.cpu_count() or 1)
            return
        from agoranomos.engine.spark.session import slots  # noqa: PLC0415 - Spark is an extra
        from agoranomos.engine.spark.units import on_cluster  # noqa: PLC0415

        yield Engine(slots(session), on_cluster(session), session)
