"""The verbs of the audit log, given an open transaction: record, seal the tree, erase a salt, change the key.

An entry takes its place when its transaction commits, and its place in the signed tree at the next checkpoint: until
then nothing outside the store could contradict a change anyway, and hashing many at a time costs a tenth. Indexes have
no gaps on either database: SQLite has one writer; on PostgreSQL `record` takes an advisory lock until the transaction
ends, so call it last. The reasons stand in docs/decisions/0008-audit-log.md.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import islice
from typing import Final

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries, rotation
from agoranomos.audit.merkle import EMPTY_ROOT, leaf_hash
from agoranomos.audit.model import Entry, Sealed, seal
from agoranomos.audit.notes import Checkpoint, Note, NoteError, Signature, SigningKey, VerifierKey
from agoranomos.audit.tiles import extended
from agoranomos.kernel.actors import Actor
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

ERASE: Final = "audit.erase_salt"
_APPENDING = 0x61756469740001  # "audit": the advisory lock of whoever adds entries
_SEALING = 0x61756469740002  # … and of whoever signs
_LEAVES_AT_A_TIME = 65_536


class Sealing(msgspec.Struct, frozen=True):
    """A checkpoint and whether it was signed just now."""

    note: Note
    checkpoint: Checkpoint
    new: bool


def record(connection: sa.Connection, entry: Entry, sealed: Mapping[str, Sealed] | None = None) -> int:
    """Appends `entry` in the transaction of what it tells of; returns its index.

    `sealed` are texts that the entry only commits to (`model.seal`), by name; their salts are kept beside the log. On
    PostgreSQL others wait with their entries until this transaction ends: call this last.
    """
    if sealed:
        entry = _with_commitments(entry, sealed)
    leaf = entry.leaf()
    take_turn(connection, _APPENDING)
    index = queries.append(connection, queries.row_of(entry, leaf, leaf_hash(leaf)))
    if sealed:
        queries.add_salts(connection, index, {name: one.salt for name, one in sealed.items()})
    return index


def record_all(connection: sa.Connection, entries: Iterable[Entry]) -> range:
    """Appends `entries` in order, for verbs that act on many things at once; returns their indexes."""
    rows = []
    for entry in entries:
        leaf = entry.leaf()
        rows.append(queries.row_of(entry, leaf, leaf_hash(leaf)))
    take_turn(connection, _APPENDING)
    return queries.append_all(connection, rows)


def _with_commitments(entry: Entry, sealed: Mapping[str, Sealed]) -> Entry:
    commitments = {**entry.commitments, **{name: one.commitment for name, one in sealed.items()}}
    return msgspec.structs.replace(entry, commitments=commitments)


def opens(connection: sa.Connection, index: int, name: str, text: str) -> bool:
    """Whether `text` is what the entry at `index` committed to under `name`.

    Raises NotFound when there is no such commitment or its salt is erased: then nobody can tell.
    """
    commitment = queries.get_entry(connection, index).entry.commitments.get(name)
    salt = queries.salts_of(connection, index, index + 1).get((index, name))
    if commitment is None or salt is None:
        raise NotFound("there is no such commitment, or its salt is erased")
    return hmac.compare_digest(seal(text, salt).commitment.hmac, commitment.hmac)


def erase_salt(connection: sa.Connection, index: int, name: str, *, by: Actor, now: datetime) -> int:
    """Erases the salt of a commitment, which makes it meaningless, and records that; returns the new entry's index.

    The tree stays as it is. Raises NotFound when there is no such salt.
    """
    if not queries.delete_salt(connection, index, name):
        raise NotFound("there is no such commitment, or its salt is erased already")
    entry = Entry(
        at=now, actor=by, verb=ERASE, subject_kind="audit_entry", subject_id=str(index), params={"name": name}
    )
    return record(connection, entry)


def checkpoint(connection: sa.Connection, signer: SigningKey, now: datetime) -> Sealing:
    """Hashes the entries since the last checkpoint into the tree and signs it; without any, the last one stands.

    Call it every minute. Raises Conflict, and signs nothing, when the store contradicts what was signed before.
    """
    return _seal(connection, [signer], now)


def hold_signing(connection: sa.Connection) -> None:
    """Keeps others from signing until the transaction ends."""
    take_turn(connection, _SEALING)


def rotate_key(connection: sa.Connection, old: SigningKey, new: SigningKey, *, by: Actor, now: datetime) -> Sealing:
    """Lets `new` sign from now on: an entry signed by both keys, and a checkpoint over it by both.

    Raises Invalid for a key of another name: the name is the log's.
    """
    if old.name != new.name or old.verifier == new.verifier:
        raise Invalid("the new key must be another key of the same name, the log's origin")
    entry = Entry(
        at=now, actor=by, verb=rotation.VERB, subject_kind="audit_key", subject_id=new.verifier.key_id.hex(),
        params=rotation.params_of(old, new),
    )  # fmt: skip
    # Nobody adds an entry before this transaction ends, so the checkpoint by both has exactly this entry as its last.
    record(connection, entry)
    return _seal(connection, [old, new], now)


def add_cosignatures(connection: sa.Connection, size: int, lines: str, witness: VerifierKey) -> Signature:
    """Keeps what a witness answered for the checkpoint of `size`: its own line; others are ignored.

    Raises NotFound without that checkpoint, Conflict when `witness` has not cosigned it.
    """
    kept = queries.get_checkpoint(connection, size)
    try:
        signature = Note.parse(kept.note + lines).signed_by(witness)
    except NoteError as error:
        raise Conflict(f"the witness' answer cannot be kept: {error}") from error
    if signature is None:
        raise Conflict("the answer is not signed by the witness that was asked; check its key")
    queries.add_cosignatures(connection, size, [signature])
    return signature


def _seal(connection: sa.Connection, signers: Sequence[SigningKey], now: datetime) -> Sealing:
    hold_signing(connection)
    origin = signers[0].name
    last = _last(connection, signers[0].verifier)
    old = last.checkpoint if last else Checkpoint(origin, 0, EMPTY_ROOT)
    size = queries.next_index(connection)
    if size < old.size:
        raise Conflict(f"the log had {old.size} entries when it was last signed and has {size}: run agora audit verify")
    if size == old.size and last is not None:
        return last
    _integrate(connection, old.size, size)
    mth = queries.mth(connection)
    if old.size and mth(0, old.size) != old.root:
        raise Conflict("the stored tree is not the one that was signed: run agora audit verify")
    head = Checkpoint(origin, size, mth(0, size) if size else EMPTY_ROOT)
    note = Note(head.text, tuple(signer.sign(head.text) for signer in signers))
    queries.add_checkpoint(connection, size, now, note)
    return Sealing(note, head, new=True)


def _last(connection: sa.Connection, key: VerifierKey) -> Sealing | None:
    kept = queries.last_checkpoint(connection)
    if kept is None:
        return None
    try:
        note = Note.parse(kept.note)
        head = Checkpoint.parse(note.text)
        note.signed_by(key)
    except NoteError as error:
        raise Conflict("the last checkpoint cannot be read: run agora audit verify") from error
    # After a change of key both have signed, the new one last: the old one is to sign no more.
    by_log = [one for one in note.signatures if one.name == key.name]
    if not by_log or by_log[-1].key_id != key.key_id or head.size != kept.size:
        raise Conflict(
            "the last checkpoint is signed by another key: use that, or change it by agora audit key --rotate"
        )
    return Sealing(note, head, new=False)


def _integrate(connection: sa.Connection, begin: int, end: int) -> None:
    """Hashes the entries begin <= index < end into the tiles."""
    rows = queries.entries(connection, begin, end)
    while part := list(islice(rows, _LEAVES_AT_A_TIME)):
        leaves = _leaves(part, begin)
        try:
            tiles = extended(begin, leaves, lambda level, index: queries.tile(connection, level, index))
        except ValueError as error:
            raise Conflict("tiles are missing from the log: run agora audit verify") from error
        queries.put_tiles(connection, tiles)
        begin += len(leaves)
    if begin != end:
        raise Conflict("entries are missing from the log: run agora audit verify")


def _leaves(kept: Sequence[queries.Kept], begin: int) -> list[bytes]:
    leaves = [leaf_hash(one.leaf) for one in kept]
    for index, (one, leaf) in enumerate(zip(kept, leaves, strict=True), start=begin):
        if one.leaf_index != index or one.leaf_hash != leaf:
            raise Conflict(f"entry {index} is not as it was recorded: run agora audit verify")
    return leaves
