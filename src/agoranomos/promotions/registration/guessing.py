"""Codes that are guessed: one account or device takes coupon after coupon that others were given.

A coupon may be passed on, and a family does. Somebody who tries codes takes many within an hour, of people he has
nothing to do with. Whoever is told of is to be slowed down: `principal.throttle`.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.calendar import after
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Reason, Related, Subject, finding_id
from agoranomos.promotions.registration.policy import Policy

GUESSING: Final = "promotions.code_guessing"
VERSION: Final = "1"
SCORE: Final = 0.9
_RELATED_MAX: Final = 50


class Taking(msgspec.Struct, frozen=True):
    """Somebody took a coupon that was given to another account."""

    at: datetime
    coupon_id: str
    owner: str
    event_id: str


class State(msgspec.Struct):
    """Takings of the window by account and by device, and until when nothing more is said of an account."""

    taken: dict[str, list[Taking]] = {}
    said: dict[str, datetime] = {}


class Guessing:
    """Hears of coupons that were taken; tells who guesses."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        self.known = State({}, {})

    def hear(self, event: Event, owner: str) -> list[Finding]:
        """`coupon.claimed` of a coupon that was given to `owner`."""
        data, account = event.data, event.data["account_id"]
        taking = Taking(event.time, data["coupon_id"], owner, event.id)
        since = after(event.time, -timedelta(minutes=self.policy.guessing_minutes))
        most: list[Taking] = []
        for name in (f"account:{account}", f"device:{data.get('device_id') or ''}"):
            if name == "device:":
                continue
            held = [each for each in self.known.taken.get(name, ()) if each.at > since]
            held.append(taking)
            self.known.taken[name] = held
            most = max(most, held, key=len)
        owners = {each.owner for each in most}
        quiet = self.known.said.get(account)
        if len(owners) < self.policy.guessed_min or (quiet is not None and event.time < quiet):
            return []
        self.known.said[account] = after(event.time, timedelta(minutes=self.policy.guessing_minutes))
        return [self._finding(account, most, owners, event)]

    def _finding(self, account: str, most: list[Taking], owners: set[str], event: Event) -> Finding:
        subject = Subject("account", account)
        minutes = self.policy.guessing_minutes
        words = f"Within {minutes} minutes the account, or its device, took coupons given to {len(owners)} others."
        values = {
            "message_zh": f"该账号或其设备在 {minutes} 分钟内领取了发给 {len(owners)} 个其他账号的优惠券。",
            "owners": len(owners),
            "coupons": len(most),
        }
        victims = [Related("account", each, "victim") for each in sorted(owners)[:_RELATED_MAX]]
        coupons = [Related("coupon", each.coupon_id, "reference") for each in most[-_RELATED_MAX:]]
        return Finding(
            id=finding_id(GUESSING, subject, event.time),
            at=rfc3339(event.time),
            code=GUESSING,
            subject=subject,
            score=SCORE,
            reasons=(Reason(GUESSING, words, values),),
            related=(*victims, *coupons),
            event_ids=tuple(each.event_id for each in most[-_RELATED_MAX:]),
            detector=GUESSING,
            version=f"{VERSION}:{self.policy.version}",
        )
