"""Test buys, batches and programmes over HTTP, with real people: who plans, who agrees, who only reads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agoranomos.audit import keys
from agoranomos.audit.actions import checkpoint
from agoranomos.kernel.store import Store
from agoranomos.staff.roles import Role
from tests.goods.batches.builders import condemned, listed, received, sold
from tests.staff.house import Client, Draws, House
from tests.stores import make_store

JSON = {"accept": "application/json"}
CNY = {"amount": 1_000_000, "currency": "CNY"}


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = make_store(tmp_path)
    yield opened
    opened.close()


@pytest.fixture
def house(store: Store) -> House:
    return House(store)


def browser(house: House, name: str, role: Role) -> Client:
    return house.browser_of(house.add(name, role))


def post(client: Client, address: str, wanted: int = 200, **body: Any) -> Any:
    answer = client.post(f"/v1{address}", json=body, headers=JSON)
    assert answer.status_code == wanted, answer.text
    return answer.json()


def get(client: Client, address: str, wanted: int = 200, **params: Any) -> Any:
    answer = client.get(f"/v1{address}", params=params, headers=JSON)
    assert answer.status_code == wanted, answer.text
    return answer.json()


def send(house: House, *events: dict[str, Any]) -> None:
    answer = house.program("events.write").post("/v1/events", json=list(events))
    assert answer.status_code == 202, answer.text
    assert answer.json()["rejected"] == []


def shelf(count: int) -> list[dict[str, Any]]:
    return [listed(None, listing=f"l{number:02}") for number in range(count)]


def signed(house: House, folder: Path) -> None:
    with house.store.transaction() as connection:
        checkpoint(connection, keys.find_or_make(folder, None, Draws(), "test.example/audit"), house.clock())


def test_test_buys_from_plan_to_estimate(house: House, tmp_path: Path) -> None:
    bea, ann = browser(house, "bea", Role.BRAND_PROTECTION), browser(house, "ann", Role.ANALYST)
    send(house, *shelf(40))
    post(bea, "/testbuys/shoppers", shopper_id="sh1", address_ids=["a1", "a2"])
    post(ann, "/testbuys/plans", 403, budget=CNY)
    plan = post(bea, "/testbuys/plans", 201, budget=CNY)
    address = f"/testbuys/plans/{plan['plan_id']}"
    assert (plan["state"], plan["secret"], plan["approval_id"]) == ("committed", None, None)
    assert "not signed" in post(bea, f"{address}/draw", 409)["detail"]
    get(ann, f"{address}/estimate", 409)
    signed(house, tmp_path)
    assert post(bea, f"{address}/draw")["state"] == "drawn"
    assert get(ann, f"{address}/verification") == {"verified": True, "wrong": []}
    page = get(ann, "/testbuys", plan_id=plan["plan_id"], limit=1)
    assert page["next"]
    rest = get(ann, "/testbuys", plan_id=plan["plan_id"], cursor=page["next"])
    assert page["items"][0]["testbuy_id"] < rest["items"][0]["testbuy_id"]
    [mine] = get(ann, "/testbuys", shopper_id="sh1")["items"]
    one = f"/testbuys/{mine['testbuy_id']}"
    post(ann, f"{one}/state", 403, state="bought")
    post(bea, f"{one}/state", 422, state="appraised")
    assert post(bea, f"{one}/state", state="bought")["state"] == "bought"
    said: dict[str, Any] = {"appraiser_id": "lab", "verdict": "counterfeit", "cost": {"amount": 100, "currency": "CNY"}}
    assert post(bea, f"{one}/appraisals", **said)["state"] == "appraised"
    assert post(bea, f"{one}/state", state="booked")["cost"]["amount"] == 100
    shown = get(ann, one)
    assert [each["after"] for each in shown["moves"]] == ["planned", "bought", "appraised", "booked"]
    assert get(ann, f"{address}/estimate")["unseen"]["fakes"] == 1
    known = get(ann, "/testbuys/appraisers")["appraisers"]
    assert known == {"lab": {"articles": 1, "shared": 0, "agreed": None}}
    get(ann, "/testbuys/shoppers", 403)
    assert not post(bea, "/testbuys/shoppers/sh1/retirement")["active"]
    get(ann, "/testbuys/none", 404)
    assert [each["plan_id"] for each in get(ann, "/testbuys/plans")["items"]] == [plan["plan_id"]]


@pytest.mark.slow
def test_a_large_plan_is_agreed_to_by_who_may(house: House, tmp_path: Path) -> None:
    bea, cyd = browser(house, "bea", Role.BRAND_PROTECTION), browser(house, "cyd", Role.PRIVACY_OFFICER)
    head = browser(house, "hal", Role.HEAD_OF_GOVERNANCE)
    send(house, *shelf(40))
    plan = post(bea, "/testbuys/plans", 201, budget={"amount": 3_000_000, "currency": "CNY"})
    signed(house, tmp_path)
    verdict = f"/approvals/{plan['approval_id']}/verdict"
    post(bea, f"/testbuys/plans/{plan['plan_id']}/draw", 409)
    post(bea, verdict, 403, approved=True)
    post(cyd, verdict, 403, approved=True)  # may be the second person, and not for this
    post(head, verdict, approved=True)
    assert post(bea, f"/testbuys/plans/{plan['plan_id']}/draw")["state"] == "drawn"


def test_batches_are_traced_by_who_answers_buyers(house: House) -> None:
    cus, pam = browser(house, "cus", Role.CUSTOMER_SERVICE), browser(house, "pam", Role.PROMOTION_MANAGER)
    send(
        house,
        received("A"),
        received("B", quantity=30),
        listed("A"),
        listed("B", 0.5, kind="listing.updated"),
        *sold(3),
    )
    send(house, condemned("A", 30))
    found = get(cus, "/batches/A/trace")
    assert (found["orders"], found["orders_certain"], found["orders_expected"], found["buyers"]) == (3, 0, 0.75, 3)
    assert found["batch"]["why"] == "condemned"
    first = get(cus, "/batches/A/orders", limit=2)
    assert [each["probability"] for each in first["items"]] == [0.25, 0.25]
    assert len(get(cus, "/batches/A/orders", cursor=first["next"])["items"]) == 1
    buyers = get(cus, "/batches/A/buyers", limit=1)
    assert len(get(cus, "/batches/A/buyers", cursor=buyers["next"])["items"]) == 2
    assert [each["batch_id"] for each in get(cus, "/batches", condemned=True)["items"]] == ["A"]
    get(cus, "/batches/none/trace", 404)
    get(pam, "/batches/A/trace", 403)


def test_enrolments_take_two(house: House) -> None:
    bea, hal = browser(house, "bea", Role.BRAND_PROTECTION), browser(house, "hal", Role.HEAD_OF_GOVERNANCE)
    asked = post(bea, "/programmes/enrolments", 201, seller_id="u1", programme="original_brand")
    post(bea, "/programmes/enrolments", 409, seller_id="u1", programme="original_brand")
    post(bea, "/programmes/enrolments", 404, seller_id="u2", programme="unheard_of")
    post(bea, f"/approvals/{asked['approval_id']}/verdict", 403, approved=True)
    post(hal, f"/approvals/{asked['approval_id']}/verdict", approved=True)
    post(hal, f"/programmes/enrolments/{asked['enrolment_id']}/leave", 403)
    post(bea, f"/programmes/enrolments/{asked['enrolment_id']}/leave", 409)  # nobody has settled it yet
    assert [each["seller_id"] for each in get(hal, "/programmes/enrolments", status="asked")["items"]] == ["u1"]
    shown = get(hal, f"/programmes/enrolments/{asked['enrolment_id']}")
    assert shown["enrolment"]["programme"] == "original_brand"
