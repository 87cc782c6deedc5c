"""How much was missed: what test buys, drawn by chance, say of goods that nobody had said anything about.

Each plan that was drawn gives an estimate of its own (`goods.testbuys.estimating`). A time with several plans has their
mean, by the number of clear verdicts; draws of different plans are independent, so the limits are put together as by
Zou and Donner (Statistics in Medicine 2008), which is how the strata of one plan are.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise

import sqlalchemy as sa

from agoranomos.goods.testbuys import queries
from agoranomos.goods.testbuys.design import is_seen
from agoranomos.goods.testbuys.estimating import Estimate
from agoranomos.goods.testbuys.planning import frame_of
from agoranomos.goods.testbuys.service import estimated
from agoranomos.goods.testbuys.tables import testbuy_plans
from agoranomos.goods.testbuys.weighing import CLEAR
from agoranomos.reports.integrity.measures import Reading, one_after_the_other
from agoranomos.reports.model import Row, Window


@dataclass(frozen=True)
class Missed:
    """The share of fakes among goods on sale of which nothing was known when the samples were drawn."""

    def readings(self, connection: sa.Connection, edges: Sequence[datetime]) -> tuple[Reading, list[Reading]]:
        """Of the plans drawn in each time; None of a time without a clear verdict."""
        plans = [(at, found) for at, name in _drawn(connection, edges[0], edges[-1])
                 if (found := estimated(connection, name).unseen) is not None]  # fmt: skip
        spans = [_pooled([found for at, found in plans if begin <= at < end]) for begin, end in pairwise(edges)]
        return _pooled([found for _, found in plans]), spans

    def before_and(
        self, connection: sa.Connection, before: datetime, edges: Sequence[datetime]
    ) -> tuple[Reading, Reading, list[Reading]]:
        """Each time by itself."""
        return one_after_the_other(self, connection, before, edges)

    def all_rows(self, connection: sa.Connection, window: Window) -> Iterator[Row]:
        """The purchases with a clear verdict, of each plan in turn; fakes count."""
        for at, plan_id in _drawn(connection, window.begin, window.end):
            bands = frame_of(connection, plan_id).settings.bands
            for each in queries.of_plan(connection, plan_id):
                if each.verdict in CLEAR and not is_seen(each.stratum, bands):
                    yield Row(
                        at=at, id=each.testbuy_id, subject_kind="listing", subject_id=each.listing_id,
                        what=f"{plan_id} {each.stratum} {each.inclusion:.6g} {each.verdict}",
                        counted=each.verdict == "counterfeit",
                    )  # fmt: skip


def _drawn(connection: sa.Connection, begin: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """The plans drawn in a time, the first first."""
    table = testbuy_plans.c
    query = sa.select(table.drawn_at, table.plan_id).where(table.drawn_at >= begin, table.drawn_at < end)
    return [(row[0], row[1]) for row in connection.execute(query.order_by(table.drawn_at, table.plan_id))]


def _pooled(plans: Sequence[Estimate]) -> Reading:
    answers = sum(each.answers for each in plans)
    if not answers:
        return Reading(value=None, count=0, of=0)
    shares = [each.answers / answers for each in plans]
    rate = sum(share * each.rate for share, each in zip(shares, plans, strict=True))
    below = sum((share * (each.rate - each.low)) ** 2 for share, each in zip(shares, plans, strict=True))
    above = sum((share * (each.high - each.rate)) ** 2 for share, each in zip(shares, plans, strict=True))
    return Reading(
        value=rate, count=sum(each.fakes for each in plans), of=answers, low=max(0.0, rate - math.sqrt(below)),
        high=min(1.0, rate + math.sqrt(above)),
    )  # fmt: skip
