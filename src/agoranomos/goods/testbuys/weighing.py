"""What verdicts weigh: evidence in log-odds for listing and store, less as it grows old, and who agrees with whom.

A counterfeit article shows that the listing sells fakes, as surely as the appraiser is right. A genuine one shows
less: who sells fakes mixes genuine articles in, so that it only lowers the odds by the chance of drawing it all the
same. An inconclusive one changes nothing, nor do appraisers who contradict each other.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from typing import Final

import msgspec

from agoranomos.goods.testbuys.model import Verdict
from agoranomos.goods.testbuys.policy import Weights

SCORE_MAX: Final = 0.9995
"""Appraisers share what they believe of a brand's marks: no number of them is certain."""
CLEAR: Final = frozenset({"genuine", "counterfeit"})


class Specimen(msgspec.Struct):
    """One article that was bought: what each appraiser said, and on which day (since 1970) last."""

    day: int
    verdicts: dict[str, Verdict]

    @property
    def verdict(self) -> Verdict:
        """What they say together: who contradicts a colleague leaves it open."""
        clear = {each for each in self.verdicts.values() if each in CLEAR}
        return clear.pop() if len(clear) == 1 else "inconclusive"

    @property
    def voices(self) -> int:
        """How many appraisers gave the verdict."""
        return sum(each == self.verdict for each in self.verdicts.values())


def weight(specimen: Specimen, today: int, settings: Weights) -> float:
    """What `specimen` says of its listing today."""
    match specimen.verdict:
        case "counterfeit":
            full = specimen.voices * math.log(settings.sensitivity / settings.false_alarm)
            return _left(full, today - specimen.day, settings.counterfeit_half_life_days)
        case "genuine":
            missed = 1.0 - settings.fakes_sent * (1.0 - (1.0 - settings.sensitivity) ** specimen.voices)
            full = math.log(missed / (1.0 - settings.false_alarm))
            return _left(full, today - specimen.day, settings.half_life_days)
        case _:
            return 0.0


def weight_of(specimens: Iterable[Specimen], today: int, settings: Weights) -> float:
    """What all specimens of a listing say together, between `-most` and `most`."""
    total = sum(weight(each, today, settings) for each in specimens)
    return max(-settings.most, min(settings.most, total))


def store_weight(listings: Iterable[Sequence[Specimen]], today: int, settings: Weights) -> float:
    """What the specimens of a store's listings say of it: each listing once for fakes, each article for honesty."""
    total = 0.0
    for specimens in listings:
        fakes = [each for each in specimens if each.verdict == "counterfeit"]
        if fakes:
            latest = max(each.day for each in fakes)
            total += _left(settings.store_counterfeit, today - latest, settings.counterfeit_half_life_days)
        total += sum(
            _left(settings.store_genuine, today - each.day, settings.half_life_days)
            for each in specimens
            if each.verdict == "genuine"
        )
    return max(-settings.most, min(settings.most, total))


def probability(log_odds: float) -> float:
    """The logistic function, rounded to six digits and never above SCORE_MAX."""
    return round(min(SCORE_MAX, 1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds))))), 6)


def _left(full: float, days: int, half_life_days: int) -> float:
    return full * math.exp2(-max(0, days) / half_life_days)


class AppraiserRecord(msgspec.Struct, frozen=True):
    """How many `articles` an appraiser saw, how many of these are `shared` with others, and the share of those others
    who `agreed`; None when nobody else saw any.
    """

    articles: int
    shared: int
    agreed: float | None


class Agreement(msgspec.Struct, frozen=True, kw_only=True):
    """`alpha` is Krippendorff's (1 agreed, 0 as by chance) over `articles` that two or more have seen; None without
    any, or when all gave one and the same verdict. `appraisers`: each by id.
    """

    articles: int
    alpha: float | None
    appraisers: dict[str, AppraiserRecord]


def agreement(articles: Iterable[Mapping[str, Verdict]]) -> Agreement:
    """How far appraisers agree on `articles`, each appraiser → verdict (Krippendorff, "Content analysis", 2004)."""
    seen = list(articles)
    shared = [each for each in seen if len(each) > 1]
    people = sorted({name for each in seen for name in each})
    return Agreement(
        articles=len(shared),
        alpha=_alpha(shared),
        appraisers={name: _of_one(name, seen, shared) for name in people},
    )


def _of_one(
    name: str, seen: Sequence[Mapping[str, Verdict]], shared: Sequence[Mapping[str, Verdict]]
) -> AppraiserRecord:
    mine = [each for each in shared if name in each]
    beside = [each[name] == verdict for each in mine for other, verdict in each.items() if other != name]
    share = sum(beside) / len(beside) if beside else None
    return AppraiserRecord(sum(name in each for each in seen), len(mine), share)


def _alpha(shared: Sequence[Mapping[str, Verdict]]) -> float | None:
    values = [verdict for each in shared for verdict in each.values()]
    differing = sum(one != other for one, other in combinations(values, 2))
    if not differing:
        return None
    observed = sum(
        2.0 * sum(one != other for one, other in combinations(each.values(), 2)) / (len(each) - 1) for each in shared
    )
    expected = 2.0 * differing / (len(values) - 1)
    return 1.0 - observed / expected
