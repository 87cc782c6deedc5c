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
from typing import Final, Literal, Self

import msgspec
import numpy as np

from agoranomos.engine.pictures.barcodes import Barcode, qr_codes
from agoranomos.engine.pictures.bounds import REASONS, Limits, Skip
from agoranomos.engine.pictures.decoding import Grey, decode
from agoranomos.engine.pictures.signature import DECODED, Signature, signature, signature_of

Wanted = Literal["signature", "looked", "grey"]

SECONDS_MAX: Final = 10.0
"""Wall time that one picture may take; an ordinary one takes a hundredth of a second."""
MEMORY_MAX: Final = 1 << 30
"""Bytes that the child may take beyond what it needs to start."""
_START_SECONDS_MAX: Final = 120.0
_FAREWELL_SECONDS: Final = 2.0
WORDS_AREA: Final = 640_000
"""Pixels of a picture in which words are read."""
_ANSWER_BYTES_MAX: Final = 128 << 20
_DONE, _SKIPPED = b"=", b"!"
_AHEAD: Final = 16
"""Pictures given to the child at a time, so that it need not wait for us."""


class Looked(msgspec.Struct, frozen=True, eq=False):
    """What one decoding tells."""

    signature: Signature
    codes: tuple[Barcode, ...]


class Guard:
    """A child process that reads pictures. `with Guard() as guard: guard.signatures(pictures)`."""

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

    def ready(self) -> None:
        """Starts the child now, so that the first picture need not wait for it."""
        if self._child is None:
            self._start()

    def signatures(self, pictures: Sequence[bytes]) -> Iterator[Signature | Skip]:
        """For each picture its signature or why there is none, in order; never raises for what a picture holds."""
        return (_as_signature(each) for each in self._asked("signature", pictures))

    def looked(self, pictures: Sequence[bytes]) -> list[Looked | Skip]:
        """For each picture its signature and the QR codes in it, from one decoding. If the reader of codes dies of a
        picture, the picture has a signature all the same."""
        found = [_as_looked(answer) for answer in self._asked("looked", pictures)]
        lost = [k for k, each in enumerate(found) if isinstance(each, Skip) and each.reason == "crashed"]
        for k, alone in zip(lost, self.signatures([pictures[k] for k in lost]), strict=True):
            found[k] = alone if isinstance(alone, Skip) else Looked(alone, ())
        return found

    def greys(self, pictures: Sequence[bytes]) -> Iterator[Grey | Skip]:
        """Each picture in grey, large enough to read small print in it."""
        return (_as_grey(each) for each in self._asked("grey", pictures))

    def _asked(self, what: Wanted, pictures: Sequence[bytes]) -> Iterator[object]:
        done = 0
        while done < len(pictures):
            part = pictures[done : done + _AHEAD]
            for found in self._part(what, part):
                yield found
                done += 1

    def _part(self, what: Wanted, part: Sequence[bytes]) -> Iterator[object]:
        """Answers about the pictures until all are done or the child had to be replaced."""
        _, pipe = self._child or self._start()
        try:
            pipe.send((what, list(part)))
        except (BrokenPipeError, ConnectionResetError):
            yield self._lost("crashed")
            return
        for _ in part:
            if not pipe.poll(self._seconds_max):
                yield self._lost("too_slow")
                return
            try:
                # Bytes, never pickles: unpickling what a child says that a picture has taken over would take us over.
                answer = pipe.recv_bytes(_ANSWER_BYTES_MAX)
            except (EOFError, OSError):
                yield self._lost("crashed")
                return
            yield answer[1:] if answer[:1] == _DONE else answer[1:].decode("ascii", "replace")

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
        pipe.recv_bytes(_ANSWER_BYTES_MAX)
        self._child = (process, pipe)
        return self._child

    def _lost(self, reason: str) -> str:
        self._end(kill=True)
        return reason

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


# What a child said; a child that a picture has taken over may say anything.
def _skip(answer: object) -> Skip:
    return Skip(answer) if isinstance(answer, str) and answer in REASONS else Skip("crashed")


def _as_signature(answer: object) -> Signature | Skip:
    found = Signature.unpacked(answer) if isinstance(answer, bytes) else None
    return found or _skip(answer)


def _as_looked(answer: object) -> Looked | Skip:
    if not isinstance(answer, bytes) or len(answer) < 4:
        return _skip(answer)
    split = 4 + int.from_bytes(answer[:4], "big")
    found = Signature.unpacked(answer[4:split])
    if found is None:
        return Skip("crashed")
    try:
        return Looked(found, msgspec.msgpack.decode(answer[split:], type=tuple[Barcode, ...]))
    except msgspec.DecodeError:
        return Skip("crashed")


def _as_grey(answer: object) -> Grey | Skip:
    if not isinstance(answer, bytes) or len(answer) < 8:
        return _skip(answer)
    height, width = int.from_bytes(answer[:4], "big"), int.from_bytes(answer[4:8], "big")
    if not height or not width or len(answer) != 8 + height * width:
        return Skip("crashed")
    return np.frombuffer(answer, np.uint8, offset=8).reshape(height, width)


def _serve(pipe: Connection, limits: Limits, memory_max: int) -> None:
    # The decoders in C write about damaged files to stderr, a line each; whoever asked gets the reason.
    silent = os.open(os.devnull, os.O_WRONLY)
    os.dup2(silent, 2)
    signature(_SMALL, limits)
    _bound(memory_max)
    with suppress(BrokenPipeError, ConnectionResetError, EOFError):
        pipe.send_bytes(_DONE)
        while True:
            what, pictures = pipe.recv()
            for data in pictures:
                answer = _answer(what, data, limits)
                pipe.send_bytes(_SKIPPED + answer.encode() if isinstance(answer, str) else _DONE + answer)


def _answer(what: Wanted, data: bytes, limits: Limits) -> bytes | str:
    try:
        match what:
            case "signature":
                found = signature(data, limits)
                return found.reason if isinstance(found, Skip) else found.packed()
            case "looked":
                grey = decode(data, DECODED, limits)
                made = grey if isinstance(grey, Skip) else signature_of(grey)
                if isinstance(grey, Skip) or isinstance(made, Skip):
                    return made.reason if isinstance(made, Skip) else "broken"
                packed = made.packed()
                return len(packed).to_bytes(4, "big") + packed + msgspec.msgpack.encode(qr_codes(grey))
            case "grey":
                grey = decode(data, WORDS_AREA, limits)
                if isinstance(grey, Skip):
                    return grey.reason
                return b"".join(side.to_bytes(4, "big") for side in grey.shape) + grey.tobytes()
    except MemoryError:
        return "crashed"


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
