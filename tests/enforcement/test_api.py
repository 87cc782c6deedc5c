"""Actions, measures and webhooks over HTTP."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from litestar.testing import TestClient

from agoranomos.enforcement import api, outbox, webhooks_api
from agoranomos.enforcement.service import ActionService
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from tests.builders import NOW, make_vault
from tests.enforcement.builders import POLICY, kept, make_want
from tests.web.callers import caller_with

WORKING = ("actions.read", "actions.request", "approvals.decide", "webhooks.manage")
VAULT = make_vault()


@contextmanager
def client_of(store: Store, *permissions: str, name: str = "ada") -> Iterator[TestClient[Any]]:
    service = ActionService(store, VAULT, POLICY, lambda: NOW)
    routers = [api.api_router(service), webhooks_api.api_router(service)]
    caller = caller_with(*permissions, kind="person", name=name)
    with TestClient(create_app(routers, home="/", authenticate=caller)) as opened:
        yield opened


@pytest.fixture
def client(store: Store) -> Iterator[TestClient[Any]]:
    with client_of(store, *WORKING) as opened:
        yield opened


def body(*wants: Any, **fields: Any) -> dict[str, Any]:
    wished = [
        {"kind": each.kind, "subject": {"kind": each.subject.kind, "id": each.subject.id}, "params": each.params}
        for each in wants
    ]
    return {"actions": wished, "because": ["f1"], **fields}


def test_asked_for_agreed_to_confirmed_and_undone(store: Store, client: TestClient[Any]) -> None:
    asked = client.post("/v1/actions", json=body(make_want(1, "store.suspend", days=7))).json()["actions"][0]
    assert (asked["status"], asked["requested_by"], asked["because"]) == ("proposed", "person:ada", ["f1"])
    address = f"/v1/actions/{asked['id']}"
    assert client.post(f"{address}/approval").status_code == 403
    with client_of(store, *WORKING, name="bob") as second:
        assert second.post(f"{address}/approval").json()[0]["approved_by"] == "person:bob"
    assert client.post(f"{address}/confirm", json={"outcome": "done"}).json()["status"] == "done"
    report = client.post(f"{address}/undo").json()
    assert report["reversed"] == [asked["id"]]
    reversing = client.get(f"/v1/actions/{report['by'][0]}").json()
    assert (reversing["kind"], reversing["reverses"], reversing["status"]) == ("store.resume", asked["id"], "pending")
    assert client.get(address).json()["status"] == "undone"


def test_what_is_refused(store: Store, client: TestClient[Any]) -> None:
    asked = client.post("/v1/actions", json=body(make_want(1, "store.close"))).json()["actions"][0]
    with client_of(store, *WORKING, name="bob") as second:
        assert second.post(f"/v1/actions/{asked['id']}/refusal").json()[0]["status"] == "refused"
        assert second.post(f"/v1/actions/{asked['id']}/approval").status_code == 409
    plain = client.post("/v1/actions", json=body(make_want(1))).json()["actions"][0]
    assert client.post(f"/v1/actions/{plain['id']}/approval").status_code == 400


def test_a_measure_is_listed_and_undone_as_one(client: TestClient[Any]) -> None:
    wants = [make_want(number) for number in range(5)]
    measure = client.post("/v1/actions", json=body(*wants, as_measure=True)).json()["measure"]
    assert measure["counts"] == {"pending": 5}
    assert client.get("/v1/measures").json()["items"] == [measure]
    items = client.get("/v1/actions", params={"measure_id": measure["id"]}).json()["items"]
    assert len(items) == 5
    client.post(f"/v1/actions/{items[0]['id']}/confirm", json={"outcome": "failed"})
    report = client.post(f"/v1/measures/{measure['id']}/undo").json()
    assert report["without_effect"] == [items[0]["id"]]
    assert len(report["awaited"]) == 4
    shown = client.get(f"/v1/measures/{measure['id']}").json()
    assert shown["undone_by"] == "person:ada"
    assert shown["counts"] == {"failed": 1, "pending": 4}


def test_a_key_makes_one_request_of_many(client: TestClient[Any]) -> None:
    key = {"Idempotency-Key": "once"}
    first = client.post("/v1/actions", json=body(make_want(1)), headers=key)
    assert client.post("/v1/actions", json=body(make_want(1)), headers=key).json() == first.json()
    assert client.post("/v1/actions", json=body(make_want(2)), headers=key).status_code == 409


def test_pages_add_up(client: TestClient[Any]) -> None:
    client.post("/v1/actions", json=body(*(make_want(number) for number in range(7))))
    client.post("/v1/actions", json=body(make_want(90), make_want(91), as_measure=True))
    client.post("/v1/actions", json=body(make_want(92), make_want(93), as_measure=True))
    for address, count in (("/v1/actions", 11), ("/v1/measures", 2)):
        seen: list[str] = []
        cursor: str | None = ""
        while cursor is not None:
            page = client.get(address, params={"limit": 2, "cursor": cursor}).json()
            seen += [item["id"] for item in page["items"]]
            cursor = page["next"]
        assert len(seen) == len(set(seen)) == count
    warned = client.get("/v1/actions", params={"kind": "seller.warn"}).json()
    assert warned == {"items": [], "next": None}
    assert len(client.get("/v1/actions", params={"status": "pending", "subject_id": "l3"}).json()["items"]) == 1


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"because": []}, "/because"),
        ({"actions": []}, "/actions"),
        ({"actions": [{"kind": "listing.burn", "subject": {"kind": "listing", "id": "l1"}}]}, "/kind"),
        (
            {"actions": [{"kind": "listing.remove", "subject": {"kind": "planet", "id": "l1"}}]},
            "/actions/0/subject/kind",
        ),
        ({"actions": [{"kind": "listing.remove", "subject": {"kind": "listing", "id": ""}}]}, "/subject/id"),
        ({"reason": "because I can"}, ""),
    ],
)
def test_a_wrong_wish_is_refused(store: Store, client: TestClient[Any], changes: dict[str, Any], pointer: str) -> None:
    answer = client.post("/v1/actions", json={**body(make_want(1)), **changes})
    assert answer.status_code in (400, 422), answer.text
    assert answer.json().get("pointer", "") == pointer
    assert kept(store) == []


def test_what_is_not_there(client: TestClient[Any]) -> None:
    for address in ("/v1/actions/none", "/v1/measures/none", "/v1/actions/%00"):
        assert client.get(address).status_code == 404
    for address in (
        "/v1/actions/none/undo", "/v1/actions/none/approval", "/v1/actions/none/refusal", "/v1/measures/none/undo",
        "/v1/webhooks/endpoints/none/rotation", "/v1/webhooks/deliveries/none/redelivery",
    ):  # fmt: skip
        assert client.post(address).status_code == 404, address
    assert client.delete("/v1/webhooks/endpoints/none").status_code == 404
    for address in ("/v1/actions?cursor=x", "/v1/measures?cursor=x", "/v1/webhooks/deliveries?cursor=x"):
        assert client.get(address).status_code == 400


@pytest.mark.parametrize(
    ("method", "address", "permission"),
    [
        ("GET", "/v1/actions", "actions.read"),
        ("GET", "/v1/measures", "actions.read"),
        ("POST", "/v1/actions", "actions.request"),
        ("POST", "/v1/actions/a/approval", "approvals.decide"),
        ("POST", "/v1/actions/a/refusal", "approvals.decide"),
        ("POST", "/v1/actions/a/undo", "actions.request"),
        ("POST", "/v1/measures/m/undo", "actions.request"),
        ("GET", "/v1/webhooks/endpoints", "webhooks.manage"),
        ("POST", "/v1/webhooks/endpoints", "webhooks.manage"),
        ("GET", "/v1/webhooks/deliveries", "webhooks.manage"),
    ],
)
def test_each_address_demands_its_permission(store: Store, method: str, address: str, permission: str) -> None:
    with client_of(store, *(set(WORKING) - {permission})) as client:
        assert client.request(method, address, json={}).status_code == 403
    with client_of(store, permission) as client:
        assert client.request(method, address, json={}).status_code != 403


def test_endpoints_and_deliveries(store: Store, client: TestClient[Any]) -> None:
    added = client.post("/v1/webhooks/endpoints", json={"url": "https://shop.example/hooks"})
    assert added.status_code == 201
    endpoint_id = added.json()["endpoint_id"]
    assert added.json()["secret"].startswith("whsec_")
    listed = client.get("/v1/webhooks/endpoints")
    assert [each["id"] for each in listed.json()] == [endpoint_id]
    assert "whsec_" not in listed.text
    assert client.post("/v1/webhooks/endpoints", json={"url": "https://shop.example/hooks"}).status_code == 409
    rotated = client.post(f"/v1/webhooks/endpoints/{endpoint_id}/rotation").json()
    assert rotated["secret"] != added.json()["secret"]
    client.post("/v1/actions", json=body(make_want(1), make_want(2), make_want(3)))
    page = client.get("/v1/webhooks/deliveries", params={"limit": 2, "status": "waiting"}).json()
    rest = client.get("/v1/webhooks/deliveries", params={"cursor": page["next"], "endpoint_id": endpoint_id}).json()
    assert len(page["items"]) + len(rest["items"]) == 3
    with store.transaction() as connection:
        for one in outbox.claim(connection, endpoint_id, 9, now=NOW, lease_s=60):
            outbox.end(connection, one, "dead", reason="http_500", now=NOW)
    dead = client.get("/v1/webhooks/deliveries", params={"status": "dead"}).json()["items"]
    assert [each["reason"] for each in dead] == ["http_500"] * 3
    again = client.post(f"/v1/webhooks/deliveries/{dead[0]['id']}/redelivery")
    assert again.json()["status"] == "waiting"
    assert client.delete(f"/v1/webhooks/endpoints/{endpoint_id}").status_code == 204
    assert client.get("/v1/webhooks/endpoints").json() == []


@pytest.mark.parametrize("url", ["http://shop.example/", "https://127.0.0.1/", "https://169.254.169.254/", "ftp://x/"])
def test_nobody_opens_the_inside_over_http(client: TestClient[Any], url: str) -> None:
    answer = client.post("/v1/webhooks/endpoints", json={"url": url})
    assert (answer.status_code, answer.json()["pointer"]) == (422, "/url")
    sneaky = client.post("/v1/webhooks/endpoints", json={"url": url, "allow_private": True})
    assert sneaky.status_code in (400, 422)
