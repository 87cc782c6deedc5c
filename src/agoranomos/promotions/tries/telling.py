"""What is said of a campaign in which codes are tried under many names."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.findings import Finding, Reason, Subject, finding_id

CODE: Final = "promotions.codes_tried_widely"
VERSION: Final = "1"
SCORE: Final = 0.8


def found(campaign_id: str, misses: int, at: datetime, window_minutes: int) -> Finding:
    """A finding on the campaign, one for each day."""
    subject = Subject("campaign", campaign_id)
    words = (
        f"{misses} codes were tried that were not the asker's, none more than {window_minutes} minutes after another."
    )
    values = {
        "misses": misses,
        "message_zh": f"该活动出现 {misses} 次非本人优惠码尝试，疑似以多个身份猜测优惠码。",
    }  # fmt: skip
    day = (at - timedelta(hours=at.hour, minutes=at.minute, seconds=at.second)).replace(microsecond=0)
    return Finding(
        id=finding_id(CODE, subject, rfc3339(day)), at=rfc3339(at), code=CODE, subject=subject, score=SCORE,
        reasons=(Reason(CODE, words, values),), detector="promotions.tries", version=VERSION,
    )  # fmt: skip
