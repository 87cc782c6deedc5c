"""The schedule ends what is due and nothing else, whatever is held, interrupted or erased; proofs still hold."""

from __future__ import annotations

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from agoranomos.audit import queries as audit
from agoranomos.audit.actions import checkpoint
from agoranomos.audit.proving import check, prove
from agoranomos.audit.verifying import verify
from agoranomos.cases.referral.model import About
from agoranomos.evidence.checking import checked
from agoranomos.intake.actions import accept
from agoranomos.intake.queries import read_after
from agoranomos.intake.tables import intake_events
from agoranomos.judgements.actions import keep_findings
from agoranomos.judgements.tables import findings
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Reason, Subject
from agoranomos.kernel.store import Store
from agoranomos.retained import FORGETS, KEPT, covers, stands
from agoranomos.retention import queries
from agoranomos.retention.actions import Tools
from agoranomos.retention.model import Run
from agoranomos.retention.policy import Line, Policy, load_policy
from agoranomos.retention.service import RetentionService
from agoranomos.sellers.identity.book import Kept as Photo
from agoranomos.sellers.identity.queries import StoreBook
from agoranomos.sellers.identity.tables import identity_parts, identity_photos
from agoranomos.staff import approving
from agoranomos.vault import erasing
from agoranomos.vault.actions import reveal, tokenise
from agoranomos.vault.subjects import Whom
from tests.builders import NOW, make_vault
from tests.cases.referral.scene import ADA, BOB, with_campaign
from tests.evidence.packages import KEY, LOG
from tests.sellers.links.test_service import history as sellers
from tests.sellers.links.test_service import keep
from tests.sellers.links.test_service import service as links_of
from tests.sellers.links.test_service import take as take_sellers

POLICY = load_policy(KEPT)
OLD = timedelta(days=2_000)


class Clock:
    now = NOW

    def __call__(self) -> datetime:
        return self.now


def service(store: Store, **days: int) -> RetentionService:
    lines = {name: Line(days.get(name.replace(".", "_"), line.days), line.basis) for name, line in POLICY.kinds.items()}
    tools = Tools(KEPT, Policy(POLICY.version, lines), covers, stands, FORGETS, bytes)
    return RetentionService(store, tools, Clock())


def told(kind: str, name: str, ago: timedelta, **data: Any) -> Event:
    at = rfc3339(NOW - ago)
    return parse_event({"specversion": "1.0", "id": name, "source": "s", "type": kind, "time": at, "data": data})


def take(store: Store, *events: Event) -> None:
    with store.transaction() as connection:
        accept(connection, make_vault(), list(events), now=NOW)


def events(store: Store) -> dict[str, Event]:
    with store.reading() as connection:
        return {each.event.id: each.event for each in read_after(connection, 0)}


def session(name: str, ago: timedelta, account: str = "a1") -> Event:
    return told("session.started", name, ago, account_id=account, principal_kind="buyer", device_id="d1")


def complaint(name: str, ago: timedelta, store_id: str = "s1") -> Event:
    return told(
        "complaint.filed", name, ago, complaint_id=name, channel="text", text=f"words {name}", store_id=store_id
    )


def part(run: Run, kind: str) -> Any:
    return next(each for each in run.parts if each.kind == kind)


def test_what_is_due_goes_and_nothing_else(store: Store) -> None:
    young = timedelta(days=10)
    take(store, session("old", OLD), session("new", young), complaint("then", OLD), complaint("now", young))
    before = events(store)
    retention = service(store)
    dry = retention.dry_run(by=ADA)
    assert events(store) == before
    assert (part(dry, "events.sessions").gone, part(dry, "events.words").gone) == (1, 1)
    run = retention.run(by=ADA)
    after = events(store)
    assert set(after) == {"new", "then", "now"}
    assert after["then"].data["text"] == "[erased]"
    assert after["then"].data["complaint_id"] == "then"
    assert {name: after[name] for name in ("new", "now")} == {name: before[name] for name in ("new", "now")}
    assert (part(run, "events.sessions").gone, part(run, "events.words").gone) == (1, 1)
    again = retention.run(by=ADA)
    assert sum(each.gone for each in again.parts) == 0
    with store.reading() as connection:
        verbs = [each.entry.verb for each in audit.find(connection, subject_kind="retention_run")]
        listed = queries.list_runs(connection, after=None, limit=9)
    assert verbs[0] == "retention.begin"
    assert {"retention.delete", "retention.thin", "retention.end"} <= set(verbs)
    assert len({each.run_id for each in listed}) == len(listed)


def test_what_is_held_stays_until_two_people_let_it_go(store: Store) -> None:
    take(
        store,
        session("held", OLD, "a1"),
        session("free", OLD, "a2"),
        complaint("kept", OLD, "s1"),
        complaint("gone", OLD, "s2"),
    )
    retention = service(store)
    hold = retention.place("account", "a1", why="litigation", note="Court of Putian, 17", by=ADA)
    other = retention.place("store", "s1", why="inspection", until=NOW + timedelta(days=5), by=ADA)
    run = retention.run(by=ADA)
    assert set(events(store)) == {"held", "kept", "gone"}
    assert (events(store)["kept"].data["text"], events(store)["gone"].data["text"]) == ("words kept", "[erased]")
    assert (part(run, "events.sessions").held, part(run, "events.words").held) == (1, 1)
    asked = retention.ask_to_lift(hold.hold_id, by=ADA)
    with pytest.raises(Conflict):
        retention.lift(hold.hold_id, asked.approval_id, by=ADA)
    with pytest.raises(Forbidden), store.transaction() as connection:
        approving.approve(connection, asked.approval_id, by=ADA, now=NOW)
    with store.transaction() as connection:
        approving.approve(connection, asked.approval_id, by=BOB, now=NOW)
    assert retention.lift(hold.hold_id, asked.approval_id, by=ADA).lifted_by == str(ADA)
    with pytest.raises(Conflict, match="ended already"):
        retention.ask_to_lift(hold.hold_id, by=ADA)
    retention.clock.now = NOW + timedelta(days=6)  # type: ignore[attr-defined] # the clock of tests
    assert not other.stands(retention.clock())
    retention.run(by=ADA)
    assert set(events(store)) == {"kept", "gone"}
    assert events(store)["kept"].data["text"] == "[erased]", "the other hold has ended by itself"
    with store.reading() as connection:
        assert all(b"Putian" not in each.leaf for each in audit.entries(connection))
        assert [each.hold_id for each in queries.list_holds(connection, after=None, limit=1)]


def test_a_run_that_was_killed_goes_on(store: Store) -> None:
    take(store, *(session(f"e{number:04}", OLD) for number in range(1_200)))
    retention = service(store)

    class Killed(Exception):
        """The process dies."""

    def dies(run: Run) -> None:
        if run.parts[0].gone:
            raise Killed

    with pytest.raises(Killed):
        retention.run(by=ADA, told=dies)
    left = len(events(store))
    assert 0 < left < 1_200
    with store.reading() as connection:
        going = queries.open_run(connection)
    done = service(store).run(by=BOB)
    assert going is not None
    assert done.run_id == going.run_id
    assert part(done, "events.sessions").gone == 1_200
    assert events(store) == {}


def test_findings_that_acted_stay(store: Store) -> None:
    def found(name: str, status: Any) -> Finding:
        reason = (Reason("x", "Because.", {}),)
        return Finding(
            id=name, at=rfc3339(NOW), code="x.y", subject=Subject("store", "s1"), score=0.9, reasons=reason,
            detector="x", version="1", status=status,
        )  # fmt: skip

    with store.transaction() as connection:
        keep_findings(connection, [found("f_live", "live"), found("f_shadow", "shadow")], now=NOW - OLD)
    service(store).run(by=ADA)
    with store.reading() as connection:
        assert connection.execute(sa.select(findings.c.finding_id)).scalars().all() == ["f_live"]


def with_photos(store: Store, seller_id: str) -> None:
    photo = Photo("app-1", "face_photo", seller_id, "nam_x", "idn_x", "c" * 8, "0" * 64, "0" * 16)
    with store.transaction() as connection:
        StoreBook(connection, NOW).keep([photo])


def rows(store: Store, *tables: sa.Table) -> int:
    with store.reading() as connection:
        return sum(connection.execute(sa.select(sa.func.count()).select_from(each)).scalar_one() for each in tables)


def erased(store: Store, retention: RetentionService, seller_id: str) -> None:
    with store.transaction() as connection:
        asked = erasing.request(connection, "seller", seller_id, by=ADA, now=NOW, held=retention.held)
        approving.approve(connection, asked.approval_id, by=BOB, now=NOW)
        erasing.erase(connection, asked.approval_id, by=ADA, now=NOW, held=retention.held, forget=retention.forget)


def test_who_is_erased_leaves_no_prints_and_no_digests(store: Store) -> None:
    take_sellers(store, sellers())
    following = links_of(store)
    following.follow(keep)
    assert [link.seller_id for link in following.links_of("s0").links] == ["back"]
    with_photos(store, "s0")
    vault = make_vault()
    with store.transaction() as connection:
        token = tokenise(connection, vault, "phone", "13800001111", subject="seller:s0", now=NOW)
    erased(store, service(store), "s0")
    assert rows(store, identity_photos, identity_parts) == 0
    with store.transaction() as connection, pytest.raises(NotFound):
        reveal(connection, vault, token, purpose="test", actor=ADA, now=NOW)
    following.follow(keep)
    assert following.links_of("s0").links == [], "also in the memory of a process that follows"
    assert links_of(store).links_of("s0").links == []


def test_a_hold_keeps_somebody_from_being_erased(store: Store) -> None:
    vault = make_vault()
    with store.transaction() as connection:
        tokenise(connection, vault, "name", "A. Seller", subject="seller:k1", now=NOW)
    retention = service(store)
    hold = retention.place("seller", "k1", why="litigation", by=ADA)
    with pytest.raises(Conflict, match="litigation"):
        erased(store, retention, "k1")
    with store.transaction() as connection:
        queries.lift(connection, hold.hold_id, str(ADA), NOW)
    erased(store, retention, "k1")


def test_sellers_who_closed_long_ago_are_erased_but_those_referred(store: Store, tmp_path: Path) -> None:
    take_sellers(store, sellers())
    links_of(store).follow(keep)
    with_photos(store, "s0")
    vault = make_vault()
    with store.transaction() as connection:
        tokenise(connection, vault, "name", "A. Seller", subject="seller:s0", now=NOW)
    retention = service(store, sellers_closed=400, identity_photos=0)
    retention.clock.now = NOW + timedelta(days=500)  # type: ignore[attr-defined] # the clock of tests
    referrals = with_campaign(store, tmp_path)
    referral = referrals.open(About("seller", "s0"), "police", because=None, by=ADA)
    run = retention.run(by=ADA)
    assert (part(run, "sellers.closed").gone, part(run, "sellers.closed").held) == (0, 1)
    with store.reading() as connection:
        assert "referred" in str(retention.held(connection, Whom("seller", "s0")))
    referrals.move(referral.referral_id, "withdraw", by=ADA)
    retention.clock.now += timedelta(days=1)  # type: ignore[attr-defined] # the clock of tests
    assert part(retention.run(by=ADA), "sellers.closed").gone == 1
    assert rows(store, identity_photos, identity_parts) == 0


def test_log_proofs_and_old_packages_hold_afterwards(store: Store, tmp_path: Path) -> None:
    referrals = with_campaign(store, tmp_path)
    vault = make_vault()
    with store.transaction() as connection:
        tokenise(connection, vault, "name", "Name of r0", subject="account:r0", now=NOW)
    referral_id = referrals.open(About("campaign", "c1"), "police", because=None, by=ADA).referral_id
    referrals.make(referral_id, by=ADA)
    path, made = referrals.fetch(referral_id, None, by=ADA)
    with store.transaction() as connection:
        checkpoint(connection, LOG, NOW)
    with store.reading() as connection:
        proof = prove(connection, 0).json()
    referrals.move(referral_id, "withdraw", by=ADA)
    before = events(store)
    retention = service(store)
    retention.clock.now = NOW + timedelta(days=3_000)  # type: ignore[attr-defined] # the clock of tests
    with store.transaction() as connection:
        asked = erasing.request(connection, "account", "r0", by=ADA, now=NOW, held=retention.held)
        approving.approve(connection, asked.approval_id, by=BOB, now=NOW)
        erasing.erase(connection, asked.approval_id, by=ADA, now=NOW, forget=retention.forget)
    retention.run(by=ADA)
    assert events(store) == {name: each for name, each in before.items() if each.type != "session.started"}
    with store.transaction() as connection:
        checkpoint(connection, LOG, NOW)
        assert not verify(connection, [LOG.verifier]).findings
    assert check(proof, LOG.verifier).recorded.index == 0
    assert checked(path, str(KEY.verifier), str(LOG.verifier)).facts == made.facts
    assert referrals.traces.incident("c1").claimed == 65, "what was kept tells the same"


def test_what_a_policy_may_not_say(tmp_path: Path) -> None:
    raw = (Path(__file__).parents[2] / "src/agoranomos/retention/data/retention.toml").read_text("utf-8")
    for wrong, message in (
        (raw.replace("days = 400", "days = 3"), "would break"),
        (
            raw.replace('[kinds."events.reads"]', '[kinds."events.else"]'),
            "misses events.reads|no kind called events.else",
        ),
        (raw.replace("days = 400", "days = -1"), "cannot be used"),
    ):
        (tmp_path / "retention.toml").write_text(wrong, "utf-8")
        with pytest.raises(Invalid, match=message):
            load_policy(KEPT, [tmp_path])
    (tmp_path / "retention.toml").write_text(raw.replace("days = 400", "days = 0"), "utf-8")
    assert load_policy(KEPT, [tmp_path]).kinds["events.reads"].days == 0
    assert all(
        line.days >= next(each.least_days for each in KEPT if each.kind == name) for name, line in POLICY.kinds.items()
    )


def test_what_no_hold_can_be(store: Store) -> None:
    retention = service(store)
    for given in (
        {"subject_id": ""}, {"subject_id": "\0"}, {"why": "two words"}, {"why": "a@b"}, {"until": NOW},
        {"note": "x" * 2_001},
    ):  # fmt: skip
        asked: dict[str, Any] = {"subject_id": "s1", "why": "litigation", **given}
        with pytest.raises(Invalid):
            retention.place("store", by=ADA, **asked)
    with pytest.raises(NotFound):
        retention.ask_to_lift("hd_none", by=Actor("person", "x"))


def test_kinds_are_told_apart_and_name_their_tables() -> None:
    assert len({each.kind for each in KEPT}) == len(KEPT)
    for kept in KEPT:
        assert kept.at.table is kept.table, kept.kind
        assert (kept.action == "thin") == bool(kept.fields)
        assert (kept.action == "erase") == (kept.person is not None)
        assert all(column.table is kept.table for column in (kept.subjects or {}).values())
    assert intake_events in {each.table for each in KEPT}
