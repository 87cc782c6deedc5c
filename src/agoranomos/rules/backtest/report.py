"""What a backtest says: per rule, per day, per queue."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec

from agoranomos.kernel.findings import Subject
from agoranomos.rules.capacity import Precision


class Read(msgspec.Struct, frozen=True):
    """How many events lie in the table, how many lines were passed over, and how many repeated another."""

    events: int
    unreadable: int
    repeated: int


class Day(msgspec.Struct, frozen=True):
    """Hits and the subjects that they are about, on one day of the calendar."""

    day: date
    hits: int
    subjects: int


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One hit with everything that the rule looked at, and what it would have said."""

    source: str
    event_id: str
    at: str
    subject: Subject
    values: dict[str, Any]
    reason_en: str
    reason_zh: str


class Overlap(msgspec.Struct, frozen=True, kw_only=True):
    """How a rule and one that is live compare: subjects that both hit, and those that only one of them does."""

    rule_id: str
    version: int
    both: int
    only_this: int
    only_that: int


class RuleReport(msgspec.Struct, frozen=True, kw_only=True):
    """What one version of a rule would have done.

    `looked_at` events were of the kind that it listens to; of `unknown` of them something was missing that it needs to
    know. `per_day` is over the days from the first to the last such event. `precision` is measured on subjects whose
    case was decided after the hit.
    """

    rule_id: str
    version: int
    standing: str
    listens: str
    outcome: str
    score: float
    looked_at: int
    unknown: int
    hits: int
    subjects: int
    per_day: float
    days: tuple[Day, ...]
    precision: Precision
    overlaps: tuple[Overlap, ...]
    samples: tuple[Sample, ...]


class OutcomeDay(msgspec.Struct, frozen=True, kw_only=True):
    """On one day the events whose strongest outcome by these rules is each of them."""

    day: date
    decline: int = 0
    hold: int = 0
    review: int = 0
    warn: int = 0
    approve: int = 0


class QueueLoad(msgspec.Struct, frozen=True, kw_only=True):
    """What would have come to a queue in `days` days of events: subjects a day on average and at most, and on how many
    days they were too many.
    """

    queue: str
    days: int
    capacity: int
    mean: float
    most: int
    days_over: int


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A backtest. `first` and `last` are the days of the history between which hits were counted."""

    first: date | None
    last: date | None
    days: int
    read: Read
    rules: tuple[RuleReport, ...]
    outcomes: tuple[OutcomeDay, ...]
    queues: tuple[QueueLoad, ...]
    notes: tuple[str, ...]
