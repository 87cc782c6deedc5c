"""Actions are asked for once, agreed to by a second person where the policy says so, and traced."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from agoranomos.enforcement import actions
from agoranomos.enforcement.model import Want
from agoranomos.enforcement.observing import WaitingActions
from agoranomos.enforcement.tables import outbox
from agoranomos.judgements.actions import keep_findings
from agoranomos.kernel.actions import Action
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store, open_store
from agoranomos.staff import approving
from tests.builders import NOW
from tests.enforcement.builders import (
    ADA,
    BOB,
    EVE,
    POLICY,
    RULE,
    approve,
    ask,
    ask_measure,
    confirm,
    kept,
    make_want,
    refuse,
    statuses,
    trace,
    undo,
)
from tests.judgements.test_judgements import make_finding


def test_what_needs_no_second_person_is_on_its_way(store: Store) -> None:
    action = ask(store, make_want(1, reason="copy"))[0]
    assert (action.status, action.requested_by, action.approved_by) == ("pending", "rule:r1", None)
    assert (action.kind, action.subject, action.params) == (
        "listing.remove",
        Subject("listing", "l1"),
        {"reason": "copy"},
    )
    assert action.because == ("f1",)
    assert trace(store) == ["action.request"]


def test_asking_again_is_asking_once(store: Store) -> None:
    first = ask(store, make_want(1), make_want(2), make_want(1))
    again = ask(store, make_want(2), make_want(1), by=ADA, now=NOW + timedelta(days=1))
    assert first[0] == first[2] == again[1]
    assert first[1] == again[0]
    assert len(kept(store)) == 2
    assert trace(store) == ["action.request"] * 2


@pytest.mark.parametrize(
    "other",
    [
        {"wants": [make_want(1, "review.hold", points=3)]},
        {"wants": [make_want(2, "review.hold")]},
        {"wants": [make_want(1, "review.release")]},
        {"because": ["f2"]},
        {"because": ["f1", "f2"]},
    ],
)
def test_another_kind_subject_parameter_or_reason_is_another_action(store: Store, other: dict[str, Any]) -> None:
    first = ask(store, make_want(1, "review.hold"))[0]
    wants = other.get("wants", [make_want(1, "review.hold")])
    assert ask(store, *wants, because=other.get("because", ["f1"]))[0].id != first.id


def test_a_second_person_sends_it_on_its_way(store: Store) -> None:
    action = ask(store, make_want(1, "store.close"), by=ADA)[0]
    assert action.status == "proposed"
    waiting = kept(store)[0].approval_id
    with pytest.raises(Forbidden, match="another person"):
        approve(store, waiting, by=ADA)
    with pytest.raises(Forbidden, match="only a person"):
        approve(store, waiting, by=RULE)
    agreed = approve(store, waiting, by=BOB)
    assert [(each.status, each.approved_by) for each in agreed] == [("pending", "person:bob")]
    assert trace(store) == [
        "action.request", "approval.request", "approval.approve", "approval.spend", "action.release",
    ]  # fmt: skip
    with pytest.raises(Conflict):
        approve(store, waiting, by=EVE)


def test_who_answers_for_a_rule_is_no_second_person(store: Store) -> None:
    ask(store, make_want(1, "store.close"), answering=[EVE])
    waiting = kept(store)[0].approval_id
    with pytest.raises(Forbidden, match="gain"):
        approve(store, waiting, by=EVE)
    assert approve(store, waiting, by=BOB)[0].status == "pending"


def test_what_is_refused_never_goes_out(store: Store) -> None:
    ask(store, make_want(1, "store.close"), by=ADA)
    waiting = kept(store)[0].approval_id
    with pytest.raises(Forbidden):
        refuse(store, waiting, by=ADA)
    assert [each.status for each in refuse(store, waiting)] == ["refused"]
    with pytest.raises(Conflict):
        approve(store, waiting, by=EVE)
    assert ask(store, make_want(1, "store.close"), by=ADA)[0].status == "refused"
    with store.reading() as connection:
        assert not connection.execute(outbox.select()).all()


def test_nobody_answered_in_time_so_it_is_asked_again(store: Store) -> None:
    ask(store, make_want(1, "store.close"), by=ADA)
    first = kept(store)[0].approval_id
    later = NOW + timedelta(days=4)
    with pytest.raises(Conflict, match="expired"):
        approve(store, first, now=later)
    assert ask(store, make_want(1, "store.close"), by=ADA, now=later)[0].status == "proposed"
    second = kept(store)[0].approval_id
    assert second != first
    assert approve(store, second, now=later)[0].status == "pending"


@pytest.mark.parametrize(
    ("verb", "status", "count"),
    [(approving.approve, "pending", 1), (approving.refuse, "refused", 1), (approving.withdraw, "refused", 1)],
)
def test_what_was_decided_elsewhere_is_settled(store: Store, verb: Any, status: str, count: int) -> None:
    ask(store, make_want(1, "store.close"), by=ADA)
    ask(store, make_want(2, "store.close"), by=ADA)
    waiting = str(kept(store)[0].approval_id)
    with store.transaction() as connection:
        assert actions.settle(connection, now=NOW) == 0
        verb(connection, waiting, by=ADA if verb is approving.withdraw else BOB, now=NOW)
        assert actions.settle(connection, now=NOW) == count
        assert actions.settle(connection, now=NOW) == 0
    assert [each.status for each in kept(store)] == [status, "proposed"]


def test_an_approval_given_elsewhere_can_be_used_at_once(store: Store) -> None:
    ask(store, make_want(1, "store.close"), by=ADA)
    waiting = str(kept(store)[0].approval_id)
    with store.transaction() as connection:
        approving.approve(connection, waiting, by=BOB, now=NOW)
    assert approve(store, waiting, by=ADA)[0].approved_by == "person:bob"


def test_a_measure_waits_for_one_approval(store: Store) -> None:
    measure = ask_measure(store, *(make_want(number, "store.suspend", days=7) for number in range(15)))
    assert (measure.actions, measure.counts) == (15, {"proposed": 15})
    assert len({each.approval_id for each in kept(store, measure_id=measure.id)}) == 1
    assert len(approve(store, kept(store)[0].approval_id)) == 15
    again = ask_measure(store, *(make_want(number, "store.suspend", days=7) for number in range(15)))
    assert again.counts == {"pending": 15}
    assert again.id == measure.id


def test_a_measure_is_not_made_of_what_was_asked_for_before(store: Store) -> None:
    ask(store, make_want(1))
    with pytest.raises(Conflict, match="outside"):
        ask_measure(store, make_want(1), make_want(2))
    assert len(kept(store)) == 1


@pytest.mark.parametrize(
    ("wants", "because", "pointer"),
    [
        ([], ["f1"], "/actions"),
        ([make_want(1)], [], "/because"),
        ([make_want(1)], ["a\nb"], "/because"),
        ([make_want(1, "listing.burn")], ["f1"], "/kind"),
    ],
)
def test_what_cannot_be_asked_for(store: Store, wants: list[Want], because: list[str], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        ask(store, *wants, because=because)
    assert refused.value.pointer == pointer
    assert kept(store) == []


def test_a_subject_is_an_id() -> None:
    with pytest.raises(Invalid) as refused:
        Want("listing.remove", Subject("listing", ""))
    assert refused.value.pointer == "/subject/id"


def test_who_simulates_never_acts(store: Store) -> None:
    with store.transaction() as connection:
        keep_findings(connection, [make_finding(1, status="shadow"), make_finding(2)], now=NOW)
    with pytest.raises(Conflict, match="simulates"):
        ask(store, make_want(1), because=["f001", "f002"])
    said = [spoken("a1", "f001"), spoken("a2", "f002"), spoken("a3", "case-1")]
    with store.transaction() as connection:
        assert actions.take(connection, said, policy=POLICY, now=NOW) == 2
    assert [each.id for each in kept(store)] == ["a2", "a3"]


def spoken(action_id: str, because: str, **fields: Any) -> Action:
    """An action as a monitor says it."""
    plain: dict[str, Any] = {
        "id": action_id, "at": rfc3339(NOW - timedelta(minutes=3)), "kind": "listing.remove",
        "subject": Subject("listing", f"l-{action_id}"), "because": (because,), "requested_by": "rule:r1",
        "status": "pending",
    }  # fmt: skip
    return Action(**{**plain, **fields})


def test_what_a_monitor_says_again_is_known(store: Store) -> None:
    said = [spoken("a1", "f1"), spoken("a2", "f1", requested_by="model:m1", kind="store.close"), spoken("a1", "f1")]
    with store.transaction() as connection:
        assert actions.take(connection, said, policy=POLICY, now=NOW) == 2
    with store.transaction() as connection:
        assert actions.take(connection, said, policy=POLICY, now=NOW + timedelta(hours=1)) == 0
    assert {each.id: each.status for each in kept(store)} == {"a1": "pending", "a2": "proposed"}
    assert kept(store)[0].at == said[0].at


@pytest.mark.parametrize(
    ("field", "fields"),
    [
        ("requested_by", {"requested_by": "nobody"}),
        ("requested_by", {"requested_by": "rule:\x00"}),
        ("id", {"action_id": ""}),
        ("kind", {"kind": "a\nb"}),
        ("subject.id", {"subject": Subject("listing", "\x00")}),
        ("because", {"because": ""}),
        ("at", {"at": "yesterday"}),
        ("params", {"params": {"what": object()}}),
    ],
)
def test_a_detector_s_mistake_is_left_out_and_stops_nobody(
    store: Store, caplog: pytest.LogCaptureFixture, field: str, fields: dict[str, Any]
) -> None:
    wrong = spoken(**{"action_id": "a1", "because": "f1", **fields})
    with store.transaction() as connection:
        assert actions.take(connection, [wrong, spoken("a2", "f1")], policy=POLICY, now=NOW) == 1
    assert [each.id for each in kept(store)] == ["a2"]
    assert [record.getMessage() for record in caplog.records] == [
        f"1 actions of a monitor are left out: their {field} cannot be used"
    ]


def test_what_a_monitor_only_proposes_waits_for_a_person(store: Store) -> None:
    assert not POLICY.kind("listing.remove").approval
    said = [spoken("a1", "f1", status="proposed"), spoken("a2", "f1")]
    for _ in range(2):
        with store.transaction() as connection:
            actions.take(connection, said, policy=POLICY, now=NOW)
    assert {each.id: each.status for each in kept(store)} == {"a1": "proposed", "a2": "pending"}
    approve(store, kept(store)[0].approval_id)
    assert statuses(kept(store)) == {"pending": 2}


def test_a_kind_that_the_policy_does_not_name_waits_and_stops_nobody(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    said = [spoken("a1", "f1", kind="listing.paint"), spoken("a2", "f1"), spoken("a3", "f1", kind="listing.paint")]
    with store.transaction() as connection:
        assert actions.take(connection, said, policy=POLICY, now=NOW) == 3
        assert actions.take(connection, said, policy=POLICY, now=NOW) == 0
    assert {each.id: each.status for each in kept(store)} == {"a1": "proposed", "a2": "pending", "a3": "proposed"}
    assert [record.getMessage() for record in caplog.records] == [
        "the policy of actions does not name listing.paint: 2 more wait for a person"
    ]
    family = next(iter(WaitingActions(store, POLICY).collect()))
    assert {sample.labels["named"]: sample.value for sample in family.samples} == {"yes": 0, "no": 2}
    unknown = next(each for each in kept(store) if each.id == "a1")
    assert statuses(approve(store, unknown.approval_id)) == {"pending": 1}
    confirm(store, "a1")
    assert undo(store, "a1").lasting == ("a1",), "nobody knows what takes it back"
    with pytest.raises(Invalid, match="does not name"):
        ask(store, make_want(1, "listing.paint"))


@pytest.mark.slow
def test_metrics_say_nothing_while_the_store_is_away(tmp_path: Path) -> None:
    away = open_store(str(tmp_path / "a.db"))
    with away.transaction() as connection:
        connection.exec_driver_sql("DROP TABLE actions")
    assert list(WaitingActions(away, POLICY).collect()) == []
    away.close()


def test_the_marketplace_has_the_last_word(store: Store) -> None:
    action = ask(store, make_want(1))[0]
    assert confirm(store, action.id).status == "done"
    assert confirm(store, action.id).status == "done"
    assert confirm(store, action.id, "failed").status == "failed"
    assert confirm(store, action.id, "done").status == "done"
    assert trace(store).count("action.confirm") == 3
    with pytest.raises(NotFound):
        confirm(store, "act_none")
    proposed = ask(store, make_want(1, "store.close"))[0]
    with pytest.raises(Conflict, match="proposed"):
        confirm(store, proposed.id)


def test_personal_data_in_ids_of_others_stays_out_of_the_log(store: Store) -> None:
    want = Want("seller.warn", Subject("seller", "jo doe@example.org"))
    action = ask(store, want)[0]
    assert action.status == "pending"
    assert ask(store, Want("store.close", Subject("store", "jo doe@example.org")))[0].status == "proposed"
    with store.reading() as connection:
        leaves = connection.exec_driver_sql("SELECT leaf FROM audit_entries").scalars().all()
    assert leaves
    assert not any("example.org" in leaf for leaf in leaves)


def test_an_idempotency_key_stands_for_one_request(store: Store) -> None:
    key = Actor("key", "k1")
    with store.transaction() as connection:
        for _ in range(2):
            actions.remember_key(connection, key, "once", "d1", now=NOW)
        actions.remember_key(connection, ADA, "once", "d2", now=NOW)
    with pytest.raises(Conflict, match="another request"), store.transaction() as connection:
        actions.remember_key(connection, key, "once", "d2", now=NOW)
    with pytest.raises(Invalid), store.transaction() as connection:
        actions.remember_key(connection, key, "\n", "d2", now=NOW)


def test_many_are_asked_for_at_once(store: Store) -> None:
    wants = [make_want(number) for number in range(45)]
    assert statuses(ask(store, *wants)) == {"pending": 45}
