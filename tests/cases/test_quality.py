"""Second opinions are blind, known cases are hidden, and both are measured."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agoranomos.cases.desk.model import Outcome
from agoranomos.cases.desk.queries import About
from agoranomos.cases.policy import Quality
from agoranomos.cases.quality.kappa import agreement
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.cases.office import ADA, BEN, CYD, Office, make_finding

ALL = Quality(seed="1", second_share=1.0)


def decided(store: Store, count: int = 1) -> Office:
    """Cases that Ada has decided, all of them to be looked at again."""
    office = Office(store, quality=ALL)
    office.find(*(make_finding(f"l{n}", score=0.9 - n / 100) for n in range(count)))
    for _ in range(count):
        office.decide(office.next())
    return office


def test_kappa_is_that_of_the_textbook() -> None:
    # Two readers, 50 applications: 20 both yes, 15 both no, 5 and 10 apart; kappa is 0.4.
    pairs = [("yes", "yes")] * 20 + [("no", "no")] * 15 + [("yes", "no")] * 5 + [("no", "yes")] * 10
    found = agreement(pairs)
    assert (found.pairs, found.agreed, found.kappa) == (50, 0.7, 0.4)
    # Fleiss, Cohen and Everitt (1969), equation 13, worked out by hand for these shares.
    assert found.low == pytest.approx(0.4 - 1.96 * 0.12701, abs=1e-3)
    assert found.high == pytest.approx(0.4 + 1.96 * 0.12701, abs=1e-3)
    assert agreement([("yes", "yes")] * 9).kappa is None, "nothing could disagree"
    assert agreement([]).pairs == 0
    assert agreement([("a", "a"), ("b", "b")] * 10).kappa == 1.0


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("abc")), min_size=1, max_size=60))
def test_kappa_lies_in_its_interval_and_does_not_ask_who_was_first(pairs: list[tuple[str, str]]) -> None:
    found, turned = agreement(pairs), agreement([(second, first) for first, second in pairs])
    assert (found.kappa, found.pairs) == (turned.kappa, turned.pairs)
    if found.kappa is not None:
        assert found.low is not None
        assert found.high is not None
        assert -1 <= found.low <= found.kappa <= found.high <= 1


def test_a_second_opinion_is_blind(store: Store) -> None:
    office = decided(store)
    with pytest.raises(NotFound):
        office.rooms.quality.take(by=ADA)
    view = office.rooms.quality.take(by=BEN)
    assert (view.case.state, view.case.decision, view.texts, view.claims) == ("open", None, [], [])
    assert [each.verb for each in view.steps] == ["open"]
    assert [each.code for each in view.findings] == ["goods.counterfeit_suspected"]
    with pytest.raises(NotFound):
        office.rooms.quality.take(by=CYD)
    assert office.rooms.quality.take(by=BEN).case.case_id == view.case.case_id
    with pytest.raises(Forbidden, match="not yours"):
        office.rooms.quality.give(view.case.case_id, "upheld", "counterfeit", by=CYD)
    with pytest.raises(Invalid, match="upheld or rejected"):
        office.rooms.quality.give(view.case.case_id, "overturned", "counterfeit", by=BEN)
    given = office.rooms.quality.give(view.case.case_id, "upheld", "counterfeit", by=BEN)
    assert (given.first_by, given.second_by) == ("person:ada", "person:ben")
    with pytest.raises(Conflict, match="given already"):
        office.rooms.quality.give(view.case.case_id, "upheld", "counterfeit", by=BEN)
    assert office.cases.listed(About(kind="second"), after=None, limit=9) == []


def test_two_who_differ_are_looked_at_by_a_third(store: Store) -> None:
    office = decided(store)
    view = office.rooms.quality.take(by=BEN)
    office.rooms.quality.give(view.case.case_id, "rejected", "counterfeit", by=BEN)
    with pytest.raises(NotFound):
        office.next(BEN, "second_looks", leads=True)
    third = office.next(CYD, "second_looks", leads=True)
    assert (third.about, third.level) == (view.case.case_id, 1)
    office.decide(third, "overturned", CYD)
    assert [each["outcome"] for each in office.told()] == ["upheld", "overturned"]


def test_what_was_wrongly_rejected_is_decided_anew(store: Store) -> None:
    office = Office(store, quality=ALL)
    office.find(make_finding())
    first = office.decide(office.next(), "rejected")
    office.rooms.quality.give(office.rooms.quality.take(by=BEN).case.case_id, "upheld", "counterfeit", by=BEN)
    office.decide(office.next(CYD, "second_looks", leads=True), "overturned", CYD)
    (anew,) = office.cases.page("goods", after=None, limit=9)
    assert (anew.earlier, anew.number, anew.findings, anew.level) == (first.case_id, 2, 1, 1)
    assert [each.id for each in office.cases.view(anew.case_id).findings] == [make_finding().id]


def test_a_share_is_drawn_the_same_each_time(store: Store) -> None:
    office = Office(store, quality=Quality(seed="1", second_share=0.5))
    office.find(*(make_finding(f"l{n}") for n in range(40)))
    for _ in range(40):
        office.decide(office.next(), "rejected")
    waiting = office.rooms.quality.report(9).waiting
    assert 12 <= waiting <= 28
    assert not Quality(seed="1", second_share=0.0).share("goods")


def test_a_known_case_looks_like_any_other_and_nothing_follows(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.find(make_finding("l1"))
    first = office.decide(office.next(), "upheld")
    before = len(office.told())
    planted = office.rooms.quality.plant(first.case_id, by=CYD)
    case = office.next(BEN)
    assert case.case_id == planted.case_id
    view = office.cases.view(case.case_id)
    assert [each.code for each in view.findings] == ["goods.counterfeit_suspected"]
    assert view.findings[0].subject == case.subject != first.subject
    assert view.history == []
    assert "plant" not in str(view)
    assert "seed" not in str(view)
    asked = len(office.actions())
    done = office.decide(case, "rejected", BEN)
    assert (done.state, len(office.told()), len(office.actions())) == ("decided", before, asked)
    report = office.rooms.quality.report(30)
    (ben,) = report.reviewers
    assert (ben.actor, ben.decided, ben.right, ben.missed, ben.wronged) == ("person:ben", 1, 0, 1, 0)
    assert office.rooms.calibration.fits()[0].count == 1, "known cases are no decided ones"
    with pytest.raises(Conflict, match="was planted"):
        office.rooms.quality.plant(done.case_id, by=CYD)
    office.find(make_finding("l2"))
    with pytest.raises(Conflict, match="stands"):
        office.rooms.quality.plant(office.next().case_id, by=CYD)


def test_the_report_counts_by_queue_and_clause(store: Store) -> None:
    office = decided(store, 4)
    for number in range(4):
        view = office.rooms.quality.take(by=BEN)
        outcome: Outcome = "upheld" if number else "rejected"
        office.rooms.quality.give(view.case.case_id, outcome, "counterfeit", by=BEN)
    report = office.rooms.quality.report(30)
    assert (report.waiting, report.overall.pairs, report.overall.agreed) == (0, 4, 0.75)
    assert [(each.name, each.agreement.pairs) for each in report.by_queue] == [("goods", 4)]
    assert [(each.name, each.agreement.pairs) for each in report.by_clause] == [("counterfeit", 4)]
