"""Values as events pass, held against looking at every event, and against SQL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import cache
from typing import Any

import duckdb
import msgspec
import pytest

from agoranomos.engine.features.encoding import micros
from agoranomos.engine.features.features import AsOf, Features
from agoranomos.engine.features.fields import field_of, getter
from agoranomos.engine.features.model import Feature
from agoranomos.engine.features.sql import Call, sql_for
from agoranomos.engine.rules.columns import from_event
from agoranomos.engine.rules.language import parse_condition
from agoranomos.engine.rules.rule_set import RuleSet
from agoranomos.engine.rules.runtime import NoLookups
from agoranomos.engine.rules.sql import to_sql
from agoranomos.engine.rules.tree import Type
from agoranomos.engine.rules.types import scope_of
from agoranomos.kernel.errors import Conflict, NotFound
from agoranomos.kernel.events import Event
from tests.engine.features.reference import reference
from tests.engine.features.streams import EVERYTHING, TYPES, feature, order, random_events, rows


def paths(one: Feature) -> list[str]:
    return [field.path for field in one.by]


CALLS = [
    *(Call(one, one.types[:1], tuple(paths(one)), one.name) for one in EVERYTHING),
    *(
        Call(one, ("order.placed",), ("payee_id",), f"{one.name}(payee_id)")
        for one in EVERYTHING
        if paths(one) in (["buyer_id"], ["account_id"], ["principal_id"])
    ),
    *(
        Call(one, ("coupon.claimed",), ("device_id",), f"{one.name} of a claim")
        for one in EVERYTHING
        if paths(one) == ["device_id"]
    ),
]  # fmt: skip
"""Each feature looked up by its own events, by others, and with other keys."""


def keys_of(call: Call, event: Event) -> tuple[Any, ...]:
    return tuple(_getter(call.on[0], path)(event.data) for path in call.keys)


@cache
def _getter(kind: str, path: str) -> Callable[[dict[str, Any]], Any]:
    return getter(field_of([kind], path))


def online(events: list[Event]) -> dict[tuple[str, str], dict[str, object]]:
    """All calls as the events pass."""
    features = Features(EVERYTHING)
    values: dict[tuple[str, str], dict[str, object]] = {}
    for event in events:
        features.hear(event)
        values_then = features.as_of(event)
        mine = values[event.identity] = {}
        for call in CALLS:
            if event.type in call.on:
                mine[call.column] = values_then.feature(call.feature.name, keys_of(call, event))
    return values


@contextmanager
def database(events: list[Event]) -> Iterator[duckdb.DuckDBPyConnection]:
    """The events as the relation `events`, in another order."""
    with duckdb.connect() as connection:
        connection.execute("SET TimeZone = 'UTC'")
        connection.execute("CREATE TABLE events (source TEXT, id TEXT, type TEXT, time TEXT, subject TEXT, data TEXT)")
        connection.executemany("INSERT INTO events VALUES (?, ?, ?, ?, NULL, ?)", rows(events[::-1]))
        yield connection


def by_sql(events: list[Event]) -> dict[tuple[str, str], dict[str, object]]:
    """All calls by DuckDB."""
    with database(events) as connection:
        found = connection.sql(sql_for(CALLS)).to_arrow_table().to_pylist()
    wanted = {kind: [call.column for call in CALLS if kind in call.on] for kind in TYPES}
    return {(row["source"], row["id"]): {name: _plain(row[name]) for name in wanted[row["type"]]} for row in found}


def _plain(value: object) -> object:
    return micros(value) if isinstance(value, datetime) else value


@pytest.mark.parametrize("seed", range(4))
def test_values_are_those_of_looking_at_every_event(seed: int) -> None:
    events = random_events(seed, 200)
    values = online(events)
    for event in events:
        for call in CALLS:
            if event.type in call.on:
                expected = reference(call.feature, events, keys_of(call, event), event)
                assert same(values[event.identity][call.column], expected), (call.column, event.id)


@pytest.mark.parametrize(("seed", "many", "seconds"), [(1, 300, 3600), (2, 400, 600), (3, 300, 60), (4, 500, 86400)])
@pytest.mark.slow
def test_values_are_those_of_sql(seed: int, many: int, seconds: int) -> None:
    events = random_events(seed, many, seconds=seconds, keys=5)
    mine, theirs = online(events), by_sql(events)
    assert set(theirs) == {event.identity for event in events}
    for identity, expected in theirs.items():
        assert mine[identity] == expected, identity


@pytest.mark.parametrize("seed", range(3))
def test_an_event_that_is_only_looked_at_counts_and_changes_nothing(seed: int) -> None:
    events = random_events(seed, 150)
    looking = Features(EVERYTHING)
    values = online(events)
    for event in events:
        before = looking.state()
        then = looking.with_event(event)
        for call in CALLS:
            if event.type in call.on:
                found = then.feature(call.feature.name, keys_of(call, event))
                assert found == values[event.identity][call.column], call.column
        assert looking.with_event(event).feature("orders_10m", ("d9",)) == 0
        if call.feature.result is not Type.TEXT:
            assert _without_texts(looking.state()) == _without_texts(before)
        looking.hear(event)


def test_a_history_is_loaded_as_it_is_heard() -> None:
    events = random_events(9, 400)
    one, other = Features(EVERYTHING), Features(EVERYTHING)
    for event in events:
        one.hear(event)
    other.load(events[:150])
    other.load(events[150:])
    last = events[-1]
    for call in CALLS:
        for key in {keys_of(call, event) for event in events if event.type in call.on}:
            assert one.as_of(last).feature(call.feature.name, key) == other.as_of(last).feature(call.feature.name, key)


def test_resumed_they_go_on_as_if_nothing_had_been() -> None:
    events = random_events(7, 300, seconds=7200)
    one = Features(EVERYTHING)
    for place, event in enumerate(events):
        if place % 60 == 0:
            other = Features(EVERYTHING)
            other.resume(one.state())
        one.hear(event)
        other.hear(event)
        assert one.as_of(event).feature("ip_last", ("d1",)) == other.as_of(event).feature("ip_last", ("d1",))
    assert one.state() == other.state()


def test_state_of_other_declarations_is_refused() -> None:
    state = Features([feature()]).state()
    for others in ([], [feature(window="11m")], [feature(), feature("g")]):
        with pytest.raises(Conflict, match="event log"):
            Features(others).resume(state)
    assert Features([feature()]).version != Features([feature(window="11m")]).version
    assert Features([feature()]).version == Features([feature(description="how many")]).version


def test_the_event_just_heard_is_known_again() -> None:
    features = Features([feature()])
    for event in (order("a", 0), order("a", 0), order("b", 1), order("b", 1)):
        features.hear(event)
    assert features.as_of(order("b", 1)).feature("f", ("d1",)) == 2
    assert features.repeats == 2


def test_what_comes_late_is_counted_where_it_belongs() -> None:
    features = Features([feature(), feature("dear", "max", field="paid", currency="CNY")])
    for event in (order("a", 0, amount=7), order("b", 500), order("late", 60, amount=900), order("c", 550)):
        features.hear(event)
    assert features.as_of(order("x", 60)).feature("f", ("d1",)) == 2, "what came after its time is not seen"
    assert features.as_of(order("x", 60)).feature("dear", ("d1",)) == 900
    assert features.as_of(order("x", 600)).feature("f", ("d1",)) == 3, "the first has left the window"
    assert features.counters()["f"].late == 1


def test_the_window_is_open_behind_and_closed_in_front() -> None:
    features = Features([feature(window="1m")])
    features.hear(order("a", 0))
    assert features.as_of(order("x", 59.999999)).feature("f", ("d1",)) == 1
    assert features.as_of(order("x", 60)).feature("f", ("d1",)) == 0


def test_an_empty_window_is_0_to_count_and_unknown_else() -> None:
    features = Features(EVERYTHING)
    then = features.as_of(order("x", 0))
    for one in EVERYTHING:
        key: tuple[Any, ...] = tuple("k" for _ in one.by)
        assert then.feature(one.name, key) == (0 if one.aggregate in ("count", "count_distinct") else None)
        if key:
            assert then.feature(one.name, (None,) * len(key)) is None, "without a key nothing is known, not even 0"


def test_amounts_in_another_currency_are_left_out_and_counted() -> None:
    features = Features([feature("spent", "sum", field="paid", currency="CNY")])
    features.hear(order("a", 0, amount=5))
    features.hear(order("b", 1, paid={"amount": 7, "currency": "EUR"}))
    assert features.as_of(order("x", 2)).feature("spent", ("d1",)) == 5
    assert features.other_currency() == {"spent": 1}


def test_texts_that_are_no_longer_the_last_of_anyone_are_forgotten() -> None:
    features = Features([feature("ip_last", "last", field="ip", window="1h")])
    for number in range(9000):
        features.hear(order(str(number), number, f"d{number % 5}", ip=f"10.{number // 256}.{number % 256}.1"))
    assert features.as_of(order("x", 8999)).feature("ip_last", ("d4",)) == "10.35.39.1"
    assert len(features.state()) < 200_000, "9,000 addresses would be more"


def test_keys_are_kept_apart() -> None:
    features = Features([feature("pairs", by=("device_id", "ip"))])
    features.hear(order("a", 0, "d1", ip="1"))
    then = features.as_of(order("x", 1))
    assert then.feature("pairs", ("d1", "1")) == 1
    assert then.feature("pairs", ("d", "11")) == 0
    assert then.feature("pairs", ("d11", "")) == 0


def test_state_names_nobody() -> None:
    features = Features([one for one in EVERYTHING if one.result is not Type.TEXT])
    features.hear(order("a", 0, "device-of-somebody", ip="203.0.113.77"))
    assert b"somebody" not in features.state()
    assert b"203.0.113" not in features.state()


def test_two_of_one_name_are_refused_and_an_unknown_one_is_not_found() -> None:
    with pytest.raises(Conflict, match="called f"):
        Features([feature(), feature(window="1h")])
    with pytest.raises(NotFound, match="declared are f"):
        Features([feature()]).as_of(order("x", 0)).feature("g", ("d1",))


def test_rules_ask_for_features_and_sql_gives_the_same() -> None:
    declared = [feature("orders", window="5m"), feature("first", "min", field="time", window="1h", by=("buyer_id",))]
    features = Features(declared)
    scope = scope_of("order.placed").extended(features=features.infos)
    condition = parse_condition("orders(device_id) >= 2 AND time > first(buyer_id) AND paid.amount > 400", scope)
    rules = RuleSet({"often": condition})
    events = random_events(21, 300)
    fired = set()
    for event in events:
        features.hear(event)
        if event.type == "order.placed" and rules.evaluate(event, _Asked(features.as_of(event))):
            fired.add(event.id)
    calls = [
        Call(declared[0], ("order.placed",), ("device_id",), "orders(device_id)"),
        Call(declared[1], ("order.placed",), ("buyer_id",), "first(buyer_id)"),
    ]
    leaves = [(("order.placed",), leaf) for leaf in condition.leaves if from_event(leaf)]
    with database(events) as connection:
        query = f"SELECT id FROM ({sql_for(calls, leaves=leaves)}) WHERE {to_sql(condition)}"
        assert {row[0] for row in connection.execute(query).fetchall()} == fired
    assert fired


class _Asked(NoLookups):
    """Features for rules; there are no lists here."""

    def __init__(self, then: AsOf) -> None:
        self.feature = then.feature  # type: ignore[method-assign] # the one that is at hand


def _without_texts(state: bytes) -> Any:
    known = msgspec.msgpack.decode(state)
    return {name: {**kept, "texts": None} for name, kept in known["features"].items()}


def same(a: object, b: object) -> bool:
    """Whether two values are one, but for the rounding of sums of fractions."""
    if isinstance(a, float) and isinstance(b, float):
        return a == pytest.approx(b, abs=2e-6)
    return a == b
