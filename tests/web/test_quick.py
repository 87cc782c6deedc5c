"""The short way for routes that are asked often answers as the long one does."""

from __future__ import annotations

import asyncio
from typing import Any

import msgspec
import pytest
from litestar import Request, Router
from litestar.exceptions import ClientException
from litestar.testing import TestClient

from agoranomos.web.app import create_app
from agoranomos.web.auth import PERMISSION
from agoranomos.web.problems import TooLarge, json_only
from agoranomos.web.quick import QuickRoute, body_of
from agoranomos.web.security import header
from tests.web.callers import caller_with
from tests.web.test_auth import nobody

ROOM = 1_000


class Echo(msgspec.Struct):
    """What came."""

    size: int
    key: str | None


@QuickRoute("/echo", http_method="POST", status_code=201, opt={PERMISSION: "things.write"}, guards=[json_only])
async def echo(request: Request[Any, Any, Any]) -> Echo:
    body = await body_of(request.scope, request.receive, ROOM)
    return Echo(len(body), header(request.scope, b"idempotency-key"))


def client_for(authenticate: Any) -> TestClient[Any]:
    return TestClient(create_app([Router("/v1", route_handlers=[echo])], home="/", authenticate=authenticate))


def test_it_answers_with_json_and_all_headers() -> None:
    with client_for(caller_with("things.write")) as client:
        answer = client.post(
            "/v1/echo", content=b"{}", headers={"content-type": "application/json", "X-Request-Id": "r"}
        )
        keyed = client.post("/v1/echo", json=[1], headers={"Idempotency-Key": "k-1"})
    assert (answer.status_code, answer.json()) == (201, {"size": 2, "key": None})
    assert keyed.json()["key"] == "k-1"
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-request-id"] == "r"
    assert answer.headers["cache-control"] == "no-store"
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize(
    ("authenticate", "kind", "size", "status"),
    [
        (nobody, "application/json", 2, 401),
        (caller_with("things.read"), "application/json", 2, 403),
        (caller_with("things.write"), "text/plain", 2, 415),
        (caller_with("things.write"), "application/json", ROOM, 201),
        (caller_with("things.write"), "application/json", ROOM + 1, 413),
    ],
)
def test_guards_and_bounds_hold(authenticate: Any, kind: str, size: int, status: int) -> None:
    with client_for(authenticate) as client:
        answer = client.post("/v1/echo", content=b"1" * size, headers={"content-type": kind})
    assert answer.status_code == status
    if status >= 400:
        assert answer.headers["content-type"].startswith("application/problem+json")


def read(*parts: bytes, announced: str | None = None, gone: bool = False) -> bytes:
    """`body_of` of a request that comes in these parts."""
    messages: list[dict[str, Any]] = [{"type": "http.request", "body": part, "more_body": True} for part in parts]
    messages.append({"type": "http.disconnect"} if gone else {"type": "http.request", "body": b""})
    coming = iter(messages)

    async def receive() -> Any:
        return next(coming)

    scope: Any = {"headers": [] if announced is None else [(b"content-length", announced.encode())]}
    return asyncio.run(body_of(scope, receive, ROOM))


def test_a_body_in_parts_is_put_together_and_counted() -> None:
    assert read(b"a", b"", b"bc") == b"abc"
    assert read(b"a" * ROOM, announced="not a number") == b"a" * ROOM
    with pytest.raises(TooLarge):
        read(*([b"aa"] * ROOM))
    with pytest.raises(TooLarge):
        read(announced=str(ROOM + 1))
    with pytest.raises(ClientException):
        read(b"a", gone=True)
