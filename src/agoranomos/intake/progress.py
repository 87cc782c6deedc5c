"""How far the files of one call have been read: written in the transaction of the events themselves, so that a kill
at any moment leaves both or neither.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.engine.scan.sources import Source
from agoranomos.intake.model import Counts
from agoranomos.intake.tables import intake_files, intake_rejects
from agoranomos.kernel.dialects import take_turn
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.events import Reject
from agoranomos.kernel.ids import derived

_PAGE: Final = 5_000
_BEGINNING: Final = 0x66696C6573  # "files"


class FileProgress(msgspec.Struct, frozen=True):
    """A file of a run. `line`: up to there all is in the log or among the rejects; `rejected` of them are rejects."""

    number: int
    file: str
    line: int = 0
    done: bool = False
    counts: Counts = Counts()
    rejected: int = 0
    read: int = 0
    """Lines that were not empty."""


class FileReject(msgspec.Struct, frozen=True):
    """A line that was not taken, as it is said to people: without its content."""

    file: str
    line: int
    reason: str
    pointer: str


def run_id(sources: Sequence[Source]) -> str:
    """The same for the same files in the same order, as long as none of them changes."""
    return derived("r", *(f"{Path(one.path).resolve()}|{one.size}|{one.mtime_ns}" for one in sources))


def begin(connection: sa.Connection, run: str, sources: Sequence[Source], *, now: datetime) -> list[FileProgress]:
    """Where an interrupted run over these files stands; without one (or when it was finished) a new run."""
    table = intake_files
    take_turn(connection, _BEGINNING)  # of two who begin the same run, one does
    query = sa.select(table).where(table.c.run_id == run).order_by(table.c.number)
    known = [_progress(row) for row in connection.execute(query)]
    if known and not all(file.done for file in known):
        return known
    forget(connection, run)
    fresh = [FileProgress(number, source.path) for number, source in enumerate(sources)]
    connection.execute(table.insert(), [{"run_id": run, **_row(file, now)} for file in fresh])
    return fresh


def finished(connection: sa.Connection, run: str) -> bool:
    """Whether a run over these files has reached the end of all of them."""
    done = connection.execute(sa.select(intake_files.c.done).where(intake_files.c.run_id == run)).scalars().all()
    return bool(done) and all(done)


def forget(connection: sa.Connection, run: str) -> None:
    """Lets the run begin again, without its rejects."""
    connection.execute(intake_rejects.delete().where(intake_rejects.c.run_id == run))
    connection.execute(intake_files.delete().where(intake_files.c.run_id == run))


def advance(
    connection: sa.Connection,
    run: str,
    before: FileProgress,
    after: FileProgress,
    rejects: Sequence[Reject],
    *,
    now: datetime,
) -> None:
    """Notes that the file went from `before` to `after`, with these rejects between. Raises Conflict when another
    process has moved it meanwhile.
    """
    table = intake_files
    here = sa.and_(table.c.run_id == run, table.c.number == before.number)
    moved = connection.execute(
        table.update().where(here, table.c.line == before.line, ~table.c.done).values(**_row(after, now))
    )
    if moved.rowcount != 1:
        raise Conflict("another process is reading the same files into this store; let it finish")
    if rejects:
        key = {"run_id": run, "number": before.number}
        connection.execute(intake_rejects.insert(), [key | msgspec.structs.asdict(reject) for reject in rejects])


def rejects_of(connection: sa.Connection, run: str) -> Iterator[FileReject]:
    """All rejects of a run, in the order of files and lines."""
    files, rejects = intake_files, intake_rejects
    query = (
        sa.select(files.c.file, rejects.c.line, rejects.c.reason, rejects.c.pointer)
        .join_from(rejects, files)
        .where(rejects.c.run_id == run)
        .order_by(rejects.c.number, rejects.c.line)
        .execution_options(yield_per=_PAGE)
    )
    for row in connection.execute(query):
        yield FileReject(*row)


def _row(file: FileProgress, now: datetime) -> dict[str, Any]:
    counts = {"rejected": file.rejected, "read": file.read, **msgspec.to_builtins(file.counts)}
    return {
        "number": file.number,
        "file": file.file,
        "line": file.line,
        "done": file.done,
        "counts": counts,
        "changed_at": now,
    }


def _progress(row: sa.Row[Any]) -> FileProgress:
    counts = msgspec.convert(row.counts, Counts)
    return FileProgress(row.number, row.file, row.line, row.done, counts, row.counts["rejected"], row.counts["read"])
