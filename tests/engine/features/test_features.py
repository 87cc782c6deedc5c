"""Values as events pass, held against looking at every event, and against SQL."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import duckdb
import pytest

from agoranomos.engine.features.encoding import micros
from agoranomos.engine.features.features import Features
from agoranomos.engine.features.fields import field_of, getter
from agoranomos.engine.features.sql import Call, sql_for
from agoranomos.kernel.events import Event
from tests.engine.features.reference import reference
from tests.engine.features.streams import EVERYTHING, random_events, rows

CALLS = [
    *(Call(one, one.types[0], tuple(field.path for field in one.by), one.name) for one in EVERYTHING),
    *(
        Call(one, "order.placed", ("payee_id",), f"{one.name}(payee_id)")
        for one in EVERYTHING
        if [field.path for field in one.by] in (["buyer_id"], ["account_id"], ["principal_id"])
    ),
    *(Call(one, "coupon.claimed", ("device_id",), f"{one.name} of a claim") for one in EVERYTHING if one.by and one.by[0].path == "device_id" and len(one.by) == 1),
]  # fmt: skip
"""Each feature looked up by its own events, by others, and with other keys."""


def keys_of(call: Call, event: Event) -> tuple[Any, ...]:
    return tuple(getter(field_of([call.on], path))(event.data) for path in call.keys)


def online(events: list[Event]) -> dict[tuple[str, str], dict[str, object]]:
    """All calls as the events pass."""
    features = Features(EVERYTHING)
    values: dict[tuple[str, str], dict[str, object]] = {}
    for event in events:
        features.hear(event)
        values_then = features.as_of(event)
        mine = values[event.identity] = {}
        for call in CALLS:
            if call.on == event.type:
                mine[call.column] = values_then.feature(call.feature.name, keys_of(call, event))
    return values


def by_sql(events: list[Event]) -> dict[tuple[str, str], dict[str, object]]:
    """All calls by DuckDB."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE TABLE events (source VARCHAR, id VARCHAR, type VARCHAR, time VARCHAR, subject VARCHAR, data VARCHAR)")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, NULL, ?)", rows(events[::-1]))
        found = connection.sql(sql_for(CALLS)).to_arrow_table().to_pylist()
    wanted = {kind: [call.column for call in CALLS if call.on == kind] for kind in {call.on for call in CALLS}}
    return {(row["source"], row["id"]): {name: _plain(row[name]) for name in wanted[row["type"]]} for row in found}


def _plain(value: object) -> object:
    return micros(value) if isinstance(value, datetime) else value


@pytest.mark.parametrize("seed", range(4))
def test_values_are_those_of_looking_at_every_event(seed: int) -> None:
    events = random_events(seed, 200)
    values = online(events)
    for event in events:
        for call in CALLS:
            if call.on == event.type:
                expected = reference(call.feature, events, keys_of(call, event), event)
                assert same(values[event.identity][call.column], expected), (call.column, event.id)


@pytest.mark.parametrize(("seed", "many", "seconds"), [(1, 300, 3600), (2, 400, 600), (3, 300, 60), (4, 500, 86400)])
def test_values_are_those_of_sql(seed: int, many: int, seconds: int) -> None:
    events = random_events(seed, many, seconds=seconds, keys=5)
    mine, theirs = online(events), by_sql(events)
    assert set(theirs) == {event.identity for event in events}
    for identity, expected in theirs.items():
        assert mine[identity] == expected, identity


def same(a: object, b: object) -> bool:
    """Whether two values are one, but for the rounding of sums of fractions."""
    if isinstance(a, float) and isinstance(b, float):
        return a == pytest.approx(b, abs=2e-6)
    return a == b
