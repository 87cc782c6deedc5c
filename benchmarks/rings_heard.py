"""The same planted rings as a log of events through the monitor: what a replay finds of them, and when."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.promotions.policies import ring_policies
from agoranomos.promotions.tracing.model import Claim
from agoranomos.promotions.tracing.monitor import RingMonitor
from agoranomos.promotions.tracing.telling import RING
from benchmarks.rings_real import Scene


def log_of(scene: Scene, *, articles: bool = False) -> list[Event]:
    """The scene as events: registrations, an order without coupons of whoever bought before, and of each claim its
    taking and its use; with `articles`, the order that it paid for as well. Nothing tells to whom coupons were issued.
    """
    rows = [*_lives(scene), *(row for claim in scene.claims for row in _claimed(claim, articles=articles))]
    return [parse_event(row) for row in sorted(rows, key=lambda row: (row["time"], row["id"]))]


def _lives(scene: Scene) -> Iterator[dict[str, Any]]:
    for name, person in sorted(scene.people.items()):
        if person.registered_at is not None:
            yield _row("account.registered", f"g-{name}", person.registered_at, account_id=name)
        if person.first_order_at is not None:
            line = {"listing_id": "l", "quantity": 1, "price": _cny(1_000)}
            yield _row(
                "order.placed", f"b-{name}", person.first_order_at, order_id=f"b-{name}", buyer_id=name, store_id="s",
                lines=[line], paid=_cny(1_000),
            )  # fmt: skip


def _claimed(claim: Claim, *, articles: bool) -> Iterator[dict[str, Any]]:
    name = claim.coupon_id
    who = {"coupon_id": name, "campaign_id": claim.campaign_id, "account_id": claim.account_id}
    where = {"device_id": claim.device, "ip": claim.network}
    ties = {key: value for key, value in where.items() if value}
    used = {"payee_id": claim.payee} if claim.payee else {}
    payer = {"payer_token": claim.payer} if claim.payer else {}
    yield _row("coupon.claimed", f"c-{name}", claim.at, **who, **ties)
    if articles or payer:
        line = {"listing_id": claim.listing, "quantity": 1, "price": _cny(2 * claim.value)}
        yield _row(
            "order.placed", f"o-{name}", claim.at + timedelta(minutes=1), order_id=f"o-{name}",
            buyer_id=claim.account_id, store_id="s", lines=[line], paid=_cny(claim.value), coupon_ids=[name], **ties,
            **used, **payer,
        )  # fmt: skip
    yield _row(
        "coupon.redeemed", f"u-{name}", claim.at + timedelta(minutes=2), **who, **ties, **used, order_id=f"o-{name}",
        paid=_cny(claim.value),
    )  # fmt: skip


def heard(scene: Scene, *, articles: bool = False) -> set[str]:
    """Whom the findings of the monitor accuse, over the whole log."""
    log = log_of(scene, articles=articles)
    monitor = RingMonitor(*ring_policies(()), needs_of(load_actions()))
    run = Run([monitor])
    said = [*run.feed(log), *run.pass_until(log[-1].time + timedelta(days=8))]
    return {each.subject.id for each in said if isinstance(each, Finding) and each.code == RING and each.score >= 0.5}


def _row(kind: str, name: str, at: Any, **data: Any) -> dict[str, Any]:
    return {"id": name, "source": "real", "type": kind, "time": rfc3339(at), "data": data}


def _cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}
