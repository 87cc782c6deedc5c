"""What is asked of a budget, what it answers, and what is known of a coupon."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived
from agoranomos.kernel.money import Money
from agoranomos.kernel.networks import network_of
from agoranomos.kernel.schema.promotions import CouponMoved

Why = Literal[
    "campaign_unknown", "campaign_not_running", "campaign_stopped", "campaign_slowed", "budget_spent", "account_cap",
    "device_cap", "payee_cap", "house_day_cap", "house_year_cap", "coupon_of_another", "coupon_void", "coupon_used",
    "paid_too_little", "code_unknown", "too_many_tries",
]  # fmt: skip
"""Why a coupon is refused; told to the marketplace as a hit, never to the person."""
CapKind = Literal["account", "device", "payee", "house_day", "house_year"]
CAP_WHY: Final[dict[CapKind, Why]] = {
    "account": "account_cap", "device": "device_cap", "payee": "payee_cap", "house_day": "house_day_cap",
    "house_year": "house_year_cap",
}  # fmt: skip
State = Literal["reserved", "claimed", "redeemed", "voided"]
"""A coupon whose reservation is over, or whose order was refunded, is forgotten: it may be claimed again."""
HELD: Final[frozenset[State]] = frozenset(("reserved", "claimed", "redeemed"))
"""States in which a coupon has its place in budgets and caps."""


class Asked(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A coupon that is to be claimed or used, as its event tells of it (made by the thousand and part of no cycle: the
    collector need not look at it). `face` is what the coupon itself takes off,
    where the event says so; `network` stands for the address.
    """

    coupon_id: str
    campaign_id: str
    account_id: str
    at: datetime
    source: str
    event_id: str
    device_id: str | None = None
    payee_id: str | None = None
    order_id: str | None = None
    paid: Money | None = None
    face: Money | None = None
    network: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """The coupon of its campaign."""
        return (self.campaign_id, self.coupon_id)


class Coupon(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What is known of a coupon. `amount` is what it holds of the campaign's budget, in minor units."""

    campaign_id: str
    coupon_id: str
    account_id: str
    state: State
    claimed_at: datetime
    amount: int = 0
    reserved_until: datetime | None = None
    device_id: str | None = None
    payee_id: str | None = None
    order_id: str | None = None
    using_until: datetime | None = None

    @property
    def held(self) -> bool:
        """Whether it has its place in budgets and caps."""
        return self.state in HELD


class Verdict(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a budget answers. `why` None: yes, and `coupon` is how it stands now. `repeated`: it stood so before.
    `retry_after_s` is when to ask again, where asking again makes sense.
    """

    why: Why | None = None
    coupon: Coupon | None = None
    repeated: bool = False
    values: dict[str, Any] = {}
    retry_after_s: int | None = None

    @property
    def reservation_id(self) -> str | None:
        """The id of the reservation; None where nothing is reserved."""
        coupon = self.coupon
        if coupon is None or coupon.state != "reserved":
            return None
        return derived("r", coupon.campaign_id, coupon.coupon_id, str(coupon.reserved_until))


def refused(why: Why, *, retry_after_s: int | None = None, **values: Any) -> Verdict:
    """No, and why."""
    return Verdict(why=why, values=values, retry_after_s=retry_after_s)


def asked_of(event: Event) -> Asked:
    """What `event` asks. Raises Invalid for an event that is not about a claimed or used coupon."""
    body = event.body
    if not isinstance(body, CouponMoved):
        raise Invalid("this check judges coupon.claimed or coupon.redeemed", pointer="/type")
    if body.paid is not None and body.paid.amount < 0:
        raise Invalid("what is paid is not below zero", pointer="/data/paid/amount")
    return Asked(
        coupon_id=body.coupon_id, campaign_id=body.campaign_id, account_id=body.account_id, at=event.time,
        source=event.source, event_id=event.id, device_id=body.device_id, payee_id=body.payee_id,
        order_id=body.order_id, paid=body.paid, face=_face(event.data),
        network=network_of(body.ip) or (body.ip or "")[:64],  # a token is its own network
    )  # fmt: skip


def _face(data: dict[str, Any]) -> Money | None:
    """`face_value`, which the contract names in other events of coupons: taken where it is money, else left alone."""
    try:
        face = msgspec.convert(data.get("face_value"), Money | None)
    except (msgspec.ValidationError, Invalid):
        return None
    return face if face is None or face.amount >= 0 else None
