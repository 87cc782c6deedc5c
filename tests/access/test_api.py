"""The access desk over HTTP and by command: what is asked reaches the verbs, and what is said can be read."""

from __future__ import annotations

import gzip
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner, Result
from litestar import Litestar
from litestar.testing import TestClient

from agoranomos.access.commands import access
from agoranomos.access.routers import routers
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from tests.access.builders import DAY0, Desk, order, people, read, with_limits
from tests.stores import make_store
from tests.web.callers import caller_with

ALL = ("checks.run", "access.read", "access.manage", "access.approve")


class Console:
    """The context that commands get."""

    def __init__(self, desk: Desk) -> None:
        self.access = desk.rooms


def app_of(desk: Desk, *permissions: str, name: str = "ada") -> Litestar:
    authenticate = caller_with(*(permissions or ALL), kind="person", name=name)
    return create_app(routers(desk.rooms), home="/v1/openapi.json", authenticate=authenticate)


def body(event: Event) -> dict[str, Any]:
    return {
        "id": event.id, "source": event.source, "type": event.type, "time": rfc3339(event.time), "data": event.data,
    }  # fmt: skip


def test_the_check_answers_with_when_to_come_back(store: Store) -> None:
    desk = Desk(store, with_limits(people_per_day=3))
    with TestClient(app_of(desk)) as client:
        asked: Any = {"headers": {"Idempotency-Key": "k1"}, "json": body(read("p1", people(0, 3)))}
        first = client.post("/v1/checks/data-read", **asked)
        assert (first.status_code, first.json()["outcome"], first.json()["retry_after"]) == (200, "approve", None)
        assert client.post("/v1/checks/data-read", **asked).json() == first.json()
        declined = client.post("/v1/checks/data-read", json=body(read("p1", people(3, 5), 1))).json()
        assert (declined["outcome"], declined["retry_after"]) == ("decline", 13 * 3_600)
        assert client.post("/v1/checks/data-read", json=body(order("a1"))).status_code == 422
        shown = client.get("/v1/access/readers/p1").json()
        assert shown["windows"][0]["people"] == 3
        assert client.get("/v1/access/readers").json()["items"] == [shown]
        assert client.get("/v1/access/readers/none").status_code == 404
        limits = dict.fromkeys(shown["limits"], 9) | {"ends_at": rfc3339(DAY0 + timedelta(days=3))}
        assert client.put("/v1/access/readers/p1/limits", json=limits).json()["limits"]["people_per_day"] == 9
        assert client.put("/v1/access/readers/p1/limits", json=limits | {"people_per_day": -1}).status_code == 422
        assert client.delete("/v1/access/readers/p1/limits").json()["own"] is None


def test_exports_canaries_and_scopes(store: Store) -> None:
    desk = Desk(store)
    wish = {"principal_id": "w1", "purpose": "audit", "fields": ["phone"], "destination_region": "CN"}
    with TestClient(app_of(desk)) as client, TestClient(app_of(desk, name="bob")) as other:
        export_id = client.post("/v1/access/exports", json=wish).json()["export"]["export_id"]
        assert client.post(f"/v1/access/exports/{export_id}/agree").status_code == 403
        assert other.post(f"/v1/access/exports/{export_id}/agree").json()["state"] == "approved"
        assert other.post(f"/v1/access/exports/{export_id}/refuse").status_code == 409
        assert client.get(f"/v1/access/exports/{export_id}").json()["state"] == "approved"
        assert len(client.get("/v1/access/exports").json()["items"]) == 1
        assert client.post(f"/v1/access/exports/{export_id}/canaries").status_code == 409
        for kind, value in (("number", "1700"), ("record", "a9")):
            assert client.post("/v1/access/canaries", json={"kind": kind, "values": [value]}).status_code == 201
        given = client.post(f"/v1/access/exports/{export_id}/canaries").json()
        assert [each["value"] for each in given] == ["1700", "a9"]
        assert len(client.get("/v1/access/canaries").json()["items"]) == 2
        desk.hear(read("p1", people(0, 4)))
        window = {"since": rfc3339(DAY0), "until": rfc3339(DAY0 + timedelta(days=1))}
        made = client.post("/v1/access/scopes", json={"principal_ids": ["p1"], **window}).json()
        assert made["scope"]["certain"] == 4
        assert "a1" not in json.dumps(made)


@pytest.mark.parametrize("path", ["readers", "exports", "canaries"])
def test_who_may_not_is_told(tmp_path: Path, path: str) -> None:
    with TestClient(app_of(Desk(make_store(tmp_path)), "checks.run")) as client:
        assert client.get(f"/v1/access/{path}").status_code == 403


def call(desk: Desk, *arguments: str) -> Result:
    return CliRunner().invoke(access, arguments, obj=Console(desk), catch_exceptions=False)


def test_commands_say_the_same_in_words_and_json(tmp_path: Path) -> None:
    desk = Desk(make_store(tmp_path))
    desk.hear(read("p1", people(0, 4)), read("w1", 9, kind="staff", name="x"))
    assert "4 people in 30 days" in call(desk, "readers").output
    assert json.loads(call(desk, "reader", "p1", "--json").output)["windows"][1]["people"] == 4
    later = call(desk, "reader", "p1", "--as-of", rfc3339(DAY0 + timedelta(days=40)))
    assert "0 reads of 0 people" in later.output
    asked = call(desk, "ask", "--reader", "w1", "--purpose", "audit", "--field", "phone", "--region", "US", "--json")
    export_id = json.loads(asked.output)["export"]["export_id"]
    assert "asked     audit to US, 0 of 2 agreed" in call(desk, "exports").output
    for kind, value in (("number", "1700\n\n"), ("record", "a9")):
        (tmp_path / "planted").write_text(value)
        assert "1 planted" in call(desk, "plant", kind, str(tmp_path / "planted")).output
    assert "1700" in call(desk, "canaries", export_id).output
    out = str(tmp_path / "scope")
    made = call(
        desk, "scope", "--principal", "p1", "--from", rfc3339(DAY0), "--to", "2026-03-09T00:00:00Z", "--out", out
    )
    assert "4 people for certain, at most 0 more" in made.output
    assert call(desk, "verify", out).exit_code == 0
    (tmp_path / "scope" / "people.jsonl").write_bytes(b"")
    broken = call(desk, "verify", out, "--json")
    assert (broken.exit_code, json.loads(broken.output)["verified"]) == (1, False)


def test_logs_are_judged(tmp_path: Path) -> None:
    source = Path(__file__).parents[2] / "docs" / "examples" / "access.log.gz"
    desk = Desk(make_store(tmp_path))
    desk.hours = 200.0
    out = tmp_path / "out"
    done = call(desk, "logs", str(source), "--subject", "/members/{member}", "--out", str(out), "--json")
    summary = json.loads(done.output)
    assert (summary["lines"], summary["readers"], summary["findings"]) == (658, 39, 3)
    found = [json.loads(line) for line in (out / "findings.jsonl").read_text().splitlines()]
    assert {each["subject"]["id"] for each in found} == {"b-91", "b-92", "b-93"}
    assert len({each["ring_id"] for each in found}) == 1
    rows = pq.read_table(out / "readers.parquet").to_pylist()
    assert {each["name"] for each in rows if each["user"]} == {"b-91", "b-92", "b-93"}
    first = (out / "findings.jsonl").read_bytes()
    (tmp_path / "again.log").write_bytes(gzip.decompress(source.read_bytes()))
    call(desk, "logs", str(tmp_path / "again.log"), "--subject", "/members/{member}", "--out", str(out))
    assert (out / "findings.jsonl").read_bytes() == first
