"""Accounts and entries of which a test states only what it is about."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Protocol

from agoranomos.kernel.ledger import posting, queries
from agoranomos.kernel.ledger.book import Book
from agoranomos.kernel.ledger.model import (
    Account,
    Balance,
    Entry,
    Outcome,
    Record,
    Release,
    Reversal,
    Settlement,
    Status,
    Transfer,
)
from agoranomos.kernel.store import Store
from tests.builders import NOW


def minute(number: float) -> datetime:
    """`number` minutes after NOW."""
    return NOW + timedelta(minutes=number)


def make_account(account_id: str = "budget", **fields: Any) -> Account:
    """An account in fen that may not go negative."""
    return Account(**{"id": account_id, "unit": "CNY", "kind": "test", "opened_at": NOW, **fields})


def make_transfer(transfer_id: str = "t1", **fields: Any) -> Transfer:
    """100 from the world into the budget, at NOW."""
    given = {"debit": "world", "credit": "budget", "amount": 100, "at": NOW, "reason": "funding"}
    return Transfer(**{"id": transfer_id, **given, **fields})


def make_reservation(reservation_id: str = "r1", **fields: Any) -> Transfer:
    """30 of the budget for the buyer, for a quarter of an hour."""
    given = {"debit": "budget", "credit": "buyer", "amount": 30, "expires_at": minute(15), "reason": "claim"}
    return make_transfer(reservation_id, **{"pending": True, **given, **fields})


def make_settlement(settlement_id: str = "s1", reservation_id: str = "r1", **fields: Any) -> Settlement:
    given = {"reservation_id": reservation_id, "at": minute(1), "reason": "claimed"}
    return Settlement(**{"id": settlement_id, **given, **fields})


def make_release(release_id: str = "s1", reservation_id: str = "r1", **fields: Any) -> Release:
    given = {"reservation_id": reservation_id, "at": minute(1), "reason": "given_back"}
    return Release(**{"id": release_id, **given, **fields})


def make_reversal(reversal_id: str = "x1", transfer_id: str = "t1", **fields: Any) -> Reversal:
    given = {"transfer_id": transfer_id, "at": minute(2), "reason": "overturned"}
    return Reversal(**{"id": reversal_id, **given, **fields})


class Ledger(Protocol):
    """What a book in memory and the store both do."""

    def open(self, *accounts: Account) -> list[Status]: ...
    def post(self, *entries: Entry, together: bool = True) -> list[Outcome]: ...
    def expire_due(self, now: datetime) -> list[Record]: ...
    def balance(self, account_id: str) -> Balance: ...
    def balance_as_of(self, account_id: str, moment: datetime) -> Balance: ...


class InMemory:
    """A ledger in a `Book`."""

    def __init__(self) -> None:
        self.book = Book()
        self.expire_due = self.book.expire_due
        self.balance = self.book.balance
        self.balance_as_of = self.book.balance_as_of

    def open(self, *accounts: Account) -> list[Status]:
        return [self.book.open(account) for account in accounts]

    def post(self, *entries: Entry, together: bool = True) -> list[Outcome]:
        return self.book.post(entries, together=together)


class InStore:
    """A ledger in `store`, a transaction for each call."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.now = NOW

    def open(self, *accounts: Account) -> list[Status]:
        with self.store.transaction() as connection:
            return posting.open_accounts(connection, accounts)

    def post(self, *entries: Entry, together: bool = True) -> list[Outcome]:
        with self.store.transaction() as connection:
            return posting.post(connection, entries, now=self.now, together=together)

    def expire_due(self, now: datetime) -> list[Record]:
        with self.store.transaction() as connection:
            return posting.expire_due(connection, now)

    def balance(self, account_id: str) -> Balance:
        with self.store.reading() as connection:
            return queries.balance(connection, account_id)

    def balance_as_of(self, account_id: str, moment: datetime, known_by: datetime | None = None) -> Balance:
        with self.store.reading() as connection:
            return queries.balance_as_of(connection, account_id, moment, known_by=known_by)


def open_three(ledger: Ledger) -> None:
    """The world (without limits), a budget and a buyer, all in fen."""
    ledger.open(make_account("world", floor=None), make_account("budget"), make_account("buyer"))


def totals(ledger: Ledger, account_ids: Sequence[str]) -> dict[str, Balance]:
    return {account_id: ledger.balance(account_id) for account_id in account_ids}
