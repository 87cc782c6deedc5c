"""A second market, made without the generator: stores of all sizes and manners, some of which press their critics.

Honest stores differ much: most never write to a critic, some write to all of them, and the best win one in eight over,
a quarter of whom delete what they wrote.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event, parse_event

BEGUN = datetime(2026, 3, 1, tzinfo=UTC)
OWN_SHARE, OWN_DAYS = 0.02, 8.0
"""Of reviews that are taken back of oneself, and after how many days on average."""
Told = tuple[float, str, dict[str, Any]]


class Manner(NamedTuple):
    """What a store does: how many critics it writes to, how many it wins over, by which means it presses them."""

    writes: float
    wins: float
    means: str = ""
    """Of one that presses: `call`, `paid` or `report` (calls from elsewhere, which only their victims tell of)."""


class Market(NamedTuple):
    """Events, who presses, and how many people each of those made take a review back within the time."""

    events: list[Event]
    pressing: dict[str, str]
    victims: dict[str, int]


def moment(days: float) -> datetime:
    """So many days after BEGUN."""
    return BEGUN + timedelta(days=days)


def told(kind: str, at: float, name: str, **data: Any) -> Event:
    """An event, `at` days after the market began."""
    raw = {"id": name, "source": "test", "specversion": "1.0", "type": kind, "time": rfc3339(moment(at))}
    return parse_event({**raw, "data": data})


def manner_of(draw: random.Random) -> Manner:
    """An honest store's."""
    kind = draw.random()
    if kind < 0.6:
        return Manner(0.0, 0.0)
    if kind < 0.9:
        return Manner(0.15, 0.04)
    return Manner(0.9, draw.choice((0.02, 0.06, 0.12)))


def make_market(stores: int, pressing: int, *, days: int = 90, seed: int = 1, critics: float = 8.0) -> Market:
    """So many stores, of which the first `pressing` do; about `critics` bad reviews each, in a few shops hundreds."""
    draw = random.Random(f"{stores}-{pressing}-{days}-{seed}")
    said: list[Told] = []
    means: dict[str, str] = {}
    victims: dict[str, int] = {}
    for number in range(stores):
        store_id = f"s{number}"
        manner = manner_of(draw)
        if number < pressing:
            manner = Manner(
                draw.uniform(0.5, 0.9), draw.uniform(0.3, 0.7), ("call", "paid", "call", "report")[number % 4]
            )
            means[store_id] = manner.means
        victims[store_id] = 0
        count = min(400, int(draw.lognormvariate(0, 1.1) * critics))
        for critic in range(count):
            life = list(_critic(draw, store_id, f"{number}-{critic}", manner, draw.random() * days))
            said += life
            victims[store_id] += _pressed(life, manner)
    said.sort(key=lambda each: each[0])
    return Market([told(kind, at, f"e{n}", **data) for n, (at, kind, data) in enumerate(said)], means, victims)


def _critic(draw: random.Random, store_id: str, name: str, manner: Manner, at: float) -> Iterator[Told]:
    """A bad review and what becomes of it."""
    review_id, author_id = f"v{name}", f"u{name}"
    yield at, "review.posted", {
        "review_id": review_id, "author_id": author_id, "store_id": store_id, "rating": draw.choice((1, 1, 2, 3)),
        "order_id": f"o{name}", "anonymous": draw.random() < 0.45,
    }  # fmt: skip
    gone = at + 0.5 + draw.expovariate(1 / OWN_DAYS) if draw.random() < OWN_SHARE else None
    later = at + 0.05 + draw.random() * 2
    if draw.random() < manner.writes and (gone is None or later < gone):
        if manner.means == "report":
            data = {"report_id": f"j{name}", "buyer_id": author_id, "store_id": store_id, "review_id": review_id}
            if draw.random() < 0.6:
                yield later, "harassment.reported", data
            if draw.random() < 0.15:
                yield later, "number.called", {"virtual_number": f"x{name}", "from": "unknown"}
        elif manner.means == "paid":
            amount = {"amount": 3_000, "currency": "CNY"}
            yield later, "payment.made", {"from_store_id": store_id, "to_account_id": author_id, "amount": amount}
        else:
            channel = "call" if manner.means or draw.random() < 0.2 else "message"
            yield later, "contact.made", {
                "store_id": store_id, "channel": channel, "direction": "to_buyer", "order_id": f"o{name}",
                "account_id": author_id,
            }  # fmt: skip
        if gone is None and draw.random() < manner.wins:
            after = later + 0.02 + draw.random() * 2.8
            if draw.random() < (0.3 if manner.means else 0.75):
                yield after, "review.edited", {"review_id": review_id, "by": "author", "rating": 5}
            else:
                gone = after
    if gone is not None:
        by = "author" if draw.random() < 0.95 else "platform"
        yield gone, "review.deleted", {"review_id": review_id, "by": by}


def _pressed(life: list[Told], manner: Manner) -> int:
    """Whether this critic took it back within three days of being reached."""
    reached = [at for at, kind, _ in life if kind in ("contact.made", "payment.made", "harassment.reported")]
    back = [at for at, kind, data in life if kind in ("review.deleted", "review.edited") and data["by"] == "author"]
    return int(bool(manner.means and reached and back and reached[0] <= back[0] <= reached[0] + 3))
