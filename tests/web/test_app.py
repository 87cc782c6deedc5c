"""The web floor by itself, with a desk of the tests: headers, ids, problems, health."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Router, get, post
from litestar.params import FromQuery
from litestar.testing import TestClient

from agoranomos.kernel.errors import Conflict, Forbidden, Invalid, NotFound
from agoranomos.web import i18n
from agoranomos.web.app import create_app
from agoranomos.web.auth import ANYONE, PERMISSION, Caller, Connection
from agoranomos.web.observing import Application
from agoranomos.web.pages import static_url, with_unseen

ERRORS: dict[str, Exception] = {
    "not-found": NotFound(),
    "conflict": Conflict("taken by 'somebody'"),
    "forbidden": Forbidden(),
    "invalid": Invalid("'secret-1' is wrong", pointer="/a/0"),
    "malformed": Invalid("\"secret-2\" and 'it\\'s secret-3'"),
    "internal": RuntimeError("secret-4"),
}
STATUS = {
    "not-found": 404,
    "conflict": 409,
    "forbidden": 403,
    "invalid": 422,
    "malformed": 400,
    "internal": 500,
}


OPEN = {PERMISSION: ANYONE}


async def nobody(connection: Connection) -> Caller | None:
    return None


def fail(which: FromQuery[str]) -> None:
    raise ERRORS[which]


def routers() -> list[Router]:
    return [
        Router("/v1", route_handlers=[get("/fail", sync_to_thread=False)(fail)], opt=OPEN),
        Router("/page", route_handlers=[get("/fail", sync_to_thread=False)(fail)], opt=OPEN),
        Router("/form", route_handlers=[post("/", sync_to_thread=False)(lambda_page)], opt=OPEN),
    ]


def lambda_page() -> str:
    return "sent"


@pytest.fixture
def client() -> Iterator[TestClient[Application]]:
    app = create_app(routers(), home="/page", authenticate=nobody)
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


@pytest.mark.parametrize("slug", ERRORS)
def test_an_error_is_a_problem_document_without_content(
    client: TestClient[Application], slug: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.CRITICAL):
        response = client.get(f"/v1/fail?which={slug}", headers={"accept": "text/html"})
    assert response.status_code == STATUS[slug]
    document = response.json()
    assert document["type"] == f"urn:agoranomos:problem:{slug}"
    assert document.get("pointer", "") == ("/a/0" if slug == "invalid" else "")
    assert "secret" not in response.text
    assert "Traceback" not in response.text


@pytest.mark.parametrize("slug", ERRORS)
@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_person_gets_a_page_with_the_request_id(
    client: TestClient[Application], slug: str, language: str, caplog: pytest.LogCaptureFixture
) -> None:
    headers = {"accept": "text/html", "accept-language": language}
    with caplog.at_level(logging.CRITICAL):
        response = client.get(f"/page/fail?which={slug}", headers=headers)
    assert response.status_code == STATUS[slug]
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["x-request-id"] in response.text
    assert "secret" not in response.text


@pytest.mark.parametrize("address", ["/healthz", "/nope", "/v1/nope", "/page/fail?which=internal", "/static/app.css"])
def test_every_answer_carries_the_headers(client: TestClient[Application], address: str) -> None:
    headers = client.get(address).headers
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert "script-src 'self';" in policy
    assert "connect-src 'self';" in policy
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["x-frame-options"] == "DENY"
    assert headers["x-request-id"]
    assert ("no-store" in headers["cache-control"]) != address.startswith("/static/")


@pytest.mark.parametrize(("address", "document"), [("/healthz", False), ("/static/app.css", True), ("/nope", True)])
def test_what_concerns_documents_goes_with_what_can_be_one(
    client: TestClient[Application], address: str, document: bool
) -> None:
    headers = client.get(address, headers={"accept": "text/html"}).headers
    for name in ("referrer-policy", "cross-origin-opener-policy", "permissions-policy"):
        assert (name in headers) is document
    assert headers["cross-origin-resource-policy"] == "same-origin"


@pytest.mark.parametrize(("given", "taken"), [("trace-1.a_b", True), ("x" * 65, False), ("<b>", False)])
def test_a_well_formed_request_id_is_carried_on(client: TestClient[Application], given: str, taken: bool) -> None:
    answered = client.get("/v1/nope", headers={"x-request-id": given})
    assert (answered.headers["x-request-id"] == given) is taken
    assert answered.json()["request_id"] == answered.headers["x-request-id"]


def test_a_form_needs_its_token(client: TestClient[Application]) -> None:
    refused = client.post("/form", data={"a": "b"})
    assert refused.status_code == 403
    assert refused.json()["type"] == "urn:agoranomos:problem:stale-form"


def test_files_are_cached_for_ever_under_their_hash_and_set_no_cookie(
    client: TestClient[Application],
) -> None:
    answer = client.get(static_url("app.css"))
    assert answer.status_code == 200
    assert "immutable" in answer.headers["cache-control"]
    assert "set-cookie" not in answer.headers
    assert "http" not in answer.text.replace("http://www.w3.org", "")
    assert client.get("/static/../app.py").status_code == 404


def test_health_tells_when_the_store_is_away(caplog: pytest.LogCaptureFixture) -> None:
    def away() -> None:
        raise RuntimeError("secret-5")

    with TestClient(create_app([], home="/", authenticate=nobody, ready=away)) as client:
        with caplog.at_level(logging.CRITICAL):
            answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["status"]) == (503, "unavailable")
    with TestClient(create_app([], home="/", authenticate=nobody)) as client:
        assert client.get("/healthz").json()["status"] == "ok"
        assert "lacks" not in client.get("/healthz").json()
    with TestClient(create_app([], home="/", authenticate=nobody, lacks=lambda: ["features 2/2"])) as client:
        answer = client.get("/healthz")
        assert (answer.status_code, answer.json()["status"], answer.json()["lacks"]) == (200, "ok", ["features 2/2"])


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("fr", "en"),
        ("zh", "zh"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB, zh;q=0.9", "en"),
        ("en;q=0.1, zh;q=0.2", "zh"),
        ("zh;q=0, en;q=0.1", "en"),
        ("zh;q=x", "en"),
        (",;;,", "en"),
    ],
)
def test_the_browser_s_wish_is_read(header: str, language: str) -> None:
    assert i18n.preferred(header) == language


def test_a_text_without_its_twin_is_refused() -> None:
    half: Any = {"key": ("English", "")}
    with pytest.raises(ValueError, match="key"):
        i18n.Catalogue(half)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a<b", "a&lt;b"),
        ("\u8010\u200b\u514b", '\u8010<span class="unseen" title="U+200B"></span>\u514b'),
        ("\u202ex", '<span class="unseen" title="U+202E"></span>x'),
        ("\x00", '<span class="unseen" title="U+0000"></span>'),
        ("\U0001f469\u200d\U0001f680\n", "\U0001f469\u200d\U0001f680\n"),
    ],
)
def test_what_has_no_shape_gets_a_sign(text: str, shown: str) -> None:
    assert with_unseen(text) == shown
