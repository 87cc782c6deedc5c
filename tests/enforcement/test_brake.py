"""The brake stops whoever is about to act on too many, exactly, and lets nobody through beside it."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from agoranomos.enforcement.model import Want
from agoranomos.enforcement.tables import outbox
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.enforcement.builders import (
    ADA,
    BOB,
    EVE,
    RULE,
    approve,
    ask,
    ask_measure,
    kept,
    log,
    make_want,
    policy_with,
    refuse,
    statuses,
    undo_measure,
)

RESTORE = "listing.restore"
TEN = policy_with(("subjects_max = 50", "subjects_max = 10"), ("= 20 }", "= 3 }"))


def outgoing(store: Store) -> int:
    with store.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(outbox)).scalar_one())


def test_the_surplus_and_all_that_follows_waits_for_one_approval(store: Store) -> None:
    asked = ask(store, *(make_want(number) for number in range(12)), policy=TEN)
    assert [each.status for each in asked] == ["pending"] * 10 + ["proposed"] * 2
    assert ask(store, make_want(3, RESTORE), because=["f9"], policy=TEN)[0].status == "proposed", (
        "also about a known subject"
    )
    assert len({each.approval_id for each in kept(store, status="proposed")}) == 1
    assert outgoing(store) == 10


@pytest.mark.slow
def test_subjects_are_counted_and_not_actions(store: Store) -> None:
    for number in range(30):
        assert ask(store, make_want(number % 10), because=[f"f{number}"], policy=TEN)[0].status == "pending"
    assert ask(store, make_want(10), policy=TEN)[0].status == "proposed"


def test_the_window_slides(store: Store) -> None:
    for number in range(10):
        ask(store, make_want(number), policy=TEN, now=NOW + timedelta(minutes=number))
    later = NOW + timedelta(minutes=60)
    asked = ask(store, make_want(10), make_want(11), policy=TEN, now=later)
    assert [each.status for each in asked] == ["pending", "proposed"], "one has left the window by then"


def test_a_subject_stays_counted_from_its_last_action(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(10)), policy=TEN)
    ask(
        store,
        *(make_want(number, RESTORE) for number in range(10)),
        because=["f2"],
        policy=TEN,
        now=NOW + timedelta(minutes=50),
    )
    assert ask(store, make_want(10), policy=TEN, now=NOW + timedelta(minutes=70))[0].status == "proposed"


def test_a_tighter_line_for_one_kind(store: Store) -> None:
    frozen = ask(store, *(make_want(number, "payment.freeze") for number in range(4)), policy=TEN)
    assert [each.status for each in frozen] == ["pending"] * 3 + ["proposed"]


def test_each_actor_has_a_brake_of_their_own(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(11)), policy=TEN)
    assert ask(store, make_want(20), by=Actor("rule", "r2"), policy=TEN)[0].status == "pending"
    assert ask(store, make_want(21), by=Actor("model", "r1"), policy=TEN)[0].status == "pending"


def test_who_agrees_lets_them_go_and_forgives(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(13)), policy=TEN, answering=[ADA])
    waiting = kept(store, status="proposed")[0].approval_id
    with pytest.raises(Forbidden, match="gain"):
        approve(store, waiting, by=ADA)
    with pytest.raises(Forbidden):
        approve(store, waiting, by=RULE)
    assert len(approve(store, waiting, by=BOB)) == 3
    assert statuses(kept(store)) == {"pending": 13}
    assert outgoing(store) == 13
    fresh = ask(store, *(make_want(number) for number in range(100, 111)), policy=TEN)
    assert statuses(fresh) == {"pending": 10, "proposed": 1}


def test_who_refuses_leaves_the_count_as_it_is(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(12)), policy=TEN)
    first = kept(store, status="proposed")[0].approval_id
    assert statuses(refuse(store, first)) == {"refused": 2}
    assert ask(store, make_want(20), policy=TEN)[0].status == "proposed"
    second = kept(store, status="proposed")[0].approval_id
    later = NOW + timedelta(minutes=61)
    assert second != first
    assert outgoing(store) == 10
    refuse(store, second, now=later)
    assert ask(store, make_want(21), policy=TEN, now=later)[0].status == "pending"


def test_a_release_that_nobody_decided_on_is_asked_for_again(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(12)), policy=TEN)
    later = NOW + timedelta(days=4)
    ask(store, make_want(20), policy=TEN, now=later)
    waiting = {each.approval_id for each in kept(store, status="proposed")}
    assert len(waiting) == 1
    assert len(approve(store, waiting.pop(), now=later)) == 3


def test_a_person_is_braked_and_cannot_agree_themselves(store: Store) -> None:
    ask(store, *(make_want(number) for number in range(21)), by=EVE)
    waiting = kept(store, status="proposed")[0].approval_id
    with pytest.raises(Forbidden):
        approve(store, waiting, by=EVE)
    assert statuses(approve(store, waiting, by=ADA)) == {"pending": 1}


def catalogue_of(store: Store, listings: int, stores: int = 1) -> None:
    told = [("store.opened", {"store_id": f"s{number}"}) for number in range(stores)]
    told += [("listing.submitted", {"listing_id": f"l{n}", "store_id": f"s{n % stores}"}) for n in range(listings)]
    log(store, *told)


def test_a_share_of_what_is_live_stops_before_the_number_does(store: Store) -> None:
    catalogue_of(store, 1_200)
    asked = ask(store, *(make_want(number) for number in range(14)))
    assert [each.status for each in asked] == ["pending"] * 12 + ["proposed"] * 2, "1 % of 1,200"
    assert ask(store, make_want(1, "seller.warn"))[0].status == "proposed", "who is held is held for everything"
    waiting = kept(store, status="proposed")[0].approval_id
    assert statuses(approve(store, waiting)) == {"pending": 3}
    assert statuses(ask(store, *(make_want(number) for number in range(20, 33)))) == {"pending": 12, "proposed": 1}


def test_in_a_small_market_some_may_always_be_acted_on(store: Store) -> None:
    catalogue_of(store, 30, stores=6)
    assert statuses(ask(store, *(make_want(number) for number in range(11)))) == {"pending": 10, "proposed": 1}
    other = Actor("rule", "r2")
    suspended = ask(store, *(make_want(number, "store.resume") for number in range(4)), by=other)
    assert [each.status for each in suspended] == ["pending"] * 3 + ["proposed"]


def test_shares_are_of_each_kind_of_subject_over_all_kinds_of_action(store: Store) -> None:
    catalogue_of(store, 100)
    ask(store, *(make_want(number) for number in range(6)))
    ask(store, *(make_want(number, "seller.warn") for number in range(20)))
    again = ask(store, *(make_want(number, "listing.restore") for number in range(2, 11)))
    assert [each.status for each in again] == ["pending"] * 8 + ["proposed"]


def test_a_measure_above_the_share_is_held_as_one(store: Store) -> None:
    catalogue_of(store, 1_000)
    assert ask_measure(store, *(make_want(number) for number in range(11)), by=RULE).counts == {"proposed": 11}


@pytest.mark.slow
def test_a_large_catalogue_leaves_the_number_as_it_is(store: Store) -> None:
    catalogue_of(store, 6_000)
    assert statuses(ask(store, *(make_want(number) for number in range(51)))) == {"pending": 50, "proposed": 1}


def test_a_measure_is_held_as_one(store: Store) -> None:
    measure = ask_measure(store, *(make_want(number) for number in range(11)), by=RULE, policy=TEN)
    assert measure.counts == {"proposed": 11}
    assert outgoing(store) == 0
    assert ask(store, make_want(50), policy=TEN)[0].status == "proposed", "and so is all that follows"
    assert len(approve(store, kept(store)[0].approval_id)) == 12


def test_one_release_is_enough_for_what_needs_approval_by_its_kind_too(store: Store) -> None:
    asked = ask(store, *(make_want(number, "store.close") for number in range(11)), policy=TEN)
    assert statuses(asked) == {"proposed": 11}
    held = kept(store, subject_id="s10")[0].approval_id
    assert [each.subject.id for each in approve(store, held)] == ["s10"]


def test_when_all_that_was_held_is_stopped_the_actor_is_still_let_go(store: Store) -> None:
    measure = ask_measure(store, *(make_want(number) for number in range(11)), by=RULE, policy=TEN)
    held = kept(store)[0].approval_id
    assert len(undo_measure(store, measure.id).stopped) == 11
    assert approve(store, held) == []
    assert ask(store, make_want(50), policy=TEN)[0].status == "pending"
    with pytest.raises(Conflict):
        approve(store, held)


@pytest.mark.slow
def test_nothing_slips_through_sixteen_threads(store: Store) -> None:
    """Each thread asks for its own and for common subjects; of all of them exactly ten distinct ones go out."""
    start = threading.Barrier(16)

    def work(thread: int) -> None:
        start.wait()
        for number in range(6):
            ask(
                store,
                make_want(1000 + thread * 100 + number),
                make_want(number % 3, RESTORE),
                because=[f"f{thread}"],
                policy=TEN,
            )

    with ThreadPoolExecutor(16) as threads:
        for done in [threads.submit(work, number) for number in range(16)]:
            done.result()
    gone = kept(store, status="pending")
    assert len({each.subject.id for each in gone}) == 10
    assert outgoing(store) == len(gone)
    held = kept(store, status="proposed")
    assert len({each.approval_id for each in held}) == 1
    assert len(gone) + len(held) == 16 * 9
    assert len(approve(store, held[0].approval_id)) == len(held)


def test_what_only_tells_somebody_is_neither_counted_nor_held(store: Store) -> None:
    told = [make_want(number, "notice.tell") for number in range(100, 120)]
    assert statuses(ask(store, *told, policy=TEN)) == {"pending": 20}
    asked = ask(store, *(make_want(number) for number in range(12)), *told[:1], because=["f2"], policy=TEN)
    assert [each.status for each in asked] == ["pending"] * 10 + ["proposed"] * 2 + ["pending"]
    assert ask(store, told[1], because=["f3"], policy=TEN)[0].status == "pending", "also while the brake holds"
    assert ask(store, make_want(1, RESTORE), because=["f3"], policy=TEN)[0].status == "proposed"


def test_a_measure_that_is_held_tells_nobody_anything(store: Store) -> None:
    measure = ask_measure(store, *(make_want(number) for number in range(12)), make_want(0, "buyer.correct"), by=RULE,
                          policy=TEN)  # fmt: skip
    assert measure.counts == {"proposed": 13}


def test_much_money_at_once_waits_for_a_second_person(store: Store) -> None:
    def refunds(amount: int) -> list[Want]:
        money = {"amount": amount, "currency": "CNY"}
        return [make_want(number, "order.refund", amount=money) for number in range(5)]

    assert statuses(ask(store, *refunds(1_000_000))) == {"pending": 5}
    assert statuses(ask(store, *refunds(1_000_001))) == {"proposed": 5}
    held = ask_measure(store, *refunds(1_000_002), make_want(7, "shipment.stop"), by=RULE)
    assert held.counts == {"proposed": 6}, "a measure waits as one"
