"""Exports, canaries and scopes over the store: agreed to by others, given once, sealed."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import msgspec
import pytest

from agoranomos.access.exports.actions import Wish
from agoranomos.access.scope.model import encoded
from agoranomos.audit import queries as audit
from agoranomos.intake.queries import read_after
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.decisions import Outcome
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from tests.access.builders import DAY0, Desk, people, read, told

ADA, BOB, CAT = (Actor("person", name) for name in ("ada", "bob", "cat"))
HOME = Wish(principal_id="w1", purpose="audit", fields=("phone",), destination_region="CN", subject_count=900)
ABROAD = msgspec.structs.replace(HOME, destination_region="US")


def test_an_export_leaves_once_enough_others_agreed(store: Store) -> None:
    desk = Desk(store)
    asked = desk.service.ask(ABROAD, by=ADA)
    export_id = asked.export.export_id
    assert (asked.state, asked.approvers) == ("asked", 2)
    file = read("w1", 900, 1, kind="staff", export=True, purpose="audit")
    assert desk.service.check(file, None).reasons[0].code == "access.export_unapproved"
    for by in (ADA, Actor("person", "w1"), Actor("key", "k1")):
        with pytest.raises(Forbidden):
            desk.service.agree(export_id, by=by)
    assert desk.service.agree(export_id, by=BOB).state == "asked"
    with pytest.raises(Conflict, match="another person"):
        desk.service.agree(export_id, by=BOB)
    assert desk.service.agree(export_id, by=CAT).state == "approved"
    with pytest.raises(Conflict, match="approved already"):
        desk.service.refuse(export_id, by=BOB)
    assert desk.service.check(file, "k").outcome is Outcome.APPROVE, "no budget holds up what others agreed to"
    other = read("w1", 900, 1, kind="staff", export=True, purpose="audit", fields=["phone", "address"], name="x")
    assert desk.service.check(other, None).outcome is Outcome.DECLINE
    late = read("w1", 900, 24 * 8, kind="staff", export=True, purpose="audit", name="y")
    assert desk.service.check(late, None).outcome is Outcome.DECLINE
    desk.hours = 24 * 8
    assert desk.service.export(export_id).state == "expired"
    with store.reading() as connection:
        kinds = [each.event.type for each in read_after(connection, 0)]
        assert kinds == ["export.requested", "export.approved", "export.approved"]
        verbs = [each.entry.verb for each in (audit.get_entry(connection, index) for index in range(3))]
    assert verbs == ["export.ask", "export.agree", "export.agree"]
    desk.service.follow()
    assert desk.service.export(export_id).export.agreed == desk.service.exports()[0].export.agreed


def test_what_was_refused_stays_refused(store: Store) -> None:
    desk = Desk(store)
    export_id = desk.service.ask(HOME, by=ADA).export.export_id
    assert desk.service.refuse(export_id, by=BOB).state == "refused"
    with pytest.raises(Conflict):
        desk.service.agree(export_id, by=CAT)
    with pytest.raises(NotFound):
        desk.service.agree("none", by=CAT)
    for changes in ({"fields": ()}, {"purpose": ""}, {"subject_count": -1}, {"principal_id": "a\n"}):
        with pytest.raises(Invalid):
            desk.service.ask(msgspec.structs.replace(HOME, **changes), by=ADA)


def test_exports_that_the_marketplace_tells_of_count_as_well(store: Store) -> None:
    desk = Desk(store)
    desk.hear(
        told(
            "export.requested", "q", 0, export_id="e1", principal_id="w1", purpose="audit", fields=["phone"],
            destination_region="CN",
        ),
        told("export.approved", "g", 0.5, export_id="e1", staff_id="w2"),
        told("export.approved", "h", 0.5, export_id="unknown", staff_id="w2"),
    )  # fmt: skip
    assert desk.service.check(read("w1", 900, 1, kind="staff", export=True), None).outcome is Outcome.APPROVE


def test_each_export_gets_canaries_of_its_own(store: Store) -> None:
    desk = Desk(store)
    with pytest.raises(Invalid):
        desk.service.plant("number", ["1", "\n"], by=ADA)
    assert len(desk.service.plant("number", [f"170{n}" for n in range(8)], by=ADA)) == 8
    assert desk.service.plant("number", ["1700"], by=ADA) == []
    desk.service.plant("record", people(0, 8), by=ADA)
    ids = []
    for number in range(8):
        desk.hours = number
        ids.append(desk.service.ask(HOME, by=ADA).export.export_id)
    with ThreadPoolExecutor(4) as pool:
        given = list(pool.map(lambda each: desk.service.assign(each, by=ADA), ids))
    assert len({each.value for some in given for each in some}) == 16
    assert desk.service.assign(ids[0], by=ADA) == given[0]
    assert {each.principal_id for each in desk.service.canaries()} == {"w1"}
    desk.hours = 99
    with pytest.raises(Conflict, match="plant more"):
        desk.service.assign(desk.service.ask(HOME, by=ADA).export.export_id, by=ADA)
    with store.reading() as connection:
        told_of = [each.event for each in read_after(connection, 0) if each.event.type == "canary.planted"]
    assert sum("export_id" in each.data for each in told_of) == 16
    desk.service.follow()
    assert len(desk.service.canaries()) == 16


def test_canaries_of_the_marketplace_are_known(store: Store) -> None:
    desk = Desk(store)
    desk.hear(told("canary.planted", "k", 0, canary_id="c1", kind="record", subject_id="trap"))
    assert [(each.canary_id, each.value) for each in desk.service.canaries()] == [("c1", "trap")]


def history(desk: Desk) -> None:
    desk.hear(
        read("p1", people(0, 20), 0, device_id="d1"),
        read("p1", people(10, 30), 1, fields=["address"], export=True),
        read("p1", 500, 2),
        read("p1", people(90, 99), 3, status=403),
        read("p2", people(0, 5), 1, kind="merchant"),
        read("p3", people(40, 45), 1, device_id="d1", name="other"),
        read("p1", people(60, 65), 50),
        read('p"%_1', ["a1"], 1),
    )


def test_the_scope_is_what_the_log_tells(store: Store) -> None:
    desk = Desk(store)
    history(desk)
    desk.hours = 60
    made = desk.rooms.scopes.make(["p1", "p2"], DAY0, DAY0 + timedelta(hours=48), by=ADA)
    scope = made.scope
    assert (scope.certain, scope.possible) == (30, 500)
    assert scope.fields == {"address": 20, "phone": 20}
    one, two = scope.principals
    assert (one.people, one.reads, one.unnamed, one.refused, one.files) == (30, 3, 500, 1, 1)
    assert (two.people, two.kind) == (5, "merchant")
    assert [(each.principal_id, each.field) for each in scope.fellows] == [("p3", "device_id")]
    lines = [msgspec.json.decode(line) for line in made.people.splitlines()]
    assert [each["subject_id"] for each in lines] == sorted(people(0, 30))
    assert lines[0]["principals"] == ["p1", "p2"]
    quoted = desk.rooms.scopes.make(['p"%_1'], DAY0, DAY0 + timedelta(hours=48), by=ADA)
    assert quoted.scope.certain == 1
    with pytest.raises(Invalid):
        desk.rooms.scopes.make([], DAY0, DAY0 + timedelta(hours=1), by=ADA)
    with pytest.raises(Invalid):
        desk.rooms.scopes.make(["p1"], DAY0, DAY0, by=ADA)


def test_a_scope_that_was_changed_is_not_verified(store: Store) -> None:
    desk = Desk(store)
    history(desk)
    made = desk.rooms.scopes.make(["p1"], DAY0, DAY0 + timedelta(hours=48), by=ADA)
    raw, scopes = encoded(made.scope), desk.rooms.scopes
    assert scopes.verified(raw, made.people, made.audit_index) == made.scope
    with store.reading() as connection:
        entry = audit.get_entry(connection, made.audit_index).entry
    assert entry.verb == "access.scope"
    assert made.tree_size == made.audit_index + 1
    for changed, some, index in (
        (raw.replace(b'"certain": 30', b'"certain": 3'), made.people, made.audit_index),
        (raw, made.people[:-9], made.audit_index),
        (raw, made.people, 99),
        (b"{}", made.people, made.audit_index),
    ):
        assert isinstance(scopes.verified(changed, some, index), str)
