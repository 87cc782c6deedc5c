"""The rules of a replay that is given none: those of the system that are live, and no text is read in vain."""

from __future__ import annotations

import pytest

from agoranomos.rules import replayed
from agoranomos.rules.replayed import replayed_book
from agoranomos.rules.written import starter_files


def test_rules_are_read_when_one_of_them_is_live(monkeypatch: pytest.MonkeyPatch) -> None:
    features, *desks = starter_files()
    name, text = desks[-1]
    for status in ("status: live", "status: 'live'"):
        flipped = text.replace("status: shadow", status, 1)
        assert flipped != text
        monkeypatch.setattr(replayed, "starter_files", lambda flipped=flipped: [features, (name, flipped)])
        groups = replayed_book(None).groups.values()
        assert len({key for each in groups for group in each for key in group.used}) == 1


def test_without_any_that_is_live_the_book_is_empty_and_none_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    assert all(each.rule.status != "live" for each in replayed._read(starter_files()))
    monkeypatch.setattr(replayed, "_read", lambda _: pytest.fail("no rule is live"))
    assert not replayed_book(None).groups
