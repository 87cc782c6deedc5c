"""All reading of the ledger in the store."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from agoranomos.kernel.dialects import among
from agoranomos.kernel.errors import NotFound
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.ledger.model import MOVING, Account, Balance, Record
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_reservations, ledger_transfers

_T = ledger_transfers
_ACCOUNTS = (
    sa.select(ledger_accounts)
    .where(among(ledger_accounts.c.id, "ids"))
    .order_by(ledger_accounts.c.id)  # whoever locks accounts locks them in this order, so that none waits in a ring
)
_LOCKED = _ACCOUNTS.with_for_update()
_RECORD = sa.select(*(column for column in _T.c if column.name != "recorded_at"))
_BY_ID = _RECORD.where(among(_T.c.id, "ids"))
_FOLLOWERS = _RECORD.where(among(_T.c.refers_to, "ids"))
POSTED = sa.case((_T.c.kind.in_(sorted(MOVING)), _T.c.amount), else_=0)


def account(connection: sa.Connection, account_id: str) -> Account:
    """The terms of an account. Raises NotFound."""
    return _one(connection, account_id)[0]


def balance(connection: sa.Connection, account_id: str) -> Balance:
    """The totals of an account as they are now. Raises NotFound."""
    return _one(connection, account_id)[1]


def balances(connection: sa.Connection, account_ids: Sequence[str]) -> dict[str, Balance]:
    """The totals of those accounts that exist, in one query."""
    return {found.id: totals for found, totals in accounts_by_id(connection, account_ids)}


def balance_as_of(
    connection: sa.Connection, account_id: str, moment: datetime, *, known_by: datetime | None = None
) -> Balance:
    """The totals of everything that had happened by `moment` (event time), recomputed from the records.

    What arrived late counts when it happened. `known_by` leaves out what was written down after it: what the
    account looked like at `moment` to somebody who looked at `known_by`. Raises NotFound.
    """
    account(connection, account_id)
    condition = _T.c.at <= moment
    if known_by is not None:
        condition = sa.and_(condition, _T.c.recorded_at <= known_by)
    debits_posted, debits_pending = _totals(connection, sa.and_(_T.c.debit == account_id, condition))
    credits_posted, credits_pending = _totals(connection, sa.and_(_T.c.credit == account_id, condition))
    return Balance(debits_posted, credits_posted, debits_pending, credits_pending)


def record(connection: sa.Connection, record_id: str) -> Record:
    """What was written down under this id. Raises NotFound."""
    found = records_by_id(connection, [record_id]) if is_id(record_id) else []
    if not found:
        raise NotFound("there is no entry with this id in the ledger")
    return found[0]


def follower(connection: sa.Connection, record_id: str) -> Record | None:
    """The record that ended this reservation or reversed this movement, if there is one."""
    found = followers(connection, [record_id])
    return found[0] if found else None


def history(
    connection: sa.Connection,
    account_id: str,
    *,
    after: tuple[datetime, str] | None = None,
    limit: int = 100,
) -> list[Record]:
    """The records of an account in the order of (`at`, id), up to `limit` of them after the key `after`."""
    sides = (_RECORD.where(side == account_id) for side in (_T.c.debit, _T.c.credit))
    if after is not None:
        at, record_id = after
        later = sa.or_(_T.c.at > at, sa.and_(_T.c.at == at, _T.c.id > record_id))
        sides = (side.where(_T.c.at >= at, later) for side in sides)
    both = sa.union_all(*(side.order_by(_T.c.at, _T.c.id).limit(limit).subquery().select() for side in sides))
    rows = both.subquery()
    query = sa.select(rows).order_by(rows.c.at, rows.c.id).limit(limit)
    return _records(connection.execute(query).all())


def due_reservations(connection: sa.Connection, now: datetime, limit: int) -> list[str]:
    """The ids of open reservations that expire at `now` or before, the first first."""
    table = ledger_reservations
    query = (
        sa.select(table.c.transfer_id)
        .where(table.c.expires_at <= now)
        .order_by(table.c.expires_at, table.c.transfer_id)
        .limit(limit)
    )
    return list(connection.execute(query).scalars())


def accounts_by_id(
    connection: sa.Connection, account_ids: Iterable[str], *, lock: bool = False
) -> list[tuple[Account, Balance]]:
    """Those accounts that exist, in the order of their ids; `lock`: nobody else changes them in the meantime."""
    rows = connection.execute(_LOCKED if lock else _ACCOUNTS, {"ids": sorted(account_ids)})
    return [_account(row) for row in rows]


def records_by_id(connection: sa.Connection, ids: Iterable[str]) -> list[Record]:
    """Those records that exist, in no order."""
    return _records(connection.execute(_BY_ID, {"ids": list(ids)}).all())


def followers(connection: sa.Connection, ids: Iterable[str]) -> list[Record]:
    """The records that refer to these, in no order."""
    return _records(connection.execute(_FOLLOWERS, {"ids": list(ids)}).all())


def _one(connection: sa.Connection, account_id: str) -> tuple[Account, Balance]:
    # PostgreSQL refuses text with a NUL in it, loudly; whatever is no id is simply not there.
    found = accounts_by_id(connection, [account_id]) if is_id(account_id) else []
    if not found:
        raise NotFound("there is no account with this id; open it first")
    return found[0]


def _totals(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> tuple[int, int]:
    posted, held = (sa.func.coalesce(sa.func.sum(value), 0) for value in (POSTED, _T.c.held))
    row = connection.execute(sa.select(posted, held).where(condition)).one()
    return int(row[0]), int(row[1])


def _account(row: sa.Row[Any]) -> tuple[Account, Balance]:
    account_id, unit, kind, opened_at, floor, ceiling, *totals = tuple(row)
    opened = Account(id=account_id, unit=unit, kind=kind, opened_at=opened_at, floor=floor, ceiling=ceiling)
    return opened, Balance(*totals)


def _records(rows: Iterable[sa.Row[Any]]) -> list[Record]:
    return [
        Record(
            id=row.id,
            kind=row.kind,
            debit=row.debit,
            credit=row.credit,
            amount=row.amount,
            held=row.held,
            at=row.at,
            expires_at=row.expires_at,
            reason=row.reason,
            because=tuple(row.because),
            refers_to=row.refers_to,
        )
        for row in rows
    ]
