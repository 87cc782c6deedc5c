"""Every route, asked by everybody: who is let through is exactly what the table of roles says."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar.handlers import HTTPRouteHandler

from agoranomos.staff.roles import FOR_PROGRAMS, GRANTS, PERMISSIONS, Role
from agoranomos.web.auth import ANYONE, PERMISSION, SIGNED_IN
from tests.staff.house import Client, House, hidden
from tests.stores import make_store

PROGRAMS = ("nobody", "wrong key", "other scope", "full scope")
FOR_PEOPLE_ONLY = {"/account/others", "/account/password"}
"""Routes for whoever has signed in that turn programs away: they are about one's own browsers and password."""


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    store = make_store(tmp_path_factory.mktemp("store"))
    yield House(store)
    store.close()


def routes(house: House) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, address, handler) of all routes; what an address leaves open is filled with something."""
    for route in house.app.routes:
        address = re.sub(r"\{[^}:]+:(\w+)\}", lambda m: "1" if m[1] == "int" else "x", route.path)
        for handler in getattr(route, "route_handlers", ()):
            if isinstance(handler, HTTPRouteHandler):
                for method in sorted(handler.http_methods - {"OPTIONS", "HEAD"}):
                    yield method, address, handler


def client_of(house: House, who: str) -> Client:
    """The client of a role, or of one of PROGRAMS."""
    if who == "nobody":
        return house.program_with("")
    if who == "wrong key":
        return house.program_with("agora_1234_5678")
    if who == "other scope":
        return house.program("webhooks.manage")
    if who == "full scope":
        return house.program(*FOR_PROGRAMS)
    return house.browser_of(house.add(who, Role(who)))


def held_by(who: str) -> frozenset[str] | None:
    """What `who` may do; None when nobody knows them."""
    if who in ("nobody", "wrong key"):
        return None
    if who in PROGRAMS:
        return frozenset({"webhooks.manage"}) if who == "other scope" else FOR_PROGRAMS
    return GRANTS[Role(who)]


def expected(who: str, address: str, permission: str) -> str:
    """`in`, 401 or 403."""
    held = held_by(who)
    if permission == ANYONE:
        return "in"
    if held is None:
        return "401"
    if permission == SIGNED_IN:
        return "403" if who in PROGRAMS and address in FOR_PEOPLE_ONLY else "in"
    return "in" if permission in held else "403"


def ask(client: Client, method: str, address: str, token: dict[str, str]) -> str:
    """How the answer to a request without sense is meant: it is let in when it is refused for its lack of sense."""
    sent: dict[str, Any] = {}
    if method != "GET":
        sent = {"json": {}} if address.startswith("/v1/") else {"data": token}
    answer = client.request(method, address, follow_redirects=False, headers={"accept": "*/*"}, **sent)
    if answer.status_code in (401, 403) and "The address or the password" not in answer.text:
        return str(answer.status_code)
    assert answer.status_code < 500, (method, address, answer.status_code)
    return "in"


@pytest.mark.parametrize("who", [*PROGRAMS, *Role])
def test_who_is_let_in(house: House, who: str) -> None:
    client = client_of(house, who)
    token = {"_csrf_token": hidden(client.get("/sign-in", headers={"accept": "text/html"}).text)["_csrf_token"]}
    wrong = []
    asked = 0
    for method, address, handler in routes(house):
        if address in ("/account/others", "/account/password", "/sign-out") and who not in PROGRAMS:
            continue  # asked last: they end what the others need
        permission = handler.opt[PERMISSION]
        found, wanted = ask(client, method, address, token), expected(who, address, permission)
        asked += 1
        if found != wanted:
            wrong.append(f"{method} {address} ({permission}): {found}, not {wanted}")
    if who not in PROGRAMS:
        for address in ("/account/others", "/account/password", "/sign-out"):
            assert ask(client, "POST", address, token) == "in"
    assert wrong == []
    assert asked > 30


def test_every_permission_that_a_route_demands_is_in_the_table(house: House) -> None:
    demanded = {handler.opt[PERMISSION] for _, _, handler in routes(house)} - {ANYONE, SIGNED_IN}
    assert demanded <= set(PERMISSIONS)
    assert {"people.manage", "keys.manage", "approvals.decide", "approvals.read", "audit.read"} <= demanded


def test_only_these_are_open_to_all(house: House) -> None:
    assert {address for _, address, handler in routes(house) if handler.opt[PERMISSION] == ANYONE} == {
        "/", "/favicon.ico", "/healthz", "/sign-in", "/sign-out", "/static/x", "/v1/openapi.json",
        "/v1/openapi.json/openapi.json", "/v1/openapi.json/x",
    }  # fmt: skip


def test_no_role_decides_what_it_manages() -> None:
    for role, held in GRANTS.items():
        assert not ({"people.manage", "keys.manage"} & held and {"approvals.decide", "actions.request"} & held), role
