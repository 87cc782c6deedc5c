"""The book of the store: read when somebody changed it, looked at cheaply when nobody did."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Literal, Protocol, cast

import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Monitor
from agoranomos.intake.queries import history
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.rules import lists, queries
from agoranomos.rules.book import Book, Lists, Used
from agoranomos.rules.evaluator import Evaluator, Place
from agoranomos.rules.model import Snooze
from agoranomos.rules.snoozing import holding
from agoranomos.rules.tables import rule_lists
from agoranomos.rules.written import of_version

_log = logging.getLogger(__name__)
Standing = Literal["live", "shadow"]
_PARTS: Final = ("rules", "lists", "snoozes")


class Loader:
    """The book as it is in the store. What has not changed is not read again."""

    def __init__(self) -> None:
        self._numbers: Mapping[str, int] | None = None
        self._used: list[Used] = []
        self._lists: Lists = {}
        self._snoozes: list[Snooze] = []
        self.book = Book()

    def refresh(self, connection: sa.Connection, now: datetime) -> bool:
        """Looks at the store; returns whether the book is another one than before."""
        numbers = queries.book_numbers(connection)
        before, self._numbers = self._numbers, numbers
        changed = [part for part in _PARTS if before is None or before.get(part) != numbers.get(part)]
        if not changed:
            return False
        if "rules" in changed or "lists" in changed:
            self._lists = _all_lists(connection)
            self._used = used_of(connection, frozenset(self._lists))
        self._snoozes = holding(connection, None, now)
        self.book = Book(
            self._used, lists=self._lists, snoozes=self._snoozes, name=f"rules@{numbers.get('rules', 0)}"
        )  # fmt: skip
        return True


class Evaluating(Protocol):
    """A monitor that has an evaluator."""

    evaluator: Evaluator


class Preparing:
    """Keeps a monitor's evaluator up to date between its steps; see `engine.stream.live.Prepare`."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._loader = Loader()
        self._served: Evaluator | None = None

    def __call__(
        self, connection: sa.Connection, monitor: Monitor, position: int, watermark: datetime | None
    ) -> bool:  # fmt: skip
        """Whether the monitor is ready: it has the book of the store, and new features are filled."""
        if not hasattr(monitor, "evaluator"):
            return True  # it asks no rules
        evaluator = cast("Evaluating", monitor).evaluator
        changed = self._loader.refresh(connection, self._clock())
        if changed or evaluator is not self._served:  # it is made anew after a step that failed
            evaluator.adopt(self._loader.book)
            self._served = evaluator
        return evaluator.fill(connection, page, position, watermark)


def used_of(connection: sa.Connection, known_lists: frozenset[str]) -> list[Used]:
    """The versions that are evaluated; one that can no longer be read is left out, and the log says so."""
    found = []
    for version in queries.evaluated(connection):
        standing: Standing = "live" if version.status == "live" else "shadow"
        try:
            written = of_version(version, known_lists)
        except Invalid as error:
            _log.error("rule %s version %d cannot be used: %s", version.rule_id, version.version, error.message)
            continue
        found.append(Used(written=written, version=version.version, standing=standing))
    return found


def page(
    connection: sa.Connection, types: Sequence[str], since: datetime, until: datetime, position: int,
    after: Place | None,
) -> list[Event]:  # fmt: skip
    """The next events of the log; see `evaluator.Page`."""
    return history(connection, types, since=since, until=until, position=position, after=after)


def _all_lists(connection: sa.Connection) -> Lists:
    names = connection.execute(sa.select(rule_lists.c.list_id)).scalars()
    found: dict[str, dict[str, datetime | None]] = {name: {} for name in names}
    for list_id, value, until in lists.all_values(connection):
        found[list_id][value] = until
    return found
