"""What people type into forms, as values: money, whole numbers, days."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any

from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.money import AMOUNT_MAX, MINOR_DIGITS, Money
from agoranomos.staff.browsers import field


def many(data: dict[str, Any], name: str) -> list[str]:
    """All values of a field that may be repeated; uploads are none."""
    given = data.get(name, [])
    return [each for each in (given if isinstance(given, list) else [given]) if isinstance(each, str)]


def money_in(data: dict[str, Any], name: str, currency: str) -> Money:
    """`1,234.50` in a currency. Raises Invalid for what is no amount above zero, or has too many digits."""
    text = field(data, name).replace(",", "").strip()
    try:
        amount = Decimal(text).scaleb(MINOR_DIGITS.get(currency, 2))
    except ArithmeticError:  # no number, or one with more digits than there are
        amount = Decimal("NaN")
    if len(text) > 30 or not amount.is_finite() or not 0 < amount <= AMOUNT_MAX or amount != int(amount):
        raise Invalid(f"an amount is written like 1234.50, in {currency}", pointer=f"/{name}")
    return Money(int(amount), currency)


def moment_in(data: dict[str, Any], name: str) -> datetime:
    """What a field of the kind `datetime-local` holds, on the house's calendar. Raises Invalid."""
    try:
        given = datetime.fromisoformat(field(data, name))
    except ValueError:
        raise Invalid("a moment is written like 2026-11-22T09:30", pointer=f"/{name}") from None
    return given if given.tzinfo else given.replace(tzinfo=ZONE)
