"""Lists: values with a reason and an end, and a trace that says nothing about people."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from agoranomos.audit import queries as audit
from agoranomos.kernel.errors import Conflict, Invalid, NotFound
from agoranomos.kernel.store import Store
from agoranomos.rules import lists, queries
from agoranomos.rules.model import ListKind, NewEntry
from tests.builders import NOW
from tests.rules.builders import ADA, draw, verbs

FARMS = "known_farms"


def create(store: Store, name: str = FARMS, kind: ListKind = "deny") -> None:
    with store.transaction() as connection:
        lists.create(connection, name, kind, by=ADA, now=NOW)


def add(store: Store, *values: str, name: str = FARMS, **fields: Any) -> int:
    entries = [NewEntry(value=value, reason="seen in case c1", **fields) for value in values]
    with store.transaction() as connection:
        return lists.add(connection, name, entries, by=ADA, now=NOW, draw=draw)


def on_it(store: Store, days: int = 0) -> list[str]:
    with store.reading() as connection:
        return [each.value for each in lists.entries_of(connection, FARMS, NOW + timedelta(days=days))]


def test_values_come_expire_and_go(store: Store) -> None:
    create(store)
    assert add(store, "d2", "d1") == 2
    assert add(store, "d3", expires_at=NOW + timedelta(days=2)) == 3
    assert on_it(store) == ["d1", "d2", "d3"]
    assert on_it(store, days=2) == ["d1", "d2"]
    with store.transaction() as connection:
        assert lists.remove(connection, FARMS, ["d1", "d9", "a\0b"], by=ADA, now=NOW, draw=draw) == 1
        assert lists.get(connection, FARMS, NOW).entries == 2
        assert queries.book_numbers(connection)["lists"] == 4
    assert on_it(store) == ["d2", "d3"]
    assert verbs(store) == ["list.create", "list.add", "list.add", "list.remove"]


def test_the_audit_log_has_no_value_and_can_still_be_held_against_one(store: Store) -> None:
    create(store)
    add(store, "somebody@example.org")
    with store.reading() as connection:
        entry = audit.find(connection, after=0, limit=1)[0]
        assert b"example.org" not in entry.entry.leaf()
        assert entry.entry.params == {"count": 1}
        assert set(entry.entry.commitments) == {"entries"}


def test_a_value_put_on_again_has_the_new_reason(store: Store) -> None:
    create(store)
    add(store, "d1", expires_at=NOW + timedelta(days=2))
    assert add(store, "d1") == 1
    assert on_it(store, days=3) == ["d1"]


@pytest.mark.parametrize(
    "entry",
    [
        NewEntry(value="", reason="x"),
        NewEntry(value="a\0b", reason="x"),
        NewEntry(value="d1", reason=" "),
        NewEntry(value="d1", reason="x", expires_at=NOW),
    ],
)
def test_what_cannot_stand_on_a_list(store: Store, entry: NewEntry) -> None:
    create(store)
    with pytest.raises(Invalid, match=r".") as raised, store.transaction() as connection:
        lists.add(connection, FARMS, [NewEntry(value="d0", reason="x"), entry], by=ADA, now=NOW, draw=draw)
    assert raised.value.pointer.startswith("/entries/1/")
    assert on_it(store) == []


def test_names_and_kinds(store: Store) -> None:
    create(store)
    create(store)
    assert verbs(store) == ["list.create"]
    with pytest.raises(Conflict, match="deny"):
        create(store, kind="allow")
    for name in ("", "Known", "a b", "农场", "x" * 200):
        with pytest.raises(Invalid):
            create(store, name)
    for missing in ("none", "a\0b"):
        with pytest.raises(NotFound):
            add(store, "d1", name=missing)


def test_a_list_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lists, "ENTRIES_MAX", 2)
    create(store)
    add(store, "d1", "d2")
    with pytest.raises(Invalid, match="at most 2"):
        add(store, "d3")
    assert on_it(store) == ["d1", "d2"]
