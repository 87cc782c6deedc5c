"""Undoing reverses exactly what took effect, once, and accounts for every action."""

from __future__ import annotations

import itertools
import tempfile
from datetime import timedelta
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import given, settings

from agoranomos.enforcement import endpoints
from agoranomos.enforcement.model import Undone
from agoranomos.enforcement.outbox import claim
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault
from tests.drawing import examples
from tests.enforcement.builders import (
    ADA,
    POLICY,
    approve,
    ask,
    ask_measure,
    confirm,
    kept,
    make_want,
    statuses,
    trace,
    undo,
    undo_measure,
)
from tests.stores import make_store

LATER = NOW + timedelta(hours=1)


def test_what_took_effect_is_reversed_once(store: Store) -> None:
    action = ask(store, make_want(1, "seller.deduct_points", points=12))[0]
    confirm(store, action.id)
    undone = undo(store, action.id, now=LATER)
    assert undone.reversed == (action.id,)
    original, reversing = kept(store)
    assert (reversing.id, reversing.kind) == (undone.by[0], "seller.restore_points")
    assert (reversing.params, reversing.because, reversing.status) == ({"points": 12}, (action.id,), "pending")
    assert original.status == "undone"
    assert undo(store, action.id, now=LATER + timedelta(hours=1)) == undone
    assert len(kept(store)) == 2


def test_undoing_an_undo_does_it_again(store: Store) -> None:
    action = ask(store, make_want(1))[0]
    confirm(store, action.id)
    restored = undo(store, action.id).by[0]
    confirm(store, restored)
    again = undo(store, restored, now=LATER).by[0]
    assert [each.status for each in kept(store, subject_id="l1") if each.id == restored] == ["undone"]
    assert next(each.kind for each in kept(store) if each.id == again) == "listing.remove"


def test_a_reversal_that_needs_a_second_person_waits(store: Store) -> None:
    frozen = ask(store, make_want(1, "payment.freeze"))[0]
    confirm(store, frozen.id)
    undone = undo(store, frozen.id)
    original, release = kept(store)
    assert (release.status, original.status) == ("proposed", "done")
    assert undo(store, frozen.id, now=LATER) == undone
    approve(store, release.approval_id)
    assert [each.status for each in kept(store)] == ["undone", "pending"]


def test_a_reversal_that_failed_may_be_tried_again(store: Store) -> None:
    action = ask(store, make_want(1))[0]
    confirm(store, action.id)
    first = undo(store, action.id).by[0]
    confirm(store, first, "failed")
    assert kept(store)[0].status == "done", "nothing was taken back"
    second = undo(store, action.id, now=LATER).by[0]
    assert second != first
    assert statuses(kept(store)) == {"undone": 1, "failed": 1, "pending": 1}


def test_what_is_for_good_is_said_to_be(store: Store) -> None:
    paid = ask(store, make_want(1, "order.refund"))[0]
    confirm(store, paid.id)
    assert undo(store, paid.id) == Undone(lasting=(paid.id,))
    with pytest.raises(NotFound):
        undo(store, "act_none")


def test_what_nobody_has_tried_to_deliver_never_goes_out(store: Store) -> None:
    with store.transaction() as connection:
        endpoint, _ = endpoints.add(
            connection, make_vault(), "https://shop.example/hooks", allow_private=False, by=ADA, now=NOW
        )
    first, second, third = ask(store, make_want(1), make_want(1, "seller.warn"), make_want(2))
    assert undo(store, second.id).stopped == (second.id,)
    with store.transaction() as connection:
        assert [one.action_id for one in claim(connection, endpoint.id, 1, now=NOW, lease_s=60)]
    undone = [undo(store, each.id) for each in (first, third)]
    assert sorted(len(each.stopped) for each in undone) == [0, 1]
    assert sorted(len(each.awaited) for each in undone) == [0, 1]
    assert statuses(kept(store)) == {"refused": 2, "pending": 1}


def test_what_is_under_way_is_reversed_when_it_arrives_and_not_when_it_fails(store: Store) -> None:
    wants = [make_want(number) for number in range(4)]
    measure = ask_measure(store, *wants)
    ids = [each.id for each in kept(store)]
    assert sorted(undo_measure(store, measure.id).awaited) == sorted(ids)
    assert len(kept(store)) == 4
    confirm(store, ids[0])
    confirm(store, ids[1], "failed")
    found = kept(store)
    assert statuses(found) == {"undone": 1, "failed": 1, "pending": 3}
    assert [each.reverses for each in found if each.reverses] == [ids[0]]
    assert confirm(store, ids[1], "done").status == "done", "whoever changes their mind afterwards"


def test_a_measure_is_undone_as_one_and_accounts_for_all(store: Store) -> None:
    kinds = ("listing.remove", "seller.warn", "payment.freeze", "review.hold")
    measure = ask_measure(store, *(make_want(number, kind) for number in range(4) for kind in kinds))
    for number, each in enumerate(kept(store)):
        if number % 3:
            confirm(store, each.id, "done" if number % 3 == 1 else "failed")
    report = undo_measure(store, measure.id)
    parts = [report.reversed, report.stopped, report.awaited, report.lasting, report.without_effect]
    told = list(itertools.chain(*parts))
    assert sorted(told) == sorted(each.id for each in kept(store, measure_id=measure.id))
    assert len(report.by) == len(report.reversed) > 0
    reversing = [each for each in kept(store) if each.reverses]
    assert len({each.measure_id for each in reversing}) == 1
    assert len({each.approval_id for each in reversing if each.approval_id}) == 1, "the freezes make all of it wait"
    assert "measure.undo" in trace(store)
    again = undo_measure(store, measure.id, now=LATER)
    assert set(again.reversed) == set(report.reversed)
    assert len(kept(store)) == 16 + len(reversing)


@settings(max_examples=examples(40))
@given(
    done=st.lists(
        st.tuples(st.sampled_from(["listing.remove", "seller.deduct_points", "review.hold"]), st.sampled_from("dfp")),
        min_size=1,
        max_size=18,
    )
)
@pytest.mark.slow
def test_undo_exactly_reverses(done: list[tuple[str, str]]) -> None:
    """Whatever took effect before and after: applying what went out in order leaves the market as it was."""
    with tempfile.TemporaryDirectory() as folder:
        store = make_store(Path(folder))
        wants = [make_want(number, kind, points=1) for number, (kind, _) in enumerate(done)]
        measure = ask_measure(store, *wants)
        fates = {want.subject.id: fate for want, (_, fate) in zip(wants, done, strict=True)}
        for each in kept(store):
            if fates[each.subject.id] != "p":
                confirm(store, each.id, "done" if fates[each.subject.id] == "d" else "failed")
        undo_measure(store, measure.id)
        for each in kept(store, measure_id=measure.id):
            if each.status == "pending":
                confirm(store, each.id)
        market: dict[str, int] = {}
        for each in kept(store):
            if each.status not in ("failed", "refused"):
                forward = POLICY.kinds[each.kind].undo is not None and not each.reverses
                market[each.subject.id] = market.get(each.subject.id, 0) + (1 if forward else -1)
        assert set(market.values()) <= {0}
        assert len([each for each in kept(store) if each.reverses]) == sum(fate != "f" for _, fate in done)
        store.close()
