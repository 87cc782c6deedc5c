"""A text in one spelling, character for character: what is found in it stands at the same place in the text itself."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

_CHINESE: Final = {
    **dict(zip("零一二三四五六七八九", "0123456789", strict=True)),
    **dict(zip("〇壹贰叁肆伍陆柒捌玖", "0123456789", strict=True)),
    **dict(zip("○弌貳參肆伍陸柒捌玖", "0123456789", strict=True)),
    "幺": "1", "两": "2", "叄": "3", "洞": "0", "拐": "7", "勾": "9",
}  # fmt: skip
"""Digits as they are written, and read out over the telephone."""
_TAKEN_FOR_DIGITS: Final = re.compile(r"(?<=\d)[oOlI|](?=[\doOlI|])")
_LOOKS: Final = {"o": "0", "O": "0", "l": "1", "I": "1", "|": "1"}


def folded(text: str) -> str:
    """`text` with narrow letters, and digits in the place of all that says one; of the same length."""
    plain = text if text.isascii() else text.translate(_table())
    return _TAKEN_FOR_DIGITS.sub(lambda found: _LOOKS[found[0]], plain)


@cache
def _table() -> dict[int, str]:
    """Each character that NFKC turns into another single one, and digits of other scripts; made at the first text."""
    table = {ord(char): digit for char, digit in _CHINESE.items()}
    for code in (*range(0x80, 0x3400), *range(0xA000, 0x20000)):  # what lies between are Chinese characters
        char = chr(code)
        digit = unicodedata.digit(char, None)
        if digit is not None:
            table[code] = str(digit)
        elif code not in table:
            plain = unicodedata.normalize("NFKC", char)
            if len(plain) == 1 and plain != char and plain.isascii():
                table[code] = plain
    return table
