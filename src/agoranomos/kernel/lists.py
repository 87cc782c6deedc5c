"""Lists, newest first and a page at a time: the part of a query that `web.paging` has the cursor for."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
import sqlalchemy as sa

Place = tuple[datetime, str]
"""Time and id of the last row of the page before."""


def newest_first(
    query: sa.Select[Any],
    at: sa.ColumnElement[datetime],
    key: sa.ColumnElement[str],
    *,
    after: Place | None,
    limit: int,
) -> sa.Select[Any]:
    """At most `limit` rows behind `after`; those of one moment in the order of `key`, so that none is missed."""
    if after is not None:
        then, last = after
        query = query.where(sa.or_(at < then, sa.and_(at == then, key < last)))
    return query.order_by(at.desc(), key.desc()).limit(limit)


def asked_for(query: sa.Select[Any], table: sa.Table, about: msgspec.Struct) -> sa.Select[Any]:
    """The rows of `table` whose columns are what the fields of `about` say, of those that are not None; a field called
    `…_min` bounds the column before it from below."""
    for name, value in msgspec.structs.asdict(about).items():
        if value is None:
            continue
        column = name.removesuffix("_min")
        query = query.where(table.c[name] == value if column == name else table.c[column] >= value)
    return query
