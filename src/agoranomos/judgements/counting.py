"""How many live findings and decisions each day has, kept with them: what changes when they are kept, change or go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.judgements.tables import STOPPED, SURE, decision_days, decisions, finding_days
from agoranomos.kernel.calendar import day_of
from agoranomos.kernel.dialects import add_up, writer_number

SLOTS: Final = 32
"""Rows of a day, among which those who write at once are spread: numbers of writers follow each other."""


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


def add_decisions(connection: sa.Connection, made: Iterable[tuple[datetime, str]], *, sign: int = 1) -> None:
    """Counts decisions in (with a `sign` of -1: out), each given as its moment and its outcome."""
    sums: dict[int, list[int]] = {}
    for at, outcome in made:
        of = sums.setdefault(day_of(at), [0, 0])
        of[0] += sign
        of[1] += sign * (outcome in STOPPED)
    slot = writer_number(connection) % SLOTS
    # In one order, as two writers may share a slot when there are many.
    rows = [{"day": day, "slot": slot, "made": of[0], "stopped": of[1]} for day, of in sorted(sums.items())]
    add_up(connection, decision_days, rows, ["day", "slot"])


def decisions_leave(connection: sa.Connection, keys: Sequence[tuple[Any, ...]]) -> None:
    """Counts those decisions out that are about to be deleted."""
    gone = decisions.c.decision_id.in_([key[0] for key in keys])
    rows = connection.execute(sa.select(decisions.c.at, decisions.c.outcome).where(gone)).all()
    add_decisions(connection, [(row[0], row[1]) for row in rows], sign=-1)
