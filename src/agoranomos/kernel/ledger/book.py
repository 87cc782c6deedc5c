"""The rules of the ledger, pure: a book in memory that accepts or refuses entries.

A replay keeps its ledgers in one. The store loads the part of its book that a batch is about, lets it decide, and
writes down what it decided, so that there is one set of rules.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from agoranomos.kernel.errors import AgoranomosError, Conflict, Invalid, NotFound
from agoranomos.kernel.ids import derived
from agoranomos.kernel.ledger.model import (
    MOVING,
    TOTAL_MAX,
    Account,
    Balance,
    Entry,
    Expiry,
    Ids,
    Kind,
    Outcome,
    Record,
    Release,
    Reversal,
    Settlement,
    Status,
    Transfer,
)

_EMPTY = Balance()
_ENDED = {"settle": "settled", "release": "released", "expire": "expired", "reverse": "reversed"}


class Book:
    """Accounts, their balances, and every record about them. For one thread at a time."""

    def __init__(self) -> None:
        self._accounts: dict[str, Account] = {}
        self._balances: dict[str, Balance] = {}
        self._records: dict[str, Record] = {}
        self._followers: dict[str, Record] = {}  # by the id that they refer to
        self._expiring: list[tuple[datetime, str]] = []  # a heap; what has ended meanwhile is skipped

    @property
    def accounts(self) -> Mapping[str, Account]:
        return self._accounts

    @property
    def records(self) -> Mapping[str, Record]:
        """Every record by its id, in the order of writing."""
        return self._records

    def open(self, account: Account) -> Status:
        """Opens an account; `repeated` when the very same is open. Raises Conflict when it is another."""
        known = self._accounts.setdefault(account.id, account)
        if known != account:
            raise Conflict("an account with this id is open already, with other terms; choose another id")
        if account.id in self._balances:
            return "repeated"
        self._balances[account.id] = _EMPTY
        return "written"

    def balance(self, account_id: str) -> Balance:
        """The totals as they are now. Raises NotFound."""
        try:
            return self._balances[account_id]
        except KeyError:
            raise NotFound("there is no account with this id; open it first") from None

    def balance_as_of(self, account_id: str, moment: datetime) -> Balance:
        """The totals of everything that had happened by `moment`, whenever it was written down. Raises NotFound."""
        self.balance(account_id)
        total = _EMPTY
        for record in self._records.values():
            if record.at <= moment and account_id in (record.debit, record.credit):
                total = _after(total, record, debit=record.debit == account_id)
        return total

    def post(self, entries: Sequence[Entry | Expiry], *, together: bool = True) -> list[Outcome]:
        """Writes `entries`, one after the other, and says what became of each.

        `together`: all or nothing; the error of the first that is refused is raised (NotFound, Conflict, Invalid).
        Otherwise each stands for itself, and a refusal is an outcome with the error.
        """
        return self._post_chain(entries) if together else [self._post_alone(entry) for entry in entries]

    def expire_due(self, now: datetime) -> list[Record]:
        """Releases every reservation whose time has come by `now`, in the order of expiry."""
        due = []
        while self._expiring and self._expiring[0][0] <= now:
            _, reservation_id = heapq.heappop(self._expiring)
            if reservation_id in self._records and reservation_id not in self._followers:
                due.append(expiry(reservation_id))
        return [outcome.record for outcome in self.post(due) if outcome.record and outcome.status == "written"]

    def load(self, accounts: Iterable[tuple[Account, Balance]], records: Iterable[Record]) -> None:
        """Takes over what a store knows: accounts with their balances, records with their followers."""
        for account, balance in accounts:
            self._accounts[account.id] = account
            self._balances[account.id] = balance
        for record in records:
            self._keep(record)

    def _post_alone(self, entry: Entry | Expiry) -> Outcome:
        try:
            return self._post_one(entry)
        except AgoranomosError as error:
            return Outcome(entry.id, "refused", error=error)

    def _post_chain(self, entries: Sequence[Entry | Expiry]) -> list[Outcome]:
        outcomes: list[Outcome] = []
        try:
            for entry in entries:
                outcomes.append(self._post_one(entry))  # noqa: PERF401 - what was written must be known when one fails
        except AgoranomosError:
            for outcome in reversed(outcomes):
                if outcome.status == "written" and outcome.record is not None:
                    self._undo(outcome.record)
            raise
        return outcomes

    def _post_one(self, entry: Entry | Expiry) -> Outcome:
        record = self._draft(entry)
        known = self._records.get(entry.id)
        if known is not None:
            if known != record:
                raise Conflict("this id was used for another entry; draw a new id for each entry")
            return Outcome(entry.id, "repeated", known)
        self._admit(record)
        self._move(record)
        self._keep(record)
        return Outcome(entry.id, "written", record)

    def _draft(self, entry: Entry | Expiry) -> Record:
        """The record that `entry` would become, whether or not the balances allow it."""
        if isinstance(entry, Transfer):
            return Record(
                id=entry.id,
                kind="reserve" if entry.pending else "transfer",
                debit=entry.debit,
                credit=entry.credit,
                amount=entry.amount,
                held=entry.amount if entry.pending else 0,
                at=entry.at,
                reason=entry.reason,
                because=entry.because,
                expires_at=entry.expires_at,
            )
        if isinstance(entry, Reversal):
            return _reversal(entry, self._earlier(entry.transfer_id))
        return _ending(entry, self._earlier(entry.reservation_id))

    def _earlier(self, record_id: str) -> Record:
        try:
            return self._records[record_id]
        except KeyError:
            raise NotFound("the entry refers to one that is not in the ledger; check its id") from None

    def _admit(self, record: Record) -> None:
        """Raises what speaks against writing `record`."""
        if record.refers_to is not None:
            self._admit_follower(record, self._records[record.refers_to])
        debit, credit = self._account(record.debit), self._account(record.credit)
        if debit.unit != credit.unit:
            raise Invalid("debit and credit are kept in different units; use two transfers through an exchange")
        taken = record.posted + record.held
        if taken <= 0 or record.kind == "settle":
            return  # what ends a reservation never takes more than was reserved
        if debit.floor is not None and self._balances[debit.id].available - taken < debit.floor:
            raise Conflict("the account to debit has not enough available; lower the amount or fund it")
        if credit.ceiling is not None and self._balances[credit.id].at_most + taken > credit.ceiling:
            raise Conflict("the account to credit would exceed its ceiling; lower the amount")

    def _admit_follower(self, record: Record, earlier: Record) -> None:
        follower = self._followers.get(earlier.id)
        if follower is not None:
            raise Conflict(f"the entry it refers to was {_ENDED[follower.kind]} already; nothing is left to do")
        if record.at < earlier.at:
            raise Invalid("an entry cannot happen before the one that it refers to", pointer="/at")
        if record.kind != "expire" and earlier.expires_at is not None and record.at >= earlier.expires_at:
            raise Conflict("the reservation had expired by then; make a new one")

    def _account(self, account_id: str) -> Account:
        try:
            return self._accounts[account_id]
        except KeyError:
            raise NotFound("there is no account with one of these ids; open it first") from None

    def _move(self, record: Record) -> None:
        debit = _after(self._balances[record.debit], record, debit=True)
        credit = _after(self._balances[record.credit], record, debit=False)
        if max(debit.debits_posted + debit.debits_pending, credit.credits_posted + credit.credits_pending) > TOTAL_MAX:
            raise Conflict("the account has moved as much as a ledger can count; open another")
        self._balances[record.debit] = debit
        self._balances[record.credit] = credit

    def _keep(self, record: Record) -> None:
        self._records[record.id] = record
        if record.refers_to is not None:
            self._followers[record.refers_to] = record
        if record.expires_at is not None:
            heapq.heappush(self._expiring, (record.expires_at, record.id))

    def _undo(self, record: Record) -> None:
        for account_id in (record.debit, record.credit):
            balance = self._balances[account_id]
            self._balances[account_id] = _after(balance, record, debit=account_id == record.debit, sign=-1)
        del self._records[record.id]
        if record.refers_to is not None:
            del self._followers[record.refers_to]


def expiry(reservation_id: str) -> Expiry:
    """The end of a reservation by time; its id follows from the reservation's."""
    return Expiry(id=derived("expiry", reservation_id), reservation_id=reservation_id)


def _ending(entry: Settlement | Release | Expiry, reserved: Record) -> Record:
    if reserved.kind != "reserve":
        raise Conflict("only a reservation can be settled or released; reverse what has moved")
    if isinstance(entry, Expiry):
        assert reserved.expires_at is not None, "only what can expire is due"
        return _following(reserved, entry.id, "expire", reserved.expires_at, "expired", ())
    if isinstance(entry, Release):
        return _following(reserved, entry.id, "release", entry.at, entry.reason, entry.because)
    amount = reserved.amount if entry.amount is None else entry.amount
    if amount > reserved.amount:
        raise Conflict("more was to be settled than is reserved; settle the reserved amount and transfer the rest")
    return _following(reserved, entry.id, "settle", entry.at, entry.reason, entry.because, amount)


def _following(
    reserved: Record, record_id: str, kind: Kind, at: datetime, reason: str, because: Ids, amount: int | None = None
) -> Record:
    return Record(
        id=record_id,
        kind=kind,
        debit=reserved.debit,
        credit=reserved.credit,
        amount=reserved.amount if amount is None else amount,
        held=-reserved.amount,
        at=at,
        reason=reason,
        because=because,
        refers_to=reserved.id,
    )


def _reversal(entry: Reversal, moved: Record) -> Record:
    if moved.kind not in MOVING:
        raise Conflict("only what has moved can be reversed; release a reservation instead")
    return Record(
        id=entry.id,
        kind="reverse",
        debit=moved.credit,
        credit=moved.debit,
        amount=moved.amount,
        held=0,
        at=entry.at,
        reason=entry.reason,
        because=entry.because,
        refers_to=moved.id,
    )


def _after(balance: Balance, record: Record, *, debit: bool, sign: int = 1) -> Balance:
    """`balance` with the effect of `record` on its debit or credit side added (`sign` -1: taken away)."""
    posted, held = sign * record.posted, sign * record.held
    if debit:
        return Balance(
            balance.debits_posted + posted,
            balance.credits_posted,
            balance.debits_pending + held,
            balance.credits_pending,
        )
    return Balance(
        balance.debits_posted,
        balance.credits_posted + posted,
        balance.debits_pending,
        balance.credits_pending + held,
    )
