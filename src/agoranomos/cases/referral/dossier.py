"""What a package tells of a matter: people with their roles and amounts, what happened, and the files behind it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final, Protocol

import msgspec

from agoranomos.cases.referral.model import Role

WITHHELD: Final = frozenset(
    {
        "comment", "description", "evidence", "face_photo", "holding_photo", "id_photo", "ip", "note", "pictures",
        "statement", "text", "user_agent",
    }
)  # fmt: skip
"""Fields of events that may be about anybody, or lead to them: quoted only where personal data was agreed to."""


class Person(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody in the matter: an account, seller, store or supplier. `reasons` are what the desks said about them."""

    id: str
    kind: str
    role: Role
    tier: str = ""
    score: float = 0.0
    ring_id: str | None = None
    reasons: tuple[Any, ...] = ()


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody took or lost, in minor units, over `count` things; `basis` says how it is known."""

    person: str
    role: Role
    basis: str
    amount: int
    currency: str
    count: int


class Happened(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the timeline: `at` is RFC 3339; `what` a type of event or a verb; `who` an actor where there is one."""

    at: str
    what: str
    subject_kind: str
    subject_id: str
    source: str = ""
    event_id: str = ""
    who: str = ""


class Dossier(Protocol):
    """A matter. What may be long comes as an iterable, and is written as it comes."""

    @property
    def facts(self) -> Mapping[str, int]:
        """Figures for the summary; known once everything was written."""

    @property
    def subjects(self) -> Iterable[tuple[str, str]]:
        """(kind, id) of whatever the audit log is asked about."""

    def people(self) -> Iterable[Person]:
        """Suspects first."""

    def amounts(self) -> Iterable[Amount]:
        """By person; they add up to the total of the package."""

    def timeline(self) -> Iterable[Happened]:
        """In the order of time."""

    def files(self) -> Iterable[tuple[str, Iterable[Any]]]:
        """(name, lines) of the records that all of it rests on."""


def quoted(data: Mapping[str, Any], personal: bool) -> dict[str, Any]:
    """The data of an event as a package quotes it: what may be about anybody is withheld, and it is said which."""
    if personal:
        return dict(data)
    found = {name: value for name, value in data.items() if name not in WITHHELD or value is None}
    withheld = sorted(set(data) - set(found))
    return {**found, "withheld": withheld} if withheld else found
