"""What was heard of a listing or store in the last months: orders by day, and each person who spoke of fakes."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import Final, Literal

import msgspec

from agoranomos.goods.complaints.bursts import Burst, burst
from agoranomos.goods.complaints.rates import Settings, Usual, weight
from agoranomos.goods.complaints.weighing import probability
from agoranomos.kernel.calendar import begins, day_of

VOICES_MAX: Final = 500
"""Of one subject; with so many nobody needs more to act."""

NEVER: Final = (date.min - date(1970, 1, 1)).days - 1
"""The day before the calendar begins."""

Kind = Literal["complaint", "return", "review"]


class Voice(msgspec.Struct):
    """One person who said or suspected that the goods are fake: when first, how surely, where, and in which words."""

    who: str
    day: int
    score: float
    event_id: str
    kind: Kind
    code: str
    quote: str
    listing_id: str = ""


class Opinion(msgspec.Struct, frozen=True):
    """What the voices on a subject come to."""

    score: float
    weight: float
    accusers: float
    people: int
    orders: float
    since: Burst | None


class Tally(msgspec.Struct):
    """`orders` and `heard` (complaints, returns, reviews): day → number. `last_day`: when a listing was last told."""

    category: str = ""
    store_id: str = ""
    last_day: int = NEVER
    orders: dict[int, int] = {}
    heard: dict[int, int] = {}
    voices: dict[str, Voice] = {}

    def ordered(self, day: int) -> None:
        self.orders[day] = self.orders.get(day, 0) + 1

    def hear(self, day: int) -> None:
        self.heard[day] = self.heard.get(day, 0) + 1

    def accuse(self, voice: Voice) -> None:
        """One person counts once, with what they said most surely."""
        before = self.voices.get(voice.who)
        if before is None and len(self.voices) >= VOICES_MAX:
            return
        if before is None or voice.score > before.score:
            self.voices[voice.who] = msgspec.structs.replace(voice, day=before.day) if before else voice

    def forget(self, before: int) -> None:
        """Lets go what is older than the day `before`."""
        self.orders = {day: count for day, count in self.orders.items() if day >= before}
        self.heard = {day: count for day, count in self.heard.items() if day >= before}
        self.voices = {who: voice for who, voice in self.voices.items() if voice.day >= before}

    @property
    def empty(self) -> bool:
        """Whether nothing is left of it."""
        return not (self.orders or self.heard or self.voices)

    def accused(self) -> tuple[str, ...]:
        """The listings that the voices are about, most voices first."""
        about = Counter(voice.listing_id for voice in self.voices.values() if voice.listing_id)
        return tuple(sorted(about, key=lambda listing_id: (-about[listing_id], listing_id)))

    def counts(self) -> tuple[float, float]:
        """(people who speak of fakes, weighted by how sure; orders). Who is heard has ordered, also where orders are
        not told.
        """
        accusers = sum(voice.score for voice in self.voices.values()) if self.voices else 0
        return accusers, float(max(sum(self.orders.values()), sum(self.heard.values()), len(self.voices)))

    def opinion(self, today: int, about: Usual, settings: Settings) -> Opinion:
        """What it all comes to, by what is usual."""
        accusers, orders = self.counts()
        since = burst(self._by_day(), self._bought(), today, about, settings)
        most = max(weight(accusers, orders, about, settings), since.weight if since else -1e9)
        most = round(min(most, settings.weight_max), 3)
        people = len(self.voices)
        score = probability(settings.prior_log_odds + most) if people >= settings.buyers_min else 0.0
        return Opinion(score, most, round(accusers, 3), people, orders, since)

    def _by_day(self) -> dict[int, tuple[float, int]]:
        days: dict[int, tuple[float, int]] = {}
        for voice in self.voices.values():
            accusers, people = days.get(voice.day, (0.0, 0))
            days[voice.day] = (accusers + voice.score, people + 1)
        return days

    def _bought(self) -> dict[int, float]:
        days = self.orders.keys() | self.heard.keys()
        return {day: float(max(self.orders.get(day, 0), self.heard.get(day, 0))) for day in days}


def date_of(day: int) -> date:
    """The calendar day of `day_of`."""
    return date(1970, 1, 1) + timedelta(days=day)


def midnight_after(moment: datetime) -> datetime:
    """The next midnight of the calendar's zone, or the end of the calendar."""
    return begins(day_of(moment) + 1)
