"""The values of the ledger: accounts and their balances, what a caller asks for, and what is written down.

All amounts are integers of the account's unit (`CNY` in fen, `points`, `test-buys`, …). Every balance is seen from
the credit side: what an account holds is its credits less its debits.
"""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Final, Literal

import msgspec

from agoranomos.kernel.errors import AgoranomosError, Invalid
from agoranomos.kernel.ids import is_id
from agoranomos.kernel.money import AMOUNT_MAX

TOTAL_MAX: Final = 2**62
"""What the debits or the credits of one account may add up to, in its unit: a bigint holds twice as much."""

Kind = Literal["transfer", "reserve", "settle", "release", "expire", "reverse"]
MOVING: Final = frozenset({"transfer", "settle", "reverse"})
"""The kinds of record that change what is posted; the others change only what is reserved."""
Status = Literal["written", "repeated", "refused"]
Ids = Annotated[tuple[str, ...], msgspec.Meta(max_length=100)]


class Account(msgspec.Struct, frozen=True, kw_only=True):
    """Where something is held. It is never changed, closed or deleted.

    `floor` bounds what may be taken: available never falls below it. 0, the default, is TigerBeetle's
    `debits_must_not_exceed_credits`; None is for the outside world, which budgets come from and payouts go to.
    `ceiling` bounds what may come in, reservations included; 0 is `credits_must_not_exceed_debits`.
    `kind` says what it is for, such as `coupon_budget`. Raises Invalid.
    """

    id: str
    unit: str
    kind: str
    opened_at: datetime
    floor: int | None = 0
    ceiling: int | None = None

    def __post_init__(self) -> None:
        _require_ids(self.id, self.unit, self.kind)
        _require_moment(self.opened_at)
        for limit in (self.floor, self.ceiling):
            if limit is not None and abs(limit) > TOTAL_MAX:
                raise Invalid(f"a limit of an account lies within {TOTAL_MAX} of 0; leave it out for none")


class Balance(msgspec.Struct, frozen=True):
    """The four totals of an account, each 0 or more; only `…_posted` has moved, `…_pending` is reserved."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    @property
    def posted(self) -> int:
        """What the account holds: credits less debits."""
        return self.credits_posted - self.debits_posted

    @property
    def available(self) -> int:
        """What may still be taken, limits aside: what it holds less what others have reserved of it."""
        return self.credits_posted - self.debits_posted - self.debits_pending

    @property
    def at_most(self) -> int:
        """What it holds if every reservation in its favour is settled and none against it."""
        return self.credits_posted - self.debits_posted + self.credits_pending


class Transfer(msgspec.Struct, frozen=True, kw_only=True):
    """`amount` from the account `debit` to the account `credit` at the event time `at`.

    `pending`: it is only reserved, until a Settlement or Release, or until `expires_at` (None: for as long as it
    takes). `reason` is a code; `because` holds the ids of the findings, decisions or cases behind it.
    """

    id: str
    debit: str
    credit: str
    amount: int
    at: datetime
    reason: str
    because: Ids = ()
    pending: bool = False
    expires_at: datetime | None = None

    def __post_init__(self) -> None:
        _require_ids(self.id, self.debit, self.credit)
        _require_cause(self)
        _require_amount(self.amount)
        if self.debit == self.credit:
            raise Invalid("a transfer needs two accounts; debit and credit are the same", pointer="/credit")
        if self.expires_at is not None:
            _require_moment(self.expires_at)
            if not self.pending:
                raise Invalid("only what is pending can expire; leave out expires_at", pointer="/expires_at")
            if self.expires_at <= self.at:
                raise Invalid("a reservation must expire after it is made", pointer="/expires_at")


class Settlement(msgspec.Struct, frozen=True, kw_only=True):
    """Moves `amount` of a reservation (None: all of it); the rest is released."""

    id: str
    reservation_id: str
    at: datetime
    reason: str
    because: Ids = ()
    amount: int | None = None

    def __post_init__(self) -> None:
        _require_ids(self.id, self.reservation_id)
        _require_cause(self)
        if self.amount is not None:
            _require_amount(self.amount)


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Gives a reservation back as a whole."""

    id: str
    reservation_id: str
    at: datetime
    reason: str
    because: Ids = ()

    def __post_init__(self) -> None:
        _require_ids(self.id, self.reservation_id)
        _require_cause(self)


class Reversal(msgspec.Struct, frozen=True, kw_only=True):
    """Undoes what a transfer, a settlement or another reversal has moved, as a whole and once."""

    id: str
    transfer_id: str
    at: datetime
    reason: str
    because: Ids = ()

    def __post_init__(self) -> None:
        _require_ids(self.id, self.transfer_id)
        _require_cause(self)


class Expiry(msgspec.Struct, frozen=True, kw_only=True):
    """Gives a reservation back because its time has come; made by `expire_due` alone."""

    id: str
    reservation_id: str


Entry = Transfer | Settlement | Release | Reversal
"""What a caller may ask for. Its id makes it happen once."""


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """What was written down. `amount` > 0 is what was named; `held` is by how much the reserved sum has changed.

    A record is followed by at most one other (`refers_to`): a reservation by its end, a movement by its reversal.
    """

    id: str
    kind: Kind
    debit: str
    credit: str
    amount: int
    held: int
    at: datetime
    reason: str
    because: tuple[str, ...] = ()
    expires_at: datetime | None = None
    refers_to: str | None = None

    @property
    def posted(self) -> int:
        """By how much the posted debits and credits have changed."""
        return self.amount if self.kind in MOVING else 0


class Outcome(msgspec.Struct, frozen=True):
    """What became of an entry: `written` now, `repeated` (the record is from before), or `refused` with an error."""

    id: str
    status: Status
    record: Record | None = None
    error: AgoranomosError | None = None


def _require_ids(*values: str) -> None:
    for value in values:
        if not is_id(value):
            raise Invalid("ids, units and kinds of the ledger have 1 to 128 printable characters")


def _require_moment(moment: datetime) -> None:
    if moment.tzinfo is None:
        raise Invalid("a time in the ledger needs an offset; pass an aware datetime")


def _require_cause(entry: Transfer | Settlement | Release | Reversal) -> None:
    _require_moment(entry.at)
    _require_ids(entry.reason, *entry.because)


def _require_amount(amount: int) -> None:
    if type(amount) is not int or not 0 < amount <= AMOUNT_MAX:
        raise Invalid(f"an amount is a whole number from 1 to {AMOUNT_MAX}", pointer="/amount")
