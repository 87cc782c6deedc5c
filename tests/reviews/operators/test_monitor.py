"""A team that takes orders and reviews away and calls their authors is found; others are not."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.kernel.events import Event
from agoranomos.reviews.operators.monitor import OperatorMonitor
from agoranomos.reviews.operators.policy import load_policy
from tests.reviews.events import contact, deleted, newest, opened, paid, planted, review, said, session, told

POLICY = load_policy()
STORES = [f"s{number}" for number in range(4)]
THERE = [opened(each) for each in STORES]
BAD = [
    review(f"{store}-v{number}", f"{store}-u{number}", store, 1, number / 10) for store in STORES for number in range(6)
]


def monitor() -> OperatorMonitor:
    return OperatorMonitor(POLICY)


def signed(store: str, days: float = 1, device: str = "gang", **more: Any) -> Event:
    return session(f"m-{store}", days, device, store_id=store, **more)


def read(store: str, days: float, endpoint: str = "/orders/export", **more: Any) -> Event:
    data = {"principal_id": f"m-{store}", "principal_kind": "merchant", "endpoint": endpoint, "fields": ["recipient"]}
    return told("data.read", days, **{**data, "subject_count": 300, "export": True, **more})


SIGNED = [signed(each) for each in STORES]
ORDERS = [read(each, 1.1) for each in STORES]
REVIEWS = [read(each, 1.2, "/reviews/export") for each in STORES]
CALLS = [contact(f"s{n}", f"s{n}-u{k}", 1.5 + k / 10, order_id=f"o-s{n}-v{k}") for n in range(4) for k in range(5)]
GONE = [deleted(f"s{n}-v{k}", 2 + k / 10) for n in range(4) for k in range(4)]
PAID = [paid(each, "boss", 1.3, 900) for each in STORES]
CONTRACT = told(
    "partner.contracted", 0.5, principal_id="n", store_ids=STORES, purposes=["fulfilment"], fields=["recipient"],
    ends_at="2027-03-01T00:00:00Z",
)  # fmt: skip


def test_a_team_is_found_with_its_stores_and_the_service_behind_it() -> None:
    found = newest(said(monitor(), *THERE, *BAD, *SIGNED, *ORDERS, *REVIEWS, *PAID, *CALLS, *GONE))
    assert set(found) == {("device", "gang"), ("account", "boss")}
    device = found["device", "gang"]
    assert device.code == "reviews.hired_operator"
    assert device.score > 0.95
    assert device.ring_id == found["account", "boss"].ring_id
    assert {each.id for each in device.related if each.kind == "store"} == set(STORES)
    assert ("account", "boss", "member") in {(each.kind, each.id, each.role) for each in device.related}
    told_of = {each.code for each in device.reasons}
    assert {"reviews.operator_contacts", "reviews.operator_endings", "reviews.operator_payee_of_more"} <= told_of
    ends = next(each for each in device.reasons if each.code == "reviews.operator_endings")
    assert ends.evidence["reviews"] >= 7
    assert ends.evidence["of"] == 20


def test_a_contract_does_not_cover_it() -> None:
    found = newest(said(monitor(), *THERE, CONTRACT, *BAD, *SIGNED, *ORDERS, *REVIEWS, *PAID, *CALLS, *GONE))
    assert ("device", "gang") in found


def test_whoever_changes_devices_is_known_by_the_network_or_the_money() -> None:
    sessions = [signed(each, 1, f"d-{each}", ip="203.0.113.9") for each in STORES]
    found = newest(said(monitor(), *THERE, *BAD, *sessions, *ORDERS, *REVIEWS, *CALLS, *GONE))
    assert set(found) == {("principal", f"m-{each}") for each in STORES}
    found = newest(said(monitor(), *THERE, *BAD, *PAID, *CALLS, *GONE))
    assert set(found) == {("account", "boss")}


def courier() -> list[Event]:
    """Sixty stores pay one courier; they contact one bad reviewer in ten, of whom one in five takes it back."""
    events = []
    for number in range(60):
        store = f"c{number}"
        events += [opened(store), paid(store, "courier", 0.5, 50)]
        events += [review(f"{store}-v{n}", f"{store}-u{n}", store, 1, 1 + n / 100) for n in range(20)]
        events += [contact(store, f"{store}-u{n}", 2 + n / 10, order_id=f"o-{store}-v{n}") for n in range(2)]
    return [*events, *(deleted(f"c{number}-v0", 3) for number in range(24))]


HONEST: dict[str, list[Event]] = {
    "whom everybody pays": courier(),
    "one team that only signs in": SIGNED,
    "an agency that takes orders, and is paid": [*SIGNED, *ORDERS, *PAID],
    "with a contract it may read reviews as well": [CONTRACT, *SIGNED, *ORDERS, *REVIEWS, *PAID],
    "a service that answers bad reviews, and they stand": [*SIGNED, *ORDERS, *PAID, *CALLS],
    "a seller with four stores": [
        *(opened(each, "one", -20) for each in STORES), *SIGNED, *ORDERS, *REVIEWS, *PAID, *CALLS, *GONE,
    ],
    "stores that press for themselves": [*(signed(each, 1, f"d-{each}") for each in STORES), *ORDERS, *CALLS, *GONE],
    "an incubator with one network": [
        signed(f"t{number}", 1, f"d{number}", ip="203.0.113.9") for number in range(60)
    ],
    "an export of zero rows": [*SIGNED, *(read(each, 1.1, export=False, subject_count=0) for each in STORES)],
    "called before anything was read": [
        *SIGNED, *CALLS, *GONE, *(read(each, 9) for each in STORES), *(read(each, 9.1, "/reviews") for each in STORES),
    ],
    "the platform deleted them": [
        *SIGNED, *ORDERS, *PAID, *CALLS, *(deleted(each.data["review_id"], 2.5, by="platform") for each in BAD),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_others_are_left_alone(name: str) -> None:
    assert said(monitor(), *THERE, *BAD, *HONEST[name]) == []


def test_what_is_kept_goes_on() -> None:
    events = sorted(
        [*THERE, *BAD, *SIGNED, *ORDERS, *REVIEWS, *PAID, *CALLS, *GONE], key=lambda each: (each.time, each.id)
    )
    half, again = monitor(), monitor()
    first = said(half, *events[:60])
    again.resume(half.state())
    assert first + said(again, *events[60:]) == said(monitor(), *events)


def test_a_made_market() -> None:
    market = planted()
    found = newest(said(monitor(), *market.events))
    assert set(found) == market.who("hired-operator", "operator", "service")


def test_the_last_day_of_the_calendar_stops_nothing() -> None:
    last = 2_912_383.7
    events = [signed("s0", last), read("s0", last), review("v", "u", "s0", 1, last), contact("s0", "u", last)]
    assert said(monitor(), *events, deleted("v", last), until=last) == []
