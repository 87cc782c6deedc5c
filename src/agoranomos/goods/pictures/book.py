"""What was seen in the pictures of a whole catalogue: a file, so that memory stays bounded, which every judge opens.

Written by one process while pictures are looked at, then only read. It is scratch: whoever is interrupted looks again,
and what was decoded comes from the caches.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

import msgspec

from agoranomos.goods.pictures.groups import Rings
from agoranomos.goods.pictures.model import Elsewhere, Seen
from agoranomos.kernel.ids import derived

OTHERS_MAX: Final = 20
"""Listings, and stores, that are named of those that show the same picture."""
_CHUNK: Final = 500
_TABLES: Final = (
    "CREATE TABLE files (path TEXT PRIMARY KEY, content TEXT NOT NULL, skipped TEXT) WITHOUT ROWID",
    "CREATE TABLE contents (content TEXT PRIMARY KEY, marks INT, genuine INT, telling INT, seen BLOB) WITHOUT ROWID",
    "CREATE TABLE shown (path TEXT NOT NULL, owner TEXT NOT NULL, store TEXT NOT NULL, listing TEXT NOT NULL)",
    "CREATE TABLE members (content TEXT PRIMARY KEY, ring TEXT NOT NULL) WITHOUT ROWID",
    "CREATE TABLE rings (ring TEXT PRIMARY KEY, owners INTEGER, score REAL, exact INTEGER) WITHOUT ROWID",
)


class Shown(msgspec.Struct, frozen=True):
    """A listing shows a picture; `owner` is its seller, or its store where the seller is not known."""

    path: str
    owner: str
    store: str
    listing: str


class Book:
    """The file. One process writes; those that only read open it with `reading`."""

    def __init__(self, path: Path, *, reading: bool = False) -> None:
        self.path = path
        if reading:
            self._connection = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        for ending in ("", "-wal", "-shm", "-journal"):
            path.with_name(path.name + ending).unlink(missing_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None)
        run = self._connection.execute
        run("PRAGMA journal_mode = OFF")  # what is torn is not used: it is made again
        run("PRAGMA synchronous = OFF")
        for table in _TABLES:
            run(table)
        run("BEGIN")

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def note(self, shown: Sequence[Shown]) -> list[str]:
        """Notes who shows which pictures; the paths that were not noted before, in their order."""
        run = self._connection.executemany
        run(
            "INSERT INTO shown VALUES (?, ?, ?, ?)",
            [(each.path, each.owner, each.store, each.listing) for each in shown],
        )
        new = []
        for path in dict.fromkeys(each.path for each in shown):
            done = self._connection.execute("INSERT OR IGNORE INTO files VALUES (?, '', NULL)", (path,))
            if done.rowcount:
                new.append(path)
        return new

    def keep(self, seen: Iterable[Seen]) -> None:
        """Keeps what was seen."""
        files, contents = [], []
        for each in seen:
            files.append((each.content, each.skipped, each.path))
            if each.skipped is None:
                bare = msgspec.structs.replace(each, path="", elsewhere=None)
                genuine = any(one.role == "genuine" for one in each.resembles)
                telling = bool(each.codes) or any(one.role == "fake" for one in each.resembles)
                contents.append((each.content, each.marks, genuine, telling, msgspec.msgpack.encode(bare)))
        self._connection.executemany("UPDATE files SET content = ?, skipped = ? WHERE path = ?", files)
        self._connection.executemany("INSERT OR IGNORE INTO contents VALUES (?, ?, ?, ?, ?)", contents)

    def contents(self, marks_min: int) -> Iterator[str]:
        """The contents with so many marks, in order."""
        query = "SELECT content FROM contents WHERE marks >= ? ORDER BY content"
        return (row[0] for row in self._connection.execute(query, (marks_min,)))

    def telling(self, limit: int) -> list[str]:
        """Contents that show a known fake or hold a code."""
        query = "SELECT content FROM contents WHERE telling ORDER BY content LIMIT ?"
        return [row[0] for row in self._connection.execute(query, (limit,))]

    def path_of(self, content: str) -> str:
        """A path where this content was seen."""
        query = "SELECT path FROM files WHERE content = ? ORDER BY path LIMIT 1"
        return str(self._connection.execute(query, (content,)).fetchone()[0])

    def read(self, contents: dict[str, str]) -> None:
        """Keeps words that were read in contents."""
        for content, text in contents.items():
            row = self._connection.execute("SELECT seen FROM contents WHERE content = ?", (content,)).fetchone()
            if row is not None:
                seen = msgspec.structs.replace(msgspec.msgpack.decode(row[0], type=Seen), text=text)
                update = "UPDATE contents SET seen = ? WHERE content = ?"
                self._connection.execute(update, (msgspec.msgpack.encode(seen), content))

    def tie(self, rings: Rings) -> None:
        """Says which contents are the same picture, and which pictures several owners show."""
        run = self._connection.execute
        run("CREATE INDEX shown_path ON shown (path)")
        run("CREATE INDEX files_content ON files (content)")
        self._connection.executemany("INSERT INTO members VALUES (?, ?)", sorted(rings.members().items()))
        run("CREATE INDEX members_ring ON members (ring)")
        shared = run(
            "SELECT coalesce(m.ring, c.content) AS ring, count(DISTINCT s.owner), count(DISTINCT c.content), "
            "max(c.genuine) FROM contents c LEFT JOIN members m USING (content) JOIN files f USING (content) "
            "JOIN shown s USING (path) GROUP BY 1 HAVING count(DISTINCT s.owner) > 1 AND max(c.genuine) = 0"
        ).fetchall()
        rows = [(ring, owners, rings.score(ring), contents == 1) for ring, owners, contents, _ in shared]
        self._connection.executemany("INSERT INTO rings VALUES (?, ?, ?, ?)", rows)

    def tie_hashes(self, rings: Rings, own: Container[str]) -> None:
        """The same for pictures of which only a hash is known; `own` are those of brands."""
        run = self._connection.execute
        self._connection.executemany("INSERT INTO members VALUES (?, ?)", sorted(rings.members().items()))
        shared = run(
            "SELECT coalesce(m.ring, f.content) AS ring, count(DISTINCT s.owner), count(DISTINCT f.content) "
            "FROM files f LEFT JOIN members m USING (content) JOIN shown s USING (path) WHERE f.skipped = 'hash_only' "
            "AND f.content <> '' GROUP BY 1 HAVING count(DISTINCT s.owner) > 1"
        ).fetchall()
        rows = [
            (ring, owners, rings.score(ring), contents == 1) for ring, owners, contents in shared if ring not in own
        ]
        self._connection.executemany("INSERT INTO rings VALUES (?, ?, ?, ?)", rows)

    def hashes(self) -> list[str]:
        """The hashes that listings name instead of pictures, in order."""
        query = "SELECT DISTINCT content FROM files WHERE skipped = 'hash_only' AND content <> '' ORDER BY content"
        return [row[0] for row in self._connection.execute(query)]

    def done(self) -> str:
        """Puts everything on disk; a hash of what was seen."""
        self._connection.execute("COMMIT")
        digest = hashlib.blake2b(digest_size=8)
        for query in (
            "SELECT path, content, skipped FROM files ORDER BY path",
            "SELECT content, seen FROM contents ORDER BY content",
            "SELECT ring, owners, score, exact FROM rings ORDER BY ring",
            "SELECT content, ring FROM members ORDER BY content",
        ):
            for row in self._connection.execute(query):
                digest.update(repr(row).encode())
        return digest.hexdigest()

    def skips(self) -> Counter[str]:
        """How many of the pictures that listings name were not looked at, by reason."""
        query = (
            "SELECT f.skipped, count(*) FROM shown s JOIN files f USING (path) WHERE f.skipped IS NOT NULL GROUP BY 1"
        )
        return Counter(dict(self._connection.execute(query).fetchall()))

    def totals(self) -> tuple[int, int]:
        """How many pictures listings name, and how many different contents were looked at."""
        named = self._connection.execute("SELECT count(*) FROM shown").fetchone()[0]
        return int(named), int(self._connection.execute("SELECT count(*) FROM contents").fetchone()[0])

    def seen(self, paths: Iterable[str]) -> dict[str, tuple[Seen, str]]:
        """What was seen in each of these paths, and the ring that it is in; who else shows it says `elsewhere`."""
        found: dict[str, tuple[Seen, str]] = {}
        wanted = list(dict.fromkeys(paths))
        for begin in range(0, len(wanted), _CHUNK):
            part = wanted[begin : begin + _CHUNK]
            query = (
                "SELECT f.path, f.content, f.skipped, c.seen, coalesce(m.ring, f.content) FROM files f "  # noqa: S608
                "LEFT JOIN contents c USING (content) LEFT JOIN members m USING (content) "
                f"WHERE f.path IN ({','.join('?' * len(part))})"
            )
            for path, content, skipped, packed, ring in self._connection.execute(query, part):
                if skipped is not None or packed is None:
                    hashed = skipped == "hash_only" and content
                    found[path] = Seen(path=path, content=content, skipped=skipped or "crashed"), ring if hashed else ""
                else:
                    seen = msgspec.msgpack.decode(packed, type=Seen)
                    found[path] = msgspec.structs.replace(seen, path=path), ring
        return found

    def elsewhere(self, ring: str, owner: str) -> Elsewhere | None:
        """Who shows the picture beside `owner`; None when nobody does."""
        about = self._connection.execute("SELECT owners, score, exact FROM rings WHERE ring = ?", (ring,)).fetchone()
        if about is None:
            return None
        others = self._connection.execute(
            "SELECT DISTINCT s.listing, s.store FROM (SELECT content FROM members WHERE ring = ?1 UNION SELECT ?1) c "
            "JOIN files f USING (content) JOIN shown s USING (path) WHERE s.owner <> ?2 ORDER BY 1, 2 LIMIT ?3",
            (ring, owner, OTHERS_MAX),
        ).fetchall()
        return Elsewhere(
            ring_id=derived("r", "picture", ring), owners=about[0],
            listings=tuple(dict.fromkeys(listing for listing, _ in others)),
            stores=tuple(sorted({store for _, store in others})), score=about[1], exact=bool(about[2]),
        )  # fmt: skip
