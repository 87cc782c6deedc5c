"""Small markets for tests, each made once."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache
from typing import Any, NamedTuple

from agoranomos.engine.market.generate import generate
from agoranomos.engine.market.lives import Event
from agoranomos.engine.market.plots import Plot
from agoranomos.engine.market.truth import Truth
from agoranomos.engine.market.world import Settings

START = date(2026, 3, 2)
"""A Monday in a month without a great festival but the eighth."""


def make_settings(days: int = 3, **fields: Any) -> Settings:
    """A market of 20 sellers and 400 buyers."""
    return Settings(**{"seed": 7, "start": START, "sellers": 20, "buyers": 400, **fields}, days=days)


class Market(NamedTuple):
    """What was told, apart."""

    settings: Settings
    events: list[Event]
    truth: list[Truth]

    def of(self, *kinds: str) -> list[Event]:
        """The events of these types."""
        return [event for event in self.events if event.type in kinds]


def make_market(settings: Settings, *plots: Plot) -> Market:
    """The whole market in memory."""
    told = list(generate(settings, plots))
    return Market(
        settings, [one for one in told if isinstance(one, Event)], [one for one in told if isinstance(one, Truth)]
    )


@lru_cache(maxsize=1)
def month() -> Market:
    """Forty days of 100 sellers and 2,500 buyers, for what needs numbers."""
    return make_market(make_settings(40, sellers=100, buyers=2_500))


@lru_cache(maxsize=1)
def fortnight() -> Market:
    """Fourteen days of 50 sellers and 1,000 buyers, for what holds of any market."""
    return make_market(make_settings(14, sellers=50, buyers=1_000))


def lines(settings: Settings, *plots: Plot) -> Iterator[bytes]:
    """The lines of the events."""
    return (one.line() for one in generate(settings, plots) if isinstance(one, Event))
