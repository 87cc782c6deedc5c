"""What a notice weighs beside what else is known of a listing; see decision 0023.

Only a notice that calls the goods counterfeit says that they are fake. While it waits it weighs what its holder was
right before; decided, what a decision is worth, or nothing.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

from agoranomos.goods.evidence.model import PRIOR, Weight, log_odds
from agoranomos.goods.notices.model import Notice, Target
from agoranomos.goods.notices.telling import UPHELD_SCORE
from agoranomos.kernel.findings import Subject

CODE: Final = "goods.notice"
_Words = tuple[str, str]
_UPHELD: Final = "A notice that calls the goods counterfeit was upheld.", "称该商品为假货的通知已成立。"
_NOT_UPHELD: Final = "A notice that called the goods counterfeit was not upheld.", "称该商品为假货的通知不成立。"


def filed(notice: Notice, at: datetime) -> list[Weight]:
    """On each listing of a notice that waits; that of a doubtful holder weighs nothing by itself."""
    if notice.kind != "counterfeit" or notice.standing == "doubtful":
        return []
    words = "A rights holder says that the goods are counterfeit.", "权利人称该商品为假货。"
    return [_weight(notice, each, log_odds(notice.expected) - PRIOR, words, at, claim=True) for each in notice.own]


def decided(notice: Notice, at: datetime) -> list[Weight]:
    """On each listing that was decided about: upheld, or taken back."""
    if notice.kind != "counterfeit":
        return []
    known = log_odds(UPHELD_SCORE) - PRIOR
    return [
        _weight(notice, each, known, _UPHELD, at)
        if each.outcome == "upheld"
        else _weight(notice, each, 0.0, _NOT_UPHELD, at)
        for each in notice.own
        if each.outcome is not None
    ]


def _weight(
    notice: Notice, target: Target, weight: float, words: _Words, at: datetime, *, claim: bool = False
) -> Weight:
    return Weight(
        subject=Subject("listing", target.listing_id), source="notice", code=CODE, weight=round(max(0.0, weight), 4),
        message=words[0], message_zh=words[1], at=at, key=notice.notice_id, store_id=target.store_id or "",
        claim=claim,
    )  # fmt: skip
