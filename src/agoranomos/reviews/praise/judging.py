"""Rings that praise: accounts tied in two independent ways at least, and what they wrote together.

A pure function of reviews and payments: their order changes nothing. How densely accounts and stores hang together is
not looked at: on labelled reviews the densest block held no more fakes than the rest.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from agoranomos.engine.rings.uniting import united_by_name
from agoranomos.reviews.praise.model import Member, Paid, Praise, Quote, Ring
from agoranomos.reviews.praise.policy import Policy
from agoranomos.reviews.praise.ties import FAMILY, Held, ties_of
from agoranomos.reviews.weighing import probability

JOINING: Final = ("conduct", "payment", "text")
"""What makes one ring of two; a place is shared by too many."""
_AT_HOME: Final = frozenset(("device", "network", "conduct"))
_DEVOTED, _DILUTED = 0.5, 0.1


def rings(
    reviews: Sequence[Praise], paid: Collection[Paid], bits: Callable[[int], float], policy: Policy
) -> list[Ring]:
    """The rings, the largest first; their members have a score at the line of reports or above it."""
    of: dict[str, list[Praise]] = defaultdict(list)
    for each in sorted(reviews, key=_when):
        of[each.author_id].append(each)
    ties = ties_of(of, paid, bits, policy)
    names = sorted({account for held in ties.values() for account in held})
    found = []
    for group in united_by_name(ties, names, FAMILY, policy.accounts_min, JOINING):
        ring = _Group([names[each] for each in group], of, ties, policy).ring()
        if ring is not None:
            found.append(ring)
    return sorted(found, key=lambda ring: (-len(ring.members), ring.anchor))


class _Group:
    """Accounts that may be a ring: who of them is, and what they wrote together."""

    def __init__(
        self, accounts: Sequence[str], of: Mapping[str, Sequence[Praise]], ties: Mapping[str, Held], policy: Policy
    ) -> None:
        self._of = {account: of[account] for account in accounts}
        inside = set(accounts)
        self._ties = {kind: {who: keys for who, keys in held.items() if who in inside} for kind, held in ties.items()}
        self._counts = {
            kind: Counter(key for keys in held.values() for key in keys) for kind, held in self._ties.items()
        }
        self._policy = policy

    def ring(self) -> Ring | None:
        """The ring; None when too few are left, or they live together."""
        jobs = self._jobs(self._of)
        members = [each for account in self._of if (each := self._member(account, jobs.get(account, ()))) is not None]
        # What is left of a job when those who are not sure are gone.
        jobs = self._jobs([each.account_id for each in members])
        members = [each for account in jobs if (each := self._member(account, jobs[account])) is not None]
        kinds = {quote.kind for each in members for quote in each.quotes if quote.kind in FAMILY}
        at_home = len(members) <= self._policy.household_max and kinds <= _AT_HOME
        if len(members) < self._policy.accounts_min or at_home:
            return None
        wrote = sorted(
            (each for member in members for each in member.reviews), key=lambda each: (each.at, each.review_id)
        )
        return Ring(
            wrote[0].author_id, tuple(sorted(members, key=lambda each: each.account_id)),
            tuple(sorted({each.store_id for each in wrote})), tuple(sorted(kinds)),
        )  # fmt: skip

    def _jobs(self, accounts: Collection[str]) -> dict[str, list[Praise]]:
        """Account → its reviews of stores that enough of the others praised within the days of a job."""
        near, enough = timedelta(days=self._policy.job_days), max(2, math.ceil(self._policy.job_share * len(accounts)))
        by_store: dict[str, list[Praise]] = defaultdict(list)
        for account in accounts:
            for each in self._of[account]:
                by_store[each.store_id].append(each)
        found: dict[str, list[Praise]] = defaultdict(list)
        for _, theirs in sorted(by_store.items()):
            for each in theirs:
                if len({other.author_id for other in theirs if abs(other.at - each.at) <= near}) >= enough:
                    found[each.author_id].append(each)
        return {account: sorted(found[account], key=_when) for account in sorted(found)}

    def _member(self, account: str, jobs: Sequence[Praise]) -> Member | None:
        """The account with its ties; None when they do not say enough."""
        weights, quotes = self._policy.weights, []
        for kind, held in self._ties.items():
            shared = [(self._counts[kind][key], key) for key in held.get(account, ()) if self._counts[kind][key] > 1]
            if shared:
                many, key = max(shared)
                quotes.append(Quote(kind, key, many, getattr(weights, kind)))
        if len({FAMILY[each.kind] for each in quotes}) < 2 or not jobs:
            return None
        share = len(jobs) / len(self._of[account])
        if share > _DEVOTED:
            quotes.append(Quote("devoted", "", len(jobs), weights.devoted))
        elif share < _DILUTED:
            quotes.append(Quote("diluted", "", len(jobs), weights.diluted))
        score = probability(weights.start + sum(each.weight for each in quotes))
        if score < self._policy.report_line:
            return None
        return Member(account, score, tuple(quotes), tuple(jobs), len(self._of[account]))


def _when(each: Praise) -> tuple[datetime, str]:
    return each.at, each.review_id
