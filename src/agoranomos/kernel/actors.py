"""Who does something: every verb that changes the store is told, and writes it into the audit log."""

from __future__ import annotations

from typing import Literal

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import is_id

ActorKind = Literal["person", "key", "rule", "model", "system"]
"""A signed-in person, a program with an API key, a rule, a detector, or the system itself (a timer)."""


class Actor(msgspec.Struct, frozen=True):
    """`id` is an opaque id, never a name or an address: it is written where nothing can be erased."""

    kind: ActorKind
    id: str

    def __post_init__(self) -> None:
        if not is_id(self.id):
            raise Invalid("the id of an actor has 1 to 128 printable characters")

    def __str__(self) -> str:
        return f"{self.kind}:{self.id}"


SYSTEM = Actor("system", "agoranomos")
"""Timers, expiry, upgrades: nobody in particular."""
