"""What the people of a store do day by day: sign in, look up their buyers, ask for their money."""

from __future__ import annotations

from typing import Any, Final

from agoranomos.engine.market.lives import Event, Life, cny, say
from agoranomos.engine.market.rhythm import DAY, HOUR, MINUTE, SECOND, at_work
from agoranomos.engine.market.shops import Store
from agoranomos.engine.market.streams import Stream

COMMISSION: Final = 0.05
PAYOUT_EVERY_DAYS: Final = 7
_PAYOUT_ORDERS_MAX: Final = 150
_VISITS_PER_DAY: Final = 1.3
AGENT: Final = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) Merchant/8.4"


def store_days(stream: Stream, store: Store, start: int) -> Life:
    """Every day of `store` from `start` on."""
    day = 0
    payday = stream.below(PAYOUT_EVERY_DAYS)
    while True:
        morning = start + day * DAY
        yield morning
        if not store.alive:
            return
        one = stream.child(day)
        for _ in range(one.poisson(_VISITS_PER_DAY)):
            visit = at_work(morning + one.below(DAY), 8, 22)
            yield _visit(one.child(visit), store, visit)
        if day % PAYOUT_EVERY_DAYS == payday or len(store.order_ids) >= _PAYOUT_ORDERS_MAX:
            yield payout(one.child("payout"), store, morning + one.between(9 * HOUR, 20 * HOUR))
        if one.chance(0.01) and store.buyers:
            yield _gift(one.child("gift"), store, morning + one.between(9 * HOUR, 20 * HOUR))
        day += 1


def merchant_session(stream: Stream, store: Store) -> dict[str, Any]:
    """The data of a session of the store's people: at their own device and line."""
    person = store.person
    return {
        "account_id": store.account_id,
        "principal_kind": "merchant",
        "store_id": store.store_id,
        "device_id": person.device_id if stream.chance(0.85) else Stream(store.key).child("second").token("d"),
        "ip": person.ip,
        "user_agent": AGENT,
    }


def _visit(stream: Stream, store: Store, at: int) -> Life:
    yield at
    yield say(stream, at, "session.started", merchant_session(stream, store))
    if store.buyers and stream.chance(0.6):
        at += stream.between(20 * SECOND, 10 * MINUTE)
        yield lookup(stream, store, at, list(store.buyers)[-stream.between(5, 20) :])


def lookup(stream: Stream, store: Store, at: int, subject_ids: list[str]) -> Event:
    """`data.read`: the store's people look at buyers of theirs."""
    many = len(subject_ids) > 1
    data = {
        "principal_id": store.account_id,
        "principal_kind": "merchant",
        "endpoint": "/orders/list" if many else "/orders/detail",
        "subject_ids": subject_ids,
        "fields": ["recipient", "district"] if many else ["recipient", "district", "virtual_number"],
        "ip": store.person.ip,
        "store_id": store.store_id,
        "purpose": "fulfilment",
        "status": 200,
    }
    return say(stream, at, "data.read", data)


def payout(stream: Stream, store: Store, at: int) -> Life:
    """The store asks for what it earned, and has it a day or two later."""
    yield at
    if not store.order_ids:
        return
    payout_id = stream.token("y")
    amount, order_ids = int(store.takings * (1.0 - COMMISSION)), store.order_ids
    store.takings, store.order_ids = 0, []
    data = {"payout_id": payout_id, "store_id": store.store_id, "amount": cny(amount), "order_ids": order_ids}
    yield say(stream, at, "payout.requested", data)
    settled = at_work(at + stream.between(DAY, 2 * DAY))
    yield say(stream, settled, "payout.settled", {"payout_id": payout_id})


def _gift(stream: Stream, store: Store, at: int) -> Life:
    """A small red envelope to a buyer, for a late parcel or a birthday."""
    yield at
    data = {
        "from_store_id": store.store_id,
        "to_account_id": stream.choice(store.buyers),
        "amount": cny(stream.choice((200, 500, 800, 1_000))),
        "note": stream.choice(("快递延误补偿", "节日红包", "老顾客红包", "差价退还")),
    }
    yield say(stream, at, "payment.made", data)
