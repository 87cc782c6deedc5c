"""People come and go, sign in and out, and every step of it is in the audit log."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from agoranomos.audit import queries as audit
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff import actions, queries
from agoranomos.staff.actions import Refused
from agoranomos.staff.model import BLOCKED, FAILURES_MAX, LOCAL, Person, Session
from agoranomos.staff.roles import Role
from agoranomos.staff.secrets import digest, hash_password, is_password
from tests.builders import NOW

PASSWORD = "correct horse battery"
ISSUER = "https://id.example.org"


def add(store: Store, person_id: str = "ada", *roles: Role, **fields: Any) -> Person:
    given = {"name": person_id.title(), "email": f"{person_id}@example.org", **fields}
    password = given.pop("password", None)
    given["hashed"] = None if password is None else hash_password(password)
    with store.transaction() as connection:
        return actions.add_person(connection, person_id=person_id, roles=roles, by=LOCAL, now=NOW, **given)


def sign_in(store: Store, email: str = "ada@example.org", password: str = PASSWORD, now: datetime = NOW) -> Any:
    with store.reading() as connection:
        compared = actions.password_of(connection, email)
    right = is_password(password, compared)
    with store.transaction() as connection:
        return actions.sign_in(connection, email, compared=compared, right=right, secret="s", now=now)


def issued(store: Store, subject: str = "sub-1", email: str | None = "ada@example.org") -> Any:
    with store.transaction() as connection:
        return actions.sign_in_issued(
            connection, issuer=ISSUER, subject=subject, email=email, secret=f"for {email}", now=NOW
        )


def trace(store: Store) -> list[tuple[str, str]]:
    with store.reading() as connection:
        return [(each.entry.verb, each.entry.subject_id) for each in audit.find(connection, after=-1, limit=100)]


def test_somebody_is_added_once(store: Store) -> None:
    ada = add(store, "ada", Role.ANALYST, Role.AUDITOR, email=" Ada@Example.ORG ", password=PASSWORD)
    assert ada.email == "ada@example.org"
    assert ada.has_password
    with pytest.raises(Conflict, match="before"):
        add(store, "bob", email="ADA@example.org")
    with store.reading() as connection:
        assert queries.all_people(connection) == [ada]
    assert trace(store) == [("person.add", "ada")]


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"name": " "}, "/name"),
        ({"email": "ada"}, "/email"),
        ({"email": "a b@example.org"}, "/email"),
    ],
)
def test_who_cannot_be_added(store: Store, fields: dict[str, str], pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        add(store, **fields)
    assert refused.value.pointer == pointer
    assert trace(store) == []


def test_roles_are_given_and_taken(store: Store) -> None:
    add(store, "ada", Role.ADMIN)
    add(store, "bob")
    ada = Actor("person", "ada")
    with store.transaction() as connection:
        assert actions.grant_role(connection, "bob", Role.ANALYST, by=ada, now=NOW).roles == {Role.ANALYST}
        actions.grant_role(connection, "bob", Role.ANALYST, by=ada, now=NOW)
        assert actions.revoke_role(connection, "bob", Role.ANALYST, by=ada, now=NOW).roles == frozenset()
        actions.revoke_role(connection, "bob", Role.ANALYST, by=ada, now=NOW)
    assert trace(store)[2:] == [("role.grant", "bob"), ("role.revoke", "bob")]
    with pytest.raises(Conflict, match="yourself"), store.transaction() as connection:
        actions.grant_role(connection, "ada", Role.HEAD_OF_GOVERNANCE, by=ada, now=NOW)
    with pytest.raises(NotFound), store.transaction() as connection:
        actions.grant_role(connection, "eve", Role.ANALYST, by=ada, now=NOW)


@pytest.mark.parametrize("leave", ["revoke", "disable"])
def test_the_last_administrator_stays(store: Store, leave: str) -> None:
    add(store, "ada", Role.ADMIN)
    add(store, "bob", Role.ADMIN)

    def go(person_id: str) -> None:
        with store.transaction() as connection:
            if leave == "revoke":
                actions.revoke_role(connection, person_id, Role.ADMIN, by=LOCAL, now=NOW)
            else:
                actions.disable_person(connection, person_id, by=LOCAL, now=NOW)

    go("ada")
    with pytest.raises(Conflict, match="last administrator"):
        go("bob")


def test_a_password_opens_a_session(store: Store) -> None:
    add(store, password=PASSWORD)
    session = sign_in(store, " ADA@example.org")
    assert isinstance(session, Session)
    assert (session.person_id, session.digest) == ("ada", digest("s"))
    with store.transaction() as connection:
        actions.sign_out(connection, "s", by=Actor("person", "ada"), now=NOW)
        actions.sign_out(connection, "s", by=Actor("person", "ada"), now=NOW)
        assert queries.find_session(connection, digest("s")) is None
    assert trace(store) == [("person.add", "ada"), ("session.begin", "ada"), ("session.end", "ada")]


@pytest.mark.parametrize(
    ("email", "password", "who"),
    [
        ("ada@example.org", "wrong horse battery", "ada"),
        ("eve@example.org", PASSWORD, "unknown"),
        ("no address", PASSWORD, "unknown"),
    ],
)
def test_a_refusal_is_counted_and_recorded_without_what_was_typed(
    store: Store, email: str, password: str, who: str
) -> None:
    add(store, password=PASSWORD)
    assert sign_in(store, email, password) == Refused("password")
    assert trace(store)[-1] == ("session.refuse", who)


def test_guessing_is_slowed_down(store: Store) -> None:
    add(store, password=PASSWORD)
    for _ in range(FAILURES_MAX):
        assert sign_in(store, password="wrong horse battery") == Refused("password")
    assert sign_in(store) == Refused("blocked"), "the right password does not help either"
    assert sign_in(store, now=NOW + BLOCKED - timedelta(seconds=1)) == Refused("blocked")
    assert isinstance(sign_in(store, now=NOW + BLOCKED), Session)


def test_an_administrator_lifts_a_block(store: Store) -> None:
    add(store, password=PASSWORD)
    for _ in range(FAILURES_MAX):
        sign_in(store, password="wrong horse battery")
    with store.transaction() as connection:
        actions.enable_person(connection, "ada", by=LOCAL, now=NOW)
    assert isinstance(sign_in(store), Session)


def test_without_a_password_no_password_is_right(store: Store) -> None:
    add(store)
    assert sign_in(store, password="the password of nobody") == Refused("password")


def test_a_closed_account_has_no_sessions(store: Store) -> None:
    add(store, password=PASSWORD)
    sign_in(store)
    with store.transaction() as connection:
        actions.disable_person(connection, "ada", by=LOCAL, now=NOW)
        assert queries.find_session(connection, digest("s")) is None
    assert sign_in(store) == Refused("disabled")
    with store.transaction() as connection:
        actions.enable_person(connection, "ada", by=LOCAL, now=NOW)
    assert isinstance(sign_in(store), Session)


def test_a_new_password_puts_everybody_out(store: Store) -> None:
    add(store, password=PASSWORD)
    sign_in(store)
    with store.transaction() as connection:
        actions.set_password(connection, "ada", hash_password("another horse battery"), by=LOCAL, now=NOW)
        assert queries.find_session(connection, digest("s")) is None
    assert sign_in(store) == Refused("password")
    assert isinstance(sign_in(store, password="another horse battery"), Session)


def test_a_password_that_changed_in_between_is_not_right(store: Store) -> None:
    add(store, password=PASSWORD)
    with store.reading() as connection:
        compared = actions.password_of(connection, "ada@example.org")
    with store.transaction() as connection:
        actions.set_password(connection, "ada", hash_password("another horse battery"), by=LOCAL, now=NOW)
        answer = actions.sign_in(connection, "ada@example.org", compared=compared, right=True, secret="s", now=NOW)
    assert answer == Refused("password")


def test_the_identity_provider_vouches_for_whom_an_administrator_added(store: Store) -> None:
    add(store, "ada")
    assert issued(store, email=None) == Refused("unknown")
    assert issued(store, email="eve@example.org") == Refused("unknown")
    assert isinstance(issued(store), Session)
    assert isinstance(issued(store, email="new-name@example.org"), Session), "from now on the provider's name counts"
    assert issued(store, subject="sub-2") == Refused("other_subject"), "and nobody takes over the address"


def test_keys_are_made_rotated_and_revoked(store: Store) -> None:
    with store.transaction() as connection:
        key = actions.create_key(
            connection, key_id="k1", secret="one", name="importer", permissions=["events.write"], by=LOCAL, now=NOW,
            lasts=timedelta(days=90),
        )  # fmt: skip
        assert key.good(NOW)
        assert not key.good(NOW + timedelta(days=90))
        actions.rotate_key(connection, "k1", secret="two", by=LOCAL, now=NOW)
        assert queries.find_key(connection, "k1", NOW) == (key, [digest("two"), digest("one")])
        assert queries.find_key(connection, "k1", NOW + timedelta(days=2)) == (key, [digest("two")])
        assert actions.revoke_key(connection, "k1", by=LOCAL, now=NOW).revoked_at == NOW
        actions.revoke_key(connection, "k1", by=LOCAL, now=NOW + timedelta(days=1))
        assert queries.all_keys(connection)[0].revoked_at == NOW
    assert trace(store) == [("key.create", "k1"), ("key.rotate", "k1"), ("key.revoke", "k1")]
    with pytest.raises(Conflict, match="revoked"), store.transaction() as connection:
        actions.rotate_key(connection, "k1", secret="three", by=LOCAL, now=NOW)
    with pytest.raises(NotFound), store.transaction() as connection:
        actions.revoke_key(connection, "k2", by=LOCAL, now=NOW)
