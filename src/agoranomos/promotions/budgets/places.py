"""The places of caps. Of a cap of n, each coupon takes one of n places, which is unique in the table: two processes
cannot give the same one, and none has to count.
"""

from __future__ import annotations

import hashlib
from binascii import b2a_base64
from collections.abc import Iterator
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.promotions.budgets.model import Asked, CapKind
from agoranomos.promotions.budgets.terms import Cap, Terms

COLUMNS: Final[dict[CapKind, str]] = {
    "account": "account_place", "device": "device_place", "payee": "payee_place", "house_day": "day_place",
    "house_year": "year_place",
}  # fmt: skip
UNTIL: Final[dict[CapKind, str]] = {
    "account": "account_until", "device": "device_until", "payee": "payee_until",
}  # fmt: skip

PLACE_BYTES: Final = 12
"""Of the hash that names a place: the chance that any two of ten billion places have one name is below 1e-9."""


class Held(msgspec.Struct, frozen=True, gc=False):
    """A cap that holds for a claim: whose place, `period` its part of the calendar ("" where places fall free by time
    or never), and until when it is taken.
    """

    cap: Cap
    name: str
    until: datetime | None

    def place(self, number: int) -> str:
        """The name of one of its places."""
        raw = f"{self.name}\x1f{number % self.cap.count}".encode("utf-8", "surrogatepass")
        return b2a_base64(hashlib.blake2b(raw, digest_size=PLACE_BYTES).digest(), newline=False).decode("ascii")

    def places(self) -> list[str]:
        """All of them."""
        return [self.place(number) for number in range(self.cap.count)]


def held_by(terms: Terms, asked: Asked) -> Iterator[Held]:
    """The caps that hold for a claim."""
    for cap, who in terms.cap_keys(asked):
        period = period_of(terms, cap, asked.at)
        until = None if period or cap.days is None else terms.counts_until(cap, asked.at)
        yield Held(cap, "\x1f".join((scope_of(terms, cap), cap.kind, who, period)), until)


def scope_of(terms: Terms, cap: Cap) -> str:
    """The campaign, or "" where a cap is of all campaigns."""
    return "" if cap.kind in ("house_day", "house_year") else terms.campaign_id


def period_of(terms: Terms, cap: Cap, at: datetime) -> str:
    """Caps of one day or one year have new places with each: none has to be given free. "" for others."""
    if cap.days == 1:
        return terms.period_key("day", at)
    return terms.period_key("year", at) if cap.kind == "house_year" else ""
