"""The log over HTTP: for programs as JSON, for standard tools as tlog-tiles."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from litestar.routes import HTTPRoute
from litestar.testing import TestClient

from agoranomos.audit import proving
from agoranomos.audit.api import PERMISSION, api_router
from agoranomos.audit.merkle import leaf_hash
from agoranomos.audit.notes import Note
from agoranomos.audit.service import AuditService
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from agoranomos.web.observing import Application
from agoranomos.web.paging import encode
from tests.audit.log import KEY, Log, make_entry
from tests.web.callers import caller_with

Client = TestClient[Application]


@pytest.fixture
def log(store: Store) -> Log:
    return Log(store)


@pytest.fixture
def client(log: Log) -> Iterator[Client]:
    app = create_app(
        [api_router(AuditService(log.store))], home="/v1/audit/checkpoint", authenticate=caller_with("audit.read")
    )
    with TestClient(app) as opened:
        yield opened


def get(client: Client, path: str, **params: Any) -> Any:
    answer = client.get(path, params=params)
    assert answer.status_code == 200, answer.text
    return answer.json()


def test_entries_page_by_page(log: Log, client: Client) -> None:
    assert get(client, "/v1/audit/entries") == {"items": []} | {"next": None}
    log.record(7)
    first = get(client, "/v1/audit/entries", limit=4)
    assert [one["index"] for one in first["items"]] == [0, 1, 2, 3]
    second = get(client, "/v1/audit/entries", limit=4, cursor=first["next"])
    assert [one["index"] for one in second["items"]] == [4, 5, 6]
    assert second["next"] is None
    assert first["items"][1] == {
        "index": 1,
        "id": leaf_hash(make_entry(1).leaf()).hex(),
        "time": "2026-05-01T08:00:01Z",
        "actor": {"kind": "person", "id": "p-1"},
        "verb": "case.decide",
        "subject": {"kind": "case", "id": "c-1"},
        "params": {"outcome": "upheld", "points": 1},
        "commitments": {},
    }


@pytest.mark.parametrize(
    ("params", "indexes"),
    [({"actor": "p-1"}, [1, 4]), ({"actor": "person:p-1", "subject": "case:c-4"}, [4]), ({"actor": "key:p-1"}, []),
     ({"subject": "c-2"}, [2])],
)  # fmt: skip
def test_entries_of_one(log: Log, client: Client, params: dict[str, str], indexes: list[int]) -> None:
    log.record(7)
    assert [one["index"] for one in get(client, "/v1/audit/entries", **params)["items"]] == indexes


def test_a_proof_and_its_checkpoint(log: Log, client: Client) -> None:
    log.grow(5)
    answer = client.get("/v1/audit/proof/3")
    assert proving.check(answer.content, KEY.verifier).recorded.entry == make_entry(3)
    head = get(client, "/v1/audit/checkpoint")
    assert (head["origin"], head["size"]) == (KEY.name, 5)
    assert head["note"] == answer.json()["checkpoint"]


def test_what_is_not_there(log: Log, client: Client) -> None:
    assert client.get("/v1/audit/checkpoint").status_code == 404
    assert client.get("/audit/checkpoint").status_code == 404
    log.grow(5)
    log.record()
    for path, status in (
        ("/v1/audit/proof/9", 404),
        (f"/v1/audit/proof/{2**63 - 1}", 404),
        (f"/v1/audit/proof/{2**70}", 404),
        ("/v1/audit/proof/-1", 404),
        (f"/v1/audit/entries?cursor={encode(2**63 - 1)}", 200),
        (f"/v1/audit/entries?cursor={encode(2**63)}", 400),
        (f"/v1/audit/entries?cursor={encode(-1)}", 400),
        ("/v1/audit/proof/5", 409),
        ("/v1/audit/entries?cursor=x", 400),
        ("/v1/audit/entries?limit=0", 400),
        ("/audit/tile/0/000", 404),
        ("/audit/tile/0/000.p/6", 404),
        ("/audit/tile/nonsense", 404),
        ("/audit/tile/1/000.p/1", 404),
    ):
        answer = client.get(path)
        assert answer.status_code == status, path
        assert status == 200 or answer.headers["content-type"].startswith("application/problem+json")


def test_the_read_paths_of_tlog_tiles(log: Log, client: Client) -> None:
    log.grow(300)
    checkpoint = client.get("/audit/checkpoint")
    assert checkpoint.headers["content-type"] == "text/plain; charset=utf-8"
    assert checkpoint.headers["cache-control"] == "no-store"
    assert Note.parse(checkpoint.text).signed_by(KEY.verifier)
    for path, size in (("0/000", 8192), ("0/001.p/44", 44 * 32), ("1/000.p/1", 32)):
        tile = client.get(f"/audit/tile/{path}")
        assert tile.headers["content-type"] == "application/octet-stream"
        assert "immutable" in tile.headers["cache-control"]
        assert len(tile.content) == size
    bundle = client.get("/audit/tile/entries/001.p/44").content
    leaf = make_entry(256).leaf()
    assert bundle.startswith(len(leaf).to_bytes(2, "big") + leaf)


def test_every_address_demands_the_permission(client: Client) -> None:
    mine = [route for route in client.app.routes if "audit" in route.path]
    assert len(mine) == 5
    for route in mine:
        assert isinstance(route, HTTPRoute)
        assert route.route_handler_map["GET"][0].opt["permission"] == PERMISSION
