"""Numbers of residents of China: GB 11643-1999, and the numbers of the same form for others who live there.

Eighteen characters: area (6), birth date (8), sequence (3, odd for men), check (digit or X). Residence permits of
people from Hong Kong, Macau and Taiwan (since 2018) begin with 81, 82, 83; the permanent residence cards of foreigners
(since 2023) with 9, the province that issued them (2) and the nationality in ISO 3166-1 digits (3); older cards of
those have three letters and twelve digits. Fifteen digits (GB 11643-1989) are no valid document since 2013.
"""

from __future__ import annotations

from datetime import date
from typing import Final, Literal

import msgspec

from agoranomos.sellers.identity.numbers import areas, checks
from agoranomos.sellers.identity.numbers.writing import day, digits

Kind = Literal["resident", "residence_permit", "permanent_resident", "old_resident", "old_permanent_resident"]
AGE_MIN: Final = 16
"""Civil Code, article 18: from sixteen on who lives on work of their own acts for themselves."""
AGE_MAX: Final = 120
_PERMITS: Final = ("810000", "820000", "830000")


class ReadNumber(msgspec.Struct, frozen=True):
    """What a number says. `wrong`: codes of what cannot be true or is odd; `birth` None: it names no day."""

    kind: Kind
    wrong: tuple[str, ...]
    birth: date | None = None
    female: bool | None = None
    province: str | None = None


def read(number: str, at: date) -> ReadNumber | None:
    """The number, in plain capitals, as of the day `at`; None for what has the form of none of them. Never raises."""
    if len(number) == 18 and digits(number[:17]) and (digits(number[17]) or number[17] == "X"):
        return _eighteen(number, at)
    if len(number) == 15 and digits(number):
        return _old(number, at)
    if len(number) == 15 and number[:3].isalpha() and number.isascii() and digits(number[3:]):
        return ReadNumber("old_permanent_resident", ("old_form",))
    return None


def _eighteen(number: str, at: date) -> ReadNumber:
    wrong = [] if checks.resident(number) else ["check"]
    birth = day(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    wrong += ["date_impossible"] if birth is None else wrong_age(birth, at)
    kind: Kind = "resident"
    province: str | None = number[:2]
    if number[:6] in _PERMITS:
        kind, province = "residence_permit", None
    elif number[0] == "9":
        kind, province = "permanent_resident", number[1:3]
        wrong += [] if province in areas.PROVINCES else ["province_unknown"]
    elif province not in areas.PROVINCES:
        wrong.append("province_unknown")
    elif birth is not None and (odd := areas.judged(number[:6], birth.year, at.year)):
        wrong.append(odd)
    if number[14:17] == "000":
        wrong.append("sequence")
    return ReadNumber(kind, tuple(wrong), birth, int(number[16]) % 2 == 0, province)


def _old(number: str, at: date) -> ReadNumber:
    birth = day(1900 + int(number[6:8]), int(number[8:10]), int(number[10:12]))
    wrong = ["old_form", *(["date_impossible"] if birth is None else wrong_age(birth, at))]
    if number[:2] not in areas.PROVINCES:
        wrong.append("province_unknown")
    return ReadNumber("old_resident", tuple(wrong), birth, int(number[14]) % 2 == 0, number[:2])


def wrong_age(birth: date, at: date) -> list[str]:
    """What is wrong about being born on that day, as of `at`."""
    if birth > at:
        return ["date_future"]
    years = at.year - birth.year - ((at.month, at.day) < (birth.month, birth.day))
    return ["too_young"] if years < AGE_MIN else ["too_old"] if years > AGE_MAX else []
