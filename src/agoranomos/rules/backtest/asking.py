"""What a backtest asks of a table of events, as SQL: the columns that rules name, and the hits of each rule.

The same statements are asked of one table on this machine (`looking`) and of its parts on a cluster (`away`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from agoranomos.engine.features.sql import Call, Parts, parts_for, sql_for
from agoranomos.engine.rules.columns import from_event
from agoranomos.engine.rules.runtime import moment_or_none
from agoranomos.engine.rules.sql import expression, literal, quoted, to_sql
from agoranomos.engine.rules.tree import Envelope, Feature, Field, Leaf, Listed, Logic, Score, Type, leaves
from agoranomos.engine.rules.types import CHECKS
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.book import Group, Lists, Used

_SUBJECT: Final = "about:"
"""Columns of subjects begin with it; no name of a rule holds a colon."""
_ID: Final = (
    r"length({0}) BETWEEN 1 AND 128 AND NOT regexp_matches({0}, "
    r"'[\p{{C}}\p{{Zl}}\p{{Zp}}\x{{A0}}\x{{1680}}\x{{2000}}-\x{{200A}}\x{{202F}}\x{{205F}}\x{{3000}}]')"
)
"""What `kernel.ids.is_id` asks of an id: 1 to 128 printable characters."""
HITS: Final = "rule VARCHAR, source VARCHAR, id VARCHAR, time TIMESTAMPTZ, kind VARCHAR, subject VARCHAR"
"""The columns of hits."""
DRAWN: Final = "ORDER BY md5(source || ' ' || id), source, id"
"""Examples are drawn by a hash of their identity: as good as random, and the same every time."""


def bounds(since: datetime | None, until: datetime | None) -> str:
    """` WHERE …` for rows with a `time` from `since` on and before `until`; "" where neither is given."""
    held = [f"time >= TIMESTAMPTZ '{rfc3339(since)}'"] if since else []
    held += [f"time < TIMESTAMPTZ '{rfc3339(until)}'"] if until else []
    return f" WHERE {' AND '.join(held)}" if held else ""


def span(where: str) -> str:
    """The first and the last day of the events of a history between the bounds `where`."""
    return f"SELECT min(time)::DATE, max(time)::DATE FROM (SELECT time::TIMESTAMPTZ AS time FROM events){where}"


def entries_of(lists: Lists) -> pa.Table:
    """The entries of lists with their ends, as the table `entries`."""
    rows = [(name, value, until) for name, entries in lists.items() for value, until in entries.items()]
    kinds = [pa.string(), pa.string(), pa.timestamp("us", tz="UTC")]
    return table_of(["list", "value", "until"], kinds, rows)


def scores_of(rows: Iterable[tuple[str, str, float]]) -> pa.Table:
    """Scores (id of the event, code, score), as the table `scores`."""
    return table_of(["event", "code", "score"], [pa.string(), pa.string(), pa.float64()], list(rows))


def table_of(names: Sequence[str], kinds: Sequence[pa.DataType], rows: Sequence[Sequence[Any]]) -> pa.Table:
    """`rows` as a table."""
    columns = list(zip(*rows, strict=True)) or [() for _ in names]
    arrays = [pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)]
    return pa.table(arrays, names=list(names))


class Asked:
    """The rules of `group`, which listen to the same: one table for all of them, over a relation `events`."""

    def __init__(self, group: Group) -> None:
        """Raises Invalid."""
        used = list(group.used.values())
        listens = used[0].written.rule.listens
        self._types = CHECKS.get(listens, (listens,))
        named: dict[str, Leaf] = {}
        for one in used:
            for leaf in one.written.condition.leaves:
                named[leaf.name] = leaf
            about = _about(one)
            named[about.name] = about
        open_ = _open(used)
        self._own = [leaf for leaf in named.values() if from_event(leaf)]
        self._calls = [
            _call(leaf, group, self._types, open_[leaf.name])
            for leaf in named.values()
            if isinstance(leaf.source, Feature)
        ]
        self._outside = "".join(
            f", {_outside(leaf)} AS {quoted(leaf.name)}"
            for leaf in named.values()
            if isinstance(leaf.source, Listed | Score)
        )

    @property
    def whole(self) -> str:
        """What events say and what features count, in one query."""
        return sql_for(self._calls, leaves=[(self._types, leaf) for leaf in self._own])

    @property
    def parts(self) -> Parts:
        """The same in parts."""
        return parts_for(self._calls, leaves=[(self._types, leaf) for leaf in self._own])

    def looked(self, inner: str, where: str) -> str:
        """All that the rules name, over `inner`, with the tables `entries` and `scores` beside it."""
        return f"SELECT *{self._outside} FROM ({inner}) AS looked{where}"


def counted(table: str, used: Used) -> str:
    """One row: how many events the rule looked at, how many of them it could not know, the first day and the last."""
    condition = to_sql(used.written.condition)
    return (
        f"SELECT count(*) AS seen, count(CASE WHEN ({condition}) IS NULL THEN 1 END) AS unknown, "
        f"min(time)::DATE AS first, max(time)::DATE AS last FROM {table}"
    )


def hits(table: str, used: Used) -> str:
    """The hits of a rule, with the columns `HITS`."""
    rule, subject = used.written.rule, quoted(_about(used).name)
    ended = [f"time < TIMESTAMPTZ '{rfc3339(rule.expires_at)}'"] if rule.expires_at is not None else []
    where = " AND ".join([f"({to_sql(used.written.condition)})", _ID.format(subject), *ended])
    return (
        f"SELECT {literal(Type.TEXT, used.key)} AS rule, source, id, time, "
        f"{literal(Type.TEXT, rule.subject.kind)} AS kind, {subject} AS subject FROM {table} WHERE {where}"
    )


def shown(used: Used) -> str:
    """The columns of what a rule saw; moments in microseconds since 1970, which need no calendar on the way."""
    return ", ".join(
        f"epoch_us({quoted(leaf.name)}) AS {quoted(leaf.name)}" if leaf.type is Type.MOMENT else quoted(leaf.name)
        for leaf in used.written.condition.leaves
    )


def told(used: Used, values: Iterable[Any]) -> dict[str, Any]:
    """A row of `shown` by leaf, as people and JSON take it, as the stream tells it."""
    return {
        leaf.name: moment_or_none(value) if leaf.type is Type.MOMENT else value
        for leaf, value in zip(used.written.condition.leaves, values, strict=True)
    }


def _outside(leaf: Leaf) -> str:
    """A list or a score as an expression over the event's own columns."""
    if isinstance(leaf.source, Score):
        code = literal(Type.TEXT, leaf.source.code)
        return f"(SELECT max(score) FROM scores WHERE scores.event = looked.id AND scores.code = {code})"
    assert isinstance(leaf.source, Listed)
    item, name = expression(leaf.source.item), literal(Type.TEXT, leaf.source.name)
    found = (
        f"EXISTS (SELECT 1 FROM entries WHERE entries.list = {name} AND entries.value = {item} "
        "AND (entries.until IS NULL OR looked.time < entries.until))"
    )
    return f"(CASE WHEN {item} IS NOT NULL THEN {found} END)"


def _about(used: Used) -> Leaf:
    """The id of whom a hit is about, as a leaf of its own."""
    field = used.written.rule.subject.field
    source = Envelope("subject") if field == "subject" else Field(tuple(field.split(".")))
    return Leaf(Type.TEXT, _SUBJECT + field, source)


def _open(used: Sequence[Used]) -> dict[str, str]:
    """By feature call, the condition without which no rule needs its value; "" when some rule always does.

    What a rule asks beside AND and the event itself can answer is answered first: where that is FALSE, the rule is,
    whatever was counted.
    """
    found: dict[str, list[str]] = {}
    for one in used:
        tree = one.written.condition.tree
        parts = tree.parts if isinstance(tree, Logic) and tree.sign == "AND" else (tree,)
        cheap = [part for part in parts if all(from_event(leaf) for leaf in leaves(part))]
        for leaf in one.written.condition.leaves:
            if isinstance(leaf.source, Feature):
                found.setdefault(leaf.name, []).append(" AND ".join(map(expression, cheap)))
    return {name: " OR ".join(f"({each})" for each in whens) if all(whens) else "" for name, whens in found.items()}


def _call(leaf: Leaf, group: Group, types: tuple[str, ...], when: str) -> Call:
    source = leaf.source
    assert isinstance(source, Feature)
    for key in source.keys:
        deeper = [each.name for each in leaves(key) if not from_event(each)]
        if deeper:
            raise Invalid(
                f"{leaf.name}: a backtest looks features up by what the event itself says, not by {deeper[0]}; "
                "leave the rule out, or replay the history with `agora replay --rules`"
            )
    keys = tuple(
        ".".join(key.source.path) if isinstance(key, Leaf) and isinstance(key.source, Field) else key
        for key in source.keys
    )
    return Call(group.features[source.name], types, keys, leaf.name, when)
