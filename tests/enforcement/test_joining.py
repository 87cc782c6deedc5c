"""One action for one thing to be done: who asks for what stands joins it, and it is undone when no reason is left."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa

from agoranomos.enforcement import actions
from agoranomos.enforcement.model import Want
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.enforcement.builders import POLICY, ask, confirm, kept, log, make_want, trace, undo

REMOVE = make_want()
OTHER = Want("listing.remove", REMOVE.subject, {"reason": "notice"})


def reasons(store: Store) -> list[tuple[str, ...]]:
    return [each.because for each in kept(store, kind="listing.remove")]


def test_the_second_reason_joins_the_first_and_asks_for_nothing(store: Store) -> None:
    (first,) = ask(store, REMOVE, because=["f1"])
    (second,) = ask(store, OTHER, because=["f2"])
    assert second.id == first.id
    assert reasons(store) == [("f1", "f2")]
    ask(store, OTHER, because=["f2"])
    assert reasons(store) == [("f1", "f2")], "asking again is asking for the same"
    assert trace(store)[-1] == "action.join"


def test_in_one_request_as_well(store: Store) -> None:
    found = ask(store, REMOVE, OTHER, make_want(1))
    assert len({each.id for each in found}) == 2
    assert found[0].id == found[1].id
    assert len(kept(store)) == 2


def test_it_is_undone_when_no_reason_is_left_in_whatever_order(store: Store) -> None:
    for number, first_out in enumerate((0, 1, 2)):
        want = make_want(number)
        ids = [want.action_id((f"f{k}",)) for k in range(3)]
        for k in range(3):
            ask(store, want, because=[f"f{k}"])
        confirm(store, ids[0])
        order = [ids[first_out], *(each for each in ids if each != ids[first_out])]
        assert undo(store, order[0]).standing == (ids[0],)
        assert undo(store, order[0]).standing == (ids[0],), "a repeat changes nothing"
        assert undo(store, order[1]).standing == (ids[0],)
        (left,) = kept(store, kind="listing.remove", subject_id=want.subject.id)
        assert left.because == (f"f{ids.index(order[2])}",)
        assert undo(store, order[2]).reversed == (ids[0],)
        assert [each.status for each in kept(store, kind="listing.remove", subject_id=want.subject.id)] == ["undone"]
    assert len(kept(store, kind="listing.restore")) == 3


def test_what_failed_or_was_undone_is_joined_by_nobody(store: Store) -> None:
    (first,) = ask(store, REMOVE, because=["f1"])
    confirm(store, first.id, "failed")
    (second,) = ask(store, REMOVE, because=["f2"])
    confirm(store, second.id)
    undo(store, second.id)
    (third,) = ask(store, REMOVE, because=["f3"])
    assert len({first.id, second.id, third.id}) == 3
    assert third.because == ("f3",)


def test_kinds_that_the_policy_does_not_join_are_asked_for_each(store: Store) -> None:
    points = make_want(kind="seller.deduct_points", points=2)
    assert len({ask(store, points, because=[reason])[0].id for reason in ("f1", "f2")}) == 2


def test_a_listing_that_came_back_is_removed_again(store: Store) -> None:
    (first,) = ask(store, REMOVE, because=["f1"])
    confirm(store, first.id)
    log(store, ("listing.submitted", {
        "listing_id": REMOVE.subject.id, "store_id": "s1", "title": "Mug", "price": {"amount": 1, "currency": "CNY"},
    }))  # fmt: skip
    soon, later = NOW + timedelta(hours=1), NOW + timedelta(days=2)
    assert ask(store, REMOVE, because=["f2"], now=soon)[0].id == first.id, "nobody may have said yet that it is gone"
    assert ask(store, REMOVE, because=["f3"], now=later)[0].id != first.id


def test_what_was_put_back_by_itself_is_removed_again(store: Store) -> None:
    (first,) = ask(store, REMOVE, because=["f1"])
    ask(store, make_want(kind="listing.restore"), because=["f2"], now=NOW + timedelta(minutes=1))
    (again,) = ask(store, REMOVE, because=["f3"], now=NOW + timedelta(minutes=2))
    assert (again.id == first.id, again.because) == (False, ("f3",))


def test_what_waits_for_a_person_holds_up_nobody_who_need_not(store: Store) -> None:
    said = ask(store, REMOVE, because=["f0"])[0]
    undo(store, said.id)
    with store.transaction() as connection:
        connection.execute(sa.text("UPDATE actions SET status = 'proposed' WHERE action_id = :id"), {"id": said.id})
    (second,) = ask(store, REMOVE, because=["f1"])
    assert (second.id == said.id, second.status) == (False, "pending")


def test_who_joined_is_found_under_its_own_id(store: Store) -> None:
    (first,) = ask(store, REMOVE, because=["f1"])
    ask(store, OTHER, because=["f2"])
    with store.reading() as connection:
        assert actions.found(connection, OTHER.action_id(("f2",))).id == first.id


def test_another_subject_is_another_thing(store: Store) -> None:
    stores = Want("listing.remove", Subject("store", REMOVE.subject.id))
    assert ask(store, REMOVE)[0].id != ask(store, stores)[0].id
    assert POLICY.entry("listing.remove").joins
    assert not POLICY.entry("store.suspend").joins


def test_a_desk_that_lifts_takes_back_its_own_reason_only(store: Store) -> None:
    """As monitors say it: what the notices wanted gone and an appraiser as well comes back when neither does."""
    notices, testbuys = Actor("model", "goods.notices"), Actor("model", "goods.testbuys")

    def said(kind: str, by: Actor, because: str) -> Action:
        want, at = make_want(kind=kind), NOW + timedelta(minutes=int(because[1:]))
        return Action(
            id=want.action_id((because,)), at=rfc3339(at), kind=kind, subject=want.subject, params=want.params,
            because=(because,), requested_by=str(by), status="pending",
        )  # fmt: skip

    def take(*actions_said: Action) -> None:
        with store.transaction() as connection:
            actions.take(connection, actions_said, policy=POLICY, now=NOW)

    take(said("listing.remove", notices, "f1"))
    take(said("listing.remove", testbuys, "f2"))
    lifts = said("listing.restore", notices, "c3")
    take(lifts)
    take(lifts)
    assert kept(store, kind="listing.restore") == []
    assert reasons(store) == [("f2",)]
    take(said("listing.restore", testbuys, "c4"))
    assert [each.because for each in kept(store, kind="listing.restore")] == [("c4",)]
    take(said("listing.remove", notices, "f5"))
    take(said("listing.restore", testbuys, "c6"))
    assert len(kept(store, kind="listing.restore")) == 1, "who did not ask for it does not lift it"


def inform(because: str, offer: str, listing: str = "l1") -> Want:
    return Want("buyer.inform", Subject("order", "o1"), {"listing_id": listing, "offer": offer, "of": because})


def test_who_was_told_is_told_again_only_when_more_is_known(store: Store) -> None:
    first, same, more, less, other = (
        ask(store, inform(name, offer, listing), because=[name])[0].id
        for name, offer, listing in (
            ("f1", "return", "l1"), ("f2", "return", "l1"), ("f3", "refund", "l1"), ("f4", "return", "l1"),
            ("f5", "return", "l2"),
        )
    )  # fmt: skip
    assert first == same
    assert more == less
    assert len({first, more, other}) == 3
    # In a measure as well, though it is made of actions of its own.
    measured = [inform("f6", "refund"), inform("f6", "return", "l2"), inform("f6", "refund", "l3")]
    with store.transaction() as connection:
        measure = actions.request_measure(
            connection, measured, by=Actor("model", "m"), because=["f6"], policy=POLICY, now=NOW
        )
    assert measure.actions == 1
    assert len(kept(store, kind="buyer.inform")) == 4
    assert undo(store, other).standing == (other,), "the measure says so as well"
