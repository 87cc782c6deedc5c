"""The verbs and queries of snoozes, given an open transaction.

For one subject a rule or detector does not count for a while, because somebody has looked: it goes on matching, what
it finds is kept as not live, and nobody acts on it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import SALT_BYTES, Entry, seal
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.kernel.ids import derived, is_id
from agoranomos.rules.actions import bump, take_turn
from agoranomos.rules.lists import REASON_MAX, Draw
from agoranomos.rules.model import SNOOZE_MAX, Snooze
from agoranomos.rules.tables import rule_snoozes

_CODES_AT_A_TIME: Final = 1_000


class NewSnooze(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What to snooze, for whom, why, and until when; `case_id` is the case in which somebody looked."""

    code: str
    subject: Subject
    reason: str
    until: datetime
    case_id: str | None = None


def snooze(connection: sa.Connection, wanted: NewSnooze, *, by: Actor, now: datetime, draw: Draw) -> Snooze:
    """Suppresses from now on. Raises Invalid, also for an end beyond 180 days."""
    _check(wanted, now)
    take_turn(connection)
    made = Snooze(
        snooze_id=derived("sn", wanted.code, wanted.subject.kind, wanted.subject.id, str(by), now.isoformat()),
        code=wanted.code, subject=wanted.subject, reason=wanted.reason, by=str(by), at=now, until=wanted.until,
        case_id=wanted.case_id,
    )  # fmt: skip
    known = _snoozes(connection, rule_snoozes.c.snooze_id == made.snooze_id)
    if known:  # asked twice at one moment
        return known[0]
    connection.execute(rule_snoozes.insert(), _row(made))
    bump(connection, "snoozes")
    sealed = {
        "subject": seal(f"{made.subject.kind}:{made.subject.id}", draw(SALT_BYTES)),
        "reason": seal(made.reason, draw(SALT_BYTES)),
    }
    params = {"code": made.code, "until": rfc3339(made.until)}
    record(connection, _entry(made.snooze_id, "rule.snooze", params, by, now), sealed)
    return made


def end(connection: sa.Connection, snooze_id: str, *, by: Actor, now: datetime) -> Snooze:
    """Lets the rule or detector count again. Raises NotFound, Conflict when it does already."""
    take_turn(connection)
    found = get(connection, snooze_id)
    if not found.holds(now):
        raise Conflict("this snooze is over already")
    mine = rule_snoozes.c.snooze_id == snooze_id
    connection.execute(sa.update(rule_snoozes).where(mine).values(ended_at=now, ended_by=str(by)))
    bump(connection, "snoozes")
    record(connection, _entry(snooze_id, "rule.unsnooze", {"code": found.code}, by, now))
    return msgspec.structs.replace(found, ended_at=now, ended_by=str(by))


def get(connection: sa.Connection, snooze_id: str) -> Snooze:
    """Raises NotFound."""
    found = _snoozes(connection, rule_snoozes.c.snooze_id == snooze_id) if is_id(snooze_id) else []
    if not found:
        raise NotFound("there is no such snooze; see `agora rules snoozes`")
    return found[0]


def listed(
    connection: sa.Connection, now: datetime, *, over: bool = False, after: str = "", limit: int | None = None
) -> list[Snooze]:
    """In the order of ids; `over`: also those that hold no more at `now`."""
    table = rule_snoozes.c
    where = [table.snooze_id > after]
    if not over:
        where += [table.until > now, table.ended_at.is_(None)]
    return _snoozes(connection, *where, limit=limit)


def holding(connection: sa.Connection, codes: Collection[str] | None, now: datetime) -> list[Snooze]:
    """The snoozes of any of `codes` (None: of all) that hold at `now`."""
    table, found = rule_snoozes.c, list[Snooze]()
    if codes is None:
        return _snoozes(connection, table.until > now, table.ended_at.is_(None))
    wanted = sorted(set(codes))
    for start in range(0, len(wanted), _CODES_AT_A_TIME):
        part = table.code.in_(wanted[start : start + _CODES_AT_A_TIME])
        found += _snoozes(connection, part, table.until > now, table.ended_at.is_(None))
    return found


def quieted(found: Iterable[Finding], snoozes: Iterable[Snooze]) -> list[Finding]:
    """`found`, with those that are snoozed recorded as what does not act, and their reasons saying so.

    A snooze for a store or seller holds for what is theirs as well: findings that name them as a tie.
    """
    by_what = {(each.code, each.subject): each for each in snoozes}
    return [_quiet(finding, _snooze_of(finding, by_what)) for finding in found] if by_what else list(found)


def _snooze_of(finding: Finding, by_what: Mapping[tuple[str, Subject], Snooze]) -> Snooze | None:
    for about in (finding.subject, *_owners_of(finding)):
        if (finding.code, about) in by_what:
            return by_what[finding.code, about]
    return None


def _owners_of(finding: Finding) -> list[Subject]:
    """The store and the seller to whom the subject of a finding belongs, as far as it names them."""
    ties = [each for each in finding.related if each.role == "tie"]
    stores = [Subject("store", each.id) for each in ties if each.kind == "store"]
    return [*stores, *(Subject("seller", each.id) for each in ties if each.kind == "seller")]


def _quiet(finding: Finding, snoozed: Snooze | None) -> Finding:
    if snoozed is None or finding.status != "live":
        return finding
    reasons = (*finding.reasons, snoozed.quiet.reason)
    return msgspec.structs.replace(finding, status="shadow", reasons=reasons)


def _check(wanted: NewSnooze, now: datetime) -> None:
    for name, value in (("code", wanted.code), ("subject/id", wanted.subject.id)):
        if not is_id(value):
            raise Invalid("an id or code has 1 to 128 printable characters", pointer=f"/{name}")
    if "@" in wanted.code or any(map(str.isspace, wanted.code)):
        raise Invalid("the code of a rule or detector looks like goods.brand_disguised", pointer="/code")
    if wanted.case_id is not None and not is_id(wanted.case_id):
        raise Invalid("the id of a case has 1 to 128 printable characters", pointer="/case_id")
    if not wanted.reason.strip() or len(wanted.reason) > REASON_MAX or "\0" in wanted.reason:
        raise Invalid(f"say why, in 1 to {REASON_MAX:,} characters", pointer="/reason")
    if wanted.until.tzinfo is None or not now < wanted.until <= now + SNOOZE_MAX:
        raise Invalid(f"a snooze ends later than now and within {SNOOZE_MAX.days} days", pointer="/until")


def _snoozes(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Snooze]:
    query = sa.select(rule_snoozes).where(*where).order_by(rule_snoozes.c.snooze_id).limit(limit)
    return [_snooze(row) for row in connection.execute(query)]


def _snooze(row: sa.Row[Any]) -> Snooze:
    values = dict(row._mapping)
    return Snooze(subject=Subject(values.pop("subject_kind"), values.pop("subject_id")), **values)


def _row(made: Snooze) -> dict[str, Any]:
    values = msgspec.structs.asdict(made)
    subject = values.pop("subject")
    return {**values, "subject_kind": subject.kind, "subject_id": subject.id}


def _entry(snooze_id: str, verb: str, params: dict[str, Any], by: Actor, now: datetime) -> Entry:
    return Entry(at=now, actor=by, verb=verb, subject_kind="snooze", subject_id=snooze_id, params=params)
