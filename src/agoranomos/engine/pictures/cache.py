"""Signatures kept between nights, by content hash: what was decoded once is not decoded again.

One SQLite file, which several processes may read and write. It is a cache: damaged or of an earlier version, it is
begun anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from agoranomos.engine.pictures.decoding import REASONS, Skip
from agoranomos.engine.pictures.signature import VERSION, Signature
from agoranomos.kernel.errors import Invalid

_BATCH: Final = 500
_WAIT_MS: Final = 30_000
_PASSING: Final = frozenset(("unreadable", "too_slow", "crashed"))
"""Reasons that may not hold another time; they are not kept."""


class SignatureCache:
    """A file of signatures and skips. `night` numbers the runs, so that what was long unused can be dropped."""

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
        if run("PRAGMA user_version").fetchone()[0] != VERSION:
            run("BEGIN IMMEDIATE")
            run("DROP TABLE IF EXISTS signatures")
            run("CREATE TABLE signatures (hash BLOB PRIMARY KEY, night INTEGER NOT NULL, packed BLOB, reason TEXT) "
                "WITHOUT ROWID")  # fmt: skip
            run(f"PRAGMA user_version = {VERSION}")
            run("COMMIT")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._connection.close()

    def get(self, hashes: Iterable[bytes]) -> dict[bytes, Signature | Skip]:
        """What is known of these contents; marks it as used this night."""
        wanted = list(dict.fromkeys(hashes))
        found: dict[bytes, Signature | Skip] = {}
        stale: list[bytes] = []
        for begin in range(0, len(wanted), _BATCH):
            part = wanted[begin : begin + _BATCH]
            places = ",".join("?" * len(part))
            rows = self._connection.execute(
                f"SELECT hash, night, packed, reason FROM signatures WHERE hash IN ({places})",  # noqa: S608 - only ?
                part,
            )
            for digest, night, packed, reason in rows:
                known = Skip(reason) if reason in REASONS else Signature.unpacked(packed or b"")
                if known is None:
                    continue
                found[digest] = known
                if night < self._night:
                    stale.append(digest)
        if stale:
            self._many("UPDATE signatures SET night = ? WHERE hash = ?", [(self._night, each) for each in stale])
        return found

    def put(self, known: Mapping[bytes, Signature | Skip]) -> None:
        """Keeps these. What may turn out otherwise another time (too slow, crashed, unreadable) is not kept."""
        rows: list[tuple[object, ...]] = []
        for digest, each in known.items():
            if isinstance(each, Skip):
                if each.reason not in _PASSING:
                    rows.append((digest, self._night, None, each.reason))
            else:
                rows.append((digest, self._night, each.packed(), None))
        self._many("INSERT OR REPLACE INTO signatures VALUES (?, ?, ?, ?)", rows)

    def drop_unused(self, nights: int) -> int:
        """Drops what was not asked for in so many nights; how many that were."""
        if nights < 1:
            raise Invalid("Signatures are kept for at least one night.")
        done = self._connection.execute("DELETE FROM signatures WHERE night <= ?", (self._night - nights,))
        return done.rowcount

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM signatures").fetchone()[0])

    def _many(self, statement: str, rows: list[tuple[object, ...]]) -> None:
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
