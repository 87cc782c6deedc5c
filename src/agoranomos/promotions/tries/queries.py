"""All SQL of misses."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

import sqlalchemy as sa

from agoranomos.kernel.dialects import among, insert_ignore, upsert
from agoranomos.promotions.tries.model import Key, Tried
from agoranomos.promotions.tries.tables import promo_tries

_T = promo_tries.c
_SHUT_OUT = sa.select(promo_tries).where(_T.until > sa.bindparam("now")).limit(sa.bindparam("most"))
_THESE = (
    sa.select(promo_tries).where(among(_T.name, "names")).order_by(_T.kind, _T.name)
)  # a name is of one kind only: the kind is part of what it is made of


def shut_out(connection: sa.Connection, now: datetime, most: int) -> dict[Key, Tried]:
    """Those who have to wait, `most` at most."""
    rows = connection.execute(_SHUT_OUT, {"now": now, "most": most})
    return {Key(row.kind, row.name): Tried(row.misses, row.last_at, row.until) for row in rows}


def tried(connection: sa.Connection, keys: Iterable[Key], *, lock: bool = False) -> dict[Key, Tried]:
    """What is known of those, the longest ago first."""
    query = _THESE.with_for_update() if lock else _THESE
    found = connection.execute(query, {"names": sorted({key.name for key in keys})}).all()
    rows = sorted(found, key=lambda row: (row.last_at, row.name))
    return {Key(row.kind, row.name): Tried(row.misses, row.last_at, row.until) for row in rows}


def noted(connection: sa.Connection, keys: Iterable[Key], now: datetime) -> dict[Key, Tried]:
    """What is known of those, locked: a row is made for whoever has none, so that two processes count one another."""
    fresh = sorted(keys, key=lambda key: (key.kind, key.name))
    rows = [{"kind": key.kind, "name": key.name, "misses": 0, "last_at": now, "until": None} for key in fresh]
    insert_ignore(connection, promo_tries, rows)
    return tried(connection, fresh, lock=True)


def put(connection: sa.Connection, changed: Mapping[Key, Tried]) -> None:
    """Keeps what is known now."""
    rows = [
        {"kind": key.kind, "name": key.name, "misses": each.misses, "last_at": each.last_at, "until": each.until}
        for key, each in sorted(changed.items(), key=lambda item: (item[0].kind, item[0].name))
    ]  # fmt: skip
    upsert(connection, promo_tries, rows, ["kind", "name"])


def forget(connection: sa.Connection, before: datetime) -> None:
    """Lets go of those whose latest miss, and whose wait, was over before."""
    over = sa.and_(_T.last_at < before, sa.or_(_T.until.is_(None), _T.until < before))
    connection.execute(promo_tries.delete().where(over))
