"""Who lives off bad reviews: pure functions of what was taken back for money.

One store that pays for a review presses its buyer as likely as it is pressed by him. Stores of three sellers who have
nothing to do with each other, and the same author at each, have one explanation. What he has against him is what he
gained; that the store spoke first, a report of harassment, and bad reviews that he lets stand speak for him. What was
paid to somebody else says nothing: stores that hire people to call their authors pay those, too.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NamedTuple

from agoranomos.reviews.extortion.model import Episode
from agoranomos.reviews.extortion.policy import Policy
from agoranomos.reviews.weighing import probability


class Judged(NamedTuple):
    """Accounts that act together (or one), what they were paid for, and how surely it is extortion."""

    accounts: tuple[str, ...]
    episodes: tuple[Episode, ...]
    score: float


def together(account_id: str, devices: Collection[Collection[str]]) -> set[str]:
    """The accounts that `account_id` acts together with, itself among them: over devices (the accounts that each is
    shared by), along whatever chain.
    """
    found, left = {account_id}, [account_id]
    while left:
        one = left.pop()
        for accounts in devices:
            if one in accounts:
                new = set(accounts) - found
                found |= new
                left += sorted(new)
    return found


def judged(accounts: Collection[str], episodes: Sequence[Episode], stands: int, policy: Policy) -> Judged | None:
    """The accounts by their `episodes`; `stands`: how many of their bad reviews they let stand. None when nothing is to
    be said.
    """
    weights = policy.weights
    ordered = tuple(sorted(episodes, key=lambda each: (each.ended_at, each.review_id)))
    sellers = {each.seller_id for each in ordered if not each.harassed}
    if len(sellers) < policy.sellers_min:
        return None
    log_odds = weights.start + weights.stands * min(stands, weights.stands_max)
    for each in ordered:
        log_odds += getattr(weights, each.gain)
        log_odds += weights.asked_first * (each.first == "author") + weights.store_first * (each.first == "store")
        log_odds += weights.harassed * each.harassed
    score = probability(log_odds)
    return Judged(tuple(sorted(accounts)), ordered, score) if score >= policy.report_line else None
