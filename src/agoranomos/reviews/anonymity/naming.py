"""What in the text of a review tells the merchant who wrote it: said to the author before it is shown."""

from __future__ import annotations

import re
from typing import Final

import msgspec

_PATTERNS: Final[dict[str, str]] = {
    "phone": r"(?<!\d)(?:\+?86[- ]?)?1[3-9]\d[- ]?\d{4}[- ]?\d{4}(?!\d)",
    "order_number": r"(?<![\d.])\d{10,24}(?![\d.])",
    "email": r"[\w.+-]{2,64}@[\w-]+(?:\.[\w-]+)+",
    "date": r"(?<!\d)(?:20\d\d[-/年.])?(?:1[0-2]|0?[1-9])(?:月|[-/.])(?:3[01]|[12]\d|0?[1-9])(?:日|号)|"
            r"(?<!\d)20\d\d-\d\d-\d\d(?!\d)|"
            r"\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? (?:3[01]|[12]?\d)(?:st|nd|rd|th)?\b",
    "paid": r"(?:花了|付了|paid|¥|￥|rmb)\s*\d+\.\d{2}(?!\d)",
    "address": r"[\u4e00-\u9fff]{2,12}(?:小区|花园|公寓|宿舍)?\d{1,4}(?:号楼|栋|幢|单元|室)",
    "name": r"(?:我姓|我叫|收件人[是:：]?|my name is|i am called)\s*[^\s,，。.!！;；]{1,12}",
}  # fmt: skip
_FOUND: Final = re.compile("|".join(f"(?P<{name}>{each})" for name, each in _PATTERNS.items()), re.IGNORECASE)
_MAYBE: Final = re.compile(r"[\d@]|我姓|我叫|收件人|my name is|i am called", re.IGNORECASE)
"""Stands in whatever `_FOUND` finds, and in few texts."""
WORDS: Final[dict[str, tuple[str, str]]] = {
    "order_number": ("a long number, such as that of an order", "像订单号的长数字"),
    "phone": ("a phone number", "电话号码"),
    "email": ("an e-mail address", "邮箱地址"),
    "date": ("a day", "具体日期"),
    "paid": ("the exact amount you paid", "实付金额"),
    "address": ("where you live", "住址"),
    "name": ("a name", "姓名"),
    "order": ("the number of your order", "您的订单号"),
}
"""What is said of it, in English and Chinese."""


class Span(msgspec.Struct, frozen=True):
    """`kind` (a key of WORDS) from `start` to `end` (characters of the text)."""

    kind: str
    start: int
    end: int


def spans(text: str, order_id: str | None = None) -> tuple[Span, ...]:
    """What tells of the author in `text`, in order. The words themselves are not repeated: they are personal data."""
    found = list[Span]()
    if _MAYBE.search(text):
        found = [Span(str(each.lastgroup), each.start(), each.end()) for each in _FOUND.finditer(text)]
    at = text.casefold().find(order_id.casefold()) if order_id and len(order_id) >= 4 else -1
    if at >= 0 and order_id is not None:
        clear = [each for each in found if each.end <= at or each.start >= at + len(order_id)]
        found = sorted([*clear, Span("order", at, at + len(order_id))], key=lambda each: each.start)
    return tuple(found)
