"""The verbs and queries of backtests that somebody asked for, given an open transaction.

Asking is quick and doing it takes a minute, so it is a job: whoever asked comes back for the result by its id.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.engine.rules.types import CALENDAR
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.jobs import queue
from agoranomos.rules.tables import backtests

KIND: Final = "rules.backtest"
"""Of the job."""
DAYS: Final = 30
"""How many days before today are tested when nobody says."""
DAYS_MAX: Final = 400
SAMPLES_MAX: Final = 20
WAITING_MAX: Final = 3
"""How many of one person's may wait."""
KEPT: Final = timedelta(days=30)
ATTEMPTS: Final = 2
_ZONE: Final = ZoneInfo(CALENDAR)


class Backtest(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest that was asked for: rules over the days from `first` to `last`, both included, of the event log.

    `state`: `waiting`; `done`, then `report` says what came of it; or `failed`, then `reason` says why.
    """

    backtest_id: str
    asked_by: str
    asked_at: datetime
    first: date
    last: date
    samples: int
    state: Literal["waiting", "done", "failed"]
    ended_at: datetime | None = None
    reason: str | None = None

    @property
    def since(self) -> datetime:
        """The beginning of the first day."""
        return datetime(self.first.year, self.first.month, self.first.day, tzinfo=_ZONE)

    @property
    def until(self) -> datetime:
        """The end of the last day."""
        return datetime(self.last.year, self.last.month, self.last.day, tzinfo=_ZONE) + timedelta(days=1)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """What to test: files of rules and features as (name, text), none for what runs in shadow; and over which days."""

    files: Sequence[tuple[str, str]] = ()
    first: date | None = None
    last: date | None = None
    samples: int = 5


def ask(connection: sa.Connection, wanted: Wanted, *, by: Actor, now: datetime) -> Backtest:
    """Has a worker do it. Raises Invalid, and Conflict while too many of the same person wait."""
    last = wanted.last or now.astimezone(_ZONE).date()
    first = wanted.first or last - timedelta(days=DAYS - 1)
    if first > last:
        raise Invalid("the backtest ends before it begins; give an earlier first day", pointer="/first")
    if (last - first).days >= DAYS_MAX:
        raise Invalid(f"a backtest is over at most {DAYS_MAX} days; give a later first day", pointer="/first")
    table = backtests.c
    mine = sa.select(sa.func.count()).where(table.asked_by == str(by), table.state == "waiting")
    if connection.execute(mine).scalar_one() >= WAITING_MAX:
        raise Conflict(f"{WAITING_MAX} backtests of yours wait already; ask again when one of them is done")
    digest = msgspec.json.encode([list(wanted.files), first, last, wanted.samples]).decode()
    made = Backtest(
        backtest_id=derived("bt", str(by), now.isoformat(), digest), asked_by=str(by), asked_at=now, first=first,
        last=last, samples=wanted.samples, state="waiting",
    )  # fmt: skip
    if not queue.enqueue(connection, KIND, made.backtest_id, due_at=now, now=now, attempts_max=ATTEMPTS):
        return get(connection, made.backtest_id)  # asked twice at one moment
    connection.execute(
        backtests.insert(), {**msgspec.structs.asdict(made), "files": [list(each) for each in wanted.files]}
    )
    params = {"first": first.isoformat(), "last": last.isoformat()}
    entry = Entry(
        at=now, actor=by, verb="rule.backtest", subject_kind="backtest", subject_id=made.backtest_id, params=params
    )  # fmt: skip
    record(connection, entry)
    return made


def get(connection: sa.Connection, backtest_id: str) -> Backtest:
    """Raises NotFound."""
    found = _listed(connection, backtests.c.backtest_id == backtest_id) if is_id(backtest_id) else []
    if not found:
        raise NotFound(f"there is no such backtest; they are kept for {KEPT.days} days")
    return found[0]


def listed(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[Backtest]:
    """In the order of ids, without their reports."""
    return _listed(connection, backtests.c.backtest_id > after, limit=limit)


def files_of(connection: sa.Connection, backtest_id: str) -> list[tuple[str, str]]:
    """The files of rules and features, as (name, text)."""
    query = sa.select(backtests.c.files).where(backtests.c.backtest_id == backtest_id)
    return [(name, text) for name, text in connection.execute(query).scalar_one()]


def report_of(connection: sa.Connection, backtest_id: str) -> Any:
    """What came of it, as data; None as long as nothing has."""
    return connection.execute(sa.select(backtests.c.report).where(backtests.c.backtest_id == backtest_id)).scalar()


def end(
    connection: sa.Connection, backtest_id: str, *, report: Any = None, reason: str | None = None, now: datetime
) -> None:
    """Keeps what came of it: a report, or the reason why there is none."""
    mine = sa.and_(backtests.c.backtest_id == backtest_id, backtests.c.state == "waiting")
    state = "done" if reason is None else "failed"
    values: dict[str, Any] = {"state": state, "ended_at": now, "reason": reason}
    if report is not None:
        values["report"] = report
    connection.execute(sa.update(backtests).where(mine).values(**values))


def prune(connection: sa.Connection, before: datetime) -> int:
    """Forgets what ended before `before`. Returns how many."""
    return connection.execute(sa.delete(backtests).where(backtests.c.ended_at < before)).rowcount


def _listed(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Backtest]:
    columns = [backtests.c[name] for name in Backtest.__struct_fields__]
    query = sa.select(*columns).where(*where).order_by(backtests.c.backtest_id).limit(limit)
    return [Backtest(**row._mapping) for row in connection.execute(query)]
