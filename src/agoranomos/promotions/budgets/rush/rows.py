"""Coupons of a rush become rows: all of them in their order, a little later, or one at once that somebody asks for.

A coupon that is a row is a row like any other. What takes its name out (given back, void) is a segment as well, so that
books know; before that its segment becomes rows, which would else bring it back.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from agoranomos.kernel.ids import derived
from agoranomos.promotions.budgets import finding, queries, wishes
from agoranomos.promotions.budgets.model import Asked, Coupon
from agoranomos.promotions.budgets.rush import segments
from agoranomos.promotions.budgets.rush.segments import Kind
from agoranomos.promotions.budgets.terms import Terms
from agoranomos.promotions.budgets.wishes import Wish

ROUNDS_MAX: Final = 8
"""How often coupons look for other places, as those that they have found were taken at that moment."""


def coupons(connection: sa.Connection, terms: Terms, coupon_ids: Sequence[str], now: datetime) -> dict[str, Coupon]:
    """Those of the coupons that are known, as rows, and locked; in a rush those that are none yet become rows."""
    rush_id = segments.rush_of(connection, terms.campaign_id)
    known = queries.coupons(connection, terms.campaign_id, coupon_ids, lock=True)
    if rush_id is None or len(known) == len(set(coupon_ids)):
        return known
    missing = sorted(set(coupon_ids) - known.keys())
    found = sorted(_found(connection, rush_id, set(missing)), key=lambda each: each[0])  # as who writes them all
    for number, claims, places in found:
        # Held, so that nobody takes one of them out at this moment, after writing it himself.
        if segments.held(connection, rush_id, number) is not None:
            written(connection, terms, [claims.coupon(terms.campaign_id, row) for row in places], now)
    # All that is missing is asked for again: others may have written it since.
    return known | queries.coupons(connection, terms.campaign_id, missing, lock=True)


def leave_names(connection: sa.Connection, terms: Terms, coupon_ids: Sequence[str], kind: Kind, now: datetime) -> bool:
    """In a rush: those coupons are given back, or void, which rows alone would not tell. Whether it is one."""
    rush_id = segments.rush_of(connection, terms.campaign_id) if coupon_ids else None
    if rush_id is None:
        return False
    if kind == "gone":  # the segments that they were given in would bring them back
        for number in sorted({number for number, _, _ in _found(connection, rush_id, set(coupon_ids))}):
            _drain_one(connection, terms, rush_id, number, now)
    segments.append(connection, rush_id, kind, coupon_ids, derived(kind, *coupon_ids, now.isoformat()), now)
    return True


def drain(connection: sa.Connection, terms: Terms, rush_id: str, now: datetime, *, most: int | None = None) -> int:
    """Writes what waits as rows, the oldest first, and no more segments after `most` claims; how many it wrote."""
    done = 0
    while most is None or done < most:
        number = segments.oldest(connection, rush_id)
        if number is None:
            break
        done += _drain_one(connection, terms, rush_id, number, now)
    return done


def _drain_one(connection: sa.Connection, terms: Terms, rush_id: str, number: int, now: datetime) -> int:
    """Writes the claims of a segment as rows, unless somebody has; how many there were."""
    body = segments.held(connection, rush_id, number)
    if body is None:
        return 0
    claims = segments.claims_of(body)
    written(connection, terms, [claims.coupon(terms.campaign_id, row) for row in range(len(claims.coupons))], now)
    segments.drained(connection, rush_id, number, now)
    return len(claims.coupons)


def written(connection: sa.Connection, terms: Terms, given: Iterable[Coupon], now: datetime) -> None:
    """Writes coupons that were given as rows, each in a place of its caps; those that are rows already stay."""
    left = [_wish(each) for each in given]
    for turn in range(ROUNDS_MAX + 1):
        if not left:
            return
        if turn == ROUNDS_MAX:
            for wish in left:  # places of others are free again and taken again; what was given stands without one
                wish.held, wish.places = (), ()
        new = wishes.insert(connection, terms, left, chosen=turn > 0)
        left = [wish for wish in left if wish.asked.coupon_id not in new]
        known = queries.coupons(connection, terms.campaign_id, [wish.asked.coupon_id for wish in left]) if left else {}
        left = [wish for wish in left if wish.asked.coupon_id not in known]
        _choose(connection, terms, left, now)


def _choose(connection: sa.Connection, terms: Terms, left: Sequence[Wish], now: datetime) -> None:
    """A free place for each in each of its caps; none where a cap was lowered since it was given."""
    while left:
        full = finding.choose(connection, terms, left, now)
        for wish, cap in full:
            wish.held = tuple(held for held in wish.held if held is not cap)
        left = [wish for wish, _ in full if wish.held]
        for wish, _ in full:
            wish.places = (0,) * len(wish.held)


def _found(
    connection: sa.Connection, rush_id: str, wanted: set[str]
) -> Iterator[tuple[int, segments.Claims, list[int]]]:
    """The segments without rows yet that have any of the coupons: number, claims, and which of them."""
    for number, body in segments.undrained(connection, rush_id, wanted):
        claims = segments.claims_of(body)
        if wanted.intersection(claims.coupons):
            yield number, claims, [row for row, coupon in enumerate(claims.coupons) if coupon in wanted]


def _wish(coupon: Coupon) -> Wish:
    asked = Asked(
        coupon_id=coupon.coupon_id, campaign_id=coupon.campaign_id, account_id=coupon.account_id, at=coupon.claimed_at,
        source="", event_id="", device_id=coupon.device_id, payee_id=coupon.payee_id,
    )  # fmt: skip
    return Wish(asked, coupon.reserved_until, coupon.amount)
