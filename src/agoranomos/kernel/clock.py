"""Time is passed in: whoever needs "now" takes a `Clock`, and only `wiring` picks the real one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from agoranomos.kernel.errors import Invalid

Clock = Callable[[], datetime]


def system_clock() -> datetime:
    """The current moment in UTC."""
    return datetime.now(UTC)


def rfc3339(moment: datetime) -> str:
    """`moment` as RFC 3339 in UTC with a `Z`, fractions only where there are any."""
    text = (moment if moment.tzinfo is UTC else moment.astimezone(UTC)).isoformat()
    return f"{text[:-6]}Z"  # without its +00:00


def parse_rfc3339(text: str) -> datetime:
    """The moment that `text` names; refuses a time without an offset, which would be anybody's guess."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise Invalid(f"{text[:40]!r} is not an RFC 3339 time such as 2026-05-01T08:00:00+08:00") from error
    if moment.tzinfo is None:
        raise Invalid(f"{text[:40]!r} has no offset; write Z or +08:00 at its end")
    return moment
