"""The guard over the store: claims and uses, given an open transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Output
from agoranomos.kernel.errors import NotFound
from agoranomos.promotions.breaker.watch import Paid
from agoranomos.promotions.budgets import claims, leases, uses
from agoranomos.promotions.budgets.leases import Lease
from agoranomos.promotions.budgets.model import Asked, Verdict, refused
from agoranomos.promotions.budgets.rush import opening
from agoranomos.promotions.budgets.rush.book import Book
from agoranomos.promotions.budgets.rush.books import Books
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.budgets.wishes import Wish
from agoranomos.promotions.campaigns import queries as campaigns
from agoranomos.promotions.campaigns.model import Declared
from agoranomos.promotions.guard import seeing, standing
from agoranomos.promotions.guard.model import Rules
from agoranomos.promotions.guard.pricing_orders import bought, due, lines_in
from agoranomos.promotions.guard.seeing import TOLD_AFTER, Keep, Sight
from agoranomos.promotions.tries.gate import Gate


class Block(msgspec.Struct, frozen=True):
    """The block that a process has of a campaign, and the campaign, and the rush it was in, as of when it was taken."""

    lease: Lease
    declared: Declared
    rush_id: str | None = None


Blocks = dict[str, Block]
"""By campaign, and by day where its budget has parts of days."""
_With = tuple[Blocks, datetime, list[Sight], bool]
"""The blocks of a process, the moment, what is not told yet, and whether the claims were only heard of."""


class StoreDesk:
    """`keep` keeps findings and actions; `draw` gives ids of blocks; `holder_id` is the process."""

    def __init__(self, rules: Rules, needs: Needs, keep: Keep, *, holder_id: str, draw: Callable[[], str]) -> None:
        self.rules = rules
        self._needs, self._keep = needs, keep
        self._holder_id, self._draw = holder_id, draw
        self._books = Books(draw)

    def claim(
        self,
        connection: sa.Connection,
        wishes: Sequence[Wish],
        blocks: Blocks,
        now: datetime,
        untold: list[Sight],
        gate: Gate | None = None,
        *,
        heard: bool = False,
    ) -> None:
        """Answers all of `wishes`. What is seen of them is told at once when it is much, and before another block is
        taken; else it is added to `untold`. Raises LeaseLost: then everything is done again. With `gate`, who tries
        codes waits. `heard`: nobody waits for the answers, so that many of them are no rush.
        """
        by_campaign: dict[str, list[Wish]] = {}
        for wish in wishes:
            by_campaign.setdefault(wish.asked.campaign_id, []).append(wish)
        for campaign_id in sorted(by_campaign):  # in one order, so that none waits in a ring
            block = blocks.get(campaign_id)
            declared = block.declared if block is not None else self.declared(connection, campaign_id)
            if declared is None:
                for wish in by_campaign[campaign_id]:
                    wish.answer = refused("campaign_unknown")
            else:
                self._claim_of(connection, declared, by_campaign[campaign_id], (blocks, now, untold, heard), gate)
                if len(untold) >= TOLD_AFTER:
                    self.tell_of(connection, campaign_id, untold, now)
                    self._ahead(connection, declared, by_campaign[campaign_id], blocks, now, heard=heard)

    def _claim_of(
        self, connection: sa.Connection, declared: Declared, wishes: Sequence[Wish], with_: _With, gate: Gate | None
    ) -> None:
        terms = self.rules.terms(declared.campaign)
        by_budget: dict[str, list[Wish]] = {}
        moments = [wish.asked.at for wish in wishes]
        ends = (min(moments), max(moments))
        key = terms.budget_key(ends[0])
        if all(map(declared.gives_at, ends)) and key == terms.budget_key(ends[1]):
            by_budget[key] = list(wishes)  # and so does all that lies between the two
        else:
            for wish in wishes:
                if declared.gives_at(wish.asked.at):
                    by_budget.setdefault(terms.budget_key(wish.asked.at), []).append(wish)
                else:
                    wish.answer = claims.standing(connection, terms, wish, with_[1]) or refused("campaign_not_running")
        for key, mine in sorted(by_budget.items()):
            source = _Source(self, connection, (key, mine[0].asked), with_)
            claims.give(connection, terms, mine, source, with_[1], gate)

    def check_claims(
        self, connection: sa.Connection, wishes: Sequence[Wish], blocks: Blocks, now: datetime, untold: list[Sight]
    ) -> None:
        """As `claim`, of claims that somebody asks about: whoever tries too many codes has to wait."""
        gate = Gate(connection, [wish.asked for wish in wishes], self.rules.policies.budgets.tries, now)
        self.claim(connection, wishes, blocks, now, untold, gate)
        if said := gate.keep():
            self._keep(connection, list[Output](said), now)

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
        known = uses.known(connection, terms, asked, now)
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
            self.claim(connection, [wish], blocks, now, [], heard=True)
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

    def book(self, terms: Terms, rush_id: str, now: datetime) -> Book:
        """The book of this thread."""
        return self._books.of(terms, rush_id, now)

    def tell(self, connection: sa.Connection, sights: Sequence[Sight], now: datetime) -> None:
        """Takes in what was seen."""
        self._books.tidy(now)
        by_campaign: dict[str, list[Sight]] = {}
        for sight in sights:
            by_campaign.setdefault(sight.asked.campaign_id, []).append(sight)
        for campaign_id in sorted(by_campaign):
            declared = self.declared(connection, campaign_id)
            if declared is not None:
                mine = by_campaign[campaign_id]
                seeing.tell(connection, self.rules, self._needs, self._keep, declared, mine, now)

    def tell_of(self, connection: sa.Connection, campaign_id: str, untold: list[Sight], now: datetime) -> None:
        """Takes in what was seen of a campaign, and strikes it from `untold`."""
        mine = [sight for sight in untold if sight.asked.campaign_id == campaign_id]
        if mine:
            untold[:] = [sight for sight in untold if sight.asked.campaign_id != campaign_id]
            self.tell(connection, mine, now)

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

    def _ahead(
        self, connection: sa.Connection, declared: Declared, wishes: Sequence[Wish], blocks: Blocks, now: datetime,
        *, heard: bool,
    ) -> None:  # fmt: skip
        """Takes the next block while the campaign's row is locked anyway, when another batch like `wishes` would find
        too little of it left, or too little time: taken before or within a batch, two processes might wait in a ring
        for that row and for coupons of the same people.
        """
        first = wishes[-1].asked
        amounts = [wish.amount for wish in wishes]
        block = blocks.get(key := self.rules.terms(declared.campaign).budget_key(first.at))
        if block is None:
            return
        soon = now + timedelta(seconds=self.rules.policies.budgets.blocks.lease_s / 3)
        if block.lease.expires_at < soon or not block.lease.covers(len(wishes), sum(amounts)):
            wanted = (len(wishes), sum(amounts), max(amounts))
            self.more(connection, key, first, blocks, wanted, now, ahead=True, heard=heard)

    def more(
        self,
        connection: sa.Connection,
        key: str,
        first: Asked,
        blocks: Blocks,
        wanted: tuple[int, int, int],
        now: datetime,
        *,
        ahead: bool = False,
        heard: bool = False,
    ) -> Verdict | None:
        """Takes a block under `key` for claims like `first`, of which so many over such an amount wait; the refusal,
        when there is none. `ahead`: nobody waits yet, so nothing is taken that others have, or might want more.
        """
        declared = self.declared(connection, first.campaign_id)
        if declared is None:
            return refused("campaign_unknown")
        if not declared.gives_at(first.at):
            return refused("campaign_not_running")
        guarded = standing.opened(connection, declared)
        if guarded.watch.standing == "stopped":
            return refused("campaign_stopped")
        policy, most = self.rules.policies.budgets.blocks, None
        if guarded.watch.standing == "slowed":
            most = guarded.room(now, self.rules.lines(declared.campaign).pace)
            if not most:
                return refused("campaign_slowed", retry_after_s=guarded.wait_s(now))
        terms = self.rules.terms(declared.campaign)
        if ahead and (most is not None or not leases.plenty(connection, terms, policy, first.at, wanted[:2])):
            return None
        mine = blocks.pop(key, None)
        if mine is not None:
            leases.close_mine(connection, [mine.lease.lease_id], now)
        guarded.funded = leases.fund(connection, terms, guarded.funded, first.at, now)
        rush = self.rules.policies.budgets.rush
        waits = 0 if heard or most is not None else wanted[0]  # whoever has to be slow is in no rush either
        rush_id = opening.settle(connection, terms, rush, waits, guarded.watch.claims, self._draw, now)
        size = policy.first if mine is None or most is not None else min(policy.most, 2 * mine.lease.size)
        lease = leases.open_lease(
            connection, terms, policy, holder_id=self._holder_id, lease_id=self._draw(), size=size,
            count=wanted[0], amount=wanted[1], dearest=wanted[2], most=most, at=first.at, now=now,
        )  # fmt: skip
        if lease is None:
            standing.save(connection, guarded)
            return refused("budget_spent")
        guarded.in_minute += lease.count if most is not None else 0
        standing.save(connection, guarded)
        blocks[key] = Block(lease, declared, rush_id)
        return None


class _Source:
    """Blocks of one budget, for one batch, of which `about` names the key and the first claim: see `claims.Source`."""

    def __init__(self, desk: StoreDesk, connection: sa.Connection, about: tuple[str, Asked], with_: _With) -> None:
        self._desk, self._connection = desk, connection
        self._key, self._first = about
        self._blocks, self._now, self._untold, self._heard = with_

    def lease(self) -> Lease | None:
        """The block that this process has."""
        block = self._blocks.get(self._key)
        return None if block is None else block.lease

    def more(self, count: int, amount: int, dearest: int) -> Verdict | None:
        """Takes another block, once what was given from the last is told."""
        self._desk.tell_of(self._connection, self._first.campaign_id, self._untold, self._now)
        wanted = (count, amount, dearest)
        return self._desk.more(
            self._connection, self._key, self._first, self._blocks, wanted, self._now, heard=self._heard
        )

    def book(self, terms: Terms) -> Book | None:
        """The book of the rush that the block was opened in. Whoever writes into one holds the campaign's row first, as
        he does when he needs another block: else two might wait in a ring for that row and for the next segment.
        """
        block = self._blocks.get(self._key)
        if block is None or block.rush_id is None:
            return None
        standing.hold(self._connection, terms.campaign_id)
        return self._desk.book(terms, block.rush_id, self._now)

    def keep(self, lease: Lease) -> None:
        """What is left of the block."""
        self._blocks[self._key] = msgspec.structs.replace(self._blocks[self._key], lease=lease)

    def gave(self, wishes: Sequence[Wish]) -> None:
        """What was given is to be told."""
        self._untold += [Sight(wish.asked) for wish in wishes]

    def drop(self) -> None:
        """The block is not there any more."""
        self._blocks.pop(self._key, None)
