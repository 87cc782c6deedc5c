"""Live: the event log settles what was reserved, and what happened without being asked is counted and found."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from typing import Final, cast

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.queries import About
from agoranomos.engine.stream.monitor import Output
from agoranomos.intake.following import next_part
from agoranomos.kernel import dialects
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.access import AccountRegistered, SessionStarted
from agoranomos.kernel.schema.promotions import CouponIssued
from agoranomos.promotions.budgets import claims, leases, queries, telling
from agoranomos.promotions.budgets.model import Asked, Verdict, asked_of
from agoranomos.promotions.budgets.rush import opening, rows, segments
from agoranomos.promotions.budgets.telling import Tally
from agoranomos.promotions.budgets.wishes import Wish
from agoranomos.promotions.guard import standing
from agoranomos.promotions.guard.seeing import Keep, Sight
from agoranomos.promotions.guard.store_desk import Blocks, StoreDesk
from agoranomos.promotions.guard.tables import promo_progress

HEARD: Final = (
    "account.registered", "coupon.claimed", "coupon.issued", "coupon.redeemed", "coupon.refunded", "coupon.voided",
    "session.started",
)  # fmt: skip
STEP_EVENTS_MAX: Final = 1_000
SWEPT_MAX: Final = 500
SETTLED_MAX: Final = 4_000
"""Claims of a rush that are written as rows in one transaction."""
RESUMED: Final = frozenset({"approved", "pending", "done"})
_FOLLOWING: Final = 0x70726F6D6F  # "promo": the advisory lock of whoever follows


class Follower(msgspec.Struct):
    """Hears the log for `desk`; `tallies` says what was found how often, since this process began."""

    desk: StoreDesk
    keep: Keep
    tallies: dict[str, Tally] = {}

    def step(self, connection: sa.Connection, now: datetime) -> bool:
        """Hears the next part of the log; whether it has reached the end."""
        dialects.take_turn(connection, _FOLLOWING)
        position, began = standing.progress(connection)
        found, reached, at_end = next_part(connection, HEARD, position, STEP_EVENTS_MAX)
        blocks: Blocks = {}
        sights: list[Sight] = []
        for kind, group in groupby((each.event for each in found), key=lambda event: event.type):
            self._hear(connection, kind, list(group), blocks, sights, now)
        leases.close_mine(connection, [block.lease.lease_id for block in blocks.values()], now)
        began = began or (found[0].event.time if found else None)
        if reached != position:
            row = {"name": standing.PROGRESS, "position": reached, "began_at": began}
            upsert(connection, promo_progress, [row], ["name"])
        self.desk.tell(connection, sights, now)
        return at_end

    def settle(self, connection: sa.Connection, now: datetime) -> bool:
        """Writes the next claims of rushes as rows; where none waits, ends what is over. Whether none waited."""
        dialects.take_turn(connection, _FOLLOWING)
        rushes = [
            (declared, self.desk.rules.terms(declared.campaign), rush_id, waits)
            for campaign_id, rush_id, waits in segments.rushes(connection)
            if (declared := self.desk.declared(connection, campaign_id)) is not None
        ]
        done, waiting = 0, [each for each in rushes if each[3]]
        for _, terms, rush_id, _ in waiting:
            done += rows.drain(connection, terms, rush_id, now, most=SETTLED_MAX - done)
        if waiting:  # whoever claims holds the campaign's row before anything of a segment: so not both here
            return False
        for declared, terms, rush_id, _ in rushes:
            standing.opened(connection, declared)
            opening.over(connection, terms, self.desk.rules.policies.budgets.rush, rush_id, now)
        return True

    def sweep(self, connection: sa.Connection, now: datetime) -> bool:
        """Gives back blocks and reservations whose time was over by `now`, before which all of the log was heard, and
        lets campaigns go on that people have let go on; whether all is done.
        """
        dialects.take_turn(connection, _FOLLOWING)
        leases.close_expired(connection, now)
        over = queries.over(connection, now, SWEPT_MAX)
        for campaign_id, group in groupby(sorted(over), key=lambda key: key[0]):
            declared = self.desk.declared(connection, campaign_id)
            known = queries.coupons(connection, campaign_id, [coupon for _, coupon in group], lock=True)
            gone = [each for each in known.values() if each.reserved_until is not None and each.reserved_until <= now]
            if declared is not None:
                claims.release(connection, self.desk.rules.terms(declared.campaign), gone, now)
        for campaign_id in standing.not_running(connection):
            about = About(kind="campaign.resume", subject_kind="campaign", subject_id=campaign_id)
            agreed = [each for each in asked_for.listed(connection, about, after=None, limit=10)
                      if each.status in RESUMED]  # fmt: skip
            if agreed:
                self.desk.resume(connection, campaign_id, agreed[0].id, now)
        return len(over) < SWEPT_MAX

    def _hear(
        self, connection: sa.Connection, kind: str, events: Sequence[Event], blocks: Blocks, sights: list[Sight],
        now: datetime,
    ) -> None:  # fmt: skip
        match kind:
            case "account.registered" | "session.started":
                standing.note_newcomers(connection, _arrived(events))
            case "coupon.issued":
                bodies = [cast("CouponIssued", event.body) for event in events]
                rows = ((each.campaign_id, each.coupon_id, each.account_id, each.face_value) for each in bodies)
                queries.put_issued(connection, rows)
            case "coupon.claimed":
                self._claimed(connection, events, blocks, sights, now)
            case "coupon.redeemed":
                for event in events:
                    asked = asked_of(event)
                    verdict, sight = self.desk.redeem(connection, asked, event.data, until=None, now=now)
                    sights += [sight] if sight is not None else []
                    self._find(connection, asked, verdict, now)
            case _:
                for event in events:
                    self._gone(connection, event, now)

    def _claimed(
        self, connection: sa.Connection, events: Sequence[Event], blocks: Blocks, sights: list[Sight], now: datetime
    ) -> None:
        asked = [asked_of(event) for event in events]
        wishes = [Wish(each, None) for each in asked]
        # What was heard since the last claims may have slowed the campaign, which calls its blocks in: in this very
        # transaction, so that doing everything again would lose the block again.
        there = leases.still_open(connection, [block.lease.lease_id for block in blocks.values()])
        for key in [key for key, block in blocks.items() if block.lease.lease_id not in there]:
            del blocks[key]
        self.desk.claim(connection, wishes, blocks, now, sights, heard=True)
        devices = [("device", each.device_id, each.at) for each in asked if each.device_id is not None]
        for wish in wishes:
            assert wish.answer is not None, "every claim is answered"
            self._find(connection, wish.asked, wish.answer, now)
        standing.note_newcomers(connection, devices)

    def _gone(self, connection: sa.Connection, event: Event, now: datetime) -> None:
        asked = asked_of(event)
        declared = self.desk.declared(connection, asked.campaign_id)
        if declared is None:
            return
        terms = self.desk.rules.terms(declared.campaign)
        if event.type == "coupon.voided":
            claims.void(connection, terms, asked, now)
            return
        known = rows.coupons(connection, terms, [asked.coupon_id], now)
        claims.release(connection, terms, [each for each in known.values() if each.held], now)

    def _find(self, connection: sa.Connection, asked: Asked, verdict: Verdict, now: datetime) -> None:
        if verdict.why is None or (told := telling.FINDINGS.get(verdict.why)) is None:
            return
        subject = telling.subject_of(asked, told)
        key = "\x1f".join((told.code, subject.kind, subject.id, asked.campaign_id))
        finding = telling.found(asked, verdict.why, verdict.values, self.tallies.setdefault(key, Tally()))
        if finding is not None:
            said: list[Output] = [finding]
            self.keep(connection, said, now)


def _arrived(events: Sequence[Event]) -> list[tuple[str, str, datetime]]:
    rows: list[tuple[str, str, datetime]] = []
    for event in events:
        body = cast("AccountRegistered | SessionStarted", event.body)
        if event.type == "account.registered":
            rows.append(("account", body.account_id, event.time))
        if body.device_id is not None:
            rows.append(("device", body.device_id, event.time))
    return rows
