"""Limits, metrics and log lines: what callers and operators see of the traffic, and nothing of what was in it."""

from __future__ import annotations

import io
import json
import logging
from typing import Any

import pytest
import sqlalchemy as sa
from litestar import Router, get
from litestar.params import FromPath
from litestar.testing import TestClient

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.store import Store
from agoranomos.web.app import create_app
from agoranomos.web.auth import PERMISSION
from agoranomos.web.limits import RateLimit, TooManyRequests
from agoranomos.web.logs import FACTS, JsonLines
from agoranomos.web.observing import Application
from tests.builders import NOW
from tests.web.callers import caller_with

SECRET = "13800138000"


@get("/things/{name:str}", sync_to_thread=False, opt={PERMISSION: "things.read"})
def thing(name: FromPath[str]) -> str:
    if name == "wrong":
        raise RuntimeError(f"cannot find {SECRET}")
    return name


def client_of(**settings: Any) -> TestClient[Application]:
    app = create_app(
        [Router("/v1", route_handlers=[thing])],
        home="/",
        authenticate=caller_with("things.read", "metrics.read"),
        **settings,
    )
    return TestClient(app, raise_server_exceptions=False)


def test_metrics_count_routes_and_not_addresses() -> None:
    with client_of() as client:
        for name in ("a", "b", SECRET):
            client.get(f"/v1/things/{name}")
        client.get(f"/nothing/{SECRET}")
        client.request("STRANGE", "/v1/things/a")
        shown = client.get("/metrics").text
    assert 'agora_http_requests_total{method="GET",route="/v1/things/{name}",status="200"} 3.0' in shown
    assert 'route="(none)",status="404"' in shown
    assert 'method="OTHER"' in shown
    assert 'agora_http_request_seconds_count{route="/v1/things/{name}"}' in shown
    assert SECRET not in shown


def test_metrics_are_not_for_everybody() -> None:
    app = create_app([], home="/", authenticate=caller_with("things.read"))
    with TestClient(app) as client:
        assert client.get("/metrics").status_code == 403


def test_who_asks_too_much_is_told_how_long_to_wait() -> None:
    clock = iter([0.0, 0.0, 0.0, 0.4, 0.5, 0.5])
    with client_of(rate_limit=RateLimit(2, 2, clock=lambda: next(clock))) as client:
        statuses = [client.get("/v1/things/a").status_code for _ in range(2)]
        refused = client.get("/v1/things/a")
        statuses += [client.get("/v1/things/a").status_code for _ in range(3)]
    assert statuses == [200, 200, 429, 200, 429]
    assert refused.status_code == 429
    assert refused.headers["retry-after"] == "1"
    assert refused.json()["type"] == "urn:agoranomos:problem:too-many-requests"


def test_callers_do_not_use_up_each_others_share() -> None:
    now = 0.0
    limit = RateLimit(1, 1, clock=lambda: now)
    limit.take("a")
    limit.take("b")
    with pytest.raises(TooManyRequests):
        limit.take("a")
    now = 1.0
    limit.take("a")


def test_full_buckets_are_forgotten_and_empty_ones_are_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("agoranomos.web.limits._CALLERS_MAX", 10)
    now = 0.0
    limit = RateLimit(1, 2, clock=lambda: now)
    for number in range(9):
        limit.take(f"early {number}")
    now = 3.0
    limit.take("greedy")
    limit.take("greedy")
    limit.take("new")
    assert len(limit._buckets) <= 3
    with pytest.raises(TooManyRequests):
        limit.take("greedy")


@pytest.fixture
def lines() -> Any:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(JsonLines(lambda: NOW))
    logger = logging.getLogger("agoranomos")
    # A program that was started in this process before has set the level of the lines of requests for itself.
    levels = {one: one.level for one in (logger, logging.getLogger("agoranomos.requests"))}
    logger.addHandler(handler)
    for one in levels:
        one.setLevel(logging.INFO)
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    logger.removeHandler(handler)
    for one, level in levels.items():
        one.setLevel(level)


def test_a_request_is_a_line_with_its_route(lines: Any) -> None:
    with client_of() as client:
        client.get(f"/v1/things/{SECRET}", headers={"x-request-id": "abc"})
    [line] = lines()
    assert line.pop("ms") >= 0
    assert line == {
        "at": "2026-05-01T08:00:00Z", "level": "info", "logger": "agoranomos.requests",
        "message": "GET /v1/things/{name} 200", "request_id": "abc", "method": "GET",
        "route": "/v1/things/{name}", "status": 200, "caller": "key:k1",
    }  # fmt: skip


def test_an_error_is_told_by_type_and_place_without_its_words(lines: Any) -> None:
    with client_of() as client:
        assert client.get("/v1/things/wrong").status_code == 500
    failed = [line for line in lines() if line["level"] == "error"]
    assert [line["error"]["type"] for line in failed] == ["builtins.RuntimeError"]
    assert failed[0]["error"]["at"][-1].endswith(" thing")
    assert SECRET not in json.dumps(lines())


def test_personal_data_stays_out_of_lines_whoever_wrote_it_there(lines: Any) -> None:
    facts = {"route": "/v1/things/13812345678", "ms": 13812345678.5}
    logging.getLogger("agoranomos.test").warning("asked for %s", "138 1234 5678", extra={FACTS: facts})
    try:
        raise Invalid("nobody is called a@example.com")
    except Invalid:
        logging.getLogger("agoranomos.test").exception("failed")
    first, second = lines()
    assert (first["message"], first["route"], first["ms"]) == ("asked for [phone]", "/v1/things/[phone]", 13812345678.5)
    assert second["error"]["message"] == "nobody is called [email]"


def test_our_own_errors_say_what_they_say(lines: Any) -> None:
    try:
        try:
            raise ValueError(SECRET)
        except ValueError as error:
            raise Invalid("write a number") from error
    except Invalid:
        logging.getLogger("agoranomos.test").exception("refused")
    [line] = lines()
    assert line["error"]["message"] == "write a number"
    assert line["error"]["cause"]["type"] == "builtins.ValueError"
    assert SECRET not in json.dumps(line)


def test_the_database_quotes_no_parameters(store: Store) -> None:
    wrong = sa.text("SELECT :secret, missing").bindparams(secret=SECRET)
    with pytest.raises(sa.exc.DBAPIError) as failed, store.reading() as connection:
        connection.execute(wrong)
    assert SECRET not in str(failed.value)
