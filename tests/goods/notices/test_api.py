"""Notices and recalls over HTTP."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.goods.live import GoodsLive
from agoranomos.goods.notices import api as notices_api
from agoranomos.goods.notices.actions import Verbs
from agoranomos.goods.notices.service import NoticeService
from agoranomos.goods.redress import api as redress_api
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from tests.builders import NOW
from tests.goods.redress.test_desk import BEGUN as SOLD
from tests.goods.redress.test_desk import appraised, sold
from tests.goods.trade.builders import FORM, POLICIES, VAULT, Shop, listed, registered
from tests.web.callers import caller_with

ALL = ("notices.read", "notices.file", "notices.decide", "redress.read")
FILED: dict[str, Any] = {
    "rights_holder_id": "h1", "brand_id": "b1", "listing_ids": ["l1"], "kind": "counterfeit",
    "statement": "These goods are not ours.", **FORM,
}  # fmt: skip


@contextmanager
def client_of(store: Store, *permissions: str, days: float = 0) -> Iterator[TestClient[Any]]:
    verbs = Verbs(VAULT, POLICIES.notices, GoodsLive(POLICIES).catch_up, secrets.token_bytes)
    service = NoticeService(store, verbs, lambda: NOW + timedelta(days=days))
    routers = [notices_api.api_router(service), redress_api.api_router(store)]
    caller = caller_with(*permissions, kind="person", name="ada")
    with TestClient(create_app(routers, home="/", authenticate=caller)) as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient[Any]]:
    Shop(store).take(registered(), listed("l1"), listed("l2", "s2"))
    with client_of(store, *ALL) as opened:
        yield opened


def test_from_the_form_to_the_statement(store: Store, client: TestClient[Any]) -> None:
    lacking = client.post("/v1/notices", json={**FILED, "good_faith": None}).json()
    assert (lacking["state"], lacking["missing"]) == ("incomplete", ["good_faith"])
    address = f"/v1/notices/{lacking['notice_id']}"
    whole = client.post("/v1/notices", json={**FILED, "notice_id": lacking["notice_id"]}).json()
    assert (whole["state"], whole["decide_by"]) == ("open", "2026-05-06T08:00:00Z")
    assert client.get(address).json() == whole
    assert client.post(f"{address}/counter", json={"statement": "We have invoices."}).json()["state"] == "countered"
    assert client.get(f"{address}/statements").status_code == 409
    ruled = client.post(f"{address}/decision", json={"outcome": "upheld", "reason": "A copy."}).json()
    assert (ruled["approval"], ruled["notice"]["targets"][0]["outcome"]) == (None, "upheld")
    told = client.get(f"{address}/statements").json()
    assert [each["party"] for each in told] == [{"kind": "principal", "id": "h1"}, {"kind": "store", "id": "s1"}]
    assert "A copy." in told[1]["text"]["zh"]
    assert client.get("/v1/notices/strikes").json() == [{"brand_id": "b1", "store_id": "s1", "notices": 1}]
    assert client.get("/v1/notices/strikes", params={"least": 2}).json() == []


def test_lists_have_cursors_and_filters(client: TestClient[Any]) -> None:
    for number in range(3):
        body = {**FILED, "notice_id": f"n{number}", "listing_ids": [f"x{number}"]}
        assert client.post("/v1/notices", json=body).json()["notice_id"] == f"n{number}"
    page = client.get("/v1/notices", params={"limit": 2}).json()
    assert [each["notice_id"] for each in page["items"]] == ["n2", "n1"]
    rest = client.get("/v1/notices", params={"limit": 2, "cursor": page["next"]}).json()
    assert ([each["notice_id"] for each in rest["items"]], rest["next"]) == (["n0"], None)
    assert client.get("/v1/notices", params={"status": "decided"}).json()["items"] == []
    assert len(client.get("/v1/notices", params={"brand_id": "b1"}).json()["items"]) == 3
    assert [each["notice_id"] for each in client.get("/v1/notices/waiting").json()] == ["n0", "n1", "n2"]
    assert client.get("/v1/notices", params={"status": "lost"}).status_code == 400
    assert client.get("/v1/notices", params={"brand_id": "a\nb"}).status_code == 400


def test_a_key_asks_once(client: TestClient[Any]) -> None:
    key = {"Idempotency-Key": "k1"}
    first = client.post("/v1/notices", json=FILED, headers=key)
    assert client.post("/v1/notices", json=FILED, headers=key).json() == first.json()
    other = client.post("/v1/notices", json={**FILED, "listing_ids": ["l2"]}, headers=key)
    assert other.status_code == 409


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({**FILED, "kind": "envy"}, "/kind"),
        ({**FILED, "listing_ids": ["a\tb"]}, "/listing_ids/0"),
        ({**FILED, "brand_id": None}, "/brand_id"),
        ({**FILED, "good_faith": "yes"}, "/good_faith"),
        ({**FILED, "surprise": 1}, ""),
    ],
)
def test_what_is_wrong_is_pointed_at(client: TestClient[Any], body: dict[str, Any], pointer: str) -> None:
    answer = client.post("/v1/notices", json=body)
    assert answer.status_code in (400, 422)
    assert answer.json().get("pointer", "") == pointer
    assert "envy" not in answer.text


def test_who_may_do_what(store: Store, client: TestClient[Any]) -> None:
    notice = client.post("/v1/notices", json=FILED).json()["notice_id"]
    with client_of(store, "notices.read") as reader:
        assert reader.get(f"/v1/notices/{notice}").status_code == 200
        assert reader.post("/v1/notices", json=FILED).status_code == 403
        assert reader.post(f"/v1/notices/{notice}/decision", json={"outcome": "upheld"}).status_code == 403
        assert reader.get("/v1/redress").status_code == 403


def test_a_second_person_is_asked_for(store: Store, client: TestClient[Any]) -> None:
    Shop(store).take(registered(hours=-1, authorised_store_ids=["s1"]), now=NOW)
    notice = client.post("/v1/notices", json=FILED).json()["notice_id"]
    with client_of(store, *ALL, days=4) as later:
        ruled = later.post(f"/v1/notices/{notice}/decision", json={"outcome": "upheld"}).json()
        assert ruled["notice"]["state"] == "open"
        assert ruled["approval"]["kind"] == "notice.decide"
        again = {"outcome": "upheld", "approval_id": ruled["approval"]["approval_id"]}
        assert later.post(f"/v1/notices/{notice}/decision", json=again).status_code == 409


def test_recalls_their_orders_and_what_is_owed(store: Store, client: TestClient[Any]) -> None:
    fakes = (appraised(9), appraised(9, listing="l2", name="t2"))
    Shop(store).take(*SOLD, sold(1, 0), sold(2, 1), sold(3, 1, "l2", store="s2"), *fakes)
    page = client.get("/v1/redress", params={"limit": 1}).json()
    (second,) = client.get("/v1/redress", params={"limit": 1, "cursor": page["next"]}).json()["items"]
    assert {page["items"][0]["listing_id"], second["listing_id"]} == {"l1", "l2"}
    (recall,) = client.get("/v1/redress", params={"listing_id": "l1"}).json()["items"]
    address = f"/v1/redress/{recall['recall_id']}"
    assert client.get(address).json() == recall
    orders = client.get(f"{address}/orders", params={"limit": 1}).json()
    assert (orders["items"][0]["order_id"], orders["next"] is not None) == ("o1", True)
    owed = client.get("/v1/redress/owed", params={"limit": 1}).json()
    assert owed["items"] == [{"store_id": "s1", "currency": "CNY", "settled": 0, "reserved": 2_000}]
    rest = client.get("/v1/redress/owed", params={"limit": 1, "cursor": owed["next"]}).json()
    assert [each["store_id"] for each in rest["items"]] == ["s2"]
    assert client.get("/v1/redress", params={"status": "withdrawn"}).json()["items"] == []
    assert client.get("/v1/redress/none").status_code == client.get("/v1/redress/none/orders").status_code == 404
    told = client.get("/v1/redress/letters", params={"limit": 2}).json()
    more = client.get("/v1/redress/letters", params={"limit": 2, "cursor": told["next"]}).json()
    assert {each["order_id"] for each in told["items"] + more["items"]} == {"o1", "o2", "o3"}
    assert more["next"] is None
    (letter,) = client.get("/v1/redress/letters", params={"buyer_id": "u1", "recall_id": recall["recall_id"]}).json()[
        "items"
    ]
    assert (letter["says"], letter["order_id"], set(letter["words"])) == ("fake", "o1", {"en", "zh"})
    assert client.get("/v1/redress/letters", params={"recall_id": "none"}).status_code == 404
    assert client.get("/v1/redress/letters", params={"order_id": "a\nb"}).status_code == 400
    with client_of(store, "notices.read") as reader:
        assert reader.get("/v1/redress/letters").status_code == 403
