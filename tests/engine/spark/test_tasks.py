"""What a process of the cluster does with a task; no cluster is needed to know."""

from __future__ import annotations

import pickle
from pathlib import Path
from typing import Any

import msgspec
import pyarrow as pa
import pytest

from agoranomos.engine.spark import tasks
from agoranomos.kernel.errors import Invalid


class Noting(msgspec.Struct, frozen=True):
    """Writes the task down; `broken`: after half of it. `rival` is done by somebody else in the meantime."""

    broken: BaseException | None = None
    rival: Path | None = None

    def open(self) -> tasks.Do:
        def do(task: Any, folder: Path) -> None:
            (folder / "half").write_text(str(task))
            if self.rival is not None:
                self.rival.mkdir()
                (self.rival / "whole").write_text("theirs")
            if self.broken is not None:
                raise self.broken
            (folder / "whole").write_text(str(task))

        return do


@pytest.fixture(autouse=True)
def _nothing_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tasks, "_opened", {})
    monkeypatch.setattr(pa, "set_cpu_count", lambda _: None)
    monkeypatch.setattr(pa, "set_io_thread_count", lambda _: None)


def done(tool: Noting, task: int, call: Path, name: str, attempt: int) -> None:
    tasks.done(pickle.dumps(tool), task, call, name, attempt)


def test_a_task_is_there_when_it_is_whole(tmp_path: Path) -> None:
    done(Noting(), 7, tmp_path, "a", 1)
    assert [each.name for each in tmp_path.iterdir()] == ["a"]
    assert (tmp_path / "a" / "whole").read_text() == "7"


def test_of_two_that_do_a_task_the_first_stays(tmp_path: Path) -> None:
    done(Noting(), 7, tmp_path, "a", 1)
    done(Noting(), 8, tmp_path, "a", 2)
    assert (tmp_path / "a" / "whole").read_text() == "7", "it was not done again"
    done(Noting(rival=tmp_path / "b"), 7, tmp_path, "b", 3)
    assert (tmp_path / "b" / "whole").read_text() == "theirs", "nor written over by one that was slower"
    assert sorted(each.name for each in tmp_path.iterdir()) == ["a", "b"]


def test_a_task_that_broke_off_leaves_nothing_that_counts(tmp_path: Path) -> None:
    call = tmp_path / "call-1"
    call.mkdir()
    with pytest.raises(OSError, match="disk"):
        done(Noting(broken=OSError("disk")), 7, call, "a", 1)
    assert list(tasks.left(tmp_path)) == []
    done(Noting(), 7, call, "a", 2)
    assert list(tasks.left(tmp_path)) == [call / "a"], "and is done by the next one that tries"


def test_what_nobody_can_do_stops_the_call(tmp_path: Path) -> None:
    done(Noting(broken=Invalid("the judge failed")), 7, tmp_path, "a", 1)
    done(Noting(), 8, tmp_path, "b", 2)
    assert sorted(each.name for each in tmp_path.iterdir()) == ["failed"]
    assert (tmp_path / "failed").read_text("utf-8") == "the judge failed"
