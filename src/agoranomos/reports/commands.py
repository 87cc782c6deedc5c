"""`agora report`: how a marketplace did, as a page, a PDF and tables."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from typing import Final, Protocol

import click

from agoranomos.reports.integrity import showing
from agoranomos.reports.integrity.files import PAGE, PAPER
from agoranomos.reports.integrity.making import Report
from agoranomos.reports.integrity.period import period_of
from agoranomos.reports.integrity.wording import TEXTS
from agoranomos.reports.service import ReportService
from agoranomos.reports.transparency.gathering import Scope
from agoranomos.terminal import json_option, write_out

_DAY: Final = click.DateTime(formats=["%Y-%m-%d"])


class ReportContext(Protocol):
    """What the command needs; `Wiring` has it."""

    @property
    def reports(self) -> ReportService: ...


@click.command()
@click.option("--from", "first", type=_DAY, required=True, help="The first day (Asia/Shanghai).")
@click.option("--to", "last", type=_DAY, required=True, help="The last day, itself included.")
@click.option(
    "--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="The folder for the files."
)
@click.option(
    "--territory", "territories", multiple=True, metavar="CC",
    help="Where the decisions hold (ISO 3166-1), for statements of reasons; may be given again.",
)  # fmt: skip
@click.option("--content-language", metavar="LL", help="Of the listings (ISO 639-1), for statements of reasons.")
@json_option
@click.pass_obj
def report_command(
    context: ReportContext, *, first: datetime, last: datetime, out: Path, territories: tuple[str, ...],
    content_language: str | None, as_json: bool,
) -> None:  # fmt: skip
    """Write the integrity report of a time: report.html, report.pdf, figures.csv, months.csv, summary.json, the rows
    behind every figure, and statements of reasons for the EU's transparency database.

    Each figure stands beside the period before. The same store and days give the same bytes.
    """
    scope = Scope(
        territories=tuple(each.upper() for each in territories),
        language=content_language.upper() if content_language else None,
    )
    made = context.reports.write(period_of(first.date(), last.date()), out, scope)
    write_out(made, as_json, *_lines(made, out))


def _lines(report: Report, out: Path) -> list[str]:
    lines = [f"{report.first} to {report.last}, against {report.before_first} to {report.before_last}"]
    for figure in report.figures:
        moved, _ = showing.change(figure, "en")
        beside = "; ".join(each for each in (showing.detail(figure.unit, figure.now, "en"), moved) if each)
        said = f"{showing.value(figure.unit, figure.now, 'en'):>16}  {TEXTS.text('en', f'name.{figure.name}')}"
        lines.append(f"{said} ({beside})" if beside else said)
    return [*lines, f"Read {out / PAGE} or {out / PAPER}; the rows behind each figure are in {out / 'rows'}."]
