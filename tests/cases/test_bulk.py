"""Many cases are decided together or not at all, and undone as a whole; statements say what follows."""

from __future__ import annotations

import pytest

from agoranomos.cases.bulk.actions import BulkRuling
from agoranomos.cases.bulk.queries import Bulk
from agoranomos.cases.desk.queries import About
from agoranomos.kernel.approvals.model import Approval
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.staff import approving
from tests.cases.office import ADA, BEN, CYD, REASON, Office, make_finding

RULING = BulkRuling(outcome="upheld", clause="counterfeit", reason=REASON, actions=("listing.remove",))


def waiting(store: Store, count: int) -> tuple[Office, list[str]]:
    office = Office(store)
    names = [f"l{n:02}" for n in range(count)]
    office.opened("s1", "u1", *names)
    office.find(*(make_finding(name) for name in names))
    return office, [each.case_id for each in office.cases.listed(About(), after=None, limit=500)]


def test_a_few_are_decided_alone_and_undone_as_a_whole(store: Store) -> None:
    office, ids = waiting(store, 3)
    bulk = office.rooms.bulk.decide(ids, RULING, by=CYD)
    assert isinstance(bulk, Bulk)
    assert office.rooms.bulk.decide(ids[::-1], RULING, by=CYD) == bulk
    assert [each["outcome"] for each in office.told()] == ["upheld"] * 3
    office.carried_out()
    removed = {each.subject.id for each in office.actions() if each.kind == "listing.remove" and each.status == "done"}
    assert removed == {"l00", "l01", "l02"}
    undone = office.rooms.bulk.undo(bulk.bulk_id, by=BEN)
    assert undone.undone_by == "person:ben"
    assert office.rooms.bulk.undo(bulk.bulk_id, by=ADA) == undone
    restored = {each.subject.id for each in office.actions() if each.kind == "listing.restore"}
    assert restored == removed
    assert [each["outcome"] for each in office.told()] == ["upheld"] * 3 + ["overturned"] * 3
    assert office.sellers.offices.points.show("u1").standing.points == 0
    opened = office.cases.listed(About(state="open"), after=None, limit=9)
    assert sorted(each.subject.id for each in opened) == ["l00", "l01", "l02"]
    assert {each.earlier for each in opened} == set(ids)
    assert office.rooms.bulk.listed(after=None, limit=9) == [undone]
    with pytest.raises(NotFound, match="undone"):
        office.rooms.bulk.decide(ids, RULING, by=CYD)


def test_many_take_a_second_person(store: Store) -> None:
    office, ids = waiting(store, 24)
    asked = office.rooms.bulk.decide(ids, RULING, by=CYD)
    assert isinstance(asked, Approval)
    assert office.told() == []
    with pytest.raises(Conflict):
        office.rooms.bulk.decide(ids, RULING, by=CYD, approval_id=asked.approval_id)
    with store.transaction() as connection:
        approving.approve(connection, asked.approval_id, by=BEN, now=office.now)
    with pytest.raises(Conflict, match="something else"):
        office.rooms.bulk.decide(ids[1:], RULING, by=CYD, approval_id=asked.approval_id)
    done = office.rooms.bulk.decide(ids, RULING, by=CYD, approval_id=asked.approval_id)
    assert isinstance(done, Bulk)
    assert len(office.told()) == 24
    statuses = [each.status for each in office.actions() if each.kind == "listing.remove"]
    assert sorted(set(statuses)) == ["pending", "proposed"], "the brake holds what is too much for one person"
    assert statuses.count("pending") == 20


def test_all_or_none(store: Store) -> None:
    office, ids = waiting(store, 3)
    office.next()
    with pytest.raises(Conflict, match="somebody holds"):
        office.rooms.bulk.decide(ids, RULING, by=CYD)
    with pytest.raises(NotFound):
        office.rooms.bulk.decide([*ids[:1], "c_none"], RULING, by=CYD)
    with pytest.raises(Invalid):
        office.rooms.bulk.decide([], RULING, by=CYD)
    wrong = BulkRuling(outcome="upheld", clause="bad_faith", reason=REASON, actions=("listing.remove",))
    with pytest.raises(Invalid, match="by this clause"):
        office.rooms.bulk.decide(ids[:1], wrong, by=ADA)
    assert office.told() == []


def test_a_statement_says_what_was_decided_why_and_what_follows(store: Store) -> None:
    office, _ = waiting(store, 1)
    case = office.next()
    with pytest.raises(Conflict, match="follow the decision"):
        office.cases.statements(case.case_id)
    office.decide(case, wants=[("listing.remove", Subject("listing", "l00"))])
    (said,) = office.cases.statements(case.case_id)
    assert (said.party, said.subjects) == (Subject("seller", "u1"), (Subject("listing", "l00"),))
    assert "listing.remove" in said.measures
    assert "seller.warn" in said.measures, "what desks did because of it is said as well"
    assert REASON in said.text["en"]
    assert "不得销售假冒商品" in said.text["zh"]
    assert said.dsa["decision_ground"] == "DECISION_GROUND_ILLEGAL_CONTENT"
    assert said.dsa["illegal_content_legal_ground"] == "No counterfeit goods."
    assert said.dsa["decision_visibility"] == ["DECISION_VISIBILITY_CONTENT_REMOVED"]
    assert (said.dsa["automated_detection"], said.dsa["automated_decision"]) == (
        "Yes", "AUTOMATED_DECISION_NOT_AUTOMATED",
    )  # fmt: skip
    told = [each for each in office.actions() if each.kind == "case.tell"]
    assert [each.params["statement_id"] for each in told] == [said.statement_id]
    office.tell("appeal.filed", appeal_id="ap1", case_id=case.case_id, statement="We have invoices.")
    office.decide(office.next(BEN, "appeals"), "overturned", BEN)
    assert "overturned on appeal" in office.cases.statements(case.case_id)[0].text["en"]


def test_a_case_that_was_rejected_has_nobody_to_tell(store: Store) -> None:
    office, _ = waiting(store, 1)
    case = office.decide(office.next(), "rejected")
    assert office.cases.statements(case.case_id) == []
