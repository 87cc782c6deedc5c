"""How many live findings each day has, kept with them: what changes when findings are kept or change."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.tables import SURE, finding_days
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.dialects import add_up


class Counted(msgspec.Struct, frozen=True):
    """Where a live finding is counted: the day of the house's calendar and its code; and whether among the sure."""

    day: int
    code: str
    sure: bool


def counted(at: datetime, code: str, status: str, score: float) -> Counted | None:
    """As what a finding is counted; None for one that is not live."""
    return Counted(day_of(at), code, score >= SURE) if status == "live" else None


def add(connection: sa.Connection, gone: Iterable[Counted | None], come: Iterable[Counted | None]) -> None:
    """Counts those that have `come` in, and those that are `gone` out."""
    sums: dict[tuple[int, str], list[int]] = {}
    for sign, each in [*((-1, each) for each in gone), *((1, each) for each in come)]:
        if each is not None:
            of = sums.setdefault((each.day, each.code), [0, 0])
            of[0] += sign
            of[1] += sign * each.sure
    # In one order, so that two writers never wait for each other.
    rows = [
        {"day": day, "code": code, "found": found, "sure": sure}
        for (day, code), (found, sure) in sorted(sums.items())
        if found or sure
    ]
    add_up(connection, finding_days, rows, ["day", "code"])
