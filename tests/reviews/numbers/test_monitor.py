"""Who rings numbers as they should not, and what a report brings about in a history."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any

import msgspec

from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.numbers.lines import Lines
from agoranomos.reviews.numbers.monitor import NumberMonitor
from tests.reviews.numbers.builders import DAY0, POLICY, told


def bound(order: int, hours: float = 0, *, store: str = "s", days: float = 15, number: str = "") -> Event:
    until = rfc3339(DAY0 + timedelta(hours=hours, days=days))
    data = {"virtual_number": number or f"x{order}", "order_id": f"o{order}", "store_id": store, "expires_at": until}
    return told("number.bound", hours, f"b{order}{number}{hours}", account_id=f"a{order}", **data)


def called(order: int, hours: float, caller: str = "store", **more: Any) -> Event:
    return told("number.called", hours, f"c{order}-{hours}", **{"virtual_number": f"x{order}", "from": caller, **more})


def delivered(order: int, hours: float = 48) -> Event:
    return told("order.delivered", hours, f"d{order}", order_id=f"o{order}")


def reported(order: int, hours: float, store: str = "s") -> Event:
    data = {"report_id": f"j{order}", "buyer_id": f"a{order}", "store_id": store, "text": "Wang, 13800138000"}
    return told("harassment.reported", hours, f"h{order}", **data)


def heard(*events: Event) -> list[Output]:
    """What is said, by a monitor that is stopped and taken up again at every event."""
    monitor = NumberMonitor(POLICY, lambda *_: False)
    said: list[Output] = []
    for event in sorted(events, key=lambda each: (each.time, each.id)):
        again = NumberMonitor(POLICY, lambda *_: False)
        again.resume(monitor.state())
        monitor = again
        said += Run([monitor]).feed([event])
    return said


def codes(*events: Event) -> list[tuple[str, str, int]]:
    """Code, subject and revision of what is found."""
    return [(each.code, each.subject.id, each.revision) for each in heard(*events) if isinstance(each, Finding)]


def orders(count: int, store: str = "s") -> list[Event]:
    return [event for each in range(count) for event in (bound(each, each / 100, store=store), delivered(each))]


def test_usual_calls_are_not_worth_a_word() -> None:
    assert codes(*orders(60), *(called(each, 30 + each / 10) for each in range(60)), called(3, 16 * 24)) == []
    couriers = [called(each, 30 + each / 10, "unknown") for each in range(60)]
    assert codes(*orders(60), *couriers) == [], "before the goods come, who is unknown brings them"


def test_a_store_that_rings_from_an_old_list_is_told_and_again_at_twice_as_many() -> None:
    late = [called(each, 20 * 24 + each / 10) for each in range(16)]
    assert codes(*orders(40), *late) == [
        ("reviews.calls_after_expiry", "s", revision) for revision in (1, 2, 3)
    ]  # fmt: skip
    [*_, last] = [each for each in heard(*orders(40), *late) if isinstance(each, Finding)]
    assert len(last.related) == 16
    assert "x1" not in str(last), "numbers stand in no finding"


def test_strangers_who_ring_a_stores_buyers_are_told() -> None:
    strangers = [called(each, 72 + each / 10, "unknown") for each in range(8)]
    found = codes(*orders(40), *strangers)
    assert found[0] == ("reviews.calls_by_unknown", "s", 1)
    couriers = [called(each, 72 + each / 10, "unknown", party="courier") for each in range(8)]
    assert codes(*orders(40), *couriers) == []


def test_what_is_usual_among_all_accuses_nobody() -> None:
    draw = random.Random(5)
    events = []
    for store in range(40):
        for each in range(100):
            order = store * 100 + each
            events += [bound(order, each / 10, store=f"s{store}"), delivered(order)]
            if draw.random() < 0.02:
                events.append(called(order, 20 * 24 + draw.random()))
    monitor = NumberMonitor(POLICY, lambda *_: False)
    said = Run([monitor]).feed(sorted(events, key=lambda each: (each.time, each.id)))
    late = [each for each in said if isinstance(each, Finding)]
    assert len(late) <= 2, "at first nobody knows what is usual; then two of a hundred are"


def test_a_dead_number_that_is_tried_again_and_again() -> None:
    found = codes(*orders(3), *(called(1, 20 * 24 + each / 10) for each in range(10)))
    assert found == [("reviews.number_tried", "o1", 1), ("reviews.number_tried", "o1", 2)]
    slowly = [called(1, 16 * 24 + 25 * each) for each in range(10)]
    assert codes(*orders(3), *slowly) == []
    stopped = [called(1, 72 + each / 10, refused="numbers.blocked") for each in range(5)]
    assert codes(*orders(3), *stopped)[0][0] == "reviews.number_tried"


def test_a_store_that_rings_one_buyer_again_and_again() -> None:
    often = [called(1, 60 + each) for each in range(4)]
    [found] = [each for each in heard(*orders(3), *often) if isinstance(each, Finding)]
    assert (found.code, found.subject.id, [each.id for each in found.related]) == (
        "reviews.store_keeps_calling", "s", ["o1"]
    )  # fmt: skip
    assert codes(*orders(3), *(called(1, 30 + each) for each in range(4))) == [], "before delivery it may have to"


def test_a_report_protects_its_buyer_and_nobody_else_pays_for_it() -> None:
    said = heard(bound(1), bound(2), bound(3, store="other"), reported(1, 5))
    found, block, expire = said
    assert isinstance(found, Finding)
    assert isinstance(block, Action)
    assert isinstance(expire, Action)
    assert (block.kind, block.subject.id, block.params["store_id"]) == ("contact.block", "a1", "s")
    assert (expire.kind, expire.subject.id, expire.because) == ("number.expire", "o1", (found.id,))
    assert found.score < 0.5
    assert "138" not in str(said), "nobody's words are repeated"
    late = heard(bound(1), reported(1, 16 * 24))
    assert [each.kind for each in late if isinstance(each, Action)] == ["contact.block"], "its number is dead"


def test_a_number_that_ended_early_or_was_given_to_another_is_no_longer_that_of_the_order() -> None:
    ended = bound(1, 24, days=0)
    found = codes(*orders(3), ended, *(called(1, 25 + each / 10) for each in range(5)))
    assert found == [("reviews.number_tried", "o1", 1)]
    given_away = bound(2, 24, number="x1")
    said = heard(bound(1), given_away, reported(1, 30))
    assert [each.subject.id for each in said if isinstance(each, Action)] == ["a1"]


def test_what_ended_long_ago_is_forgotten() -> None:
    lines = NumberMonitor(POLICY, lambda *_: False)
    events = [*orders(20), called(1, 20 * 24), *(bound(each, 24 * 60 + each) for each in range(100, 110))]
    Run([lines]).feed(sorted(events, key=lambda each: (each.time, each.id)))
    known = msgspec.msgpack.decode(lines.state(), type=Lines)
    assert list(known.lines) == [f"x{each}" for each in range(100, 110)]
    assert (known.total.bound, known.total.late, len(known.orders)) == (10, 0, 10)


def test_the_ends_of_the_calendar_stop_nothing() -> None:
    events = []
    for year, day in (("0001", "01-02"), ("9999", "12-31")):
        for number, (kind, data) in enumerate((
            ("number.bound", {"virtual_number": "x", "order_id": "o", "expires_at": f"{year}-{day}T20:30:00Z"}),
            ("number.called", {"virtual_number": "x", "from": "store"}),
            ("harassment.reported", {"report_id": year, "buyer_id": "a", "store_id": "s"}),
        )):  # fmt: skip
            raw = {"id": f"{year}{number}", "source": "t", "type": kind, "time": f"{year}-{day}T2{number}:00:00Z"}
            events.append(parse_event({**raw, "data": data}))
    said = heard(*events)
    assert [each.kind for each in said if isinstance(each, Action)] == ["contact.block", "contact.block"]
