"""Points and offers for a minimum fee: the same ledger and guard, over HTTP and in a replay, answer by answer."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault
from tests.goods.listings.market import Market
from tests.promotions.guard.test_http import Client
from tests.promotions.scenes import Scene, campaign, cny

POINTS = campaign(
    "points", benefit={"kind": "points", "value": 500}, budget={"amount": cny(2_000)}, per_account={"count": 2}
)  # fmt: skip
BIKE = campaign(
    "bike", benefit={"kind": "price", "value": cny(100)}, applies_to={"categories": ["bike_ride"]},
    budget={"count": 10, "amount": cny(900)}, per_account={"count": 1, "window_days": 1},
)  # fmt: skip


@contextmanager
def asking(store: Store, entry: dict[str, Any]) -> Iterator[Client]:
    """A server for which the campaign was declared yesterday."""
    scene = Scene()
    scene.declare({**entry, "starts_at": rfc3339(NOW - timedelta(days=1))}, NOW - timedelta(days=1))
    with store.transaction() as connection:
        accept(connection, make_vault(), scene.events, now=NOW, hearers=HEARERS)
    with TestClient(Market(store).app) as client:
        yield client


def answers(client: Client, events: list[Event]) -> list[str]:
    """What the checks say of each, in words of a hit, or the outcome."""
    found = []
    for event in events:
        body = {"specversion": "1.0", "id": event.id, "source": event.source, "type": event.type,
                "time": rfc3339(event.time), "data": event.data}  # fmt: skip
        path = "coupon-claim" if event.type == "coupon.claimed" else "coupon-redeem"
        answer = client.post(f"/v1/checks/{path}", json=body)
        assert answer.status_code == 200, answer.text
        hits = answer.json()["hits"]
        found.append(hits[0]["code"].removeprefix("promotions.") if hits else answer.json()["outcome"])
    return found


def replayed(entry: dict[str, Any], events: list[Event]) -> list[str]:
    """The same, as a replay says it."""
    scene = Scene()
    scene.declare({**entry, "starts_at": rfc3339(NOW - timedelta(days=1))}, NOW - timedelta(days=1))
    scene.events += events
    made = [each for each in scene.played() if isinstance(each, Decision)]
    return [each.hits[0].code.removeprefix("promotions.") if each.hits else each.outcome.value for each in made]


def points() -> list[Event]:
    """Six people claim 500 points each, the first one once more, of a budget of twenty yuan."""
    scene = Scene()
    for number, account in enumerate(("a0", "a1", "a0", "a0", "a2", "a3", "a4")):
        scene.tell("coupon.claimed", NOW, coupon_id=f"k{number}", campaign_id="points", account_id=account)
    return scene.events


def rides() -> list[Event]:
    """Rides of four yuan for one: a day's cap, a fee of less than one yuan, and a budget of nine yuan in all."""
    scene = Scene()
    for number, (account, paid) in enumerate(
        (("a0", 100), ("a0", 100), ("a1", 1), ("a2", 100), ("a3", 100), ("a4", 100))
    ):
        line = {"listing_id": "ride", "quantity": 1, "price": cny(400)}
        scene.tell(
            "coupon.redeemed", NOW, coupon_id=f"k{number}", campaign_id="bike", account_id=account, paid=cny(paid),
            order_id=f"o{number}", lines=[line],
        )  # fmt: skip
    return scene.events


@pytest.mark.parametrize(
    ("entry", "events", "expected"),
    [
        (POINTS, points, ["approve", "approve", "approve", "account_cap", "approve", "budget_spent", "budget_spent"]),
        (BIKE, rides, ["approve", "account_cap", "paid_too_little", "approve", "approve", "budget_spent"]),
    ],
)
def test_they_are_given_within_budget_and_caps_over_http_and_in_a_replay(
    store: Store, entry: dict[str, Any], events: Any, expected: list[str]
) -> None:
    asked = events()
    assert replayed(entry, asked) == expected
    with asking(store, entry) as client:
        assert answers(client, asked) == expected
        shown = client.get(f"/v1/promotions/guard/{entry['id']}").json()
    money = next(each for each in shown["budget"] if each["unit"] == "CNY")
    given = {"points": 4 * 500, "bike": 3 * 300}[entry["id"]]
    assert money["given"] + money["out"] >= given
    assert money["left"] + money["out"] + money["given"] == entry["budget"]["amount"]["amount"]
