"""Coupons in use, in the store: one order each, exactly."""

from __future__ import annotations

from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.kernel.errors import Conflict
from agoranomos.promotions.budgets import claims, leases, queries
from agoranomos.promotions.budgets.claims import release
from agoranomos.promotions.budgets.model import Asked, Coupon, Verdict, refused
from agoranomos.promotions.budgets.places import COLUMNS, UNTIL, Held, held_by
from agoranomos.promotions.budgets.rush import rows
from agoranomos.promotions.budgets.terms import Terms


def known(connection: sa.Connection, terms: Terms, asked: Asked, now: datetime) -> Coupon | None:
    """The coupon as it stands, locked."""
    return rows.coupons(connection, terms, [asked.coupon_id], now).get(asked.coupon_id)


def stands(coupon: Coupon, asked: Asked) -> bool:
    """Whether the coupon is used, or about to be, for this very order."""
    return (coupon.state == "redeemed" or coupon.using_until is not None) and coupon.order_id == asked.order_id


def use(
    connection: sa.Connection, terms: Terms, asked: Asked, taken: int | None, *, until: datetime | None, now: datetime
) -> Verdict:
    """Uses the coupon, which took `taken` off its order (None: nobody knows): until `until` for that order alone, or
    for good. It is known; a coupon that was claimed for this use and is refused is given back.
    """
    coupon = rows.coupons(connection, terms, [asked.coupon_id], now)[asked.coupon_id]
    if coupon.state == "voided":
        return refused("coupon_void")
    if coupon.account_id != asked.account_id:
        return refused("coupon_of_another")
    if stands(coupon, asked):
        return Verdict(coupon=_settled(connection, coupon, until), repeated=True)
    if coupon.state == "redeemed" or (coupon.using_until is not None and coupon.using_until > now):
        return refused("coupon_used")
    refusal = _take_payee(connection, terms, asked, coupon, now) or _charge(connection, terms, coupon, taken, now)
    if refusal is not None:
        if coupon.claimed_at == asked.at:
            release(connection, terms, [coupon], now)
        return refusal
    used = msgspec.structs.replace(
        coupon, order_id=asked.order_id, payee_id=coupon.payee_id or asked.payee_id, using_until=until,
        amount=coupon.amount if taken is None else taken,
    )  # fmt: skip
    return Verdict(coupon=_settled(connection, used, until))


def _settled(connection: sa.Connection, coupon: Coupon, until: datetime | None) -> Coupon:
    """The coupon, used for good unless it is so until some time; kept."""
    if until is None:
        coupon = msgspec.structs.replace(coupon, state="redeemed", reserved_until=None, using_until=None)
    queries.change(connection, coupon)
    return coupon


def _take_payee(connection: sa.Connection, terms: Terms, asked: Asked, coupon: Coupon, now: datetime) -> Verdict | None:
    if coupon.payee_id is not None:
        return None
    for held in held_by(terms, asked):
        if held.cap.kind == "payee" and not _taken(connection, coupon, held, now):
            return refused("payee_cap", most=held.cap.count)
    return None


def _taken(connection: sa.Connection, coupon: Coupon, held: Held, now: datetime) -> bool:
    column, until = COLUMNS[held.cap.kind], (UNTIL[held.cap.kind], held.until)
    for _ in range(claims.ROUNDS_MAX):
        places = held.places()
        free = set(places) - queries.taken(connection, column, places, now)
        if not free:
            return False
        if queries.take_place(connection, coupon, column, min(free), until):
            return True
    return False


def _charge(
    connection: sa.Connection, terms: Terms, coupon: Coupon, taken: int | None, now: datetime
) -> Verdict | None:
    """Books what the order took off beside what the coupon holds already."""
    back = 0 if taken is None else coupon.amount - taken
    if not back:
        return None
    name = f"{coupon.coupon_id}\x1f{coupon.claimed_at.isoformat()}\x1f{taken}\x1f{now.isoformat()}"
    for called in (False, True):
        if called:
            leases.call_in(connection, terms.campaign_id, now)
        try:
            leases.return_given(connection, terms, coupon.claimed_at, 0, back, name=name, now=now)
        except Conflict:
            continue
        return None
    return refused("budget_spent", limit="amount")
