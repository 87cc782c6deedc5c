"""The verbs of appeals, given an open transaction, and the hands that take back what rested on a case."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import joining
from agoranomos.enforcement.policy import Policy as ActionPolicy
from agoranomos.kernel.actors import SYSTEM, Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.ids import derived
from agoranomos.sellers.appeals import queries
from agoranomos.sellers.appeals.model import Appeal
from agoranomos.sellers.appeals.queries import StoreCabinet
from agoranomos.sellers.appeals.telling import NAME
from agoranomos.sellers.points import queries as points
from agoranomos.sellers.points.actions import Verbs, tell
from agoranomos.sellers.points.model import offences

Ruling = Literal["granted", "rejected"]
BY: Final = Actor("model", NAME)
BY_THEMSELVES: Final = frozenset({"sellers.points", "sellers.freeze", "goods.notices", "goods.redress", SYSTEM.id})
"""The desks that take back what they asked for, and what ended by itself; nobody does it a second time."""


class StoreHands:
    """Undoes, through `enforcement`, what people, programs and rules did for a case."""

    def __init__(self, connection: sa.Connection, policy: ActionPolicy, now: datetime) -> None:
        self._connection = connection
        self._policy = policy
        self._now = now

    def take_back(self, reason: str) -> None:
        """See `telling.Hands`. What waits never goes out; what took effect is reversed, once, where it can be."""
        for action in joining.resting_on(self._connection, reason):
            desk = action.requested_by.partition(":")[2]
            money = action.kind.startswith("payment.")  # its desk knows what is held for which cause
            if desk not in BY_THEMSELVES and not money and action.reverses is None:
                enforcing.undo(self._connection, action.id, by=BY, policy=self._policy, now=self._now)


def decide(
    connection: sa.Connection, verbs: Verbs, policy: ActionPolicy, appeal_id: str, ruling: Ruling, *, by: Actor,
    now: datetime,
) -> Appeal:  # fmt: skip
    """Decides an appeal. Granted, the case is told as overturned, and everything that rested on it is taken back.

    The same again changes nothing. Raises NotFound, Conflict when it is decided otherwise, or when nobody told of the
    case.
    """
    verbs.follow(connection, now)
    appeal = queries.get(connection, appeal_id)
    if appeal.state == ruling:
        return appeal
    if appeal.state != "filed":
        raise Conflict(f"this appeal is {appeal.state}; a new appeal looks at it again")
    now = max(now, appeal.filed_at)
    if ruling == "granted":
        _grant(connection, verbs, policy, appeal, now)
    else:
        staff: dict[str, Any] = {
            "staff_id": by.id, "action": "case.decide", "target_kind": "appeal", "target_id": appeal_id,
            "reason": "appeal rejected",
        } | ({"case_id": appeal.case_id} if appeal.case_id else {})  # fmt: skip
        tell(connection, verbs, "staff.acted", derived("e", "appeal", appeal_id, rfc3339(now)), staff, now)
    decided = queries.get(connection, appeal_id)
    if decided.state == "filed":
        decided = msgspec.structs.replace(decided, state=ruling, decided_at=now)
        StoreCabinet(connection).put_appeal(decided)
    entry = Entry(
        at=now, actor=by, verb="appeal.decide", subject_kind="appeal", subject_id=derived("ap", appeal_id),
        params={"ruling": ruling},
    )  # fmt: skip
    record(connection, entry)
    return decided


def _grant(connection: sa.Connection, verbs: Verbs, policy: ActionPolicy, appeal: Appeal, now: datetime) -> None:
    if not appeal.case_id:
        StoreHands(connection, policy, now).take_back(appeal.decision_id)
        return
    seller_id = points.holder_of_case(connection, appeal.case_id)
    sheet = points.sheet(connection, seller_id)
    now = max(now, sheet.as_of or now)
    found = {each.case_id: each.decided for each in offences(sheet.history, now)}
    if appeal.case_id not in found:
        raise Conflict("the case does not stand upheld; there is nothing to take back")
    decided = found[appeal.case_id]
    data: dict[str, Any] = {
        "case_id": derived("case", appeal.appeal_id),
        "subject": {"kind": decided.subject_kind, "id": decided.subject_id},
        "outcome": "overturned",
        "clause": decided.clause,
        "seller_id": seller_id,
        "overturns": appeal.case_id,
    }
    if decided.store_id:
        data["store_id"] = decided.store_id
    tell(connection, verbs, "case.decided", derived("e", "appeal", appeal.appeal_id, rfc3339(now)), data, now)
