"""`agora stream`: files of events that go on coming, into the store, each event once whatever is killed."""

from __future__ import annotations

import signal
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import Protocol

import click
import msgspec

from agoranomos.engine.scan.progress import Silent
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.spark.session import cluster
from agoranomos.intake.commands import IntakeContext
from agoranomos.intake.ingesting import Ingest
from agoranomos.kernel.errors import Invalid
from agoranomos.terminal import SPARK, json_option, settings_of, write_out

FILES_MAX = 64


class StreamContext(IntakeContext, Protocol):
    """A context whose monitors can follow the log."""

    def background(self) -> AbstractContextManager[None]: ...


class Taken(msgspec.Struct):
    """What came of the files in the batches of this call, with what an earlier one had taken of a batch that came back;
    `repeated` counts events that the store knew already."""

    batches: int = 0
    files: int = 0
    accepted: int = 0
    repeated: int = 0
    rejected: int = 0


@click.command("stream")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option(
    "--checkpoint", required=True, type=click.Path(path_type=Path, file_okay=False),
    help="A folder for how far the stream is; it belongs to this store.",
)  # fmt: skip
@click.option("--engine", type=click.Choice([SPARK]), default=SPARK, help="Who counts the files.", expose_value=False)
@click.option("--master", metavar="URL", required=True, help="The cluster: spark://HOST:7077, yarn, k8s://…, local[1].")
@click.option("--spark-conf", multiple=True, metavar="NAME=VALUE", help="A setting of Spark's own; repeatable.")
@click.option("--every", type=click.FloatRange(min=0.1), default=2.0, show_default=True, help="Seconds between looks.")
@click.option(
    "--files", "files_max", type=click.IntRange(1, 10_000), default=FILES_MAX, show_default=True,
    help="At most so many in a batch.",
)  # fmt: skip
@click.option("--once", is_flag=True, help="End when all files are in the log; no monitor is waited for.")
@json_option
@click.pass_obj
def stream_command(
    context: StreamContext, folder: Path, checkpoint: Path, master: str, spark_conf: tuple[str, ...],
    every: float, files_max: int, once: bool, as_json: bool,
) -> None:  # fmt: skip
    """Take the files of events that come into FOLDER into the store, and let the desks' monitors follow.

    Files are JSONL (also .gz, .zst) or Parquet, moved into the folder when they are whole. After a kill, call again
    with the same checkpoint: each event is in the log once. Ctrl-C ends it behind the batch at work.
    """
    store = context.store()
    store.require_current()
    if folder.resolve() in (checkpoint.resolve(), *checkpoint.resolve().parents):
        raise Invalid("the checkpoint lies in the folder of events; give one outside it")
    taken, stopping = Taken(), threading.Event()

    def take(_: int, sources: Sequence[Source]) -> None:
        ingest = Ingest(
            store, context.vault(), sources, clock=context.now, watcher=Silent(), hearers=context.hearers(),
            notings=context.notings(),
        )  # fmt: skip
        summary = ingest.run()
        taken.batches += 1
        taken.files += summary.files
        taken.accepted += summary.accepted
        taken.repeated += summary.repeated
        taken.rejected += summary.rejected
        click.echo(_said(taken), err=True)

    checkpoint.mkdir(parents=True, exist_ok=True)
    monitors = nullcontext() if once else context.background()
    with (
        cluster(
            master, seen=[folder], settings=settings_of(spark_conf), tell=lambda words: click.echo(words, err=True)
        ) as session,
        monitors,
    ):  # fmt: skip
        from agoranomos.engine.spark.streams import follow  # noqa: PLC0415 - Spark is an extra

        for number in (signal.SIGINT, signal.SIGTERM):  # Spark would cancel the batch at work
            signal.signal(number, lambda *_: stopping.set())
        follow(
            session, folder.absolute(), checkpoint.absolute(), take, files_max=files_max, every_s=every, once=once,
            stopping=stopping,
        )  # fmt: skip
    write_out(taken, as_json, _said(taken))


def _said(taken: Taken) -> str:
    return (
        f"{taken.files:,} files in {taken.batches:,} batches: {taken.accepted:,} accepted, "
        f"{taken.repeated:,} repeated, {taken.rejected:,} rejected."
    )
