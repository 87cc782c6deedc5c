"""Frozen money: pure values, and how an amount is laid to what was bought."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Literal

import msgspec

from agoranomos.kernel.schema.orders import OrderPlaced

Scope = Literal["order", "listing", "store"]
State = Literal["held", "released", "refunded", "expired"]
"""`held`: money that comes under it is held. Of the others none is left, and none comes."""
ReleaseState = Literal["asked", "done", "refused"]


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """The share of one listing in an order: `amount` minor units, of which `refunded` went back to the buyer and `held`
    is frozen by `freeze_id`. `paid_out`: the store has the money.
    """

    order_id: str
    listing_id: str
    store_id: str
    buyer_id: str
    currency: str
    amount: int
    placed_at: datetime
    refunded: int = 0
    held: int = 0
    freeze_id: str = ""
    paid_out: bool = False

    def __post_init__(self) -> None:
        assert min(self.held, self.refunded) >= 0, "nobody holds less than nothing"
        assert self.held + self.refunded <= self.amount, "no more is held and refunded than was paid"

    @property
    def free(self) -> int:
        """What the store may ask for."""
        return 0 if self.paid_out else self.amount - self.refunded - self.held


class Sums(msgspec.Struct, frozen=True):
    """What became of the money of one freeze, in minor units. `asked` of `held` is to be released once it is agreed to;
    `moved` went on to another freeze. Whatever came in is held, or went one of these ways.
    """

    came: int = 0
    held: int = 0
    asked: int = 0
    released: int = 0
    refunded: int = 0
    expired: int = 0
    moved: int = 0

    def plus(self, **change: int) -> Sums:
        """These sums with changes added."""
        return Sums(**{name: getattr(self, name) + change.get(name, 0) for name in self.__struct_fields__})


class Freeze(msgspec.Struct, frozen=True, kw_only=True):
    """Money is held back of what `scope_id` earns, for `causes`, until `ends_at` at the latest.

    `sums` by currency; `entries` counts entries of the ledger, for their ids.
    """

    freeze_id: str
    scope: Scope
    scope_id: str
    store_id: str
    causes: tuple[str, ...]
    asked_by: str
    begun_at: datetime
    ends_at: datetime
    state: State = "held"
    ended_at: datetime | None = None
    action_id: str = ""
    sums: dict[str, Sums] = {}
    entries: int = 0

    def with_sums(self, currency: str, **change: int) -> Freeze:
        """This freeze after money of a currency moved."""
        changed = self.sums.get(currency, Sums()).plus(**change)
        return msgspec.structs.replace(self, sums={**self.sums, currency: changed})


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """Money to be released: reserved in the ledger as `entry_id` until it is known what became of the action.

    `lifts`: the freeze ends with it.
    """

    action_id: str
    freeze_id: str
    currency: str
    amount: int
    entry_id: str
    asked_at: datetime
    lifts: bool = False
    state: ReleaseState = "asked"


def parts_of(body: OrderPlaced, at: datetime) -> list[Part]:
    """An order's parts: what was paid, laid to the listings by list price and quantity, adding up exactly."""
    worth: dict[str, int] = {}
    for line in body.lines:
        alike = line.price.currency == body.paid.currency
        worth[line.listing_id] = worth.get(line.listing_id, 0) + line.quantity * (max(0, line.price.amount) * alike)
    weights = worth if any(worth.values()) else dict.fromkeys(worth, 1)
    shares = shared(max(0, body.paid.amount), list(weights.values()))
    return [
        Part(
            order_id=body.order_id, listing_id=listing_id, store_id=body.store_id, buyer_id=body.buyer_id,
            currency=body.paid.currency, amount=share, placed_at=at,
        )
        for listing_id, share in zip(weights, shares, strict=True)
    ]  # fmt: skip


def shared(amount: int, weights: Sequence[int]) -> list[int]:
    """`amount` (0 or more) in whole parts in proportion to `weights`, by largest remainders; it adds up exactly."""
    total = sum(weights)
    if not total:
        return [0] * len(weights)
    parts = [amount * weight // total for weight in weights]
    order = sorted(range(len(weights)), key=lambda place: (-(amount * weights[place] % total), place))
    for place in order[: amount - sum(parts)]:
        parts[place] += 1
    return parts


def taken(parts: Iterable[Part], amount: int) -> list[tuple[Part, int]]:
    """How much of each part's held money makes up `amount`, oldest orders first."""
    found = []
    for part in sorted(parts, key=lambda each: (each.placed_at, each.order_id, each.listing_id)):
        take = min(amount, part.held)
        if take:
            found.append((part, take))
            amount -= take
    return found
