"""The rules of checks in a serving process: in memory, as the store has them, and with the log counted up to now.

Every process that answers checks has its own. A change in the store takes effect within POLL_S seconds; what features
count lags behind the log by as much. At the start it knows what the desk's monitor had counted when it was last kept,
and counts what came into the log since. For a feature that is new, what the log holds within its window is counted
first; until then the process answers by the book that it had.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from agoranomos.intake import queries as log
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
from agoranomos.rules.saying import consulted

POLL_S: Final = 1.0
HEARD_AT_ONCE: Final = 100
"""Events that are counted while a check would wait: less than a millisecond."""
_END: Final = datetime(9999, 1, 1, tzinfo=UTC)
_log = logging.getLogger(__name__)


class Following:
    """See `kernel.consulting.Consultant`. `checks` are those whose rules it knows, `monitor` the desk's that counts for
    the same rules.
    """

    def __init__(
        self, store: Store, checks: Iterable[str], clock: Clock, *, monitor: str = "", poll_s: float = POLL_S
    ) -> None:  # fmt: skip
        self._store, self._clock, self._monitor, self._poll_s = store, clock, monitor, poll_s
        self._loader = Loader()
        self._lock = threading.Lock()  # between counting an event and asking
        self._now = Evaluator(checks)
        self._position = 0
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

    def ask(self, check: str, event: Event, scores: Mapping[str, float]) -> Consulted:
        """The rules of `check` that hold for `event`, which is not in the log, as if it had come last."""
        with self._lock:
            evaluator = self._now
            if check not in evaluator.book.groups:
                return Consulted()
            found = evaluator.evaluate(check, event, heard=False, scores=scores)
            return consulted(found, event, evaluator.book.name)

    def snoozed(self, codes: Collection[str], subjects: Sequence[Subject], at: datetime) -> Mapping[str, Quiet]:
        """See `kernel.consulting.Consultant`."""
        return self._now.book.snoozed(codes, subjects, at)

    def note(self, connection: sa.Connection, decision: Decision) -> None:
        """Keeps the hits of rules in `decision`."""
        keep_hits(connection, [decision])

    def refresh(self) -> None:
        """Takes over what changed in the store and counts what came into the log. Called every POLL_S seconds."""
        with self._store.reading() as connection:
            if self._loader.refresh(connection, self._clock()):
                self._take_over(connection)
            types = self._now.bank.types
            while types and (arrived := log.read_types_after(connection, types, self._position)):
                for start in range(0, len(arrived), HEARD_AT_ONCE):
                    with self._lock:
                        for each in arrived[start : start + HEARD_AT_ONCE]:
                            self._now.hear(each.event)
                self._position = arrived[-1].position

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
        with self._lock:
            self._now, self._position = next_one, position

    def _begun(self, connection: sa.Connection, position: int) -> Evaluator:
        """What the desk's monitor knew when it was last kept, and what came since, up to `position`."""
        begun = Evaluator(self._now.listens)
        kept = queries.checkpoint_of(connection, self._monitor) if self._monitor else None
        counted = kept and counted_by_a_desk(kept.state, kept.version)
        if kept is None or counted is None:
            begun.adopt(self._loader.book)
            return begun
        begun.resume(counted)
        begun.adopt(self._loader.book)
        types, read = begun.bank.types, kept.held_from - 1
        while types and read < position and (arrived := log.read_types_after(connection, types, read)):
            for each in arrived:
                if each.position <= position and not kept.heard(each.position, each.event.time):
                    begun.hear_again(each.event)
            read = arrived[-1].position
        return begun

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_s):
            try:
                self.refresh()
            except Exception as error:  # the database is away: the book that is known goes on
                _log.warning("the rules of checks are as they were: %s", type(error).__name__, exc_info=error)
                self._loader = Loader()
