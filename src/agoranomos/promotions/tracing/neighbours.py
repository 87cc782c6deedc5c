"""Who shares what with whom, as coupons are taken: so that a tie that grows is looked at where it grew."""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Mapping
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


Some = str | set[str]
"""One, or more: nearly all that could be shared has one holder, and a set of one takes 200 bytes beside it."""


class Neighbours(msgspec.Struct):
    """Accounts by what they share, what each shares, and the coupons of each."""

    holders: dict[str, Some] = {}
    keys: dict[str, list[str]] = {}
    coupons: dict[str, Some] = {}
    recent: dict[str, list[tuple[datetime, str, str]]] = {}
    """Key → the latest to take a coupon, of those who hold it: when, who, of which campaign."""

    def given(self, account: str, coupon_id: str) -> None:
        """A coupon belongs to an account."""
        self.coupons[account] = _with(self.coupons.get(account), coupon_id)

    def coupons_of(self, account: str) -> Collection[str]:
        """The coupons of an account."""
        return _each(self.coupons.get(account))

    def acted(self, account: str, data: Mapping[str, Any], policy: Policy) -> bool:
        """An account took or used a coupon; whether something telling has one holder more, and enough of them."""
        grew = False
        mine = self.keys.setdefault(account, [])
        for kind, field in FIELDS.items():
            if not (key := data.get(field)) or (name := f"{kind}:{key}") in mine:
                continue
            mine.append(name := sys.intern(name))
            many = len(_each(self.holders.get(name)))
            if many <= getattr(policy.holders_max, kind):  # what more hold ties nobody, however many more
                self.holders[name] = _with(self.holders.get(name), account)
                grew |= kind in TELLING and many + 1 >= policy.accounts_min
        return grew

    def together(self, account: str, campaign: str, at: datetime, policy: Policy) -> bool:
        """An account took a coupon; whether enough of those who share something telling with it took one of the same
        campaign shortly before.
        """
        found = False
        for name in self.keys.get(account, ()):
            kind = name.partition(":")[0]
            if kind not in TELLING or not _telling(len(_each(self.holders[name])), kind, policy):
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
            if (kind := name.partition(":")[0]) in TELLING and _telling(len(_each(holders)), kind, policy)
            for account in _each(holders)
        }  # fmt: skip

    def around(self, accounts: Iterable[str], policy: Policy) -> list[str]:
        """Those accounts and who is tied to them, over two steps, in order."""
        found = set(accounts)
        edge = set(found)
        for _ in range(HOPS):
            near: set[str] = set()
            for account in edge:
                for name in self.keys.get(account, ()):
                    holders = _each(self.holders.get(name))
                    if len(holders) <= getattr(policy.holders_max, name.partition(":")[0]):
                        near.update(holders)
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
                holders = set(_each(self.holders.get(name))) - {account}
                if holders:
                    self.holders[name] = holders if len(holders) > 1 else holders.pop()
                else:
                    self.holders.pop(name, None)
                    self.recent.pop(name, None)

    def share(self) -> None:
        """Keeps each name once, after all was read back."""
        own = sys.intern
        self.keys = {own(account): [own(name) for name in names] for account, names in self.keys.items()}
        self.holders = {own(name): _shared(holders) for name, holders in self.holders.items()}
        self.coupons = {own(account): _shared(coupons) for account, coupons in self.coupons.items()}


def _each(some: Some | None) -> Collection[str]:
    return () if some is None else (some,) if isinstance(some, str) else some


def _with(some: Some | None, one: str) -> Some:
    if some is None or some == one:
        return one
    if isinstance(some, str):
        return {some, one}
    some.add(one)
    return some


def _shared(some: Some) -> Some:
    """Interned; a set of one is that one."""
    if isinstance(some, str):
        return sys.intern(some)
    return {sys.intern(each) for each in some} if len(some) != 1 else sys.intern(next(iter(some)))


def _telling(many: int, kind: str, policy: Policy) -> bool:
    """Whether what so many share ties them, and more than two of them."""
    return policy.accounts_min <= many <= int(getattr(policy.holders_max, kind))
