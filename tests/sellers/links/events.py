"""Events about sellers for tests of links, noted and with tokens in them, as desks see them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import msgspec

from agoranomos.engine.market.shops import Person
from agoranomos.intake.noting import noted_and_veiled
from agoranomos.kernel.events import Event, parse_line
from agoranomos.sellers.links.noting import ROOM, note
from agoranomos.vault.keys import published_ring

_NUMBERS = count()
BEGIN = datetime(2026, 5, 1, 8, 0, tzinfo=UTC)


def plain(kind: str, data: dict[str, Any]) -> bytes:
    """The line of an event, a minute after the one before."""
    number = next(_NUMBERS)
    return msgspec.json.encode(
        {
            "specversion": "1.0", "id": f"e{number}", "source": "tests", "type": kind, "data": data,
            "time": (BEGIN + timedelta(minutes=number)).isoformat(),
        }
    )  # fmt: skip


def event(kind: str, **data: Any) -> Event:
    """An event as desks see it."""
    return noted_and_veiled({"seller.applied": {ROOM: note}}, published_ring(), parse_line(plain(kind, data)))


def applied(seller_id: str, who: Person, **fields: Any) -> Event:
    """`who` applies as `seller_id`; the application is called a-SELLER."""
    return event("seller.applied", **application(seller_id, who, **fields))


def application(seller_id: str, who: Person, **fields: Any) -> dict[str, Any]:
    """The data of that."""
    return {"application_id": f"a-{seller_id}", "seller_id": seller_id, **who.application(), **fields}


def opened(store_id: str, seller_id: str) -> Event:
    """A store opens."""
    return event("store.opened", store_id=store_id, seller_id=seller_id)


def closed(store_id: str, reason: str = "violation") -> Event:
    """A store is closed."""
    return event("store.closed", store_id=store_id, reason=reason)
