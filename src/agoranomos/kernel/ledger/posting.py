"""The verbs of the ledger in the store, given an open transaction.

A batch costs a fixed number of statements: its accounts are read (and locked, in the order of their ids) in one, the
records that it may repeat or refer to in another, the rules of `Book` decide in memory, and records and changed
totals are written. Two calls in one transaction lock one after the other and can meet another transaction that does
so in the opposite order; PostgreSQL then ends one of them with an error. One call with all entries cannot.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import chain
from typing import Any

import sqlalchemy as sa

from agoranomos.kernel.dialects import among, insert_ignore, is_repeat
from agoranomos.kernel.errors import AgoranomosError, Conflict
from agoranomos.kernel.ledger import queries
from agoranomos.kernel.ledger.book import Book, expiry
from agoranomos.kernel.ledger.model import (
    Account,
    Balance,
    Entry,
    Expiry,
    Outcome,
    Record,
    Release,
    Reversal,
    Settlement,
    Status,
    Transfer,
)
from agoranomos.kernel.ledger.tables import ledger_accounts, ledger_reservations, ledger_transfers

Chain = Sequence[Entry | Expiry]
"""Entries that are written all or none."""

_TOTALS = Balance.__struct_fields__
_UPDATE_TOTALS = (
    ledger_accounts.update()
    .where(ledger_accounts.c.id == sa.bindparam("account_id"))
    .values({name: sa.bindparam(name) for name in _TOTALS})
)
_INSERT_RECORDS = ledger_transfers.insert()
_INSERT_RESERVATIONS = ledger_reservations.insert()
_END_RESERVATIONS = ledger_reservations.delete().where(among(ledger_reservations.c.transfer_id, "ids"))


def open_accounts(connection: sa.Connection, accounts: Sequence[Account]) -> list[Status]:
    """Opens `accounts`; `repeated` for one that is open with the same terms.

    Raises Conflict when one is open with other terms; then the transaction is to be rolled back.
    """
    rows = [{**_terms(account), **dict.fromkeys(_TOTALS, 0)} for account in accounts]
    known = queries.balances(connection, [account.id for account in accounts])
    insert_ignore(connection, ledger_accounts, rows)
    found = {one.id: one for one, _ in queries.accounts_by_id(connection, [account.id for account in accounts])}
    if any(found[account.id] != account for account in accounts):
        raise Conflict("an account with this id is open already, with other terms; choose another id")
    return ["repeated" if account.id in known else "written" for account in accounts]


def post(connection: sa.Connection, entries: Chain, *, now: datetime, together: bool = True) -> list[Outcome]:
    """Writes `entries`, one after the other, and says what became of each; `now` is when they are written down.

    `together`: all or nothing; the error of the first that is refused is raised (NotFound, Conflict, Invalid), and
    nothing was written. Otherwise each stands for itself, and a refusal is an outcome with the error.
    """
    book = _load(connection, entries)
    outcomes = book.post(entries, together=together)
    _write(connection, book, outcomes, now)
    return outcomes


def post_chains(
    connection: sa.Connection, chains: Sequence[Chain], *, now: datetime
) -> list[list[Outcome] | AgoranomosError]:
    """Writes many chains at the price of one batch; a chain that is refused leaves its error and no trace."""
    book = _load(connection, list(chain.from_iterable(chains)))
    answers = [_attempt(book, entries) for entries in chains]
    _write(connection, book, chain.from_iterable(one for one in answers if isinstance(one, list)), now)
    return answers


def expire_due(connection: sa.Connection, now: datetime, *, limit: int = 1_000) -> list[Record]:
    """Releases up to `limit` reservations whose time has come by `now`; the records say they ended when due.

    Until then they count as reserved: nobody may take what somebody else was promised a second ago.
    """
    due = [expiry(reservation_id) for reservation_id in queries.due_reservations(connection, now, limit)]
    # Another process may settle one between our looking and our locking; that one is refused, and rightly so.
    outcomes = post(connection, due, now=now, together=False) if due else []
    return [outcome.record for outcome in outcomes if outcome.status == "written" and outcome.record]


def _attempt(book: Book, entries: Chain) -> list[Outcome] | AgoranomosError:
    try:
        return book.post(entries)
    except AgoranomosError as error:
        return error


def _load(connection: sa.Connection, entries: Chain) -> Book:
    """The part of the book that `entries` are about, its accounts locked until the transaction ends."""
    book = Book()
    referred = {_refers_to(entry) for entry in entries if not isinstance(entry, Transfer)}
    # Records never change: what is referred to may be read before anything is locked, and says what to lock.
    earlier = queries.records_by_id(connection, referred) if referred else []
    named: list[Transfer | Record] = [entry for entry in entries if isinstance(entry, Transfer)]
    concerned = {account_id for one in (*named, *earlier) for account_id in (one.debit, one.credit)}
    book.load(queries.accounts_by_id(connection, concerned, lock=True), earlier)
    # Only under the lock is it certain what others have written.
    book.load((), queries.records_by_id(connection, [entry.id for entry in entries]))
    if referred:
        book.load((), queries.followers(connection, referred))
    return book


def _write(connection: sa.Connection, book: Book, outcomes: Iterable[Outcome], now: datetime) -> None:
    written = [outcome.record for outcome in outcomes if outcome.status == "written" and outcome.record is not None]
    if not written:
        return
    try:
        connection.execute(_INSERT_RECORDS, [_row(record, now) for record in written])
    except sa.exc.IntegrityError as error:
        if not is_repeat(error):
            raise
        # Of two writers of one id with different accounts, no common lock lets the second see the first.
        raise Conflict("one of these ids was used at this very moment for another entry; ask again") from error
    changed = sorted({account_id for record in written for account_id in (record.debit, record.credit)})
    connection.execute(_UPDATE_TOTALS, [_totals(account_id, book.balance(account_id)) for account_id in changed])
    _note_reservations(connection, written)


def _note_reservations(connection: sa.Connection, written: Sequence[Record]) -> None:
    made = {record.id: record.expires_at for record in written if record.kind == "reserve"}
    ended = [record.refers_to for record in written if record.held < 0]
    still_open = [{"transfer_id": name, "expires_at": made[name]} for name in made.keys() - set(ended)]
    if still_open:
        connection.execute(_INSERT_RESERVATIONS, still_open)
    if ended:
        connection.execute(_END_RESERVATIONS, {"ids": ended})


def _refers_to(entry: Settlement | Release | Reversal | Expiry) -> str:
    return entry.transfer_id if isinstance(entry, Reversal) else entry.reservation_id


def _totals(account_id: str, balance: Balance) -> dict[str, Any]:
    return {"account_id": account_id, **{name: getattr(balance, name) for name in _TOTALS}}


def _terms(account: Account) -> dict[str, Any]:
    return {name: getattr(account, name) for name in account.__struct_fields__}


def _row(record: Record, now: datetime) -> dict[str, Any]:
    return {**{name: getattr(record, name) for name in record.__struct_fields__}, "recorded_at": now}
