"""The report as a folder: a page, a PDF, tables of figures and months, and the rows behind each figure."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import sqlalchemy as sa

from agoranomos.cases.desk.tools import Tools
from agoranomos.evidence.names import cell
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.reports.integrity import page, paper
from agoranomos.reports.integrity.figures import FIGURES
from agoranomos.reports.integrity.making import ROWS_SHOWN, Report, make
from agoranomos.reports.integrity.measures import Figure, Reading
from agoranomos.reports.integrity.period import Period
from agoranomos.reports.integrity.showing import moment
from agoranomos.reports.integrity.wording import MEANINGS, NAMES
from agoranomos.reports.model import Row, Window
from agoranomos.reports.transparency import gathering, writing
from agoranomos.reports.transparency.gathering import Scope

PAGE: Final = "report.html"
PAPER: Final = "report.pdf"
SUMMARY: Final = "summary.json"
ROWS: Final = "rows"
_READ: Final = ("value", "count", "of", "low", "high", "slow")
_ROW_HEADER: Final = ("period", "at", "id", "subject_kind", "subject_id", "what", "counted", "amount", "currency")


def write(
    connection: sa.Connection, period: Period, folder: Path, *, tools: Tools, scope: Scope, version: str
) -> Report:  # fmt: skip
    """Makes the report and writes it into `folder`, which may hold an earlier one of the same name: it is written over.

    The same store, period and version give the same bytes. Raises Invalid when the folder cannot be written.
    """
    with _written(folder):
        (folder / ROWS).mkdir(parents=True, exist_ok=True)
        report = make(connection, period, version)
        samples, counted = {}, []
        for figure, shown in zip(FIGURES, report.figures, strict=True):
            samples[figure.name], rows = _rows(connection, folder, figure, period)
            counted.append(msgspec.structs.replace(shown, rows=rows))
        statements = writing.write(folder, gathering.gathered(connection, tools, period.window, scope))
        report = msgspec.structs.replace(report, figures=counted, statements=statements.ready)
        _figures(folder, report)
        _months(folder, report)
        (folder / SUMMARY).write_bytes(
            msgspec.json.format(msgspec.json.encode(report, order="deterministic"), indent=1) + b"\n"
        )
        (folder / PAGE).write_text(page.drawn(report, samples, moment), encoding="utf-8")
        (folder / PAPER).write_bytes(paper.drawn(report, moment(report.known_until) if report.known_until else ""))
    return report


@contextmanager
def _written(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise Invalid(
            f"the report cannot be written into {folder} ({error.strerror}); choose another folder"
        ) from error


def _rows(connection: sa.Connection, folder: Path, figure: Figure, period: Period) -> tuple[list[Row], int]:
    """Writes the rows of a figure, of the period and of the one before; some to show, and how many there are of the
    period.
    """
    found, others, count = list[Row](), list[Row](), 0
    begin = period.window.begin
    both = Window(period.before.window.begin, period.window.end)  # one pass over both times
    with _table(folder / ROWS / f"{figure.name}.csv", _ROW_HEADER) as line:
        for row in figure.measure.all_rows(connection, both):
            line(_row("this" if row.at >= begin else "before", row))
            if row.at >= begin:
                count += 1
                kept = found if row.counted else others
                if len(kept) < ROWS_SHOWN:
                    kept.append(row)
    return [*found, *others][:ROWS_SHOWN], count


def _row(name: str, row: Row) -> Sequence[object]:
    return (
        name, rfc3339(row.at), cell(row.id), row.subject_kind, cell(row.subject_id), cell(row.what), int(row.counted),
        "" if row.amount is None else row.amount, row.currency or "",
    )  # fmt: skip


def _figures(folder: Path, report: Report) -> None:
    header = ("figure", "english", "chinese", "unit", "period", *_READ, "currency", "amount", "means", "表示")
    with _table(folder / "figures.csv", header) as line:
        for each in report.figures:
            for name, reading in (("this", each.now), ("before", each.before)):
                for money in _money(reading):
                    words = (each.name, *NAMES[each.name], each.unit, name)
                    line((*words, *_numbers(reading), *money, *MEANINGS[each.name]))


def _months(folder: Path, report: Report) -> None:
    with _table(folder / "months.csv", ("figure", "month", "whole", "unit", *_READ, "currency", "amount")) as line:
        for each in report.figures:
            for month in each.months:
                for money in _money(month.reading):
                    words = (each.name, month.label, int(month.whole), each.unit)
                    line((*words, *_numbers(month.reading), *money))


def _numbers(reading: Reading) -> list[object]:
    found = (getattr(reading, name) for name in _READ)
    return ["" if each is None else each for each in found]


def _money(reading: Reading) -> list[tuple[object, object]]:
    return list(reading.money.items()) or [("", "")]


@contextmanager
def _table(path: Path, header: Sequence[str]) -> Iterator[Any]:
    """A CSV file that spreadsheets know to be UTF-8; what writes a line of it."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(header)
        yield writer.writerow
