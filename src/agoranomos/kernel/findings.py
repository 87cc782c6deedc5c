"""What a detector or rule says it found, about whom, how sure, and why."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.errors import Invalid
from agoranomos.kernel.ids import derived

SubjectKind = Literal[
    "listing", "store", "seller", "application", "brand", "account", "campaign", "coupon", "order",
    "review", "principal", "staff", "device", "batch", "picture",
]  # fmt: skip
Role = Literal["member", "victim", "tie", "reference"]
Status = Literal["draft", "shadow", "live", "expired"]
CONFIDENTIAL = "staff."
"""What codes of findings on the staff begin with: only who audits may know of them."""


class Subject(msgspec.Struct, frozen=True):
    """Whom a finding, decision or action is about."""

    kind: SubjectKind
    id: str


class Reason(msgspec.Struct, frozen=True):
    """One reason, in words; `evidence` holds what it rests on (quotes, figures, weights)."""

    code: str
    message: str
    evidence: dict[str, Any] = {}


class Related(msgspec.Struct, frozen=True):
    """Something else that the finding touches, and in which role."""

    kind: str
    id: str
    role: Role


class Finding(msgspec.Struct, frozen=True):
    """A finding of the contract. `score` is a calibrated probability; at 0.5 it is worth a person's time.

    `id` is a hash of code, subject and start of the episode: new evidence repeats the id with a higher
    `revision`.
    """

    id: str
    at: str
    code: str
    subject: Subject
    score: float
    reasons: tuple[Reason, ...]
    detector: str
    version: str
    related: tuple[Related, ...] = ()
    ring_id: str | None = None
    revision: int = 1
    event_ids: tuple[str, ...] = ()
    status: Status = "live"

    def __post_init__(self) -> None:
        if not 0.0 <= self.score <= 1.0:
            raise Invalid(f"a score is a probability between 0 and 1, not {self.score}")
        if not self.reasons:
            raise Invalid(f"the finding {self.code} gives no reason")


def is_confidential(code: str) -> bool:
    """Whether findings with this code are kept from everybody but who audits."""
    return code.startswith(CONFIDENTIAL)


def finding_id(code: str, subject: Subject, episode_start: datetime | str) -> str:
    """The stable id of the finding `code` on `subject` in the episode that began at `episode_start`."""
    start = episode_start if isinstance(episode_start, str) else rfc3339(episode_start)
    return derived("f", code, subject.kind, subject.id, start)
