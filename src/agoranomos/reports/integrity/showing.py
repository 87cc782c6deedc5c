"""How the figures of a report are written, in both languages. Pure."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agoranomos.kernel.calendar import ZONE
from agoranomos.reports.integrity.making import FigureShown
from agoranomos.reports.integrity.measures import Reading
from agoranomos.reports.integrity.wording import TEXTS
from agoranomos.web.i18n import Language
from agoranomos.web.showing import major, money, percent, whole

_LONG_HOURS: Final = 72.0
_HAIR: Final = 1e-9


def value(unit: str, reading: Reading, language: Language) -> str:
    """What a figure comes to, in its unit; a dash of nothing."""
    if unit == "money":
        return ", ".join(money(amount, currency) for currency, amount in reading.money.items()) or "0"
    if reading.value is None:
        return TEXTS.text(language, "none")
    if unit in ("share", "estimate"):
        return percent(reading.value)
    if unit == "per_10k":
        return f"{reading.value:,.2f}"
    return _lasting(reading.value, language) if unit == "hours" else whole(reading.value)


def detail(unit: str, reading: Reading, language: Language) -> str:
    """What stands beside it: of how many, within which interval; nothing for most."""
    said = []
    if reading.of:
        said.append(TEXTS.text(language, "of", count=whole(reading.count), of=whole(reading.of)))
    if reading.low is not None and reading.high is not None:
        said.append(TEXTS.text(language, "interval", low=percent(reading.low), high=percent(reading.high)))
    if reading.slow is not None:
        said.append(TEXTS.text(language, "slow", slow=_lasting(reading.slow, language)))
    return "; ".join(said) if unit != "money" else ""


def change(figure: FigureShown, language: Language) -> tuple[str, str]:
    """How it moved against the period before, and whether that is `good`, `bad`, or neither; nothing to say is "".

    Of what is known by a sample, nothing is said unless the two intervals lie apart.
    """
    by = _moved(figure)
    if by is None:
        return "", ""
    if abs(by) < _HAIR:
        return (TEXTS.text(language, "same"), "") if figure.now.count else ("", "")
    tone = "" if not figure.better else "good" if (by > 0) == (figure.better == "more") else "bad"
    sign = "+" if by > 0 else "−"
    size = abs(by)
    if figure.unit in ("share", "estimate"):
        return sign + TEXTS.text(language, "points", by=f"{size * 100:.1f}"), tone
    if figure.unit == "per_10k":
        return f"{sign}{size:,.2f}", tone
    if figure.unit == "hours":
        return sign + _lasting(size, language), tone
    if figure.unit == "money":
        ((currency, _),) = figure.now.money.items() or figure.before.money.items()
        return sign + money(round(size), currency), tone
    return sign + whole(size), tone


def heights(figure: FigureShown) -> list[float] | None:
    """What a chart shows of each month; None where there are fewer than two months, or nothing in any.

    Of money: `main_currency` alone; shares as per cent.
    """
    if len(figure.months) < 2:
        return None
    if figure.unit == "money":
        currency = main_currency(figure)
        found = [major(each.reading.money.get(currency, 0), currency or "") for each in figure.months]
    else:
        per = 100.0 if figure.unit in ("share", "estimate") else 1.0
        found = [(each.reading.value or 0.0) * per for each in figure.months]
    return found if any(found) else None


def main_currency(figure: FigureShown) -> str:
    """The currency in which the most came together, in minor units; "" of none."""
    return max(figure.now.money, key=lambda each: (figure.now.money[each], each), default="")


def axis(figure: FigureShown) -> str:
    """The unit that a chart is in, beside its name."""
    return {"money": main_currency(figure), "share": "%", "estimate": "%", "per_10k": "/10,000", "hours": "h"}.get(
        figure.unit, ""
    )


def moment(at: datetime) -> str:
    """To the minute, on the house's calendar."""
    return at.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")


def _moved(figure: FigureShown) -> float | None:
    now, before = figure.now, figure.before
    if figure.unit == "money":
        currencies = {*now.money, *before.money}
        if len(currencies) != 1:
            return None
        return float(sum(now.money.values()) - sum(before.money.values()))
    if now.value is None or before.value is None:
        return None
    if now.low is not None and before.high is not None and now.high is not None and before.low is not None:
        apart = now.low > before.high or now.high < before.low
        return now.value - before.value if apart else None
    return now.value - before.value


def _lasting(hours: float, language: Language) -> str:
    if hours >= _LONG_HOURS:
        return TEXTS.text(language, "days", days=f"{hours / 24:,.1f}")
    return TEXTS.text(language, "hours", hours=f"{hours:,.1f}")
