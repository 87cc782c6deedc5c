"""An appeal and what becomes of it, and how complainants fared: pure values."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import msgspec

from agoranomos.kernel.beta import below
from agoranomos.sellers.appeals.policy import Complaining

State = Literal["filed", "granted", "rejected"]


class Appeal(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody wants a case or a decision looked at again, until `decide_by`.

    `decided_case`: the case that granted it. `overdue_told`: somebody was told that it is late.
    """

    appeal_id: str
    case_id: str = ""
    decision_id: str = ""
    filed_at: datetime
    decide_by: datetime
    state: State = "filed"
    decided_at: datetime | None = None
    decided_case: str = ""
    overdue_told: bool = False


class Record(msgspec.Struct, frozen=True):
    """How a complainant's claims came out: those that a decision called right, and wrong."""

    right: int = 0
    wrong: int = 0

    def expected(self, policy: Complaining) -> float:
        """The share of the complainant's claims that are right, as far as is known: the weight of the next one.

        A beta distribution with the prior of the policy and one observation for each decided claim (beta-binomial;
        Gelman et al., "Bayesian Data Analysis", 3rd ed., section 2.4): one wrong claim proves nothing.
        """
        a, b = self._parameters(policy)
        return a / (a + b)

    def sure_bad(self, policy: Complaining) -> float:
        """How probable it is that the complainant is right less often than the policy's `bad_share`."""
        return below(policy.bad_share, *self._parameters(policy))

    def doubtful(self, policy: Complaining) -> bool:
        """Whether the claims of this complainant count for nothing by themselves."""
        return self.sure_bad(policy) >= policy.bad_sure

    def _parameters(self, policy: Complaining) -> tuple[float, float]:
        return policy.prior_right + self.right, policy.prior_wrong + self.wrong


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody says, or suspects, that goods of a listing are fake."""

    claim_id: str
    account_id: str
    listing_id: str
    at: datetime


class Verdict(msgspec.Struct, frozen=True, kw_only=True):
    """What a case or an appraisal says of a listing; `stands` until it is overturned."""

    verdict_id: str
    listing_id: str
    at: datetime
    fake: bool
    stands: bool = True


def record_of(claims: list[Claim], verdicts: dict[str, list[Verdict]], policy: Complaining) -> Record:
    """The record of one complainant: each listing once, by the first verdict that came after the claim in time and
    stands. `verdicts` by listing.
    """
    outcomes: dict[str, bool] = {}
    for claim in sorted(claims, key=lambda each: (each.at, each.claim_id)):
        if claim.listing_id in outcomes:
            continue
        later = [
            each for each in verdicts.get(claim.listing_id, ())
            if each.stands and each.at >= claim.at and (each.at - claim.at).days < policy.counts_days
        ]  # fmt: skip
        if later:
            first = min(later, key=lambda each: (each.at, each.verdict_id))
            outcomes[claim.listing_id] = first.fake
    right = sum(outcomes.values())
    return Record(right, len(outcomes) - right)
