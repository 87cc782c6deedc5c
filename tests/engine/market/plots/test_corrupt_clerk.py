"""The plot of corrupt clerks: told in order, with its truth, and found by the monitor that looks for it."""

from __future__ import annotations

import pytest

from agoranomos.engine.market.plots.corrupt_clerk import CorruptClerk
from benchmarks.insiders import CODE_OF, found, told


@pytest.mark.slow
def test_clerks_who_do_wrong_are_found_among_busy_honest_ones() -> None:
    plot = CorruptClerk()
    events, truth, _ = told(4_109, plot)
    mine = [each for each in truth if each.plot == plot.name]
    wrong = {each.subject_id: each.role for each in mine if each.kind == "plot"}
    assert sorted(wrong.values()) == ["favouring", "looking", "mutual", "mutual", "night", "restoring"]
    assert sorted(each.notes for each in mine if each.kind == "lookalike") == [
        "assigned", "busy", "correcting", "night shift", "telephone",
    ]  # fmt: skip
    assert [each.time for each in events] == sorted(each.time for each in events)
    pairs = {(each.code, each.subject.id) for each in found(events)}
    hits = {(CODE_OF[role], staff_id) for staff_id, role in wrong.items()} & pairs
    assert len(hits) >= 4, "of six"
    assert {staff_id for _, staff_id in pairs} <= wrong.keys(), "nobody honest"
