"""All reading and small changes of coupons in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.kernel.dialects import among, insert_ignore
from agoranomos.kernel.money import Money
from agoranomos.promotions.budgets.memory import Issued
from agoranomos.promotions.budgets.model import Asked, Coupon
from agoranomos.promotions.budgets.places import COLUMNS, UNTIL
from agoranomos.promotions.budgets.tables import promo_checks, promo_coupons, promo_issued

_C, _I = promo_coupons.c, promo_issued.c
_FIELDS = [_C[name] for name in Coupon.__struct_fields__]
_COUPONS = (
    sa.select(*_FIELDS)
    .where(_C.campaign_id == sa.bindparam("campaign"), among(_C.coupon_id, "ids"))
    .order_by(_C.coupon_id)
)
_LOCKED = _COUPONS.with_for_update()
_ISSUED = sa.select(promo_issued).where(_I.campaign_id == sa.bindparam("campaign"), among(_I.coupon_id, "ids"))

_ANY_ISSUED = sa.select(_I.coupon_id).where(_I.campaign_id == sa.bindparam("campaign")).limit(1)


def issues(connection: sa.Connection, campaign_id: str) -> bool:
    """Whether the campaign gives coupons to somebody by name; most give theirs to whoever claims."""
    return connection.execute(_ANY_ISSUED, {"campaign": campaign_id}).first() is not None


def issued(connection: sa.Connection, campaign_id: str, coupon_ids: Sequence[str]) -> dict[str, Issued]:
    """To whom those of the coupons were given that were given to anybody."""
    rows = connection.execute(_ISSUED, {"campaign": campaign_id, "ids": coupon_ids})
    return {row.coupon_id: Issued(row.account_id, Money(row.face, row.currency)) for row in rows}


def put_issued(connection: sa.Connection, rows: Iterable[tuple[str, str, str, Money]]) -> None:
    """(campaign, coupon, account, face value): keeps to whom coupons were given."""
    named = [
        {"campaign_id": campaign, "coupon_id": coupon, "account_id": account, "face": face.amount,
         "currency": face.currency}
        for campaign, coupon, account, face in rows
    ]  # fmt: skip
    insert_ignore(connection, promo_issued, named)


def coupons(
    connection: sa.Connection, campaign_id: str, coupon_ids: Sequence[str], *, lock: bool = False
) -> dict[str, Coupon]:
    """Those of the coupons that are known."""
    rows = connection.execute(_LOCKED if lock else _COUPONS, {"campaign": campaign_id, "ids": coupon_ids})
    return {row.coupon_id: _coupon(row) for row in rows}


def over(connection: sa.Connection, now: datetime, limit: int) -> list[tuple[str, str]]:
    """(campaign, coupon) of reservations that have ended, the first first."""
    query = (
        sa.select(_C.campaign_id, _C.coupon_id)
        .where(_C.reserved_until <= now)
        .order_by(_C.reserved_until, _C.coupon_id)
        .limit(limit)
    )
    return [(row.campaign_id, row.coupon_id) for row in connection.execute(query)]


def taken(connection: sa.Connection, column: str, places: Sequence[str], now: datetime) -> set[str]:
    """Those of `places` that are taken; what is free again by now is given free."""
    place = _C[column]
    until = next((UNTIL[kind] for kind, each in COLUMNS.items() if each == column and kind in UNTIL), None)
    if until is not None:
        free = promo_coupons.update().where(place.is_not(None), among(place, "places"), _C[until] <= now)
        connection.execute(free.values({column: None, until: None}), {"places": places})
    return set(
        connection.execute(
            sa.select(place).where(place.is_not(None), among(place, "places")), {"places": places}
        ).scalars()
    )


def take_place(
    connection: sa.Connection, coupon: Coupon, column: str, place: str, until: tuple[str, datetime | None]
) -> bool:
    """Whether the coupon could take a further place."""
    row = _row(coupon)
    change = promo_coupons.update().where(_C.campaign_id == row["campaign_id"], _C.coupon_id == row["coupon_id"])
    try:
        with connection.begin_nested():
            connection.execute(change.values({column: place, until[0]: until[1]}))
    except sa.exc.IntegrityError:
        return False
    return True


def change(connection: sa.Connection, coupon: Coupon) -> None:
    """Keeps a coupon as it is now."""
    row = _row(coupon)
    where = (_C.campaign_id == row.pop("campaign_id"), _C.coupon_id == row.pop("coupon_id"))
    connection.execute(promo_coupons.update().where(*where), row)


def forget(connection: sa.Connection, gone: Sequence[Coupon]) -> None:
    """Takes coupons of one campaign out."""
    if gone:
        where = (_C.campaign_id == gone[0].campaign_id, among(_C.coupon_id, "ids"))
        connection.execute(promo_coupons.delete().where(*where), {"ids": [coupon.coupon_id for coupon in gone]})


def put_void(connection: sa.Connection, asked: Asked) -> None:
    """Keeps that a coupon is void."""
    row = {
        "campaign_id": asked.campaign_id, "coupon_id": asked.coupon_id, "account_id": asked.account_id,
        "state": "voided", "claimed_at": asked.at, "amount": 0,
    }  # fmt: skip
    insert_ignore(connection, promo_coupons, [row])


def answers(connection: sa.Connection, keys: Sequence[str]) -> dict[str, tuple[str, Any]]:
    """Idempotency key → digest of what was asked, and the answer."""
    table = promo_checks.c
    query = sa.select(promo_checks).where(among(table.idempotency_key, "keys"))
    return {row.idempotency_key: (row.digest, row.answer) for row in connection.execute(query, {"keys": keys})}


def put_answers(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> bool:
    """Keeps answers; False when one of the keys was used by somebody else at this very moment."""
    return insert_ignore(connection, promo_checks, rows) == len(rows)


def forget_answers(connection: sa.Connection, before: datetime) -> None:
    """Takes answers out that were given before."""
    connection.execute(promo_checks.delete().where(promo_checks.c.decided_at < before))


def _coupon(row: sa.Row[Any]) -> Coupon:
    return Coupon(**{name: getattr(row, name) for name in Coupon.__struct_fields__})


def _row(coupon: Coupon) -> dict[str, Any]:
    return {name: getattr(coupon, name) for name in Coupon.__struct_fields__}
