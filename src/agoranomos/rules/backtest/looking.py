"""Lets rules look at a history: a table with a row per event and a column per thing that a rule names, then the hits.

Rules that listen to the same are looked at together: each field is taken out of the JSON once, and features with one
key share one sort (`engine.features.sql`). Lists are as they stand now, with their entries' ends; the scores of
detectors are those that the store keeps of the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

import pyarrow as pa

from agoranomos.engine.rules.types import CHECKS
from agoranomos.rules.backtest.asking import (
    HITS,
    Asked,
    bounds,
    counted,
    entries_of,
    hits,
    scores_of,
    shown,
    span,
    table_of,
    told,
)  # fmt: skip
from agoranomos.rules.backtest.history import History
from agoranomos.rules.book import Book, Lists, Used


def types_of(used: Iterable[Used]) -> set[str]:
    """The types of event that these rules and their features look at."""
    found: set[str] = set()
    for one in used:
        found.update(CHECKS.get(one.written.rule.listens, (one.written.rule.listens,)))
        for feature in one.written.features.values():
            found.update(feature.types)
    return found


class Looking:
    """Rules over a history, between two moments (`since` inclusive, `until` exclusive; None: no bound).

    Features count what happened before `since` as well. The hits are rows of the table `hits`: `rule` (the key of the
    version), `source`, `id`, `time`, `kind` and `subject`.
    """

    def __init__(
        self,
        history: History,
        *,
        lists: Lists,
        scores: Iterable[tuple[str, str, float]] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self.connection = history.connection
        self._where = bounds(since, until)
        self._tables: dict[str, str] = {}
        self._fill("entries", entries_of(lists))
        self._fill("scores", scores_of(scores))
        self.connection.execute(f"CREATE OR REPLACE TABLE hits ({HITS})")
        self.seen: dict[str, int] = {}
        """By key: how many events the rule looked at."""
        self.days: dict[str, int] = {}
        """By key: from the first day of those events to the last one."""
        self.unknown: dict[str, int] = {}
        """By key: how many of them lacked something that the rule needed to know."""

    def look(self, book: Book) -> None:
        """Finds the hits of every rule of `book`."""
        number = 0
        for groups in book.groups.values():
            for group in groups:
                table = f"looked_{number}"
                number += 1
                asked = Asked(group)
                self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS {asked.looked(asked.whole, self._where)}")
                for key, used in group.used.items():
                    self._tables[key] = table
                    self._hit(table, key, used)

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day of the events between the bounds."""
        ((first, last),) = self.connection.execute(span(self._where)).fetchall()
        return first, last

    def values(self, used: Used, events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """What the rule saw in each of `events` (source, id), by leaf, as people and JSON take it."""
        if not events:
            return {}
        self._fill("wanted", table_of(["source", "id"], [pa.string(), pa.string()], events))
        rows = self.connection.execute(
            f"SELECT source, id, {shown(used)} FROM {self._tables[used.key]} JOIN wanted USING (source, id)"
        ).fetchall()
        return {(source, event): told(used, values) for source, event, *values in rows}

    def _hit(self, table: str, key: str, used: Used) -> None:
        ((self.seen[key], self.unknown[key], first, last),) = self.connection.execute(counted(table, used)).fetchall()
        self.days[key] = (last - first).days + 1 if first else 0
        self.connection.execute(f"INSERT INTO hits {hits(table, used)}")

    def _fill(self, table: str, made: pa.Table) -> None:
        self.connection.register("given", made)
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM given")
        self.connection.unregister("given")
