"""Who is asking: keys, browsers, and the person at the machine."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

import pytest
from litestar.testing import RequestFactory

from agoranomos.kernel.store import Store
from agoranomos.staff import queries
from agoranomos.staff.authenticating import REMEMBERED, SESSION_COOKIE, StaffAuthenticator
from agoranomos.staff.model import LOCAL, SESSION_IDLE, ApiKey, Person, Session
from agoranomos.staff.roles import Role
from agoranomos.staff.secrets import api_key, digest
from agoranomos.web.auth import Caller, SignInNeeded
from tests.builders import NOW


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def authenticate(store: Store, clock: Clock) -> StaffAuthenticator:
    return StaffAuthenticator(store, clock)


def asked(authenticate: StaffAuthenticator, *, host: str = "agora.example", **headers: str) -> Caller | None:
    request: Any = RequestFactory().get("/", headers={"host": host, **headers})
    return asyncio.run(authenticate(request))


def add_key(store: Store, key_id: str = "k1", secret: str = "s3cret", **fields: Any) -> dict[str, str]:
    key = ApiKey(
        key_id=key_id, name="importer", permissions=frozenset({"events.write"}), made_at=NOW, made_by="p1", **fields
    )
    with store.transaction() as connection:
        queries.add_key(connection, key, digest(secret))
    return {"authorization": f"Bearer {api_key(key_id, secret)}"}


def add_session(store: Store, *roles: Role) -> dict[str, str]:
    person = Person(person_id="p1", name="Ada", email="ada@example.org", roles=frozenset(), added_at=NOW)
    session = Session(
        digest=digest("c00kie"), person_id="p1", began_at=NOW, seen_at=NOW, ends_at=NOW + timedelta(hours=12)
    )
    with store.transaction() as connection:
        queries.add_person(connection, person)
        for role in roles:
            queries.add_role(connection, "p1", role, by="p0", now=NOW)
        queries.add_session(connection, session)
    return {"cookie": f"{SESSION_COOKIE}=c00kie"}


def test_a_key_is_its_scope(store: Store, authenticate: StaffAuthenticator) -> None:
    caller = asked(authenticate, **add_key(store))
    assert caller is not None
    assert (str(caller.actor), caller.permissions) == ("key:k1", frozenset({"events.write"}))


@pytest.mark.parametrize(
    "sent", ["Bearer nonsense", "Bearer agora_k1_wrong", "Bearer agora_k2_s3cret", "Bearer ", "bearer agora_k1_"]
)
def test_a_wrong_key_is_nobodys(store: Store, authenticate: StaffAuthenticator, sent: str) -> None:
    add_key(store)
    with pytest.raises(SignInNeeded):
        asked(authenticate, authorization=sent)


def test_a_key_ends(store: Store, authenticate: StaffAuthenticator, clock: Clock) -> None:
    headers = add_key(store, expires_at=NOW + timedelta(hours=1))
    assert asked(authenticate, **headers)
    clock.now += timedelta(hours=1)
    with pytest.raises(SignInNeeded, match="expired"):
        asked(authenticate, **headers)


def test_a_revoked_key_opens_nothing_after_a_few_seconds(
    store: Store, authenticate: StaffAuthenticator, clock: Clock
) -> None:
    headers = add_key(store)
    assert asked(authenticate, **headers)
    with store.transaction() as connection:
        queries.change_key(connection, "k1", revoked_at=NOW)
    clock.now += REMEMBERED
    with pytest.raises(SignInNeeded, match="revoked"):
        asked(authenticate, **headers)


def test_a_revoked_key_is_forgotten_at_once_where_it_was_revoked(
    store: Store, authenticate: StaffAuthenticator
) -> None:
    headers = add_key(store)
    assert asked(authenticate, **headers)
    with store.transaction() as connection:
        queries.change_key(connection, "k1", revoked_at=NOW)
    authenticate.forget()
    with pytest.raises(SignInNeeded):
        asked(authenticate, **headers)


def test_after_a_rotation_both_secrets_are_good_for_a_while(
    store: Store, authenticate: StaffAuthenticator, clock: Clock
) -> None:
    old = add_key(store, secret="old")
    with store.transaction() as connection:
        queries.change_key(
            connection, "k1", digest=digest("new"), earlier_digest=digest("old"), earlier_until=NOW + timedelta(days=1)
        )
    new = {"authorization": f"Bearer {api_key('k1', 'new')}"}
    assert asked(authenticate, **old)
    assert asked(authenticate, **new)
    clock.now += timedelta(days=1)
    assert asked(authenticate, **new)
    with pytest.raises(SignInNeeded):
        asked(authenticate, **old)


def test_a_person_holds_what_the_roles_grant(store: Store, authenticate: StaffAuthenticator) -> None:
    caller = asked(authenticate, **add_session(store, Role.AUDITOR))
    assert caller is not None
    assert caller.shown == "Ada"
    assert caller.may("audit.read")
    assert not caller.may("approvals.decide")


def test_a_session_ends_when_it_is_forgotten_and_lives_when_it_is_used(
    store: Store, authenticate: StaffAuthenticator, clock: Clock
) -> None:
    cookie = add_session(store, Role.ANALYST)
    for _ in range(4):
        clock.now += SESSION_IDLE - timedelta(minutes=1)
        assert asked(authenticate, **cookie)
    clock.now += SESSION_IDLE
    with pytest.raises(SignInNeeded, match="signed out"):
        asked(authenticate, **cookie)


def test_a_closed_account_opens_nothing(store: Store, authenticate: StaffAuthenticator) -> None:
    cookie = add_session(store, Role.ANALYST)
    with store.transaction() as connection:
        queries.change_person(connection, "p1", disabled_at=NOW)
    with pytest.raises(SignInNeeded, match="closed"):
        asked(authenticate, **cookie)


def test_who_says_nothing_is_nobody(authenticate: StaffAuthenticator) -> None:
    assert asked(authenticate) is None
    assert asked(authenticate, authorization="Basic YTpi") is None


@pytest.mark.parametrize("host", ["127.0.0.1:8000", "localhost:8000", "localhost", "[::1]:8000"])
def test_the_person_at_the_machine_may_try_everything(store: Store, clock: Clock, host: str) -> None:
    caller = asked(StaffAuthenticator(store, clock, open_locally=True), host=host)
    assert caller is not None
    assert caller.actor == LOCAL
    assert caller.may("events.write")


@pytest.mark.parametrize("host", ["evil.example:8000", "127.0.0.1.evil.example", "localhost.evil.example:80"])
def test_a_foreign_name_that_points_here_stays_outside(store: Store, clock: Clock, host: str) -> None:
    assert asked(StaffAuthenticator(store, clock, open_locally=True), host=host) is None


def test_the_first_key_closes_the_door(store: Store, clock: Clock) -> None:
    authenticate = StaffAuthenticator(store, clock, open_locally=True)
    assert asked(authenticate, host="localhost")
    headers = add_key(store)
    clock.now += REMEMBERED
    assert asked(authenticate, host="localhost") is None
    assert asked(authenticate, host="localhost", **headers)
