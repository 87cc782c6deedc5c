"""The rings that a real cluster finds are those of this machine, to the byte, also when a machine is lost."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agoranomos.engine.spark import tasks
from agoranomos.promotions.tracing.bulk import away
from tests.engine.spark.standalone import Standalone
from tests.promotions.tracing.bulk.whole import all_at_once, as_written, history, in_parts

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("spark")]
KILLED_IN: int = 3
"""The number of the step in which a worker is lost: where coupons are put together."""


def test_a_worker_that_is_killed_is_not_missed(
    session: Any, workers: Standalone, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the middle of a step, when some of its parts are done and others are not."""
    for name in ("events", "here", "there"):
        (tmp_path / name).mkdir()
    sources = history(tmp_path / "events", 5)
    done: list[int] = []

    def run(*words: Any, **more: Any) -> Iterator[tuple[str, Path]]:
        done.append(0)
        for each in tasks.run(*words, **more):
            if len(done) == KILLED_IN + 1 and done[-1] == 1:
                workers.kill(1)
            done[-1] += 1
            yield each

    monkeypatch.setattr(away, "tasks", type("With", (), {"run": staticmethod(run), "Do": tasks.Do}))
    found, summary = in_parts(sources, tmp_path / "there", away.Away(session), cut={"piece_bytes": 200_000})
    here, same = in_parts(sources, tmp_path / "here")
    assert len(here) >= 4
    assert as_written(found, tmp_path) == as_written(here, tmp_path) == as_written(all_at_once(sources), tmp_path)
    assert summary == same
    assert len(done) == 8
    assert min(done) >= 2
    assert workers.workers[1].poll() is not None
    workers.revive(1)
