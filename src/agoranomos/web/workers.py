"""Several processes behind one socket: started, looked after, replaced in turn, and stopped together.

The parent binds the socket and answers nothing; the workers accept from it, so that a connection waits in one queue for
whoever is free, and none is lost when a worker ends (a socket for each, SO_REUSEPORT, would lose those in its queue).
A worker is a program of its own, started anew: it takes over what was installed or changed since the last start.
"""

from __future__ import annotations

import logging
import math
import os
import select
import signal
import socket
import subprocess
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Final

import msgspec

READY_S: Final = 300.0
"""How long a worker may take to start: with everything to be compiled, minutes."""
SILENT_S: Final = 600.0
"""A worker that gives no sign of life for so long hangs, and is killed. Long: what compiles machine code at its first
use gives none meanwhile, on a busy machine for minutes, and whoever is killed over it begins again."""
STOP_S: Final = 50.0
"""How long a worker may take to stop."""
PAUSE_S: Final = 1.0
PAUSE_MAX_S: Final = 30.0
"""Before another worker takes the place of one that died; doubled for one that dies young."""
_YOUNG_S: Final = 30.0
_TICK_S: Final = 0.2
READY: Final = b"."
BUSY: Final = b"-"

_log = logging.getLogger(__name__)

Command = Callable[[int, int], Sequence[str]]
"""What starts a worker, by its number (from 0) and the socket of its lifeline."""


class Bounds(msgspec.Struct, frozen=True):
    """In seconds: see READY_S and the others."""

    ready_s: float = READY_S
    silent_s: float = SILENT_S
    stop_s: float = STOP_S
    pause_s: float = PAUSE_S


USUAL: Final = Bounds()


class Lifeline:
    """A worker's side of the line to its parent: signs of life go up, and its end says that the parent is gone."""

    def __init__(self, fileno: int) -> None:
        self._line = socket.socket(fileno=fileno)

    def watch(self) -> None:
        """Stops this process, as SIGTERM does, when the parent is gone."""
        threading.Thread(target=self._watch, name="lifeline", daemon=True).start()

    def beat(self) -> None:
        """A sign of life; the first says that requests are answered."""
        self._send(READY)

    def busy(self) -> None:
        """A sign of life of one that does not answer yet, and gets on with what it has to do first."""
        self._send(BUSY)

    def _send(self, sign: bytes) -> None:
        with suppress(OSError):  # the parent is gone, or has not looked for long
            self._line.send(sign, socket.MSG_DONTWAIT)

    def _watch(self) -> None:
        with suppress(OSError):
            while self._line.recv(1):
                pass
        os.kill(os.getpid(), signal.SIGTERM)


class _Worker:
    """A process that runs, or did."""

    def __init__(self, number: int, name: str, process: subprocess.Popen[bytes], line: socket.socket) -> None:
        self.number, self.name, self.process, self.line = number, name, process, line
        self.begun = self.heard = monotonic()
        self.ready = self.killed = False

    def listen(self) -> None:
        """Takes its signs of life."""
        with suppress(OSError):
            while signs := self.line.recv(4_096):
                self.ready, self.heard = self.ready or READY in signs, monotonic()

    def end(self, number: signal.Signals) -> None:
        if self.process.poll() is None:
            self.process.send_signal(number)

    def kill(self, why: str) -> None:
        """Once: it takes a moment to be gone."""
        if not self.killed:
            self.killed = True
            _log.error("%s (%s) %s and is killed", self.name, self.process.pid, why)
            self.end(signal.SIGKILL)

    @property
    def ended(self) -> bool:
        return self.process.poll() is not None


class Workers:
    """`holders` processes that answer the others, and `count` that answer requests, numbered in this order from 0, all
    started by `command`; `passed` are the sockets that they are given.
    """

    def __init__(
        self, command: Command, passed: Sequence[socket.socket], count: int, bounds: Bounds = USUAL, *, holders: int = 0
    ) -> None:  # fmt: skip
        self._command, self._passed, self._bounds = command, list(passed), bounds
        self._count, self._holders = holders + count, holders
        self._workers: list[_Worker] = []
        self._retired: list[tuple[_Worker, float]] = []
        self._due: dict[int, float] = {}  # number → when another one starts
        self._pauses: dict[int, float] = {}  # number → the last pause before another one
        self._stop: int | None = None
        self._roll = False

    def run(self, started: Callable[[], None] = lambda: None) -> int:
        """Works until SIGTERM or SIGINT; SIGHUP replaces one worker after the other. Returns the exit code.

        `started` is called when the first worker answers. It starts alone, after the holders, of which the first starts
        alone as well: what it compiles and keeps, the others find. One that cannot start at all ends the program with
        its exit code.
        """
        handlers: dict[signal.Signals, Callable[[int, object], None]] = {
            signal.SIGTERM: self._on_stop,
            signal.SIGINT: self._on_stop,
            signal.SIGHUP: self._on_roll,
        }
        before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
        try:
            code = self._start(started)
            while code is None and self._stop is None:
                if self._roll:
                    self._replace_all()
                self._tend()
                self._wait()
            self._end_all()
            return 128 + self._stop if code is None and self._stop is not None else code or 0
        finally:
            self._kill_all()
            for number, handler in before.items():
                signal.signal(number, handler)

    def _on_stop(self, number: int, _: object) -> None:
        self._stop = number

    def _on_roll(self, _: int, __: object) -> None:
        self._roll = True

    def _start(self, started: Callable[[], None]) -> int | None:
        """None when all have started, else the exit code of one that has not."""
        first = self._holders
        for numbers in (range(min(1, first)), range(1, first), range(first, first + 1), range(first + 1, self._count)):
            fresh = [self._begin(number) for number in numbers]
            self._workers += fresh
            while not all(worker.ready for worker in fresh) and self._stop is None:
                self._wait()
                for worker in fresh:
                    if worker.ended or self._late(worker):
                        return max(1, worker.process.poll() or 0)
            if fresh and fresh[0].number == first and self._stop is None:
                started()
        return None

    def _begin(self, number: int) -> _Worker:
        ours, theirs = socket.socketpair()
        ours.setblocking(False)
        with theirs:
            numbers = [each.fileno() for each in (*self._passed, theirs)]
            # In a group of its own: Ctrl-C in a terminal is for the parent, which tells the workers.
            words = self._command(number, theirs.fileno())
            process = subprocess.Popen(words, pass_fds=numbers, process_group=0)  # noqa: S603 - the caller's own words
        name = f"holder {number + 1}" if number < self._holders else f"worker {number - self._holders + 1}"
        return _Worker(number, name, process, ours)

    def _late(self, worker: _Worker) -> bool:
        return not worker.ready and monotonic() - worker.heard > self._bounds.ready_s

    def _wait(self) -> None:
        """Until somebody gives a sign of life, or for a moment."""
        all_ = [*self._workers, *(worker for worker, _ in self._retired)]
        select.select([worker.line for worker in all_ if not (worker.ended or worker.killed)], [], [], _TICK_S)
        for worker in all_:
            worker.listen()
        self._bury()

    def _bury(self) -> None:
        """Lets go of those that were replaced and have ended; kills who takes too long."""
        left = []
        for worker, until in self._retired:
            if worker.ended:
                worker.line.close()
                continue
            if monotonic() > until:
                worker.kill("does not stop")
            left.append((worker, until))
        self._retired = left

    def _tend(self) -> None:
        """Puts another worker in the place of one that died; kills one that hangs."""
        now = monotonic()
        for worker in list(self._workers):
            number = worker.number
            if not worker.ended:
                if self._late(worker) or (worker.ready and now - worker.heard > self._bounds.silent_s):
                    worker.kill("hangs")
            elif number not in self._due:
                worker.line.close()
                pause = self._pauses[number] = self._pause_after(worker, now)
                facts = worker.name, worker.process.pid, worker.process.returncode, pause
                _log.error("%s (%s) ended with %s; another one starts in %.1f s", *facts)
                self._due[number] = now + pause
            elif now >= self._due[number]:
                del self._due[number]
                self._workers[number] = self._begin(number)

    def _pause_after(self, worker: _Worker, now: float) -> float:
        """Before another one starts: who dies young again waits twice as long, up to PAUSE_MAX_S."""
        if now - worker.begun >= _YOUNG_S or worker.number not in self._pauses:
            return self._bounds.pause_s
        return min(PAUSE_MAX_S, 2 * self._pauses[worker.number])

    def _replace_all(self) -> None:
        """One after the other: the new worker answers before the old one is told to stop."""
        self._roll = False
        for number in range(self._count):
            fresh = self._begin(number)
            self._retired.append((fresh, math.inf))  # looked after until it is in its place
            while not fresh.ready and not fresh.ended and not self._late(fresh) and self._stop is None:
                self._tend()
                self._wait()
            self._retired = [each for each in self._retired if each[0] is not fresh]
            if not fresh.ready or self._stop is not None:
                self._retire(fresh)
                if self._stop is None:
                    _log.error("%s was not replaced: the new one does not start", fresh.name)
                return
            old, self._workers[number] = self._workers[number], fresh
            self._due.pop(number, None)
            self._retire(old)
            while any(worker is old for worker, _ in self._retired) and self._stop is None:
                self._tend()
                self._wait()

    def _retire(self, worker: _Worker) -> None:
        worker.end(signal.SIGTERM)
        self._retired.append((worker, monotonic() + self._bounds.stop_s))

    def _end_all(self) -> None:
        """All at once: each ends what it is at."""
        for worker in self._workers:
            self._retire(worker)
        self._workers = []
        while self._retired:
            self._wait()

    def _kill_all(self) -> None:
        """Whatever went wrong, nobody is left behind."""
        for worker in (*self._workers, *(worker for worker, _ in self._retired)):
            worker.end(signal.SIGKILL)
            worker.process.wait()
            worker.line.close()
