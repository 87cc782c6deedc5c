"""What a refund is in the books: pure entries, and the moves between their states.

Two transfers for each refund, in minor units of its currency. `paid`: from the fund of redress to the buyers, who are
the outside world. `charged`: from the store, which owes it from then on, to the fund. Both are reserved when the refund
is asked for, settled when it took effect, and released when it never will. When a recall is withdrawn, what was charged
is reversed, exactly: the fund, that is the platform, bears what buyers keep.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal

import msgspec

from agoranomos.kernel.actions import ActionStatus
from agoranomos.kernel.ids import LENGTH_MAX, derived
from agoranomos.kernel.ledger.model import Account, Entry, Release, Reversal, Settlement, Transfer

PaidState = Literal["reserved", "settled", "released"]
ChargedState = Literal["reserved", "settled", "released", "reversed"]
REASON: Final = "redress"
_OPENED: Final = datetime(2000, 1, 1, tzinfo=UTC)
"""The same for all, so that opening an account twice is opening it once."""
_NEVER: Final = frozenset[ActionStatus]({"refused", "failed", "undone"})


class Booking(msgspec.Struct, frozen=True, kw_only=True):
    """A refund in the books; `action_id` is the action that asks for it."""

    action_id: str
    store_id: str
    currency: str
    amount: int
    paid: PaidState = "reserved"
    charged: ChargedState = "reserved"
    withdrawn: bool = False

    @property
    def open(self) -> bool:
        """Whether something may still have to be moved."""
        return self.paid == "reserved" or self.charged == "reserved" or (self.withdrawn and self.charged == "settled")


def fund(currency: str) -> str:
    """The account that refunds are paid from, and that what is charged to stores comes back to."""
    return f"redress:fund:{currency}"


def buyers(currency: str) -> str:
    """The outside world that refunds go to."""
    return f"redress:buyers:{currency}"


def owed(store_id: str, currency: str) -> str:
    """What a store owes, below zero."""
    name = f"redress:owed:{currency}:{store_id}"
    return name if len(name) <= LENGTH_MAX else derived("redress:owed", currency, store_id)


def accounts(bookings: Sequence[Booking]) -> list[Account]:
    """The accounts that bookings need, each once."""
    kinds: dict[str, tuple[str, str]] = {}
    for each in bookings:
        kinds[fund(each.currency)] = (each.currency, "redress_fund")
        kinds[buyers(each.currency)] = (each.currency, "redress_buyers")
        kinds[owed(each.store_id, each.currency)] = (each.currency, "redress_owed")
    return [
        Account(id=name, unit=unit, kind=kind, opened_at=_OPENED, floor=None)
        for name, (unit, kind) in sorted(kinds.items())
    ]


def begun(booking: Booking, because: str, at: datetime) -> list[Entry]:
    """The reservations, when the refund is asked for."""
    return [
        Transfer(
            id=f"{booking.action_id}:paid", debit=fund(booking.currency), credit=buyers(booking.currency),
            amount=booking.amount, at=at, reason=REASON, because=(because,), pending=True,
        ),
        Transfer(
            id=f"{booking.action_id}:charged", debit=owed(booking.store_id, booking.currency),
            credit=fund(booking.currency), amount=booking.amount, at=at, reason=REASON, because=(because,),
            pending=True,
        ),
    ]  # fmt: skip


def moved(booking: Booking, status: ActionStatus, at: datetime) -> tuple[Booking, list[Entry]]:
    """What has to be booked now that the refund has this status, and the booking afterwards.

    Asked again it gives nothing more. What was once settled stays paid, whatever becomes of the action's status.
    """
    entries: list[Entry] = []
    paid, charged = booking.paid, booking.charged
    name = booking.action_id
    if paid == "reserved" and status == "done":
        entries.append(Settlement(id=f"{name}:paid:done", reservation_id=f"{name}:paid", at=at, reason=REASON))
        paid = "settled"
    elif paid == "reserved" and status in _NEVER:
        entries.append(Release(id=f"{name}:paid:never", reservation_id=f"{name}:paid", at=at, reason=REASON))
        paid = "released"
    if charged == "reserved" and (booking.withdrawn or paid == "released"):
        entries.append(Release(id=f"{name}:charged:never", reservation_id=f"{name}:charged", at=at, reason=REASON))
        charged = "released"
    elif charged == "reserved" and paid == "settled":
        entries.append(Settlement(id=f"{name}:charged:done", reservation_id=f"{name}:charged", at=at, reason=REASON))
        charged = "settled"
    if charged == "settled" and booking.withdrawn:
        entries.append(Reversal(id=f"{name}:charged:back", transfer_id=f"{name}:charged:done", at=at, reason=REASON))
        charged = "reversed"
    return msgspec.structs.replace(booking, paid=paid, charged=charged), entries
