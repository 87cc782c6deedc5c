"""Thousands of conditions through both evaluators: compiled Python over events, SQL over the same events in DuckDB."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Iterator

import duckdb
import pyarrow as pa
import pytest

from agoranomos.engine.rules.columns import column, from_event
from agoranomos.engine.rules.errors import RuleError
from agoranomos.engine.rules.language import Condition, parse_condition
from agoranomos.engine.rules.rule_set import RuleSet, compile_python
from agoranomos.engine.rules.runtime import lower, microseconds, upper
from agoranomos.engine.rules.sql import quoted, to_sql
from agoranomos.engine.rules.tree import Leaf, Type
from tests.engine.rules.made import SCOPE, Facts, Happening, Maker

ROUNDS, CONDITIONS, EVENTS = 12, 200, 25
FACTS = Facts()
_ARROW = {Type.INTEGER: pa.int64(), Type.NUMBER: pa.float64(), Type.TEXT: pa.string(), Type.BOOLEAN: pa.bool_()}


@pytest.fixture(scope="module")
def database() -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("SET TimeZone = 'America/New_York'")  # rules keep to their own calendar
        yield connection


def _store(database: duckdb.DuckDBPyConnection, events: list[Happening], conditions: list[Condition]) -> None:
    """A table `rows` with a column for each leaf: of the event by SQL over its JSON, the rest by their look-up."""
    told = pa.table({
        "place": range(len(events)),
        "time": pa.array([microseconds(event.time) for event in events], pa.timestamp("us", "UTC")),
        "subject": pa.array([event.subject for event in events], pa.string()),
        "data": [json.dumps(event.data) for event in events],
    })  # fmt: skip
    found = list(dict.fromkeys(leaf for condition in conditions for leaf in condition.leaves))
    own = [leaf for leaf in found if from_event(leaf)]
    asked = [leaf for leaf in found if not from_event(leaf)]
    values = {f"c{at}": pa.array(_looked_up(leaf, events), _ARROW[leaf.type]) for at, leaf in enumerate(asked)}
    database.register("told", told)
    database.register("asked", pa.table({"place": range(len(events)), **values}))
    database.execute("CREATE OR REPLACE TABLE events AS SELECT * REPLACE (CAST(data AS JSON) AS data) FROM told")
    names = "".join(f", c{at} AS {quoted(leaf.name)}" for at, leaf in enumerate(asked))
    database.execute(
        f"CREATE OR REPLACE TABLE rows AS SELECT place, {', '.join(map(column, own))}{names}"
        " FROM events JOIN asked USING (place)"
    )


def _looked_up(leaf: Leaf, events: list[Happening]) -> list[object]:
    """The values of a feature or list, by Python: their own SQL is not this test's."""
    always = Condition("", SCOPE, leaf).always()
    return [RuleSet({"": always}).evaluate(event, FACTS)[0].values[leaf.name] for event in events]


@pytest.mark.parametrize("seed", range(ROUNDS))
@pytest.mark.slow
def test_both_say_the_same(database: duckdb.DuckDBPyConnection, seed: int) -> None:
    maker = Maker(seed)
    conditions: list[Condition] = []
    refused = []
    while len(conditions) < CONDITIONS:
        try:
            conditions.append(parse_condition(maker.condition(), SCOPE))
        except RuleError as error:
            refused.append(str(error))
    # The maker writes constants only, NULL where a type is needed, formulas that grow; nothing else is refused.
    reasons = ("looks at nothing", "too long", "NULL", "plain values")
    assert all(any(reason in each for reason in reasons) for each in refused), refused
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


@pytest.mark.slow
def test_letters_change_their_case_as_in_sql(database: duckdb.DuckDBPyConnection) -> None:
    rows = database.execute(
        "SELECT chr(i::INTEGER), lower(chr(i::INTEGER)), upper(chr(i::INTEGER)) FROM range(1, 1114112) t(i)"
        " WHERE i NOT BETWEEN 55296 AND 57343"
    ).fetchall()
    other = [sign for sign, small, capital in rows if (lower(sign), upper(sign)) != (small, capital)]
    assert len(rows) == 0x10FFFF - 2048
    # Python and DuckDB may know different versions of Unicode; letters that both know agree.
    assert not [sign for sign in other if unicodedata.category(sign) != "Cn"]


def test_names_that_differ_in_capitals_are_two_columns(database: duckdb.DuckDBPyConnection) -> None:
    one, other = quoted("last_note('a')"), quoted("last_note('A')")
    database.execute(f"CREATE OR REPLACE TABLE capitals AS SELECT 1 AS {one}, 2 AS {other}")
    assert database.execute(f"SELECT {other}, {one} FROM capitals").fetchall() == [(2, 1)]
