"""Coupons as a marketplace tells of them: a ring on two devices that tops up one phone."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event
from tests.builders import NOW


def told(kind: str, name: str, minutes: float, **data: Any) -> Event:
    raw = {"id": name, "source": "shop", "type": kind, "time": rfc3339(NOW + timedelta(minutes=minutes)), "data": data}
    return parse_event(raw)


def used(account: str, turn: int, minutes: float, redeemed: bool = True, **ties: Any) -> list[Event]:
    """A coupon from its issue to its use."""
    who = {"coupon_id": f"k-{account}-{turn}", "campaign_id": "c1", "account_id": account}
    money = {"amount": 9_960, "currency": "CNY"}
    events = [
        told("coupon.issued", f"i-{account}-{turn}", minutes, **who, face_value=money),
        told("coupon.claimed", f"c-{account}-{turn}", minutes + 0.1, **who, **ties),
    ]
    if redeemed:
        spent = {"order_id": f"o-{account}-{turn}", "payee_id": "p", "paid": {"amount": 40, "currency": "CNY"}}
        events.append(told("coupon.redeemed", f"r-{account}-{turn}", minutes + 0.2, **who, **ties, **spent))
    return events


RING = sorted(
    [
        event for place in range(8) for turn in range(3)
        for event in used(f"r{place}", turn, 60 + turn + place / 10, redeemed=turn < 2, device_id=f"d{place % 2}")
    ],
    key=lambda event: event.time,
)  # fmt: skip
