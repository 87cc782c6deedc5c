"""A weight of evidence: what one source knows of a listing or store, in natural log-odds.

Every room of the desk speaks this language, so that what it knows can be added to what others know (decision 0006).
"""

from __future__ import annotations

import math
from datetime import datetime
from typing import Final, Literal, get_args

import msgspec

from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.findings import Finding, Subject

Source = Literal["text", "price", "picture", "seller", "complaints", "appraisal", "notice", "batch"]
"""Who may know something. Weights of one source are about the same thing and do not simply add up."""
SOURCES: Final[tuple[Source, ...]] = get_args(Source)
LISTED: Final[tuple[Source, ...]] = ("text", "price", "picture")
"""What can be seen in the listing itself."""
PRIOR: Final = -4.0
"""Log-odds before anything was noticed (decision 0006)."""
WEIGHT_MAX: Final = 20.0
_DAY_S: Final = 86_400.0
_SCORE_MIN: Final = 1e-6
"""Keeps a score away from 0 and 1, where log-odds are infinite."""


class Weight(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What `source` knows of `subject` (a listing or a store): how much it changes the odds that the goods are fake.

    `weight`: natural log-odds; above zero it speaks for a fake, below zero for the seller, zero takes back what was
    said before. `code` says what was noticed, `message` and `message_zh` the same as a sentence without personal
    data. A later weight with the same subject, source, code and `key` replaces an earlier one; `key` tells apart
    several of one code (two test buys). `store_id` and `category`: those of a listing, where they are known.
    `half_life_days`: what is known grows old; None: it does not. `at` is the moment since when it is known.
    `claim`: a party with an interest says so, and nobody has decided yet: it calls for a look, and for no measure.
    """

    subject: Subject
    source: Source
    code: str
    weight: float
    message: str
    at: datetime
    message_zh: str = ""
    key: str = ""
    store_id: str = ""
    category: str = ""
    half_life_days: float | None = None
    claim: bool = False

    def __post_init__(self) -> None:
        if self.subject.kind not in ("listing", "store"):
            raise Invalid(f"a weight is about a listing or a store, not about a {self.subject.kind}")
        if not abs(self.weight) <= WEIGHT_MAX:
            raise Invalid(f"a weight lies between {-WEIGHT_MAX} and {WEIGHT_MAX} log-odds, not at {self.weight}")
        if self.half_life_days is not None and not self.half_life_days > 0:
            raise Invalid("a half-life is a number of days above zero; leave it out for what does not grow old")

    @property
    def place(self) -> str:
        """Under which a later weight replaces this one."""
        return f"{self.source}:{self.code}:{self.key}"

    def at_time(self, now: datetime) -> float:
        """What it still weighs at `now`."""
        if self.half_life_days is None:
            return self.weight
        age_days = max(0.0, (now - self.at).total_seconds() / _DAY_S)
        return self.weight * math.exp2(-age_days / self.half_life_days)


def probability(log_odds: float) -> float:
    """The logistic function, rounded to six digits so that scores print alike everywhere."""
    return round(1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds)))), 6)


def log_odds(score: float) -> float:
    """The inverse of `probability`; scores of 0 and 1 are taken for very nearly that."""
    bounded = min(max(score, _SCORE_MIN), 1.0 - _SCORE_MIN)
    return math.log(bounded / (1.0 - bounded))


def weight_of(finding: Finding, source: Source, at: datetime, *, store_id: str = "") -> Weight:
    """What a finding on a listing or store weighs beside others: its score, less what was known before."""
    ties = [one.id for one in finding.related if one.kind == "store" and one.role == "tie"]
    return Weight(
        subject=finding.subject,
        source=source,
        code=finding.code,
        weight=round(log_odds(finding.score) - PRIOR, 4),
        message=finding.reasons[0].message,
        message_zh=str(finding.reasons[0].evidence.get("message_zh", "")),
        at=at,
        store_id=store_id or (ties[0] if ties else ""),
    )
