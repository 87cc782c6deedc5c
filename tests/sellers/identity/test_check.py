"""The check of applications: over HTTP, from the log and in a replay, on both databases."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import msgspec
import pytest
import sqlalchemy as sa
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.monitor import Out
from agoranomos.intake.actions import accept
from agoranomos.intake.noting import noted, noted_and_veiled
from agoranomos.judgements import queries as judgements
from agoranomos.judgements.queries import About
from agoranomos.kernel.consulting import Consulted, NoRules
from agoranomos.kernel.decisions import Decision, Hit, Outcome
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Reason
from agoranomos.kernel.store import Store
from agoranomos.sellers.identity import actions
from agoranomos.sellers.identity.facts import NOT_CHECKED, Verdict
from agoranomos.sellers.identity.monitor import ApplicationMonitor
from agoranomos.sellers.identity.photos.model import Photo
from agoranomos.sellers.identity.policy import load_policy
from agoranomos.sellers.identity.telling import DECLINED
from agoranomos.sellers.rooms import Sellers
from tests.builders import NOW, make_lines, make_sellers, make_vault
from tests.goods.listings.market import Market
from tests.sellers.identity.builders import make_application, raw_application, with_photos

CHECK = "/v1/checks/application"
WRONG = "330106199003072213"
POLICY = load_policy()
PHOTO = Photo(state="read", side_min=800, sharpness=200.0, content="c1", print="0f" * 72, phash="00" * 8)
Client = TestClient[Litestar]


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    with TestClient(Market(store).app) as client:
        yield client


@pytest.fixture
def sellers(store: Store) -> Sellers:
    return make_sellers(store)


def ingest(store: Store, sellers: Sellers, *events: Event) -> None:
    with store.transaction() as connection:
        accept(connection, make_vault(), events, now=NOW, hearers=sellers.ears)


def kept(store: Store) -> tuple[list[Decision], list[Finding]]:
    with store.reading() as connection:
        decisions = judgements.list_decisions(connection, About(), after=None, limit=99)
        findings = judgements.list_findings(connection, About(), after=None, limit=99)
    return sorted(decisions, key=lambda each: each.id), sorted(findings, key=lambda each: each.id)


def test_an_ordinary_application_waits_for_a_person_because_nobody_compared_faces(client: Client) -> None:
    answer = client.post(CHECK, json=raw_application())
    assert answer.status_code == 200, answer.text
    decision = answer.json()
    assert decision["outcome"] == "review"
    assert decision["score"] < 0.1
    assert decision["subject"] == {"kind": "application", "id": "a-1"}
    assert [reason["code"] for reason in decision["reasons"]] == ["sellers.person_not_confirmed"]
    assert "no provider" in decision["reasons"][0]["message"]
    assert [told["field"] for told in decision["told"]] == [""]


def test_a_wrong_number_is_held_and_the_applicant_is_told_which_field(client: Client) -> None:
    decision = client.post(CHECK, json=raw_application(id_number=WRONG)).json()
    assert decision["outcome"] == "hold"
    assert decision["score"] >= 0.5
    assert [told["field"] for told in decision["told"]] == ["id_number"]
    assert WRONG not in str(decision)
    assert client.get(f"/v1/decisions/{decision['id']}").json() == decision


def test_a_key_gives_the_first_answer_again_and_is_for_one_application(client: Client) -> None:
    key = {"idempotency-key": "k1"}
    first = client.post(CHECK, json=raw_application(), headers=key).json()
    assert client.post(CHECK, json=raw_application(), headers=key).json() == first
    other = client.post(CHECK, json=raw_application(id_number=WRONG), headers=key)
    assert other.status_code == 409
    assert client.post(CHECK, json=raw_application(), headers={"idempotency-key": "k" * 200}).status_code == 400


def test_asking_twice_makes_one_decision(client: Client, store: Store) -> None:
    answers = [client.post(CHECK, json=raw_application()).json() for _ in range(2)]
    assert answers[0] == answers[1]
    assert len(kept(store)[0]) == 1


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        (raw_application() | {"type": "listing.removed", "data": {"listing_id": "l", "by": "x"}}, "/type"),
        (raw_application(id_number=""), "/data/id_number"),
        (raw_application(id_kind="driving licence"), "/data/id_kind"),
        (raw_application(id_photo="phash:xyz"), "/data/id_photo"),
    ],
)
def test_what_is_no_application_is_refused_with_its_place(client: Client, body: dict[str, Any], pointer: str) -> None:
    answer = client.post(CHECK, json=body)
    assert answer.status_code == 422
    assert answer.json()["pointer"] == pointer


def test_the_store_holds_no_number(client: Client, store: Store) -> None:
    client.post(CHECK, json=raw_application(id_number=WRONG, birth_date="1990-03-08", phone="13812345678"))
    with store.reading() as connection:
        dumped = "".join(
            str(row) for table in ("decisions", "identity_checks", "identity_photos", "identity_verdicts")
            for row in connection.exec_driver_sql(f"SELECT * FROM {table}")
        )  # fmt: skip
    assert dumped
    assert not any(secret in dumped for secret in (WRONG, "1990-03-08", "13812345678", "李伟"))


def test_the_log_a_replay_and_the_check_say_the_same(
    store: Store, sellers: Sellers, client: Client, tmp_path: Path
) -> None:  # fmt: skip
    raw = [raw_application(1), raw_application(2, id_number=WRONG), raw_application(3, legal_name="李伟😀")]
    answers = [client.post(CHECK, json=each).json() for each in raw]
    vault = make_vault()
    for each in raw:
        ingest(store, sellers, noted(sellers.notings, vault.keys, parse_event(each)))
    decisions, findings = kept(store)
    assert len(decisions) == 3, "what was checked before it came in was decided the same, and is kept once"

    path = tmp_path / "events.jsonl"
    path.write_bytes(make_lines(raw))

    def view(event: Event) -> Event:
        return noted_and_veiled(sellers.notings, vault.keys, event)

    quiet = Progress(lambda _: None)
    replay(event_files([str(path)]), lambda: [ApplicationMonitor(POLICY)], tmp_path / "out", progress=quiet, view=view)
    said = (tmp_path / "out" / "decisions.jsonl").read_bytes().splitlines()
    assert sorted((msgspec.json.decode(line, type=Decision) for line in said), key=lambda each: each.id) == decisions
    found = (tmp_path / "out" / "findings.jsonl").read_bytes().splitlines()
    assert sorted((msgspec.json.decode(line, type=Finding) for line in found), key=lambda each: each.id) == findings
    assert {each["id"] for each in answers} == {each.id for each in decisions}


def with_face(number: int, photo: Photo = PHOTO, **fields: Any) -> Event:
    photos: Mapping[str, Photo] = {"face_photo": photo}
    return with_photos(make_application(number, **fields), photos)


def test_a_photo_of_somebody_else_is_known_again_and_ones_own_is_not(store: Store, sellers: Sellers) -> None:
    near = msgspec.structs.replace(PHOTO, content="c2", print="0e" * 8 + "0f" * 64)
    mirrored = msgspec.structs.replace(PHOTO, content="c3", print=f"{int(PHOTO.print, 16) ^ int('55' * 72, 16):0144x}")
    ingest(
        store, sellers,
        with_face(1),
        with_face(2, application_id="a-1b", seller_id="s-1"),
        with_face(3, seller_id="s-3"),  # another seller under the same name and number: nothing new about the photo
        with_face(4, legal_name="王芳", id_number="110101199003077416"),
        with_face(5, near, legal_name="赵磊", id_number="330106199003074138"),
        with_face(6, mirrored, legal_name="陈静", id_number="11010119900307109X"),
        with_face(7, msgspec.structs.replace(PHOTO, content="c9", print="3c" * 72), legal_name="孙丽"),
    )  # fmt: skip
    found = {each.subject.id: each for each in kept(store)[1] if each.code == "sellers.document_reused"}
    assert set(found) == {"a-4", "a-5", "a-6"}
    assert {each.id for each in found["a-4"].related if each.kind == "application"} == {"a-1", "a-1b", "a-3"}
    assert all(each.score > 0.5 for each in found.values())


def test_a_photo_known_by_its_hash_alone(store: Store, sellers: Sellers) -> None:
    hashed = Photo(state="hash_only", phash="0123456789abcdef")
    empty = Photo(state="hash_only", phash="8000000000000000")
    ingest(store, sellers, with_face(1, hashed), with_face(2, hashed, legal_name="王芳"))
    ingest(store, sellers, with_face(3, empty), with_face(4, empty, legal_name="王芳"))
    assert {each.subject.id for each in kept(store)[1]} == {"a-2"}


def test_a_second_photo_of_one_application_takes_the_place_of_the_first(store: Store, sellers: Sellers) -> None:
    other = msgspec.structs.replace(PHOTO, content="c2", print="3c" * 72)
    again = with_photos(make_application(9, application_id="a-1", seller_id="s-1"), {"face_photo": other})
    ingest(store, sellers, with_face(1), again, with_face(2, legal_name="王芳", id_number="110101199003077416"))
    assert not kept(store)[1]


def judged(store: Store, event: Event, verdict: Verdict) -> Decision:
    about: dict[str, Any] = {"policy": POLICY, "advisers": (), "body_digest": "b", "idempotency_key": None, "now": NOW}
    with store.transaction() as connection:
        made, _ = actions.check(connection, event, verdict=verdict, **about)
    return made.decision


def test_what_a_provider_says_decides_and_stays_known_when_the_application_comes_in(
    store: Store, sellers: Sellers
) -> None:
    event = make_application(1)
    assert judged(store, event, NOT_CHECKED).outcome is Outcome.REVIEW
    assert judged(store, event, Verdict("failed", "p", reference="timeout")).outcome is Outcome.REVIEW
    assert judged(store, event, Verdict("different", "p", 0.01)).outcome is Outcome.HOLD
    approved = judged(store, event, Verdict("same", "p", 0.99, "r-1"))
    assert approved.outcome is Outcome.APPROVE
    ingest(store, sellers, event)
    assert approved in kept(store)[0]
    other = make_application(2, application_id="a-1", face_photo="another.jpg")
    ingest(store, sellers, other)
    assert [each.outcome for each in kept(store)[0]].count(Outcome.APPROVE) == 1, "another photo is another question"


def test_a_firm_has_no_face_to_compare(store: Store) -> None:
    firm = make_application(1, id_kind="business", id_number="91330106MA2AXXXXXP", legal_name="杭州某某贸易有限公司")
    assert judged(store, firm, NOT_CHECKED).outcome is Outcome.APPROVE


def test_an_application_that_came_in_before_anybody_looked_waits_for_a_person(store: Store) -> None:
    bare = msgspec.structs.replace(make_application(1), extensions={})
    decision = judged(store, bare, NOT_CHECKED)
    assert decision.outcome is Outcome.REVIEW


def test_a_closed_seller_who_comes_back_is_declined_by_what_links_know(
    store: Store, sellers: Sellers, tmp_path: Path
) -> None:  # fmt: skip
    phone = {"phone": "13812345678", "bank_account": "6222021234567890128", "device_id": "device-1"}
    told = [
        raw_application(1, **phone),
        _later(2, "store.opened", store_id="store-1", seller_id="s-1"),
        _later(3, "store.closed", store_id="store-1", reason="violation"),
    ]
    again = raw_application(9, **phone) | {"time": "2026-05-01T10:00:00+08:00"}
    vault = make_vault()

    def view(event: Event) -> Event:
        return noted_and_veiled(sellers.notings, vault.keys, event)

    ingest(store, sellers, *(noted(sellers.notings, vault.keys, parse_event(each)) for each in told))
    sellers.links.follow(sellers.keep_found)
    answer = sellers.applications.check(msgspec.json.encode(again), None)
    assert answer.outcome is Outcome.DECLINE
    assert "sellers.returned_after_closure" in {hit.code for hit in answer.hits}
    assert answer.told == (DECLINED,), "he is not told what gave him away"

    path = tmp_path / "events.jsonl"
    path.write_bytes(make_lines([*told, again]))
    quiet = Progress(lambda _: None)
    replay(event_files([str(path)]), sellers.monitors, tmp_path / "out", progress=quiet, view=view)
    lines = (tmp_path / "out" / "decisions.jsonl").read_bytes().splitlines()
    said = [msgspec.json.decode(line, type=Decision) for line in lines]
    last = next(each for each in said if each.subject.id == "a-9")
    assert (last.outcome, [hit.code for hit in last.hits]) == (answer.outcome, [hit.code for hit in answer.hits])


class Says(NoRules):
    """A rule that holds for all, and what was kept of it."""

    def __init__(self) -> None:
        self.kept: list[str] = []

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        assert (check, event.type) == ("application", "seller.applied")
        hit = Hit("sellers.device_applies_often", Outcome.HOLD, 0.8, "live", {"known": sorted(scores)})
        return Consulted((hit,), (Reason(hit.code, "Often.", {}),), "book-1")

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        assert connection.in_transaction()
        self.kept.append(decision.id)


def test_rules_take_part_in_the_check_and_in_a_replay(sellers: Sellers) -> None:
    plain, ruled = sellers.applications, replace(sellers.applications, rules=(rules := Says()))
    body = msgspec.json.encode(raw_application(1))
    before, after = plain.check(body, None), ruled.check(body, None)
    assert (before.outcome, after.outcome) == (Outcome.REVIEW, Outcome.HOLD)
    assert before.id != after.id
    assert rules.kept == [after.id]
    assert after.hits[-1].values["known"] == ["sellers.person_not_confirmed"]
    assert after.policy_version.endswith(";book-1")
    out = Out()
    ApplicationMonitor(POLICY, rules=Says()).hear(make_application(1), out)
    (decision,) = [each for each in out.take() if isinstance(each, Decision)]
    assert (decision.outcome, decision.hits[-1].code) == (Outcome.HOLD, "sellers.device_applies_often")


def _later(minute: int, kind: str, **data: Any) -> dict[str, Any]:
    time = f"2026-05-01T09:{minute:02d}:00+08:00"
    return {"id": f"e-{minute}", "source": "market", "type": kind, "time": time, "data": data}
