"""The guard over a history: what it would have answered to each claim and use, and what it would have stopped.

What it would have refused does not count as given; what happened all the same becomes a finding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any, Final, cast

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.schema.access import AccountRegistered, SessionStarted
from agoranomos.kernel.schema.orders import OrderPlaced
from agoranomos.kernel.schema.promotions import CampaignDeclared, CampaignEnded, CouponIssued
from agoranomos.promotions.breaker import telling as breaker_telling
from agoranomos.promotions.breaker.watch import Claimed, Paid, Seen
from agoranomos.promotions.budgets import telling
from agoranomos.promotions.budgets.memory import Issued, MemoryTill
from agoranomos.promotions.budgets.model import Asked, Verdict, asked_of, refused
from agoranomos.promotions.budgets.telling import CLAIM, REDEEM, Check, Tally
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.campaigns.model import Declared, require_usable
from agoranomos.promotions.guard.model import Policies, Rules, Running
from agoranomos.promotions.guard.newcomers import Newcomers
from agoranomos.promotions.guard.pricing_orders import Bought, bought, due, lines_in
from agoranomos.promotions.tries.model import MISSES, Book, shut_out

NAME: Final = "promotions.guard"
VERSION: Final = "3"
ORDERS_KEPT: Final = 20_000
"""Orders with coupons that wait for the coupon's own event, and the other way round."""


class Memory(msgspec.Struct):
    """Everything that the guard knows. `used` waits for its order, `orders` for their coupons."""

    campaigns: dict[str, Running] = {}
    till: MemoryTill = msgspec.field(default_factory=MemoryTill)
    tries: Book = msgspec.field(default_factory=Book)
    issuing: set[str] = msgspec.field(default_factory=set)
    newcomers: Newcomers = msgspec.field(default_factory=Newcomers)
    tallies: dict[str, Tally] = {}
    campaign_of: dict[str, str] = {}
    orders: dict[str, Bought] = {}
    used: dict[str, Asked] = {}


class GuardMonitor:
    """See `engine.stream.Monitor`; `known` campaigns are declared from the start."""

    def __init__(self, policies: Policies, needs: Needs, known: Iterable[Declared] = ()) -> None:
        self.name, self.version = NAME, f"{VERSION}:{policies.version}"
        self._rules, self._needs = Rules(policies), needs
        self._memory = Memory({each.id: Running(each.campaign, each.declared_at) for each in known})
        self._hear: dict[str, Callable[[Event, Out], None]] = {
            "account.registered": self._registered,
            "campaign.declared": self._declared,
            "campaign.ended": self._ended,
            "coupon.claimed": self._claimed,
            "coupon.issued": self._issued,
            "coupon.redeemed": self._redeemed,
            "coupon.refunded": self._refunded,
            "coupon.voided": self._voided,
            "order.placed": self._ordered,
            "session.started": self._signed_in,
        }
        self.hears: Iterable[str] = tuple(self._hear)

    def foresee(self, events: Sequence[Event]) -> None:
        """Hears one event after another."""

    def hear(self, event: Event, out: Out) -> None:
        """What follows from the event."""
        self._hear[event.type](event, out)

    def due(self) -> datetime | None:
        """Nothing here waits for a time."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Nothing here waits for a time."""

    def state(self) -> bytes:
        """All that is remembered."""
        return msgspec.msgpack.encode(self._memory)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._memory = msgspec.msgpack.decode(state, type=Memory)

    def _declared(self, event: Event, out: Out) -> None:
        campaign = cast("CampaignDeclared", event.body).campaign
        try:
            require_usable(campaign, "/data/campaign")
        except Invalid as error:
            out.refuse(event, error)
            return
        known = self._memory.campaigns.get(campaign.id)
        if known is None or known.ended_at is not None:
            self._memory.campaigns[campaign.id] = Running(campaign, event.time)
        else:
            known.campaign = campaign

    def _ended(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        known = self._memory.campaigns.get(cast("CampaignEnded", event.body).campaign_id)
        if known is not None:
            known.ended_at = event.time

    def _registered(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        body = cast("AccountRegistered", event.body)
        self._memory.newcomers.registered(body.account_id, body.device_id, event.time)

    def _signed_in(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        self._memory.newcomers.seen(cast("SessionStarted", event.body).device_id, event.time)

    def _issued(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        body = cast("CouponIssued", event.body)
        self._memory.issuing.add(body.campaign_id)
        self._memory.till.issued[body.campaign_id, body.coupon_id] = Issued(body.account_id, body.face_value)

    def _claimed(self, event: Event, out: Out) -> None:
        asked = asked_of(event)
        running = self._memory.campaigns.get(asked.campaign_id)
        verdict = self._claim(running, asked)
        self._answer(CLAIM, asked, verdict, out)
        if verdict.why in MISSES:
            out.say(*self._memory.tries.told(asked, asked.at, self._rules.policies.budgets.tries))
        self._memory.campaign_of[asked.coupon_id] = asked.campaign_id
        if running is not None and verdict.why is None and not verdict.repeated:
            self._see(running, self._claim_seen(asked), out)
        self._memory.newcomers.seen(asked.device_id, asked.at)

    def _claim(self, running: Running | None, asked: Asked) -> Verdict:
        if running is None:
            return refused("campaign_unknown")
        known = self._memory.till.coupons.get(asked.key)
        if known is None or not known.held:
            if not running.runs(asked.at):
                return refused("campaign_not_running")
            if running.watch.standing == "stopped":
                return refused("campaign_stopped")
            if running.watch.standing == "slowed":
                wait_s = running.wait_s(asked.at, self._rules.lines(running.campaign).pace)
                if wait_s is not None:
                    return refused("campaign_slowed", retry_after_s=wait_s)
        terms = self._rules.terms(running.campaign)
        return self._tried(terms, asked) or self._memory.till.claim(terms, asked)

    def _tried(self, terms: Terms, asked: Asked) -> Verdict | None:
        """The refusal of somebody who tries codes too often, or one that nobody was given."""
        coupon, issued = self._memory.till.coupons.get(asked.key), self._memory.till.issued.get(asked.key)
        owners = {coupon.account_id if coupon is not None and coupon.held else "", issued.account_id if issued else ""}
        if asked.account_id not in owners and (wait_s := self._memory.tries.wait_s(asked, asked.at)) is not None:
            return shut_out(wait_s)
        unknown = terms.typed and issued is None and asked.campaign_id in self._memory.issuing
        return refused("code_unknown") if unknown else None

    def _claim_seen(self, asked: Asked) -> Claimed:
        newcomers, policy = self._memory.newcomers, self._rules.policies.breaker
        return Claimed(
            at=asked.at, new_account=newcomers.new_account(asked.account_id, asked.at, policy),
            new_device=newcomers.new_device(asked.device_id, asked.at, policy), network=asked.network,
        )  # fmt: skip

    def _redeemed(self, event: Event, out: Out) -> None:
        asked = asked_of(event)
        running = self._memory.campaigns.get(asked.campaign_id)
        order = self._order_of(asked, event.data)
        verdict = self._redeem(running, asked, order)
        self._answer(REDEEM, asked, verdict, out)
        self._memory.campaign_of[asked.coupon_id] = asked.campaign_id
        if running is None or verdict.why is not None or verdict.repeated:
            return
        seen = self._paid_seen(asked, verdict, order)
        if (seen.paid is None or seen.face is None) and asked.order_id is not None:
            _remember(self._memory.used, asked.order_id, asked)
        self._see(running, seen, out)

    def _redeem(self, running: Running | None, asked: Asked, order: Bought | None) -> Verdict:
        if running is None:
            return refused("campaign_unknown")
        known = self._memory.till.coupons.get(asked.key)
        if known is None or known.state != "redeemed":
            if not running.runs(asked.at):
                return refused("campaign_not_running")
            if running.watch.standing == "stopped":
                return refused("campaign_stopped")
        taken = asked.face.amount if asked.face is not None else None
        if order is not None:
            receipt = due(order, [running.campaign])
            if receipt is not None and order.paid < receipt.paid:
                return refused("paid_too_little", paid=order.paid, due=receipt.paid, listed=order.listed)
            taken = order.taken if taken is None else taken
        return self._memory.till.redeem(self._rules.terms(running.campaign), asked, taken)

    def _order_of(self, asked: Asked, data: dict[str, Any]) -> Bought | None:
        """The order that the coupon is used for, when it is known and no other coupon takes part in it."""
        if asked.order_id is not None and (known := self._memory.orders.pop(asked.order_id, None)) is not None:
            return known
        lines = lines_in(data)
        return bought(lines, asked.paid) if lines and asked.paid is not None else None

    def _paid_seen(self, asked: Asked, verdict: Verdict, order: Bought | None) -> Paid:
        paid = asked.paid.amount if asked.paid is not None else None
        amount = verdict.coupon.amount if verdict.coupon is not None else 0
        face = None if paid is None or not amount else paid + amount
        if order is not None:
            paid, face = order.paid, order.listed
        return Paid(at=asked.at, account_id=asked.account_id, paid=paid, face=face, payee_id=asked.payee_id or "")

    def _ordered(self, event: Event, out: Out) -> None:
        body = cast("OrderPlaced", event.body)
        if not body.coupon_ids:
            return
        order = bought(body.lines, body.paid)
        asked = self._memory.used.pop(body.order_id, None)
        if order is None:
            return
        if asked is None:
            if len(body.coupon_ids) == 1 and body.coupon_ids[0] not in self._memory.campaign_of:
                _remember(self._memory.orders, body.order_id, order)
            self._price(event, body, order, out)
            return
        running = self._memory.campaigns.get(asked.campaign_id)
        if running is not None:
            seen = Paid(at=event.time, account_id=asked.account_id, paid=order.paid, face=order.listed)
            self._see(running, seen, out)
        self._price(event, body, order, out)

    def _price(self, event: Event, body: OrderPlaced, order: Bought, out: Out) -> None:
        """Whether an order that follows its coupons paid what it had to."""
        ids = [self._memory.campaign_of.get(each) for each in body.coupon_ids]
        running = [self._memory.campaigns.get(each) for each in ids if each is not None]
        known = [each.campaign for each in running if each is not None]
        receipt = due(order, known) if len(known) == len(body.coupon_ids) else None
        if receipt is None or order.paid >= receipt.paid:
            return
        asked = Asked(
            coupon_id=body.coupon_ids[0], campaign_id=known[0].id, account_id=body.buyer_id, at=event.time,
            source=event.source, event_id=event.id, order_id=body.order_id,
        )  # fmt: skip
        values = {"paid": order.paid, "due": receipt.paid, "listed": order.listed}
        self._find(asked, Verdict(why="paid_too_little", values=values), out)

    def _refunded(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        asked = asked_of(event)
        running = self._memory.campaigns.get(asked.campaign_id)
        if running is not None:
            self._memory.till.release(self._rules.terms(running.campaign), asked.key)

    def _voided(self, event: Event, out: Out) -> None:  # noqa: ARG002 - the form of all ears
        asked = asked_of(event)
        running = self._memory.campaigns.get(asked.campaign_id)
        if running is not None:
            self._memory.till.void(self._rules.terms(running.campaign), asked)

    def _answer(self, check: Check, asked: Asked, verdict: Verdict, out: Out) -> None:
        out.say(telling.decided(check, asked, verdict, self._rules.policies.version))
        self._find(asked, verdict, out)

    def _find(self, asked: Asked, verdict: Verdict, out: Out) -> None:
        if verdict.why is None or (told := telling.FINDINGS.get(verdict.why)) is None:
            return
        subject = telling.subject_of(asked, told)
        key = "\x1f".join((told.code, subject.kind, subject.id, asked.campaign_id))
        tally = self._memory.tallies.setdefault(key, Tally())
        if (finding := telling.found(asked, verdict.why, verdict.values, tally)) is not None:
            out.say(finding)

    def _see(self, running: Running, seen: Seen, out: Out) -> None:
        policy = self._rules.policies.breaker
        for raised in running.watch.see(seen, self._rules.lines(running.campaign), policy):
            finding = breaker_telling.found(running.campaign.id, raised, policy, since=running.since)
            out.say(finding, *breaker_telling.done(running.campaign.id, raised, finding, self._needs))


def _remember(places: dict[str, Any], key: str, value: object) -> None:
    """Keeps `value`, and forgets the oldest when there are too many."""
    places[key] = value
    if len(places) > ORDERS_KEPT:
        del places[next(iter(places))]
