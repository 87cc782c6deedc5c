"""The summary of a package as a PDF, Chinese and English side by side, for whoever opens nothing else.

The font is named and not embedded (STSong-Light, Adobe-GB1): every reader that shows Chinese has one for it. The file
has some kilobytes where an embedded font has megabytes, and the same content gives the same bytes on every machine.
"""

from __future__ import annotations

import io
import re
from typing import Any, Final
from xml.sax.saxutils import escape

import msgspec

FONT: Final = "STSong-Light"
ROWS_MAX: Final = 40
"""Of a table: more belong into the files."""
_CELL_MAX: Final = 200
_VALUE_MAX: Final = 400
_WIDTHS: Final = (140.0, 330.0)
_TABLE_WIDTH: Final = sum(_WIDTHS)
_UNSHOWN: Final = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200b-\u200f\u2028-\u202e\u2066-\u2069\U00010000-\U0010ffff]"
)
"""What the font has no sign for, or what turns the direction of a text around."""


class Fact(msgspec.Struct, frozen=True):
    """A line of the summary, with its name in Chinese and in English."""

    chinese: str
    english: str
    value: str


class Table(msgspec.Struct, frozen=True):
    """Rows below a heading in both languages; `header` has both in each cell."""

    chinese: str
    english: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """What the summary says; `remarks` are sentences at its end."""

    chinese: str
    english: str
    facts: tuple[Fact, ...]
    tables: tuple[Table, ...] = ()
    remarks: tuple[str, ...] = ()


def drawn(summary: Summary) -> bytes:
    """The PDF; the same bytes for the same summary."""
    # A quarter of a second to import, and few commands draw anything.
    from reportlab.lib.pagesizes import A4  # noqa: PLC0415
    from reportlab.pdfbase import pdfmetrics  # noqa: PLC0415
    from reportlab.pdfbase.cidfonts import UnicodeCIDFont  # noqa: PLC0415
    from reportlab.platypus import SimpleDocTemplate, Spacer  # noqa: PLC0415

    if FONT not in pdfmetrics.getRegisteredFontNames():
        pdfmetrics.registerFont(UnicodeCIDFont(FONT))
    out = io.BytesIO()
    document = SimpleDocTemplate(
        out, pagesize=A4, invariant=1, title=_plain(summary.english), author="Agoranomos", leftMargin=56,
        rightMargin=56, topMargin=56, bottomMargin=56,
    )  # fmt: skip
    story: list[Any] = [_words(summary.chinese, 16), _words(summary.english, 12), Spacer(1, 10), _facts(summary.facts)]
    for table in summary.tables:
        story += [Spacer(1, 12), _words(f"{table.chinese}  {table.english}", 11), Spacer(1, 4), _table(table)]
    story += [Spacer(1, 12), *(_words(each, 9) for each in summary.remarks)]
    document.build(story)
    return out.getvalue()


def _words(text: str, size: int = 9) -> Any:
    from reportlab.lib.styles import ParagraphStyle  # noqa: PLC0415
    from reportlab.platypus import Paragraph  # noqa: PLC0415

    style = ParagraphStyle(f"s{size}", fontName=FONT, fontSize=size, leading=size * 1.45, wordWrap="CJK")
    return Paragraph(escape(_plain(text)), style)


def _plain(text: str) -> str:
    return _UNSHOWN.sub("\ufffd", text)


def _facts(facts: tuple[Fact, ...]) -> Any:
    return _grid(
        [[_words(f"{each.chinese} {each.english}"), _words(each.value[:_VALUE_MAX])] for each in facts],
        list(_WIDTHS),
        0,
    )


def _table(table: Table) -> Any:
    rows = [[_words(cell[:_CELL_MAX], 8) for cell in row] for row in (table.header, *table.rows[:ROWS_MAX])]
    if len(table.rows) > ROWS_MAX:
        more = f"… {len(table.rows) - ROWS_MAX:,}"
        rows.append([_words(more, 8), *([_words("", 8)] * (len(table.header) - 1))])
    return _grid(rows, [_TABLE_WIDTH / len(table.header)] * len(table.header), 1)


def _grid(rows: list[list[Any]], widths: list[float], repeated: int) -> Any:
    from reportlab.lib.colors import lightgrey  # noqa: PLC0415
    from reportlab.platypus import Table as Grid  # noqa: PLC0415

    style = [("GRID", (0, 0), (-1, -1), 0.4, lightgrey), ("VALIGN", (0, 0), (-1, -1), "TOP")]
    return Grid(rows, colWidths=widths, repeatRows=repeated, style=style)
