"""Events over HTTP: one, many, wrong ones among them, and too many."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.intake import api, queries, service
from agoranomos.intake.service import EventService
from agoranomos.kernel.store import Store
from agoranomos.kernel.writer import GroupWriter
from agoranomos.web.app import create_app
from tests.builders import NOW, make_lines, make_vault
from tests.intake.builders import applied, raw
from tests.web.callers import caller_with

Client = TestClient[Litestar]
ADDRESS = "/v1/events"


def application(store: Store, *permissions: str) -> Litestar:
    writer = GroupWriter(store)
    events = EventService(writer, make_vault(), lambda: NOW)
    return create_app(
        [api.api_router(events)], home="/", authenticate=caller_with(*permissions), on_shutdown=[writer.close]
    )


@pytest.fixture
def client(store: Store) -> Iterator[Client]:
    with TestClient(application(store, "events.write")) as client:
        yield client


def send(client: Client, content: bytes, media_type: str = "application/json") -> Any:
    return client.post(ADDRESS, content=content, headers={"content-type": media_type})


def encoded(value: Any) -> bytes:
    return json.dumps(value).encode()


def receipt(**changes: Any) -> dict[str, Any]:
    return {"accepted": 0, "repeated": 0, "rejected": [], "conflicting": 0, "late": 0, **changes}


def ids(store: Store) -> list[str]:
    with store.reading() as connection:
        return [one.event.id for one in queries.read_after(connection, 0)]


@pytest.mark.parametrize("media_type", ["application/json", "application/cloudevents+json; charset=utf-8"])
def test_one_event(client: Client, store: Store, media_type: str) -> None:
    response = send(client, encoded(raw("e1")), media_type)
    assert response.status_code == 202
    assert response.json() == receipt(accepted=1)
    assert send(client, encoded(raw("e1")), media_type).json() == receipt(repeated=1)
    assert ids(store) == ["e1"]


@pytest.mark.parametrize("media_type", ["application/json", "application/cloudevents-batch+json"])
def test_a_batch_keeps_its_order_and_names_what_is_wrong(client: Client, store: Store, media_type: str) -> None:
    batch = [raw("e2"), {"id": "SECRET"}, raw("e1"), 7, raw("e2"), raw("e3", data={"order_id": "SECRET\n"})]
    response = send(client, b" \n" + encoded(batch), media_type)
    assert response.status_code == 202
    said = response.json()
    assert (said["accepted"], said["repeated"]) == (2, 1)
    assert [(one["index"], one["pointer"]) for one in said["rejected"]] == [
        (1, "/source"),
        (3, ""),
        (5, "/data/order_id"),
    ]
    assert "SECRET" not in response.text
    assert ids(store) == ["e2", "e1"]


def test_json_lines(client: Client, store: Store) -> None:
    response = send(client, make_lines([raw("e1"), b"", b"{", raw("e2")]), "application/x-ndjson")
    said = response.json()
    assert (said["accepted"], [one["index"] for one in said["rejected"]]) == (2, [1])
    assert ids(store) == ["e1", "e2"]


def test_late_and_conflicting_are_counted(client: Client) -> None:
    batch = [raw("e1"), raw("e2", minutes=-11), raw("e1", data={"order_id": "o"})]
    assert send(client, encoded(batch)).json() == receipt(accepted=2, late=1, repeated=1, conflicting=1)


def test_an_empty_batch_is_nothing(client: Client) -> None:
    assert send(client, b"[]").json() == receipt()


@pytest.mark.parametrize(
    ("content", "words"),
    [(b'[{"id": }]', "(byte 8)"), (b"", "(byte 0)"), (b"[1, 2", "(byte 5)"), (b"{", "(byte 1)")],
)
def test_a_body_that_cannot_be_read_is_refused_as_a_whole(client: Client, content: bytes, words: str) -> None:
    response = send(client, content)
    assert response.status_code == 400
    assert response.headers["content-type"].startswith("application/problem+json")
    assert words in response.json()["detail"]


@pytest.mark.parametrize("media_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", ""])
def test_other_media_types_are_refused(client: Client, media_type: str) -> None:
    response = send(client, encoded(raw("e1")), media_type)
    assert response.status_code == 415
    assert "x-ndjson" in response.json()["detail"]


def test_too_many_and_too_large_are_refused(client: Client, store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "BATCH_EVENTS_MAX", 2)
    response = send(client, encoded([raw("e1"), raw("e2"), raw("e3")]))
    assert (response.status_code, response.json()["type"]) == (413, "urn:agoranomos:problem:too-large")
    assert "10,000" in response.json()["detail"]
    assert send(client, b"[" + b" " * api.BATCH_BYTES_MAX + b"]").status_code == 413
    assert ids(store) == []


def test_a_batch_may_be_larger_than_one_event_may(client: Client) -> None:
    batch = [raw(f"e{number}", data={"more": "x" * 700_000}) for number in range(4)]
    assert send(client, encoded(batch)).json()["accepted"] == 4
    said = send(client, encoded([raw("large", data={"more": "x" * 1_100_000})])).json()
    assert said["rejected"][0]["reason"] == "the event is longer than 1 MiB"


def test_sending_needs_the_permission(store: Store) -> None:
    with TestClient(application(store, "events.read")) as client:
        assert send(client, encoded(raw("e1"))).status_code == 403
    assert ids(store) == []


def test_personal_data_is_in_no_answer(client: Client) -> None:
    response = send(client, encoded([applied(), applied("a2", id_kind="PLAIN"), applied("a1", phone="PLAIN 2")]))
    assert response.status_code == 202
    assert "PLAIN" not in response.text
