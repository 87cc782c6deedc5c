"""Writes a made market to files: events, truth, and counts."""

from __future__ import annotations

import gc
import io
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, Final, cast

import msgspec
import zstandard

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.rhythm import rfc3339
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings

EVENTS: Final = "events.jsonl"
TRUTH: Final = "truth.jsonl"
SUMMARY: Final = "summary.json"
_LEVEL: Final = 3
_BUFFER_BYTES: Final = 1 << 20
_TOLD_EVERY: Final = 20_000
_COLLECTED_EVERY: Final = 100_000


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What was written. `events` counts all, `by_type` and `truth` (by plot or likeness) its parts."""

    seed: int
    start: str
    days: int
    sellers: int
    buyers: int
    plots: tuple[str, ...]
    files: tuple[str, ...]
    events: int
    by_type: dict[str, int]
    truth: dict[str, int]
    first: str
    last: str


def write(
    settings: Settings,
    plots: Sequence[Plot],
    out: Path,
    *,
    compress: bool = False,
    told: Callable[[int, str], None] = lambda _events, _day: None,
) -> Summary:
    """Writes EVENTS (with `.zst` when `compress`), TRUTH and SUMMARY into the folder `out`.

    The same settings give the same bytes. `told` hears now and then how many events there are and of which moment. A
    file gets its name when it is whole.
    """
    out.mkdir(parents=True, exist_ok=True)
    name = EVENTS + (".zst" if compress else "")
    (out / (EVENTS if compress else EVENTS + ".zst")).unlink(missing_ok=True)  # of an earlier market
    counts = _Counts()
    with (
        _collecting_seldom(),
        _written(out / name, compress=compress) as events,
        _written(out / TRUTH, compress=False) as truths,
    ):
        for number, one in enumerate(generate(settings, plots)):
            (events if counts.count(one) else truths).write(one.line())
            if number % _TOLD_EVERY == 0:
                told(number, counts.last)
    summary = Summary(
        seed=settings.seed,
        start=settings.start.isoformat(),
        days=settings.days,
        sellers=settings.sellers,
        buyers=settings.buyers,
        plots=tuple(plot.name for plot in plots),
        files=(name, TRUTH),
        events=counts.by_type.total(),
        by_type=dict(sorted(counts.by_type.items())),
        truth=dict(sorted(counts.truth.items())),
        first=counts.first,
        last=counts.last,
    )
    (out / SUMMARY).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


class _Counts:
    """What went by: events by type, truth by plot, the times of the first and the last event ("" without any)."""

    def __init__(self) -> None:
        self.by_type: Counter[str] = Counter()
        self.truth: Counter[str] = Counter()
        self._ends: tuple[int, int] | None = None

    def count(self, told: Event | Truth) -> bool:
        """Counts; whether it was an event."""
        if isinstance(told, Truth):
            self.truth[told.plot] += 1
            return False
        self.by_type[told.type] += 1
        self._ends = (self._ends[0] if self._ends else told.at, told.at)
        return True

    @property
    def first(self) -> str:
        return rfc3339(self._ends[0]) if self._ends else ""

    @property
    def last(self) -> str:
        return rfc3339(self._ends[1]) if self._ends else ""


@contextmanager
def _collecting_seldom() -> Iterator[None]:
    """Lives end without cycles; looking for some every 700 objects takes a fifth of the time."""
    before = gc.get_threshold()
    gc.set_threshold(_COLLECTED_EVERY, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


@contextmanager
def _written(path: Path, *, compress: bool) -> Iterator[IO[bytes]]:
    """A buffered file that appears under `path` when everything is in it."""
    draft = path.with_name(path.name + ".part")
    try:
        with draft.open("wb", buffering=_BUFFER_BYTES) as raw:
            if compress:
                packed: Any = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(raw, closefd=False)
                with io.BufferedWriter(packed, _BUFFER_BYTES) as buffered:
                    yield cast("IO[bytes]", buffered)
            else:
                yield raw
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)
