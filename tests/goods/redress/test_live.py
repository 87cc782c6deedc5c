"""Redress over the store: measures, the books, and what an appeal takes back; the same as in a replay."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement import endpoints
from agoranomos.enforcement.queries import About, listed, of_measure
from agoranomos.goods.redress import queries
from agoranomos.goods.redress.actions import settle
from agoranomos.goods.redress.booking import buyers, fund, owed
from agoranomos.goods.redress.model import Recall
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.ledger.queries import balances
from agoranomos.kernel.ledger.trial import trial_balance
from agoranomos.kernel.store import Store
from agoranomos.rules.snoozing import NewSnooze, holding, quieted, snooze
from tests.builders import NOW
from tests.goods.redress.test_desk import BEGUN, appraised, sold, step
from tests.goods.trade.builders import POLICIES, VAULT, Shop, actions, case, findings, replayed

LATER = NOW + timedelta(days=3)


def settled(shop: Shop) -> dict[str, int]:
    """What is booked, once everything that is due is."""
    with shop.store.transaction() as connection:
        assert settle(connection, LATER) == ""
    with shop.store.transaction() as connection:
        settle(connection, LATER)
        assert trial_balance(connection) == []
        names = [fund("CNY"), buyers("CNY"), owed("s1", "CNY")]
        return {name: one.posted for name, one in sorted(balances(connection, names).items())}


def recall_of(shop: Shop) -> Recall:
    with shop.store.reading() as connection:
        (recall,) = queries.listed(connection, state=None, listing_id="l1", after=None, limit=9)
    return recall


def carry_out(shop: Shop, outcome: Any = "done") -> int:
    """The marketplace carries out what is asked of it."""
    with shop.store.transaction() as connection:
        waiting = listed(connection, About(status="pending"), after=None, limit=1_000)
        for each in waiting:
            by = Actor("key", "shop")
            enforcing.confirm(connection, each.id, outcome, by=by, policy=POLICIES.actions, now=LATER)
    return len(waiting)


@pytest.fixture
def shop(store: Store) -> Shop:
    return Shop(store)


HISTORY = (*BEGUN, sold(1, 0), sold(2, 1, paid=700), sold(3, 2, "l2"), step("shipped", 1, 3), step("delivered", 1, 9))


def test_live_and_replay_ask_for_the_same(shop: Shop) -> None:
    events = [*HISTORY, appraised(10), sold(4, 12), sold(5, 20, paid=300)]
    shop.take(*events)
    shop.hear(NOW + timedelta(hours=40))
    said = replayed(*events, until=40)
    found, asked = shop.said()
    assert {(each.id, each.revision) for each in findings(said)[-1:]} == found
    assert {each.id for each in actions(said)} == asked
    assert recall_of(shop).informed == 4
    # Heard in parts, one event at a time, it is the same.
    again = shop.said()
    shop.hear(NOW + timedelta(hours=41))
    assert shop.said() == again


def test_what_took_effect_is_charged_and_what_never_will_is_not(shop: Shop) -> None:
    shop.take(*HISTORY, appraised(10))
    recall = recall_of(shop)
    assert [(each.currency, each.refund) for each in recall.totals] == [("CNY", 1_700)]
    assert settled(shop) == {buyers("CNY"): 0, fund("CNY"): 0, owed("s1", "CNY"): 0}, "nothing has gone out"
    with shop.store.transaction() as connection:
        (first, second) = listed(connection, About(kind="order.refund"), after=None, limit=9)
        by = Actor("key", "shop")
        enforcing.confirm(connection, first.id, "done", by=by, policy=POLICIES.actions, now=LATER)
        enforcing.confirm(connection, second.id, "failed", by=by, policy=POLICIES.actions, now=LATER)
    amount = int(first.params["amount"]["amount"])
    assert settled(shop) == {buyers("CNY"): amount, fund("CNY"): 0, owed("s1", "CNY"): -amount}
    with shop.store.reading() as connection:
        (store_owes,) = queries.owed(connection)
    assert (store_owes.settled, store_owes.reserved) == (amount, 0)


def test_an_appeal_gives_back_exactly_what_was_charged(shop: Shop) -> None:
    shop.take(*HISTORY, case("c1", 10))
    carry_out(shop)
    assert settled(shop)[owed("s1", "CNY")] == -1_700
    shop.take(case("c2", 30, "overturned", overturns="c1"))
    assert recall_of(shop).state == "withdrawn"
    assert settled(shop) == {buyers("CNY"): 1_700, fund("CNY"): -1_700, owed("s1", "CNY"): 0}
    assert settled(shop) == settled(shop)
    with shop.store.reading() as connection:
        (measure_id,) = recall_of(shop).measure_ids
        status = {(each.kind, each.status) for each in of_measure(connection, measure_id)}
        resumed = {each.kind for each in listed(connection, About(status="pending"), after=None, limit=99)}
    assert ("order.refund", "done") in status, "what buyers have they keep"
    assert {("buyer.inform", "undone"), ("shipment.stop", "undone")} <= status
    assert resumed == {"buyer.correct", "shipment.resume"}


def test_an_appeal_before_anything_went_out_stops_it_all(shop: Shop) -> None:
    with shop.store.transaction() as connection:
        by = Actor("person", "ada")
        endpoints.add(connection, VAULT, "https://shop.example/actions", allow_private=False, by=by, now=NOW)
    shop.take(*HISTORY, case("c1", 10))
    shop.take(case("c2", 30, "overturned", overturns="c1"))
    assert carry_out(shop) == 0
    assert settled(shop) == {buyers("CNY"): 0, fund("CNY"): 0, owed("s1", "CNY"): 0}
    with shop.store.reading() as connection:
        assert queries.open_bookings(connection, after="", limit=9) == []


def test_what_a_person_undoes_is_not_charged_and_not_asked_for_again(shop: Shop) -> None:
    shop.take(*HISTORY, appraised(10))
    carry_out(shop)
    settled(shop)
    (measure_id,) = recall_of(shop).measure_ids
    with shop.store.transaction() as connection:
        enforcing.undo_measure(connection, measure_id, by=Actor("person", "ada"), policy=POLICIES.actions, now=LATER)
    booked = settled(shop)
    assert booked[owed("s1", "CNY")] == 0
    assert booked[fund("CNY")] < 0, "what buyers were paid they keep"
    recall = recall_of(shop)
    assert (recall.state, recall.look_at, recall.withdrawn_at) == ("withdrawn", None, LATER)
    shop.take(sold(7, 100))
    shop.hear(NOW + timedelta(days=9))
    assert recall_of(shop).informed == recall.informed, "nobody looks for more orders"
    shop.take(appraised(240, name="t9"))
    with shop.store.reading() as connection:
        found = queries.listed(connection, state=None, listing_id="l1", after=None, limit=9)
    assert {each.number: each.state for each in found} == {1: "withdrawn", 2: "standing"}, "a new cause, a new recall"


def test_a_recall_of_which_a_part_is_undone_stands(shop: Shop) -> None:
    shop.take(*HISTORY, appraised(10), sold(4, 12))
    shop.hear(NOW + timedelta(hours=40))
    first, second = recall_of(shop).measure_ids
    for measure_id, state in ((first, "standing"), (second, "withdrawn")):
        with shop.store.transaction() as connection:
            by = Actor("person", "ada")
            enforcing.undo_measure(connection, measure_id, by=by, policy=POLICIES.actions, now=LATER)
        settled(shop)
        assert recall_of(shop).state == state


def test_a_dear_recall_is_one_measure_that_waits_for_one_approval(shop: Shop) -> None:
    shop.take(*BEGUN, *(sold(number, number / 100, paid=1_000_000) for number in range(6)), appraised(10))
    with shop.store.reading() as connection:
        waiting = listed(connection, About(status="proposed"), after=None, limit=99)
    assert len(waiting) == 18
    (approval,) = {each.approval_id for each in waiting}
    assert approval is not None
    with shop.store.transaction() as connection:
        enforcing.refuse(connection, approval, by=Actor("person", "ada"), now=LATER)
    assert settled(shop) == {buyers("CNY"): 0, fund("CNY"): 0, owed("s1", "CNY"): 0}
    with shop.store.reading() as connection:
        (owes,) = queries.owed(connection)
        assert (owes.settled, owes.reserved) == (0, 0)


def test_a_recall_of_more_orders_than_the_brake_allows_waits_as_a_whole(shop: Shop) -> None:
    shop.take(*BEGUN, *(sold(number, number / 100) for number in range(60)), appraised(10))
    with shop.store.reading() as connection:
        status = {each.status for each in listed(connection, About(), after=None, limit=999)}
    assert status == {"proposed"}


def test_nobody_acts_on_what_is_snoozed(shop: Shop) -> None:
    (finding,) = findings(replayed(*HISTORY, appraised(10)))
    wanted = NewSnooze(
        code=finding.code,
        subject=finding.subject,
        reason="A test of ours.",
        until=NOW + timedelta(days=9),
        case_id=None,
    )
    with shop.store.transaction() as connection:
        snooze(connection, wanted, by=Actor("person", "ada"), now=NOW, draw=lambda count: b"x" * count)

    def keep(connection: sa.Connection, said: Any, now: Any) -> None:
        from agoranomos.judgements.actions import keep_findings

        held = holding(connection, {each.code for each in said}, now)
        keep_findings(connection, quieted(said, held), now=now)

    quiet = Shop(shop.store)
    quiet.live = type(quiet.live)(POLICIES, keep)
    quiet.take(*HISTORY, appraised(10))
    with shop.store.reading() as connection:
        assert listed(connection, About(), after=None, limit=9) == []
    assert recall_of(shop).measure_ids == ()
