"""Measures all figures of a report, over its time and the one before."""

from __future__ import annotations

from datetime import date, datetime

import msgspec
import sqlalchemy as sa

from agoranomos.intake.queries import newest_time
from agoranomos.kernel.calendar import ZONE
from agoranomos.reports.integrity.figures import FIGURES
from agoranomos.reports.integrity.measures import Figure, Reading
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.model import Better, Window

ROWS_SHOWN = 12
"""Of each figure on the page; all of them are in its file."""


class Month(msgspec.Struct, frozen=True, kw_only=True):
    """A figure in a month, or in what of it is within the period (`whole` is false)."""

    label: str
    whole: bool
    reading: Reading


class FigureShown(msgspec.Struct, frozen=True, kw_only=True):
    """A figure in the period, in the one before, and by months; `rows` counts the lines of its file."""

    name: str
    chapter: str
    unit: str
    better: Better
    now: Reading
    before: Reading
    months: list[Month]
    rows: int = 0


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """The figures over the days from `first` to `last`, against those from `before_first` to `before_last`.

    Days are those of `zone`. `known_until` is the newest event that the store knew: of what came later, and of what was
    decided later, the report does not know. `statements` counts the statements of reasons beside it.
    """

    first: date
    last: date
    before_first: date
    before_last: date
    zone: str
    known_until: datetime | None
    version: str
    figures: list[FigureShown]
    statements: int = 0

    def figure(self, name: str) -> FigureShown:
        """The figure called `name`."""
        return next(each for each in self.figures if each.name == name)


def make(connection: sa.Connection, period: Period, version: str) -> Report:
    """The report, without its files."""
    before = period.before
    return Report(
        first=period.first, last=period.last, before_first=before.first, before_last=before.last, zone=ZONE.key,
        known_until=newest_time(connection), version=version,
        figures=[_shown(connection, figure, period, before.window) for figure in FIGURES],
    )  # fmt: skip


def _shown(connection: sa.Connection, figure: Figure, period: Period, before: Window) -> FigureShown:
    parts = period.parts
    assert before.end == parts[0].begin, "the time before ends where the period begins"
    edges = [parts[0].begin, *(part.end for part in parts)]
    earlier, now, months = figure.measure.before_and(connection, before.begin, edges)
    return FigureShown(
        name=figure.name, chapter=figure.chapter, unit=figure.unit, better=figure.better, now=now, before=earlier,
        months=[
            Month(label=part.label, whole=part.whole, reading=reading)
            for part, reading in zip(parts, months, strict=True)
        ],
    )  # fmt: skip
