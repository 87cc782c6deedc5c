"""The judge of the check in a serving process: with the registry as the store has it.

Every process that answers checks has its own. What compiling takes (nearly a minute of a core for the shipped names) is
done by a process beside, so that nobody who asks waits for it; who finds it compiled already, by another process with
the same cache, only reads it.
"""

from __future__ import annotations

import fcntl
import logging
import multiprocessing
import os
import threading
from collections.abc import Callable, Hashable
from pathlib import Path
from time import monotonic
from types import TracebackType
from typing import Final, Self

from agoranomos.goods.brands.model import Brand
from agoranomos.goods.brands.snapshot import RegistrySnapshot
from agoranomos.goods.listings.actions import ListingJudge
from agoranomos.goods.listings.judge import build_judge
from agoranomos.goods.listings.model import Assessment, Listing
from agoranomos.goods.listings.restricted import RestrictedPolicy

POLL_S: Final = 5.0
QUIET_S: Final = 15.0
"""The registry has to be as it is for so long: an import changes it many times."""
WAIT_MAX_S: Final = 300.0
"""A registry that never rests is taken over all the same, so often."""

_log = logging.getLogger(__name__)


class RenewingJudge:
    """See `actions.ListingJudge`. `stamp` says what the registry is like, `make` makes the judge for it: `beforehand`
    does what takes long of that elsewhere. `clock` counts seconds.
    """

    def __init__(
        self,
        make: Callable[[], ListingJudge],
        stamp: Callable[[], Hashable],
        beforehand: Callable[[], None] = lambda: None,
        *,
        poll_s: float = POLL_S,
        clock: Callable[[], float] = monotonic,
    ) -> None:
        self._make, self._read_stamp, self._beforehand = make, stamp, beforehand
        self._poll_s, self._clock = poll_s, clock
        self._stamp = self._seen = stamp()  # first: what changes from here on is found at the next look
        self._changed_at: float | None = None
        self._seen_at = clock()
        self._now = make()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="renew-judge", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()  # who compiles is not waited for

    @property
    def version(self) -> str:
        """See `actions.ListingJudge`."""
        return self._now.version

    def assess(self, listing: Listing) -> Assessment:
        """See `actions.ListingJudge`."""
        return self._now.assess(listing)

    def glance(self, listing: Listing) -> Assessment | None:
        """See `actions.ListingJudge`."""
        return self._now.glance(listing)

    def look(self) -> bool:
        """Takes over a registry that has changed and rests; whether it did. Called every POLL_S seconds."""
        there, now = self._read_stamp(), self._clock()
        if there == self._stamp:
            self._seen, self._changed_at = there, None
            return False
        if there != self._seen:
            self._seen, self._seen_at = there, now
        if self._changed_at is None:
            self._changed_at = now
        if now - self._seen_at < QUIET_S and now - self._changed_at < WAIT_MAX_S:
            return False
        self._beforehand()
        before, self._now = self._now, self._make()
        self._stamp, self._changed_at = there, None
        close = getattr(before, "close", None)  # its eyes; whoever still looks opens them again
        if close is not None:
            close()
        return True

    def _run(self) -> None:
        while not self._stopping.wait(self._poll_s):
            try:
                self.look()
            except Exception as error:  # the database is away: the registry that is known goes on
                _log.warning("the names of the check are as they were: %s", type(error).__name__, exc_info=error)


def compile_beside(snapshot: RegistrySnapshot, restricted: RestrictedPolicy, cache: Path) -> None:
    """Has the names of `snapshot` compiled into `cache` by another process; of processes with this cache one at a
    time, so that one compiles and the others find it done.
    """
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / "names.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        # Spawned, not forked: Arrow's and numba's threads do not survive a fork. A daemon: who stops does not wait for
        # it, as a pool of `concurrent.futures` would have him do.
        beside = multiprocessing.get_context("spawn").Process(
            target=_compiled, args=(snapshot.brands, restricted, cache), name="compile-names", daemon=True
        )
        beside.start()
        beside.join()
        if beside.exitcode:
            raise ChildProcessError(f"the process that compiles names ended with {beside.exitcode}")


def _compiled(brands: tuple[Brand, ...], restricted: RestrictedPolicy, cache: Path) -> None:
    os.nice(10)  # whoever is asked something comes first
    build_judge(RegistrySnapshot(brands), cache=cache, restricted=restricted)
