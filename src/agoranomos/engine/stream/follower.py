"""A thread that lets a monitor follow the log, in one process at a time."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from types import TracebackType
from typing import Final, Self

from agoranomos.engine.stream.live import Keep, Live, Prepare, ReadAfter
from agoranomos.engine.stream.monitor import Monitor
from agoranomos.kernel.clock import Clock
from agoranomos.kernel.errors import Conflict
from agoranomos.kernel.jobs import singleton
from agoranomos.kernel.jobs.singleton import Holding
from agoranomos.kernel.store import Store

LEASE_S: Final = 60.0
"""How long after a kill another process takes over."""
POLL_S: Final = 1.0

_log = logging.getLogger(__name__)


class Follower:
    """Follows the log under the lease `monitor:<name>`; who has not got it waits for it.

    `make` makes the monitor anew. A step that fails is done again; the log says why it failed.
    """

    def __init__(
        self,
        store: Store,
        name: str,
        make: Callable[[], Monitor],
        *,
        read_after: ReadAfter,
        keep: Keep,
        holder_id: str,
        clock: Clock,
        prepare: Prepare | None = None,
        lease_s: float = LEASE_S,
        poll_s: float = POLL_S,
    ) -> None:
        self._store = store
        self._lease_name = f"monitor:{name}"
        self._make = make
        self._read_after = read_after
        self._keep = keep
        self._holder_id = holder_id
        self._clock = clock
        self._prepare = prepare
        self._lease_s = lease_s
        self._poll_s = poll_s
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"follow-{name}", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def leave(self) -> None:
        """Takes no further step; does not wait for the one at hand."""
        self._stopping.set()

    def stop(self) -> None:
        """Finishes the step, keeps what the monitor knows, and lets the next process take over."""
        self.leave()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._stopping.is_set():
            try:
                holding = self._take()
                if holding is not None:
                    self._follow(holding)
            except Exception as error:  # the database is away, or the monitor fails: both may pass
                _log.warning("%s stopped and will go on: %s", self._lease_name, type(error).__name__, exc_info=error)
            self._stopping.wait(self._poll_s)

    def _take(self) -> Holding | None:
        with self._store.transaction() as connection:
            return singleton.take(
                connection, self._lease_name, self._holder_id, now=self._clock(), lease_s=self._lease_s
            )

    def _follow(self, holding: Holding) -> None:
        """Follows for as long as the lease is kept."""
        live = Live(
            self._store,
            self._make,
            read_after=self._read_after,
            keep=self._keep,
            mine=lambda connection: singleton.require(connection, holding),
            prepare=self._prepare,
        )
        try:
            while not self._stopping.is_set():
                holding = self._renewed(holding)
                if live.step(self._clock()).idle:
                    self._stopping.wait(self._poll_s)
            live.checkpoint(self._clock())
        finally:
            with suppress(Conflict), self._store.transaction() as connection:
                singleton.give_back(connection, holding)

    def _renewed(self, holding: Holding) -> Holding:
        """`holding`, renewed when a third of it has gone by. Raises Conflict when it was lost."""
        now = self._clock()
        if (holding.until - now).total_seconds() > self._lease_s * 2 / 3:
            return holding
        with self._store.transaction() as connection:
            return singleton.renew(connection, holding, now=now, lease_s=self._lease_s)
