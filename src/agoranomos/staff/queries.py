"""All SQL about people, sessions and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore
from agoranomos.kernel.errors import NotFound
from agoranomos.staff.model import ApiKey, Person, Session
from agoranomos.staff.roles import Role
from agoranomos.staff.tables import api_keys, people, person_roles, sessions


class Account(msgspec.Struct, frozen=True):
    """What signing in looks at, beside the person."""

    person: Person
    password: str | None
    failures: int
    blocked_until: datetime | None
    issued: bool
    """Whether the person came through an identity provider before."""


def anybody(connection: sa.Connection) -> bool:
    """Whether anybody was ever added, or any key made."""
    found = sa.select(sa.literal(1)).where(sa.or_(sa.exists(sa.select(people)), sa.exists(sa.select(api_keys))))
    return connection.execute(found).first() is not None


def all_people(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[Person]:
    """Everybody, in the order of ids after `after`."""
    found = sa.select(people).where(people.c.person_id > after).order_by(people.c.person_id).limit(limit)
    return _persons(connection, connection.execute(found).all())


def get_person(connection: sa.Connection, person_id: str) -> Person:
    """The person `person_id`. Raises NotFound."""
    rows = connection.execute(sa.select(people).where(people.c.person_id == person_id)).all()
    if not rows:
        raise NotFound("there is no such person; see `agora people list`")
    return _persons(connection, rows)[0]


def person_id_of(connection: sa.Connection, email: str) -> str | None:
    """Who has the address `email` (folded)."""
    return connection.execute(sa.select(people.c.person_id).where(people.c.email == email)).scalar_one_or_none()


def password_of(connection: sa.Connection, email: str) -> str | None:
    """The hash of the password of the account that signs in as `email` (folded)."""
    return connection.execute(sa.select(people.c.password).where(people.c.email == email)).scalar_one_or_none()


def account_by_email(connection: sa.Connection, email: str) -> Account | None:
    """The account that signs in as `email` (folded)."""
    return _account(connection, people.c.email == email)


def account_issued(connection: sa.Connection, issuer: str, subject: str) -> Account | None:
    """The account of the person whom the identity provider `issuer` calls `subject`."""
    return _account(connection, sa.and_(people.c.issuer == issuer, people.c.issued_subject == subject))


def _account(connection: sa.Connection, where: sa.ColumnElement[bool]) -> Account | None:
    row = connection.execute(sa.select(people).where(where).with_for_update()).first()
    if row is None:
        return None
    person = _persons(connection, [row])[0]
    return Account(person, row.password, row.failures, row.blocked_until, row.issuer is not None)


def _persons(connection: sa.Connection, rows: Sequence[sa.Row[Any]]) -> list[Person]:
    roles: dict[str, set[Role]] = {row.person_id: set() for row in rows}
    held = sa.select(person_roles.c.person_id, person_roles.c.role).where(person_roles.c.person_id.in_(roles))
    for person_id, role in connection.execute(held):
        roles[person_id].add(Role(role))
    return [
        Person(
            person_id=row.person_id, name=row.name, email=row.email, roles=frozenset(roles[row.person_id]),
            added_at=row.added_at, disabled_at=row.disabled_at, has_password=row.password is not None,
        )
        for row in rows
    ]  # fmt: skip


def add_person(connection: sa.Connection, person: Person) -> bool:
    """Whether `person` was added: not when the id or the address is taken."""
    row = {
        "person_id": person.person_id, "name": person.name, "email": person.email, "added_at": person.added_at,
        "failures": 0,
    }  # fmt: skip
    return insert_ignore(connection, people, [row]) == 1


def change_person(connection: sa.Connection, person_id: str, **values: Any) -> None:
    """Sets columns of a person."""
    connection.execute(sa.update(people).where(people.c.person_id == person_id).values(**values))


def add_role(connection: sa.Connection, person_id: str, role: Role, *, by: str, now: datetime) -> bool:
    """Whether the role is new to the person."""
    row = {"person_id": person_id, "role": role.value, "granted_at": now, "granted_by": by}
    return insert_ignore(connection, person_roles, [row]) == 1


def remove_role(connection: sa.Connection, person_id: str, role: Role) -> bool:
    """Whether the person had the role."""
    where = sa.and_(person_roles.c.person_id == person_id, person_roles.c.role == role.value)
    return connection.execute(sa.delete(person_roles).where(where)).rowcount == 1


def holders(connection: sa.Connection, role: Role) -> list[str]:
    """The ids of the people with `role` who are not disabled, locked against change."""
    held = (
        sa.select(people.c.person_id)
        .join(person_roles, person_roles.c.person_id == people.c.person_id)
        .where(person_roles.c.role == role.value, people.c.disabled_at.is_(None))
        .order_by(people.c.person_id)
        .with_for_update()
    )
    return list(connection.execute(held).scalars())


def add_session(connection: sa.Connection, session: Session) -> None:
    """Keeps a session."""
    connection.execute(sa.insert(sessions).values(msgspec.structs.asdict(session)))


def find_session(connection: sa.Connection, digest: str) -> Session | None:
    """The session with the secret behind `digest`."""
    row = connection.execute(sa.select(sessions).where(sessions.c.digest == digest)).first()
    return None if row is None else Session(**row._mapping)


def see_session(connection: sa.Connection, digest: str, now: datetime) -> None:
    """Notes that the session is still used."""
    connection.execute(sa.update(sessions).where(sessions.c.digest == digest).values(seen_at=now))


def end_sessions(connection: sa.Connection, *, digest: str | None = None, person_id: str | None = None) -> int:
    """Ends one session, or all of a person; returns how many there were."""
    where = sessions.c.digest == digest if digest is not None else sessions.c.person_id == person_id
    return connection.execute(sa.delete(sessions).where(where)).rowcount


def sessions_of(connection: sa.Connection, person_id: str) -> list[Session]:
    """The sessions of a person, the latest first; some may be over."""
    found = sa.select(sessions).where(sessions.c.person_id == person_id).order_by(sessions.c.began_at.desc())
    return [Session(**row._mapping) for row in connection.execute(found)]


def end_other_sessions(connection: sa.Connection, person_id: str, *, but: str) -> int:
    """Ends the sessions of a person but the one with the digest `but`; returns how many there were."""
    where = sa.and_(sessions.c.person_id == person_id, sessions.c.digest != but)
    return connection.execute(sa.delete(sessions).where(where)).rowcount


def forget_sessions(connection: sa.Connection, now: datetime) -> int:
    """Deletes the sessions that are over; returns how many."""
    return connection.execute(sa.delete(sessions).where(sessions.c.ends_at <= now)).rowcount


def add_key(connection: sa.Connection, key: ApiKey, digest: str) -> None:
    """Keeps an API key."""
    row = {**msgspec.structs.asdict(key), "permissions": sorted(key.permissions), "digest": digest}
    connection.execute(sa.insert(api_keys).values(row))


def all_keys(connection: sa.Connection, *, after: str = "", limit: int | None = None) -> list[ApiKey]:
    """All API keys, in the order of their ids after `after`."""
    found = sa.select(api_keys).where(api_keys.c.key_id > after).order_by(api_keys.c.key_id).limit(limit)
    return [_key(row) for row in connection.execute(found)]


def get_key(connection: sa.Connection, key_id: str) -> tuple[ApiKey, str]:
    """The API key and its digest, locked against change. Raises NotFound."""
    row = connection.execute(sa.select(api_keys).where(api_keys.c.key_id == key_id).with_for_update()).first()
    if row is None:
        raise NotFound("there is no such API key; see `agora keys list`")
    return _key(row), row.digest


def find_key(connection: sa.Connection, key_id: str, now: datetime) -> tuple[ApiKey, list[str]] | None:
    """The API key and the digests of the secrets that are good for it at `now`."""
    row = connection.execute(sa.select(api_keys).where(api_keys.c.key_id == key_id)).first()
    if row is None:
        return None
    earlier = [row.earlier_digest] if row.earlier_until is not None and now < row.earlier_until else []
    return _key(row), [row.digest, *earlier]


def change_key(connection: sa.Connection, key_id: str, **values: Any) -> None:
    """Sets columns of an API key."""
    connection.execute(sa.update(api_keys).where(api_keys.c.key_id == key_id).values(**values))


def _key(row: sa.Row[Any]) -> ApiKey:
    return ApiKey(
        key_id=row.key_id, name=row.name, permissions=frozenset(row.permissions), made_at=row.made_at,
        made_by=row.made_by, expires_at=row.expires_at, revoked_at=row.revoked_at,
    )  # fmt: skip
