"""Pictures that are looked at elsewhere: what goes out, what comes back, and that it is what this machine sees.

The cluster is this process here; `tests/engine/spark` has a real one.
"""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from agoranomos.engine.pictures.signature import content_hash
from agoranomos.engine.spark import tasks
from agoranomos.goods.pictures import away
from agoranomos.goods.pictures.away import Away
from agoranomos.goods.pictures.crew import Crew, Equipment, Task
from agoranomos.goods.pictures.eyes import Caches
from agoranomos.goods.pictures.model import Seen
from agoranomos.goods.pictures.references import References
from agoranomos.goods.pictures.unchanged import Files, State
from tests.engine.pictures.drawing import drawn, file_of

NAMES = ("0.jpg", "1.jpg", "again.jpg", "cut.jpg", "none.jpg", "../outside.jpg")


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of files that went out, in the order of going."""
    names: list[str] = []

    def run(
        session: Any, tool: Any, given: Mapping[str, Any], folder: Path, tick: Callable[[], None] = lambda: None
    ) -> Iterator[tuple[str, Path]]:
        folder.mkdir(parents=True, exist_ok=True)
        for name, task in given.items():
            names.extend(Path(path).name for path in task)
            tasks.done(pickle.dumps(tool), task, folder, f"{len(names)}-{name}", 0)
            yield name, folder / f"{len(names)}-{name}"

    monkeypatch.setattr(tasks, "run", run)
    monkeypatch.setattr(tasks, "_opened", {})
    monkeypatch.setattr(pa, "set_cpu_count", lambda _: None)
    monkeypatch.setattr(pa, "set_io_thread_count", lambda _: None)
    return names


@pytest.fixture
def equipment(tmp_path: Path) -> Equipment:
    root = tmp_path / "root"
    root.mkdir()
    for name, seed in (("0.jpg", 1), ("1.jpg", 2), ("again.jpg", 1)):
        (root / name).write_bytes(file_of(drawn(seed)))
    (root / "cut.jpg").write_bytes(file_of(drawn(3))[:2_000])
    References(()).save(tmp_path / "references")
    (tmp_path / "references").mkdir(exist_ok=True)
    return Equipment(root, tmp_path / "references", "", Caches(tmp_path / "cache"))


def seen_by(eyes: Away | Crew) -> tuple[list[Seen], int]:
    """What is seen in all pictures, and how many were decoded."""
    with eyes:
        done = list(eyes.work(iter([Task("look", NAMES[:2]), Task("look", NAMES[2:])])))
    found = {task.names: each for task, each in done}
    return [one for each in found.values() for one in each.seen], sum(each.decoded for each in found.values())


@pytest.mark.slow
def test_the_cluster_sees_what_this_machine_sees(
    sent: list[str], equipment: Equipment, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = msgspec.structs.replace(equipment, caches=Caches(tmp_path / "other"))
    here = seen_by(Crew(other, 1))

    def by_cluster() -> tuple[list[Seen], int]:
        return seen_by(Away(None, equipment, tmp_path / "away", places=2, crew=1))

    later = time.time_ns() + 60_000_000_000
    monkeypatch.setattr(away, "time_ns", lambda: later)  # the files lie there for a minute
    assert by_cluster() == here
    assert sorted(sent) == ["0.jpg", "1.jpg", "again.jpg", "cut.jpg"], "what is not there is not sent"
    sent.clear()
    assert by_cluster() == (here[0], 0)
    assert sent == [], "what has not changed is not sent again"
    (equipment.root / "1.jpg").write_bytes(file_of(drawn(4)))
    os.link(equipment.root / "0.jpg", equipment.root / "linked.jpg")  # its state changes, and its content does not
    seen, decoded = by_cluster()
    assert sorted(sent) == ["0.jpg", "1.jpg"]
    assert decoded == 1
    assert seen[1].content == content_hash((equipment.root / "1.jpg").read_bytes()).hex()


def test_a_file_is_known_in_the_state_in_which_it_was_read(tmp_path: Path) -> None:
    path = str(tmp_path / "a.jpg")
    assert State.of(path) is None
    Path(path).write_bytes(b"one")
    state = State.of(path)
    assert state is not None
    assert not state.settled(state.changed + 1_000_000_000), "another change may come in the same tick"
    assert state.settled(state.changed + 2_000_000_000)
    with Files(tmp_path / "files.sqlite") as files:
        files.keep([(path, state, b"content")])
        assert files.contents({path: state}) == {path: b"content"}
        assert files.contents({path: state._replace(changed=state.changed + 1)}) == {}
        assert files.contents({path + "x": state}) == {}
