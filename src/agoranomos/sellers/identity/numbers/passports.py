"""Passports: their numbers, and the two lines that machines read (ICAO 9303-4, "TD3": two lines of 44 characters)."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Final

import msgspec

from agoranomos.sellers.identity.numbers import checks
from agoranomos.sellers.identity.numbers.writing import day, digits

_NUMBER: Final = re.compile(r"(?=.*\d)[A-Z0-9]{5,14}")
_LINES: Final = re.compile(
    r"(P[A-Z<][A-Z<]{3}[A-Z<]{39})([A-Z0-9<]{9}[0-9O<][A-Z<]{3}[0-9O]{7}[MFX<][0-9O]{7}[A-Z0-9<]{14}[0-9O<][0-9O])"
)
LINE: Final = 44


class Mrz(msgspec.Struct, frozen=True):
    """What the two lines say. `wrong`: codes; `names` in capitals, surname first, parted by spaces."""

    wrong: tuple[str, ...]
    number: str
    names: str
    birth: date | None
    country: str


def number_fits(number: str) -> bool:
    """Whether `number`, in plain capitals, can be that of a travel document: letters and digits, 5 to 14 of them."""
    return _NUMBER.fullmatch(number) is not None


def lines_in(text: str, at: date) -> Mrz | None:
    """The first two machine-readable lines in `text`, as of the day `at`; None when none stand there. Never raises.

    Spaces and line feeds are passed over: forms and readers of text break lines where they like.
    """
    found = _LINES.search(re.sub(r"\s+", "", unicodedata.normalize("NFKC", text).upper().replace("«", "<<")))
    return found and _read(found[1], found[2], at)


def _read(upper: str, lower: str, at: date) -> Mrz:
    number, birth, expiry = lower[:9], _figures(lower[13:19]), _figures(lower[21:27])
    composite = lower[:10] + lower[13:20] + lower[21:43]
    fields = (
        ("mrz_number_check", number, lower[9]),
        ("mrz_birth_check", birth, lower[19]),
        ("mrz_expiry_check", expiry, lower[27]),
        ("mrz_optional_check", lower[28:42], lower[42]),
        ("mrz_check", composite, lower[43]),
    )
    wrong = [code for code, text, check in fields if not checks.mrz(text, _figures(check))]
    born = _day(birth, latest=at)
    if born is None:
        wrong.append("mrz_date_impossible")
    ends = _day(expiry, latest=date(at.year + 50, 1, 1))
    if ends is not None and ends < at:
        wrong.append("mrz_expired")
    names = " ".join(part for part in upper[5:].replace("<", " ").split())
    return Mrz(tuple(wrong), number.strip("<"), names, born, upper[2:5].strip("<"))


def _figures(text: str) -> str:
    """Readers of text take the digit 0 for the letter O; where only digits can stand, that is undone."""
    return text.replace("O", "0")


def _day(text: str, *, latest: date) -> date | None:
    """The day of six digits, in the latest century in which it is not after `latest`."""
    if not digits(text):
        return None
    year = latest.year // 100 * 100 + int(text[:2])
    for each in (year, year - 100):
        found = day(each, int(text[2:4]), int(text[4:6]))
        if found is not None and found <= latest:
            return found
    return None
