"""The checks of coupons over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault
from tests.goods.listings.market import Market
from tests.promotions.scenes import Scene, campaign, cny

Client = TestClient[Litestar]
CLAIM, USE = "/v1/checks/coupon-claim", "/v1/checks/coupon-redeem"


def body(kind: str, coupon: str, account: str, **data: Any) -> dict[str, Any]:
    return {
        "specversion": "1.0", "id": f"{kind}-{coupon}-{account}", "source": "shop", "type": kind,
        "time": rfc3339(NOW), "data": {"coupon_id": coupon, "campaign_id": "c1", "account_id": account, **data},
    }  # fmt: skip


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    entry = campaign(budget={"count": 2, "amount": cny(2_000)}, per_account={"count": 1})
    scene = Scene()
    scene.declare({**entry, "starts_at": rfc3339(NOW - timedelta(days=1))}, NOW - timedelta(days=1))
    with store.transaction() as connection:
        accept(connection, make_vault(), scene.events, now=NOW, hearers=HEARERS)
    with TestClient(Market(store).app) as client:
        yield client


def test_a_claim_is_reserved_and_a_use_is_for_one_order(client: Client) -> None:
    answer = client.post(CLAIM, json=body("coupon.claimed", "k1", "a1"))
    assert answer.status_code == 200, answer.text
    claimed = answer.json()
    assert (claimed["outcome"], claimed["check"]) == ("approve", "coupon-claim")
    assert claimed["subject"] == {"kind": "coupon", "id": "k1"}
    assert claimed["reservation_id"].startswith("r_")
    assert claimed["expires_at"] is not None
    used = client.post(USE, json=body("coupon.redeemed", "k1", "a1", order_id="o1")).json()
    assert used["outcome"] == "approve"
    other = client.post(USE, json=body("coupon.redeemed", "k1", "a1", order_id="o2")).json()
    assert (other["outcome"], other["reasons"][0]["code"]) == ("decline", "promotions.refused")
    for decision in (claimed, used, other):
        kept = client.get(f"/v1/decisions/{decision['id']}").json()
        assert kept == decision, "a later look shows what was answered, the reservation above all"
    shown = client.get("/v1/promotions/guard/c1").json()
    assert (shown["standing"], shown["budget"][0]["declared"]) == ("running", 2)
    assert client.get("/v1/promotions/guard/nothing").status_code == 404


def test_many_at_once_get_no_more_than_there_is(client: Client) -> None:
    with ThreadPoolExecutor(16) as pool:
        asked = [body("coupon.claimed", f"k{number}", f"a{number}") for number in range(16)]
        answers = [each.json() for each in pool.map(lambda one: client.post(CLAIM, json=one), asked)]
    assert sorted(each["outcome"] for each in answers) == ["approve"] * 2 + ["decline"] * 14
    assert len({str(each["reasons"]) for each in answers if each["outcome"] == "decline"}) == 1


def test_keys_and_what_is_no_claim(client: Client) -> None:
    key = {"idempotency-key": "once"}
    first = client.post(CLAIM, json=body("coupon.claimed", "k1", "a1"), headers=key).json()
    assert client.post(CLAIM, json=body("coupon.claimed", "k1", "a1"), headers=key).json() == first
    assert client.post(CLAIM, json=body("coupon.claimed", "k2", "a2"), headers=key).status_code == 409
    assert client.post(CLAIM, json=body("coupon.redeemed", "k1", "a1")).status_code == 422
    assert client.post(CLAIM, json=body("coupon.claimed", "k1", "")).status_code == 422
    assert client.post(CLAIM, content=b"{", headers={"content-type": "application/json"}).status_code == 400
    assert client.post(USE, json=body("coupon.claimed", "k1", "a1")).status_code == 422
    assert client.post(USE, json=body("coupon.redeemed", "k1", "a1", paid=cny(-1))).status_code == 422
