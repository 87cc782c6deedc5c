"""All SQL about the audit log."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import sqlalchemy as sa

from agoranomos.audit.merkle import Mth
from agoranomos.audit.model import Entry, Recorded, recorded
from agoranomos.audit.notes import Note, Signature
from agoranomos.audit.tables import (
    audit_anchors,
    audit_checkpoints,
    audit_cosignatures,
    audit_entries,
    audit_salts,
    audit_tiles,
)
from agoranomos.audit.tiles import mth_from
from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.prepared import Prepared

# Literals and no parameters, so that the statement has none but those of the entry.
_NEXT = sa.select(
    sa.func.coalesce(sa.func.max(audit_entries.c.leaf_index), sa.literal_column("-1")) + sa.literal_column("1")
)
_ENTRY_COLUMNS: Final = ("leaf", "leaf_hash", "actor_kind", "actor_id", "subject_kind", "subject_id")
_APPEND: Final = Prepared(
    audit_entries.insert()
    .values(
        {
            "leaf_index": _NEXT.scalar_subquery(),
            **{name: sa.bindparam(name) for name in _ENTRY_COLUMNS},
        }
    )
    .returning(audit_entries.c.leaf_index),
    _ENTRY_COLUMNS,
)
INDEX_MAX: Final = 2**63 - 1
_ENTRIES_AT_A_TIME = 4096


def _raw(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
    """`column` as it stands in the database: SQLite keeps a value of any type in any column, and whoever verifies
    must not stumble over one.
    """
    return sa.type_coerce(column, sa.types.NullType())


def _bytes(value: object) -> bytes:
    return bytes(value) if isinstance(value, bytes | memoryview) else str(value).encode("utf-8", "surrogatepass")


_ENTRY = [_raw(column) for column in audit_entries.c]


class Kept(NamedTuple):
    """A row of the log as it stands in the store, not yet believed."""

    leaf_index: int
    leaf: bytes
    leaf_hash: bytes
    actor_kind: str
    actor_id: str
    subject_kind: str
    subject_id: str


class KeptCheckpoint(NamedTuple):
    """A checkpoint as it stands in the store, not yet believed."""

    size: int
    note: str


class AgedCheckpoint(NamedTuple):
    """A checkpoint, when it was signed, and whether somebody outside keeps it or testified to it."""

    size: int
    at: datetime
    note: str
    relied_on: bool


def row_of(entry: Entry, leaf: bytes, leaf_hash: bytes) -> dict[str, Any]:
    """The columns of `entry` but its index."""
    return {
        "leaf": leaf.decode(),
        "leaf_hash": leaf_hash,
        "actor_kind": entry.actor.kind,
        "actor_id": entry.actor.id,
        "subject_kind": entry.subject_kind,
        "subject_id": entry.subject_id,
    }


def append(connection: sa.Connection, row: Mapping[str, Any]) -> int:
    """Adds an entry behind the last; whoever calls holds the turn. Returns its index."""
    return int(_APPEND.run(connection, row).scalar_one())


def append_all(connection: sa.Connection, rows: Sequence[Mapping[str, Any]]) -> range:
    """Adds entries behind the last, in order; whoever calls holds the turn. Returns their indexes."""
    begin = next_index(connection)
    if rows:
        numbered = [{"leaf_index": index, **row} for index, row in enumerate(rows, start=begin)]
        connection.execute(audit_entries.insert(), numbered)
    return range(begin, begin + len(rows))


def next_index(connection: sa.Connection) -> int:
    """How many entries there are, which is the index of the next."""
    return int(connection.execute(_NEXT).scalar_one())


def entries(connection: sa.Connection, begin: int | None = None, end: int | None = None) -> Iterator[Kept]:
    """The rows with begin <= index < end, in order, read in parts."""
    table = audit_entries
    if begin is not None and begin > INDEX_MAX:
        return
    after = begin
    while True:
        query = sa.select(*_ENTRY).order_by(table.c.leaf_index).limit(_ENTRIES_AT_A_TIME)
        if after is not None:
            query = query.where(table.c.leaf_index >= after)
        if end is not None:
            query = query.where(table.c.leaf_index <= end - 1)
        rows = connection.execute(query).all()
        for row in rows:
            yield Kept(row[0], _bytes(row[1]), _bytes(row[2]), *row[3:])
        if len(rows) < _ENTRIES_AT_A_TIME:
            return
        after = rows[-1][0] + 1


def get_entry(connection: sa.Connection, index: int) -> Recorded:
    """The entry at `index`. Raises NotFound, and Conflict when it is no entry any more."""
    kept = next(entries(connection, index, index + 1), None)
    if kept is None:
        raise NotFound(f"the audit log has no entry {index}")
    return recorded(kept.leaf_index, kept.leaf)


def index_of(connection: sa.Connection, entry_id: str) -> int:
    """Where the entry with this id (its leaf hash in hex) stands. Raises NotFound."""
    table = audit_entries
    try:
        digest = bytes.fromhex(entry_id)
    except ValueError as error:
        raise NotFound("an entry's id is its leaf hash, 64 hex digits; `agora audit list` shows it") from error
    query = sa.select(sa.func.min(table.c.leaf_index)).where(table.c.leaf_hash == digest)
    found = connection.execute(query).scalar_one()
    if found is None:
        raise NotFound("the audit log has no entry with this id")
    return int(found)


def find(
    connection: sa.Connection,
    *,
    subject_kind: str | None = None,
    subject_id: str | None = None,
    actor_kind: str | None = None,
    actor_id: str | None = None,
    after: int = -1,
    limit: int = 100,
) -> list[Recorded]:
    """Up to `limit` entries behind index `after` of this subject and actor, in order."""
    wanted = {
        "subject_kind": subject_kind, "subject_id": subject_id, "actor_kind": actor_kind, "actor_id": actor_id,
    }  # fmt: skip
    given = {name: value for name, value in wanted.items() if value is not None}
    if not all(map(is_id, given.values())):
        return []
    table = audit_entries
    query = sa.select(table.c.leaf_index, table.c.leaf).where(table.c.leaf_index > after)
    for name, value in given.items():
        query = query.where(table.c[name] == value)
    rows = connection.execute(query.order_by(table.c.leaf_index).limit(limit)).all()
    return [recorded(row.leaf_index, row.leaf.encode()) for row in rows]


def add_salts(connection: sa.Connection, index: int, salts: Mapping[str, bytes]) -> None:
    """Keeps the salts of the entry at `index`."""
    rows = [{"leaf_index": index, "name": name, "salt": salt} for name, salt in salts.items()]
    if rows:
        connection.execute(audit_salts.insert(), rows)


def salts_of(connection: sa.Connection, begin: int, end: int) -> dict[tuple[int, str], bytes]:
    """(index, name) → salt, for begin <= index < end."""
    table = audit_salts
    columns = (table.c.leaf_index, table.c.name, _raw(table.c.salt))
    query = sa.select(*columns).where(table.c.leaf_index >= begin, table.c.leaf_index < end)
    return {(row[0], row[1]): _bytes(row[2]) for row in connection.execute(query)}


def delete_salt(connection: sa.Connection, index: int, name: str) -> bool:
    """Erases a salt; False when there was none."""
    table = audit_salts
    gone = connection.execute(table.delete().where(table.c.leaf_index == index, table.c.name == name))
    return gone.rowcount == 1


def tile(connection: sa.Connection, level: int, index: int) -> bytes:
    """The hashes of a tile; empty when there is none."""
    table = audit_tiles
    query = sa.select(_raw(table.c.hashes)).where(table.c.level == level, table.c.tile_index == index)
    found = connection.execute(query).scalar_one_or_none()
    return b"" if found is None else _bytes(found)


def mth(connection: sa.Connection) -> Mth:
    """MTH(a, b) out of the tiles, for roots and proofs; raises Conflict when they do not reach that far."""
    computed = mth_from(lambda level, index: tile(connection, level, index))

    def checked(begin: int, end: int) -> bytes:
        try:
            return computed(begin, end)
        except ValueError as error:
            raise Conflict("tiles are missing from the log: run agora audit verify") from error

    return checked


def tile_names(connection: sa.Connection) -> list[tuple[int, int]]:
    """(level, index) of every tile that is kept."""
    table = audit_tiles
    query = sa.select(table.c.level, table.c.tile_index).order_by(table.c.level, table.c.tile_index)
    return [(row.level, row.tile_index) for row in connection.execute(query)]


def put_tiles(connection: sa.Connection, tiles: Mapping[tuple[int, int], bytes]) -> None:
    """Keeps new and lengthened tiles."""
    rows = [{"level": level, "tile_index": index, "hashes": hashes} for (level, index), hashes in tiles.items()]
    upsert(connection, audit_tiles, rows, ["level", "tile_index"])


def checkpoints(connection: sa.Connection) -> list[KeptCheckpoint]:
    """Every checkpoint, the smallest first, each as the log signed it."""
    table = audit_checkpoints
    query = sa.select(table.c.size, _raw(table.c.note)).order_by(table.c.size)
    return [KeptCheckpoint(row[0], str(row[1])) for row in connection.execute(query)]


def get_checkpoint(connection: sa.Connection, size: int) -> KeptCheckpoint:
    """The checkpoint of this size, as the log signed it. Raises NotFound."""
    table = audit_checkpoints
    row = connection.execute(sa.select(table.c.size, table.c.note).where(table.c.size == size)).one_or_none()
    if row is None:
        raise NotFound(f"there is no checkpoint of size {size}")
    return KeptCheckpoint(*row)


def checkpoint_after(connection: sa.Connection, index: int) -> KeptCheckpoint | None:
    """The smallest checkpoint that is kept and holds the entry at `index`, as the log signed it."""
    table = audit_checkpoints
    query = sa.select(table.c.size, table.c.note).where(table.c.size > index).order_by(table.c.size).limit(1)
    row = connection.execute(query).one_or_none()
    return None if row is None else KeptCheckpoint(*row)


def last_checkpoint(connection: sa.Connection) -> KeptCheckpoint | None:
    """The largest checkpoint, with its cosignatures."""
    size = connection.execute(sa.select(sa.func.max(audit_checkpoints.c.size))).scalar_one()
    if size is None:
        return None
    kept = get_checkpoint(connection, size)
    return kept._replace(note=kept.note + "".join(cosignatures(connection, size)))


def aged_checkpoints(connection: sa.Connection, before: datetime) -> list[AgedCheckpoint]:
    """The checkpoints that were signed before `before`, but the last of all, the smallest first."""
    table = audit_checkpoints
    relied_on = sa.or_(
        *(
            sa.select(other.c.size).where(other.c.size == table.c.size).exists()
            for other in (audit_cosignatures, audit_anchors)
        )
    )
    last = sa.select(sa.func.max(table.c.size)).scalar_subquery()
    query = sa.select(table.c.size, table.c.at, _raw(table.c.note), relied_on).where(table.c.at < before)
    rows = connection.execute(query.where(table.c.size < last).order_by(table.c.size))
    return [AgedCheckpoint(row[0], row[1], str(row[2]), bool(row[3])) for row in rows]


def remove_checkpoints(connection: sa.Connection, sizes: Sequence[int]) -> None:
    """Removes the checkpoints of `sizes`."""
    for start in range(0, len(sizes), _ENTRIES_AT_A_TIME):
        part = sizes[start : start + _ENTRIES_AT_A_TIME]
        connection.execute(sa.delete(audit_checkpoints).where(audit_checkpoints.c.size.in_(part)))


def add_anchor(connection: sa.Connection, size: int, place: str, at: datetime) -> None:
    """Notes that the checkpoint of `size` is kept, or was testified to, at `place`; once is enough."""
    insert_ignore(connection, audit_anchors, [{"size": size, "place": place, "at": at}])


def add_checkpoint(connection: sa.Connection, size: int, at: datetime, note: Note) -> None:
    """Keeps a new checkpoint."""
    connection.execute(audit_checkpoints.insert(), {"size": size, "at": at, "note": str(note)})


def cosignatures(connection: sa.Connection, size: int) -> Sequence[str]:
    """The witnesses' lines for the checkpoint of `size`."""
    table = audit_cosignatures
    query = sa.select(table.c.line).where(table.c.size == size).order_by(table.c.line)
    return connection.execute(query).scalars().all()


def add_cosignatures(connection: sa.Connection, size: int, signatures: Sequence[Signature]) -> None:
    """Keeps the witnesses' lines; one that is there already changes nothing."""
    insert_ignore(connection, audit_cosignatures, [{"size": size, "line": str(one)} for one in signatures])
