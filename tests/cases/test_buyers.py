"""Deciding that goods are fake sets going what buyers are owed; overturning it takes back what can be taken back."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from agoranomos.cases.desk.buyers import ForBuyers
from agoranomos.cases.desk.model import Case
from agoranomos.goods.redress import queries as redress
from agoranomos.goods.redress.actions import settle
from agoranomos.goods.redress.policy import load_policy
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import parse_event
from agoranomos.kernel.store import Store
from tests.cases.office import BEN, CYD, Office, make_finding

PRICE = {"amount": 29_900, "currency": "CNY"}


def sold(office: Office, order_id: str, listing_id: str = "l1", paid: int = 29_900, **shipped: Any) -> None:
    """An order; `shipped`: data of its shipping, such as a batch."""
    office.tell(
        "order.placed", order_id=order_id, buyer_id=f"b-{order_id}", store_id="s1",
        lines=[{"listing_id": listing_id, "quantity": 1, "price": PRICE}], paid={"amount": paid, "currency": "CNY"},
    )  # fmt: skip
    if shipped:
        office.tell("order.shipped", order_id=order_id, **shipped)


def with_sales(store: Store, **more: Any) -> Office:
    office = Office(store)
    office.opened("s1", "u1", "l1", "l2")
    sold(office, "o1", **more)
    sold(office, "o2", **more)
    office.tell("order.shipped", order_id="o2")
    office.tell("order.delivered", order_id="o2")
    office.later(hours=1)
    return office


def upheld(office: Office, clause: str = "counterfeit", **found: Any) -> Case:
    office.find(make_finding(**found))
    return office.decide(office.next(), clause=clause)


def buyers(office: Office, case: Case) -> list[ForBuyers]:
    return office.cases.view(case.case_id).buyers


def owed(office: Office) -> list[int]:
    with office.store.transaction() as connection:
        settle(connection, office.now)
        return [each.settled + each.reserved for each in redress.owed_by(connection, "s1")]


def test_who_decides_that_goods_are_fake_sets_redress_going(store: Store) -> None:
    office = with_sales(store)
    case = upheld(office)
    (found,) = buyers(office, case)
    assert (found.informed, found.refunded, found.stopped, found.waiting) == (2, 2, 1, 0)
    assert (found.refunds, found.state, found.begun_here) == ({"CNY": 59_800}, "standing", True)
    asked = {(each.kind, each.subject.id) for each in office.actions()}
    assert asked >= {("shipment.stop", "o1"), ("order.refund", "o1"), ("order.refund", "o2"), ("buyer.inform", "o2")}
    assert owed(office) == [59_800]
    office.carried_out()
    assert owed(office) == [59_800]


def test_an_appeal_takes_back_what_has_not_reached_the_buyer(store: Store) -> None:
    office = with_sales(store)
    case = upheld(office)
    office.carried_out()
    assert owed(office) == [59_800]
    office.tell("appeal.filed", appeal_id="a1", case_id=case.case_id, statement="They are genuine.")
    appeal = office.next(CYD, "appeals", leads=True)
    office.decide(appeal, "overturned", CYD)
    (found,) = buyers(office, case)
    assert found.state == "withdrawn"
    asked = {(each.kind, each.subject.id) for each in office.actions() if each.status == "pending"}
    assert asked >= {("shipment.resume", "o1"), ("buyer.correct", "o1"), ("buyer.correct", "o2")}
    assert owed(office) == [0], "the buyers keep it, and the store owes nothing"


def test_much_money_waits_for_a_second_person(store: Store) -> None:
    office = with_sales(store, paid=9_000_000)
    (found,) = buyers(office, upheld(office))
    assert found.waiting == 5, "two refunds, two words, one parcel: as one measure"
    assert not [each for each in office.actions() if each.kind == "order.refund" and each.status == "pending"]


def test_a_batch_that_is_fake_reaches_every_listing_that_sent_it(store: Store) -> None:
    office = with_sales(store, batch_id="k1")
    sold(office, "o3", "l2", batch_id="k1")
    sold(office, "o4", "l2", batch_id="k2")
    office.later(hours=1)
    case = upheld(office, name="k1", kind="batch", code="goods.batch_condemned")
    found = {each.listing_id: each for each in buyers(office, case)}
    assert set(found) == {"l1", "l2"}
    assert (found["l2"].informed, found["l2"].refunded) == (1, 1), "nothing speaks against what came of another batch"
    office.tell("appeal.filed", appeal_id="a1", case_id=case.case_id, statement="They are genuine.")
    office.decide(office.next(BEN, "appeals", leads=True), "overturned", BEN)
    assert {each.state for each in buyers(office, case)} == {"withdrawn"}


def test_only_a_clause_on_fakes_says_that_goods_are_fake(store: Store) -> None:
    office = with_sales(store)
    case = upheld(office, clause="misleading_listing")
    assert buyers(office, case) == []
    assert not [each for each in office.actions() if each.kind in ("buyer.inform", "order.refund")]
    policy = load_policy()
    ours = office.rooms.policy.clauses
    assert {name for name in ours if policy.confirms(name)} == {"counterfeit"}
    assert policy.confirms("2.1 Counterfeit goods")
    assert not policy.confirms("4.2 Prohibited goods")


def test_what_the_marketplace_tells_of_itself_is_shown_too(store: Store) -> None:
    office = with_sales(store)
    office.find(make_finding())
    case = office.next()
    at = rfc3339(office.now - timedelta(minutes=1))
    appraised = {"testbuy_id": "t1", "listing_id": "l1", "store_id": "s1", "verdict": "counterfeit",
                 "appraiser_id": "x", "cost": PRICE}  # fmt: skip
    event = {"specversion": "1.0", "id": "e-t1", "source": "shop", "type": "testbuy.appraised", "time": at}
    office.tell("testbuy.appraised", **parse_event({**event, "data": appraised}).data)
    (found,) = buyers(office, case)
    assert (found.begun_here, found.informed) == (False, 2)
    assert msgspec.to_builtins(found)["refunds"] == {"CNY": 59_800}
