"""Processes that look at pictures by the thousand. One that dies is replaced, and its task is tried once more."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Final, Literal, Self, cast

import msgspec

from agoranomos.engine.pictures.cache import SignatureCache
from agoranomos.engine.pictures.index import Index
from agoranomos.engine.pictures.signature import Signature
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.goods.pictures.eyes import Caches, Eyes
from agoranomos.goods.pictures.groups import Tie, ties_of
from agoranomos.goods.pictures.model import Seen
from agoranomos.goods.pictures.references import References

_TRIES: Final = 2
_FAREWELL_SECONDS: Final = 5.0


class Equipment(msgspec.Struct, frozen=True):
    """What every process works with: the pictures' root, the folder of the known pictures with the hash of those that
    are not of the store, and the caches."""

    root: Path
    references: Path
    beside: str
    caches: Caches


class Task(msgspec.Struct, frozen=True):
    """`look`: at the pictures called `names`; `tie`: the contents `names` to the others in the index in `index`."""

    verb: Literal["look", "tie"]
    names: tuple[str, ...]
    index: Path | None = None


class Done(msgspec.Struct, frozen=True):
    """What came of a task: what was seen and how many files were decoded, or ties."""

    seen: tuple[Seen, ...] = ()
    decoded: int = 0
    ties: tuple[Tie, ...] = ()


class Failed(msgspec.Struct, frozen=True):
    """A process cannot go on, and why."""

    message: str


class _Hand:
    """One process, our end of its pipe, and the task that it is at."""

    def __init__(self, equipment: Equipment) -> None:
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(target=_serve, args=(theirs, equipment))
        # Born with SIGINT blocked: Ctrl-C reaches the whole group, and is ours to handle.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.task: Task | None = None

    def give(self, task: Task) -> None:
        self.task = task
        with suppress(BrokenPipeError, ConnectionResetError):  # its end is noticed when we listen
            self.pipe.send(task)


class Crew:
    """Up to `size` processes, each started when there is a task for it."""

    def __init__(self, equipment: Equipment, size: int) -> None:
        self._equipment = equipment
        self._size = max(1, size)
        self._hands: list[_Hand] = []
        self._again: list[Task] = []
        self._tried: dict[Task, int] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for each in self._hands:
            if kind is not None:
                each.process.kill()
            each.pipe.close()  # the end of the pipe is the end of the work
        for each in self._hands:
            each.process.join(_FAREWELL_SECONDS)
            if each.process.is_alive():
                each.process.kill()
                each.process.join()
            each.process.close()
        self._hands.clear()

    @property
    def processes(self) -> list[int]:
        """Their numbers."""
        return [each.process.pid for each in self._hands if each.process.pid is not None]

    def work(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Done]]:
        """Has all tasks done, and gives them as they are finished, in whatever order."""
        while True:
            self._hand_out(tasks)
            busy = {each.pipe: each for each in self._hands if each.task is not None}
            if not busy:
                return
            for pipe in wait(list(busy)):
                yield from self._heard(busy[cast("Connection", pipe)])

    def _hand_out(self, tasks: Iterator[Task]) -> None:
        while True:
            idle = next((each for each in self._hands if each.task is None), None)
            if idle is None and len(self._hands) >= self._size:
                return
            task = self._again.pop() if self._again else next(tasks, None)
            if task is None:
                return
            if idle is None:
                idle = _Hand(self._equipment)
                self._hands.append(idle)
            idle.give(task)

    def _heard(self, hand: _Hand) -> Iterator[tuple[Task, Done]]:
        task = hand.task
        assert task is not None, "only the busy are listened to"
        try:
            answer: Done | Failed = hand.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._bury(hand)
            yield from self._lost(task)
            return
        if isinstance(answer, Failed):
            raise ScanStopped(f"Pictures could not be looked at: {answer.message}. Calling again goes on.")
        hand.task = None
        yield task, answer

    def _bury(self, hand: _Hand) -> None:
        hand.process.join()
        hand.pipe.close()
        hand.process.close()
        self._hands.remove(hand)

    def _lost(self, task: Task) -> Iterator[tuple[Task, Done]]:
        """The task is tried again; after the second time its pictures count as `crashed`, and as tied to nothing."""
        self._tried[task] = self._tried.get(task, 1) + 1
        if self._tried[task] <= _TRIES:
            self._again.append(task)
            return
        crashed = tuple(Seen(path=name, skipped="crashed") for name in task.names)
        yield task, Done(seen=crashed if task.verb == "look" else ())


def _serve(pipe: Connection, equipment: Equipment) -> None:
    indexes: dict[Path, Index] = {}
    references = References.open(equipment.references)
    with Eyes(equipment.root, references, equipment.caches, beside=equipment.beside) as eyes:
        signatures = equipment.caches.signatures()
        with signatures, suppress(EOFError, BrokenPipeError, ConnectionResetError):
            while True:
                task = pipe.recv()
                try:
                    pipe.send(_done(task, eyes, signatures, indexes))
                except Exception as error:
                    pipe.send(Failed(f"{type(error).__name__}: {error}"))


def _done(task: Task, eyes: Eyes, signatures: SignatureCache, indexes: dict[Path, Index]) -> Done:
    if task.verb == "look":
        looked = eyes.look(task.names)
        return Done(seen=looked.seen, decoded=looked.decoded)
    assert task.index is not None, "a tie needs an index"
    if task.index not in indexes:
        indexes[task.index] = Index.open(task.index)
    found = signatures.get(bytes.fromhex(name) for name in task.names)
    asked = {digest.hex(): each for digest, each in found.items() if isinstance(each, Signature)}
    return Done(ties=ties_of(indexes[task.index], asked))
