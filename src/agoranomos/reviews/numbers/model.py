"""A virtual number for one order, and what becomes of a call: pure.

The parties are those of AXB calling: A, the buyer; X, the number that everybody sees; B, who may ring it, the store and
the courier. None of them learns a real number, and the room does not either: it names parties to the provider by ids.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

State = Literal["asked", "bound", "ended"]
Caller = Literal["store", "courier", "unknown"]
CALLERS: Final[tuple[Caller, ...]] = get_args(Caller)
PARTIES: Final[tuple[Caller, ...]] = ("store", "courier")
Ending = Literal["expired", "rotated", "harassment", "wish"]
Refused = Literal["numbers.not_given", "numbers.ended", "numbers.unknown_caller", "numbers.blocked"]
REFUSALS: Final[dict[Refused, str]] = {
    "numbers.not_given": "This number stands for nobody.",
    "numbers.ended": "This number is no longer in use; the order is over.",
    "numbers.unknown_caller": "Only the store and the courier of the order can be put through.",
    "numbers.blocked": "The buyer does not want to be called by this store.",
}
"""What is said to a caller, who learns nothing about anybody by it."""
_SHOWN_DIGITS: Final = 4


class Counts(msgspec.Struct, frozen=True):
    """Calls of one number: put through; refused after its end, of people unknown, of a store that is blocked."""

    through: int = 0
    ended: int = 0
    unknown: int = 0
    blocked: int = 0

    @property
    def refused(self) -> int:
        """All that were not put through."""
        return self.ended + self.unknown + self.blocked


class Binding(msgspec.Struct, frozen=True, kw_only=True):
    """A number for an order. `parties` may ring it; `turn` counts the numbers that the order has had; `told_at`: when
    the provider was told that it ended.
    """

    binding_id: str
    order_id: str
    store_id: str
    account_id: str
    parties: tuple[Caller, ...]
    turn: int
    state: State
    asked_at: datetime
    expires_at: datetime
    virtual_number: str | None = None
    ended_at: datetime | None = None
    ending: Ending | None = None
    told_at: datetime | None = None
    counts: Counts

    def lives(self, now: datetime) -> bool:
        """Whether calls are put through."""
        return self.state == "bound" and now < self.expires_at

    def shown(self) -> str:
        """The number, but for its last digits hidden: for lists."""
        number = self.virtual_number or ""
        return f"…{number[-_SHOWN_DIGITS:]}" if len(number) > _SHOWN_DIGITS else "…" if number else "-"


def refusal(binding: Binding | None, caller: Caller, now: datetime, *, blocked: bool) -> Refused | None:
    """Why a call is not put through; None when it is."""
    if binding is None or binding.state == "asked":
        return "numbers.not_given"
    if not binding.lives(now):
        return "numbers.ended"
    if caller == "store" and (blocked or caller not in binding.parties):
        return "numbers.blocked"
    return None if caller in binding.parties else "numbers.unknown_caller"


def counted(counts: Counts, refused: Refused | None) -> Counts:
    """With one more call."""
    match refused:
        case None:
            return msgspec.structs.replace(counts, through=counts.through + 1)
        case "numbers.ended":
            return msgspec.structs.replace(counts, ended=counts.ended + 1)
        case "numbers.unknown_caller":
            return msgspec.structs.replace(counts, unknown=counts.unknown + 1)
        case _:
            return msgspec.structs.replace(counts, blocked=counts.blocked + 1)
