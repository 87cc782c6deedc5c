"""Processes that look at pictures: one that dies is replaced, and its task tried once more."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest

from agoranomos.engine.pictures.signature import content_hash
from agoranomos.goods.pictures.crew import Crew, Equipment, Task
from agoranomos.goods.pictures.eyes import Caches
from agoranomos.goods.pictures.groups import Rings, Tie
from agoranomos.goods.pictures.references import References
from tests.engine.pictures.drawing import drawn, file_of

ONE, TWO, THREE, FOUR = ("1" * 64, "2" * 64, "3" * 64, "4" * 64)


def test_rings_are_called_by_their_smallest_member_and_hold_by_their_weakest_tie() -> None:
    ties = [Tie(TWO, THREE, 0.95), Tie(ONE, THREE, 0.99), Tie(ONE, TWO, 0.91)]
    for given in (ties, ties[::-1]):
        rings = Rings(given)
        assert [rings.of(each) for each in (ONE, TWO, THREE, FOUR)] == [ONE, ONE, ONE, FOUR]
        assert rings.score(ONE) == 0.95, "the tie of 0.91 is not needed"
        assert rings.score(FOUR) == 1.0
        assert rings.members() == {ONE: ONE, TWO: ONE, THREE: ONE}
    assert Rings().members() == {}


@pytest.mark.slow
def test_a_process_that_dies_is_replaced(tmp_path: Path) -> None:
    root = tmp_path / "root"
    root.mkdir()
    data = file_of(drawn(1))
    for number in range(4):
        (root / f"{number}.jpg").write_bytes(data + bytes([number]))
    References(()).save(tmp_path / "references")
    (tmp_path / "references").mkdir(exist_ok=True)
    equipment = Equipment(root, tmp_path / "references", "", Caches(tmp_path / "cache"))
    with Crew(equipment, 1) as crew:
        tasks = iter([Task("look", (f"{number}.jpg",)) for number in range(4)])
        seen = []
        for task, done in crew.work(tasks):
            seen.append((task.names, done.seen[0].content, done.seen[0].skipped))
            if len(seen) == 2:
                os.kill(crew.processes[0], signal.SIGKILL)
    contents = [content_hash(data + bytes([number])).hex() for number in range(4)]
    assert sorted(seen) == [((f"{number}.jpg",), content, None) for number, content in enumerate(contents)]
