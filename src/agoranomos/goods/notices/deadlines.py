"""The clock of a notice: it starts when the form is complete."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from agoranomos.goods.notices.model import Notice
from agoranomos.goods.notices.policy import Clock
from agoranomos.kernel.calendar import after


def clocked(notice: Notice, clock: Clock, at: datetime) -> Notice:
    """`notice`, complete at `at`, with the time by which it is decided and answered; no clock runs for others."""
    if not notice.waits:
        return notice
    return msgspec.structs.replace(
        notice,
        decide_by=after(at, timedelta(hours=clock.decide_hours)),
        counter_until=after(at, timedelta(hours=clock.counter_hours)),
    )


def too_early(notice: Notice, clock: Clock, now: datetime) -> bool:
    """Whether the seller may still answer, so that nobody upholds the notice yet."""
    waits_for_seller = clock.wait and notice.countered_at is None and notice.counter_until is not None
    return waits_for_seller and notice.counter_until is not None and now < notice.counter_until
