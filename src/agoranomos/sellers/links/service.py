"""Links over the store: what HTTP, commands and background work share.

Each process that asks holds all rows in memory and reads what others have changed since before it answers. Whoever
follows the log takes the turn in the database, so that an event is heard once, in the order of arrival.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Final, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.engine.links.index import Index
from agoranomos.engine.links.parameters import Parameters
from agoranomos.engine.stream.monitor import Output
from agoranomos.intake.queries import last_position, read_types_after
from agoranomos.kernel import dialects
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.kernel.store import Store
from agoranomos.sellers.links import queries
from agoranomos.sellers.links.crosschecking import CrossCheck, cross_check
from agoranomos.sellers.links.desk import HEARS, LinkDesk, Linked, Swept
from agoranomos.sellers.links.memory import Memory
from agoranomos.sellers.links.model import Link, Seller
from agoranomos.sellers.links.policy import Policy

STEP_EVENTS_MAX: Final = 2_000

Keep = Callable[[sa.Connection, Sequence[Output]], None]
"""Keeps findings, in the given transaction."""
Tell = Callable[[Linked], None]
Taken = TypeVar("Taken")


class Shown(msgspec.Struct, frozen=True):
    """A seller, and everybody who may be the same."""

    seller: Seller
    links: list[Link]


class LinkService:
    """`policy` says from which line on something is said. Safe to share between threads."""

    def __init__(self, store: Store, policy: Policy, clock: Clock) -> None:
        self.policy = policy
        self._store = store
        self._clock = clock
        self._lock = threading.Lock()
        self._step = self._position = 0
        self._desk = LinkDesk(Memory(policy.model), policy)

    def follow(self, keep: Keep) -> None:
        """Hears all that has come in, step by step; a step, what is said and how far it came are one transaction."""
        while self._is_behind() and not self._hear_on(keep):
            pass

    def _is_behind(self) -> bool:
        """Whether the log holds something that the tables do not know of."""
        with self._store.reading() as connection:
            position = queries.progress(connection).position
            return bool(read_types_after(connection, HEARS, position, 1))

    def judged(self, connection: sa.Connection, event: Event) -> list[Finding]:
        """What is to be said of an application, noted and with tokens in it, which is not in the log yet, or just came
        in by the transaction of `connection`. Keeps nothing.
        """
        with self._lock:
            self._catch_up(connection)
            return self._desk.judged(event)

    def links_of(self, seller_id: str) -> Shown:
        """Everybody who may be the same as a seller. Raises NotFound."""
        with self._known() as desk:
            seller = desk.memory.sellers.get(seller_id)
            if seller is None:
                raise NotFound("no such seller has applied or opened a store; names are those of seller.applied")
            return Shown(seller, desk.links_of_seller(seller_id))

    def sweep(self, keep: Keep, linked: Iterable[Linked] | None = None, tell: Tell = lambda _: None) -> Swept:
        """See `LinkDesk.sweep`; what is found is kept, and each link told. `linked`: all links, if they are known."""
        with self._changing() as connection:
            all_of_them = self._desk.linked() if linked is None else linked
            swept = self._desk.sweep(self._clock(), _told(all_of_them, tell))
            keep(connection, swept.found)
            self._write(connection)
        return swept

    def taken(self, take: Callable[[Index, float], Taken]) -> Taken:
        """What `take` takes of the index and the line, for work that nobody else should have to wait for."""
        with self._known() as desk:
            return take(desk.memory.index, desk.report_odds)

    def cross_check(self) -> CrossCheck:
        """The links of the base beside Splink's. Raises Invalid where that is not installed."""
        with self._known() as desk:
            return cross_check(desk.memory.index, self.policy.report_line)

    def train(self) -> Parameters:
        """Fits the model to the base as it is, and goes by it from now on."""
        with self._changing() as connection:
            self._desk.memory.fit()
            self._write(connection)
            return self._desk.memory.index.parameters

    def model(self) -> Parameters:
        """The model that is gone by."""
        with self._known() as desk:
            return desk.memory.index.parameters

    def _hear_on(self, keep: Keep) -> bool:
        with self._changing() as connection:
            end = last_position(connection)
            found = read_types_after(connection, HEARS, self._position, STEP_EVENTS_MAX)
            at_end = len(found) < STEP_EVENTS_MAX
            reached = max([end, *(each.position for each in found)]) if at_end else found[-1].position
            if reached == self._position:
                return True
            said = [finding for each in found for finding in self._desk.hear(each.event)]
            keep(connection, said)
            self._position = reached
            self._write(connection)
            return at_end

    def _write(self, connection: sa.Connection) -> None:
        memory, self._step = self._desk.memory, self._step + 1
        there = queries.Progress(self._step, self._position, memory.fitted_at)
        queries.write(connection, memory, memory.take_changes(), there)

    @contextmanager
    def _known(self) -> Iterator[LinkDesk]:
        """The desk, as the tables are now; of this thread alone."""
        with self._lock:
            with self._store.reading() as connection:
                self._catch_up(connection)
            yield self._desk

    @contextmanager
    def _changing(self) -> Iterator[sa.Connection]:
        """A transaction of whoever has the turn. When it fails, what is in memory is ahead of the tables, and is
        left.
        """
        try:
            # The transaction first: `judged` is called within one, and who waits for the other must be one of them.
            with self._store.transaction() as connection:
                dialects.take_turn(connection, queries.FOLLOWING)
                with self._lock:
                    self._catch_up(connection)
                    yield connection
        except BaseException:
            with self._lock:
                self._forget()
            raise

    def _catch_up(self, connection: sa.Connection) -> None:
        there = queries.progress(connection)
        if there.step <= self._step:
            return  # a transaction that began before the last step sees less than is known here
        memory = self._desk.memory
        queries.load(connection, memory, self._step)
        memory.take_changes()
        self._step, self._position = there.step, there.position

    def _forget(self) -> None:
        self._desk = LinkDesk(Memory(self.policy.model), self.policy)
        self._step = self._position = 0


def _told(linked: Iterable[Linked], tell: Tell) -> Iterator[Linked]:
    for link in linked:
        tell(link)
        yield link
