"""Everything that somebody with the database in hand may try, and what verifying says to it.

The same list is the table in docs/auditor.md.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.merkle import leaf_hash
from agoranomos.audit.model import SALT_BYTES
from agoranomos.audit.notes import Checkpoint, Note
from agoranomos.audit.tables import audit_checkpoints, audit_cosignatures, audit_entries, audit_salts, audit_tiles
from agoranomos.audit.tiles import hashes_in
from tests.audit.log import FORGER, KEY, Log, make_entry

TABLES: Final = (audit_cosignatures, audit_checkpoints, audit_tiles, audit_salts, audit_entries)
"""In the order in which they can be emptied."""
Rows = dict[str, list[dict[str, Any]]]
ALONE, WITNESS, NEVER = "the store alone", "a witness only", "nothing"


@dataclass(frozen=True)
class Attack:
    """What is done (`act`), who finds it, and the code and message of the finding; none when nobody does."""

    what: str
    act: Callable[[Log], None]
    found_by: str
    code: str = ""
    message: str = ""
    accused: tuple[int, ...] = ()
    """The entries that are named."""


def lay_out(log: Log) -> None:
    """The log that is attacked: ten entries, the fifth with a commitment, checkpoints at 5 and 10."""
    log.record(4)
    log.record_sealed()
    log.sign()
    log.grow(5)


def copy_of(connection: sa.Connection) -> Rows:
    """All rows, as a copy of the database file holds them."""
    return {table.name: [dict(row) for row in connection.execute(sa.select(table)).mappings()] for table in TABLES}


def put_back(connection: sa.Connection, rows: Rows) -> None:
    """Makes the tables hold `rows` and nothing else."""
    for table in TABLES:
        connection.execute(table.delete())
    for table in reversed(TABLES):
        if rows[table.name]:
            connection.execute(table.insert(), rows[table.name])


def _other_leaf(index: int) -> bytes:
    return make_entry(index, params={"outcome": "rejected"}).leaf()


def _set_entry(connection: sa.Connection, index: int, leaf: bytes, *, with_id: bool = False) -> None:
    values: dict[str, Any] = {"leaf": leaf.decode()}
    if with_id:
        values["leaf_hash"] = leaf_hash(leaf)
    connection.execute(audit_entries.update().where(audit_entries.c.leaf_index == index).values(values))


def _set_tile(connection: sa.Connection, index: int, leaf: bytes) -> None:
    hashes = hashes_in(queries.tile(connection, 0, 0))
    hashes[index] = leaf
    connection.execute(audit_tiles.update().where(audit_tiles.c.level == 0).values(hashes=b"".join(hashes)))


def _shift(connection: sa.Connection, begin: int, by: int) -> None:
    """Renumbers the entries from `begin` on; by way of negative numbers, as keys must not collide."""
    index = audit_entries.c.leaf_index
    connection.execute(audit_entries.update().where(index >= begin).values(leaf_index=-(index + by) - 1))
    connection.execute(audit_entries.update().where(index < 0).values(leaf_index=-index - 1))
    salted = audit_salts.c.leaf_index
    connection.execute(audit_salts.update().where(salted >= begin).values(leaf_index=salted + by))


def _delete(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> None:
    connection.execute(audit_entries.delete().where(condition))


def _note_at(connection: sa.Connection, size: int) -> Note:
    return Note.parse(queries.get_checkpoint(connection, size).note)


def _set_note(connection: sa.Connection, size: int, note: Note) -> None:
    change = audit_checkpoints.update().where(audit_checkpoints.c.size == size)
    connection.execute(change.values(note=str(note)))


def change_entry(log: Log) -> None:
    with log.store.transaction() as connection:
        _set_entry(connection, 3, _other_leaf(3), with_id=True)


def change_entry_and_tile(log: Log) -> None:
    with log.store.transaction() as connection:
        _set_entry(connection, 3, _other_leaf(3), with_id=True)
        _set_tile(connection, 3, leaf_hash(_other_leaf(3)))


def change_id(log: Log) -> None:
    with log.store.transaction() as connection:
        change = audit_entries.update().where(audit_entries.c.leaf_index == 3)
        connection.execute(change.values(leaf_hash=bytes(32)))


def file_elsewhere(log: Log) -> None:
    with log.store.transaction() as connection:
        change = audit_entries.update().where(audit_entries.c.leaf_index == 3)
        connection.execute(change.values(actor_id="p-9"))


def change_commitment(log: Log) -> None:
    with log.store.transaction() as connection:
        leaf = queries.get_entry(connection, 4).entry.leaf()
        value = queries.get_entry(connection, 4).entry.commitments["reason"].hmac
        _set_entry(connection, 4, leaf.replace(value.encode(), b"0" * len(value)), with_id=True)


def change_salt(log: Log) -> None:
    with log.store.transaction() as connection:
        connection.execute(audit_salts.update().values(salt=b"x" * SALT_BYTES))


def erase_salt(log: Log) -> None:
    with log.store.transaction() as connection:
        connection.execute(audit_salts.delete())


def remove_last(log: Log) -> None:
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index == 9)


def remove_middle(log: Log) -> None:
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index == 3)


def remove_and_close_up(log: Log) -> None:
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index == 3)
        _shift(connection, 4, -1)


def insert(log: Log) -> None:
    with log.store.transaction() as connection:
        _shift(connection, 3, 1)
        entry = make_entry(99)
        row = queries.row_of(entry, entry.leaf(), leaf_hash(entry.leaf()))
        connection.execute(audit_entries.insert(), {"leaf_index": 3, **row})


def swap(log: Log) -> None:
    with log.store.transaction() as connection:
        rows = [next(queries.entries(connection, index, index + 1)) for index in (2, 6)]
        for index, row in zip((6, 2), rows, strict=True):
            change = audit_entries.update().where(audit_entries.c.leaf_index == index)
            values = {name: getattr(row, name) for name in ("actor_kind", "actor_id", "subject_kind", "subject_id")}
            connection.execute(change.values(leaf=row.leaf.decode(), leaf_hash=row.leaf_hash, **values))


def change_tile(log: Log) -> None:
    with log.store.transaction() as connection:
        _set_tile(connection, 3, bytes(32))


def change_checkpoint(log: Log) -> None:
    with log.store.transaction() as connection:
        note = _note_at(connection, 5)
        head = Checkpoint.parse(note.text)
        _set_note(connection, 5, Note(Checkpoint(head.origin, 5, bytes(32)).text, note.signatures))


def forge_checkpoint(log: Log) -> None:
    with log.store.transaction() as connection:
        note = _note_at(connection, 10)
        _set_note(connection, 10, Note(note.text, (FORGER.sign(note.text),)))


def remove_checkpoint(log: Log) -> None:
    with log.store.transaction() as connection:
        connection.execute(audit_cosignatures.delete())
        connection.execute(audit_checkpoints.delete().where(audit_checkpoints.c.size == 10))


def graft_checkpoint(log: Log) -> None:
    with log.store.transaction() as connection:
        head = Checkpoint(KEY.name, 5, leaf_hash(b"another history"))
        _set_note(connection, 5, Note(head.text, (KEY.sign(head.text),)))


def truncate(log: Log) -> None:
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index >= 5)


def roll_back(log: Log) -> None:
    _earlier(log)


def fork(log: Log) -> None:
    _earlier(log)
    log.count += 100  # what comes now is not what came before
    log.grow(7)


def rewrite_with_the_key(log: Log) -> None:
    with log.store.transaction() as connection:
        rows = copy_of(connection)
        put_back(connection, {table.name: [] for table in TABLES})
    log.count = 0
    log.record(3)
    log.count = 103
    log.record(2)
    log.sign()
    log.grow(5)
    assert rows["audit_entries"][0]["leaf"].encode() == log.leaves()[0]


def remove_unsigned(log: Log) -> None:
    log.record()
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index == 10)


def remove_unsigned_middle(log: Log) -> None:
    log.record(3)
    with log.store.transaction() as connection:
        _delete(connection, audit_entries.c.leaf_index == 11)


def empty(log: Log) -> None:
    with log.store.transaction() as connection:
        put_back(connection, {table.name: [] for table in TABLES})


def _earlier(log: Log) -> None:
    """The state after the first checkpoint, as a copy of that time has it."""
    with log.store.transaction() as connection:
        rows = copy_of(connection)
        kept = {
            "audit_entries": [row for row in rows["audit_entries"] if row["leaf_index"] < 5],
            "audit_salts": rows["audit_salts"],
            "audit_tiles": [{**row, "hashes": row["hashes"][: 5 * 32]} for row in rows["audit_tiles"]],
            "audit_checkpoints": [row for row in rows["audit_checkpoints"] if row["size"] == 5],
            "audit_cosignatures": [],
        }
        put_back(connection, kept)


ATTACKS: Final = (
    Attack("change an entry", change_entry, ALONE, "entry_changed",
           "entry 3 is not the one that was signed (by the tree)", (3,)),
    Attack("change an entry and the tile over it", change_entry_and_tile, ALONE, "history_rewritten",
           "the entries 0 to 4 are not those that were signed at size 5"),
    Attack("give an entry another id", change_id, ALONE, "id_changed",
           "entry 3 does not have the id of its content", (3,)),
    Attack("file an entry under another actor", file_elsewhere, ALONE, "columns_changed",
           "entry 3 is filed under another actor or subject than it names", (3,)),
    Attack("change a commitment", change_commitment, ALONE, "entry_changed",
           "entry 4 is not the one that was signed (by the tree)", (4,)),
    Attack("change a salt", change_salt, ALONE, "salt_changed",
           "the salt reason of entry 4 is not the one that was used", (4,)),
    Attack("erase a salt by hand", erase_salt, ALONE, "salt_missing",
           "the salt reason of entry 4 is gone, and no erasure is recorded", (4,)),
    Attack("remove the last entry", remove_last, ALONE, "entry_removed", "entry 9 was removed (by the tree)", (9,)),
    Attack("remove one from the middle", remove_middle, ALONE, "entry_removed",
           "entry 3 was removed (by the tree)", (3,)),
    Attack("remove one and close the gap", remove_and_close_up, ALONE, "entry_removed",
           "entry 3 was removed (by the tree)", (3,)),
    Attack("insert one", insert, ALONE, "entry_inserted", "an entry was inserted at 3 (by the tree)", (3,)),
    Attack("exchange two", swap, ALONE, "entry_moved", "entry 2 stands at 6 now (by the tree)", (2, 6)),
    Attack("cut the log off", truncate, ALONE, "truncated",
           "the log was cut off: 5 of the 10 entries under the last checkpoint are gone", (5, 6, 7, 8, 9)),
    Attack("change a tile", change_tile, ALONE, "tile_changed", "tile 0/0 does not hold the hashes of its entries"),
    Attack("change a checkpoint", change_checkpoint, ALONE, "checkpoint_changed",
           "the checkpoint of size 5 was changed: the signature of example.com/audit is not over this text"),
    Attack("forge a checkpoint with another key", forge_checkpoint, ALONE, "checkpoint_forged",
           "the checkpoint of size 10 is signed by no key that is trusted"),
    Attack("remove the last checkpoint", remove_checkpoint, ALONE, "tile_changed",
           "the tiles hold 10 hashes, the last checkpoint 5"),
    Attack("put in a checkpoint of another history, signed by the log's key", graft_checkpoint, ALONE,
           "two_histories", "the checkpoint of size 5 is signed, but of another history than this: two were written"),
    Attack("put an earlier copy of the database in its place", roll_back, WITNESS, "rolled_back",
           "the witness has seen 10 entries, the log has 5: rolled back or cut off"),
    Attack("go on from an earlier copy: two histories", fork, WITNESS, "two_histories",
           "the witness has seen another history of the first 10 entries than this: two were written"),
    Attack("write a new history with the log's own key", rewrite_with_the_key, WITNESS, "two_histories",
           "the witness has seen another history of the first 10 entries than this: two were written"),
    Attack("empty the log", empty, WITNESS, "rolled_back",
           "the witness has seen 10 entries, the log has 0: rolled back or cut off"),
    Attack("remove an entry before the next checkpoint, with others behind it", remove_unsigned_middle, ALONE,
           "entry_missing", "there is no entry 11, but there are entries behind it", (11,)),
    Attack("remove the last entry before the next checkpoint", remove_unsigned, NEVER),
)  # fmt: skip


def table() -> str:
    """The attacks as a table for the documentation."""
    rows = [f"| {one.what} | {one.found_by} | {one.message and f'`{one.code}`: {one.message}'} |" for one in ATTACKS]
    return "\n".join(["| attack | found by | what is said |", "|---|---|---|", *rows])
