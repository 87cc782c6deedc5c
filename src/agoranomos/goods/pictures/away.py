"""Pictures looked at by a cluster, and only those that nobody has looked at before.

This machine knows which files have not changed since their content was read, and what was found in each content. The
rest goes out; what comes back is kept here as if it had been found here, so that what is seen is said by the same eyes,
and the next night has nothing to send but what is new. Pictures are tied to one another here, by `crew`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from time import time_ns
from types import TracebackType
from typing import TYPE_CHECKING, Any, Final, Self

import msgspec

from agoranomos.engine.pictures.bounds import Skip
from agoranomos.engine.pictures.places import Places
from agoranomos.engine.pictures.signature import Signature
from agoranomos.engine.scan.trouble import ScanStopped
from agoranomos.engine.spark import tasks as cluster
from agoranomos.goods.pictures.crew import Crew, Done, Equipment, Task
from agoranomos.goods.pictures.eyes import Caches, Eyes
from agoranomos.goods.pictures.kept import Found
from agoranomos.goods.pictures.references import References
from agoranomos.goods.pictures.unchanged import Files, State

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

FILES_A_TASK: Final = 256
_TASKS_A_PLACE: Final = 16
"""Tasks sent at a time for each place that works: many, so that the last one keeps few waiting."""
_RESULT: Final = "looked.msgpack"


class Looked(msgspec.Struct, frozen=True, array_like=True):
    """A file looked at elsewhere: its path and state before it was read, why it was not (`skipped`), else its content
    and what was found in that, with the packed signature."""

    path: str
    state: tuple[int, int, int] | None
    skipped: str | None
    content: bytes = b""
    found: Found | None = None
    signature: bytes | None = None


class Looking(msgspec.Struct, frozen=True):
    """Looks at pictures: the tool of the cluster's processes. Tasks are paths."""

    equipment: Equipment

    def open(self) -> cluster.Do:
        """Eyes with caches of their own, as what they find goes home: in the folder that Spark empties at its end."""
        here = Path(mkdtemp(prefix="pictures-", dir=os.environ.get("SPARK_LOCAL_DIRS", "").partition(",")[0] or None))
        references = References.open(self.equipment.references)
        eyes = Eyes(self.equipment.root, references, Caches(here), beside=self.equipment.beside)
        eyes.__enter__()  # its child ends with this process

        def do(paths: Any, folder: Path) -> None:
            states = {path: State.of(path) for path in paths}
            looked = [
                Looked(
                    path, states[path], one.skipped, one.content, one.found,
                    one.signature.packed() if one.signature is not None else None,
                )
                for path, one in zip(paths, eyes.found(paths), strict=True)
            ]  # fmt: skip
            (folder / _RESULT).write_bytes(msgspec.msgpack.encode(looked))

        return do


class Away:
    """A cluster in place of the processes of this machine; used as `crew.Crew` is."""

    def __init__(self, session: SparkSession, equipment: Equipment, folder: Path, *, places: int, crew: int) -> None:
        self._session = session
        self._equipment = equipment
        self._folder = folder
        self._wave = places * _TASKS_A_PLACE * FILES_A_TASK
        self._crew = Crew(equipment, crew)
        self._files = Files(equipment.caches.folder / "files.sqlite", equipment.caches.night)
        self._read: dict[str, bytes | Skip] = {}
        self._eyes = Eyes(
            equipment.root, References.open(equipment.references), equipment.caches, beside=equipment.beside,
            hashed=self._hashed,
        )  # fmt: skip

    def __enter__(self) -> Self:
        self._crew.__enter__()
        self._eyes.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._crew.__exit__(kind, error, trace)
        self._eyes.close()
        self._files.close()

    def work(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Done]]:
        """Has all tasks done, and gives them as they are finished."""
        for task in tasks:
            if task.verb == "tie":
                yield from self._crew.work(_first(task, tasks))
                return
            yield from self._looked(_first(task, tasks))

    def _looked(self, tasks: Iterator[Task]) -> Iterator[tuple[Task, Done]]:
        while wave := list(_together(tasks, self._wave)):
            decoded = self._fetch([name for task in wave for name in task.names])
            for task in wave:
                seen = self._eyes.look(task.names)
                yield task, Done(seen=seen.seen, decoded=decoded + seen.decoded)
                decoded = 0
            self._read.clear()

    def _fetch(self, names: Iterable[str]) -> int:
        """Has the cluster look at those that are not known; how many contents were new."""
        places = Places(str(self._equipment.root.resolve()))
        states: dict[str, State] = {}
        for name in names:
            path, skipped = places.of(name)
            state = State.of(path) if skipped is None else None
            if state is not None:
                states[path] = state
        self._read.update(self._files.contents(states))
        contents = {content for content in self._read.values() if isinstance(content, bytes)}
        unknown = contents - self._eyes.known(contents)
        wanted = [path for path in states if self._read.get(path) is None or self._read[path] in unknown]
        rest = iter(wanted)
        chunks = iter(lambda: tuple(islice(rest, FILES_A_TASK)), ())
        tool = Looking(self._equipment)
        new: set[bytes] = set()
        sent = {f"{number:07d}": chunk for number, chunk in enumerate(chunks)}
        for name, folder in cluster.run(self._session, tool, sent, self._folder):
            looked = msgspec.msgpack.decode((folder / _RESULT).read_bytes(), type=list[Looked])
            if tuple(one.path for one in looked) != sent[name]:
                raise ScanStopped("Other pictures came back from the cluster than were sent. Calling again goes on.")
            new |= self._keep(looked)
        return len(new)

    def _keep(self, looked: list[Looked]) -> set[bytes]:
        """Keeps what came back; which contents were decoded for it."""
        now = time_ns()
        read = []
        found: dict[bytes, Found] = {}
        signatures: dict[bytes, Signature | Skip] = {}
        for one in looked:
            if one.found is None:
                self._read[one.path] = Skip(one.skipped or "unreadable")
                continue
            self._read[one.path] = one.content
            state = State(*one.state) if one.state is not None else None
            if state is not None and state.settled(now):
                read.append((one.path, state, one.content))
            found[one.content] = one.found
            signature = Signature.unpacked(one.signature) if one.signature is not None else None
            signatures[one.content] = signature or Skip(one.found.skipped or "crashed")
        before = self._eyes.known(found)
        self._eyes.keep(found, signatures)
        self._files.keep(read)
        return set(found) - before

    def _hashed(self, path: str) -> bytes | Skip | None:
        return self._read.get(path)


def _first(task: Task, tasks: Iterator[Task]) -> Iterator[Task]:
    yield task
    yield from tasks


def _together(tasks: Iterator[Task], files: int) -> Iterator[Task]:
    """Tasks with about so many files together."""
    count = 0
    while count < files and (task := next(tasks, None)) is not None:
        count += len(task.names)
        yield task
