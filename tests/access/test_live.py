"""Live: what the monitor finds becomes an action, and the check refuses whoever it stands against."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from agoranomos.access.harvest.telling import NAME as HARVEST
from agoranomos.engine.stream.live import Live
from agoranomos.intake.queries import read_after
from agoranomos.judgements.queries import About, list_findings
from agoranomos.kernel.events import parse_line
from agoranomos.kernel.store import Store
from agoranomos.rules.keeping import keep_outputs
from tests.access.builders import ACTIONS, DAY0, Desk, read

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "reads.jsonl"


def test_a_harvest_is_found_stopped_and_refused(store: Store) -> None:
    desk = Desk(store)
    desk.hours = 20
    desk.hear(*(parse_line(line) for line in EXAMPLE.read_bytes().splitlines()))
    make = desk.rooms.followed()[HARVEST]
    live = Live(
        store,
        make,
        read_after=read_after,
        keep=lambda connection, said, now: keep_outputs(connection, said, now, policy=ACTIONS),
        mine=lambda _: None,
    )
    while not live.step(DAY0 + timedelta(hours=20)).idle:
        pass
    live.checkpoint(desk.now())
    with store.reading() as connection:
        found = list_findings(connection, About(subject_kind="principal"), after=None, limit=100)
    assert {each.code for each in found if each.subject.id == "n-1"} == {"access.canary_touched", "access.harvest"}
    assert desk.service.check(read("n-1", ["a-001"], 21), None).reasons[0].code == "access.suspended"
    assert desk.service.check(read("n-2", ["a-001"], 21), None).outcome.value == "approve"
    again = Live(store, make, read_after=read_after, keep=lambda *_: None, mine=lambda _: None)
    assert again.position == live.position
