"""A decision is told as the marketplace would tell it; what followed from it is taken back exactly, once."""

from __future__ import annotations

from typing import Any

import pytest

from agoranomos.cases.desk.deciding import TELL, Ruling
from agoranomos.cases.desk.model import Case
from agoranomos.cases.desk.queries import About
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from tests.cases.office import ADA, BEN, CYD, REASON, Office, make_finding

L1 = Subject("listing", "l1")


def furnished(store: Store) -> tuple[Office, Case]:
    """A case on a listing of a known seller, held by Ada."""
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.find(make_finding("l1"))
    return office, office.next()


def test_a_decision_is_told_and_heard(store: Store) -> None:
    office, case = furnished(store)
    decided = office.decide(case, wants=[("listing.remove", L1)])
    assert decided.state == "decided"
    assert decided.decision is not None
    assert (decided.decision.outcome, decided.decision.by, decided.holder) == ("upheld", "person:ada", None)
    (told,) = office.told()
    assert told == {
        "case_id": case.case_id, "subject": {"kind": "listing", "id": "l1"}, "outcome": "upheld",
        "clause": "counterfeit", "seller_id": "u1", "store_id": "s1",
    }  # fmt: skip
    kinds = {(each.kind, each.subject.kind, each.subject.id) for each in office.actions()}
    assert ("seller.warn", "seller", "u1") in kinds, "the points desk heard of the first offence"
    assert ("listing.remove", "listing", "l1") in kinds
    assert (TELL, "seller", "u1") in kinds
    view = office.cases.view(case.case_id)
    assert [each.verb for each in view.steps] == ["open", "claim", "decide"]
    assert [each.ended for each in view.claims] == ["decided"]
    assert [(each.name, each.text) for each in view.texts] == [("decision", REASON)]


def test_who_decides_holds_it_and_has_seen_all_of_it(store: Store) -> None:
    office, case = furnished(store)
    with pytest.raises(Forbidden, match="somebody else"):
        office.decide(case, by=BEN)
    office.find(make_finding("l1", code="goods.pictures_match"))
    with pytest.raises(Conflict, match="revision 2"):
        office.decide(case, revision=1)
    office.later(minutes=21)
    with pytest.raises(Conflict, match="run out"):
        office.decide(case, revision=2)
    with pytest.raises(Forbidden, match="only people"):
        office.cases.decide(
            case.case_id, Ruling(outcome="upheld", clause="counterfeit", reason="x"), by=Actor("key", "k")
        )
    assert office.told() == []


@pytest.mark.parametrize(
    ("wrong", "pointer"),
    [
        ({"clause": "made_up"}, "/clause"),
        ({"subjects": (Subject("listing", "l9"),)}, "/subjects"),
        ({"subjects": ()}, "/subjects"),
        ({"outcome": "overturned"}, "/outcome"),
        ({"wants": [("campaign.stop", L1)]}, "/actions"),
        ({"wants": [("listing.remove", Subject("listing", "l9"))]}, "/actions"),
        ({"outcome": "rejected", "wants": [("listing.remove", L1)]}, "/actions"),
    ],
)
def test_what_does_not_go_with_a_case_is_refused_and_changes_nothing(
    store: Store, wrong: dict[str, Any], pointer: str
) -> None:
    office, case = furnished(store)
    with pytest.raises(Invalid) as refused:
        office.decide(case, **wrong)
    assert refused.value.pointer == pointer
    assert office.told() == []
    assert office.cases.get(case.case_id).state == "open"


def test_a_ring_is_decided_about_each_member(store: Store) -> None:
    office = Office(store)
    office.find(*(make_finding(f"a{n}", code="promotions.coupon_ring", kind="account", ring_id="r1") for n in range(4)))
    case = office.next(queue="promotions")
    chosen = tuple(Subject("account", name) for name in ("a1", "a3"))
    decided = office.decide(case, clause="promotion_abuse", subjects=chosen)
    assert decided.decision is not None
    assert [each.subject.id for each in decided.decision.parts] == ["a1", "a3"]
    told = office.told()
    assert [each["subject"]["id"] for each in told] == ["a1", "a3"]
    assert told[0]["case_id"] == case.case_id
    assert told[1]["case_id"] == decided.decision.parts[1].case_id != case.case_id
    assert {each.subject.id for each in office.actions() if each.kind == TELL} == {"a1", "a3"}


def appealed(office: Office, case: Case) -> Case:
    """The case of an appeal against `case`."""
    office.tell("appeal.filed", appeal_id="ap1", case_id=case.case_id, statement="We have invoices.")
    (found,) = office.cases.listed(About(kind="appeal"), after=None, limit=9)
    return found


def test_a_granted_appeal_takes_back_what_rested_on_the_case_and_nothing_else(store: Store) -> None:
    office, case = furnished(store)
    office.opened("s1", "u1", "l2")
    decided = office.decide(case, wants=[("listing.remove", L1)])
    office.find(make_finding("l2"))
    other = office.decide(office.next(), wants=[("listing.remove", Subject("listing", "l2"))])
    office.carried_out()
    appeal = appealed(office, decided)
    assert (appeal.about, appeal.queue, appeal.subject) == (case.case_id, "appeals", L1)
    assert appeal.due_at == office.now.replace(day=office.now.day + 7)
    with pytest.raises(Forbidden, match="decided what is looked at again"):
        office.cases.pick(appeal.case_id, by=ADA)
    assert office.next(BEN, "appeals").case_id == appeal.case_id
    ended = office.decide(appeal, "overturned", BEN)
    assert ended.decision is not None
    last = office.told()[-1]
    assert (last["outcome"], last["overturns"], last["case_id"]) == ("overturned", case.case_id, appeal.case_id)
    before = office.cases.get(case.case_id)
    assert before.decision is not None
    assert not before.decision.stands
    assert before.decision.parts[0].overturned_by == appeal.case_id
    assert office.cases.get(other.case_id).decision == other.decision
    by_subject = {(each.kind, each.subject.id): each.status for each in office.actions()}
    assert by_subject["listing.remove", "l1"] == "undone"
    assert by_subject["listing.restore", "l1"] == "pending"
    assert by_subject["listing.remove", "l2"] == "done"
    assert ("listing.restore", "l2") not in by_subject
    assert office.sellers.offices.appeals.listed(state="granted")[0].appeal_id == "ap1"
    with pytest.raises(Conflict, match="decided"):
        office.decide(appeal, "overturned", BEN)


def test_a_rejected_appeal_leaves_everything(store: Store) -> None:
    office, case = furnished(store)
    decided = office.decide(case, wants=[("listing.remove", L1)])
    appeal = appealed(office, decided)
    office.next(BEN, "appeals")
    with pytest.raises(Invalid, match="rejected or overturned"):
        office.decide(appeal, "upheld", BEN)
    office.decide(appeal, "rejected", BEN)
    assert office.cases.get(case.case_id).decision == decided.decision
    assert office.sellers.offices.appeals.listed(state="rejected")[0].appeal_id == "ap1"
    assert [each["outcome"] for each in office.told()] == ["upheld"]


def test_an_appeal_that_is_decided_elsewhere_ends_its_case(store: Store) -> None:
    office, case = furnished(store)
    decided = office.decide(case)
    appeal = appealed(office, decided)
    office.tell(
        "case.decided", case_id="x1", subject={"kind": "listing", "id": "l1"}, outcome="overturned",
        clause="counterfeit", seller_id="u1", store_id="s1", overturns=case.case_id,
    )  # fmt: skip
    ended = office.cases.get(appeal.case_id)
    assert ended.decision is not None
    assert (ended.state, ended.decision.outcome) == ("decided", "overturned")
    before = office.cases.get(case.case_id)
    assert before.decision is not None
    assert before.decision.parts[0].overturned_by == "x1"


def test_an_appeal_about_a_case_of_the_marketplace_is_a_case_too(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.tell(
        "case.decided", case_id="theirs", subject={"kind": "listing", "id": "l1"}, outcome="upheld",
        clause="counterfeit", seller_id="u1", store_id="s1",
    )  # fmt: skip
    office.later(hours=1)
    office.tell("appeal.filed", appeal_id="ap2", case_id="theirs", statement="We have invoices.")
    appeal = office.next(CYD, "appeals")
    assert appeal.about is None
    office.decide(appeal, "overturned", CYD)
    assert office.told()[-1]["overturns"] == "theirs"
    assert office.sellers.offices.appeals.listed(state="granted")[0].appeal_id == "ap2"
