"""The verbs and queries of reports that somebody asked for, given an open transaction.

Asking is quick and making one may take a minute, so it is a job: whoever asked comes back for it by its id.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.ids import derived, is_id
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.lists import Place, newest_first
from agoranomos.reports.integrity.making import Report
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.tables import integrity_reports
from agoranomos.reports.transparency.gathering import Scope

KIND: Final = "reports.make"
"""Of the job."""
WAITING_MAX: Final = 2
"""How many of one person's may wait."""
ATTEMPTS: Final = 2
KEPT: Final = timedelta(days=800)
"""So that last year's is there when this year's is made."""
_R = integrity_reports.c


class Asked(msgspec.Struct, frozen=True, kw_only=True):
    """A report that was asked for, over the days from `first` to `last`, both included.

    `state`: `waiting`; `done`; or `failed`, then `reason` says why.
    """

    report_id: str
    asked_by: str
    asked_at: datetime
    first: date
    last: date
    state: Literal["waiting", "done", "failed"]
    ended_at: datetime | None = None
    reason: str | None = None


def ask(connection: sa.Connection, period: Period, scope: Scope, *, by: Actor, now: datetime) -> Asked:
    """Has a worker make it. Raises Conflict while too many of the same person wait."""
    mine = sa.select(sa.func.count()).where(_R.asked_by == str(by), _R.state == "waiting")
    if connection.execute(mine).scalar_one() >= WAITING_MAX:
        raise Conflict(f"{WAITING_MAX} reports of yours wait already; ask again when one of them is done")
    digest = msgspec.json.encode([period, scope]).decode()
    made = Asked(
        report_id=derived("rp", str(by), now.isoformat(), digest), asked_by=str(by), asked_at=now, first=period.first,
        last=period.last, state="waiting",
    )  # fmt: skip
    if not queue.enqueue(connection, KIND, made.report_id, due_at=now, now=now, attempts_max=ATTEMPTS):
        return get(connection, made.report_id)  # asked twice at one moment
    row = {**msgspec.structs.asdict(made), "scope": msgspec.to_builtins(scope)}
    connection.execute(integrity_reports.insert(), row)
    params = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    record(
        connection,
        Entry(at=now, actor=by, verb="report.make", subject_kind="report", subject_id=made.report_id, params=params),
    )
    return made


def get(connection: sa.Connection, report_id: str) -> Asked:
    """Raises NotFound."""
    query = _columns().where(_R.report_id == report_id)
    row = connection.execute(query).one_or_none() if is_id(report_id) else None
    if row is None:
        raise NotFound(f"there is no such report; they are kept for {KEPT.days} days")
    return Asked(**row._mapping)


def listed(connection: sa.Connection, *, after: Place | None, limit: int) -> list[Asked]:
    """At most `limit` behind `after`, newest first."""
    rows = connection.execute(newest_first(_columns(), _R.asked_at, _R.report_id, after=after, limit=limit))
    return [Asked(**row._mapping) for row in rows]


def latest(connection: sa.Connection) -> Asked | None:
    """The last that was made."""
    query = _columns().where(_R.state == "done").order_by(_R.ended_at.desc(), _R.report_id).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else Asked(**row._mapping)


def scope_of(connection: sa.Connection, report_id: str) -> Scope:
    """What its statements of reasons are to say beside what is known here."""
    found = connection.execute(sa.select(_R.scope).where(_R.report_id == report_id)).scalar_one()
    return msgspec.convert(found, Scope)


def figures_of(connection: sa.Connection, report_id: str) -> Report | None:
    """What came of it; None as long as nothing has."""
    found = connection.execute(sa.select(_R.figures).where(_R.report_id == report_id)).scalar()
    return None if found is None else msgspec.convert(found, Report)


def end(
    connection: sa.Connection, report_id: str, *, report: Report | None = None, reason: str | None = None, now: datetime
) -> None:
    """Keeps what came of it: the figures, or the reason why there are none."""
    values: dict[str, Any] = {"state": "done" if reason is None else "failed", "ended_at": now, "reason": reason}
    if report is not None:
        values["figures"] = msgspec.to_builtins(report)
    waiting = sa.and_(_R.report_id == report_id, _R.state == "waiting")
    connection.execute(sa.update(integrity_reports).where(waiting).values(**values))


def prune(connection: sa.Connection, before: datetime) -> list[str]:
    """Forgets what ended before `before`; whose files can go."""
    gone = [row[0] for row in connection.execute(sa.select(_R.report_id).where(_R.ended_at < before))]
    connection.execute(sa.delete(integrity_reports).where(_R.ended_at < before))
    return gone


def _columns() -> sa.Select[Any]:
    return sa.select(*(_R[name] for name in Asked.__struct_fields__))
