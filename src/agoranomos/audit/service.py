"""One request, one transaction: what the endpoints read of the log."""

from __future__ import annotations

from dataclasses import dataclass

from agoranomos.audit import exporting, proving, queries
from agoranomos.audit.model import Recorded
from agoranomos.audit.proving import Proof
from agoranomos.audit.tiles import parse_path
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.store import Store


def kind_and_id(text: str | None) -> tuple[str | None, str | None]:
    """`case:c-1` as kind and id; an id alone is looked for under every kind."""
    if text is None:
        return None, None
    kind, found, identifier = text.partition(":")
    return (kind, identifier) if found else (None, kind)


@dataclass(frozen=True, slots=True)
class AuditService:
    """The log of `store`, for reading."""

    store: Store

    def entries(self, *, subject: str | None, actor: str | None, after: int, limit: int) -> list[Recorded]:
        """Up to `limit` entries behind index `after`; `subject` and `actor` are `kind:id` or an id."""
        subject_kind, subject_id = kind_and_id(subject)
        actor_kind, actor_id = kind_and_id(actor)
        with self.store.reading() as connection:
            return queries.find(
                connection, subject_kind=subject_kind, subject_id=subject_id, actor_kind=actor_kind, actor_id=actor_id,
                after=after, limit=limit,
            )  # fmt: skip

    def proof(self, index: int) -> Proof:
        """See `proving.prove`."""
        with self.store.reading() as connection:
            return proving.prove(connection, index)

    def checkpoint(self) -> str:
        """The last checkpoint with its cosignatures. Raises NotFound."""
        with self.store.reading() as connection:
            last = queries.last_checkpoint(connection)
        if last is None:
            raise NotFound("nothing is signed yet")
        return last.note

    def tile(self, path: str) -> bytes:
        """The tile or bundle at `path` below `tile/`. Raises NotFound."""
        tile = parse_path(path)
        if tile is None:
            raise NotFound("this is no address of a tile, such as 0/x001/067 or entries/000.p/12")
        with self.store.reading() as connection:
            return exporting.resource(connection, tile)
