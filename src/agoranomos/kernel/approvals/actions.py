"""The verbs of four eyes, given an open transaction. Whoever calls them writes the audit entry."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus, Wanted
from agoranomos.kernel.approvals.tables import approvals
from agoranomos.kernel.dialects import insert_ignore, locked
from agoranomos.kernel.errors import Conflict, Forbidden, NotFound

LASTS: Final = timedelta(days=3)
"""What nobody agreed to over a long weekend is asked for again, with the facts of that day."""


def request(
    connection: sa.Connection, wanted: Wanted, *, by: Actor, now: datetime, lasts: timedelta = LASTS
) -> Approval:
    """Asks a second person to agree to `wanted` within `lasts`; asking twice at one moment is asking once."""
    approval = Approval(
        approval_id=wanted.approval_id(by, now), wanted=wanted, requested_by=by, requested_at=now,
        expires_at=now + lasts,
    )  # fmt: skip
    insert_ignore(connection, approvals, [_row(approval)])
    return get(connection, approval.approval_id)


def approve(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """Agrees. Raises NotFound, Conflict when it no longer waits, Forbidden for whoever may not be the second."""
    approval = get(connection, approval_id)
    approval.require_pending(now)
    approval.require_second_person(by)
    return _decide(connection, approval, ApprovalStatus.APPROVED, by, now)


def refuse(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """Does not agree; the same people may who may agree."""
    approval = get(connection, approval_id)
    approval.require_pending(now)
    approval.require_second_person(by)
    return _decide(connection, approval, ApprovalStatus.REFUSED, by, now)


def withdraw(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """Takes back what `by` asked for. Raises Forbidden for anybody else's."""
    approval = get(connection, approval_id)
    approval.require_pending(now)
    if by != approval.requested_by:
        raise Forbidden("only who asked for this can take it back; refuse it instead")
    return _decide(connection, approval, ApprovalStatus.WITHDRAWN, by, now)


def spend(connection: sa.Connection, approval_id: str, wanted: Wanted, *, now: datetime) -> Approval:
    """Called by the verb that does what was approved, in its transaction: an approval is good for one time.

    Raises Conflict when it is not approved, too old, spent, or was given for something else than `wanted`.
    """
    approval = get(connection, approval_id)
    if approval.wanted != wanted:
        raise Conflict("this approval is for something else; ask for an approval of exactly what is to be done")
    status = approval.status_at(now)
    if status is not ApprovalStatus.APPROVED:
        raise Conflict(f"this needs the approval of a second person; it is {status}")
    _set(connection, approval_id, status=ApprovalStatus.SPENT.value)
    return msgspec.structs.replace(approval, status=ApprovalStatus.SPENT)


def get(connection: sa.Connection, approval_id: str) -> Approval:
    """The approval, locked against change when the transaction writes. Raises NotFound."""
    found = sa.select(approvals).where(approvals.c.approval_id == approval_id)
    row = connection.execute(locked(connection, found)).first()
    if row is None:
        raise NotFound("there is no such approval; see `agora approvals list`")
    return _approval(row)


def waiting(connection: sa.Connection, now: datetime, *, after: str = "", limit: int = 100) -> list[Approval]:
    """What waits for a decision at `now`, in the order of ids after `after`."""
    found = (
        sa.select(approvals)
        .where(
            approvals.c.status == ApprovalStatus.PENDING.value,
            approvals.c.expires_at > now,
            approvals.c.approval_id > after,
        )
        .order_by(approvals.c.approval_id)
        .limit(limit)
    )
    return [_approval(row) for row in connection.execute(found)]


def open_about(
    connection: sa.Connection, kind: str, subject_kind: str, subject_id: str, now: datetime
) -> list[Approval]:
    """The wishes of a kind about one thing that wait, or were agreed to and not used yet, the last asked for first."""
    table = approvals.c
    query = sa.select(approvals).where(
        table.status.in_([ApprovalStatus.PENDING, ApprovalStatus.APPROVED]), table.kind == kind,
        table.subject_kind == subject_kind, table.subject_id == subject_id, table.expires_at > now,
    )  # fmt: skip
    rows = connection.execute(query.order_by(table.requested_at.desc(), table.approval_id))
    return [_approval(row) for row in rows]


def _decide(
    connection: sa.Connection, approval: Approval, status: ApprovalStatus, by: Actor, now: datetime
) -> Approval:
    _set(
        connection, approval.approval_id, status=status.value, decided_kind=by.kind, decided_id=by.id, decided_at=now
    )  # fmt: skip
    return msgspec.structs.replace(approval, status=status, decided_by=by, decided_at=now)


def _set(connection: sa.Connection, approval_id: str, **values: Any) -> None:
    connection.execute(sa.update(approvals).where(approvals.c.approval_id == approval_id).values(**values))


def _row(approval: Approval) -> dict[str, Any]:
    wanted = approval.wanted
    return {
        "approval_id": approval.approval_id,
        "kind": wanted.kind,
        "subject_kind": wanted.subject_kind,
        "subject_id": wanted.subject_id,
        "params": wanted.params,
        "beneficiaries": list(wanted.beneficiaries),
        "requested_kind": approval.requested_by.kind,
        "requested_id": approval.requested_by.id,
        "requested_at": approval.requested_at,
        "expires_at": approval.expires_at,
        "status": approval.status.value,
    }


def _approval(row: sa.Row[Any]) -> Approval:
    wanted = Wanted(
        kind=row.kind, subject_kind=row.subject_kind, subject_id=row.subject_id, params=row.params,
        beneficiaries=tuple(row.beneficiaries),
    )  # fmt: skip
    return Approval(
        approval_id=row.approval_id,
        wanted=wanted,
        requested_by=Actor(row.requested_kind, row.requested_id),
        requested_at=row.requested_at,
        expires_at=row.expires_at,
        status=ApprovalStatus(row.status),
        decided_by=Actor(row.decided_kind, row.decided_id) if row.decided_id is not None else None,
        decided_at=row.decided_at,
    )
