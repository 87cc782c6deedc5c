"""What the store knows of the events of a backtest: the log itself, and what detectors said of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.intake.queries import history, last_position
from agoranomos.judgements.tables import findings
from agoranomos.kernel.events import Event
from agoranomos.rules.book import Used
from agoranomos.rules.queries import find_standing
from agoranomos.rules.written import Written

_FIRST: Final = datetime(1, 1, 1, tzinfo=UTC)
_LAST: Final = datetime(9999, 12, 31, tzinfo=UTC)


def logged(
    connection: sa.Connection, types: Collection[str], *, since: datetime | None = None, until: datetime | None
) -> Iterator[list[Event]]:
    """The events of `types` later than `since` and up to `until`, in pages, as the log holds them now."""
    position = last_position(connection)
    after: tuple[datetime, str, str] | None = None
    while page := history(
        connection, types, since=since or _FIRST, until=until or _LAST, position=position, after=after
    ):  # fmt: skip
        yield page
        after = (page[-1].time, page[-1].source, page[-1].id)


def candidates(connection: sa.Connection, rules: Iterable[Written]) -> list[Used]:
    """Rules that are written down, numbered as they would be if they were proposed now."""
    found = []
    for each in rules:
        standing = find_standing(connection, each.rule.id)
        version = standing.latest + 1 if standing else each.rule.version
        found.append(Used(written=each, version=version, standing="shadow"))
    return found


def scores(connection: sa.Connection, codes: Collection[str]) -> Iterator[tuple[str, str, float]]:
    """(id of the event, code, score) of the findings with these codes, the last that was said of each event."""
    query = sa.select(findings.c.code, findings.c.score, findings.c.document).where(findings.c.code.in_(sorted(codes)))
    for code, score, document in connection.execute(query):
        for event_id in document.get("event_ids", ()):
            yield event_id, code, score
