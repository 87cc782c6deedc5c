"""Makes the scope of a breach and seals it: its digest is an entry of the audit log, under a signed checkpoint."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.access.scope.model import Counting, Fellow, Scope, encoded, people_lines
from agoranomos.audit import queries as audit
from agoranomos.audit.actions import checkpoint, record
from agoranomos.audit.model import Entry
from agoranomos.audit.notes import SigningKey
from agoranomos.intake.queries import last_position, telling_of
from agoranomos.judgements import queries as judgements
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.store import Store

VERB: Final = "access.scope"
PRINCIPALS_MAX: Final = 1_000
_CLIENTS_MAX: Final = 200
_FELLOWS_MAX: Final = 200


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A scope, its file of people, and where in the audit log its digest stands."""

    scope: Scope
    digest: str
    audit_index: int
    tree_size: int
    people: bytes


@dataclass(frozen=True, slots=True)
class ScopeService:
    """The store, the clock, and the key that signs the audit log."""

    store: Store
    clock: Clock
    key: Callable[[], SigningKey]

    def make(self, principal_ids: Sequence[str], since: datetime, until: datetime, *, by: Actor) -> Made:
        """Whom these readers were shown from `since` on and before `until`. Raises Invalid."""
        if not principal_ids or len(principal_ids) > PRINCIPALS_MAX or not all(map(is_id, principal_ids)):
            raise Invalid(f"name 1 to {PRINCIPALS_MAX:,} readers by their ids", pointer="/principal_ids")
        if since >= until:
            raise Invalid("the window begins before it ends", pointer="/since")
        with self.store.reading() as connection:
            position = last_position(connection)
            counting = Counting(principal_ids)
            for at, data in telling_of(
                connection, "data.read", "principal_id", principal_ids, since=since, until=until, position=position
            ):
                counting.add(at, data)
            fellows = _fellows(connection, counting, principal_ids, since, until, position)
        people = people_lines(counting.people())
        scope = counting.scope(
            since=since, until=until, made_at=self.clock(), position=position, fellows=fellows,
            people_digest=hashlib.sha256(people).hexdigest(),
        )  # fmt: skip
        return self._sealed(scope, people, by)

    def principals_of(self, finding_id: str) -> list[str]:
        """The readers that a finding is about, and the members of its ring. Raises NotFound, Invalid."""
        with self.store.reading() as connection:
            finding = judgements.get_finding(connection, finding_id)
        if finding.subject.kind != "principal":
            raise Invalid("this finding is about no reader; name readers with --principal")
        return _members(finding)

    def verified(self, scope: bytes, people: bytes, audit_index: int) -> Scope | str:
        """The scope in the bytes of its file, when it is what was sealed; else why it is not."""
        try:
            return self._verified(scope, people, audit_index)
        except AgoranomosError as error:
            return error.message

    def _verified(self, scope: bytes, people: bytes, audit_index: int) -> Scope:
        try:
            found = msgspec.json.decode(scope, type=Scope)
        except (msgspec.DecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
            raise Invalid("this is no file of a scope") from error
        if hashlib.sha256(people).hexdigest() != found.people_digest:
            raise Conflict("the file of people is not the one that this scope was made with")
        with self.store.reading() as connection:
            entry = audit.get_entry(connection, audit_index).entry
        if entry.verb != VERB:
            raise NotFound("this entry of the audit log is about something else")
        if entry.subject_id != hashlib.sha256(scope).hexdigest() or encoded(found) != scope:
            raise Conflict("the scope is not the one that was sealed")
        return found

    def _sealed(self, scope: Scope, people: bytes, by: Actor) -> Made:
        digest = scope.digest()
        entry = Entry(
            at=scope.made_at, actor=by, verb=VERB, subject_kind="scope", subject_id=digest,
            params={
                "principals": len(scope.principals), "people": scope.certain, "possible": scope.possible,
                "position": scope.position, "people_digest": scope.people_digest,
            },
        )  # fmt: skip
        key = self.key()
        with self.store.transaction() as connection:
            index = record(connection, entry)
            head = checkpoint(connection, key, scope.made_at)
        return Made(
            scope=scope, digest=digest, audit_index=index, tree_size=head.checkpoint.size, people=people
        )  # fmt: skip


def _members(finding: Finding) -> list[str]:
    members = [each.id for each in finding.related if each.kind == "principal" and each.role == "member"]
    return sorted({finding.subject.id, *members})


def _fellows(
    connection: sa.Connection, counting: Counting, known: Sequence[str], since: datetime, until: datetime, position: int
) -> list[Fellow]:
    counts: dict[tuple[str, str], int] = {}
    for field, values in counting.clients.items():
        some = sorted(values)[:_CLIENTS_MAX]
        for _, data in telling_of(connection, "data.read", field, some, since=since, until=until, position=position):
            if data["principal_id"] not in known:
                key = (data["principal_id"], field)
                counts[key] = counts.get(key, 0) + 1
    found = [Fellow(principal_id, field, reads) for (principal_id, field), reads in counts.items()]
    return sorted(found, key=lambda each: (-each.reads, each.principal_id, each.field))[:_FELLOWS_MAX]
