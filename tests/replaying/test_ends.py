"""One event of the first or the last moment of the calendar stops no desk, whatever it tells."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from agoranomos.engine.replay.progress import Progress
from agoranomos.engine.replay.run import replay_desks
from agoranomos.engine.stream.lines import event_files
from agoranomos.kernel.schema import TYPES
from agoranomos.replaying.desks import Replaying
from tests.builders import make_data

FIRST, USUAL, LAST = "0001-01-01T00:00:00Z", "2026-05-01T08:00:00Z", "9999-12-31T23:59:59.999999Z"


@pytest.mark.slow
def test_the_ends_of_the_calendar_stop_no_desk(tmp_path: Path, judge_cache: Path) -> None:
    """Each type of event at each moment, with what it must say and with all it may, twice: the second time the first
    is known. Order comes by id, so that what is placed is shipped, and what is opened is closed.
    """
    early = ("store.opened", "campaign.declared", "brand.registered", "listing.submitted", "order.placed")
    kinds = [*early, *sorted(TYPES.keys() - set(early))]
    lines = [
        json.dumps({
            "specversion": "1.0", "id": f"{time[:4]}-{turn}-{number:03}-{full}", "source": "ends", "type": kind,
            "time": time, "data": make_data(kind, full=full),
        })
        for time in (FIRST, USUAL, LAST)
        for turn in (1, 2)
        for number, kind in enumerate(kinds)
        for full in (False, True)
    ]  # fmt: skip
    path = tmp_path / "ends.jsonl"
    path.write_text("\n".join(lines), "utf-8")
    house = Replaying(tmp_path / "home", cache=judge_cache, rules="starter")
    out = tmp_path / "out"
    summary = replay_desks(
        event_files([path]), house.desks(), out, progress=Progress(lambda _: None), telling=house.telling()
    )
    assert summary["events"]["heard"] == len(lines)
    assert summary["events"]["repeated"] == 0
    assert summary["decisions"]
    assert summary["last"].startswith("9999-12-31")
