"""The report as one page that needs nothing else: no script, no network; two languages, light, dark, and on paper."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from itertools import groupby
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from agoranomos.reports.integrity import showing
from agoranomos.reports.integrity.making import FigureShown, Report
from agoranomos.reports.integrity.wording import TEXTS
from agoranomos.reports.model import Row
from agoranomos.web import charts
from agoranomos.web.i18n import LANGUAGES, Language
from agoranomos.web.pages import with_unseen
from agoranomos.web.showing import money, whole


def drawn(report: Report, samples: Mapping[str, Sequence[Row]], moment: Any) -> str:
    """The page; `samples` are some of the rows of each figure, `moment` writes a time."""
    figures = [_worded(each, samples[each.name]) for each in report.figures]
    chapters = [(name, list(there)) for name, there in groupby(figures, key=lambda each: each["figure"].chapter)]
    return _environment().get_template("report.html").render(
        report=report, figures=figures, chapters=chapters, t=TEXTS.text, moment=moment, amount=_amount,
        styles=Markup(_styles()),  # noqa: S704 - a file of ours
    )  # fmt: skip


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("agoranomos.reports.integrity", "templates"), autoescape=True, undefined=StrictUndefined,
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["with_unseen"] = with_unseen
    return environment


def _styles() -> str:
    environment = _environment()
    assert environment.loader is not None, "it was made with one"
    return environment.loader.get_source(environment, "report.css")[0]


def _worded(figure: FigureShown, rows: Sequence[Row]) -> dict[str, Any]:
    unit = figure.unit
    return {
        "figure": figure,
        "rows": rows,
        "shares": figure.now.of is not None,
        "adds": any(row.amount is not None for row in rows),
        "now": _each(lambda lang: showing.value(unit, figure.now, lang)),
        "now_detail": _each(lambda lang: showing.detail(unit, figure.now, lang)),
        "before": _each(lambda lang: showing.value(unit, figure.before, lang)),
        "before_detail": _each(lambda lang: showing.detail(unit, figure.before, lang)),
        "change": _each(lambda lang: showing.change(figure, lang)),
        "chart": _each(lambda lang: _chart(figure, lang)),
        "months": _each(lambda lang: _months(figure, lang)),
    }


def _each(said: Any) -> dict[Language, Any]:
    return {language: said(language) for language in LANGUAGES}


def _chart(figure: FigureShown, language: Language) -> Markup | None:
    heights = showing.heights(figure)
    if heights is None:
        return None
    unit = showing.axis(figure)
    name = TEXTS.text(language, f"name.{figure.name}")
    title = f"{name}, {TEXTS.text(language, 'by-month')}{f' ({unit})' if unit else ''}"
    return charts.bars([each.label for each in figure.months], heights, title=title)


def _months(figure: FigureShown, language: Language) -> list[tuple[str, str, str]]:
    part = TEXTS.text(language, "part")
    return [
        (
            each.label if each.whole else f"{each.label} ({part})",
            showing.value(figure.unit, each.reading, language),
            showing.detail(figure.unit, each.reading, language),
        )
        for each in figure.months
    ]


def _amount(row: Row) -> str:
    if row.amount is None:
        return ""
    return whole(row.amount) if row.currency is None else money(row.amount, row.currency)
