"""Rules as data for tests, and the events that they listen to."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from agoranomos.enforcement.policy import load_policy
from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, queries
from agoranomos.rules.book import Book, Used
from agoranomos.rules.keeping import keep_outputs
from agoranomos.rules.policy import load_queues
from agoranomos.rules.service import RuleService
from agoranomos.rules.written import Written, read_rules
from tests.builders import NOW, make_vault
from tests.rules.builders import ADA, BOB, draw

LISTS = ("family_devices",)
FEATURES = """
- {name: claims_10m, aggregate: count, event: coupon.claimed, by: [device_id], window: 10m}
- {name: claims_1d, aggregate: count, event: coupon.claimed, by: [device_id], window: 1d}
- {name: listings_1d, aggregate: count, event: listing.submitted, by: [store_id], window: 1d}
"""
CLAIM = "coupon_id: c1, campaign_id: spring, account_id: a1, device_id: d1"
LISTING = "listing_id: l1, store_id: s1, title: Shoes, price: {amount: 9900, currency: CNY}"


def claims_rule(line: int = 3, feature: str = "claims_10m", rule_id: str = "promotions.many_claims") -> str:
    """Fires on more than `line` claims on one device."""
    return f"""
- id: {rule_id}
  desk: promotions
  listens: coupon.claimed
  when: {feature}(device_id) > {line} AND NOT listed('family_devices', device_id)
  outcome: review
  score: 0.7
  reason: {{en: "{{{feature}}} coupons on one device.", zh: "同一设备 {{{feature}}} 张优惠券。"}}
  subject: {{kind: device, field: device_id}}
  owner: risk
  hits: [{{time: 2026-05-01T08:00:00Z, data: {{{CLAIM}}}, features: {{"{feature}(d1)": {line + 1}}}}}]
  misses: [{{time: 2026-05-01T08:00:00Z, data: {{{CLAIM}}}, features: {{"{feature}(d1)": {line}}}}}]
"""


def listings_rule(line: int = 2, outcome: str = "hold", rule_id: str = "goods.flood") -> str:
    """Fires on more than `line` listings of a store in a day."""
    return f"""
- id: {rule_id}
  desk: goods
  listens: listing
  when: listings_1d(store_id) > {line}
  outcome: {outcome}
  score: 0.6
  reason: {{en: "{{listings_1d}} listings in a day.", zh: "一天 {{listings_1d}} 件商品。"}}
  subject: {{kind: store, field: store_id}}
  owner: risk
  hits: [{{time: 2026-05-01T08:00:00Z, data: {{{LISTING}}}, features: {{"listings_1d(s1)": {line + 1}}}}}]
  misses: [{{time: 2026-05-01T08:00:00Z, data: {{{LISTING}}}, features: {{"listings_1d(s1)": {line}}}}}]
"""


def written(*texts: str) -> list[Written]:
    """Rules, checked."""
    return read_rules([("features", FEATURES), *((f"rule {n}", text) for n, text in enumerate(texts))], LISTS)


def book_of(*texts: str, standing: Literal["live", "shadow"] = "live", **fields: Any) -> Book:
    """A book in which all are live."""
    return Book([Used(written=each, version=1, standing=standing) for each in written(*texts)], **fields)


def service_of(store: Store, now: datetime = NOW) -> RuleService:
    """The rule book of a store."""
    return RuleService(store, lambda: now, draw, load_queues())


def begin(store: Store) -> None:
    """The lists that the rules look in."""
    for name in LISTS:
        service_of(store).create_list(name, "allow", by=ADA)


def into_shadow(store: Store, *texts: str, now: datetime = NOW) -> None:
    """Proposed by Ada, running in shadow."""
    service_of(store, now).propose(written(*texts), by=ADA, shadow=True)


def go_live(store: Store, *texts: str, now: datetime = NOW) -> None:
    """All the way to live, with Bob as the second person."""
    into_shadow(store, *texts, now=now)
    for each in written(*texts):
        with store.transaction() as connection:
            if queries.get_standing(connection, each.rule.id).shadow_version is None:
                continue
            asked = actions.ask_promotion(connection, each.rule.id, by=ADA, now=now)
            actions.approve(connection, asked.approval_id, by=BOB, now=now)


def event(kind: str, identity: str, minutes: float, **data: Any) -> Event:
    """An event so many minutes after NOW."""
    at = rfc3339(NOW + timedelta(minutes=minutes))
    return parse_event({"id": identity, "source": "shop", "type": kind, "time": at, "data": data})


def claim(number: int, minutes: float, device: str = "d1", **data: Any) -> Event:
    """A coupon claimed."""
    given = {"coupon_id": f"cp{number}", "campaign_id": "spring", "account_id": f"a{number}", "device_id": device}
    return event("coupon.claimed", f"c{number}", minutes, **given, **data)


def listing(number: int, minutes: float, store_id: str = "s1", **data: Any) -> Event:
    """A listing submitted."""
    price = {"amount": 9900, "currency": "CNY"}
    given = {"listing_id": f"l{number}", "store_id": store_id, "title": "Canvas shoes", "price": price, **data}
    return event("listing.submitted", f"s{number}", minutes, **given)


def arrive(store: Store, events: Sequence[Event], now: datetime = NOW) -> None:
    """Into the log."""
    with store.transaction() as connection:
        accept(connection, make_vault(), events, now=now)


keep = partial(keep_outputs, policy=load_policy())
