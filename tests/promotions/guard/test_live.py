"""The guard over the store: what is reserved, settled, given back and stopped, as HTTP and the event log tell it."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.enforcement import queries as asked_for
from agoranomos.enforcement.queries import About
from agoranomos.enforcement.tables import actions as actions_table
from agoranomos.hearing import HEARERS
from agoranomos.intake.actions import accept
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.promotions.breaker.evidence import MeanTest
from agoranomos.promotions.budgets.telling import CouponDecision
from agoranomos.promotions.guard.seeing import TOLD_AFTER
from agoranomos.promotions.guard.service import GuardService
from tests.builders import make_promotions, make_vault
from tests.promotions.scenes import Scene, at, campaign, cny


class House:
    """The guard, its event log, and a clock that stands until it is moved."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = at(1)
        self.guard: GuardService = make_promotions(store, lambda: self.now).guard
        self.scene = Scene()

    def tell(self, *events: Event) -> None:
        """Takes events into the log, and lets the guard hear them."""
        with self.store.transaction() as connection:
            accept(connection, make_vault(), events, now=self.now, hearers=HEARERS)
        self.guard.follow()

    def declare(self, **terms: Any) -> None:
        """A campaign that begins now."""
        self.tell(self.scene.tell("campaign.declared", at(-60), campaign=campaign(**terms)))

    def event(self, kind: str, coupon: str, account: str, **data: Any) -> Event:
        """An event of a coupon, of now."""
        return self.scene.tell(kind, self.now, coupon_id=coupon, campaign_id="c1", account_id=account, **data)

    def claim(self, coupon: str, account: str, key: str | None = None, **data: Any) -> CouponDecision:
        """The check of a claim."""
        return self.guard.claim(self.event("coupon.claimed", coupon, account, **data), key).result(30)

    def use(self, coupon: str, account: str, order: str = "o1", **data: Any) -> CouponDecision:
        """The check of a use."""
        return self.guard.redeem(self.event("coupon.redeemed", coupon, account, order_id=order, **data), None)

    def pass_(self, **spans: float) -> None:
        """Time goes by, and the background work does its turn."""
        self.now += timedelta(**spans)
        self.guard.follow()

    def left(self) -> int:
        """How many coupons are neither given nor in a block."""
        return self.guard.show("c1").budget[0].left

    def codes(self) -> set[str]:
        """The codes of what was found."""
        with self.store.reading() as connection:
            found = judgements.list_findings(connection, judgements.About(), after=None, limit=99)
        return {each.code for each in found}


@pytest.fixture
def house(store: Store) -> Iterator[House]:
    made = House(store)
    yield made
    made.guard.close()


def test_an_approved_claim_holds_its_place_until_it_is_settled(house: House) -> None:
    house.declare(budget={"count": 2})
    first = house.claim("k1", "a1")
    assert first.outcome == "approve"
    assert first.reservation_id is not None
    assert house.claim("k1", "a1").reservation_id == first.reservation_id
    assert house.claim("k2", "a2").outcome == "approve"
    refused = house.claim("k3", "a3")
    assert (refused.outcome, refused.reservation_id) == ("decline", None)
    assert [hit.code for hit in refused.hits] == ["promotions.budget_spent"]
    assert [reason.code for reason in refused.reasons] == ["promotions.refused"]
    house.tell(house.event("coupon.claimed", "k1", "a1"))
    house.pass_(minutes=16)  # k1 was claimed; the reservation of k2 is over
    assert house.claim("k1", "a1").outcome == "approve"
    assert house.claim("k3", "a3").outcome == "approve"
    assert house.claim("k2", "a2").outcome == "decline"
    assert not house.codes()


def test_blocks_return_when_their_time_is_over(house: House) -> None:
    house.declare(budget={"count": 100})
    house.claim("k1", "a1")
    assert house.left() < 99
    house.pass_(seconds=31)
    assert house.left() == 99
    assert [(each.given, each.out) for each in house.guard.show("c1").budget] == [(1, 0)]


def test_a_claim_that_nobody_asked_about_is_counted_or_found(house: House) -> None:
    house.declare(budget={"count": 1})
    house.tell(house.event("coupon.claimed", "k1", "a1"))
    assert not house.codes()
    house.tell(house.event("coupon.claimed", "k2", "a2"))
    assert house.codes() == {"promotions.budget_overrun"}


def test_what_is_refunded_and_void_comes_back(house: House) -> None:
    house.declare(budget={"count": 2}, per_account={"count": 1})
    house.claim("k1", "a1")
    house.claim("k2", "a2")
    for _ in range(2):
        house.tell(house.event("coupon.voided", "k1", "a1"), house.event("coupon.refunded", "k2", "a2"))
    assert house.claim("k1", "a1").hits[0].code == "promotions.coupon_void"
    assert [house.claim(f"k{number}", f"a{number}").outcome for number in (3, 4, 5)] == [
        "approve",
        "approve",
        "decline",
    ]


def test_a_coupon_is_for_one_order(house: House) -> None:
    house.declare()
    house.claim("k1", "a1")
    assert house.use("k1", "a1").outcome == "approve"
    assert house.use("k1", "a1").outcome == "approve"
    assert house.use("k1", "a1", "o2").hits[0].code == "promotions.coupon_used"
    assert house.use("k1", "a2").hits[0].code == "promotions.coupon_of_another"
    house.now += timedelta(minutes=16)  # the first order was given up
    assert house.use("k1", "a1", "o2").outcome == "approve"
    house.tell(house.event("coupon.redeemed", "k1", "a1", order_id="o2"))
    house.now += timedelta(minutes=16)
    assert house.use("k1", "a1", "o2").outcome == "approve"
    assert house.use("k1", "a1", "o3").outcome == "decline"


def test_what_is_paid_is_held_against_the_terms(house: House) -> None:
    house.declare()
    lines = [{"listing_id": "l1", "quantity": 1, "price": cny(10_000)}]
    assert house.use("k1", "a1", paid=cny(40), lines=lines).hits[0].code == "promotions.paid_too_little"
    assert house.use("k1", "a1", paid=cny(9_000), lines=lines).outcome == "approve"


def test_a_key_gives_the_first_answer_again(house: House) -> None:
    house.declare(budget={"count": 1})
    first = house.claim("k1", "a1", "key")
    assert house.claim("k1", "a1", "key") == first
    with pytest.raises(Conflict):
        house.claim("k2", "a1", "key")
    with pytest.raises(Invalid):
        house.claim("k2", "a1", "k" * 200)
    refused = house.claim("k2", "a2", "other")
    house.tell(house.event("coupon.voided", "k1", "a1"))
    assert house.claim("k2", "a2", "other") == refused
    assert house.claim("k2", "a2").outcome == "approve"
    event = house.event("coupon.redeemed", "k2", "a2", order_id="o1")
    assert house.guard.redeem(event, "use") == house.guard.redeem(event, "use")


def test_decisions_are_kept(house: House) -> None:
    house.declare()
    made = [house.claim("k1", "a1"), house.claim("k1", "a2"), house.use("k1", "a1")]
    house.guard.settle()
    with house.store.reading() as connection:
        kept = [judgements.get_decision(connection, each.id) for each in made]
    assert [each.outcome for each in kept] == [each.outcome for each in made]


def test_a_campaign_that_gives_its_goods_away_stops_itself(house: House) -> None:
    house.declare(applies_to={"cash_equivalent": True}, expected={"paid_to_face_ratio": 0.9})
    given = 0
    for number in range(60):
        if house.claim(f"k{number}", f"a{number}").outcome != "approve":
            break
        given += house.use(f"k{number}", f"a{number}", f"o{number}", paid=cny(4)).outcome == "approve"
        house.guard.till.settle()  # what was seen is told a moment later; here at once
    assert 0 < given <= 25
    assert house.guard.show("c1").standing == "stopped"
    assert house.claim("k99", "a99").hits[0].code == "promotions.campaign_stopped"
    assert house.use("k0", "a0", "o99").outcome == "hold"
    house.tell(house.event("coupon.claimed", "k98", "a98"))
    assert {"promotions.paid_below_floor", "promotions.given_after_stop"} <= house.codes()
    with house.store.reading() as connection:
        asked = asked_for.listed(connection, About(subject_id="c1"), after=None, limit=99)
    assert {each.kind for each in asked} >= {"campaign.stop", "campaign.alert"}
    # Two people let it go on: see enforcement. Here only what comes of it.
    with house.store.transaction() as connection:
        row = connection.execute(sa.select(actions_table).limit(1)).one()._mapping
        resumed = {**row, "action_id": "act_resume", "kind": "campaign.resume", "status": "done", "subject_id": "c1",
                   "subject_kind": "campaign"}  # fmt: skip
        connection.execute(actions_table.insert(), resumed)
    house.pass_(seconds=1)
    assert house.guard.show("c1").standing == "running"
    assert house.claim("k99", "a99").outcome == "approve"


def test_a_campaign_that_stops_in_the_middle_of_its_history_is_heard_to_the_end(house: House) -> None:
    """What slows a campaign calls its blocks in, also the one that the same step of following gives from."""
    house.declare(applies_to={"cash_equivalent": True}, expected={"paid_to_face_ratio": 0.9}, budget={"count": 500})
    events = []
    for number in range(120):
        events.append(house.event("coupon.claimed", f"k{number}", f"a{number}"))
        if number >= 20:
            events.append(
                house.event("coupon.redeemed", f"k{number}", f"a{number}", order_id=f"o{number}", paid=cny(4))
            )
    house.tell(*events)
    assert house.guard.show("c1").standing == "stopped"
    assert "promotions.given_after_stop" in house.codes()


def test_what_a_glitch_costs_with_many_clients_is_bounded(house: House) -> None:
    """What the test needs, what may be told late, and what is on its way at that moment: a coupon for each client."""
    clients = 16
    house.declare(applies_to={"cash_equivalent": True}, expected={"paid_to_face_ratio": 0.9})
    claims = [house.event("coupon.claimed", f"k{number}", f"a{number}") for number in range(400)]
    uses = [
        house.event("coupon.redeemed", f"k{number}", f"a{number}", order_id=f"o{number}", paid=cny(4))
        for number in range(400)
    ]

    def client(place: int) -> int:
        given = 0
        for claim, use in zip(claims[place::clients], uses[place::clients], strict=True):
            if house.guard.claim(claim, None).result(60).outcome == "approve":
                given += house.guard.redeem(use, None).outcome == "approve"
        return given

    with ThreadPoolExecutor(clients) as pool:
        given = sum(pool.map(client, range(clients)))
    needed = MeanTest(0.45, least=True).needed(0.004, 1e4)
    assert 0 < given <= needed + TOLD_AFTER + 2 * clients
    house.guard.till.settle()
    assert house.guard.show("c1").standing == "stopped"


def test_terms_change_at_once(house: House) -> None:
    house.declare(budget={"count": 1})
    house.claim("k1", "a1")
    assert house.claim("k2", "a2").outcome == "decline"
    house.now += timedelta(minutes=1)
    house.tell(house.scene.tell("campaign.declared", house.now, campaign=campaign(budget={"count": 3})))
    assert [house.claim(f"k{number}", f"a{number}").outcome for number in (2, 3, 4)] == [
        "approve",
        "approve",
        "decline",
    ]
    house.tell(house.scene.tell("campaign.ended", house.now, campaign_id="c1"))
    assert house.claim("k9", "a9").hits[0].code == "promotions.campaign_not_running"


def test_nobody_has_declared_it(house: House) -> None:
    assert house.claim("k1", "a1").hits[0].code == "promotions.campaign_unknown"
    assert house.use("k1", "a1").outcome == "decline"
    with pytest.raises(NotFound):
        house.guard.show("c1")
    with pytest.raises(Invalid):
        house.guard.redeem(house.event("coupon.claimed", "k1", "a1"), None)
