"""Who stands out beside colleagues is told; the busy, the assigned, the lenient and the night shift are not."""

from __future__ import annotations

import pytest

from agoranomos.kernel.events import Event
from tests.access.builders import told
from tests.access.insiders.builders import TEAM, acted, closed, exported, left, looked, said, work

WORK = work()


def of_seller(staff: str, count: int, upheld: int, first_hour: float = 3.0) -> list[list[Event]]:
    return [closed(staff, first_hour + 24 * each, upheld=each < upheld, seller="u1") for each in range(count)]


def test_a_team_at_work_is_left_in_peace() -> None:
    assert said(WORK) == []


def test_who_clears_one_seller_whom_colleagues_uphold_is_told() -> None:
    peers = [of_seller(staff, 3, 2, 4.0) for staff in TEAM[1:5]]
    found = said(WORK, *of_seller("w0", 12, 0), *(event for cases in peers for event in cases))
    assert [(each.code, each.subject.id) for each in found] == [("staff.clears_for_seller", "w0")]
    evidence = found[0].reasons[0].evidence
    assert (evidence["cleared"], evidence["cases"], evidence["cases_of_peers"]) == (12, 12, 12)
    assert evidence["cleared_by_peers"] == 4
    assert evidence["expected"] < 8
    assert evidence["cases_expected"] < 6
    assert ("seller", "u1", "tie") in {(each.kind, each.id, each.role) for each in found[0].related}
    assert 0.5 <= found[0].score < 1.0


def test_who_is_given_all_cases_of_a_seller_and_decides_as_others_do_is_not() -> None:
    peers = [event for staff in TEAM[1:5] for event in of_seller(staff, 3, 2, 4.0)]
    assert said(WORK, *of_seller("w0", 12, 8), *peers) == []


def test_who_clears_everybody_favours_nobody() -> None:
    others = [event for event in WORK if not event.id.startswith(("w0", "dcw0"))]
    lenient = [closed("w0", day * 24 + number / 10) for day in range(20) for number in range(15)]
    peers = [event for staff in TEAM[1:5] for event in of_seller(staff, 3, 1, 4.0)]
    assert said(others, *lenient, *of_seller("w0", 8, 0), *peers) == []


def test_who_looks_people_up_without_a_case_is_told_and_each_person_counts_once() -> None:
    seen = [looked("w0", f"p{number}", 3 + number) for number in range(30)]
    again = [looked("w0", f"p{number}", 3.5 + number) for number in range(30)]
    found = said(WORK, *seen, *again)
    assert [(each.code, each.subject.id) for each in found] == [("staff.looks_without_case", "w0")]
    assert found[0].reasons[0].evidence["count"] == 30
    assert {each.role for each in found[0].related} == {"victim"}


def test_looks_for_ones_own_case_are_work_and_for_a_colleagues_are_not() -> None:
    mine = [closed("w0", 3 + number, about=("account", f"p{number}")) for number in range(30)]
    looks = [looked("w0", f"p{number}", 2.5 + number) for number in range(30)]
    assert said(WORK, *mine, *looks) == []
    named = [acted("w0", "data.reveal", ("account", f"q{n}"), 3 + n, case_id=f"cw1{n}u9q{n}") for n in range(30)]
    theirs = [closed("w1", n, seller="u9", about=("listing", f"q{n}")) for n in range(30)]
    assert {each.subject.id for each in said(WORK, named, *theirs)} == {"w0"}


def test_what_all_colleagues_do_is_no_wrong_and_busy_ones_meet_more() -> None:
    all_look = [looked(staff, f"p{staff}{n}", 24 * n + 5) for staff in TEAM for n in range(14)]
    assert said(WORK, *all_look) == []
    busy = [closed("w0", 24 * day + 3 + number / 10) for day in range(20) for number in range(6)]
    twice = [looked("w0", f"more{n}", 24 * n + 6) for n in range(19)]
    assert said(WORK, *all_look, *busy, *twice) == []


def test_two_who_approve_for_each_other_are_both_told() -> None:
    fair = [exported(TEAM[n % 8], TEAM[(n * 3 + 1) % 8], 12 * n + 5) for n in range(24) if n % 8 != (n * 3 + 1) % 8]
    pair = [exported("w0", "w1", 24 * n + 6) + exported("w1", "w0", 24 * n + 7) for n in range(8)]
    assert said(WORK, *fair) == []
    found = said(WORK, *fair, *pair)
    assert {(each.code, each.subject.id) for each in found} == {
        ("staff.approves_for_each_other", "w0"), ("staff.approves_for_each_other", "w1"),
    }  # fmt: skip
    two = work(team=TEAM[:2])
    assert said(two, *pair) == [], "in a team of two there is nobody else"


def test_who_exports_at_night_is_told_and_the_night_shift_is_not() -> None:
    by_day = [left(staff, 24 * n + 5) for staff in TEAM for n in range(3)]
    nights = [left("w0", 24 * n + 16.5) for n in range(6)]  # half past two in Shanghai
    found = said(WORK, by_day, nights)
    assert [(each.code, each.subject.id) for each in found] == [("staff.exports_at_night", "w0")]
    assert found[0].reasons[0].evidence["hours"] == [2]
    shift = [closed("w0", 24 * day + 16 + number / 4) for day in range(20) for number in range(6)]
    assert said(WORK, by_day, nights, *shift) == []


@pytest.mark.parametrize("legitimate", [False, True])
def test_who_brings_back_what_colleagues_removed_is_told_unless_an_appeal_said_so(legitimate: bool) -> None:
    events: list[Event] = []
    for n in range(6):
        events += closed("w1", 24 * n + 3, upheld=True, seller="u1", about=("listing", f"z{n}"))
        events.append(acted("w0", "listing.restore", ("listing", f"z{n}"), 24 * n + 6, case_id=f"again{n}"))
        if legitimate:
            data = {"subject": {"kind": "listing", "id": f"z{n}"}, "clause": "5.4", "outcome": "overturned"}
            events.append(told("case.decided", f"o{n}", 24 * n + 5, case_id=f"again{n}", **data))
    found = said(WORK, events)
    assert {each.subject.id for each in found if each.code == "staff.restores_removed"} == (
        set() if legitimate else {"w0"}
    )
