"""The trial balance: everything that must be true of a ledger, recomputed from its records.

Pacioli, Summa de arithmetica (1494): debits equal credits, or there is an error in the books.
"""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.ledger.model import Balance
from agoranomos.kernel.ledger.queries import POSTED
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_reservations, ledger_transfers

_T = ledger_transfers
_A = ledger_accounts


class Discrepancy(msgspec.Struct, frozen=True):
    """Something that cannot be: `what` is wrong with the account, unit or reservation `id`."""

    what: str
    id: str


def trial_balance(connection: sa.Connection) -> list[Discrepancy]:
    """All discrepancies; empty when the books are right. Reads every record once for each side."""
    return [
        *_totals_that_differ(connection),
        *_units_that_do_not_add_up(connection),
        *_units_that_are_mixed(connection),
        *_reservations_that_differ(connection),
    ]


def _totals_that_differ(connection: sa.Connection) -> Iterator[Discrepancy]:
    debited, credited = _sums(connection, _T.c.debit), _sums(connection, _T.c.credit)
    for row in connection.execute(sa.select(_A)):
        kept = Balance(*row[-4:])
        debits_posted, debits_pending = debited.get(row.id, (0, 0))
        credits_posted, credits_pending = credited.get(row.id, (0, 0))
        if kept != Balance(debits_posted, credits_posted, debits_pending, credits_pending):
            yield Discrepancy("the totals of the account are not those of its records", row.id)
        if row.floor is not None and kept.available < row.floor:
            yield Discrepancy("the account is below its floor", row.id)
        if row.ceiling is not None and kept.at_most > row.ceiling:
            yield Discrepancy("the account is above its ceiling", row.id)


def _sums(connection: sa.Connection, side: sa.ColumnElement[str]) -> dict[str, tuple[int, int]]:
    query = sa.select(side, sa.func.sum(POSTED), sa.func.sum(_T.c.held)).group_by(side)
    return {account_id: (int(posted), int(held)) for account_id, posted, held in connection.execute(query)}


def _units_that_do_not_add_up(connection: sa.Connection) -> Iterator[Discrepancy]:
    posted = sa.func.sum(_A.c.credits_posted - _A.c.debits_posted)
    pending = sa.func.sum(_A.c.credits_pending - _A.c.debits_pending)
    query = sa.select(_A.c.unit).group_by(_A.c.unit).having(sa.or_(posted != 0, pending != 0)).order_by(_A.c.unit)
    for unit in connection.execute(query).scalars():
        yield Discrepancy("debits and credits of the unit are not equal", unit)


def _units_that_are_mixed(connection: sa.Connection) -> Iterator[Discrepancy]:
    other = _A.alias()
    query = (
        sa.select(_T.c.id)
        .join(_A, _A.c.id == _T.c.debit)
        .join(other, other.c.id == _T.c.credit)
        .where(_A.c.unit != other.c.unit)
        .order_by(_T.c.id)
    )
    for record_id in connection.execute(query).scalars():
        yield Discrepancy("the record moves between two units", record_id)


def _reservations_that_differ(connection: sa.Connection) -> Iterator[Discrepancy]:
    end = _T.alias()
    ended = sa.exists().where(end.c.refers_to == _T.c.id)
    should = set(connection.execute(sa.select(_T.c.id).where(_T.c.kind == "reserve", ~ended)).scalars())
    are = set(connection.execute(sa.select(ledger_reservations.c.transfer_id)).scalars())
    for record_id in sorted(should ^ are):
        yield Discrepancy("the list of open reservations is wrong about it", record_id)
