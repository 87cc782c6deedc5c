"""Frozen money over a history: what freezes, what a payout gets, what gives free."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import pytest

from agoranomos.engine.stream.monitor import Output
from agoranomos.engine.stream.run import Run
from agoranomos.kernel.events import Event
from agoranomos.rules.monitor import asked_by
from agoranomos.rules.replayed import replayed_book
from agoranomos.sellers.conduct.history import monitors
from agoranomos.sellers.freeze.telling import NAME
from tests.sellers.conduct.builders import (
    ACTIONS,
    POLICIES,
    actions,
    appraised,
    brief,
    case,
    closed,
    complained,
    decisions,
    findings,
    notice,
    noticed,
    opened,
    order,
    overturn,
    payout,
    refund,
    replayed,
    returned,
    settled,
    suspects,
)


def said(*events: Event, until: float | None = None) -> list[Output]:
    return replayed(*events, until=until, which=NAME)


def outcomes(*events: Event) -> list[str]:
    return [each.outcome.value for each in decisions(said(*events))]


def test_a_suspected_fake_freezes_its_order_and_nothing_else() -> None:
    found = said(order("o1", 0), order("o2", 0), returned("o1", 1), payout("p1", 2, 20_000, "o1", "o2"),
                 payout("p2", 3, 10_000, "o2"))  # fmt: skip
    frozen = actions(found)[0]
    assert (frozen.kind, frozen.subject.kind, frozen.subject.id) == ("payment.freeze", "order", "o1")
    assert frozen.params["amount"] == {"amount": 10_000, "currency": "CNY"}
    assert frozen.because == (findings(found)[0].id,)
    assert [each.outcome.value for each in decisions(found)] == ["hold", "approve"]
    held = decisions(found)[0]
    assert held.reasons[0].evidence["frozen"] == 10_000
    assert (held.subject.kind, held.subject.id, held.check) == ("store", "s1", "payout")


def test_another_reason_to_return_freezes_nothing() -> None:
    assert actions(said(order("o1", 0), returned("o1", 1, "size"))) == []


def test_several_buyers_freeze_the_listing_and_what_it_earns_later() -> None:
    orders = [order(f"o{number}", 0, buyer=f"b{number}") for number in range(5)]
    suspected = [returned(f"o{number}", 1 + number / 10) for number in range(3)]
    found = said(*orders, *suspected, order("o9", 2, buyer="b9"), payout("p", 3, 10_000, "o9"),
                 payout("q", 3.5, 10_000, "o4"))  # fmt: skip
    assert [each.subject.kind for each in actions(found)] == ["order", "order", "order", "listing"]
    assert [each.outcome.value for each in decisions(found)] == ["hold", "hold"]


def test_one_buyer_who_returns_much_freezes_no_listing() -> None:
    orders = [order(f"o{number}", 0) for number in range(5)]
    found = said(*orders, *(returned(f"o{number}", 1 + number / 10) for number in range(5)))
    assert {each.subject.kind for each in actions(found)} == {"order"}


def test_only_the_share_of_the_listing_is_held() -> None:
    found = said(order("o1", 0, 900, l1=400, l2=500), appraised("t1", 1, listing="l2"), payout("p", 2, 900, "o1"))
    assert actions(found)[0].params["amount"] == {"amount": 500, "currency": "CNY"}
    assert decisions(found)[0].reasons[0].evidence["free"] == 400


def test_a_payout_without_orders_gets_what_is_free() -> None:
    begun = (order("o1", 0), order("o2", 0), returned("o1", 1))
    assert outcomes(*begun, payout("p", 2, 10_000)) == ["approve"]
    assert outcomes(*begun, payout("p", 2, 10_001)) == ["hold"]
    assert outcomes(order("o1", 0), payout("p", 2, 99_999)) == ["approve"], "nothing is frozen; the rest is not ours"


def test_what_was_paid_out_cannot_be_frozen() -> None:
    found = said(order("o1", 0), payout("p", 1, 10_000, "o1"), settled("p", 2), appraised("t", 3))
    assert "amount" not in actions(found)[0].params


def test_a_refund_goes_before_the_store() -> None:
    found = said(order("o1", 0), order("o2", 0), returned("o1", 1), refund("o1", 2, 10_000), payout("p", 3, 1, "o1"))
    assert [each.outcome.value for each in decisions(found)] == ["approve"], "nothing of it is held any more"


def test_the_longest_time_gives_free() -> None:
    found = said(order("o1", 0), returned("o1", 1), payout("p", 30.9, 10_000, "o1"), payout("q", 31.1, 10_000, "o1"))
    assert [each.outcome.value for each in decisions(found)] == ["hold", "approve"]
    assert brief(found)[-1].startswith("31 payment.expire o1")
    again = said(order("o1", 0), returned("o1", 1), returned("o1", 40))
    assert brief(again)[-1].startswith("31 payment.expire o1"), "the same cause freezes once"


def test_an_appeal_gives_free_what_rested_on_the_case() -> None:
    begun = (order("o1", 0), case("c1", 1), payout("p", 2, 10_000, "o1"))
    found = said(*begun, overturn("z", "c1", 3), payout("q", 4, 10_000, "o1"))
    assert [each.outcome.value for each in decisions(found)] == ["hold", "approve"]
    released = actions(found)[-1]
    assert (released.kind, released.because, released.status) == ("payment.release", ("z",), "pending")
    assert released.params == {"amount": {"amount": 10_000, "currency": "CNY"}}


def test_much_money_stays_until_a_second_person_agrees() -> None:
    found = said(order("o1", 0, 2_000_000), case("c1", 1), overturn("z", "c1", 3), payout("q", 4, 1, "o1"))
    assert actions(found)[-1].status == "proposed"
    assert decisions(found)[0].outcome.value == "hold"
    assert (
        len(actions(said(order("o1", 0, 2_000_000), case("c1", 1), overturn("z", "c1", 3), overturn("y", "c1", 4))))
        == 2
    )


def test_money_stays_frozen_for_the_cause_that_is_left() -> None:
    both = (order("o1", 0), case("c1", 1), appraised("t1", 2), overturn("z", "c1", 3), payout("p", 4, 10_000, "o1"))
    assert outcomes(*both) == ["hold"]
    assert [each.kind for each in actions(said(*both))] == ["payment.freeze"]
    moved = (order("o1", 0), appraised("t1", 0.5), case("c1", 2, subject=("order", "o1")), overturn("z", "c1", 3),
             payout("p", 4, 10_000, "o1"))  # fmt: skip
    assert outcomes(*moved) == ["hold"], "the appraisal still says so"
    late = (order("o1", 0), returned("o1", 1), case("c1", 20), payout("p", 32, 10_000, "o1"))
    assert outcomes(*late) == ["hold"], "the order's time is over, the listing's is not: the money moved on"


def test_a_case_that_is_rejected_says_that_the_buyers_were_wrong() -> None:
    orders = [order(f"o{number}", 0, buyer=f"b{number}") for number in range(3)]
    found = said(*orders, *(returned(f"o{number}", 1 + number / 10) for number in range(3)),
                 order("o9", 1.5), case("c1", 2, "rejected"), payout("p", 3, 10_000, "o9"))  # fmt: skip
    assert decisions(found)[0].outcome.value == "approve"


def test_a_complaint_that_calls_it_a_fake_is_as_good_as_a_return() -> None:
    begun = (order("o1", 0), order("o2", 0, listings=("l2",)))
    payouts = (payout("p", 2, 10_000, "o1"), payout("q", 2, 10_000, "o2"))
    assert outcomes(*begun, complained("k", 1, order_id="o1"), *payouts) == ["hold", "approve"]
    assert outcomes(*begun, complained("k", 1, "it is late", order_id="o1"), *payouts) == ["approve"] * 2
    assert outcomes(*begun, complained("k", 1, order_id="unknown"), *payouts) == ["approve"] * 2


def test_a_listing_that_is_cleared_clears_the_orders_that_were_doubted_for_it() -> None:
    o2, o3 = (order(name, 0, 900, buyer=name, l1=400, l2=500) for name in ("o2", "o3"))
    orders = (order("o1", 0), o2, o3)
    doubts = (returned("o1", 1), returned("o2", 1.1, listing_id="l1"), returned("o3", 1.2, listing_id="l2"))
    payouts = (payout(f"p{name}", 3, 1, name) for name in ("o1", "o2", "o3"))
    found = said(*orders, *doubts, case("c1", 2, "rejected"), *payouts)
    assert [each.outcome.value for each in decisions(found)] == ["approve", "approve", "hold"]
    released = [each for each in actions(found) if each.kind == "payment.release"]
    assert {(each.subject.id, each.because) for each in released} == {("o1", ("c1",)), ("o2", ("c1",))}


def test_an_upheld_notice_freezes_its_listings_until_it_is_taken_back() -> None:
    begun = (notice("n", 0, "l1", "l2"), order("o1", 0), order("o2", 0, listings=("l2",)))
    asked = (payout("p", 2, 1, "o1"), payout("q", 2, 1, "o2"))
    assert outcomes(*begun, noticed("n", 1), *asked) == ["hold", "hold"]
    assert outcomes(*begun, noticed("n", 1, l2="rejected"), *asked) == ["hold", "approve"]
    assert outcomes(*begun, noticed("n", 1), noticed("n", 1.5, "rejected"), *asked) == ["approve", "approve"]
    won = case("z", 1.5, "overturned", notice_id="n", overturns="c")
    assert outcomes(*begun, noticed("n", 1), won, *asked) == ["approve", "approve"]
    assert outcomes(notice("n", 0, "l1", kind="patent"), order("o1", 0), noticed("n", 1), asked[0]) == ["approve"]


def test_an_upheld_case_about_an_order_freezes_it_and_one_about_a_store_does_not() -> None:
    found = said(order("o1", 0), case("c", 1, subject=("order", "o1"), store=None), payout("p", 2, 1, "o1"))
    assert (actions(found)[0].kind, actions(found)[0].subject.id) == ("payment.freeze", "o1")
    assert decisions(found)[0].outcome.value == "hold"
    assert not actions(said(order("o1", 0), case("c", 1, subject=("store", "s1"))))


def test_a_store_closed_for_a_violation_is_frozen_until_it_is_there_again() -> None:
    begun = (order("o1", 0), closed("s1", 1), order("o2", 1.5), payout("p", 2, 1, "o2"))
    assert outcomes(*begun) == ["hold"]
    again = said(*begun, opened(day=3), payout("q", 4, 1, "o2"))
    assert brief(again)[-1] == "3 payment.release s1 amount={'amount': 20000, 'currency': 'CNY'}"
    assert [each.outcome.value for each in decisions(again)] == ["hold", "approve"]
    assert outcomes(order("o1", 0), closed("s1", 1, "voluntary"), payout("p", 2, 1, "o1")) == ["approve"]


def test_a_payout_gets_no_more_than_what_is_free_whatever_orders_it_names() -> None:
    begun = (order("o1", 0), order("o2", 0), returned("o1", 1))
    assert outcomes(*begun, payout("p", 2, 10_000, "o2")) == ["approve"]
    assert outcomes(*begun, payout("p", 2, 10_001, "o2")) == ["hold"]
    assert outcomes(*begun, payout("p", 2, 10_001, "of long ago")) == ["hold"]


def test_what_froze_it_need_not_say_whose_it_is() -> None:
    begun = (case("c1", 0, store=None), order("o1", 1), payout("p", 2, 10_000, "o1"), payout("q", 2, 1, store="s1"))
    found = said(*begun)
    assert [each.outcome.value for each in decisions(found)] == ["hold", "hold"]


PAYOUT_RULE = """
- id: sellers.third_payout
  desk: sellers
  listens: payout
  when: payouts(store_id) >= 3 AND amount.amount > 1
  outcome: review
  score: 0.6
  status: live
  reason: {en: "{payouts} payouts within a day.", zh: "一天内 {payouts} 次提现。"}
  subject: {kind: store, field: store_id}
  owner: risk
  hits:
    - {time: 2026-05-01T08:00:00Z, data: {payout_id: p, store_id: s, amount: {amount: 2, currency: CNY}}, features: {"payouts(s)": 3}}
  misses:
    - {time: 2026-05-01T08:00:00Z, data: {payout_id: p, store_id: s, amount: {amount: 2, currency: CNY}}, features: {"payouts(s)": 2}}
"""  # noqa: E501 - one example on a line
PAYOUTS = """
- name: payouts
  description: payouts that a store asks for within a day
  aggregate: count
  event: payout.requested
  by: [store_id]
  window: 1d
"""


def test_rules_that_listen_to_payouts_take_part(tmp_path: Path) -> None:
    (tmp_path / "features.yaml").write_text(PAYOUTS)
    (tmp_path / "rules.yaml").write_text(PAYOUT_RULE)
    asking = partial(asked_by, replayed_book(str(tmp_path)))
    made = monitors(ACTIONS, POLICIES, suspects, asking)
    found = Run(made).feed([payout(f"p{number}", number / 10, 2 - number // 4) for number in range(5)])
    assert [each.outcome.value for each in decisions(found)] == ["approve", "approve", "review", "review", "approve"]
    assert decisions(found)[2].hits[0].code == "sellers.third_payout"
    assert decisions(found)[2].reasons[0].message == "3 payouts within a day."


@pytest.mark.parametrize("paid", [1, 2, 100, 101, 9_999])
def test_shares_add_up(paid: int) -> None:
    found = said(
        order("o1", 0, paid, l1=333, l2=333, l3=334), *(appraised(f"t{n}", n, listing=f"l{n}") for n in (1, 2, 3))
    )
    amounts = [each.params["amount"]["amount"] for each in actions(found) if "amount" in each.params]
    assert sum(amounts) == paid
