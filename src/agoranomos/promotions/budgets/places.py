"""The places of caps. Of a cap of n, each coupon takes one of n places, which is unique in the table: two processes
cannot give the same one, and none has to count.
"""

from __future__ import annotations

import hashlib
from base64 import b64encode
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
        return b64encode(hashlib.blake2b(raw, digest_size=12).digest()).decode()

    def places(self) -> list[str]:
        """All of them."""
        return [self.place(number) for number in range(self.cap.count)]


def held_by(terms: Terms, asked: Asked) -> Iterator[Held]:
    """The caps that hold for a claim."""
    for cap, who in terms.cap_keys(asked):
        scope = "" if cap.kind in ("house_day", "house_year") else terms.campaign_id
        period = _period(terms, cap, asked.at)
        until = None if period or cap.days is None else terms.counts_until(cap, asked.at)
        yield Held(cap, "\x1f".join((scope, cap.kind, who, period)), until)


def _period(terms: Terms, cap: Cap, at: datetime) -> str:
    """Caps of one day or one year have new places with each: none has to be given free."""
    if cap.days == 1:
        return terms.period_key("day", at)
    return terms.period_key("year", at) if cap.kind == "house_year" else ""
