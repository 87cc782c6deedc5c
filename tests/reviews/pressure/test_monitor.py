"""What counts as pressure and what does not, one case at a time."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.engine.stream.run import Run
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.pressure.model import Counts
from agoranomos.reviews.pressure.monitor import PressureMonitor
from agoranomos.reviews.pressure.policy import load_policy
from agoranomos.reviews.pressure.telling import removed_under_pressure
from tests.reviews.pressure.market import moment, told

POLICY = load_policy()
YUAN = {"amount": 3_000, "currency": "CNY"}
HOUR = 1 / 24


def review(number: int, at: float, **more: Any) -> Event:
    data = {
        "review_id": f"v{number}",
        "author_id": f"u{number}",
        "store_id": "s",
        "rating": 1,
        "order_id": f"o{number}",
    }
    return told("review.posted", at, f"p{more.get('review_id', number)}", **{**data, **more})


def deleted(number: int, at: float, by: str = "author") -> Event:
    return told("review.deleted", at, f"d{number}", review_id=f"v{number}", by=by)


def edited(number: int, at: float, rating: int, by: str = "author") -> Event:
    return told("review.edited", at, f"e{number}-{at}", review_id=f"v{number}", by=by, rating=rating)


def contact(number: int, at: float, **more: Any) -> Event:
    data = {"store_id": "s", "channel": "call", "direction": "to_buyer", "order_id": f"o{number}"}
    return told("contact.made", at, f"c{number}-{at}", **{**data, **more})


def report(number: int, at: float, **more: Any) -> Event:
    data = {"report_id": f"j{number}-{at}", "buyer_id": f"u{number}", "store_id": "s"}
    return told("harassment.reported", at, f"h{number}-{at}", **{**data, **more})


def paid(number: int, at: float, **payer: str) -> Event:
    who = payer or {"from_store_id": "s"}
    return told("payment.made", at, f"m{number}-{at}", to_account_id=f"u{number}", amount=YUAN, **who)


def heard(*events: Event) -> tuple[PressureMonitor, list[Finding]]:
    """The monitor and what it said, stopped and taken up again at every event."""
    monitor, found = PressureMonitor(POLICY), []
    for event in sorted(events, key=lambda each: (each.time, each.id)):
        again = PressureMonitor(POLICY)
        again.resume(monitor.state())
        monitor = again
        found += Run([monitor]).feed([event])
    return monitor, [each for each in found if isinstance(each, Finding)]


def counts(*events: Event) -> Counts:
    """What the store comes to."""
    shop = heard(*events)[0].books.shops.get("s")
    return Counts() if shop is None else shop.counts


def pressed(*numbers: int, at: float = 0.0) -> list[Event]:
    """People who were rung up a day after they wrote, and took it back a day later."""
    return [
        event for each in numbers
        for event in (review(each, at + each), contact(each, at + each + 1), deleted(each, at + each + 2))
    ]  # fmt: skip


def test_several_people_who_delete_after_a_call_are_told_and_more_of_them_again() -> None:
    _, found = heard(*pressed(*range(6)))
    assert {(each.code, each.subject.kind, each.subject.id) for each in found} == {
        ("reviews.deletion_pressure", "store", "s")
    }
    assert len({each.id for each in found}) == 1
    assert [each.revision for each in found] == list(range(1, len(found) + 1))
    last = found[-1]
    evidence = last.reasons[0].evidence
    assert (evidence["reached"], evidence["taken_back"]) == (6, 6)
    first = evidence["sequences"][0]
    assert first == {
        "review_id": "v0", "how": "deleted", "at": rfc3339(moment(2)), "event_id": "d0", "hours": 24.0,
        "contacts": [{"kind": "call", "at": rfc3339(moment(1)), "event_id": "c0-1.0"}],
    }  # fmt: skip
    assert [each.review_id for each in removed_under_pressure(last)] == [f"v{number}" for number in range(6)]
    assert {(each.kind, each.role) for each in last.related} == {("review", "victim")}
    assert not any(f"u{number}" in str(last) for number in range(6)), "many wrote anonymously: authors are not named"
    assert last.event_ids[:2] == ("c0-1.0", "d0")


def test_an_episode_ends_and_what_belonged_to_it_counts_no_more() -> None:
    one, other = pressed(*range(5)), pressed(*range(60, 65))
    _, found = heard(*one, *other)
    assert len({each.id for each in found}) == 2
    assert [each.id for each in found[-1].related] == [f"v{each}" for each in range(60, 65)]
    _, single = heard(*one, *pressed(60))
    assert len({each.id for each in single}) == 1, "one more, much later, is no new episode"


def test_who_is_paid_weighs_more_and_by_whom_does_not_matter() -> None:
    crowd = [review(number, number / 100) for number in range(20, 40)]
    reached = [contact(number, number / 100 + 1) for number in range(20, 40)]

    def said(make: Any, *more: Event) -> list[Finding]:
        three = [e for n in range(3) for e in (review(n, n / 10), make(n, n / 10 + 1), deleted(n, n / 10 + 1.5))]
        return heard(*crowd, *reached, *more, *three)[1]

    assert not said(contact), "3 of 23 who were rung up"
    [found] = said(paid)
    assert [each.code for each in found.reasons] == ["reviews.deletion_pressure", "reviews.paid_to_delete"]
    session = told("session.started", 0, "w", account_id="w1", principal_kind="merchant", store_id="s")
    assert said(lambda n, at: paid(n, at, from_account_id="w1"), session)
    assert not said(lambda n, at: paid(n, at, from_account_id="w1")), "an account that nobody knows"


@pytest.mark.parametrize(
    "events",
    [
        [review(1, 0), deleted(1, 1), contact(1, 2)],
        [contact(1, 0), review(1, 1), deleted(1, 2)],
        [review(1, 0), contact(1, 1), deleted(1, 4.01)],
        [review(1, 0), contact(1, 1), deleted(1, 2, by="platform")],
        [review(1, 0), contact(1, 1), edited(1, 2, 5, by="platform")],
        [review(1, 0, rating=5), contact(1, 1), deleted(1, 2)],
        [review(1, 0), contact(1, 1, store_id="other"), deleted(1, 2)],
        [review(1, 0), contact(1, 1, direction="to_store"), deleted(1, 2)],
        [review(1, 0), contact(1, 1), edited(1, 2, 2)],
        [review(1, 0), told("number.called", 1, "k", virtual_number="x", **{"from": "store"}), deleted(1, 2)],
    ],
    ids=["deleted before", "called before", "too late", "platform", "raised by platform", "good", "another store",
         "the buyer wrote", "one star more", "unknown number"],
)  # fmt: skip
def test_it_is_no_pressure_when(events: list[Event]) -> None:
    found = counts(*events)
    assert (found.seen, found.word) == (0, 0)


def test_a_message_that_answers_the_buyer_is_no_contact_but_one_of_its_own_is() -> None:
    asked = contact(1, 1, direction="to_store", channel="message")
    answer, later = contact(1, 1.2, channel="message"), contact(1, 2.5, channel="message")
    assert counts(review(1, 0), asked, answer, deleted(1, 1.5)).reached == 0
    assert counts(review(1, 0), asked, later, deleted(1, 3)).seen == 1


def test_a_review_edited_ten_times_is_one_person_and_counts_from_what_was_posted() -> None:
    up_and_down = [edited(1, 1.1 + each / 10, 1 + 4 * (each % 2)) for each in range(10)]
    assert counts(review(1, 0), contact(1, 1), *up_and_down, deleted(1, 2.5)).seen == 1
    slowly = [edited(1, 1.1 + each / 10, 2) for each in range(10)]
    assert counts(review(1, 0), contact(1, 1), *slowly).seen == 0
    assert counts(review(1, 0), contact(1, 1), *slowly, edited(1, 2.5, 3)).seen == 1


def test_one_person_counts_once_whatever_they_write() -> None:
    many = [
        e for n in range(9)
        for e in (
            review(n, n, author_id="u"), contact(n, n + HOUR, account_id="u", order_id=None), deleted(n, n + 2 * HOUR)
        )
    ]  # fmt: skip
    monitor, found = heard(*many)
    assert monitor.books.shops["s"].counts == Counts(reached=1, seen=1)
    assert not found


def test_calls_count_until_the_number_is_dead() -> None:
    bound = told("number.bound", 0, "b", virtual_number="x", order_id="o1", expires_at=rfc3339(moment(3)))
    for at, sort, expected in ((2, "store", 1), (2, "unknown", 0), (3.5, "store", 0)):
        ring = told("number.called", at, "k", virtual_number="x", **{"from": sort})
        found = counts(bound, review(1, 1), ring, deleted(1, at + 0.2))
        assert (found.seen, found.word) == (expected, int(sort == "unknown"))


def test_what_is_told_late_is_put_where_it_belongs() -> None:
    monitor = PressureMonitor(POLICY)
    Run([monitor]).feed([review(1, 0), deleted(1, 2), contact(1, 1)])
    assert monitor.books.shops["s"].counts.seen == 1
    monitor = PressureMonitor(POLICY)
    Run([monitor]).feed([review(1, 0), deleted(1, 2), contact(1, 2.01)])
    assert monitor.books.shops["s"].counts.seen == 0, "the clock of the telephone company runs ahead"


def test_no_number_of_reports_alone_makes_a_store_guilty() -> None:
    framed = [e for n in range(40) for e in (review(n, n / 10), report(n, n / 10 + 1), deleted(n, n / 10 + 1.5))]
    monitor, found = heard(*framed)
    assert monitor.books.shops["s"].counts.word == 40
    assert {each.code for each in found} == {"reviews.harassment"}
    assert max(each.score for each in found) < 0.9, "somebody looks, and nobody acts"


def test_reports_count_by_people_and_only_of_those_who_wrote() -> None:
    again = [report(1, 1 + each) for each in range(20)]
    strangers = [report(number, 1 + number / 10) for number in range(50, 70)]
    monitor, found = heard(review(1, 0), *again, *strangers)
    assert monitor.books.shops["s"].reporters == 1
    assert not found


def test_reports_add_to_what_was_seen() -> None:
    both = [*pressed(0, 1, 2), *(e for n in (3, 4) for e in (review(n, n), report(n, n + 1), deleted(n, n + 1.5)))]
    monitor, found = heard(*both)
    assert monitor.books.shops["s"].counts.taken_back == 5
    assert found[-1].reasons[-1].code == "reviews.harassed_to_delete"


def test_what_is_old_is_forgotten() -> None:
    # Four are forgotten with each that comes.
    monitor, _ = heard(*pressed(*range(4)), review(9, 200), review(10, 201), review(11, 202))
    books = monitor.books
    assert list(books.reviews) == ["v9", "v10", "v11"]
    assert list(books.orders) == ["o9", "o10", "o11"]
    assert books.shops["s"].counts == Counts(alone=3)
    assert books.people == 3
    assert books.pool.stores == 0
    assert abs(books.pool.reached) < 1e-9
    assert not books.pressed


def test_the_ends_of_the_calendar_stop_nothing() -> None:
    events = []
    for year in ("0001", "9999"):
        for number, (kind, data) in enumerate((
            ("number.bound", {"virtual_number": "x", "order_id": "o", "expires_at": f"{year}-12-31T00:00:00Z"}),
            ("review.posted", {"review_id": year, "author_id": "u", "store_id": "s", "rating": 1, "order_id": "o"}),
            ("contact.made", {"store_id": "s", "channel": "message", "direction": "to_store", "account_id": "u"}),
            ("contact.made", {"store_id": "s", "channel": "call", "direction": "to_buyer", "account_id": "u"}),
            ("review.deleted", {"review_id": year, "by": "author"}),
        )):  # fmt: skip
            time = f"{year}-{'01-02' if year == '0001' else '12-31'}T2{number}:00:00Z" if number < 4 else None
            raw = {"id": f"{year}{number}", "source": "t", "type": kind, "time": time or f"{year}-12-31T23:59:00Z"}
            events.append(parse_event({**raw, "data": data}))
    monitor = PressureMonitor(POLICY)
    Run([monitor]).feed(sorted(events, key=lambda each: each.time))
    assert monitor.books.shops["s"].counts.seen == 1
