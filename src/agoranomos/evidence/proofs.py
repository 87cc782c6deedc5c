"""Entries of the audit log with their paths to one signed root, for a package."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.merkle import Mth, inclusion_proof
from agoranomos.audit.model import Recorded
from agoranomos.kernel.errors import Conflict

_ENTRIES_MAX: Final = 1_000
"""Of one subject; more than that is a reading of the log, not evidence about a matter."""


class Proven(msgspec.Struct, frozen=True):
    """An entry as it was hashed, and its siblings in base64 from the leaf up."""

    index: int
    leaf: str
    path: tuple[str, ...]


class Proofs:
    """Proofs by the last checkpoint. Raises Conflict when nothing is signed yet."""

    def __init__(self, connection: sa.Connection) -> None:
        last = queries.last_checkpoint(connection)
        if last is None:
            raise Conflict("the audit log was never signed: run agora audit checkpoint")
        self.note = last.note
        self.size = last.size
        self._connection = connection
        self._mth: Mth = queries.mth(connection)

    def of(self, indexes: Iterable[int]) -> Iterator[Proven]:
        """Those of the entries at `indexes` that the checkpoint holds, in order."""
        for index in sorted({each for each in indexes if each < self.size}):
            kept = next(queries.entries(self._connection, index, index + 1))
            path = inclusion_proof(index, self.size, self._mth)
            yield Proven(index, kept.leaf.decode(), tuple(base64.b64encode(each).decode() for each in path))


def entries_about(connection: sa.Connection, kind: str, subject_id: str) -> list[Recorded]:
    """What the log holds about a subject, at most a thousand entries, the oldest first."""
    return queries.find(connection, subject_kind=kind, subject_id=subject_id, limit=_ENTRIES_MAX)
