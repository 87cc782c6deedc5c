"""The verbs of redress, given an open transaction: what is asked for and booked, taken back, and settled."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry as AuditEntry
from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked
from agoranomos.enforcement.model import actor_of
from agoranomos.enforcement.policy import Policy
from agoranomos.engine.stream.monitor import Output
from agoranomos.goods.redress import booking as booking_of
from agoranomos.goods.redress import queries
from agoranomos.goods.redress.booking import Booking
from agoranomos.goods.redress.model import Line, Recall
from agoranomos.goods.redress.telling import BY, refund_of, wants_of
from agoranomos.judgements.queries import simulated
from agoranomos.kernel import dialects
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.ledger.model import Entry
from agoranomos.kernel.ledger.posting import open_accounts, post

ORDERS_AT_A_TIME: Final = 10_000
"""In one measure, so that it stays one that people can look at."""
_SETTLE_MAX: Final = 1_000
_UNDONE_LATELY: Final = timedelta(days=7)
"""Whoever settles does so every few seconds; a week is for a system that was down."""
_SETTLING: Final = 0x676F6F647302  # "goods": the advisory lock of whoever settles

KeepFinding = Callable[[Finding], None]


class StoreHands:
    """Carries out what is decided about recalls: a bulk measure for each part, and its refunds in the books.

    `keep` keeps the finding that it all rests on, before anything is asked for.
    """

    def __init__(self, connection: sa.Connection, policy: Policy, keep: KeepFinding, now: datetime) -> None:
        self._connection = connection
        self._policy = policy
        self._keep = keep
        self._now = now

    def act(self, recall: Recall, finding: Finding, lines: Sequence[Line], at: datetime) -> tuple[Recall, list[Output]]:
        """See `telling.Hands`. A finding that is snoozed is kept, and nobody acts on it."""
        self._keep(finding)
        if simulated(self._connection, [finding.id]):
            return recall, []
        measures = list(recall.measure_ids)
        for start in range(0, len(lines), ORDERS_AT_A_TIME):
            part = lines[start : start + ORDERS_AT_A_TIME]
            measure = enforcing.request_measure(
                self._connection,
                wants_of(recall, part),
                by=BY,
                because=[finding.id],
                policy=self._policy,
                now=self._now,
            )
            measures.append(measure.id)
            self._book(recall, finding.id, part, at)
        return msgspec.structs.replace(recall, measure_ids=tuple(dict.fromkeys(measures))), []

    def undo(self, recall: Recall, lines: Sequence[Line], why: str, at: datetime) -> list[Output]:  # noqa: ARG002 - the port's
        """See `telling.Hands`. What had not gone out never does; what did is taken back where that can be."""
        for measure_id in recall.measure_ids:
            enforcing.undo_measure(self._connection, measure_id, by=BY, policy=self._policy, now=self._now)
        queries.withdraw_bookings(self._connection, recall.recall_id)
        return []

    def _book(self, recall: Recall, because: str, lines: Sequence[Line], at: datetime) -> None:
        bookings = [
            Booking(
                action_id=refund_of(recall, line).action_id((because,)), store_id=line.store_id,
                currency=line.refund.currency, amount=line.refund.amount,
            )
            for line in lines
            if line.refund.amount > 0
        ]  # fmt: skip
        if not bookings:
            return
        open_accounts(self._connection, booking_of.accounts(bookings))
        entries = [entry for each in bookings for entry in booking_of.begun(each, because, at)]
        post(self._connection, entries, now=self._now)
        queries.put_bookings(self._connection, recall.recall_id, bookings)


def withdraw_undone(connection: sa.Connection, now: datetime) -> int:
    """Withdraws the recalls of which somebody has undone everything by hand: who takes back what was done does not want
    stores charged for it, nor more orders looked for. Returns how many; repeating it changes nothing.

    A later appraisal, case or notice begins another recall.
    """
    cabinet = queries.StoreCabinet(connection)
    count = 0
    for measure, action in asked.undone_measures(connection, str(BY), now - _UNDONE_LATELY):
        recall = cabinet.latest(action.params["listing_id"])
        if recall is None or recall.state == "withdrawn" or measure.id not in recall.measure_ids:
            continue
        if set(recall.measure_ids) - asked.undone_of(connection, recall.measure_ids):
            continue
        cabinet.put(msgspec.structs.replace(recall, state="withdrawn", look_at=None, withdrawn_at=now))
        queries.withdraw_bookings(connection, recall.recall_id)
        by = actor_of(measure.undone_by or str(BY))
        told = AuditEntry(
            at=now, actor=by, verb="recall.withdraw", subject_kind="recall", subject_id=recall.recall_id,
            params={"measure_id": measure.id},
        )  # fmt: skip
        record(connection, told)
        count += 1
    return count


def settle(connection: sa.Connection, now: datetime, *, after: str = "") -> str:
    """Books what became of refunds, for some of those behind `after`; repeating it changes nothing.

    Returns the last one that was looked at, "" when there are no more.
    """
    dialects.take_turn(connection, _SETTLING)
    withdraw_undone(connection, now)
    found = queries.open_bookings(connection, after=after, limit=_SETTLE_MAX)
    status = {
        each.id: each.status for each in asked.by_ids(connection, [booking.action_id for _, booking in found]).values()
    }
    entries: list[Entry] = []
    changed: dict[str, list[Booking]] = {}
    for recall_id, booking in found:
        moved, more = booking_of.moved(booking, status.get(booking.action_id, "pending"), now)
        if more:
            entries += more
            changed.setdefault(recall_id, []).append(moved)
    if entries:
        post(connection, entries, now=now)
    for recall_id, bookings in changed.items():
        queries.put_bookings(connection, recall_id, bookings)
    return found[-1][1].action_id if len(found) == _SETTLE_MAX else ""
