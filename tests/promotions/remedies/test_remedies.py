"""Remedies: planned with their cost, agreed to by a second person, done once, taken back as one; and the evidence."""

from __future__ import annotations

import io
import zipfile

import msgspec
import pytest

from agoranomos.audit.notes import SigningKey
from agoranomos.enforcement import actions, queries
from agoranomos.enforcement.policy import load_policy as load_actions
from agoranomos.evidence.verify import MANIFEST
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid
from agoranomos.kernel.store import Store
from agoranomos.promotions.remedies.messages import MESSAGES
from agoranomos.promotions.remedies.package import packed, verified
from agoranomos.promotions.remedies.plan import plan, summary
from agoranomos.promotions.remedies.policy import load_policy
from agoranomos.promotions.remedies.service import RemedyService
from agoranomos.promotions.tracing.policy import load_policy as load_rings
from agoranomos.promotions.tracing.service import Traces, TraceService
from tests.builders import NOW
from tests.promotions.remedies.scene import history, honest, take

ADA, BOB = Actor("person", "ada"), Actor("person", "bob")
KEY = SigningKey("agoranomos.test/evidence", bytes(32))
RINGS = {f"r{place}" for place in range(8)}


def service(store: Store) -> RemedyService:
    traces = TraceService(store, load_rings())
    take(store, history())
    traces.follow()
    return RemedyService(store, traces, load_policy(), load_actions(), lambda: NOW, lambda: KEY)


def traced(store: Store) -> Traces:
    return service(store).traces.traces("c1")


def test_the_plan_says_for_each_what_is_done_and_what_it_costs(store: Store) -> None:
    traces = traced(store)
    made = plan(traces, load_policy())
    done = {(each.kind, each.subject.id): each for each in made.remedies}
    assert {name for kind, name in done if kind == "value.claw_back"} == RINGS
    assert {name for kind, name in done if kind == "account.refer"} == RINGS
    assert {name for kind, name in done if kind == "account.warn_owner"} == {"old"}
    assert {name for kind, name in done if kind == "coupon.void"} == {f"k-r{place}-2" for place in range(8)}
    assert ("coupon.replace", "k-idle") in done, "also a coupon that nobody has taken yet"
    assert ("coupon.replace", "k-a0-0") in done
    assert {name for kind, name in done if kind == "shipment.stop"} == {"o-r0-0"}, "the other one has left"
    assert done["value.claw_back", "r0"].recovers == 9_960, "one of two is stopped"
    assert done["account.ask", "busy"].recovers == 9 * 9_960 - load_policy().kept_value_max
    gone = sum(each.value for each in traces.incident.tiers.values())
    assert made.lost == gone - sum(each.recovers for each in made.totals.values())
    assert set(made.messages) == {each.message for each in made.remedies if each.message} <= set(MESSAGES)
    assert any("ring_member" in line for line in summary(traces.incident, made))
    assert plan(traces, load_policy()) == made


def test_nothing_goes_out_before_a_second_person_agrees_and_then_once(store: Store) -> None:
    remedies = service(store)
    made = remedies.look("c1").plan
    asked = remedies.ask("c1", made.plan_id, by=ADA)
    assert remedies.ask("c1", made.plan_id, by=ADA) == asked, "asking again is asking for the same"
    (measure,) = asked.measures
    assert measure.counts == {"proposed": len(made.remedies)}
    with store.transaction() as connection:
        approval = next(iter(queries.of_measure(connection, measure.id))).approval_id
        assert approval is not None
    with pytest.raises(Forbidden), store.transaction() as connection:
        actions.approve(connection, approval, by=ADA, now=NOW)
    with store.transaction() as connection:
        gone = actions.approve(connection, approval, by=BOB, now=NOW)
    assert {each.status for each in gone} == {"pending"}
    assert len(gone) == len(made.remedies)
    assert remedies.ask("c1", made.plan_id, by=ADA).measures[0].counts == {"pending": len(made.remedies)}
    with store.transaction() as connection:
        actions.undo_measure(connection, measure.id, by=BOB, policy=load_actions(), now=NOW)


def test_who_saw_another_plan_is_told_so(store: Store) -> None:
    remedies = service(store)
    seen = remedies.look("c1").plan.plan_id
    take(store, honest("late", 0, 300))
    remedies.traces.follow()
    assert remedies.look("c1").plan.plan_id == seen, "one more of good faith changes nothing that is done"
    take(store, honest("later", 0, 310, redeemed=False))
    remedies.traces.follow()
    with pytest.raises(Conflict):
        remedies.ask("c1", seen, by=ADA)


def test_evidence_is_whole_signed_and_the_same_again(store: Store) -> None:
    traces = traced(store)
    made = plan(traces, load_policy())
    raw = packed(traces, made, KEY)
    assert packed(traces, made, KEY) == raw
    manifest = verified(raw, str(KEY.verifier))
    assert [manifest.facts[name] for name in ("suspects", "victims", "currency")] == [8, 1, "CNY"]
    other = SigningKey("agoranomos.test/other", bytes([1]) * 32)
    with pytest.raises(Invalid, match="has not signed"):
        verified(raw, str(other.verifier))
    for bad in (b"", b"no archive", raw[: len(raw) // 2]):
        with pytest.raises(Invalid):
            verified(bad, str(KEY.verifier))


def changed(raw: bytes, **files: bytes | None) -> bytes:
    """The archive with other files in it; None: without one."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as old, zipfile.ZipFile(out, "w") as new:
        held = {name: old.read(name) for name in old.namelist()} | {
            name.replace("__", "."): it for name, it in files.items()
        }
        for name, content in held.items():
            if content is not None:
                new.writestr(name, content)
    return out.getvalue()


def test_whatever_is_changed_in_evidence_is_noticed(store: Store) -> None:
    traces = traced(store)
    raw = packed(traces, plan(traces, load_policy()), KEY)
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        manifest = msgspec.json.decode(archive.read(MANIFEST))
        members = archive.read("members.jsonl")
    manifest["facts"]["suspects"] = 7
    for damaged in (
        changed(raw, members__jsonl=members.replace(b"r0", b"x0", 1)),
        changed(raw, members__jsonl=None),
        changed(raw, more__txt=b"more"),
        changed(raw, manifest__json=msgspec.json.encode(manifest)),
        changed(raw, manifest__note=None),
    ):
        with pytest.raises(Invalid):
            verified(damaged, str(KEY.verifier))


def test_without_a_ring_nobody_is_referred(store: Store) -> None:
    take(store, [event for turn in range(9) for event in honest("busy", turn, turn)])
    traces = TraceService(store, load_rings())
    traces.follow()
    found = traces.traces("c1")
    with pytest.raises(Invalid, match="no reason for a referral"):
        packed(found, plan(found, load_policy()), KEY)
