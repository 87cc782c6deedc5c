"""One monitor for the goods desk: its rooms hear the stream in turn, and what they know of a listing is added up.

What the rooms say passes through unchanged. Where more than one of them knows something of a listing, a finding of its
own says what that comes to, and is revised when it changes materially.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Monitor, Out
from agoranomos.engine.stream.run import OfTypes
from agoranomos.goods.desk.records import Record, Records
from agoranomos.goods.desk.saying import actions_of, finding_of, owes
from agoranomos.goods.evidence.adding import SETTINGS, Settings, Sum, add_up
from agoranomos.goods.evidence.model import LISTED, Source, Weight, probability, weight_of
from agoranomos.goods.evidence.scales import Renewal, Scales
from agoranomos.goods.profiles.model import DEFAULT, NO_PROFILES, Profile, Profiles
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding, Subject

NAME: Final = "goods"
VERSION: Final = "2"
REPORT_LINE: Final = 0.5
"""A finding at and above this score: the contract's line for what is worth a person's time."""
OVER_LINE: Final = 0.3
"""An episode ends when the score falls below this; a little lower than it began, so that it does not flicker."""
ACTING_LINE: Final = 0.9
"""The contract's line from which the policy may act alone."""
MATERIAL: Final = 0.5
"""Log-odds by which the sum must change to be said again, unless it crosses a line."""
SLIGHT: Final = 0.1
"""A voice that counts less than this (log-odds) is none."""
COUNTED: Final[Mapping[str, Source]] = {}
"""Findings that count as evidence by their code, for rooms that say nothing else; others put weights on the scales."""


class _Known(msgspec.Struct):
    parts: dict[str, bytes]
    listings: dict[str, Record]
    stores: dict[str, Record]


class GoodsMonitor:
    """See `engine.stream.Monitor`. `parts` are the monitors of the rooms, in the order in which they hear; each hears
    only what it asks for, and is woken at its own time. `profile_of`: the category profile of a category path;
    `needs`: whether a measure waits for a second person.
    """

    def __init__(
        self,
        parts: Sequence[Monitor],
        settings: Settings = SETTINGS,
        *,
        profiles: Profiles = NO_PROFILES,
        profile_of: Callable[[str], str] = lambda _: DEFAULT,
        needs: Needs = lambda _kind, _params: True,
    ) -> None:
        self.name = NAME
        self.parts = tuple(parts)
        self.hears = tuple(sorted(frozenset().union(*(part.hears for part in parts))))
        said = [VERSION, profiles.version, msgspec.json.encode(settings, order="sorted").decode()]
        said += [f"{part.name}={part.version}" for part in parts]
        self.version = f"{VERSION}:{hashlib.blake2b(chr(10).join(said).encode(), digest_size=8).hexdigest()}"
        self._settings = settings
        self._profiles = profiles
        self._profile_of = profile_of
        self._needs = needs
        self._wanted = [frozenset(part.hears) for part in parts]
        self._hear = {
            kind: tuple(place for place, kinds in enumerate(self._wanted) if kind in kinds) for kind in self.hears
        }
        self._records = Records()
        self._ask_all()

    def foresee(self, events: Sequence[Event]) -> None:
        """The events that come next, to each room those that it asks for."""
        for part, wanted in zip(self.parts, self._wanted, strict=True):
            part.foresee(OfTypes(events, wanted))

    def hear(self, event: Event, out: Out) -> None:
        """An event, to the rooms that ask for it."""
        scales = Scales(out)
        for place in self._hear.get(event.type, ()):
            part = self.parts[place]
            part.hear(event, scales)
            self._ask(place, part.due())
            if scales.noted:
                self._add_up(scales, event.time, (event.id,), out)
                scales = Scales(out)

    def due(self) -> datetime | None:
        """When the first of the rooms wants to be woken."""
        return self._next

    def wake(self, now: datetime, out: Out) -> None:
        """The time of one room or several has come."""
        for place, part in enumerate(self.parts):
            due = self._dues[place]
            if due is not None and due <= now:
                scales = Scales(out)
                part.wake(now, scales)
                self._ask(place, part.due())
                self._add_up(scales, now, (), out)

    def state(self) -> bytes:
        """Everything that the rooms know, and what was added up."""
        states = {part.name: part.state() for part in self.parts}
        return msgspec.msgpack.encode(_Known(states, self._records.listings, self._records.stores))

    def resume(self, state: bytes) -> None:
        """See `state`."""
        known = msgspec.msgpack.decode(state, type=_Known)
        for part in self.parts:
            part.resume(known.parts[part.name])
        self._records = Records(known.listings, known.stores)
        self._ask_all()

    def weights_on(self, listing_id: str, now: datetime) -> tuple[Weight, ...]:
        """All that counts for or against a listing at `now`, what is known of its store included."""
        record = self._records.listings.get(listing_id)
        return (*record.weights.values(), *self._inherited(record, now)) if record else ()

    def _ask_all(self) -> None:
        self._dues = [part.due() for part in self.parts]
        self._next = _first(self._dues)

    def _ask(self, place: int, due: datetime | None) -> None:
        """The room at `place` wants to be woken at `due` now."""
        if due != self._dues[place]:
            self._dues[place] = due
            self._next = _first(self._dues)

    def _add_up(self, scales: Scales, now: datetime, event_ids: tuple[str, ...], out: Out) -> None:
        """Adds up anew what a room spoke of."""
        changed: dict[str, None] = {}
        for noted in scales.noted:
            one = self._as_weight(noted, now)
            if one is not None and self._records.note(one):
                subjects = [one.subject.id] if one.subject.kind == "listing" else self._records.of_store(one.subject.id)
                changed |= dict.fromkeys(subjects)
        for listing_id in changed:
            self._tell(listing_id, now, event_ids, out)

    def _as_weight(self, noted: Finding | Weight | Renewal, now: datetime) -> Weight | Renewal | None:
        if not isinstance(noted, Finding):
            return noted
        source = COUNTED.get(noted.code)
        return weight_of(noted, source, now) if source and noted.subject.kind in ("listing", "store") else None

    def _tell(self, listing_id: str, now: datetime, event_ids: Iterable[str], out: Out) -> None:
        """Says what is known of a listing, when that is new or has changed materially."""
        record = self._records.listings[listing_id]
        record.heard_of(event_ids)
        subject = Subject("listing", listing_id)
        profile = self._profiles.get(self._profile_of(record.category))
        known = self.weights_on(listing_id, now)
        found = add_up(known, now, self._settings, profile.times_of)
        acting = self._without_claims(known, found, now, profile)
        begins = not record.stands and found.score >= REPORT_LINE and _voices(found) > 1
        owed = owes(record, profile, acting)
        if begins or (record.stands and (owed or _differs(record.said, found.log_odds))):
            at = rfc3339(now)
            record.begin(at)
            record.revision += 1
            record.said = found.log_odds
            finding = finding_of(
                subject, record, found, profile=profile, prior=self._settings.prior, at=at, version=self.version
            )
            out.say(finding, *actions_of(finding, record, profile, acting, self._needs))
        if found.score < OVER_LINE:
            record.stands = False
        if not record.weights:
            self._records.forget(subject)

    def _without_claims(self, known: Sequence[Weight], found: Sum, now: datetime, profile: Profile) -> float:
        """The score that measures go by: what is claimed and not decided calls for a look, and takes nothing down."""
        if not any(one.claim for one in known):
            return found.score
        seen = [one for one in known if not one.claim]
        return min(found.score, add_up(seen, now, self._settings, profile.times_of).score)

    def _inherited(self, record: Record, now: datetime) -> list[Weight]:
        """What is known of the store, as far as it counts for one listing: not what buyers said of this listing, whose
        voices are among those on the store.
        """
        store = self._records.stores.get(record.store_id)
        if store is None:
            return []
        own = {one.source for one in record.weights.values()} & {"complaints"}
        of_store = [one for one in store.weights.values() if one.source not in own]
        most, settings = self._settings.inherited_max, self._settings
        counted = settings.inherited * (add_up(of_store, now, settings).log_odds - settings.prior)
        value = round(max(-most, min(most, counted)), 4)
        if not value:
            return []
        heaviest = max(of_store, key=lambda one: (abs(one.weight), one.code))
        zh = f"该店铺也有此情况：{heaviest.message_zh}" if heaviest.message_zh else ""
        return [
            Weight(
                subject=Subject("store", record.store_id), source="seller", code="goods.store_known", weight=value,
                message=f"The same is known of the store: {heaviest.message}", message_zh=zh,
                at=max(one.at for one in of_store),
            )
        ]  # fmt: skip


def _first(dues: Iterable[datetime | None]) -> datetime | None:
    return min((due for due in dues if due is not None), default=None)


def _voices(found: Sum) -> int:
    """How many speak: what is seen in the listing itself is one voice, every other source one."""
    heard = {"listing" if part.source in LISTED else part.source for part in found.parts if abs(part.counted) >= SLIGHT}
    return len(heard)


def _differs(before: float, after: float) -> bool:
    """Whether a sum has changed enough to be said again."""
    crossed = any(
        (probability(before) >= line) != (probability(after) >= line) for line in (OVER_LINE, REPORT_LINE, ACTING_LINE)
    )
    return crossed or abs(after - before) >= MATERIAL
