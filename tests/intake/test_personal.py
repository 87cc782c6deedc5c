"""Desks see tokens in the place of personal data, the same ones live and in a replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import msgspec
import pytest

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay
from agoranomos.engine.stream.lines import event_files
from agoranomos.engine.stream.live import Live
from agoranomos.engine.stream.monitor import Out, Output
from agoranomos.engine.stream.ordering import LATENESS
from agoranomos.intake.actions import accept
from agoranomos.intake.noting import noted
from agoranomos.intake.personal import RULES, veiled
from agoranomos.intake.queries import read_after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import KeyRing, published_ring
from agoranomos.wiring import Wiring
from tests.builders import NOW, make_vault
from tests.intake.builders import PERSON, applied, raw


class Gossip:
    """Tells everything that it sees of applications and accounts, and who applied before with the same phone."""

    name, version = "gossip", "1"
    hears = ("account.registered", "seller.applied")

    def __init__(self) -> None:
        self.phones: dict[str, list[str]] = {}

    def foresee(self, events: Sequence[Event]) -> None: ...

    def hear(self, event: Event, out: Out) -> None:
        body = msgspec.to_builtins(event.body)
        before = self.phones.setdefault(body.get("phone") or "", [])
        subject = Subject("application", event.id)
        evidence = {"data": event.data, "body": body, "before": list(before)}
        out.say(
            Finding(
                id=finding_id("test.told", subject, event.time), at=rfc3339(event.time), code="test.told",
                subject=subject, score=0.5, reasons=(Reason("test.told", event.type, evidence),), detector="gossip",
                version="1",
            )
        )  # fmt: skip
        before.append(event.id)

    def due(self) -> datetime | None:
        return None

    def wake(self, now: datetime, out: Out) -> None: ...

    def state(self) -> bytes:
        return msgspec.msgpack.encode(self.phones)

    def resume(self, state: bytes) -> None:
        self.phones = msgspec.msgpack.decode(state, type=dict[str, list[str]])


TOLD = [
    applied("a1"),
    applied("a2", seller_id="s-2", phone="13800001111", address=None, email=""),
    applied(
        "a3", seller_id="s-3", phone="+86 138-0000-1111", face_photo="phash:0123456789abcdef", note="unknown field"
    ),
    raw("r1", "account.registered", data={"legal_name": "Plain Wang Xiaoming", "account_id": "b-1"}),
    raw("r2", "account.registered"),
]


def as_lines(outputs: Sequence[Output]) -> list[Any]:
    return sorted(msgspec.json.decode(msgspec.json.encode(outputs)), key=lambda each: str(each["id"]))


def replayed(folder: Path, keys: KeyRing, events: Sequence[dict[str, Any]] = TOLD) -> bytes:
    path = folder / "events.jsonl"
    path.write_bytes(b"".join(msgspec.json.encode(each) + b"\n" for each in events))
    out = folder / "out"
    replay(event_files([path]), lambda: [Gossip()], out, progress=Progress(lambda _: None), view=partial(veiled, keys))
    return (out / "findings.jsonl").read_bytes()


def followed(store: Store, events: Sequence[dict[str, Any]] = TOLD) -> list[Output]:
    """What the monitor says live."""
    received = NOW + timedelta(minutes=1)
    with store.transaction() as connection:
        accept(connection, make_vault(), [parse_event(each) for each in events], now=received)
    said: list[Output] = []
    live = Live(
        store, Gossip, read_after=lambda c, position, limit: read_after(c, position, limit=limit),
        keep=lambda _, outputs, __: said.extend(outputs), mine=lambda _: None,
    )  # fmt: skip
    while not live.step(received + LATENESS).idle:
        pass
    return said


def test_a_replay_says_what_was_said_live(store: Store, tmp_path: Path) -> None:
    lines = replayed(tmp_path, make_vault().keys)
    in_replay = sorted(map(msgspec.json.decode, lines.splitlines()), key=lambda each: str(each["id"]))
    live = as_lines(followed(store))
    assert in_replay == live
    assert len(live) == len(TOLD)
    before = {each["subject"]["id"]: each["reasons"][0]["evidence"]["before"] for each in live}
    assert before["a3"] == ["a2"], "one phone, spelt in two ways"


def test_nothing_of_a_person_reaches_a_monitor(tmp_path: Path) -> None:
    lines = replayed(tmp_path, make_vault().keys).decode()
    assert "unknown field" in lines
    assert "PLAIN" not in lines.upper()
    for value in (*PERSON.values(), "13800001111", "0123456789abcdef"):
        assert value not in lines


def test_verbs_that_hear_at_once_see_the_same(store: Store) -> None:
    heard: list[Event] = []
    with store.transaction() as connection:
        accept(
            connection, make_vault(), [parse_event(each) for each in TOLD], now=NOW,
            hearers=dict.fromkeys(RULES, lambda _, event, __: heard.append(event)),
        )  # fmt: skip
    with store.reading() as connection:
        logged = [each.event for each in read_after(connection, 0)]
    assert [(each.data, each.body) for each in heard] == [(each.data, each.body) for each in logged]


def test_without_a_vault_the_same_files_give_the_same_bytes_everywhere(tmp_path: Path) -> None:
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    views = [Wiring(tmp_path / name / "home").replay_view() for name in ("a", "b")]
    event = parse_event(TOLD[0])
    assert views[0](event) == views[1](event)
    assert views[0](event).data == veiled(published_ring(), event).data
    assert not (tmp_path / "a" / "home").exists(), "a replay makes no vault"


@pytest.mark.parametrize("given", [True, False])
def test_with_a_vault_a_replay_has_its_tokens(tmp_path: Path, given: bool) -> None:
    home = Wiring(tmp_path)
    home.vault()
    keys = (tmp_path / "vault.keys").read_text()
    wiring = Wiring(tmp_path / "elsewhere", vault_keys=keys) if given else Wiring(tmp_path)
    event = parse_event(TOLD[0])
    seen = wiring.replay_view()(event)
    assert seen.data == veiled(home.vault().keys, event).data != veiled(published_ring(), event).data
    assert seen.extensions == noted(wiring.notings(), home.vault().keys, event).extensions
    assert not (tmp_path / "elsewhere").exists()
