"""The events of a backtest as a table in DuckDB: read from files or from the log, each once.

A backtest looks at what happened, it does not take it in: a line that is no event is counted and passed over, and the
fields of an event are read as they are (a value of another type than the declared one is NULL).
"""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import duckdb
import msgspec
import pyarrow as pa

from agoranomos.engine.scan.sources import Source
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.rules.backtest.report import Read

_LINE_BYTES_MAX: Final = 8 << 20
"""Longer lines are far above the contract's 1 MiB."""
_AGAIN_S: Final = 0.05
COLUMNS: Final = "source, id, type, time, subject, data"
_JSON: Final = "{source: 'VARCHAR', id: 'VARCHAR', type: 'VARCHAR', time: 'VARCHAR', subject: 'VARCHAR', data: 'JSON'}"
_USABLE: Final = (
    "source IS NOT NULL AND id IS NOT NULL AND type IS NOT NULL AND json_type(data) = 'OBJECT' "
    "AND regexp_matches(time, '(Z|[+-][0-9]{2}:[0-9]{2})$') AND TRY_CAST(time AS TIMESTAMPTZ) IS NOT NULL"
)
_ARROW: Final = pa.schema([(name, pa.string()) for name in COLUMNS.split(", ")])


class History:
    """A database of its own in `folder`, with the table `events`; gone with `close`. `ordered`: files are written in
    the order of their rows, which takes more memory."""

    def __init__(
        self, folder: Path, *, calendar: str, memory: str = "2GB", threads: int | None = None, ordered: bool = False
    ) -> None:
        self._file = folder / "backtest.duckdb"
        self._over = False
        self.connection = duckdb.connect(str(self._file))
        if not ordered:
            self.connection.execute("SET preserve_insertion_order = false")
        self.connection.execute("PRAGMA disable_checkpoint_on_shutdown")  # nobody opens it again
        self.connection.execute(f"SET memory_limit = '{memory}'")
        self.connection.execute("SET TimeZone = ?", [calendar])
        if threads is not None:
            self.connection.execute("SET threads = ?", [threads])
        self.connection.execute(f"CREATE TABLE events ({COLUMNS.replace(', ', ' VARCHAR, ')} VARCHAR)")

    def __enter__(self) -> History:
        return self

    def __exit__(self, *problem: object) -> None:
        self.close()

    @contextmanager
    def for_at_most(self, seconds: float | None) -> Iterator[None]:
        """Whatever is done within this block takes no longer (None: as long as it takes). Raises Invalid."""
        if seconds is None:
            yield
            return
        done = threading.Event()
        watch = threading.Thread(target=self._watch, args=(done, seconds), daemon=True, name="backtest-watch")
        watch.start()
        try:
            yield
        except duckdb.InterruptException as error:
            raise Invalid(f"it took longer than {seconds:.0f} seconds; give fewer days or fewer rules") from error
        finally:
            done.set()
            watch.join()

    def _watch(self, done: threading.Event, seconds: float) -> None:
        """When it takes longer, the query that runs is interrupted, and each that comes after it."""
        if not done.wait(seconds):
            self._over = True
            while not done.wait(_AGAIN_S):
                self.connection.interrupt()

    def close(self) -> None:
        """Forgets everything."""
        self.connection.close()
        self._file.unlink(missing_ok=True)

    def read_files(self, sources: Sequence[Source], types: Collection[str], *, name: str = "") -> None:
        """Takes the events of `types` from files; lines that are no events come along, to be counted by `ready`.

        Errors call a file by `name` where that is given. Raises Invalid.
        """
        for source in sources:
            if source.format == "parquet":
                relation, given = "read_parquet(?)", [str(source.path)]
            else:
                relation = (
                    f"read_json(?, format = 'newline_delimited', columns = {_JSON}, ignore_errors = true, "
                    f"maximum_object_size = {_LINE_BYTES_MAX})"
                )
                given = [str(source.path)]
            wanted = ", ".join("?" for _ in types)
            shown = COLUMNS.replace("data", "CAST(data AS VARCHAR) AS data")
            try:
                self.connection.execute(
                    f"INSERT INTO events SELECT {shown} FROM {relation} WHERE type IS NULL OR type IN ({wanted})",
                    [*given, *sorted(types)],
                )
            except duckdb.Error as error:
                raise Invalid(
                    f"{name or source.path} cannot be read as events: {str(error).splitlines()[0][:200]}; "
                    "`agora replay` names the lines that are at fault"
                ) from error

    def take(self, events: Iterable[Event]) -> None:
        """Takes events that were read elsewhere, such as from the log."""
        if self._over:  # between two queries there is nothing to interrupt
            raise duckdb.InterruptException("it takes too long")
        batch = batch_of(events)
        self.connection.register("taken", batch)
        self.connection.execute(f"INSERT INTO events SELECT {COLUMNS} FROM taken")
        self.connection.unregister("taken")

    def ready(self) -> Read:
        """Passes over what cannot be used and what repeats another event; call it once everything is read."""
        unreadable = self.only_usable()
        repeated = self.each_once()
        return Read(events=self.count(), unreadable=unreadable, repeated=repeated)

    def only_usable(self) -> int:
        """Passes over what is no event, or not one that can be put in order; how many lines that were."""
        count = self.count()
        self.connection.execute(f"DELETE FROM events WHERE NOT coalesce({_USABLE}, false)")
        return count - self.count()

    def each_once(self) -> int:
        """Passes over what repeats another event; how many lines that were."""
        usable = self.count()
        ((once,),) = self.connection.execute("SELECT count(*) FROM (SELECT DISTINCT source, id FROM events)").fetchall()
        if once < usable:
            self.connection.execute(
                "CREATE OR REPLACE TABLE events AS SELECT * FROM events "
                "QUALIFY row_number() OVER (PARTITION BY source, id ORDER BY time, type, data) = 1"
            )
        return int(usable - once)

    def count(self) -> int:
        """How many events lie in the table."""
        ((number,),) = self.connection.execute("SELECT count(*) FROM events").fetchall()
        return int(number)


def batch_of(events: Iterable[Event]) -> pa.Table:
    """Events as rows of the table `events`."""
    rows = [
        (each.source, each.id, each.type, rfc3339(each.time), each.subject, msgspec.json.encode(each.data).decode())
        for each in events
    ]
    return pa.Table.from_pylist([dict(zip(_ARROW.names, row, strict=True)) for row in rows], schema=_ARROW)
