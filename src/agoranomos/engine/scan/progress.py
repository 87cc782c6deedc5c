"""How far the scan is, on stderr: a bar on a terminal, a line every ten seconds elsewhere."""

from __future__ import annotations

import sys
from collections.abc import Callable
from time import monotonic
from types import TracebackType
from typing import IO, Protocol, Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

_LINE_SECONDS = 10.0


class Watcher(Protocol):
    """Told how a scan comes along. Bytes are those of the input files as they lie on disk.

    `rows` hears of rows as they are read, `done` of a finished part of the input with the rows in it, `kept` of a part
    that an earlier scan had finished.
    """

    def begin(self, total_bytes: int) -> None: ...
    def rows(self, count: int) -> None: ...
    def done(self, count: int, rows: int) -> None: ...
    def kept(self, count: int) -> None: ...
    def say(self, message: str) -> None: ...
    def tick(self) -> None: ...
    def end(self) -> None: ...


class Silent:
    """Watches and says nothing."""

    def begin(self, total_bytes: int) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""

    def done(self, count: int, rows: int) -> None:
        """Nothing."""

    def kept(self, count: int) -> None:
        """Nothing."""

    def say(self, message: str) -> None:
        """Nothing."""

    def tick(self) -> None:
        """Nothing."""

    def end(self) -> None:
        """Nothing."""


class _Counting:
    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._started = clock()
        self._total = self._bytes = self._kept = self._rows = self._rows_done = 0

    def begin(self, total_bytes: int) -> None:
        """The scan of so many bytes begins."""
        self._total = total_bytes
        self._started = self._clock()

    def rows(self, count: int) -> None:
        """So many more rows were read (fewer when a worker died)."""
        self._rows += count

    def done(self, count: int, rows: int) -> None:
        """So many more bytes of input are done, with so many rows."""
        self._bytes += count
        self._rows_done += rows

    def kept(self, count: int) -> None:
        """So many bytes were done before."""
        self._kept += count

    @property
    def _read(self) -> float:
        """Bytes read so far: those of finished parts, and of the others as many as their rows take on average."""
        if not self._rows_done:
            return 0.0
        under_way = max(0, self._rows - self._rows_done) * self._bytes / self._rows_done
        return min(self._bytes + under_way, float(self._total - self._kept))

    @property
    def _share(self) -> float:
        return (self._kept + self._read) / max(1, self._total)

    @property
    def _left(self) -> float | None:
        """Seconds, at the speed so far; None before the first part is finished."""
        if not self._read:
            return None
        return (self._clock() - self._started) * (self._total - self._kept - self._read) / self._read

    @property
    def _rate(self) -> float:
        return self._rows / max(1e-9, self._clock() - self._started)


class Lines(_Counting):
    """A line every ten seconds."""

    def __init__(self, stream: IO[str] | None = None, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self._stream = stream or sys.stderr
        self._last = clock()

    def say(self, message: str) -> None:
        """Says it at once."""
        print(message, file=self._stream, flush=True)

    def tick(self) -> None:
        """Called about twice a second."""
        now = self._clock()
        if now - self._last < _LINE_SECONDS:
            return
        self._last = now
        left = self._left
        until = f", {self._share:.0%}, about {left:,.0f} s left" if left is not None else ""
        self.say(f"{self._rows:,} rows, {self._rate:,.0f} rows/s{until}")

    def end(self) -> None:
        """The scan is over; the summary says the rest."""


class Bar(_Counting):
    """A bar with rate and time left."""

    def __init__(self, clock: Callable[[], float] = monotonic) -> None:
        super().__init__(clock)
        self._bar = Progress(
            TextColumn("{task.fields[words]}"),
            BarColumn(),
            TextColumn("{task.percentage:>3.0f}%"),
            TimeRemainingColumn(),
            console=Console(stderr=True),
            transient=True,
        )
        self._task = self._bar.add_task("scan", total=None, words="")

    def begin(self, total_bytes: int) -> None:
        """Shows the bar."""
        super().begin(total_bytes)
        self._bar.update(self._task, total=total_bytes)
        self._bar.start()

    def say(self, message: str) -> None:
        """Above the bar."""
        self._bar.console.print(message, markup=False, highlight=False)

    def tick(self) -> None:
        """Called about twice a second."""
        words = f"{self._rows:,} rows, {self._rate:,.0f}/s"
        self._bar.update(self._task, completed=self._kept + self._read, words=words)

    def end(self) -> None:
        """Takes the bar away."""
        self._bar.stop()


def watcher(stream: IO[str] | None = None) -> Watcher:
    """The bar when stderr is a terminal, lines otherwise."""
    return Bar() if (stream or sys.stderr).isatty() else Lines(stream)


class Watching:
    """Begins and ends a watcher around a scan."""

    def __init__(self, watching: Watcher, total_bytes: int) -> None:
        self._watching = watching
        self._total = total_bytes

    def __enter__(self) -> Self:
        self._watching.begin(self._total)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._watching.end()
