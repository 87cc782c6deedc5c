"""Proofs that stand alone: an entry, its path to a root, and the checkpoint that signs the root, in one JSON document.

Checked without the log, by whoever knows the log's key; `Proof.tlog_proof` is the same in the form of C2SP tlog-proof.
"""

from __future__ import annotations

import base64
from collections.abc import Sequence

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.merkle import HASH_SIZE, inclusion_proof, leaf_hash, verify_inclusion
from agoranomos.audit.model import Recorded, recorded
from agoranomos.audit.notes import Checkpoint, Note, NoteError, VerifierKey
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

FORM = "agoranomos.audit.proof/1"


class Proof(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`leaf` is the entry as it was hashed, `path` the siblings in base64 from the leaf up (RFC 9162 §2.1.3)."""

    form: str
    index: int
    size: int
    leaf: str
    path: tuple[str, ...]
    checkpoint: str

    def json(self) -> bytes:
        """The document."""
        return msgspec.json.encode(self)

    def tlog_proof(self) -> str:
        """The proof without its leaf, as C2SP tlog-proof writes it."""
        lines = ["c2sp.org/tlog-proof@v1", f"index {self.index}", *self.path]
        return "\n".join(lines) + f"\n\n{self.checkpoint}"


class Inclusion(msgspec.Struct, frozen=True):
    """What a good proof shows: the entry, and who signed and cosigned that it is in the log."""

    recorded: Recorded
    size: int
    signed_by: str
    cosigned_by: tuple[str, ...]


def prove(connection: sa.Connection, index: int) -> Proof:
    """The proof that the entry at `index` is in the log, by the last checkpoint.

    Raises NotFound for an index that is none, Conflict for an entry that no checkpoint holds yet.
    """
    kept = next(queries.entries(connection, index, index + 1), None)
    if kept is None:
        raise NotFound(f"the audit log has no entry {index}")
    signed = queries.last_checkpoint(connection)
    if signed is None or signed.size <= index:
        raise Conflict(f"entry {index} is under no checkpoint yet: run agora audit checkpoint, or wait a minute")
    path = inclusion_proof(index, signed.size, queries.mth(connection))
    encoded = tuple(base64.b64encode(one).decode() for one in path)
    return Proof(FORM, index, signed.size, kept.leaf.decode(), encoded, signed.note)


def check(proof: bytes, log_key: VerifierKey, witnesses: Sequence[VerifierKey] = ()) -> Inclusion:
    """Checks a proof as `prove` makes it, by the log's key; every one of `witnesses` must have cosigned.

    Raises Invalid for what is no proof, Conflict, with the reason, for one that does not hold.
    """
    try:
        given = msgspec.json.decode(proof, type=Proof)
        path = [base64.b64decode(one, validate=True) for one in given.path]
    except (ValueError, RecursionError) as error:
        raise Invalid("this is no proof as agora audit prove makes it") from error
    if given.form != FORM or any(len(one) != HASH_SIZE for one in path):
        raise Invalid("this is no proof as agora audit prove makes it")
    head = _signed_head(given, log_key, witnesses)
    leaf = given.leaf.encode("utf-8", "surrogatepass")
    if head.size != given.size or not verify_inclusion(given.index, head.size, leaf_hash(leaf), path, head.root):
        raise Conflict("the entry is not in the tree that the checkpoint signs")
    return Inclusion(recorded(given.index, leaf), head.size, log_key.name, tuple(one.name for one in witnesses))


def _signed_head(given: Proof, log_key: VerifierKey, witnesses: Sequence[VerifierKey]) -> Checkpoint:
    try:
        note = Note.parse(given.checkpoint)
        for key in (log_key, *witnesses):
            if note.signed_by(key) is None:
                raise Conflict(f"the checkpoint is not signed by {key.name} with the key that was given")
        return Checkpoint.parse(note.text)
    except NoteError as error:
        raise Conflict(f"the checkpoint does not hold: {error}") from error
