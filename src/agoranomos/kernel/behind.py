"""Write-behind: what may be answered before it is on disk is kept a moment later, many at a time.

Only for what changes nothing when it is lost: a crash loses what was added in the last moment. Whoever reads what was
added waits for it first (`settle`), so that within one process nobody sees the difference. The reasons stand in
docs/decisions/0012-approvals-behind-the-answer.md.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence
from typing import Final, Generic, TypeVar

import sqlalchemy as sa

from agoranomos.kernel.writer import GroupWriter

T = TypeVar("T")
Keep = Callable[[sa.Connection, Sequence[T]], object]

GATHER_S: Final = 0.02
"""How long values gather before they are written: fifty transactions a second are few beside thousands of values."""
ROOM: Final = 4_096
"""Values that may wait or be on their way; then whoever adds one writes it himself, which slows him to our pace."""
RETRY_S: Final = 1.0
"""Between two attempts when the store takes nothing."""
PATIENCE_S: Final = 5.0
"""A reader does not wait longer than this; it then reads what is there."""

_log = logging.getLogger(__name__)


class WriteBehind(Generic[T]):
    """Keeps values by `keep`, given an open transaction of `writer`, soon after they were added.

    `keep` is called again with the same values after a failure. Close it before the writer.
    """

    def __init__(
        self,
        writer: GroupWriter,
        keep: Keep[T],
        *,
        gather_s: float = GATHER_S,
        room: int = ROOM,
        retry_s: float = RETRY_S,
    ) -> None:
        self._writer = writer
        self._keep = keep
        self._gather_s, self._room, self._retry_s = gather_s, room, retry_s
        self._changed = threading.Condition()
        self._values: list[T] = []
        self._on_way = 0
        self._added = 0  # values, since the start
        self._begun = self._done = 0  # attempts
        self._hurried = 0  # the attempt that somebody waits for
        self._open = True
        self._thread = threading.Thread(target=self._run, name="write-behind", daemon=True)
        self._thread.start()

    @property
    def waiting(self) -> int:
        """Values that are not in the store yet."""
        return len(self._values) + self._on_way

    def add(self, value: T) -> bool:
        """Takes `value` to be written soon; False when there is no room or it is closed: then write it yourself.

        Never waits for the store.
        """
        with self._changed:
            if not self._open or self.waiting >= self._room:
                return False
            self._values.append(value)
            self._added += 1
            if len(self._values) == 1:
                self._changed.notify_all()
            return True

    def settle(self, patience_s: float = PATIENCE_S) -> bool:
        """Waits until what was added before this call is in the store; False when it is not.

        That is so when the store takes nothing, or not within `patience_s`.
        """
        if not self.waiting:
            return True
        with self._changed:
            wanted, attempt = self._added, self._begun + bool(self._values)
            self._hurried = max(self._hurried, attempt)
            self._changed.notify_all()
            done = self._changed.wait_for(lambda: self._done >= attempt, patience_s)
            return done and self._added - self.waiting >= wanted

    def close(self) -> None:
        """Writes what was added, then stops. Calling it again does nothing."""
        with self._changed:
            self._open = False
            self._changed.notify_all()
        self._thread.join()

    def _run(self) -> None:
        while values := self._next():
            left = self._write(values)
            with self._changed:
                self._values[:0] = left
                self._on_way = 0
                self._done += 1
                self._changed.notify_all()
                if left and not self._open:
                    _log.error("%s values were not kept: the store takes nothing and the program stops", len(left))
                    return
                if left:
                    self._changed.wait_for(self._in_a_hurry, self._retry_s)

    def _in_a_hurry(self) -> bool:
        return self._hurried > self._begun or not self._open

    def _next(self) -> list[T]:
        """What has gathered; empty when there is nothing and there will be nothing."""
        with self._changed:
            self._changed.wait_for(lambda: self._values or not self._open)
            self._changed.wait_for(self._in_a_hurry, self._gather_s)
            self._begun += 1
            self._on_way = len(self._values)  # first: `waiting` is read without the lock, and may not miss them
            values, self._values = self._values, []
            return values

    def _write(self, values: list[T]) -> list[T]:
        """Writes `values`; returns those that have to wait because the store takes nothing."""
        try:
            self._writer.call(self._keeping(values))
        except Exception as error:
            _log.warning("%s values could not be kept together: %s", len(values), type(error).__name__)
        else:
            return []
        # What fails while others are kept is at fault itself, and would be in the way for ever.
        failed = [value for value in values if not self._written_alone(value)] if len(values) > 1 else values
        if len(failed) == len(values):
            return values
        if failed:
            _log.error("%s values were not kept: the store refuses them and takes others", len(failed))
        return []

    def _written_alone(self, value: T) -> bool:
        try:
            self._writer.call(self._keeping([value]))
        except Exception:
            return False
        return True

    def _keeping(self, values: Sequence[T]) -> Callable[[sa.Connection], object]:
        return lambda connection: self._keep(connection, values)
