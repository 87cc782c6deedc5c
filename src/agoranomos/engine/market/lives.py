"""Events, and the lives that tell them.

A life is a generator that says, in the order of time, what one thing does: an order is placed, shipped, delivered.
It yields

- an `Event`, and is resumed when that event has happened;
- a moment (milliseconds), and is resumed then: it waits;
- a `Truth`, which is written down at its `started_at`;
- another life, which goes on beside it.

So a whole market is in memory only as those lives that have begun and not ended, each with its next event
(`schedule.run`). The idea of processes as generators is that of SimPy.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any, Final, TypeAlias

import msgspec

from agoranomos.engine.market.rhythm import rfc3339
from agoranomos.engine.market.streams import Stream
from agoranomos.engine.market.truth import Truth

_SOURCES: Final = {
    "shop": "order payout review return complaint coupon campaign payment contact harassment consent",
    "catalogue": "listing brand goods batch testbuy",
    "accounts": "account session seller application store course programme certification",
    "telephony": "number",
    "governance": "case appeal notice staff",
    "gateway": "data export partner canary",
}
SOURCE_OF: Final = {family: source for source, families in _SOURCES.items() for family in families.split()}
"""The system of the marketplace that tells of an event, by the first word of its type."""
_encode: Final = msgspec.json.Encoder().encode


class Event(msgspec.Struct, frozen=True, eq=False, gc=False):
    """One event of the contract: when (milliseconds), what, and its data."""

    at: int
    source: str
    id: str
    type: str
    data: dict[str, Any]

    def raw(self) -> dict[str, Any]:
        """The CloudEvent as a JSON object."""
        return {
            "specversion": "1.0",
            "id": self.id,
            "source": self.source,
            "type": self.type,
            "time": rfc3339(self.at),
            "data": self.data,
        }

    def line(self) -> bytes:
        """The CloudEvent as a JSON line."""
        return _encode(self.raw()) + b"\n"


Life: TypeAlias = "Generator[Event | Truth | int | Life, None, None]"


def say(stream: Stream, at: int, kind: str, data: dict[str, Any]) -> Event:
    """An event of type `kind`; its id is the next draw of `stream`."""
    return Event(at, SOURCE_OF[kind.partition(".")[0]], f"{stream.bits():016x}", kind, data)


def cny(fen: int) -> dict[str, Any]:
    """An amount in fen as the contract writes money."""
    return {"amount": fen, "currency": "CNY"}
