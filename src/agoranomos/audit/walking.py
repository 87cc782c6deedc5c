"""One pass over the whole log: every leaf hash and root anew from the entries, beside those that are stored.

Memory does not grow with the log, but for 32 bytes for every 256 entries and what differs.
"""

from __future__ import annotations

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import groupby

import sqlalchemy as sa

from agoranomos.audit import actions, queries, rotation
from agoranomos.audit.comparing import Finding
from agoranomos.audit.merkle import Frontier, leaf_hash, perfect_root
from agoranomos.audit.model import Columns, columns_of
from agoranomos.audit.tiles import HEIGHT, WIDTH, hashes_in


class Tree:
    """A growing tree that notes its root at certain sizes."""

    def __init__(self, sizes: Iterable[int]) -> None:
        self._awaited = sorted(set(sizes), reverse=True)
        self._frontier = Frontier()
        self.roots: dict[int, bytes] = {}
        self._note()

    def copy(self) -> Tree:
        """An independent tree of the same leaves."""
        twin = Tree(())
        twin._awaited, twin._frontier, twin.roots = self._awaited.copy(), self._frontier.copy(), self.roots.copy()
        return twin

    def add(self, leaves: list[bytes], perfect: bytes | None) -> None:
        """Adds leaf hashes; `perfect` is the root over them when they are a full tile, which saves hashing them."""
        whole = perfect is not None and self._frontier.size % WIDTH == 0
        if whole and perfect is not None and not (self._awaited and self._awaited[-1] < self._frontier.size + WIDTH):
            self._frontier.append_perfect(perfect, HEIGHT)
            self._note()
            return
        for leaf in leaves:
            self._frontier.append(leaf)
            self._note()

    def _note(self) -> None:
        while self._awaited and self._awaited[-1] <= self._frontier.size:
            self.roots[self._awaited.pop()] = self._frontier.root()

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return self._frontier.size


@dataclass
class Walk:
    """What one pass has seen. `tiles` is the tree that the stored leaf hashes make, `entries` that of the entries."""

    entries: Tree
    tiles: Tree | None = None
    """None as long as both are the same."""
    sealed: int = 0
    """How many leaf hashes are stored."""
    signed: dict[int, bytes] = field(default_factory=dict)
    found: dict[int, bytes] = field(default_factory=dict)
    """Where entries and stored leaf hashes differ: index → hash, stored and computed."""
    tail: dict[int, bytes] = field(default_factory=dict)
    """Entries behind the last checkpoint: index → computed hash."""
    findings: list[Finding] = field(default_factory=list)
    rotations: list[rotation.Rotation] = field(default_factory=list)
    erased: set[tuple[int, str]] = field(default_factory=set)
    """Salts whose erasure is recorded: (index, name)."""
    missing: set[tuple[int, str]] = field(default_factory=set)
    perfect: list[bytes] = field(default_factory=list)
    """Roots of the full level-0 tiles, for the level above."""

    def tile_root(self, size: int) -> bytes | None:
        """The root of the stored tree at `size`."""
        return (self.tiles or self.entries).roots.get(size) if size <= self.sealed else None

    def say(self, code: str, message: str, index: int | None = None) -> None:
        """Adds a finding."""
        self.findings.append(Finding(code, message, index))


def walk(connection: sa.Connection, sizes: Iterable[int]) -> Walk:
    """Reads everything; roots are noted at `sizes`."""
    seen = Walk(Tree(sizes))
    expected = 0
    for number, rows in _by_tile(connection):
        stored = hashes_in(queries.tile(connection, 0, number))
        seen.sealed += len(stored)
        leaves = [leaf_hash(row.leaf) for row in rows]
        _compare(seen, number, rows, leaves, stored)
        _grow(seen, leaves, stored, gaps=any(row.leaf_index != number * WIDTH + i for i, row in enumerate(rows)))
        salts = queries.salts_of(connection, number * WIDTH, (number + 1) * WIDTH)
        for row in rows:
            missing = max(expected, seen.sealed)  # of those below, the tree says more
            if row.leaf_index > missing:
                seen.say("entry_missing", f"there is no entry {missing}, but there are entries behind it", missing)
            expected = row.leaf_index + 1
            _inspect(seen, row, salts)
        for index, name in salts:
            seen.say("salt_unknown", f"a salt named {name} is kept for entry {index}, which commits to no such thing")
    _check_erasures(seen)
    _check_upper(connection, seen)
    return seen


def _by_tile(connection: sa.Connection) -> Iterator[tuple[int, list[queries.Kept]]]:
    """Tile after tile, also those without entries: its number and the entries that belong to it."""
    waiting = deque(number for level, number in queries.tile_names(connection) if level == 0)
    for number, rows in groupby(queries.entries(connection), key=lambda row: row.leaf_index // WIDTH):
        while waiting and waiting[0] < number:
            yield waiting.popleft(), []
        if waiting and waiting[0] == number:
            waiting.popleft()
        yield number, list(rows)
    yield from ((number, []) for number in waiting)


def _compare(seen: Walk, number: int, rows: list[queries.Kept], leaves: list[bytes], stored: list[bytes]) -> None:
    begin = number * WIDTH
    found = {row.leaf_index: leaf for row, leaf in zip(rows, leaves, strict=True)}
    signed = dict(enumerate(stored, start=begin))
    for index in signed.keys() | found.keys():
        if index in signed and signed[index] != found.get(index):
            seen.signed[index] = signed[index]
        if index in found and found[index] != signed.get(index):
            # Behind the last checkpoint nothing is stored to compare with.
            (seen.found if index in signed or index < 0 else seen.tail)[index] = found[index]
    for row, leaf in zip(rows, leaves, strict=True):
        if row.leaf_hash != leaf and row.leaf_index not in seen.found:
            seen.say("id_changed", f"entry {row.leaf_index} does not have the id of its content", row.leaf_index)


def _grow(seen: Walk, leaves: list[bytes], stored: list[bytes], *, gaps: bool) -> None:
    same = leaves[: len(stored)] == stored and not gaps
    if not same and seen.tiles is None:
        seen.tiles = seen.entries.copy()
    full = perfect_root(stored) if len(stored) == WIDTH else None
    if full is not None:
        seen.perfect.append(full)
    seen.entries.add(leaves, full if same else None)
    if seen.tiles is not None:
        seen.tiles.add(stored, full)


def _inspect(seen: Walk, row: queries.Kept, salts: dict[tuple[int, str], bytes]) -> None:
    index = row.leaf_index
    read = columns_of(row.leaf)
    if read is None:
        seen.say("entry_unreadable", f"entry {index} is no audit entry", index)
        return
    if (read.actor.kind, read.actor.id, read.subject.kind, read.subject.id) != row[3:]:
        seen.say("columns_changed", f"entry {index} is filed under another actor or subject than it names", index)
    for name, commitment in read.commitments.items():
        salt = salts.pop((index, name), None)
        if salt is None:
            seen.missing.add((index, name))
        elif hashlib.sha256(salt).hexdigest() != commitment.salt_hash:
            seen.say("salt_changed", f"the salt {name} of entry {index} is not the one that was used", index)
    _note_verb(seen, index, read)


def _note_verb(seen: Walk, index: int, read: Columns) -> None:
    if read.verb == actions.ERASE and read.subject.id.isdecimal():
        seen.erased.add((int(read.subject.id), str(read.params.get("name"))))
    elif read.verb == rotation.VERB:
        found = rotation.read(index, read.params)
        if found is None:
            seen.say("rotation_forged", f"entry {index} tells of a new key, but not both keys have signed that", index)
        else:
            seen.rotations.append(found)


def _check_erasures(seen: Walk) -> None:
    for index, name in sorted(seen.missing - seen.erased):
        seen.say("salt_missing", f"the salt {name} of entry {index} is gone, and no erasure is recorded", index)


def _check_upper(connection: sa.Connection, seen: Walk) -> None:
    """Holds each tile above level 0 against the tiles below it."""
    stray = {name for name in queries.tile_names(connection) if name[0]}
    level, below = 1, seen.perfect
    while below:
        above = []
        for number in range(-(-len(below) // WIDTH)):
            due = below[number * WIDTH : (number + 1) * WIDTH]
            if hashes_in(queries.tile(connection, level, number)) != due:
                seen.say("tile_changed", f"tile {level}/{number} is not what the tiles below it make")
            if len(due) == WIDTH:
                above.append(perfect_root(due))
            stray.discard((level, number))
        level, below = level + 1, above
    for level, number in sorted(stray):
        seen.say("tile_changed", f"tile {level}/{number} does not belong to the tree")
