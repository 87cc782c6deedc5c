"""A monitor that follows the log: what it finds is kept as it goes, and a kill at any point repeats work, no effect.

Outputs are kept at every step, the monitor's state at every checkpoint. After a kill the monitor starts from its
last checkpoint and hears the same events in the same order, so it says the same again; whoever keeps outputs knows
them by their ids. What does not depend on the log alone, letting go because nothing more comes, is always followed
by a checkpoint.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Final, Protocol

import msgspec
import sqlalchemy as sa

from agoranomos.engine.stream.monitor import Monitor, Output
from agoranomos.engine.stream.ordering import LATENESS, Reorderer
from agoranomos.engine.stream.run import Run
from agoranomos.engine.stream.tables import stream_checkpoints
from agoranomos.kernel.dialects import upsert
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store

_log = logging.getLogger(__name__)

STEP_EVENTS_MAX: Final = 5_000
CHECKPOINT_EVERY: Final = timedelta(seconds=30)
HISTORY: Final = timedelta(days=1)
"""A stream whose newest event was older than this when it came is a history that is read in: its clock stands still at
its end, and does not run on to today before the next part is read in.
"""


class Arrived(Protocol):
    """An event of the log, with its position and when it came."""

    @property
    def position(self) -> int: ...

    @property
    def event(self) -> Event: ...

    @property
    def received_at(self) -> datetime: ...


ReadAfter = Callable[[sa.Connection, int, int], Sequence[Arrived]]
"""(connection, position, at most) -> the events behind `position` in the order of their positions."""
Keep = Callable[[sa.Connection, Sequence[Output], datetime], None]
"""Keeps outputs in the given transaction; what it has kept before, it ignores."""
Prepare = Callable[[sa.Connection, Monitor, int, datetime | None], bool]
"""(connection, monitor, position, watermark): brings the monitor up to date with what is not in the log, such as rules.

It is called before each step, with a connection that only reads. What was heard so far is what lies at that position or
before it and is not newer than the watermark. Returns False while it has more to do; no event is heard until then.
"""
Mine = Callable[[sa.Connection], None]
"""Raises Conflict when another process has taken over the monitor."""


class Step(msgspec.Struct, frozen=True):
    """What a step did: events read from the log, events heard, outputs kept; `preparing`: it is not ready to hear."""

    read: int
    heard: int
    outputs: int
    preparing: bool = False

    @property
    def idle(self) -> bool:
        """Whether there was nothing to do: time to sleep."""
        return self.read == 0 and self.heard == 0 and not self.preparing


class Live:
    """The monitor that `make` makes, over the log of `store`, from its last checkpoint on."""

    _monitor: Monitor
    _order: Reorderer
    _run: Run
    _position: int
    _taken_at: datetime | None
    _last_received: datetime | None
    _adrift: bool
    """What is in memory may be ahead of what was kept."""

    def __init__(
        self,
        store: Store,
        make: Callable[[], Monitor],
        *,
        read_after: ReadAfter,
        keep: Keep,
        mine: Mine,
        prepare: Prepare | None = None,
    ) -> None:
        self._store = store
        self._make = make
        self._read_after = read_after
        self._keep = keep
        self._mine = mine
        self._prepare = prepare
        self._resume()

    @property
    def position(self) -> int:
        """Everything up to here was read."""
        return self._position

    @property
    def late(self) -> int:
        """How many events came too late to be put in order."""
        return self._order.late

    def step(self, now: datetime) -> Step:
        """Reads what is new, hears what has waited long enough, and keeps what is said in one transaction.

        Nobody has to wait with what they want to write while a monitor thinks. When it raises, nothing of it is kept,
        and the next step starts from the last checkpoint.
        """
        if self._adrift:
            self._resume()
        with self._store.reading() as connection:
            arrived = self._read_after(connection, self._position, STEP_EVENTS_MAX)
            if not arrived and not self._quiet(now):
                return Step(0, 0, 0)
            if self._prepare is not None:
                ready = self._prepare(connection, self._monitor, self._position, self._order.watermark)
                if not ready:
                    return Step(0, 0, 0, preparing=True)
        self._adrift = True
        heard, outputs = self._hear(arrived) if arrived else self._let_all_go(now)
        with self._store.transaction() as connection:
            self._mine(connection)
            if outputs:
                self._keep(connection, outputs, now)
            if not arrived or self._taken_at is None or now - self._taken_at >= CHECKPOINT_EVERY:
                self._checkpoint(connection, now)
        self._adrift = False
        for refusal in self._run.refused():
            _log.warning("%s cannot use event %s: %s", self._monitor.name, refusal.event_id, refusal.reason)
        return Step(len(arrived), heard, len(outputs))

    def checkpoint(self, now: datetime) -> None:
        """Keeps the state now; called before the program stops."""
        with self._store.transaction() as connection:
            self._mine(connection)
            self._checkpoint(connection, now)

    def _hear(self, arrived: Sequence[Arrived]) -> tuple[int, list[Output]]:
        """Takes `arrived` in; (events heard, what was said)."""
        heard, outputs, due = 0, list[Output](), list[Event]()
        for each in arrived:
            if self._order.arrive(each.position, each.event):
                due += self._order.let_go()
            else:
                # Where the steps begin and end must change nothing: alarms up to the watermark ring before it.
                outputs += self._told(due)
                heard += len(due) + 1
                due = []
                outputs += self._run.feed([each.event])
        self._position = arrived[-1].position
        self._last_received = arrived[-1].received_at
        return heard + len(due), outputs + self._told(due)

    def _told(self, due: list[Event]) -> list[Output]:
        """What is said about `due`, and by then."""
        outputs = self._run.feed(due)
        watermark = self._order.watermark
        return outputs + self._run.pass_until(watermark) if watermark else outputs

    def _quiet(self, now: datetime) -> bool:
        """Whether something waits although nothing has come for so long that it need not wait any more."""
        if self._last_received is None or now - self._last_received < LATENESS:
            return False
        alarm = self._monitor.due()
        return len(self._order) > 0 or (alarm is not None and alarm <= self._clock(now))

    def _clock(self, now: datetime) -> datetime:
        """What time it is in the stream when nothing more comes: the end of a history, the present of a live one."""
        newest, received = self._order.newest, self._last_received
        assert newest is not None
        assert received is not None
        live = received - newest < HISTORY
        return max(newest, now - LATENESS) if live else newest

    def _let_all_go(self, now: datetime) -> tuple[int, list[Output]]:
        until = self._clock(now)
        due = self._order.let_go(until)
        return len(due), self._run.feed(due) + self._run.pass_until(until)

    def _checkpoint(self, connection: sa.Connection, now: datetime) -> None:
        row = {
            "monitor": self._monitor.name,
            "version": self._monitor.version,
            "position": self._position,
            "held_from": self._order.first_held() or self._position + 1,
            "watermark": self._order.watermark,
            "newest": self._order.newest,
            "received_at": self._last_received,
            "heard_until": self._run.now,
            "late": self._order.late,
            "state": self._monitor.state(),
            "taken_at": now,
        }
        upsert(connection, stream_checkpoints, [row], ["monitor"])
        self._taken_at = now

    def _resume(self) -> None:
        """Knows again what it knew at the last checkpoint of this version; without one it starts with the log."""
        self._adrift = False
        self._taken_at = self._last_received = None
        self._position = 0
        self._order = Reorderer()
        self._monitor = self._make()
        self._run = Run([self._monitor])
        where = stream_checkpoints.c.monitor == self._monitor.name
        with self._store.reading() as connection:
            row = connection.execute(sa.select(stream_checkpoints).where(where)).first()
            if row is None or row.version != self._monitor.version:
                return
            self._monitor.resume(bytes(row.state))
            self._run = Run([self._monitor], now=row.heard_until)
            self._order = Reorderer(row.watermark, row.newest)
            self._taken_at = row.taken_at
            self._hold_again(connection, row.held_from, row.position)
            self._order.late = row.late
            self._last_received = row.received_at

    def _hold_again(self, connection: sa.Connection, first: int, last: int) -> None:
        """Holds back once more what was held back at the checkpoint: of those read, all that are newer than the
        watermark; the others were heard.
        """
        self._position = first - 1
        while self._position < last:
            part = self._read_after(connection, self._position, min(STEP_EVENTS_MAX, last - self._position))
            if not part:
                break
            for each in part:
                newer = self._order.watermark is None or each.event.time > self._order.watermark
                if each.position <= last and newer:
                    self._order.arrive(each.position, each.event)
            self._position = part[-1].position
        self._position = last
