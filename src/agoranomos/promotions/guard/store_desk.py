"""The guard over the store: claims and uses, given an open transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.asking import Needs
from agoranomos.kernel.errors import NotFound
from agoranomos.promotions.breaker.watch import Paid
from agoranomos.promotions.budgets import claims, leases, uses
from agoranomos.promotions.budgets.claims import Wish
from agoranomos.promotions.budgets.leases import Lease
from agoranomos.promotions.budgets.model import Asked, Verdict, refused
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.campaigns import queries as campaigns
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.guard import seeing, standing
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.pricing_orders import bought, due, lines_in
from agoranomos.promotions.guard.seeing import Keep, Sight


class Block(msgspec.Struct, frozen=True):
    """The block that a process has of a campaign, and the terms under which it was taken."""

    lease: Lease
    terms: Terms


Blocks = dict[str, Block]
"""By campaign."""


class StoreDesk:
    """`keep` keeps findings and actions; `draw` gives ids of blocks; `holder_id` is the process."""

    def __init__(self, rules: Rules, needs: Needs, keep: Keep, *, holder_id: str, draw: Callable[[], str]) -> None:
        self.rules = rules
        self._needs, self._keep = needs, keep
        self._holder_id, self._draw = holder_id, draw

    def claim(self, connection: sa.Connection, wishes: Sequence[Wish], blocks: Blocks, now: datetime) -> None:
        """Answers all of `wishes`. Raises LeaseLost: then everything is done again."""
        by_campaign: dict[str, list[Wish]] = {}
        for wish in wishes:
            by_campaign.setdefault(wish.asked.campaign_id, []).append(wish)
        for campaign_id in sorted(by_campaign):  # in one order, so that none waits in a ring
            block = blocks.get(campaign_id)
            terms = block.terms if block is not None else self._terms(connection, campaign_id)
            if terms is None:
                for wish in by_campaign[campaign_id]:
                    wish.answer = refused("campaign_unknown")
                continue
            source = _Source(self, connection, terms, blocks, now)
            claims.give(connection, terms, by_campaign[campaign_id], source, now)

    def redeem(
        self, connection: sa.Connection, asked: Asked, data: dict[str, Any], *, until: datetime | None, now: datetime
    ) -> tuple[Verdict, Sight | None]:
        """Uses a coupon; until `until` for its order alone, or (None) for good. What was seen of it, when it is new."""
        declared = self.declared(connection, asked.campaign_id)
        if declared is None:
            return refused("campaign_unknown"), None
        terms = self.rules.terms(declared.campaign)
        order = bought(lines, asked.paid) if (lines := lines_in(data)) and asked.paid is not None else None
        receipt = None if order is None else due(order, [declared.campaign])
        known = uses.known(connection, terms, asked)
        if known is None or not uses.stands(known, asked):
            guarded = standing.found(connection, declared.id)
            if not declared.gives_at(asked.at):
                return refused("campaign_not_running"), None
            if guarded is not None and guarded.watch.standing == "stopped":
                return refused("campaign_stopped"), None
            if order is not None and receipt is not None and order.paid < receipt.paid:
                return refused("paid_too_little", paid=order.paid, due=receipt.paid, listed=order.listed), None
        if known is None or not known.held:
            wish = Wish(asked, until)
            blocks: Blocks = {}
            self.claim(connection, [wish], blocks, now)
            leases.close_mine(connection, [block.lease.lease_id for block in blocks.values()], now)
            if wish.answer is None or wish.answer.why is not None:
                return wish.answer or refused("budget_spent"), None
        taken = asked.face.amount if asked.face is not None else order.taken if order is not None else None
        verdict = uses.use(connection, terms, asked, taken, until=until, now=now)
        if verdict.why is not None or verdict.repeated:
            return verdict, None
        paid = asked.paid.amount if asked.paid is not None else None
        amount = verdict.coupon.amount if verdict.coupon is not None else 0
        face = order.listed if order is not None else None if paid is None or not amount else paid + amount
        seen = Paid(at=asked.at, account_id=asked.account_id, paid=paid, face=face, payee_id=asked.payee_id or "")
        return verdict, Sight(asked, seen)

    def tell(self, connection: sa.Connection, sights: Sequence[Sight], now: datetime) -> None:
        """Takes in what was seen."""
        by_campaign: dict[str, list[Sight]] = {}
        for sight in sights:
            by_campaign.setdefault(sight.asked.campaign_id, []).append(sight)
        for campaign_id in sorted(by_campaign):
            declared = self.declared(connection, campaign_id)
            if declared is not None:
                mine = by_campaign[campaign_id]
                seeing.tell(connection, self.rules, self._needs, self._keep, declared, mine, now)

    def declared(self, connection: sa.Connection, campaign_id: str) -> Declared | None:
        """The campaign as it stands."""
        try:
            return campaigns.campaign(connection, campaign_id)
        except NotFound:
            return None

    def resume(self, connection: sa.Connection, campaign_id: str, by: str, now: datetime) -> bool:
        """Lets a campaign go on, once by each action; whether it was slowed or stopped."""
        declared = self.declared(connection, campaign_id)
        if declared is None:
            return False
        guarded = standing.opened(connection, declared)
        if guarded.resumed_by == by or guarded.watch.standing == "running":
            return False
        guarded.watch.resume()
        guarded.resumed_by, guarded.since, guarded.minute = by, now, None
        standing.save(connection, guarded)
        return True

    def _terms(self, connection: sa.Connection, campaign_id: str) -> Terms | None:
        declared = self.declared(connection, campaign_id)
        return None if declared is None else self.rules.terms(declared.campaign)

    def more(
        self, connection: sa.Connection, campaign_id: str, blocks: Blocks, count: int, amount: int, now: datetime
    ) -> Verdict | None:
        """Takes a block for claims of which so many wait; the refusal, when there is none."""
        declared = self.declared(connection, campaign_id)
        if declared is None:
            return refused("campaign_unknown")
        if not declared.gives_at(now):
            return refused("campaign_not_running")
        guarded = standing.opened(connection, declared)
        if guarded.watch.standing == "stopped":
            return refused("campaign_stopped")
        policy, most = self.rules.policies.budgets.blocks, None
        if guarded.watch.standing == "slowed":
            most = guarded.room(now, self.rules.lines(declared.campaign).pace)
            if not most:
                return refused("campaign_slowed", retry_after_s=guarded.wait_s(now))
        mine = blocks.pop(campaign_id, None)
        if mine is not None:
            leases.close_mine(connection, [mine.lease.lease_id], now)
        terms = self.rules.terms(declared.campaign)
        guarded.funded = leases.fund(connection, terms, guarded.funded, now)
        size = policy.first if mine is None or most is not None else min(policy.most, 2 * mine.lease.size)
        lease = leases.open_lease(
            connection, terms, policy, holder_id=self._holder_id, lease_id=self._draw(), size=size, count=count,
            amount=amount, most=most, until=declared.campaign.ends_at, now=now,
        )  # fmt: skip
        if lease is None:
            standing.save(connection, guarded)
            return refused("budget_spent")
        guarded.in_minute += lease.count if most is not None else 0
        standing.save(connection, guarded)
        blocks[campaign_id] = Block(lease, terms)
        return None


class _Source:
    """Blocks of one campaign, for one batch: see `claims.Source`."""

    def __init__(self, desk: StoreDesk, connection: sa.Connection, terms: Terms, blocks: Blocks, now: datetime) -> None:
        self._desk, self._connection, self._terms = desk, connection, terms
        self._blocks, self._now = blocks, now

    def lease(self) -> Lease | None:
        """The block that this process has."""
        block = self._blocks.get(self._terms.campaign_id)
        return None if block is None else block.lease

    def more(self, count: int, amount: int) -> Verdict | None:
        """Takes another block."""
        return self._desk.more(self._connection, self._terms.campaign_id, self._blocks, count, amount, self._now)

    def keep(self, lease: Lease) -> None:
        """What is left of the block."""
        self._blocks[lease.campaign_id] = Block(lease, self._terms)

    def drop(self) -> None:
        """The block is not there any more."""
        self._blocks.pop(self._terms.campaign_id, None)
