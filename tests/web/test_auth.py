"""One guard for all routes: who may, who may not, and who must say who they are."""

from __future__ import annotations

import pytest
from litestar import Request, Router, get
from litestar.testing import TestClient

from agoranomos.kernel.errors import NotFound
from agoranomos.web.app import create_app
from agoranomos.web.auth import ANYONE, PERMISSION, Authenticator, Caller, Connection, SignInNeeded, caller_of
from tests.web.callers import caller_with

Asked = Request[None, None, None]  # type: ignore[type-var] # nothing of the request's own user and state is used


@get("/open", sync_to_thread=False, opt={PERMISSION: ANYONE})
def open_to_all() -> str:
    return "open"


@get("/read", sync_to_thread=False, opt={PERMISSION: "things.read"})
def read(request: Asked) -> str:
    return str(caller_of(request).actor)


async def nobody(connection: Connection) -> Caller | None:
    return None


async def turned_away(connection: Connection) -> Caller | None:
    raise SignInNeeded("this API key is revoked")


def client_for(authenticate: Authenticator) -> TestClient:  # type: ignore[type-arg] # of our application
    routers = [Router("/v1", route_handlers=[open_to_all, read]), Router("/page", route_handlers=[read])]
    return TestClient(create_app(routers, home="/page", authenticate=authenticate))


def test_who_holds_the_permission_is_let_through_and_known() -> None:
    with client_for(caller_with("things.read")) as client:
        assert client.get("/v1/read").text == "key:k1"


def test_who_lacks_it_is_refused_with_its_name() -> None:
    with client_for(caller_with("things.write")) as client:
        response = client.get("/v1/read")
    assert response.status_code == 403
    assert "things.read" in response.json()["detail"]


@pytest.mark.parametrize(("authenticate", "words"), [(nobody, "Authorization: Bearer"), (turned_away, "revoked")])
def test_who_is_nobody_is_told_to_sign_in(authenticate: Authenticator, words: str) -> None:
    with client_for(authenticate) as client:
        response = client.get("/v1/read")
        assert client.get("/page/read", headers={"accept": "text/html"}).status_code == 401
        assert client.get("/v1/open").text == "open"
        assert client.get("/healthz").status_code == 200
        assert client.get("/v1/openapi.json").status_code == 200
    assert response.status_code == 401
    assert response.headers["www-authenticate"] == "Bearer"
    assert response.json()["type"] == "urn:agoranomos:problem:sign-in-needed"
    assert words in response.json()["detail"]


def test_what_does_not_exist_is_not_found_by_anybody() -> None:
    with client_for(nobody) as client:
        assert client.get("/v1/nothing").status_code == 404


def test_a_route_without_a_permission_does_not_start() -> None:
    @get("/forgotten", sync_to_thread=False)
    def forgotten() -> str:
        raise NotFound

    with pytest.raises(AssertionError, match="/forgotten"):
        create_app([forgotten], home="/", authenticate=nobody)
