"""What was found in a content before: which known pictures it shows, its codes, its words. A cache, by content hash.

Beside the signatures (`engine.pictures.cache`): a picture that comes again every night is not searched for again.
What was added to the known pictures since is searched for alone.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from agoranomos.engine.pictures.barcodes import Barcode
from agoranomos.engine.pictures.signature import VERSION as SIGNATURES

_VERSION: Final = SIGNATURES * 1000 + 1
"""Raised when anything here may come out otherwise for the same content."""
_BATCH: Final = 500
_WAIT_MS: Final = 30_000


class Match(msgspec.Struct, frozen=True, array_like=True):
    """A known picture, by its key, that the content shows; see `model.Resembled`."""

    key: str
    score: float
    marks: int
    share: float
    how: str


class Matched(msgspec.Struct, frozen=True, array_like=True):
    """`number`: of the newest known picture that was searched for; `beside`: a hash of those that are not of the
    store."""

    number: int
    beside: str
    matches: tuple[Match, ...]


class Kept:
    """A file of what was found, which several processes may read and write; `night` numbers the runs."""

    def __init__(self, path: Path, night: int = 0) -> None:
        self._night = night
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._open(path)
        except sqlite3.DatabaseError:
            self._connection.close()
            for ending in ("", "-wal", "-shm"):
                path.with_name(path.name + ending).unlink(missing_ok=True)
            self._open(path)

    def _open(self, path: Path) -> None:
        self._connection = sqlite3.connect(path, isolation_level=None)
        run = self._connection.execute
        run(f"PRAGMA busy_timeout = {_WAIT_MS}")
        run("PRAGMA journal_mode = WAL")
        run("PRAGMA synchronous = NORMAL")
        if run("PRAGMA user_version").fetchone()[0] != _VERSION:
            run("BEGIN IMMEDIATE")
            run("DROP TABLE IF EXISTS found")
            run("CREATE TABLE found (what TEXT, content TEXT, night INTEGER NOT NULL, packed BLOB NOT NULL, "
                "PRIMARY KEY (what, content)) WITHOUT ROWID")  # fmt: skip
            run(f"PRAGMA user_version = {_VERSION}")
            run("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Closes the file."""
        self._connection.close()

    def matches(self, contents: Iterable[str]) -> dict[str, Matched]:
        """What known pictures these contents show."""
        return self._get("matches", contents, Matched)

    def keep_matches(self, found: Mapping[str, Matched]) -> None:
        """Keeps what was searched for just now."""
        self._put("matches", found)

    def codes(self, contents: Iterable[str]) -> dict[str, tuple[Barcode, ...]]:
        """The QR codes in these contents."""
        return self._get("codes", contents, tuple[Barcode, ...])

    def keep_codes(self, found: Mapping[str, Sequence[Barcode]]) -> None:
        """Keeps codes that were read just now."""
        self._put("codes", found)

    def words(self, contents: Iterable[str]) -> dict[str, str]:
        """The words in these contents, of those that were read."""
        return self._get("words", contents, str)

    def keep_words(self, found: Mapping[str, str]) -> None:
        """Keeps words that were read just now."""
        self._put("words", found)

    def drop_unused(self, nights: int) -> int:
        """Drops what was not asked for in so many nights; how many that were."""
        done = self._connection.execute("DELETE FROM found WHERE night <= ?", (self._night - nights,))
        return done.rowcount

    def _get(self, what: str, contents: Iterable[str], kind: Any) -> dict[str, Any]:
        wanted = list(dict.fromkeys(contents))
        found: dict[str, Any] = {}
        stale: list[tuple[int, str, str]] = []
        for begin in range(0, len(wanted), _BATCH):
            part = wanted[begin : begin + _BATCH]
            places = ",".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT content, night, packed FROM found WHERE what = ? AND content IN ({places})",  # noqa: S608 - only ?
                [what, *part],
            )
            for content, night, packed in rows:
                found[content] = msgspec.msgpack.decode(packed, type=kind)
                if night < self._night:
                    stale.append((self._night, what, content))
        if stale:
            self._many("UPDATE found SET night = ? WHERE what = ? AND content = ?", stale)
        return found

    def _put(self, what: str, found: Mapping[str, Any]) -> None:
        rows = [(what, content, self._night, msgspec.msgpack.encode(each)) for content, each in found.items()]
        if rows:
            self._many("INSERT OR REPLACE INTO found VALUES (?, ?, ?, ?)", rows)

    def _many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
