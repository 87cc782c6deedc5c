"""Files of events into the log, chunk by chunk; a chunk, its rejects and the progress are one transaction."""

from __future__ import annotations

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from time import perf_counter
from typing import Final

import msgspec
import sqlalchemy as sa
from msgspec.structs import replace

from agoranomos.engine.scan.progress import Watcher, Watching
from agoranomos.engine.scan.sources import Source
from agoranomos.engine.stream.lines import Line, event_files, lines
from agoranomos.intake import progress
from agoranomos.intake.actions import NOBODY, Hearers, accept
from agoranomos.intake.model import Counts
from agoranomos.intake.noting import NOTHING, Notings, noted
from agoranomos.intake.progress import FileProgress
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event, Reject, parse_line
from agoranomos.kernel.store import Store
from agoranomos.vault.keys import Vault

STDIN: Final = "-"
_STDIN: Final = Source("/dev/stdin", "jsonl", "", 0, 0)
CHUNK_LINES: Final = 4_000
CHUNK_BYTES: Final = 4 << 20
"""A transaction takes a chunk: enough that the fsync costs little, not so much that others wait for long."""


class Chunk(msgspec.Struct):
    """Consecutive lines of a file, parsed; `last` is the number of the last one, `size` their bytes."""

    events: list[Event] = []
    rejects: list[Reject] = []
    last: int = 0
    size: int = 0

    @property
    def lines(self) -> int:
        """How many lines it holds."""
        return len(self.events) + len(self.rejects)


class Summary(msgspec.Struct, frozen=True):
    """What became of the lines of all files: `lines` = `accepted` + `repeated` + `rejected`, also when the run was
    interrupted; `lines_now` were read by this call, in `seconds`.
    """

    run_id: str
    files: int
    lines: int
    accepted: int
    repeated: int
    conflicting: int
    late: int
    rejected: int
    by_type: dict[str, int]
    lines_now: int
    seconds: float
    events_per_s: float


def sources_of(inputs: Sequence[str]) -> list[Source]:
    """The files that `inputs` name, each once; `-` is standard input. Raises NotFound and Invalid."""
    found: dict[Path, Source] = {}
    for given in inputs:
        for source in [_STDIN] if given == STDIN else event_files([given]):
            found.setdefault(Path(source.path).resolve(), source)
    return list(found.values())


class Ingest:
    """One call: the files of `sources` into `store`. `clock` tells when events are received."""

    def __init__(
        self, store: Store, vault: Vault, sources: Sequence[Source], *, clock: Clock, watcher: Watcher,
        hearers: Hearers = NOBODY, notings: Notings = NOTHING,
    ) -> None:  # fmt: skip
        self._store = store
        self._vault = vault
        self._sources = sources
        self._clock = clock
        self._watcher = watcher
        self._hearers = hearers
        self._notings = notings
        self._lines_now = 0

    def run(self) -> Summary:
        """Reads what an interrupted call with the same files has not read yet; returns what became of all of it."""
        begun = perf_counter()
        run = self._begin()
        with Watching(self._watcher, sum(source.size for source in self._sources)), _rare_collection():
            done = [self._file(run, source, file) for source, file in zip(self._sources, self._files, strict=True)]
        return _summary(run, done, self._lines_now, perf_counter() - begun)

    def _begin(self) -> str:
        run = progress.run_id(self._sources)
        now = self._clock()
        with self._store.transaction() as connection:
            if any(source == _STDIN for source in self._sources):
                progress.forget(connection, run)  # what came in before is gone from there
            self._files = progress.begin(connection, run, self._sources, now=now)
        return run

    def _file(self, run: str, source: Source, file: FileProgress) -> FileProgress:
        if file.done:
            self._watcher.kept(source.size)
            return file
        for chunk in chunks(lines(source, after=file.line)):
            file = self._advance(run, file, chunk)
            self._watcher.rows(chunk.lines)
            if source.splittable and source.format == "jsonl":
                self._watcher.done(chunk.size, chunk.lines)
            self._watcher.tick()
            gc.collect()
        if not (source.splittable and source.format == "jsonl"):
            self._watcher.done(source.size, file.read)
        return self._advance(run, file, None)

    def _advance(self, run: str, file: FileProgress, chunk: Chunk | None) -> FileProgress:
        """One transaction: the events of `chunk`, its rejects, and how far the file is now (None: at its end)."""
        now = self._clock()
        if chunk is not None:
            chunk.events = [noted(self._notings, self._vault.keys, event) for event in chunk.events]
        with self._store.transaction() as connection:
            if chunk is None:
                after, rejects = replace(file, done=True), []
            else:
                after, rejects = self._taken(connection, file, chunk), chunk.rejects
            progress.advance(connection, run, file, after, rejects, now=now)
        self._lines_now += chunk.lines if chunk else 0
        return after

    def _taken(self, connection: sa.Connection, file: FileProgress, chunk: Chunk) -> FileProgress:
        counts = accept(connection, self._vault, chunk.events, now=self._clock(), hearers=self._hearers)
        return replace(
            file,
            line=chunk.last,
            counts=file.counts + counts,
            rejected=file.rejected + len(chunk.rejects),
            read=file.read + chunk.lines,
        )


@contextmanager
def _rare_collection() -> Iterator[None]:
    """Garbage in cycles is looked for after each chunk, not within: thousands of new objects that are all in use make
    the collector start over and over, for a third of the time.
    """
    enabled = gc.isenabled()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.unfreeze()
        if enabled:
            gc.enable()


def chunks(numbered: Iterator[Line]) -> Iterator[Chunk]:
    """The lines parsed, in chunks of at most CHUNK_LINES lines and about CHUNK_BYTES.

    A file that breaks off ends with a reject in place of the line that cannot be read.
    """
    chunk = Chunk()
    try:
        for number, line in numbered:
            try:
                chunk.events.append(parse_line(line))
            except Invalid as error:
                chunk.rejects.append(Reject(number, error.message, error.pointer))
            chunk.last = number
            chunk.size += len(line) + 1
            if chunk.lines >= CHUNK_LINES or chunk.size >= CHUNK_BYTES:
                yield chunk
                chunk = Chunk(last=number)
    except Invalid as error:  # the file itself
        chunk.last += 1
        chunk.rejects.append(Reject(chunk.last, error.message))
    if chunk.lines:
        yield chunk


def write_rejects(store: Store, run: str, path: Path) -> None:
    """All rejects of a run as JSON lines; the file appears when it is whole."""
    draft = path.with_name(f"{path.name}.draft")
    try:
        with draft.open("wb") as file, store.reading() as connection:
            for reject in progress.rejects_of(connection, run):
                file.write(msgspec.json.encode(reject) + b"\n")
        draft.replace(path)
    except OSError as error:
        with suppress(OSError):
            draft.unlink(missing_ok=True)
        raise Invalid(
            f"the rejects cannot be written to {path} ({error.strerror}); choose another --rejects"
        ) from error


def _summary(run: str, files: Sequence[FileProgress], lines_now: int, seconds: float) -> Summary:
    counts = sum((file.counts for file in files), Counts())
    return Summary(
        run_id=run,
        files=len(files),
        lines=sum(file.read for file in files),
        accepted=counts.accepted,
        repeated=counts.repeated,
        conflicting=counts.conflicting,
        late=counts.late,
        rejected=sum(file.rejected for file in files),
        by_type=counts.by_type,
        lines_now=lines_now,
        seconds=round(seconds, 3),
        events_per_s=round(lines_now / max(seconds, 1e-9), 1),
    )
