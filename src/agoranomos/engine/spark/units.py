"""The units of a catalogue scan on a cluster: in place of the processes of this machine (`engine.scan.pool`).

A unit leaves the same parts as there, byte for byte, so that what is merged of them is the same as well.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import msgspec

from agoranomos.engine.scan.judging import JudgeSource
from agoranomos.engine.scan.memory import release
from agoranomos.engine.scan.parts import part_path
from agoranomos.engine.scan.run import Hands, Workers
from agoranomos.engine.scan.units import Unit
from agoranomos.engine.scan.work import Done, JudgeError, work
from agoranomos.engine.spark import tasks
from agoranomos.kernel.errors import Invalid

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_DONE = "done.json"


class Judging(msgspec.Struct, frozen=True):
    """Judges units: the tool of the cluster's processes."""

    source: JudgeSource

    def open(self) -> tasks.Do:
        """Opens the judge."""
        judge = self.source.open()

        def do(unit: Any, folder: Path) -> None:
            try:
                done = work(unit, judge, folder, lambda _: None)
            except JudgeError as error:
                raise Invalid(f"{unit.where}: the judge {error}") from error
            (folder / _DONE).write_bytes(msgspec.json.encode(done))
            release()

        return do


class Cluster:
    """Has units judged by a cluster; see `engine.scan.run.Workers`."""

    def __init__(
        self,
        session: SparkSession,
        source: JudgeSource,
        folder: Path,
        *,
        on_rows: Callable[[int], None],
        on_done: Callable[[Unit, Done], None],
    ) -> None:
        self._session = session
        self._tool = Judging(source)
        self._folder = folder
        self._on_rows = on_rows
        self._on_done = on_done
        self.lost: list[Unit] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Nothing is kept open between units."""

    @property
    def peak_bytes(self) -> int:
        """Of processes elsewhere nothing is known."""
        return 0

    def run(self, units: Iterator[Unit], tick: Callable[[], None]) -> None:
        """Has all `units` judged; what an earlier call had done already is taken over first."""
        wanted = {f"{unit.index:07d}": unit for unit in units}
        for found in tasks.left(self._folder):
            unit = wanted.get(found.name)
            if unit is not None and self._take(unit, found):
                del wanted[found.name]
        for name, found in tasks.run(self._session, self._tool, wanted, self._folder, tick):
            if not self._take(wanted[name], found):
                raise Invalid(f"{wanted[name].where}: another part of the input came back from the cluster")

    def _take(self, unit: Unit, found: Path) -> bool:
        """Moves the parts of a unit to where all parts lie; False when they are of another unit."""
        try:
            done = msgspec.json.decode((found / _DONE).read_bytes(), type=Done)
        except (OSError, msgspec.DecodeError):
            return False
        if done.key != unit.key:
            return False
        for kind in done.parts:
            part_path(found, unit.index, kind).replace(part_path(self._folder, unit.index, kind))  # type: ignore[arg-type]
        self._on_rows(done.rows)
        self._on_done(unit, done)
        shutil.rmtree(found, ignore_errors=True)
        return True


def on_cluster(session: SparkSession) -> Hands:
    """The hands of a cluster, for `scan`."""

    def hands(
        source: JudgeSource, folder: Path, on_rows: Callable[[int], None], on_done: Callable[[Unit, Done], None]
    ) -> Workers:
        return Cluster(session, source, folder, on_rows=on_rows, on_done=on_done)

    return hands
