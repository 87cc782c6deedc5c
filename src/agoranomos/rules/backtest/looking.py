"""Lets rules look at a history: a table with a row per event and a column per thing that a rule names, then the hits.

Rules that listen to the same are looked at together: each field is taken out of the JSON once, and features with one
key share one sort (`engine.features.sql`). Lists are as they stand now, with their entries' ends; the scores of
detectors are those that the store keeps of the event.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import pyarrow as pa

from agoranomos.engine.features.sql import Call, sql_for
from agoranomos.engine.rules.columns import from_event
from agoranomos.engine.rules.runtime import moment_or_none
from agoranomos.engine.rules.sql import expression, literal, quoted, to_sql
from agoranomos.engine.rules.tree import Envelope, Feature, Field, Leaf, Listed, Logic, Score, Type, leaves
from agoranomos.engine.rules.types import CHECKS
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.rules.backtest.history import History
from agoranomos.rules.book import Book, Group, Lists, Used

_SUBJECT: Final = "about:"
"""Columns of subjects begin with it; no name of a rule holds a colon."""
_ID: Final = (
    r"length({0}) BETWEEN 1 AND 128 AND NOT regexp_matches({0}, "
    r"'[\p{{C}}\p{{Zl}}\p{{Zp}}\x{{A0}}\x{{1680}}\x{{2000}}-\x{{200A}}\x{{202F}}\x{{205F}}\x{{3000}}]')"
)
"""What `kernel.ids.is_id` asks of an id: 1 to 128 printable characters."""


def types_of(used: Iterable[Used]) -> set[str]:
    """The types of event that these rules and their features look at."""
    found: set[str] = set()
    for one in used:
        found.update(CHECKS.get(one.written.rule.listens, (one.written.rule.listens,)))
        for feature in one.written.features.values():
            found.update(feature.types)
    return found


class Looking:
    """Rules over a history, between two moments (`since` inclusive, `until` exclusive; None: no bound).

    Features count what happened before `since` as well. The hits are rows of the table `hits`: `rule` (the key of the
    version), `source`, `id`, `time`, `kind` and `subject`.
    """

    def __init__(
        self,
        history: History,
        *,
        lists: Lists,
        scores: Iterable[tuple[str, str, float]] = (),
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> None:
        self.connection = history.connection
        self.bounds = [f"time >= TIMESTAMPTZ '{rfc3339(since)}'"] if since else []
        self.bounds += [f"time < TIMESTAMPTZ '{rfc3339(until)}'"] if until else []
        self._tables: dict[str, str] = {}
        self._columns: dict[str, frozenset[str]] = {}
        self._fill_lists(lists)
        self._fill("scores", ["event", "code", "score"], [pa.string(), pa.string(), pa.float64()], list(scores))
        self.connection.execute(
            "CREATE OR REPLACE TABLE hits "
            "(rule VARCHAR, source VARCHAR, id VARCHAR, time TIMESTAMPTZ, kind VARCHAR, subject VARCHAR)"
        )
        self.seen: dict[str, int] = {}
        """By key: how many events the rule looked at."""
        self.days: dict[str, int] = {}
        """By key: from the first day of those events to the last one."""
        self.unknown: dict[str, int] = {}
        """By key: how many of them lacked something that the rule needed to know."""

    def look(self, book: Book) -> None:
        """Finds the hits of every rule of `book`."""
        number = 0
        for groups in book.groups.values():
            for group in groups:
                table = f"looked_{number}"
                number += 1
                self._make(table, group)
                for key, used in group.used.items():
                    self._tables[key] = table
                    self._hit(table, key, used)

    def values(self, used: Used, events: Sequence[tuple[str, str]]) -> dict[tuple[str, str], dict[str, Any]]:
        """What the rule saw in each of `events` (source, id), by leaf, as people and JSON take it."""
        named = used.written.condition.leaves
        if not events:
            return {}
        self._fill("wanted", ["source", "id"], [pa.string(), pa.string()], list(events))
        shown = ", ".join(_shown(leaf) for leaf in named)
        rows = self.connection.execute(
            f"SELECT source, id, {shown} FROM {self._tables[used.key]} JOIN wanted USING (source, id)"
        ).fetchall()
        return {
            (source, event): {leaf.name: _told(leaf, value) for leaf, value in zip(named, values, strict=True)}
            for source, event, *values in rows
        }

    def _hit(self, table: str, key: str, used: Used) -> None:
        rule, condition = used.written.rule, to_sql(used.written.condition)
        subject = quoted(_about(used).name)
        ended = [f"time < TIMESTAMPTZ '{rfc3339(rule.expires_at)}'"] if rule.expires_at is not None else []
        ((self.seen[key], self.unknown[key], self.days[key]),) = self.connection.execute(
            f"SELECT count(*), count(CASE WHEN ({condition}) IS NULL THEN 1 END), "
            f"coalesce(max(time)::DATE - min(time)::DATE + 1, 0) FROM {table}"
        ).fetchall()
        where = " AND ".join([f"({condition})", _ID.format(subject), *ended])
        self.connection.execute(
            f"INSERT INTO hits SELECT ?, source, id, time, ?, {subject} FROM {table} WHERE {where}",
            [key, rule.subject.kind],
        )

    def _make(self, table: str, group: Group) -> None:
        used = list(group.used.values())
        listens = used[0].written.rule.listens
        types = CHECKS.get(listens, (listens,))
        named: dict[str, Leaf] = {}
        for one in used:
            for leaf in one.written.condition.leaves:
                named[leaf.name] = leaf
            about = _about(one)
            named[about.name] = about
        own = [leaf for leaf in named.values() if from_event(leaf)]
        open_ = _open(used)
        calls = [
            _call(leaf, group, types, open_[leaf.name]) for leaf in named.values() if isinstance(leaf.source, Feature)
        ]
        inner = sql_for(calls, leaves=[(types, leaf) for leaf in own])
        asked = "".join(
            f", {self._asked(leaf)} AS {quoted(leaf.name)}"
            for leaf in named.values()
            if isinstance(leaf.source, Listed | Score)
        )
        bounds = f" WHERE {' AND '.join(self.bounds)}" if self.bounds else ""
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT *{asked} FROM ({inner}) AS looked{bounds}")

    @staticmethod
    def _asked(leaf: Leaf) -> str:
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

    def _fill_lists(self, lists: Lists) -> None:
        rows = [(name, value, until) for name, entries in lists.items() for value, until in entries.items()]
        kinds = [pa.string(), pa.string(), pa.timestamp("us", tz="UTC")]
        self._fill("entries", ["list", "value", "until"], kinds, rows)

    def _fill(self, table: str, names: list[str], kinds: list[pa.DataType], rows: Sequence[Sequence[Any]]) -> None:
        columns = list(zip(*rows, strict=True)) or [() for _ in names]
        made = pa.table([pa.array(column, kind) for column, kind in zip(columns, kinds, strict=True)], names=names)
        self.connection.register("given", made)
        self.connection.execute(f"CREATE OR REPLACE TABLE {table} AS SELECT * FROM given")
        self.connection.unregister("given")


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


def _shown(leaf: Leaf) -> str:
    """A leaf's column; moments in microseconds since 1970, which need no calendar on the way."""
    name = quoted(leaf.name)
    return f"epoch_us({name})" if leaf.type is Type.MOMENT else name


def _told(leaf: Leaf, value: Any) -> Any:
    """A value as people and JSON take it, as the stream tells it."""
    return moment_or_none(value) if leaf.type is Type.MOMENT else value
