"""The log as a folder of static files, laid out as C2SP tlog-tiles: any web server can publish it.

DIR/checkpoint   DIR/tile/0/000   DIR/tile/1/000.p/3   DIR/tile/entries/000   …
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
import sqlalchemy as sa

from agoranomos.audit import queries
from agoranomos.audit.merkle import HASH_SIZE, leaf_hash, root_of
from agoranomos.audit.notes import Checkpoint, Note, NoteError
from agoranomos.audit.tiles import ENTRIES, WIDTH, Tile, bundles_of, extended, tiles_of
from agoranomos.kernel.errors import Conflict, Invalid, NotFound

CHECKPOINT = "checkpoint"


class Exported(msgspec.Struct, frozen=True):
    """What an export wrote: `files` counts those that were new."""

    size: int
    files: int


def resource(connection: sa.Connection, tile: Tile) -> bytes:
    """The bytes of a tile or bundle. Raises NotFound when the last checkpoint's tree does not have it."""
    last = queries.last_checkpoint(connection)
    size = last.size if last else 0
    covered = size >> (8 * max(tile.level, 0))  # hashes of that level
    if tile.number * WIDTH + tile.width > covered:
        raise NotFound("the tree that was signed last has no such tile")
    if tile.level != ENTRIES:
        hashes = queries.tile(connection, tile.level, tile.number)[: tile.width * HASH_SIZE]
        if len(hashes) != tile.width * HASH_SIZE:
            raise Conflict("hashes are missing from the log: run agora audit verify")
        return hashes
    begin = tile.number * WIDTH
    leaves = [row.leaf for row in queries.entries(connection, begin, begin + tile.width)]
    if len(leaves) != tile.width:
        raise Conflict("entries are missing from the log: run agora audit verify")
    return b"".join(struct.pack(">H", len(leaf)) + leaf for leaf in leaves)


def export(connection: sa.Connection, folder: Path) -> Exported:
    """Writes the tree of the last checkpoint into `folder`; what an earlier export wrote there is added to.

    Full tiles never change and are written once. Raises NotFound without a checkpoint, Conflict when the folder holds
    a log that is not the beginning of this one.
    """
    last = queries.last_checkpoint(connection)
    if last is None:
        raise NotFound("nothing is signed yet: run agora audit checkpoint")
    _require_continued(connection, folder, last.size)
    files = 0
    for tile in (*tiles_of(last.size), *bundles_of(last.size)):
        path = folder / "tile" / tile.path
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            _replace(path, resource(connection, tile))
            files += 1
    _replace(folder / CHECKPOINT, last.note.encode())  # last: a reader never finds one without its tiles
    return Exported(last.size, files)


def _require_continued(connection: sa.Connection, folder: Path, size: int) -> None:
    if not (folder / CHECKPOINT).exists():
        return
    earlier = read(folder)
    head = earlier.head
    if head.size > size or (head.size and queries.mth(connection)(0, head.size) != head.root):
        raise Conflict(
            "this folder holds another log, or a longer one; choose another or run agora audit verify --export"
        )


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_name(path.name + ".draft")
    draft.write_bytes(content)
    draft.replace(path)


@dataclass(frozen=True)
class Copy:
    """An exported log that was read back."""

    folder: Path
    note: Note
    head: Checkpoint

    @property
    def source(self) -> str:
        """As messages call it."""
        return f"the export in {self.folder}"

    @property
    def leaves(self) -> Sequence[bytes]:
        """The leaf hashes of its entries, or none when they do not make the root that its checkpoint signs."""
        try:
            found = [leaf_hash(leaf) for leaf in self._entries()]
        except (OSError, struct.error):
            return []
        return found if len(found) == self.head.size and root_of(found) == self.head.root else []

    def problems(self) -> list[str]:
        """What is wrong with the files themselves."""
        if not self.leaves and self.head.size:
            return ["its entries do not make the tree that its checkpoint signs"]
        return [f"tile {tile.path} does not hold what its entries make" for tile in self._wrong_tiles()]

    def _entries(self) -> Iterator[bytes]:
        for tile in bundles_of(self.head.size):
            yield from split_bundle((self.folder / "tile" / tile.path).read_bytes())

    def _wrong_tiles(self) -> Iterator[Tile]:
        due = extended(0, self.leaves, lambda *_: b"")
        for tile in tiles_of(self.head.size):
            path = self.folder / "tile" / tile.path
            if not path.exists() or path.read_bytes() != due[tile.level, tile.number]:
                yield tile


def read(folder: Path) -> Copy:
    """An exported log. Raises Invalid when the folder holds none."""
    try:
        note = Note.parse((folder / CHECKPOINT).read_text("utf-8"))
        return Copy(folder, note, Checkpoint.parse(note.text))
    except (OSError, UnicodeDecodeError, NoteError) as error:
        raise Invalid(f"{folder} holds no exported log: its checkpoint cannot be read") from error


def split_bundle(bundle: bytes) -> Iterator[bytes]:
    """The entries in a bundle. Raises struct.error when it is cut off."""
    at = 0
    while at < len(bundle):
        (length,) = struct.unpack_from(">H", bundle, at)
        at += 2
        yield struct.unpack_from(f"{length}s", bundle, at)[0]
        at += length
