"""Numbers that a person or firm is known by, with valid structure and check digits.

Resident identity numbers: GB 11643-1999 (area code, birth date, sequence, check by ISO 7064 MOD 11-2). Firms: GB
32100-2015 (18 characters, check modulo 31), in which the organisation code of GB 11714-1997 (check modulo 11) stands.
Bank cards: ISO/IEC 7812 (Luhn). All are drawn at random: any likeness to a real number is chance.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from agoranomos.engine.market.streams import Stream

_RESIDENT_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RESIDENT_CHECKS: Final = "10X98765432"
_FIRM_CHARACTERS: Final = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_FIRM_WEIGHTS: Final = tuple(3**place % 31 for place in range(17))
_ORGANISATION_WEIGHTS: Final = (3, 7, 9, 10, 5, 8, 4, 2)
_MOBILE: Final = (
    *("133", "135", "136", "137", "138", "139", "150", "151", "152", "157", "158"),
    *("159", "176", "180", "185", "186", "187", "188", "189", "191", "198", "199"),
)
_BANKS: Final = ("622202", "622848", "622700", "621661", "622588", "621799")


def resident_check(seventeen: str) -> str:
    """The check character of the first seventeen digits."""
    total = sum(int(digit) * weight for digit, weight in zip(seventeen, _RESIDENT_WEIGHTS, strict=True))
    return _RESIDENT_CHECKS[total % 11]


def resident_number(area_code: str, birth: date, sequence: int) -> str:
    """The number of the person `sequence` (0 to 999, odd for men) born in `area_code` on `birth`."""
    body = f"{area_code}{birth:%Y%m%d}{sequence:03d}"
    return body + resident_check(body)


def firm_number(stream: Stream, area_code: str) -> str:
    """A unified social credit code of a firm registered with the market authority of `area_code`."""
    organisation = f"{stream.below(10**8):08d}"
    rest = 11 - sum(int(c) * w for c, w in zip(organisation, _ORGANISATION_WEIGHTS, strict=True)) % 11
    body = f"9{stream.choice('12')}{area_code}{organisation}{'0123456789X0'[rest]}"
    return body + firm_check(body)


def firm_check(seventeen: str) -> str:
    """The check character of the first seventeen characters of a firm's number."""
    total = sum(_FIRM_CHARACTERS.index(c) * w for c, w in zip(seventeen, _FIRM_WEIGHTS, strict=True))
    return _FIRM_CHARACTERS[-total % 31]


def passport_number(stream: Stream) -> str:
    """A letter and eight digits."""
    return f"{stream.choice('ABCEGKMNPRS')}{stream.below(10**8):08d}"


def bank_card(stream: Stream) -> str:
    """A card number of 19 digits that passes Luhn."""
    body = f"{stream.choice(_BANKS)}{stream.below(10**12):012d}"
    doubled = (int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(body)))
    return f"{body}{-sum(value // 10 + value % 10 for value in doubled) % 10}"


def mobile_number(stream: Stream) -> str:
    """A mobile number of eleven digits."""
    return f"{stream.choice(_MOBILE)}{stream.below(10**8):08d}"


def birth_date(stream: Stream, oldest: date, youngest: date) -> date:
    """A day of birth between the two."""
    return oldest + timedelta(days=stream.below((youngest - oldest).days + 1))
