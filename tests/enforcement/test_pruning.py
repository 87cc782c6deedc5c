"""What is delivered is forgotten after its time; what is not, waits as long as it must."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import sqlalchemy as sa

from agoranomos.enforcement import actions, endpoints, pruning
from agoranomos.enforcement.tables import outbox, outbox_subjects, webhook_deliveries
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store
from tests.builders import NOW
from tests.enforcement.builders import ADA, POLICY, ask, confirm, kept, make_want, statuses, undo
from tests.enforcement.receivers import receiver
from tests.enforcement.test_delivering import Clock, add, deliverer, deliveries, told

KEPT = timedelta(seconds=POLICY.kept.deliveries_s)
LATER = NOW + KEPT + timedelta(seconds=1)


def prune(store: Store, now: datetime = LATER) -> int:
    with store.transaction() as connection:
        return pruning.prune(connection, policy=POLICY, now=now)


def left(store: Store) -> tuple[int, int, int]:
    """Messages, deliveries, numbered subjects."""
    with store.reading() as connection:
        counts = [
            connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
            for table in (outbox, webhook_deliveries, outbox_subjects)
        ]
    return counts[0], counts[1], counts[2]


def test_what_was_delivered_is_forgotten_after_its_time_and_the_action_stays(store: Store) -> None:
    with receiver() as one, deliverer(store, Clock()) as loop:
        add(store, one.url)
        ask(store, make_want(1), make_want(2))
        loop.turn()
        assert prune(store, NOW + KEPT) == 0
        assert prune(store) == 2
        assert left(store) == (0, 0, 0)
        assert statuses(kept(store)) == {"done": 2}
        assert prune(store) == 0
        ask(store, make_want(1, "listing.restore"), because=["f2"], now=LATER)
        assert left(store) == (1, 1, 1), "numbering begins again"


def test_it_counts_when_a_delivery_ended_and_not_when_it_began(store: Store) -> None:
    clock = Clock()
    with receiver() as one, deliverer(store, clock) as loop:
        add(store, one.url)
        ask(store, make_want(1))
        clock.go(days=29)
        loop.turn()
        assert prune(store) == 0
        assert prune(store, clock() + KEPT + timedelta(seconds=1)) == 1


def test_what_waits_stays(store: Store) -> None:
    add(store, "http://127.0.0.1:9/")
    ask(store, make_want(1))
    assert prune(store) == 0
    assert [each.status for each in deliveries(store)] == ["waiting"]


def test_dead_letters_stay_with_their_message_until_they_are_dealt_with(store: Store) -> None:
    clock = Clock()
    answers = iter([500, 500, 500, 204])
    with receiver(lambda _: next(answers)) as failing, receiver() as well, deliverer(store, clock) as loop:
        add(store, failing.url)
        add(store, well.url)
        ask(store, make_want(1))
        for _ in range(3):
            loop.turn()
            clock.go(hours=5)
        assert sorted(each.status for each in deliveries(store)) == ["dead", "delivered"]
        assert prune(store) == 0
        assert left(store) == (1, 2, 1)
        with store.transaction() as connection:
            assert endpoints.redeliver_dead(connection, by=ADA, now=LATER) == 1
        clock.now = LATER
        loop.turn()
        assert told(failing)[-1] == ("listing.remove", "l1")
        assert statuses(kept(store)) == {"done": 1}
        assert prune(store) == 0, "it ended just now"
        assert prune(store, LATER + KEPT + timedelta(seconds=1)) == 1


def test_dead_letters_to_an_endpoint_that_was_removed_are_dealt_with(store: Store) -> None:
    clock = Clock()
    with receiver(lambda _: 410) as gone, deliverer(store, clock) as loop:
        endpoint_id, _ = add(store, gone.url)
        ask(store, make_want(1))
        loop.turn()
        assert [each.status for each in deliveries(store)] == ["dead"]
        assert prune(store) == 0
        with store.transaction() as connection:
            endpoints.remove(connection, endpoint_id, by=ADA, policy=POLICY, now=NOW)
        assert prune(store) == 1


def test_what_nobody_is_told_of_is_forgotten_too_and_can_still_be_undone(store: Store) -> None:
    action = ask(store, make_want(1))[0]
    assert prune(store) == 1
    assert undo(store, action.id, now=LATER).awaited == (action.id,)
    confirm(store, action.id, now=LATER)
    assert statuses(kept(store)) == {"undone": 1, "pending": 1}


def remember(store: Store, key: str, now: datetime, digest: str = "d1") -> None:
    with store.transaction() as connection:
        actions.remember_key(connection, ADA, key, digest, now=now)


def test_an_idempotency_key_is_remembered_for_its_time(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "REQUESTS_MAX", 2)
    for number in range(5):
        remember(store, f"k{number}", NOW + timedelta(seconds=number // 2))
    remember(store, "young", NOW + timedelta(days=1))
    term = timedelta(seconds=POLICY.kept.requests_s)

    def forget(now: datetime) -> int:
        with store.transaction() as connection:
            return pruning.prune_requests(connection, policy=POLICY, now=now)

    assert forget(NOW + term) == 0
    with pytest.raises(Conflict):
        remember(store, "k0", NOW, "d2")
    later = NOW + term + timedelta(minutes=1)
    assert [forget(later), forget(later), forget(later), forget(later)] == [2, 2, 1, 0]
    remember(store, "k0", later, "d2")
    with pytest.raises(Conflict):
        remember(store, "young", later, "d2")


def test_it_goes_in_steps(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "MESSAGES_MAX", 2)
    ask(store, *(make_want(number) for number in range(3)), make_want(0, "listing.restore"))
    assert [prune(store), prune(store), prune(store)] == [2, 2, 0]
    assert left(store) == (0, 0, 0)
