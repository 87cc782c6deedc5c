"""The brake: whoever is about to act on too many different subjects stops until a second person agrees.

"Too many" is a number, and a share of the listings or stores that are live: in a small market fifty are everything.
Subjects are counted, not actions, in a window that slides; the last moment of each (actor, subject) is kept, so that
the count is exact. The caller holds the turn of all actions (`entering.take_turn`), so that nobody counts beside it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa

from agoranomos.enforcement import catalogue
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.policy import Line, Policy
from agoranomos.enforcement.tables import actions, brake_subjects, brakes
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import ApprovalStatus, Wanted
from agoranomos.kernel.dialects import upsert

RELEASE = "brake.release"
_Subject = tuple[str, str]


def admit(
    connection: sa.Connection, wants: Sequence[Want], *, by: Actor, policy: Policy, as_one: bool, now: datetime
) -> int:
    """How many of `wants`, from the first on, `by` may go on with; they are counted. `as_one`: all of them or none.

    None while the brake holds `by`.
    """
    if held_by(connection, by) is not None:
        return 0
    line = policy.brake[by.kind]
    seen = _seen(connection, by, now - timedelta(seconds=line.window_s))
    shares = _shares(connection, line)
    admitted = 0
    touched: set[tuple[str, _Subject]] = set()
    for want in wants:
        subject = (want.subject.kind, want.subject.id)
        lines = policy.lines(by.kind, want.kind)
        share = shares.get(subject[0])
        over = any(_is_over(seen.counted(counted), subject, most) for counted, most in lines)
        if over or (share is not None and _is_over(seen.of_kind(subject[0]), subject, share)):
            break
        for counted, _ in lines:
            seen.add(counted, subject)
            touched.add((counted, subject))
        admitted += 1
    if as_one and admitted < len(wants):
        return 0
    rows = [
        {"actor": str(by), "counted": counted, "subject_kind": kind, "subject_id": subject_id, "last_at": now}
        for counted, (kind, subject_id) in sorted(touched)
    ]
    upsert(connection, brake_subjects, rows, ["actor", "counted", "subject_kind", "subject_id"])
    return admitted


def held_by(connection: sa.Connection, by: Actor) -> str | None:
    """The approval that `by` waits for while the brake holds them."""
    return connection.execute(sa.select(brakes.c.approval_id).where(brakes.c.actor == str(by))).scalar_one_or_none()


def hold(
    connection: sa.Connection, by: Actor, answering: Sequence[Actor], *, first: str, now: datetime
) -> tuple[str, Wanted | None]:
    """The approval under which the surplus of `by` waits, and what to ask for when there is none yet.

    `first` is the action that is held first. `answering` are the people who answer for `by`, such as the owner of a
    rule; none of them may agree. An approval
    that has run out is replaced, and what waited for it waits for the new one.
    """
    known = held_by(connection, by)
    if known is not None and _waits(connection, known, now):
        return known, None
    wanted = Wanted(
        kind=RELEASE,
        subject_kind="actor",
        subject_id=str(by),
        params={"first": first},
        beneficiaries=tuple(str(each) for each in answering),
    )
    approval_id = wanted.approval_id(by, now)
    upsert(connection, brakes, [{"actor": str(by), "approval_id": approval_id}], ["actor"])
    moved = sa.update(actions).where(actions.c.approval_id == known, actions.c.status == "proposed")
    connection.execute(moved.values(approval_id=approval_id))
    return approval_id, wanted


def release(connection: sa.Connection, approval_id: str, *, forgive: bool) -> None:
    """Ends the hold under `approval_id`, if it is one. `forgive`: what was counted so far counts no more."""
    actor = connection.execute(sa.select(brakes.c.actor).where(brakes.c.approval_id == approval_id)).scalar()
    if actor is None:
        return
    connection.execute(sa.delete(brakes).where(brakes.c.actor == actor))
    if forgive:
        connection.execute(sa.delete(brake_subjects).where(brake_subjects.c.actor == actor))


def _waits(connection: sa.Connection, approval_id: str, now: datetime) -> bool:
    status = approvals.get(connection, approval_id).status_at(now)
    return status in (ApprovalStatus.PENDING, ApprovalStatus.APPROVED)


class _Seen:
    """The subjects in the window: by what they count for ("": all kinds of action), and by kind of subject."""

    def __init__(self) -> None:
        self._counted: dict[str, set[_Subject]] = {}
        self._of_kind: dict[str, set[_Subject]] = {}

    def add(self, counted: str, subject: _Subject) -> None:
        self._counted.setdefault(counted, set()).add(subject)
        if not counted:
            self._of_kind.setdefault(subject[0], set()).add(subject)

    def counted(self, counted: str) -> set[_Subject]:
        return self._counted.get(counted, set())

    def of_kind(self, kind: str) -> set[_Subject]:
        return self._of_kind.get(kind, set())


def _seen(connection: sa.Connection, by: Actor, since: datetime) -> _Seen:
    """The subjects in the window; those that have left it are forgotten."""
    table = brake_subjects.c
    mine = table.actor == str(by)
    connection.execute(sa.delete(brake_subjects).where(mine, table.last_at <= since))
    seen = _Seen()
    for row in connection.execute(sa.select(table.counted, table.subject_kind, table.subject_id).where(mine)):
        seen.add(row.counted, (row.subject_kind, row.subject_id))
    return seen


def _shares(connection: sa.Connection, line: Line) -> dict[str, int]:
    """How many of a kind of subject are its line's share of what is live; none of those of which nothing is known."""
    if not line.shares:
        return {}
    live = catalogue.live(connection)
    return {kind: share.subjects_max(live[kind]) for kind, share in line.shares.items() if live.get(kind)}


def _is_over(seen: set[_Subject], subject: _Subject, most: int) -> bool:
    return subject not in seen and len(seen) >= most
