"""The write-ahead log of the embedded store is emptied beside the requests, not by one of them.

SQLite moves what was written from its log into the file when the log has grown to some thousand pages, and has whoever
commits at that moment do it: one request in thirty waits five milliseconds of work and two of the disk's longer than
the others. A thread that does it several times a second leaves next to nothing to do. Without it (a command that ends
soon), or when it lags behind, SQLite's own way holds, so that the log stays bounded.
"""

from __future__ import annotations

import logging
import threading
from types import TracebackType
from typing import Final, Self

import sqlalchemy as sa

from agoranomos.kernel import dialects
from agoranomos.kernel.store import Store

EVERY_S: Final = 0.25

_log = logging.getLogger(__name__)


class Emptying:
    """Goes on within its block; on PostgreSQL, which does this by itself, nothing happens."""

    def __init__(self, store: Store, *, every_s: float = EVERY_S) -> None:
        self._engine = store.engine
        self._every_s = every_s
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, name="log-emptying", daemon=True) if store.embedded else None

    def __enter__(self) -> Self:
        if self._thread:
            self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        if self._thread:
            self._thread.join()

    def _run(self) -> None:
        while not self._over.wait(self._every_s):
            try:
                dialects.empty_log(self._engine)
            except (sa.exc.SQLAlchemyError, OSError):  # the next turn tries again, and SQLite does it by itself
                _log.warning("the write-ahead log could not be emptied", exc_info=True)
