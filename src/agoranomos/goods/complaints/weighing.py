"""From what is said to one score: weights of evidence added in log-odds, each shown.

    score = 1 / (1 + exp(-(prior + Σ weights)))

What a mark weighs depends on the mood of the rest: "don't know whether it is genuine" beside an itching scalp is a
suspicion, beside comfortable shoes it is none. A doubt that a later word resolves hardly counts. Marks of one text are
not independent: on either side the strongest counts in full, each further one half of the last share.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Final

from agoranomos.goods.complaints.reading import Mark
from agoranomos.goods.complaints.vocabulary import Codes

RESOLVED: Final = 0.2
"""What is left of a doubt that is taken back."""
PRAISE_BESIDE_BLAME: Final = 0.4
"""Who blames and praises in one text is not pleased: what praise then counts."""
MOODS: Final = ("displeased", "pleased", "unbranded", "untried")
"""Codes that say nothing of the goods by themselves, but change what other marks weigh."""
MUCH: Final = (0.0, 1.0, 1.5)
"""How much of a mood's weight counts for none, one, and more words of that mood."""


def weights(marks: Sequence[Mark], codes: Codes) -> list[float]:
    """What each of `marks` adds, in their order."""
    said = [mark.code for mark in marks]
    moods = {mood: MUCH[min(said.count(mood), len(MUCH) - 1)] for mood in MOODS}
    if moods["displeased"]:
        moods["pleased"] *= PRAISE_BESIDE_BLAME
    felt = [(mood, much) for mood, much in moods.items() if much]
    known = codes.code
    settled = max((mark.start for mark in marks if known[mark.code].settles), default=-1)
    verified = "verified" in said
    values = []
    for mark in marks:
        code = known[mark.code]
        weight = code.weight
        if weight > 0:
            weight += sum([getattr(code, mood) * much for mood, much in felt])
            if code.doubt and (verified or settled > mark.start):
                weight *= RESOLVED
            weight = max(weight, 0.0)
        values.append(weight)
    return _shared(values)


def _shared(values: list[float]) -> list[float]:
    """The strongest on either side in full, each further one half of the last share."""
    shared = [0.0] * len(values)
    for sign in (1, -1):
        order = sorted((at for at, value in enumerate(values) if value * sign > 0), key=lambda at: -values[at] * sign)
        for rank, at in enumerate(order):
            shared[at] = round(values[at] * 0.5**rank, 4)
    return shared


def probability(log_odds: float) -> float:
    """The logistic function, rounded to six digits so that scores print alike everywhere."""
    return round(1.0 / (1.0 + math.exp(-max(-60.0, min(60.0, log_odds)))), 6)
