"""Turns among the threads of one process, in the order in which they came.

SQLite lets one writer in at a time, and has the others sleep and ask again: whoever comes at the right moment goes
first, and with a dozen busy threads somebody asks in vain until the patience of SQLite is over.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager


class Turns:
    """A lock that is given to who has waited longest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: deque[threading.Event] = deque()
        self._taken = False

    @contextmanager
    def turn(self, patience_s: float) -> Iterator[bool]:
        """Within this block it is our turn; false when it did not come within `patience_s`, and nothing is held."""
        ours = self._take(patience_s)
        try:
            yield ours
        finally:
            if ours:
                self._pass_on()

    def _take(self, patience_s: float) -> bool:
        with self._lock:
            if not self._taken:
                self._taken = True
                return True
            called = threading.Event()
            self._waiting.append(called)
        if called.wait(patience_s):
            return True
        with self._lock:
            if called.is_set():  # called in the very moment in which we gave up
                return True
            self._waiting.remove(called)
            return False

    def _pass_on(self) -> None:
        with self._lock:
            if self._waiting:
                self._waiting.popleft().set()
            else:
                self._taken = False
