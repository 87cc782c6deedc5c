"""Watches who rings virtual numbers, and protects whoever reports a store: `reviews.numbers`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.enforcement.asking import Needs
from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.beta import below
from agoranomos.kernel.calendar import after
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Reason, Subject
from agoranomos.kernel.schema.reviews import NumberBound
from agoranomos.reviews.numbers import telling
from agoranomos.reviews.numbers.lines import Episode, Line, Lines, within
from agoranomos.reviews.numbers.policy import Policy
from agoranomos.reviews.numbers.telling import NAME, VERSION

HEARS: Final = ("harassment.reported", "number.bound", "number.called", "order.delivered")
_EPISODE: Final = timedelta(days=30)
_DAY, _AFTER_DELIVERY = timedelta(days=1), timedelta(days=3)
_LIFE_MAX: Final = timedelta(days=366)
"""No number is remembered for longer, whatever end it was given: it would keep all behind it."""


class NumberMonitor:
    """See `engine.stream.Monitor`."""

    def __init__(self, policy: Policy, needs: Needs) -> None:
        self.name = NAME
        self.version = f"{VERSION}:{policy.version}"
        self.hears: Iterable[str] = HEARS
        self._policy, self._needs, self._looks = policy, needs, policy.findings
        self._kept = timedelta(days=policy.findings.kept_days)
        self._lines = Lines()

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Numbers, calls, and who has had enough of them."""
        data = event.data
        match event.type:
            case "order.delivered":
                self._lines.delivered(data["order_id"])
            case "number.bound":
                self._bound(event)
            case "number.called":
                line = self._lines.lines.get(data["virtual_number"])
                if line is not None:
                    self._called(line, event, out)
            case _:
                orders = self._lines.between(data["store_id"], data["buyer_id"], event.time)
                out.say(*telling.reported(event, orders, self._policy, self._needs))

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """Everything that it knows."""
        return msgspec.msgpack.encode(self._lines)

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._lines = msgspec.msgpack.decode(state, type=Lines)

    def _bound(self, event: Event) -> None:
        body = event.body
        assert isinstance(body, NumberBound)
        until = min(body.expires_at, after(event.time, _LIFE_MAX))
        line = Line(body.order_id, body.store_id or "", body.account_id or "", until)
        self._lines.bind(body.virtual_number, line, event.time, self._kept)

    def _called(self, line: Line, event: Event, out: Out) -> None:
        at, looks = event.time, self._looks
        if event.data.get("party") == "courier":
            return
        if at > line.until or event.data.get("refused"):
            line.refused = within(line.refused, at, _DAY)
            calls = len(line.refused)
            if calls >= looks.refused_day_max:
                subject = Subject("order", line.order_id)
                self._say(telling.TRIED, subject, calls, looks.score, telling.tried(calls), event, out)
            if event.data["from"] == "store" and at > line.until and self._lines.mark_late(line):
                self._many(telling.LATE, line.store_id, event, out)
        elif event.data["from"] == "store" and line.delivered:
            line.through = within(line.through, at, _AFTER_DELIVERY)
            calls = len(line.through)
            if calls >= looks.after_delivery_max and line.store_id:
                subject = Subject("store", line.store_id)
                reason = telling.keeps_calling(calls)
                self._say(telling.KEEPS_CALLING, subject, calls, looks.score, reason, event, out, [line.order_id])
        if event.data["from"] == "unknown" and (line.delivered or at > line.until) and self._lines.mark_unknown(line):
            self._many(telling.UNKNOWN, line.store_id, event, out)

    def _many(self, code: str, store_id: str, event: Event, out: Out) -> None:
        """A store of which more numbers are called than of others, whose own are not counted."""
        looks, late = self._looks, code == telling.LATE
        store, total = self._lines.stores[store_id], self._lines.total
        numbers = store.late if late else store.unknown
        if numbers < looks.numbers_min or not store_id:
            return
        share = looks.late_share if late else looks.unknown_share
        others = (total.late if late else total.unknown) - numbers
        usual = (looks.imagined * share + others) / (looks.imagined + total.bound - store.bound)
        chance = below(usual, numbers, store.bound - numbers + 1)
        if chance > looks.chance_max:
            return
        surer = 1.0 / (1.0 + math.exp(-0.15 * math.log(looks.chance_max / max(chance, 1e-300))))
        score = round(min(looks.score_max, looks.score + (surer - 0.5)), 4)
        reason = telling.many(code, numbers, store.bound, usual, chance)
        orders = self._lines.marked(store_id, late=late)
        self._say(code, Subject("store", store_id), numbers, score, reason, event, out, orders)

    def _say(
        self, code: str, subject: Subject, count: int, score: float, reason: Reason, event: Event, out: Out,
        orders: Sequence[str] = (),
    ) -> None:  # fmt: skip
        """Says it, and again when it has doubled; an episode is over after thirty days without."""
        key = f"{code}\0{subject.id}\0{orders[0] if code == telling.KEEPS_CALLING else ''}"
        episode = self._lines.episodes.get(key)
        if episode is None or event.time > after(episode.last, _EPISODE):
            self._forget(event.time)
            episode = self._lines.episodes[key] = Episode(event.time, event.time, count)
        elif count < 2 * episode.said:
            episode.last = max(episode.last, event.time)
            return
        else:
            episode.last, episode.said, episode.revision = event.time, count, episode.revision + 1
        out.say(
            telling.found(code, subject, episode.began, episode.revision, score, reason, event, orders=orders)
        )  # fmt: skip

    def _forget(self, now: datetime) -> None:
        """Forgets episodes that are over."""
        kept = self._lines.episodes
        self._lines.episodes = {key: each for key, each in kept.items() if now <= after(each.last, _EPISODE)}
