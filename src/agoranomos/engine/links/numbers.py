"""An identity number in the parts that a forger has to change, and a birth date in any spelling.

A resident number (GB 11643-1999) says where somebody was registered, the year and the day of birth, and a serial of
that day. Two numbers that differ in at most two digits differ in at most two of these four parts, so they agree in at
least one pair of parts (the pigeonhole principle), and whoever compares pairs of parts finds them without seeing a
digit.
"""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

_SIGNS = re.compile(r"[\W_]+")
_RESIDENT = re.compile(r"\d{17}[\dx]")
_FORMER = re.compile(r"\d{15}")
_DATE = re.compile(r"(\d{4})\D?(\d{1,2})\D?(\d{1,2})\D*")


class Parts(NamedTuple):
    """Where, in which year, on which day, and the serial; "" where that is not known. `whole`: all of the number."""

    whole: str = ""
    area: str = ""
    year: str = ""
    day: str = ""
    serial: str = ""


def parts_of(number: str, birth_date: str = "") -> Parts:
    """The parts of an identity number of any kind; those of birth from `birth_date` where the number tells none.

    A number of fifteen digits, as cards bore until 2013, is read as the same one of eighteen. Of passports and other
    numbers, the two halves stand for area and serial.
    """
    whole = _SIGNS.sub("", unicodedata.normalize("NFKC", number)).casefold()
    if _FORMER.fullmatch(whole):
        whole = f"{whole[:6]}19{whole[6:]}"
    if _RESIDENT.fullmatch(whole) or (len(whole) == 17 and whole.isdigit()):
        return Parts(whole[:17], whole[:6], whole[6:10], whole[10:14], whole[14:17])
    year, day = born(birth_date)
    half = (len(whole) + 1) // 2
    return Parts(whole, whole[:half], year, day, whole[half:])


def born(birth_date: str) -> tuple[str, str]:
    """Year (YYYY) and day (MMDD) of a date written year first: 1980-01-31, 19800131, 1980年1月31日; else ("", "")."""
    found = _DATE.fullmatch(unicodedata.normalize("NFKC", birth_date).strip())
    return (found[1], f"{int(found[2]):02d}{int(found[3]):02d}") if found else ("", "")
