"""A backtest from its input to its report."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from agoranomos.engine.rules.tree import Score
from agoranomos.engine.rules.types import CALENDAR
from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.backtest import queries
from agoranomos.rules.backtest.counting import report
from agoranomos.rules.backtest.history import History
from agoranomos.rules.backtest.looking import Looking, types_of
from agoranomos.rules.backtest.report import Read, Report
from agoranomos.rules.book import Book, Used
from agoranomos.rules.policy import QueuePolicy

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
) -> Report:
    """What the rules of `book` would have done to the events of `sources`, or to those of the log when there are none.

    `folder` takes a scratch database, about as large as the events that the rules look at. Hits are counted from
    `since` (inclusive) until `until` (exclusive); features also count what came before. Raises Invalid, also when it
    takes longer than `seconds_max`.
    """
    if not book.used:
        raise Invalid("there is no rule to test: name files of rules, or put one into shadow")
    if since is not None and until is not None and since >= until:
        raise Invalid("the backtest ends before it begins; give --from an earlier day than --to")
    with (
        tempfile.TemporaryDirectory(dir=folder, prefix="backtest-") as scratch,
        History(Path(scratch), calendar=CALENDAR, threads=threads) as history,
        history.for_at_most(seconds_max),
    ):
        say("reading events")
        read = _read(history, book, connection, sources, since, until)
        say(f"looking at {read.events:,} events with {len(book.used)} rules")
        codes = _codes(book)
        said = list(queries.scores(connection, codes)) if codes else []
        looking = Looking(history, lists=book.lists, scores=said, since=since, until=until)
        looking.look(book)
        say("counting")
        return report(looking, book, read=read, policy=policy, samples=samples)


def _read(
    history: History, book: Book, connection: sa.Connection, sources: Sequence[Source], since: datetime | None,
    until: datetime | None,
) -> Read:  # fmt: skip
    types = types_of(book.used) | {_CASES}
    if sources:
        history.read_files(sources, types)
    else:
        longest = max((feature.window_us for feature in book.features), default=0)
        begin = since - timedelta(microseconds=longest + 1) if since else None  # read from behind this moment on
        for page in queries.logged(connection, types, since=begin, until=until):
            history.take(page)
    return history.ready()


def _codes(book: Book) -> set[str]:
    leaves = (leaf for used in book.used for leaf in used.written.condition.leaves)
    return {leaf.source.code for leaf in leaves if isinstance(leaf.source, Score)}


def beside(candidates: Sequence[Used], live: Sequence[Used]) -> list[Used]:
    """`candidates`, and the live rules that they are compared with."""
    taken = {used.key for used in candidates}
    return [*candidates, *(used for used in live if used.standing == "live" and used.key not in taken)]
