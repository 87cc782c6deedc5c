"""One request, one transaction: what endpoints, pages and commands share of people, keys and approvals."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.approvals import actions as approvals
from agoranomos.kernel.approvals.model import Approval, ApprovalStatus
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Forbidden, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.staff import actions, approving, queries
from agoranomos.staff.actions import Refused, fold_email
from agoranomos.staff.model import ROTATION_GRACE, ApiKey, Person, Session
from agoranomos.staff.roles import Role
from agoranomos.staff.secrets import SECRET_BYTES, api_key, digest, hash_password, is_password
from agoranomos.web.limits import TooManyRequests

AT_ONCE_MAX: Final = 2
"""Comparisons of passwords at a time."""
WAITING_MAX: Final = 50
_ID_BYTES: Final = 8
ResultT = TypeVar("ResultT")


class MadeKey(msgspec.Struct, frozen=True):
    """An API key with what a program sends: it is shown this once and kept nowhere."""

    key: ApiKey
    secret: str


def _nothing() -> None:
    """Nobody remembers anything."""


class StaffService:
    """The verbs of `actions` and `approving`, each in a transaction of its own.

    `draw` gives random bytes. `changed` is called after each change of who may what: whoever remembers rights in
    this process forgets them.
    """

    def __init__(
        self, store: Store, clock: Clock, draw: Callable[[int], bytes], changed: Callable[[], None] = _nothing
    ) -> None:
        self._store = store
        self._clock = clock
        self._draw = draw
        self._changed = changed
        # Threads of their own: whoever guesses passwords keeps nobody else from an answer.
        self._comparing = ThreadPoolExecutor(AT_ONCE_MAX, "passwords")
        self._waiting = 0

    def anybody(self) -> bool:
        """Whether anybody was added, or any key made."""
        with self._store.reading() as connection:
            return queries.anybody(connection)

    # People

    def people(self, *, after: str = "", limit: int | None = None) -> list[Person]:
        """Everybody, in the order of ids."""
        with self._store.reading() as connection:
            return queries.all_people(connection, after=after, limit=limit)

    def person(self, person_id: str) -> Person:
        """Raises NotFound."""
        with self._store.reading() as connection:
            return queries.get_person(connection, person_id)

    def person_id(self, given: str) -> str:
        """The id of the person who is called by id or e-mail address. Raises NotFound."""
        if "@" not in given:
            return given
        with self._store.reading() as connection:
            found = queries.person_id_of(connection, fold_email(given))
        if found is None:
            raise NotFound("nobody has this e-mail address; see `agora people list`")
        return found

    def add_person(
        self, *, name: str, email: str, roles: Iterable[Role], by: Actor, password: str | None = None
    ) -> Person:
        """See `actions.add_person`. Raises Invalid for a password that cannot be, too."""
        hashed = None if password is None else hash_password(password)
        with self._changing() as (connection, now):
            return actions.add_person(
                connection, person_id=f"p_{self._draw(_ID_BYTES).hex()}", name=name, email=email, roles=roles, by=by,
                now=now, hashed=hashed,
            )  # fmt: skip

    def grant_role(self, person_id: str, role: Role, *, by: Actor) -> Person:
        """See `actions.grant_role`."""
        with self._changing() as (connection, now):
            return actions.grant_role(connection, person_id, role, by=by, now=now)

    def revoke_role(self, person_id: str, role: Role, *, by: Actor) -> Person:
        """See `actions.revoke_role`."""
        with self._changing() as (connection, now):
            return actions.revoke_role(connection, person_id, role, by=by, now=now)

    def disable_person(self, person_id: str, *, by: Actor) -> Person:
        """See `actions.disable_person`."""
        with self._changing() as (connection, now):
            return actions.disable_person(connection, person_id, by=by, now=now)

    def enable_person(self, person_id: str, *, by: Actor) -> Person:
        """See `actions.enable_person`."""
        with self._changing() as (connection, now):
            return actions.enable_person(connection, person_id, by=by, now=now)

    def set_password(self, person_id: str, password: str, *, by: Actor) -> None:
        """See `actions.set_password`. Raises Invalid for a password that cannot be, too."""
        hashed = hash_password(password)
        with self._changing() as (connection, now):
            actions.set_password(connection, person_id, hashed, by=by, now=now)

    # Signing in and out

    async def slowly(self, work: Callable[[], ResultT]) -> ResultT:
        """Does `work` that compares passwords, AT_ONCE_MAX at a time; what compares takes 64 MiB and a core.

        Raises TooManyRequests when WAITING_MAX wait already.
        """
        if self._waiting >= WAITING_MAX:
            raise TooManyRequests(5)
        self._waiting += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._comparing, work)
        finally:
            self._waiting -= 1

    def sign_in(self, email: str, password: str, *, earlier: str = "") -> str | Refused:
        """The secret of a new session; `earlier`, what the browser held before, is ended. Call it by `slowly`."""
        with self._store.reading() as connection:
            compared = actions.password_of(connection, email)
        right = is_password(password, compared)
        secret = self._secret()
        with self._changing() as (connection, now):
            begun = actions.sign_in(connection, email, compared=compared, right=right, secret=secret, now=now)
            return self._begun(connection, begun, secret, earlier)

    def sign_in_issued(self, *, issuer: str, subject: str, email: str | None, earlier: str = "") -> str | Refused:
        """The same for whom the identity provider vouches: see `actions.sign_in_issued`."""
        if email is not None and not _is_address(email):
            email = None
        secret = self._secret()
        with self._changing() as (connection, now):
            begun = actions.sign_in_issued(
                connection, issuer=issuer, subject=subject, email=email, secret=secret, now=now
            )
            return self._begun(connection, begun, secret, earlier)

    def sign_out(self, secret: str) -> None:
        """Ends the session of the browser that holds `secret`, if there is one."""
        with self._changing() as (connection, now):
            session = queries.find_session(connection, digest(secret))
            if session is not None:
                actions.sign_out(connection, secret, by=Actor("person", session.person_id), now=now)

    def sessions(self, person_id: str) -> list[Session]:
        """Where the person is signed in, the latest first."""
        now = self._clock()
        with self._store.reading() as connection:
            return [each for each in queries.sessions_of(connection, person_id) if each.good(now)]

    def end_other_sessions(self, secret: str, *, by: Actor) -> int:
        """See `actions.end_other_sessions`."""
        with self._changing() as (connection, now):
            return actions.end_other_sessions(connection, secret, by=by, now=now)

    def change_password(self, old: str, new: str, *, by: Actor) -> None:
        """Sets the password of `by`, who knows the old one. Raises Forbidden, Invalid. Call it by `slowly`."""
        with self._store.reading() as connection:
            compared = queries.password_of(connection, queries.get_person(connection, by.id).email)
        if not is_password(old, compared):
            raise Forbidden("the present password is another")
        self.set_password(by.id, new, by=by)

    # API keys

    def keys(self, *, after: str = "", limit: int | None = None) -> list[ApiKey]:
        """All API keys, in the order of ids."""
        with self._store.reading() as connection:
            return queries.all_keys(connection, after=after, limit=limit)

    def create_key(
        self, *, name: str, permissions: Iterable[str], by: Actor, lasts: timedelta | None = None
    ) -> MadeKey:
        """See `actions.create_key`."""
        key_id, secret = self._draw(_ID_BYTES).hex(), self._secret()
        with self._changing() as (connection, now):
            made = actions.create_key(
                connection, key_id=key_id, secret=secret, name=name, permissions=permissions, by=by, now=now,
                lasts=lasts,
            )  # fmt: skip
            return MadeKey(made, api_key(key_id, secret))

    def rotate_key(self, key_id: str, *, by: Actor, grace: timedelta = ROTATION_GRACE) -> MadeKey:
        """See `actions.rotate_key`."""
        secret = self._secret()
        with self._changing() as (connection, now):
            key = actions.rotate_key(connection, key_id, secret=secret, by=by, now=now, grace=grace)
            return MadeKey(key, api_key(key_id, secret))

    def revoke_key(self, key_id: str, *, by: Actor) -> ApiKey:
        """See `actions.revoke_key`."""
        with self._changing() as (connection, now):
            return actions.revoke_key(connection, key_id, by=by, now=now)

    # Approvals

    def waiting(self, *, after: str = "", limit: int = 100) -> list[Approval]:
        """What waits for a second person, in the order of ids."""
        with self._store.reading() as connection:
            return approvals.waiting(connection, self._clock(), after=after, limit=limit)

    def approval(self, approval_id: str) -> Approval:
        """As it stands now. Raises NotFound."""
        with self._store.reading() as connection:
            found = approvals.get(connection, approval_id)
        return msgspec.structs.replace(found, status=found.status_at(self._clock()))

    def decide(self, approval_id: str, status: ApprovalStatus, *, by: Actor) -> Approval:
        """Approves, refuses or withdraws (`status`): see `approving`; doing the same again changes nothing."""
        verb = _DECIDING[status]
        with self._store.transaction() as connection:
            found = approvals.get(connection, approval_id)
            if (found.status, found.decided_by) == (status, by):
                return found
            return verb(connection, approval_id, by=by, now=self._clock())

    # What all share

    @contextmanager
    def _changing(self) -> Iterator[tuple[sa.Connection, datetime]]:
        try:
            with self._store.transaction() as connection:
                yield connection, self._clock()
        finally:
            self._changed()

    def _secret(self) -> str:
        return self._draw(SECRET_BYTES).hex()

    @staticmethod
    def _begun(connection: sa.Connection, begun: Session | Refused, secret: str, earlier: str) -> str | Refused:
        if isinstance(begun, Refused):
            return begun
        if earlier:
            queries.end_sessions(connection, digest=digest(earlier))
        return secret


_DECIDING: Final = {
    ApprovalStatus.APPROVED: approving.approve,
    ApprovalStatus.REFUSED: approving.refuse,
    ApprovalStatus.WITHDRAWN: approving.withdraw,
}


def _is_address(email: str) -> bool:
    try:
        fold_email(email)
    except Invalid:
        return False
    return True
