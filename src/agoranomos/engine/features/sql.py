"""The same values as SQL: one query that gives, for every event that rules look at, all the features that they ask for.

Each event gets one number that sorts like (time, source, id) and still knows the time: microseconds * 2**40 + place in
the order. A window is then a RANGE over that number, exact to the microsecond and to the tie. Features with one key
share one sort. What is sorted are the values taken out of the events, never the events themselves. Written for DuckDB.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import Final, NamedTuple

from agoranomos.engine.features.encoding import LIMIT, MILLIONTHS, MILLIONTHS_MAX
from agoranomos.engine.features.fields import TIME, Field, field_of
from agoranomos.engine.features.model import Feature
from agoranomos.engine.rules.columns import column
from agoranomos.engine.rules.sql import expression, quoted
from agoranomos.engine.rules.tree import Field as Leaves
from agoranomos.engine.rules.tree import Leaf, Node, Type
from agoranomos.engine.rules.tree import leaves as leaves_of
from agoranomos.kernel.errors import Invalid

_SHIFT: Final = 1 << 40
"""More events than anyone puts into one query."""
_TYPES: Final = {
    "text": "VARCHAR", "integer": "BIGINT", "money": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
    "texts": "VARCHAR[]", "integers": "BIGINT[]",
}  # fmt: skip
_PLAIN: Final = {Type.TEXT: "VARCHAR", Type.INTEGER: "BIGINT", Type.NUMBER: "DOUBLE", Type.BOOLEAN: "BOOLEAN"}


Key = str | Node
"""What a feature is looked up by: a field of the event by its path, or an expression over the event's own leaves."""


class Call(NamedTuple):
    """Rules on events of the types `on` look `feature` up with `keys`; the values go into `column`.

    `when` is a condition over the leaves: where it is FALSE nobody needs to know, and the value may be NULL.
    """

    feature: Feature
    on: tuple[str, ...]
    keys: tuple[Key, ...]
    column: str
    when: str = ""


class _Group(NamedTuple):
    """Calls that share one sort: keyed alike in the events that are counted and in those that ask, as columns."""

    by: tuple[str, ...]
    keys: tuple[str, ...]
    alone: str
    """The name of a feature that needs rows of its own, one for each element of a list; or ""."""
    always: bool
    """Whether every event asks; where only some do, most keys need not be sorted at all."""


class Sort(NamedTuple):
    """Features that share a sort, apart from the rest of the query: for whoever has the events in many places.

    `counts` and `asks` are conditions over rows of `Parts.events`; who needs a value is sent with the rows whose `by`
    are its `keys`. `columns` is what a sort needs of a row, beside its identity and `t`. `query` gives (seq, `values`)
    for the rows that ask, over a relation `event` with these columns, `seq` and `place` as `placed` gives them.
    """

    by: tuple[str, ...]
    keys: tuple[str, ...]
    counts: str
    asks: str
    columns: str
    query: str
    values: tuple[str, ...]


class Parts(NamedTuple):
    """The query of `sql_for` in parts.

    `events` gives a row for each event that counts or asks, `own` are the columns of its leaves; those of the types
    `asked` ask.
    """

    events: str
    own: tuple[str, ...]
    asked: tuple[str, ...]
    sorts: tuple[Sort, ...]


def sql_for(
    calls: Sequence[Call], *, leaves: Iterable[tuple[tuple[str, ...], Leaf]] = (), relation: str = "events"
) -> str:
    """A SELECT with a row for each event of `relation` that rules look at.

    `relation` has the columns source, id, type, time (with offset), subject and data (JSON), and every event once.
    `leaves` are (types of event, what conditions of rules name of the event itself). The columns are `source`, `id`,
    `type`, `time`, one for each call, NULL in rows of other types, and one for each leaf. Asked for one type at a time
    it needs two thirds of the time and of the memory. Raises Invalid.
    """
    groups = _grouped(calls)
    events, own, asked = _shaped(calls, leaves, relation)
    shown = "".join(f", e.{name}" for name in own)
    if not groups:
        return f"SELECT e.source, e.id, e.type, e.time{shown}\nFROM (\n{events}\n) e"
    made = [f"event AS MATERIALIZED (\n{placed(events)}\n)"]
    made += [
        f"g{place} AS (\n{_group_sql(group, theirs, *_asks(group, theirs))}\n)"
        for place, (group, theirs) in enumerate(groups.items())
    ]
    values = "".join(
        f", g{place}.{quoted(call.column)}" for place, theirs in enumerate(groups.values()) for call in theirs
    )
    joins = "".join(f"\nLEFT JOIN g{place} ON g{place}.seq = e.seq" for place in range(len(groups)))
    wanted = f"SELECT e.source, e.id, e.type, e.time{values}{shown}\nFROM event e{joins}"
    return f"WITH {', '.join(made)}\n{wanted}\nWHERE e.type IN {listed(asked)}"


def parts_for(
    calls: Sequence[Call], *, leaves: Iterable[tuple[tuple[str, ...], Leaf]] = (), relation: str = "events"
) -> Parts:
    """The same values by the same SQL, in parts: what an event says of itself, and each sort. Raises Invalid."""
    events, own, asked = _shaped(calls, leaves, relation)
    sorts = []
    for group, theirs in _grouped(calls).items():
        asks, open_ = _asks(group, theirs)
        counted = [_adds(feature) for feature in {call.feature.name: call.feature for call in theirs}.values()]
        sorts.append(
            Sort(
                by=group.by,
                keys=group.keys,
                counts=" OR ".join(f"{name} IS NOT NULL" for name in counted),
                asks=f"{asks}{open_}" + "".join(f" AND {name} IS NOT NULL" for name in group.keys),
                columns=", ".join(dict.fromkeys((*group.by, *group.keys, *counted))),
                query=_group_sql(group, theirs, "asks", " " if open_ else ""),
                values=tuple(quoted(call.column) for call in theirs),
            )
        )
    return Parts(events, own, asked, tuple(sorts))


def placed(events: str) -> str:
    """`events` (with `t`, `source` and `id`) with their place in the order of (time, source, id)."""
    ordered = f"SELECT *, row_number() OVER (ORDER BY t, source, id) AS seq FROM (\n{events}\n)"
    return f"SELECT *, t::HUGEINT * {_SHIFT} + seq AS place FROM (\n{ordered}\n)"


def _shaped(
    calls: Sequence[Call], leaves: Iterable[tuple[tuple[str, ...], Leaf]], relation: str
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """What events say of themselves, as a SELECT; the columns of `leaves` in it; and the types that ask."""
    leaves = list(leaves)
    asked = sorted({kind for call in calls for kind in call.on} | {kind for kinds, _ in leaves for kind in kinds})
    features = {call.feature.name: call.feature for call in calls}
    shown = {leaf.name: leaf for _, leaf in leaves}
    own = tuple(quoted(name) for name in shown if name != TIME)
    return _events(relation, calls, shown, features.values(), asked), own, tuple(asked)


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def listed(values: Iterable[str]) -> str:
    return f"({', '.join(_text(value) for value in values)})"


def _grouped(calls: Sequence[Call]) -> dict[_Group, list[Call]]:
    groups: dict[_Group, list[Call]] = {}
    for call in calls:
        feature = call.feature
        by = tuple(field.path for field in feature.by)
        if len(by) != len(call.keys):
            raise Invalid(f"{feature.name} takes {len(by)} keys: {', '.join(by) or 'none'}")
        keys = tuple(_key(key) for key in call.keys)
        alone = feature.name if feature.several else ""
        group = _Group(tuple(map(_own, by)), keys, alone, always=not call.when)
        groups.setdefault(group, []).append(call)
    return groups


def _key(key: Key) -> str:
    """The column of a key."""
    return _own(key) if isinstance(key, str) else quoted("k:" + expression(key))


def _fields(calls: Sequence[Call]) -> dict[str, Field]:
    """The fields that features count and look-ups are keyed by, by path."""
    wanted: list[tuple[tuple[str, ...], str]] = [
        (call.on, key) for call in calls for key in call.keys if isinstance(key, str)
    ]
    for feature in {call.feature.name: call.feature for call in calls}.values():
        wanted += [(feature.types, field.path) for field in (*feature.by, *((feature.field,) if feature.field else ()))]
    found: dict[str, Field] = {}
    for types, path in wanted:
        field = field_of(types, path)
        if found.setdefault(path, field) != field:
            raise Invalid(f"{path} is {field.described} in one type of event and {found[path].described} in another")
    return found


class _Extracts:
    """What is taken out of `data` by one pass over it: columns of the list `j`, each path once."""

    def __init__(self) -> None:
        self.paths: dict[tuple[str, ...], int] = {}

    def text(self, names: tuple[str, ...]) -> str:
        return f"j[{self.paths.setdefault(names, len(self.paths) + 1)}]"

    def typed(self, names: tuple[str, ...], kind: str) -> str:
        return self.text(names) if kind == "VARCHAR" else f"TRY_CAST({self.text(names)} AS {kind})"

    @property
    def sql(self) -> str:
        return f"json_extract_string(data, [{', '.join(_text(_path(names)) for names in self.paths)}])"


def _events(
    relation: str, calls: Sequence[Call], shown: dict[str, Leaf], features: Collection[Feature], asked: Sequence[str]
) -> str:
    """The events with their place, their fields, and what each feature counts of them, else NULL."""
    types = sorted({kind for feature in features for kind in feature.types} | set(asked))
    extracts = _Extracts()
    columns = [f"{_field_sql(field, extracts)} AS {_own(path)}" for path, field in _fields(calls).items()]
    for feature in features:
        if feature.declared.currency is not None and feature.field is not None:
            place = extracts.text((*feature.field.names[:-1], "currency"))
            columns.append(f"{place} AS {quoted('c:' + feature.name)}")
    made = {_key(key): key for call in calls for key in call.keys if not isinstance(key, str)}
    columns += [_leaf_sql(leaf, extracts) for leaf in _needed(shown, features, made.values())]
    given = "source, id, type, time::TIMESTAMPTZ AS time, subject, data, epoch_us(time::TIMESTAMPTZ) AS t"
    given += f", {extracts.sql} AS j" if extracts.paths else ""
    inner = f"SELECT {given} FROM {relation} WHERE type IN {listed(types)}"
    shaped = "".join(f",\n  {column}" for column in columns)
    counted = "".join(f",\n  {_counted(feature)} AS {_adds(feature)}" for feature in features)
    keyed = "".join(f",\n  {expression(key)} AS {name}" for name, key in made.items())
    return f"SELECT *{counted}{keyed}\nFROM (SELECT source, id, type, time, t{shaped}\nFROM ({inner}))"


def _needed(shown: dict[str, Leaf], features: Collection[Feature], keys: Iterable[Node]) -> Iterable[Leaf]:
    """The leaves of the event itself that rules, the conditions of features, or keys name."""
    found = dict(shown)
    theirs = [
        leaf for one in features for condition in (one.where, one.share) if condition for leaf in condition.leaves
    ]
    for leaf in (*theirs, *(leaf for key in keys for leaf in leaves_of(key))):
        if found.setdefault(leaf.name, leaf) != leaf:
            raise Invalid(f"{leaf.name} has another type in another event")
    return [leaf for leaf in found.values() if leaf.name != TIME]


def _own(path: str) -> str:
    """The column of a field of features; those of conditions are named plainly."""
    return quoted("p:" + path)


def _adds(feature: Feature) -> str:
    """The column of what an event adds to a feature."""
    return quoted("f:" + feature.name)


def _field_sql(field: Field, extracts: _Extracts) -> str:
    if field.path == TIME:
        return "t"
    if field.through:
        inner = _path(field.names[: field.through]) + "[*]" + _path(field.names[field.through :])[1:]
        texts = f"json_extract_string(data, {_text(inner)})::{_TYPES[field.kind]}"
        return f"list_filter({texts}, lambda x: x IS NOT NULL)"
    if field.sized:
        path = _text(_path(field.names))
        absent = "ELSE 0 " if field.empty else ""
        return f"CASE WHEN json_type(data, {path}) = 'ARRAY' THEN json_array_length(data, {path})::BIGINT {absent}END"
    return extracts.typed(field.names, _TYPES[field.kind])


def _leaf_sql(leaf: Leaf, extracts: _Extracts) -> str:
    source = leaf.source
    if isinstance(source, Leaves) and leaf.type in _PLAIN and source.default is None and not source.loose:
        return f"{extracts.typed(source.path, _PLAIN[leaf.type])} AS {quoted(leaf.name)}"
    return column(leaf)


def _path(names: Sequence[str]) -> str:
    return "$" + "".join(f'."{name}"' for name in names)


def _counted(feature: Feature) -> str:
    """What the event adds to the feature; NULL when nothing."""
    holds = [f"type IN {listed(feature.types)}"]
    holds += [f"({feature.where.sql})"] if feature.where else []
    holds += [f"{_own(field.path)} IS NOT NULL" for field in feature.by]
    field = feature.field
    if feature.declared.currency is not None and field is not None:
        holds.append(f"{quoted('c:' + feature.name)} = {_text(feature.declared.currency)}")
    if feature.share is not None:
        value = f"coalesce(({feature.share.sql}), false)"
    elif field is None or (feature.aggregate == "count" and field.path == TIME):
        value = "true"
    elif field.path == TIME:
        value = "t"
    elif feature.aggregate == "count":
        value = f"CASE WHEN {_own(field.path)} {'<> []' if field.through else 'IS NOT NULL'} THEN true END"
    elif field.kind == "number":
        scaled = f"({_own(field.path)} * {MILLIONTHS}::DOUBLE)"
        value = f"CASE WHEN abs({scaled}) < {MILLIONTHS_MAX!r} THEN floor({scaled} + 0.5)::BIGINT END"
    else:
        value = _own(field.path)
    return f"CASE WHEN {' AND '.join(holds)} THEN {value} END"


def _asks(group: _Group, calls: Sequence[Call]) -> tuple[str, str]:
    """Conditions of the events that ask: their types, and what must not be FALSE of them besides ("": nothing)."""
    asks = f"type IN {listed(sorted({kind for call in calls for kind in call.on}))}"
    whens = dict.fromkeys(call.when for call in calls)
    return asks, "" if group.always else f" AND ({' OR '.join(f'({when}) IS NOT FALSE' for when in whens)})"


def _group_sql(group: _Group, calls: Sequence[Call], asks: str, open_: str) -> str:
    """(seq, a column for each call) for the events that ask."""
    features = {call.feature.name: call.feature for call in calls}
    parts = ", ".join(f"k{place}" for place in range(len(group.by)))
    partition = f"PARTITION BY {parts} " if parts else ""
    windows = ", ".join(
        f"w{length} AS ({partition}ORDER BY place RANGE BETWEEN "
        f"({length - 1}::HUGEINT * {_SHIFT} + seq) PRECEDING AND CURRENT ROW)"
        for length in sorted({feature.window_us for feature in features.values()})
    )
    chosen = ", ".join(f"{_value(call.feature)} AS {quoted(call.column)}" for call in calls)
    rows = _rows(group, list(features.values()), asks, open_)
    return f"SELECT seq, {chosen}\nFROM ({rows})\nWINDOW {windows}\nQUALIFY asks"


def _rows(group: _Group, features: Sequence[Feature], asks: str, open_: str) -> str:
    """(seq, place, whether it asks, keys, what each feature counts of it): rows that count and rows that ask, which
    are the same ones where both have the same keys. Of keys that nobody asks about no row is needed.
    """
    counted = [_adds(feature) for feature in features]
    own = "".join(f", {name} AS k{place}" for place, name in enumerate(group.by))
    theirs = "".join(f", {name} AS k{place}" for place, name in enumerate(group.keys))
    keyed = "".join(f" AND {name} IS NOT NULL" for name in group.keys)
    adds = f"({' OR '.join(f'{name} IS NOT NULL' for name in counted)})"
    asks = f"({asks}{open_})"
    wanted = ""
    if open_ and group.keys:
        wanted = f" AND ({', '.join(group.by)}) IN (SELECT ({', '.join(group.keys)}) FROM event WHERE {asks}{keyed})"
    if not group.alone and group.by == group.keys:
        return (
            f"SELECT seq, place, {asks} AS asks{own}, {', '.join(counted)} FROM event "
            f"WHERE ({asks} OR {adds}){keyed}{wanted}"
        )
    values = f"unnest({counted[0]}) AS {counted[0]}" if group.alone else ", ".join(counted)
    empty = ", ".join(f"NULL AS {name}" for name in counted)
    return (
        f"SELECT seq, place, false AS asks{own}, {values} FROM event WHERE {adds}{wanted}\n"
        f"UNION ALL SELECT seq, place, true AS asks{theirs}, {empty} FROM event WHERE {asks}{keyed}"
    )


def _value(feature: Feature) -> str:
    counted, window = _adds(feature), f"OVER w{feature.window_us}"
    fraction = f" / {MILLIONTHS}::DOUBLE" if feature.field is not None and feature.field.kind == "number" else ""
    match feature.aggregate:
        case "count":
            return f"count({counted}) {window}"
        case "count_distinct":
            return f"count(DISTINCT {counted}) {window}"
        case "ratio":
            several = f"nullif(count({counted}) {window}, 0)"
            return f"(count(CASE WHEN {counted} THEN 1 END) {window})::DOUBLE / {several}::DOUBLE"
        case "avg":
            number = f"nullif(count({counted}) {window}, 0)"
            return f"(sum({counted}) {window})::DOUBLE / {number}::DOUBLE{fraction}"
        case "sum":
            total = f"sum({counted}) {window}"  # not by least(), which leaves NULL out
            held = f"WHEN {total} > {LIMIT} THEN {LIMIT} WHEN {total} < -{LIMIT} THEN -{LIMIT} ELSE {total}"
            value = f"(CASE {held} END)::BIGINT"
        case "last":
            value = f"last_value({counted} IGNORE NULLS) {window}"
        case _:
            value = f"{feature.aggregate}({counted}) {window}"
    if feature.result is Type.MOMENT:
        return f"make_timestamptz({value})"
    return f"({value})::DOUBLE{fraction}" if fraction else value
