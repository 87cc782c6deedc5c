"""Reviews that praise, what ties their authors, and the rings that they make."""

from __future__ import annotations

from datetime import datetime

import msgspec


class Praise(msgspec.Struct, frozen=True):
    """A review of many stars: where its author was last seen before, and which text it repeats (0: none)."""

    review_id: str
    author_id: str
    store_id: str
    at: datetime
    device: str
    network: str
    text: int
    event_id: str


class Paid(msgspec.Struct, frozen=True):
    """A payment to somebody. `store`: it is a store that pays."""

    payer: str
    store: bool
    to: str
    at: datetime


class Quote(msgspec.Struct, frozen=True):
    """A tie of a member: its kind, what is shared, by how many of the ring, and its weight in log-odds."""

    kind: str
    key: str
    accounts: int
    weight: float


class Member(msgspec.Struct, frozen=True):
    """An account of a ring; `reviews` are those that it wrote with others of the ring for one store."""

    account_id: str
    score: float
    quotes: tuple[Quote, ...]
    reviews: tuple[Praise, ...]
    praised: int


class Ring(msgspec.Struct, frozen=True):
    """Accounts that praise the same stores together. `kinds`: of ties. `anchor` wrote first."""

    anchor: str
    members: tuple[Member, ...]
    stores: tuple[str, ...]
    kinds: tuple[str, ...]
