"""The life of a rule: proposed, in shadow, live by four eyes, rolled back, ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals.model import Wanted
from agoranomos.kernel.approvals.tables import approvals
from agoranomos.kernel.errors import Conflict, Forbidden, NotFound
from agoranomos.kernel.store import Store
from agoranomos.rules import actions, queries
from agoranomos.rules.tables import rule_standings, rule_versions
from agoranomos.staff import approving
from tests.builders import NOW
from tests.rules.builders import (
    ADA,
    BOB,
    EVE,
    MANY,
    approve,
    ask,
    ask_back,
    make_live,
    make_proposal,
    propose,
    shadow,
    standing_of,
    verbs,
)


def settle(store: Store, minutes: int = 0) -> int:
    with store.transaction() as connection:
        return actions.settle(connection, now=NOW + timedelta(minutes=minutes))


def test_a_rule_goes_live_with_two_people(store: Store) -> None:
    [version] = propose(store)
    assert (version.version, version.status, version.proposed_by) == (1, "draft", "person:ada")
    assert shadow(store).shadow_version == 1
    standing = approve(store, ask(store))
    assert (standing.live_version, standing.shadow_version) == (1, None)
    assert standing.live_since == NOW
    assert verbs(store) == [
        "rule.propose", "rule.shadow", "approval.request", "approval.approve", "approval.spend", "rule.promote",
    ]  # fmt: skip
    with store.reading() as connection:
        assert [change.verb for change in queries.changes_of(connection, MANY)] == ["propose", "shadow", "promote"]
        assert [(each.rule_id, each.version, each.status) for each in queries.evaluated(connection)] == [
            (MANY, 1, "live")
        ]
        assert queries.changes_of(connection, MANY)[-1].by == "person:bob"


def test_the_same_proposed_again_is_the_same_version(store: Store) -> None:
    propose(store)
    [again] = propose(store, by=BOB)
    assert (again.version, again.proposed_by) == (1, "person:ada")
    [other, new] = propose(store, make_proposal(line=9), make_proposal("goods.cheap"))
    assert (other.version, new.version) == (2, 1)
    assert verbs(store).count("rule.propose") == 3


@pytest.mark.parametrize("who", [ADA, Actor("key", "k1"), Actor("system", "command_line")])
def test_who_proposed_or_is_no_person_cannot_agree(store: Store, who: Actor) -> None:
    propose(store, by=ADA)
    shadow(store)
    wanted = ask(store, by=EVE)
    with pytest.raises(Forbidden):
        approve(store, wanted, by=who)
    assert standing_of(store).live_version is None


def test_who_asked_or_owns_it_cannot_agree(store: Store) -> None:
    propose(store, make_proposal(owner="person:eve"))
    shadow(store)
    wanted = ask(store, by=BOB)
    for who in (BOB, EVE):
        with pytest.raises(Forbidden):
            approve(store, wanted, by=who)
    assert approve(store, wanted, by=Actor("person", "dan")).live_version == 1


def test_only_what_runs_in_shadow_can_be_promoted(store: Store) -> None:
    propose(store)
    with pytest.raises(Conflict, match="shadow"):
        ask(store)
    shadow(store)
    propose(store, make_proposal(line=9))
    wanted = ask(store)
    shadow(store, version=2)
    with pytest.raises(Conflict, match="has changed"):
        approve(store, wanted)
    assert standing_of(store).live_version is None
    assert approve(store, ask(store)).live_version == 2


def test_an_approval_is_good_for_one_time_and_three_days(store: Store) -> None:
    propose(store)
    shadow(store)
    wanted = ask(store)
    with pytest.raises(Conflict, match="expired"):
        approve(store, wanted, now=NOW + timedelta(days=3))
    approve(store, wanted)
    with pytest.raises(Conflict):
        approve(store, wanted)
    with store.transaction() as connection:
        actions.expire(connection, MANY, by=ADA, now=NOW)
    shadow(store)
    with pytest.raises(Conflict):
        approve(store, wanted)
    assert standing_of(store).live_version is None


def test_what_is_approved_elsewhere_is_settled(store: Store) -> None:
    propose(store)
    shadow(store)
    wanted = ask(store)
    assert settle(store) == 0
    with store.transaction() as connection:
        approving.approve(connection, wanted.approval_id, by=BOB, now=NOW)
    assert settle(store) == 1
    assert standing_of(store).live_version == 1
    assert settle(store) == 0
    with store.reading() as connection:
        assert queries.changes_of(connection, MANY)[-1].by == "person:bob"


def test_an_approval_that_fits_no_more_is_spent_without_effect(store: Store) -> None:
    propose(store)
    shadow(store)
    wanted = ask(store)
    with store.transaction() as connection:
        approving.approve(connection, wanted.approval_id, by=BOB, now=NOW)
        actions.expire(connection, MANY, by=EVE, now=NOW, shadow_only=True)
    assert settle(store) == 1
    shadow(store)  # as it was when somebody asked; the approval is spent all the same
    assert settle(store) == 0
    assert standing_of(store).live_version is None
    assert "rule.promote_void" in verbs(store)


def test_an_old_version_comes_back_with_four_eyes(store: Store) -> None:
    make_live(store)
    make_live(store, make_proposal(line=9))
    assert standing_of(store).live_version == 2
    propose(store, make_proposal(line=12))
    shadow(store)
    with pytest.raises(Conflict, match="never was live"):
        ask_back(store, 3)
    with pytest.raises(Conflict, match="live already"):
        ask_back(store, 2)
    wanted = ask_back(store, 1)
    with pytest.raises(Forbidden):
        approve(store, wanted, by=ADA)
    standing = approve(store, wanted)
    assert (standing.live_version, standing.shadow_version) == (1, 3)
    assert verbs(store)[-1] == "rule.rollback"


def test_a_refusal_and_another_approval(store: Store) -> None:
    propose(store)
    shadow(store)
    wanted = ask(store)
    with store.transaction() as connection:
        actions.refuse(connection, wanted.approval_id, by=BOB, now=NOW)
    with pytest.raises(Conflict):
        approve(store, wanted)
    with store.transaction() as connection:
        other = approving.request(
            connection,
            Wanted(kind="payment.release", subject_kind="rule", subject_id=MANY, params={"version": 1}),
            by=ADA, now=NOW,
        )  # fmt: skip
    with pytest.raises(Conflict, match="not about a rule"):
        approve(store, other)


def test_ending_and_looking_for_what_is_not_there(store: Store) -> None:
    make_live(store)
    with store.transaction() as connection:
        assert actions.expire(connection, MANY, by=EVE, now=NOW).live_version is None
    with store.reading() as connection:
        assert queries.get_version(connection, MANY, 1).status == "expired"
        assert queries.evaluated(connection) == []
        assert [each.rule_id for each in queries.list_standings(connection, status="expired")] == [MANY]
        assert queries.list_standings(connection, status="draft") == []
    for missing in ("goods.none", "a\0b"):
        with pytest.raises(NotFound):
            shadow(store, missing)
    with pytest.raises(NotFound):
        shadow(store, version=7)
    with pytest.raises(Conflict), store.transaction() as connection:
        actions.expire(connection, MANY, by=EVE, now=NOW)


def test_running_processes_see_that_something_has_changed(store: Store) -> None:
    def number() -> int:
        with store.reading() as connection:
            return queries.book_numbers(connection).get("rules", 0)

    propose(store)
    assert number() == 0
    shadow(store)
    assert number() == 1
    approve(store, ask(store))
    assert number() == 2


def test_the_database_refuses_what_the_program_would_not_do(store: Store) -> None:
    propose(store)
    live = sa.update(rule_standings).values(live_version=1, live_since=NOW)
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
        connection.execute(live)
    with pytest.raises(sa.exc.IntegrityError), store.transaction() as connection:
        connection.execute(live.values(live_approval="ap_none"))
    with pytest.raises(sa.exc.DBAPIError), store.transaction() as connection:
        connection.execute(sa.update(rule_versions).values(document={}))
    with store.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(approvals)).scalar_one() == 0
