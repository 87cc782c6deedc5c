"""What is known, as events tell it: in memory in a replay, and of one step at a time when the log is followed."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from datetime import datetime
from sys import intern
from typing import Any, Final, Protocol

import msgspec

from agoranomos.promotions.tracing.model import DEVICES_KEPT, Claim, Coupon, Order, Person

COUPON_EVENTS: Final = ("coupon.claimed", "coupon.issued", "coupon.redeemed", "coupon.refunded", "coupon.voided")
HEARS: Final = (
    *COUPON_EVENTS, "account.registered", "order.delivered", "order.placed", "order.refunded", "order.shipped",
    "session.started",
)  # fmt: skip


class Told(Protocol):
    """What is heard of an event."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def time(self) -> datetime: ...
    @property
    def data(self) -> dict[str, Any]: ...


class Memory(msgspec.Struct):
    """Coupons, orders and people by their ids; what `hear` changed, whoever keeps it takes with `take_changes`."""

    coupons: dict[str, Coupon] = {}
    orders: dict[str, Order] = {}
    people: dict[str, Person] = {}

    def hear(self, event: Told) -> str | None:
        """One of HEARS. The account that took or used a coupon by it."""
        data, at = event.data, event.time
        match event.type:
            case "account.registered":
                person = self._person(data["account_id"])
                person.registered_at = min(at, person.registered_at or at)
                _uses(person, data.get("device_id"), at)
            case "session.started" if data["principal_kind"] == "buyer":
                _uses(self._person(data["account_id"]), data.get("device_id"), at)
            case "order.placed":
                return self._placed(data, at)
            case "order.shipped" | "order.delivered" | "order.refunded":
                self._moved(event.type, data, at)
            case "coupon.issued" | "coupon.claimed" | "coupon.redeemed" | "coupon.refunded" | "coupon.voided":
                return self._coupon(event)
            case _:
                pass
        return None

    def used(self, account_id: str, device_id: str, at: datetime) -> None:
        """An account acted from a device."""
        _uses(self._person(account_id), device_id, at)

    def share(self) -> None:
        """Keeps each text once, after all was read back: texts that come again are one object, as `hear` keeps them."""
        for coupon in self.coupons.values():
            _share(coupon)
        for order in self.orders.values():
            _share(order)
        for person in self.people.values():
            person.account_id = intern(person.account_id)
            person.devices = {intern(name): at for name, at in person.devices.items()}
        self.coupons = {each.coupon_id: each for each in self.coupons.values()}
        self.orders = {each.order_id: each for each in self.orders.values()}
        self.people = {each.account_id: each for each in self.people.values()}

    def claims(self, since: datetime | None = None, coupons: Iterable[Coupon] | None = None) -> Iterator[Claim]:
        """All coupons that somebody took, from `since` on; only those of `coupons` if they are given."""
        for coupon in self.coupons.values() if coupons is None else coupons:
            at = coupon.at
            if at is None or (since is not None and at < since):
                continue
            order = self.orders.get(coupon.order_id)
            yield Claim(
                account_id=coupon.account_id,
                campaign_id=coupon.campaign_id,
                coupon_id=coupon.coupon_id,
                at=at,
                device=coupon.device_id or (order.device_id if order else ""),
                network=coupon.ip or (order.ip if order else ""),
                address=order.recipient if order else "",
                payee=coupon.payee_id or (order.payee_id if order else ""),
                payer=order.payer if order else "",
                listing=order.listing_id if order else "",
                value=value_of(coupon, order),
                spent=coupon.spent,
                event_id=coupon.event_ids[-1] if coupon.event_ids else "",
            )

    def forget(self, before: datetime, earlier: datetime, sharing: Collection[str] = ()) -> None:
        """Lets go of coupons that were last touched before `before`, and of those of the accounts `sharing` before
        `earlier`; and of their orders. People stay.
        """
        gone = [
            name for name, each in self.coupons.items()
            if (_touched(each) or earlier) < (earlier if each.account_id in sharing else before)
        ]  # fmt: skip
        for name in gone:
            del self.coupons[name]
        # Also those that no coupon names: it was never told, or names another order.
        named = {each.order_id for each in self.coupons.values()}
        self.orders = {
            name: order for name, order in self.orders.items() if name in named or order.placed_at >= before
        }  # fmt: skip

    def _person(self, account_id: str) -> Person:
        person = self.people.get(account_id)
        if person is None:
            account_id = intern(account_id)
            person = self.people[account_id] = Person(account_id=account_id)
        return person

    def _placed(self, data: dict[str, Any], at: datetime) -> str | None:
        person = self._person(data["buyer_id"])
        _uses(person, data.get("device_id"), at)
        coupon_ids = tuple(str(each) for each in data.get("coupon_ids") or ())
        if not coupon_ids:
            person.orders += 1
            person.first_order_at = min(at, person.first_order_at or at)
            return None
        lines = data["lines"]
        order = Order(
            order_id=data["order_id"],
            account_id=data["buyer_id"],
            store_id=data["store_id"],
            listing_id=lines[0]["listing_id"] if lines else "",
            placed_at=at,
            total=sum(line["price"]["amount"] * line["quantity"] for line in lines),
            paid=data["paid"]["amount"],
            currency=data["paid"]["currency"],
            coupon_ids=coupon_ids,
            device_id=data.get("device_id") or "",
            ip=data.get("ip") or "",
            recipient=data.get("recipient_token") or "",
            payee_id=data.get("payee_id") or "",
            payer=data.get("payer_token") or "",
        )
        _share(order)
        self.orders[order.order_id] = order
        for coupon_id in coupon_ids:
            coupon = self.coupons.get(coupon_id)
            if coupon is not None:
                coupon.order_id = coupon.order_id or order.order_id
        return order.account_id

    def _moved(self, kind: str, data: dict[str, Any], at: datetime) -> None:
        order = self.orders.get(data["order_id"])
        if order is None:
            return
        if kind == "order.shipped":
            order.shipped_at = at
        elif kind == "order.delivered":
            order.delivered_at = at
        else:
            order.refunded += data["amount"]["amount"]

    def _coupon(self, event: Told) -> str | None:
        data, at = event.data, event.time
        coupon = self.coupons.get(data["coupon_id"])
        if coupon is None:
            coupon_id = intern(data["coupon_id"])
            coupon = self.coupons[coupon_id] = Coupon(
                coupon_id=coupon_id, campaign_id=data["campaign_id"], account_id=data["account_id"]
            )
        if event.type != "coupon.issued":  # a coupon may be sent to one and taken by another
            coupon.account_id = data["account_id"]
        coupon.device_id = data.get("device_id") or coupon.device_id
        coupon.ip = data.get("ip") or coupon.ip
        coupon.payee_id = data.get("payee_id") or coupon.payee_id
        coupon.order_id = data.get("order_id") or coupon.order_id
        _share(coupon)
        match event.type:
            case "coupon.issued":
                coupon.issued_at = at
                coupon.face, coupon.currency = data["face_value"]["amount"], data["face_value"]["currency"]
                return None
            case "coupon.claimed":
                coupon.claimed_at = at
            case "coupon.redeemed":
                coupon.redeemed_at = at
                if data.get("paid"):
                    coupon.paid, coupon.currency = data["paid"]["amount"], data["paid"]["currency"]
            case "coupon.refunded":
                coupon.refunded_at = at
                return None
            case _:
                coupon.voided_at = at
                return None
        coupon.event_ids = (*coupon.event_ids[-1:], event.id)
        _uses(self._person(coupon.account_id), coupon.device_id, at)
        return coupon.account_id


def value_of(coupon: Coupon, order: Order | None) -> int:
    """What a coupon took off, or can take off, in minor units: its face value; without one, what its order went below
    the list total.
    """
    if coupon.face:
        return coupon.face
    return max(0, order.total - order.paid) // max(1, len(order.coupon_ids)) if order else 0


def _share(told: Coupon | Order) -> None:
    """Texts of events are new ones each time, though accounts, devices, networks and campaigns come again and again."""
    for name in _SHARED[type(told)]:
        setattr(told, name, intern(getattr(told, name)))
    if isinstance(told, Order):
        told.coupon_ids = tuple(intern(each) for each in told.coupon_ids)


_SHARED: Final[dict[type, tuple[str, ...]]] = {
    Coupon: (
        "coupon_id", "campaign_id", "account_id", "currency", "order_id", "device_id", "ip", "payee_id",
    ),
    Order: (
        "order_id", "account_id", "store_id", "listing_id", "currency", "device_id", "ip", "recipient", "payee_id",
        "payer",
    ),
}  # fmt: skip


def _uses(person: Person, device_id: str | None, at: datetime) -> None:
    if device_id and device_id not in person.devices and len(person.devices) < DEVICES_KEPT:
        person.devices[intern(device_id)] = at


def _touched(coupon: Coupon) -> datetime | None:
    moments = (coupon.issued_at, coupon.claimed_at, coupon.redeemed_at, coupon.refunded_at, coupon.voided_at)
    return max((each for each in moments if each is not None), default=None)
