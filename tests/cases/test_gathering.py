"""Findings gather into cases by policy, each once, and a case is as harmful as the worst of them."""

from __future__ import annotations

import pytest

from agoranomos.cases.desk.gathering import on_curve
from agoranomos.cases.desk.queries import About
from agoranomos.cases.policy import load_policy, parse_policy
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Related, Subject
from agoranomos.kernel.store import Store
from tests.cases.office import ADA, Office, make_finding


def cases_of(office: Office, **about: str) -> list[tuple[str, int, int]]:
    """(what it gathers about, revision, findings) of all cases, in the order of the first."""
    found = office.cases.listed(About(**about), after=None, limit=100)  # type: ignore[arg-type]
    return sorted((each.gather_key, each.revision, each.findings) for each in found)


def test_findings_on_one_subject_are_one_case_that_grows(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    office.find(make_finding(), make_finding(code="goods.pictures_match", score=0.95))
    (case,) = office.cases.page("goods", after=None, limit=10)
    assert (case.subject, case.seller_id, case.store_id) == (Subject("listing", "l1"), "u1", "s1")
    assert (case.revision, case.findings, case.codes) == (2, 2, ("goods.counterfeit_suspected", "goods.pictures_match"))
    assert case.harm.code == "goods.pictures_match", "the worst one says how harmful it is"
    assert case.priority == round(0.95 * 50_000 * 0.6)
    office.find(make_finding(score=0.99, revision=2))
    (grown,) = office.cases.page("goods", after=None, limit=10)
    assert (grown.case_id, grown.revision, grown.harm.code) == (case.case_id, 3, "goods.counterfeit_suspected")
    office.find(make_finding(score=0.6, revision=3))
    (fallen,) = office.cases.page("goods", after=None, limit=10)
    assert (fallen.revision, fallen.harm.code) == (4, "goods.pictures_match"), "the other one is worse now"
    assert fallen.priority == case.priority


def test_a_repeat_changes_nothing(store: Store) -> None:
    office = Office(store)
    office.find(make_finding())
    office.find(make_finding())
    assert office.cases.gather() == 0
    assert cases_of(office) == [("listing:l1", 1, 1)]


def test_shadows_doubts_and_consequences_open_no_case(store: Store) -> None:
    office = Office(store)
    office.find(
        make_finding("l1", status="shadow"), make_finding("l2", score=0.49),
        make_finding("l3", code="goods.confirmed_fake", score=1.0),
    )  # fmt: skip
    assert cases_of(office) == []


def test_rings_and_batches_gather(store: Store) -> None:
    office = Office(store)
    batch = (Related("batch", "b1", "tie"),)
    office.find(
        *(make_finding(f"a{n}", code="promotions.coupon_ring", kind="account", ring_id="r1") for n in range(3)),
        *(make_finding(f"l{n}", code="goods.batch_condemned", related=batch) for n in range(2)),
        make_finding("s9", code="sellers.linked_store", kind="store"),
    )
    assert cases_of(office) == [("batch:b1", 2, 2), ("ring:r1", 3, 3), ("store:s9", 1, 1)]
    (ring,) = office.cases.page("promotions", after=None, limit=9)
    assert {each.id for each in ring.members} == {"a0", "a1", "a2"}
    (of_batch,) = office.cases.page("goods", after=None, limit=9)
    assert of_batch.subject == Subject("batch", "b1")
    assert {each.id for each in of_batch.members} == {"l0", "l1"}


def test_what_the_events_say_is_at_stake_counts(store: Store) -> None:
    office = Office(store)
    office.find(make_finding("l1"), make_finding("l2", exposure=9_000_000, score=0.5))
    first, second = office.cases.page("goods", after=None, limit=9)
    assert (first.subject.id, second.subject.id) == ("l2", "l1")
    assert first.harm.exposure_known
    assert not second.harm.exposure_known
    assert "27,000.00 CNY = 50% probable" in office.cases.view(first.case_id).why


def test_a_decided_case_opens_again_only_for_news(store: Store) -> None:
    office = Office(store)
    office.find(make_finding(score=0.6))
    office.decide(office.next(), "rejected")
    office.find(make_finding(score=0.65, revision=2))
    assert cases_of(office, state="open") == [], "hardly surer than when it was decided"
    office.find(make_finding(score=0.8, revision=3))
    assert cases_of(office, state="open") == [("listing:l1", 1, 1)]
    (again,) = office.cases.page("goods", after=None, limit=9)
    assert again.number == 2
    assert [each.case_id for each in office.cases.view(again.case_id).history] == [again.earlier]


def test_history_shows_the_seller_and_the_ring(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1", "l2")
    office.find(make_finding("l1"))
    first = office.decide(office.next(), "upheld")
    office.find(make_finding("l2"))
    (second,) = office.cases.page("goods", after=None, limit=9)
    assert [each.case_id for each in office.cases.view(second.case_id).history] == [first.case_id]


def test_complainants_are_weighed(store: Store) -> None:
    office = Office(store)
    office.opened("s1", "u1", "l1")
    order = {"order_id": "o1", "buyer_id": "b1", "store_id": "s1", "paid": {"amount": 9_900, "currency": "CNY"}}
    line = {"listing_id": "l1", "quantity": 1, "price": {"amount": 9_900, "currency": "CNY"}}
    office.tell("order.placed", **order, lines=[line])
    office.tell("return.requested", return_id="r1", order_id="o1", reason_code="suspected_fake")
    office.find(make_finding("l1"))
    view = office.cases.view(office.next().case_id)
    (said,) = view.complainants
    assert (said.account_id, said.listing_id, said.right, said.wrong, said.doubtful) == ("b1", "l1", 0, 0, False)
    assert said.weight == pytest.approx(2 / 3, abs=1e-3)


def test_a_report_by_hand_is_a_case(store: Store) -> None:
    office = Office(store)
    case = office.cases.report("k1", Subject("store", "s1"), "A letter says so; call 13800138000.", by=ADA)
    assert (case.queue, case.kind, case.findings) == ("reports", "report", 0)
    assert office.cases.report("k1", Subject("store", "s2"), "Again.", by=ADA).case_id == case.case_id
    (said,) = office.cases.view(case.case_id).texts
    assert "138" not in said.text


def test_curves_are_straight_between_points() -> None:
    curve = ((0.5, 0.2), (0.7, 0.6), (0.9, 0.6))
    assert [round(on_curve(curve, score), 3) for score in (0.1, 0.5, 0.6, 0.7, 0.8, 1.0)] == [
        0.2, 0.2, 0.4, 0.6, 0.6, 0.6,
    ]  # fmt: skip


def test_the_policy_is_read_strictly() -> None:
    shipped = load_policy()
    assert shipped.irreversibility_of("goods.batch_condemned") == 0.9
    raw = b'version = "1"\nscore_min = 2\n'
    with pytest.raises(Invalid, match="cases"):
        parse_policy(raw)
