"""The rules of checks in a serving process: in memory, as the store has them, and with the log counted up to now.

Every process that answers checks has its own. A change in the store takes effect within POLL_S seconds; what features
count lags behind the log by as much. At the start it knows what the desk's monitor had counted when it was last kept,
and counts what came into the log since. For a feature that is new, what the log holds within its window is counted
first; until then the process answers by the book that it had.
"""

from __future__ import annotations

import logging
import threading
from abc import ABC, abstractmethod
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from agoranomos.engine.features.sharing import WHOLE, Share
from agoranomos.intake import queries as log
from agoranomos.intake.model import Logged
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.consulting import Consulted, Quiet
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Subject
from agoranomos.kernel.store import Store
from agoranomos.rules import queries
from agoranomos.rules.evaluator import Evaluator
from agoranomos.rules.hits import keep_hits
from agoranomos.rules.loading import Loader, page
from agoranomos.rules.monitor import counted_by_a_desk
from agoranomos.rules.queries import Checkpoint
from agoranomos.rules.saying import consulted

POLL_S: Final = 1.0
HEARD_AT_ONCE: Final = 100
"""Events that are counted while a check would wait: less than a millisecond."""
_END: Final = datetime(9999, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


class Polling(ABC):
    """The book of the store, looked at every `poll_s` seconds in a thread of its own."""

    def __init__(self, store: Store, clock: Clock, poll_s: float) -> None:
        self._store, self._clock, self._poll_s = store, clock, poll_s
        self._loader = Loader()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="follow-checks", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._thread.join()

    @abstractmethod
    def refresh(self) -> None:
        """Takes over what changed in the store."""

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_s):
            try:
                self.refresh()
            except Exception as error:  # the database is away: the book that is known goes on
                _log.warning("the rules of checks are as they were: %s", type(error).__name__, exc_info=error)
                self._loader = Loader()


class Counting(Polling):
    """What the features of the rules of `checks` count of the log, for the keys of `share`. `monitor` is the desk's
    that counts for the same rules.
    """

    def __init__(
        self, store: Store, checks: Iterable[str], clock: Clock, *, monitor: str = "", poll_s: float = POLL_S,
        share: Share = WHOLE, page_max: int = log.PAGE_MAX,
    ) -> None:  # fmt: skip
        super().__init__(store, clock, poll_s)
        self._monitor, self._share, self._page_max = monitor, share, page_max
        self._lock = threading.Lock()  # between counting an event and asking
        self._now = Evaluator(checks, share)
        self._position = 0

    def refresh(self) -> None:
        """Takes over what changed in the store and counts what came into the log. Called every POLL_S seconds."""
        with self._store.reading() as connection:
            if self._loader.refresh(connection, self._clock()):
                self._take_over(connection)
            types = self._now.bank.types
            while types and (
                arrived := log.read_types_after(connection, types, self._position, self._page_max)
            ):  # fmt: skip
                for start in range(0, len(arrived), HEARD_AT_ONCE):
                    self._count(arrived[start : start + HEARD_AT_ONCE])

    def _count(self, arrived: Sequence[Logged]) -> None:
        """The next events of the log."""
        with self._lock:
            for each in arrived:
                self._now.hear(each.event)
            self._position = arrived[-1].position

    def _use(self, evaluator: Evaluator, position: int) -> None:
        """Goes on with `evaluator`, which has counted up to `position`."""
        with self._lock:
            self._now, self._position = evaluator, position

    def _take_over(self, connection: sa.Connection) -> None:
        newest = log.newest_time(connection)
        if self._now.bank.types:
            next_one, position = self._now.successor(self._loader.book), self._position
        else:
            position = log.last_position(connection)
            next_one = self._begun(connection, position)
        while not next_one.fill(connection, page, position, newest and _END, back_from=newest):
            if self._stopping.is_set():
                return
            self._filling()
        self._use(next_one, position)

    def _filling(self) -> None:
        """Called now and then while what is new is counted from the log."""

    def _begun(self, connection: sa.Connection, position: int) -> Evaluator:
        """What the desk's monitor knew when it was last kept, and what came since, up to `position`."""
        begun = Evaluator(self._now.listens, self._share)
        kept = queries.checkpoint_of(connection, self._monitor) if self._monitor else None
        counted = kept and counted_by_a_desk(kept.state, kept.version)
        if kept is not None and counted is not None:
            begun.resume(counted)
            begun.adopt(self._loader.book)
            self._catch_up(connection, begun, kept, position)
        else:
            begun.adopt(self._loader.book)
        return begun

    def _catch_up(self, connection: sa.Connection, begun: Evaluator, kept: Checkpoint, position: int) -> None:
        """Counts what came after the checkpoint `kept`, and what it held back, up to `position`."""
        types, read = begun.bank.types, kept.held_from - 1
        while types and read < position and (arrived := log.read_types_after(connection, types, read)):
            for each in arrived:
                if each.position <= position and not kept.heard(each.position, each.event.time):
                    begun.hear_again(each.event)
            read = arrived[-1].position
            self._filling()


class Following(Counting):
    """See `kernel.consulting.Consultant`. `checks` are those whose rules it knows."""

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`, which is not in the log, as if it had come last."""
        with self._lock:
            evaluator = self._now
            if check not in evaluator.book.groups:
                return Consulted()
            found = evaluator.evaluate(check, event, heard=False, scores=scores)
            return consulted(found, event, evaluator.book.name)

    def waits(self, check: str) -> bool:  # noqa: ARG002 - the port's
        """See `kernel.consulting.Consultant`: what is asked for lies in memory."""
        return False

    def beforehand(self, check: str, event: Event) -> Self:  # noqa: ARG002 - the port's
        """See `kernel.consulting.Consultant`."""
        return self

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        return self._now.book.snoozed(codes, subjects, at)

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`."""
        keep_hits(connection, [decision])
