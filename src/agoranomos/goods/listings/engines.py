"""Where a catalogue is scanned: by processes of this machine, or by a cluster that is given the same work."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click
import msgspec

from agoranomos.engine.scan.run import Hands
from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

LOCAL: Final = "local"
SPARK: Final = "spark"
ENGINES: Final = (LOCAL, SPARK)


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


def settings_of(given: Sequence[str]) -> dict[str, str]:
    """`name=value` words as a mapping; raises click's UsageError for others."""
    found = {}
    for word in given:
        name, sign, value = word.partition("=")
        if not (sign and name):
            raise click.UsageError(f"--spark-conf wants NAME=VALUE, and got {word!r}")
        found[name] = value
    return found


@contextmanager
def engine(
    wanted: Wanted, sources: Sequence[Source], *, shared: Path, seen: Sequence[Path], tell: Callable[[str], None]
) -> Iterator[Engine]:
    """The engine, for the block. A cluster must write into `shared` and see `sources` and `seen`; raises Invalid."""
    if wanted.engine == LOCAL:
        if wanted.master or wanted.settings:
            raise Invalid("--master and --spark-conf are for --engine spark; leave them out, or name that engine")
        yield Engine(wanted.workers or os.cpu_count() or 1)
        return
    if not wanted.master:
        raise Invalid("Say which cluster: --master spark://HOST:7077 (or local[2], to try it on this machine)")
    from agoranomos.engine.spark.session import cluster, slots  # noqa: PLC0415 - Spark is an extra
    from agoranomos.engine.spark.units import on_cluster  # noqa: PLC0415

    files = [*seen, *(Path(source.path) for source in sources)]
    with cluster(wanted.master, shared=[shared], seen=files, settings=wanted.settings, tell=tell) as session:
        yield Engine(slots(session), on_cluster(session), session)
