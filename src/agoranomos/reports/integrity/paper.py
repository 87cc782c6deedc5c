"""The report as a PDF, in English with the Chinese beneath, for whoever files it or prints it.

Chinese is set in a font of this machine where there is a free one (see `lettering`); on one machine the same report
gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from contextvars import ContextVar
from itertools import groupby
from typing import Any, Final
from xml.sax.saxutils import escape

from agoranomos.reports.integrity import lettering, showing
from agoranomos.reports.integrity.making import FigureShown, Report
from agoranomos.reports.integrity.wording import TEXTS
from agoranomos.web.i18n import LANGUAGES, Language

_LATIN: Final = "Helvetica"
_BOLD: Final = "Helvetica-Bold"
_WIDTH: Final = 471.0
"""Between the margins and the padding of a page: tables and charts end where the words do."""
_MARGIN: Final = 56.0
_CHART: Final = (_WIDTH, 78.0)
_chinese_font: ContextVar[str] = ContextVar("chinese_font")
"""The font in which the paper that is being drawn sets Chinese."""
_INK, _QUIET, _BRAND, _LINE = "#1e2422", "#59635f", "#1f5f5b", "#dcd8cd"


def drawn(report: Report, known: str) -> bytes:
    """The PDF; `known` says up to when the store knew."""
    # A quarter of a second to import, and few commands draw anything.
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.platypus import SimpleDocTemplate, Spacer  # noqa: PLC0415

    _chinese_font.set(lettering.chinese())
    out = io.BytesIO()
    title = f"{TEXTS.text('en', 'title')} {report.first} - {report.last}"
    document = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=title, author="Agoranomos", leftMargin=_MARGIN, rightMargin=_MARGIN,
        topMargin=_MARGIN, bottomMargin=_MARGIN,
    )  # fmt: skip
    story: list[Any] = [*_opening(report, known), Spacer(1, 10), _overview(report.figures)]
    for chapter, there in groupby(report.figures, key=lambda each: each.chapter):
        story += [Spacer(1, 14), *_both(f"chapter.{chapter}", 13, bold=True), Spacer(1, 4)]
        for figure in there:
            story.append(_figure(figure))
    story += [Spacer(1, 12), *_closing(report)]
    document.build(story, onFirstPage=_number, onLaterPages=_number)
    return out.getvalue()


def _opening(report: Report, known: str) -> list[Any]:
    said: list[Any] = [*_both("title", 20, bold=True)]
    for language in LANGUAGES:
        span = TEXTS.text(language, "span", first=report.first, last=report.last)
        against = TEXTS.text(language, "against", first=report.before_first, last=report.before_last)
        zone = TEXTS.text(language, "zone", zone=report.zone)
        upto = TEXTS.text(language, "known", until=known) if known else TEXTS.text(language, "nothing-known")
        said.append(_words(f"{span}. {against}. {zone} {upto}", language, 9, quiet=True))
    return said


def _closing(report: Report) -> list[Any]:
    said = []
    for language in LANGUAGES:
        if report.statements:
            count = f"{report.statements:,}"
            said.append(_words(TEXTS.text(language, "statements", count=count), language, 8, quiet=True))
        said.append(_words(TEXTS.text(language, "made-by", version=report.version), language, 8, quiet=True))
    return said


def _overview(figures: Sequence[FigureShown]) -> Any:
    from reportlab.lib.colors import HexColor  # noqa: PLC0415
    from reportlab.platypus import Table  # noqa: PLC0415

    header = [_names(["figure"]), _names(["now"]), _names(["before"]), _names(["change"])]
    rows: list[list[Any]] = [header]
    for figure in figures:
        said = [
            f"{showing.value(figure.unit, reading, 'en')}\n{showing.detail(figure.unit, reading, 'en')}".strip()
            for reading in (figure.now, figure.before)
        ]
        moved, _ = showing.change(figure, "en")
        rows.append(
            [_names([f"name.{figure.name}"]), *(_words(each, "en", 8) for each in said), _words(moved, "en", 8)]
        )
    style = [
        ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(_LINE)), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 3), ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
    ]  # fmt: skip
    return Table(rows, colWidths=[_WIDTH - 276, 108, 108, 60], repeatRows=1, style=style)


def _figure(figure: FigureShown) -> Any:
    from reportlab.platypus import KeepTogether, Spacer  # noqa: PLC0415

    unit = figure.unit
    parts: list[Any] = [*_both(f"name.{figure.name}", 10, bold=True)]
    now = " ".join((showing.value(unit, figure.now, "en"), _aside(showing.detail(unit, figure.now, "en")))).strip()
    before = " ".join(
        (showing.value(unit, figure.before, "en"), _aside(showing.detail(unit, figure.before, "en")))
    ).strip()
    parts.append(_words(f"{now}   |   {TEXTS.text('en', 'before')}: {before}", "en", 9))
    parts += [_words(TEXTS.text(language, f"meaning.{figure.name}"), language, 8, quiet=True) for language in LANGUAGES]
    heights = showing.heights(figure)
    if heights is not None:
        parts.append(_chart([each.label for each in figure.months], heights, showing.axis(figure)))
    return KeepTogether([*parts, Spacer(1, 9)])


def _aside(text: str) -> str:
    return f"({text})" if text else ""


def _chart(labels: Sequence[str], heights: Sequence[float], unit: str) -> Any:
    from reportlab.graphics.shapes import Drawing, Line, Rect, String  # noqa: PLC0415
    from reportlab.lib.colors import HexColor  # noqa: PLC0415

    from agoranomos.web.charts import nice_top  # noqa: PLC0415

    width, height = _CHART
    left, below, above = 52.0, 14.0, 8.0
    top = nice_top(max(heights))
    room = height - below - above
    drawing = Drawing(width, height)
    for mark in (0.0, top / 2, top):
        y = below + room * mark / top
        drawing.add(Line(left, y, width, y, strokeColor=HexColor(_LINE), strokeWidth=0.4))
        said = f"{mark:,g} {unit}".strip()
        drawing.add(String(left - 4, y - 2.5, said, fontName=_LATIN, fontSize=6.5, textAnchor="end"))
    step = (width - left) / len(heights)
    every = -(-len(heights) // 12)
    for place, value in enumerate(heights):
        x = left + step * (place + 0.15)
        bar = room * max(0.0, value) / top
        drawing.add(Rect(x, below, step * 0.7, bar, fillColor=HexColor(_BRAND), strokeColor=None))
        if place % every == 0:
            middle = left + step * (place + 0.5)
            drawing.add(String(middle, 3, labels[place], fontName=_LATIN, fontSize=6.5, textAnchor="middle"))
    return drawing


def _both(key: str, size: int, *, bold: bool = False) -> list[Any]:
    return [_words(TEXTS.text("en", key), "en", size, bold=bold), _words(TEXTS.text("zh", key), "zh", max(8, size - 3))]


def _names(keys: Sequence[str]) -> list[Any]:
    return [_words(TEXTS.text(language, key), language, 8) for key in keys for language in LANGUAGES]


def _words(text: str, language: Language, size: int, *, bold: bool = False, quiet: bool = False) -> Any:
    from reportlab.lib.colors import HexColor  # noqa: PLC0415
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415
    from reportlab.platypus import Paragraph  # noqa: PLC0415

    chinese = language == "zh"
    font = _chinese_font.get() if chinese else _BOLD if bold else _LATIN
    style = ParagraphStyle(
        f"{language}{size}{bold}{quiet}", fontName=font, fontSize=size,
        leading=size * 1.4, wordWrap="CJK" if chinese else None, textColor=HexColor(_QUIET if quiet else _INK),
    )  # fmt: skip
    # The Latin faces know neither the minus sign nor the thin letters of other scripts.
    said = escape(text.replace("−", "-")).replace("\n", "<br/>")
    return Paragraph(said, style)


def _number(canvas: Any, document: Any) -> None:
    canvas.setFont(_LATIN, 8)
    canvas.drawRightString(document.pagesize[0] - _MARGIN, _MARGIN / 2, str(document.page))
