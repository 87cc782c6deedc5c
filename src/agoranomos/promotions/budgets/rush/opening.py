"""When a rush begins and ends. Both change how coupons are given, so that all blocks are called in: whoever gives
coupons holds a block that was opened in that same rush, or outside of any.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa

from agoranomos.promotions.budgets import leases
from agoranomos.promotions.budgets.policy import Rush
from agoranomos.promotions.budgets.rush import rows, segments
from agoranomos.promotions.budgets.terms import Terms

DRAINED_AT_ONCE: Final = 32_000
"""Claims that whoever takes a block writes as rows, where too many wait: twice what the largest block gives."""


def able(terms: Terms) -> bool:
    """Whether books know all of its caps: of accounts and devices, for good."""
    return all(cap.kind in ("account", "device") and cap.days is None for cap in terms.caps)


def settle(
    connection: sa.Connection, terms: Terms, policy: Rush, wanted: int, so_far: int, draw: Callable[[], str],
    now: datetime,
) -> str | None:  # fmt: skip
    """The rush that the campaign is in from now on, as `wanted` claims wait and `so_far` were given; `draw` names one.

    For whoever holds the campaign's own row, before a block is taken.
    """
    is_in = segments.current(connection, terms.campaign_id)
    if is_in is None:
        if policy.claims is None or wanted < policy.claims or so_far > policy.names_max or not able(terms):
            return None
        if not segments.alone(connection, terms.campaign_id):
            return None  # somebody looks at its coupons at this moment: with the next block
        leases.call_in(connection, terms.campaign_id, now)
        rush_id = draw()
        segments.put_rush(connection, terms.campaign_id, rush_id)
        return rush_id
    if not able(terms):  # its terms have changed to some that no book knows: it cannot go on
        rows.drain(connection, terms, is_in, now)
        over_now = ended(connection, terms, is_in, now, wait=True)
        assert over_now, "whoever claims holds the campaign's row, so nothing can wait again"
        return None
    claims, waiting = segments.claims(connection, is_in)
    ends = claims > policy.names_max
    if ends or waiting > policy.waiting_max:
        rows.drain(connection, terms, is_in, now, most=DRAINED_AT_ONCE)
        if ends and ended(connection, terms, is_in, now):
            return None
    return is_in


def over(connection: sa.Connection, terms: Terms, policy: Rush, rush_id: str, now: datetime) -> bool:
    """Ends a rush in which nothing has happened for a while and nothing waits, for whoever holds the campaign's row."""
    last = segments.last_written(connection, rush_id)
    if last is not None and last > now - timedelta(seconds=policy.quiet_s):
        return False
    return ended(connection, terms, rush_id, now)


def ended(connection: sa.Connection, terms: Terms, rush_id: str, now: datetime, *, wait: bool = False) -> bool:
    """Ends a rush, unless something waits or somebody looks at its coupons; whether it is over. `wait`: until nobody
    does.
    """
    if segments.claims(connection, rush_id)[1] or not segments.alone(connection, terms.campaign_id, wait=wait):
        return False
    leases.call_in(connection, terms.campaign_id, now)  # waits for those who are giving
    if segments.claims(connection, rush_id)[1]:
        return False
    segments.put_rush(connection, terms.campaign_id, None)
    segments.forget(connection, rush_id)
    return True
