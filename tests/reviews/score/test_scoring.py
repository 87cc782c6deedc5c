"""What counts, what counts on, and who gains: the two scores as a pure function of reviews."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.kernel.events import Event
from agoranomos.reviews.score.memory import Memory
from agoranomos.reviews.score.model import Mark, Scores
from agoranomos.reviews.score.policy import load_policy
from agoranomos.reviews.score.scoring import EXTORTION, RING, Marks, pressed, scored
from tests.reviews.events import at, contact, deleted, edited, paid, review

POLICY = load_policy()


def scores(*events: Event, marks: Marks | None = None, days: float = 50, listing: str | None = None) -> Scores:
    """Of the store `s`."""
    memory = Memory()
    for event in events:
        memory.hear(event)
    mine = [each for each in memory.reviews.values() if each.at is not None]
    return scored("s", mine, marks or Marks(), POLICY, at(days), listing)


def means(found: Scores) -> tuple[int, int]:
    return found.visible.mean_hundredths, found.honest.mean_hundredths


GOOD = [review(f"g{number}", f"u{number}", "s", 5, number / 10) for number in range(10)]
BAD = [review(f"b{number}", f"w{number}", "s", 1, 2 + number / 10) for number in range(10)]
CALLS = [contact("s", f"w{number}", 3 + number / 10) for number in range(10)]
ENDS = [deleted(f"b{number}", 3.5 + number / 10) for number in range(8)]


def test_without_anything_wrong_both_are_the_mean() -> None:
    found = scores(*GOOD, *BAD)
    assert means(found) == (300, 300)
    assert found.visible.count == found.honest.count == 20
    assert found.reasons == ()


def test_what_was_removed_under_pressure_counts_on_but_for_what_is_removed_anyway() -> None:
    found = scores(*GOOD, *BAD, *CALLS, *ENDS)
    visible, honest = means(found)
    assert visible == 433
    assert 300 < honest < 320
    [why] = found.reasons
    assert (why.code, why.reviews, why.figures["of"]) == ("reviews.removed_after_contact", 8, 10)
    assert 7 <= why.weight < 8
    assert why.moves_hundredths == honest - visible


def test_a_raise_counts_on_with_its_old_stars() -> None:
    raised = [edited(f"b{number}", 5, 3.5 + number / 10) for number in range(8)]
    found = scores(*GOOD, *BAD, *CALLS, *raised)
    assert found.visible.mean_hundredths == 460
    assert found.honest.mean_hundredths < 320
    assert found.honest.count == 20


def test_one_apology_that_was_accepted_moves_next_to_nothing() -> None:
    visible, honest = means(scores(*GOOD, *BAD, CALLS[0], ENDS[0]))
    assert visible - honest <= 3


def test_many_that_vanish_without_a_contact_that_was_seen_count_on() -> None:
    found = scores(*GOOD, *BAD, *ENDS)
    assert found.honest.mean_hundredths < 330
    assert found.reasons[0].code == "reviews.removed_beyond_usual"


def test_what_another_desk_found_counts() -> None:
    events = [*GOOD, *BAD, CALLS[0], ENDS[0]]
    alone, told = scores(*events), scores(*events, marks=Marks(pressing=0.95))
    assert told.honest.mean_hundredths < alone.honest.mean_hundredths


def test_what_was_found_to_be_removed_under_pressure_needs_no_contact_that_was_seen() -> None:
    marks = Marks(pressing=0.95, removed=frozenset(f"b{number}" for number in range(8)))
    [why] = scores(*GOOD, *BAD, *ENDS, marks=marks).reasons
    assert (why.code, why.reviews) == ("reviews.removed_after_contact", 8)


def test_the_platform_may_remove_and_it_is_gone() -> None:
    gone = [deleted(f"b{number}", 4, by="platform") for number in range(8)]
    assert means(scores(*GOOD, *BAD, *CALLS, *gone)) == (433, 433)


def test_who_extorts_gains_nothing_whether_he_is_paid_or_not() -> None:
    marks = Marks(extortionists={f"w{number}": 1.0 for number in range(10)})
    for events in ([*GOOD, *BAD], [*GOOD, *BAD, *CALLS, *ENDS], [*GOOD, *BAD, paid("s", "w1", 3), ENDS[1]]):
        assert scores(*events, marks=marks).honest.mean_hundredths == 500
    found = scores(*GOOD, *BAD, marks=marks)
    assert [(each.code, each.reviews) for each in found.reasons] == [(EXTORTION, 10)]


def test_who_buys_praise_gains_nothing() -> None:
    marks = Marks(reviews={f"g{number}": Mark(RING, 0.9) for number in range(5)})
    found = scores(*GOOD, *BAD, marks=marks)
    without = scores(*GOOD[5:], *BAD)
    assert found.visible.mean_hundredths == 300
    assert abs(found.honest.mean_hundredths - without.visible.mean_hundredths) <= 12
    assert found.honest.count == 15.5
    assert scores(*GOOD, *BAD, marks=Marks({f"g{n}": Mark(RING, 1.0) for n in range(5)})).honest == without.visible


def test_an_anonymous_review_counts_from_when_it_is_shown_at_the_latest() -> None:
    secret = review("x", "w", "s", 1, 1.0, anonymous=True, listing_id="l1")
    assert scores(*GOOD, secret, days=7.9).visible.count == 10
    assert scores(*GOOD, secret, days=9).visible.count == 11
    assert scores(*GOOD, secret, days=9, listing="l1").visible.count == 0


def test_as_of_any_day() -> None:
    events = [*GOOD, *BAD, *CALLS, *ENDS]
    assert scores(*events, days=0.55).visible.count == 6
    assert means(scores(*events, days=3)) == (300, 300)
    assert means(scores(*events, days=-1)) == (0, 0)
    assert scores(*events, days=30) != scores(*events, days=3.6)


def test_a_listing_by_itself_with_the_measure_of_its_store() -> None:
    bad = [review(f"b{number}", f"w{number}", "s", 1, 2, listing_id=f"l{number % 2}") for number in range(10)]
    found = scores(*GOOD, *bad, *CALLS, *ENDS, listing="l1")
    assert found.visible.count == 1
    assert 4 < found.honest.count <= 5
    assert found.reasons[0].figures["of"] == 10


def test_edited_ten_times_it_is_one_review() -> None:
    edits = [edited("b0", 1 + step % 5, 3 + step / 10) for step in range(10)]
    found = scores(*GOOD, *BAD, *edits)
    assert found.visible.count == 20
    assert found.honest.count == pytest.approx(20)


@given(st.permutations([*GOOD[:3], *BAD[:3], *ENDS[:2], edited("b2", 4, 3.9), deleted("g0", 5, by="platform")]))
def test_the_order_in_which_it_is_told_changes_nothing(events: list[Event]) -> None:
    assert scores(*events) == scores(*GOOD[:3], *BAD[:3], *ENDS[:2], edited("b2", 4, 3.9),
                                     deleted("g0", 5, by="platform"))  # fmt: skip


@given(st.integers(1, 300), st.data())
def test_pressure_is_a_probability_and_grows(of: int, data: st.DataObject) -> None:
    hits = data.draw(st.integers(0, of))
    found = pressed(hits, of, 0.03, 0.02)
    assert 0.0 <= found <= 1.0
    if hits < of:
        assert pressed(hits + 1, of, 0.03, 0.02) >= found - 1e-12
    assert pressed(0, of, 0.03, 0.02) == 0.0


def test_the_ends_of_the_calendar_stop_nothing() -> None:
    for days in (-739_674.5, 2_912_383.7):
        events = [review("a", "u", "s", 1, days, anonymous=True), contact("s", "u", days), deleted("a", days)]
        assert scores(*events, days=days).visible.count == 0


def test_contacts_count_only_while_it_stands_and_in_time() -> None:
    late = [contact("s", f"w{number}", 9) for number in range(10)]
    early = [contact("s", f"w{number}", 1) for number in range(10)]
    for calls in (late, early):
        assert scores(*GOOD, *BAD, *calls, *ENDS).reasons[0].code == "reviews.removed_beyond_usual"
    assert timedelta(hours=POLICY.hours_max) == timedelta(days=3)
