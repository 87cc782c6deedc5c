"""Events at random for features, few keys and few moments, so that everything meets; and features over them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import msgspec

from agoranomos.engine.features.model import Declaration, Feature
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from tests.builders import NOW

DEVICES = ("d1", "d2", "手机", 'a"b', "")
TYPES = ("order.placed", "coupon.claimed", "contact.made", "data.read")


def feature(
    name: str = "f", aggregate: Any = "count", event: Any = "order.placed", window: str = "10m", **more: Any
) -> Feature:
    """A feature by device, unless something else is said."""
    given = {"by": ("device_id",), **more}
    return Feature(
        msgspec.convert({"name": name, "aggregate": aggregate, "event": event, "window": window, **given}, Declaration)
    )


def event(kind: str, identity: str, seconds: float, source: str = "shop", **data: Any) -> Event:
    """An event so many seconds after NOW."""
    return parse_event({
        "specversion": "1.0", "id": identity, "source": source, "type": kind,
        "time": rfc3339(NOW + timedelta(seconds=seconds)), "data": {k: v for k, v in data.items() if v is not None},
    })  # fmt: skip


def order(identity: str, seconds: float, device: str | None = "d1", amount: int = 100, **more: Any) -> Event:
    """An order of one line."""
    given: dict[str, Any] = {
        "order_id": identity, "buyer_id": "b1", "store_id": "s1", "device_id": device,
        "lines": [{"listing_id": "l1", "quantity": 1, "price": {"amount": amount, "currency": "CNY"}}],
        "paid": {"amount": amount, "currency": "CNY"},
    }  # fmt: skip
    return event("order.placed", identity, seconds, **{**given, **more})


def random_events(seed: int, many: int = 300, *, seconds: int = 3600, keys: int = 3) -> list[Event]:
    """In the order of the contract, many at one moment, some fields missing, several currencies."""
    rng = random.Random(seed)
    events = [_random_event(rng, str(number), rng.randrange(seconds), keys) for number in range(many)]
    return sorted(events, key=lambda one: (one.time, one.source, one.id))


def _random_event(rng: random.Random, identity: str, seconds: float, keys: int) -> Event:
    def money() -> dict[str, Any]:
        return {
            "amount": rng.choice([0, -5, 100, 499, 500, 10**15, rng.randrange(10_000)]),
            "currency": rng.choice(["CNY", "CNY", "EUR"]),
        }

    def maybe(value: Any) -> Any:
        return value if rng.random() < 0.8 else None

    kind = rng.choice(TYPES)
    device = maybe(rng.choice(DEVICES[:keys]) or None)
    account = f"a{rng.randrange(keys)}"
    source = rng.choice(["app", "web"])
    seconds += rng.choice([0, 0, 0.25])
    match kind:
        case "order.placed":
            lines = [
                {"listing_id": f"l{rng.randrange(6)}", "quantity": rng.randrange(1, 4), "price": money()}
                for _ in range(rng.randrange(4))
            ]
            return event(
                kind, identity, seconds, source, order_id=identity, buyer_id=account, store_id="s1", lines=lines,
                paid=money(), face_value=maybe(money()),
                coupon_ids=maybe([f"c{rng.randrange(9)}" for _ in range(rng.randrange(3))]),
                device_id=device, payee_id=maybe(f"a{rng.randrange(keys)}"), ip=maybe(f"10.0.0.{rng.randrange(3)}"),
            )  # fmt: skip
        case "coupon.claimed":
            return event(
                kind, identity, seconds, source, coupon_id=identity, campaign_id=f"k{rng.randrange(2)}",
                account_id=account, device_id=device, ip=maybe(f"10.0.0.{rng.randrange(3)}"), paid=maybe(money()),
            )  # fmt: skip
        case "contact.made":
            return event(
                kind, identity, seconds, source, store_id="s1", channel="call", direction="to_buyer",
                account_id=maybe(account),
                duration_s=maybe(rng.choice([0, 0.1, 2.5, rng.random() * 100])),
            )  # fmt: skip
    return event(
        kind, identity, seconds, source, principal_id=account, principal_kind="buyer", endpoint="/v1", fields=["phone"],
        subject_ids=[f"p{rng.randrange(30)}" for _ in range(rng.randrange(5))], device_id=device,
        export=maybe(rng.random() < 0.5),
    )  # fmt: skip


def rows(events: Iterable[Event]) -> list[tuple[str, str, str, str, str]]:
    """As rows of a relation: source, id, type, time, data."""
    return [(one.source, one.id, one.type, rfc3339(one.time), msgspec.json.encode(one.data).decode()) for one in events]


BY_BUYER: dict[str, Any] = {"by": ("buyer_id",)}
EVERYTHING: tuple[Feature, ...] = (
    feature("orders_10m"),
    feature("orders_of_buyer", window="30m", **BY_BUYER),
    feature("orders_dear", where="paid.amount >= 500", window="5m"),
    feature("with_face", field="face_value", window="15m"),
    feature("orders_all", by=(), window="1m"),
    feature("two_keys", by=("device_id", "ip"), window="20m"),
    feature("moves", event=("order.placed", "coupon.claimed"), window="7m"),
    feature("paid_sum", "sum", field="paid", currency="CNY"),
    feature("paid_sum_eur", "sum", field="paid.amount", currency="EUR", window="2m"),
    feature("paid_avg", "avg", field="paid", currency="CNY", **BY_BUYER),
    feature("paid_min", "min", field="paid", currency="CNY", window="3m"),
    feature("paid_max", "max", field="face_value", currency="CNY", window="40m"),
    feature("paid_last", "last", field="face_value", currency="CNY", window="4m"),
    feature("ip_last", "last", field="ip", window="6m"),
    feature("claim_ip_last", "last", event="coupon.claimed", field="ip", by=("account_id",), window="1h"),
    feature("listings", "count_distinct", field="lines.listing_id", window="25m"),
    feature("ips", "count_distinct", field="ip", window="9m", **BY_BUYER),
    feature("basket", "max", field="size(lines)"),
    feature("coupons_used", "sum", field="size(coupon_ids)", window="11m"),
    feature("share_with_coupon", "ratio", share="face_value.amount > 100", window="12m", **BY_BUYER),
    feature("many_lines", where="size(lines) > 1 AND ip IS NOT NULL", window="18m"),
    feature("moves_here", event=("order.placed", "coupon.claimed"), where="ip = '10.0.0.1'", window="19m"),
    feature("claims", event="coupon.claimed", by=("account_id",)),
    feature("claims_by_campaign", event="coupon.claimed", by=("campaign_id", "account_id"), window="2h"),
    feature("talk", "sum", event="contact.made", field="duration_s", by=("account_id",), window="30m"),
    feature("talk_avg", "avg", event="contact.made", field="duration_s", by=("account_id",), window="8m"),
    feature("talk_max", "max", event="contact.made", field="duration_s", by=("account_id",), window="13m"),
    feature("talks", "count_distinct", event="contact.made", field="duration_s", by=("account_id",), window="45m"),
    feature("people", "count_distinct", event="data.read", field="subject_ids", by=("principal_id",), window="14m"),
    feature("exported", "last", event="data.read", field="export", by=("principal_id",), window="16m"),
    feature("exports", "count_distinct", event="data.read", field="export", by=("principal_id",), window="17m"),
    feature("first_seen", "min", field="time", window="400d", **BY_BUYER),
    feature("last_seen", "max", event="coupon.claimed", field="time", by=("account_id",), window="1h"),
)  # fmt: skip
"""Every aggregate over every kind of field."""
