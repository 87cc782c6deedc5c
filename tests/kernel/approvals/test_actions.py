"""Two people, one wish, one time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus, Wanted
from agoranomos.kernel.approvals.tables import approvals
from agoranomos.kernel.errors import Conflict, Forbidden, NotFound
from agoranomos.kernel.store import Store
from tests.builders import NOW

ADA, BOB, EVE = Actor("person", "ada"), Actor("person", "bob"), Actor("person", "eve")
RULE = Actor("rule", "r1")
RELEASE = Wanted(
    kind="payment.release",
    subject_kind="store",
    subject_id="s1",
    params={"amount": 100},
    beneficiaries=("person:eve", "s1"),
)


def asked(store: Store, by: Actor = ADA, wanted: Wanted = RELEASE, **settings: Any) -> Approval:
    with store.transaction() as connection:
        return actions.request(connection, wanted, by=by, now=NOW, **settings)


def agreed(store: Store, by: Actor = BOB, **settings: Any) -> Approval:
    approval = asked(store, **settings)
    with store.transaction() as connection:
        return actions.approve(connection, approval.approval_id, by=by, now=NOW)


def test_a_second_person_agrees_and_it_is_done_once(store: Store) -> None:
    approval = agreed(store)
    assert (approval.status, approval.decided_by) == (ApprovalStatus.APPROVED, BOB)
    with store.transaction() as connection:
        assert actions.spend(connection, approval.approval_id, RELEASE, now=NOW).status is ApprovalStatus.SPENT
    with pytest.raises(Conflict, match="spent"), store.transaction() as connection:
        actions.spend(connection, approval.approval_id, RELEASE, now=NOW)


@pytest.mark.parametrize("decide", [actions.approve, actions.refuse])
@pytest.mark.parametrize(
    ("by", "requester", "words"),
    [
        (ADA, ADA, "yourself"),
        (EVE, ADA, "gain"),
        (Actor("person", "s1"), ADA, "gain"),
        (RULE, ADA, "only a person"),
        (Actor("key", "bob"), ADA, "only a person"),
        (Actor("system", "agoranomos"), RULE, "only a person"),
    ],
)
def test_who_may_not_be_the_second(store: Store, decide: Any, by: Actor, requester: Actor, words: str) -> None:
    approval = asked(store, by=requester)
    with pytest.raises(Forbidden, match=words), store.transaction() as connection:
        decide(connection, approval.approval_id, by=by, now=NOW)


def test_the_database_itself_refuses_one_pair_of_eyes(store: Store) -> None:
    approval = asked(store)
    decided = {"status": "approved", "decided_kind": "person", "decided_id": "ada", "decided_at": NOW}
    alone = sa.update(approvals).where(approvals.c.approval_id == approval.approval_id).values(decided)
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
        connection.execute(alone)


def test_what_is_not_agreed_to_is_not_done(store: Store) -> None:
    approval = asked(store)
    with pytest.raises(Conflict, match="second person; it is pending"), store.transaction() as connection:
        actions.spend(connection, approval.approval_id, RELEASE, now=NOW)
    with store.transaction() as connection:
        assert actions.refuse(connection, approval.approval_id, by=BOB, now=NOW).status is ApprovalStatus.REFUSED
    with pytest.raises(Conflict, match="refused"), store.transaction() as connection:
        actions.approve(connection, approval.approval_id, by=BOB, now=NOW)


def test_an_approval_is_for_exactly_what_was_asked(store: Store) -> None:
    approval = agreed(store)
    more = Wanted(
        kind=RELEASE.kind,
        subject_kind="store",
        subject_id="s1",
        params={"amount": 101},
        beneficiaries=RELEASE.beneficiaries,
    )
    with pytest.raises(Conflict, match="something else"), store.transaction() as connection:
        actions.spend(connection, approval.approval_id, more, now=NOW)


def test_a_wish_and_an_approval_grow_old(store: Store) -> None:
    approval = asked(store, lasts=timedelta(hours=1))
    later = NOW + timedelta(hours=1)
    with pytest.raises(Conflict, match="expired"), store.transaction() as connection:
        actions.approve(connection, approval.approval_id, by=BOB, now=later)
    with store.transaction() as connection:
        assert actions.waiting(connection, later) == []
        actions.approve(connection, approval.approval_id, by=BOB, now=NOW)
    with pytest.raises(Conflict, match="expired"), store.transaction() as connection:
        actions.spend(connection, approval.approval_id, RELEASE, now=later)


def test_who_asked_may_take_it_back_and_nobody_else(store: Store) -> None:
    approval = asked(store)
    with pytest.raises(Forbidden, match="refuse"), store.transaction() as connection:
        actions.withdraw(connection, approval.approval_id, by=BOB, now=NOW)
    with store.transaction() as connection:
        assert actions.withdraw(connection, approval.approval_id, by=ADA, now=NOW).status is ApprovalStatus.WITHDRAWN


def test_asking_twice_at_once_is_asking_once(store: Store) -> None:
    assert asked(store) == asked(store)
    assert asked(store, by=BOB) != asked(store)
    with store.reading() as connection:
        assert len(actions.waiting(connection, NOW)) == 2
        assert len(actions.waiting(connection, NOW, limit=1)) == 1


def test_of_many_at_once_one_spends_it(store: Store) -> None:
    approval = agreed(store)

    def spend(_: int) -> bool:
        try:
            with store.transaction() as connection:
                actions.spend(connection, approval.approval_id, RELEASE, now=NOW)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(8) as threads:
        assert sum(threads.map(spend, range(16))) == 1


def test_what_was_never_asked(store: Store) -> None:
    with pytest.raises(NotFound), store.reading() as connection:
        actions.get(connection, "ap_none")
