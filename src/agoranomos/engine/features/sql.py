"""The same values as SQL: one query that gives, for every event that rules look at, all the features that they ask for.

Each event gets one number that sorts like (time, source, id) and still knows the time: microseconds * 2**40 + sequence.
A window is then a RANGE over that number, exact to the microsecond and to the tie. Features with one key share one sort.
Written for DuckDB.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

import msgspec

from agoranomos.engine.features.encoding import LIMIT, MILLIONTHS, MILLIONTHS_MAX
from agoranomos.engine.features.fields import TIME, Field, field_of
from agoranomos.engine.features.model import Feature
from agoranomos.kernel.errors import Invalid

_SHIFT: Final = 1 << 40
"""More events than anyone puts into one query."""
_TYPES: Final = {
    "text": "VARCHAR", "integer": "BIGINT", "money": "BIGINT", "number": "DOUBLE", "boolean": "BOOLEAN",
    "texts": "VARCHAR[]", "integers": "BIGINT[]",
}  # fmt: skip


class Call(msgspec.Struct, frozen=True):
    """Rules on events of the type `on` look `feature` up with the fields `keys`; `column` is what the column is called."""

    feature: Feature
    on: str
    keys: tuple[str, ...]
    column: str


class _Group(NamedTuple):
    """Calls that share one sort: keyed alike in the events that are counted and in those that ask."""

    by: tuple[str, ...]
    keys: tuple[str, ...]
    alone: str
    """The name of a feature that needs rows of its own, one for each element of a list; or ""."""


def sql_for(
    calls: Sequence[Call], *, relation: str = "events", fields: Iterable[tuple[str, str]] = ()
) -> str:
    """A SELECT with a row for each event of `relation` of a type that some call is on.

    `relation` has the columns source, id, type, time (with offset) and data (JSON), and every event once. The columns
    are `seq` (the place in the order of time, source and id), `source`, `id`, `type`, `time`, a column for each call,
    NULL in rows of other types, and each of `fields` ((type of event, path), as it is called) for conditions of rules.
    Raises Invalid.
    """
    asked = sorted({call.on for call in calls} | {kind for kind, _ in fields})
    groups = _grouped(calls)
    columns = _columns(calls, fields)
    features = {call.feature.name: call.feature for call in calls}
    parts = [f"event AS MATERIALIZED (\n{_events(relation, columns, features.values(), asked)}\n)"]
    parts += [f"g{place} AS (\n{_group_sql(group, theirs)}\n)" for place, (group, theirs) in enumerate(groups.items())]
    chosen = ["e.seq", "e.source", "e.id", "e.type", "e.time"]
    for place, theirs in enumerate(groups.values()):
        chosen += [f"g{place}.{quoted(call.column)}" for call in theirs]
    chosen += sorted({f"e.{quoted(path)}" for _, path in fields})
    joins = "".join(f"\nLEFT JOIN g{place} ON g{place}.seq = e.seq" for place in range(len(groups)))
    wanted = f"SELECT {', '.join(chosen)}\nFROM event e{joins}\nWHERE e.type IN {_listed(asked)}"
    return f"WITH {', '.join(parts)}\n{wanted}"


def quoted(name: str) -> str:
    """A name as an identifier."""
    return '"' + name.replace('"', '""') + '"'


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _listed(values: Iterable[str]) -> str:
    return f"({', '.join(_text(value) for value in values)})"


def _grouped(calls: Sequence[Call]) -> dict[_Group, list[Call]]:
    groups: dict[_Group, list[Call]] = {}
    for call in calls:
        feature = call.feature
        by = tuple(field.path for field in feature.by)
        if len(by) != len(call.keys):
            raise Invalid(f"{feature.name} takes {len(by)} keys: {', '.join(by) or 'none'}")
        group = _Group(by, call.keys, feature.name if feature.several else "")
        groups.setdefault(group, []).append(call)
    return groups


def _columns(calls: Sequence[Call], fields: Iterable[tuple[str, str]]) -> dict[str, Field]:
    """The fields that anything looks at, by path."""
    wanted: list[tuple[tuple[str, ...], str]] = [((kind,), path) for kind, path in fields]
    for call in calls:
        feature = call.feature
        wanted += [((call.on,), path) for path in call.keys]
        wanted += [(feature.types, field.path) for field in (*feature.by, *((feature.field,) if feature.field else ()))]
        for condition in (feature.where, feature.share):
            wanted += [(feature.types, path) for path in condition.names] if condition else []
    found: dict[str, Field] = {}
    for types, path in wanted:
        field = field_of(types, path)
        if found.setdefault(path, field) != field:
            raise Invalid(f"{path} is {field.described} in one type of event and {found[path].described} in another")
    return found


def _events(relation: str, columns: dict[str, Field], features: Iterable[Feature], asked: Sequence[str]) -> str:
    """The events with their place, their fields, and what each feature counts of them, else NULL."""
    features = list(features)
    types = sorted({kind for feature in features for kind in feature.types} | set(asked))
    plain = [field for field in columns.values() if field.path != TIME and not (field.through or field.sized)]
    monies = {field.path: field for field in plain if field.kind == "money"}
    paths = [_path(field.names) for field in plain] + [_path((*field.names[:-1], "currency")) for field in monies.values()]
    given = ["source", "id", "type", "time", "epoch_us(time::TIMESTAMPTZ) AS t"]
    given += [f"{_list_of(field)} AS {quoted(field.path)}" for field in columns.values() if field.through or field.sized]
    if paths:
        given.append(f"json_extract_string(data, [{', '.join(map(_text, paths))}]) AS j")
    typed = [f"TRY_CAST(j[{place}] AS {_TYPES[field.kind]}) AS {quoted(field.path)}" for place, field in enumerate(plain, 1)]
    typed += [f"j[{place}] AS {_currency(path)}" for place, path in enumerate(monies, len(plain) + 1)]
    if TIME in columns:
        typed.append(f"t AS {quoted(TIME + '_us')}")
    counted = [f"{_counted(feature)} AS {quoted('f:' + feature.name)}" for feature in features]
    inner = f"SELECT {', '.join(given)} FROM {relation} WHERE type IN {_listed(types)}"
    shaped = f"SELECT * {'EXCLUDE (j)' if paths else ''}{''.join(', ' + one for one in typed)} FROM ({inner})"
    ordered = f"SELECT *, row_number() OVER (ORDER BY t, source, id) AS seq FROM ({shaped})"
    extra = "".join(f", {one}" for one in counted)
    return f"SELECT *, t::HUGEINT * {_SHIFT} + seq AS place{extra} FROM ({ordered})"


def _path(names: Sequence[str]) -> str:
    return "$" + "".join(f'."{name}"' for name in names)


def _currency(path: str) -> str:
    return quoted(f"{path}:currency")


def _list_of(field: Field) -> str:
    if field.sized:
        length = f"json_array_length(data, {_text(_path(field.names))})::BIGINT"
        listed = f"json_type(data, {_text(_path(field.names))}) = 'ARRAY'"
        return f"CASE WHEN {listed} THEN {length} {'ELSE 0 ' if field.empty else ''}END"
    inner = _path(field.names[: field.through]) + "[*]" + _path(field.names[field.through :])[1:]
    texts = f"json_extract_string(data, {_text(inner)})"
    return f"list_filter({texts}::{_TYPES[field.kind]}, lambda x: x IS NOT NULL)"


def _counted(feature: Feature) -> str:
    """What the event adds to the feature; NULL when nothing."""
    holds = [f"type IN {_listed(feature.types)}"]
    holds += [f"({feature.where.sql})"] if feature.where else []
    holds += [f"{quoted(field.path)} IS NOT NULL" for field in feature.by]
    field = feature.field
    if feature.declared.currency is not None and field is not None:
        holds.append(f"{_currency(field.path)} = {_text(feature.declared.currency)}")
    if feature.share is not None:
        value = f"coalesce(({feature.share.sql}), false)"
    elif field is None or (feature.aggregate == "count" and field.path == TIME):
        value = "true"
    elif field.path == TIME:
        value = "t"
    elif feature.aggregate == "count":
        name = quoted(field.path)
        value = f"CASE WHEN len({name}) > 0 THEN true END" if field.through else f"CASE WHEN {name} IS NOT NULL THEN true END"
    elif field.kind == "number":
        scaled = f"({quoted(field.path)} * {MILLIONTHS}::DOUBLE)"
        value = f"CASE WHEN abs({scaled}) < {MILLIONTHS_MAX!r} THEN floor({scaled} + 0.5)::BIGINT END"
    else:
        value = quoted(field.path)
    return f"CASE WHEN {' AND '.join(holds)} THEN {value} END"


def _group_sql(group: _Group, calls: Sequence[Call]) -> str:
    """(seq, a column for each call) for the events that ask."""
    features = {call.feature.name: call.feature for call in calls}
    asking = sorted({call.on for call in calls})
    counted = sorted({kind for feature in features.values() for kind in feature.types})
    values = ", ".join(quoted("f:" + name) for name in features)
    keyed = " AND ".join(f"{quoted(path)} IS NOT NULL" for path in group.keys) or "true"
    parts = ", ".join(f"k{place}" for place in range(len(group.by)))
    own = "".join(f", {quoted(path)} AS k{place}" for place, path in enumerate(group.by))
    theirs = "".join(f", {quoted(path)} AS k{place}" for place, path in enumerate(group.keys))
    if group.alone:
        adding = f"SELECT seq, place, false AS asks{own}, unnest({values}) AS {values} FROM event WHERE {values} IS NOT NULL"
    else:
        some = " OR ".join(f"{quoted('f:' + name)} IS NOT NULL" for name in features)
        adding = f"SELECT seq, place, false AS asks{own}, {values} FROM event WHERE {some}"
    empty = ", ".join(f"NULL AS {quoted('f:' + name)}" for name in features)
    if not group.alone and group.by == group.keys:
        both = _listed(sorted({*asking, *counted}))
        rows = f"SELECT seq, place, type IN {_listed(asking)} AS asks{own}, {values} FROM event WHERE type IN {both} AND {keyed}"
    else:
        asks = f"SELECT seq, place, true AS asks{theirs}, {empty} FROM event WHERE type IN {_listed(asking)} AND {keyed}"
        rows = f"{adding} UNION ALL {asks}"
    lengths = sorted({feature.window_us for feature in features.values()})
    partition = f"PARTITION BY {parts} " if parts else ""
    windows = ", ".join(
        f"w{length} AS ({partition}ORDER BY place RANGE BETWEEN "
        f"({length - 1}::HUGEINT * {_SHIFT} + seq) PRECEDING AND CURRENT ROW)"
        for length in lengths
    )
    chosen = ", ".join(f"{_value(call.feature)} AS {quoted(call.column)}" for call in calls)
    return f"SELECT seq, {chosen}\nFROM ({rows})\nWINDOW {windows}\nQUALIFY asks"


def _value(feature: Feature) -> str:
    counted, window = quoted("f:" + feature.name), f"OVER w{feature.window_us}"
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
            value = f"greatest(least(sum({counted}) {window}, {LIMIT}), -{LIMIT})::BIGINT"
        case "last":
            value = f"last_value({counted} IGNORE NULLS) {window}"
        case _:
            value = f"{feature.aggregate}({counted}) {window}"
    if feature.result == "moment":
        return f"make_timestamptz({value})"
    return f"({value})::DOUBLE{fraction}" if fraction else value
