"""What follows from confirmed fakes in a replay: who is told, refunded, stopped, and what an appeal takes back."""

from __future__ import annotations

from typing import Any

from agoranomos.engine.stream.run import Run
from agoranomos.goods.monitors import redress_monitor
from agoranomos.kernel.events import Event
from tests.goods.trade.builders import POLICIES, actions, case, cny, filed, findings, listed, replayed, ruled, told

BEGUN = (listed("l1"), listed("l2"))


def sold(number: int, hours: float, listing: str = "l1", paid: int = 1_000, store: str = "s1") -> Event:
    line = {"listing_id": listing, "quantity": 1, "price": cny(1_000)}
    return told(
        "order.placed", f"p{number}", hours, order_id=f"o{number}", buyer_id=f"u{number}", store_id=store, lines=[line],
        paid=cny(paid),
    )  # fmt: skip


def step(kind: str, number: int, hours: float, **more: Any) -> Event:
    return told(f"order.{kind}", f"{kind}{number}", hours, order_id=f"o{number}", **more)


def appraised(hours: float, verdict: str = "counterfeit", listing: str = "l1", name: str = "t1", **more: Any) -> Event:
    return told(
        "testbuy.appraised", f"{name}-{hours}", hours, testbuy_id=name, listing_id=listing, store_id="s1",
        verdict=verdict, appraiser_id="a1", cost=cny(5_000), **more,
    )  # fmt: skip


def subjects(said: Any, kind: str) -> list[str]:
    return [each.subject.id for each in actions(said, kind)]


def test_buyers_are_told_and_refunded_and_parcels_stopped() -> None:
    said = replayed(
        *BEGUN, sold(1, 0), sold(2, 1, paid=700), sold(3, 2, "l2"), step("shipped", 1, 3), step("delivered", 1, 9),
        appraised(10),
    )  # fmt: skip
    (found,) = findings(said, "goods.confirmed_fake")
    assert found.subject.id == "l1"
    assert found.reasons[1].evidence["refunds"] == {"CNY": 1_700}
    assert found.reasons[1].evidence["exposure"] == cny(1_700)
    assert subjects(said, "buyer.inform") == ["o1", "o2"]
    assert subjects(said, "shipment.stop") == ["o2"]
    refunds = {each.subject.id: each.params["amount"] for each in actions(said, "order.refund")}
    assert refunds == {"o1": cny(1_000), "o2": cny(700)}
    assert {each.because for each in actions(said)} == {(found.id,)}
    assert {each.status for each in actions(said)} == {"pending"}


def test_a_dear_recall_waits_for_a_second_person_as_a_whole() -> None:
    said = replayed(*BEGUN, *(sold(number, number / 100, paid=1_000_000) for number in range(6)), appraised(10))
    assert {each.status for each in actions(said)} == {"proposed"}
    assert len(actions(said, "order.refund")) == 6


def test_what_is_no_confirmation_changes_nothing() -> None:
    history = (*BEGUN, sold(1, 0))
    rejected = [{"listing_id": "l1", "outcome": "rejected"}]
    for event in (
        appraised(10, "genuine"), appraised(10, "inconclusive"), case("c1", 10, "rejected"), ruled("never", 10),
        case("c1", 10, "overturned"),
    ):  # fmt: skip
        assert not findings(replayed(*history, event), "goods.confirmed")
    for kind, more in (("trademark", {}), ("counterfeit", {"listings": rejected})):
        said = replayed(*history, filed(kind=kind, hours=1), ruled(**more))  # type: ignore[arg-type]
        assert not findings(said, "goods.confirmed")
    assert findings(replayed(*history, filed(hours=1), ruled()), "goods.confirmed")
    assert findings(replayed(*history, case("c1", 10)), "goods.confirmed")


def test_orders_beyond_the_window_are_left_and_later_ones_are_found() -> None:
    old, later, much_later = sold(1, -181 * 24), sold(3, 30), sold(4, 45 * 24)
    said = replayed(old, *BEGUN, sold(2, 0), appraised(10), later, much_later, until=60 * 24)
    assert subjects(said, "buyer.inform") == ["o2", "o3"]
    assert [each.revision for each in findings(said, "goods.confirmed_fake")] == [1, 2]


def test_what_others_paid_back_is_not_paid_again() -> None:
    ours = {"amount": cny(300), "action_id": "act_1"}
    said = replayed(
        *BEGUN, sold(1, 0), sold(2, 0.5), step("refunded", 1, 1, amount=cny(400)),
        step("refunded", 2, 1, **ours), appraised(2),
    )  # fmt: skip
    assert [each.params["amount"]["amount"] for each in actions(said, "order.refund")] == [600, 1_000]


def test_a_second_confirmation_asks_for_nothing_twice_and_an_appeal_against_one_takes_nothing_back() -> None:
    said = replayed(
        *BEGUN, sold(1, 0), appraised(10), case("c1", 11), appraised(12, name="t2"),
        case("c2", 13, "overturned", overturns="c1"),
    )  # fmt: skip
    assert subjects(said, "order.refund") == ["o1"]
    assert not actions(said, "buyer.correct")


def test_an_appeal_takes_back_what_can_be_and_a_new_confirmation_is_a_new_recall() -> None:
    said = replayed(
        *BEGUN, sold(1, 0), case("c1", 10), case("c2", 20, "overturned", overturns="c1"), sold(2, 30), appraised(40)
    )  # fmt: skip
    assert (subjects(said, "shipment.resume"), subjects(said, "buyer.correct")) == (["o1"], ["o1"])
    assert actions(said, "buyer.correct")[0].because == ("c2",)
    assert len({each.id for each in findings(said, "goods.confirmed_fake")}) == 2
    assert subjects(said, "order.refund") == ["o1", "o1", "o2"], "what the first one paid no longer stands in the way"


def test_only_a_batch_is_known_to_be_fake() -> None:
    history = [*BEGUN, *(sold(number, number / 100) for number in range(1, 5))]
    history += [step("shipped", 1, 1, batch_id="B1"), step("shipped", 2, 1.1, batch_id="B2"), step("shipped", 3, 1.2)]
    said = replayed(*history, appraised(10, batch_id="B1"))
    offers = {each.subject.id: each.params for each in actions(said, "buyer.inform")}
    assert {name: (each["offer"], each["basis"]) for name, each in offers.items()} == {
        "o1": ("refund", "same_batch"), "o2": ("return", "other_batch"), "o3": ("return", "unclear_batch"),
        "o4": ("refund", "not_shipped"),
    }  # fmt: skip
    assert offers["o3"]["share"] == 0.5
    assert subjects(said, "order.refund") == ["o1", "o4"]
    # When the listing as such turns out fake, those who were only told are made good as well.
    more = replayed(*history, appraised(10, batch_id="B1"), case("c1", 12))
    assert subjects(more, "order.refund") == ["o1", "o4", "o2", "o3"]
    (_, last) = findings(more, "goods.confirmed_fake")
    assert last.reasons[-1].evidence["refunds"] == {"CNY": 4_000}


def test_a_monitor_that_is_stopped_goes_on_where_it_was() -> None:
    first, second = redress_monitor(POLICIES), redress_monitor(POLICIES)
    events = [*BEGUN, sold(1, 0), appraised(10), sold(2, 12), case("c1", 14)]
    run = Run([first])
    said = run.feed(events[:4])
    second.resume(first.state())
    rest = Run([second], now=run.now)
    said += rest.feed(events[4:])
    assert said == [each for each in replayed(*events) if "redress" in str(each) or "confirmed" in str(each)]
