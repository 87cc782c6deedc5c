"""64 clients in processes that are killed: nothing is given twice, nothing is lost, and blocks return."""

from __future__ import annotations

from pathlib import Path

import pytest

from agoranomos.kernel.store import Store
from benchmarks.claim_kills import torment


@pytest.mark.slow
@pytest.mark.parametrize("rush", [False, True], ids=["rows", "rush"])
def test_kills_give_nothing_twice_and_lose_nothing(store: Store, tmp_path: Path, rush: bool) -> None:
    url = store.engine.url.render_as_string(hide_password=False)
    outcome = torment(url, tmp_path, kills=2, budget=800, processes=2, rush=rush)
    assert outcome.whole, outcome
    assert outcome.acknowledged > 0
