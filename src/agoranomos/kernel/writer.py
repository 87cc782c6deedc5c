"""Group commit: what many callers want to write goes into one transaction, and one fsync serves them all.

Every caller still sees its own transaction: it gets its verb's result only after the commit, and a verb that
raises takes nothing with it but its own changes. DeWitt et al., "Implementation techniques for main memory
database systems" (SIGMOD 1984), section 5.2.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any, Final, TypeVar

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.store import Store

T = TypeVar("T")
Verb = Callable[[sa.Connection], T]

BATCH_MAX: Final = 500
"""Verbs in one transaction: above this the fsync is no longer what costs."""


class _Wish(msgspec.Struct, eq=False):
    verb: Verb[Any]
    future: Future[Any]
    alone: bool = False


class GroupWriter:
    """Runs verbs on `store` in one thread, as many at a time as are waiting, and commits them together.

    A verb changes nothing but what it writes through its connection: after a failure in its batch it is called
    again. There is no waiting for company; while one batch is written to disk, the next gathers.
    """

    def __init__(self, store: Store, *, batch_max: int = BATCH_MAX) -> None:
        self._store = store
        self._batch_max = batch_max
        self._wishes: queue.SimpleQueue[_Wish | None] = queue.SimpleQueue()
        self._next: list[_Wish | None] = []  # taken from the queue, and not for the batch that was put together
        self._lock = threading.Lock()  # between "is it open?" and "put": nothing may follow the last wish
        self._open = True
        self._thread = threading.Thread(target=self._run, name="group-writer", daemon=True)
        self._thread.start()

    def submit(self, verb: Verb[T], *, alone: bool = False) -> Future[T]:
        """A future of what `verb` returns, kept once it is committed; raises Conflict after `close`. `alone`: in a
        transaction of its own, since it locks what others that follow it must not wait for.
        """
        future: Future[T] = Future()
        with self._lock:
            if not self._open:
                raise Conflict("the writer is closed; the program is about to stop")
            self._wishes.put(_Wish(verb, future, alone))
        return future

    def call(self, verb: Verb[T]) -> T:
        """What `verb` returns, once it is committed; raises what it raises."""
        return self.submit(verb).result()

    def close(self) -> None:
        """Writes what was submitted, then stops. Calling it again does nothing."""
        with self._lock:
            if self._open:
                self._open = False
                self._wishes.put(None)
        self._thread.join()

    def _run(self) -> None:
        while True:
            batch = self._next_batch()
            ready = [wish for wish in batch if wish is not None and wish.future.set_running_or_notify_cancel()]
            if ready:
                self._write(ready)
            if None in batch:
                return

    def _next_batch(self) -> list[_Wish | None]:
        batch = self._next or [self._wishes.get()]
        self._next = []
        while len(batch) < self._batch_max and (last := batch[-1]) is not None and not last.alone:
            try:
                more = self._wishes.get_nowait()
            except queue.Empty:
                break
            if more is not None and more.alone:
                self._next = [more]
                break
            batch.append(more)
        return batch

    def _write(self, batch: list[_Wish]) -> None:
        try:
            with self._store.transaction() as connection:
                results = [wish.verb(connection) for wish in batch]
        except Exception as error:  # one of them, or the commit: find out whose it was
            if len(batch) > 1:
                self._write_apart(batch)
            else:
                batch[0].future.set_exception(error)
            return
        for wish, result in zip(batch, results, strict=True):
            wish.future.set_result(result)

    def _write_apart(self, batch: list[_Wish]) -> None:
        """The batch again, each verb in a savepoint, so that a failure takes only itself along.

        Savepoints in every batch would cost a third of the speed, and most batches have no failure.
        """
        done: list[tuple[_Wish, Any]] = []
        try:
            with self._store.transaction() as connection:
                for wish in batch:
                    try:
                        with connection.begin_nested():
                            result = wish.verb(connection)
                    except Exception as error:  # handed to whoever asked
                        if connection.invalidated:
                            raise
                        wish.future.set_exception(error)
                    else:
                        done.append((wish, result))
        except Exception as error:  # the database itself: nothing of the batch is kept
            for wish in batch:
                if not wish.future.done():
                    wish.future.set_exception(error)
            return
        for wish, result in done:
            wish.future.set_result(result)
