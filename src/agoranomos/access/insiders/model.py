"""What is remembered of the staff's trace: days of work, cases, looks, approvals, exports, restored listings."""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeVar

import msgspec

_V = TypeVar("_V")


class Day(msgspec.Struct):
    """A day of one person: cases closed by kind of subject, and of those the cleared ones; acts by hour of the day."""

    closed: dict[str, int] = {}
    cleared: dict[str, int] = {}
    hours: dict[int, int] = {}


class Act(msgspec.Struct, frozen=True):
    """Something that one person did: on which day, for or about whom, and the event that told of it."""

    day: int
    at: datetime
    staff_id: str
    about: str
    event_id: str
    beside: str = ""


class Closed(msgspec.Struct, frozen=True):
    """A case of a seller that somebody closed; `queue` is the kind of its subject."""

    act: Act
    queue: str
    cleared: bool


class Working(msgspec.Struct, frozen=True):
    """Somebody said that he closed a case, and the outcome is not told yet."""

    act: Act
    queue: str
    target_id: str
    cleared: bool


class Known(msgspec.Struct):
    """Everything. `about` of an act is the seller of a case or listing, the person looked at, the one approved for, or
    the hour of the day of an export; `beside` the case of a look, and the listing and its remover of a restore.
    """

    days: dict[str, dict[int, Day]] = {}
    cases: list[Closed] = []
    looks: list[Act] = []
    odd_looks: list[Act] = []
    approvals: list[Act] = []
    exports: list[Act] = []
    restores: list[Act] = []
    stores: dict[str, str] = {}
    working: dict[str, Working] = {}
    decided: dict[str, tuple[str, bool]] = {}
    closers: dict[str, str] = {}
    handled: dict[str, int] = {}
    removed: dict[str, tuple[str, str]] = {}
    overturned: dict[str, bool] = {}
    requests: dict[str, str] = {}
    sources: dict[str, tuple[str, datetime]] = {}
    told: dict[str, Told] = {}
    looked_day: int | None = None


class Told(msgspec.Struct, frozen=True):
    """A finding that was told: when its episode began, how much was counted, and on which day that was."""

    start: str
    count: int
    revision: int
    day: int


class Sign(msgspec.Struct, frozen=True):
    """What stands out: `chance` is that of anybody among all colleagues; `figures` explain it, `others` are the seller,
    colleague or people it is about.
    """

    code: str
    staff_id: str
    key: str
    chance: float
    acts: tuple[Act, ...]
    figures: dict[str, Any]
    others: tuple[tuple[str, str], ...] = ()


def remember(kept: dict[str, _V], key: str, value: _V, most: int) -> None:
    """Keeps `value`; of more than `most` the oldest is forgotten."""
    kept[key] = value
    if len(kept) > most:
        del kept[next(iter(kept))]
