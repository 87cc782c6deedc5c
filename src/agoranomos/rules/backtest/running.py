"""A backtest from its input to its report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

import sqlalchemy as sa

from agoranomos.engine.rules.tree import Score
from agoranomos.engine.rules.types import CALENDAR
from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.rules.backtest import queries
from agoranomos.rules.backtest.counting import report
from agoranomos.rules.backtest.history import History
from agoranomos.rules.backtest.looking import Looking, types_of
from agoranomos.rules.backtest.report import Read, Report
from agoranomos.rules.book import Book, Used
from agoranomos.rules.policy import QueuePolicy

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_CASES: Final = "case.decided"

Say = Callable[[str], None]
"""Tells whoever waits what is being done."""


def backtest(
    book: Book,
    connection: sa.Connection,
    *,
    folder: Path,
    policy: QueuePolicy,
    sources: Sequence[Source] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    samples: int,
    say: Say = lambda _: None,
    seconds_max: float | None = None,
    threads: int | None = None,
    session: SparkSession | None = None,
) -> Report:
    """What the rules of `book` would have done to the events of `sources`, or to those of the log when there are none.

    `folder` takes a scratch database, about as large as the events that the rules look at. Hits are counted from
    `since` (inclusive) until `until` (exclusive); features also count what came before. With `session` a cluster does
    the work, and all its machines must see `folder` and `sources`. Raises Invalid, also when it takes longer than
    `seconds_max`.
    """
    if not book.used:
        raise Invalid("there is no rule to test: name files of rules, or put one into shadow")
    if since is not None and until is not None and since >= until:
        raise Invalid("the backtest ends before it begins; give --from an earlier day than --to")
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="backtest-", ignore_cleanup_errors=True) as scratch,
        History(Path(scratch), calendar=CALENDAR, threads=threads) as history,
        history.for_at_most(seconds_max),
    ):
        codes = _codes(book)
        said = list(queries.scores(connection, codes)) if codes else []
        say("reading events")
        if session is not None:
            # It needs Spark, which is an extra.
            from agoranomos.rules.backtest.away import Away, logged  # noqa: PLC0415

            away = Away(
                session, history, Path(scratch), calendar=CALENDAR, lists=book.lists, scores=said, since=since,
                until=until, samples=samples,
            )  # fmt: skip
            given = sources or list(logged(_pages(book, connection, since, until), Path(scratch)))
            read = away.look(book, given, types_of(book.used) | {_CASES})
            say("counting")
            return report(away, book, read=read, policy=policy, samples=samples)
        read = _read(history, book, connection, sources, since, until)
        say(f"looking at {read.events:,} events with {len(book.used)} rules")
        looking = Looking(history, lists=book.lists, scores=said, since=since, until=until)
        looking.look(book)
        say("counting")
        return report(looking, book, read=read, policy=policy, samples=samples)


def _read(
    history: History, book: Book, connection: sa.Connection, sources: Sequence[Source], since: datetime | None,
    until: datetime | None,
) -> Read:  # fmt: skip
    if sources:
        history.read_files(sources, types_of(book.used) | {_CASES})
    else:
        for page in _pages(book, connection, since, until):
            history.take(page)
    return history.ready()


def _pages(
    book: Book, connection: sa.Connection, since: datetime | None, until: datetime | None
) -> Iterator[list[Event]]:
    """What the log holds of the types that rules look at, from where their features begin to count."""
    longest = max((feature.window_us for feature in book.features), default=0)
    begin = since - timedelta(microseconds=longest + 1) if since else None  # read from behind this moment on
    return queries.logged(connection, types_of(book.used) | {_CASES}, since=begin, until=until)


def _codes(book: Book) -> set[str]:
    leaves = (leaf for used in book.used for leaf in used.written.condition.leaves)
    return {leaf.source.code for leaf in leaves if isinstance(leaf.source, Score)}


def beside(candidates: Sequence[Used], live: Sequence[Used]) -> list[Used]:
    """`candidates`, and the live rules that they are compared with."""
    taken = {used.key for used in candidates}
    return [*candidates, *(used for used in live if used.standing == "live" and used.key not in taken)]
