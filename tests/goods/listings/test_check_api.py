"""The check over HTTP: the contract, replays, problem documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.kernel.store import Store
from tests.goods.listings.market import Market, make_event

Client = TestClient[Litestar]
FAKE = "N\u0456\uff4b\uff45 1:1"
CHECK = "/v1/checks/listing"


@pytest.fixture
def market(store: Store) -> Market:
    return Market(store)


@pytest.fixture
def client(market: Market) -> Iterator[Client]:
    with TestClient(market.app) as client:
        yield client


def problem(response: Any, status: int, slug: str) -> dict[str, Any]:
    """The problem document, checked for what all of them have."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"].startswith("application/problem+json")
    document: dict[str, Any] = response.json()
    assert document["type"] == f"urn:agoranomos:problem:{slug}"
    assert document["status"] == status
    assert document["request_id"] == response.headers["x-request-id"]
    return document


def test_a_doubtful_listing_gets_a_warning_with_quotes_advice_and_a_way_on(client: Client) -> None:
    response = client.post(CHECK, json=make_event(title=f"\U0001f45f {FAKE}"))
    assert response.status_code == 200
    decision = response.json()
    assert decision["outcome"] == "warn"
    assert decision["subject"] == {"kind": "listing", "id": "l-1"}
    assert decision["quotes"][0] == {
        "field": "title",
        "start": 2,
        "end": 6,
        "text": FAKE[:4],
        "reads": "nike",
        "code": "goods.brand_disguised",
    }
    assert {each["code"] for each in decision["advice"]} == {
        "goods.brand_disguised",
        "goods.copy_offered",
    }
    assert all(each["en"] and each["zh"] for each in decision["advice"])
    assert decision["acknowledge_url"] == f"/v1/decisions/{decision['id']}/acknowledgement"


def test_an_honest_listing_is_approved_without_more(client: Client) -> None:
    decision = client.post(CHECK, json=make_event()).json()
    assert decision["outcome"] == "approve"
    assert (decision["quotes"], decision["advice"], decision["acknowledge_url"]) == ([], [], None)


def test_an_update_and_a_structured_cloud_event_are_taken(client: Client) -> None:
    body = json.dumps({**make_event(), "type": "listing.updated", "more": 1})
    headers = {"content-type": "application/cloudevents+json; charset=utf-8"}
    assert client.post(CHECK, content=body, headers=headers).status_code == 200


def test_a_replay_gets_the_same_bytes_and_another_body_a_conflict(client: Client) -> None:
    headers = {"Idempotency-Key": "k-1"}
    first = client.post(CHECK, json=make_event(title=FAKE), headers=headers)
    again = client.post(CHECK, json=make_event(title=FAKE), headers=headers)
    assert again.content == first.content
    problem(client.post(CHECK, json=make_event(), headers=headers), 409, "conflict")


def test_a_warning_is_acknowledged_once_and_the_decision_tells(client: Client, market: Market) -> None:
    decision = client.post(CHECK, json=make_event(title=FAKE)).json()
    address = f"/v1/decisions/{decision['id']}"
    assert client.get(address).json() == {**decision, "acknowledgement": None}
    first = client.post(decision["acknowledge_url"], json={"by": "a-1"})
    assert first.status_code == 200
    market.clock.forward(hours=2)
    assert client.post(decision["acknowledge_url"], json={"by": "a-2"}).json() == first.json()
    assert first.json() == {
        "decision_id": decision["id"],
        "by": "a-1",
        "at": "2026-05-01T00:00:00Z",
    }
    assert client.get(address).json()["acknowledgement"] == first.json()


def test_what_is_no_warning_cannot_be_acknowledged(client: Client) -> None:
    decision = client.post(CHECK, json=make_event()).json()
    address = f"/v1/decisions/{decision['id']}/acknowledgement"
    problem(client.post(address, json={"by": "a-1"}), 409, "conflict")
    problem(client.post("/v1/decisions/d_0/acknowledgement", json={"by": "a-1"}), 404, "not-found")
    problem(client.get("/v1/decisions/d_0"), 404, "not-found")
    problem(client.get("/v1/decisions/d_%00"), 404, "not-found")
    problem(client.delete("/v1/decisions/d_0"), 405, "method-not-allowed")


SECRET = "110101199003074514"


@pytest.mark.parametrize(
    ("event", "pointer"),
    [
        (make_event(title=None), "/data/title"),
        (make_event(title=["x", SECRET]), "/data/title"),
        (make_event(price={"amount": SECRET, "currency": "CNY"}), "/data/price/amount"),
        (make_event(price={"amount": 1, "currency": SECRET}), "/data/price"),
        (make_event(price={"amount": -1, "currency": "CNY"}), "/data/price/amount"),
        (make_event(listing_id=""), "/data/listing_id"),
        (make_event(pictures=["a", {SECRET: 1}]), "/data/pictures/1"),
        ({**make_event(), "time": SECRET}, "/time"),
        ({**make_event(), "type": SECRET}, "/type"),
        ({**make_event(), "id": None}, "/id"),
        ({**make_event(), "data": SECRET}, "/data"),
        (
            {**make_event(), "type": "brand.registered", "data": {"brand_id": "b", "names": ["n"]}},
            "/type",
        ),
    ],
)
def test_a_bad_event_is_refused_with_the_place_and_never_its_content(client: Client, event: Any, pointer: str) -> None:
    response = client.post(CHECK, json=event)
    assert problem(response, 422, "invalid")["pointer"] == pointer
    assert SECRET not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("body", [b"", b"{", b"\xff", b'"' + SECRET.encode() + b'"', b"[" * 9999])
def test_a_body_that_is_no_event_is_malformed(client: Client, body: bytes) -> None:
    headers = {"content-type": "application/json"}
    response = client.post(CHECK, content=body, headers=headers)
    problem(response, 400, "malformed")
    assert SECRET not in response.text


def test_broken_json_is_told_with_its_place(client: Client) -> None:
    body = json.dumps(make_event(), indent=1).replace('"s-1",', f'"s-1" {SECRET}')
    response = client.post(CHECK, content=body, headers={"content-type": "application/json"})
    document = problem(response, 400, "malformed")
    assert document["offset"] == body.index(SECRET)
    assert (document["line"], document["column"]) == (9, len('  "store_id": "s-1" ') + 1)
    assert document["detail"].startswith("the body is not valid JSON in UTF-8: line 9, column")
    assert SECRET not in response.text
    reader = client.post(
        "/v1/decisions/d_0/acknowledgement", content=b'{"by"', headers={"content-type": "application/json"}
    )
    assert problem(reader, 400, "malformed")["offset"] == 5


@pytest.mark.parametrize(
    ("old", "pointer"), [('"title": ', "/data/title"), ('"id": ', "/id"), ('"amount": ', "/data/price/amount")]
)
def test_a_key_that_stands_twice_is_refused_with_its_place(client: Client, old: str, pointer: str) -> None:
    body = json.dumps(make_event()).replace(old, f"{old}1, {old}", 1)
    response = client.post(CHECK, content=body, headers={"content-type": "application/json"})
    assert problem(response, 422, "invalid")["pointer"] == pointer


@pytest.mark.parametrize("title", ["\x00", "\U0001f45f" * 99, "\u202e" + FAKE, "\ufffe\u0301", FAKE * 500])
def test_any_text_is_judged(client: Client, title: str) -> None:
    response = client.post(CHECK, json=make_event(title=title))
    assert response.status_code == 200
    decision = response.json()
    assert client.get(f"/v1/decisions/{decision['id']}").json()["quotes"] == decision["quotes"]
    assert all(title[each["start"] : each["end"]] == each["text"] for each in decision["quotes"])


@pytest.mark.parametrize("title", ["", " ", "\u3000\n"])
def test_a_title_is_required_as_in_the_scan(client: Client, title: str) -> None:
    assert problem(client.post(CHECK, json=make_event(title=title)), 422, "invalid")["pointer"] == "/data/title"


def test_a_decision_is_of_the_time_of_its_event(client: Client) -> None:
    event = make_event(title="Nike running shoes")
    assert client.post(CHECK, json=event).json()["at"] == "2026-05-01T00:00:00Z"


def test_half_a_character_is_malformed(client: Client) -> None:
    body = json.dumps(make_event(title="x")).replace('"x"', '"\\ud83d"')
    headers = {"content-type": "application/json"}
    problem(client.post(CHECK, content=body, headers=headers), 400, "malformed")


@pytest.mark.parametrize("key", ["x" * 129, "a\tb"])
def test_a_bad_key_is_malformed(client: Client, key: str) -> None:
    response = client.post(CHECK, json=make_event(), headers={"Idempotency-Key": key})
    assert "idempotency key" in problem(response, 400, "malformed")["detail"]


def test_only_json_and_at_most_a_mebibyte_is_taken(client: Client) -> None:
    body = json.dumps(make_event())
    for media_type in ("text/plain", "application/x-www-form-urlencoded", ""):
        response = client.post(CHECK, content=body, headers={"content-type": media_type})
        problem(response, 415, "unsupported-media-type")
    large = json.dumps(make_event(description="x" * (1 << 20)))
    headers = {"content-type": "application/json"}
    problem(client.post(CHECK, content=large, headers=headers), 413, "too-large")
