"""Whether the log is what was signed: everything computed anew, and held against checkpoints, copies and witnesses.

What the store alone can prove ends where its keeper holds the signing key: a whole new history, or an older state of
the file, agrees with itself. Those show against what is kept elsewhere: a witness, an export, a published checkpoint.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries, rotation
from agoranomos.audit.comparing import Finding, differences
from agoranomos.audit.merkle import leaf_hash
from agoranomos.audit.notes import Checkpoint, Note, NoteError, VerifierKey
from agoranomos.audit.tiles import WIDTH
from agoranomos.audit.walking import Walk, walk


class Elsewhere(Protocol):
    """A checkpoint from outside the store."""

    @property
    def source(self) -> str:
        """How to call it in messages, such as "the witness"."""

    @property
    def note(self) -> Note: ...

    @property
    def leaves(self) -> Sequence[bytes]:
        """The leaf hashes that it came with, if any."""


class Report(msgspec.Struct, frozen=True):
    """What verifying found. `sealed` entries are under a checkpoint; those behind it are not protected yet."""

    entries: int
    sealed: int
    checkpoints: int
    findings: tuple[Finding, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing was found."""
        return not self.findings


class Signed(msgspec.Struct, frozen=True):
    """A checkpoint whose signature is good, and where it was found."""

    head: Checkpoint
    source: str


def verify(connection: sa.Connection, trusted: Iterable[VerifierKey], elsewhere: Sequence[Elsewhere] = ()) -> Report:
    """Verifies the whole log against its checkpoints and those from `elsewhere`.

    `trusted` are keys that the log is known by; those that they vouch for in the log (`rotation`) are trusted too.
    """
    kept = queries.checkpoints(connection)
    heads = [head for one in elsewhere if (head := _head(one.note))]
    sizes = {one.size for one in kept} | {head.size for head in heads}
    seen = walk(connection, sizes)
    terms = rotation.terms(trusted, seen.rotations)
    findings = seen.findings
    signed = [good for one in kept if (good := checked(one.note, one.size, "the store", terms, findings))]
    findings += _against_checkpoints(seen, signed)
    for one in elsewhere:
        outside = checked(str(one.note), None, one.source, terms, findings)
        contradicted = _against_outside(seen, outside) if outside else []
        findings += contradicted
        if contradicted and one.leaves:
            findings += _against_copy(connection, one)
    last = max((one.size for one in kept), default=0)
    if seen.sealed != last:
        findings.append(Finding("tile_changed", f"the tiles hold {seen.sealed:,} hashes, the last checkpoint {last:,}"))
    entries = seen.entries.size
    return Report(entries, min(last, entries), len(kept), tuple(dict.fromkeys(findings)))


def _head(note: Note) -> Checkpoint | None:
    try:
        return Checkpoint.parse(note.text)
    except NoteError:
        return None


def checked(
    source_note: str, size: int | None, source: str, terms: Sequence[rotation.Term], findings: list[Finding]
) -> Signed | None:
    """The checkpoint in `source_note` when a key whose turn it was has signed it; else says what is wrong."""
    name = f"the checkpoint of size {size}" if size is not None else f"the checkpoint of {source}"
    try:
        note = Note.parse(source_note)
        head = Checkpoint.parse(note.text)
        signers = [term for term in terms if note.signed_by(term.key) is not None]
    except NoteError as error:
        findings.append(Finding("checkpoint_changed", f"{name} was changed: {error}"))
        return None
    if size not in (None, head.size):
        findings.append(Finding("checkpoint_changed", f"{name} was changed: it says {head.size}"))
        return None
    if not any(term.covers(head.size) for term in signers):
        why = "by a key that was not in use then" if signers else "by no key that is trusted"
        findings.append(Finding("checkpoint_forged", f"{name} is signed {why}"))
        return None
    return Signed(head, source)


def _against_checkpoints(seen: Walk, signed: Sequence[Signed]) -> list[Finding]:
    found: list[Finding] = []
    entries = seen.entries
    good = [one.head.size for one in signed if entries.roots.get(one.head.size) == one.head.root]
    bad = [one for one in signed if entries.roots.get(one.head.size) != one.head.root]
    explained = _blame(seen, bad, found)
    last = max((one.head.size for one in bad), default=0)
    if last > entries.size:
        lost = last - entries.size
        message = f"the log was cut off: {lost:,} of the {last:,} entries under the last checkpoint are gone"
        found.append(Finding("truncated", message))
    for one in bad:
        size = one.head.size
        if size > entries.size:
            break
        if size < max(good, default=0):
            message = f"the checkpoint of size {size} is signed, but of another history than this: two were written"
            found.append(Finding("two_histories", message))
        elif not explained:
            begin = max((held for held in good if held < size), default=0)
            message = f"the entries {begin} to {size - 1} are not those that were signed at size {size}"
            found.append(Finding("history_rewritten", message))
            break
    return found


def _against_outside(seen: Walk, one: Signed) -> list[Finding]:
    size, source = one.head.size, one.source
    if size > seen.entries.size:
        message = f"{source} has seen {size:,} entries, the log has {seen.entries.size:,}: rolled back or cut off"
        return [Finding("rolled_back", message)]
    if seen.entries.roots.get(size) != one.head.root:
        message = f"{source} has seen another history of the first {size:,} entries than this: two were written"
        return [Finding("two_histories", message)]
    return []


def _blame(seen: Walk, bad: Sequence[Signed], found: list[Finding]) -> bool:
    """Where entries and stored leaf hashes differ, says which of the two are the signed ones; False when neither."""
    if not seen.signed and not seen.found:
        return False
    first = min((*seen.signed, *seen.found))
    decisive = [one.head for one in bad if one.head.size > first]
    if not decisive:  # every signed root is that of the entries
        numbers = sorted({index // WIDTH for index in (*seen.signed, *seen.found)})
        found += [Finding("tile_changed", f"tile 0/{n} does not hold the hashes of its entries") for n in numbers]
        return True
    # An insertion moves signed entries behind the last checkpoint.
    lost = set(seen.signed.values())
    moved = {index: leaf for index, leaf in seen.tail.items() if leaf in lost}
    told = differences(seen.signed, {**seen.found, **moved}, "by the tree")
    if any(seen.tile_root(head.size) == head.root for head in decisive):
        found += told
        return True
    found += [
        msgspec.structs.replace(one, message=f"{one.message}; the tree is not the signed one either") for one in told
    ]
    return False


def _against_copy(connection: sa.Connection, copy: Elsewhere) -> list[Finding]:
    """The entries one by one against a copy of which the checkpoint is good."""
    signed = dict(enumerate(copy.leaves))
    found = {row.leaf_index: leaf_hash(row.leaf) for row in queries.entries(connection, None, len(signed))}
    same = {index for index, leaf in found.items() if signed.get(index) == leaf}
    for index in same:
        del signed[index], found[index]
    return differences(signed, found, f"by {copy.source}")
