"""Who is told what about which order: once, in both languages, over a replay, the store, and HTTP."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import timedelta

import msgspec
import pytest

from agoranomos.enforcement import actions as enforcing
from agoranomos.enforcement.asking import needs_of
from agoranomos.enforcement.replayed import Joined
from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.goods.batches.monitor import BatchMonitor
from agoranomos.goods.monitors import redress_monitor
from agoranomos.goods.redress import queries
from agoranomos.goods.redress.letters import Letter, letter_of
from agoranomos.goods.redress.queries import Asking
from agoranomos.goods.trade.memory import MemoryTrade
from agoranomos.goods.trade.queries import StoreTrade
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.errors import Invalid, NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.goods.redress.test_desk import appraised, sold, step
from tests.goods.redress.test_live import carry_out
from tests.goods.trade.builders import POLICIES, Shop, actions, case, cny, findings, listed, told

LISTED = (listed("l1"), listed("l2"))


def fed(listing: str, batch: str, hours: float = -8) -> Event:
    """The listing is told to sell of the batch."""
    return told(
        "listing.updated", f"fed-{listing}-{batch}", hours, listing_id=listing, store_id="s1", title="Mug",
        price=cny(900), batch_id=batch,
    )  # fmt: skip


def watching() -> BatchMonitor:
    return BatchMonitor(POLICIES.batches, needs_of(POLICIES.actions))


def both(*events: Event) -> list[Output]:
    """What batches and redress come to together, as a replay writes it."""
    run = Run([watching(), redress_monitor(POLICIES)])
    return list(Joined(POLICIES.actions)(run.feed(list(events))))


def live(store: Store, *events: Event) -> Shop:
    """The same in the store: the monitor of batches speaks from the stream, redress from tables."""
    shop, run = Shop(store), Run([watching()])
    for event in events:
        said = run.feed([event])
        with store.transaction() as connection:
            keep_findings(connection, findings(said), now=event.time)
            enforcing.take(connection, actions(said), policy=POLICIES.actions, now=event.time)
        shop.take(event)
    return shop


def letters(store: Store, limit: int = 100, **about: str) -> list[Letter]:
    with store.reading() as connection:
        return queries.letters(connection, Asking(**about), after=None, limit=limit)


def told_of(said: Sequence[Output]) -> Counter[tuple[str, str, str]]:
    informs = {each.id: each for each in actions(said, "buyer.inform")}.values()
    return Counter((each.subject.id, each.params["listing_id"], each.params["offer"]) for each in informs)


# Batch B1 feeds two listings; o1 and o2 were shipped from it, o3 of the second listing from nobody knows which of the
# two, o4 from B2.
STORY = (
    *LISTED, fed("l1", "B1"), fed("l2", "B1"), fed("l2", "B2", -7), sold(1, 0), sold(2, 1, "l2"), sold(3, 2, "l2"),
    sold(4, 3, "l2"), step("shipped", 1, 4, batch_id="B1"), step("shipped", 2, 5, batch_id="B1"), step("shipped", 3, 6),
    step("shipped", 4, 7, batch_id="B2"),
)  # fmt: skip
APPRAISED = appraised(10, batch_id="B1")
CONDEMNED = told("batch.condemned", "bc", 12, batch_id="B1", reason="copies")
TOLD = {("o1", "l1", "refund"): 1, ("o2", "l2", "refund"): 1, ("o3", "l2", "return"): 1}


def test_what_came_of_the_batch_under_other_listings_is_made_good_as_well() -> None:
    said = both(*STORY, APPRAISED)
    refunds = {each.subject.id: each.params["listing_id"] for each in actions(said, "order.refund")}
    assert refunds == {"o1": "l1", "o2": "l2"}, "of o3 it is not known, and o4 is of another batch"
    assert told_of(said) == TOLD
    of_other = next(each for each in findings(said, "goods.confirmed_fake") if each.subject.id == "l2")
    assert [each.code for each in of_other.reasons][-1] == "goods.batch_of_other_listing"


def test_who_bought_later_from_the_batch_is_found() -> None:
    later = (sold(5, 20, "l2"), step("shipped", 5, 21, batch_id="B1"))
    run = Run([redress_monitor(POLICIES)])
    said = run.feed([*STORY, APPRAISED, *later, told("order.delivered", "end", 30, order_id="none")])
    assert [each.subject.id for each in actions(said, "order.refund")] == ["o1", "o2", "o5"]


def test_nobody_is_told_twice_however_often_it_is_found() -> None:
    said = both(*STORY, APPRAISED, CONDEMNED, appraised(14, name="t2", batch_id="B1"), case("c1", 16))
    assert told_of(said) == TOLD


def test_a_condemned_batch_is_told_of_and_a_confirmed_fake_again() -> None:
    """May be of a bad batch: that is told first, and that it is a fake, and the money comes, is news."""
    said = both(*STORY, CONDEMNED, appraised(14, batch_id="B1"), case("c1", 16))
    assert told_of(said) == {
        ("o1", "l1", "return"): 1, ("o1", "l1", "refund"): 1, ("o2", "l2", "return"): 1, ("o2", "l2", "refund"): 1,
        ("o3", "l2", "return"): 1,
    }  # fmt: skip


def test_an_overturned_appraisal_takes_back_what_rests_on_the_batch() -> None:
    overturned = case("c9", 20, "overturned", overturns="t1")
    said = both(*STORY, APPRAISED, overturned)
    assert {each.subject.id for each in actions(said, "listing.restore")} == {"l1", "l2"}
    assert {each.subject.id for each in actions(said, "shipment.resume")} == {"o1", "o2", "o3"}
    assert Counter(each.subject.id for each in actions(said, "buyer.correct")) == {"o1": 1, "o2": 1, "o3": 1}
    last = findings(said, "goods.batch_condemned")[-1]
    assert last.score < 0.3
    assert last.reasons[0].evidence["why"] is None
    # What something else says against the batch stands.
    more = both(*STORY, APPRAISED, CONDEMNED, overturned)
    assert not actions(more, "listing.restore")
    assert {each.subject.id for each in actions(more, "buyer.correct")} == {"o1", "o2"}
    assert findings(more, "goods.batch_condemned")[-1].score == 0.99


def test_live_the_same_people_are_told_once_and_their_letters_can_be_read(store: Store) -> None:
    shop = live(store, *STORY, APPRAISED, CONDEMNED)
    found = letters(store)
    assert Counter((each.order_id, each.listing_id) for each in found) == {
        ("o1", "l1"): 1, ("o2", "l2"): 1, ("o3", "l2"): 1,
    }  # fmt: skip
    by_order = {each.order_id: each for each in found}
    assert {name: (each.buyer_id, each.says) for name, each in by_order.items()} == {
        "o1": ("u1", "fake"), "o2": ("u2", "fake"), "o3": ("u3", "batch_condemned"),
    }  # fmt: skip
    assert by_order["o1"].words == {
        "en": "Goods of your order o1 (l1) were found to be counterfeit. You get 10.00 CNY back and need not send "
        "anything back. The parcel is called back.",
        "zh": "您的订单 o1 中的商品（l1）已被确认为假货。我们将退还 10.00 CNY，商品无需寄回。包裹已被召回。",
    }
    assert by_order["o3"].chance is not None
    assert "may be of a batch" in by_order["o3"].words["en"]
    with store.reading() as connection:
        (recall,) = queries.listed(connection, state=None, listing_id="l2", after=None, limit=9)
    assert [each.order_id for each in letters(store, recall_id=recall.recall_id)] == ["o2"]
    assert [each.order_id for each in letters(store, batch_id="B1")] == ["o3"]
    assert [each.order_id for each in letters(store, buyer_id="u2")] == ["o2"]
    assert letters(store, buyer_id="u2", order_id="o1") == letters(store, order_id="none") == []
    assert len(letters(store, limit=1)) == 1
    with pytest.raises(NotFound):
        letters(store, recall_id="none")
    with pytest.raises(Invalid):
        letters(store, order_id="\0")
    # Overturned: who was told that it is fake is told that it was not confirmed; the batch stays condemned.
    carry_out(shop)
    shop.take(case("c9", 20, "overturned", overturns="t1"))
    assert Counter((each.order_id, each.says, each.status) for each in letters(store)) == {
        ("o1", "fake", "undone"): 1, ("o2", "fake", "undone"): 1, ("o3", "batch_condemned", "done"): 1,
        ("o1", "not_confirmed", "pending"): 1, ("o2", "not_confirmed", "pending"): 1,
    }  # fmt: skip
    assert {each.order_id for each in letters(store, recall_id=recall.recall_id)} == {"o2"}
    assert len(letters(store, recall_id=recall.recall_id)) == 2, "and that it was not confirmed"


def test_a_recall_that_a_person_took_back_does_not_begin_again(store: Store) -> None:
    shop = live(store, *STORY, APPRAISED)
    with store.transaction() as connection:
        (recall,) = queries.listed(connection, state=None, listing_id="l2", after=None, limit=9)
        taken_back = msgspec.structs.replace(recall, state="withdrawn", look_at=None)
        queries.StoreCabinet(connection).put(taken_back)
    shop.take(told("order.delivered", "end", 40, order_id="none"))
    with store.reading() as connection:
        assert len(queries.listed(connection, state=None, listing_id="l2", after=None, limit=9)) == 1


def test_both_trades_know_what_came_of_a_batch_until_orders_are_forgotten(store: Store) -> None:
    pair = [{"listing_id": name, "quantity": 1, "price": cny(1_000)} for name in ("l3", "l4")]
    two = told("order.placed", "p9", 3, order_id="o9", buyer_id="u9", store_id="s1", lines=pair, paid=cny(2_000))
    moved = told("order.shipped", "moved", 9, order_id="o4", batch_id="B3")
    events = [*STORY, two, step("shipped", 9, 8, batch_id="B1"), moved]
    memory = MemoryTrade(orders=timedelta(days=30))
    for event in events:
        if event.type in memory.hears:
            memory.hear(event)
    Shop(store).take(*events)
    with store.reading() as connection:
        tables = StoreTrade(connection)
        for batch, listings in {"B1": ["l1", "l2"], "B2": [], "B3": ["l2"], "none": []}.items():
            assert memory.listings_of_batch(batch, NOW) == tables.listings_of_batch(batch, NOW) == listings
        assert tables.listings_of_batch("B1", NOW + timedelta(hours=1)) == ["l2"], "l1 was sold before"
    memory.hear(sold(10, 24 * 40))
    assert memory.listings_of_batch("B1", NOW) == memory.listings_of_batch("B3", NOW) == []


def test_the_words_say_no_more_than_is_known() -> None:
    def letter(kind: str, **params: object) -> Letter:
        want = Action(
            id="a", at="2026-01-01T00:00:00Z", kind=kind, subject=Subject("order", "o1"), params=params, because=("f",),
            requested_by="model:x", status="done",
        )  # fmt: skip
        return letter_of(want, None, "u1")

    sure = letter("buyer.inform", batch_id="B", probability=1.0, listing_id="l1", offer="return")
    assert "are of a batch" in sure.words["en"]
    assert "可能" not in sure.words["zh"]
    other = letter("buyer.inform", listing_id="l1", offer="return", basis="other_batch")
    assert (other.says, other.buyer_id) == ("may_be_fake", "u1")
    paid = letter("buyer.inform", listing_id="l1", offer="refund")
    assert "paid back before" in paid.words["en"]
    assert "not confirmed" in letter("buyer.correct", listing_id="l1", offer="refund").words["en"]
