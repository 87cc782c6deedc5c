"""Four eyes with a trace: the kernel's verbs, each with its audit entry."""

from __future__ import annotations

from datetime import datetime, timedelta

import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions
from agoranomos.kernel.approvals.actions import LASTS
from agoranomos.kernel.approvals.model import Approval, Wanted


def request(
    connection: sa.Connection, wanted: Wanted, *, by: Actor, now: datetime, lasts: timedelta = LASTS
) -> Approval:
    """See `kernel.approvals.actions.request`."""
    approval = actions.request(connection, wanted, by=by, now=now, lasts=lasts)
    _record(connection, approval, "approval.request", by, now)
    return approval


def approve(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """See `kernel.approvals.actions.approve`."""
    approval = actions.approve(connection, approval_id, by=by, now=now)
    _record(connection, approval, "approval.approve", by, now)
    return approval


def refuse(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """See `kernel.approvals.actions.refuse`."""
    approval = actions.refuse(connection, approval_id, by=by, now=now)
    _record(connection, approval, "approval.refuse", by, now)
    return approval


def withdraw(connection: sa.Connection, approval_id: str, *, by: Actor, now: datetime) -> Approval:
    """See `kernel.approvals.actions.withdraw`."""
    approval = actions.withdraw(connection, approval_id, by=by, now=now)
    _record(connection, approval, "approval.withdraw", by, now)
    return approval


def spend(connection: sa.Connection, approval_id: str, wanted: Wanted, *, by: Actor, now: datetime) -> Approval:
    """See `kernel.approvals.actions.spend`; `by` is who does what was approved."""
    approval = actions.spend(connection, approval_id, wanted, now=now)
    _record(connection, approval, "approval.spend", by, now)
    return approval


def _record(connection: sa.Connection, approval: Approval, verb: str, by: Actor, now: datetime) -> None:
    wanted = approval.wanted
    params = {"kind": wanted.kind, "subject": f"{wanted.subject_kind}:{wanted.subject_id}"}
    entry = Entry(
        at=now, actor=by, verb=verb, subject_kind="approval", subject_id=approval.approval_id, params=params
    )  # fmt: skip
    record(connection, entry)
