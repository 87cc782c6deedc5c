"""Numbers that lead to a person, in a folded text: telephones, identity numbers, bank cards, passports.

A number may be written in groups. Rows of digits are cut where groups end: a telephone within the digits of an order's
number is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from agoranomos.kernel.masking.checks import is_bank_card, is_identity_number

_BETWEEN: Final = r"[ \t\u00a0\u200b-\u200d\u2060\ufe0e\ufe0f\u20e3\-‐-―.·•_*/()（）]{0,4}"
_ROW: Final = re.compile(rf"(?<![A-Za-z0-9])[+(]{{0,2}}\d(?:{_BETWEEN}\d){{6,59}}(?:{_BETWEEN}[xX](?![A-Za-z]))?")
_DIGITS: Final = re.compile(r"\d+(?:[xX](?![A-Za-z]))?|[xX]")
_MOBILE: Final = re.compile(r"(?:00)?(?:86)?(1[3-9]\d{9})")
_LANDLINE: Final = re.compile(r"0(?:10|2\d|[3-9]\d{2})[2-8]\d{6,7}|400\d{7}|800\d{7}|(?:00)?(?:852|853)[2-9]\d{7}")
_CARD_NEAR: Final = re.compile(r"卡号|银行卡|账号|帐号|card|account", re.IGNORECASE)
_PHONE_NEAR: Final = re.compile(
    r"电话|手机|致电|拨打|联系方式|call|phone|mobile|tel\b|whatsapp", re.IGNORECASE
)  # fmt: skip
_PASSPORT: Final = re.compile(
    r"(?:护照|通行证|passport)[^0-9A-Za-z]{0,6}([A-Za-z]{1,2}[ ]?\d{7,8})(?![0-9A-Za-z])", re.IGNORECASE
)  # fmt: skip
_NEAR_MAX: Final = 10
_DIGITS_MAX: Final = 19


class Part(NamedTuple):
    """A group of digits: where it begins and ends, and its digits."""

    start: int
    end: int
    digits: str


def numbers(text: str) -> Iterator[tuple[int, int, str]]:
    """(start, end, kind) of each number in the folded `text`."""
    for row in _ROW.finditer(text):
        if _goes_on(text, row.end()):
            continue
        parts = [Part(found.start(), found.end(), found[0]) for found in _DIGITS.finditer(text, row.start(), row.end())]
        near = text[max(0, row.start() - _NEAR_MAX) : row.start()]
        yield from _in_row(parts, near, row.start())
    for found in _PASSPORT.finditer(text):
        yield found.start(1), found.end(1), "passport"


def _goes_on(text: str, end: int) -> bool:
    """Whether letters follow at once: then it is an id of something, not somebody's number."""
    return end < len(text) and text[end].isascii() and text[end].isalpha()


def _in_row(parts: list[Part], near: str, start: int) -> Iterator[tuple[int, int, str]]:
    """The longest number that begins with a group, from left to right."""
    at = 0
    while at < len(parts):
        rows = [""]
        for part in parts[at:]:
            rows.append(rows[-1] + part.digits)
            if len(rows[-1]) > _DIGITS_MAX:
                break
        for count in range(len(rows) - 1, 0, -1):
            kind = kind_of(rows[count], near if at == 0 else "")
            if kind is not None:
                yield (start if at == 0 else parts[at].start), parts[at + count - 1].end, kind
                at += count
                break
        else:
            at += 1


def kind_of(digits: str, near: str = "") -> str | None:
    """What a row of digits (an X may be its last) is, with the words before it."""
    if not 7 <= len(digits) <= _DIGITS_MAX:
        return None
    if len(digits) in (15, 18) and is_identity_number(digits):
        return "id_number"
    if not digits.isdigit():
        return None
    if _MOBILE.fullmatch(digits) or _LANDLINE.fullmatch(digits):
        return "phone"
    if len(digits) >= 15 and (is_bank_card(digits) or _CARD_NEAR.search(near)):
        return "bank_account"
    if len(digits) <= 15 and _PHONE_NEAR.search(near):
        return "phone"
    return None
