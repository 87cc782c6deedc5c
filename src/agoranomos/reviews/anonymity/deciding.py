"""What is decided on a review, and until when it may wait: the same for the check and in a history."""

from __future__ import annotations

from datetime import datetime, timedelta

from agoranomos.kernel.calendar import after
from agoranomos.kernel.decisions import Decision
from agoranomos.kernel.events import Event
from agoranomos.reviews.anonymity import telling
from agoranomos.reviews.anonymity.model import day_of, seconds, starts
from agoranomos.reviews.anonymity.naming import spans
from agoranomos.reviews.anonymity.policy import Policy
from agoranomos.reviews.photos.looking import Look, nobody_looks


def tick_after(at: datetime, policy: Policy) -> datetime:
    """The next hour of release."""
    tick = starts(day_of(seconds(at)), policy.hour)
    return tick if tick > at else after(tick, timedelta(days=1))


def latest(posted: datetime, policy: Policy) -> datetime:
    """When a review written at `posted` is shown at the latest, or counted alone."""
    return tick_after(after(posted, timedelta(days=policy.hold_days_max)), policy)


def decide(event: Event, policy: Policy, look: Look = nobody_looks) -> Decision:
    """On a review.posted: the same here and in a history, for whoever looks at the same photos."""
    data = event.data
    anonymous = bool(data.get("anonymous"))
    said = spans(data.get("text") or "", data.get("order_id")) if anonymous else ()
    return telling.decided(
        data["review_id"], (event.source, event.id), event.time, anonymous=anonymous, said=said,
        photos=look(data.get("pictures") or ()),
        until=latest(event.time, policy), version=policy.version,
    )  # fmt: skip
