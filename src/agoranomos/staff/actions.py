"""The verbs about people, sessions and API keys, given an open transaction; each writes its audit entry.

Random ids and secrets are passed in by the edge, which draws them.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit.actions import record
from agoranomos.audit.model import Entry, Param
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.staff import queries
from agoranomos.staff.model import (
    BLOCKED,
    FAILURES_MAX,
    ROTATION_GRACE,
    SESSION_LONGEST,
    ApiKey,
    Person,
    Session,
)
from agoranomos.staff.queries import Account
from agoranomos.staff.roles import Role, scope_of
from agoranomos.staff.secrets import digest

NAME_MAX: Final = 200
_NOBODY: Final = Actor("system", "sign-in")
"""Who did it when somebody could not sign in: nobody that we know."""


class Refused(msgspec.Struct, frozen=True):
    """Somebody could not sign in. What is said to them is always the same; `why` is for the audit log."""

    why: str


def fold_email(email: str) -> str:
    """The address as it is looked up. Raises Invalid."""
    folded = unicodedata.normalize("NFKC", email).strip().casefold()
    local, at, domain = folded.partition("@")
    if not (local and at and "." in domain) or len(folded) > NAME_MAX or not folded.isprintable() or " " in folded:
        raise Invalid("an e-mail address is needed, such as ada@example.org", pointer="/email")
    return folded


def add_person(
    connection: sa.Connection,
    *,
    person_id: str,
    name: str,
    email: str,
    roles: Iterable[Role],
    by: Actor,
    now: datetime,
    hashed: str | None = None,
) -> Person:
    """Adds somebody, with the hash of a local account's password or without one (then the identity provider vouches).

    Hash before the transaction (`secrets.hash_password`): it takes a core for a good tenth of a second, and others wait
    to write. Raises Conflict when the address is taken, Invalid for a name or address that cannot be.
    """
    if not 1 <= len(name.strip()) <= NAME_MAX:
        raise Invalid(f"a name of 1 to {NAME_MAX} characters is needed", pointer="/name")
    person = Person(
        person_id=person_id, name=name.strip(), email=fold_email(email), roles=frozenset(roles), added_at=now,
        has_password=hashed is not None,
    )  # fmt: skip
    if not queries.add_person(connection, person):
        raise Conflict("somebody with this e-mail address was added before", pointer="/email")
    if hashed is not None:
        queries.change_person(connection, person_id, password=hashed)
    for role in sorted(person.roles):
        queries.add_role(connection, person_id, role, by=str(by), now=now)
    _record(connection, by, "person.add", "person", person_id, now, {"roles": tuple(sorted(person.roles))})
    return person


def grant_role(connection: sa.Connection, person_id: str, role: Role, *, by: Actor, now: datetime) -> Person:
    """Gives a role; giving it twice changes nothing. Raises NotFound, Forbidden for giving it to oneself."""
    queries.get_person(connection, person_id)
    _not_oneself(person_id, by, "give yourself a role")
    if queries.add_role(connection, person_id, role, by=str(by), now=now):
        _record(connection, by, "role.grant", "person", person_id, now, {"role": role.value})
    return queries.get_person(connection, person_id)


def revoke_role(connection: sa.Connection, person_id: str, role: Role, *, by: Actor, now: datetime) -> Person:
    """Takes a role. Raises NotFound, Conflict for the last administrator's."""
    queries.get_person(connection, person_id)
    if role is Role.ADMIN:
        _not_the_last(connection, person_id)
    if queries.remove_role(connection, person_id, role):
        _record(connection, by, "role.revoke", "person", person_id, now, {"role": role.value})
    return queries.get_person(connection, person_id)


def disable_person(connection: sa.Connection, person_id: str, *, by: Actor, now: datetime) -> Person:
    """Closes an account and ends its sessions. Raises NotFound, Conflict for the last administrator's."""
    person = queries.get_person(connection, person_id)
    if Role.ADMIN in person.roles:
        _not_the_last(connection, person_id)
    if person.disabled_at is None:
        queries.change_person(connection, person_id, disabled_at=now)
        queries.end_sessions(connection, person_id=person_id)
        _record(connection, by, "person.disable", "person", person_id, now)
    return queries.get_person(connection, person_id)


def enable_person(connection: sa.Connection, person_id: str, *, by: Actor, now: datetime) -> Person:
    """Opens a closed account again, and lifts a block."""
    queries.get_person(connection, person_id)
    queries.change_person(connection, person_id, disabled_at=None, failures=0, blocked_until=None)
    _record(connection, by, "person.enable", "person", person_id, now)
    return queries.get_person(connection, person_id)


def set_password(connection: sa.Connection, person_id: str, hashed: str, *, by: Actor, now: datetime) -> None:
    """Sets the hash of a local account's password and ends its sessions: who knew the old one is out.

    Hash before the transaction, as for `add_person`.
    """
    queries.get_person(connection, person_id)
    values = {"password": hashed, "failures": 0, "blocked_until": None}
    queries.change_person(connection, person_id, **values)
    queries.end_sessions(connection, person_id=person_id)
    _record(connection, by, "password.set", "person", person_id, now)


def password_of(connection: sa.Connection, email: str) -> str | None:
    """What `secrets.is_password` compares with: asked before the transaction of `sign_in`, because it takes long."""
    try:
        return queries.password_of(connection, fold_email(email))
    except Invalid:
        return None


def sign_in(
    connection: sa.Connection, email: str, *, compared: str | None, right: bool, secret: str, now: datetime
) -> Session | Refused:
    """A session of whoever knows the password; `secret` is what the browser will hold.

    `right` says whether the password was that of `compared` (see `password_of`). A refusal is returned, not raised,
    so that its count is committed.
    """
    try:
        account = queries.account_by_email(connection, fold_email(email))
    except Invalid:
        account = None
    blocked = account is not None and account.blocked_until is not None and now < account.blocked_until
    if account is None or blocked or not right or account.password != compared:
        return _refuse(connection, account, "blocked" if blocked else "password", now)
    return _begin(connection, account, "password", secret, now)


def sign_in_issued(
    connection: sa.Connection,
    *,
    issuer: str,
    subject: str,
    email: str | None,
    secret: str,
    now: datetime,
) -> Session | Refused:
    """A session of the person whom the identity provider `issuer` calls `subject`.

    `email` is the address that the provider has verified; it is looked at once, to know the person whom an
    administrator has added. Later the provider's own name counts, whatever becomes of the address.
    """
    account = queries.account_issued(connection, issuer, subject)
    if account is None and email is not None:
        account = queries.account_by_email(connection, fold_email(email))
        if account is not None and account.issued:
            return _refuse(connection, account, "other_subject", now, count=False)
        if account is not None:
            values = {"issuer": issuer, "issued_subject": subject}
            queries.change_person(connection, account.person.person_id, **values)
    if account is None:
        return _refuse(connection, None, "unknown", now)
    return _begin(connection, account, "issued", secret, now)


def sign_out(connection: sa.Connection, secret: str, *, by: Actor, now: datetime) -> None:
    """Ends the session of the browser that holds `secret`."""
    if queries.end_sessions(connection, digest=digest(secret)):
        _record(connection, by, "session.end", by.kind, by.id, now)


def end_other_sessions(connection: sa.Connection, secret: str, *, by: Actor, now: datetime) -> int:
    """Ends the sessions of the person `by` in all browsers but the one that holds `secret`; returns how many."""
    ended = queries.end_other_sessions(connection, by.id, but=digest(secret))
    if ended:
        _record(connection, by, "session.end_others", by.kind, by.id, now, {"ended": ended})
    return ended


def create_key(
    connection: sa.Connection,
    *,
    key_id: str,
    secret: str,
    name: str,
    permissions: Iterable[str],
    by: Actor,
    now: datetime,
    lasts: timedelta | None = None,
) -> ApiKey:
    """Makes an API key; whoever calls this shows its secret once. Raises Invalid."""
    if not 1 <= len(name.strip()) <= NAME_MAX:
        raise Invalid("say what the key is for, in 1 to 200 characters", pointer="/name")
    key = ApiKey(
        key_id=key_id, name=name.strip(), permissions=scope_of(permissions), made_at=now, made_by=str(by),
        expires_at=now + lasts if lasts is not None else None,
    )  # fmt: skip
    queries.add_key(connection, key, digest(secret))
    _record(connection, by, "key.create", "key", key_id, now, {"permissions": tuple(sorted(key.permissions))})
    return key


def rotate_key(
    connection: sa.Connection,
    key_id: str,
    *,
    secret: str,
    by: Actor,
    now: datetime,
    grace: timedelta = ROTATION_GRACE,
) -> ApiKey:
    """Gives a key a new secret; the earlier one stays good for `grace`. Raises NotFound, Conflict when it is over."""
    key, earlier = queries.get_key(connection, key_id)
    if not key.good(now):
        raise Conflict("this API key is expired or revoked; make a new one")
    values = {"digest": digest(secret), "earlier_digest": earlier, "earlier_until": now + grace}
    queries.change_key(connection, key_id, **values)
    _record(connection, by, "key.rotate", "key", key_id, now, {"grace_s": int(grace.total_seconds())})
    return key


def revoke_key(connection: sa.Connection, key_id: str, *, by: Actor, now: datetime) -> ApiKey:
    """Makes a key open nothing any more. Raises NotFound."""
    key, _ = queries.get_key(connection, key_id)
    if key.revoked_at is None:
        queries.change_key(connection, key_id, revoked_at=now)
        _record(connection, by, "key.revoke", "key", key_id, now)
    return msgspec.structs.replace(key, revoked_at=key.revoked_at or now)


def _begin(connection: sa.Connection, account: Account, how: str, secret: str, now: datetime) -> Session | Refused:
    person = account.person
    if person.disabled_at is not None:
        return _refuse(connection, account, "disabled", now, count=False)
    queries.forget_sessions(connection, now)
    session = Session(
        digest=digest(secret), person_id=person.person_id, began_at=now, seen_at=now, ends_at=now + SESSION_LONGEST
    )
    queries.add_session(connection, session)
    queries.change_person(connection, person.person_id, failures=0, blocked_until=None)
    _record(connection, person.actor, "session.begin", "person", person.person_id, now, {"how": how})
    return session


def _refuse(
    connection: sa.Connection, account: Account | None, why: str, now: datetime, *, count: bool = True
) -> Refused:
    who = account.person.person_id if account else "unknown"
    if account is not None and count and why != "blocked":
        failures = account.failures + 1
        blocked = (
            {"failures": 0, "blocked_until": now + BLOCKED} if failures >= FAILURES_MAX else {"failures": failures}
        )
        queries.change_person(connection, who, **blocked)
    _record(connection, _NOBODY, "session.refuse", "person", who, now, {"why": why})
    return Refused(why)


def _not_oneself(person_id: str, by: Actor, what: str) -> None:
    if by == Actor("person", person_id):
        raise Conflict(f"you cannot {what}; another administrator can")


def _not_the_last(connection: sa.Connection, person_id: str) -> None:
    if queries.holders(connection, Role.ADMIN) == [person_id]:
        raise Conflict("this is the last administrator; make somebody else one first")


def _record(
    connection: sa.Connection,
    by: Actor,
    verb: str,
    subject_kind: str,
    subject_id: str,
    now: datetime,
    params: Mapping[str, Param] | None = None,
) -> None:
    entry = Entry(at=now, actor=by, verb=verb, subject_kind=subject_kind, subject_id=subject_id, params=params or {})
    record(connection, entry)
