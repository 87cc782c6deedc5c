"""What `agora demo` shows: a made market in a store of its own, so that the desks have something to look at.

The market is made and taken into the event log behind the first page, as the events of any marketplace would be. The
monitors follow it. The truth about it stays in a file beside the store, which no desk reads.
"""

from __future__ import annotations

import hashlib
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from agoranomos.engine.market.plots import Plot, settings_of
from agoranomos.engine.market.world import Settings
from agoranomos.engine.market.writing import EVENTS, SUMMARY, TRUTH, Summary, write
from agoranomos.engine.scan.progress import Silent
from agoranomos.intake import progress
from agoranomos.intake.ingesting import Ingest, sources_of
from agoranomos.kernel.errors import AgoranomosError
from agoranomos.wiring import Wiring

FOLDER: Final = "market"
STORIES: Final = (
    "disguised-brand",
    "returning-seller",
    "top-up-glitch",
    "hired-operator",
    "deletion-pressure",
    "partner-harvest",
    "corrupt-clerk",
)
"""What goes wrong in the market when nothing else is chosen: something for each desk to find."""
_CALENDAR: Final = ZoneInfo("Asia/Shanghai")
_NAME_MAX: Final = 80

_log = logging.getLogger(__name__)


class Market(msgspec.Struct, frozen=True, kw_only=True):
    """Which market to show: so many days up to yesterday, with `plots` planted in it; of no days: none."""

    days: int = 30
    sellers: int = 40
    buyers: int = 600
    seed: int = 7
    plots: tuple[Plot, ...] = ()

    @property
    def name(self) -> str:
        """What tells it from other markets: "" for the ordinary one."""
        ordinary = Market()
        size = (self.days, self.sellers, self.buyers, self.seed)
        as_usual = size == (ordinary.days, ordinary.sellers, ordinary.buyers, ordinary.seed)
        planted = [(plot.name, settings_of(plot)) for plot in self.plots]
        named = "+".join(name for name, _ in planted)
        if as_usual and not planted:
            return ""
        digest = hashlib.blake2b(msgspec.json.encode((size, planted), order="sorted"), digest_size=4).hexdigest()
        return f"{named[:_NAME_MAX] or FOLDER}-{digest}"


def wiring_for(wiring: Wiring, market: Market) -> Wiring:
    """The system of the demonstration of `market`: each market has a store of its own."""
    return Wiring(wiring.home / "demo" / market.name, cache=wiring.cache, clock=wiring.clock)


@contextmanager
def filling(wiring: Wiring, market: Market, tell: Callable[[str], None]) -> Iterator[None]:
    """Within this block a thread makes the market and takes it in, unless an earlier call has done so."""
    stopping = threading.Event()

    def work() -> None:
        try:
            for words in fill(wiring, market):
                if stopping.is_set():
                    return
                tell(words)
        except AgoranomosError as error:
            _log.warning("the market was not taken in: %s", error.message)
        except Exception as error:  # the pages go on without it
            _log.warning("the market was not taken in: %s", type(error).__name__)

    # A daemon: what it is in the middle of when the program stops is taken up by the next call.
    thread = threading.Thread(target=work, name="market", daemon=True)
    if market.days:
        thread.start()
    try:
        yield
    finally:
        stopping.set()


def fill(wiring: Wiring, market: Market) -> Iterator[str]:
    """Makes the market and takes it into the log; what to tell people, step by step. Goes on where it was stopped."""
    folder = wiring.home / FOLDER
    made = _made(wiring, market, folder)
    store = wiring.store()
    sources = sources_of([str(folder / EVENTS)])
    with store.reading() as connection:
        if progress.finished(connection, progress.run_id(sources)):
            return
    yield f"A market of {made.events:,} events is taken in; its truth is in {folder / TRUTH}."
    ingest = Ingest(
        store, wiring.vault(), sources, clock=wiring.clock, watcher=Silent(), hearers=wiring.hearers(),
        notings=wiring.notings(),
    )  # fmt: skip
    taken = ingest.run()
    yield f"{taken.accepted:,} events are in the log; the desks look at them now."


def _made(wiring: Wiring, market: Market, folder: Path) -> Summary:
    summary = folder / SUMMARY
    if summary.exists():
        return msgspec.json.decode(summary.read_bytes(), type=Summary)
    start = wiring.now().astimezone(_CALENDAR).date() - timedelta(days=market.days)
    settings = Settings(
        seed=market.seed, start=start, days=market.days, sellers=market.sellers, buyers=market.buyers
    )  # fmt: skip
    plots: Sequence[Plot] = market.plots
    return write(settings, plots, folder)
