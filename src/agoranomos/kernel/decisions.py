"""The outcome of a check: the strongest one wins, and every hit is returned with it."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum
from typing import Any

import msgspec

from agoranomos.kernel.findings import Reason, Subject


class Outcome(StrEnum):
    """Strongest first. `warn` goes on once the person addressed has read the reasons."""

    DECLINE = "decline"
    HOLD = "hold"
    REVIEW = "review"
    WARN = "warn"
    APPROVE = "approve"

    @property
    def strength(self) -> int:
        """4 for decline … 0 for approve."""
        return len(Outcome) - 1 - list(Outcome).index(self)


def strongest(outcomes: Iterable[Outcome]) -> Outcome:
    """The strongest of `outcomes`; `approve` when there is none."""
    return max(outcomes, key=lambda outcome: outcome.strength, default=Outcome.APPROVE)


class Hit(msgspec.Struct, frozen=True):
    """A rule or detector that fired, with the values it looked at."""

    code: str
    outcome: Outcome
    score: float
    status: str
    values: dict[str, Any] = {}


class Decision(msgspec.Struct, frozen=True):
    """A decision of the contract."""

    id: str
    at: str
    check: str
    subject: Subject
    outcome: Outcome
    score: float
    reasons: tuple[Reason, ...]
    hits: tuple[Hit, ...]
    policy_version: str
    expires_at: str | None = None
