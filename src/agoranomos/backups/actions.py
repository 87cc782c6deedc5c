"""Makes a backup, and makes a store of one. Neither is there before it is whole and its audit log was verified."""

from __future__ import annotations

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable, Sequence
from contextlib import closing
from pathlib import Path
from typing import Final

import msgspec

from agoranomos import __version__
from agoranomos.audit import queries, verifying
from agoranomos.audit.notes import Note, VerifierKey
from agoranomos.backups.model import STORE, Manifest
from agoranomos.kernel import copying, dialects
from agoranomos.kernel.errors import Conflict, Invalid
from agoranomos.kernel.store import Store

Told = Callable[[str], None]
_PART: Final = ".part"
_CHUNK: Final = 1 << 20


class Outside(msgspec.Struct, frozen=True):
    """The checkpoint that a manifest names, for whoever verifies."""

    source: str
    note: Note
    leaves: Sequence[bytes] = ()


def back_up(store: Store, folder: Path, trusted: Sequence[VerifierKey], *, at: str, tell: Told) -> Manifest:
    """Copies the embedded `store` into the new folder `folder`, while others use it.

    Raises Conflict when there is something at `folder`, or when the copy is not what the log signed; Invalid for
    PostgreSQL, which has programs for that.
    """
    if not store.embedded:
        raise Invalid("this store is on PostgreSQL: back it up by pg_dump, see docs/backups.md")
    if folder.exists():
        raise Conflict(f"{folder} is there already; a backup is never written over, choose another name")
    part = folder.with_name(folder.name + _PART)
    shutil.rmtree(part, ignore_errors=True)  # of a call that was interrupted
    part.mkdir(parents=True)
    copy = part / STORE
    tell("copying the store")
    copying.copy(Path(str(store.engine.url.database)), copy, _percents(tell))
    tell("verifying the copy")
    copying.check(copy)
    manifest = _verified(copy, trusted, at=at)
    manifest.write(part)
    for path in part.iterdir():
        _sync(path)
    _sync(part)
    part.rename(folder)
    _sync(folder.parent)
    return manifest


def restore(folder: Path, place: Path, trusted: Sequence[VerifierKey], *, tell: Told) -> Manifest:
    """Makes the store at `place` from the backup in `folder`.

    It is there when it is proven: the same bytes that were backed up, a whole database, an audit log that computes to
    its signed checkpoints and to the one that the manifest names. Raises Conflict where it is not, or when there is a
    store at `place`; NotFound and Invalid for a folder that holds no backup.
    """
    manifest = Manifest.read(folder)
    for ending in ("", "-wal", "-shm", "-journal"):
        if place.with_name(place.name + ending).exists():
            raise Conflict(
                f"{place.with_name(place.name + ending)} is there; move it away first, nothing is written over"
            )
    part = place.with_name(place.name + _PART)
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        tell("copying the backup")
        if _copied(folder / STORE, part) != (manifest.size, manifest.sha256):
            raise Conflict(f"{folder / STORE} is not the file that was backed up: its bytes have changed")
        tell("verifying the store")
        copying.check(part)
        now = _verified(part, trusted, at=manifest.at, checkpoint=manifest.checkpoint)
        if (now.entries, now.revision) != (manifest.entries, manifest.revision):
            raise Conflict(f"{folder / STORE} does not hold what {folder} says of it")
        _sync(part)
        part.rename(place)
        _sync(place.parent)
    finally:
        part.unlink(missing_ok=True)
    return manifest


def _verified(copy: Path, trusted: Sequence[VerifierKey], *, at: str, checkpoint: str = "") -> Manifest:
    """What the copy is, once its audit log was verified; also against `checkpoint`. Raises Conflict."""
    elsewhere = [Outside("the backup's manifest", Note.parse(checkpoint))] if checkpoint else []
    store = Store(dialects.make_engine(dialects.parse_url(str(copy))))
    try:
        revision = store.revision()
        store.require_current()
        with store.reading() as connection:
            report = verifying.verify(connection, trusted, elsewhere)
            last = queries.last_checkpoint(connection)
    finally:
        store.close()
    if not report.ok:
        first = report.findings[0]
        raise Conflict(f"the audit log in {copy.name} is not as it was signed: {first.code}: {first.message}")
    with closing(sqlite3.connect(copy, isolation_level=None)) as connection_:
        copying.settle(connection_)
    size, digest = _digest(copy)
    return Manifest(
        at=at, sha256=digest, size=size, revision=revision or "", entries=report.entries, sealed=report.sealed,
        checkpoint=last.note if last else "", version=__version__,
    )  # fmt: skip


def _percents(tell: Told) -> Callable[[int, int], None]:
    said = 0

    def told(done: int, whole: int) -> None:
        nonlocal said
        now = done * 10 // max(1, whole)
        if now > said:
            said = now
            tell(f"{now * 10} % of {whole:,} pages")

    return told


def _copied(source: Path, place: Path) -> tuple[int, str]:
    """Copies a file; its size and SHA-256. Raises Conflict without one."""
    digest, size = hashlib.sha256(), 0
    try:
        with source.open("rb") as given, place.open("wb") as made:
            while chunk := given.read(_CHUNK):
                digest.update(chunk)
                made.write(chunk)
                size += len(chunk)
    except FileNotFoundError as error:
        raise Conflict(f"{source} is missing: the backup is not whole") from error
    return size, digest.hexdigest()


def _digest(path: Path) -> tuple[int, str]:
    with path.open("rb") as file:
        return path.stat().st_size, hashlib.file_digest(file, "sha256").hexdigest()


def _sync(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
