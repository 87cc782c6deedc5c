"""What can be lost: by one person, and by many accounts that work together.

A benefit takes most off an order in which it is used alone, and its caps and its budget count its own uses. So the
largest loss is the sum of each campaign's own, and that sum can be reached: by one order for every use.
"""

from __future__ import annotations

from datetime import timedelta
from fractions import Fraction

import msgspec

from agoranomos.promotions.lint.problem import Problem, Terms


class Loss(msgspec.Struct, frozen=True):
    """In minor units; None is without bound. `unnoticed` is what new accounts among them can take before their share of
    the claims is greater than declared (None where none is declared, or without bound).
    """

    campaign_id: str
    per_use: int
    uses_per_account: int | None
    one_account: int | None
    all_accounts: int | None
    unnoticed: int | None


def losses(problem: Problem, accounts: int) -> list[Loss]:
    """The loss by each campaign that the platform pays for."""
    return [_loss(problem, number, terms, accounts) for number, terms in enumerate(problem.terms) if terms.platform]


def summed(amounts: list[int | None]) -> int | None:
    """The sum; without bound when one of them is."""
    return None if None in amounts else sum(amount for amount in amounts if amount is not None)


def _loss(problem: Problem, number: int, terms: Terms, accounts: int) -> Loss:
    campaign = terms.campaign
    rooms = [(cell.most, cell.high) for cell in problem.cells if number in cell.by]
    per_use = max((terms.most(most, high) for most, high in rooms), default=0)
    uses = _uses(terms)
    budget = campaign.budget
    limits = []
    if budget is not None and budget.amount is not None:
        limits.append(budget.amount.amount)
        per_use = min(per_use, budget.amount.amount)
    if budget is not None and budget.count is not None:
        limits.append(budget.count * per_use)

    def lost(most: int | None) -> int | None:
        return min([*limits, *([] if most is None else [most])], default=None)

    all_accounts = lost(None if uses is None else accounts * uses * per_use)
    share = campaign.expected.new_account_share if campaign.expected else None
    unnoticed = None
    if share is not None and limits and all_accounts is not None:
        unnoticed = min(all_accounts, int(Fraction(str(share)) * min(limits)))
    one = lost(None if uses is None else uses * per_use)
    return Loss(campaign.id, per_use, uses, one, all_accounts, unnoticed)


def _uses(terms: Terms) -> int | None:
    """How often one account can use it while it runs; None for as often as it likes."""
    cap, campaign = terms.campaign.per_account, terms.campaign
    if cap is None:
        return None
    if not cap.window_days:
        return cap.count
    if campaign.starts_at is None or campaign.ends_at is None:
        return None
    life = (campaign.ends_at - campaign.starts_at) / timedelta(days=1)
    return cap.count * max(1, -int(-life // cap.window_days))
