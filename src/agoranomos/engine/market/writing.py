"""Writes a made market to files: events, truth, and counts."""

from __future__ import annotations

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
from agoranomos.engine.market.world import Settings

EVENTS: Final = "events.jsonl"
TRUTH: Final = "truth.jsonl"
SUMMARY: Final = "summary.json"
_LEVEL: Final = 3
_BUFFER_BYTES: Final = 1 << 20
_TOLD_EVERY: Final = 20_000


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
    by_type: Counter[str] = Counter()
    truth: Counter[str] = Counter()
    first = last = None
    with _written(out / name, compress=compress) as events, _written(out / TRUTH, compress=False) as truths:
        for number, one in enumerate(generate(settings, plots)):
            if type(one) is Event:
                events.write(one.line())
                by_type[one.type] += 1
                first, last = one.at if first is None else first, one.at
            else:
                truths.write(one.line())
                truth[one.plot] += 1  # type: ignore[union-attr] # what is no event is truth
            if number % _TOLD_EVERY == 0 and last is not None:
                told(number, rfc3339(last))
    summary = Summary(
        seed=settings.seed,
        start=settings.start.isoformat(),
        days=settings.days,
        sellers=settings.sellers,
        buyers=settings.buyers,
        plots=tuple(plot.name for plot in plots),
        files=(name, TRUTH),
        events=by_type.total(),
        by_type=dict(sorted(by_type.items())),
        truth=dict(sorted(truth.items())),
        first="" if first is None else rfc3339(first),
        last="" if last is None else rfc3339(last),
    )
    (out / SUMMARY).write_bytes(msgspec.json.format(msgspec.json.encode(summary), indent=2) + b"\n")
    return summary


@contextmanager
def _written(path: Path, *, compress: bool) -> Iterator[IO[bytes]]:
    """A buffered file that appears under `path` when everything is in it."""
    draft = path.with_name(path.name + ".part")
    with draft.open("wb", buffering=_BUFFER_BYTES) as raw:
        if compress:
            packed: Any = zstandard.ZstdCompressor(level=_LEVEL).stream_writer(raw, closefd=False)
            with io.BufferedWriter(packed, _BUFFER_BYTES) as buffered:
                yield cast("IO[bytes]", buffered)
        else:
            yield raw
    draft.replace(path)
