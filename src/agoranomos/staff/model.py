"""People, sessions and API keys as values."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.actors import Actor
from agoranomos.staff.roles import PERMISSIONS, Role, permissions_of

SESSION_LONGEST: Final = timedelta(hours=12)
"""A working day: then everybody signs in again (NIST SP 800-63B, section 4.2.3)."""
SESSION_IDLE: Final = timedelta(hours=1)
SEEN_EVERY: Final = timedelta(minutes=5)
"""How exactly `seen_at` is kept: a write for every page would be one too many."""
FAILURES_MAX: Final = 5
BLOCKED: Final = timedelta(minutes=15)
"""After FAILURES_MAX wrong passwords in a row; 480 guesses a day leave any password of PASSWORD_MIN characters be."""
ROTATION_GRACE: Final = timedelta(days=1)


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who can sign in. `name` and `email` are personal data: they go to pages, never to logs."""

    person_id: str
    name: str
    email: str
    roles: frozenset[Role]
    added_at: datetime
    disabled_at: datetime | None = None
    has_password: bool = False

    @property
    def actor(self) -> Actor:
        return Actor("person", self.person_id)

    @property
    def permissions(self) -> frozenset[str]:
        """What the person may do: nothing once disabled."""
        return frozenset() if self.disabled_at else permissions_of(self.roles)


class ApiKey(msgspec.Struct, frozen=True, kw_only=True):
    """What a program signs in with; the secret itself is kept nowhere."""

    key_id: str
    name: str
    permissions: frozenset[str]
    made_at: datetime
    made_by: str
    expires_at: datetime | None = None
    revoked_at: datetime | None = None

    def good(self, now: datetime) -> bool:
        """Whether it still opens anything."""
        return self.revoked_at is None and (self.expires_at is None or now < self.expires_at)


class Session(msgspec.Struct, frozen=True, kw_only=True):
    """A browser in which somebody signed in."""

    digest: str
    person_id: str
    began_at: datetime
    seen_at: datetime
    ends_at: datetime

    def good(self, now: datetime) -> bool:
        """Whether it is neither over nor forgotten."""
        return now < self.ends_at and now < self.seen_at + SESSION_IDLE


LOCAL: Final = Actor("person", "local")
"""Whoever sits at the machine, before anybody was added and any key was made."""
SECOND: Final = Actor("person", "local-second")
"""The same of a demonstration, looking on as a second person: whoever tries alone what takes two."""
AT_THE_MACHINE: Final = frozenset({LOCAL, SECOND})
"""Who has not signed in and has no account."""
ALL_PERMISSIONS: Final = frozenset(PERMISSIONS)
