"""All links of all sellers by a cluster: the steps of `engine.links.parting`, each done for all parts before the next.

The rows go out as they lie in memory, digests and numbers, to a folder that all machines share; the model goes with
each step. What comes back are the pairs of this machine in the order of this machine.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

import msgspec

from agoranomos.engine.links import parting
from agoranomos.engine.links.index import Index
from agoranomos.engine.links.parting import Base
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark import tasks
from agoranomos.engine.spark.session import slots
from agoranomos.kernel.errors import Invalid
from agoranomos.sellers.links.desk import Linked

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

_ROWS_A_PART: Final = 200_000
"""Of so many, a task takes some hundred megabytes."""
_PARTS_A_PLACE: Final = 2
_NOTHING_KEPT: Final = "Nothing of a sweep is kept."
Verb = Literal["key", "match", "score"]


class Step(msgspec.Struct, frozen=True):
    """A step: the tool of the cluster's processes. A task is the number of a part, `before` the folders of the step
    before, by part.
    """

    verb: Verb
    base: Base
    line: float
    before: tuple[str, ...] = ()

    def open(self) -> tasks.Do:
        """Nothing has to be loaded."""
        verbs: dict[Verb, Callable[[int, Path], None]] = {
            "key": lambda part, folder: parting.key(self.base, part, folder),
            "match": lambda part, folder: parting.match(self.base, part, self.before, folder),
            "score": lambda part, folder: parting.score(self.base, part, self.before, self.line, folder),
        }
        do = verbs[self.verb]

        def done(task: Any, folder: Path) -> None:
            do(task, folder)

        return done


def parts_for(session: SparkSession, rows: int) -> int:
    """Into how many parts so many rows are cut."""
    return max(1, min(rows, max(_PARTS_A_PLACE * slots(session), rows // _ROWS_A_PART)))


class Away:
    """The rows of all sellers as they were at some moment, and all links among them, by the cluster of `session`.

    `folder` lies on what all machines share, and is empty.
    """

    def __init__(self, session: SparkSession, folder: Path) -> None:
        self._session = session
        self._folder = folder

    def take(self, index: Index, line: float) -> Callable[[], Iterator[Linked]]:
        """Writes down the rows of an index. Whoever calls what this gives has the cluster find the links at `line`, and
        gets them when all are found.
        """
        base = parting.written(index, self._folder, parts_for(self._session, index.size))
        sellers, owner = list(index.sellers), index.rows.owner[: index.size].copy()

        def linked() -> Iterator[Linked]:
            pairs = swept(self._session, base, line)
            return ((sellers[owner[later]], sellers[owner[earlier]], odds) for later, earlier, odds in pairs)

        return linked


def swept(session: SparkSession, base: Base, line: float) -> Iterator[tuple[int, int, float]]:
    """What `Index.sweep` gives at the log-odds `line`; nothing before all is found. Raises Invalid when the cluster
    gives up.
    """
    keyed = _all(session, Step("key", base, line))
    matched = _all(session, Step("match", base, line, keyed))
    _away(keyed)
    scored = _all(session, Step("score", base, line, matched))
    _away(matched)
    return _read(scored)


def _read(scored: Sequence[str]) -> Iterator[tuple[int, int, float]]:
    for each in scored:
        pairs, odds = parting.scored(Path(each))
        for (one, other), likely in zip(pairs.tolist(), odds.tolist(), strict=True):
            yield one, other, likely


def _all(session: SparkSession, step: Step) -> tuple[str, ...]:
    """Has a step done for all parts; the folders of their results, in order."""
    scratch = Path(step.base.folder)
    folder = scratch / step.verb
    folder.mkdir()
    named = {f"{part:07d}": part for part in range(step.base.parts)}
    try:
        for name, made in tasks.run(session, step, named, scratch, kept=_NOTHING_KEPT):
            made.rename(folder / name)
    except ScanStopped as error:
        raise Invalid(error.message) from error
    return tuple(str(folder / name) for name in named)


def _away(folders: Sequence[str]) -> None:
    """Takes away what nobody reads any more: the next step needs the room."""
    for each in folders:
        shutil.rmtree(each, ignore_errors=True)
