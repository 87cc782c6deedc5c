"""Authenticators for tests of routes: whoever asks is somebody with the permissions that the test states."""

from __future__ import annotations

from agoranomos.kernel.actors import Actor
from agoranomos.web.auth import Authenticator, Caller, Connection


def caller_with(*permissions: str, kind: str = "key", name: str = "k1") -> Authenticator:
    """Everybody is `name` and holds `permissions`."""
    actor = Actor(kind, name)  # type: ignore[arg-type] # one of ActorKind, as tests write it

    async def authenticate(connection: Connection) -> Caller | None:
        return Caller(actor, frozenset(permissions))

    return authenticate
