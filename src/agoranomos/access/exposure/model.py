"""What is known of a reader, and how different people are counted within an hour, a day and thirty days.

Each person counts in the hour in which they were read last. So the different people of a window are a sum over its
hours, exactly, and a read moves a person from one hour to another. Hours that lie further back are put together by day.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.kernel.calendar import after, begins

Kind = Literal["buyer", "merchant", "partner", "staff", "other"]
KINDS: Final[tuple[Kind, ...]] = ("buyer", "merchant", "partner", "staff", "other")
HOURS: Final = 24
DAYS: Final = 30
"""The longest window."""
_FINE_DAYS: Final = 2
"""So many days, today among them, are kept by the hour."""
Buckets = dict[int, int]
"""Hour (since 1970, of the house's calendar) → people whose latest read lies in it."""


class Limits(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How many different people a reader may be shown: within the hour of the clock, the day, and thirty days.

    `strangers`: people with whom it has no business.
    """

    people_per_hour: int
    people_per_day: int
    people_per_30_days: int
    strangers_per_day: int
    strangers_per_30_days: int

    def __post_init__(self) -> None:
        if any(each < 0 for each in msgspec.structs.astuple(self)):
            raise ValueError("limits are counts from 0 on")


class Contract(msgspec.Struct, frozen=True):
    """What a partner may read: of which stores, for what, which fields, until when."""

    store_ids: tuple[str, ...]
    purposes: tuple[str, ...]
    fields: tuple[str, ...]
    ends_at: datetime


class Own(msgspec.Struct, frozen=True):
    """Limits of a reader's own, which stand in the place of its kind's until `ends_at`."""

    limits: Limits
    ends_at: datetime


class Reader(msgspec.Struct):
    """A reader: its kind, the stores that it works for, its contract, and what it was shown."""

    kind: Kind = "other"
    stores: tuple[str, ...] = ()
    contract: Contract | None = None
    own: Own | None = None
    people: Buckets = {}
    strangers: Buckets = {}
    reads: Buckets = {}
    """By day: how many people it was shown, each time counted."""
    since: int = 0
    """The day of its first read."""

    def owners(self, at: datetime) -> tuple[str, ...]:
        """Those whose customers it has business with at `at`."""
        if self.contract is not None:
            return self.contract.store_ids if at < self.contract.ends_at else ()
        return self.stores

    def limits(self, kinds: Mapping[Kind, Limits], at: datetime) -> Limits:
        """What holds for it at `at`."""
        return self.own.limits if self.own is not None and at < self.own.ends_at else kinds[self.kind]


class Seen(msgspec.Struct, frozen=True, array_like=True, gc=False):
    """When a reader was shown a person last, and whether they were strangers then."""

    hour: int
    stranger: bool


def kind_of(said: str) -> Kind:
    """The kind of a principal as an event says it."""
    return said if said in KINDS else "other"


def hour_begins(hour: int) -> datetime:
    """Its first moment, in UTC."""
    return after(begins(hour // HOURS), timedelta(hours=hour % HOURS))


def within(buckets: Mapping[int, int], first: int, last: int) -> int:
    """How many people the hours `first` to `last` hold."""
    found = 0
    for hour, count in buckets.items():  # asked nine times for each read: a sum of a generator takes twice as long
        if first <= hour <= last:
            found += count
    return found


def move(buckets: Buckets, before: int | None, now: int) -> None:
    """A person who was counted in the hour `before` counts in `now`."""
    if before is not None:
        place = before if before in buckets else before // HOURS * HOURS
        if buckets.get(place, 0) > 1:
            buckets[place] -= 1
        else:
            buckets.pop(place, None)
    buckets[now] = buckets.get(now, 0) + 1


def drop(buckets: Buckets, hour: int) -> None:
    """A person who was counted in `hour` counts no more."""
    move(buckets, hour, hour)
    if buckets[hour] > 1:
        buckets[hour] -= 1
    else:
        del buckets[hour]


def settled(buckets: Buckets, now: int) -> Buckets:
    """`buckets` with older hours put together by day, and without what lies before the longest window."""
    fine = (now // HOURS - _FINE_DAYS + 1) * HOURS
    if min(buckets, default=fine) >= fine:
        return buckets
    oldest = (now // HOURS - DAYS + 1) * HOURS
    kept: Buckets = {}
    for hour, count in buckets.items():
        if hour >= oldest:
            place = hour if hour >= fine else hour // HOURS * HOURS
            kept[place] = kept.get(place, 0) + count
    return kept


def note(
    reader: Reader, known: Mapping[str, Seen], subjects: Iterable[str], strangers: set[str], now: int
) -> list[str]:
    """Counts that `subjects`, each named once, were shown in the hour `now`; returns those for whom that is news.

    `known` says when each was shown last. What is older than that changes nothing.
    """
    day = now // HOURS * HOURS
    if day not in reader.reads:  # with the first read of a day older hours move together
        reader.people, reader.strangers = settled(reader.people, now), settled(reader.strangers, now)
        reader.reads = settled(reader.reads, now)
    oldest, news = (now // HOURS - DAYS + 1) * HOURS, []
    for subject in subjects:
        reader.reads[day] = reader.reads.get(day, 0) + 1
        seen = known.get(subject)
        if seen is not None and seen.hour >= now:
            continue
        news.append(subject)
        before = seen.hour if seen is not None and seen.hour >= oldest else None
        move(reader.people, before, now)
        if seen is not None and before is not None and seen.stranger:
            drop(reader.strangers, before)
        if subject in strangers:
            move(reader.strangers, None, now)
    return news
