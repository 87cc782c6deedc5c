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
    """Told how a scan comes along. Bytes are those of the input files as they lie on disk."""

    def begin(self, total_bytes: int) -> None: ...
    def rows(self, count: int) -> None: ...
    def bytes(self, count: int) -> None: ...
    def say(self, message: str) -> None: ...
    def tick(self) -> None: ...
    def end(self) -> None: ...


class Silent:
    """Watches and says nothing."""

    def begin(self, total_bytes: int) -> None:
        """Nothing."""

    def rows(self, count: int) -> None:
        """Nothing."""

    def bytes(self, count: int) -> None:
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
        self._total = self._bytes = self._rows = 0

    def begin(self, total_bytes: int) -> None:
        """The scan of so many bytes begins."""
        self._total = total_bytes
        self._started = self._clock()

    def rows(self, count: int) -> None:
        """So many more rows were read (fewer when a worker died)."""
        self._rows += count

    def bytes(self, count: int) -> None:
        """So many more bytes of input are done."""
        self._bytes += count

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
        share = self._bytes / max(1, self._total)
        left = (now - self._started) * (1 - share) / share if share > 0 else 0.0
        until = f", about {left:,.0f} s left" if share > 0 else ""
        self.say(f"{self._rows:,} rows, {share:.0%}, {self._rate:,.0f} rows/s{until}")

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
        self._bar.update(self._task, completed=self._bytes, words=words)

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
