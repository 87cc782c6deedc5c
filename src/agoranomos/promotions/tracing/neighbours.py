"""Who shares what with whom, as coupons are taken: so that a tie that grows is looked at where it grew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from agoranomos.promotions.tracing.model import Coupon
from agoranomos.promotions.tracing.policy import Policy

FIELDS: Final = {
    "device": "device_id", "network": "ip", "address": "recipient_token", "payee": "payee_id", "payer": "payer_token",
}  # fmt: skip
"""Kind of tie → the field in which events name it."""
TELLING: Final = ("device", "payee", "payer")
"""What more than two share is looked at soon; a network or an address alone is shared by too many."""
HOPS: Final = 2
ACCOUNTS_MAX: Final = 3_000
"""So many accounts are looked at around what grew."""


class Neighbours(msgspec.Struct):
    """Accounts by what they share, what each shares, and the coupons of each."""

    holders: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    coupons: dict[str, set[str]] = {}

    def given(self, account: str, coupon_id: str) -> None:
        """A coupon belongs to an account."""
        self.coupons.setdefault(account, set()).add(coupon_id)

    def acted(self, account: str, data: Mapping[str, Any], policy: Policy) -> bool:
        """An account took or used a coupon; whether something telling has one holder more, and enough of them."""
        grew = False
        mine = self.keys.setdefault(account, set())
        for kind, field in FIELDS.items():
            if not (key := data.get(field)) or (name := f"{kind}:{key}") in mine:
                continue
            mine.add(name)
            holders = self.holders.setdefault(name, set())
            if len(holders) <= getattr(policy.holders_max, kind):  # what more hold ties nobody, however many more
                holders.add(account)
                grew |= kind in TELLING and len(holders) >= policy.accounts_min
        return grew

    def around(self, accounts: Iterable[str], policy: Policy) -> list[str]:
        """Those accounts and who is tied to them, over two steps, in order."""
        found = set(accounts)
        edge = set(found)
        for _ in range(HOPS):
            near: set[str] = set()
            for account in edge:
                for name in self.keys.get(account, ()):
                    holders = self.holders.get(name, set())
                    if len(holders) <= getattr(policy.holders_max, name.partition(":")[0]):
                        near |= holders
            edge = near - found
            if len(found) + len(edge) > ACCOUNTS_MAX:
                break
            found |= edge
        return sorted(found)

    def forget(self, left: Iterable[Coupon]) -> None:
        """Lets go of all but what belongs to the coupons that are `left`."""
        self.coupons = {}
        for coupon in left:
            self.given(coupon.account_id, coupon.coupon_id)
        gone = [account for account in self.keys if account not in self.coupons]
        for account in gone:
            for name in self.keys.pop(account):
                holders = self.holders.get(name)
                if holders is not None:
                    holders.discard(account)
                    if not holders:
                        del self.holders[name]
