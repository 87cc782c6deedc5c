"""People, keys and approvals over HTTP."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Approval, Wanted
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from agoranomos.staff.model import Person
from agoranomos.staff.roles import GRANTS, Role
from tests.staff.house import Client, House

HELD = {"name": "Bob", "email": "bob@example.org", "roles": ["analyst"]}


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def as_person(house: House, name: str, *roles: Role) -> tuple[Person, Client]:
    person = house.add(name, *roles)
    browser = house.browser_of(person)
    browser.headers["accept"] = "application/json"
    return person, browser


@pytest.fixture
def admin(house: House) -> Client:
    return as_person(house, "ada", Role.ADMIN)[1]


def wish(house: House, by: Actor, subject: str = "o-1", **fields: Any) -> Approval:
    wanted = Wanted(kind="payment.release", subject_kind="order", subject_id=subject, **fields)
    with house.store.transaction() as connection:
        return approving.request(connection, wanted, by=by, now=house.clock())


def test_somebody_is_added_given_roles_and_closed(admin: Client) -> None:
    bob = admin.post("/v1/people", json=HELD).json()
    assert (bob["name"], bob["roles"], bob["has_password"]) == ("Bob", ["analyst"], False)
    address = f"/v1/people/{bob['person_id']}"
    for _ in range(2):
        assert admin.put(f"{address}/roles/auditor").json()["roles"] == ["analyst", "auditor"]
    for _ in range(2):
        assert admin.delete(f"{address}/roles/analyst").json()["roles"] == ["auditor"]
    for _ in range(2):
        assert admin.put(f"{address}/disabled").json()["disabled_at"]
    assert admin.delete(f"{address}/disabled").json()["disabled_at"] is None
    assert admin.post("/v1/people", json=HELD).status_code == 409


@pytest.mark.parametrize(
    ("body", "status", "pointer"),
    [
        ({**HELD, "roles": ["emperor"]}, 422, "/roles/0"),
        ({**HELD, "email": "bob"}, 422, "/email"),
        ({**HELD, "name": " "}, 422, "/name"),
        ({**HELD, "password": "x" * 12}, 400, ""),
        ({"name": "Bob"}, 422, "/email"),
    ],
)
def test_who_cannot_be_added(admin: Client, body: dict[str, Any], status: int, pointer: str) -> None:
    answer = admin.post("/v1/people", json=body)
    assert (answer.status_code, answer.json().get("pointer", "")) == (status, pointer)
    assert "bob" not in answer.text


def test_administrators_do_not_raise_themselves_nor_leave_nobody(house: House) -> None:
    ada, admin = as_person(house, "ada", Role.ADMIN)
    address = f"/v1/people/{ada.person_id}"
    assert admin.put(f"{address}/roles/head_of_governance").status_code == 409
    assert admin.delete(f"{address}/roles/admin").status_code == 409
    assert admin.put(f"{address}/disabled").status_code == 409
    assert admin.put(f"{address}/roles/emperor").status_code == 422
    assert admin.put("/v1/people/p_x/roles/auditor").status_code == 404


def collected(client: Client, address: str) -> list[dict[str, Any]]:
    """All items of a list, two at a time."""
    items: list[dict[str, Any]] = []
    cursor = ""
    while True:
        page = client.get(address, params={"limit": 2, "cursor": cursor}).json()
        items += page["items"]
        assert len(page["items"]) <= 2
        if page["next"] is None:
            return items
        cursor = page["next"]


def test_lists_come_in_pages(house: House, admin: Client) -> None:
    for number in range(4):
        house.add(f"person{number}")
        house.program("checks.run")
    wishes = {wish(house, Actor("person", "p_1"), subject=f"o-{number}").approval_id for number in range(5)}
    assert [each["person_id"] for each in collected(admin, "/v1/people")] == sorted(
        each.person_id for each in house.staff.people()
    )
    assert len(collected(admin, "/v1/people")) == 5
    assert len(collected(admin, "/v1/keys")) == 4
    reader = as_person(house, "eve", Role.AUDITOR)[1]
    assert {each["approval_id"] for each in collected(reader, "/v1/approvals")} == wishes
    assert reader.get("/v1/approvals", params={"cursor": "nonsense"}).status_code == 400


def test_a_key_is_made_used_rotated_and_revoked(house: House, admin: Client) -> None:
    made = admin.post("/v1/keys", json={"name": "importer", "permissions": ["decisions.read"], "days": 30})
    assert made.status_code == 201
    key, secret = made.json()["key"], made.json()["secret"]
    assert key["expires_at"] == "2026-05-31T00:00:00Z"
    program = house.program_with(secret)
    assert program.get("/v1/decisions").status_code == 200
    assert program.get("/v1/me").json() == {
        "actor": f"key:{key['key_id']}", "name": None, "roles": [], "permissions": ["decisions.read"]
    }  # fmt: skip
    listed = admin.get("/v1/keys")
    assert listed.json()["items"] == [key]
    assert secret.rpartition("_")[2] not in listed.text
    turned = admin.post(f"/v1/keys/{key['key_id']}/rotate", json={"grace_s": 60}).json()["secret"]
    assert program.get("/v1/decisions").status_code == 200
    assert house.program_with(turned).get("/v1/decisions").status_code == 200
    house.clock.forward(seconds=61)
    assert program.get("/v1/decisions").status_code == 401
    for _ in range(2):
        assert admin.delete(f"/v1/keys/{key['key_id']}").json()["revoked_at"] == "2026-05-01T00:01:01Z"
    assert house.program_with(turned).get("/v1/decisions").status_code == 401, "it is remembered"
    assert admin.post(f"/v1/keys/{key['key_id']}/rotate", json={}).status_code == 409
    assert admin.delete("/v1/keys/none").status_code == 404


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"name": "k", "permissions": ["approvals.decide"]}, 422),
        ({"name": "k", "permissions": ["everything"]}, 422),
        ({"name": "k", "permissions": []}, 422),
        ({"name": "", "permissions": ["checks.run"]}, 422),
        ({"name": "k", "permissions": ["checks.run"], "days": 0}, 422),
    ],
)
def test_keys_that_cannot_be(admin: Client, body: dict[str, Any], status: int) -> None:
    assert admin.post("/v1/keys", json=body).status_code == status


def test_a_second_person_agrees(house: House) -> None:
    asker, mine = as_person(house, "bob", Role.ANALYST)
    _, second = as_person(house, "carl", Role.HEAD_OF_GOVERNANCE)
    _, third = as_person(house, "dora", Role.PRIVACY_OFFICER)
    wanted = wish(house, asker.actor, params={"amount": 5}, beneficiaries=("seller-7",))
    address = f"/v1/approvals/{wanted.approval_id}"
    shown = mine.get(address).json()
    assert shown["subject"] == {"kind": "order", "id": "o-1"}
    assert (shown["params"], shown["beneficiaries"], shown["status"]) == ({"amount": 5}, ["seller-7"], "pending")
    assert shown["requested_by"] == str(asker.actor)
    own = mine.post(f"{address}/verdict", json={"approved": True})
    assert own.status_code == 403
    assert "another person must agree" in own.json()["detail"]
    for _ in range(2):
        assert second.post(f"{address}/verdict", json={"approved": True}).json()["status"] == "approved"
    assert third.post(f"{address}/verdict", json={"approved": True}).status_code == 409
    assert second.post(f"{address}/verdict", json={"approved": False}).status_code == 409
    assert mine.delete(address).status_code == 409
    assert mine.get("/v1/approvals").json()["items"] == []


def test_a_wish_is_refused_withdrawn_or_too_old(house: House) -> None:
    asker, mine = as_person(house, "bob", Role.ANALYST)
    _, second = as_person(house, "carl", Role.ANALYST)
    refused, withdrawn, old = (
        f"/v1/approvals/{wish(house, asker.actor, subject=name).approval_id}" for name in ("a", "b", "c")
    )
    assert second.post(f"{refused}/verdict", json={"approved": False}).json()["status"] == "refused"
    assert second.delete(withdrawn).status_code == 403
    for _ in range(2):
        assert mine.delete(withdrawn).json()["status"] == "withdrawn"
    house.clock.forward(days=3)
    again = house.browser_of(house.add("eve", Role.ANALYST))
    assert again.get(old).json()["status"] == "expired"
    assert again.post(f"{old}/verdict", json={"approved": True}).status_code == 409
    assert again.get("/v1/approvals/none").status_code == 404


def test_everybody_learns_who_they_are(house: House) -> None:
    carl, client = as_person(house, "carl", Role.AUDITOR, Role.ANALYST)
    me = client.get("/v1/me").json()
    assert me == {
        "actor": str(carl.actor),
        "name": "Carl",
        "roles": ["analyst", "auditor"],
        "permissions": sorted(GRANTS[Role.AUDITOR] | GRANTS[Role.ANALYST]),
    }


def test_a_closed_account_is_out_at_once(house: House, admin: Client) -> None:
    bob, client = as_person(house, "bob", Role.ANALYST)
    assert client.get("/v1/me").status_code == 200
    admin.put(f"/v1/people/{bob.person_id}/disabled")
    assert client.get("/v1/me").status_code == 401


def test_a_role_counts_at_once(house: House, admin: Client) -> None:
    bob, client = as_person(house, "bob", Role.ANALYST)
    assert client.get("/v1/audit/entries").status_code == 403
    admin.put(f"/v1/people/{bob.person_id}/roles/auditor")
    assert client.get("/v1/audit/entries").status_code == 200
    admin.delete(f"/v1/people/{bob.person_id}/roles/auditor")
    assert client.get("/v1/audit/entries").status_code == 403


def test_a_foreign_page_cannot_post(admin: Client, house: House) -> None:
    for address in ("/v1/people", "/v1/keys", "/v1/keys/k/rotate"):
        for kind in ("text/plain", "application/x-www-form-urlencoded", "multipart/form-data"):
            answer = admin.post(address, content=b"{}", headers={"content-type": kind})
            assert answer.status_code == 415, address
