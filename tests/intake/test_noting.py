"""What is noted of a person travels with the event, and nobody else can write it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from agoranomos.engine.scan.progress import Silent
from agoranomos.intake.ingesting import Ingest, sources_of
from agoranomos.intake.noting import NOTES, Notings, noted, noted_and_veiled, notes_of
from agoranomos.intake.queries import read_after
from agoranomos.intake.service import EventService
from agoranomos.kernel.events import Event, parse_event
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.vault.keys import KeyRing
from tests.builders import NOW, make_vault

RAW: dict[str, Any] = {
    "id": "e-1",
    "source": "market",
    "type": "seller.applied",
    "time": "2026-05-01T08:00:00+08:00",
    NOTES: {"length": {"characters": 99}, "forged": {}},
    "data": {
        "application_id": "a-1",
        "seller_id": "s-1",
        "legal_name": "张三",
        "id_kind": "passport",
        "id_number": "E12345678",
    },
}


def length(keys: KeyRing, event: Event) -> Mapping[str, Any]:
    number = event.data["id_number"]
    return {"characters": len(number), "hash": keys.digest(number.encode())[:4].hex()}


NOTINGS: Notings = {"seller.applied": {"length": length}}


def test_a_room_sees_the_plain_event_and_its_notes_stay_when_tokens_take_its_place() -> None:
    keys = make_vault().keys
    event = noted_and_veiled(NOTINGS, keys, parse_event(RAW))
    assert event.data["id_number"].startswith("idn_")
    assert notes_of(event, "length")["characters"] == len("E12345678")
    assert notes_of(event, "another room") == {}


def test_what_a_sender_wrote_there_is_thrown_away() -> None:
    keys = make_vault().keys
    assert notes_of(noted(NOTINGS, keys, parse_event(RAW)), "forged") == {}
    assert set(noted(NOTINGS, keys, parse_event(RAW)).extensions[NOTES]) == {"length"}
    assert NOTES not in noted({}, keys, parse_event(RAW)).extensions
    plain = parse_event({name: value for name, value in RAW.items() if name != NOTES})
    assert noted({}, keys, plain) is plain


def test_the_log_keeps_the_notes_by_file_and_by_request(store: Store, tmp_path: Path) -> None:
    vault = make_vault()
    path = tmp_path / "events.jsonl"
    path.write_bytes(msgspec.json.encode(RAW) + b"\n")
    Ingest(store, vault, sources_of([str(path)]), clock=lambda: NOW, watcher=Silent(), notings=NOTINGS).run()
    writer = GroupWriter(store)
    EventService(writer, vault, lambda: NOW, notings=NOTINGS).take(msgspec.json.encode(RAW | {"id": "e-2"}))
    writer.close()
    expected = noted_and_veiled(NOTINGS, vault.keys, parse_event(RAW))
    with store.reading() as connection:
        first, second = (each.event for each in read_after(connection, 0, limit=10))
    assert first == expected
    assert second == msgspec.structs.replace(expected, id="e-2")


def test_a_repeat_is_known_by_what_was_said_not_by_what_is_noted_today(store: Store) -> None:
    vault = make_vault()
    writer = GroupWriter(store)
    EventService(writer, vault, lambda: NOW, notings=NOTINGS).take(msgspec.json.encode(RAW))
    receipt = EventService(writer, vault, lambda: NOW).take(msgspec.json.encode(RAW))
    writer.close()
    assert (receipt.repeated, receipt.conflicting) == (1, 0)
