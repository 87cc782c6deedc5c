"""Worker processes that survive the death of one of them."""

from __future__ import annotations

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from pathlib import Path
from types import TracebackType
from typing import Self, cast

from agoranomos.engine.scan import worker
from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.trouble import ScanStopped, stopped_by
from agoranomos.engine.scan.units import Unit
from agoranomos.engine.scan.work import Done

_TICK_SECONDS = 0.5
_FAREWELL_SECONDS = 5.0
_TRIES = 2


class _Worker:
    """One process, our end of its pipe, and the unit it is at."""

    def __init__(self, source: JudgeSource, folder: Path) -> None:
        # Spawned, not forked: Arrow's and numba's threads do not survive a fork.
        context = multiprocessing.get_context("spawn")
        self.pipe, theirs = context.Pipe()
        self.process: SpawnProcess = context.Process(
            target=worker.main, args=(theirs, source, str(folder)), daemon=True
        )
        # Born with SIGINT blocked: Ctrl-C reaches the whole group, and is ours to handle.
        before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
        try:
            self.process.start()
        finally:
            signal.pthread_sigmask(signal.SIG_SETMASK, before)
        theirs.close()
        self.unit: Unit | None = None
        self.reported = 0

    def give(self, unit: Unit) -> None:
        self.unit, self.reported = unit, 0
        with suppress(BrokenPipeError, ConnectionResetError):  # its end is noticed when we listen
            self.pipe.send(unit)


class Pool:
    """Up to `workers` processes, each started when there is a unit for it.

    `on_rows` hears of rows read, `on_done` of finished units in the order in which they end.
    """

    def __init__(
        self,
        source: JudgeSource,
        folder: Path,
        workers: int,
        *,
        on_rows: Callable[[int], None],
        on_done: Callable[[Unit, Done], None],
    ) -> None:
        self._source = source
        self._folder = folder
        self._limit = max(1, workers)
        self._on_rows = on_rows
        self._on_done = on_done
        self._workers: list[_Worker] = []
        self._tries: dict[int, int] = {}
        self._again: list[Unit] = []
        self._peaks: dict[int, int] = {}
        self.lost: list[Unit] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Ends the processes: after what they are at when all is well, at once otherwise."""
        for each in self._workers:
            if kind is not None:
                each.process.kill()
            with suppress(BrokenPipeError, ConnectionResetError):
                each.pipe.send(None)
        for each in self._workers:
            each.process.join(_FAREWELL_SECONDS)
            if each.process.is_alive():
                each.process.kill()
                each.process.join()
            each.pipe.close()
            each.process.close()

    @property
    def peak_bytes(self) -> int:
        """The largest memories of the processes alive at one time, summed (an upper bound)."""
        return sum(sorted(self._peaks.values(), reverse=True)[: self._limit])

    def run(self, units: Iterator[Unit], tick: Callable[[], None]) -> None:
        """Has all `units` judged; those whose worker died twice are in `lost` afterwards."""
        while True:
            self._hand_out(units)
            busy = {each.pipe: each for each in self._workers if each.unit is not None}
            if not busy:
                return
            for pipe in wait(list(busy), timeout=_TICK_SECONDS):
                self._hear(busy[cast("Connection", pipe)])
            tick()

    def _hand_out(self, units: Iterator[Unit]) -> None:
        while True:
            idle = next((each for each in self._workers if each.unit is None), None)
            if idle is None and len(self._workers) >= self._limit:
                return
            unit = self._again.pop() if self._again else next(units, None)
            if unit is None:
                return
            if idle is None:
                idle = _Worker(self._source, self._folder)
                self._workers.append(idle)
            idle.give(unit)

    def _hear(self, each: _Worker) -> None:
        unit = each.unit
        assert unit is not None
        try:
            message: worker.Message = each.pipe.recv()
        except (EOFError, ConnectionResetError):
            self._bury(each, unit)
            return
        match message:
            case worker.Rows(count):
                each.reported += count
                self._on_rows(count)
            case worker.Finished(done, peak):
                each.unit = None
                self._peaks[each.process.pid or 0] = peak
                self._on_done(unit, done)
            case worker.Failed(said, detail, number) if number:
                raise stopped_by(OSError(number, said), self._folder.parent) from OSError(detail)
            case worker.Failed(said, detail):
                raise ScanStopped(
                    f"{unit.where}: {said}. What is done is kept; calling again resumes."
                ) from RuntimeError(detail)

    def _bury(self, each: _Worker, unit: Unit) -> None:
        """A worker died (killed, out of memory, crashed): its unit gets one more try."""
        each.process.join()
        each.pipe.close()
        each.process.close()
        self._workers.remove(each)
        self._on_rows(-each.reported)
        self._tries[unit.index] = self._tries.get(unit.index, 1) + 1
        if self._tries[unit.index] <= _TRIES:
            self._again.append(unit)
        else:
            self.lost.append(unit)
