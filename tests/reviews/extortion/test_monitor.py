"""Who takes bad reviews back for money at one store after another is found; others are not."""

from __future__ import annotations

import pytest

from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject
from agoranomos.reviews.extortion.monitor import ExtortionMonitor
from agoranomos.reviews.extortion.policy import load_policy
from tests.reviews.events import (
    contact,
    deleted,
    edited,
    newest,
    opened,
    paid,
    planted,
    review,
    said,
    session,
    told,
)

POLICY = load_policy()


def monitor() -> ExtortionMonitor:
    return ExtortionMonitor(POLICY)


def refunded(review_id: str, days: float) -> Event:
    return told("order.refunded", days, order_id=f"o-{review_id}", amount={"amount": 5_000, "currency": "CNY"})


def squeeze(author: str, store: str, days: float, name: str = "") -> list[Event]:
    """A bad review, a demand, a payment, and the review is gone."""
    name = name or f"{author}-{store}"
    return [
        review(name, author, store, 1, days), contact(store, author, days + 0.1, "to_store"),
        paid(store, author, days + 0.5), deleted(name, days + 0.7),
    ]  # fmt: skip


STORES = [opened(f"s{number}") for number in range(8)]
THREE = [event for number in range(3) for event in squeeze("x", f"s{number}", number * 3)]


def test_three_stores_that_paid_are_enough_and_each_is_named() -> None:
    found = newest(said(monitor(), *STORES, *THREE))
    account = found["account", "x"]
    assert account.code == "reviews.extortion"
    assert account.score > 0.8
    assert account.ring_id is None
    assert {each.id for each in account.related if (each.kind, each.role) == ("store", "victim")} == {"s0", "s1", "s2"}
    assert account.reasons[0].evidence["amount"] == 9_000
    assert {name for kind, name in found if kind == "review"} == {"x-s0", "x-s1", "x-s2"}
    assert all("review" in each.message for each in account.reasons)


def test_more_of_it_says_the_same_finding_again() -> None:
    outputs = said(monitor(), *STORES, *THREE, *squeeze("x", "s5", 12))
    mine = [each for each in outputs if isinstance(each, Finding) and each.subject == Subject("account", "x")]
    assert [each.revision for each in mine] == [1, 2]
    assert len({each.id for each in mine}) == 1
    assert mine[1].score > mine[0].score


def test_accounts_on_one_device_are_one() -> None:
    events = [
        event for number in range(4)
        for event in (
            *squeeze(f"x{number}", f"s{number}", number * 2), session(f"x{number}", number * 2 + 0.2, "shared")
        )
    ]  # fmt: skip
    found = newest(said(monitor(), *STORES, *events))
    members = {name for kind, name in found if kind == "account"}
    assert members == {"x0", "x1", "x2", "x3"}
    assert len({each.ring_id for each in found.values()}) == 1
    assert next(iter(found.values())).ring_id


HONEST: dict[str, list[Event]] = {
    "was paid at one store, as whoever is pressed": squeeze("x", "s0", 0),
    "was paid at three stores of one seller": [
        *(opened(f"t{number}", "one") for number in range(3)),
        *(event for number in range(3) for event in squeeze("x", f"t{number}", number)),
    ],
    "sent the goods back": [
        event for number in range(6)
        for event in (
            review(f"v{number}", "x", f"s{number}", 1, number),
            told("return.requested", number + 0.1, return_id=f"r{number}", order_id=f"o-v{number}", reason_code="size"),
            refunded(f"v{number}", number + 0.2), edited(f"v{number}", 5, number + 0.3),
        )
    ],
    "deletes what nobody paid for": [
        event for number in range(6)
        for event in (review(f"v{number}", "x", f"s{number}", 1, number), deleted(f"v{number}", number + 0.5))
    ],
    "was paid, and lets it stand": [
        event for number in range(6)
        for event in (review(f"v{number}", "x", f"s{number}", 1, number), paid(f"s{number}", "x", number + 0.5))
    ],
    "was moderated by the platform": [
        event for number in range(6)
        for event in (
            review(f"v{number}", "x", f"s{number}", 1, number), paid(f"s{number}", "x", number + 0.1),
            deleted(f"v{number}", number + 0.5, by="platform"),
        )
    ],
    "took it back before anybody paid": [
        event for number in range(6)
        for event in (
            review(f"v{number}", "x", f"s{number}", 1, number), deleted(f"v{number}", number + 0.1),
            paid(f"s{number}", "x", number + 0.5),
        )
    ],
    "was harassed and paid at each": [
        event for number in range(4)
        for event in (
            review(f"v{number}", "x", f"s{number}", 1, number),
            told("harassment.reported", number + 0.1, report_id=f"h{number}", buyer_id="x", store_id=f"s{number}"),
            paid(f"s{number}", "x", number + 0.2), deleted(f"v{number}", number + 0.5),
        )
    ],
    "was paid back at three stores over which others do not fret": [
        *(review(f"old{number}", "x", "s7", 2, number / 10) for number in range(5)),
        *(
            event for number in range(3)
            for event in (
                review(f"v{number}", "x", f"s{number}", 1, 20 + number), refunded(f"v{number}", 20.2 + number),
                edited(f"v{number}", 5, 20.5 + number),
            )
        ),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", HONEST)
def test_others_are_left_alone(name: str) -> None:
    assert said(monitor(), *STORES, *HONEST[name]) == []


def test_an_edit_that_raises_counts_once_however_often_it_is_edited() -> None:
    edits = [edited("x-s0", 1 + step % 5, 0.55 + step / 100) for step in range(10)]
    events = [each for each in THREE if each.data.get("review_id") != "x-s0" or each.type == "review.posted"]
    found = newest(said(monitor(), *STORES, *events, *edits))
    assert found["account", "x"].reasons[0].evidence["reviews"] == 3


def test_what_is_kept_goes_on() -> None:
    events = sorted([*STORES, *THREE], key=lambda each: each.time)
    whole, half = monitor(), monitor()
    first = said(half, *events[:14])
    again = monitor()
    again.resume(half.state())
    assert first + said(again, *events[14:]) == said(whole, *events)


def test_a_made_market() -> None:
    market = planted()
    found = newest(said(monitor(), *market.events))
    accounts = {each for each in found if each[0] == "account"}
    assert accounts == market.who("review-extortion", "extortionist")
    assert {each for each in found if each[0] == "review"} <= market.who("review-extortion", "extorted")
