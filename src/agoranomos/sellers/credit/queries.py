"""All SQL of credit."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.dialects import insert_ignore, upsert
from agoranomos.sellers.credit.tables import credit_consents, credit_days

COUNTS: Final = ("orders", "late", "returns", "complaints", "harassed")
_D, _C = credit_days.c, credit_consents.c


def count(connection: sa.Connection, new: Mapping[tuple[str, date], Mapping[str, int]]) -> None:
    """Adds what was counted of stores on days, by name of the count."""
    rows = []
    for (store_id, day), counts in sorted(new.items()):
        key = {"store_id": store_id, "day": day.isoformat()}
        where = sa.and_(_D.store_id == store_id, _D.day == key["day"])
        known = connection.execute(sa.select(*(_D[each] for each in COUNTS)).where(where)).first()
        before = dict.fromkeys(COUNTS, 0) if known is None else dict(known._mapping)
        rows.append(key | {name: before[name] + counts.get(name, 0) for name in COUNTS})
    upsert(connection, credit_days, rows, ["store_id", "day"])


def totals(connection: sa.Connection, store_ids: list[str], until: date, days: int) -> dict[str, int]:
    """What stores did on the `days` days up to and with `until`."""
    since = until - timedelta(days=days - 1)
    query = sa.select(*(sa.func.sum(_D[each]) for each in COUNTS)).where(
        _D.store_id.in_(store_ids), _D.day >= since.isoformat(), _D.day <= until.isoformat()
    )
    row = connection.execute(query).one()
    return {name: int(value or 0) for name, value in zip(COUNTS, row, strict=True)}


def put_consent(
    connection: sa.Connection, seller_id: str, purpose: str, recipient: str, given_at: datetime, ends_at: datetime
) -> None:
    """A seller lets a recipient use the score for a purpose, until `ends_at`."""
    row = {
        "seller_id": seller_id, "purpose": purpose, "recipient": recipient, "given_at": given_at, "ends_at": ends_at,
    }  # fmt: skip
    insert_ignore(connection, credit_consents, [row])


def consent(
    connection: sa.Connection, seller_id: str, purposes: tuple[str, ...], recipient: str, now: datetime
) -> tuple[str, datetime] | None:
    """Purpose and end of the latest consent that holds now: of two about one purpose the later one counts."""
    query = sa.select(_C.purpose, _C.given_at, _C.ends_at).where(
        _C.seller_id == seller_id, _C.recipient == recipient, _C.purpose.in_(purposes), _C.given_at <= now
    )
    latest: dict[str, tuple[datetime, datetime]] = {}
    for row in connection.execute(query.order_by(_C.given_at)):
        latest[row.purpose] = (row.given_at, row.ends_at)
    holding = [(ends_at, purpose) for purpose, (_, ends_at) in latest.items() if ends_at > now]
    return (max(holding)[1], max(holding)[0]) if holding else None
