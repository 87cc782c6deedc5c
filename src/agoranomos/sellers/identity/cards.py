"""What stands on a card, read by an engine that makes mistakes, beside what was typed.

Readers take O for 0, I for 1, B for 8, and lose characters of Chinese names. So only a number that was read whole and
whose own check character fits speaks against what was typed; a name that was not found says next to nothing.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

import msgspec

from agoranomos.sellers.identity.names import folded, script_of
from agoranomos.sellers.identity.numbers import checks

_TAKEN_FOR: Final = str.maketrans("OoQDIl|!SsBZzGbT", "0000111155822661"[:16])
_NUMBER: Final = re.compile(r"(?=((?:[0-9OoQDIl|!SsBZzGbT][ .:\-]?){17}[0-9XxOoQDIl|!SsBZzGbT]))")
_SEX: Final = re.compile(r"性\s*别\s*([男女])")
LETTERS_MIN: Final = 8
"""Where fewer Chinese characters were read than are printed on every card, a name that is missing says nothing."""
NAME_MIN: Final = 0.5
"""The share of a name's characters that must be read for it to be found."""


class ReadCard(msgspec.Struct, frozen=True):
    """What came of reading: codes, and in how many characters the number read differs from the one typed."""

    codes: tuple[str, ...]
    differs: int = 0


def compare(text: str, number: str, name: str, *, female: bool | None) -> ReadCard:
    """Compares the text read from a card with the number (plain, eighteen characters) and name that were typed."""
    codes: list[str] = []
    read = numbers_in(text)
    differs = min((_differing(number, each) for each in read), default=0) if len(number) == 18 else 0
    if read and len(number) == 18:
        codes.append("number_agrees" if differs == 0 else "number_differs")
    codes += _of_name(text, name)
    if (found := _SEX.search(unicodedata.normalize("NFKC", text))) and female is not None:
        codes += [] if (found[1] == "女") == female else ["sex_differs"]
    return ReadCard(tuple(codes) or ("nothing_read",), differs)


def numbers_in(text: str) -> set[str]:
    """The identity numbers in `text` whose date and check character hold: those that were read without a mistake."""
    plain = unicodedata.normalize("NFKC", text)
    found = set()
    for line in plain.splitlines():
        for match in _NUMBER.finditer(line):
            bare = re.sub(r"[ .:\-]", "", match[1])
            number = bare[:17].translate(_TAKEN_FOR) + bare[17].upper().translate(_TAKEN_FOR)
            if number[:17].isdigit() and number[6:8] in {"19", "20"} and checks.resident(number):
                found.add(number)
    return found


def _of_name(text: str, name: str) -> list[str]:
    letters, there = folded(name), folded(text)
    if len(letters) < 2 or script_of(name) == "signs":
        return []
    if letters in there:
        return ["name_agrees"]
    share = sum(each in there for each in letters) / len(letters)
    legible = sum(not each.isascii() for each in there) >= LETTERS_MIN
    return ["name_missing"] if script_of(name) == "han" and legible and share < NAME_MIN else []


def _differing(one: str, other: str) -> int:
    return sum(a != b for a, b in zip(one, other, strict=True))
