"""Who shares what with whom, as coupons are taken: so that a tie that grows is looked at where it grew."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.promotions.tracing.model import Coupon
from agoranomos.promotions.tracing.policy import Policy

FIELDS: Final = {
    "device": "device_id", "network": "ip", "address": "recipient_token", "payee": "payee_id", "payer": "payer_token",
}  # fmt: skip
"""Kind of tie → the field in which events name it."""
TELLING: Final = ("device", "payee", "payer")
"""What more than two share is looked at soon; a network or an address alone is shared by too many."""
HOPS: Final = 2
RECENT_MAX: Final = 16
ACCOUNTS_MAX: Final = 3_000
"""So many accounts are looked at around what grew."""


class Neighbours(msgspec.Struct):
    """Accounts by what they share, what each shares, and the coupons of each."""

    holders: dict[str, set[str]] = {}
    keys: dict[str, set[str]] = {}
    coupons: dict[str, set[str]] = {}
    recent: dict[str, list[tuple[datetime, str, str]]] = {}
    """Key → the latest to take a coupon, of those who hold it: when, who, of which campaign."""

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

    def together(self, account: str, campaign: str, at: datetime, policy: Policy) -> bool:
        """An account took a coupon; whether enough of those who share something telling with it took one of the same
        campaign shortly before.
        """
        found = False
        for name in self.keys.get(account, ()):
            kind = name.partition(":")[0]
            if kind not in TELLING or not _telling(len(self.holders[name]), kind, policy):
                continue
            since = after(at, -timedelta(seconds=policy.lockstep.windows_s[0]))
            recent = [
                each for each in self.recent.get(name, ()) if each[0] >= since and each[1:] != (account, campaign)
            ]
            recent = [*recent[1 - RECENT_MAX :], (at, account, campaign)]
            self.recent[name] = recent
            found |= sum(each[2] == campaign for each in recent) >= policy.accounts_min
        return found

    def sharing(self, policy: Policy) -> set[str]:
        """Who shares something telling with others: enough of them, and not too many."""
        return {
            account for name, holders in self.holders.items()
            if (kind := name.partition(":")[0]) in TELLING and _telling(len(holders), kind, policy)
            for account in holders
        }  # fmt: skip

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
                        self.recent.pop(name, None)


def _telling(many: int, kind: str, policy: Policy) -> bool:
    """Whether what so many share ties them, and more than two of them."""
    return policy.accounts_min <= many <= int(getattr(policy.holders_max, kind))
