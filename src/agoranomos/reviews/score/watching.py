"""The two scores of a history: what the monitors of this desk find in it, and all of its reviews, heard together."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from agoranomos.engine.stream.monitor import Monitor, Out
from agoranomos.kernel.events import Event
from agoranomos.kernel.findings import Finding
from agoranomos.reviews.score.memory import HEARS, Memory, marks_of
from agoranomos.reviews.score.model import Review, Scores
from agoranomos.reviews.score.policy import Policy
from agoranomos.reviews.score.scoring import scored


class Scoring:
    """A monitor that lets others work, and remembers reviews and what was found; it says nothing."""

    def __init__(self, others: Sequence[Monitor], policy: Policy) -> None:
        self.name, self.version = "reviews.scores", policy.version
        self.hears: Iterable[str] = sorted({*HEARS, *(kind for each in others for kind in each.hears)})
        self._others = [(each, frozenset(each.hears)) for each in others]
        self._policy = policy
        self._memory = Memory()
        self._found: list[Finding] = []
        self._until: datetime | None = None

    def foresee(self, events: Sequence[Event]) -> None:
        """Each is heard as it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """Reviews, and whatever the others want."""
        said = Out()
        for monitor, kinds in self._others:
            if event.type in kinds:
                monitor.hear(event, said)
        if event.type in HEARS:
            self._memory.hear(event)
        self._until = event.time
        self._take(said)
        del out

    def due(self) -> datetime | None:
        """When the first of the others is."""
        return min((due for each, _ in self._others if (due := each.due()) is not None), default=None)

    def wake(self, now: datetime, out: Out) -> None:
        """Those who are due work."""
        said = Out()
        for monitor, _ in self._others:
            due = monitor.due()
            if due is not None and due <= now:
                monitor.wake(now, said)
        self._take(said)
        del out

    def state(self) -> bytes:
        """Is not kept."""
        return b""

    def resume(self, state: bytes) -> None:
        """Is not kept."""

    def reviews(self) -> dict[str, list[Review]]:
        """By store."""
        found: dict[str, list[Review]] = {}
        for each in self._memory.reviews.values():
            if each.at is not None:
                found.setdefault(each.store_id, []).append(each)
        return found

    def scores(self, store_id: str, as_of: datetime | None = None, listing_id: str | None = None) -> Scores | None:
        """Of a store, as of a moment (None: the end of the history); None when it has no review."""
        reviews, moment = self.reviews().get(store_id), as_of or self._until
        if not reviews or moment is None:
            return None
        return scored(
            store_id, reviews, marks_of(self._found, store_id, self._memory.cases), self._policy, moment, listing_id
        )

    def _take(self, said: Out) -> None:
        self._found += [each for each in said.take() if isinstance(each, Finding)]
