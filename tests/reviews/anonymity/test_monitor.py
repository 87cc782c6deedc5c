"""What is held, what is shown when, and what edits, deletions and repeats do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.actions import Action
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.decisions import Decision, Outcome
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.anonymity.monitor import AnonymityMonitor
from agoranomos.reviews.anonymity.policy import load_policy
from tests.reviews.anonymity.market import make_market, moment

POLICY = load_policy()


def monitor() -> AnonymityMonitor:
    """As it is started."""
    return AnonymityMonitor(POLICY, lambda *_: False)


def told(kind: str, at: float, **data: Any) -> Event:
    """An event, `at` days after the market began."""
    raw = {"id": f"{kind}-{at}", "source": "test", "specversion": "1.0", "type": kind, "time": rfc3339(moment(at))}
    return parse_event({**raw, "data": data})


def crowd(count: int = 400, *, numbers_until: float | None = None) -> list[Event]:
    """So many orders of one listing, all delivered on day 1; their numbers are alive until then."""
    events = []
    for number in range(count):
        line = {"listing_id": "l1", "quantity": 1, "price": {"amount": 100, "currency": "CNY"}}
        at = number * 1e-4
        events.append(told(
            "order.placed", at, order_id=f"o{number}", buyer_id=f"u{number}", store_id="s", lines=[line],
            paid={"amount": 100, "currency": "CNY"},
        ))  # fmt: skip
        events.append(told("order.delivered", 1 + at, order_id=f"o{number}"))
        if numbers_until is not None:
            until = rfc3339(moment(numbers_until))
            events.append(
                told("number.bound", 1 + at, virtual_number=f"+86{number}", order_id=f"o{number}", expires_at=until)
            )
    return sorted(events, key=lambda each: (each.time, each.id))


def review(at: float = 3.2, number: int = 7, **fields: Any) -> Event:
    """An anonymous review of one of the crowd."""
    data = {
        "review_id": f"v{number}", "author_id": f"u{number}", "store_id": "s", "rating": 5, "order_id": f"o{number}",
        "listing_id": "l1", "anonymous": True,
    }  # fmt: skip
    return told("review.posted", at, **{**data, **fields})


def played(*events: Event, until: float = 30) -> list[Output]:
    """All that is said."""
    run = Run([monitor()])
    return [*run.feed(list(events)), *run.pass_until(moment(until))]


def actions(said: Sequence[Output], kind: str) -> list[Action]:
    """The actions of a kind."""
    return [each for each in said if isinstance(each, Action) and each.kind == kind]


def test_among_many_it_is_shown_the_next_morning_with_its_goods() -> None:
    said = played(*crowd(), review())
    [held], [shown] = actions(said, "review.hold"), actions(said, "review.release")
    assert held.subject.id == shown.subject.id == "v7"
    assert (shown.params["item"], shown.params["listing_id"], shown.params["period"]) == ("listing", "l1", "2026-03-04")
    assert shown.params["score"] == {"count": 1, "mean_hundredths": 500}
    assert shown.at == "2026-03-04T20:00:00Z", "04:00 in Shanghai, when the day is over"
    [decision] = [each for each in said if isinstance(each, Decision)]
    assert (decision.outcome, decision.check, held.because) == (Outcome.HOLD, "review", (decision.id,))


def test_under_a_name_it_is_shown_at_once() -> None:
    said = played(*crowd(), review(anonymous=False))
    assert [each.outcome for each in said if isinstance(each, Decision)] == [Outcome.APPROVE]
    assert actions(said, "review.hold") == actions(said, "review.release") == []


def test_it_waits_for_the_numbers_of_likely_authors_but_not_for_ever() -> None:
    [shown] = actions(played(*crowd(60, numbers_until=6.5), review()), "review.release")
    assert shown.at == "2026-03-07T20:00:00Z"
    [shown] = actions(played(*crowd(60, numbers_until=60), review()), "review.release")
    assert shown.at == "2026-03-11T20:00:00Z", "a week after it was written"
    assert shown.params["form"] == "text"


def test_an_edit_comes_with_the_next_batch_and_counts_then() -> None:
    edits = [
        told("review.edited", 6 + each / 100, review_id="v7", by="author", rating=1 + each % 5) for each in range(10)
    ]
    said = played(*crowd(), review(), *edits)
    first, second = actions(said, "review.release")
    assert (first.params["score"]["mean_hundredths"], second.params["score"]["mean_hundredths"]) == (500, 500)
    assert second.params["score"]["count"] == 1
    assert len(actions(said, "review.hold")) == 2, "ten edits in a morning hold it once more"


def test_what_its_author_takes_back_is_never_shown() -> None:
    said = played(
        *crowd(), review(), told("review.deleted", 3.3, review_id="v7", by="author"), review(5.1, 8, rating=1)
    )
    [shown] = actions(said, "review.release")
    assert (shown.subject.id, shown.params["score"]) == ("v8", {"count": 1, "mean_hundredths": 100})


def test_what_the_text_gives_away_is_said_without_repeating_it() -> None:
    text = "我姓王,订单20260303112233 昨天打13800138000没人接 6月3日收到"
    said = played(*crowd(), review(text=text))
    [found] = [each for each in said if isinstance(each, Finding)]
    [reason] = found.reasons
    kinds = [each["kind"] for each in reason.evidence["spans"]]
    assert kinds == ["name", "order_number", "phone", "date"]
    assert "13800138000" not in str(found)
    [decision] = [each for each in said if isinstance(each, Decision)]
    assert [each.outcome for each in decision.hits] == [Outcome.HOLD, Outcome.WARN]


def test_a_review_of_an_order_that_nobody_knows_is_counted_alone() -> None:
    [shown] = actions(played(review(order_id="nobody", listing_id="other")), "review.release")
    assert shown.params == {"form": "score", "score": {"count": 1, "mean_hundredths": 500}}


def test_it_goes_on_where_it_stopped() -> None:
    events = make_market(20, days=25).events
    whole = Run([monitor()])
    said = [*whole.feed(events), *whole.pass_until(moment(40))]
    again = monitor()
    parts: list[Output] = []
    for start in range(0, len(events), 97):
        stopped = monitor()
        stopped.resume(again.state())
        again = stopped
        run = Run([again], now=events[start - 1].time if start else None)
        parts += run.feed(events[start : start + 97])
    parts += Run([again], now=events[-1].time).pass_until(moment(40))
    assert parts == said


def test_the_ends_of_the_calendar_stop_nothing() -> None:
    far = [
        parse_event({
            "id": f"far-{year}", "source": "test", "specversion": "1.0", "type": "review.posted",
            "time": f"{year}-{day}T23:00:00Z",
            "data": {"review_id": f"v{year}", "author_id": "u", "store_id": "s", "rating": 1, "anonymous": True},
        }) for year, day in (("0001", "01-02"), ("2026", "03-01"), ("9999", "12-31"))
    ]  # fmt: skip
    run = Run([monitor()])
    said = [*run.feed(far), *run.pass_until(far[-1].time)]
    assert [each.subject.id for each in actions(said, "review.hold")] == ["v0001", "v2026", "v9999"]
    assert [each.subject.id for each in actions(said, "review.release")] == ["v0001", "v2026"]
