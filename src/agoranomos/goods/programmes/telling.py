"""From where somebody stands to what is said of it: restrictions lifted and restored, and the finding on a relapse."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from datetime import datetime
from typing import Final

import msgspec

from agoranomos.goods.programmes.model import Standing
from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id

RELAPSED: Final = "goods.programme_relapse"
VERSION: Final = "1"
IMPOSE: Final = "restriction.impose"
LIFT: Final = "restriction.lift"
SCORE: Final = 0.99
"""What counts as a relapse was decided or appraised before it is heard here."""


class Change(msgspec.Struct, frozen=True):
    """A restriction that comes into force (IMPOSE) or ends (LIFT)."""

    kind: str
    restriction: str


def changes(before: Collection[str], after: Collection[str]) -> Iterator[Change]:
    """What leads from the restrictions `before` to those `after`; what is imposed first."""
    for name in sorted(set(after) - set(before)):
        yield Change(IMPOSE, name)
    for name in sorted(set(before) - set(after)):
        yield Change(LIFT, name)


def relapse(
    seller_id: str, programme: str, found: Standing, cause: str, at: datetime, event_ids: Collection[str]
) -> Finding:
    """The finding that somebody on the way back has relapsed; `cause` is the case or test buy."""
    subject, times = Subject("seller", seller_id), found.relapses
    end = "; the programme is over for them" if found.state == "expelled" else ""
    values = {
        "programme": programme, "relapses": times, "cause": cause, "state": found.state,
        "message_zh": f"该卖家在回归计划期间再次违规（第 {times} 次），限制已全部恢复。",
    }  # fmt: skip
    words = f"Enrolled in {programme}, the seller relapsed for the {_nth(times)} time; all restrictions are back{end}."
    return Finding(
        id=finding_id(RELAPSED, subject, f"{rfc3339(at)}:{cause}"),
        at=rfc3339(at),
        code=RELAPSED,
        subject=subject,
        score=SCORE,
        reasons=(Reason(RELAPSED, words, values),),
        detector=RELAPSED,
        version=VERSION,
        event_ids=tuple(event_ids),
    )


def _nth(number: int) -> str:
    ending = {1: "st", 2: "nd", 3: "rd"}.get(number % 10, "th") if number % 100 not in (11, 12, 13) else "th"
    return f"{number}{ending}"
