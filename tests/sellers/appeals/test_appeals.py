"""Appeals take back exactly what rested on a case; who was hardly ever right stops nobody's money."""

from __future__ import annotations

import pytest

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.model import Want
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.sellers.appeals.model import Record
from agoranomos.sellers.appeals.service import AppealService
from agoranomos.sellers.appeals.telling import BAD_FAITH, OVERDUE
from agoranomos.sellers.points.actions import Verbs
from tests.sellers.conduct.builders import (
    ACTIONS,
    POLICIES,
    VAULT,
    Market,
    actions,
    case,
    complained,
    findings,
    on,
    opened,
    order,
    overturn,
    replayed,
    returned,
    told,
)

ADA = Actor("person", "ada")
RULES = POLICIES.appeals.complainants


def appealed(name: str, what: str, day: float) -> Event:
    return told("appeal.filed", name, day, appeal_id=name, case_id=what, statement="We have invoices.")


def service(market: Market) -> AppealService:
    verbs = Verbs(VAULT, {}, market.live.catch_up)
    return AppealService(market.store, verbs, POLICIES.appeals, ACTIONS, lambda: market.now)


def test_a_granted_appeal_takes_back_everything_that_rested_on_the_case(store: Store) -> None:
    market = Market(store).take(
        opened(), order("o1", 0), case("c1", 1), case("c2", 2, subject=("listing", "l2")), appealed("a1", "c2", 3)
    )
    remove, other = (Want("listing.remove", Subject("listing", name)) for name in ("l2", "l7"))
    with store.transaction() as connection:
        for want, why in ((remove, "c2"), (other, "c1")):
            asked = enforcing.request(connection, [want], by=ADA, because=[why], policy=ACTIONS, now=market.now)
            enforcing.confirm(connection, asked[0].id, "done", by=ADA, policy=ACTIONS, now=market.now)
    office = service(market)
    market.now = on(4)
    granted = office.decide("a1", "granted", by=ADA)
    assert (granted.state, granted.decided_case[:5]) == ("granted", "case_")
    assert office.decide("a1", "granted", by=ADA) == granted
    with pytest.raises(Conflict, match="is granted"):
        office.decide("a1", "rejected", by=ADA)
    with store.reading() as connection:
        kept = asked_for.listed(connection, asked_for.About(), after=None, limit=100)
    undone = {(each.kind, each.subject.id) for each in kept if each.reverses is not None}
    assert ("listing.restore", "l2") in undone
    assert ("listing.restore", "l7") not in undone, "it rested on another case"
    assert {each.kind for each in kept if each.kind == "payment.release"} == {"payment.release"}
    money = [each for each in kept if each.kind == "payment.release"]
    assert [each.subject.id for each in money] == ["l2"]


def test_a_rejected_appeal_changes_nothing(store: Store) -> None:
    market = Market(store).take(opened(), case("c1", 1), appealed("a1", "c1", 2), appealed("a2", "c9", 2))
    office = service(market)
    assert office.decide("a1", "rejected", by=ADA).state == "rejected"
    assert [each.state for each in office.listed(state="rejected")] == ["rejected"]
    for name in ("a2", "a9"):
        with pytest.raises(NotFound):
            office.decide(name, "granted", by=ADA)
    market.take(overturn("z", "c1", 3), appealed("a3", "c1", 4))
    with pytest.raises(Conflict, match="does not stand"):
        office.decide("a3", "granted", by=ADA)


def test_a_late_decision_is_said_once() -> None:
    said = findings(replayed(case("c1", 0), appealed("a1", "c1", 1), until=30))
    late = [each for each in said if each.code == OVERDUE]
    assert [(each.subject.kind, each.subject.id) for each in late] == [("listing", "l1")]
    assert not [
        each
        for each in findings(replayed(case("c1", 0), appealed("a1", "c1", 1), overturn("z", "c1", 2), until=30))
        if each.code == OVERDUE
    ]


def test_an_appeal_that_somebody_decided_is_not_late() -> None:
    decided = told(
        "staff.acted",
        "d1",
        2,
        staff_id="p1",
        action="case.decide",
        target_kind="case",
        target_id="c1",
        reason="rejected",
    )
    said = findings(replayed(case("c1", 0), appealed("a1", "c1", 1), decided, until=30))
    assert not [each for each in said if each.code == OVERDUE]


def wrong(count: int, buyer: str = "b1", first: int = 0) -> list[Event]:
    """So many listings that a buyer suspects and a case clears."""
    events = []
    for number in range(first, first + count):
        listing, name = f"w{number}", f"o{buyer}{number}"
        events += [
            order(name, number, 100, buyer=buyer, listings=(listing,)), returned(name, number + 0.1),
            case(f"k{number}", number + 0.5, "rejected", subject=("listing", listing)),
        ]  # fmt: skip
    return events


def test_one_wrong_suspicion_proves_nothing_and_many_do() -> None:
    assert not Record(0, 1).doubtful(RULES)
    assert not Record(3, 13).doubtful(RULES), "somebody who was right now and then"
    assert Record(0, 20).doubtful(RULES)
    assert Record(0, 0).expected(RULES) > Record(0, 5).expected(RULES) > Record(0, 20).expected(RULES)
    few = replayed(*wrong(4))
    assert not [each for each in findings(few) if each.code == BAD_FAITH]
    many = replayed(*wrong(20), order("last", 30, buyer="b1"), returned("last", 31))
    told_of = [each for each in findings(many) if each.code == BAD_FAITH]
    assert {each.subject.id for each in told_of} == {"b1"}
    assert "last" not in {each.subject.id for each in actions(many) if each.kind == "payment.freeze"}
    other = replayed(*wrong(20), order("last", 30, buyer="b2"), returned("last", 31))
    assert "last" in {each.subject.id for each in actions(other) if each.kind == "payment.freeze"}


def test_who_complains_falsely_has_a_record_like_who_returns() -> None:
    events = []
    for number in range(20):
        cleared = case(f"k{number}", number + 0.5, "rejected", subject=("listing", f"w{number}"))
        about = {"listing_id": f"w{number}", "buyer_id": "b1"}
        events += [
            complained(f"c{number}", number, **about),
            complained(f"d{number}", number, "late", **about),
            cleared,
        ]
    told_of = [each for each in findings(replayed(*events)) if each.code == BAD_FAITH]
    assert {each.subject.id for each in told_of} == {"b1"}
    more = (order("last", 30, buyer="b1"), complained("last", 31, order_id="last"))
    assert not [each for each in actions(replayed(*events, *more)) if each.kind == "payment.freeze"]


def test_a_verdict_that_is_overturned_no_longer_counts(store: Store) -> None:
    market = Market(store).take(
        *wrong(3), case("up", 50, subject=("listing", "x")), order("ox", 49, 5, buyer="b1", listings=("x",))
    )
    market.take(returned("ox", 49.5))
    found = service(market).complainant("b1")
    assert (found.right, found.wrong) == (1, 3)
    market.take(overturn("z", "up", 51, subject=("listing", "x")))
    assert service(market).complainant("b1").right == 0
    assert service(market).complainant("nobody").weight == pytest.approx(2 / 3, abs=1e-3)
