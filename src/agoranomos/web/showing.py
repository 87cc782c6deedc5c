"""How figures and money are written for people, on pages and in reports."""

from __future__ import annotations

from agoranomos.kernel.money import MINOR_DIGITS


def whole(number: float) -> str:
    """`12,345`."""
    return f"{number:,.0f}"


def percent(share: float | None) -> str:
    """`97.3 %`; a dash of nothing."""
    return "–" if share is None else f"{share * 100:.1f} %"


def money(amount: int, currency: str) -> str:
    """Minor units as people write them: `1,234.50 CNY`."""
    digits = MINOR_DIGITS.get(currency, 2)
    return f"{amount / 10**digits:,.{digits}f} {currency}"


def major(amount: int, currency: str) -> float:
    """Minor units as a number of the currency's own unit, for charts."""
    return amount / float(10 ** MINOR_DIGITS.get(currency, 2))
