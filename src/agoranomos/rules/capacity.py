"""Attention is scarce: what to look at first, from which score on, and how often that was right. Pure.

Findings are ordered by expected harm, the probability that they are true times the money at stake (the ranking of
expected-value decision rules; Elkan, "The foundations of cost-sensitive learning", IJCAI 2001).
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime

import msgspec

from agoranomos.kernel.findings import Subject

Z_95 = 1.959963984540054


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A live finding that somebody may look at; `exposure` in minor units of the policy's currency."""

    finding_id: str
    code: str
    subject: Subject
    score: float
    at: datetime
    exposure: int
    exposure_known: bool

    @property
    def harm(self) -> float:
        """The expected harm, in minor units."""
        return self.score * self.exposure


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """A subject on a list: its findings, the one of the greatest expected harm first."""

    subject: Subject
    harm: float
    findings: tuple[Candidate, ...]


class Precision(msgspec.Struct, frozen=True, kw_only=True):
    """How often what was within capacity was right.

    `shown`: subjects within the capacity of their day. `decided` of them had a case; `upheld` of those were right.
    `low` and `high` are the Wilson interval of 95 % around `precision` (Wilson, JASA 1927); None without a case.
    """

    shown: int
    decided: int
    upheld: int
    precision: float | None = None
    low: float | None = None
    high: float | None = None


class Threshold(msgspec.Struct, frozen=True, kw_only=True):
    """From which score on the expected number of subjects fits the capacity.

    `score` is None when not even the highest scores alone fit; `per_day_at` is the number of subjects a day from
    `score` on, `per_day_all` that of all findings.
    """

    score: float | None
    per_day_at: float
    per_day_all: float


def ranked(candidates: Iterable[Candidate]) -> list[Place]:
    """Each subject once, the greatest expected harm first; equal ones, the older first."""
    by_subject: dict[Subject, list[Candidate]] = {}
    for each in candidates:
        by_subject.setdefault(each.subject, []).append(each)
    places = []
    for subject, found in by_subject.items():
        found.sort(key=lambda each: (-each.harm, each.code, each.finding_id))
        places.append(Place(subject=subject, harm=found[0].harm, findings=tuple(found)))
    return sorted(places, key=lambda place: (-place.harm, place.findings[0].at, place.subject.kind, place.subject.id))


def threshold(best_scores: Mapping[tuple[date, Subject], float], days: int, per_day: int) -> Threshold:
    """The lowest score that was found from which on, in `days` days, at most `per_day` subjects a day came.

    `best_scores` holds the highest score of each subject on each day.
    """
    scores = sorted(best_scores.values(), reverse=True)
    room = per_day * days
    fitting: float | None = None
    count = 0
    for place, score in enumerate(scores, start=1):
        last_of_its_kind = place == len(scores) or scores[place] < score
        if last_of_its_kind:
            if place > room:
                break
            fitting, count = score, place
    return Threshold(score=fitting, per_day_at=count / days, per_day_all=len(scores) / days)


def precision(shown: int, verdicts: Sequence[bool]) -> Precision:
    """Of `shown` subjects those with a case came to `verdicts`: True is upheld."""
    upheld, decided = sum(verdicts), len(verdicts)
    if not decided:
        return Precision(shown=shown, decided=0, upheld=0)
    low, high = wilson(upheld, decided)
    return Precision(
        shown=shown, decided=decided, upheld=upheld, precision=upheld / decided, low=low, high=high
    )  # fmt: skip


def wilson(successes: int, trials: int, z: float = Z_95) -> tuple[float, float]:
    """The Wilson score interval of a share (Wilson, JASA 22, 1927)."""
    share, square = successes / trials, z * z
    middle = share + square / (2 * trials)
    spread = z * math.sqrt(share * (1 - share) / trials + square / (4 * trials * trials))
    scale = 1 + square / trials
    return max(0.0, (middle - spread) / scale), min(1.0, (middle + spread) / scale)
