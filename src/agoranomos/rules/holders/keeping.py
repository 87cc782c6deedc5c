"""What a holder has counted, in a file of its part: written beside the old one, put in its place when it is whole."""

from __future__ import annotations

import hashlib
import logging
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from itertools import chain
from pathlib import Path
from struct import Struct
from typing import BinaryIO, Final

import msgspec

from agoranomos.engine.features.features import Features, state_of
from agoranomos.engine.features.sharing import Share
from agoranomos.kernel.errors import Conflict

MAGIC: Final = b"agoranomos features 1\n"
_NAME: Final = re.compile(r"part-([0-9]{1,3})-of-([0-9]{1,3})\.counts")
_LENGTH: Final = Struct(">Q")
_DIGEST: Final = 32
_HEAD_MAX: Final = 1 << 20
_PIECES: Final = 6
"""Of one feature: what is said of it, and its arrays."""
_PIECE: Final = 1 << 20
"""Bytes that are written at a time; meanwhile others look up."""

_log = logging.getLogger(__name__)


class Head(msgspec.Struct, frozen=True):
    """Which keys were counted, up to which position of the log, and which event stands there (a hash of what it is
    called); the features in the order in which they follow, by fingerprint.
    """

    part: int
    parts: int
    position: int
    mark: str
    features: list[str]

    @property
    def share(self) -> Share:
        return Share(self.part, self.parts)


class Kept(msgspec.Struct, frozen=True):
    """A file that was read: `states` by fingerprint."""

    head: Head
    states: dict[str, bytes]


class _Damaged(Exception):
    """It is not as it was written."""


def path_of(folder: Path, share: Share) -> Path:
    """Where the part is kept."""
    return folder / f"part-{share.part}-of-{share.parts}.counts"


def write(folder: Path, share: Share, position: int, mark: str, held: Mapping[str, Features]) -> None:
    """Keeps what `held` has counted up to `position`. Nothing may be counted meanwhile; looking up is no harm."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = path_of(folder, share)
    made = path.with_suffix(f".{os.getpid()}.new")
    try:
        with os.fdopen(os.open(made, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            digest = hashlib.blake2b(digest_size=_DIGEST)
            head = Head(share.part, share.parts, position, mark, [*held])
            file.write(MAGIC)
            for said in chain([msgspec.msgpack.encode(head)], *(each.state_pieces() for each in held.values())):
                view: memoryview = memoryview(said)
                pieces: list[bytes | memoryview] = [_LENGTH.pack(len(view))]
                pieces += (view[at : at + _PIECE] for at in range(0, len(view), _PIECE))
                for piece in pieces:
                    file.write(piece)
                    digest.update(piece)
            file.write(digest.digest())
            file.flush()
            os.fsync(file.fileno())
        made.replace(path)
    finally:
        made.unlink(missing_ok=True)


def find(folder: Path, share: Share) -> Iterator[list[Path]]:
    """The files that together hold all keys of `share`: its own, or those of all parts of another number of them; what
    has come furthest first.
    """
    heads: dict[tuple[int, int], Head] = {}
    for path in folder.glob("*.counts") if folder.is_dir() else ():
        with suppress(OSError, _Damaged), path.open("rb") as file:
            named, head = _NAME.fullmatch(path.name), _head(file, hashlib.blake2b(digest_size=_DIGEST))
            if named is not None and (int(named[1]), int(named[2])) == (head.part, head.parts):
                heads[head.part, head.parts] = head
    found: list[tuple[int, bool, list[Path]]] = []
    for parts in {parts for _, parts in heads}:
        wanted = [share.part] if parts == share.parts else range(1, parts + 1)
        if all((part, parts) in heads for part in wanted):
            position = min(heads[part, parts].position for part in wanted)
            paths = [path_of(folder, Share(part, parts)) for part in wanted]
            found.append((position, parts == share.parts, paths))
    for _, _, paths in sorted(found, reverse=True):
        yield paths


def read(paths: list[Path]) -> list[Kept] | None:
    """All of them; None, and a line in the log, when one is not as it was written."""
    found = []
    for path in paths:
        try:
            with path.open("rb") as file:
                found.append(_read(file))
        except (OSError, _Damaged) as error:
            _log.error("%s is not used: %s", path.name, error if isinstance(error, _Damaged) else type(error).__name__)
            return None
    return found


def _head(file: BinaryIO, digest: hashlib.blake2b) -> Head:
    if file.read(len(MAGIC)) != MAGIC:
        raise _Damaged("it is of another version")
    try:
        return msgspec.msgpack.decode(_piece(file, digest, _HEAD_MAX), type=Head)
    except msgspec.MsgspecError as error:
        raise _Damaged("it is damaged") from error


def _read(file: BinaryIO) -> Kept:
    digest = hashlib.blake2b(digest_size=_DIGEST)
    size = os.fstat(file.fileno()).st_size
    head = _head(file, digest)
    pieces = {name: [_piece(file, digest, size) for _ in range(_PIECES)] for name in head.features}
    if file.read() != digest.digest():
        raise _Damaged("it is damaged")
    try:
        return Kept(head, {name: state_of(each) for name, each in pieces.items()})
    except Conflict as error:
        raise _Damaged(error.message) from error


def _piece(file: BinaryIO, digest: hashlib.blake2b, longest: int) -> bytes:
    written = file.read(_LENGTH.size)
    if len(written) < _LENGTH.size:
        raise _Damaged("it is cut off")
    (length,) = _LENGTH.unpack(written)
    if length > longest:
        raise _Damaged("it is damaged")
    said = file.read(length)
    if len(said) < length:
        raise _Damaged("it is cut off")
    digest.update(written)
    digest.update(said)
    return said
