"""A copy of the embedded store while others write to it, as of one moment. PostgreSQL has programs of its own."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final

from agoranomos.kernel.errors import Conflict

_PAGES_AT_A_TIME: Final = 4_096
"""16 MB of a store's pages."""


def copy(store: Path, place: Path, told: Callable[[int, int], None] = lambda _done, _all: None) -> None:
    """Copies the SQLite file `store` to `place`, as of now; nobody waits for it. `told` hears of pages done, and all.

    What is written meanwhile is not in it: the copy reads in one transaction, so that it neither begins anew with each
    write, as the online backup otherwise does, nor keeps anybody from writing.
    """
    with closing(_opened(store)) as source, closing(sqlite3.connect(place, isolation_level=None)) as target:
        source.execute("BEGIN")
        source.execute("SELECT count(*) FROM sqlite_schema").fetchone()  # from here on nothing new is seen

        def progress(_: int, remaining: int, total: int) -> None:
            told(total - remaining, total)

        source.backup(target, pages=_PAGES_AT_A_TIME, progress=progress, sleep=0)
        source.execute("ROLLBACK")
        settle(target)


def settle(connection: sqlite3.Connection) -> None:
    """Makes one file of a store: without a log beside it that would have to go where it goes."""
    connection.execute("PRAGMA journal_mode = DELETE").fetchone()


def check(place: Path) -> None:
    """Raises Conflict when the file is damaged: every page is read, every index held against its table."""
    try:
        with closing(_opened(place)) as connection:
            said = [row[0] for row in connection.execute("PRAGMA integrity_check(3)")]
            orphans = connection.execute("PRAGMA foreign_key_check").fetchone()
    except sqlite3.DatabaseError as error:
        raise Conflict(f"{place} is damaged: {error}") from error
    if said != ["ok"]:
        raise Conflict(f"{place} is damaged: {'; '.join(said)}")
    if orphans is not None:
        raise Conflict(f"{place} is damaged: a row of {orphans[0]} points to none of {orphans[2]}")


def _opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
