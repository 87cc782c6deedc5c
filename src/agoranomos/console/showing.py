"""How figures, money and moments are written on pages, in both languages."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from markupsafe import Markup

from agoranomos.kernel.calendar import ZONE
from agoranomos.kernel.clock import parse_rfc3339, rfc3339
from agoranomos.kernel.findings import Reason
from agoranomos.web.i18n import Language
from agoranomos.web.showing import money, percent, whole

__all__ = ["left", "moment", "money", "percent", "reason_told", "score", "whole"]

_HOUR_S: Final = 3_600
_DAY_HOURS: Final = 48  # until then hours are told


def moment(at: datetime | str) -> Markup:
    """A moment on the house's calendar, to the minute, with the exact one behind it."""
    exact = parse_rfc3339(at) if isinstance(at, str) else at
    shown = exact.astimezone(ZONE).strftime("%Y-%m-%d %H:%M")
    return Markup('<time datetime="{}">{}</time>').format(rfc3339(exact), shown)


def left(until: datetime, now: datetime) -> tuple[str, int]:
    """The key of the words for how long it is until then, and the number that goes into them."""
    hours = int((until - now).total_seconds() // _HOUR_S)
    if until <= now:
        return "left.late", 0
    return ("left.days", hours // 24) if hours >= _DAY_HOURS else ("left.hours", hours)


def reason_told(reason: Reason, language: Language) -> str:
    """A reason in the reader's language, where whoever gave it has said it in Chinese as well."""
    chinese = reason.evidence.get("message_zh") if language == "zh" else None
    return chinese if isinstance(chinese, str) and chinese else reason.message


def score(value: float) -> str:
    """A probability to two places; never 1.00 for what is not certain."""
    return "> .99" if 0.995 <= value < 1 else f"{value:.2f}"
