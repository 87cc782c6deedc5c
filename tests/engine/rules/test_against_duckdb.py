"""Thousands of conditions through both evaluators: compiled Python over events, SQL over the same events in DuckDB."""

from __future__ import annotations

import json
from collections.abc import Iterator

import duckdb
import pytest

from agoranomos.engine.rules.columns import column, from_event
from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.rule_set import RuleSet, compile_python
from agoranomos.engine.rules.runtime import microseconds
from agoranomos.engine.rules.sql import SQL_TYPES, quoted, to_sql
from agoranomos.engine.rules.tree import Leaf, inner
from tests.engine.rules.made import SCOPE, Facts, Happening, Maker

ROUNDS, CONDITIONS, EVENTS = 60, 250, 40
FACTS = Facts()


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'America/New_York'")  # rules keep to their own calendar
        yield connection


def _store(database: duckdb.DuckDBPyConnection, events: list[Happening], conditions: list[Condition]) -> None:
    """A table `rows` with a column for each leaf: those of the event by SQL over its JSON, the rest by their look-up."""
    database.execute("CREATE OR REPLACE TABLE events (place BIGINT, time TIMESTAMPTZ, subject VARCHAR, data JSON)")
    database.executemany(
        "INSERT INTO events VALUES (?, make_timestamptz(?), ?, ?)",
        [(place, microseconds(e.time), e.subject, json.dumps(e.data)) for place, e in enumerate(events)],
    )
    found = list(dict.fromkeys(leaf for condition in conditions for leaf in condition.leaves))
    own = [leaf for leaf in found if from_event(leaf)]
    asked = [leaf for leaf in found if not from_event(leaf)]
    database.execute(f"CREATE OR REPLACE TABLE rows AS SELECT place, {', '.join(map(column, own))} FROM events")
    for leaf in asked:
        values = _looked_up(leaf, events)
        name = quoted(leaf.name)
        database.execute(f"ALTER TABLE rows ADD COLUMN {name} {SQL_TYPES[leaf.type]}")
        database.executemany(f"UPDATE rows SET {name} = ? WHERE place = ?", [(v, p) for p, v in enumerate(values)])


def _looked_up(leaf: Leaf, events: list[Happening]) -> list[object]:
    """The values of a feature or list, by Python: their own SQL is not this test's."""
    assert inner(leaf)
    values: list[object] = []
    for event in events:
        hit = RuleSet({"": Condition("", SCOPE, _always(leaf))}).evaluate(event, FACTS)
        values.append(hit[0].values[leaf.name])
    return values


def _always(leaf: Leaf):  # type: ignore[no-untyped-def]
    from agoranomos.engine.rules.tree import Is, Logic, Not

    return Logic("OR", (Is(leaf, None), Not(Is(leaf, None))))


@pytest.mark.parametrize("seed", range(ROUNDS))
def test_both_say_the_same(database: duckdb.DuckDBPyConnection, seed: int) -> None:
    maker = Maker(seed)
    conditions: list[Condition] = []
    while len(conditions) < CONDITIONS:
        try:
            conditions.append(parse_condition(maker.condition(), SCOPE))
        except RuleError as error:
            # Constants only, or NULL where a type is needed: the maker is careless, the language is not.
            assert any(word in str(error) for word in ("looks at nothing", "too long", "NULL", "plain values")), error
    events = [maker.event() for _ in range(EVENTS)]
    _store(database, events, conditions)
    together = RuleSet({str(place): condition for place, condition in enumerate(conditions)})
    fired = [{hit.id for hit in together.evaluate(event, FACTS)} for event in events]
    answers = {True: 0, False: 0, None: 0}
    for place, condition in enumerate(conditions):
        alone = compile_python(condition)
        by_python = [alone(event, FACTS) for event in events]
        by_sql = [row[0] for row in database.execute(f"SELECT {to_sql(condition)} FROM rows ORDER BY place").fetchall()]
        assert by_python == by_sql, _difference(condition, events, by_python, by_sql)
        assert [str(place) in hits for hits in fired] == [answer is True for answer in by_python], condition
        for answer in by_python:
            answers[answer] += 1
    assert min(answers.values()) > CONDITIONS * EVENTS / 20, answers


def _difference(condition: Condition, events: list[Happening], one: list[bool | None], other: list[bool | None]) -> str:
    place = next(at for at, pair in enumerate(zip(one, other, strict=True)) if pair[0] is not pair[1])
    return f"{condition.text}\n{to_sql(condition)}\n{events[place]}\nPython {one[place]}, DuckDB {other[place]}"
