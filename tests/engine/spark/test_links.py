"""All links that a real cluster finds are those of this machine, to the last bit, also when a machine is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.links.index import Index
from agoranomos.engine.links.slots import FIRST
from agoranomos.engine.spark import tasks
from agoranomos.sellers.links import away
from benchmarks.links import base as made_rows
from tests.engine.links.people import parameters
from tests.engine.spark.standalone import Standalone

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
SELLERS = 6_000
LINE = -1.0


def test_a_worker_that_is_killed_is_not_missed(
    session: Any, workers: Standalone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An agency's bank account, which thousands share, is among them."""
    rows = made_rows(SELLERS)
    rows[1_000:4_000, FIRST["bank"]] = 7
    index = Index(parameters())
    names = [f"s{number}" for number in range(SELLERS)]
    index.add_all(names, rows)
    here = [(names[one], names[other], odds) for one, other, odds in index.sweep(line=LINE)]
    assert len(here) > 50
    killed: list[str] = []

    def run(*words: Any, **more: Any) -> Iterator[tuple[str, Path]]:
        for done in tasks.run(*words, **more):
            if len(killed) == 5:  # in the middle of the second of three steps, of four parts each
                workers.kill(1)
            killed.append(done[0])
            yield done

    monkeypatch.setattr(away, "tasks", type("With", (), {"run": staticmethod(run), "Do": tasks.Do}))
    linked = away.Away(session, tmp_path).take(index, LINE)
    assert list(linked()) == here
    assert len(killed) == 12
    assert workers.workers[1].poll() is not None
    workers.revive(1)
