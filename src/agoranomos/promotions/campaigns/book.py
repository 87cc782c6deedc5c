"""Campaigns in memory: what has been declared so far, for histories and for files.

A declaration that says the same as the one before is no new version. What arrives late is put at its place in time.
"""

from __future__ import annotations

from bisect import insort
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

import msgspec

from agoranomos.kernel.events import Event
from agoranomos.kernel.ids import derived
from agoranomos.kernel.schema.promotions import CampaignDeclared, CampaignEnded
from agoranomos.promotions.campaigns.model import Declared, campaign_of

HEARS = ("campaign.declared", "campaign.ended")

Declaration = tuple[datetime, str, dict[str, Any]]
"""When, the digest of the entry, and the entry."""


class _Known(msgspec.Struct):
    declarations: dict[str, list[Declaration]] = {}
    ends: dict[str, datetime] = {}


class CampaignBook:
    """Who has the book tells it of events; it answers with campaigns as they stand."""

    def __init__(self, known: Iterable[Declared] = ()) -> None:
        """`known` are declared from the start."""
        self._known = _Known({}, {})
        self._current: dict[str, Declared] = {}
        for each in known:
            self.declare(each.document, each.declared_at)

    def hear(self, event: Event) -> Declared | None:
        """One of HEARS; the campaign of which something is new. Raises Invalid for terms that cannot be used."""
        if isinstance(event.body, CampaignDeclared):
            return self.declare(event.data["campaign"], event.time)
        if isinstance(event.body, CampaignEnded):
            return self.end(event.body.campaign_id, event.time)
        return None

    def declare(self, document: dict[str, Any], at: datetime) -> Declared | None:
        """Enters a declaration. Raises Invalid, with a pointer, for terms that cannot be used."""
        campaign = campaign_of(document, "/data/campaign")
        entry = (at, digest_of(document), document)
        entries = self._known.declarations.setdefault(campaign.id, [])
        if any(known[:2] == entry[:2] for known in entries):
            return None
        insort(entries, entry, key=lambda each: each[:2])
        return self._renewed(campaign.id)

    def end(self, campaign_id: str, at: datetime) -> Declared | None:
        """Enters that somebody ended it, also of a campaign of which nobody has told yet."""
        ends = self._known.ends
        ends[campaign_id] = max(at, ends.get(campaign_id, at))
        return self._renewed(campaign_id)

    def get(self, campaign_id: str) -> Declared | None:
        """The campaign as it stands."""
        return self._current.get(campaign_id)

    def __iter__(self) -> Iterator[Declared]:
        """All campaigns as they stand, in the order of ids."""
        return (self._current[campaign_id] for campaign_id in sorted(self._current))

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._known)

    def resume(self, state: bytes) -> None:
        """Knows what `state` said, and nothing else."""
        self._known = msgspec.msgpack.decode(state, type=_Known)
        self._current = {}
        for campaign_id in self._known.declarations:
            self._renewed(campaign_id)

    def _renewed(self, campaign_id: str) -> Declared | None:
        before = self._current.get(campaign_id)
        now = standing(self._known.declarations.get(campaign_id, ()), self._known.ends.get(campaign_id))
        if now is None or now == before:
            return None
        self._current[campaign_id] = now
        return now


def standing(declarations: Iterable[Declaration], ended_at: datetime | None) -> Declared | None:
    """A campaign as it stands after `declarations`, which are in the order of time and digest; `ended_at` is when it
    was ended last. None without a declaration.
    """
    found: Declared | None = None
    digest, version = "", 0
    for at, of, document in declarations:
        version += of != digest
        digest = of
        found = Declared(
            campaign=campaign_of(document), document=document, version=version, declared_at=at,
            ended_at=ended_at if ended_at is not None and ended_at >= at else None,
        )  # fmt: skip
    return found


def digest_of(document: dict[str, Any]) -> str:
    """A short name of what an entry says, whatever the order of its fields."""
    return derived("cv", msgspec.json.encode(document, order="sorted").decode())
