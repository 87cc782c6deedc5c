"""The scope of a breach: counted from the reads that the log tells of. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from agoranomos.access.exposure.deciding import was_shown
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.schema.access import DataRead

FORM: Final = "agoranomos scope of access, form 1"
CLIENT_FIELDS: Final = ("device_id", "ip")
"""What shows that two readers may be one."""


class Person(msgspec.Struct):
    """Somebody who was shown: which fields, by whom, how often, when first and last (RFC 3339)."""

    subject_id: str
    fields: list[str]
    principals: list[str]
    reads: int
    first_at: str
    last_at: str


class Principal(msgspec.Struct):
    """A reader in the window: `people` different ones by name, `unnamed` more of whom only the number is known (each
    read counted, so at most so many), reads that showed nobody (`refused`), files.
    """

    principal_id: str
    kind: str = ""
    reads: int = 0
    people: int = 0
    unnamed: int = 0
    refused: int = 0
    files: int = 0
    first_at: str = ""
    last_at: str = ""


class Fellow(msgspec.Struct, frozen=True):
    """Another reader who used a device or address of those in question; whoever looks decides whether it belongs."""

    principal_id: str
    field: str
    reads: int


class Scope(msgspec.Struct, frozen=True, kw_only=True):
    """Which people, fields, window and readers. `fields`, `endpoints` and `purposes` count people and reads by name.

    `certain` people are named by the reads themselves; `possible` is how many more at most, of whom only a number was
    told. `position` is how much of the log was looked at; `people_digest` is the SHA-256 of the file of people.
    """

    form: str
    since: datetime
    until: datetime
    made_at: datetime
    position: int
    principals: list[Principal]
    certain: int
    possible: int
    fields: dict[str, int]
    endpoints: dict[str, int]
    purposes: dict[str, int]
    fellows: list[Fellow]
    people_digest: str

    def digest(self) -> str:
        """SHA-256 of all of it, in hex."""
        return hashlib.sha256(encoded(self)).hexdigest()


class Counting:
    """Adds up reads."""

    def __init__(self, principal_ids: Sequence[str]) -> None:
        self._principals = {each: Principal(each) for each in sorted(set(principal_ids))}
        self._people: dict[str, Person] = {}
        self._of: dict[str, set[str]] = {each: set() for each in self._principals}
        self._endpoints: dict[str, int] = {}
        self._purposes: dict[str, int] = {}
        self.clients: dict[str, set[str]] = {field: set() for field in CLIENT_FIELDS}

    def add(self, at: datetime, data: Mapping[str, Any]) -> None:
        """A `data.read` of one of the readers."""
        body, when = (
            msgspec.convert({name: each for name, each in data.items() if each is not None}, DataRead),
            rfc3339(at),
        )
        reader = self._principals[body.principal_id]
        reader.kind = body.principal_kind
        for field in CLIENT_FIELDS:
            if value := getattr(body, field):
                self.clients[field].add(value)
        if not was_shown(body):
            reader.refused += 1
            return
        reader.reads += 1
        reader.files += bool(body.export)
        reader.first_at, reader.last_at = min(reader.first_at or when, when), max(reader.last_at, when)
        self._endpoints[body.endpoint] = self._endpoints.get(body.endpoint, 0) + 1
        purpose = body.purpose or ""
        self._purposes[purpose] = self._purposes.get(purpose, 0) + 1
        if body.subject_ids is None:
            reader.unnamed += body.subject_count or 0
        for subject_id in dict.fromkeys(body.subject_ids or ()):
            self._of[body.principal_id].add(subject_id)
            self._person(subject_id, body, when)

    def people(self) -> list[Person]:
        """All who were shown by name, in the order of ids."""
        return [self._people[each] for each in sorted(self._people)]

    def scope(
        self, *, since: datetime, until: datetime, made_at: datetime, position: int, fellows: Sequence[Fellow],
        people_digest: str,
    ) -> Scope:  # fmt: skip
        """What it comes to."""
        fields: dict[str, int] = {}
        for person in self._people.values():
            for field in person.fields:
                fields[field] = fields.get(field, 0) + 1
        for principal_id, reader in self._principals.items():
            reader.people = len(self._of[principal_id])
        return Scope(
            form=FORM, since=since, until=until, made_at=made_at, position=position,
            principals=list(self._principals.values()), certain=len(self._people),
            possible=sum(each.unnamed for each in self._principals.values()), fields=dict(sorted(fields.items())),
            endpoints=dict(sorted(self._endpoints.items())), purposes=dict(sorted(self._purposes.items())),
            fellows=list(fellows), people_digest=people_digest,
        )  # fmt: skip

    def _person(self, subject_id: str, body: DataRead, when: str) -> None:
        known = self._people.get(subject_id)
        if known is None:
            self._people[subject_id] = Person(subject_id, sorted(set(body.fields)), [body.principal_id], 1, when, when)
            return
        if not set(body.fields) <= set(known.fields):
            known.fields = sorted({*known.fields, *body.fields})
        if body.principal_id not in known.principals:
            known.principals = sorted([*known.principals, body.principal_id])
        known.reads += 1
        known.first_at, known.last_at = min(known.first_at, when), max(known.last_at, when)


def people_lines(people: Iterable[Person]) -> bytes:
    """The file of people: a JSON line for each."""
    return b"".join(msgspec.json.encode(each) + b"\n" for each in people)


def encoded(scope: Scope) -> bytes:
    """The bytes that are signed."""
    return msgspec.json.format(msgspec.json.encode(scope, order="sorted"), indent=1) + b"\n"
