"""The steps by a cluster: each part by one of its machines, over files on what they share."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import msgspec

from agoranomos.engine.replay.parts import Part
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark import tasks
from agoranomos.engine.spark.session import slots
from agoranomos.kernel.errors import Invalid
from agoranomos.promotions.tracing.bulk.steps import Step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_PARTS_A_PLACE: Final = 2
_NOTHING_KEPT: Final = "Nothing of it is kept."


class Doing(msgspec.Struct, frozen=True):
    """Does a step: the tool of the cluster's processes. A task is its number with the parts of files to read."""

    step: Step

    def open(self) -> tasks.Do:
        """Nothing has to be loaded."""

        def done(task: Any, folder: Path) -> None:
            number, parts = task
            self.step.do(number, parts, folder)

        return done


class Away:
    """In the place of `finding.Here`: the cluster of `session`."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self.parts_min = _PARTS_A_PLACE * slots(session)

    def do(self, step: Step, tasks_of: Sequence[Sequence[Part]]) -> None:
        """See `finding.Hands`."""
        folder = Path(step.scratch) / step.verb
        folder.mkdir()
        named = {f"{number:07d}": (number, tuple(parts)) for number, parts in enumerate(tasks_of)}
        try:
            for name, made in tasks.run(self._session, Doing(step), named, Path(step.scratch), kept=_NOTHING_KEPT):
                made.rename(folder / name)
        except ScanStopped as error:
            raise Invalid(error.message) from error
