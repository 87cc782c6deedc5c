"""The parts together: a running system takes what was asked for to the marketplace by itself."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from agoranomos.enforcement import actions, endpoints
from agoranomos.kernel.clock import system_clock
from agoranomos.staff import approving
from agoranomos.wiring import Wiring
from tests.enforcement.builders import ADA, BOB, POLICY, ask, kept, make_want, statuses
from tests.enforcement.receivers import receiver
from tests.enforcement.test_actions import spoken

PATIENCE_S = 60


@pytest.mark.slow
def test_asked_for_agreed_to_elsewhere_and_delivered(tmp_path: Path) -> None:
    wiring = Wiring(tmp_path)
    store = wiring.store()
    with receiver() as one:
        with store.transaction() as connection:
            endpoints.add(connection, wiring.vault(), one.url, allow_private=True, by=ADA, now=system_clock())
        with wiring.runner():
            now = system_clock()
            ask(store, make_want(1, "store.suspend"), by=ADA, now=now)
            with store.transaction() as connection:
                actions.take(connection, [spoken("a1", "f1"), spoken("a2", "f1")], policy=POLICY, now=now)
                waiting = next(each.approval_id for each in kept(store, status="proposed"))
                approving.approve(connection, str(waiting), by=BOB, now=now)
            deadline = time.monotonic() + PATIENCE_S
            while statuses(kept(store)) != {"done": 3}:
                assert time.monotonic() < deadline, statuses(kept(store))
                time.sleep(0.1)
        assert len(one.posts) == 3
    store.close()
