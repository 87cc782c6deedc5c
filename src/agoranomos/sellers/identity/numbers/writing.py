"""Numbers as people write them: full-width, spaced, lower-case. What was odd is remembered, never held against them."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

_BETWEEN = re.compile(r"[\s\-‐-―.·_]+")
_DATE = re.compile(r"(\d{4})\s*[-/.年]?\s*(\d{1,2})\s*[-/.月]?\s*(\d{1,2})\s*日?(?:[T ].*)?")
LENGTH_MAX: Final = 200
"""Longer than any number, two lines of a passport included."""


def plain(text: str) -> str:
    """`text` in plain capitals and digits, without what parts the groups of a number."""
    return _BETWEEN.sub("", unicodedata.normalize("NFKC", text[:LENGTH_MAX])).upper()


def date_of(text: str) -> date | None:
    """The day in `text`, as forms and people write it (1990-01-02, 19900102, 1990年1月2日); None when there is none."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", text[:LENGTH_MAX]).strip())
    return found and day(int(found[1]), int(found[2]), int(found[3]))


def day(year: int, month: int, of_month: int) -> date | None:
    """That day, if the calendar has it."""
    try:
        return date(year, month, of_month)
    except ValueError:
        return None


def digits(text: str) -> bool:
    """Whether `text` is made of the ten digits alone; `str.isdigit` also takes those of other scripts."""
    return text.isascii() and text.isdigit()
