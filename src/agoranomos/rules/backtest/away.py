"""A backtest by a cluster: the statements of this machine, each over a part of the events that holds all it needs.

Four steps, each a job of the cluster, with results in a folder that all machines share. *Reading* takes pieces of files
apart. *Dealing* brings the events of one identity together, so that each counts once, takes out of them what rules
name, and sends what features count, and who asks for it, to the place of its key. *Counting* has all events of a key in
one place, in the order of the stream, and sends the values back to the events that asked. *Judging* has all that a rule
names of an event beside each other. What comes home are hits, counts and examples; the report is made of them here.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date, datetime
from itertools import chain
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Final

import duckdb
import msgspec
import pyarrow.parquet as pq

from agoranomos.engine.features.sql import Parts, Sort, listed, placed
from agoranomos.engine.rules.sql import literal
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark import tasks
from agoranomos.engine.spark.session import slots
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.rules.backtest import asking
from agoranomos.rules.backtest.history import COLUMNS, History, batch_of
from agoranomos.rules.backtest.report import Read
from agoranomos.rules.book import Book, Lists, Used

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

PIECE_BYTES: Final = 64 << 20
"""Of a plain text file, for one task."""
_PLACE_BYTES: Final = 256 << 20
"""Of the input for each part that events are dealt into."""
_PARTS_A_PLACE: Final = 2
_ROWS_A_GROUP: Final = 20_000
"""Rows of a Parquet group: files are sorted by who needs the rows, and who reads passes over other groups."""
_MEMORY: Final = "1GB"
_COUNTS: Final = "counts.json"
_NOTHING_KEPT: Final = "Nothing of a backtest is kept."


class Piece(msgspec.Struct, frozen=True):
    """The lines of a file that begin at `start` or later and before `end` (bytes); None: all of them."""

    source: Source
    start: int = 0
    end: int | None = None


class RuleSql(msgspec.Struct, frozen=True):
    """What is asked of the table `looked` for one rule."""

    key: str
    counted: str
    hits: str
    shown: str


class TableSql(msgspec.Struct, frozen=True):
    """The rules that listen to the same: what is asked of the events, and of what was found of them."""

    parts: Parts
    looked: str
    """Over the relation `inner_`."""
    rules: tuple[RuleSql, ...]


class Counts(msgspec.Struct, frozen=True):
    """Of a piece: lines that are no events. Of a part: its events, those that repeated others, its first and last day
    between the bounds."""

    unreadable: int = 0
    events: int = 0
    repeated: int = 0
    first: date | None = None
    last: date | None = None


class Step(msgspec.Struct, frozen=True):
    """A step of a backtest: the tool of the cluster's processes. A task is a `Piece`, else the number of a part with
    the folders of the steps before."""

    verb: str
    tables: tuple[TableSql, ...]
    types: tuple[str, ...]
    parts: int
    where: str
    calendar: str
    outside: str
    """The folder of `entries.parquet` and `scores.parquet`."""
    samples: int

    def open(self) -> tasks.Do:
        """Nothing has to be loaded."""
        verbs: dict[str, Callable[[History, Any, Path, Path], None]] = {
            "read": self._read, "deal": self._deal, "count": self._count, "judge": self._judge,
        }  # fmt: skip
        do = verbs[self.verb]

        def done(task: Any, folder: Path) -> None:
            local = os.environ.get("SPARK_LOCAL_DIRS", "").partition(",")[0] or None
            with (
                TemporaryDirectory(prefix="backtest-", dir=local) as scratch,
                History(Path(scratch), calendar=self.calendar, memory=_MEMORY, threads=1, ordered=True) as history,
            ):
                try:
                    do(history, task, folder, Path(scratch))
                except duckdb.Error as error:
                    raise Invalid(f"a part of the backtest failed ({str(error).splitlines()[0][:200]})") from error

        return done

    def _read(self, history: History, piece: Piece, folder: Path, scratch: Path) -> None:
        with _file_of(piece, scratch) as source:
            history.read_files([source], self.types, name=str(piece.source.path))
        unreadable = history.only_usable()
        home = self._place_of(["source", "id"])
        _write(history.connection, folder / "events.parquet", f"SELECT {home} AS home, {COLUMNS} FROM events", "home")
        (folder / _COUNTS).write_bytes(msgspec.json.encode(Counts(unreadable=unreadable)))

    def _deal(self, history: History, task: tuple[int, Sequence[str]], folder: Path, _: Path) -> None:
        number, pieces = task
        connection = history.connection
        read = _of([f"{each}/events.parquet" for each in pieces])
        connection.execute(f"INSERT INTO events SELECT {COLUMNS} FROM {read} WHERE home = {number}")
        repeated = history.each_once()
        ((first, last),) = connection.execute(asking.span(self.where)).fetchall()
        counts = Counts(events=history.count(), repeated=repeated, first=first, last=last)
        (folder / _COUNTS).write_bytes(msgspec.json.encode(counts))
        _write(connection, folder / "decided.parquet", f"SELECT {COLUMNS} FROM events WHERE type = 'case.decided'")
        for place, table in enumerate(self.tables):
            connection.execute(f"CREATE OR REPLACE TABLE event AS {table.parts.events}")
            own = ", ".join(("source", "id", "type", "time", *table.parts.own))
            asked = f"SELECT {own} FROM event WHERE type IN {listed(table.parts.asked)}"
            _write(connection, folder / f"own-{place}.parquet", asked)
            for at, sort in enumerate(table.parts.sorts):
                _write(connection, folder / f"sort-{place}-{at}.parquet", self._sent(sort, number), "place_to")

    def _sent(self, sort: Sort, home: int) -> str:
        """What is sent to the places of keys: what counts to that of its own, who asks to that of the key asked for."""
        rows = (
            f"SELECT source, id, t, {sort.columns}, coalesce({sort.asks}, false) AS asks, "
            f"CASE WHEN {sort.asks} THEN {self._place_of(sort.keys)} END AS asks_at, "
            f"CASE WHEN {sort.counts} THEN {self._place_of(sort.by)} END AS counts_at, {home} AS home FROM event"
        )
        return f"SELECT *, unnest(list_distinct([counts_at, asks_at])) AS place_to FROM ({rows})"

    def _count(self, history: History, task: tuple[int, Sequence[str]], folder: Path, _: Path) -> None:
        number, dealt = task
        connection = history.connection
        for place, table in enumerate(self.tables):
            for at, sort in enumerate(table.parts.sorts):
                sent = _of([f"{each}/sort-{place}-{at}.parquet" for each in dealt])
                mine = placed(f"SELECT * FROM {sent} WHERE place_to = {number}")
                connection.execute(f"CREATE OR REPLACE TABLE event AS {mine}")
                # What came here to be counted may ask elsewhere as well, and is not answered here.
                values = (
                    f"SELECT e.home, e.source, e.id, {', '.join(f'g.{name}' for name in sort.values)} "
                    f"FROM event e JOIN ({sort.query}) g ON g.seq = e.seq WHERE e.asks_at = {number}"
                )
                _write(connection, folder / f"values-{place}-{at}.parquet", values, "home")

    def _judge(
        self, history: History, task: tuple[int, Sequence[str], Sequence[str]], folder: Path, _: Path
    ) -> None:  # fmt: skip
        number, dealt, counted = task
        connection = history.connection
        for name in ("entries", "scores"):
            connection.execute(f"CREATE VIEW {name} AS SELECT * FROM {_of([f'{self.outside}/{name}.parquet'])}")
        connection.execute(f"CREATE TABLE hits ({asking.HITS})")
        connection.execute(
            "CREATE TABLE counts (rule VARCHAR, seen BIGINT, unknown BIGINT, first_day DATE, last_day DATE)"
        )
        for place, table in enumerate(self.tables):
            values = {
                at: _of([f"{each}/values-{place}-{at}.parquet" for each in counted])
                for at in range(len(table.parts.sorts))
            }
            inner = _together(table.parts, _of([f"{dealt[number]}/own-{place}.parquet"]), values, number)
            connection.execute(f"CREATE OR REPLACE VIEW inner_ AS {inner}")
            connection.execute(f"CREATE OR REPLACE TABLE looked AS {table.looked}")
            for rule in table.rules:
                name = literal(Type.TEXT, rule.key)
                connection.execute(f"INSERT INTO counts SELECT {name}, * FROM ({rule.counted})")
                connection.execute(f"INSERT INTO hits {rule.hits}")
                drawn = f"SELECT source, id FROM hits WHERE rule = {name} {asking.DRAWN} LIMIT {self.samples}"
                seen = f"SELECT source, id, {rule.shown} FROM looked JOIN ({drawn}) USING (source, id)"
                _write(connection, folder / f"{_file_name(rule.key)}.parquet", seen)
        _write(connection, folder / "hits.parquet", "SELECT * FROM hits")
        _write(connection, folder / "counts.parquet", "SELECT * FROM counts")

    def _place_of(self, columns: Sequence[str]) -> str:
        """The number of the part of a key; a key is the same whatever the type of its columns."""
        texts = ", ".join(f"CAST({column} AS VARCHAR)" for column in columns)
        return f"CAST(hash({texts}) % {self.parts} AS INTEGER)" if columns else "0"


class Away:
    """A backtest on the cluster of `session`; see `counting.Looked`. `scratch` lies on what all its machines share."""

    def __init__(
        self, session: SparkSession, history: History, scratch: Path, *, calendar: str, lists: Lists,
        scores: Iterable[tuple[str, str, float]], since: datetime | None, until: datetime | None, samples: int,
    ) -> None:  # fmt: skip
        self.connection = history.connection
        self.seen: dict[str, int] = {}
        self.unknown: dict[str, int] = {}
        self.days: dict[str, int] = {}
        self._session = session
        self._scratch = scratch
        self._calendar = calendar
        self._where = asking.bounds(since, until)
        self._samples = samples
        self._span: tuple[date | None, date | None] = (None, None)
        self._judged: Sequence[str] = ()
        pq.write_table(asking.entries_of(lists), scratch / "entries.parquet")
        pq.write_table(asking.scores_of(scores), scratch / "scores.parquet")

    def look(self, book: Book, sources: Sequence[Source], types: Iterable[str]) -> Read:
        """Finds the hits of every rule of `book` in the events of `types`. Raises Invalid."""
        parts = max(_PARTS_A_PLACE * slots(self._session), sum(each.size for each in sources) // _PLACE_BYTES)
        step = Step(
            verb="read", tables=tuple(_tables(book, self._where)), types=tuple(sorted(types)), parts=parts,
            where=self._where, calendar=self._calendar, outside=str(self._scratch), samples=self._samples,
        )  # fmt: skip
        pieces = list(chain.from_iterable(map(pieces_of, sources)))
        read = self._all(step, pieces)
        numbers = range(parts)
        dealt = self._all(msgspec.structs.replace(step, verb="deal"), [(number, read) for number in numbers])
        counted: Sequence[str] = ()
        if any(table.parts.sorts for table in step.tables):
            counted = self._all(msgspec.structs.replace(step, verb="count"), [(number, dealt) for number in numbers])
        judging = msgspec.structs.replace(step, verb="judge")
        self._judged = self._all(judging, [(number, dealt, counted) for number in numbers])
        self._take_home(dealt)
        of_pieces, of_parts = list(map(_counts, read)), list(map(_counts, dealt))
        firsts, lasts = [each.first for each in of_parts if each.first], [each.last for each in of_parts if each.last]
        self._span = min(firsts, default=None), max(lasts, default=None)
        return Read(
            events=sum(each.events for each in of_parts),
            unreadable=sum(each.unreadable for each in of_pieces),
            repeated=sum(each.repeated for each in of_parts),
        )

    def span(self) -> tuple[date | None, date | None]:
        """The first and the last day of the events between the bounds."""
        return self._span

    def values(self, used: Used, events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """What the rule saw in each of `events`, which are among the examples that were drawn."""
        if not events:
            return {}
        rows = self.connection.execute(
            f"SELECT * FROM {_of([f'{each}/{_file_name(used.key)}.parquet' for each in self._judged])}"
        ).fetchall()
        wanted = set(events)
        return {
            (source, event): asking.told(used, values) for source, event, *values in rows if (source, event) in wanted
        }

    def _all(self, step: Step, given: Sequence[Any]) -> list[str]:
        """Has the step done for all tasks; the folders of their results, in order."""
        folder = self._scratch / step.verb
        folder.mkdir()
        named = {f"{number:07d}": task for number, task in enumerate(given)}
        try:
            for name, made in tasks.run(self._session, step, named, self._scratch, kept=_NOTHING_KEPT):
                made.rename(folder / name)
        except ScanStopped as error:
            raise Invalid(error.message) from error
        return [str(folder / name) for name in named]

    def _take_home(self, dealt: Sequence[str]) -> None:
        execute = self.connection.execute
        decided = _of([f"{each}/decided.parquet" for each in dealt])
        execute(f"INSERT INTO events SELECT {COLUMNS} FROM {decided}")
        execute(f"CREATE TABLE hits AS SELECT * FROM {_of([f'{each}/hits.parquet' for each in self._judged])}")
        counts = _of([f"{each}/counts.parquet" for each in self._judged])
        for rule, seen, unknown, days in execute(
            "SELECT rule, sum(seen), sum(unknown), coalesce(max(last_day) - min(first_day) + 1, 0) "
            f"FROM {counts} GROUP BY rule"
        ).fetchall():
            self.seen[rule], self.unknown[rule], self.days[rule] = int(seen), int(unknown), int(days)


def pieces_of(source: Source) -> list[Piece]:
    """A file, in pieces where it can be cut."""
    if not (source.splittable and source.format == "jsonl") or source.size <= PIECE_BYTES:
        return [Piece(source)]
    return [Piece(source, start, start + PIECE_BYTES) for start in range(0, source.size, PIECE_BYTES)]


def logged(pages: Iterable[Sequence[Event]], folder: Path) -> Iterator[Source]:
    """Events of the log as files that the machines can read."""
    for number, page in enumerate(pages):
        path = folder / f"log-{number:07d}.parquet"
        pq.write_table(batch_of(page), path)
        status = path.stat()
        yield Source(str(path), "parquet", "", status.st_size, status.st_mtime_ns)


@contextmanager
def _file_of(piece: Piece, scratch: Path) -> Iterator[Source]:
    """The file of a piece: itself, or a copy of its lines."""
    if piece.end is None:
        yield piece.source
        return
    path = scratch / "piece.jsonl"
    with Path(piece.source.path).open("rb") as file, path.open("wb") as copy:
        if piece.start:
            file.seek(piece.start - 1)
            file.readline()  # the rest of a line that began before, or the end of one
        left = piece.end - file.tell()
        while left > 0 and (block := file.read(min(left, 1 << 20))):
            copy.write(block)
            left -= len(block)
        if left == 0 and not _ends_a_line(file):
            copy.write(file.readline())
    yield msgspec.structs.replace(piece.source, path=str(path))


def _ends_a_line(file: Any) -> bool:
    file.seek(-1, os.SEEK_CUR)
    return bool(file.read(1) == b"\n")


def _tables(book: Book, where: str) -> Iterator[TableSql]:
    for group in chain.from_iterable(book.groups.values()):
        asked = asking.Asked(group)
        rules = tuple(
            RuleSql(key, asking.counted("looked", used), asking.hits("looked", used), asking.shown(used))
            for key, used in group.used.items()
        )
        yield TableSql(asked.parts, asked.looked("SELECT * FROM inner_", where), rules)


def _together(parts: Parts, own: str, values: Mapping[int, str], home: int) -> str:
    """The columns of `engine.features.sql.sql_for`, of the events of one part."""
    chosen = [f"e.{name}" for name in ("source", "id", "type", "time")]
    joins = ""
    for at, sort in enumerate(parts.sorts):
        chosen += [f"g{at}.{name}" for name in sort.values]
        joins += (
            f" LEFT JOIN (SELECT * FROM {values[at]} WHERE home = {home}) g{at} "
            f"ON g{at}.source = e.source AND g{at}.id = e.id"
        )
    chosen += [f"e.{name}" for name in parts.own]
    return f"SELECT {', '.join(chosen)} FROM {own} e{joins}"


def _write(connection: duckdb.DuckDBPyConnection, path: Path, query: str, by: str = "") -> None:
    ordered = f" ORDER BY {by}" if by else ""
    connection.execute(
        f"COPY ({query}{ordered}) TO {literal(Type.TEXT, str(path))} "
        f"(FORMAT parquet, ROW_GROUP_SIZE {_ROWS_A_GROUP}, COMPRESSION zstd)"
    )


def _of(files: Sequence[str]) -> str:
    return f"read_parquet([{', '.join(literal(Type.TEXT, file) for file in files)}])"


def _file_name(key: str) -> str:
    """Of the examples of a rule; ids of rules have letters, digits, `_` and `.`."""
    return f"seen-{key}"


def _counts(folder: str) -> Counts:
    return msgspec.json.decode((Path(folder) / _COUNTS).read_bytes(), type=Counts)
