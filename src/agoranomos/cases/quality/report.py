"""How good decisions are: agreement by queue and clause, and how each person did on known cases. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from agoranomos.cases.quality.kappa import Agreement, agreement
from agoranomos.cases.quality.queries import Opinion, Seed
from agoranomos.rules.capacity import wilson


class Agreeing(msgspec.Struct, frozen=True, kw_only=True):
    """How far first and second people agree, in one queue or by one clause."""

    name: str
    agreement: Agreement


class Reviewer(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody did on cases of which the truth is known; `low` and `high` are the interval of 95 % around the share
    that was `right`. `missed` were upheld in truth and rejected, `wronged` the other way round.
    """

    actor: str
    decided: int
    right: int
    share: float
    low: float
    high: float
    missed: int
    wronged: int
    clauses_right: int


class QualityReport(msgspec.Struct, frozen=True, kw_only=True):
    """Since when, how many second looks wait, how far people agree, and how they did."""

    since: datetime
    waiting: int
    overall: Agreement
    by_queue: list[Agreeing]
    by_clause: list[Agreeing]
    reviewers: list[Reviewer]


def report(since: datetime, waiting: int, opinions: Sequence[Opinion], seeds: Sequence[Seed]) -> QualityReport:
    """Of the opinions that were given, and the known cases that were decided, since then. Of a clause: whether it is
    upheld by it or not.
    """
    pairs = [(each, each.first_outcome, str(each.second_outcome)) for each in opinions]
    queues = sorted({each.queue for each in opinions})
    clauses = sorted({each.first_clause for each in opinions} | {str(each.second_clause) for each in opinions})
    return QualityReport(
        since=since, waiting=waiting, overall=agreement((first, second) for _, first, second in pairs),
        by_queue=[
            Agreeing(name=name, agreement=agreement((one, two) for each, one, two in pairs if each.queue == name))
            for name in queues
        ],
        by_clause=[
            Agreeing(
                name=name,
                agreement=agreement(
                    (_by(name, each.first_clause, one), _by(name, str(each.second_clause), two))
                    for each, one, two in pairs
                    if name in (each.first_clause, each.second_clause)
                ),
            )
            for name in clauses
        ],
        reviewers=[_reviewer(name, seeds) for name in sorted({each.by for each in seeds if each.by is not None})],
    )  # fmt: skip


def _by(name: str, clause: str, outcome: str) -> str:
    return outcome if clause == name else "another"


def _reviewer(actor: str, seeds: Sequence[Seed]) -> Reviewer:
    mine = [each for each in seeds if each.by == actor]
    right = sum(each.outcome == each.truth_outcome for each in mine)
    low, high = wilson(right, len(mine))
    return Reviewer(
        actor=actor, decided=len(mine), right=right, share=round(right / len(mine), 4), low=round(low, 4),
        high=round(high, 4),
        missed=sum(each.truth_outcome == "upheld" and each.outcome != "upheld" for each in mine),
        wronged=sum(each.truth_outcome != "upheld" and each.outcome == "upheld" for each in mine),
        clauses_right=sum((each.outcome, each.clause) == (each.truth_outcome, each.truth_clause) for each in mine),
    )  # fmt: skip
