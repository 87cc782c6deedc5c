"""What was found in contents, kept between nights in a file: the base of all caches of pictures.

One SQLite file with one row for each content, by its hash, which several processes may read and write. It is a cache:
damaged or of an earlier version, it is begun anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

from agoranomos.kernel.errors import Invalid

_BATCH: Final = 500
_WAIT_MS: Final = 30_000
REFRESHED_NIGHTS: Final = 5
"""What is used every night is marked so only after as many: to mark a row is to write it anew."""


class ContentFile:
    """A table of `columns` (name and type, beside `hash` and `night`). `night` numbers the runs, so that what was long
    unused can be dropped; of another `version`, what the file holds is thrown away. Who uses a content here uses it
    in the file `beside` as well."""

    def __init__(
        self, path: Path, version: int, columns: Sequence[str], night: int = 0, beside: ContentFile | None = None
    ) -> None:
        self._night = night
        self._version = version
        self._beside = beside
        self._columns = tuple(columns)
        self._names = tuple(each.split()[0] for each in columns)
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
        if run("PRAGMA user_version").fetchone()[0] != self._version:
            run("BEGIN IMMEDIATE")
            for (name,) in run("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall():
                run(f'DROP TABLE "{name}"')
            columns = ", ".join(("hash BLOB PRIMARY KEY", "night INTEGER NOT NULL", *self._columns))
            run(f"CREATE TABLE kept ({columns}) WITHOUT ROWID")
            run(f"PRAGMA user_version = {self._version}")
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

    def __len__(self) -> int:
        return int(self._connection.execute("SELECT count(*) FROM kept").fetchone()[0])

    def drop_unused(self, nights: int) -> int:
        """Drops what was not asked for in so many nights; how many contents that were."""
        if nights <= REFRESHED_NIGHTS:
            raise Invalid(f"What was found in pictures is kept for more than {REFRESHED_NIGHTS} nights.")
        done = self._connection.execute("DELETE FROM kept WHERE night <= ?", (self._night - nights,))
        return done.rowcount

    def mark(self, hashes: Iterable[bytes]) -> None:
        """Marks these contents as used this night."""
        marked = list(hashes)
        self._many("UPDATE kept SET night = ? WHERE hash = ?", [(self._night, each) for each in marked])
        if marked and self._beside is not None:
            self._beside.mark(marked)

    def _rows(self, hashes: Iterable[bytes]) -> list[tuple[Any, ...]]:
        """The rows of these contents: hash, columns, night. Those of an earlier night are marked as used."""
        wanted = list(dict.fromkeys(hashes))
        names = ", ".join(self._names)
        rows: list[tuple[Any, ...]] = []
        for begin in range(0, len(wanted), _BATCH):
            part = wanted[begin : begin + _BATCH]
            places = ",".join("?" * len(part))
            query = f"SELECT hash, {names}, night FROM kept WHERE hash IN ({places})"  # noqa: S608 - own names and ?
            rows += self._connection.execute(query, part).fetchall()
        self.mark([row[0] for row in rows if row[-1] <= self._night - REFRESHED_NIGHTS])
        return rows

    def _put(self, rows: Sequence[tuple[object, ...]], names: Sequence[str] = ()) -> None:
        """Keeps rows: hash and columns (`names`: only these, others stay as they are)."""
        columns = ("night", "hash", *(names or self._names))
        statement = (
            f"INSERT INTO kept ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))}) "  # noqa: S608 - own names
            f"ON CONFLICT (hash) DO UPDATE SET {', '.join(f'{each} = excluded.{each}' for each in columns)}"
        )
        self._many(statement, [(self._night, *row) for row in rows])

    def _many(self, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
        if not rows:
            return
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            self._connection.executemany(statement, rows)
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")
