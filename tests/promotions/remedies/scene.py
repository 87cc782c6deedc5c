"""A campaign that went wrong: a ring, an account in its hands, a heavy individual, many of good faith."""

from __future__ import annotations

from typing import Any

from agoranomos.intake.actions import accept
from agoranomos.kernel.events import Event
from agoranomos.kernel.store import Store
from tests.builders import NOW, make_vault
from tests.promotions.tracing.events import RING, told, used

VAULT = make_vault()


def cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


def placed(account: str, turn: int, minutes: float, payee: str = "p", **data: Any) -> Event:
    """The order that a coupon paid for."""
    return told(
        "order.placed", f"p-{account}-{turn}", minutes, order_id=f"o-{account}-{turn}", buyer_id=account, store_id="s",
        lines=[{"listing_id": "top-up", "quantity": 1, "price": cny(10_000)}], paid=cny(40),
        coupon_ids=[f"k-{account}-{turn}"], payee_id=payee, **data,
    )  # fmt: skip


def history() -> list[Event]:
    """Eight in the ring, "old" in their hands, "busy" alone, thirty who took one, "idle" who was only sent one."""
    events = list(RING)
    events += [
        told("account.registered", "reg-old", -60 * 24 * 90, account_id="old", device_id="own-old"),
        *[event for turn in range(2) for event in used("old", turn, 62 + turn, device_id="d0")],
        *[event for turn in range(9) for event in honest("busy", turn, 90 + turn)],
        *[event for number in range(30) for event in honest(f"a{number}", 0, 100 + number, redeemed=number % 3 > 0)],
        told("coupon.issued", "i", 50, coupon_id="k-idle", campaign_id="c1", account_id="idle", face_value=cny(9_960)),
        placed("r0", 0, 60.3),
        placed("r1", 0, 60.4),
        told("order.shipped", "shipped", 70, order_id="o-r1-0"),
    ]  # fmt: skip
    return sorted(events, key=lambda event: (event.time, event.id))


def honest(account: str, turn: int, minutes: float, redeemed: bool = True) -> list[Event]:
    """A coupon that somebody takes, and uses for his own phone."""
    events = used(account, turn, minutes, redeemed=False, device_id=f"own-{account}")
    if redeemed:
        spent = {"order_id": f"o-{account}-{turn}", "payee_id": f"phone-{account}", "paid": cny(40)}
        who = {"coupon_id": f"k-{account}-{turn}", "campaign_id": "c1", "account_id": account}
        events.append(told("coupon.redeemed", f"r-{account}-{turn}", minutes + 0.2, **who, **spent))
    return events


def take(store: Store, events: list[Event]) -> None:
    """Takes events into the log."""
    with store.transaction() as connection:
        accept(connection, VAULT, events, now=NOW)
