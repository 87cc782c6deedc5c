"""What makes a row of digits a number of a certain kind: check digits, dates, first digits."""

from __future__ import annotations

from datetime import date
from typing import Final

_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CHECKS: Final = "10X98765432"
_PROVINCES: Final = frozenset(
    (11, 12, 13, 14, 15, 21, 22, 23, 31, 32, 33, 34, 35, 36, 37, 41, 42, 43, 44, 45, 46, 50, 51, 52, 53, 54, 61, 62,
     63, 64, 65, 71, 81, 82, 83)
)  # fmt: skip
_BORN_FROM: Final = 1900
_CARD_BEGINNINGS: Final = (
    ("62", 16, 19), ("60", 16, 19), ("4", 16, 19), ("34", 15, 15), ("37", 15, 15), ("35", 16, 16),
    *((str(each), 16, 16) for each in range(51, 56)), *((str(each), 16, 16) for each in range(22, 28)),
    *((str(each), 16, 19) for each in (94, 95, 96, 97, 98)),
)  # fmt: skip
"""First digits and lengths (ISO/IEC 7812): UnionPay, Visa, American Express, JCB, Mastercard, and cards of banks that
were there before UnionPay.
"""


def is_identity_number(digits: str) -> bool:
    """18 characters of a province, a day that was, and a serial (GB 11643-1999); or 15 of the old form.

    With one digit mistyped it is still somebody's: the check digit is not asked for. Of random 18 digits one in 8,000
    passes.
    """
    if not digits[:2].isdigit() or int(digits[:2]) not in _PROVINCES:
        return False
    if len(digits) == 18:
        return _is_day(digits[6:14])
    return len(digits) == 15 and _is_day("19" + digits[6:12])


def has_identity_check(digits: str) -> bool:
    """Whether the last of 18 characters is the check digit of the others (ISO 7064, MOD 11-2)."""
    total = sum(int(digit) * weight for digit, weight in zip(digits[:17], _WEIGHTS, strict=True))
    return digits[17].upper() == _CHECKS[total % 11]


def luhn(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (ISO/IEC 7812-1, annex B)."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def is_bank_card(digits: str) -> bool:
    """First digits, length and check digit of a bank card. Of random 16 to 19 digits about one in 30 passes."""
    known = any(digits.startswith(begin) and low <= len(digits) <= high for begin, low, high in _CARD_BEGINNINGS)
    return known and luhn(digits)


def _is_day(digits: str) -> bool:
    if not digits.isdigit():
        return False
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:])).year >= _BORN_FROM
    except ValueError:
        return False
