"""A running campaign as the guard knows it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Final

import msgspec

from agoranomos.kernel.clock import rfc3339
from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.breaker.expected import Lines, lines_of
from agoranomos.promotions.breaker.policy import Policy as BreakerPolicy
from agoranomos.promotions.breaker.watch import Watch
from agoranomos.promotions.budgets.policy import Policy as BudgetPolicy
from agoranomos.promotions.budgets.terms import Terms, terms_of
from agoranomos.promotions.campaigns.model import runs_at

_MINUTE: Final = timedelta(minutes=1)


class Policies(msgspec.Struct, frozen=True):
    """What the guard goes by."""

    budgets: BudgetPolicy
    breaker: BreakerPolicy

    @property
    def version(self) -> str:
        """Of both."""
        return f"{self.budgets.version};{self.breaker.version}"


class Running(msgspec.Struct):
    """A campaign that was declared, and what has been seen of it. `minute` and `in_minute` count claims while it is
    slowed.
    """

    campaign: Campaign
    declared_at: datetime
    ended_at: datetime | None = None
    watch: Watch = msgspec.field(default_factory=Watch)
    minute: datetime | None = None
    in_minute: int = 0

    def runs(self, at: datetime) -> bool:
        """Whether it gives anything at `at`."""
        return (self.ended_at is None or at < self.ended_at) and runs_at(self.campaign, at)

    @property
    def since(self) -> str:
        """What tells its life from another of the same id."""
        return rfc3339(self.declared_at)

    def wait_s(self, at: datetime, pace: float) -> int | None:
        """Takes a place in this minute; the seconds to the next one when all of `pace` are taken."""
        if self.minute is None or at - self.minute >= _MINUTE:
            self.minute, self.in_minute = at, 0
        if self.in_minute >= pace:
            return max(1, 60 - int((at - self.minute).total_seconds()))
        self.in_minute += 1
        return None


class Rules:
    """Terms and lines of campaigns, made once for each declaration."""

    def __init__(self, policies: Policies) -> None:
        self.policies = policies
        self._made: dict[str, tuple[Campaign, Terms, Lines]] = {}

    def terms(self, campaign: Campaign) -> Terms:
        """Budgets and caps."""
        return self._of(campaign)[1]

    def lines(self, campaign: Campaign) -> Lines:
        """What the tests hold it against."""
        return self._of(campaign)[2]

    def _of(self, campaign: Campaign) -> tuple[Campaign, Terms, Lines]:
        made = self._made.get(campaign.id)
        if made is None or made[0] is not campaign:
            terms, lines = terms_of(campaign, self.policies.budgets), lines_of(campaign, self.policies.breaker)
            made = self._made[campaign.id] = (campaign, terms, lines)
        return made
