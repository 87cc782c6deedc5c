"""Applications in a replay: judged as the log would judge them, with photos in memory and nobody to ask."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from agoranomos.engine.stream.monitor import Out
from agoranomos.kernel.consulting import NO_RULES, Consultant
from agoranomos.kernel.events import Event
from agoranomos.sellers.identity import deciding, seen
from agoranomos.sellers.identity.advising import MemoryAdviser
from agoranomos.sellers.identity.book import MemoryBook, kept_of
from agoranomos.sellers.identity.deciding import judge
from agoranomos.sellers.identity.facts import NOT_CHECKED
from agoranomos.sellers.identity.noted import facts_of
from agoranomos.sellers.identity.policy import Policy

NAME: Final = "sellers.identity"


class ApplicationMonitor:
    """See `engine.stream.Monitor`. A provider is never asked about history: its answers were not those of the day.
    `advisers` know what came before the application: they hear of it after this monitor; `rules` are asked.
    """

    def __init__(
        self, policy: Policy, advisers: Sequence[MemoryAdviser] = (), rules: Consultant = NO_RULES
    ) -> None:  # fmt: skip
        self.name = NAME
        self.version = f"{deciding.VERSION}:{seen.VERSION}:{policy.version}"
        self.hears = ("seller.applied",)
        self._policy = policy
        self._advisers = tuple(advisers)
        self._rules = rules
        self._book = MemoryBook()

    def foresee(self, events: Sequence[Event]) -> None:
        """Each application is judged when it comes."""

    def hear(self, event: Event, out: Out) -> None:
        """A decision about each application, and what was found."""
        facts = facts_of(event, self._book, NOT_CHECKED)
        advice = [finding for ask in self._advisers for finding in ask(event)]
        judged = judge(event, facts, self._policy, advice, self._rules)
        out.say(*judged.findings, judged.decision)
        self._book.keep(kept_of(event, facts.seen))

    def due(self) -> datetime | None:
        """Never."""
        return None

    def wake(self, now: datetime, out: Out) -> None:
        """Asks for no alarm."""

    def state(self) -> bytes:
        """The photos that were met."""
        return self._book.state()

    def resume(self, state: bytes) -> None:
        """See `state`."""
        self._book.resume(state)
