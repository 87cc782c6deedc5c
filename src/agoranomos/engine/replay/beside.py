"""A process of its own for a part of the work, and a pipe to it."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from types import TracebackType
from typing import Any, Self

from agoranomos.kernel.collecting import collect_seldom
from agoranomos.kernel.errors import Invalid


class Beside:
    """Does `work(*given, pipe)` in another process from the moment that this is entered, until it is left at the
    latest. `what` says in a few words what that is.
    """

    def __init__(self, what: str, work: Callable[..., Any], *given: Any) -> None:
        self._what = what
        # Spawned, not forked: Arrow's and numba's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self.pipe, self._theirs = context.Pipe()
        self._process: SpawnProcess = context.Process(
            target=_done, args=(self._theirs, work, *given), daemon=True
        )  # fmt: skip

    def __enter__(self) -> Self:
        # Born with SIGINT blocked: Ctrl-C reaches the whole group, and is ours to handle.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self._process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        self._theirs.close()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.kill()
        self._process.join()
        self._process.close()
        self.pipe.close()

    def give(self, message: object) -> None:
        """Something that the work waits for."""
        with suppress(BrokenPipeError, ConnectionResetError):  # its end is noticed when we listen
            self.pipe.send(message)

    def hear(self) -> Any:
        """The next message of the work, or what it has come to. What went wrong there is raised here."""
        try:
            message = self.pipe.recv()
        except (EOFError, ConnectionResetError) as error:
            raise Invalid(
                f"the process that {self._what} was stopped from outside, perhaps for want of memory; "
                "call the replay again"
            ) from error
        if isinstance(message, BaseException):
            raise message
        return message


def _done(pipe: Connection, work: Callable[..., Any], *given: Any) -> None:
    collect_seldom()
    with suppress(BrokenPipeError, ConnectionResetError):  # nobody waits any more
        try:
            answer: object = work(*given, pipe)
        except (BrokenPipeError, ConnectionResetError):
            raise
        except BaseException as error:
            answer = error
        pipe.send(answer)
    pipe.close()
