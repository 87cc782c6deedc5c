"""Pictures read in a process of their own, which may be killed: by the clock, by its memory, or by a hostile file.

Bounds on size come before decoding, and the decoders are well tested; but they are written in C, and the files come
from strangers. So files not seen before are read by a child that holds nothing of worth. If it dies or does not come
back, the picture it was at is skipped, and another child goes on with the next one.
"""

from __future__ import annotations

import multiprocessing
import os
import resource
import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from agoranomos.engine.pictures.decoding import REASONS, Limits, Skip
from agoranomos.engine.pictures.signature import Signature, signature

SECONDS_MAX: Final = 10.0
"""Wall time that one picture may take; an ordinary one takes a hundredth of a second."""
MEMORY_MAX: Final = 1 << 30
"""Bytes that the child may take beyond what it needs to start."""
_START_SECONDS_MAX: Final = 120.0
_FAREWELL_SECONDS: Final = 2.0
_AHEAD: Final = 16
"""Pictures given to the child at a time, so that it need not wait for us."""


class Guard:
    """A child process that makes signatures. `with Guard() as guard: guard.signatures(pictures)`."""

    def __init__(
        self, limits: Limits | None = None, seconds_max: float = SECONDS_MAX, memory_max: int = MEMORY_MAX
    ) -> None:
        self._limits = limits or Limits()
        self._seconds_max = seconds_max
        self._memory_max = memory_max
        self._child: tuple[SpawnProcess, Connection] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    @property
    def child_id(self) -> int | None:
        """The process number of the child, while there is one."""
        return self._child[0].pid if self._child else None

    def signatures(self, pictures: Sequence[bytes]) -> Iterator[Signature | Skip]:
        """For each picture its signature or why there is none, in order; never raises for what a picture holds."""
        done = 0
        while done < len(pictures):
            part = pictures[done : done + _AHEAD]
            for found in self._part(part):
                yield found
                done += 1

    def _part(self, part: Sequence[bytes]) -> Iterator[Signature | Skip]:
        """Results of the pictures until all are done or the child had to be replaced."""
        _, pipe = self._child or self._start()
        try:
            pipe.send(list(part))
        except (BrokenPipeError, ConnectionResetError):
            yield self._lost("crashed")
            return
        for _ in part:
            if not pipe.poll(self._seconds_max):
                yield self._lost("too_slow")
                return
            try:
                answer = pipe.recv()
            except (EOFError, ConnectionResetError):
                yield self._lost("crashed")
                return
            yield _opened(answer)

    def _start(self) -> tuple[SpawnProcess, Connection]:
        context = multiprocessing.get_context("spawn")
        pipe, theirs = context.Pipe()
        process = context.Process(target=_serve, args=(theirs, self._limits, self._memory_max), daemon=True)
        process.start()
        theirs.close()
        # Loading and compiling are not the first picture's fault.
        if not pipe.poll(_START_SECONDS_MAX):
            process.kill()
            raise TimeoutError("the process that reads pictures did not start")
        pipe.recv()
        self._child = (process, pipe)
        return self._child

    def _lost(self, reason: str) -> Skip:
        self._end(kill=True)
        return Skip(reason)

    def _end(self, *, kill: bool = False) -> None:
        if self._child is None:
            return
        process, pipe = self._child
        self._child = None
        pipe.close()
        if kill:
            process.kill()
        process.join(_FAREWELL_SECONDS)
        if process.is_alive():
            process.kill()
            process.join()
        process.close()


def _opened(answer: object) -> Signature | Skip:
    """What a child said; a child that a picture has taken over may say anything."""
    if isinstance(answer, bytes):
        return Signature.unpacked(answer) or Skip("crashed")
    return Skip(answer) if isinstance(answer, str) and answer in REASONS else Skip("crashed")


def _serve(pipe: Connection, limits: Limits, memory_max: int) -> None:
    # The decoders in C write about damaged files to stderr, a line each; whoever asked gets the reason.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    signature(_SMALL, limits)
    _bound(memory_max)
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):
        pipe.send("ready")
        while True:
            for data in pipe.recv():
                pipe.send(_answer(data, limits))


def _answer(data: bytes, limits: Limits) -> bytes | str:
    try:
        found = signature(data, limits)
    except MemoryError:
        return "crashed"
    return found.reason if isinstance(found, Skip) else found.packed()


def _bound(memory_max: int) -> None:
    """Caps the address space (Linux only: elsewhere the cap is not honoured) and forbids core dumps."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if sys.platform == "linux":
        pages = int(Path("/proc/self/statm").read_text().split()[0])
        cap = pages * os.sysconf("SC_PAGESIZE") + memory_max
        resource.setrlimit(resource.RLIMIT_AS, (cap, cap))


_SMALL: Final = (
    b"BM" + (54 + 1024 + 1024).to_bytes(4, "little") + bytes(4) + (1078).to_bytes(4, "little")
    + (40).to_bytes(4, "little") + (32).to_bytes(4, "little") * 2 + b"\1\0\x08\0" + bytes(24)
    + b"".join(bytes((k, k, k, 0)) for k in range(256)) + bytes(k * k % 256 for k in range(1024))
)  # fmt: skip
"""A picture of 32 x 32 (BMP), to load and compile what is needed before the first one."""
