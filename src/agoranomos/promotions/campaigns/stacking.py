"""Which campaigns go together in one order.

A campaign with neither `stacks_with` nor `exclusive` combines with every other; both sides must agree. Two that are
never live at the same moment do not meet. As lives are spans of time, any number of campaigns of which each two meet
have a moment in common (Helly's theorem on the line), so that pairs are all that has to be known.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from agoranomos.kernel.schema.promotions import Campaign
from agoranomos.promotions.campaigns.model import currency_of

Parting = Literal["exclusive", "stacks_with", "currency", "time"]
"""Why two campaigns are not used together."""


def parted(first: Campaign, second: Campaign) -> Parting | None:
    """Why the two cannot be used in one order; None when they can."""
    if first.exclusive or second.exclusive:
        return "exclusive"
    if not (_allows(first, second.id) and _allows(second, first.id)):
        return "stacks_with"
    one, other = currency_of(first), currency_of(second)
    if one is not None and other is not None and one != other:
        return "currency"
    return None if _meet(first, second) else "time"


def first_parted(campaigns: Sequence[Campaign]) -> tuple[Campaign, Campaign, Parting] | None:
    """The first two of `campaigns` that cannot be used together, and why."""
    for place, one in enumerate(campaigns):
        for other in campaigns[place + 1 :]:
            if why := parted(one, other):
                return one, other, why
    return None


def _allows(campaign: Campaign, other_id: str) -> bool:
    return campaign.stacks_with is None or other_id in campaign.stacks_with


def _meet(first: Campaign, second: Campaign) -> bool:
    starts = [each.starts_at for each in (first, second) if each.starts_at is not None]
    ends = [each.ends_at for each in (first, second) if each.ends_at is not None]
    return not starts or not ends or max(starts) < min(ends)
