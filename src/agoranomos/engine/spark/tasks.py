"""Work cut into tasks and done by a cluster: each exactly once in the end, whatever dies on the way.

A task is whatever can be pickled. It is done in a folder of its own attempt, which is renamed to the task's name when
it is whole and on disk: the first whole one stays, so that a task that is done twice (its machine was lost after it, or
Spark was impatient) counts once. Results lie in `folder`, which all machines share; what an earlier call left there is
found again with `left`. Folders of calls bear a name that nobody used before: a machine that was thought dead writes
into none but its own call's.
"""

from __future__ import annotations

import os
import pickle
import shutil
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol
from uuid import uuid4

import pyarrow as pa

from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark.session import cause, quiet
from agoranomos.kernel.errors import AgoranomosError

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

Do = Callable[[Any, Path], None]
"""Does a task; writes what comes of it into the folder, which is empty."""
KEPT: Final = "What is done is kept; calling again resumes."
_CALL: Final = "call-"
_TRY: Final = ".try-"
_FAILED: Final = "failed"
_LOOK_EVERY_S: Final = 0.5
_SAID: Final = pa.schema([("number", pa.int64())])


class Tool(Protocol):
    """What tasks are done with, opened once in each process of the cluster; must be picklable."""

    def open(self) -> Do:
        """Loads what is needed; may take seconds."""
        ...


def left(folder: Path) -> Iterator[Path]:
    """The folders of tasks that were done in earlier calls and not taken away, by name."""
    for call in sorted(folder.glob(f"{_CALL}*")):
        yield from (each for each in sorted(call.iterdir()) if each.is_dir() and _TRY not in each.name)


def run(
    session: SparkSession, tool: Tool, tasks: Mapping[str, Any], folder: Path, tick: Callable[[], None] = lambda: None,
    *, kept: str = KEPT,
) -> Iterator[tuple[str, Path]]:  # fmt: skip
    """Has `tasks` (by name) done; gives each name as it is done, with its folder, which is the caller's from then on.

    `tick` is called about twice a second, `kept` says what a call that fails leaves behind. Raises ScanStopped when a
    task fails of itself, or when Spark gives up.
    """
    names = list(tasks)
    if not names:
        return
    call = folder / f"{_CALL}{uuid4().hex}"
    call.mkdir(parents=True)
    job = _Job(session, tool, [tasks[name] for name in names], names, call)
    waiting = set(names)
    try:
        while True:
            running = job.running()
            _stop_if_failed(call, kept)
            for name in _whole(call, waiting):
                waiting.discard(name)
                yield name, call / name
            if not running:
                break
            tick()
        job.check(kept)
        if waiting:
            raise ScanStopped(
                f"The cluster says that all is done, and {len(waiting):,} results are not in {call}: "
                "do all its machines share this folder?"
            )
        shutil.rmtree(call, ignore_errors=True)
    finally:
        job.end()


def _stop_if_failed(call: Path, kept: str) -> None:
    try:
        said = (call / _FAILED).read_text("utf-8")
    except FileNotFoundError:
        return
    raise ScanStopped(f"{said}. {kept}")


def _whole(call: Path, waiting: set[str]) -> Iterable[str]:
    with os.scandir(call) as entries:
        return sorted(entry.name for entry in entries if entry.name in waiting)


class _Job:
    """The job, on a thread of its own, as Spark answers only at the end."""

    def __init__(self, session: SparkSession, tool: Tool, tasks: list[Any], names: list[str], call: Path) -> None:
        from pyspark import InheritableThread

        self._session = session
        self._group = call.name
        self._error: BaseException | None = None
        context = session.sparkContext
        # One pickle for all: what tasks share (the layout of a file) goes over the wire once.
        packed = pickle.dumps(tool)
        self._packed = context.broadcast(pickle.dumps((packed, tasks, names)))
        with quiet():
            frame = session.range(0, len(tasks), 1, len(tasks)).mapInArrow(
                _mapper(self._packed, str(call)), "number long"
            )

        def collect() -> None:
            try:
                context.setJobGroup(self._group, "agora", interruptOnCancel=True)
                frame.count()
            except BaseException as error:
                self._error = error

        self._thread: threading.Thread = InheritableThread(target=collect, daemon=True)
        self._thread.start()

    def running(self) -> bool:
        """Waits a moment; whether the job goes on."""
        self._thread.join(_LOOK_EVERY_S)
        return self._thread.is_alive()

    def check(self, kept: str) -> None:
        """Raises ScanStopped when the job failed."""
        if self._error is not None:
            raise ScanStopped(f"The cluster gave up: {cause(self._error)}. {kept}") from self._error

    def end(self) -> None:
        """Cancels what still runs, and forgets what was sent."""
        if self._thread.is_alive():
            self._session.sparkContext.cancelJobGroup(self._group)
        self._packed.destroy()


_opened: dict[bytes, Do] = {}
"""The tool that was last used in this process, by its pickle."""


def _mapper(packed: Any, call: str) -> Callable[[Iterator[pa.RecordBatch]], Iterator[pa.RecordBatch]]:
    """What each process of the cluster does with the numbers of its tasks."""

    def do(batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        from pyspark import TaskContext

        context = TaskContext.get()
        attempt = 0 if context is None else context.taskAttemptId()
        tool, tasks, names = pickle.loads(packed.value)  # noqa: S301 - ours, and Spark's wire brought it
        for batch in batches:
            for number in batch.column(0).to_pylist():
                done(tool, tasks[number], Path(call), names[number], attempt)
                yield pa.RecordBatch.from_pylist([{"number": number}], schema=_SAID)

    return do


def done(tool: bytes, task: Any, call: Path, name: str, attempt: int) -> None:
    """Does one task in this process, with a pickled tool.

    What nobody can do stops the call; other errors are Spark's to try again.
    """
    if (call / name).exists() or (call / _FAILED).exists():
        return
    trying = call / f"{name}{_TRY}{attempt}"
    shutil.rmtree(trying, ignore_errors=True)
    trying.mkdir()
    try:
        if tool not in _opened:
            pa.set_cpu_count(1)
            pa.set_io_thread_count(1)
            _opened.clear()
            _opened[tool] = pickle.loads(tool).open()  # noqa: S301 - as above
        _opened[tool](task, trying)
    except AgoranomosError as error:
        shutil.rmtree(trying, ignore_errors=True)
        (call / _FAILED).write_text(error.message, "utf-8")
        return
    try:
        trying.rename(call / name)
    except OSError:
        if not (call / name).exists():  # somebody else's is as good as ours
            raise
        shutil.rmtree(trying, ignore_errors=True)
