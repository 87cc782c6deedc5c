"""How far two people agree beyond chance: Cohen's kappa with its interval. Pure.

J. Cohen, "A coefficient of agreement for nominal scales", Educational and Psychological Measurement 20, 1960; the
standard error is the asymptotic one of J. L. Fleiss, J. Cohen and B. S. Everitt, "Large sample standard errors of kappa
and weighted kappa", Psychological Bulletin 72, 1969, equation 13.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

import msgspec

from agoranomos.rules.capacity import Z_95


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """Of `pairs` of decisions the share `agreed` is the same. `kappa` is None where nothing could disagree: both people
    always said one and the same. `low` and `high` are its interval of 95 %.
    """

    pairs: int
    agreed: float | None = None
    kappa: float | None = None
    low: float | None = None
    high: float | None = None


def agreement(pairs: Iterable[tuple[str, str]]) -> Agreement:
    """Of the decisions of first and second people, pair by pair."""
    counted = Counter(pairs)
    total = sum(counted.values())
    if not total:
        return Agreement(pairs=0)
    shares = {pair: count / total for pair, count in counted.items()}
    rows, columns = Counter[str](), Counter[str]()
    for (first, second), share in shares.items():
        rows[first] += share  # type: ignore[assignment]  # a share, not a count
        columns[second] += share  # type: ignore[assignment]
    agreed = sum(share for (first, second), share in shares.items() if first == second)
    chance = sum(rows[each] * columns[each] for each in rows)
    if chance >= 1 - 1e-12:
        return Agreement(pairs=total, agreed=agreed)
    kappa = (agreed - chance) / (1 - chance)
    spread = Z_95 * math.sqrt(max(0.0, _variance(shares, rows, columns, agreed, chance) / total))
    return Agreement(
        pairs=total, agreed=round(agreed, 6), kappa=round(kappa, 6), low=round(max(-1.0, kappa - spread), 6),
        high=round(min(1.0, kappa + spread), 6),
    )  # fmt: skip


def _variance(
    shares: dict[tuple[str, str], float], rows: Counter[str], columns: Counter[str], agreed: float, chance: float
) -> float:  # fmt: skip
    """Times the number of pairs; equation 13 there."""
    same = sum(
        share * ((1 - chance) - (columns[first] + rows[first]) * (1 - agreed)) ** 2
        for (first, second), share in shares.items()
        if first == second
    )
    other = sum(
        share * (columns[first] + rows[second]) ** 2 for (first, second), share in shares.items() if first != second
    )
    left = same + (1 - agreed) ** 2 * other - (agreed * chance - 2 * chance + agreed) ** 2
    return left / (1 - chance) ** 4
