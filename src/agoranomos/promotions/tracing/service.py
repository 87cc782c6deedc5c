"""Tracing over the store: the log is followed into tables, and an incident is made from them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from copy import deepcopy
from datetime import timedelta
from functools import partial
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.store import Store
from agoranomos.promotions.tracing import queries
from agoranomos.promotions.tracing.incident import Incident, incident
from agoranomos.promotions.tracing.judging import rings
from agoranomos.promotions.tracing.memory import HEARS, Memory
from agoranomos.promotions.tracing.model import Coupon, Order, Person
from agoranomos.promotions.tracing.policy import Policy
from agoranomos.promotions.tracing.told import suspects

STEP_EVENTS_MAX: Final = 2_000


class Traced(msgspec.Struct, frozen=True):
    """A coupon with the order that it paid for, if any, and the account that took it."""

    coupon: Coupon
    order: Order | None
    account: Person | None


class Traces(msgspec.Struct, frozen=True):
    """What an incident is made from."""

    incident: Incident
    coupons: list[Coupon]
    memory: Memory


class TraceService:
    """`policy` says what a ring is."""

    def __init__(self, store: Store, policy: Policy) -> None:
        self.policy = policy
        self._store = store

    def follow(self) -> None:
        """Hears all that has come in; a step and how far it came are one transaction."""
        while not self._step():
            pass

    def coupon(self, coupon_id: str) -> Traced:
        """Where a coupon came from and where its value went. Raises NotFound."""
        with self._store.reading() as connection:
            found = queries.load(connection, [coupon_id] if is_id(coupon_id) else [], (), ()).coupons.get(coupon_id)
            if found is None:
                raise NotFound("no such coupon was issued or claimed; ids are those of coupon.issued")
            there = queries.load(connection, (), [found.order_id], [found.account_id])
        return Traced(found, there.orders.get(found.order_id), there.people.get(found.account_id))

    def incident(self, campaign_id: str) -> Incident:
        """Who had the good of a campaign. Raises NotFound when nothing of it was given."""
        return self.traces(campaign_id).incident

    def traces(self, campaign_id: str) -> Traces:
        """The incident with the coupons and orders that it is made from. Raises NotFound."""
        with self._store.reading() as connection:
            coupons = queries.of_campaign(connection, campaign_id) if is_id(campaign_id) else []
            if not coupons:
                raise NotFound("no coupon of such a campaign was issued or claimed; see `agora promotions list`")
            accounts = {each.account_id for each in coupons if each.at is not None}
            others = queries.of_accounts(connection, accounts)
            orders = {each.order_id for each in (*coupons, *others) if each.order_id}
            memory = queries.load(connection, (), orders, accounts)
            known = suspects(connection, accounts)
        memory.coupons = {each.coupon_id: each for each in (*others, *coupons)}
        moments = [at for each in coupons if (at := each.at) is not None]
        since = min(moments) - timedelta(days=self.policy.window_days) if moments else None
        found = rings(list(memory.claims(since)), memory.people, self.policy, known)
        return Traces(incident(campaign_id, coupons, memory, found, self.policy), coupons, memory)

    def _step(self) -> bool:
        with self._store.transaction() as connection:
            return queries.BOOKMARK.step(connection, HEARS, STEP_EVENTS_MAX, partial(_hear, connection))


def _hear(connection: sa.Connection, events: Sequence[Event]) -> None:
    """Brings the tables up to date with some events."""
    coupon_ids = _named(events, "coupon_id") | {
        name for event in events for name in event.data.get("coupon_ids") or () if event.type == "order.placed"
    }
    accounts = _named(events, "account_id") | _named(events, "buyer_id")
    known = queries.load(connection, coupon_ids, _named(events, "order_id"), accounts)
    before = deepcopy(known)
    for event in events:
        known.hear(event)
    queries.write(connection, known, before)


def _named(events: Iterable[Event], field: str) -> set[str]:
    values: Iterable[Any] = (event.data.get(field) for event in events)
    return {value for value in values if isinstance(value, str) and value}
