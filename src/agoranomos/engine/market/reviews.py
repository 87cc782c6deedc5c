"""Reviews: few write, most are content; who is not may change his mind later, of himself.

Ratings are J-shaped (Hu, Zhang, Pavlou, "Overcoming the J-shaped distribution of product reviews", CACM 2009). About
2 % of reviews are removed by their authors (Yelp's trust and safety report of 2024), 1 % are edited.
"""

from __future__ import annotations

from itertools import accumulate
from typing import Any, Final

from agoranomos.engine.market import texts
from agoranomos.engine.market.lives import Event, Life, say
from agoranomos.engine.market.rhythm import DAY, HOUR
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.trade import Order
from agoranomos.engine.market.truth import lookalike

REVIEWED: Final = 0.35
DELETED: Final = 0.02
EDITED: Final = 0.01
ANONYMOUS: Final = 0.45
RATING_SHARES: Final = (0.08, 0.03, 0.05, 0.13, 0.71)
"""Of one to five stars."""
_RATINGS: Final = (1, 2, 3, 4, 5)
_CUMULATIVE: Final = tuple(accumulate(RATING_SHARES))
_MODERATED: Final = 0.002
_STORE_ANSWERS_BAD: Final = 0.04
_HARASSED: Final = 0.004
"""Of reviews with one or two stars."""
_DAYS_MAX: Final = 30


def posted(stream: Stream, order: Order, rating: int, at: int) -> Event:
    """`review.posted`."""
    data: dict[str, Any] = {
        "review_id": stream.token("r"),
        "author_id": order.buyer.account_id,
        "store_id": order.store.store_id,
        "rating": rating,
        "order_id": order.order_id,
        "listing_id": order.listing.listing_id,
        "text": texts.review_text(stream, rating),
        "anonymous": stream.chance(ANONYMOUS),
    }
    return say(stream, at, "review.posted", data)


def review_life(stream: Stream, order: Order, delivered: int) -> Life:
    """Perhaps a review, and what becomes of it."""
    if not stream.chance(REVIEWED):
        return
    at = delivered + HOUR + int(min(_DAYS_MAX, stream.lognormal(2.5, 0.9)) * DAY)
    rating = stream.pick(_RATINGS, _CUMULATIVE)
    review = posted(stream, order, rating, at)
    review_id = review.data["review_id"]
    yield review
    if rating <= 2:
        yield _touchy(stream.child("touchy"), order, review_id, at)
    drawn = stream.random()
    later = at + DAY + int(stream.exponential(8.0) * DAY)
    if drawn < DELETED:
        if rating <= 2:
            yield lookalike("honest_deletion", "review", review_id, later, order.store.store_id)
        yield say(stream, later, "review.deleted", {"review_id": review_id, "by": "author"})
    elif drawn < DELETED + EDITED:
        better = min(5, max(1, rating + stream.choice((-1, 0, 0, 1, 1, 2))))
        data = {"review_id": review_id, "by": "author", "rating": better, "text": texts.review_text(stream, better)}
        yield say(stream, later, "review.edited", data)
    elif drawn < DELETED + EDITED + _MODERATED:
        data = {"review_id": review_id, "by": "platform", "reason": stream.choice(("abuse", "advertising"))}
        yield say(stream, later, "review.deleted", data)


def _touchy(stream: Stream, order: Order, review_id: str, at: int) -> Life:
    """What a store does about a bad review: mostly nothing, seldom a message, hardly ever worse."""
    at += stream.between(HOUR, 2 * DAY)
    drawn = stream.random()
    if drawn < _STORE_ANSWERS_BAD:
        data = {
            "store_id": order.store.store_id,
            "channel": "message",
            "direction": "to_buyer",
            "order_id": order.order_id,
            "account_id": order.buyer.account_id,
            "text": texts.apology(stream),
        }
        yield say(stream, at, "contact.made", data)
    elif drawn < _STORE_ANSWERS_BAD + _HARASSED:
        data = {
            "report_id": stream.token("j"),
            "buyer_id": order.buyer.account_id,
            "store_id": order.store.store_id,
            "review_id": review_id,
            "text": texts.harassment_text(stream),
        }
        yield say(stream, at, "harassment.reported", data)
