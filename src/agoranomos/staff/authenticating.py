"""Finds out who is asking: an API key, a browser in which somebody signed in, or the person at the machine."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.store import Store
from agoranomos.staff import queries
from agoranomos.staff.model import ALL_PERMISSIONS, LOCAL, SECOND, SEEN_EVERY
from agoranomos.staff.secrets import digest, is_secret, split_api_key
from agoranomos.web.auth import Caller, Connection, SignInNeeded

SESSION_COOKIE: Final = "agora_session"
SECOND_COOKIE: Final = "agora_demo_second"
"""Says, in a demonstration and nowhere else, that whoever sits at the machine looks on as the second person."""
REMEMBERED: Final = timedelta(seconds=5)
"""How long an answer is good without asking the store again: a key that is revoked opens nothing after that."""
_REMEMBERED_MAX: Final = 10_000
_LOOPBACK: Final = re.compile(r"(127\.0\.0\.1|localhost|\[::1\])(:\d+)?")


class StaffAuthenticator:
    """See `web.auth.Authenticator`.

    With `open_locally`, calls to a loopback address that say nothing about themselves are the local operator's, for
    as long as nobody was added and no key was made: a newcomer need not sign in to try. The name that was called is
    looked at, so that a foreign page whose name was made to point here stays outside (DNS rebinding). In a
    `demonstration` they may be two people, one after the other; anywhere else the cookie means nothing.
    """

    def __init__(self, store: Store, clock: Clock, *, open_locally: bool = False, demonstration: bool = False) -> None:
        self._store = store
        self._clock = clock
        self._open_locally = open_locally
        self._demonstration = demonstration
        self._known: dict[str, tuple[datetime, Caller]] = {}

    async def __call__(self, connection: Connection) -> Caller | None:
        """The caller; None when nobody says who they are. Raises SignInNeeded."""
        find: Callable[[str, datetime], Caller | None]
        headers = dict([*connection.scope["headers"]][::-1])  # of equal names the first counts
        scheme, _, given = headers.get(b"authorization", b"").decode("latin-1").partition(" ")
        cookie = connection.cookies.get(SESSION_COOKIE, "") if b"cookie" in headers else ""
        if scheme.lower() == "bearer":
            secret, find = f"key {given.strip()}", self._by_key
        elif cookie:
            secret, find = f"session {cookie}", self._by_session
        elif self._open_locally and _LOOPBACK.fullmatch(headers.get(b"host", b"").decode("latin-1")):
            second = self._demonstration and b"cookie" in headers and SECOND_COOKIE in connection.cookies
            secret, find = ("local second" if second else "local"), self._by_place
        else:
            return None
        now = self._clock()
        remembered = self._known.get(secret)
        if remembered is not None and now < remembered[0] + REMEMBERED:
            return remembered[1]
        caller = await asyncio.to_thread(find, secret.partition(" ")[2], now)
        if len(self._known) >= _REMEMBERED_MAX:
            self._known.clear()
        if caller is not None:
            self._known[secret] = (now, caller)
        return caller

    def forget(self) -> None:
        """Asks the store about everybody again: called after rights were changed in this process."""
        self._known.clear()

    def _by_key(self, given: str, now: datetime) -> Caller:
        parts = split_api_key(given)
        if parts is None:
            raise SignInNeeded("this is no API key; send one as `Authorization: Bearer agora_…`")
        with self._store.reading() as connection:
            found = queries.find_key(connection, parts[0], now)
        if found is None or not found[0].good(now) or not any(is_secret(parts[1], each) for each in found[1]):
            raise SignInNeeded("this API key is unknown, expired or revoked; make a new one with `agora keys create`")
        return Caller(Actor("key", found[0].key_id), found[0].permissions)

    def _by_session(self, cookie: str, now: datetime) -> Caller:
        with self._store.reading() as connection:
            session = queries.find_session(connection, digest(cookie))
            if session is None or not session.good(now):
                raise SignInNeeded("you were signed out; sign in again")
            person = queries.get_person(connection, session.person_id)
        if person.disabled_at is not None:
            raise SignInNeeded("this account is closed; ask an administrator")
        if now - session.seen_at >= SEEN_EVERY:
            with self._store.transaction() as connection:
                queries.see_session(connection, session.digest, now)
        return Caller(person.actor, person.permissions, person.name)

    def _by_place(self, which: str, now: datetime) -> Caller | None:  # noqa: ARG002 - as the others
        with self._store.reading() as connection:
            if queries.anybody(connection):
                return None
        return Caller(SECOND if which else LOCAL, ALL_PERMISSIONS)
