"""The threads that do background work in a running process."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.jobs import queue
from agoranomos.kernel.jobs.model import Job
from agoranomos.kernel.jobs.timing import Draw, backoff_s
from agoranomos.kernel.store import Store

Effect = Callable[[sa.Connection], object]
Handler = Callable[[Job], Effect | None]
"""Does a job's slow part (a request, a computation) without a transaction, and returns what to write.

The effect and "done" are one transaction, so that the effect happens once; the slow part may happen again.
"""

LEASE_S: Final = 60.0
"""How long after a kill others wait; a living worker renews it three times as often."""
POLL_S: Final = 1.0
GRACE_S: Final = 30.0

_log = logging.getLogger(__name__)


class Runner:
    """Leases jobs of the kinds in `handlers` and does them, in `threads` threads, until it is stopped.

    `recurring`: kind → seconds between turns. `worker_id` is this process's own; `draw` gives the jitter. A handler
    that raises has its job put off and in the end dead, with the class of the error as the reason: its message may
    hold personal data.
    """

    def __init__(
        self,
        store: Store,
        handlers: Mapping[str, Handler],
        *,
        worker_id: str,
        clock: Clock,
        draw: Draw,
        recurring: Mapping[str, int] | None = None,
        threads: int = 2,
        lease_s: float = LEASE_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._handlers = dict(handlers)
        self._recurring = dict(recurring or {})
        assert self._recurring.keys() <= self._handlers.keys(), "what recurs needs a handler"
        self._worker_id = worker_id
        self._clock = clock
        self._draw = draw
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._left_at = 0.0
        self._stopped = threading.Event()
        self._busy: dict[tuple[str, str], Job] = {}
        self._busy_lock = threading.Lock()
        self._threads = [
            threading.Thread(target=self._work, name=f"jobs-{number}", daemon=True) for number in range(threads)
        ]
        self._heart = threading.Thread(target=self._beat, name="jobs-heartbeat", daemon=True)

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def start(self) -> None:
        """Puts up the recurring jobs and begins to work."""
        with self._store.transaction() as connection:
            for kind, every_s in self._recurring.items():
                queue.recur(connection, kind, every_s, now=self._clock())
        for thread in (*self._threads, self._heart):
            thread.start()

    def leave(self) -> None:
        """Leases no more; the time that `stop` gives begins now."""
        if not self._stopping.is_set():
            self._left_at = time.monotonic()
            self._stopping.set()

    def stop(self, grace_s: float = GRACE_S) -> bool:
        """Leases no more, and waits up to `grace_s` seconds for what is being done; whether all of it was.

        What was not goes to another worker when its lease ends.
        """
        self.leave()
        deadline = self._left_at + grace_s
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        self._stopped.set()
        self._heart.join()
        return not any(thread.is_alive() for thread in self._threads)

    def _work(self) -> None:
        while not self._stopping.is_set():
            try:
                job = self._next()
            except Exception as error:  # the database is away; it comes back
                _log.warning("no jobs can be leased: %s", type(error).__name__)
                job = None
            if job is None:
                self._stopping.wait(self._poll_s)
            else:
                self._do(job)

    def _next(self) -> Job | None:
        kinds = list(self._handlers)
        with self._store.reading() as connection:  # an idle worker keeps no writer waiting
            if not queue.any_free(connection, kinds, self._clock()):
                return None
        with self._store.transaction() as connection:
            leased = queue.lease(connection, kinds, self._worker_id, now=self._clock(), lease_s=self._lease_s)
        return leased[0] if leased else None

    def _do(self, job: Job) -> None:
        with self._kept(job):
            try:
                effect = self._handlers[job.kind](job)
                with self._store.transaction() as connection:
                    queue.done(connection, job, now=self._clock())  # first: who has lost the lease stops here
                    if effect is not None:
                        effect(connection)
            except Exception as error:  # whatever a handler raises is the job's failure, not the runner's
                self._fail(job, error)

    def _fail(self, job: Job, error: Exception) -> None:
        reason = type(error).__name__
        _log.warning("job %s %s failed: %s %s", job.kind, job.key, reason, _place(error))
        try:
            with self._store.transaction() as connection:
                now = self._clock()
                retry_at = now + timedelta(seconds=backoff_s(job.attempts, self._draw))
                queue.failed(connection, job, reason=reason, retry_at=retry_at, now=now)
        except Exception as again:  # lost, or the database is away: the lease ends, and the job is tried again
            _log.warning("job %s %s is left to the end of its lease: %s", job.kind, job.key, type(again).__name__)

    @contextmanager
    def _kept(self, job: Job) -> Iterator[None]:
        """The lease of `job` is renewed within this block."""
        with self._busy_lock:
            self._busy[job.kind, job.key] = job
        try:
            yield
        finally:
            with self._busy_lock:
                self._busy.pop((job.kind, job.key), None)

    def _beat(self) -> None:
        while not self._stopped.wait(self._lease_s / 3):
            with self._busy_lock:
                busy = list(self._busy.values())
            for job in busy:
                self._renew(job)

    def _renew(self, job: Job) -> None:
        try:
            with self._store.transaction() as connection:
                queue.extend(connection, job, now=self._clock(), lease_s=self._lease_s)
        except Conflict:
            pass  # done in the meantime, or lost: its worker finds out when it writes
        except Exception as error:  # the next beat tries again
            _log.warning("the lease of job %s %s was not renewed: %s", job.kind, job.key, type(error).__name__)


def _place(error: Exception) -> str:
    """Where `error` was raised, without what it says."""
    trace = error.__traceback__
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return "" if trace is None else f"at {Path(trace.tb_frame.f_code.co_filename).name}:{trace.tb_lineno}"
