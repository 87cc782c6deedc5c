"""Where a seller stands, by the shipped policy: ladder, expiry, intent, courses, appeals."""

from __future__ import annotations

from datetime import datetime

import pytest

from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.points.model import Decided, Fact, Held, History, Intended, Taught, offences
from agoranomos.sellers.points.policy import load_policy, parse_policy
from agoranomos.sellers.points.standing import ALL_STORES, SellerStanding, standing
from tests.sellers.conduct.builders import on

POLICY = load_policy()


def upheld(name: str, day: float, clause: str = "counterfeit", store: str = "s1") -> Decided:
    return Decided(on(day), name, "upheld", clause, store)


def taken_back(name: str, what: str, day: float) -> Decided:
    return Decided(on(day), name, "overturned", overturns=what)


def at(day: float, *facts: Fact, history: History | None = None) -> SellerStanding:
    history = history or History()
    for fact in facts:
        history = history.knowing(fact)
    return standing(history, POLICY, on(day))


LADDER = (upheld("c1", 0), upheld("c2", 10), upheld("c3", 20), upheld("c4", 45))


def test_the_ladder() -> None:
    costs = [(each.number, each.warn, each.points, each.suspend_days) for each in at(45, *LADDER).offences]
    assert costs == [(1, True, 0, 0), (2, False, 2, 0), (3, False, 24, 21), (4, False, 24, 0)]
    assert [at(day, *LADDER).points for day in (-1, 0, 10, 20, 44, 45)] == [0, 0, 2, 26, 26, 50]
    assert at(44, *LADDER).closed == ()
    assert at(45, *LADDER).closed == ("s1",)
    assert at(45, *LADDER).closed_since == on(45)


def test_where_no_store_is_known_the_seller_is_meant() -> None:
    facts = tuple(upheld(f"c{number}", number, store="") for number in range(4))
    assert at(3, *facts).suspended == {ALL_STORES: on(23)}
    assert at(3, *facts).closed == (ALL_STORES,)
    later = at(9, *facts, history=History(held=(Held("s2", on(5)),)))
    assert later.closed == (ALL_STORES,), "what opens later changes nothing"
    known = History(held=(Held("s0", on(-9), on(-5)), Held("s1", on(-8))))
    assert at(3, *facts, history=known).closed == ("s1",)
    gone = History(held=(Held("s0", on(-9), on(-5)),))
    assert at(3, *facts, history=gone).closed == (), "there is nothing left to close"


def test_a_suspension_counts_down() -> None:
    assert at(40.9, *LADDER).suspended == {"s1": on(41)}
    assert at(40.9, *LADDER).next_at == on(41)
    assert at(41, *LADDER).suspended == {}


def test_points_end_with_the_year_in_shanghai_and_a_closed_store_stays_closed() -> None:
    end = datetime.fromisoformat("2026-12-31T16:00:00+00:00")  # midnight in Shanghai
    history = History()
    for fact in LADDER:
        history = history.knowing(fact)
    before, after = (standing(history, POLICY, moment) for moment in (end.replace(hour=15), end))
    assert (before.points, after.points) == (50, 0)
    assert before.next_at == end
    assert after.closed == ("s1",)
    assert after.next_at is None


def test_an_overturned_offence_moves_those_behind_it_down_the_ladder() -> None:
    found = at(50, *LADDER, taken_back("z", "c2", 50))
    assert [(each.case_id, each.number, each.points) for each in found.offences] == [
        ("c1", 1, 0), ("c3", 2, 2), ("c4", 3, 24),
    ]  # fmt: skip
    assert (found.points, found.closed, found.suspended) == (26, (), {"s1": on(66)})
    assert at(49, *LADDER, taken_back("z", "c2", 50)).points == 50, "what was, was"


def test_an_appeal_against_an_appeal() -> None:
    facts = (*LADDER, taken_back("z", "c2", 50), taken_back("y", "z", 52))
    assert [at(day, *facts).points for day in (50, 51, 52)] == [26, 26, 50]
    assert at(52, *facts).closed_since == on(45)
    assert at(53, *facts, taken_back("x", "y", 53)).points == 26


def test_a_case_that_takes_back_itself_and_is_upheld_anew() -> None:
    facts = (upheld("c1", 0), Decided(on(1), "c1", "overturned"))
    assert at(2, *facts).offences == ()
    again = at(4, *facts, upheld("c1", 3))
    assert [(each.case_id, each.at) for each in again.offences] == [("c1", on(3))]


def test_a_decision_that_is_rejected_later() -> None:
    assert at(2, upheld("c1", 0), Decided(on(1), "c1", "rejected")).offences == ()


def test_a_circle_of_appeals_takes_back_nothing_for_ever() -> None:
    circle = (upheld("c1", 0), taken_back("a", "b", 1), taken_back("b", "a", 2), taken_back("b", "c1", 3))
    history = History()
    for fact in circle:
        history = history.knowing(fact)
    assert len(offences(history, on(5))) in (0, 1)  # it ends, and in one way: see the property tests


def test_an_appeal_whose_clock_was_slow_counts_all_the_same() -> None:
    assert at(1, upheld("c1", 1), taken_back("z", "c1", 0.5)).offences == ()


@pytest.mark.parametrize(
    ("intent", "first", "second", "third"),
    [("knowing", 2, 2, 21), ("negligent", 0, 2, 14), ("unknowing", 0, 0, 7)],
)
def test_intent_changes_the_measure(intent: str, first: int, second: int, third: int) -> None:
    recorded = [Intended(on(30), f"c{number}", intent, ("said_so",)) for number in (1, 2, 3)]  # type: ignore[arg-type]
    found = at(30, *LADDER[:3], *recorded).offences
    assert (found[0].points, found[1].points, found[2].suspend_days) == (first, second, third)
    assert found[0].intent_reasons == ("said_so",)
    assert at(29, *LADDER[:3], *recorded).offences[0].intent is None, "as of the day before, nothing was recorded"


def test_a_course_in_time_replaces_the_first_points_once() -> None:
    course = Taught(on(12), "genuine-goods")
    assert [at(day, *LADDER[:2], course).points for day in (11, 12)] == [2, 0]
    assert at(50, *LADDER[:2], Taught(on(41), "genuine-goods")).points == 2, "too late"
    assert at(12, *LADDER[:2], Taught(on(12), "another")).points == 2, "another course"
    assert at(9, *LADDER[:2], Taught(on(5), "genuine-goods")).points == 0
    assert at(12, *LADDER[:2], Taught(on(5), "genuine-goods")).points == 2, "before the offence"
    assert at(30, *LADDER[:3], course).points == 24, "the third offence is beyond what a course helps"


def test_a_course_helps_what_an_appeal_has_made_the_second_offence() -> None:
    course = Taught(on(22), "genuine-goods")
    facts = (*LADDER[:3], course, taken_back("z", "c2", 30))
    # Until the appeal it helped the second offence; that is gone, and the third has become the second.
    assert [at(day, *facts).points for day in (21, 22, 30)] == [26, 24, 0]


def test_the_policy_of_the_day_of_the_offence_applies() -> None:
    raw = _shipped() + _later("2026-03-12")  # day 10 in Shanghai
    policy = parse_policy(raw)
    history = History()
    for fact in LADDER[:3]:
        history = history.knowing(fact)
    found = standing(history, policy, on(20))
    assert [(each.version, each.points) for each in found.offences] == [("2026-1", 0), ("2026-2", 4), ("2026-2", 4)]


def test_offences_without_a_store_are_those_of_all_open_stores() -> None:
    history = History().holding(Held("s1", on(-5))).holding(Held("s2", on(-5), on(15))).holding(Held("s3", on(30)))
    found = at(20, *(msg(each) for each in LADDER[:3]), history=history)
    assert [each.stores for each in found.offences] == [("s1", "s2"), ("s1", "s2"), ("s1",)]
    assert found.suspended == {"s1": on(41)}


def msg(decided: Decided) -> Decided:
    return Decided(decided.at, decided.case_id, decided.outcome, decided.clause)


@pytest.mark.parametrize(
    ("change", "by", "complaint"),
    [
        ('otherwise = "usual"', 'otherwise = "none"', "no ladder"),
        ('calendar = "Asia/Shanghai"', 'calendar = "Shanghai/Asia"', "no time zone"),
        ("knowing = { points = 2 }", "knowing = { points = 2 }\nnegligent = { points = 3 }", "milder"),
        ('kind = "year_end"', 'kind = "rolling"', "how many days"),
        ("closes_at = 48", "closes = 48", "closes"),
        ("warn = true\nknowing", "warn = false\nknowing", "says nothing"),
    ],
)
def test_a_policy_is_read_strictly(change: str, by: str, complaint: str) -> None:
    text = _shipped().decode()
    assert change in text
    with pytest.raises(Invalid, match=complaint):
        parse_policy(text.replace(change, by, 1).encode())


def test_versions_stand_in_order() -> None:
    with pytest.raises(Invalid, match="in the order"):
        parse_policy(_shipped() + _later("1999-01-01"))


def _shipped() -> bytes:
    from importlib import resources

    return (resources.files("agoranomos.sellers.points") / "data" / "policy.toml").read_bytes()


def _later(day: str) -> bytes:
    return f"""
[[versions]]
version = "2026-2"
begins = {day}
closes_at = 48
expiry = {{ kind = "rolling", days = 365 }}
otherwise = "usual"
[[versions.ladders.usual]]
points = 4
[versions.education]
within_days = 30
points_off_max = 2
steps_max = 2
times = 1
otherwise = "genuine-goods"
""".encode()
