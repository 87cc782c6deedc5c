"""Nobody picks, nobody holds for ever, and nothing waits for ever."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest

from agoranomos.cases.desk.model import Case
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.cases.office import ADA, BEN, CYD, Office, make_finding


def waiting(store: Store, count: int) -> Office:
    """A queue of cases, l0 the least harmful."""
    office = Office(store)
    office.find(*(make_finding(f"l{n}", score=0.5 + n / 100) for n in range(count)))
    return office


def test_the_most_harmful_comes_first_and_each_to_one_person(store: Store) -> None:
    office = waiting(store, 5)
    assert [office.next(who).subject.id for who in (ADA, BEN, ADA)] == ["l4", "l3", "l2"]
    assert [each.subject.id for each in office.cases.mine(ADA)] == ["l4", "l2"]
    page = office.cases.page("goods", after=None, limit=2)
    assert [each.subject.id for each in page] == ["l4", "l3"]
    last = page[-1]
    rest = office.cases.page("goods", after=(last.level, last.priority, last.case_id), limit=9)
    assert [each.subject.id for each in rest] == ["l2", "l1", "l0"]


def test_what_is_due_is_not_left_behind_what_matters_more(store: Store) -> None:
    office = waiting(store, 1)
    office.later(hours=66)
    office.find(*(make_finding(f"n{n}", score=0.9) for n in range(4)))
    given = []
    for _ in range(3):
        case = office.next()
        given.append(case.subject.id)
        office.decide(case, "rejected")
    assert given[2] == "l0", "the third is the one that is due first"
    assert [each.why for each in office.cases.view(case.case_id).claims] == ["due"]


def test_a_claim_runs_out_and_a_sign_of_life_prolongs_it(store: Store) -> None:
    office = waiting(store, 1)
    case = office.next()
    with pytest.raises(NotFound, match="nothing waits"):
        office.next(BEN)
    office.later(minutes=15)
    assert office.cases.renew(case.case_id, by=ADA).claim_until == office.now + timedelta(minutes=20)
    office.later(minutes=15)
    with pytest.raises(NotFound):
        office.next(BEN)
    office.later(minutes=5)
    taken = office.next(BEN)
    assert (taken.case_id, taken.holder) == (case.case_id, "person:ben")
    with pytest.raises(Forbidden, match="somebody else"):
        office.cases.renew(case.case_id, by=ADA)
    assert [each.ended for each in office.cases.view(case.case_id).claims] == ["timed_out", None]


def test_a_forgotten_window_does_not_hold_for_ever(store: Store) -> None:
    office = waiting(store, 1)
    case = office.next()
    for _ in range(18):
        office.later(minutes=14)
        if office.cases.get(case.case_id).held_at(office.now) is None:
            break
        office.cases.renew(case.case_id, by=ADA)
    assert office.now - (case.claimed_at or office.now) == timedelta(minutes=252)
    with pytest.raises(Conflict, match="run out"):
        office.cases.renew(case.case_id, by=ADA)


def test_one_holds_so_many_at_a_time(store: Store) -> None:
    office = waiting(store, 5)
    held = [office.next() for _ in range(3)]
    with pytest.raises(Conflict, match="as many cases"):
        office.next()
    with pytest.raises(Conflict, match="as many cases"):
        office.cases.pick(office.cases.page("goods", after=None, limit=9)[-1].case_id, by=ADA)
    office.cases.release(held[0].case_id, "break", by=ADA)
    assert office.next().case_id == held[0].case_id, "nobody gets rid of it by a pause"


def test_giving_back_is_counted_and_does_not_choose(store: Store) -> None:
    office = waiting(store, 8)
    for _ in range(5):
        case = office.next()
        office.cases.release(case.case_id, "conflict", by=ADA)
        with pytest.raises(Forbidden, match="gave this case back"):
            office.cases.pick(case.case_id, by=ADA)
    assert office.next(BEN).subject.id == "l7", "somebody else gets it"
    case = office.next()
    assert case.subject.id == "l2"
    with pytest.raises(Conflict, match="escalate"):
        office.cases.release(case.case_id, "expertise", by=ADA)
    office.cases.escalate(case.case_id, "I cannot tell; ask the brand at info@brand.example.", by=ADA)
    (said,) = office.cases.view(case.case_id).texts
    assert "@" not in said.text
    office.decide(office.cases.mine(BEN)[0], "rejected", BEN)
    for _ in range(6):
        office.decide(office.next(BEN), "rejected", BEN)
    with pytest.raises(NotFound, match="nothing waits"):
        office.next(BEN)
    assert office.next(CYD, leads=True).case_id == case.case_id
    with pytest.raises(Conflict, match="escalated already"):
        office.cases.escalate(case.case_id, "Again.", by=CYD)


def test_a_case_goes_from_one_to_another(store: Store) -> None:
    office = waiting(store, 1)
    case = office.next()
    with pytest.raises(Conflict, match="somebody holds"):
        office.cases.pick(case.case_id, by=BEN)
    given = office.cases.assign(case.case_id, BEN, by=CYD)
    assert given.holder == "person:ben"
    with pytest.raises(Forbidden, match="only people"):
        office.cases.assign(case.case_id, Actor("key", "k1"), by=CYD)
    assert [(each.actor, each.why, each.ended) for each in office.cases.view(case.case_id).claims] == [
        ("person:ada", "harm", "reassigned"), ("person:ben", "assigned", None),
    ]  # fmt: skip


def test_the_clock_stands_still_for_a_party(store: Store) -> None:
    office = waiting(store, 1)
    case = office.next()
    office.later(minutes=10)
    assert case.due_at is not None
    left = case.due_at - office.now
    with pytest.raises(Invalid, match="1 to 14 days"):
        office.cases.wait(case.case_id, "seller", 15, by=ADA)
    waits = office.cases.wait(case.case_id, "seller", 2, by=ADA)
    assert (waits.state, waits.due_at, waits.holder, waits.waits_for) == ("waiting", None, None, "seller")
    with pytest.raises(NotFound):
        office.next()
    with pytest.raises(Conflict, match="resume"):
        office.cases.pick(case.case_id, by=ADA)
    office.later(days=1)
    resumed = office.cases.resume(case.case_id, by=BEN)
    assert resumed.due_at == office.now + left
    office.cases.wait(office.next().case_id, "seller", 1, by=ADA)
    office.later(days=1)
    assert office.cases.get(case.case_id).state == "open", "nobody answered in time"
    last = office.cases.view(case.case_id).steps[-1]
    assert (last.verb, last.params) == ("resume", {"answered": False})
    with pytest.raises(Conflict, match="waits for nobody"):
        office.cases.resume(case.case_id, by=BEN)


def test_what_is_overdue_is_escalated_once(store: Store) -> None:
    office = waiting(store, 2)
    office.later(hours=72)
    assert [each.level for each in office.cases.due("goods", after=None, limit=9)] == [1, 1]
    assert office.cases.run_clocks() == 0
    (goods,) = [each for each in office.cases.queues() if each.queue == "goods"]
    assert (goods.open, goods.overdue, goods.escalated, goods.left) == (2, 2, 2, 200)


def test_queues_that_there_are_not(store: Store) -> None:
    office = waiting(store, 0)
    with pytest.raises(NotFound, match="appeals, goods"):
        office.next(queue="made_up")
    with pytest.raises(Forbidden, match="only people"):
        office.next(Actor("key", "k1"))


def test_two_who_ask_at_once_get_two_cases(store: Store) -> None:
    office = waiting(store, 4)
    office.cases.queues()  # everything is opened before the race
    given: list[Case] = []
    ready = threading.Barrier(4)

    def ask(name: str) -> None:
        ready.wait()
        given.append(office.next(Actor("person", name)))

    people = [threading.Thread(target=ask, args=(f"p{n}",)) for n in range(4)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(each.subject.id for each in given) == ["l0", "l1", "l2", "l3"]
    assert len({each.holder for each in given}) == 4


def test_two_who_claim_one_case_at_once(store: Store) -> None:
    office = waiting(store, 1)
    (case,) = office.cases.page("goods", after=None, limit=1)
    outcomes: list[str] = []
    ready = threading.Barrier(3)

    def ask(name: str) -> None:
        ready.wait()
        try:
            office.cases.pick(case.case_id, by=Actor("person", name))
            outcomes.append("held")
        except Conflict:
            outcomes.append("refused")

    people = [threading.Thread(target=ask, args=(f"p{n}",)) for n in range(3)]
    for each in people:
        each.start()
    for each in people:
        each.join()
    assert sorted(outcomes) == ["held", "refused", "refused"]
    assert len(office.cases.view(case.case_id).claims) == 1
