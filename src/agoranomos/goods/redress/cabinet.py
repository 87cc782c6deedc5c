"""Where the rules of redress look things up: the port, and its form in memory for a replay."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

import msgspec

from agoranomos.goods.redress.model import CauseKind, Line, Recall


class Claim(msgspec.Struct, frozen=True):
    """What a notice says: which listings, and whether it calls them counterfeit."""

    counterfeit: bool
    listing_ids: tuple[str, ...]


class Cabinet(Protocol):
    """What is known of recalls."""

    def latest(self, listing_id: str) -> Recall | None:
        """The last recall of the listing."""

    def put(self, recall: Recall) -> None: ...
    def lines(self, recall: Recall) -> list[Line]: ...
    def add_lines(self, recall: Recall, lines: Sequence[Line]) -> None: ...

    def taken(self, order_id: str, besides: Recall) -> int:
        """What other standing recalls pay back of the order, in minor units."""

    def listings_of(self, kind: CauseKind, cause_id: str) -> list[str]:
        """The listings whose recalls have, or had, this cause."""

    def put_claim(self, notice_id: str, claim: Claim) -> None: ...
    def claim(self, notice_id: str) -> Claim | None: ...
    def next_look(self) -> datetime | None: ...

    def to_look_at(self, now: datetime) -> list[Recall]:
        """The recalls for which new orders are to be looked for by `now`, in the order of their ids."""


class _State(msgspec.Struct):
    latest: dict[str, Recall]
    lines: dict[str, dict[str, Line]]
    withdrawn: dict[str, None]
    of_order: dict[str, list[str]]
    causes: dict[str, list[str]]
    claims: dict[str, Claim]


class MemoryCabinet:
    """See `Cabinet`."""

    def __init__(self) -> None:
        self._known = _State({}, {}, {}, {}, {}, {})
        self._next: datetime | None = None
        self._stale = True

    def latest(self, listing_id: str) -> Recall | None:
        """See `Cabinet`."""
        return self._known.latest.get(listing_id)

    def put(self, recall: Recall) -> None:
        """See `Cabinet`."""
        known, self._stale = self._known, True
        known.latest[recall.listing_id] = recall
        if recall.state == "withdrawn":
            known.withdrawn[recall.recall_id] = None
        for cause in recall.causes:
            listings = known.causes.setdefault(f"{cause.kind}:{cause.id}", [])
            if recall.listing_id not in listings:
                listings.append(recall.listing_id)

    def lines(self, recall: Recall) -> list[Line]:
        """See `Cabinet`."""
        mine = self._known.lines.get(recall.recall_id, {})
        return [mine[each] for each in sorted(mine)]

    def add_lines(self, recall: Recall, lines: Sequence[Line]) -> None:
        """See `Cabinet`."""
        mine = self._known.lines.setdefault(recall.recall_id, {})
        for line in lines:
            mine[line.order_id] = line
            self._known.of_order.setdefault(line.order_id, []).append(recall.recall_id)

    def taken(self, order_id: str, besides: Recall) -> int:
        """See `Cabinet`."""
        others = (each for each in self._known.of_order.get(order_id, ()) if each != besides.recall_id)
        standing = (each for each in others if each not in self._known.withdrawn)
        return sum(self._known.lines[each][order_id].refund.amount for each in standing)

    def listings_of(self, kind: CauseKind, cause_id: str) -> list[str]:
        """See `Cabinet`."""
        return sorted(self._known.causes.get(f"{kind}:{cause_id}", ()))

    def put_claim(self, notice_id: str, claim: Claim) -> None:
        """See `Cabinet`."""
        self._known.claims[notice_id] = claim

    def claim(self, notice_id: str) -> Claim | None:
        """See `Cabinet`."""
        return self._known.claims.get(notice_id)

    def next_look(self) -> datetime | None:
        """See `Cabinet`."""
        if self._stale:  # asked after every event, and changed by few
            looks = (each.look_at for each in self._known.latest.values() if each.look_at is not None)
            self._next, self._stale = min(looks, default=None), False
        return self._next

    def to_look_at(self, now: datetime) -> list[Recall]:
        """See `Cabinet`."""
        found = [each for each in self._known.latest.values() if each.look_at is not None and each.look_at <= now]
        return sorted(found, key=lambda each: each.recall_id)

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._known = msgspec.msgpack.decode(state, type=_State)
        self._stale = True
